/* notice.c -- one thread that tells other processes on this database what was changed here, and
** hears what they changed.
**
** A write leaves the slots of what it touched in a map of bits; the thread sends what has gathered
** as one NOTIFY, at most once in GAP_MS, on a connection of its own. A notice says "origin slot …"
** in hexadecimal digits; slot 0 is everything. Nothing relies on a notice to come: kept pages end
** after a second (docs/decisions/014). So a lost one is not looked for. After a connection was
** lost, everything counts as changed, here and with the others. */
#include "postgres/private.h"

#include "text/text.h"
#include "when/when.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    GAP_MS = 20,             /* between two notices */
    ALIVE_MS = 5000,         /* a notice of nothing, to see whether anybody is there */
    ANSWER_MS_MAX = 5000,
    FAREWELL_MS_MAX = 500,   /* for the last notice, when the program ends */
    BACK_OFF_MS_MAX = 5000,
    PAYLOAD_BYTES_MAX = 7900, /* the server takes less than 8000 */
    SLOTS_TOLD_MAX = 4000,   /* more than that is everything */
    WORDS = TAG_SLOTS / 64, ORIGIN_BYTES = 17, SLOT_DIGITS = 4
};

typedef struct Notices {
    Store *store;
    pthread_t thread;
    int wake_fd;
    _Atomic bool stops, is_posted;
    _Atomic u64 posted[WORDS]; /* a bit for each slot */
    char origin[ORIGIN_BYTES];
    PGconn *db;                /* of the thread alone */
    i64 sent_ms;
} Notices;

/* ------------------------------------------------------------------ what is to be told */

static void post_slot(Notices *n, u32 slot)
{
    atomic_fetch_or(&n->posted[slot / 64], (u64)1 << slot % 64);
}

static void ring(Notices *n)
{
    if (!atomic_exchange(&n->is_posted, true))
        (void)eventfd_write(n->wake_fd, 1);
}

void notices_post(const Store *store, const TagSet *touched)
{
    Notices *n = store->own;
    if (!n || touched->n == 0)
        return;
    for (size_t i = 0; i < touched->n; i++)
        post_slot(n, touched->slots[i]);
    ring(n);
}

/* Takes what was posted; the mark goes first, so that what is posted meanwhile rings again. */
static size_t take_posted(Notices *n, u32 *out, size_t most)
{
    size_t taken = 0;
    n->is_posted = false;
    for (u32 i = 0; i < WORDS; i++) {
        u64 bits = n->posted[i] ? atomic_exchange(&n->posted[i], 0) : 0;
        for (u32 bit = 0; bits; bit++, bits >>= 1) {
            if (bits & 1 && taken < most)
                out[taken] = i * 64 + bit;
            taken += bits & 1;
        }
    }
    return taken;
}

/* ------------------------------------------------------------------ waiting */

/* Until the connection is ready, something is posted, or the time is over; false when the program
   ends and has waited long enough for that. */
static bool wait_until(const Notices *n, short events, i64 until_ms)
{
    struct pollfd fds[] = { { .fd = n->wake_fd, .events = POLLIN },
                            { .fd = n->db ? PQsocket(n->db) : -1, .events = events } };
    eventfd_t rings;
    i64 left = until_ms - monotonic_ms();
    i64 most = n->stops ? FAREWELL_MS_MAX : ALIVE_MS;
    int ready = left > 0 ? poll(fds, COUNT(fds), (int)(left < most ? left : most)) : 0;
    if (ready > 0 && fds[0].revents)
        (void)eventfd_read(n->wake_fd, &rings);
    return !n->stops || ready > 0;
}

static void rest(const Notices *n, i64 ms)
{
    i64 until = monotonic_ms() + ms;
    while (!n->stops && monotonic_ms() < until)
        (void)wait_until(n, 0, until);
}

/* ------------------------------------------------------------------ hearing */

static bool read_slot(Str word, u32 *out)
{
    u32 slot = 0;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.at[i];
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
            return false;
        slot = slot * 16 + (u32)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *out = slot;
    return word.n > 0 && word.n <= SLOT_DIGITS;
}

/* What cannot be read is said by a program that is not this one: it may mean everything. */
static void hear_one(Notices *n, Str said)
{
    TagSet set = { .n = 0 };
    Str origin, word;
    if (!str_cut(&said, ' ', &origin) || str_is(origin, str_of(n->origin)))
        return;
    while (said.n && str_cut(&said, ' ', &word)) {
        if (!read_slot(word, &set.slots[set.n]))
            set.slots[set.n] = SLOT_OF_ALL;
        if (++set.n < COUNT(set.slots))
            continue;
        tags_heard(n->store, &set);
        set.n = 0;
    }
    tags_heard(n->store, &set);
}

static bool hear(Notices *n)
{
    PGnotify *one;
    if (!PQconsumeInput(n->db))
        return false;
    while ((one = PQnotifies(n->db))) {
        hear_one(n, str_of(one->extra));
        PQfreemem(one);
    }
    return true;
}

/* ------------------------------------------------------------------ telling */

