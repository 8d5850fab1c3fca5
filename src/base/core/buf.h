/* buf.h -- text that grows in an arena, up to a maximum. Latches: append freely, ask buf_is_full
** once. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/str.h"

typedef struct Buf {
    Arena *arena;
    char *at;
    size_t n;
    size_t room;
    size_t n_max;
    bool full; /* something did not fit: the text is not whole */
} Buf;

Buf buf_new(Arena *arena, size_t n_max);
void buf_add(Buf *b, Str s);
void buf_add_char(Buf *b, char c);
void buf_add_int(Buf *b, i64 n);
void buf_add_format(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str buf_str(const Buf *b);
bool buf_is_full(const Buf *b);

#endif
