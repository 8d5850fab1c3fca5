/* str.c -- Str and Bytes: compare, cut, read, copy. */
#include "core/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Str str_of(const char *text)
{
    return text ? (Str){ text, strlen(text) } : STR_EMPTY;
}

Bytes bytes_of(Str s)
{
    return (Bytes){ (const u8 *)s.at, s.n };
}

Str str_of_bytes(Bytes b)
{
    return (Str){ (const char *)b.at, b.n };
}

/* ------------------------------------------------------------------ compare */

bool str_is(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

bool str_is_empty(Str s)
{
    return s.n == 0;
}

int str_compare(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && str_is(str_first(s, prefix.n), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && str_is(str_skip(s, s.n - suffix.n), suffix);
}

static char lower_of(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char upper_of(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

bool str_is_nocase(Str a, Str b)
{
    bool same = a.n == b.n;
    for (size_t i = 0; same && i < a.n; i++)
        same = lower_of(a.at[i]) == lower_of(b.at[i]);
    return same;
}

bool bytes_are(Bytes a, Bytes b)
{
    if (a.n != b.n)
        return false;
    u8 differ = 0;
    for (size_t i = 0; i < a.n; i++)
        differ |= (u8)(a.at[i] ^ b.at[i]);
    return differ == 0;
}

u64 str_hash(Str s)
{
    u64 h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (u8)s.at[i]) * 1099511628211u;
    return h;
}

/* ------------------------------------------------------------------ cut */

Str str_skip(Str s, size_t n)
{
    if (!s.at)
        return s; /* nothing may be added to a null pointer, not even nothing */
    return n >= s.n ? (Str){ s.at + s.n, 0 } : (Str){ s.at + n, s.n - n };
}

Str str_first(Str s, size_t n)
{
    return n >= s.n ? s : (Str){ s.at, n };
}

static const Str WIDE_SPACE = { "\xe3\x80\x80", 3 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

Str str_trim(Str s)
{
    for (;;) {
        if (s.n && is_space(s.at[0]))
            s = str_skip(s, 1);
        else if (s.n && is_space(s.at[s.n - 1]))
            s.n--;
        else if (str_starts(s, WIDE_SPACE))
            s = str_skip(s, WIDE_SPACE.n);
        else if (str_ends(s, WIDE_SPACE))
            s.n -= WIDE_SPACE.n;
        else
            return s;
    }
}

bool str_find(Str s, Str part, size_t *out_at)
{
    for (size_t i = 0; part.n <= s.n && i <= s.n - part.n; i++) {
        if (part.n == 0 || memcmp(s.at + i, part.at, part.n) == 0) {
            *out_at = i;
            return true;
        }
    }
    return false;
}

bool str_cut(Str *rest, char separator, Str *out_part)
{
    if (!rest->at)
        return false;
    const char *end = rest->n ? memchr(rest->at, separator, rest->n) : NULL;
    if (!end) {
        *out_part = *rest;
        *rest = (Str){ NULL, 0 };
        return true;
    }
    *out_part = (Str){ rest->at, (size_t)(end - rest->at) };
    *rest = str_skip(*rest, out_part->n + 1);
    return true;
}

/* ------------------------------------------------------------------ read */

bool str_is_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.n > 0;
}

bool str_to_int(Str s, i64 *out)
{
    bool minus = s.n && s.at[0] == '-';
    Str digits = minus ? str_skip(s, 1) : s;
    if (!str_is_digits(digits) || digits.n > 19)
        return false;
    u64 value = 0;
    for (size_t i = 0; i < digits.n; i++)
        value = value * 10 + (u64)(digits.at[i] - '0');
    if (value > (u64)INT64_MAX)
        return false;
    *out = minus ? -(i64)value : (i64)value;
    return true;
}

/* Length of a well-formed UTF-8 sequence at s (Unicode 15, table 3-7), 0 when there is none. */
static size_t utf8_sequence(Str s)
{
    const u8 *b = (const u8 *)s.at;
    if (b[0] < 0x80)
        return b[0] ? 1 : 0;
    size_t n = b[0] >= 0xC2 && b[0] <= 0xDF ? 2 : b[0] >= 0xE0 && b[0] <= 0xEF ? 3
             : b[0] >= 0xF0 && b[0] <= 0xF4 ? 4 : 0;
    if (n == 0 || s.n < n)
        return 0;
    u8 low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    u8 high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
    if (b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((b[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool str_is_utf8(Str s)
{
    while (s.n) {
        size_t n = utf8_sequence(s);
        if (n == 0)
            return false;
        s = str_skip(s, n);
    }
    return true;
}

size_t str_chars(Str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((u8)s.at[i] & 0xC0) != 0x80;
    return n;
}

Str str_next_char(Str s, size_t *at)
{
    size_t start = *at;
    if (start >= s.n)
        return STR_EMPTY;
    size_t end = start + 1;
    while (end < s.n && ((u8)s.at[end] & 0xC0) == 0x80)
        end++;
    *at = end;
    return (Str){ s.at + start, end - start };
}

u32 str_code_point(Str one_char)
{
    const u8 *b = (const u8 *)one_char.at;
    switch (one_char.n) {
    case 1: return b[0];
    case 2: return (u32)((b[0] & 0x1F) << 6 | (b[1] & 0x3F));
    case 3: return (u32)((b[0] & 0x0F) << 12 | (b[1] & 0x3F) << 6 | (b[2] & 0x3F));
    case 4:
        return (u32)((b[0] & 0x07) << 18 | (b[1] & 0x3F) << 12 | (b[2] & 0x3F) << 6
                     | (b[3] & 0x3F));
    default: return 0;
    }
}

/* ------------------------------------------------------------------ make */

Str str_copy(Arena *a, Str s)
{
    char *at = s.n ? arena_take_raw(a, s.n) : NULL;
    if (!at)
        return STR_EMPTY;
    memcpy(at, s.at, s.n);
    return (Str){ at, s.n };
}

char *str_c(Arena *a, Str s)
{
    static char none[1];
    char *at = arena_take_raw(a, s.n + 1);
    if (!at)
        return none;
    if (s.n)
        memcpy(at, s.at, s.n);
    at[s.n] = 0;
    return at;
}

static Str mapped(Arena *a, Str s, char (*map)(char))
{
    char *at = s.n ? arena_take_raw(a, s.n) : NULL;
    for (size_t i = 0; at && i < s.n; i++)
        at[i] = map(s.at[i]);
    return at ? (Str){ at, s.n } : STR_EMPTY;
}

Str str_lower(Arena *a, Str s)
{
    return mapped(a, s, lower_of);
}

Str str_upper(Arena *a, Str s)
{
    return mapped(a, s, upper_of);
}

enum { SHORT_BYTES = 160 };

Str str_format(Arena *a, const char *format, ...)
{
    char most[SHORT_BYTES]; /* most texts are short, and printed once */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(most, sizeof most, format, args);
    char *at = n >= 0 ? arena_take_raw(a, (size_t)n + 1) : NULL;
    if (at && (size_t)n < sizeof most)
        memcpy(at, most, (size_t)n + 1);
    else if (at)
        vsnprintf(at, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return at ? (Str){ at, (size_t)n } : STR_EMPTY;
}

Str str_join(Arena *a, Str first, Str second)
{
    char *at = arena_take_raw(a, first.n + second.n);
    if (!at)
        return STR_EMPTY;
    if (first.n)
        memcpy(at, first.at, first.n);
    if (second.n)
        memcpy(at + first.n, second.at, second.n);
    return (Str){ at, first.n + second.n };
}

/* ------------------------------------------------------------------ bytes as text */

Str str_hex(Arena *a, Bytes b)
{
    static const char DIGITS[] = "0123456789abcdef";
    char *at = arena_take(a, b.n * 2);
    for (size_t i = 0; at && i < b.n; i++) {
        at[2 * i] = DIGITS[b.at[i] >> 4];
        at[2 * i + 1] = DIGITS[b.at[i] & 15];
    }
    return at ? (Str){ at, b.n * 2 } : STR_EMPTY;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower_of(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool bytes_from_hex(Arena *a, Str hex, Bytes *out)
{
    u8 *at = hex.n % 2 == 0 ? arena_take(a, hex.n / 2) : NULL;
    for (size_t i = 0; at && i < hex.n / 2; i++) {
        int high = hex_value(hex.at[2 * i]), low = hex_value(hex.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        at[i] = (u8)(high << 4 | low);
    }
    *out = (Bytes){ at, hex.n / 2 };
    return at != NULL;
}

static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Str str_base64url(Arena *a, Bytes b)
{
    size_t n = (b.n * 4 + 2) / 3;
    char *at = arena_take(a, n);
    u32 bits = 0;
    size_t held = 0, used = 0;
    for (size_t i = 0; at && i < b.n; i++) {
        bits = bits << 8 | b.at[i];
        for (held += 8; held >= 6; held -= 6)
            at[used++] = BASE64URL[bits >> (held - 6) & 63];
    }
    if (at && held)
        at[used] = BASE64URL[bits << (6 - held) & 63];
    return at ? (Str){ at, n } : STR_EMPTY;
}

bool bytes_from_base64url(Arena *a, Str text, Bytes *out)
{
    size_t n = text.n * 3 / 4, used = 0, held = 0;
    u8 *at = text.n % 4 != 1 ? arena_take(a, n) : NULL;
    u32 bits = 0;
    for (size_t i = 0; at && i < text.n; i++) {
        const char *digit = text.at[i] ? strchr(BASE64URL, text.at[i]) : NULL;
        if (!digit)
            return false;
        bits = bits << 6 | (u32)(digit - BASE64URL);
        held += 6;
        if (held >= 8) {
            held -= 8;
            at[used++] = (u8)(bits >> held & 255);
        }
    }
    bool leftover_is_zero = (bits & ((1u << held) - 1)) == 0;
    *out = (Bytes){ at, n };
    return at && leftover_is_zero;
}
