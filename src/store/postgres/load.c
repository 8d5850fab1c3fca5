/* load.c -- filling whole tables with COPY, each table one transaction.
**
** Rows travel in COPY's binary form: the number of columns, then for each its length and its
** bytes in network order. The table is emptied in the same transaction, so the server may write
** the rows as already frozen. */
#include "postgres/private.h"

#include "text/text.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { SEND_BYTES = 64 * 1024, SQL_BYTES_MAX = 8192 };

static const char HEAD[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and its last NUL */
static const char END[] = { '\377', '\377' };

struct Load {
    Pipe *pipe; /* not in pipeline mode: COPY cannot be */
    const SchemaTable *table;
    char out[SEND_BYTES];
    size_t out_n;
};

static Err run(Ctx *cx, const Load *l, Str sql)
{
    PGresult *r = PQexec(l->pipe->db, str_c(&cx->arena, sql));
    ExecStatusType status = PQresultStatus(r);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
    Err err = good ? OK : pipe_fail(cx, l->pipe, r);
    PQclear(r);
    return err;
}

Err postgres_load_open(Ctx *cx, Store *store, Load **out)
{
    Load *l = calloc(1, sizeof *l);
    if (!l)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    Err err = pipe_open(cx, store->url, &l->pipe);
    if (err) {
        free(l);
        return err;
    }
    *out = l;
    return PQexitPipelineMode(l->pipe->db) ? OK : pipe_fail(cx, l->pipe, NULL);
}

/* ------------------------------------------------------------------ bytes on their way */

static Err flush(Ctx *cx, Load *l)
{
    bool sent = l->out_n == 0 || PQputCopyData(l->pipe->db, l->out, (int)l->out_n) == 1;
    l->out_n = 0;
    return sent ? OK : pipe_fail(cx, l->pipe, NULL);
}

static Err put(Ctx *cx, Load *l, const void *at, size_t n)
{
    for (size_t room; n; n -= room, at = (const char *)at + room) {
        if (l->out_n == SEND_BYTES)
            TRY(flush(cx, l));
        room = SEND_BYTES - l->out_n < n ? SEND_BYTES - l->out_n : n;
        memcpy(l->out + l->out_n, at, room);
        l->out_n += room;
    }
    return OK;
}

static Err put_length(Ctx *cx, Load *l, size_t n)
{
    u32 length = htobe32((u32)n);
    return put(cx, l, &length, sizeof length);
}

static Err put_value(Ctx *cx, Load *l, ColumnKind kind, const Bind *b)
{
    u64 number = htobe64((u64)b->number);
    char flag = b->number != 0;
    if (b->kind == BIND_NULL)
        return put_length(cx, l, (size_t)-1);
    if (kind == COLUMN_TEXT && !str_is_utf8(b->text))
        return fail(cx, E_INPUT, "store.text_not_utf8");
    if (kind == COLUMN_TEXT || kind == COLUMN_BYTES) {
        TRY(put_length(cx, l, b->text.n));
        return put(cx, l, b->text.at, b->text.n);
    }
    size_t n = kind == COLUMN_FLAG ? 1 : 8;
    TRY(put_length(cx, l, n));
    return kind == COLUMN_FLAG ? put(cx, l, &flag, n) : put(cx, l, &number, n);
}

/* ------------------------------------------------------------------ a table */

Err postgres_load_table(Ctx *cx, Load *l, const SchemaTable *table)
{
    Buf sql = buf_new(&cx->arena, SQL_BYTES_MAX);
    l->table = table;
    l->out_n = 0;
    buf_add_format(&sql, "COPY %.*s (", STR_ARGS(table->name));
    for (size_t i = 0; i < table->columns_n; i++)
        buf_add_format(&sql, i ? ", %.*s" : "%.*s", STR_ARGS(table->columns[i].name));
    buf_add(&sql, S(") FROM STDIN (FORMAT binary, FREEZE)"));
    TRY(run(cx, l, S("BEGIN")));
    TRY(run(cx, l, str_join(&cx->arena, S("TRUNCATE "), table->name)));
    TRY(run(cx, l, buf_str(&sql)));
    return put(cx, l, HEAD, sizeof HEAD);
}

Err postgres_load_row(Ctx *cx, Load *l, const Bind *values)
{
    uint16_t n = htobe16((uint16_t)l->table->columns_n);
    TRY(put(cx, l, &n, sizeof n));
    for (size_t i = 0; i < l->table->columns_n; i++)
        TRY(put_value(cx, l, l->table->columns[i].kind, &values[i]));
    return OK;
}

/* The next id is one above the largest. */
static Err set_sequence(Ctx *cx, Load *l, Str id)
{
    Str table = l->table->name;
    return run(cx, l,
               str_format(&cx->arena,
                          "SELECT setval(pg_get_serial_sequence('%.*s', '%.*s'),"
                          " COALESCE(MAX(%.*s), 1), MAX(%.*s) IS NOT NULL) FROM %.*s",
                          STR_ARGS(table), STR_ARGS(id), STR_ARGS(id), STR_ARGS(id),
                          STR_ARGS(table)));
}

static Err end_copy(Ctx *cx, Load *l)
{
    Err err = OK;
    TRY(put(cx, l, END, sizeof END));
    TRY(flush(cx, l));
    if (PQputCopyEnd(l->pipe->db, NULL) != 1)
        return pipe_fail(cx, l->pipe, NULL);
    for (PGresult *r; (r = PQgetResult(l->pipe->db)); PQclear(r))
        if (PQresultStatus(r) != PGRES_COMMAND_OK && !err)
            err = pipe_fail(cx, l->pipe, r);
    return err;
}

Err postgres_load_table_end(Ctx *cx, Load *l)
{
    TRY(end_copy(cx, l));
    for (size_t i = 0; i < l->table->columns_n; i++)
        if (l->table->columns[i].kind == COLUMN_ID)
            TRY(set_sequence(cx, l, l->table->columns[i].name));
    TRY(run(cx, l, S("COMMIT")));
    return run(cx, l, str_join(&cx->arena, S("ANALYZE "), l->table->name));
}

void postgres_load_close(Load *l)
{
    pipe_close(l->pipe);
    free(l);
}
