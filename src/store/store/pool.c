/* pool.c -- connections that are lent and given back; at most so many are ever open. */
#include "driver/driver.h"

#include "text/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { WAIT_SECONDS_MAX = 10 };

struct ConnPool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    Conn *free;
    size_t open_n, open_max;
};

ConnPool *pool_new(size_t open_max)
{
    ConnPool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->open_max = open_max;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->freed, &steady);
    pthread_condattr_destroy(&steady);
    return pool;
}

void pool_free(ConnPool *pool)
{
    if (!pool)
        return;
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->freed);
    free(pool);
}

void pool_close(ConnPool *pool, const Driver *driver)
{
    while (pool->free) {
        Conn *conn = pool->free;
        pool->free = conn->next_free;
        driver->conn_close(conn);
    }
}

/* A free connection, or the right to open a new one (NULL). While all are in use it waits, but not
** for ever: a server that no longer answers must not take every thread with it. */
static bool wait_for_one(ConnPool *pool, Conn **out)
{
    struct timespec until;
    int waited = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_SECONDS_MAX;
    pthread_mutex_lock(&pool->lock);
    while (!pool->free && pool->open_n >= pool->open_max && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
    bool has_one = pool->free || pool->open_n < pool->open_max;
    *out = pool->free;
    if (*out)
        pool->free = (*out)->next_free;
    else if (has_one)
        pool->open_n++;
    pthread_mutex_unlock(&pool->lock);
    return has_one;
}

void pool_give(ConnPool *pool, Conn *conn)
{
    pthread_mutex_lock(&pool->lock);
    if (conn) {
        conn->next_free = pool->free;
        pool->free = conn;
    } else {
        pool->open_n--;
    }
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

Err pool_lease(Ctx *cx, Store *store, ConnPool *pool, Conn **out)
{
    Conn *conn;
    if (!wait_for_one(pool, &conn))
        return fail(cx, E_BUSY, "store.busy");
    Err err = conn ? OK : store->driver->conn_open(cx, store, &conn);
    if (err)
        pool_give(pool, NULL);
    else
        *out = conn;
    return err;
}
