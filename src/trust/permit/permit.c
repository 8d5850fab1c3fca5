/* permit.c -- the one answer, and the posts it is answered from. */
#include "permit/permit.h"

#include "administration/administration.h"
#include "text/text.h"

#include <string.h>

const Field POST_FIELDS[] = {
    FIELD(Post, id, ID),
    FIELD(Post, role, TEXT),
    FIELD(Post, role_name, WORDS),
    FIELD(Post, body_name, WORDS),
    FIELD(Post, place_name, WORDS),
    FIELD(Post, since, INSTANT),
    FIELD(Post, until, INSTANT),
    FIELD_END
};

/* ------------------------------------------------------------------ posts */

static void read_post(Query *q, Post *out)
{
    out->id = (PostId){ query_int(q) };
    out->person = (PersonId){ query_int(q) };
    out->role = query_text(q);
    out->body = (BodyId){ query_int(q) };
    out->body_code = query_text(q);
    out->body_name.in[LANG_ZH] = query_text(q);
    out->body_name.in[LANG_EN] = query_text(q);
    out->place = (PlaceId){ query_int(q) };
    out->place_name.in[LANG_ZH] = query_text(q);
    out->place_name.in[LANG_EN] = query_text(q);
    out->path = query_text(q);
    out->since = query_instant(q);
    out->until = query_instant(q);
    const Role *role = role_find(q->cx->house, out->role);
    out->role_name = role ? role->name : (Words){ { out->role, out->role } };
}

static Err one(Query *q, Post *out)
{
    bool found = query_next(q);
    if (found)
        read_post(q, out);
    TRY(query_end(q));
    return found ? OK : fail(q->cx, E_MISSING, "permit.no_post");
}

/* A page asks many times in one state of the database: read once, kept until that state is left. */
static const Post *known_post(const Ctx *cx)
{
    const Post *known = cx->known_post;
    return known && known->id.value == cx->actor.post.value
        && known->person.value == cx->actor.person.value ? known : NULL;
}

static Err keep_post(Ctx *cx, const Post *post)
{
    Post *copy = NEW(cx, Post);
    if (!copy)
        return E_LIMIT;
    *copy = *post;
    cx->known_post = copy;
    return OK;
}

Err permit_post(Ctx *cx, Post *out)
{
    const Post *known = known_post(cx);
    *out = known ? *known : (Post){ 0 };
    if (known)
        return ctx_err(cx);
    Query q = QUERY(
        cx,
        "SELECT o.id, o.person, o.role, o.body, COALESCE(b.code, ''), COALESCE(b.name_zh, ''),"
        " COALESCE(b.name_en, ''), o.place, p.name_zh, p.name_en, o.path, o.since, o.until"
        " FROM post o JOIN place p ON p.id = o.place LEFT JOIN body b ON b.id = o.body"
        " WHERE o.id = $1 AND o.person = $2 AND o.since <= $3"
        " AND (o.until IS NULL OR o.until > $3)",
        ID(cx->actor.post), ID(cx->actor.person), AT(cx->now));
    TRY(one(&q, out));
    return keep_post(cx, out);
}

Err post_get(Ctx *cx, PostId id, Post *out)
{
    Query q = QUERY(
        cx,
        "SELECT o.id, o.person, o.role, o.body, COALESCE(b.code, ''), COALESCE(b.name_zh, ''),"
        " COALESCE(b.name_en, ''), o.place, p.name_zh, p.name_en, o.path, o.since, o.until"
        " FROM post o JOIN place p ON p.id = o.place LEFT JOIN body b ON b.id = o.body"
        " WHERE o.id = $1",
        ID(id));
    return one(&q, out);
}

Err post_list(Ctx *cx, PersonId person, Post **out)
{
    Query q = QUERY(
        cx,
        "SELECT o.id, o.person, o.role, o.body, COALESCE(b.code, ''), COALESCE(b.name_zh, ''),"
        " COALESCE(b.name_en, ''), o.place, p.name_zh, p.name_en, o.path, o.since, o.until"
        " FROM post o JOIN place p ON p.id = o.place LEFT JOIN body b ON b.id = o.body"
        " WHERE o.person = $1 AND o.since <= $2 AND (o.until IS NULL OR o.until > $2)"
        " ORDER BY o.id",
        ID(person), AT(cx->now));
    *out = NULL;
    while (query_next(&q)) {
        Post *p = NEW(cx, Post);
        if (!p)
            break;
        read_post(&q, p);
        *out = p;
        out = &p->next;
    }
    return query_end(&q);
}

