/* test_tags.c -- what the store finds out by itself about statements, and that a page counts as
** true exactly while nothing it relies on has changed. */
#include "support/support.h"

#include "driver/driver.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const SchemaFile FIRST = { "test", "001-tags.sql",
    S("CREATE TABLE apple (id ID, name TEXT NOT NULL, pear INT);\n"
      "-- CREATE TABLE not_a_table (id ID);\n"
      "CREATE TABLE plum (id ID, apple INT, said TEXT NOT NULL);\n"
      "CREATE TABLE cherry_tree (id ID, n INT);") };

static World *world_of_fruit(void)
{
    World *w = world_bare();
    assert_ok(&w->cx,
              store_open(&w->cx, world_path(w, "fruit.db"), (StoreOptions){ 0 }, &w->store));
    assert_ok(&w->cx, store_attach(&w->cx, w->store));
    assert_ok(&w->cx, schema_apply(&w->cx, &FIRST, 1));
    return w;
}

static u32 slot_of_table(World *w, const char *name)
{
    TagSet set;
    bool writes;
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT 1 FROM %s", name);
    tags_read_statement(w->store, str_of(sql), &writes, &set);
    assert_int_equal(set.n, 1);
    return set.slots[0];
}

static bool has_slot(const TagSet *set, u32 slot)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->slots[i] == slot)
            return true;
    return false;
}

/* ------------------------------------------------------------------ statements */

static const struct { const char *sql, *tables; bool writes, is_over;
} STATEMENTS[] = {
    { "SELECT name FROM apple", "apple", false, false },
    { "SELECT a.name FROM apple a JOIN plum p ON p.apple = a.id", "apple plum", false, false },
    { "SELECT 1 FROM apple,plum WHERE plum.apple=apple.id", "apple plum", false, false },
    { "SELECT 1 FROM apple LEFT JOIN cherry_tree ON TRUE, plum", "apple cherry_tree plum", false,
      false },
    { "SELECT (SELECT COUNT(*) FROM plum) FROM apple", "apple plum", false, false },
    { "SELECT 1 WHERE EXISTS (SELECT 1 FROM cherry_tree)", "cherry_tree", false, false },
    { "WITH some AS (SELECT id FROM plum) SELECT 1 FROM some", "plum", false, false },
    { "WITH some AS (SELECT id FROM plum) UPDATE apple SET pear = 1 WHERE id IN"
      " (SELECT id FROM some)", "apple", true, false },
    { "SELECT 'FROM plum' FROM apple", "apple", false, false },
    { "SELECT 'it''s a plum' FROM apple", "apple", false, false },
    { "SELECT 1 FROM cherry_trees", "", false, false },
    { "SELECT cherry FROM apple", "apple", false, false },
    { "SELECT 1 FROM not_a_table", "", false, false },
    { "SELECT 1", "", false, false },
    { "", "", false, false },
    { "INSERT INTO apple (name) VALUES ($1)", "apple", true, false },
    { "INSERT INTO apple (name) SELECT said FROM plum", "apple", true, false },
    { "INSERT INTO plum (id, said) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET said ="
      " excluded.said", "plum", true, false },
    { "UPDATE apple SET pear = (SELECT MAX(n) FROM cherry_tree)", "apple", true, false },
    { "DELETE FROM plum WHERE apple IN (SELECT id FROM apple)", "plum", true, false },
    { "DELETE FROM plum RETURNING id", "plum", true, false },
    { "INSERT INTO elsewhere (id) SELECT id FROM apple", "", true, true },
    { "UPDATE elsewhere SET a = (SELECT MAX(id) FROM apple)", "", true, true },
};

static void check_statement(World *w, size_t n)
{
    TagSet set;
    bool writes;
    size_t named = 0;
    Str rest = str_of(STATEMENTS[n].tables), name;
    tags_read_statement(w->store, str_of(STATEMENTS[n].sql), &writes, &set);
    while (rest.n && str_cut(&rest, ' ', &name)) {
        named++;
        if (!has_slot(&set, slot_of_table(w, str_c(&w->cx.arena, name))))
            assert_never("%s: lacks %s", STATEMENTS[n].sql, str_c(&w->cx.arena, name));
    }
    if (set.n != named || writes != STATEMENTS[n].writes || set.is_over != STATEMENTS[n].is_over)
        assert_never("%s: %zu tables", STATEMENTS[n].sql, set.n);
}

