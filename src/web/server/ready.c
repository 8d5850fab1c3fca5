/* ready.c -- replies made once and sent many times: head and body stand as the library wants
** them, so sending one costs next to nothing. */
#include "server/private.h"

#include <stdlib.h>
#include <string.h>

struct HttpReady {
    _Atomic i64 holders;
    int status;
    size_t body_n;
    char *body;
    struct MHD_Response *response;
};

static char *text_of(Str s)
{
    char *at = malloc(s.n + 1);
    if (!at)
        return NULL;
    memcpy(at, s.at, s.n);
    at[s.n] = 0;
    return at;
}

static bool add(struct MHD_Response *response, Str name, Str value)
{
    char *name_text = text_of(name), *value_text = text_of(value);
    bool added = name_text && value_text
              && MHD_add_response_header(response, name_text, value_text) == MHD_YES;
    free(name_text);
    free(value_text);
    return added;
}

static bool fill(HttpReady *r, const HttpOut *out)
{
    r->body = text_of(out->body);
    r->body_n = out->body.n;
    r->response = r->body ? MHD_create_response_from_buffer(r->body_n, r->body,
                                                            MHD_RESPMEM_PERSISTENT)
                          : NULL;
    if (!r->response)
        return false;
    add_every_header(r->response);
    bool good = out->content_type.n == 0
             || add(r->response, S("Content-Type"), out->content_type);
    for (const HttpHeader *h = out->headers; h && good; h = h->next)
        good = add(r->response, h->name, h->value);
    return good;
}

static void end(HttpReady *r)
{
    if (r->response)
        MHD_destroy_response(r->response);
    free(r->body);
    free(r);
}

HttpReady *http_ready_new(const HttpOut *out)
{
    HttpReady *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->holders = 1;
    r->status = out->status;
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
    return r->body_n;
}

enum MHD_Result ready_queue(const HttpReady *r, struct MHD_Connection *connection)
{
    return MHD_queue_response(connection, (unsigned)r->status, r->response);
}

int ready_status(const HttpReady *r)
{
    return r->status;
}
