/* pipe.c -- one connection to PostgreSQL in pipeline mode (libpq 14 and later).
**
** Over a network each wait for an answer costs more than most statements do. So what nobody waits
** for (BEGIN, inserts, COMMIT) is sent and not read; the answers are read together when a row is
** wanted or the transaction ends. After a failure the server skips what follows up to the next
** synchronisation point, so the first failure is the true one. */
#include "postgres/private.h"

#include "text/text.h"
#include "when/when.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { CONNECT_MS_MAX = 10000 };

/* ------------------------------------------------------------------ what went wrong */

static const struct { const char *code; Err err; const char *key; } FAULTS[] = {
    { "40001", E_BUSY,  N_("store.busy") },         /* serialization failure */
    { "40P01", E_BUSY,  N_("store.busy") },         /* deadlock */
    { "55P03", E_BUSY,  N_("store.busy") },         /* lock not to be had */
    { "53100", E_STORE, N_("store.disk_full") },
    { "53200", E_LIMIT, N_("core.memory_used_up") },
    { "53300", E_BUSY,  N_("store.busy") },         /* too many connections */
    { "25006", E_STORE, N_("store.read_only") },
    { "57P01", E_BUSY,  N_("store.server_gone") },  /* shut down by the administrator */
    { "57P02", E_BUSY,  N_("store.server_gone") },
    { "57P03", E_BUSY,  N_("store.server_gone") },  /* starting up */
    { "28P01", E_STORE, N_("store.not_let_in") },
    { "28000", E_STORE, N_("store.not_let_in") },
    { "3D000", E_STORE, N_("store.no_such_database") },
    { "XX001", E_STORE, N_("store.damaged") },
};

static Err say_fault(Ctx *cx, Pipe *p, const char *message)
{
    Err err = p->is_lost ? E_BUSY : E_STORE;
    const char *key = p->is_lost ? N_("store.server_gone") : N_("store.failed");
    for (size_t i = 0; i < COUNT(FAULTS); i++) {
        if (strcmp(FAULTS[i].code, p->fault) == 0) {
            err = FAULTS[i].err;
            key = FAULTS[i].key;
        }
    }
    fail(cx, err, key);
    fail_detail(cx, str_of(message));
    return err;
}

/* A failure without SQLSTATE is the library's own: it could not send, or read no further. It may
** say so before it notices that the connection ended, as when a notice came before the end. */
Err pipe_fail(Ctx *cx, Pipe *p, const PGresult *r)
{
    const char *code = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *grade = r ? PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED) : NULL;
    bool is_last = grade && (strcmp(grade, "FATAL") == 0 || strcmp(grade, "PANIC") == 0);
    p->is_lost = !code || is_last || PQstatus(p->db) != CONNECTION_OK;
    memset(p->fault, 0, sizeof p->fault);
    if (code)
        strncpy(p->fault, code, sizeof p->fault - 1);
    return say_fault(cx, p, r && code ? PQresultErrorMessage(r) : PQerrorMessage(p->db));
}

bool pipe_may_retry(const Pipe *p)
{
    static const char *const AGAIN[] = { "40001", "40P01", "57P01", "57P02", "57P03",
                                        "23505", "42P07" }; /* two at once: the second sees it */
    for (size_t i = 0; i < COUNT(AGAIN); i++)
        if (strcmp(AGAIN[i], p->fault) == 0)
            return true;
    return p->is_lost;
}

/* ------------------------------------------------------------------ opening */

static void hear_notice(void *arg, const char *message)
{
    (void)arg;
    log_line(LOG_DEBUG, "store.notice", LT("text", str_of(message)));
}

/* Scans of whole tables would lock them whole for the serializable writes, small as they may be:
** with every table read by its index, only what truly meets collides. */
static const char SET_UP[] =
    "SET client_min_messages = warning; SET jit = off; SET enable_seqscan = off;"
    " SET idle_in_transaction_session_timeout = '60s'; SET client_encoding = 'UTF8'";

