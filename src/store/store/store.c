/* store.c -- opening, and the seam between a Ctx and an engine. */
#include "driver/driver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITERS_MAX = 8 };

static const Driver *const DRIVERS[] = { &POSTGRES_DRIVER, &SQLITE_DRIVER };

/* ------------------------------------------------------------------ opening */

/* The engine whose scheme begins the url, and the url without it; a bare path has the empty
   scheme. */
static const Driver *driver_for(Str url, Str *out_path)
{
    size_t at;
    bool has_scheme = str_find(url, S("://"), &at) || str_starts(url, S("file:"));
    for (size_t i = 0; i < COUNT(DRIVERS); i++) {
        for (const char *const *scheme = DRIVERS[i]->schemes; *scheme; scheme++) {
            Str head = str_of(*scheme);
            if (head.n ? str_starts(url, head) : !has_scheme) {
                *out_path = head.n && str_is(head, S("file:")) ? str_skip(url, head.n) : url;
                return DRIVERS[i];
            }
        }
    }
    return NULL;
}

bool store_is_file(Str url, Str *out_path)
{
    return driver_for(url, out_path) == &SQLITE_DRIVER;
}

/* Host and database: behind user and password, before settings. A password may hold any sign, so
** the last @ counts; false when one stands behind a ?, which may then be part of a password. */
static bool find_host(Str rest, Str *out)
{
    size_t at;
    str_cut(&rest, '?', out);
    if (rest.at && str_find(rest, S("@"), &at))
        return false;
    while (str_find(*out, S("@"), &at))
        *out = str_skip(*out, at + 1);
    return true;
}

/* A path, or what people write instead: "host=h password=p". */
static Str path_name(Ctx *cx, Str path)
{
    size_t at;
    return str_find(path, S("password="), &at)
               ? str_join(&cx->arena, str_first(path, at), S("…")) : path;
}

Str store_name(Ctx *cx, Str url)
{
    size_t at;
    Str host, name, shown;
    if (!str_find(url, S("://"), &at))
        return path_name(cx, url);
    Str scheme = str_first(url, at + 3);
    if (!find_host(str_skip(url, scheme.n), &name))
        return str_join(&cx->arena, scheme, S("…"));
    str_cut(&name, '/', &host);
    str_cut(&host, ':', &shown); /* without the port, which may be a password without a host */
    return str_format(&cx->arena, name.at ? "%.*s%.*s/%.*s" : "%.*s%.*s", STR_ARGS(scheme),
                      STR_ARGS(shown), STR_ARGS(name));
}

static Str own_copy(Str s)
{
    char *at = malloc(s.n + 1);
    if (!at)
        return (Str){ NULL, 0 };
    memcpy(at, s.at, s.n);
    at[s.n] = 0;
    return (Str){ at, s.n };
}

static size_t readers_by_default(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? 2 * (size_t)cores : 2;
}

static void store_free(Store *store)
{
    pool_free(store->readers);
    pool_free(store->writers);
    if (store->tags.is_watched)
        close(store->tags.stirred_fd);
    free((char *)store->url.at);
    free((char *)store->path.at);
    free(store);
}

static Store *store_new(const Driver *driver, Str url, Str path, StoreOptions options, House *house)
{
    Store *store = calloc(1, sizeof *store);
    if (!store)
        return NULL;
    store->driver = driver;
    store->url = own_copy(url);
    store->path = own_copy(path);
    store->house = house;
    store->readers = pool_new(options.readers_max ? options.readers_max : readers_by_default());
    store->writers = pool_new(WRITERS_MAX);
    if (store->url.at && store->path.at && store->readers && store->writers)
        return store;
    store_free(store);
    return NULL;
}

Err store_open(Ctx *cx, Str url, StoreOptions options, Store **out)
{
    Str path;
    const Driver *driver = driver_for(url, &path);
    if (!driver || path.n == 0)
        return fail(cx, E_INPUT, "store.unknown_scheme", V("url", store_name(cx, url)));
    Store *store = store_new(driver, url, path, options, cx->house);
    if (!store)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    Err err = driver->store_open(cx, store, options.must_exist);
    if (err)
        store_free(store);
    else
        *out = store;
    return err;
}

