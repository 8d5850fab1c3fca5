/* json.c -- JSON read, written in canonical form, and read again. */
#include "fuzz/fuzz.h"

#include "json/json.h"

#include <jansson.h>

enum { JSON_BYTES_MAX = 1 << 20, CHILDREN_MAX = 256, DEPTH_MAX = 64 };

/* The canonical text of a tree; false where it holds what the record never does: fractions, or
   too much. */
static bool write_value(Ctx *cx, const Json *value, int depth, Str *out);

static bool write_object(Ctx *cx, const Json *object, int depth, Str *out)
{
    JsonPair *pairs = NEW_ARRAY(cx, JsonPair, CHILDREN_MAX);
    size_t n = 0;
    for (void *at = json_first(object); at; at = json_next(object, at), n++) {
        if (n == CHILDREN_MAX || !write_value(cx, json_value(at), depth + 1, &pairs[n].raw))
            return false;
        pairs[n].key = json_key(at);
        ensure(str_is_utf8(pairs[n].key));
    }
    *out = json_canonical(&cx->arena, pairs, n);
    return true;
}

static bool write_array(Ctx *cx, const Json *array, int depth, Str *out)
{
    Buf b = buf_new(&cx->arena, JSON_BYTES_MAX);
    buf_add_char(&b, '[');
    for (size_t i = 0; i < json_count(array); i++) {
        Str raw;
        if (i == CHILDREN_MAX || !write_value(cx, json_at(array, i), depth + 1, &raw))
            return false;
        if (i)
            buf_add_char(&b, ',');
        buf_add(&b, raw);
    }
    buf_add_char(&b, ']');
    *out = buf_str(&b);
    return true;
}

static bool write_value(Ctx *cx, const Json *value, int depth, Str *out)
{
    if (depth > DEPTH_MAX || json_is_real(value))
        return false;
    if (json_is_object(value))
        return write_object(cx, value, depth, out);
    if (json_is_array(value))
        return write_array(cx, value, depth, out);
    Str text = json_as_text(cx, value);
    ensure(str_is_utf8(text));
    if (json_is_string(value))
        *out = json_raw_text(&cx->arena, text);
    else if (json_is_integer(value))
        *out = json_raw_int(&cx->arena, json_integer_value(value));
    else
        *out = text.n ? text : S("null");
    return true;
}

/* Any text of ours, put into JSON and read by a reader of others, is the same text. */
static void text_comes_back(Ctx *cx, Str s)
{
    const Json *json;
    if (!str_is_utf8(s) || s.n > JSON_BYTES_MAX / 8)
        return;
    Str raw = json_raw_text(&cx->arena, s);
    ensure(json_parse(cx, raw, JSON_BYTES_MAX, &json) == OK);
    ensure(str_is(json_text(json), s));
    for (size_t i = 0; i < raw.n; i++)
        ensure((u8)raw.at[i] >= 0x20);
}

static void one(Ctx *cx, Str input)
{
    const Json *json, *again;
    Str text, same;
    text_comes_back(cx, input);
    if (json_parse(cx, input, JSON_BYTES_MAX, &json)) {
        ensure(ctx_err(cx) == E_INPUT || ctx_err(cx) == E_LIMIT);
        return;
    }
    ensure(str_is_utf8(input));
    if (!write_value(cx, json, 0, &text))
        return;
    ensure(json_parse(cx, text, JSON_BYTES_MAX, &again) == OK);
    ensure(write_value(cx, again, 0, &same));
    ensure(str_is(text, same));
}

const FuzzTarget FUZZ = { NULL, one };
