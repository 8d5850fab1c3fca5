/* visitor.c -- who is asking, in which language, and whether a form really comes from one of our
** pages. */
#include "route/private.h"

#include "text/text.h"

/* ------------------------------------------------------------------ language and size */

static void read_language(Req *rq)
{
    Ctx *cx = rq->cx;
    Str rest = http_header(rq->in, S("accept-language")), one;
    cx->lang = profile_of(cx->house)->language;
    if (lang_parse(req_query(rq, "lang"), &cx->lang)
        || lang_parse(req_cookie(rq, "lang"), &cx->lang))
        return;
    while (str_cut(&rest, ',', &one))
        if (lang_parse(str_trim(one), &cx->lang))
            return;
}

/* ------------------------------------------------------------- cookies that speak for a visitor */

static Str bearer(const Req *rq)
{
    Str header = http_header(rq->in, S("authorization"));
    return str_starts(header, S("Bearer ")) ? str_trim(str_skip(header, 7)) : STR_EMPTY;
}

static void read_session(Req *rq)
{
    Str token = bearer(rq);
    rq->session_token = token.n ? token : req_cookie(rq, "linli_s");
    if (rq->session_token.n == 0)
        return;
    Err err = session_use(rq->cx, rq->session_token, &rq->session);
    if (err == E_MISSING) {
        ctx_forgive(rq->cx);
        rq->session = (Session){ 0 };
        rq->session_token = STR_EMPTY;
    }
    rq->csrf = rq->session.csrf;
}

/* The cookie of one matter, valid for a while, makes its holder the applicant of that matter. */
static void read_follow(Req *rq)
{
    Ctx *cx = rq->cx;
    Str name = str_join(&cx->arena, S("f_"), rq->matter.number), value, number;
    Str cookie = req_cookie(rq, str_c(&cx->arena, name));
    i64 seconds;
    if (!rq->matter.id.value || cookie.n == 0 || !signed_open(cx, S("follow"), cookie, &value))
        return;
    if (!str_cut(&value, '.', &number) || !value.at || !str_to_int(value, &seconds))
        return;
    if (!str_is(number, rq->matter.number) || seconds * 1000 < cx->now.ms)
        return;
    cx->actor = (Actor){ .kind = ACTOR_APPLICANT, .matter = rq->matter.id };
    rq->csrf = session_csrf(cx, cookie);
}

static void read_draft(Req *rq)
{
    rq->draft_token = req_cookie(rq, "linli_d");
    if (rq->draft_token.n && rq->csrf.n == 0)
        rq->csrf = session_csrf(rq->cx, rq->draft_token);
}

static bool is_staff_path(const Req *rq)
{
    return rq->route->face == FACE_STAFF;
}

void visitor_read(Req *rq)
{
    read_language(rq);
    rq->is_elder = str_is(req_cookie(rq, "size"), S("elder"));
    if (is_staff_path(rq))
        read_session(rq);
    else if (rq->route->of_matter)
        read_follow(rq);
    else
        read_draft(rq);
}

/* ------------------------------------------------------------------ forms from elsewhere */

static bool comes_from_elsewhere(const Req *rq)
{
    Str site = http_header(rq->in, S("sec-fetch-site"));
    return site.n && !str_is(site, S("same-origin")) && !str_is(site, S("none"));
}

/* A form that a cookie speaks for must carry the token that only our pages know; a bearer token
** is proof by itself; where no cookie speaks, it is enough that the browser does not say it
** comes from another site. */
Err visitor_check_csrf(Req *rq)
{
    Str sent = value_has(&rq->form, S("csrf")) ? req_text(rq, "csrf")
                                               : http_header(rq->in, S("x-csrf-token"));
    if (comes_from_elsewhere(rq))
        return fail(rq->cx, E_DENIED, "route.from_elsewhere");
    if (rq->csrf.n == 0 || (is_staff_path(rq) && bearer(rq).n))
        return OK;
    return bytes_are(bytes_of(sent), bytes_of(rq->csrf))
               ? OK
               : fail(rq->cx, E_DENIED, "route.form_token_missing");
}
