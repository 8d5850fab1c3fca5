/* visitor.c -- who is asking, in which language, and whether a form really comes from one of our
** pages. */
#include "route/private.h"

#include "text/text.h"

/* ------------------------------------------------------------------ language and size */

Lang visitor_language(const House *house, const HttpIn *in)
{
    Lang lang = profile_of(house)->language;
    Str rest = http_header(in, S("accept-language")), one;
    if (lang_parse(value_of(&in->query, S("lang")), &lang)
        || lang_parse(http_cookie(in, "lang"), &lang))
        return lang;
    while (str_cut(&rest, ',', &one))
        if (lang_parse(str_trim(one), &lang))
            break;
    return lang;
}

bool visitor_is_elder(const HttpIn *in)
{
    return str_is(http_cookie(in, "size"), S("elder"));
}

static bool ends_in_json(Str *path)
{
    if (!str_ends(*path, S(".json")))
        return false;
    path->n -= 5;
    return true;
}

bool visitor_wants_json(const HttpIn *in, Str *path)
{
    Str accept = http_header(in, S("accept")), type = http_header(in, S("content-type"));
    size_t at;
    bool html = str_find(accept, S("text/html"), &at),
         json = str_find(accept, S("application/json"), &at);
    return ends_in_json(path) || (json && !html) || str_starts(type, S("application/json"));
}

/* ------------------------------------------------------------- cookies that speak for a visitor */

static Str bearer(const Req *rq)
{
    Str header = http_header(rq->in, S("authorization"));
    return str_starts(header, S("Bearer ")) ? str_trim(str_skip(header, 7)) : STR_EMPTY;
}

/* A page that looks for news by itself is no sign that somebody sits before it. */
static bool is_by_itself(const Req *rq)
{
    return rq->route->is_live || http_header(rq->in, S("x-by-itself")).n;
}

static void read_session(Req *rq)
{
    Str token = bearer(rq);
    rq->session_token = token.n ? token : req_cookie(rq, "linli_s");
    if (rq->session_token.n == 0)
        return;
    Err err = is_by_itself(rq) ? session_look(rq->cx, rq->session_token, &rq->session)
                               : session_use(rq->cx, rq->session_token, &rq->session);
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
    rq->cx->lang = visitor_language(rq->cx->house, rq->in);
    rq->is_elder = visitor_is_elder(rq->in);
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
