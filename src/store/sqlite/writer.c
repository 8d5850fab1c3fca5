/* writer.c -- one thread writes for everybody: many members, one commit, one fsync.
**
** Threads queue a member (a function and its Ctx) and sleep. The writer opens a transaction,
** runs each member inside a savepoint of its own, commits once, and only then wakes them: what
** is acknowledged is durable. A member that refuses is undone alone. If the transaction is gone
** (disk full, I/O error), or COMMIT fails, nobody is acknowledged: every member runs again in a
** transaction of its own and gets its own verdict. While one group is being synced the next one
** gathers, so the group grows with the load. */
#include "sqlite/private.h"

#include "when/when.h"

#include <pthread.h>
#include <stdlib.h>

enum { GROUP_MAX = 256 };

/* The writer touches every index: it keeps more of them at hand than a reader does. A longer log
   is carried over less often, and each page of it once. */
static const char WRITER_SETTINGS[] =
    "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000";
#define MEMBER_TIME_WARN_MS 20

typedef struct Member Member;
struct Member {
    Member *next;
    Ctx *cx;
    WriteFn *fn;
    void *arg;
    CtxMark mark; /* to undo what a run left on the Ctx before running again */
    Err verdict;
    bool is_done;
    pthread_cond_t done;
};

struct Writer {
    Store *store;
    Conn *conn;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    Member *first, **end;
    bool is_stopping;
};

/* ------------------------------------------------------------------ one member */

static bool stands(const Writer *w)
{
    return !sqlite3_get_autocommit(sqlite_handle(w->conn));
}

/* Runs the member's function inside the open transaction; true when the transaction still
   stands. */
static bool run_member(Writer *w, Member *m)
{
    i64 began = monotonic_ms();
    ctx_reset_to(m->cx, m->mark);
    if (!sqlite_command(w->conn, COMMAND_SAVEPOINT)) {
        m->verdict =
            sqlite_fail(m->cx, sqlite_handle(w->conn), sqlite3_errcode(sqlite_handle(w->conn)));
        return stands(w);
    }
    m->verdict = write_run(m->cx, w->conn, m->fn, m->arg);
    i64 took = monotonic_ms() - began;
    if (took > MEMBER_TIME_WARN_MS)
        log_line(LOG_WARN, "write.slow", LI("request", m->cx->id), LI("ms", took));
    if (!stands(w))
        return false;
    if (m->verdict && !sqlite_exec(sqlite_handle(w->conn), "ROLLBACK TO member"))
        return false;
    return sqlite_command(w->conn, COMMAND_RELEASE) && stands(w);
}

static void undo(const Writer *w)
{
    if (stands(w))
        sqlite_command(w->conn, COMMAND_ROLLBACK);
}

/* ------------------------------------------------------------------ a group */

/* What the members change is told to kept pages before COMMIT, and settled after it. */
static bool commit(Writer *w, Member *first)
{
    for (Member *m = first; m; m = m->next)
        if (!m->verdict)
            tags_pend(store_link(m->cx));
    bool committed = sqlite_command(w->conn, COMMAND_COMMIT);
    for (Member *m = first; m; m = m->next)
        if (!m->verdict)
            tags_settle(store_link(m->cx));
    return committed;
}

static bool run_group(Writer *w, Member *first)
{
    if (!sqlite_command(w->conn, COMMAND_BEGIN_WRITE))
        return false;
    for (Member *m = first; m; m = m->next) {
        if (!run_member(w, m)) {
            undo(w);
            return false;
        }
    }
    if (commit(w, first))
        return true;
    undo(w);
    return false;
}