/* Until the server let us in or refused, or CONNECT_MS_MAX have passed. */
static void wait_for_login(PGconn *db)
{
    i64 until = monotonic_ms() + CONNECT_MS_MAX;
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
    while (wants == PGRES_POLLING_WRITING || wants == PGRES_POLLING_READING) {
        struct pollfd f = { .fd = PQsocket(db),
                            .events = wants == PGRES_POLLING_READING ? POLLIN : POLLOUT };
        i64 left = until - monotonic_ms();
        if (left <= 0 || poll(&f, 1, (int)left) == 0)
            return;
        wants = PQconnectPoll(db);
    }
}

/* A refused login tells its SQLSTATE only inside its words: "…:  28P01: …". */
static void learn_fault(Pipe *p, Str message)
{
    static const char SIGNS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    memset(p->fault, 0, sizeof p->fault);
    for (size_t at; str_find(message, S(":  "), &at);) {
        message = str_skip(message, at + 3);
        if (message.n > 5 && strspn(message.at, SIGNS) == 5 && message.at[5] == ':')
            memcpy(p->fault, message.at, 5);
    }
}

/* What follows the first line is for those who know the server's source. */
static Err say_no_login(Ctx *cx, Pipe *p)
{
    Str message = str_of(PQerrorMessage(p->db)), line = message;
    str_cut(&message, '\n', &line);
    p->is_lost = true;
    learn_fault(p, line);
    if (line.n == 0)
        line = S("no answer in time");
    return say_fault(cx, p, str_c(&cx->arena, line));
}

/* A server that vanished without a word is noticed within a minute; the address may say otherwise.
** What the server says of a failure is kept short: its details hold values of rows. */
static Err log_in(Ctx *cx, Pipe *p)
{
    const char *const names[] = { "keepalives_idle", "keepalives_interval", "keepalives_count",
                                  "tcp_user_timeout", "fallback_application_name", "dbname", NULL };
    const char *const values[] = { "20", "5", "4", "30000", "linli", p->url, NULL };
    p->db = PQconnectStartParams(names, values, 1);
    if (!p->db)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    PQsetErrorVerbosity(p->db, PQERRORS_VERBOSE);
    if (PQstatus(p->db) != CONNECTION_BAD)
        wait_for_login(p->db);
    if (PQstatus(p->db) != CONNECTION_OK)
        return say_no_login(cx, p);
    PQsetErrorVerbosity(p->db, PQERRORS_TERSE);
    PQsetNoticeProcessor(p->db, hear_notice, NULL);
    return getrandom(&p->slot, sizeof p->slot, 0) == (ssize_t)sizeof p->slot
               ? OK : fail(cx, E_BUG, "core.memory_used_up");
}

static Err set_up(Ctx *cx, Pipe *p)
{
    p->owed_n = 0;
    p->is_lost = true;
    p->knows_mark = false;
    TRY(log_in(cx, p));
    PGresult *r = PQexec(p->db, SET_UP);
    Err err = PQresultStatus(r) == PGRES_COMMAND_OK ? OK : pipe_fail(cx, p, r);
    PQclear(r);
    if (!err && !PQenterPipelineMode(p->db))
        err = pipe_fail(cx, p, NULL);
    p->is_lost = err != OK;
    return err;
}

Err pipe_open(Ctx *cx, Str url, Pipe **out)
{
    Pipe *p = calloc(1, sizeof *p);
    if (!p)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    p->url = url.at;
    Err err = set_up(cx, p);
    if (err)
        pipe_close(p);
    else
        *out = p;
    return err;
}

void pipe_close(Pipe *p)
{
    PQfinish(p->db);
    free(p);
}

Err pipe_reopen(Ctx *cx, Pipe *p)
{
    PQfinish(p->db);
    p->db = NULL;
    return set_up(cx, p);
}

bool pipe_is_gone(const Pipe *p)
{
    struct pollfd f = { .fd = PQsocket(p->db), .events = POLLRDHUP };
    return p->is_lost || PQstatus(p->db) != CONNECTION_OK || poll(&f, 1, 0) > 0;
}

/* ------------------------------------------------------------------ sending */

Err pipe_owe(Ctx *cx, Pipe *p, bool was_sent, Owed owed)
{
    if (!was_sent)
        return pipe_fail(cx, p, NULL);
    p->owed[p->owed_n++] = owed;
    return p->owed_n == OWED_MAX ? pipe_settle(cx, p, NULL) : OK;
}

Err pipe_sent(Ctx *cx, Pipe *p, bool was_sent)
{
    return pipe_owe(cx, p, was_sent, OWED_NOTHING);
}

