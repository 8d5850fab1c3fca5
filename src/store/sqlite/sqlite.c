/* sqlite.c -- SQLite behind the driver seam: connections, statements, backup.
**
** Each reading connection holds one read transaction at a time; there is one writing connection,
** owned by the writer's thread (writer.c). WAL with synchronous=FULL: a commit that was answered
** is on the disk. */
#include "sqlite/private.h"

#include "files/files.h"
#include "text/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { BUSY_WAIT_MS = 10000, PAGE_BYTES_MIN = 512, APPLICATION_ID = 0x4C696E6C /* "Linl" */ };

sqlite3 *sqlite_handle(const Conn *conn)
{
    return conn->handle;
}

bool sqlite_exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static const char *const COMMANDS[COMMAND_COUNT] = {
    [COMMAND_BEGIN] = "BEGIN",         [COMMAND_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMAND_COMMIT] = "COMMIT",       [COMMAND_ROLLBACK] = "ROLLBACK",
    [COMMAND_SAVEPOINT] = "SAVEPOINT member", [COMMAND_RELEASE] = "RELEASE member",
};

bool sqlite_command(Conn *conn, Command command)
{
    sqlite3_stmt *stmt = conn->commands[command];
    if (!stmt
        && sqlite3_prepare_v3(sqlite_handle(conn), COMMANDS[command], -1,
                              SQLITE_PREPARE_PERSISTENT, &stmt, NULL)
               != SQLITE_OK)
        return false;
    conn->commands[command] = stmt;
    bool done = sqlite3_step(stmt) == SQLITE_DONE;
    return sqlite3_reset(stmt) == SQLITE_OK && done;
}

static void drop_commands(Conn *conn)
{
    for (size_t i = 0; i < COUNT(conn->commands); i++)
        sqlite3_finalize(conn->commands[i]);
}

/* ------------------------------------------------------------------ what went wrong */

static const struct { int code; Err err; const char *key; } FAULTS[] = {
    { SQLITE_FULL,     E_STORE, N_("store.disk_full") },
    { SQLITE_NOTADB,   E_STORE, N_("store.not_a_database") },
    { SQLITE_CORRUPT,  E_STORE, N_("store.damaged") },
    { SQLITE_READONLY, E_STORE, N_("store.read_only") },
    { SQLITE_CANTOPEN, E_STORE, N_("store.cannot_open") },
    { SQLITE_BUSY,     E_BUSY,  N_("store.busy") },
    { SQLITE_LOCKED,   E_BUSY,  N_("store.busy") },
    { SQLITE_NOMEM,    E_LIMIT, N_("core.memory_used_up") },
};

Err sqlite_fail(Ctx *cx, sqlite3 *db, int code)
{
    Err err = E_STORE;
    const char *key = N_("store.failed");
    for (size_t i = 0; i < COUNT(FAULTS); i++) {
        if (FAULTS[i].code == (code & 0xFF)) {
            err = FAULTS[i].err;
            key = FAULTS[i].key;
        }
    }
    fail(cx, err, key);
    if (db)
        fail_detail(cx, str_of(sqlite3_errmsg(db)));
    return err;
}

/* ------------------------------------------------------------------ connections */

