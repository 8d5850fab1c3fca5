/* once.c -- the same form sent twice does its thing once and gets the same reply.
**
** The reply is stored inside the transaction of what the form did, so either both are there or
** neither. */
#include "route/private.h"

#include "text/text.h"

enum { KEY_BYTES_MAX = 100 };

static Str actor_of(Req *rq)
{
    Arena *a = &rq->cx->arena;
    if (rq->session.account.value)
        return str_format(a, "account/%lld", (long long)rq->session.account.value);
    if (rq->cx->actor.kind == ACTOR_APPLICANT)
        return str_format(a, "matter/%lld", (long long)rq->cx->actor.matter.value);
    return rq->draft_token.n
               ? str_join(a, S("draft/"), str_hex(a, vault_hash(rq->cx, rq->draft_token)))
               : S("anyone");
}

static Str key_of(const Req *rq)
{
    Str key = req_text(rq, "once");
    return str_first(key.n ? key : http_header(rq->in, S("idempotency-key")), KEY_BYTES_MAX);
}

/* What was asked, so that one key cannot answer for another request. */
static Bytes request_hash(Req *rq)
{
    Buf b = buf_new(&rq->cx->arena, 4 << 20);
    buf_add(&b, rq->in->path);
    for (const Value *v = rq->form.first; v; v = v->next) {
        buf_add_format(&b, "\n%zu:", v->text.n);
        buf_add(&b, v->name);
        buf_add_char(&b, '=');
        buf_add(&b, v->text);
    }
    return vault_hash(rq->cx, buf_str(&b));
}

Err once_find(Req *rq, bool *out_found)
{
    Str key = key_of(rq);
    *out_found = false;
    if (key.n == 0 || !str_is_utf8(key))
        return OK;
    Query q = QUERY(rq->cx,
                    "SELECT request_hash, location, matter FROM once WHERE actor = $1 AND key = $2",
                    T(actor_of(rq)), T(key));
    *out_found = query_next(&q);
    Bytes hash = query_bytes(&q);
    Str location = query_text(&q);
    MatterId matter = { query_int(&q) };
    if (!str_is(actor_of(rq), S("anyone"))) /* a key alone does not open what it made */
        rq->grants = matter;
    TRY(query_end(&q));
    if (!*out_found)
        return OK;
    if (!bytes_are(hash, request_hash(rq)))
        return rq->wants_json ? fail(rq->cx, E_CONFLICT, "route.key_used_otherwise")
                              : fail(rq->cx, E_CONFLICT, "route.form_changed_since");
    return reply_see(rq, (Link){ location });
}

static Err store_reply(Ctx *cx, void *arg)
{
    Req *rq = arg;
    bool added;
    if (rq->location.n == 0)
        return OK;
    Query q =
        QUERY(cx,
              "INSERT INTO once (actor, key, request_hash, at, location, matter)"
              " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (actor, key) DO NOTHING RETURNING at",
              T(actor_of(rq)), T(key_of(rq)), B(request_hash(rq)), AT(cx->now), T(rq->location),
              ID_OR_NULL(rq->grants));
    added = query_next(&q);
    TRY(query_end(&q));
    return added ? OK : fail(cx, E_CONFLICT, "route.sent_already");
}

void once_watch(Req *rq)
{
    Str key = key_of(rq);
    bool has_key = key.n && str_is_utf8(key);
    store_before_commit(rq->cx, has_key ? store_reply : NULL, rq);
}

static Err sweep(Ctx *cx, void *arg)
{
    (void)arg;
    Query q = QUERY(cx, "DELETE FROM once WHERE at < $1", I(cx->now.ms - 2 * MS_PER_DAY));
    return query_run(&q);
}

Err once_sweep(Ctx *cx)
{
    return store_write(cx, sweep, NULL);
}
