/* postgres.c -- PostgreSQL behind the driver seam: connections, statements, values.
**
** A reading connection holds one repeatable-read transaction at a time; writes are in write.c.
** Values travel in binary: INT as int8, FLAG as bool, TEXT and BYTES as they are. TEXT columns
** have the collation "C", so that texts order by their bytes as they do in SQLite. */
#include "postgres/private.h"

#include "text/text.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_MAX = 64, NAME_BYTES = 24, AS_BINARY = 1 };
enum { TYPE_BOOL = 16, TYPE_BYTES = 17, TYPE_INT8 = 20, TYPE_INT4 = 23, TYPE_TEXT = 25 };

typedef struct Prepared {
    Pipe *pipe;
    char *sql;
    char name[NAME_BYTES];
    bool is_unsure; /* it was sent behind a command that failed: the server may not have it */
    size_t params_n;
    Oid types[PARAMS_MAX];
    const char *values[PARAMS_MAX]; /* of the run that is open; texts stay the caller's */
    int lengths[PARAMS_MAX];
    char numbers[PARAMS_MAX][8];
    PGresult *rows; /* NULL until the first step */
    int row;
} Prepared;

Pipe *pipe_of(const Conn *conn)
{
    return conn->handle;
}

/* ------------------------------------------------------------------ connections */

Err postgres_conn_open(Ctx *cx, Store *store, Conn **out)
{
    Pipe *pipe = NULL;
    Conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    Err err = pipe_open(cx, store->url, &pipe);
    if (err) {
        free(conn);
        return err;
    }
    conn->store = store;
    conn->handle = pipe;
    *out = conn;
    return OK;
}

void postgres_conn_close(Conn *conn)
{
    pipe_of(conn)->is_lost = true; /* statements go with the connection, not one by one */
    conn_drop_statements(conn);
    pipe_close(conn->handle);
    free(conn);
}

Err postgres_wake(Ctx *cx, Conn *conn)
{
    Pipe *p = pipe_of(conn);
    if (!pipe_is_gone(p))
        return OK;
    p->is_lost = true;
    conn_drop_statements(conn);
    return pipe_reopen(cx, p);
}

static Err read_begin(Ctx *cx, Conn *conn)
{
    TRY(postgres_wake(cx, conn));
    return pipe_tell(cx, pipe_of(conn), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                     OWED_NOTHING);
}

static void read_end(Conn *conn)
{
    pipe_part(pipe_of(conn));
}

/* ------------------------------------------------------------------ statements */

static Oid type_of(const Bind *b)
{
    switch (b->kind) {
    case BIND_INT: return TYPE_INT8;
    case BIND_TEXT: return TYPE_TEXT;
    case BIND_BYTES: return TYPE_BYTES;
    case BIND_FLAG: return TYPE_BOOL;
    case BIND_NULL: break;
    }
    return 0; /* the server tells */
}

static Err learn_types(Ctx *cx, Prepared *s)
{
    PGresult *r = NULL;
    if (!PQsendDescribePrepared(s->pipe->db, s->name))
        return pipe_sent(cx, s->pipe, false);
    TRY(pipe_sent(cx, s->pipe, true));
    TRY(pipe_settle(cx, s->pipe, &r));
    for (size_t i = 0; i < s->params_n; i++)
        s->types[i] = PQparamtype(r, (int)i);
    PQclear(r);
    return OK;
}

static Err send_prepare(Ctx *cx, Prepared *s)
{
    s->is_unsure = false;
    snprintf(s->name, sizeof s->name, "s%lld", (long long)++s->pipe->names);
    pipe_doubt(s->pipe, &s->is_unsure);
    return pipe_sent(cx, s->pipe,
                     PQsendPrepare(s->pipe->db, s->name, s->sql, (int)s->params_n, s->types));
}

/* A statement whose first value is NULL somewhere has that type from the server. */
static Err make(Ctx *cx, Prepared *s, const Bind *binds)
{
    bool is_open = false;
    for (size_t i = 0; i < s->params_n; i++) {
        s->types[i] = type_of(&binds[i]);
        is_open = is_open || s->types[i] == 0;
    }
    TRY(send_prepare(cx, s));
    return is_open ? learn_types(cx, s) : OK;
}

static void reset(void *prepared)
{
    Prepared *s = prepared;
    PQclear(s->rows);
    s->rows = NULL;
}

static void finalize(void *prepared)
{
    Prepared *s = prepared;
    char sql[NAME_BYTES + 16];
    reset(s);
    snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
    pipe_forget(s->pipe, &s->is_unsure);
    if (!s->pipe->is_lost && !s->is_unsure)
        pipe_tell_quietly(s->pipe, sql);
    free(s->sql);
    free(s);
}

