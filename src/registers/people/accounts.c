/* accounts.c -- accounts and posts for the system administrator, locks for the security
** administrator, looks for the audit administrator: three people who cannot do each other's
** work. */
#include "people/private.h"

#include "flow/flow.h"
#include "ident/ident.h"
#include "people.html.h"
#include "text/text.h"

enum { ACCOUNTS_PAGE = 50, SIGN_INS_MAX = 30, LOOKS_PAGE = 50, PASSWORD_BYTES = 12,
       PLACES_MAX = 2000 };

/* ------------------------------------------------------------------ forms of this page */

static Words both(Ctx *cx, const char *key)
{
    return (Words){ { text_in(cx, LANG_ZH, key), text_in(cx, LANG_EN, key) } };
}

static Err new_account_form(Ctx *cx, PageForm *out)
{
    Field *f = NEW_ARRAY(cx, Field, 2);
    if (!f)
        return E_LIMIT;
    f[0] = (Field){ .name = S("name"),
                    .kind = F_NAME,
                    .label = both(cx, N_("Name")),
                    .must = true,
                    .personal = true };
    f[1] = (Field){
        .name = S("login"), .kind = F_TEXT, .label = both(cx, N_("Login")), .must = true, .max = 60
    };
    *out = (PageForm){ .fields = f, .fields_n = 2, .prefix = "" };
    return OK;
}

static size_t count_roles(const Ctx *cx)
{
    size_t n = 0;
    while (role_at(cx->house, n))
        n++;
    return n;
}

/* Without the administrations: whoever could appoint to them would hold them all. */
static Choice *role_choices(Ctx *cx, size_t *out_n)
{
    size_t roles = count_roles(cx);
    Choice *choices = NEW_ARRAY(cx, Choice, roles + 1);
    *out_n = 0;
    for (size_t i = 0; choices && i < roles; i++) {
        const Role *r = role_at(cx->house, i);
        if (r->admin == ADMIN_NONE)
            choices[(*out_n)++] = (Choice){ r->role, r->name };
    }
    return choices;
}

static Err body_choices(Ctx *cx, Field *f)
{
    Body *bodies;
    size_t n = 0;
    TRY(body_list(cx, &bodies));
    for (const Body *b = bodies; b; b = b->next)
        n++;
    Choice *choices = NEW_ARRAY(cx, Choice, n + 1);
    for (const Body *b = bodies; choices && b; b = b->next)
        choices[f->choices_n++] = (Choice){ b->code, b->name };
    f->choices = choices;
    return ctx_err(cx);
}

static bool posts_stand_at(const Ctx *cx, Str level)
{
    const Role *r;
    for (size_t i = 0; (r = role_at(cx->house, i)) != NULL; i++)
        if (names_have(r->levels, level))
            return true;
    return false;
}

/* "Caotang Subdistrict · Qinghua Community" */
static Words with_parent(Ctx *cx, const Place *p, const Place *above)
{
    Words out = p->name;
    while (above && above->id.value != p->parent.value)
        above = above->next;
    for (size_t i = 0; above && i < COUNT(out.in); i++)
        out.in[i] = str_format(&cx->arena, "%.*s · %.*s", STR_ARGS(above->name.in[i]),
                               STR_ARGS(p->name.in[i]));
    return out;
}

/* All places at which posts of some role stand, level by level from the top. */
static Err place_choices(Ctx *cx, Field *f)
{
    Choice *choices = NEW_ARRAY(cx, Choice, PLACES_MAX);
    const Profile *profile = profile_of(cx->house);
    const Place *above = NULL;
    for (size_t i = 0; choices && i < profile->levels_n; i++) {
        Place *places;
        if (!posts_stand_at(cx, profile->levels[i].name))
            continue;
        TRY(place_list_level(cx, profile->levels[i].name, &places));
        for (const Place *p = places; p && f->choices_n < PLACES_MAX; p = p->next)
            choices[f->choices_n++] = (Choice){ p->code, with_parent(cx, p, above) };
        above = places;
    }
    f->choices = choices;
    return ctx_err(cx);
}

