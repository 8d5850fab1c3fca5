/* test_store.c -- what the store promises: parameters, one state for a reader, writes that hold
** together. */
#include "support/support.h"

#include <pthread.h>
#include <string.h>

static const SchemaFile FIRST = { "test", "001-note.sql",
    S("CREATE TABLE note (id ID, text TEXT NOT NULL, n INT, raw BYTES, done FLAG NOT NULL);\n"
      "CREATE TABLE pair (a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)) KEYED;") };

static World *world_of_notes(void)
{
    World *w = world_bare();
    assert_ok(&w->cx,
              store_open(&w->cx, world_path(w, "notes.db"), (StoreOptions){ 0 }, &w->store));
    assert_ok(&w->cx, store_attach(&w->cx, w->store));
    assert_ok(&w->cx, schema_apply(&w->cx, &FIRST, 1));
    return w;
}

static Err add_note(Ctx *cx, void *text)
{
    Query q = QUERY(cx, "INSERT INTO note (text, n, raw, done) VALUES ($1, $2, $3, $4)",
                    T(*(Str *)text), I(7), B(bytes_of(S("\x00\xff"))), F(true));
    return query_run(&q);
}

static Err add_note_and_refuse(Ctx *cx, void *text)
{
    TRY(add_note(cx, text));
    return fail(cx, E_CONFLICT, "flow.somebody_else_acted");
}

static i64 count_notes(Ctx *cx)
{
    i64 n = -1;
    Query q = QUERY(cx, "SELECT COUNT(*) FROM note");
    assert_ok(cx, query_one_int(&q, &n));
    return n;
}

/* ------------------------------------------------------------------ statements */

static void columns_come_back_as_they_went(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Ctx *cx = &w->cx;
    Str text = S("居住证 ' \" ; -- $1");
    assert_ok(cx, store_write(cx, add_note, &text));
    Query q = QUERY(cx, "SELECT id, text, n, raw, done, NULL FROM note WHERE text = $1 AND done",
                    T(text));
    assert_true(query_next(&q));
    assert_int_equal(query_int(&q), 1);
    assert_str(query_text(&q), "居住证 ' \" ; -- $1");
    assert_int_equal(query_int(&q), 7);
    assert_true(bytes_are(query_bytes(&q), bytes_of(S("\x00\xff"))));
    assert_true(query_flag(&q));
    assert_true(query_is_null(&q));
    assert_false(day_is_set(query_day(&q)));
    assert_false(query_next(&q));
    assert_ok(cx, query_end(&q));
    world_end(w);
}

static void parameters_are_bound_by_name(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Query q = QUERY(&w->cx, "SELECT $2 || $1 || $2", T(S("b")), T(S("a")));
    assert_true(query_next(&q));
    assert_str(query_text(&q), "aba");
    assert_ok(&w->cx, query_end(&q));
    world_end(w);
}

static void parameters_amiss_are_our_own_mistake(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Ctx *cx = &w->cx;
    Query unbound = QUERY(cx, "SELECT $1 + $2", I(1));
    assert_fails(cx, query_run(&unbound), E_BUG, "store.parameters_amiss");
    Query surplus = QUERY(cx, "SELECT $1", I(1), I(2));
    assert_fails(cx, query_run(&surplus), E_BUG, "store.parameters_amiss");
    Query named = QUERY(cx, "SELECT :name", I(1));
    assert_fails(cx, query_run(&named), E_BUG, "store.parameters_amiss");
    Query nameless = QUERY(cx, "SELECT ?", I(1));
    assert_fails(cx, query_run(&nameless), E_BUG, "store.parameters_amiss");
    Query skipped = QUERY(cx, "SELECT $2", I(1));
    assert_fails(cx, query_run(&skipped), E_BUG, "store.parameters_amiss");
    world_end(w);
}

static void text_that_is_none_does_not_come_in(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str with_nul = { "a\0b", 3 }, broken = S("\xc3(");
    assert_fails(&w->cx, store_write(&w->cx, add_note, &with_nul), E_INPUT, "store.text_not_utf8");
    assert_fails(&w->cx, store_write(&w->cx, add_note, &broken), E_INPUT, "store.text_not_utf8");
    assert_int_equal(count_notes(&w->cx), 0);
    world_end(w);
}

