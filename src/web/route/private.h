/* private.h -- shared by the files of the router. */
#ifndef ROUTE_PRIVATE_H
#define ROUTE_PRIVATE_H

#include "route/route.h"

enum { ROUTES_MAX = 512, COOKIE_FOLLOW_SECONDS = 2 * 3600 };

struct RouteRow {
    const Route *route;
    const char *module;
    _Atomic i64 *took_us; /* its page, of late: an eighth of each new time */
};

struct Web {
    House *house;
    WebOptions options;
    WebLook look;
    RouteRow rows[ROUTES_MAX];
    size_t rows_n;
    _Atomic i64 took_us[ROUTES_MAX];
    PageCache *cache; /* NULL: no page is kept */
};

const Web *web_of(const House *house);
/* Finds the row; without one, out_served has a bit for each method (1 << GET …) that the path is
   served by. */
const RouteRow *route_find(Ctx *cx, const Web *web, Method method, Str path, Values *params,
                           unsigned *out_served);

/* The same for a listener, which has no Req: language, type size, and whether a program asks;
   *path loses ".json". */
Lang visitor_language(const House *house, const HttpIn *in);
bool visitor_is_elder(const HttpIn *in);
bool visitor_wants_json(const HttpIn *in, Str *path);

/* Who speaks: session, draft and follow cookies; language and size. */
void visitor_read(Req *rq);
Err visitor_check_csrf(Req *rq);

/* Replies kept for forms sent twice. */
MUST_USE Err once_find(Req *rq, bool *out_found);
void once_watch(Req *rq); /* stores the reply in the transaction of what the handler writes */

/* quick replies */
bool keep_quick(const Web *web, const HttpIn *in, HttpOut *out);
bool asset_quick(const House *house, const HttpIn *in, HttpOut *out);
int status_of(Err err);

/* A page of a kept route: begun before its first query; ended when its reply is whole, or
   cancelled when there is none. */
void keep_begin(Req *rq);
void keep_end(Req *rq);
void keep_cancel(Req *rq);

#endif