/* ------------------------------------------------------------------ the answer */

/* The scope of a post covers a subject: its place lies inside, and where the role asks, the body
   is the same. A case that no body decides is nobody's of any body; a page about no case at all
   has neither place nor body. */
static bool covers(const Role *role, const Post *post, const Subject *s)
{
    if (s->path.n && !path_covers(post->path, s->path))
        return false;
    bool about_nothing = !s->path.n && !s->body.value;
    return !role->by_body || about_nothing || s->body.value == post->body.value;
}

static Err deny(Ctx *cx)
{
    return fail(cx, E_DENIED,
                cx->actor.kind == ACTOR_ANYONE ? N_("permit.sign_in_first")
                                               : N_("permit.not_yours"));
}

/* The post and role of a staff actor; false when there is no post in force or its role is
   unknown. */
static bool standing(Ctx *cx, Post *post, const Role **role)
{
    if (cx->actor.kind != ACTOR_STAFF || !cx->actor.post.value)
        return false;
    if (permit_post(cx, post)) {
        if (ctx_err(cx) == E_MISSING)
            ctx_forgive(cx);
        return false;
    }
    *role = role_find(cx->house, post->role);
    return *role != NULL;
}

Err permit_may(Ctx *cx, Act act, const Subject *subject)
{
    Post post;
    const Role *role;
    TRY(ctx_err(cx));
    if (strcmp(act, ACT_PUBLIC) == 0)
        return OK;
    if (strcmp(act, ACT_SIGNED_IN) == 0)
        return cx->actor.kind == ACTOR_STAFF ? OK : deny(cx);
    if (strcmp(act, ACT_OWN) == 0) {
        bool own = cx->actor.kind == ACTOR_APPLICANT && subject->matter.value
                && cx->actor.matter.value == subject->matter.value;
        return own ? OK : deny(cx);
    }
    bool may = standing(cx, &post, &role) && names_have(role->acts, str_of(act))
               && covers(role, &post, subject);
    TRY(ctx_err(cx));
    return may ? OK : deny(cx);
}

bool permit_would(Ctx *cx, Act act, const Subject *subject)
{
    if (ctx_err(cx))
        return false;
    Err err = permit_may(cx, act, subject);
    if (err == E_DENIED)
        ctx_forgive(cx);
    return err == OK;
}

Err permit_role(Ctx *cx, Names roles, const Subject *subject, Str *out_role)
{
    Post post;
    const Role *role;
    bool may = false;
    if (cx->actor.kind == ACTOR_SYSTEM || cx->actor.kind == ACTOR_ANYONE) {
        *out_role = cx->actor.kind == ACTOR_SYSTEM ? S("system") : S("anyone");
        may = names_have(roles, *out_role);
    } else if (cx->actor.kind == ACTOR_APPLICANT) {
        *out_role = S("applicant");
        may = names_have(roles, *out_role) && cx->actor.matter.value == subject->matter.value;
    } else if (standing(cx, &post, &role)) {
        *out_role = role->role;
        may = names_have(roles, role->role) && covers(role, &post, subject);
    }
    TRY(ctx_err(cx));
    return may ? OK : deny(cx);
}

/* ------------------------------------------------------------------ appointments */

static bool is_among(PersonId person, const PersonId *persons, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (persons[i].value == person.value)
            return true;
    return false;
}

static Query select_able(Ctx *cx, const Role *r, const Subject *subject)
{
    return QUERY(cx, "SELECT DISTINCT person FROM post WHERE role = $1 AND since <= $2"
                     " AND (until IS NULL OR until > $2) AND substr($3, 1, length(path)) = path"
                     " AND ($4 = 0 OR body = $5)", T(r->role), AT(cx->now), T(subject->path),
                 I(r->by_body), ID(subject->body));
}

Err permit_has_able(Ctx *cx, Str role, const Subject *subject, const PersonId *apart, size_t n,
                    bool *out)
{
    const Role *r = role_find(cx->house, role);
    *out = false;
    if (!r)
        return OK;
    Query q = select_able(cx, r, subject);
    while (!*out && query_next(&q)) /* the first is enough, however many there are */
        *out = !is_among((PersonId){ query_int(&q) }, apart, n);
    return query_end(&q);
}