static void after_the_first_failure_nothing_more_is_asked(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Ctx *cx = &w->cx;
    Query bad = QUERY(cx, "SELECT nothing FROM nowhere");
    Query good = QUERY(cx, "SELECT 1");
    assert_false(query_next(&good));
    assert_int_equal(query_int(&good), 0);
    assert_fails(cx, query_end(&bad), E_STORE, "store.failed");
    world_end(w);
}

static void the_same_statement_may_be_open_twice(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Ctx *cx = &w->cx;
    i64 pairs = 0;
    Str a = S("a"), b = S("b");
    assert_ok(cx, store_write(cx, add_note, &a));
    assert_ok(cx, store_write(cx, add_note, &b));
    static const char LIST[] = "SELECT id FROM note ORDER BY id";
    Query outer = QUERY_TEXT(cx, str_of(LIST));
    while (query_next(&outer)) {
        Query inner = QUERY_TEXT(cx, str_of(LIST));
        while (query_next(&inner))
            pairs++;
        assert_ok(cx, query_end(&inner));
    }
    assert_ok(cx, query_end(&outer));
    assert_int_equal(pairs, 4);
    world_end(w);
}

static void more_statements_than_are_kept_still_work(void **state)
{
    (void)state;
    World *w = world_of_notes();
    for (int round = 0; round < 2; round++) {
        for (i64 n = 0; n < 600; n++) {
            i64 out;
            Query q = QUERY_TEXT(&w->cx, str_format(&w->cx.arena, "SELECT %lld + $1", (long long)n),
                                 I(1));
            assert_ok(&w->cx, query_one_int(&q, &out));
            assert_int_equal(out, n + 1);
        }
    }
    world_end(w);
}

static void any_query_can_be_made_to_fail(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str text = S("x");
    w->cx.query_to_fail = w->cx.queries + 1;
    assert_fails(&w->cx, store_write(&w->cx, add_note, &text), E_STORE, "store.failed");
    assert_ok(&w->cx, store_write(&w->cx, add_note, &text));
    assert_int_equal(count_notes(&w->cx), 1);
    world_end(w);
}

/* ------------------------------------------------------------------ reading and writing */

static void a_reader_sees_one_state_until_it_rests(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Ctx other;
    Str text = S("new");
    ctx_other(w, &other);
    assert_int_equal(count_notes(&w->cx), 0);
    assert_ok(&other, store_write(&other, add_note, &text));
    assert_int_equal(count_notes(&w->cx), 0);
    store_rest(&w->cx);
    assert_int_equal(count_notes(&w->cx), 1);
    ctx_other_end(&other);
    world_end(w);
}

static void a_write_sees_what_was_acknowledged_before(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str text = S("mine");
    assert_int_equal(count_notes(&w->cx), 0);
    assert_ok(&w->cx, store_write(&w->cx, add_note, &text));
    assert_int_equal(count_notes(&w->cx), 1);
    world_end(w);
}

static void a_refused_write_leaves_nothing(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str text = S("half");
    assert_fails(&w->cx, store_write(&w->cx, add_note_and_refuse, &text), E_CONFLICT,
                 "flow.somebody_else_acted");
    assert_int_equal(count_notes(&w->cx), 0);
    world_end(w);
}

static Err write_within(Ctx *cx, void *text)
{
    TRY(store_write(cx, add_note, text));
    assert_true(store_is_writing(cx));
    return fail(cx, E_CONFLICT, "flow.somebody_else_acted");
}

static void a_write_within_a_write_is_part_of_it(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str text = S("inner");
    assert_fails(&w->cx, store_write(&w->cx, write_within, &text), E_CONFLICT,
                 "flow.somebody_else_acted");
    assert_int_equal(count_notes(&w->cx), 0);
    world_end(w);
}

static Err refuse(Ctx *cx, void *arg)
{
    (void)arg;
    return fail(cx, E_CONFLICT, "flow.somebody_else_acted");
}

