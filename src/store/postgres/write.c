/* write.c -- each write is one serializable transaction, run again when it meets another.
**
** The server itself gathers commits into one sync, so writes run beside each other on a few
** connections. A write function has no effect outside the database (store/store.h), so it may
** run again after a serialization failure or after the server went away. When the server is lost
** while a COMMIT is under way, its fate is asked for by the transaction's number. */
#include "postgres/private.h"

#include "text/text.h"

#include <stdlib.h>
#include <time.h>

enum { TRIES_MAX = 12, ASK_TRIES_MAX = 20, ASK_WAIT_MS = 250, BACK_OFF_MS_MAX = 40 };

static void wait_ms(i64 ms)
{
    struct timespec t = { ms / 1000, (ms % 1000) * 1000000 };
    nanosleep(&t, NULL);
}

/* ------------------------------------------------------------------ one try */

static Err begin(Ctx *cx, Conn *conn)
{
    Pipe *p = pipe_of(conn);
    p->transaction_id[0] = 0;
    p->fault[0] = 0;
    if (p->is_lost || PQstatus(p->db) != CONNECTION_OK) {
        p->is_lost = true;
        conn_drop_statements(conn);
        TRY(pipe_reopen(cx, p));
    }
    TRY(pipe_tell(cx, p, "BEGIN ISOLATION LEVEL SERIALIZABLE", OWED_NOTHING));
    return pipe_tell(cx, p, "SELECT pg_current_xact_id()", OWED_TRANSACTION_ID);
}

static Err commit(Ctx *cx, Pipe *p)
{
    TRY(pipe_tell(cx, p, "COMMIT", OWED_NOTHING));
    return pipe_settle(cx, p, NULL);
}

typedef enum Fate { FATE_UNKNOWN, FATE_COMMITTED, FATE_ABORTED } Fate;

/* Asks the server that is there now; a transaction still in progress is asked for again. */
static Fate ask_fate(Ctx *cx, Conn *conn, const char *id)
{
    Pipe *p = pipe_of(conn);
    const char *const values[] = { id };
    PGresult *r = NULL;
    Fate fate = FATE_UNKNOWN;
    p->is_lost = true;
    conn_drop_statements(conn);
    if (pipe_reopen(cx, p)
        || pipe_sent(cx, p, PQsendQueryParams(p->db, "SELECT pg_xact_status($1::xid8)", 1, NULL,
                                              values, NULL, NULL, 0))
        || pipe_settle(cx, p, &r))
        return FATE_UNKNOWN;
    Str answer = PQntuples(r) == 1 ? str_of(PQgetvalue(r, 0, 0)) : STR_EMPTY;
    if (str_is(answer, S("committed")))
        fate = FATE_COMMITTED;
    if (str_is(answer, S("aborted")))
        fate = FATE_ABORTED;
    PQclear(r);
    return fate;
}

static Fate find_fate(Ctx *cx, Conn *conn, CtxMark mark)
{
    Pipe *p = pipe_of(conn);
    Fate fate = FATE_UNKNOWN;
    for (int i = 0; i < ASK_TRIES_MAX && fate == FATE_UNKNOWN && p->transaction_id[0]; i++) {
        ctx_reset_to(cx, mark);
        wait_ms(ASK_WAIT_MS);
        fate = ask_fate(cx, conn, p->transaction_id);
    }
    ctx_reset_to(cx, mark);
    return fate;
}

static Err commit_or_ask(Ctx *cx, Conn *conn, CtxMark mark, bool *out_again)
{
    Pipe *p = pipe_of(conn);
    Err err = commit(cx, p);
    if (!err || !p->is_lost) {
        *out_again = err && pipe_may_retry(p);
        return err;
    }
    Fate fate = find_fate(cx, conn, mark);
    *out_again = fate == FATE_ABORTED;
    return fate == FATE_COMMITTED ? OK : fail(cx, E_BUSY, "store.outcome_unknown");
}

/* What became of a try; *out_again when the write must run once more. */
static Err try_once(Ctx *cx, Conn *conn, WriteFn *fn, void *arg, bool *out_again)
{
    Pipe *p = pipe_of(conn);
    CtxMark mark = ctx_mark(cx);
    *out_again = false;
    Err err = begin(cx, conn);
    if (!err)
        err = write_run(cx, conn, fn, arg);
    if (err) {
        pipe_part(p);
        *out_again = p->fault[0] || p->is_lost ? pipe_may_retry(p) : false;
        return err;
    }
    tags_pend(store_link(cx));
    err = commit_or_ask(cx, conn, mark, out_again);
    tags_settle(store_link(cx));
    return err;
}

/* ------------------------------------------------------------------ until it is done */

/* A little longer each time, and never in step with the one it met. */
static void back_off(int tries)
{
    i64 most = (i64)1 << (tries < 5 ? tries : 5);
    wait_ms(1 + random() % (most < BACK_OFF_MS_MAX ? most : BACK_OFF_MS_MAX));
}

Err postgres_write(Ctx *cx, WriteFn *fn, void *arg)
{
    Store *store = store_of(cx);
    Conn *conn = NULL;
    CtxMark mark = ctx_mark(cx);
    bool again = false;
    Err err = OK;
    store->waiting++;
    if ((err = pool_lease(cx, store, store->writers, &conn)) == OK) {
        for (int tries = 0; tries == 0 || (again && tries < TRIES_MAX); tries++) {
            if (tries) {
                store->reruns++;
                back_off(tries);
                ctx_reset_to(cx, mark);
            }
            err = try_once(cx, conn, fn, arg, &again);
        }
        pool_give(store->writers, conn);
    }
    store->waiting--;
    store->writes++;
    store->commits += err == OK;
    return err;
}