/* The member, which has no next, alone in a transaction: what it gets now is its verdict. */
static void run_alone(Writer *w, Member *m)
{
    sqlite3 *db = sqlite_handle(w->conn);
    w->store->reruns++;
    ctx_reset_to(m->cx, m->mark);
    if (!sqlite_command(w->conn, COMMAND_BEGIN_WRITE)) {
        m->verdict = sqlite_fail(m->cx, db, sqlite3_errcode(db));
        return;
    }
    m->verdict = write_run(m->cx, w->conn, m->fn, m->arg);
    if (m->verdict || !stands(w)) {
        if (!m->verdict)
            m->verdict = sqlite_fail(m->cx, db, SQLITE_FULL);
        undo(w);
        return;
    }
    if (!commit(w, m)) {
        m->verdict = sqlite_fail(m->cx, db, sqlite3_errcode(db));
        undo(w);
        return;
    }
    w->store->commits++;
}

/* Counted before anybody wakes, so that whoever is answered finds itself counted. */
static void count_all(Writer *w, const Member *first)
{
    for (const Member *m = first; m; m = m->next) {
        w->store->writes++;
        w->store->waiting--;
    }
}

static void wake_all(Writer *w, Member *first)
{
    pthread_mutex_lock(&w->lock);
    for (Member *m = first, *next; m; m = next) {
        next = m->next; /* m lives on its waiter's stack: gone once it wakes */
        m->is_done = true;
        pthread_cond_signal(&m->done);
    }
    pthread_mutex_unlock(&w->lock);
}

static void settle_group(Writer *w, Member *first)
{
    if (run_group(w, first)) {
        w->store->commits++;
    } else {
        log_line(LOG_WARN, "write.group_undone",
                 LT("why", str_of(sqlite3_errmsg(sqlite_handle(w->conn)))));
        for (Member *m = first, *next; m; m = next) {
            next = m->next;
            m->next = NULL;
            run_alone(w, m);
            m->next = next;
        }
    }
    count_all(w, first);
    wake_all(w, first);
}

/* ------------------------------------------------------------------ the thread */

/* Takes what has gathered, at most GROUP_MAX members; NULL when the writer is to stop. */
static Member *next_group(Writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->is_stopping)
        pthread_cond_wait(&w->arrived, &w->lock);
    Member *first = w->first, **cut = &w->first;
    for (int n = 0; n < GROUP_MAX && *cut; n++)
        cut = &(*cut)->next;
    w->first = *cut;
    if (!w->first)
        w->end = &w->first;
    *cut = NULL;
    pthread_mutex_unlock(&w->lock);
    return first;
}

static void *writer_thread(void *arg)
{
    Writer *w = arg;
    for (Member *first; (first = next_group(w));)
        settle_group(w, first);
    return NULL;
}

Err writer_write(Ctx *cx, WriteFn *fn, void *arg)
{
    Writer *w = store_of(cx)->own;
    Member m = {
        .cx = cx, .fn = fn, .arg = arg, .mark = ctx_mark(cx), .done = PTHREAD_COND_INITIALIZER
    };
    w->store->waiting++;
    pthread_mutex_lock(&w->lock);
    *w->end = &m;
    w->end = &m.next;
    pthread_cond_signal(&w->arrived);
    while (!m.is_done)
        pthread_cond_wait(&m.done, &w->lock);
    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&m.done);
    return m.verdict;
}

Err writer_start(Ctx *cx, Store *store, Writer **out)
{
    Writer *w = calloc(1, sizeof *w);
    if (!w)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    Err err = sqlite_conn_open(cx, store, &w->conn);
    if (err) {
        free(w);
        return err;
    }
    sqlite_exec(sqlite_handle(w->conn), WRITER_SETTINGS);
    w->store = store;
    w->end = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->arrived, NULL);
    if (pthread_create(&w->thread, NULL, writer_thread, w)) {
        sqlite_conn_close(w->conn);
        free(w);
        return fail(cx, E_LIMIT, "core.no_thread");
    }
    *out = w;
    return OK;
}

void writer_stop(Writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    pthread_cond_signal(&w->arrived);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    sqlite_conn_close(w->conn);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->arrived);
    free(w);
}
