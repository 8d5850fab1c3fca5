/* str.h -- Str: a pointer and a length, UTF-8, never owning. char * is for literals and library
** borders.
**
** What is copied or made goes into an arena. Where the arena is full the result is the empty Str
** and the arena's owner has latched E_LIMIT (core/ctx.h), so callers check once, at the end. */
#ifndef CORE_STR_H
#define CORE_STR_H

#include "core/arena.h"

typedef struct Str {
    const char *at;
    size_t n; /* bytes */
} Str;

/* Bytes that are not text: cipher text, hashes, file contents. */
typedef struct Bytes {
    const u8 *at;
    size_t n;
} Bytes;

#define S(literal) ((Str){ "" literal, sizeof(literal) - 1 })
#define STR_EMPTY ((Str){ "", 0 })
#define STR_ARGS(s) (int)(s).n, (s).at /* for %.*s */

Str str_of(const char *text); /* NULL becomes the empty Str */
Bytes bytes_of(Str s);
Str str_of_bytes(Bytes b);

bool str_is(Str a, Str b);
bool str_is_empty(Str s);
int str_compare(Str a, Str b); /* bytewise, as text keys sort in the store */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
bool str_is_nocase(Str a, Str b); /* ASCII letters only */

Str str_trim(Str s);              /* ASCII white space and U+3000 at both ends */
Str str_skip(Str s, size_t n);    /* without the first n bytes */
Str str_first(Str s, size_t n);   /* at most the first n bytes */
bool str_find(Str s, Str part, size_t *out_at);

/* Cuts the text before the separator off *rest and returns it; false when *rest is used up. */
bool str_cut(Str *rest, char separator, Str *out_part);

/* Whole decimal integers only, optional minus; false on anything else or on overflow. */
bool str_to_int(Str s, i64 *out);
bool str_is_digits(Str s);

/* UTF-8: valid, shortest form, no surrogates, no NUL. str_chars counts code points of valid
   text. */
bool str_is_utf8(Str s);
size_t str_chars(Str s);
/* The bytes of the code point at *at, advancing *at; 0 bytes at the end. */
Str str_next_char(Str s, size_t *at);
u32 str_code_point(Str one_char);

Str str_copy(Arena *a, Str s);
char *str_c(Arena *a, Str s); /* NUL-terminated copy; "" when memory is used up */
Str str_lower(Arena *a, Str s); /* ASCII */
Str str_upper(Arena *a, Str s); /* ASCII */
Str str_format(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str str_join(Arena *a, Str first, Str second);
Str str_hex(Arena *a, Bytes b);
bool bytes_from_hex(Arena *a, Str hex, Bytes *out);
/* RFC 4648 base64url without padding. */
Str str_base64url(Arena *a, Bytes b);
bool bytes_from_base64url(Arena *a, Str text, Bytes *out);
bool bytes_are(Bytes a, Bytes b); /* constant time for equal lengths */

u64 str_hash(Str s); /* FNV-1a; for tables in memory only */

#endif
