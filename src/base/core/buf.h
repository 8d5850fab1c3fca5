/* buf.h -- text that grows in an arena, up to a maximum. Latches: append freely, ask buf_is_full
** once. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/str.h"

#include <string.h>

typedef struct Buf {
    Arena *arena;
    char *at;
    size_t n;
    size_t room;
    size_t n_max;
    bool full; /* something did not fit: the text is not whole */
} Buf;

Buf buf_new(Arena *arena, size_t n_max);
/* Makes room for n more bytes in all, so that what follows need not grow. */
void buf_expect(Buf *b, size_t n);
void buf_grow_and_add(Buf *b, const char *at, size_t n);

static inline void buf_add(Buf *b, Str s)
{
    if (s.n > b->room - b->n) {
        buf_grow_and_add(b, s.at, s.n);
    } else if (s.n) {
        memcpy(b->at + b->n, s.at, s.n);
        b->n += s.n;
    }
}

static inline void buf_add_char(Buf *b, char c)
{
    buf_add(b, (Str){ &c, 1 });
}

void buf_add_int(Buf *b, i64 n);
void buf_add_format(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str buf_str(const Buf *b);
bool buf_is_full(const Buf *b);

#endif