/* Counting its memory would take a lock at every allocation. */
static void set_up_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool set_up(sqlite3 *db)
{
    sqlite3_busy_timeout(db, BUSY_WAIT_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return sqlite_exec(
        db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
            "PRAGMA secure_delete = ON; PRAGMA mmap_size = 0;"
            "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -2048");
}

Err sqlite_conn_open(Ctx *cx, Store *store, Conn **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sqlite3 *db = NULL;
    pthread_once(&once, set_up_library);
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(store->path.at, &db, flags, NULL);
    Conn *conn = code == SQLITE_OK ? calloc(1, sizeof *conn) : NULL;
    if (!conn || !set_up(db)) {
        Err err = sqlite_fail(cx, db, code == SQLITE_OK ? sqlite3_errcode(db) : code);
        sqlite3_close(db);
        free(conn);
        return err;
    }
    conn->store = store;
    conn->handle = db;
    *out = conn;
    return OK;
}

void sqlite_conn_close(Conn *conn)
{
    conn_drop_statements(conn);
    drop_commands(conn);
    sqlite3_close(sqlite_handle(conn));
    free(conn);
}

static Err read_begin(Ctx *cx, Conn *conn)
{
    sqlite3 *db = sqlite_handle(conn);
    return sqlite_command(conn, COMMAND_BEGIN) ? OK : sqlite_fail(cx, db, sqlite3_errcode(db));
}

static void read_end(Conn *conn)
{
    sqlite_command(conn, COMMAND_ROLLBACK);
}

/* ------------------------------------------------------------------ statements */

static bool is_numbered(const char *name)
{
    return name && name[0] == '$' && name[1] && str_is_digits(str_of(name + 1));
}

/* Every parameter is $1…$n with n bound values, each used: anything else is our own mistake. */
static bool parameters_match(sqlite3_stmt *stmt, size_t n)
{
    size_t count = (size_t)sqlite3_bind_parameter_count(stmt);
    for (size_t i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt, (int)i);
        i64 number;
        if (!is_numbered(name) || !str_to_int(str_of(name + 1), &number) || number < 1
            || number > (i64)n)
            return false;
    }
    return count == n;
}

