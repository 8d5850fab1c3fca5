/* router.c -- finding the row, checking what it asks for, running the handler, making the reply
** of a failure. */
#include "route/private.h"

#include "text/text.h"

#include <string.h>

enum {
    JSON_VALUES_MAX = 400, /* as many as a form may have */
    AT_ONCE_US_MAX = 500   /* a page that took longer of late is made by a worker */
};

static const char WEB_PART;

Web *web_new(House *house, WebOptions options, WebLook look)
{
    Web *web = house_add(house, &WEB_PART, sizeof *web, NULL);
    web->house = house;
    web->options = options;
    web->look = look;
    return web;
}

void web_keep_pages(Web *web, const Store *store, size_t bytes_max)
{
    web->cache = bytes_max ? cache_new(web->house, store, bytes_max) : NULL;
}

const PageCache *web_page_cache(const House *house)
{
    const Web *web = web_of(house);
    return web ? web->cache : NULL;
}

void web_add_routes(Web *web, const char *module, const Route *routes)
{
    for (const Route *r = routes; r && r->path && web->rows_n < ROUTES_MAX; r++) {
        if (!(r->face & web->options.face))
            continue;
        web->rows[web->rows_n] = (RouteRow){ r, module, &web->took_us[web->rows_n] };
        web->rows_n++;
    }
}

const Web *web_of(const House *house)
{
    return house_get(house, &WEB_PART);
}

const WebOptions *web_options(const House *house)
{
    return &web_of(house)->options;
}

const Route *web_route_at(const House *house, size_t n, const char **out_module)
{
    const Web *web = web_of(house);
    if (n >= web->rows_n)
        return NULL;
    *out_module = web->rows[n].module;
    return web->rows[n].route;
}

Str web_base_url(const Req *rq)
{
    const WebOptions *o = web_options(rq->cx->house);
    Str host = http_header(rq->in, S("host"));
    if (o->base_url.n)
        return o->base_url;
    return str_format(&rq->cx->arena, "%s://%.*s", o->secure_cookies ? "https" : "http",
                      STR_ARGS(host.n ? host : S("127.0.0.1")));
}

/* ------------------------------------------------------------------ finding */

static bool is_parameter(Str segment)
{
    return segment.n > 2 && segment.at[0] == '{';
}

static bool matches(Ctx *cx, const char *pattern, Str path, Values *params)
{
    Str want = str_of(pattern), a, b;
    *params = (Values){ 0 };
    for (;;) {
        bool more = str_cut(&want, '/', &a), has = str_cut(&path, '/', &b);
        if (more != has)
            return false;
        if (!more)
            return true;
        if (is_parameter(a) && b.n)
            value_add(cx, params, str_first(str_skip(a, 1), a.n - 2), b);
        else if (!str_is(a, b))
            return false;
    }
}

const RouteRow *route_find(Ctx *cx, const Web *web, Method method, Str path, Values *params,
                           unsigned *out_served)
{
    *out_served = 0;
    for (size_t i = 0; i < web->rows_n; i++) {
        const Route *r = web->rows[i].route;
        if (!matches(cx, r->path, path, params))
            continue;
        if (r->method == method)
            return &web->rows[i];
        *out_served |= 1u << r->method;
    }
    return NULL;
}

/* ------------------------------------------------------------------ failures as replies */

int status_of(Err err)
{
    static const int STATUS[] = { 200, 400, 403, 404, 409, 429, 503, 500, 502, 500 };
    return STATUS[err];
}

static int status_for(const Failure *f)
{
    static const struct { const char *key; int status;
    } SPECIAL[] = {
        { "core.memory_used_up", 503 },  { "json.too_large", 413 },
        { "media.too_large", 413 },      { "store.disk_full", 503 },
        { "permit.sign_in_first", 401 }, { "route.no_such_method", 405 },
        { "route.unknown_type", 415 },
    };
    if (f->problems)
        return 422;
    for (size_t i = 0; f->key && i < COUNT(SPECIAL); i++)
        if (strcmp(SPECIAL[i].key, f->key) == 0)
            return SPECIAL[i].status;
    return status_of(f->err);
}

static void put_problems(Ctx *cx, Buf *b, const Problem *p)
{
    buf_add(b, S(",\"problems\":["));
    for (const Problem *first = p; p; p = p->next) {
        buf_add(b, p == first ? S("{\"field\":") : S(",{\"field\":"));
        json_put_text(b, p->field);
        buf_add(b, S(",\"text\":"));
        json_put_text(b, problem_text(cx, p));
        buf_add_char(b, '}');
    }
    buf_add_char(b, ']');
}

