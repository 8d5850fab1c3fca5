/* fill.c -- makes one small district large: every matter of a demonstration district, many times.
**
**     usage: linli-fill DB COPIES
**
** The district that stands there is taken as it is, and COPIES - 1 copies of all its matters are
** laid beside it: events, clocks, desks, notices and sealed values with them. A copy has an id and
** a number of its own, so its values are sealed anew, its commitments are computed anew, and the
** canonical form of its events says so: "linli verify" accepts the result. Made with the rows and
** not with the engine, because a million matters through the engine take half an hour.
**
** It is for benches: nothing is synced, and a district half filled is thrown away. */
#include "ident/ident.h"
#include "vault/vault.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERIALS_PER_DAY = 1000000, STATEMENT_BYTES = 8192, INDEXES_MAX = 64 };
#define MATTER_KIND "matter"

/* What a column of a copy says, where it does not say the same: %S is what is added to the ids of
** matters, %I what is added to the table's own. */
typedef struct Change {
    const char *column, *expression;
} Change;

typedef struct Table {
    const char *name, *where;
    Change changes[4];
} Table;

static const Table TABLES[] = {
    { "matter", "1",
      { { "id", "id + %S" }, { "number", "renumber(number, id + %S)" },
        { "parent", "parent + %S" } } },
    { "event", "1",
      { { "id", "id + %I" }, { "matter", "matter + %S" },
        { "canon", "recanon(canon, matter, n, matter + %S)" } } },
    { "sealed", "kind = 'matter'",
      { { "owner", "owner + %S" }, { "blob", "reseal(blob, owner, n, field, owner + %S)" } } },
    { "waiting", "1", { { "matter", "matter + %S" } } },
    { "clock", "1", { { "matter", "matter + %S" } } },
    { "clock_pause", "1", { { "matter", "matter + %S" } } },
    { "clock_change", "1", { { "id", "id + %I" }, { "matter", "matter + %S" } } },
    { "timer", "1", { { "matter", "matter + %S" } } },
    { "notice", "1", { { "id", "id + %I" }, { "matter", "matter + %S" } } },
    { "double_keying", "1", { { "id", "id + %I" } } },
};

static Ctx work; /* for the vault: begun anew with each copy of each table */

static void stop(const char *what, const char *why)
{
    fprintf(stderr, "linli-fill: %s: %s\n", what, why);
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        stop(sql, sqlite3_errmsg(db));
}

static long long ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
        stop(sql, sqlite3_errmsg(db));
    long long n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

/* ------------------------------------------------------------------ what a copy says */

static Str text_at(sqlite3_value *v)
{
    return (Str){ (const char *)sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v) };
}

static void give(sqlite3_context *to, Str text)
{
    sqlite3_result_text(to, text.at, (int)text.n, SQLITE_TRANSIENT);
}

static bool is_amiss(sqlite3_context *to)
{
    if (ctx_err(&work))
        sqlite3_result_error(to, work.failure.key ? work.failure.key : "failed", -1);
    return ctx_err(&work) != OK;
}

/* Prefix and day stay, serial and check digit are the copy's. */
static Str numbered(Str number, long long id)
{
    Str prefix, day;
    str_cut(&number, '-', &prefix);
    str_cut(&number, '-', &day);
    Str digits = str_format(&work.arena, "%.*s%.*s%06lld", STR_ARGS(prefix), STR_ARGS(day),
                            id % SERIALS_PER_DAY);
    return str_format(&work.arena, "%.*s-%.*s-%06lld-%c", STR_ARGS(prefix), STR_ARGS(day),
                      id % SERIALS_PER_DAY, digits_check(digits));
}

/* renumber(number, id) */
static void renumber(sqlite3_context *to, int n, sqlite3_value **v)
{
    (void)n;
    CtxMark mark = ctx_mark(&work);
    give(to, numbered(text_at(v[0]), sqlite3_value_int64(v[1])));
    ctx_reset_to(&work, mark);
}

static Str context_of(long long owner, long long n, Str field)
{
    return str_format(&work.arena, MATTER_KIND "/%lld/%lld/%.*s", owner, n, STR_ARGS(field));
}

