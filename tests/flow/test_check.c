/* test_check.c -- a flow that has a hole is refused: every file under bad/ is wrong in its own
** way, and says at its end which mistakes the checker must find, and where. */
#include "support/bad.h"

#include "files/files.h"
#include "flow/private.h"

#include <string.h>
#include <unistd.h>

static World *world_checking(void)
{
    World *w = world_bare();
    Options o = { .profile = S("cn-qingyang") };
    assert_ok(&w->cx, program_profile(&w->cx, &o));
    return w;
}

static Str packed_flow(Ctx *cx, Str name)
{
    Str text, path = str_format(&cx->arena, "flows/%.*s.flow.yaml", STR_ARGS(name));
    assert_ok(cx, file_read_packed(cx, path, &text));
    return text;
}

static void check_one(Ctx *cx, Str over, Str text, MistakeList *mistakes)
{
    MistakeList none = { 0 };
    if (over.n == 0) {
        flow_check_text(cx, S("a file"), text, mistakes);
        return;
    }
    const Flow *base = flow_check_text(cx, over, packed_flow(cx, over), &none);
    assert_int_equal(none.n, 0);
    flow_check_over(cx, S("a file"), base, text, mistakes);
}

/* ------------------------------------------------------------------ the files */

static void every_bad_flow_is_refused_with_every_mistake_at_its_place(void **state)
{
    (void)state;
    World *w = world_checking();
    int wrong = 0;
    for (const BadFile *bad = bad_files(&w->cx, "flow/bad"); bad; bad = bad->next) {
        MistakeList mistakes = { 0 };
        check_one(&w->cx, bad->over, bad->text, &mistakes);
        assert_ok(&w->cx, OK);
        wrong += !says_what_it_must(&w->cx, bad, &mistakes);
    }
    assert_int_equal(wrong, 0);
    world_end(w);
}

/* ------------------------------------------------------------------ and none forgotten */

static bool is_said_by(const MistakeList *all, Str key)
{
    for (const Mistake *m = all->first; m; m = m->next)
        if (str_is(str_of(m->key), key))
            return true;
    return false;
}

/* The keys of texts in a source file that begin with "flow.". */
static int count_unsaid(Ctx *cx, const char *source, const MistakeList *all)
{
    /* Said where a whole folder is read, or with another profile: tested below. */
    static const Str ELSEWHERE[] = { { "flow.too_many_states", 20 },
                                     { "flow.role_out_of_reach", 22 } };
    Str rest = test_text(cx, source), part;
    int unsaid = 0;
    while (str_cut(&rest, '"', &part)) {
        bool is_key = str_starts(part, S("flow.")) && part.n > 5;
        for (size_t i = 0; i < COUNT(ELSEWHERE); i++)
            is_key = is_key && !str_is(part, ELSEWHERE[i]);
        if (is_key && !is_said_by(all, part)) {
            print_error("no bad file says %.*s (%s)\n", STR_ARGS(part), source);
            unsaid++;
        }
    }
    return unsaid;
}

static void every_mistake_the_checker_knows_has_a_bad_file(void **state)
{
    static const char *const SOURCES[] = {
        "../src/engine/flow/check.c", "../src/engine/flow/check_terms.c",
        "../src/engine/flow/check_ways.c", "../src/engine/flow/check_duties.c",
        "../src/engine/flow/law.c" };
    (void)state;
    World *w = world_checking();
    MistakeList all = { 0 };
    int unsaid = 0;
    for (const BadFile *bad = bad_files(&w->cx, "flow/bad"); bad; bad = bad->next)
        check_one(&w->cx, bad->over, bad->text, &all);
    for (size_t i = 0; i < COUNT(SOURCES); i++)
        unsaid += count_unsaid(&w->cx, SOURCES[i], &all);
    assert_int_equal(unsaid, 0);
    world_end(w);
}

/* ------------------------------------------------------------------ too much */

static void a_file_that_is_too_large_is_not_even_read(void **state)
{
    (void)state;
    World *w = world_checking();
    MistakeList mistakes = { 0 };
    char *text = ctx_take(&w->cx, (256 << 10) + 2);
    memset(text, '#', (256 << 10) + 1);
    assert_null(flow_check_text(&w->cx, S("large"), (Str){ text, (256 << 10) + 1 }, &mistakes));
    assert_str(mistakes_text(&w->cx, &mistakes), "large:1:1: The file is larger than 256 KiB.\n");
    world_end(w);
}

static void a_flow_with_too_many_states_is_refused(void **state)
{
    (void)state;
    World *w = world_checking();
    MistakeList mistakes = { 0 };
    Buf b = buf_new(&w->cx.arena, 64 << 10);
    buf_add(&b, S("flow: wide\nname: {zh: 宽, en: Wide}\nkind: internal\nfamilies: [internal]\n"
                  "log: public\nsteps: {}\nstates:\n"));
    for (int i = 0; i < 129; i++)
        buf_add(&b,
                str_format(&w->cx.arena, "  s%d: {name: {zh: 态, en: State}, final: true}\n", i));
    flow_check_text(&w->cx, S("wide"), buf_str(&b), &mistakes);
    assert_str(mistakes_text(&w->cx, &mistakes),
               "wide:1:1: The flow has more states than can be checked.\n");
    world_end(w);
}