static void a_statement_names_its_tables(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    for (size_t n = 0; n < COUNT(STATEMENTS); n++)
        check_statement(w, n);
    world_end(w);
}

static void before_the_schema_is_known_a_statement_relies_on_everything(void **state)
{
    (void)state;
    World *w = world_bare();
    TagSet set;
    bool writes;
    assert_ok(&w->cx,
              store_open(&w->cx, world_path(w, "empty.db"), (StoreOptions){ 0 }, &w->store));
    tags_read_statement(w->store, S("SELECT 1 FROM apple"), &writes, &set);
    assert_true(set.is_over);
    tags_read_statement(w->store, S("DELETE FROM apple"), &writes, &set);
    assert_true(set.is_over && writes);
    world_end(w);
}

static void every_table_of_the_program_is_known(void **state)
{
    (void)state;
    World *w = world_new("town");
    const SchemaFile *files;
    SchemaTable *tables;
    size_t n;
    assert_ok(&w->cx, program_schema(&w->cx, &files, &n));
    assert_ok(&w->cx, schema_tables(&w->cx, files, n, &tables));
    assert_non_null(tables);
    for (const SchemaTable *t = tables; t; t = t->next)
        (void)slot_of_table(w, str_c(&w->cx.arena, t->name));
    world_end(w);
}

/* ------------------------------------------------------------------ pages and writes */

typedef struct Change {
    const char *sql;
    Tag touch;
    bool refuses;
} Change;

static Err make_change(Ctx *cx, void *arg)
{
    Change *c = arg;
    Query q = QUERY_TEXT(cx, str_of(c->sql));
    TRY(query_run(&q));
    if (c->touch.slot)
        store_touch(cx, c->touch);
    return c->refuses ? fail(cx, E_CONFLICT, "flow.somebody_else_acted") : OK;
}

static void change(World *w, const char *sql)
{
    Change c = { .sql = sql };
    assert_ok(&w->cx, store_write(&w->cx, make_change, &c));
}

static Reliance read_by(World *w, const char *sql, Tag narrow)
{
    Reliance r;
    store_rest(&w->cx);
    store_rely(&w->cx, &r);
    Query q = narrow.slot ? query_open_of(&w->cx, narrow, str_of(sql), NULL, 0)
                          : QUERY_TEXT(&w->cx, str_of(sql));
    assert_ok(&w->cx, query_run(&q));
    store_rely(&w->cx, NULL);
    store_rest(&w->cx);
    return r;
}

static const Tag WHOLE = { 0 };

static void a_page_holds_until_a_table_it_read_is_written(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    Reliance r = read_by(w, "SELECT 1 FROM apple JOIN plum ON plum.apple = apple.id", WHOLE);
    assert_true(store_holds(w->store, &r));
    change(w, "INSERT INTO cherry_tree (n) VALUES (1)");
    assert_true(store_holds(w->store, &r));
    change(w, "INSERT INTO plum (said) VALUES ('')");
    assert_false(store_holds(w->store, &r));
    r = read_by(w, "SELECT 1 FROM apple JOIN plum ON plum.apple = apple.id", WHOLE);
    assert_true(store_holds(w->store, &r));
    change(w, "DELETE FROM apple");
    assert_false(store_holds(w->store, &r));
    world_end(w);
}

static void a_write_that_was_refused_changes_nothing(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    Reliance r = read_by(w, "SELECT 1 FROM apple", WHOLE);
    Change c = { .sql = "DELETE FROM apple", .refuses = true };
    assert_int_equal(store_write(&w->cx, make_change, &c), E_CONFLICT);
    ctx_forgive(&w->cx);
    assert_true(store_holds(w->store, &r));
    change(w, "DELETE FROM plum");
    assert_true(store_holds(w->store, &r)); /* nothing of the refused one is left over */
    world_end(w);
}

static void what_is_read_narrowly_holds_until_its_tag_is_touched(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    Tag one = tag_of("apple", 1), two = tag_of("apple", 2);
    Reliance r = read_by(w, "SELECT 1 FROM apple WHERE id = 1", one);
    Change other = { .sql = "UPDATE apple SET pear = 1 WHERE id = 2", .touch = two };
    assert_ok(&w->cx, store_write(&w->cx, make_change, &other));
    assert_true(store_holds(w->store, &r));
    Change same = { .sql = "UPDATE apple SET pear = 1 WHERE id = 1", .touch = one };
    assert_ok(&w->cx, store_write(&w->cx, make_change, &same));
    assert_false(store_holds(w->store, &r));
    world_end(w);
}

