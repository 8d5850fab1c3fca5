/* arena.h -- memory by lifetime: everything a request takes is given back at once when it ends.
**
** An arena has a maximum at birth. When it is passed, or the system has no memory, arena_take
** returns NULL; the Ctx turns that into E_LIMIT. Nothing taken from an arena is ever freed by
** itself. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/types.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *first; /* kept across resets, so that the next request starts warm */
    ArenaChunk *last;
    size_t used_bytes;
    size_t used_bytes_max;
    i64 takes;      /* how many calls so far: the tests limit and fail them */
    bool is_short;  /* something was not given since the last reset: what was made may be cut */
    i64 fail_after; /* fault injection: the take with this number fails; 0 is never */
} Arena;

typedef struct ArenaMark {
    ArenaChunk *chunk;
    size_t chunk_used;
    size_t used_bytes;
    bool is_short;
} ArenaMark;

Arena arena_new(size_t bytes_max);
void arena_end(Arena *a);

/* Gives back everything, or everything since a mark. */
void arena_reset(Arena *a);
ArenaMark arena_mark(const Arena *a);
void arena_reset_to(Arena *a, ArenaMark mark);

/* Zeroed memory aligned for any type, or NULL when the maximum is passed; is_short remembers. */
void *arena_take(Arena *a, size_t size_bytes);
/* The same, not zeroed: for what is written over at once. */
void *arena_take_raw(Arena *a, size_t size_bytes);

/* Grows the newest piece in place where it can, else takes a larger one and copies; what is new is
   not zeroed. */
void *arena_grow(Arena *a, void *old, size_t old_bytes, size_t new_bytes);

#endif
