/* limit.h -- how much one address may begin and send in an hour, so that nobody fills the house
** with papers and drafts.
**
** A table of fixed size in memory, and nowhere else: an address stands in it as a keyed hash that
** is another each day, and is never written down, logged, or put beside a person. Many people may
** share one address (a hall, a school, a telephone network): the bounds are for floods. */
#ifndef LIMIT_LIMIT_H
#define LIMIT_LIMIT_H

#include "vault/vault.h"

typedef enum LimitKind { LIMIT_NONE, LIMIT_DRAFTS, LIMIT_SUBMISSIONS, LIMIT_KINDS } LimitKind;

typedef struct LimitOptions {
    i64 per_hour[LIMIT_KINDS]; /* 0: no bound */
    Str trusted; /* addresses without bounds, separated by commas: kiosks, libraries */
    Str proxies; /* whose word about the address is believed; besides this machine's own */
} LimitOptions;

enum { LIMIT_PER_HOUR = 300 };

typedef struct Limits Limits;
/* Made part of the house. E_INPUT when an address of the options is none. */
MUST_USE Err limit_use(Ctx *cx, LimitOptions options);

/* One more from this source; LIMIT when it was too many, and out_seconds says when the next one
** is taken. source is the peer's address as the server gives it, forwarded what a proxy says of
** it. */
MUST_USE Err limit_take(Ctx *cx, LimitKind kind, Str source, Str forwarded, i64 *out_seconds);

#endif
