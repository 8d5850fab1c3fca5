/* route.h -- from a request to a handler and back: the route table, permission, sessions, forms,
** replies.
**
** A row of a route table names method, path, handler, the act it needs and whose matter it is
** about; the router checks all of that before the handler runs. A handler reads parameters with
** latching readers, asks the modules, and returns an Err; on failure the router makes the reply
** (a page or problem+json, the same text in both). HTML and JSON come from the same handler. */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "cache/cache.h"
#include "flow/flow.h"
#include "html/html.h"
#include "limit/limit.h"
#include "server/server.h"

typedef enum Face { FACE_PUBLIC = 1, FACE_STAFF = 2, FACE_BOTH = 3 } Face;

typedef struct Req Req;
typedef struct RouteRow RouteRow;
typedef Err Handler(Req *rq);

/* What a request of a row brings, besides a form. */
typedef enum Takes {
    TAKES_FILES = 1,
    TAKES_DRAFT = 2,      /* begins a draft: bounded for each source and hour (web/limit) */
    TAKES_SUBMISSION = 4, /* opens a matter: bounded too */
} Takes;

typedef struct Route {
    Method method;
    const char *path;        /* "/cases/{number}/steps/{step}" */
    Handler *handler;
    Act act;
    Face face;
    const char *of_matter;   /* the parameter that holds the number of the matter it is about */
    const Field *reply;      /* JSON shape of the reply, for OpenAPI */
    const char *summary;     /* English; for OpenAPI */
    unsigned takes;          /* of Takes; false for nothing, true for files */
    bool is_kept;            /* the same for every reader of one language: see cache/cache.h */
    bool is_live;            /* asked for by the page itself: keeps no session from going idle */
} Route;
#define ROUTE_END { GET, NULL, NULL, NULL, FACE_BOTH, NULL, NULL, NULL, false, false }

struct Req {
    Ctx *cx;
    const HttpIn *in;
    HttpOut *out;
    const Route *route;
    const RouteRow *row;   /* where the route stands; NULL: nowhere */
    Values params;
    Values form;           /* of a form, or a JSON object */
    bool wants_json;
    bool is_elder;
    Session session;       /* of staff; account 0 when nobody is signed in */
    Str session_token;
    Str draft_token;       /* of an unfinished application */
    Matter matter;         /* of the route's of_matter */
    bool has_replied;
    Str location;          /* where the reply sends the visitor */
    MatterId grants;       /* the reply lets this visitor follow the matter */
    Str csrf;
    PageDraft *keeping;    /* NULL: this page is not kept */
    bool is_guarded;       /* the page has a form that belongs to this visitor */
    i64 retry_seconds;     /* when to come again, where a limit was passed */
    const char *allow;     /* methods the path is served by, where this one is not among them */
};

/* ------------------------------------------------------------------ reading */

Str req_param(Req *rq, const char *name);
Str req_query(const Req *rq, const char *name);
Str req_text(const Req *rq, const char *name);           /* of the form */
/* of the form or the query; latches a bad one */
i64 req_int(Req *rq, const char *name, i64 otherwise);
const Upload *req_upload(const Req *rq, const char *field);
/* Form values without the router's own (csrf, once, seen). */
Values req_values(Req *rq);

/* ------------------------------------------------------------------ replying */

/* 303 to a path of ours. Said before the write it belongs to, so that a repeated form gets it
   again. */
Err reply_see(Req *rq, Link to);
Err reply_json(Req *rq, const Field *fields, const void *record);
Err reply_json_text(Req *rq, int status, Str json);
Err reply_bytes(Req *rq, Str content_type, Bytes content, Str file_name, bool as_download);
/* Stays open and says when something has changed (server/server.h). */
Err reply_live(Req *rq, const LiveAsk *ask);
Err reply_text(Req *rq, int status, const char *content_type, Str body);
/* A page: begin, call templates, end.  status is 200 or 422. */
Html page_begin(Req *rq);
Err page_end(Req *rq, Html *h, int status);
/* HTML or JSON from one model: page(h, model) or the fields. */
#define REPLY(rq, page, fields, model)                          \
    do {                                                        \
        if ((rq)->wants_json)                                   \
            return reply_json((rq), (fields), (model));         \
        Html html_ = page_begin(rq);                            \
        page(&html_, (model));                                  \
        return page_end((rq), &html_, 200);                     \
    } while (0)

void reply_header(Req *rq, const char *name, Str value);
void reply_cookie(Req *rq, const char *name, Str value, const char *path, i64 seconds);
void reply_drop_cookie(Req *rq, const char *name, const char *path);
Str req_cookie(const Req *rq, const char *name);

/* Problems of the last field_check, taken off the Ctx so that the form can be shown again. */
const Problem *req_take_problems(Req *rq);

/* A cookie value that proves we made it: "value.mac". */
Str signed_value(Ctx *cx, Str purpose, Str value);
bool signed_open(Ctx *cx, Str purpose, Str text, Str *out);

/* Lets this visitor follow a matter: sets its cookie. */
void grant_follow(Req *rq, Str number);

/* ------------------------------------------------------------------ the router */

typedef struct Web Web;

/* How pages are wrapped and errors shown; given by web/page. */
typedef struct WebLook {
    void (*wrap)(const Req *rq, Html *page, Buf *out);
    void (*error)(Html *h, const Req *rq, int status, Str message);
} WebLook;

typedef struct WebOptions {
    Face face;
    bool secure_cookies;
    bool test_clock;     /* X-Test-Now is believed; queries and takes are told in headers */
    Str version;         /* of the program, and where the source of this very one is to be had */
    Str source_url;
    i64 draft_bytes_max; /* papers of all drafts together */
    Str base_url;        /* "https://…", for QR codes; empty: from the Host header */
} WebOptions;

Web *web_new(House *house, WebOptions options, WebLook look);
/* Keeps pages, in at most so many bytes. */
void web_keep_pages(Web *web, const Store *store, size_t bytes_max);
/* NULL when none are kept. */
const PageCache *web_page_cache(const House *house);
void web_add_routes(Web *web, const char *module, const Route *routes);
ServerHandler web_handler(Web *web);
const WebOptions *web_options(const House *house);
Str web_base_url(const Req *rq);
/* All routes in order, for OpenAPI and the checkers. */
const Route *web_route_at(const House *house, size_t n, const char **out_module);

/* A job: forgets stored replies after two days. */
MUST_USE Err once_sweep(Ctx *cx);

/* Static files, found by path ("/a/linli.css"); sorted. */
typedef struct Asset {
    const char *path;
    const char *content_type;
    const char *at, *end;
    const char *gzip, *gzip_end;     /* NULL: not compressed */
    const char *brotli, *brotli_end;
} Asset;
void web_assets_use(House *house, const Asset *assets, size_t n);
/* "/a/linli.css?v=hash" */
Str asset_path(const Ctx *cx, const char *path);

#endif
