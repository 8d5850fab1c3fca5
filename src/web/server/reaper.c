/* reaper.c -- deadlines for connections. A client that drips a header, a body or reads a reply
** too slowly is shut; the library then closes and tells us. A record lives from NOTIFY_STARTED
** to NOTIFY_CLOSED, and the socket is only ever shut under the lock, so a number that was reused
** is never hit. */
#include "server/private.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { LOOK_EVERY_MS = 250 };

void record_add_connection(Server *s, struct MHD_Connection *connection, void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    ConnRecord *r = calloc(1, sizeof *r);
    *socket_context = r;
    s->connections++;
    if (!r || !info)
        return;
    r->fd = info->connect_fd;
    r->since_ms = monotonic_ms();
    r->is_first = true;
    pthread_mutex_lock(&s->records_lock);
    r->next = s->records;
    if (r->next)
        r->next->before = r;
    s->records = r;
    pthread_mutex_unlock(&s->records_lock);
}

void record_drop_connection(Server *s, void **socket_context)
{
    ConnRecord *r = *socket_context;
    s->connections--;
    if (!r)
        return;
    pthread_mutex_lock(&s->records_lock);
    if (r->before)
        r->before->next = r->next;
    else if (s->records == r)
        s->records = r->next;
    if (r->next)
        r->next->before = r->before;
    pthread_mutex_unlock(&s->records_lock);
    free(r);
    *socket_context = NULL;
}

void record_phase(ConnRecord *r, Phase phase)
{
    if (!r)
        return;
    r->since_ms = monotonic_ms(); /* before the phase: a new one is never found old */
    r->phase = phase;
    if (phase != PHASE_HEADER)
        r->is_first = false;
}

static i64 allowed_ms(const ServerLimits *l, const ConnRecord *r)
{
    switch (r->phase) {
    case PHASE_HEADER: return r->is_first ? l->header_ms_max : l->idle_ms_max + l->header_ms_max;
    case PHASE_BODY: return l->body_ms_max;
    case PHASE_SEND: return l->send_ms_max;
    case PHASE_WORK: break;
    }
    return INT64_MAX;
}

static void look_at_all(Server *s)
{
    i64 now = monotonic_ms();
    pthread_mutex_lock(&s->records_lock);
    for (ConnRecord *r = s->records; r; r = r->next) {
        if (r->is_shut || now - r->since_ms <= allowed_ms(&s->limits, r))
            continue;
        shutdown(r->fd, SHUT_RDWR);
        r->is_shut = true;
        s->reaped++;
    }
    pthread_mutex_unlock(&s->records_lock);
}

static void *reaper_thread(void *arg)
{
    Server *s = arg;
    struct timespec pause = { 0, LOOK_EVERY_MS * 1000000 };
    while (!s->reaper_stops) {
        nanosleep(&pause, NULL);
        look_at_all(s);
    }
    return NULL;
}

bool reaper_start(Server *s)
{
    pthread_mutex_init(&s->records_lock, NULL);
    return pthread_create(&s->reaper, NULL, reaper_thread, s) == 0;
}

void reaper_stop(Server *s)
{
    s->reaper_stops = true;
    pthread_join(s->reaper, NULL);
}
