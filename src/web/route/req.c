/* req.c -- reading requests and making replies. */
#include "route/private.h"

#include "text/text.h"

#include <string.h>

enum { JSON_BODY_BYTES_MAX = 1 << 20, JSON_REPLY_BYTES_MAX = 8 << 20, FRAME_BYTES_USUAL = 4 << 10 };

/* ------------------------------------------------------------------ reading */

Str req_param(Req *rq, const char *name)
{
    return value_of(&rq->params, str_of(name));
}

Str req_query(const Req *rq, const char *name)
{
    return value_of(&rq->in->query, str_of(name));
}

Str req_text(const Req *rq, const char *name)
{
    return value_of(&rq->form, str_of(name));
}

i64 req_int(Req *rq, const char *name, i64 otherwise)
{
    i64 n;
    Str text = value_has(&rq->form, str_of(name)) ? req_text(rq, name) : req_query(rq, name);
    if (text.n == 0)
        return otherwise;
    if (str_to_int(text, &n))
        return n;
    fail(rq->cx, E_INPUT, "route.bad_parameter", V("name", str_of(name)));
    return otherwise;
}

const Upload *req_upload(const Req *rq, const char *field)
{
    for (const Upload *u = rq->in->uploads; u; u = u->next)
        if (str_is(u->field, str_of(field)) && u->content.n)
            return u;
    return NULL;
}

static bool is_own_name(Str name)
{
    return str_is(name, S("csrf")) || str_is(name, S("once")) || str_is(name, S("seen"));
}

/* Several values of one name (tick boxes) become one, separated by commas. */
Values req_values(Req *rq)
{
    Values out = { 0 };
    for (const Value *v = rq->form.first; v; v = v->next) {
        if (is_own_name(v->name) || value_has(&out, v->name))
            continue;
        Str text = v->text;
        for (const Value *more = v->next; more; more = more->next)
            if (str_is(more->name, v->name) && more->text.n)
                text = text.n ? str_format(&rq->cx->arena, "%.*s,%.*s", STR_ARGS(text),
                                           STR_ARGS(more->text))
                              : more->text;
        value_add(rq->cx, &out, v->name, text);
    }
    return out;
}

const Problem *req_take_problems(Req *rq)
{
    const Problem *problems = rq->cx->failure.problems;
    ctx_forgive(rq->cx);
    return problems;
}

/* ------------------------------------------------------------------ headers and cookies */

void reply_header(Req *rq, const char *name, Str value)
{
    http_header_add(rq->cx, rq->out, str_of(name), value);
}

Str req_cookie(const Req *rq, const char *name)
{
    return http_cookie(rq->in, name);
}

static void set_cookie(Req *rq, const char *name, Str value, const char *path, const char *twin,
                       i64 seconds)
{
    const char *secure = web_of(rq->cx->house)->options.secure_cookies ? "; Secure" : "";
    reply_header(rq, "Set-Cookie",
                 str_format(&rq->cx->arena,
                            "%s=%.*s; Path=%s%s; Max-Age=%lld; HttpOnly;"
                            " SameSite=Lax%s",
                            name, STR_ARGS(value), path, twin, (long long)seconds, secure));
}

/* Browsers send a cookie of "/apply" with "/apply/papers" but not with "/apply.json": that gets
   one of its own. */
void reply_cookie(Req *rq, const char *name, Str value, const char *path, i64 seconds)
{
    set_cookie(rq, name, value, path, "", seconds);
    if (path[1])
        set_cookie(rq, name, value, path, ".json", seconds);
}

void reply_drop_cookie(Req *rq, const char *name, const char *path)
{
    reply_cookie(rq, name, STR_EMPTY, path, 0);
}

Str signed_value(Ctx *cx, Str purpose, Str value)
{
    Bytes mac = vault_token_mac(cx, purpose, value);
    Str seal = str_base64url(&cx->arena, (Bytes){ mac.at, mac.n < 24 ? mac.n : 24 });
    return str_format(&cx->arena, "%.*s.%.*s", STR_ARGS(value), STR_ARGS(seal));
}

bool signed_open(Ctx *cx, Str purpose, Str text, Str *out)
{
    size_t at = text.n;
    while (at && text.at[at - 1] != '.')
        at--;
    if (at < 2)
        return false;
    *out = str_first(text, at - 1);
    return bytes_are(bytes_of(signed_value(cx, purpose, *out)), bytes_of(text));
}