static void what_runs_before_the_commit_can_undo_it(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Str text = S("x"), also = S("also");
    store_before_commit(&w->cx, refuse, NULL);
    assert_fails(&w->cx, store_write(&w->cx, add_note, &text), E_CONFLICT,
                 "flow.somebody_else_acted");
    store_before_commit(&w->cx, add_note, &also);
    assert_ok(&w->cx, store_write(&w->cx, add_note, &text));
    assert_int_equal(count_notes(&w->cx), 2);
    world_end(w);
}

static Err take_next_id(Ctx *cx, void *out)
{
    Str text = S("numbered");
    TRY(store_next_id(cx, "note", out));
    return add_note(cx, &text);
}

static void the_next_id_is_the_one_the_row_gets(void **state)
{
    (void)state;
    World *w = world_of_notes();
    i64 id = 0, n = 0;
    for (int i = 0; i < 3; i++)
        assert_ok(&w->cx, store_write(&w->cx, take_next_id, &id));
    Query q = QUERY(&w->cx, "SELECT COUNT(*) FROM note WHERE id = $1", I(id));
    assert_ok(&w->cx, query_one_int(&q, &n));
    assert_int_equal(id, 3);
    assert_int_equal(n, 1);
    world_end(w);
}

/* ------------------------------------------------------------------ many at once */

enum { CROWD = 16, EACH = 40, KEPT_BYTES_MAX = 3000 };

typedef struct Walker {
    World *world;
    pthread_t thread;
    i64 name;
    i64 kept[EACH]; /* was this one acknowledged */
    size_t note_bytes;
    i64 refused_other;
} Walker;

typedef struct Wanted {
    Walker *walker;
    i64 n;
} Wanted;

static Err add_walkers_note(Ctx *cx, void *arg)
{
    Wanted *want = arg;
    Str text =
        str_format(&cx->arena, "%lld/%lld", (long long)want->walker->name, (long long)want->n);
    Bytes raw = { ctx_take(cx, want->walker->note_bytes), want->walker->note_bytes };
    TRY(ctx_err(cx));
    Query q = QUERY(cx, "INSERT INTO note (text, raw, done) VALUES ($1, $2, $3)", T(text), B(raw),
                    F(false));
    TRY(query_run(&q));
    /* Every fifth is refused after it has written. */
    return want->n % 5 == 4 ? fail(cx, E_CONFLICT, "flow.somebody_else_acted") : OK;
}

static void *walk(void *arg)
{
    Walker *walker = arg;
    Ctx cx;
    ctx_other(walker->world, &cx);
    for (i64 n = 0; n < EACH; n++) {
        Wanted want = { walker, n };
        ctx_begin(&cx, (Instant){ 1 });
        Err err = store_write(&cx, add_walkers_note, &want);
        walker->kept[n] = err == OK;
        walker->refused_other += err != OK && err != E_CONFLICT;
    }
    ctx_other_end(&cx);
    return NULL;
}

static void crowd_walks(World *w, Walker *crowd, size_t note_bytes)
{
    for (i64 i = 0; i < CROWD; i++) {
        crowd[i] = (Walker){ .world = w, .name = i, .note_bytes = note_bytes };
        assert_int_equal(pthread_create(&crowd[i].thread, NULL, walk, &crowd[i]), 0);
    }
    for (i64 i = 0; i < CROWD; i++)
        pthread_join(crowd[i].thread, NULL);
}

/* What stands in the database is exactly what was acknowledged. */
static void assert_only_the_kept_stand(World *w, const Walker *crowd)
{
    store_rest(&w->cx);
    for (i64 i = 0; i < CROWD; i++) {
        for (i64 n = 0; n < EACH; n++) {
            i64 rows = 0;
            Query q = QUERY(&w->cx, "SELECT COUNT(*) FROM note WHERE text = $1",
                            T(str_format(&w->cx.arena, "%lld/%lld", (long long)i, (long long)n)));
            assert_ok(&w->cx, query_one_int(&q, &rows));
            assert_int_equal(rows, crowd[i].kept[n]);
        }
    }
}

