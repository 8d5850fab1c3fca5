/* move.c -- carrying a district from one database into another (store/move). */
#include "program.h"

#include "move/move.h"

enum { MOVE_ARENA_BYTES = 256 << 20, LINE_ROWS_MIN = 10000 };

/* Only what takes its time is worth a line. */
static void tell(const char *what, const MovedTable *t)
{
    if (t->read.rows >= LINE_ROWS_MIN)
        say("%s %.*s: %lld rows\n", what, STR_ARGS(t->name), (long long)t->read.rows);
}

/* A row for each table: its name, how many rows, its hash in the target. */
static void print_tables(Ctx *cx, const Move *m)
{
    i64 rows = 0;
    for (size_t i = 0; i < m->tables_n; i++) {
        const MovedTable *t = &m->tables[i];
        Str hash = str_hex(&cx->arena, (Bytes){ t->filled.hash, SUM_BYTES });
        print(str_format(&cx->arena, "%-24.*s %12lld %.*s\n", STR_ARGS(t->name),
                         (long long)t->filled.rows, STR_ARGS(hash)));
        rows += t->filled.rows;
    }
    say("%lld rows of %zu tables are the same on both sides\n", (long long)rows, m->tables_n);
}

/* The keys open the sealed fields: a district without them is half a district. */
static Err find_keys(Ctx *cx, const Options *o, Str *out)
{
    Options source = *o;
    source.db = o->from;
    TRY(options_keys(cx, &source, out));
    return keys_use(cx, *out);
}

static Err need_district(Ctx *from, const Options *o)
{
    Str profile = STR_EMPTY;
    TRY(setting_get(from, S("profile"), &profile));
    return profile.n ? OK : fail(from, E_CONFLICT, "program.not_made",
                                 V("path", store_name(from, o->from)));
}

static Err run(Ctx *cx, Ctx *to, const Options *o, Move *m)
{
    Store *from_store, *to_store;
    TRY(store_open(cx, o->from, (StoreOptions){ .must_exist = true }, &from_store));
    TRY(store_attach(cx, from_store));
    TRY(move_check_source(cx, m));
    TRY(need_district(cx, o));
    TRY(store_open(to, o->to, (StoreOptions){ 0 }, &to_store));
    Err err = store_attach(to, to_store);
    if (!err)
        err = move_district(cx, to, m);
    store_detach(to);
    store_close(to_store);
    return err;
}

Err command_move(Ctx *cx, const Options *o)
{
    Str keys;
    Move m = { .restart = o->restart, .tell = tell, .from = store_name(cx, o->from) };
    if (o->from.n == 0 || o->to.n == 0)
        return fail(cx, E_INPUT, "program.word_missing", V("what", S("--from URL --to URL")));
    TRY(program_schema(cx, &m.files, &m.files_n));
    TRY(find_keys(cx, o, &keys));
    say("moving; no server of %.*s may run meanwhile\n", STR_ARGS(m.from));
    log_set_level(LOG_ALARM);
    Ctx to = ctx_new(cx->house, MOVE_ARENA_BYTES);
    ctx_begin(&to, cx->now);
    to.lang = cx->lang;
    Err err = run(cx, &to, o, &m);
    fail_like(cx, &to);
    ctx_free(&to);
    TRY(err);
    print_tables(cx, &m);
    say("the keys stay in %.*s: name them with --keys, or put a copy beside the new database\n",
        STR_ARGS(keys));
    return OK;
}
