/* write.c -- each write is one serializable transaction, run again when it meets another.
**
** The server itself gathers commits into one sync, so writes run beside each other on a few
** connections. A write function has no effect outside the database (store/store.h), so it may
** run again after a serialization failure or after the server went away. When the server is lost
** while a COMMIT is under way, its fate is asked for by the transaction's number, and, since a
** server that crashed gives numbers that did not reach its disk a second time, by a token that
** each write leaves in the table write_mark. */
#include "postgres/private.h"

#include "text/text.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIES_MAX = 50, ASK_TRIES_MAX = 80, ASK_WAIT_MS = 250, BACK_OFF_MS_MAX = 64 };

static void wait_ms(i64 ms)
{
    struct timespec t = { ms / 1000, (ms % 1000) * 1000000 };
    nanosleep(&t, NULL);
}

/* ------------------------------------------------------------------ one try */

/* Only this connection writes its row: nobody waits for it, and nobody collides with it. */
static const char MARK[] =
    "INSERT INTO write_mark (slot, token, at) VALUES ($1, $2, now())"
    " ON CONFLICT (slot) DO UPDATE SET token = excluded.token, at = excluded.at"
    " RETURNING pg_current_xact_id()";
static const char FIND_MARK[] = "SELECT 1 FROM write_mark WHERE slot = $1 AND token = $2";

/* The two parameters of both, as int8 in binary. */
typedef struct MarkBinds {
    i64 wide[2];
    const char *at[2];
    int lengths[2], formats[2];
} MarkBinds;

static void bind_mark(MarkBinds *b, i64 slot, i64 token)
{
    *b = (MarkBinds){ .wide = { (i64)htobe64((u64)slot), (i64)htobe64((u64)token) },
                      .lengths = { 8, 8 }, .formats = { 1, 1 } };
    b->at[0] = (const char *)&b->wide[0];
    b->at[1] = (const char *)&b->wide[1];
}

static const Oid MARK_TYPES[] = { 20, 20 }; /* int8 */

static Err leave_mark(Ctx *cx, Pipe *p)
{
    MarkBinds b;
    if (!p->knows_mark)
        TRY(pipe_sent(cx, p, PQsendPrepare(p->db, "mark", MARK, 2, MARK_TYPES)));
    p->knows_mark = true;
    bind_mark(&b, p->slot, ++p->token);
    return pipe_owe(cx, p,
                    PQsendQueryPrepared(p->db, "mark", 2, b.at, b.lengths, b.formats, 0),
                    OWED_TRANSACTION_ID);
}

static Err begin(Ctx *cx, Conn *conn)
{
    Pipe *p = pipe_of(conn);
    p->transaction_id[0] = 0;
    p->fault[0] = 0;
    TRY(postgres_wake(cx, conn));
    TRY(pipe_tell(cx, p, "BEGIN ISOLATION LEVEL SERIALIZABLE", OWED_NOTHING));
    return leave_mark(cx, p);
}

/* The server answers COMMIT of an aborted transaction with a ROLLBACK and no failure: so it ends
   when a statement failed and whoever asked it has forgiven that. */
static Err commit(Ctx *cx, Pipe *p)
{
    PGresult *r = NULL;
    TRY(pipe_tell(cx, p, "COMMIT", OWED_NOTHING));
    TRY(pipe_settle(cx, p, &r));
    bool is_done = strcmp(PQcmdStatus(r), "COMMIT") == 0;
    PQclear(r);
    return is_done ? OK : fail(cx, E_BUSY, "store.busy");
}

typedef enum Fate { FATE_UNKNOWN, FATE_COMMITTED, FATE_ABORTED } Fate;

/* What is being asked about: the connection gets another slot when it logs in anew. */
typedef struct Lost {
    char id[TRANSACTION_ID_BYTES_MAX]; /* empty when no answer at all was read */
    i64 slot, token;
} Lost;

static Err find_mark(Ctx *cx, Pipe *p, const Lost *lost, bool *out)
{
    MarkBinds b;
    PGresult *r = NULL;
    bind_mark(&b, lost->slot, lost->token);
    TRY(pipe_sent(cx, p, PQsendQueryParams(p->db, FIND_MARK, 2, MARK_TYPES, b.at, b.lengths,
                                           b.formats, 0)));
    TRY(pipe_settle(cx, p, &r));
    *out = PQntuples(r) == 1;
    PQclear(r);
    return OK;
}