/* RFC 9457 */
static void reply_problem(Req *rq, int status, Str message, const Failure *f)
{
    Ctx *cx = rq->cx;
    Buf b = buf_new(&cx->arena, 1 << 20);
    buf_add_format(&b, "{\"status\":%d,\"type\":\"urn:linli:%s\",\"title\":", status,
                   f->key ? f->key : "unknown");
    json_put_text(&b, message);
    if (f->problems)
        put_problems(cx, &b, f->problems);
    buf_add(&b, S("}\n"));
    rq->out->status = status;
    rq->out->content_type = S("application/problem+json; charset=utf-8");
    rq->out->body = buf_str(&b);
}

static void reply_error_page(Req *rq, int status, Str message)
{
    Ctx *cx = rq->cx;
    ctx_forgive(cx);
    Html h = page_begin(rq);
    web_of(cx->house)->look.error(&h, rq, status, message);
    if (!page_end(rq, &h, status))
        return;
    rq->out->status = status;
    rq->out->content_type = S("text/plain; charset=utf-8");
    rq->out->body = message;
}

static void reply_failure(Req *rq)
{
    Failure f = rq->cx->failure;
    int status = status_for(&f);
    Str message = failure_text(rq->cx);
    if (f.err >= E_BUSY)
        log_failure(rq->cx, "request.failed");
    rq->out->headers = NULL;
    rq->out->live = NULL;
    if (status == 503)
        reply_header(rq, "Retry-After", S("2"));
    if (rq->retry_seconds)
        reply_header(rq, "Retry-After",
                     str_format(&rq->cx->arena, "%lld", (long long)rq->retry_seconds));
    if (status == 405)
        reply_header(rq, "Allow", str_of(rq->allow));
    if (rq->wants_json)
        reply_problem(rq, status, message, &f);
    else
        reply_error_page(rq, status, message);
}

/* Where a visitor who lacks the key to a page is sent: to the door, not to a wall. */
static bool reply_door(Req *rq, Err err)
{
    Ctx *cx = rq->cx;
    if (err != E_DENIED || rq->wants_json || rq->in->method == POST)
        return false;
    if (strcmp(rq->route->act, ACT_OWN) == 0) {
        Str number = str_copy(&cx->arena, req_param(rq, rq->route->of_matter));
        ctx_forgive(cx);
        return !reply_see(rq, link_to(cx, "/follow?number=", number, ""));
    }
    if (rq->session.waits.n) {
        ctx_forgive(cx);
        return !reply_see(rq, (Link){ S("/desk/password") });
    }
    if (rq->route->face == FACE_STAFF && !rq->session.account.value) {
        ctx_forgive(cx);
        return !reply_see(rq, link_to(cx, "/desk/sign-in?back=", rq->in->path, ""));
    }
    return false;
}

/* ------------------------------------------------------------------ one request */

/* As many values as a form may have, told before any is read. */
static Err add_json_value(Ctx *cx, Values *form, Str name, const Json *value, size_t *left)
{
    size_t n = json_count(value);
    if ((n ? n : 1) > *left)
        return fail(cx, E_INPUT, "route.too_many_values", text_int(cx, "max", JSON_VALUES_MAX));
    *left -= n ? n : 1;
    for (size_t i = 0; i < n; i++)
        value_add(cx, form, name, json_as_text(cx, json_at(value, i)));
    if (n == 0)
        value_add(cx, form, name, json_as_text(cx, value));
    return OK;
}

static Err read_form(Req *rq)
{
    const Json *json;
    size_t left = JSON_VALUES_MAX;
    rq->form = rq->in->form;
    if (rq->in->body.n == 0 || rq->in->method != POST)
        return OK; /* nothing, or a form that the server has read */
    if (!str_starts(http_header(rq->in, S("content-type")), S("application/json")))
        return fail(rq->cx, E_INPUT, "route.unknown_type");
    TRY(json_parse(rq->cx, rq->in->body, 1 << 20, &json));
    for (void *at = json_first(json); at; at = json_next(json, at))
        TRY(add_json_value(rq->cx, &rq->form, json_key(at), json_value(at), &left));
    return OK;
}