/* One command, whose answer is waited for; what is heard meanwhile is taken. */
static bool ask(Notices *n, const char *sql, const char *value)
{
    const char *values[] = { value };
    i64 until = monotonic_ms() + ANSWER_MS_MAX;
    bool good = PQsendQueryParams(n->db, sql, value ? 1 : 0, NULL, values, NULL, NULL, 0);
    while (good) {
        int unsent = PQflush(n->db);
        if (unsent < 0 || !hear(n))
            return false;
        while (!PQisBusy(n->db)) {
            PGresult *r = PQgetResult(n->db);
            if (!r)
                return good;
            ExecStatusType status = PQresultStatus(r);
            good = good && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
            PQclear(r);
        }
        short events = (short)(unsent ? POLLIN | POLLOUT : POLLIN);
        good = good && wait_until(n, events, until) && monotonic_ms() < until;
    }
    return false;
}

static bool tell(Notices *n, const u32 *slots, size_t slots_n)
{
    char payload[PAYLOAD_BYTES_MAX];
    size_t i = 0;
    do {
        int at = snprintf(payload, sizeof payload, "%s", n->origin);
        while (i < slots_n && (size_t)at + SLOT_DIGITS + 2 < sizeof payload)
            at += snprintf(payload + at, sizeof payload - (size_t)at, " %x", slots[i++]);
        if (!ask(n, "SELECT pg_notify('linli', $1)", payload))
            return false;
    } while (i < slots_n);
    return true;
}

/* What could not be told is told as everything, once somebody listens again. */
static bool tell_posted(Notices *n)
{
    static const u32 ALL[] = { SLOT_OF_ALL };
    u32 slots[SLOTS_TOLD_MAX];
    size_t taken = take_posted(n, slots, COUNT(slots));
    bool told = taken <= COUNT(slots) ? tell(n, slots, taken) : tell(n, ALL, COUNT(ALL));
    n->sent_ms = monotonic_ms();
    if (told)
        return true;
    post_slot(n, SLOT_OF_ALL);
    n->is_posted = true;
    return false;
}

/* ------------------------------------------------------------------ the thread */

static bool reach(Notices *n)
{
    i64 until = monotonic_ms() + ANSWER_MS_MAX;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    n->db = PQconnectStart(n->store->url.at);
    if (!n->db || PQstatus(n->db) == CONNECTION_BAD)
        return false;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        struct pollfd fd = { .fd = PQsocket(n->db),
                             .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT };
        i64 left = until - monotonic_ms();
        if (n->stops || left <= 0)
            return false;
        if (poll(&fd, 1, left < GAP_MS * 5 ? (int)left : GAP_MS * 5) > 0)
            status = PQconnectPoll(n->db);
    }
    return status == PGRES_POLLING_OK && PQsetnonblocking(n->db, 1) == 0
        && ask(n, "LISTEN linli", NULL);
}

/* Until the connection is lost, or the program ends and all is told. */
static void talk(Notices *n)
{
    while (!n->stops || n->is_posted) {
        i64 due = n->sent_ms + (n->is_posted ? GAP_MS : ALIVE_MS);
        if (monotonic_ms() >= due) {
            if (!tell_posted(n))
                return;
        } else if (!wait_until(n, POLLIN, due) && !n->is_posted) {
            return;
        }
        if (!hear(n))
            return;
    }
}

static void *notice_thread(void *arg)
{
    static const TagSet ALL = { .n = 1, .slots = { SLOT_OF_ALL } };
    Notices *n = arg;
    for (i64 wait_ms = GAP_MS; !n->stops;) {
        if (reach(n)) {
            tags_heard(n->store, &ALL); /* whatever was said before this is not known here */
            log_line(LOG_DEBUG, "notices.heard");
            wait_ms = GAP_MS;
            talk(n);
        }
        if (!n->stops)
            log_line(LOG_WARN, "notices.lost",
                     LT("why", str_of(n->db ? PQerrorMessage(n->db) : "")));
        PQfinish(n->db);
        n->db = NULL;
        rest(n, wait_ms);
        wait_ms = wait_ms * 2 < BACK_OFF_MS_MAX ? wait_ms * 2 : BACK_OFF_MS_MAX;
    }
    return NULL;
}

static void free_notices(Notices *n)
{
    if (n->wake_fd >= 0)
        close(n->wake_fd);
    free(n);
}

Err notices_start(Ctx *cx, Store *store)
{
    u64 number;
    Notices *n = calloc(1, sizeof *n);
    if (!n)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    n->store = store;
    n->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool is_random = getrandom(&number, sizeof number, 0) == sizeof number;
    snprintf(n->origin, sizeof n->origin, "%016llx", (unsigned long long)(is_random ? number : 0));
    if (n->wake_fd < 0 || !is_random || pthread_create(&n->thread, NULL, notice_thread, n)) {
        free_notices(n);
        return fail(cx, E_LIMIT, "core.no_thread");
    }
    store->own = n;
    return OK;
}

void notices_stop(Store *store)
{
    Notices *n = store->own;
    if (!n)
        return;
    n->stops = true;
    (void)eventfd_write(n->wake_fd, 1);
    pthread_join(n->thread, NULL);
    store->own = NULL;
    free_notices(n);
}
