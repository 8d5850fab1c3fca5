/* cache.c -- the table of kept pages: found by address, dropped when old, least used first. */
#include "cache/private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, AGE_MS_MAX = 1000, PACK_BYTES_MIN = 1000, ETAG_BYTES = 48, OWN_BYTES = 512 };

const char CACHE_COOKIE[] = "linli_w";

typedef struct Kept Kept;
struct Kept {
    Arena arena;          /* holds this struct and what it owns */
    Kept *next;           /* of its bucket */
    Kept *newer, *older;  /* by use */
    u64 hash;
    PageKey key;          /* target is owned */
    Reliance on;
    i64 made_ms;
    Instant now, until;
    u64 content;          /* hash of the body */
    unsigned wanted;      /* encodings that were asked for, as bits */
    size_t bytes;
    HttpReady *ready[ENCODING_COUNT], *unchanged;
};

struct PageCache {
    const Store *store;
    size_t bytes_max;
    pthread_mutex_t lock;
    Kept *buckets[BUCKETS];
    Kept *newest, *oldest;
    size_t bytes;
    _Atomic i64 hits, unchanged, misses, kept, pages;
};

/* ------------------------------------------------------------------ the table */

static u64 hash_of(const PageKey *key)
{
    return str_hash(key->target) * 31 + (u64)key->lang * 4 + key->is_elder * 2u + key->is_json;
}

static bool is_same(const Kept *k, u64 hash, const PageKey *key)
{
    return k->hash == hash && k->key.lang == key->lang && k->key.is_elder == key->is_elder
        && k->key.is_json == key->is_json && str_is(k->key.target, key->target);
}

static Kept *find(const PageCache *c, const PageKey *key)
{
    u64 hash = hash_of(key);
    Kept *k = c->buckets[hash % BUCKETS];
    while (k && !is_same(k, hash, key))
        k = k->next;
    return k;
}

static void unlink_use(PageCache *c, Kept *k)
{
    *(k->newer ? &k->newer->older : &c->newest) = k->older;
    *(k->older ? &k->older->newer : &c->oldest) = k->newer;
    k->newer = k->older = NULL;
}

static void link_newest(PageCache *c, Kept *k)
{
    k->older = c->newest;
    *(k->older ? &k->older->newer : &c->oldest) = k;
    c->newest = k;
}

static void free_kept(Kept *k)
{
    for (int i = 0; i < ENCODING_COUNT; i++)
        http_ready_drop(k->ready[i]);
    http_ready_drop(k->unchanged);
    Arena arena = k->arena;
    arena_end(&arena);
}

static void drop(PageCache *c, Kept *k)
{
    Kept **at = &c->buckets[k->hash % BUCKETS];
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    unlink_use(c, k);
    c->bytes -= k->bytes;
    c->pages--;
    free_kept(k);
}

static void insert(PageCache *c, Kept *k)
{
    Kept *before = find(c, &k->key);
    if (before)
        drop(c, before);
    k->next = c->buckets[k->hash % BUCKETS];
    c->buckets[k->hash % BUCKETS] = k;
    link_newest(c, k);
    c->bytes += k->bytes;
    c->pages++;
    c->kept++;
    while (c->bytes > c->bytes_max && c->oldest)
        drop(c, c->oldest);
}

static const char CACHE_PART;

static void cache_end(void *part)
{
    PageCache *c = part;
    while (c->oldest)
        drop(c, c->oldest);
    pthread_mutex_destroy(&c->lock);
}

