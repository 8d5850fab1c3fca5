/* pool.c -- connections that are lent and given back; at most so many are ever open. */
#include "driver/driver.h"

#include <pthread.h>
#include <stdlib.h>

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
    pthread_cond_init(&pool->freed, NULL);
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

/* A free connection, or the right to open a new one (NULL); waits while all are in use. */
static Conn *wait_for_one(ConnPool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->free && pool->open_n >= pool->open_max)
        pthread_cond_wait(&pool->freed, &pool->lock);
    Conn *conn = pool->free;
    if (conn)
        pool->free = conn->next_free;
    else
        pool->open_n++;
    pthread_mutex_unlock(&pool->lock);
    return conn;
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
    Conn *conn = wait_for_one(pool);
    Err err = conn ? OK : store->driver->conn_open(cx, store, &conn);
    if (err)
        pool_give(pool, NULL);
    else
        *out = conn;
    return err;
}
