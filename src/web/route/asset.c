/* asset.c -- static files, packed into the program, answered on the listener's thread. */
#include "route/private.h"

#include "text/text.h"


enum { ASSETS_MAX = 64 };

typedef struct AssetTable {
    const Asset *rows;
    size_t n;
    char versions[ASSETS_MAX][16]; /* first part of the content's hash */
} AssetTable;

static const char ASSETS_PART;

void web_assets_use(House *house, const Asset *assets, size_t n)
{
    AssetTable *table = house_add(house, &ASSETS_PART, sizeof *table, NULL);
    table->rows = assets;
    table->n = n < ASSETS_MAX ? n : ASSETS_MAX;
    for (size_t i = 0; i < table->n; i++) {
        u64 hash = str_hash((Str){ assets[i].at, (size_t)(assets[i].end - assets[i].at) });
        for (int digit = 0; digit < 12; digit++)
            table->versions[i][digit] = "0123456789abcdef"[hash >> (4 * digit) & 15];
    }
}

static size_t find_asset(const AssetTable *table, Str path)
{
    size_t low = 0, high = table->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_compare(path, str_of(table->rows[middle].path));
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return table->n;
}

Str asset_path(const Ctx *cx, const char *path)
{
    const AssetTable *table = house_get(cx->house, &ASSETS_PART);
    size_t n = find_asset(table, str_of(path));
    return n < table->n ? str_format(&((Ctx *)cx)->arena, "%s?v=%s", path, table->versions[n])
                        : str_of(path);
}

/* Headers that never change, one list for each way of sending. */
static HttpHeader VARY = { NULL, { "Vary", 4 }, { "Accept-Encoding", 15 } };
static HttpHeader KEEP = { &VARY,
                           { "Cache-Control", 13 },
                           { "public, max-age=31536000, immutable", 35 } };
static HttpHeader BROTLI = { &KEEP, { "Content-Encoding", 16 }, { "br", 2 } };
static HttpHeader GZIP = { &KEEP, { "Content-Encoding", 16 }, { "gzip", 4 } };

bool asset_quick(const House *house, const HttpIn *in, HttpOut *out)
{
    const AssetTable *table = house_get(house, &ASSETS_PART);
    size_t n = table && in->method != POST ? find_asset(table, in->path) : 0, at;
    if (!table || in->method == POST || n == table->n)
        return false;
    const Asset *a = &table->rows[n];
    Str accept = http_header(in, S("accept-encoding"));
    *out =
        (HttpOut){ .status = 200, .content_type = str_of(a->content_type), .body_is_static = true };
    if (a->brotli && str_find(accept, S("br"), &at)) {
        out->body = (Str){ a->brotli, (size_t)(a->brotli_end - a->brotli) };
        out->headers = &BROTLI;
    } else if (a->gzip && str_find(accept, S("gzip"), &at)) {
        out->body = (Str){ a->gzip, (size_t)(a->gzip_end - a->gzip) };
        out->headers = &GZIP;
    } else {
        out->body = (Str){ a->at, (size_t)(a->end - a->at) };
        out->headers = &KEEP;
    }
    return true;
}
