/* arena.c -- a list of chunks, each filled from its start; a mark remembers how full they were.
**
** Under the address sanitizer a guard stands behind each piece and what is not taken is
** poisoned, so that a piece is watched as closely as if it came from malloc. */
#include "core/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#if SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#endif

enum { ALIGN_BYTES = 16, CHUNK_BYTES = 64 * 1024, GUARD_BYTES = SANITIZED ? ALIGN_BYTES : 0 };

struct ArenaChunk {
    ArenaChunk *next;
    size_t size_bytes;
    size_t used_bytes;
    size_t unused; /* keeps data at a multiple of ALIGN_BYTES */
    _Alignas(ALIGN_BYTES) char data[];
};

Arena arena_new(size_t bytes_max)
{
    return (Arena){ .used_bytes_max = bytes_max };
}

void arena_end(Arena *a)
{
    for (ArenaChunk *c = a->first, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *a = (Arena){ .used_bytes_max = a->used_bytes_max };
}

ArenaMark arena_mark(const Arena *a)
{
    return (ArenaMark){ a->last, a->last ? a->last->used_bytes : 0, a->used_bytes,
                        a->is_short };
}

void arena_reset_to(Arena *a, ArenaMark mark)
{
    ArenaChunk *keep = mark.chunk ? mark.chunk : a->first;
    a->is_short = mark.is_short;
    if (!keep)
        return;
    for (ArenaChunk *c = keep->next, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    keep->next = NULL;
    keep->used_bytes = mark.chunk_used;
    ASAN_POISON_MEMORY_REGION(keep->data + keep->used_bytes, keep->size_bytes - keep->used_bytes);
    a->last = keep;
    a->used_bytes = mark.used_bytes;
}

void arena_reset(Arena *a)
{
    arena_reset_to(a, (ArenaMark){ .chunk = a->first });
    a->takes = 0;
}

static size_t round_up(size_t n)
{
    return (n + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
}

static ArenaChunk *add_chunk(Arena *a, size_t need_bytes)
{
    size_t usual = a->used_bytes_max < CHUNK_BYTES ? a->used_bytes_max : CHUNK_BYTES;
    size_t size = need_bytes > usual ? need_bytes : usual;
    ArenaChunk *c = malloc(sizeof *c + size);
    if (!c)
        return NULL;
    *c = (ArenaChunk){ .size_bytes = size };
    ASAN_POISON_MEMORY_REGION(c->data, size);
    if (a->last)
        a->last->next = c;
    else
        a->first = c;
    a->last = c;
    return c;
}

/* True when this take may go on; counts it, and obeys the maximum and an injected fault. */
static bool may_take(Arena *a, size_t size_bytes)
{
    a->takes++;
    if (a->fail_after && a->takes >= a->fail_after)
        return false;
    return size_bytes <= a->used_bytes_max && a->used_bytes <= a->used_bytes_max - size_bytes;
}

static void *take(Arena *a, size_t size_bytes)
{
    size_t size = round_up(size_bytes ? size_bytes : 1);
    if (size < size_bytes || !may_take(a, size))
        return NULL;
    ArenaChunk *c = a->last;
    if (!c || c->size_bytes - c->used_bytes < size + GUARD_BYTES)
        c = add_chunk(a, size + GUARD_BYTES);
    if (!c)
        return NULL;
    char *piece = c->data + c->used_bytes;
    c->used_bytes += size + GUARD_BYTES;
    a->used_bytes += size;
    ASAN_UNPOISON_MEMORY_REGION(piece, size_bytes ? size_bytes : 1);
    return piece;
}

void *arena_take_raw(Arena *a, size_t size_bytes)
{
    void *piece = take(a, size_bytes);
    a->is_short = a->is_short || !piece;
    return piece;
}

void *arena_take(Arena *a, size_t size_bytes)
{
    void *piece = arena_take_raw(a, size_bytes);
    return piece ? memset(piece, 0, size_bytes) : NULL;
}

/* True when the piece is the newest of the last chunk and the chunk has room for it to grow
   there. */
static bool grows_in_place(const Arena *a, const char *old, size_t old_size, size_t new_size)
{
    const ArenaChunk *c = a->last;
    return c && old && old + old_size + GUARD_BYTES == c->data + c->used_bytes
        && c->size_bytes - c->used_bytes >= new_size - old_size;
}

void *arena_grow(Arena *a, void *old, size_t old_bytes, size_t new_bytes)
{
    assert(new_bytes >= old_bytes);
    size_t old_size = round_up(old_bytes), new_size = round_up(new_bytes);
    if (grows_in_place(a, old, old_size, new_size)) {
        if (!may_take(a, new_size - old_size)) {
            a->is_short = true;
            return NULL;
        }
        a->last->used_bytes += new_size - old_size;
        a->used_bytes += new_size - old_size;
        ASAN_UNPOISON_MEMORY_REGION(old, new_bytes);
        return old;
    }
    void *piece = arena_take_raw(a, new_bytes);
    if (piece && old_bytes)
        memcpy(piece, old, old_bytes);
    return piece;
}