static Err prepare(Ctx *cx, Conn *conn, Str sql, const Bind *binds, size_t n, void **out)
{
    (void)binds;
    sqlite3 *db = sqlite_handle(conn);
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v3(db, sql.at, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (code != SQLITE_OK || !stmt) {
        sqlite_fail(cx, db, code);
        fail_detail(cx, sql);
        return E_STORE;
    }
    if (!parameters_match(stmt, n)) {
        sqlite3_finalize(stmt);
        fail(cx, E_BUG, "store.parameters_amiss");
        fail_detail(cx, sql);
        return E_BUG;
    }
    *out = stmt;
    return OK;
}

int sqlite_bind(sqlite3_stmt *stmt, int at, const Bind *b)
{
    switch (b->kind) {
    case BIND_NULL: return sqlite3_bind_null(stmt, at);
    case BIND_TEXT: return sqlite3_bind_text(stmt, at, b->text.at ? b->text.at : "", (int)b->text.n,
                                             SQLITE_STATIC);
    case BIND_BYTES:
        return sqlite3_bind_blob(stmt, at, b->text.at ? b->text.at : "", (int)b->text.n,
                                 SQLITE_STATIC);
    case BIND_INT:
    case BIND_FLAG: break;
    }
    return sqlite3_bind_int64(stmt, at, b->number);
}

/* SQLite numbers $N by first appearance, so each value goes to where its name stands. */
static Err bind(Ctx *cx, Conn *conn, void *prepared, const Bind *binds, size_t n)
{
    sqlite3_stmt *stmt = prepared;
    for (int at = 1; at <= (int)n; at++) {
        i64 number = 0;
        if (!str_to_int(str_of(sqlite3_bind_parameter_name(stmt, at) + 1), &number))
            return fail(cx, E_BUG, "store.parameters_amiss");
        const Bind *b = &binds[number - 1];
        if (b->kind == BIND_TEXT && !str_is_utf8(b->text))
            return fail(cx, E_INPUT, "store.text_not_utf8");
        int code = sqlite_bind(stmt, at, b);
        if (code != SQLITE_OK)
            return sqlite_fail(cx, sqlite_handle(conn), code);
    }
    return OK;
}

static Err step(Ctx *cx, Conn *conn, void *prepared, bool *out_row)
{
    int code = sqlite3_step(prepared);
    *out_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? OK
                                                     : sqlite_fail(cx, sqlite_handle(conn), code);
}

static Err run(Ctx *cx, Conn *conn, void *prepared)
{
    bool more = true;
    while (more) /* RETURNING is stepped to its end */
        TRY(step(cx, conn, prepared, &more));
    return OK;
}

static i64 column_int(void *prepared, int column)
{
    return sqlite3_column_int64(prepared, column);
}

static Str column_text(void *prepared, int column)
{
    const void *at = sqlite3_column_blob(prepared, column);
    return at ? (Str){ at, (size_t)sqlite3_column_bytes(prepared, column) } : STR_EMPTY;
}

static bool column_is_null(void *prepared, int column)
{
    return sqlite3_column_type(prepared, column) == SQLITE_NULL;
}

static void reset(void *prepared)
{
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
}

static void finalize(void *prepared)
{
    sqlite3_finalize(prepared);
}

/* ------------------------------------------------------------------ the file */

static Err read_mark(Ctx *cx, sqlite3 *db, int *out_id, int *out_tables)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(db,
                                  "SELECT (SELECT application_id FROM pragma_application_id),"
                                  " (SELECT COUNT(*) FROM sqlite_schema)",
                                  -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    *out_id = sqlite3_column_int(stmt, 0);
    *out_tables = sqlite3_column_int(stmt, 1);
    Err err = code == SQLITE_ROW ? OK : sqlite_fail(cx, db, code);
    sqlite3_finalize(stmt);
    return err;
}

/* A new file is marked as ours; an old one must carry the mark before a byte of it is changed. */
static Err claim_file(Ctx *cx, Conn *conn)
{
    sqlite3 *db = sqlite_handle(conn);
    int id, tables;
    char sql[64];
    TRY(read_mark(cx, db, &id, &tables));
    if (id != APPLICATION_ID && (tables || id))
        return fail(cx, E_STORE, "store.not_ours", V("path", store_name(cx, conn->store->path)));
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA application_id = %d", (int)APPLICATION_ID);
    bool claimed = id == APPLICATION_ID || sqlite_exec(db, sql);
    /* The file remembers it. */
    return claimed && sqlite_exec(db, "PRAGMA journal_mode = WAL")
               ? OK
               : sqlite_fail(cx, db, sqlite3_errcode(db));
}

/* SQLite takes whatever is shorter than a page for a new database, and would write over it. */
static Err check_size(Ctx *cx, Str path, bool must_exist)
{
    struct stat info;
    bool holds_something = stat(path.at, &info) == 0 && info.st_size > 0;
    if (!holds_something && must_exist)
        return fail(cx, E_MISSING, "store.no_such_file", V("path", store_name(cx, path)));
    return !holds_something || !S_ISREG(info.st_mode) || info.st_size >= PAGE_BYTES_MIN
               ? OK
               : fail(cx, E_STORE, "store.not_a_database");
}

static Err open_store(Ctx *cx, Store *store, bool must_exist)
{
    Conn *conn = NULL;
    Writer *writer = NULL;
    TRY(check_size(cx, store->path, must_exist));
    TRY(sqlite_conn_open(cx, store, &conn));
    Err err = claim_file(cx, conn);
    sqlite_conn_close(conn);
    TRY(err);
    TRY(writer_start(cx, store, &writer));
    store->own = writer;
    return OK;
}

static void close_store(Store *store)
{
    writer_stop(store->own);
}

/* ------------------------------------------------------------------ the rest of the seam */

static Err next_id(Ctx *cx, const char *table, i64 *out)
{
    Str sql = str_format(&cx->arena, "SELECT COALESCE(MAX(id), 0) + 1 FROM %s", table);
    Query q = QUERY_TEXT(cx, sql);
    return query_one_int(&q, out);
}

static Err execute(Ctx *cx, Str sql)
{
    sqlite3 *db = sqlite_handle(store_link(cx)->conn);
    char *text = str_c(&cx->arena, sql);
    return sqlite_exec(db, text) ? OK : sqlite_fail(cx, db, sqlite3_errcode(db));
}

static Err sizes(Ctx *cx, StoreSizes *out)
{
    Str path = store_of(cx)->path;
    struct stat log;
    struct statvfs disk;
    Query q = QUERY(cx, "SELECT p.page_count * s.page_size FROM pragma_page_count p,"
                        " pragma_page_size s");
    TRY(query_one_int(&q, &out->database_bytes));
    out->is_file = true;
    if (stat(str_c(&cx->arena, str_join(&cx->arena, path, S("-wal"))), &log) == 0)
        out->log_bytes = (i64)log.st_size;
    if (statvfs(str_c(&cx->arena, path), &disk) == 0)
        out->disk_free_bytes = (i64)disk.f_bavail * (i64)disk.f_frsize;
    return OK;
}

static Err copy_into(Ctx *cx, const char *path)
{
    Conn *conn = NULL;
    sqlite3_stmt *stmt = NULL;
    Err err = OK;
    TRY(sqlite_conn_open(cx, store_of(cx), &conn));
    sqlite3 *db = sqlite_handle(conn);
    if (sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &stmt, NULL) != SQLITE_OK
        || sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC) != SQLITE_OK
        || sqlite3_step(stmt) != SQLITE_DONE)
        err = sqlite_fail(cx, db, sqlite3_errcode(db));
    sqlite3_finalize(stmt);
    sqlite_conn_close(conn);
    return err;
}