/* People choose from names; a program sends the codes. */
static Err appoint_form(Ctx *cx, PageForm *out)
{
    size_t roles;
    Field *f = NEW_ARRAY(cx, Field, 3);
    Choice *choices = role_choices(cx, &roles);
    if (!f || !choices)
        return E_LIMIT;
    f[0] = (Field){ .name = S("role"),
                    .kind = F_CHOICE,
                    .label = both(cx, N_("Role")),
                    .must = true,
                    .choices = choices,
                    .choices_n = roles };
    f[1] = (Field){ .name = S("body"),
                    .kind = F_CHOICE,
                    .label = both(cx, N_("Body, for roles of a body")) };
    f[2] = (Field){
        .name = S("place"), .kind = F_CHOICE, .label = both(cx, N_("Place")), .must = true
    };
    *out = (PageForm){ .fields = f, .fields_n = 3, .prefix = "" };
    TRY(body_choices(cx, &f[1]));
    return place_choices(cx, &f[2]);
}

/* ------------------------------------------------------------------ the list */

static const Field ACCOUNTS_FIELDS[] = {
    FIELD_LIST(AccountsView, accounts, Account, ACCOUNT_FIELDS),
    FIELD_LIST(AccountsView, sign_ins, SignIn, SIGN_IN_FIELDS),
    FIELD_END
};

static Err may_see_accounts(Req *rq, AccountsView *v)
{
    Subject anywhere = { 0 };
    v->manages = permit_would(rq->cx, "accounts.manage", &anywhere);
    v->secures = permit_would(rq->cx, "accounts.security", &anywhere);
    return OK;
}

static Err view_accounts(Req *rq, AccountsView *v)
{
    Ctx *cx = rq->cx;
    i64 n = 0;
    TRY(may_see_accounts(rq, v));
    TRY(new_account_form(cx, &v->form));
    v->after = req_int(rq, "after", 0);
    TRY(account_list(cx, v->after, ACCOUNTS_PAGE, &v->accounts));
    for (const Account *a = v->accounts; a; a = a->next)
        if (++n == ACCOUNTS_PAGE)
            v->more = link_to(cx, "/desk/accounts?after=",
                              str_format(&cx->arena, "%lld", (long long)a->id.value), "");
    return v->secures ? sign_in_list(cx, SIGN_INS_MAX, &v->sign_ins) : OK;
}

static Err get_accounts(Req *rq)
{
    AccountsView v = { 0 };
    TRY(view_accounts(rq, &v));
    REPLY(rq, accounts_page, ACCOUNTS_FIELDS, &v);
}

/* ------------------------------------------------------------------ a new account */

static Err new_password(Ctx *cx, AccountId id, Str *out)
{
    Str code = str_base64url(&cx->arena, vault_random(cx, PASSWORD_BYTES));
    *out = str_join(&cx->arena, code, S("-9a"));
    return account_set_password(cx, id, *out);
}

static Err show_accounts(Req *rq, AccountsView *v, int status)
{
    Html h = page_begin(rq);
    accounts_page(&h, v);
    return page_end(rq, &h, status);
}

typedef struct NewAccount {
    Str name, login;
    AccountId id;
} NewAccount;

/* No person without an account is left when the login is taken. */
static Err add_account(Ctx *cx, void *arg)
{
    NewAccount *a = arg;
    PersonId person;
    TRY(person_add(cx, a->name, &person));
    return account_add(cx, person, a->login, &a->id);
}

static Err make_account(Ctx *cx, const Values *good, AccountsView *v)
{
    NewAccount a = { .name = value_of(good, S("name")), .login = value_of(good, S("login")) };
    Err err = store_write(cx, add_account, &a);
    if (err == E_INPUT || err == E_CONFLICT)
        return fail_as_field(cx, S("login"));
    TRY(err);
    return new_password(cx, a.id, &v->password);
}

