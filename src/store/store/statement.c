/* statement.c -- statements: kept per connection, found by text, reset when done.
**
** A literal is found by its address first, which is as good as its text and quicker to compare. */
#include "driver/driver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static u64 key_of(Str sql, bool is_literal)
{
    return is_literal ? (u64)(uintptr_t)sql.at * 0x9E3779B97F4A7C15u : str_hash(sql);
}

static bool is_same(const Statement *s, Str sql, bool is_literal, u64 key)
{
    if (s->key != key || s->is_literal != is_literal || s->is_busy)
        return false;
    return is_literal ? s->sql.at == sql.at : str_is(s->sql, sql);
}

static Statement *find(Conn *conn, Str sql, bool is_literal, u64 key)
{
    for (size_t i = 0; i < conn->statements_n; i++)
        if (is_same(conn->statements[i], sql, is_literal, key))
            return conn->statements[i];
    return NULL;
}

static void drop(Statement *s)
{
    s->conn->store->driver->finalize(s->prepared);
    if (!s->is_literal)
        free((char *)s->sql.at);
    free(s);
}

/* The place for a new statement: a free one, or that of the one not used for longest. */
static size_t place_for(Conn *conn)
{
    if (conn->statements_n < STATEMENTS_MAX)
        return conn->statements_n++;
    size_t oldest = 0;
    for (size_t i = 1; i < conn->statements_n; i++) {
        const Statement *s = conn->statements[i], *o = conn->statements[oldest];
        if (!s->is_busy && (o->is_busy || s->used_at < o->used_at))
            oldest = i;
    }
    assert(!conn->statements[oldest]->is_busy); /* so many are never open at once */
    drop(conn->statements[oldest]);
    return oldest;
}

static Str own_copy(Str sql)
{
    char *at = malloc(sql.n + 1);
    if (at)
        memcpy(at, sql.at, sql.n);
    return (Str){ at, at ? sql.n : 0 }; /* without its text it is never found again, only dropped */
}

static Statement *prepare(Ctx *cx, Conn *conn, Str sql, bool is_literal, const Bind *binds,
                          size_t n)
{
    void *prepared = NULL;
    if (conn->store->driver->prepare(cx, conn, sql, binds, n, &prepared))
        return NULL;
    Statement *s = calloc(1, sizeof *s);
    if (!s) {
        conn->store->driver->finalize(prepared);
        fail(cx, E_LIMIT, "core.memory_used_up");
        return NULL;
    }
    *s = (Statement){ .conn = conn, .prepared = prepared, .key = key_of(sql, is_literal),
                      .sql = is_literal ? sql : own_copy(sql), .is_literal = is_literal };
    tags_read_statement(conn->store, sql, &s->writes, &s->tables);
    conn->statements[place_for(conn)] = s;
    return s;
}

void conn_reset_all(Conn *conn)
{
    for (size_t i = 0; i < conn->statements_n; i++) {
        Statement *s = conn->statements[i];
        if (s->is_busy)
            conn->store->driver->reset(s->prepared);
        s->is_busy = false;
    }
}

void conn_drop_statements(Conn *conn)
{
    while (conn->statements_n)
        drop(conn->statements[--conn->statements_n]);
}

/* ------------------------------------------------------------------ queries */

static Conn *conn_for(Ctx *cx)
{
    StoreLink *link = store_link(cx);
    if (!link) {
        fail(cx, E_BUG, "store.not_attached");
        return NULL;
    }
    if (!link->conn && store_lease(cx))
        return NULL;
    return link->conn;
}

static void note_tables(StoreLink *link, const Statement *s, Tag narrow)
{
    if (s->writes)
        tags_note_write(link, &s->tables);
    else if (link->relies && !link->is_writing)
        tags_note_read(link, &s->tables, narrow);
}

static Query open_narrow(Ctx *cx, Tag narrow, Str sql, bool is_literal, const Bind *binds,
                         size_t n)
{
    Query q = { .cx = cx };
    if (ctx_err(cx))
        return q; /* latched: nothing more is asked after the first failure */
    if (++cx->queries == cx->query_to_fail) {
        (void)fail(cx, E_STORE, "store.failed");
        return q;
    }
    Conn *conn = conn_for(cx);
    if (!conn)
        return q;
    Statement *s = find(conn, sql, is_literal, key_of(sql, is_literal));
    if (!s)
        s = prepare(cx, conn, sql, is_literal, binds, n);
    if (!s || conn->store->driver->bind(cx, conn, s->prepared, binds, n))
        return q;
    s->is_busy = true;
    s->used_at = ++conn->uses;
    note_tables(store_link(cx), s, narrow);
    q.statement = s;
    return q;
}

Query query_open(Ctx *cx, Str sql, bool is_literal, const Bind *binds, size_t n)
{
    return open_narrow(cx, (Tag){ 0 }, sql, is_literal, binds, n);
}

Query query_open_of(Ctx *cx, Tag tag, Str sql, const Bind *binds, size_t n)
{
    return open_narrow(cx, tag, sql, true, binds, n);
}

bool query_next(Query *q)
{
    q->column = 0;
    q->has_row = false;
    if (!q->statement || ctx_err(q->cx))
        return false;
    Conn *conn = q->statement->conn;
    Err err = conn->store->driver->step(q->cx, conn, q->statement->prepared, &q->has_row);
    return !err && q->has_row;
}

static const Driver *driver_of(const Query *q)
{
    return q->statement->conn->store->driver;
}

bool query_is_null(const Query *q)
{
    return !q->has_row || driver_of(q)->column_is_null(q->statement->prepared, q->column);
}

i64 query_int(Query *q)
{
    return q->has_row ? driver_of(q)->column_int(q->statement->prepared, q->column++) : 0;
}

Str query_text(Query *q)
{
    if (!q->has_row)
        return STR_EMPTY;
    Str s = driver_of(q)->column_text(q->statement->prepared, q->column++);
    if (s.n == 0)
        return STR_EMPTY;
    char *at = ctx_take_raw(q->cx, s.n);
    if (at)
        memcpy(at, s.at, s.n);
    return at ? (Str){ at, s.n } : STR_EMPTY;
}

Bytes query_bytes(Query *q)
{
    return bytes_of(query_text(q));
}

bool query_flag(Query *q)
{
    return query_int(q) != 0;
}

Day query_day(Query *q)
{
    bool none = query_is_null(q);
    i64 value = query_int(q);
    return none ? (Day){ INT32_MIN } : (Day){ (i32)value };
}

Instant query_instant(Query *q)
{
    return (Instant){ query_int(q) };
}

Err query_end(Query *q)
{
    if (q->statement) {
        driver_of(q)->reset(q->statement->prepared);
        q->statement->is_busy = false;
        q->statement = NULL;
        q->has_row = false;
    }
    return ctx_err(q->cx);
}

Err query_run(Query *q)
{
    if (q->statement && !ctx_err(q->cx))
        (void)driver_of(q)->run(q->cx, q->statement->conn, q->statement->prepared);
    return query_end(q);
}

Err query_one_int(Query *q, i64 *out)
{
    *out = query_next(q) ? query_int(q) : 0;
    return query_end(q);
}

Err query_found(Query *q, bool *out)
{
    *out = query_next(q);
    return query_end(q);
}