/* reseal(blob, owner, n, field, new owner) */
static void reseal(sqlite3_context *to, int argc, sqlite3_value **v)
{
    (void)argc;
    CtxMark mark = ctx_mark(&work);
    Bytes blob = { sqlite3_value_blob(v[0]), (size_t)sqlite3_value_bytes(v[0]) }, sealed = { 0 };
    long long n = sqlite3_value_int64(v[2]);
    Str field = text_at(v[3]), salted = STR_EMPTY;
    if (!vault_open(&work, context_of(sqlite3_value_int64(v[1]), n, field), blob, &salted)
        && !vault_seal(&work, context_of(sqlite3_value_int64(v[4]), n, field), salted, &sealed))
        sqlite3_result_blob(to, sealed.at, (int)sealed.n, SQLITE_TRANSIENT);
    if (!is_amiss(to))
        ctx_reset_to(&work, mark);
}

static Str commitment_of(Str context, Str salted)
{
    Str joined = str_format(&work.arena, "%zu:%.*s:", context.n, STR_ARGS(context));
    return str_hex(&work.arena, vault_hash(&work, str_join(&work.arena, joined, salted)));
}

/* Writes over old in canon, which is as long. */
static void put_over(char *canon, Str old, Str new)
{
    char *at = strstr(canon, str_c(&work.arena, old));
    if (at && old.n == new.n)
        memcpy(at, new.at, new.n);
}

static sqlite3_stmt *sealed_of(sqlite3_context *to, long long owner, long long n)
{
    static sqlite3_stmt *s;
    if (!s && sqlite3_prepare_v2(sqlite3_context_db_handle(to),
                                 "SELECT field, blob FROM sealed WHERE kind = 'matter'"
                                 " AND owner = ?1 AND n = ?2", -1, &s, NULL) != SQLITE_OK)
        stop("sealed", sqlite3_errmsg(sqlite3_context_db_handle(to)));
    sqlite3_reset(s);
    sqlite3_bind_int64(s, 1, owner);
    sqlite3_bind_int64(s, 2, n);
    return s;
}

/* The first "matter" of the canonical form is the event's own: its keys are sorted. */
static void renumber_in(char *canon, long long id)
{
    static const char KEY[] = "\"matter\":\"";
    char *at = strstr(canon, KEY);
    if (!at)
        stop("canon", "no matter in it");
    at += sizeof KEY - 1;
    Str was = { at, strcspn(at, "\"") }, is = numbered(was, id);
    if (was.n != is.n)
        stop("canon", "a number of another length");
    memcpy(at, is.at, is.n);
}

/* recanon(canon, matter, n, new matter): the number and the commitments of the copy. */
static void recanon(sqlite3_context *to, int argc, sqlite3_value **v)
{
    (void)argc;
    CtxMark mark = ctx_mark(&work);
    char *canon = (char *)str_c(&work.arena, str_copy(&work.arena, text_at(v[0])));
    long long owner = sqlite3_value_int64(v[1]), n = sqlite3_value_int64(v[2]),
              copy = sqlite3_value_int64(v[3]);
    renumber_in(canon, copy);
    sqlite3_stmt *s = sealed_of(to, owner, n);
    while (sqlite3_step(s) == SQLITE_ROW) {
        Str field = { (const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0) };
        Bytes blob = { sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1) };
        Str was = context_of(owner, n, field), is = context_of(copy, n, field), salted;
        if (vault_open(&work, was, blob, &salted))
            break;
        put_over(canon, commitment_of(was, salted), commitment_of(is, salted));
    }
    sqlite3_reset(s);
    if (is_amiss(to))
        return;
    give(to, str_of(canon));
    ctx_reset_to(&work, mark);
}


/* ------------------------------------------------------------------ tables */

static const char *changed(const Table *t, const char *column)
{
    for (size_t i = 0; i < 4 && t->changes[i].column; i++)
        if (strcmp(t->changes[i].column, column) == 0)
            return t->changes[i].expression;
    return column;
}

/* The expression with %S and %I told. */
static void put_expression(FILE *out, const char *expression, long long matters, long long ids)
{
    for (; *expression; expression++) {
        if (expression[0] == '%' && (expression[1] == 'S' || expression[1] == 'I'))
            fprintf(out, "%lld", *++expression == 'S' ? matters : ids);
        else
            fputc(*expression, out);
    }
}

