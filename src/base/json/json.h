/* json.h -- reading JSON (jansson) within limits, and writing it in the canonical form of RFC 8785.
**
** The canonical form is what the record hashes: keys sorted, no white space, one way to escape,
** integers only. An integer beyond 2^53-1 is written as a string, since JSON readers elsewhere
** would round it. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "core/core.h"

typedef struct json_t Json;

/* Parses one document of at most bytes_max; doubled keys, NUL and broken UTF-8 are refused
** (E_INPUT). The tree lives as long as the Ctx. */
MUST_USE Err json_parse(Ctx *cx, Str text, size_t bytes_max, const Json **out);

const Json *json_in(const Json *object, const char *key); /* NULL when absent or not an object */
Str json_text_in(const Json *object, const char *key);    /* empty when absent or not a string */
i64 json_int_in(const Json *object, const char *key);     /* 0 when absent or not an integer */
bool json_flag_in(const Json *object, const char *key);
/* A number of either kind; false for anything else. */
bool json_number(const Json *value, double *out);
bool json_is_list(const Json *value);
size_t json_count(const Json *array);
const Json *json_at(const Json *array, size_t n);
Str json_text(const Json *string);

/* Walks an object: for (void *at = json_first(o); at; at = json_next(o, at)). */
void *json_first(const Json *object);
void *json_next(const Json *object, void *at);
Str json_key(void *at);
const Json *json_value(void *at);
/* Any scalar as text: strings as they are, integers in digits, true and false; others empty. */
Str json_as_text(Ctx *cx, const Json *value);

/* Writing. */
void json_put_text(Buf *b, Str s);
void json_put_int(Buf *b, i64 n);

typedef struct JsonPair {
    Str key; /* ASCII */
    Str raw; /* JSON text already */
} JsonPair;

Str json_raw_text(Arena *a, Str s);
Str json_raw_int(Arena *a, i64 n);
/* The canonical object of these pairs; sorts them in place. */
Str json_canonical(Arena *a, JsonPair *pairs, size_t n);

#endif