/* "f_510105-20181010-000127-4", valid on the pages of that matter only. */
static const char *follow_cookie(Ctx *cx, Str number)
{
    return str_c(&cx->arena, str_join(&cx->arena, S("f_"), number));
}

void grant_follow(Req *rq, Str number)
{
    Ctx *cx = rq->cx;
    i64 until = cx->now.ms / 1000 + COOKIE_FOLLOW_SECONDS;
    Str value = str_format(&cx->arena, "%.*s.%lld", STR_ARGS(number), (long long)until);
    const char *path = str_c(&cx->arena, link_to(cx, "/cases/", number, "").path);
    reply_cookie(rq, follow_cookie(cx, number), signed_value(cx, S("follow"), value), path,
                 COOKIE_FOLLOW_SECONDS);
}

/* ------------------------------------------------------------------ replies */

static Err replied(Req *rq, int status, Str content_type, Str body)
{
    rq->out->status = status;
    rq->out->content_type = content_type;
    rq->out->body = body;
    rq->has_replied = true;
    return ctx_err(rq->cx);
}

Err reply_text(Req *rq, int status, const char *content_type, Str body)
{
    return replied(rq, status, str_of(content_type), body);
}

Err reply_live(Req *rq, const LiveAsk *ask)
{
    LiveAsk *copy = NEW(rq->cx, LiveAsk);
    if (!copy)
        return E_LIMIT;
    *copy = *ask;
    rq->out->live = copy;
    reply_header(rq, "X-Accel-Buffering", S("no")); /* nginx passes it on as it comes */
    return replied(rq, 200, S("text/event-stream"), STR_EMPTY);
}

Err reply_json_text(Req *rq, int status, Str json)
{
    return replied(rq, status, S("application/json; charset=utf-8"), json);
}

Err reply_json(Req *rq, const Field *fields, const void *record)
{
    Buf b = buf_new(&rq->cx->arena, JSON_REPLY_BYTES_MAX);
    TRY(ctx_err(rq->cx));
    field_put_json(rq->cx, &b, fields, record);
    buf_add_char(&b, '\n');
    return buf_is_full(&b) ? fail(rq->cx, E_LIMIT, "core.memory_used_up")
                           : reply_json_text(rq, 200, buf_str(&b));
}

Err reply_see(Req *rq, Link to)
{
    Ctx *cx = rq->cx;
    rq->location = to.path;
    rq->out->headers = NULL;
    if (!rq->wants_json) {
        reply_header(rq, "Location", to.path);
        return replied(rq, 303, STR_EMPTY, STR_EMPTY);
    }
    Buf b = buf_new(&cx->arena, 4096);
    buf_add(&b, S("{\"see\":"));
    json_put_text(&b, to.path);
    buf_add(&b, S("}\n"));
    return replied(rq, 200, S("application/json; charset=utf-8"), buf_str(&b));
}

Err reply_bytes(Req *rq, Str content_type, Bytes content, Str file_name, bool as_download)
{
    Str disposition = str_format(&rq->cx->arena, "%s; filename=\"%.*s\"",
                                 as_download ? "attachment" : "inline", STR_ARGS(file_name));
    reply_header(rq, "Content-Disposition", disposition);
    reply_header(rq, "Cache-Control", S("private, no-store"));
    return replied(rq, 200, content_type, str_of_bytes(content));
}

Html page_begin(Req *rq)
{
    Html h = html_new(rq->cx);
    h.csrf = rq->csrf;
    return h;
}

Err page_end(Req *rq, Html *h, int status)
{
    Buf out = buf_new(&rq->cx->arena, 8 << 20);
    buf_expect(&out, h->out.n + FRAME_BYTES_USUAL);
    TRY(ctx_err(rq->cx));
    rq->is_guarded |= h->is_guarded;
    web_of(rq->cx->house)->look.wrap(rq, h, &out);
    if (buf_is_full(&out) || buf_is_full(&h->out))
        return fail(rq->cx, E_LIMIT, "core.memory_used_up");
    return replied(rq, status, S("text/html; charset=utf-8"), buf_str(&out));
}
