/* pool.c -- workers: plain threads that take whole requests from a bounded queue. */
#include "server/private.h"

#include "when/when.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKER_STACK_BYTES = 512 * 1024 };

const i64 SERVER_TOOK_BOUNDS[7] = { 1, 5, 10, 50, 100, 500, 1000 };

/* There are many workers, so that many writers can wait for one commit; but only a few for each
** core are awake at a time: more would only take the cores from each other. A worker that is
** done takes the next exchange itself, without anybody being woken. */
static bool may_begin(const Pool *pool)
{
    return pool->first && pool->awake < pool->awake_max;
}

static Exchange *take_first(Pool *pool)
{
    Exchange *ex = pool->first;
    pool->first = ex->next;
    if (!pool->first)
        pool->end = &pool->first;
    pool->waiting--;
    pool->working++;
    pool->awake++;
    return ex;
}

static Exchange *next_exchange(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!may_begin(pool) && !pool->is_stopping) {
        pool->idle++;
        pthread_cond_wait(&pool->arrived, &pool->lock);
        pool->idle--;
    }
    Exchange *ex = may_begin(pool) ? take_first(pool) : NULL;
    pthread_mutex_unlock(&pool->lock);
    return ex;
}

static void done_working(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->working--;
    pool->awake--;
    bool is_drained = pool->working == 0;
    pthread_mutex_unlock(&pool->lock);
    if (is_drained)
        pthread_cond_broadcast(&pool->drained);
}

/* A worker falls asleep: another may begin. One that wakes goes on at once. */
static void worker_waits(void *arg, bool waits)
{
    Pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    pool->awake += waits ? (size_t)-1 : 1;
    bool wake_one = waits && may_begin(pool) && pool->idle;
    pthread_mutex_unlock(&pool->lock);
    if (wake_one)
        pthread_cond_signal(&pool->arrived);
}

/* The reply outlives the Ctx: it is copied into the exchange. */
void exchange_keep_reply(Exchange *ex, const HttpOut *out)
{
    Arena *a = &ex->arena;
    HttpHeader **end = &ex->out.headers;
    if (out->ready) {
        ex->out = (HttpOut){ .ready = out->ready };
        return;
    }
    ex->out = (HttpOut){ .status = out->status, .content_type = str_copy(a, out->content_type),
                         .body = out->body_is_static ? out->body : str_copy(a, out->body),
                         .body_is_static = out->body_is_static };
    for (const HttpHeader *h = out->headers; h; h = h->next) {
        HttpHeader *copy = arena_take(a, sizeof *copy);
        if (!copy)
            break;
        *copy = (HttpHeader){ NULL, str_copy(a, h->name), str_copy(a, h->value) };
        *end = copy;
        end = &copy->next;
    }
    if (out->live) {
        LiveAsk *ask = arena_take(a, sizeof *ask);
        if (ask)
            *ask = *out->live;
        ex->out.live = ask;
        ex->out.status = ask ? out->status : 503;
    }
    if (out->body.n && ex->out.body.n != out->body.n)
        ex->out = (HttpOut){ .status = 503, .content_type = S("text/plain; charset=utf-8") };
}

static void work(Server *s, Ctx *cx, Exchange *ex)
{
    HttpOut out = { .status = 500 };
    ctx_begin(cx, clock_now(s->house));
    s->handler.handle(s->handler.arg, cx, &ex->in, &out);
    exchange_keep_reply(ex, &out);
    ctx_end(cx);
    store_rest(cx);
    ex->has_reply = true;
    MHD_resume_connection(ex->connection); /* the exchange is the listener's again */
}

static void *worker(void *arg)
{
    Server *s = arg;
    Ctx cx = ctx_new(s->house, s->limits.ctx_bytes_max);
    if (store_attach(&cx, s->store))
        return NULL;
    cx.on_wait = worker_waits;
    cx.on_wait_arg = &s->pool;
    for (Exchange *ex; (ex = next_exchange(&s->pool));) {
        work(s, &cx, ex);
        done_working(&s->pool);
    }
    store_detach(&cx);
    ctx_free(&cx);
    return NULL;
}

bool pool_put(Server *s, Exchange *ex)
{
    Pool *pool = &s->pool;
    pthread_mutex_lock(&pool->lock);
    bool fits = pool->waiting < s->limits.queue_max && !pool->is_stopping;
    if (fits) {
        MHD_suspend_connection(ex->connection); /* before any worker can resume it */
        ex->next = NULL;
        *pool->end = ex;
        pool->end = &ex->next;
        pool->waiting++;
    }
    bool wake_one = may_begin(pool) && pool->idle;
    pthread_mutex_unlock(&pool->lock);
    if (wake_one)
        pthread_cond_signal(&pool->arrived);
    return fits;
}

static size_t awake_by_default(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? 2 * (size_t)cores : 2;
}

bool pool_start(Server *s)
{
    Pool *pool = &s->pool;
    pthread_attr_t attributes;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->arrived, NULL);
    pthread_cond_init(&pool->drained, NULL);
    pool->end = &pool->first;
    pool->awake_max = awake_by_default();
    pool->threads = calloc(s->limits.workers, sizeof *pool->threads);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
    while (pool->threads && pool->threads_n < s->limits.workers
           && pthread_create(&pool->threads[pool->threads_n], &attributes, worker, s) == 0)
        pool->threads_n++;
    pthread_attr_destroy(&attributes);
    return pool->threads_n == s->limits.workers;
}

/* Waits until nothing is queued and nothing is worked on, then ends the threads. */
void pool_stop(Server *s)
{
    Pool *pool = &s->pool;
    pthread_mutex_lock(&pool->lock);
    while (pool->first || pool->working)
        pthread_cond_wait(&pool->drained, &pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->arrived);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->threads_n; i++)
        pthread_join(pool->threads[i], NULL);
    free(pool->threads);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->arrived);
    pthread_cond_destroy(&pool->drained);
}
