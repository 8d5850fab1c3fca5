/* private.h -- shared by the files of limits, and by their tests. */
#ifndef LIMIT_PRIVATE_H
#define LIMIT_PRIVATE_H

#include "limit/limit.h"

#include <pthread.h>

enum { LIMIT_SETS = 8192, LIMIT_WAYS = 4, ADDRESS_BYTES = 16 };

/* What an address has left: a bucket that fills evenly in the course of an hour. */
typedef struct Bucket {
    u64 key;      /* 0: free */
    i64 left_ms;  /* of an hour's time; one taking costs its share */
    i64 at_ms;
} Bucket;

typedef struct Address {
    u8 at[ADDRESS_BYTES]; /* IPv4 as IPv6 writes it */
} Address;

struct Limits {
    LimitOptions options;
    pthread_mutex_t mutex;
    Bucket buckets[LIMIT_SETS][LIMIT_WAYS];
};

/* Textual or as the server gives it (hex); false when it is no address. */
bool address_parse(Str text, Address *out);
/* From whom it really comes: the last word of a proxy that is believed, else the peer. */
Address address_of(const LimitOptions *o, Str source, Str forwarded);
bool address_is_among(const Address *address, Str list);
/* Takes one, or tells how many seconds until there is one again. */
bool bucket_take(Limits *limits, u64 key, i64 per_hour, i64 now_ms, i64 *out_seconds);

#endif
