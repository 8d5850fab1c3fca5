/* openapi.c -- the route table as an OpenAPI 3.1 document: what the program serves, from what
** serves it. */
#include "system/private.h"

#include <string.h>

enum { OPENAPI_BYTES_MAX = 2 << 20 };

static void put_parameters(Buf *b, const char *path)
{
    Str rest = str_of(path), segment;
    bool first = true;
    buf_add(b, S("\"parameters\":["));
    while (str_cut(&rest, '/', &segment)) {
        if (segment.n < 3 || segment.at[0] != '{')
            continue;
        buf_add(b, first ? S("{") : S(",{"));
        buf_add(b, S("\"name\":"));
        json_put_text(b, str_first(str_skip(segment, 1), segment.n - 2));
        buf_add(b, S(",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}"));
        first = false;
    }
    buf_add_char(b, ']');
}

static void put_body(Buf *b, const Route *r)
{
    if (r->method != POST)
        return;
    buf_add(b, S(",\"requestBody\":{\"content\":{"));
    if (r->takes & TAKES_FILES)
        buf_add(b, S("\"multipart/form-data\":{\"schema\":{\"type\":\"object\"}}"));
    else
        buf_add(b, S("\"application/json\":{\"schema\":{\"type\":\"object\"}},"
                     "\"application/x-www-form-urlencoded\":{\"schema\":{\"type\":\"object\"}}"));
    buf_add(b, S("}}"));
}

static void put_replies(Ctx *cx, Buf *b, const Route *r)
{
    buf_add(b, S(",\"responses\":{\"200\":{\"description\":\"As asked\""));
    if (r->reply) {
        buf_add(b, S(",\"content\":{\"application/json\":{\"schema\":"));
        field_put_schema(cx, b, r->reply, field_count(r->reply));
        buf_add(b, S("}}"));
    }
    buf_add(
        b,
        S("},\"default\":{\"description\":\"What went wrong\",\"content\":{"
          "\"application/problem+json\":"
          "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
}

static void put_operation(Ctx *cx, Buf *b, const Route *r, const char *module)
{
    buf_add_format(b, "\"%s\":{\"tags\":[\"%s\"],\"summary\":", r->method == POST ? "post" : "get",
                   module);
    json_put_text(b, str_of(r->summary));
    buf_add(b, S(",\"x-act\":"));
    json_put_text(b, str_of(r->act));
    buf_add_char(b, ',');
    put_parameters(b, r->path);
    put_body(b, r);
    put_replies(cx, b, r);
    buf_add_char(b, '}');
}

/* Operations of one path stand together; each path is written where it first occurs. */
static bool is_first_of_path(const House *house, size_t n, const char *path)
{
    const char *module;
    for (size_t i = 0; i < n; i++)
        if (strcmp(web_route_at(house, i, &module)->path, path) == 0)
            return false;
    return true;
}

static void put_path(Ctx *cx, Buf *b, size_t n, const Route *first)
{
    const char *module;
    const Route *r;
    bool more = false;
    json_put_text(b, str_of(first->path));
    buf_add(b, S(":{"));
    for (size_t i = n; (r = web_route_at(cx->house, i, &module)) != NULL; i++) {
        if (strcmp(r->path, first->path) != 0)
            continue;
        if (more)
            buf_add_char(b, ',');
        put_operation(cx, b, r, module);
        more = true;
    }
    buf_add_char(b, '}');
}

static const char PROBLEM_SCHEMA[] =
    "\"components\":{\"schemas\":{\"Problem\":{\"type\":\"object\",\"properties\":{"
    "\"status\":{\"type\":\"integer\"},"
    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"problems\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},"
    "\"text\":{\"type\":\"string\"}}}}}}}}";

Err get_openapi(Req *rq)
{
    Ctx *cx = rq->cx;
    Buf b = buf_new(&cx->arena, OPENAPI_BYTES_MAX);
    const char *module;
    const Route *r;
    bool more = false;
    buf_add(
        &b,
        S("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Linli\",\"version\":\"0.1.0\","
          "\"license\":{\"name\":"
          "\"AGPL-3.0-or-later\",\"identifier\":\"AGPL-3.0-or-later\"}},\"paths\":{"));
    for (size_t i = 0; (r = web_route_at(cx->house, i, &module)) != NULL; i++) {
        if (!is_first_of_path(cx->house, i, r->path))
            continue;
        if (more)
            buf_add_char(&b, ',');
        put_path(cx, &b, i, r);
        more = true;
    }
    buf_add(&b, S("},"));
    buf_add(&b, str_of(PROBLEM_SCHEMA));
    buf_add(&b, S("}\n"));
    return buf_is_full(&b) ? fail(cx, E_LIMIT, "core.memory_used_up")
                           : reply_json_text(rq, 200, buf_str(&b));
}