static Err post_account(Req *rq)
{
    Ctx *cx = rq->cx;
    AccountsView v = { 0 };
    Values sent = req_values(rq), good = { 0 };
    TRY(view_accounts(rq, &v));
    Err err = field_check(cx, v.form.fields, v.form.fields_n, &sent, &good);
    if (!err)
        err = make_account(cx, &good, &v);
    if (err == E_INPUT && !rq->wants_json) {
        v.form.problems = req_take_problems(rq);
        v.form.values = &sent;
        return show_accounts(rq, &v, 422);
    }
    TRY(err);
    TRY(account_list(cx, 0, ACCOUNTS_PAGE, &v.accounts));
    return show_accounts(rq, &v, 200);
}

/* ------------------------------------------------------------------ one account */

/* One's own account and those of administrators are changed with the command line only: so no
** administrator takes the place of another, and the last of a kind stays. */
static Err guard(Ctx *cx, PersonId person, bool *out)
{
    TRY(permit_administers(cx, person, out));
    *out = *out || person.value == cx->actor.person.value;
    return OK;
}

static Err find_account(Req *rq, AccountsView *v)
{
    i64 id;
    Account *list;
    TRY(may_see_accounts(rq, v));
    TRY(appoint_form(rq->cx, &v->form));
    if (!str_to_int(req_param(rq, "id"), &id) || id < 1)
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    TRY(account_list(rq->cx, id - 1, 1, &list));
    if (!list || list->id.value != id)
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    v->chosen = list;
    TRY(guard(rq->cx, list->person, &v->guarded));
    return post_list(rq->cx, list->person, &v->posts);
}

static const Field ACCOUNT_VIEW_FIELDS[] = {
    FIELD_LIST(AccountsView, posts, Post, POST_FIELDS),
    FIELD_END
};

static Err find_unguarded(Req *rq, AccountsView *v)
{
    TRY(find_account(rq, v));
    if (!v->guarded)
        return OK;
    return fail(rq->cx, E_DENIED,
                v->chosen->person.value == rq->cx->actor.person.value ? N_("accounts.own")
                                                                      : N_("accounts.guarded"));
}

static Err get_account(Req *rq)
{
    AccountsView v = { 0 };
    TRY(find_account(rq, &v));
    REPLY(rq, account_page, ACCOUNT_VIEW_FIELDS, &v);
}

static Err see_account(Req *rq, const AccountsView *v)
{
    return reply_see(rq, link_to(rq->cx, "/desk/accounts/",
                                 str_format(&rq->cx->arena, "%lld", (long long)v->chosen->id.value),
                                 ""));
}

static Err post_password(Req *rq)
{
    AccountsView v = { 0 };
    TRY(find_unguarded(rq, &v));
    TRY(new_password(rq->cx, v.chosen->id, &v.password));
    REPLY(rq, account_page, ACCOUNT_VIEW_FIELDS, &v);
}

static Err post_unlock(Req *rq)
{
    AccountsView v = { 0 };
    TRY(find_account(rq, &v));
    see_account(rq, &v);
    return account_unlock(rq->cx, v.chosen->id);
}

static Err post_disable(Req *rq)
{
    AccountsView v = { 0 };
    TRY(find_unguarded(rq, &v));
    see_account(rq, &v);
    return account_set_disabled(rq->cx, v.chosen->id, true);
}

static Err post_enable(Req *rq)
{
    AccountsView v = { 0 };
    TRY(find_account(rq, &v));
    see_account(rq, &v);
    return account_set_disabled(rq->cx, v.chosen->id, false);
}

/* ------------------------------------------------------------------ posts */

static const struct { const char *key, *field;
} FIELD_OF_FAULT[] = {
    { "permit.role_needs_body", "body" },
    { "permit.wrong_level", "place" },
};

