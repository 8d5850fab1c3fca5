/* test_schema.c -- what opening, migrating and copying a database promise. */
#include "support/support.h"

static const SchemaFile FILES[] = {
    { "test", "001-a.sql", S("-- a first table\nCREATE TABLE a (id ID, text TEXT NOT NULL);\n"
                             "INSERT INTO a (text) VALUES ('ID; INT -- not a comment');") },
    { "test", "002-b.sql",
      S("CREATE TABLE b (id ID, of_a INT NOT NULL REFERENCES a (id), sure FLAG NOT NULL);\n"
                             "CREATE INDEX b_of_a ON b (of_a);") },
};

static World *world_with_store(void)
{
    World *w = world_bare();
    assert_ok(&w->cx, store_open(&w->cx, world_path(w, "a.db"), (StoreOptions){ 0 }, &w->store));
    assert_ok(&w->cx, store_attach(&w->cx, w->store));
    return w;
}

static Str only_text(Ctx *cx)
{
    Query q = QUERY(cx, "SELECT text FROM a");
    Str text = query_next(&q) ? query_text(&q) : STR_EMPTY;
    assert_ok(cx, query_end(&q));
    return text;
}

static void steps_are_applied_once_and_words_in_texts_are_left_alone(void **state)
{
    (void)state;
    World *w = world_with_store();
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 1));
    assert_fails(&w->cx, schema_check(&w->cx, FILES, 2), E_CONFLICT, "schema.older_database");
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 2));
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 2));
    assert_ok(&w->cx, schema_check(&w->cx, FILES, 2));
    assert_str(only_text(&w->cx), "ID; INT -- not a comment");
    world_end(w);
}

static void a_database_that_is_newer_is_told_apart(void **state)
{
    (void)state;
    World *w = world_with_store();
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 2));
    assert_fails(&w->cx, schema_apply(&w->cx, FILES, 1), E_CONFLICT, "schema.newer_database");
    world_end(w);
}

static void a_step_that_was_changed_afterwards_is_refused(void **state)
{
    (void)state;
    World *w = world_with_store();
    SchemaFile changed[] = { FILES[0], FILES[1] };
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 2));
    changed[0].text = S("CREATE TABLE a (id ID, text TEXT NOT NULL, more INT);");
    assert_fails(&w->cx, schema_apply(&w->cx, changed, 2), E_CONFLICT, "schema.changed_file");
    world_end(w);
}

static void a_step_that_fails_leaves_nothing_of_itself(void **state)
{
    (void)state;
    World *w = world_with_store();
    SchemaFile broken = { "test", "001-a.sql",
                          S("CREATE TABLE a (id ID); CREATE TABLE a (id ID);") };
    assert_int_equal(schema_apply(&w->cx, &broken, 1), E_STORE);
    ctx_forgive(&w->cx);
    assert_ok(&w->cx, schema_apply(&w->cx, FILES, 2));
    world_end(w);
}

static void rows_are_held_to_their_types_and_references(void **state)
{
    (void)state;
    World *w = world_with_store();
    Ctx *cx = &w->cx;
    assert_ok(cx, schema_apply(cx, FILES, 2));
    Query text_for_int = QUERY(cx, "INSERT INTO b (of_a, sure) VALUES ('one', TRUE)");
    assert_int_equal(query_run(&text_for_int), E_STORE);
    ctx_forgive(cx);
    Query nowhere = QUERY(cx, "INSERT INTO b (of_a, sure) VALUES (99, TRUE)");
    assert_int_equal(query_run(&nowhere), E_STORE);
    ctx_forgive(cx);
    world_end(w);
}

static void a_copy_made_in_use_opens_and_never_overwrites(void **state)
{
    (void)state;
    World *w = world_with_store();
    Ctx *cx = &w->cx;
    Store *copy;
    assert_ok(cx, schema_apply(cx, FILES, 2));
    assert_ok(cx, store_backup(cx, world_path(w, "copy.db")));
    assert_fails(cx, store_backup(cx, world_path(w, "copy.db")), E_CONFLICT, "store.backup_exists");
    Ctx other = ctx_new(w->house, 1 << 20);
    ctx_begin(&other, cx->now);
    assert_ok(&other, store_open(&other, world_path(w, "copy.db"),
                                 (StoreOptions){ .must_exist = true }, &copy));
    assert_ok(&other, store_attach(&other, copy));
    assert_ok(&other, schema_check(&other, FILES, 2));
    assert_str(only_text(&other), "ID; INT -- not a comment");
    ctx_end(&other);
    store_detach(&other);
    store_close(copy);
    ctx_free(&other);
    world_end(w);
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    World *w = world_bare();
    Ctx *cx = &w->cx;
    Store *store;
    StoreOptions there = { .must_exist = true };
    assert_fails(cx, store_open(cx, S("mysql://x"), there, &store), E_INPUT,
                 "store.unknown_scheme");
    assert_fails(cx, store_open(cx, S(""), there, &store), E_INPUT, "store.unknown_scheme");
    assert_fails(cx, store_open(cx, world_path(w, "none.db"), there, &store), E_MISSING,
                 "store.no_such_file");
    assert_ok(cx, disk_write(cx, world_path(w, "text.db"),
                             S("This is a shopping list, and a long one at that."), 0600));
    assert_fails(cx, store_open(cx, world_path(w, "text.db"), there, &store), E_STORE,
                 "store.not_a_database");
    assert_fails(cx, store_open(cx, S("/proc/nowhere/x.db"), (StoreOptions){ 0 }, &store), E_STORE,
                 "store.cannot_open");
    world_end(w);
}

TESTS("schema", cmocka_unit_test(steps_are_applied_once_and_words_in_texts_are_left_alone),
      cmocka_unit_test(a_database_that_is_newer_is_told_apart),
      cmocka_unit_test(a_step_that_was_changed_afterwards_is_refused),
      cmocka_unit_test(a_step_that_fails_leaves_nothing_of_itself),
      cmocka_unit_test(rows_are_held_to_their_types_and_references),
      cmocka_unit_test(a_copy_made_in_use_opens_and_never_overwrites),
      cmocka_unit_test(what_cannot_be_opened_says_why))