/* Between the mark before COMMIT and the one after it nothing holds, nor is anything told. */
static void what_is_about_to_change_does_not_hold(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    StoreLink link = { .store = w->store };
    Reliance r = read_by(w, "SELECT 1 FROM apple", WHOLE), kept = r;
    tags_begin(&link);
    link.touched = r.on;
    tags_pend(&link);
    assert_false(store_holds(w->store, &r));
    assert_false(store_has_changed(w->store, &kept));
    Reliance meanwhile = read_by(w, "SELECT 1 FROM apple", WHOLE);
    assert_false(store_holds(w->store, &meanwhile));
    tags_settle(&link);
    assert_false(store_holds(w->store, &meanwhile)); /* it may have read the state before */
    assert_true(store_has_changed(w->store, &kept));
    assert_false(store_has_changed(w->store, &kept));
    Reliance after = read_by(w, "SELECT 1 FROM apple", WHOLE);
    assert_true(store_holds(w->store, &after));
    world_end(w);
}

static void more_tags_than_fit_are_everything(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    StoreLink link = { .store = w->store };
    Reliance r = read_by(w, "SELECT 1 FROM apple", WHOLE), many = r;
    for (i64 i = 0; i < 2 * TAGS_MAX; i++)
        tags_note_write(&link, &(TagSet){ .n = 1, .slots = { tag_of("many", i).slot } });
    tags_pend(&link);
    assert_false(store_holds(w->store, &r));
    tags_settle(&link);
    assert_false(store_holds(w->store, &r));
    many = read_by(w, "SELECT 1 FROM apple", WHOLE);
    assert_true(store_holds(w->store, &many));
    many.on.is_over = true; /* a page that relies on more than can be said is never kept */
    assert_false(store_holds(w->store, &many));
    assert_false(store_has_changed(w->store, &many));
    change(w, "DELETE FROM cherry_tree");
    assert_true(store_has_changed(w->store, &many));
    world_end(w);
}

static bool is_readable(int fd)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };
    return poll(&one, 1, 0) == 1;
}

static void who_watches_is_woken_once_until_it_looks_again(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    int fd = store_watch(w->store);
    assert_true(fd >= 0);
    assert_false(is_readable(fd));
    change(w, "DELETE FROM apple");
    change(w, "DELETE FROM plum");
    assert_true(is_readable(fd));
    store_watch_again(w->store);
    assert_false(is_readable(fd));
    change(w, "DELETE FROM plum");
    assert_true(is_readable(fd));
    world_end(w);
}

/* ------------------------------------------------------------------ by chance */

enum { TABLES = 3, TAGS = 5, PAGES = 6, STEPS = 3000 };
static const char *const READS[TABLES] = {
    "SELECT 1 FROM apple", "SELECT 1 FROM plum", "SELECT 1 FROM cherry_tree"
};
static const char *const WRITES[TABLES] = {
    "DELETE FROM apple", "DELETE FROM plum", "DELETE FROM cherry_tree"
};

typedef struct Page {
    Reliance on;
    int table; /* or, narrowly, */
    i64 tag;   /* -1: the table */
    bool is_true;
} Page;

static void read_page(World *w, Page *page)
{
    page->table = (int)(random() % TABLES);
    page->tag = random() % 2 ? random() % TAGS : -1;
    page->on = read_by(w, READS[page->table], page->tag < 0 ? WHOLE : tag_of("t", page->tag));
    page->is_true = true;
}

static void write_something(World *w, Page *pages)
{
    int table = (int)(random() % TABLES);
    i64 tag = random() % 2 ? random() % TAGS : -1;
    bool refuses = random() % 5 == 0;
    Change c = { .sql = WRITES[table], .refuses = refuses,
                 .touch = tag < 0 ? WHOLE : tag_of("t", tag) };
    if (store_write(&w->cx, make_change, &c))
        ctx_forgive(&w->cx);
    for (size_t i = 0; i < PAGES && !refuses; i++)
        if (pages[i].tag < 0 ? pages[i].table == table : pages[i].tag == tag)
            pages[i].is_true = false;
}