/* ------------------------------------------------------------------ a district's own folder */

static void lay(World *w, const char *folder, const char *file, Str text)
{
    Str path = str_format(&w->cx.arena, "%s/%s", folder, file);
    assert_ok(&w->cx, disk_write(&w->cx, path, text, 0600));
}

static void assert_folder_says(World *w, const char *folder, const char *says)
{
    MistakeList mistakes = { 0 };
    i64 checked;
    assert_ok(&w->cx, files_overlay(&w->cx, S("flows/"), str_of(folder)));
    assert_ok(&w->cx, flows_check(&w->cx, &mistakes, &checked));
    assert_str(mistakes_text(&w->cx, &mistakes), says);
}

static void a_flow_lies_in_the_file_of_its_name_and_in_no_other(void **state)
{
    (void)state;
    World *w = world_checking();
    lay(w, w->folder, "second.flow.yaml", packed_flow(&w->cx, S("at_once")));
    assert_folder_says(w, w->folder,
        "flows/second.flow.yaml:1:1: This file holds the flow at_once, so it must be called"
        " flows/at_once.flow.yaml.\n"
        "flows/second.flow.yaml:1:1: There is another file for the flow at_once.\n");
    world_end(w);
}

static void a_district_may_tighten_the_law(void **state)
{
    (void)state;
    World *w = world_checking();
    Str text = packed_flow(&w->cx, S("application"));
    text = text_with(&w->cx, text, "limit: rule.LIC-44", "limit: 9 workday");
    text = text_with(&w->cx, text, "{in: submitted, after: rule.LIC-32-4",
                     "{in: submitted, after: 4 workday");
    lay(w, w->folder, "application.flow.yaml", text);
    assert_folder_says(w, w->folder, "");
    world_end(w);
}

/* A case in supplement could not go on if its state were taken away: the program does not start. */
static void a_state_in_which_a_case_stands_cannot_be_taken_away(void **state)
{
    (void)state;
    World *made = world_new("cn-qingyang"), *w = world_bare();
    MatterId id = apply_for(&made->cx, "elder-card", "510105007001");
    act_as(made, "win", "window", NULL, "510105007001");
    assert_ok(&made->cx, take_step(&made->cx, id, "ask", "", ""));
    store_rest(&made->cx);
    Str text = packed_flow(&w->cx, S("at_once"));
    text = text_with(&w->cx, text, "  supplement: {", "  more: {");
    text = text_with(&w->cx, text, "to: supplement", "to: more");
    text = text_with(&w->cx, text, "from: supplement", "from: more");
    text = text_with(&w->cx, text, "from: supplement", "from: more");
    text = text_with(&w->cx, text, "[submitted, supplement]", "[submitted, more]");
    text = text_with(&w->cx, text, "{in: supplement", "{in: more");
    lay(w, w->folder, "at_once.flow.yaml", text);
    Options o = { .db = str_of(made->url), .keys = world_path(made, "linli.keys"),
                  .flows = str_of(w->folder) };
    assert_fails(&w->cx, program_open(&w->cx, &o, &w->store), E_CONFLICT, "flow.state_in_use");
    world_end(w);
    world_end(made);
}

/* ------------------------------------------------------------------ another roster */

static void a_role_that_covers_no_case_is_refused(void **state)
{
    (void)state;
    World *w = world_bare();
    MistakeList mistakes = { 0 };
    i64 checked;
    Str roles;
    Options o = { .profile = S("cn-qingyang"), .profile_dir = str_of(w->folder) };
    assert_ok(&w->cx, file_read(&w->cx, S("profiles/cn-qingyang/roles.yaml"), &roles));
    roles = text_with(&w->cx, roles, "name: {zh: 事后抽查, en: After-checker}\n    scope: place\n"
                                     "    levels: [district, subdistrict]",
                      "name: {zh: 事后抽查, en: After-checker}\n    scope: place\n    levels: [grid]");
    lay(w, w->folder, "roles.yaml", roles);
    assert_ok(&w->cx, program_profile(&w->cx, &o));
    assert_ok(&w->cx, flows_check(&w->cx, &mistakes, &checked));
    assert_true(mistakes.n > 0);
    for (const Mistake *m = mistakes.first; m; m = m->next)
        assert_string_equal(m->key, "flow.role_out_of_reach");
    assert_str(mistake_text(&w->cx, mistakes.first),
               "flows/after_check.flow.yaml:9:3: waiting names the role checker, whose posts all"
               " stand below the places that cases lie in.");
    world_end(w);
}

TESTS("check",
      cmocka_unit_test(every_bad_flow_is_refused_with_every_mistake_at_its_place),
      cmocka_unit_test(every_mistake_the_checker_knows_has_a_bad_file),
      cmocka_unit_test(a_file_that_is_too_large_is_not_even_read),
      cmocka_unit_test(a_flow_with_too_many_states_is_refused),
      cmocka_unit_test(a_flow_lies_in_the_file_of_its_name_and_in_no_other),
      cmocka_unit_test(a_district_may_tighten_the_law),
      cmocka_unit_test(a_state_in_which_a_case_stands_cannot_be_taken_away),
      cmocka_unit_test(a_role_that_covers_no_case_is_refused))