/* What an appointment fails for, told at the input that is to be changed. */
static Err fail_appointment(Ctx *cx, Err err)
{
    const char *key = cx->failure.key, *field = "role";
    if (err != E_INPUT && err != E_CONFLICT)
        return err;
    for (size_t i = 0; i < COUNT(FIELD_OF_FAULT); i++)
        if (str_is(str_of(key), str_of(FIELD_OF_FAULT[i].key)))
            field = FIELD_OF_FAULT[i].field;
    return fail_as_field(cx, str_of(field));
}

static Err at_field(Ctx *cx, Err err, Str field)
{
    return err == E_MISSING ? fail_as_field(cx, field) : err;
}

static Err appoint(Req *rq, const AccountsView *v, const Values *good)
{
    Ctx *cx = rq->cx;
    Place place;
    Body body = { 0 };
    PostId id;
    Str body_code = value_of(good, S("body"));
    Err err = place_get_by_code(cx, value_of(good, S("place")), day_today(cx), &place);
    TRY(at_field(cx, err, S("place")));
    if (body_code.n)
        TRY(at_field(cx, body_get_by_code(cx, body_code, &body), S("body")));
    Appointment a = { .person = v->chosen->person,
                      .role = value_of(good, S("role")),
                      .body = body.id,
                      .place = place.id,
                      .since = cx->now };
    return fail_appointment(cx, permit_appoint(cx, &a, &id));
}

static Err post_appoint(Req *rq)
{
    Ctx *cx = rq->cx;
    AccountsView v = { 0 };
    Values sent = req_values(rq), good = { 0 };
    TRY(find_unguarded(rq, &v));
    see_account(rq, &v);
    Err err = field_check(cx, v.form.fields, v.form.fields_n, &sent, &good);
    if (!err)
        err = appoint(rq, &v, &good);
    if (err != E_INPUT || rq->wants_json)
        return err;
    v.form.problems = req_take_problems(rq);
    v.form.values = &sent;
    rq->out->headers = NULL;
    Html h = page_begin(rq);
    account_page(&h, &v);
    return page_end(rq, &h, 422);
}

static Err post_dismiss(Req *rq)
{
    AccountsView v = { 0 };
    PostId post = { req_int(rq, "post", 0) };
    TRY(find_unguarded(rq, &v));
    bool theirs = false;
    for (const Post *p = v.posts; p; p = p->next)
        theirs = theirs || p->id.value == post.value;
    if (!theirs)
        return fail(rq->cx, E_MISSING, "permit.no_post");
    see_account(rq, &v);
    return permit_dismiss(rq->cx, post);
}

/* ------------------------------------------------------------------ looks */

static const Field LOOK_ROW_FIELDS[] = {
    FIELD(LookRow, at, INSTANT),
    FIELD(LookRow, role, TEXT),
    FIELD(LookRow, post, TEXT),
    FIELD(LookRow, number, TEXT),
    FIELD(LookRow, field, TEXT),
    FIELD(LookRow, what, TEXT),
    FIELD(LookRow, reason, TEXT),
    FIELD_END
};

static const Field LOOKS_FIELDS[] = {
    FIELD_LIST(LooksView, looks, LookRow, LOOK_ROW_FIELDS),
    FIELD(LooksView, before, INT),
    FIELD_END
};

/* The body of the post; for a role without one the place where who looked stands in it now. */
static Err seat_words(Ctx *cx, const Look *l, Str *out)
{
    Body body;
    Post *posts;
    *out = STR_EMPTY;
    if (l->body.value) {
        TRY(body_get(cx, l->body, &body));
        *out = words_in(body.name, cx->lang);
        return OK;
    }
    TRY(post_list(cx, l->person, &posts));
    for (const Post *p = posts; p; p = p->next)
        if (str_is(p->role, l->role))
            *out = words_in(p->place_name, cx->lang);
    return OK;
}

