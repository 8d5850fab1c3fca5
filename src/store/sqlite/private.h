/* private.h -- shared by the files of the SQLite engine. */
#ifndef SQLITE_PRIVATE_H
#define SQLITE_PRIVATE_H

#include "driver/driver.h"

#include <sqlite3.h>

typedef struct Writer Writer;

sqlite3 *sqlite_handle(const Conn *conn);
/* Puts the engine's own word for what went wrong on the Ctx. */
Err sqlite_fail(Ctx *cx, sqlite3 *db, int code);
Err sqlite_conn_open(Ctx *cx, Store *store, Conn **out);
void sqlite_conn_close(Conn *conn);
bool sqlite_exec(sqlite3 *db, const char *sql);
/* One value, which stays the caller's until the statement is reset. */
int sqlite_bind(sqlite3_stmt *stmt, int at, const Bind *b);

/* What begins and ends transactions, prepared once: parsing would cost as much as a small query. */
typedef enum Command {
    COMMAND_BEGIN,
    COMMAND_BEGIN_WRITE,
    COMMAND_COMMIT,
    COMMAND_ROLLBACK,
    COMMAND_SAVEPOINT,
    COMMAND_RELEASE,
    COMMAND_COUNT
} Command;
bool sqlite_command(Conn *conn, Command command);

MUST_USE Err writer_start(Ctx *cx, Store *store, Writer **out);
void writer_stop(Writer *w);
Err writer_write(Ctx *cx, WriteFn *fn, void *arg);

/* ------------------------------------------------------------------ load.c */

Err sqlite_load_open(Ctx *cx, Store *store, Load **out);
Err sqlite_load_table(Ctx *cx, Load *load, const SchemaTable *table);
Err sqlite_load_row(Ctx *cx, Load *load, const Bind *values);
Err sqlite_load_table_end(Ctx *cx, Load *load);
void sqlite_load_close(Load *load);

#endif