/* Under another name until it is whole: half a copy must not be taken for a backup. */
static Err backup(Ctx *cx, Str path)
{
    Str beside = str_join(&cx->arena, path, S(".new"));
    if (access(str_c(&cx->arena, path), F_OK) == 0)
        return fail(cx, E_CONFLICT, "store.backup_exists", V("path", store_name(cx, path)));
    unlink(str_c(&cx->arena, beside));
    Err err = copy_into(cx, str_c(&cx->arena, beside));
    if (!err)
        err = disk_replace(cx, beside, path); /* VACUUM INTO does not wait for the disk */
    if (err)
        unlink(str_c(&cx->arena, beside));
    return err;
}

static Err check(Ctx *cx)
{
    Query q = QUERY(cx, "SELECT integrity_check FROM pragma_integrity_check");
    Str first = query_next(&q) ? query_text(&q) : STR_EMPTY;
    TRY(query_end(&q));
    if (str_is(first, S("ok")))
        return OK;
    fail(cx, E_STORE, "store.damaged");
    fail_detail(cx, first);
    return E_STORE;
}

static Err set_page_limit(Ctx *cx, void *arg)
{
    i64 pages = *(i64 *)arg;
    return execute(cx, str_format(&cx->arena, "PRAGMA max_page_count = %lld",
                                     (long long)(pages ? pages : 1073741823)));
}

static Err limit_pages(Ctx *cx, i64 pages_max)
{
    return store_write(cx, set_page_limit, &pages_max);
}

static const char *const SCHEMES[] = { "file:", "", NULL };

const Driver SQLITE_DRIVER = {
    .schemes = SCHEMES,
    .words = { .id = "INTEGER PRIMARY KEY", .integer = "INTEGER", .text = "TEXT", .bytes = "BLOB",
               .flag = "INTEGER", .table_end = " STRICT", .keyed_end = " STRICT, WITHOUT ROWID" },
    .store_open = open_store,
    .store_close = close_store,
    .conn_open = sqlite_conn_open,
    .conn_close = sqlite_conn_close,
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
    .write = writer_write,
    .next_id = next_id,
    .execute = execute,
    .sizes = sizes,
    .backup = backup,
    .check = check,
    .limit_pages = limit_pages,
    .is_at_hand = true,
    .find_table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
    .load_open = sqlite_load_open,
    .load_table = sqlite_load_table,
    .load_row = sqlite_load_row,
    .load_table_end = sqlite_load_table_end,
    .load_close = sqlite_load_close,
};