static Err prepare(Ctx *cx, Conn *conn, Str sql, const Bind *binds, size_t n, void **out)
{
    if (n > PARAMS_MAX)
        return fail(cx, E_BUG, "store.parameters_amiss");
    Prepared *s = calloc(1, sizeof *s);
    if (!s || !(s->sql = strndup(sql.at, sql.n))) {
        free(s);
        return fail(cx, E_LIMIT, "core.memory_used_up");
    }
    s->pipe = pipe_of(conn);
    s->params_n = n;
    Err err = make(cx, s, binds);
    if (err) {
        fail_detail(cx, sql);
        finalize(s);
        return err;
    }
    *out = s;
    return OK;
}

static void put_number(Prepared *s, size_t i, i64 number)
{
    u64 wide = htobe64((u64)number);
    u32 narrow = htobe32((u32)(i32)number);
    char flag = number != 0;
    s->lengths[i] = s->types[i] == TYPE_BOOL ? 1 : s->types[i] == TYPE_INT4 ? 4 : 8;
    const void *from = s->lengths[i] == 1 ? (const void *)&flag
                     : s->lengths[i] == 4 ? (const void *)&narrow : (const void *)&wide;
    memcpy(s->numbers[i], from, (size_t)s->lengths[i]);
    s->values[i] = s->numbers[i];
}

static Err put_value(Ctx *cx, Prepared *s, size_t i, const Bind *b)
{
    s->values[i] = NULL;
    s->lengths[i] = 0;
    if (b->kind == BIND_NULL)
        return OK;
    if (b->kind == BIND_INT || b->kind == BIND_FLAG) {
        put_number(s, i, b->number);
        return OK;
    }
    if (b->kind == BIND_TEXT && !str_is_utf8(b->text))
        return fail(cx, E_INPUT, "store.text_not_utf8");
    s->values[i] = b->text.n ? b->text.at : "";
    s->lengths[i] = (int)b->text.n;
    return OK;
}

static Err bind(Ctx *cx, Conn *conn, void *prepared, const Bind *binds, size_t n)
{
    Prepared *s = prepared;
    (void)conn;
    if (n != s->params_n)
        return fail(cx, E_BUG, "store.parameters_amiss");
    if (s->is_unsure)
        TRY(send_prepare(cx, s));
    for (size_t i = 0; i < n; i++)
        TRY(put_value(cx, s, i, &binds[i]));
    return OK;
}

static Err send(Ctx *cx, Prepared *s)
{
    static const int BINARY[PARAMS_MAX] = { [0 ... PARAMS_MAX - 1] = AS_BINARY };
    return pipe_sent(cx, s->pipe,
                     PQsendQueryPrepared(s->pipe->db, s->name, (int)s->params_n, s->values,
                                         s->lengths, BINARY, AS_BINARY));
}

/* The first step fetches all rows: another statement may run between two of them. */
static Err step(Ctx *cx, Conn *conn, void *prepared, bool *out_row)
{
    Prepared *s = prepared;
    (void)conn;
    *out_row = false;
    if (!s->rows) {
        TRY(send(cx, s));
        TRY(pipe_settle(cx, s->pipe, &s->rows));
        s->row = -1;
    }
    *out_row = ++s->row < PQntuples(s->rows);
    return OK;
}

/* Nobody wants rows: sent, and its failure told by whatever is asked next, or by the commit. */
static Err run(Ctx *cx, Conn *conn, void *prepared)
{
    (void)conn;
    return send(cx, prepared);
}

/* ------------------------------------------------------------------ columns */

static i64 column_int(void *prepared, int column)
{
    const Prepared *s = prepared;
    const char *at = PQgetvalue(s->rows, s->row, column);
    u64 wide;
    u32 narrow;
    if (PQgetisnull(s->rows, s->row, column))
        return 0;
    switch (PQgetlength(s->rows, s->row, column)) {
    case 1: return at[0] != 0;
    case 4: memcpy(&narrow, at, sizeof narrow); return (i32)be32toh(narrow);
    case 8: memcpy(&wide, at, sizeof wide); return (i64)be64toh(wide);
    default: return 0;
    }
}

static Str column_text(void *prepared, int column)
{
    const Prepared *s = prepared;
    return (Str){ PQgetvalue(s->rows, s->row, column),
                  (size_t)PQgetlength(s->rows, s->row, column) };
}

static bool column_is_null(void *prepared, int column)
{
    const Prepared *s = prepared;
    return PQgetisnull(s->rows, s->row, column);
}

/* ------------------------------------------------------------------ the database */

/* The first value of the first row; empty when there is none. */
static Err ask(Ctx *cx, Pipe *p, const char *sql, Str *out)
{
    PGresult *r = NULL;
    TRY(pipe_tell(cx, p, sql, OWED_NOTHING));
    TRY(pipe_settle(cx, p, &r));
    *out = PQntuples(r) ? str_copy(&cx->arena, str_of(PQgetvalue(r, 0, 0))) : STR_EMPTY;
    PQclear(r);
    return ctx_err(cx);
}

