/* json.c -- jansson behind our own types, and the canonical writer. */
#include "json/json.h"

#include <jansson.h>
#include <stdlib.h>

enum { JSON_TEXT_BYTES_MAX = 1 << 20 };
#define INT_EXACT_MAX ((i64)9007199254740991) /* 2^53-1 */

static void close_tree(void *tree)
{
    json_decref(tree);
}

Err json_parse(Ctx *cx, Str text, size_t bytes_max, const Json **out)
{
    json_error_t error;
    if (text.n > bytes_max)
        return fail(cx, E_LIMIT, "json.too_large");
    if (!str_is_utf8(text))
        return fail(cx, E_INPUT, "json.not_utf8");
    json_t *tree = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!tree)
        return fail(cx, E_INPUT, "json.not_json",
                    V("line", str_format(&cx->arena, "%d", error.line)),
                    V("column", str_format(&cx->arena, "%d", error.column)));
    *out = tree;
    return ctx_defer(cx, close_tree, tree);
}

const Json *json_in(const Json *object, const char *key)
{
    return json_object_get(object, key);
}

Str json_text(const Json *string)
{
    return json_is_string(string) ? (Str){ json_string_value(string), json_string_length(string) }
                                  : STR_EMPTY;
}

Str json_text_in(const Json *object, const char *key)
{
    return json_text(json_object_get(object, key));
}

i64 json_int_in(const Json *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool json_flag_in(const Json *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool json_number(const Json *value, double *out)
{
    *out = json_number_value(value);
    return json_is_number(value);
}

bool json_is_list(const Json *value)
{
    return json_is_array(value);
}

size_t json_count(const Json *array)
{
    return json_array_size(array);
}

const Json *json_at(const Json *array, size_t n)
{
    return json_array_get(array, n);
}

void *json_first(const Json *object)
{
    return json_object_iter((json_t *)object);
}

void *json_next(const Json *object, void *at)
{
    return json_object_iter_next((json_t *)object, at);
}

Str json_key(void *at)
{
    return str_of(json_object_iter_key(at));
}

const Json *json_value(void *at)
{
    return json_object_iter_value(at);
}

Str json_as_text(Ctx *cx, const Json *value)
{
    if (json_is_string(value))
        return json_text(value);
    if (json_is_integer(value))
        return str_format(&cx->arena, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? S("true") : S("false");
    return STR_EMPTY;
}

/* ---------------------------------------------------------------- writing, RFC 8785 section 3.2 */

static void put_escaped(Buf *b, char c)
{
    static const char SHORT[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    for (const char *s = SHORT; *s; s += 2) {
        if (*s == c) {
            buf_add_char(b, '\\');
            buf_add_char(b, s[1]);
            return;
        }
    }
    buf_add_format(b, "\\u%04x", (unsigned)(u8)c);
}

static bool is_plain(char c)
{
    return (u8)c >= 0x20 && c != '"' && c != '\\';
}

void json_put_text(Buf *b, Str s)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && is_plain(s.at[i]))
            i++;
        buf_add(b, (Str){ s.at + from, i - from });
        if (i < s.n)
            put_escaped(b, s.at[i++]);
    }
    buf_add_char(b, '"');
}

void json_put_int(Buf *b, i64 n)
{
    bool exact = n >= -INT_EXACT_MAX && n <= INT_EXACT_MAX;
    if (!exact)
        buf_add_char(b, '"');
    buf_add_int(b, n);
    if (!exact)
        buf_add_char(b, '"');
}

Str json_raw_text(Arena *a, Str s)
{
    Buf b = buf_new(a, JSON_TEXT_BYTES_MAX);
    json_put_text(&b, s);
    return buf_str(&b);
}

Str json_raw_int(Arena *a, i64 n)
{
    Buf b = buf_new(a, JSON_TEXT_BYTES_MAX);
    json_put_int(&b, n);
    return buf_str(&b);
}

static int by_key(const void *a, const void *b)
{
    return str_compare(((const JsonPair *)a)->key, ((const JsonPair *)b)->key);
}

Str json_canonical(Arena *a, JsonPair *pairs, size_t n)
{
    Buf b = buf_new(a, JSON_TEXT_BYTES_MAX);
    if (n)
        qsort(pairs, n, sizeof *pairs, by_key);
    buf_add_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&b, ',');
        json_put_text(&b, pairs[i].key);
        buf_add_char(&b, ':');
        buf_add(&b, pairs[i].raw);
    }
    buf_add_char(&b, '}');
    return buf_str(&b);
}