Err permit_list_able(Ctx *cx, Str role, const Subject *subject, PersonId *out, size_t max,
                     size_t *out_n)
{
    const Role *r = role_find(cx->house, role);
    *out_n = 0;
    if (!r)
        return OK;
    Query q = select_able(cx, r, subject);
    while (*out_n < max && query_next(&q))
        out[(*out_n)++] = (PersonId){ query_int(&q) };
    return query_end(&q);
}

/* What the person holds now and is to hold later. */
static Query select_roles(Ctx *cx, PersonId person)
{
    return QUERY(cx, "SELECT role FROM post WHERE person = $1 AND (until IS NULL OR until > $2)",
                 ID(person), AT(cx->now));
}

static AdminKind admin_of(const Ctx *cx, Str role)
{
    const Role *known = role_find(cx->house, role);
    return known ? known->admin : ADMIN_NONE;
}

Err permit_administers(Ctx *cx, PersonId person, bool *out)
{
    Query q = select_roles(cx, person);
    *out = false;
    while (query_next(&q))
        *out = admin_of(cx, query_text(&q)) != ADMIN_NONE || *out;
    return query_end(&q);
}

/* An administration goes with no other role, whichever of the two came first. */
static Err refuse_second_administration(Ctx *cx, const Appointment *a, AdminKind kind)
{
    bool clash = false;
    Query q = select_roles(cx, a->person);
    while (query_next(&q))
        clash = admin_of(cx, query_text(&q)) != kind || clash;
    TRY(query_end(&q));
    return clash ? fail(cx, E_CONFLICT, "permit.one_administration") : OK;
}

/* "window 510105007" */
static Str post_codes(Ctx *cx, Str role, Str place)
{
    return str_format(&cx->arena, "%.*s %.*s", STR_ARGS(role), STR_ARGS(place));
}

typedef struct NewPost {
    const Appointment *a;
    const Role *role;
    PostId id;
} NewPost;

static Err insert_post(Ctx *cx, void *arg)
{
    NewPost *n = arg;
    Place place;
    TRY(place_get(cx, n->a->place, &place));
    if (!names_have(n->role->levels, place.level))
        return fail(cx, E_INPUT, "permit.wrong_level", V("role", words_in(n->role->name, cx->lang)),
                    V("place", words_in(place.name, cx->lang)));
    TRY(refuse_second_administration(cx, n->a, n->role->admin));
    TRY(store_next_id(cx, "post", &n->id.value));
    Query q = QUERY(cx,
                    "INSERT INTO post (id, person, role, body, place, path, since, until)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    ID(n->id), ID(n->a->person), T(n->a->role), ID_OR_NULL(n->a->body),
                    ID(n->a->place), T(place.path), AT(n->a->since), AT_OR_NULL(n->a->until));
    TRY(query_run(&q));
    return admin_note(cx, S("post.appoint"), n->a->person, post_codes(cx, n->a->role, place.code));
}

Err permit_appoint(Ctx *cx, const Appointment *a, PostId *out)
{
    NewPost n = { .a = a, .role = role_find(cx->house, a->role) };
    if (!n.role)
        return fail(cx, E_INPUT, "permit.unknown_role", V("role", a->role));
    if (n.role->by_body && !a->body.value)
        return fail(cx, E_INPUT, "permit.role_needs_body",
                    V("role", words_in(n.role->name, cx->lang)));
    TRY(store_write(cx, insert_post, &n));
    *out = n.id;
    return OK;
}

static Err end_post(Ctx *cx, void *arg)
{
    const PostId *id = arg;
    Post post;
    Place place;
    TRY(post_get(cx, *id, &post));
    TRY(place_get(cx, post.place, &place));
    Query q =
        QUERY(cx, "UPDATE post SET until = $2 WHERE id = $1 AND (until IS NULL OR until > $2)",
              ID(*id), AT(cx->now));
    TRY(query_run(&q));
    Query s = QUERY(cx, "UPDATE session SET post = NULL WHERE post = $1", ID(*id));
    TRY(query_run(&s));
    return admin_note(cx, S("post.dismiss"), post.person, post_codes(cx, post.role, place.code));
}

Err permit_dismiss(Ctx *cx, PostId post)
{
    return store_write(cx, end_post, &post);
}
