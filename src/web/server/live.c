/* live.c -- replies that stay open and say "changed" (server-sent events), without a worker each.
**
** A stream's connection is suspended while there is nothing to say; no thread belongs to it. One
** thread for all of them waits until the store tells that something was changed, looks which
** streams rely on it, and resumes those. They say no more than "changed": who hears it asks for
** the page again, and the router decides what they may see. */
#include "server/private.h"

#include "text/text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BEAT_MS = 15000,
    LOOK_GAP_MS = 100,          /* what changes within it is told once */
    LOOK_MS_MAX = 1000,
    STREAMS_MAX = 1024, STREAMS_OF_OWNER_MAX = 4,
    RETRY_MS_MIN = 2000, RETRY_MS_SPREAD = 3000, /* so that not all come back at once */
    BLOCK_BYTES = 512
};

typedef enum Word { WORD_HELLO = 1, WORD_CHANGED = 2, WORD_BEAT = 4 } Word;

struct LiveStream {
    LiveStream *next, *before;
    Exchange *ex;
    LiveAsk ask;
    i64 ends_ms, beat_ms;
    unsigned words;   /* to be said */
    bool is_asleep;   /* its connection is suspended */
    bool is_over;
};

/* ------------------------------------------------------------------ one stream, under the lock */

static void wake(LiveStream *stream)
{
    if (!stream->is_asleep)
        return;
    stream->is_asleep = false;
    record_phase(stream->ex->record, PHASE_SEND); /* who does not read is shut by the reaper */
    MHD_resume_connection(stream->ex->connection);
}

static void fall_asleep(LiveStream *stream)
{
    stream->is_asleep = true;
    record_phase(stream->ex->record, PHASE_WORK);
    MHD_suspend_connection(stream->ex->connection);
}

/* Takes what is to be said as the words of an event stream. */
static size_t take_words(LiveStream *stream, char *out, size_t out_max)
{
    int n = 0;
    if (out_max < BLOCK_BYTES / 2)
        return 0;
    if (stream->words & WORD_HELLO)
        n += snprintf(out, out_max, "retry: %ld\n\n", RETRY_MS_MIN + random() % RETRY_MS_SPREAD);
    if (stream->words & WORD_CHANGED)
        n += snprintf(out + n, out_max - (size_t)n, "event: changed\ndata: 1\n\n");
    if (stream->words & WORD_BEAT)
        n += snprintf(out + n, out_max - (size_t)n, ": still here\n\n");
    stream->words = 0;
    stream->beat_ms = monotonic_ms() + BEAT_MS;
    return (size_t)n;
}

/* The library asks for more: what there is, else it hears nothing until somebody wakes it. */
static ssize_t read_stream(void *arg, uint64_t at, char *out, size_t out_max)
{
    LiveStream *stream = arg;
    Live *live = &stream->ex->server->live;
    ssize_t n = 0;
    (void)at;
    pthread_mutex_lock(&live->lock);
    if (stream->is_over)
        n = MHD_CONTENT_READER_END_OF_STREAM;
    else if (stream->words)
        n = (ssize_t)take_words(stream, out, out_max);
    else
        fall_asleep(stream);
    pthread_mutex_unlock(&live->lock);
    return n;
}

/* ------------------------------------------------------------------ looking at all of them */

static void look_at(const Store *store, LiveStream *stream, i64 now_ms)
{
    if (now_ms >= stream->ends_ms || store_has_changed(store, &stream->ask.lasts_with))
        stream->is_over = true;
    else if (store_has_changed(store, &stream->ask.about))
        stream->words |= WORD_CHANGED;
    else if (now_ms >= stream->beat_ms)
        stream->words |= WORD_BEAT;
    if (stream->is_over || stream->words)
        wake(stream);
}

