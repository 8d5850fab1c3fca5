/* cache.h -- public pages kept for a moment, answered before any worker is asked.
**
** A kept page is sent while four things hold: nothing it relies on has changed (store/store.h),
** it was made less than a second ago, its day has not ended, and the reader has not seen a newer
** one. The first makes it never older than the last write acknowledged by this process; the
** second bounds what other processes may have written meanwhile, even when their notices are
** lost; the last is told by the reader's own ETag, and by the short-lived cookie that every
** written form leaves (docs/decisions/014).
**
** Order of calls, on a worker: cache_begin before the first query, then the page is made, then
** cache_keep. On a listener: cache_answer. */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "server/server.h"

typedef struct PageCache PageCache;

/* What tells two pages of one address apart. */
typedef struct PageKey {
    Str target; /* path and query as they were sent */
    Lang lang;
    bool is_elder, is_json;
} PageKey;

/* A page on its way into the cache. */
typedef struct PageDraft {
    PageKey key;
    Reliance on;
    i64 made_ms;    /* monotonic, before its first query */
    Instant now;    /* by the clock of the house, for the ETag and the end of its day */
} PageDraft;

/* bytes_max is for the bodies of all pages together; 0 keeps none. */
PageCache *cache_new(House *house, const Store *store, size_t bytes_max);

/* Fills *out with a ready reply, 200 or 304; false when a worker must make the page. */
bool cache_answer(PageCache *cache, const PageKey *key, const HttpIn *in, Instant now,
                  HttpOut *out);

void cache_begin(PageCache *cache, Ctx *cx, const PageKey *key, PageDraft *out);
/* Keeps a page that was made with status 200, when nothing it relies on has changed since. */
void cache_keep(PageCache *cache, Ctx *cx, const PageDraft *draft, const HttpIn *in,
                const HttpOut *page, Instant until);

/* The cookie that keeps a writer away from kept pages for as long as one may be old. */
extern const char CACHE_COOKIE[];
enum { CACHE_COOKIE_SECONDS = 2 };

typedef struct CacheFigures {
    i64 hits, unchanged, misses, kept, bytes, pages;
} CacheFigures;
CacheFigures cache_figures(const PageCache *cache);

#endif
