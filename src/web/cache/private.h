/* private.h -- shared by the files of the page cache. */
#ifndef CACHE_PRIVATE_H
#define CACHE_PRIVATE_H

#include "cache/cache.h"

typedef enum Encoding { ENCODING_PLAIN, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_COUNT } Encoding;

/* pack.c: false when memory is used up. */
bool cache_pack(Arena *a, Encoding encoding, Str body, Str *out);

#endif