/* Texts must sort by their bytes, and be UTF-8 (design 6). */
static Err check_collation(Ctx *cx, Pipe *p)
{
    Str found;
    TRY(ask(cx, p, "SELECT CASE WHEN datlocprovider = 'i' THEN 'ICU ' || daticulocale"
                   " ELSE datcollate || ', ' || pg_encoding_to_char(encoding) END FROM pg_database"
                   " WHERE datname = current_database() AND (datlocprovider = 'i' OR"
                   " datcollate NOT IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')"
                   " OR pg_encoding_to_char(encoding) <> 'UTF8')",
            &found));
    return found.n ? fail(cx, E_STORE, "store.wrong_collation", V("found", found)) : OK;
}

/* Where a write leaves its token, so that a commit whose answer was lost can be looked up. */
static const char MARKS[] =
    "CREATE TABLE IF NOT EXISTS write_mark (slot BIGINT PRIMARY KEY, token BIGINT NOT NULL,"
    " at TIMESTAMPTZ NOT NULL)";
static const char OLD_MARKS[] = "DELETE FROM write_mark WHERE at < now() - INTERVAL '7 days'";

/* An empty database, or one of ours. */
static Err claim(Ctx *cx, Store *store, Pipe *p)
{
    Str foreign, marks;
    TRY(ask(cx, p, "SELECT 1 FROM pg_tables WHERE schemaname = current_schema()"
                   " HAVING COUNT(*) > 0"
                   " AND NOT bool_or(tablename IN ('schema_step', 'write_mark'))",
            &foreign));
    if (foreign.n)
        return fail(cx, E_STORE, "store.not_ours", V("path", store_name(cx, store->url)));
    TRY(check_collation(cx, p));
    TRY(ask(cx, p, "SELECT to_regclass('write_mark')", &marks));
    return ask(cx, p, marks.n ? OLD_MARKS : MARKS, &marks);
}

/* A malformed address must not come into a message: what is wrong with it may be the password. */
static Err check_url(Ctx *cx, const Store *store)
{
    PQconninfoOption *options = PQconninfoParse(store->url.at, NULL);
    bool good = options != NULL;
    for (const PQconninfoOption *o = options; good && o->keyword; o++)
        if (strcmp(o->keyword, "port") == 0 && o->val)
            good = strspn(o->val, "0123456789,") == strlen(o->val);
    PQconninfoFree(options);
    return good ? OK
                : fail(cx, E_INPUT, "store.url_amiss", V("url", store_name(cx, store->url)));
}

static Err open_store(Ctx *cx, Store *store, bool must_exist)
{
    Pipe *p = NULL;
    (void)must_exist; /* a database is made by its server */
    TRY(check_url(cx, store));
    TRY(pipe_open(cx, store->url, &p));
    Err err = claim(cx, store, p);
    pipe_close(p);
    return err;
}

static void close_store(Store *store)
{
    (void)store;
}

static Err next_id(Ctx *cx, const char *table, i64 *out)
{
    Query q = QUERY(cx, "SELECT nextval(pg_get_serial_sequence($1, 'id'))", T(str_of(table)));
    return query_one_int(&q, out);
}

static Err execute(Ctx *cx, Str statement)
{
    Pipe *p = pipe_of(store_link(cx)->conn);
    TRY(pipe_tell(cx, p, str_c(&cx->arena, statement), OWED_NOTHING));
    return pipe_settle(cx, p, NULL);
}

static Err sizes(Ctx *cx, StoreSizes *out)
{
    Query q = QUERY(cx, "SELECT pg_database_size(current_database())");
    return query_one_int(&q, &out->database_bytes);
}

static Err backup(Ctx *cx, Str path)
{
    (void)path;
    return fail(cx, E_INPUT, "store.backup_by_server");
}

static Err check(Ctx *cx)
{
    Query q = QUERY(cx, "SELECT COUNT(*) FROM schema_step");
    i64 n;
    return query_one_int(&q, &n);
}

static Err limit_pages(Ctx *cx, i64 pages_max)
{
    (void)pages_max;
    return fail(cx, E_INPUT, "store.not_on_this_engine");
}

static const char *const SCHEMES[] = { "postgresql://", "postgres://", NULL };

const Driver POSTGRES_DRIVER = {
    .schemes = SCHEMES,
    .words = { .id = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", .integer = "BIGINT",
               .text = "TEXT COLLATE \"C\"", .bytes = "BYTEA", .flag = "BOOLEAN",
               .table_end = "", .keyed_end = "" },
    .store_open = open_store,
    .store_close = close_store,
    .conn_open = postgres_conn_open,
    .conn_close = postgres_conn_close,
    .read_begin = read_begin,
    .read_end = read_end,
    .prepare = prepare,
    .bind = bind,
    .step = step,
    .run = run,
    .column_int = column_int,
    .column_text = column_text,
    .column_is_null = column_is_null,
    .reset = reset,
    .finalize = finalize,
    .write = postgres_write,
    .next_id = next_id,
    .execute = execute,
    .sizes = sizes,
    .backup = backup,
    .check = check,
    .limit_pages = limit_pages,
    .listen_start = notices_start,
    .listen_stop = notices_stop,
    .find_table = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
    .load_open = postgres_load_open,
    .load_table = postgres_load_table,
    .load_row = postgres_load_row,
    .load_table_end = postgres_load_table_end,
    .load_close = postgres_load_close,
};