static bool look_at_all(Server *s)
{
    i64 now_ms = monotonic_ms();
    pthread_mutex_lock(&s->live.lock);
    for (LiveStream *stream = s->live.first; stream; stream = stream->next)
        look_at(s->store, stream, now_ms);
    bool goes_on = !s->live.stops;
    pthread_mutex_unlock(&s->live.lock);
    return goes_on;
}

static void *live_thread(void *arg)
{
    Server *s = arg;
    struct pollfd stirred = { .fd = s->live.stirred_fd, .events = POLLIN };
    struct timespec gap = { 0, LOOK_GAP_MS * 1000000 };
    do {
        (void)poll(&stirred, 1, LOOK_MS_MAX);
        nanosleep(&gap, NULL);
        store_watch_again(s->store);
    } while (look_at_all(s));
    return NULL;
}

/* ------------------------------------------------------------------ coming and going */

/* Under the lock. The thread is there once the first stream is. */
static bool has_thread(Server *s)
{
    Live *live = &s->live;
    if (live->has_thread)
        return true;
    live->stirred_fd = store_watch(s->store);
    live->has_thread = live->stirred_fd >= 0
                    && pthread_create(&live->thread, NULL, live_thread, s) == 0;
    return live->has_thread;
}

/* Of one owner's streams the oldest ends for a new one: whoever goes from page to page leaves
   streams behind, and a suspended connection does not see that nobody is there any more. */
static void end_oldest(Live *live, u64 owner)
{
    LiveStream *oldest = NULL;
    size_t n = 0;
    for (LiveStream *stream = live->first; stream; stream = stream->next) {
        if (stream->ask.owner != owner || stream->is_over)
            continue;
        oldest = stream;
        n++;
    }
    if (n < STREAMS_OF_OWNER_MAX)
        return;
    oldest->is_over = true;
    wake(oldest);
}

static void join(Live *live, LiveStream *stream)
{
    stream->next = live->first;
    if (stream->next)
        stream->next->before = stream;
    live->first = stream;
    live->n++;
}

static bool may_join(Server *s, LiveStream *stream)
{
    Live *live = &s->live;
    pthread_mutex_lock(&live->lock);
    bool may = !live->stops && live->n < STREAMS_MAX && has_thread(s);
    if (may) {
        end_oldest(live, stream->ask.owner);
        join(live, stream);
    }
    pthread_mutex_unlock(&live->lock);
    return may;
}

struct MHD_Response *live_begin(Exchange *ex)
{
    i64 now_ms = monotonic_ms();
    LiveStream *stream = arena_take(&ex->arena, sizeof *stream);
    if (!stream)
        return NULL;
    *stream = (LiveStream){ .ex = ex, .ask = *ex->out.live, .words = WORD_HELLO,
                            .ends_ms = now_ms + ex->out.live->lasts_ms,
                            .beat_ms = now_ms + BEAT_MS };
    if (!may_join(ex->server, stream))
        return NULL;
    ex->stream = stream; /* from now on live_leave takes it off the list */
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream,
                                             NULL);
}

void live_leave(Exchange *ex)
{
    LiveStream *stream = ex->stream;
    Live *live = &ex->server->live;
    if (!stream)
        return;
    pthread_mutex_lock(&live->lock);
    *(stream->before ? &stream->before->next : &live->first) = stream->next;
    if (stream->next)
        stream->next->before = stream->before;
    live->n--;
    pthread_mutex_unlock(&live->lock);
    ex->stream = NULL;
}

void live_start(Server *s)
{
    pthread_mutex_init(&s->live.lock, NULL);
}

/* All end, and none begins any more: no connection stays suspended. */
void live_stop(Server *s)
{
    Live *live = &s->live;
    pthread_mutex_lock(&live->lock);
    live->stops = true;
    for (LiveStream *stream = live->first; stream; stream = stream->next) {
        stream->is_over = true;
        wake(stream);
    }
    pthread_mutex_unlock(&live->lock);
    if (live->has_thread)
        pthread_join(live->thread, NULL);
}
