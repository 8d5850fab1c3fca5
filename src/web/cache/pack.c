/* pack.c -- bodies made smaller for those who read gzip or brotli. */
#include "cache/private.h"

#include <brotli/encode.h>
#include <zlib.h>

enum { BROTLI_QUALITY = 5, GZIP_LEVEL = 6, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 };

static bool pack_gzip(Arena *a, Str body, Str *out)
{
    z_stream z = { 0 };
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY))
        return false;
    size_t most = deflateBound(&z, body.n);
    u8 *at = arena_take(a, most);
    z.next_in = (u8 *)(uintptr_t)body.at;
    z.avail_in = (unsigned)body.n;
    z.next_out = at;
    z.avail_out = (unsigned)most;
    bool done = at && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *out = (Str){ (const char *)at, z.total_out };
    deflateEnd(&z);
    return done;
}

static bool pack_brotli(Arena *a, Str body, Str *out)
{
    size_t n = BrotliEncoderMaxCompressedSize(body.n);
    u8 *at = n ? arena_take(a, n) : NULL;
    if (!at
        || !BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, body.n,
                                  (const u8 *)body.at, &n, at))
        return false;
    *out = (Str){ (const char *)at, n };
    return true;
}

bool cache_pack(Arena *a, Encoding encoding, Str body, Str *out)
{
    return encoding == ENCODING_GZIP ? pack_gzip(a, body, out) : pack_brotli(a, body, out);
}
