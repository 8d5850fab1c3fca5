/* keep.c -- which pages are kept, and under what key: routes marked is_kept, read by anybody,
** without a form that belongs to one visitor. */
#include "route/private.h"

#include "text/text.h"

static bool has_test_header(const HttpIn *in)
{
    return http_header(in, S("x-test-now")).n || http_header(in, S("x-test-fail-take")).n
        || http_header(in, S("x-test-fail-query")).n;
}

static PageKey key_of(const House *house, const HttpIn *in)
{
    Str path = in->path;
    return (PageKey){ .target = in->target, .lang = visitor_language(house, in),
                      .is_elder = visitor_is_elder(in), .is_json = visitor_wants_json(in, &path) };
}

static bool may_be_kept(const Web *web, const HttpIn *in)
{
    return web->cache && in->method != POST && !(web->options.test_clock && has_test_header(in));
}

bool keep_quick(const Web *web, const HttpIn *in, HttpOut *out)
{
    if (!may_be_kept(web, in) || in->method == OTHER_METHOD)
        return false;
    PageKey key = key_of(web->house, in);
    return cache_answer(web->cache, &key, in, clock_now(web->house), out);
}

void keep_begin(Req *rq)
{
    Ctx *cx = rq->cx;
    const Web *web = web_of(cx->house);
    PageKey key = key_of(cx->house, rq->in);
    if (!rq->route->is_kept || rq->in->method != GET || !may_be_kept(web, rq->in))
        return;
    rq->keeping = NEW(cx, PageDraft);
    if (rq->keeping)
        cache_begin(web->cache, cx, &key, rq->keeping);
}

void keep_cancel(Req *rq)
{
    if (rq->keeping)
        store_rely(rq->cx, NULL);
    rq->keeping = NULL;
}

/* What the page says may change with the day. */
void keep_end(Req *rq)
{
    Ctx *cx = rq->cx;
    const Web *web = web_of(cx->house);
    const PageDraft *draft = rq->keeping;
    bool is_own = rq->is_guarded || http_has_header(rq->out, S("Set-Cookie"));
    keep_cancel(rq);
    if (!draft || is_own)
        return;
    cache_keep(web->cache, cx, draft, rq->in, rq->out, day_end(cx->house, day_today(cx)));
    HttpOut ready;
    if (cache_answer(web->cache, &draft->key, rq->in, cx->now, &ready))
        *rq->out = ready;
}