static void many_writers_share_commits_and_keep_their_own_verdicts(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Walker crowd[CROWD];
    StoreFigures before = store_figures(w->store);
    crowd_walks(w, crowd, 10);
    StoreFigures after = store_figures(w->store);
    assert_only_the_kept_stand(w, crowd);
    assert_int_equal(count_notes(&w->cx), CROWD * EACH * 4 / 5);
    assert_int_equal(after.writes - before.writes, CROWD * EACH);
    assert_true(after.commits - before.commits < CROWD * EACH);
    assert_int_equal(after.waiting, 0);
    world_end(w);
}

static void a_full_disk_acknowledges_only_what_stands(void **state)
{
    (void)state;
    World *w = world_of_notes();
    Walker crowd[CROWD];
    i64 refused = 0;
    assert_ok(&w->cx, store_limit_pages(&w->cx, 120));
    crowd_walks(w, crowd, KEPT_BYTES_MAX);
    assert_only_the_kept_stand(w, crowd);
    for (i64 i = 0; i < CROWD; i++)
        refused += crowd[i].refused_other;
    assert_true(refused > 0);
    Str text = S("too late");
    char big[9000] = "";
    Str large = { memset(big, 'x', sizeof big), sizeof big };
    assert_fails(&w->cx, store_write(&w->cx, add_note, &large), E_STORE, "store.disk_full");
    assert_ok(&w->cx, store_limit_pages(&w->cx, 0));
    assert_ok(&w->cx, store_write(&w->cx, add_note, &text));
    assert_ok(&w->cx, store_check(&w->cx));
    world_end(w);
}

static Err count_runs(Ctx *cx, void *arg)
{
    i64 *runs = arg;
    *runs += 1;
    Query q = QUERY(cx, "COMMIT"); /* the ground goes away under the whole group */
    TRY(query_run(&q));
    Str text = S("orphan");
    return add_note(cx, &text);
}

static void a_member_that_ends_the_transaction_is_not_acknowledged(void **state)
{
    (void)state;
    World *w = world_of_notes();
    i64 runs = 0;
    StoreFigures before = store_figures(w->store);
    Err err = store_write(&w->cx, count_runs, &runs);
    assert_int_not_equal(err, OK);
    ctx_forgive(&w->cx);
    assert_int_equal(runs, 2);
    assert_int_equal(store_figures(w->store).reruns - before.reruns, 1);
    world_end(w);
}

static void *read_a_while(void *arg)
{
    World *w = arg;
    Ctx cx;
    ctx_other(w, &cx);
    for (int i = 0; i < 100; i++) {
        ctx_begin(&cx, (Instant){ 1 });
        assert_true(count_notes(&cx) >= 0);
        store_rest(&cx);
    }
    ctx_other_end(&cx);
    return NULL;
}

static void more_readers_than_connections_take_turns(void **state)
{
    (void)state;
    World *w = world_of_notes();
    pthread_t threads[24];
    store_rest(&w->cx);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_a_while, w), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    world_end(w);
}

TESTS("store", cmocka_unit_test(columns_come_back_as_they_went),
      cmocka_unit_test(parameters_are_bound_by_name),
      cmocka_unit_test(parameters_amiss_are_our_own_mistake),
      cmocka_unit_test(text_that_is_none_does_not_come_in),
      cmocka_unit_test(after_the_first_failure_nothing_more_is_asked),
      cmocka_unit_test(the_same_statement_may_be_open_twice),
      cmocka_unit_test(more_statements_than_are_kept_still_work),
      cmocka_unit_test(any_query_can_be_made_to_fail),
      cmocka_unit_test(a_reader_sees_one_state_until_it_rests),
      cmocka_unit_test(a_write_sees_what_was_acknowledged_before),
      cmocka_unit_test(a_refused_write_leaves_nothing),
      cmocka_unit_test(a_write_within_a_write_is_part_of_it),
      cmocka_unit_test(what_runs_before_the_commit_can_undo_it),
      cmocka_unit_test(the_next_id_is_the_one_the_row_gets),
      cmocka_unit_test(many_writers_share_commits_and_keep_their_own_verdicts),
      cmocka_unit_test(a_full_disk_acknowledges_only_what_stands),
      cmocka_unit_test(a_member_that_ends_the_transaction_is_not_acknowledged),
      cmocka_unit_test(more_readers_than_connections_take_turns))