Err pipe_tell(Ctx *cx, Pipe *p, const char *sql, Owed owed)
{
    return pipe_owe(cx, p, PQsendQueryParams(p->db, sql, 0, NULL, NULL, NULL, NULL, 0), owed);
}

void pipe_tell_quietly(Pipe *p, const char *sql)
{
    bool sent = p->owed_n + 1 < OWED_MAX
             && PQsendQueryParams(p->db, sql, 0, NULL, NULL, NULL, NULL, 0);
    if (sent)
        p->owed[p->owed_n++] = OWED_NOTHING;
    else
        p->is_lost = true;
}

void pipe_doubt(Pipe *p, bool *unsure)
{
    assert(p->unsure_n < OWED_MAX);
    p->unsure[p->unsure_n++] = unsure;
}

void pipe_forget(Pipe *p, const bool *unsure)
{
    for (size_t i = 0; i < p->unsure_n; i++)
        if (p->unsure[i] == unsure)
            p->unsure[i--] = p->unsure[--p->unsure_n];
}

/* ------------------------------------------------------------------ reading */

static void settle_doubts(Pipe *p, bool is_bad)
{
    for (size_t i = 0; i < p->unsure_n; i++)
        *p->unsure[i] = is_bad;
    p->unsure_n = 0;
}

static bool is_good(const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* The answer to one command; what stands behind it is its end mark. */
static PGresult *next_answer(Pipe *p)
{
    PGresult *r = PQgetResult(p->db), *more;
    while (r && (more = PQgetResult(p->db)))
        PQclear(more);
    return r;
}

/* Reads what is owed and tells nobody; false when the server went away. */
static bool drain(Pipe *p)
{
    PGresult *r = NULL;
    bool goes_on = PQpipelineSync(p->db) && PQstatus(p->db) == CONNECTION_OK;
    for (; goes_on && p->owed_n; p->owed_n--) {
        PQclear(next_answer(p));
        goes_on = PQstatus(p->db) == CONNECTION_OK;
    }
    settle_doubts(p, true);
    if (goes_on)
        goes_on = PQresultStatus(r = PQgetResult(p->db)) == PGRES_PIPELINE_SYNC;
    PQclear(r);
    p->is_lost = !goes_on;
    return goes_on;
}

static void keep_id(Pipe *p, Owed owed, const PGresult *r)
{
    if (owed == OWED_TRANSACTION_ID && PQntuples(r) == 1)
        strncpy(p->transaction_id, PQgetvalue(r, 0, 0), sizeof p->transaction_id - 1);
}

/* Up to and with the synchronisation point; nothing is owed after it. */
static Err read_to_point(Ctx *cx, Pipe *p)
{
    PGresult *r = PQgetResult(p->db);
    Err err = PQresultStatus(r) == PGRES_PIPELINE_SYNC ? OK : pipe_fail(cx, p, r);
    PQclear(r);
    return err;
}

Err pipe_settle(Ctx *cx, Pipe *p, PGresult **out_last)
{
    Err err = OK;
    if (!PQpipelineSync(p->db))
        return pipe_fail(cx, p, NULL);
    for (size_t i = 0, n = p->owed_n; i < n; i++) {
        PGresult *r = next_answer(p);
        if (!err && !is_good(r))
            err = pipe_fail(cx, p, r);
        else if (!err)
            keep_id(p, p->owed[i], r);
        if (!err && out_last && i + 1 == n)
            *out_last = r;
        else
            PQclear(r);
        if (p->is_lost)
            return err;
    }
    p->owed_n = 0;
    settle_doubts(p, err != OK);
    Err at_point = read_to_point(cx, p);
    if (at_point && out_last) { /* the server went away between the last answer and the point */
        PQclear(*out_last);
        *out_last = NULL;
    }
    return err ? err : at_point;
}

/* What is owed is read first: behind a failure the server would skip the ROLLBACK. It acts as
** soon as it has the command; the answer is read with the next one asked. */
void pipe_part(Pipe *p)
{
    if (p->is_lost || (p->owed_n && !drain(p)))
        return;
    pipe_tell_quietly(p, "ROLLBACK");
    if (PQflush(p->db) < 0)
        p->is_lost = true;
}