/* Against a plain account of who read what and what was written since. */
static void a_page_is_found_true_exactly_while_it_is(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    Page pages[PAGES];
    srandom(7);
    for (size_t i = 0; i < PAGES; i++)
        read_page(w, &pages[i]);
    for (int step = 0; step < STEPS; step++) {
        CtxMark mark = ctx_mark(&w->cx);
        if (random() % 3)
            write_something(w, pages);
        else
            read_page(w, &pages[random() % PAGES]);
        for (size_t i = 0; i < PAGES; i++)
            assert_int_equal(store_holds(w->store, &pages[i].on), pages[i].is_true);
        ctx_reset_to(&w->cx, mark);
    }
    world_end(w);
}

/* ------------------------------------------------------------------ at once */

enum { THREADS = 4, ROUNDS = 20000 };

typedef struct Common {
    Store *store;
    TagSet set;
    _Atomic u64 acknowledged; /* writes that were */
    u64 committed;            /* what a reader finds; under the lock, as a database would */
    pthread_mutex_t lock;
} Common;

static void *settle_again_and_again(void *arg)
{
    Common *c = arg;
    for (int i = 0; i < ROUNDS; i++) {
        StoreLink link = { .store = c->store, .touched = c->set };
        tags_pend(&link);
        pthread_mutex_lock(&c->lock);
        c->committed++;
        pthread_mutex_unlock(&c->lock);
        tags_settle(&link);
        c->acknowledged++;
    }
    return NULL;
}

/* As a kept page is made and asked for: what it says is never behind what was acknowledged when it
   was found to hold. */
static void *read_again_and_again(void *arg)
{
    Common *c = arg;
    size_t behind = 0;
    for (int i = 0; i < ROUNDS; i++) {
        Reliance r = { .seen = c->store->tags.last, .on = c->set };
        pthread_mutex_lock(&c->lock);
        u64 said = c->committed;
        pthread_mutex_unlock(&c->lock);
        for (int asked = 0; asked < 4; asked++) {
            u64 acknowledged = c->acknowledged;
            behind += store_holds(c->store, &r) && said < acknowledged;
        }
    }
    return (void *)behind;
}

static void beside_writes_no_page_is_behind_what_was_acknowledged(void **state)
{
    (void)state;
    World *w = world_of_fruit();
    Common c = { .store = w->store, .lock = PTHREAD_MUTEX_INITIALIZER };
    pthread_t writers[THREADS], readers[THREADS];
    c.set = read_by(w, "SELECT 1 FROM apple JOIN plum ON plum.apple = apple.id", WHOLE).on;
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, settle_again_and_again, &c), 0);
        assert_int_equal(pthread_create(&readers[i], NULL, read_again_and_again, &c), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *behind;
        pthread_join(writers[i], NULL);
        pthread_join(readers[i], &behind);
        assert_null(behind);
    }
    u64 most = 0;
    for (size_t i = 0; i < c.set.n; i++) {
        assert_int_equal(w->store->tags.slots[c.set.slots[i]].pending, 0);
        if (w->store->tags.slots[c.set.slots[i]].changed > most)
            most = w->store->tags.slots[c.set.slots[i]].changed;
    }
    assert_int_equal(most, w->store->tags.last);
    world_end(w);
}

/* Two that settle beside each other come to the slot in another order than they took their
   numbers: then what has the greater one must not be forgotten. */
static void a_mark_only_ever_grows(void **state)
{
    (void)state;
    TagSlot slot = { .changed = 0 };
    tags_mark(&slot, 6);
    assert_int_equal(slot.changed, 6);
    tags_mark(&slot, 5);
    assert_int_equal(slot.changed, 6);
    tags_mark(&slot, 7);
    assert_int_equal(slot.changed, 7);
}

TESTS("tags", cmocka_unit_test(a_statement_names_its_tables),
      cmocka_unit_test(before_the_schema_is_known_a_statement_relies_on_everything),
      cmocka_unit_test(every_table_of_the_program_is_known),
      cmocka_unit_test(a_page_holds_until_a_table_it_read_is_written),
      cmocka_unit_test(a_write_that_was_refused_changes_nothing),
      cmocka_unit_test(what_is_read_narrowly_holds_until_its_tag_is_touched),
      cmocka_unit_test(what_is_about_to_change_does_not_hold),
      cmocka_unit_test(more_tags_than_fit_are_everything),
      cmocka_unit_test(who_watches_is_woken_once_until_it_looks_again),
      cmocka_unit_test(a_mark_only_ever_grows),
      cmocka_unit_test(a_page_is_found_true_exactly_while_it_is),
      cmocka_unit_test(beside_writes_no_page_is_behind_what_was_acknowledged))