static Err load_matter(Req *rq)
{
    if (!rq->route->of_matter)
        return OK;
    Err err = matter_get_by_number(rq->cx, req_param(rq, rq->route->of_matter), &rq->matter);
    bool hide = err == E_MISSING && strcmp(rq->route->act, ACT_OWN) == 0;
    if (!hide)
        return err;
    /* a stranger learns no more of a number that exists than of one that does not */
    ctx_forgive(rq->cx);
    return OK;
}

static Err find_route(Req *rq, Str path)
{
    unsigned served;
    Method method = rq->in->method == HEAD ? GET : rq->in->method;
    if (rq->row)
        return OK;
    rq->row = route_find(rq->cx, web_of(rq->cx->house), method, path, &rq->params, &served);
    rq->route = rq->row ? rq->row->route : NULL;
    if (rq->row)
        return OK;
    rq->allow = served == (1u << GET | 1u << POST) ? "GET, HEAD, POST"
                : served == 1u << POST             ? "POST"
                                                   : "GET, HEAD";
    return served ? fail(rq->cx, E_INPUT, "route.no_such_method")
                  : fail(rq->cx, E_MISSING, "route.no_such_page");
}

/* Of two of the same that arrive at once, the second finds that the first has closed the way: it
** gets the first one's reply. */
static Err came_second(Req *rq, Err err)
{
    bool again;
    Failure f = rq->cx->failure;
    ctx_forgive(rq->cx);
    TRY(once_find(rq, &again));
    if (!again)
        rq->cx->failure = f;
    return again ? OK : err;
}

/* Before anything is written: has this address begun or sent too much within the hour? */
static Err take_limit(Req *rq)
{
    unsigned takes = rq->route->takes;
    LimitKind kind = takes & TAKES_DRAFT        ? LIMIT_DRAFTS
                     : takes & TAKES_SUBMISSION ? LIMIT_SUBMISSIONS
                                                : LIMIT_NONE;
    return limit_take(rq->cx, kind, rq->in->source, http_header(rq->in, S("x-forwarded-for")),
                      &rq->retry_seconds);
}

static Err run_post(Req *rq)
{
    bool again;
    TRY(visitor_check_csrf(rq));
    TRY(once_find(rq, &again));
    if (again)
        return OK;
    TRY(take_limit(rq));
    once_watch(rq);
    Err err = rq->route->handler(rq);
    store_before_commit(rq->cx, NULL, NULL);
    return err == E_DENIED || err == E_MISSING || err == E_CONFLICT ? came_second(rq, err) : err;
}

/* Refused because the session may do nothing yet: that is said, not that it is somebody else's. */
static Err what_comes_first(Req *rq)
{
    Err err = ctx_err(rq->cx);
    if (err != E_DENIED || !rq->session.waits.n)
        return err;
    ctx_forgive(rq->cx);
    return fail(rq->cx, E_DENIED, "identity.password_first");
}

static Err run(Req *rq, Str path)
{
    static const Route NO_ROUTE = {
        GET, "", NULL, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, NULL, false, false
    };
    Ctx *cx = rq->cx;
    Err err = find_route(rq, path);
    if (err) {
        Failure f = cx->failure;
        rq->route = &NO_ROUTE;
        ctx_forgive(cx);
        visitor_read(rq);
        cx->failure = f;
        return err;
    }
    keep_begin(rq);
    TRY(load_matter(rq));
    visitor_read(rq);
    TRY(ctx_err(cx));
    Subject subject = matter_subject(&rq->matter);
    TRY(permit_may(cx, rq->route->act, &subject) ? what_comes_first(rq) : OK);
    TRY(read_form(rq));
    return rq->in->method == POST ? run_post(rq) : rq->route->handler(rq);
}

static void add_grant(Req *rq)
{
    Matter m;
    if (rq->grants.value && !matter_get(rq->cx, rq->grants, &m))
        grant_follow(rq, m.number);
}

/* ------------------------------------------------------------------ every reply */

static void add_keeping(Req *rq)
{
    if (!http_has_header(rq->out, S("Cache-Control")))
        reply_header(rq, "Cache-Control", rq->keeping ? S("no-cache") : S("no-store"));
    if (rq->cx->lang == LANG_ZH || rq->cx->lang == LANG_EN)
        reply_header(rq, "Content-Language", lang_code(rq->cx->lang));
    reply_header(rq, "Vary", S("Accept, Accept-Language, Cookie"));
}

