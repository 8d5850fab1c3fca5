/* test_items.c -- an item that would mislead is refused: every file under bad/ is wrong in its own
** way, and says at its end which mistakes must be found, and where. */
#include "support/bad.h"

#include "onewindow/private.h"
#include "text/text.h"

#include <string.h>

typedef struct Shared {
    Field *fields;
    size_t n;
} Shared;

static World *world_checking(Shared *shared)
{
    World *w = world_bare();
    Options o = { .profile = S("cn-qingyang") };
    MistakeList none = { 0 };
    Str text;
    assert_ok(&w->cx, program_profile(&w->cx, &o));
    assert_ok(&w->cx, file_read(&w->cx, S("profiles/cn-qingyang/fields.yaml"), &text));
    YamlFile file = yaml_parse(&w->cx, S("fields.yaml"), text, &none);
    field_read_all(&file, yaml_in(file.root, "fields"), &shared->fields, &shared->n);
    assert_int_equal(none.n, 0);
    return w;
}

static void check_one(Ctx *cx, const Shared *shared, Str text, MistakeList *mistakes)
{
    YamlFile file = yaml_parse(cx, S("an item"), text, mistakes);
    Item *it = item_read(&file, text, shared->fields, shared->n);
    assert_non_null(it);
    item_check(&file, file.root, it);
}

static void every_bad_item_is_refused_with_every_mistake_at_its_place(void **state)
{
    (void)state;
    Shared shared;
    World *w = world_checking(&shared);
    int wrong = 0;
    for (const BadFile *bad = bad_files(&w->cx, "onewindow/bad"); bad; bad = bad->next) {
        MistakeList mistakes = { 0 };
        check_one(&w->cx, &shared, bad->text, &mistakes);
        assert_ok(&w->cx, OK);
        wrong += !says_what_it_must(&w->cx, bad, &mistakes);
    }
    assert_int_equal(wrong, 0);
    world_end(w);
}

static void every_mistake_about_items_has_a_bad_file(void **state)
{
    (void)state;
    Shared shared;
    World *w = world_checking(&shared);
    MistakeList all = { 0 };
    Str rest = test_text(&w->cx, "../src/services/onewindow/item.c"), part;
    for (const BadFile *bad = bad_files(&w->cx, "onewindow/bad"); bad; bad = bad->next)
        check_one(&w->cx, &shared, bad->text, &all);
    while (str_cut(&rest, '"', &part)) {
        bool said = !str_starts(part, S("item.")) || part.n == 5;
        for (const Mistake *m = all.first; m && !said; m = m->next)
            said = str_is(str_of(m->key), part);
        if (!said)
            assert_never("no bad file says %.*s", STR_ARGS(part));
    }
    world_end(w);
}

TESTS("items", cmocka_unit_test(every_bad_item_is_refused_with_every_mistake_at_its_place),
      cmocka_unit_test(every_mistake_about_items_has_a_bad_file))