/* INSERT INTO t SELECT every column, changed where the table says so, FROM what it was. */
static void copy_table(sqlite3 *db, const Table *t, long long matters, long long ids)
{
    char sql[STATEMENT_BYTES] = "", columns[256];
    FILE *out = fmemopen(sql, sizeof sql, "w");
    sqlite3_stmt *s;
    snprintf(columns, sizeof columns, "SELECT name FROM pragma_table_info('%s')", t->name);
    if (!out || sqlite3_prepare_v2(db, columns, -1, &s, NULL) != SQLITE_OK)
        stop(t->name, sqlite3_errmsg(db));
    fprintf(out, "INSERT INTO main.%s SELECT ", t->name);
    for (int n = 0; sqlite3_step(s) == SQLITE_ROW; n++) {
        fputs(n ? ", " : "", out);
        put_expression(out, changed(t, (const char *)sqlite3_column_text(s, 0)), matters, ids);
    }
    fprintf(out, " FROM temp.was_%s", t->name);
    sqlite3_finalize(s);
    fclose(out);
    ctx_begin(&work, (Instant){ 0 });
    run(db, sql);
    ctx_end(&work);
}

/* What stands there now, kept aside: a statement that reads what it writes would copy it itself. */
static long long keep_aside(sqlite3 *db, const Table *t)
{
    char sql[STATEMENT_BYTES];
    snprintf(sql, sizeof sql, "CREATE TEMP TABLE was_%s AS SELECT * FROM main.%s WHERE %s", t->name,
             t->name, t->where);
    run(db, sql);
    bool has_id = strcmp(changed(t, "id"), "id") != 0;
    snprintf(sql, sizeof sql, "SELECT COALESCE(MAX(id), 0) FROM main.%s", t->name);
    return has_id ? ask(db, sql) : 0;
}

/* ------------------------------------------------------------------ the whole */

static char *indexes[INDEXES_MAX];
static size_t indexes_n;

/* Indexes are made anew at the end, which is much faster than keeping them on the way. */
static void drop_indexes(sqlite3 *db)
{
    sqlite3_stmt *s;
    char sql[STATEMENT_BYTES] = "";
    if (sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
                               " AND sql IS NOT NULL", -1, &s, NULL) != SQLITE_OK)
        stop("indexes", sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW && indexes_n < INDEXES_MAX) {
        size_t n = strlen(sql);
        snprintf(sql + n, sizeof sql - n, "DROP INDEX %s;", sqlite3_column_text(s, 0));
        indexes[indexes_n++] = strdup((const char *)sqlite3_column_text(s, 1));
    }
    sqlite3_finalize(s);
    run(db, sql);
}

static void make_indexes(sqlite3 *db)
{
    for (size_t i = 0; i < indexes_n; i++) {
        run(db, indexes[i]);
        free(indexes[i]);
    }
}

static void multiply(sqlite3 *db, long long copies)
{
    long long matters = ask(db, "SELECT MAX(id) FROM matter");
    for (size_t t = 0; t < COUNT(TABLES); t++) {
        long long ids = keep_aside(db, &TABLES[t]);
        for (long long copy = 1; copy < copies; copy++)
            copy_table(db, &TABLES[t], copy * matters, copy * ids);
        fprintf(stderr, "linli-fill: %s\n", TABLES[t].name);
    }
    run(db, "DELETE FROM tally_delta; DELETE FROM tally;"
            "INSERT INTO tally (flow, state, n)"
            " SELECT flow, state, COUNT(*) FROM main.matter GROUP BY 1, 2");
}

static sqlite3 *open_district(const char *path)
{
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        stop(path, sqlite3_errmsg(db));
    run(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "PRAGMA cache_size = -1048576; PRAGMA temp_store = MEMORY; PRAGMA threads = 2");
    sqlite3_create_function(db, "renumber", 2, SQLITE_UTF8, NULL, renumber, NULL, NULL);
    sqlite3_create_function(db, "reseal", 5, SQLITE_UTF8, NULL, reseal, NULL, NULL);
    sqlite3_create_function(db, "recanon", 4, SQLITE_UTF8, NULL, recanon, NULL, NULL);
    return db;
}

int main(int argc, char **argv)
{
    char keys[4096];
    long long copies = argc == 3 ? atoll(argv[2]) : 0;
    if (copies < 1)
        stop("usage", "linli-fill DB COPIES");
    House *house = house_new();
    work = ctx_new(house, (size_t)64 << 20);
    ctx_begin(&work, (Instant){ 0 });
    snprintf(keys, sizeof keys, "%s.keys", argv[1]);
    if (keys_use(&work, str_of(keys)))
        stop(keys, work.failure.key);
    ctx_end(&work);
    sqlite3 *db = open_district(argv[1]);
    run(db, "BEGIN");
    drop_indexes(db);
    multiply(db, copies);
    make_indexes(db);
    run(db, "COMMIT; PRAGMA journal_mode = WAL");
    sqlite3_close(db);
    ctx_free(&work);
    house_end(house);
    return 0;
}
