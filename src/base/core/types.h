/* types.h -- the words every other file is written in: integers, results, typed ids, money, time.
**
** An id, an amount of money, a day and an instant are different C types on purpose: passing one
** where another is meant does not compile. The five elements of the field (person, place, body,
** thing, matter) are the alphabet of the house, so their ids stand here; everything else about
** them is above. */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t i64;
typedef int32_t i32;
typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

/* Set where the address sanitizer watches. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define MUST_USE __attribute__((warn_unused_result))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Marks a text in a table, or away from its call, for the catalogues in po/. */
#define N_(text) text

/* What a call that can fail returns.  The reason is on the Ctx, put there by fail(). */
typedef enum Err {
    OK = 0,
    E_INPUT,    /* what was sent cannot be understood or does not pass a check */
    E_DENIED,   /* this actor may not do this */
    E_MISSING,  /* no such thing */
    E_CONFLICT, /* the state of things does not allow it, or somebody was quicker */
    E_LIMIT,    /* a stated maximum was passed */
    E_BUSY,     /* try again in a moment */
    E_STORE,    /* the database could not do it */
    E_REMOTE,   /* another system or helper could not do it */
    E_BUG       /* our own mistake */
} Err;

#define TRY(call)                \
    do {                         \
        Err try_result = (call); \
        if (try_result)          \
            return try_result;   \
    } while (0)

typedef struct { i64 value; } PersonId;
typedef struct { i64 value; } PostId;
typedef struct { i64 value; } PlaceId;
typedef struct { i64 value; } BodyId;
typedef struct { i64 value; } ThingId;
typedef struct { i64 value; } MatterId;

typedef struct { i64 cents; } Money; /* smallest unit of the profile's currency: fen, pence */
typedef struct { i64 ms; } Instant;  /* milliseconds since 1970-01-01T00:00Z */
typedef struct { i32 value; } Day;   /* days since 1970-01-01, in the district's own zone */

#endif