/* A number the server has not given yet was given by one that crashed before it was on the disk. */
static Err ask_number(Ctx *cx, Pipe *p, const Lost *lost, Fate *out)
{
    static const char FUTURE[] = "22023";
    const char *const values[] = { lost->id };
    PGresult *r = NULL;
    *out = FATE_UNKNOWN;
    TRY(pipe_sent(cx, p, PQsendQueryParams(p->db, "SELECT pg_xact_status($1::xid8)", 1, NULL,
                                           values, NULL, NULL, 0)));
    if (pipe_settle(cx, p, &r)) {
        *out = strcmp(p->fault, FUTURE) == 0 ? FATE_ABORTED : FATE_UNKNOWN;
        return E_STORE;
    }
    Str answer = PQntuples(r) == 1 ? str_of(PQgetvalue(r, 0, 0)) : STR_EMPTY;
    if (str_is(answer, S("committed")))
        *out = FATE_COMMITTED;
    if (str_is(answer, S("aborted")))
        *out = FATE_ABORTED;
    PQclear(r);
    return OK;
}

/* Asks the server that is there now; a transaction still in progress is asked for again. The
** number first: once it is said to be committed, its token can be seen. */
static Fate ask_fate(Ctx *cx, Conn *conn, const Lost *lost)
{
    Pipe *p = pipe_of(conn);
    Fate fate = FATE_UNKNOWN;
    bool has_mark = false;
    p->is_lost = true;
    conn_drop_statements(conn);
    if (pipe_reopen(cx, p) || (lost->id[0] && ask_number(cx, p, lost, &fate)))
        return fate;
    if (fate == FATE_ABORTED || find_mark(cx, p, lost, &has_mark))
        return fate == FATE_ABORTED ? fate : FATE_UNKNOWN;
    if (has_mark)
        return FATE_COMMITTED;
    return fate == FATE_COMMITTED ? FATE_ABORTED : FATE_UNKNOWN; /* another bears its number */
}

static Fate find_fate(Ctx *cx, Conn *conn, CtxMark mark)
{
    Pipe *p = pipe_of(conn);
    Lost lost = { .slot = p->slot, .token = p->token };
    Fate fate = FATE_UNKNOWN;
    memcpy(lost.id, p->transaction_id, sizeof lost.id);
    for (int i = 0; i < ASK_TRIES_MAX && fate == FATE_UNKNOWN; i++) {
        ctx_reset_to(cx, mark);
        wait_ms(ASK_WAIT_MS);
        fate = ask_fate(cx, conn, &lost);
    }
    ctx_reset_to(cx, mark);
    log_line(LOG_WARN, "write.fate_asked", LI("request", cx->id), LI("fate", fate));
    return fate;
}

static Err commit_or_ask(Ctx *cx, Conn *conn, CtxMark mark, bool *out_again)
{
    Pipe *p = pipe_of(conn);
    Err err = commit(cx, p);
    if (!err)
        return OK;
    if (!p->is_lost) {
        *out_again = pipe_may_retry(p);
        pipe_part(p); /* behind a statement that failed, COMMIT itself was passed over */
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
    *out_again = false;
    Err err = begin(cx, conn);
    if (!err)
        err = write_run(cx, conn, fn, arg);
    if (err) {
        pipe_part(p);
        *out_again = p->fault[0] || p->is_lost ? pipe_may_retry(p) : false;
        return err;
    }
    CtxMark done = ctx_mark(cx); /* what the write made stays, if it is found to be committed */
    tags_pend(store_link(cx));
    err = commit_or_ask(cx, conn, done, out_again);
    tags_settle(store_link(cx));
    notices_post(store_of(cx), &store_link(cx)->touched);
    return err;
}

/* ------------------------------------------------------------------ until it is done */

/* A little longer each time, and never in step with the one it met. */
static void back_off(int tries)
{
    i64 most = (i64)1 << (tries < 6 ? tries : 6);
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