/* A field as it is called; what was no field, a search or a paper, in words of its own. */
static Str what_words(Ctx *cx, const Look *l, const Matter *m)
{
    const Field *f = m->id.value ? flow_value_field(cx, m, l->field) : NULL;
    bool search = str_is(l->kind, S("search"));
    if (str_is(l->field, S("found:citizen_id")))
        return search ? text(cx, "Search by identity number: {n} found",
                             text_int(cx, "n", l->owner))
                      : text_get(cx, "Found by identity number");
    if (str_is(l->field, S("found:phone")))
        return search ? text(cx, "Search by telephone number: {n} found",
                             text_int(cx, "n", l->owner))
                      : text_get(cx, "Found by telephone number");
    return f ? words_in(f->label, cx->lang)
             : str_starts(l->field, S("paper:")) ? text_get(cx, "Paper") : l->field;
}

static Err tell_look(Ctx *cx, const Look *l, LookRow *out)
{
    Matter m = { 0 };
    Str seat;
    const Role *role = role_find(cx->house, l->role);
    if (str_is(l->kind, MATTER_KIND))
        TRY(matter_get(cx, (MatterId){ l->owner }, &m));
    TRY(seat_words(cx, l, &seat));
    Str called = role ? words_in(role->name, cx->lang) : l->role;
    *out = (LookRow){ .at = l->at, .role = l->role, .number = m.number, .field = l->field,
                      .what = what_words(cx, l, &m), .reason = l->reason };
    out->post = seat.n ? str_format(&cx->arena, "%.*s · %.*s", STR_ARGS(called), STR_ARGS(seat))
                       : called;
    return ctx_err(cx);
}

static Err get_looks(Req *rq)
{
    LooksView v = { 0 };
    Look *looks;
    i64 n = 0, before = req_int(rq, "before", 0);
    LookRow **end = &v.looks;
    TRY(vault_list_all_looks(rq->cx, before, LOOKS_PAGE + 1, &looks));
    for (const Look *l = looks; l && n < LOOKS_PAGE; l = l->next, n++) {
        v.before = l->next && n + 1 == LOOKS_PAGE ? l->id : 0;
        LookRow *row = NEW(rq->cx, LookRow);
        if (!row)
            return E_LIMIT;
        TRY(tell_look(rq->cx, l, row));
        *end = row;
        end = &row->next;
    }
    REPLY(rq, all_looks_page, LOOKS_FIELDS, &v);
}

const Route ACCOUNT_ROUTES[] = {
    { GET, "/desk/accounts", get_accounts, "accounts.list", FACE_STAFF, NULL, ACCOUNTS_FIELDS,
      "Accounts", false },
    { POST, "/desk/accounts", post_account, "accounts.manage", FACE_STAFF, NULL, NULL,
      "Make an account", false },
    { GET, "/desk/accounts/{id}", get_account, "accounts.list", FACE_STAFF, NULL,
      ACCOUNT_VIEW_FIELDS, "One account", false },
    { POST, "/desk/accounts/{id}/password", post_password, "accounts.manage", FACE_STAFF, NULL,
      NULL,
      "Make a new password", false },
    { POST, "/desk/accounts/{id}/appoint", post_appoint, "accounts.manage", FACE_STAFF, NULL, NULL,
      "Appoint to a post", false },
    { POST, "/desk/accounts/{id}/dismiss", post_dismiss, "accounts.manage", FACE_STAFF, NULL, NULL,
      "End a post", false },
    { POST, "/desk/accounts/{id}/unlock", post_unlock, "accounts.security", FACE_STAFF, NULL, NULL,
      "Unlock", false },
    { POST, "/desk/accounts/{id}/disable", post_disable, "accounts.security", FACE_STAFF, NULL,
      NULL, "Disable", false },
    { POST, "/desk/accounts/{id}/enable", post_enable, "accounts.security", FACE_STAFF, NULL, NULL,
      "Enable", false },
    { GET, "/desk/looks", get_looks, "looks.read", FACE_STAFF, NULL, LOOKS_FIELDS,
      "Who looked at personal data", false },
    ROUTE_END
};