PageCache *cache_new(House *house, const Store *store, size_t bytes_max)
{
    PageCache *c = house_add(house, &CACHE_PART, sizeof *c, cache_end);
    c->store = store;
    c->bytes_max = bytes_max;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

CacheFigures cache_figures(const PageCache *c)
{
    return (CacheFigures){ .hits = c->hits, .unchanged = c->unchanged, .misses = c->misses,
                           .kept = c->kept, .bytes = (i64)c->bytes, .pages = c->pages };
}

/* ------------------------------------------------------------------ answering */

static bool is_true_still(const PageCache *c, const Kept *k, Instant now)
{
    return monotonic_ms() - k->made_ms < AGE_MS_MAX && now.ms < k->until.ms
        && store_holds(c->store, &k->on);
}

static Encoding encoding_for(const HttpIn *in)
{
    Str accept = http_header(in, S("accept-encoding"));
    size_t at;
    return str_find(accept, S("br"), &at)     ? ENCODING_BROTLI
           : str_find(accept, S("gzip"), &at) ? ENCODING_GZIP
                                              : ENCODING_PLAIN;
}

/* The ETag is W/"CONTENT.SEEN", both in hexadecimal digits: what the page says, and when what it
   says was read. */
static bool read_etag(Str tag, u64 *out_content, i64 *out_seen)
{
    char text[ETAG_BYTES + 1], *end;
    Str inner = str_skip(str_trim(tag), 3);
    if (!str_starts(str_trim(tag), S("W/\"")) || inner.n >= sizeof text)
        return false;
    memcpy(text, inner.at, inner.n);
    text[inner.n] = 0;
    *out_content = strtoull(text, &end, 16);
    if (*end != '.')
        return false;
    *out_seen = strtoll(end + 1, &end, 16);
    return *end == '"';
}

typedef enum Seen { SEEN_NOTHING, SEEN_THIS, SEEN_NEWER } Seen;

static Seen what_was_seen(const Kept *k, const HttpIn *in)
{
    Str rest = http_header(in, S("if-none-match")), one;
    Seen seen = SEEN_NOTHING;
    u64 content;
    i64 at;
    while (str_cut(&rest, ',', &one)) {
        if (!read_etag(one, &content, &at))
            continue;
        if (content == k->content)
            seen = SEEN_THIS;
        else if (at > k->now.ms)
            return SEEN_NEWER;
    }
    return seen;
}

/* Under the lock. */
static HttpReady *choose(Kept *k, const HttpIn *in)
{
    Encoding encoding = encoding_for(in);
    Seen seen = what_was_seen(k, in);
    k->wanted |= 1u << encoding;
    return seen == SEEN_NEWER  ? NULL
           : seen == SEEN_THIS ? k->unchanged
                               : k->ready[encoding];
}

static bool has_written(const HttpIn *in)
{
    return http_cookie(in, CACHE_COOKIE).n > 0;
}

bool cache_answer(PageCache *c, const PageKey *key, const HttpIn *in, Instant now, HttpOut *out)
{
    HttpReady *ready = NULL;
    if (c->bytes_max == 0 || has_written(in))
        return false;
    pthread_mutex_lock(&c->lock);
    Kept *k = find(c, key);
    if (k && is_true_still(c, k, now)) {
        ready = choose(k, in);
        if (c->newest != k) {
            unlink_use(c, k);
            link_newest(c, k);
        }
        if (ready)
            *(ready == k->unchanged ? &c->unchanged : &c->hits) += 1;
    }
    if (ready)
        *out = (HttpOut){ .ready = http_ready_hold(ready) };
    pthread_mutex_unlock(&c->lock);
    return ready != NULL;
}

/* ------------------------------------------------------------------ keeping */

void cache_begin(PageCache *c, Ctx *cx, const PageKey *key, PageDraft *out)
{
    *out = (PageDraft){ .key = *key, .made_ms = monotonic_ms(), .now = cx->now };
    c->misses++;
    store_rely(cx, &out->on);
}

static const char *const ENCODING_NAMES[ENCODING_COUNT] = { "", "gzip", "br" };

/* One way of sending the page: its own headers, with those of this encoding before them. */
static HttpReady *make_ready(Ctx *cx, const HttpOut *page, Encoding encoding, HttpHeader *etag)
{
    HttpOut out = *page;
    HttpHeader how = { etag, S("Content-Encoding"), str_of(ENCODING_NAMES[encoding]) };
    etag->next = page->headers;
    out.headers = encoding ? &how : etag;
    if (encoding && !cache_pack(&cx->arena, encoding, page->body, &out.body))
        return NULL;
    return http_ready_new(&out);
}

static HttpReady *make_unchanged(const HttpOut *page, HttpHeader *etag)
{
    HttpOut out = { .status = 304, .headers = etag, .body = page->body };
    etag->next = page->headers;
    return http_ready_new(&out);
}

/* A short body goes to everybody as it is. */
static void fill_ready(Ctx *cx, Kept *k, const HttpOut *page)
{
    HttpHeader etag = { NULL, S("ETag"),
                        str_format(&cx->arena, "W/\"%llx.%llx\"", (unsigned long long)k->content,
                                   (unsigned long long)k->now.ms) };
    bool is_short = page->body.n < PACK_BYTES_MIN;
    k->bytes = sizeof *k + OWN_BYTES + k->key.target.n;
    k->unchanged = make_unchanged(page, &etag);
    for (int i = 0; i < ENCODING_COUNT; i++) {
        if (!is_short && i != ENCODING_PLAIN && !(k->wanted & 1u << i))
            continue;
        k->ready[i] = make_ready(cx, page, is_short ? ENCODING_PLAIN : (Encoding)i, &etag);
        k->bytes += k->ready[i] ? http_ready_bytes(k->ready[i]) + OWN_BYTES : 0;
    }
}

static Kept *make_kept(Ctx *cx, const PageDraft *draft, const HttpOut *page, Instant until,
                       unsigned wanted)
{
    Arena arena = arena_new(sizeof(Kept) + draft->key.target.n + OWN_BYTES);
    Kept *k = arena_take(&arena, sizeof *k);
    if (!k)
        return NULL;
    *k = (Kept){ .hash = hash_of(&draft->key), .key = draft->key, .on = draft->on,
                 .made_ms = draft->made_ms, .now = draft->now, .until = until,
                 .content = str_hash(page->body), .wanted = wanted };
    k->key.target = str_copy(&arena, draft->key.target);
    k->arena = arena;
    fill_ready(cx, k, page);
    if (!arena.is_short && k->unchanged && k->ready[ENCODING_PLAIN])
        return k;
    free_kept(k);
    return NULL;
}

/* What was asked for before is made again, so that two readers of one page with two encodings do
   not drive each other out. */
static unsigned wanted_before(PageCache *c, const PageKey *key)
{
    pthread_mutex_lock(&c->lock);
    const Kept *k = find(c, key);
    unsigned wanted = k ? k->wanted : 0;
    pthread_mutex_unlock(&c->lock);
    return wanted;
}

void cache_keep(PageCache *c, Ctx *cx, const PageDraft *draft, const HttpIn *in,
                const HttpOut *page, Instant until)
{
    if (page->status != 200 || page->body.n > c->bytes_max / 4
        || !store_holds(c->store, &draft->on))
        return;
    unsigned wanted = wanted_before(c, &draft->key) | 1u << encoding_for(in);
    Kept *k = make_kept(cx, draft, page, until, wanted);
    if (!k)
        return;
    pthread_mutex_lock(&c->lock);
    if (store_holds(c->store, &k->on))
        insert(c, k);
    else
        free_kept(k);
    pthread_mutex_unlock(&c->lock);
}
