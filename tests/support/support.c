/* support.c -- making and ending worlds. */
#include "support/support.h"

#include "onewindow/onewindow.h"

#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CTX_BYTES = 256 << 20 };

/* ------------------------------------------------------------------ worlds */

World *world_bare(void)
{
    World *w = calloc(1, sizeof *w);
    snprintf(w->folder, sizeof w->folder, "/tmp/linli-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->house = house_new();
    w->cx = ctx_new(w->house, CTX_BYTES);
    ctx_begin(&w->cx, (Instant){ 1539133920000 }); /* 2018-10-10 09:12 in Chengdu */
    w->cx.lang = LANG_EN;
    program_begin(w->house);
    log_set_level(LOG_ALARM);
    return w;
}

Str world_path(World *w, const char *file)
{
    return str_format(&w->cx.arena, "%s/%s", w->folder, file);
}

static void run_program(char *const *words)
{
    pid_t child;
    int status = -1;
    assert_int_equal(posix_spawnp(&child, words[0], NULL, NULL, words, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A database of its own on the server the tests were given, if any (tools/postgres.sh). */
static Str world_url(World *w)
{
    static int n;
    char name[64];
    const char *pattern = getenv("LINLI_POSTGRES"), *host = getenv("LINLI_POSTGRES_HOST");
    if (!pattern || !host)
        return world_path(w, "linli.db");
    snprintf(name, sizeof name, "t%d_%d", (int)getpid(), ++n);
    run_program((char *[]){ "createdb", "-h", (char *)host, "-U", "linli", name, NULL });
    Str head = str_of(pattern), rest = head;
    str_cut(&rest, '?', &head);
    return str_format(&w->cx.arena, "postgresql://linli@/%s?%.*s", name, STR_ARGS(rest));
}

World *world_with_cipher(const char *profile, const char *cipher)
{
    World *w = world_bare();
    snprintf(w->url, sizeof w->url, "%s", str_c(&w->cx.arena, world_url(w)));
    Options o = { .db = str_of(w->url),
                  .keys = world_path(w, "linli.keys"),
                  .profile = str_of(profile),
                  .cipher = str_of(cipher) };
    assert_ok(&w->cx, program_make(&w->cx, &o, &w->store));
    return w;
}

World *world_new(const char *profile)
{
    return world_with_cipher(profile, "sodium");
}

Str world_copy(World *w)
{
    Str path = world_path(w, "copy.db"), file = STR_EMPTY;
    if (str_starts(str_of(w->url), S("postgresql:"))) {
        run_program((char *[]){ "pg_dump", "-f", str_c(&w->cx.arena, path), w->url, NULL });
    } else {
        assert_ok(&w->cx, store_backup(&w->cx, path));
    }
    assert_ok(&w->cx, disk_read(&w->cx, path, (size_t)64 << 20, &file));
    return file;
}

static int remove_one(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
    (void)info, (void)flag, (void)ftw;
    return remove(path);
}

void world_end(World *w)
{
    ctx_end(&w->cx);
    store_detach(&w->cx);
    house_end(w->house);
    if (w->store)
        store_close(w->store);
    ctx_free(&w->cx);
    nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
}

void ctx_other(World *w, Ctx *cx)
{
    *cx = ctx_new(w->house, CTX_BYTES);
    ctx_begin(cx, w->cx.now);
    cx->lang = LANG_EN;
    assert_int_equal(store_attach(cx, w->store), OK);
}

void ctx_other_end(Ctx *cx)
{
    ctx_end(cx);
    store_detach(cx);
    ctx_free(cx);
}

void world_at(World *w, const char *local)
{
    Day day;
    int hour, minute;
    assert_true(day_parse((Str){ local, 10 }, &day));
    assert_int_equal(sscanf(local + 11, "%d:%d", &hour, &minute), 2);
    store_rest(&w->cx);
    ctx_end(&w->cx);
    ctx_begin(&w->cx, day_at(w->house, day, hour * 60 + minute));
    w->cx.lang = LANG_EN;
}

/* ------------------------------------------------------------------ data */

Str test_text(Ctx *cx, const char *file)
{
    Str text;
    const char *root = getenv("LINLI_SOURCE");
    Str path = str_format(&cx->arena, "%s/tests/%s", root ? root : ".", file);
    assert_ok(cx, disk_read(cx, path, 16 << 20, &text));
    return text;
}

const Json *test_json(Ctx *cx, const char *file)
{
    const Json *json;
    assert_ok(cx, json_parse(cx, test_text(cx, file), 16 << 20, &json));
    return json;
}

/* ------------------------------------------------------------------ checks */

void assert_str(Str have, const char *want)
{
    if (!str_is(have, str_of(want)))
        assert_never("have \"%.*s\", want \"%s\"", STR_ARGS(have), want);
}

void assert_ok(Ctx *cx, Err err)
{
    if (err || ctx_err(cx)) {
        Str why = failure_text(cx);
        assert_never("failed with %d: %.*s (%s:%d) %.*s", err, STR_ARGS(why), cx->failure.file,
                     cx->failure.line, STR_ARGS(cx->failure.detail));
    }
}

void assert_fails(Ctx *cx, Err have, Err want, const char *key)
{
    if (have != want || !cx->failure.key || strcmp(cx->failure.key, key) != 0) {
        const Problem *p = cx->failure.problems;
        if (have == want && p && strcmp(p->key, key) == 0) {
            ctx_forgive(cx);
            return;
        }
        assert_never("have %d %s (%s), want %d %s", have, cx->failure.key ? cx->failure.key : "-",
                     p ? p->key : "-", want, key);
    }
    ctx_forgive(cx);
}

void assert_day(Day have, const char *want)
{
    Day day;
    assert_true(day_parse(str_of(want), &day));
    if (!day_is(have, day)) {
        Date d = day_date(have);
        assert_never("have %04d-%02d-%02d, want %s", d.year, d.month, d.day, want);
    }
}

/* ------------------------------------------------------------------ actors */

void act_as_anyone(Ctx *cx)
{
    cx->actor = (Actor){ .kind = ACTOR_ANYONE };
}

void act_as_applicant(Ctx *cx, MatterId id)
{
    cx->actor = (Actor){ .kind = ACTOR_APPLICANT, .matter = id };
}

void act_as_system(Ctx *cx)
{
    cx->actor = (Actor){ .kind = ACTOR_SYSTEM };
}

/* The account's login is the name, so a person is found again. */
static PersonId person_called(Ctx *cx, const char *name)
{
    AccountId account;
    PersonId person;
    if (account_get_by_login(cx, str_of(name), &account, &person) == OK)
        return person;
    ctx_forgive(cx);
    assert_ok(cx, person_add(cx, str_of(name), &person));
    assert_ok(cx, account_add(cx, person, str_of(name), &account));
    return person;
}

static PostId find_post(Ctx *cx, PersonId person, const char *role, BodyId body, PlaceId place)
{
    Post *posts;
    assert_ok(cx, post_list(cx, person, &posts));
    for (Post *p = posts; p; p = p->next)
        if (str_is(p->role, str_of(role)) && p->place.value == place.value
            && p->body.value == body.value)
            return p->id;
    return (PostId){ 0 };
}

PersonId act_as(World *w, const char *name, const char *role, const char *body, const char *place)
{
    Ctx *cx = &w->cx;
    Place p;
    Body b = { 0 };
    PersonId person = person_called(cx, name);
    assert_ok(cx, place_get_by_code(cx, str_of(place), day_today(cx), &p));
    if (body)
        assert_ok(cx, body_get_by_code(cx, str_of(body), &b));
    PostId post = find_post(cx, person, role, b.id, p.id);
    if (!post.value) {
        Appointment a = {
            .person = person, .role = str_of(role), .body = b.id, .place = p.id, .since = { 1 }
        };
        assert_ok(cx, permit_appoint(cx, &a, &post));
    }
    cx->actor = (Actor){ .kind = ACTOR_STAFF, .person = person, .post = post };
    return person;
}

/* ------------------------------------------------------------------ applications */

static Str answer_for(const Field *f, const char *home)
{
    switch (f->kind) {
    case F_NAME: return S("Zhang Test");
    case F_CITIZEN_ID: return S("510105189001010016");
    case F_CREDIT_CODE: return S("91510105MATEXT044U");
    case F_MOBILE: return S("15412345678");
    case F_PHONE: return S("02079460123");
    case F_ADDRESS: return S("测试巷1号2栋3单元401");
    case F_PLACE: return str_of(home);
    case F_CHOICE:
    case F_CHOICES: return f->choices[0].code;
    case F_DAY: return S("2018-01-02");
    case F_INT: return S("5");
    case F_MONEY: return S("100");
    case F_FLAG: return S("yes");
    default: return S("as described");
    }
}

Values values_for(Ctx *cx, const Field *fields, size_t n, const char *home)
{
    Values values = { 0 };
    for (size_t i = 0; i < n; i++)
        if (fields[i].must)
            value_add(cx, &values, fields[i].name, answer_for(&fields[i], home));
    return values;
}

Values form_for(Ctx *cx, const char *item, const char *home)
{
    const Field *fields;
    size_t n;
    assert_ok(cx, onewindow_form(cx, str_of(item), &fields, &n));
    return values_for(cx, fields, n, home);
}

MatterId apply_for(Ctx *cx, const char *item, const char *home)
{
    MatterId id = { 0 };
    Values values = form_for(cx, item, home);
    act_as_anyone(cx);
    assert_ok(cx, onewindow_apply(cx, str_of(item), &values, S("web"), &id));
    return id;
}

Err take_step(Ctx *cx, MatterId id, const char *step, const char *name, const char *value)
{
    Matter m;
    const Field *fields;
    size_t n;
    assert_ok(cx, matter_get(cx, id, &m));
    const Flow *f = matter_flow(cx, &m);
    const FlowStep *s = flow_step(f, str_of(step));
    assert_non_null(s);
    assert_ok(cx, flow_step_fields(cx, &m, f, s, &fields, &n));
    Values values = values_for(cx, fields, n, "510105007001"), sent = { 0 };
    for (const Value *v = values.first; v; v = v->next)
        if (!str_is(v->name, str_of(name)))
            value_add(cx, &sent, v->name, v->text);
    if (name[0])
        value_add(cx, &sent, str_of(name), str_of(value));
    return flow_take(cx, id, str_of(step), &sent, 0);
}