static void add_test_figures(Req *rq)
{
    Ctx *cx = rq->cx;
    reply_header(rq, "X-Linli-Queries", str_format(&cx->arena, "%lld", (long long)cx->queries));
    reply_header(rq, "X-Linli-Takes", str_format(&cx->arena, "%lld", (long long)cx->arena.takes));
}

static void log_request(const Req *rq, i64 took_us)
{
    static const char *const METHODS[] = { "GET", "POST", "HEAD", "OTHER" };
    log_line(LOG_INFO, "request", LI("request", rq->cx->id),
             LT("method", str_of(METHODS[rq->in->method])),
             LT("route", str_of(rq->route ? rq->route->path : "")), LI("status", rq->out->status),
             LI("us", took_us), LI("queries", rq->cx->queries), LI("bytes", rq->out->body.n));
}

/* For tests only: the time and the fault that the request asks for. */
static void obey_test_headers(Req *rq)
{
    i64 n;
    if (str_to_int(http_header(rq->in, S("x-test-now")), &n))
        rq->cx->now.ms = n;
    if (str_to_int(http_header(rq->in, S("x-test-fail-take")), &n) && n > 0)
        rq->cx->arena.fail_after = rq->cx->arena.takes + n;
    if (str_to_int(http_header(rq->in, S("x-test-fail-query")), &n) && n > 0)
        rq->cx->query_to_fail = rq->cx->queries + n;
}

/* What was concluded from less than all, for want of memory, is not said. */
static Err run_whole(Req *rq, Str path)
{
    Ctx *cx = rq->cx;
    Err err = run(rq, path);
    if (!err)
        err = ctx_err(cx);
    if (!err && !rq->has_replied)
        err = fail(cx, E_BUG, "route.no_reply");
    if (cx->arena.is_short) {
        ctx_forgive(cx);
        cx->arena.is_short = false; /* there is enough to say so */
        err = fail(cx, E_LIMIT, "core.memory_used_up");
    }
    cx->arena.fail_after = cx->query_to_fail = 0;
    return err;
}

static void finish(Req *rq, Err err)
{
    const HttpIn *in = rq->in;
    if (err)
        keep_cancel(rq);
    if (err && !(rq->route && reply_door(rq, err)))
        reply_failure(rq);
    else
        add_grant(rq);
    if (!err && in->method == POST && rq->out->status < 400)
        reply_cookie(rq, CACHE_COOKIE, S("fresh"), "/", CACHE_COOKIE_SECONDS);
    add_keeping(rq);
    if (web_options(rq->cx->house)->test_clock)
        add_test_figures(rq);
    keep_end(rq);
}

static void note_took(const Req *rq, i64 took_us)
{
    if (rq->row)
        *rq->row->took_us += (took_us - *rq->row->took_us) / 8;
    log_request(rq, took_us);
}

static void answer(Req *rq, Str path)
{
    i64 began_us = monotonic_us();
    if (web_options(rq->cx->house)->test_clock)
        obey_test_headers(rq);
    finish(rq, run_whole(rq, path));
    note_took(rq, monotonic_us() - began_us);
}

static void handle(void *arg, Ctx *cx, const HttpIn *in, HttpOut *out)
{
    Req rq = { .cx = cx, .in = in, .out = out };
    Str path = in->path;
    (void)arg;
    rq.wants_json = visitor_wants_json(in, &path);
    answer(&rq, path);
}

/* Pages for everybody, while they are short: no form, no cipher, no write, nothing awaited. */
static bool at_once(void *arg, Ctx *cx, const HttpIn *in, HttpOut *out)
{
    const Web *web = arg;
    Req rq = { .cx = cx, .in = in, .out = out };
    Str path = in->path;
    unsigned served;
    rq.wants_json = visitor_wants_json(in, &path);
    rq.row = route_find(cx, web, GET, path, &rq.params, &served);
    if (!rq.row || !rq.row->route->is_kept || *rq.row->took_us > AT_ONCE_US_MAX)
        return false;
    rq.route = rq.row->route;
    answer(&rq, path);
    return true;
}

static bool quick(void *arg, const HttpIn *in, HttpOut *out)
{
    const Web *web = arg;
    return asset_quick(web->house, in, out) || keep_quick(web, in, out);
}

ServerHandler web_handler(Web *web)
{
    return (ServerHandler){ .quick = quick, .at_once = at_once, .handle = handle, .arg = web };
}
