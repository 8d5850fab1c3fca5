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
        return false;
    }
    if (b->room - b->n >= n)
        return true;
    size_t room = b->room ? b->room * 2 : FIRST_ROOM_BYTES;
    while (room - b->n < n)
        room *= 2;
    char *at = arena_grow(b->arena, b->at, b->room, room);
    b->full = at == NULL;
    if (at) {
        b->at = at;
        b->room = room;
    }
    return at != NULL;
}

void buf_add(Buf *b, Str s)
{
    if (s.n == 0 || !has_room(b, s.n))
        return;
    memcpy(b->at + b->n, s.at, s.n);
    b->n += s.n;
}

void buf_add_char(Buf *b, char c)
{
    if (has_room(b, 1))
        b->at[b->n++] = c;
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
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && has_room(b, (size_t)n + 1)) {
        vsnprintf(b->at + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
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
