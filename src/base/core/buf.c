/* buf.c -- growing by doubling; most often in place, since the newest piece of an arena can
** grow. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_ROOM_BYTES = 256, INT_TEXT_BYTES = 24 };

Buf buf_new(Arena *arena, size_t n_max)
{
    return (Buf){ .arena = arena, .n_max = n_max };
}

/* Makes room for n more bytes; latches full where there is none. */
static bool has_room(Buf *b, size_t n)
{
    if (b->full || n > b->n_max - b->n) {
        b->full = true;
        b->room = b->n; /* so that nothing shorter slips in behind */
        return false;
    }
    if (b->room - b->n >= n)
        return true;
    size_t room = b->room ? b->room * 2 : FIRST_ROOM_BYTES;
    while (room - b->n < n)
        room *= 2;
    room = room < b->n_max ? room : b->n_max;
    char *at = arena_grow(b->arena, b->at, b->room, room);
    b->full = at == NULL;
    b->at = at ? at : b->at;
    b->room = at ? room : b->n;
    return at != NULL;
}

void buf_expect(Buf *b, size_t n)
{
    if (n > b->n_max - b->n)
        n = b->n_max - b->n;
    if (n)
        has_room(b, n);
}

void buf_grow_and_add(Buf *b, const char *at, size_t n)
{
    if (!has_room(b, n))
        return;
    memcpy(b->at + b->n, at, n);
    b->n += n;
}

void buf_add_int(Buf *b, i64 n)
{
    char digits[INT_TEXT_BYTES];
    size_t at = sizeof digits;
    u64 left = n < 0 ? 0 - (u64)n : (u64)n;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (n < 0)
        digits[--at] = '-';
    buf_add(b, (Str){ digits + at, sizeof digits - at });
}

void buf_add_format(Buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = b->full ? 0 : b->room - b->n;
    int n = vsnprintf(room ? b->at + b->n : NULL, room, format, args);
    bool fits = n >= 0 && (size_t)n < room && (size_t)n < b->n_max - b->n;
    if (!fits && n >= 0 && has_room(b, (size_t)n + 1)) {
        vsnprintf(b->at + b->n, (size_t)n + 1, format, again);
        fits = true;
    }
    b->n += fits ? (size_t)n : 0;
    va_end(again);
    va_end(args);
}

Str buf_str(const Buf *b)
{
    return b->n ? (Str){ b->at, b->n } : STR_EMPTY;
}

bool buf_is_full(const Buf *b)
{
    return b->full;
}
