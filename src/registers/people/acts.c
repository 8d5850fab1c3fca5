/* acts.c -- what administrators did, for the audit administrator. */
#include "people/private.h"

#include "people.html.h"
#include "text/text.h"

enum { ACTS_PAGE = 50 };

static const struct { const char *what, *words;
} WHAT_WORDS[] = {
    { "account.add", N_("Account made") },
    { "account.password", N_("Password given") },
    { "account.disable", N_("Account disabled") },
    { "account.enable", N_("Account enabled") },
    { "account.unlock", N_("Account unlocked") },
    { "post.appoint", N_("Appointed to a post") },
    { "post.dismiss", N_("Post ended") },
    { "rules.import", N_("Rules brought in") },
    { "calendar.import", N_("Calendar brought in") },
};

static const Field ACT_FIELDS[] = {
    FIELD(ActRow, at, INSTANT),
    FIELD(ActRow, role, TEXT),
    FIELD(ActRow, by, TEXT),
    FIELD(ActRow, what, TEXT),
    FIELD(ActRow, about, TEXT),
    FIELD(ActRow, detail, TEXT),
    FIELD_END
};

static const Field ACTS_FIELDS[] = {
    FIELD_LIST(ActsView, acts, ActRow, ACT_FIELDS),
    FIELD(ActsView, before, INT),
    FIELD_END
};

static Str words_of(const Ctx *cx, Str what)
{
    for (size_t i = 0; i < COUNT(WHAT_WORDS); i++)
        if (str_is(what, str_of(WHAT_WORDS[i].what)))
            return text_get(cx, WHAT_WORDS[i].words);
    return what;
}

/* "System administrator · Qingyang District"; for the command line its name. */
static Err seat_of(Ctx *cx, const AdminAct *a, Str *out)
{
    Post post;
    *out = text_get(cx, "Command line");
    if (!a->post.value)
        return OK;
    TRY(post_get(cx, a->post, &post));
    *out = str_format(&cx->arena, "%.*s · %.*s", STR_ARGS(words_in(post.role_name, cx->lang)),
                      STR_ARGS(words_in(post.place_name, cx->lang)));
    return OK;
}

static Err get_acts(Req *rq)
{
    Ctx *cx = rq->cx;
    ActsView v = { 0 };
    AdminAct *acts;
    i64 n = 0, before = req_int(rq, "before", 0);
    ActRow **end = &v.acts;
    TRY(admin_list(cx, before, ACTS_PAGE + 1, &acts));
    for (const AdminAct *a = acts; a && n < ACTS_PAGE; a = a->next, n++) {
        ActRow *row = NEW(cx, ActRow);
        if (!row)
            return E_LIMIT;
        v.before = a->next && n + 1 == ACTS_PAGE ? a->id : 0;
        *row = (ActRow){ .at = a->at, .role = a->role, .by = a->by, .what = a->what,
                         .said = words_of(cx, a->what), .about = a->about, .detail = a->detail };
        TRY(seat_of(cx, a, &row->seat));
        *end = row;
        end = &row->next;
    }
    REPLY(rq, acts_page, ACTS_FIELDS, &v);
}

const Route ACTS_ROUTES[] = {
    { GET, "/desk/acts", get_acts, "acts.read", FACE_STAFF, NULL, ACTS_FIELDS,
      "What administrators did", false },
    ROUTE_END
};