void store_close(Store *store)
{
    pool_close(store->readers, store->driver);
    pool_close(store->writers, store->driver);
    store->driver->store_close(store);
    store_free(store);
}

Err store_listen_start(Ctx *cx, Store *store)
{
    return store->driver->listen_start ? store->driver->listen_start(cx, store) : OK;
}

void store_listen_stop(Store *store)
{
    if (store->driver->listen_stop)
        store->driver->listen_stop(store);
}

/* ------------------------------------------------------------------ a Ctx and its store */

StoreLink *store_link(const Ctx *cx)
{
    return cx->store;
}

Err store_attach(Ctx *cx, Store *store)
{
    StoreLink *link = calloc(1, sizeof *link);
    if (!link)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    link->store = store;
    cx->store = link;
    return OK;
}

void store_detach(Ctx *cx)
{
    store_rest(cx);
    free(cx->store);
    cx->store = NULL;
}

Store *store_of(const Ctx *cx)
{
    return cx->store ? store_link(cx)->store : NULL;
}

bool store_is_at_hand(const Store *store)
{
    return store->driver->is_at_hand;
}

bool store_is_writing(const Ctx *cx)
{
    return cx->store && store_link(cx)->is_writing;
}

/* ------------------------------------------------------------------ reading */

Err store_lease(Ctx *cx)
{
    StoreLink *link = store_link(cx);
    Store *store = link->store;
    Conn *conn = NULL;
    TRY(pool_lease(cx, store, store->readers, &conn));
    Err err = store->driver->read_begin(cx, conn);
    if (err)
        pool_give(store->readers, conn);
    else
        link->conn = conn;
    return err;
}

void store_rest(Ctx *cx)
{
    StoreLink *link = store_link(cx);
    if (!link || !link->conn || link->is_writing)
        return;
    conn_reset_all(link->conn);
    link->store->driver->read_end(link->conn);
    pool_give(link->store->readers, link->conn);
    link->conn = NULL;
    cx->known_post = NULL; /* the next read sees another state */
}

/* ------------------------------------------------------------------ writing */

Err store_write(Ctx *cx, WriteFn *fn, void *arg)
{
    StoreLink *link = store_link(cx);
    if (!link)
        return fail(cx, E_BUG, "store.not_attached");
    if (link->is_writing)
        return fn(cx, arg);
    TRY(ctx_err(cx));
    store_rest(cx); /* an open read would keep its old state, and pin the log file */
    ctx_waits(cx, true);
    Err err = link->store->driver->write(cx, fn, arg);
    ctx_waits(cx, false);
    cx->known_post = NULL;
    return err;
}

void store_before_commit(Ctx *cx, WriteFn *fn, void *arg)
{
    StoreLink *link = store_link(cx);
    link->before_commit = fn;
    link->before_commit_arg = arg;
}

Err write_run(Ctx *cx, Conn *conn, WriteFn *fn, void *arg)
{
    StoreLink *link = store_link(cx);
    link->conn = conn;
    link->is_writing = true;
    tags_begin(link);
    Err err = fn(cx, arg);
    if (!err)
        err = ctx_err(cx);
    if (!err && link->before_commit)
        err = link->before_commit(cx, link->before_commit_arg);
    if (!err)
        err = ctx_err(cx); /* a text that found no room must not be kept */
    conn_reset_all(conn);
    link->conn = NULL;
    link->is_writing = false;
    return err;
}

Err store_next_id(Ctx *cx, const char *table, i64 *out)
{
    return store_of(cx)->driver->next_id(cx, table, out);
}

StoreFigures store_figures(const Store *store)
{
    return (StoreFigures){ store->writes, store->commits, store->reruns, store->waiting };
}

Err store_sizes(Ctx *cx, StoreSizes *out)
{
    *out = (StoreSizes){ 0 };
    return store_of(cx)->driver->sizes(cx, out);
}

Err store_backup(Ctx *cx, Str path)
{
    return store_of(cx)->driver->backup(cx, path);
}

Err store_check(Ctx *cx)
{
    return store_of(cx)->driver->check(cx);
}

Err store_limit_pages(Ctx *cx, i64 pages_max)
{
    return store_of(cx)->driver->limit_pages(cx, pages_max);
}
