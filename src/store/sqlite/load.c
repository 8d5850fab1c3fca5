/* load.c -- filling whole tables of a file that nobody else uses yet.
**
** Rows go in through one prepared insert, many to a commit. A commit here is not synced: until
** the whole is finished nothing of it counts, and what finishes it (an ordinary write) syncs the
** log with everything before it. */
#include "sqlite/private.h"

#include "text/text.h"

#include <stdlib.h>

enum { ROWS_OF_A_COMMIT = 100000, SQL_BYTES_MAX = 8192 };

struct Load {
    Conn *conn;
    const SchemaTable *table;
    sqlite3_stmt *insert;
    i64 rows; /* since the last commit */
};

static Err run(Ctx *cx, const Load *l, const char *sql)
{
    sqlite3 *db = sqlite_handle(l->conn);
    return sqlite_exec(db, sql) ? OK : sqlite_fail(cx, db, sqlite3_errcode(db));
}

Err sqlite_load_open(Ctx *cx, Store *store, Load **out)
{
    Load *l = calloc(1, sizeof *l);
    if (!l)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    Err err = sqlite_conn_open(cx, store, &l->conn);
    if (err) {
        free(l);
        return err;
    }
    *out = l;
    return run(cx, l, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;"
                      "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384");
}

/* INSERT INTO name VALUES (?, ?) with the columns named, since their order may differ. */
static Err prepare(Ctx *cx, Load *l)
{
    Buf sql = buf_new(&cx->arena, SQL_BYTES_MAX);
    buf_add_format(&sql, "INSERT INTO %.*s (", STR_ARGS(l->table->name));
    for (size_t i = 0; i < l->table->columns_n; i++)
        buf_add_format(&sql, i ? ", %.*s" : "%.*s", STR_ARGS(l->table->columns[i].name));
    buf_add(&sql, S(") VALUES ("));
    for (size_t i = 0; i < l->table->columns_n; i++)
        buf_add(&sql, i ? S(", ?") : S("?"));
    buf_add(&sql, S(")"));
    TRY(ctx_err(cx));
    sqlite3 *db = sqlite_handle(l->conn);
    int code = sqlite3_prepare_v3(db, sql.at, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &l->insert,
                                  NULL);
    return code == SQLITE_OK ? OK : sqlite_fail(cx, db, code);
}

Err sqlite_load_table(Ctx *cx, Load *l, const SchemaTable *table)
{
    l->table = table;
    l->rows = 0;
    TRY(run(cx, l, "BEGIN IMMEDIATE"));
    TRY(run(cx, l, str_c(&cx->arena, str_join(&cx->arena, S("DELETE FROM "), table->name))));
    return prepare(cx, l);
}

Err sqlite_load_row(Ctx *cx, Load *l, const Bind *values)
{
    for (size_t i = 0; i < l->table->columns_n; i++) {
        if (values[i].kind == BIND_TEXT && !str_is_utf8(values[i].text))
            return fail(cx, E_INPUT, "store.text_not_utf8");
        int code = sqlite_bind(l->insert, (int)i + 1, &values[i]);
        if (code != SQLITE_OK)
            return sqlite_fail(cx, sqlite_handle(l->conn), code);
    }
    int code = sqlite3_step(l->insert);
    sqlite3_reset(l->insert);
    if (code != SQLITE_DONE)
        return sqlite_fail(cx, sqlite_handle(l->conn), code);
    if (++l->rows % ROWS_OF_A_COMMIT)
        return OK;
    return run(cx, l, "COMMIT; BEGIN IMMEDIATE");
}

Err sqlite_load_table_end(Ctx *cx, Load *l)
{
    sqlite3_finalize(l->insert);
    l->insert = NULL;
    return run(cx, l, "COMMIT");
}

void sqlite_load_close(Load *l)
{
    sqlite3_finalize(l->insert);
    sqlite_conn_close(l->conn); /* what is open is rolled back */
    free(l);
}
