/* ready.c -- replies made once and sent many times: head and body stand as the library wants
** them, so sending one costs next to nothing. */
#include "server/private.h"

struct HttpReady {
    Arena arena; /* holds all of it, this struct too */
    _Atomic i64 holders;
    int status;
    Str body;
    struct MHD_Response *response;
};

enum { HEAD_BYTES_MAX = 8192 };

static bool add(HttpReady *r, Str name, Str value)
{
    return MHD_add_response_header(r->response, str_c(&r->arena, name), str_c(&r->arena, value))
        == MHD_YES;
}

static bool fill(HttpReady *r, const HttpOut *out)
{
    r->body = str_copy(&r->arena, out->body);
    if (r->arena.is_short)
        return false;
    r->response = MHD_create_response_from_buffer(r->body.n, (void *)(uintptr_t)r->body.at,
                                                  MHD_RESPMEM_PERSISTENT);
    if (!r->response)
        return false;
    add_every_header(r->response);
    bool good = out->content_type.n == 0 || add(r, S("Content-Type"), out->content_type);
    for (const HttpHeader *h = out->headers; h && good; h = h->next)
        good = add(r, h->name, h->value);
    return good && !r->arena.is_short;
}

static void end(HttpReady *r)
{
    Arena arena = r->arena;
    if (r->response)
        MHD_destroy_response(r->response);
    arena_end(&arena);
}

HttpReady *http_ready_new(const HttpOut *out)
{
    Arena arena = arena_new(sizeof(HttpReady) + out->body.n + HEAD_BYTES_MAX);
    HttpReady *r = arena_take(&arena, sizeof *r);
    if (!r)
        return NULL;
    *r = (HttpReady){ .arena = arena, .holders = 1, .status = out->status };
    if (fill(r, out))
        return r;
    end(r);
    return NULL;
}

HttpReady *http_ready_hold(HttpReady *r)
{
    r->holders++;
    return r;
}

void http_ready_drop(HttpReady *r)
{
    if (r && --r->holders == 0)
        end(r);
}

size_t http_ready_bytes(const HttpReady *r)
{
    return r->body.n;
}

enum MHD_Result ready_queue(const HttpReady *r, struct MHD_Connection *connection)
{
    return MHD_queue_response(connection, (unsigned)r->status, r->response);
}

int ready_status(const HttpReady *r)
{
    return r->status;
}
