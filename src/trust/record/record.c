/* record.c -- writing events and reading them back. */
#include "record/record.h"

#include "json/json.h"
#include "text/text.h"

enum { CANON_BYTES_MAX = 256 * 1024, PAIRS_MAX = 128 };

/* ------------------------------------------------------------------ canonical form */

typedef struct Pairs {
    JsonPair at[PAIRS_MAX];
    size_t n;
} Pairs;

static void add_pair(Ctx *cx, Pairs *pairs, Str key, Str raw)
{
    if (pairs->n == PAIRS_MAX)
        fail(cx, E_LIMIT, "record.too_many_values");
    else
        pairs->at[pairs->n++] = (JsonPair){ key, raw };
}

static Str object_of(Ctx *cx, const Values *values)
{
    Pairs pairs = { .n = 0 };
    for (const Value *v = values->first; v; v = v->next)
        add_pair(cx, &pairs, v->name, json_raw_text(&cx->arena, v->text));
    return json_canonical(&cx->arena, pairs.at, pairs.n);
}

/* sealed and post hold commitments here. */
static Str canon_of(Ctx *cx, const Event *e, const Values *commitments, Str post)
{
    Arena *a = &cx->arena;
    Pairs pairs = { .n = 0 };
    add_pair(cx, &pairs, S("at"), json_raw_int(a, e->at.ms));
    add_pair(cx, &pairs, S("body"), json_raw_text(a, e->body));
    add_pair(cx, &pairs, S("flow"), json_raw_text(a, e->flow));
    add_pair(cx, &pairs, S("from"), json_raw_text(a, e->from));
    add_pair(cx, &pairs, S("matter"), json_raw_text(a, e->number));
    add_pair(cx, &pairs, S("n"), json_raw_int(a, e->n));
    add_pair(cx, &pairs, S("payload"), object_of(cx, &e->payload));
    add_pair(cx, &pairs, S("post"), json_raw_text(a, post));
    add_pair(cx, &pairs, S("role"), json_raw_text(a, e->role));
    add_pair(cx, &pairs, S("sealed"), object_of(cx, commitments));
    add_pair(cx, &pairs, S("step"), json_raw_text(a, e->step));
    add_pair(cx, &pairs, S("to"), json_raw_text(a, e->to));
    return json_canonical(a, pairs.at, pairs.n);
}

/* ------------------------------------------------------------------ adding */

static SealedRef ref_of(const Event *e, Str field)
{
    return (SealedRef){ MATTER_KIND, e->matter.value, e->n, field };
}

static Err seal_values(Ctx *cx, const Event *e, MarkFn *mark, void *mark_arg, Values *out)
{
    for (const Value *v = e->sealed.first; v; v = v->next) {
        Str commitment = STR_EMPTY;
        Bytes found_by = mark ? mark(cx, v->name, v->text, mark_arg) : (Bytes){ NULL, 0 };
        TRY(vault_put(cx, ref_of(e, v->name), v->text, found_by, &commitment));
        value_add(cx, out, v->name, commitment);
    }
    return ctx_err(cx);
}

static Err seal_post(Ctx *cx, const Event *e, Str *out)
{
    *out = STR_EMPTY;
    if (!e->post.value)
        return OK;
    Str post = str_format(&cx->arena, "%lld", (long long)e->post.value);
    return vault_put(cx, ref_of(e, POST_FIELD), post, (Bytes){ NULL, 0 }, out);
}

Tag record_tag(MatterId matter)
{
    return tag_of("matter", matter.value);
}

Tag record_number_tag(Str number)
{
    return tag_of_text("number", number);
}

Err record_add(Ctx *cx, const Event *e, MarkFn *mark, void *mark_arg)
{
    Values commitments = { 0 };
    Str post;
    TRY(seal_values(cx, e, mark, mark_arg, &commitments));
    TRY(seal_post(cx, e, &post));
    store_touch(cx, record_tag(e->matter));
    if (e->n == 1)
        store_touch(cx, record_number_tag(e->number));
    Str canon = canon_of(cx, e, &commitments, post);
    Query q = QUERY(
        cx,
        "INSERT INTO event (matter, n, at, step, from_state, to_state, role, post, person, class,"
        " canon) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        ID(e->matter), I(e->n), AT(e->at), T(e->step), T(e->from), T(e->to), T(e->role),
        ID_OR_NULL(e->post), ID_OR_NULL(e->person), T(e->class), T(canon));
    return query_run(&q);
}

/* ------------------------------------------------------------------ reading */

static void values_in(Ctx *cx, const Json *object, Values *out)
{
    for (void *at = json_first(object); at; at = json_next(object, at))
        value_add(cx, out, json_key(at), json_text(json_value(at)));
}

static Err parse_canon(Ctx *cx, Event *e)
{
    const Json *json;
    TRY(json_parse(cx, e->canon, CANON_BYTES_MAX, &json));
    e->number = json_text_in(json, "matter");
    e->body = json_text_in(json, "body");
    e->flow = json_text_in(json, "flow");
    values_in(cx, json_in(json, "payload"), &e->payload);
    values_in(cx, json_in(json, "sealed"), &e->sealed);
    return OK;
}

static void read_event(Query *q, Event *e)
{
    e->matter = (MatterId){ query_int(q) };
    e->n = query_int(q);
    e->at = query_instant(q);
    e->step = query_text(q);
    e->from = query_text(q);
    e->to = query_text(q);
    e->role = query_text(q);
    e->post = (PostId){ query_int(q) };
    e->person = (PersonId){ query_int(q) };
    e->class = query_text(q);
    e->canon = query_text(q);
}

Err record_list(Ctx *cx, MatterId matter, Event **out)
{
    Query q = QUERY_OF(
        cx, record_tag(matter),
        "SELECT matter, n, at, step, from_state, to_state, role, post, person, class, canon"
        " FROM event WHERE matter = $1 ORDER BY n",
        ID(matter));
    *out = NULL;
    while (query_next(&q)) {
        Event *e = NEW(cx, Event);
        if (!e)
            break;
        read_event(&q, e);
        if (parse_canon(cx, e))
            break;
        *out = e;
        out = &e->next;
    }
    return query_end(&q);
}

/* The person is compared here and not in the statement: asked for both, SQLite would walk the index
** of the person, who after some years has taken a hundred thousand steps; the matter has ten. */
Err record_has_taken(Ctx *cx, MatterId matter, PersonId person, Names steps, bool *out)
{
    Query q = QUERY(cx, "SELECT person, step FROM event WHERE matter = $1", ID(matter));
    *out = false;
    while (query_next(&q)) {
        PersonId taker = { query_int(&q) };
        Str step = query_text(&q);
        *out = *out || (taker.value == person.value && names_have(steps, step));
    }
    return query_end(&q);
}

Err record_list_takers(Ctx *cx, MatterId matter, Names steps, PersonId *out, size_t n_max,
                       size_t *out_n)
{
    Query q = QUERY(
        cx, "SELECT DISTINCT person, step FROM event WHERE matter = $1 AND person IS NOT NULL",
        ID(matter));
    *out_n = 0;
    while (query_next(&q)) {
        PersonId person = { query_int(&q) };
        Str step = query_text(&q);
        if (names_have(steps, step) && *out_n < n_max)
            out[(*out_n)++] = person;
    }
    return query_end(&q);
}

Err record_count_step(Ctx *cx, MatterId matter, Str step, i64 *out)
{
    Query q = QUERY(cx, "SELECT COUNT(*) FROM event WHERE matter = $1 AND step = $2", ID(matter),
                    T(step));
    return query_one_int(&q, out);
}

/* ------------------------------------------------------------------ verifying */

/* The columns and the canonical text must say the same, and the text must be in canonical form. */
static bool agrees(Ctx *cx, const Event *e, const Json *json)
{
    Event copy = *e;
    copy.payload = (Values){ 0 };
    Values commitments = { 0 };
    values_in(cx, json_in(json, "payload"), &copy.payload);
    values_in(cx, json_in(json, "sealed"), &commitments);
    Str again = canon_of(cx, &copy, &commitments, json_text_in(json, "post"));
    return str_is(again, e->canon) && json_int_in(json, "at") == e->at.ms
           && json_int_in(json, "n") == e->n;
}

static Err check_sealed(Ctx *cx, const Event *e, Str field, Str commitment)
{
    bool matches = false;
    Err err = vault_check(cx, ref_of(e, field), commitment, &matches);
    if (err == E_MISSING) { /* erased: the event stands, the value is gone */
        ctx_forgive(cx);
        return OK;
    }
    if (err == E_STORE) /* it does not open: say which */
        fail_detail(cx, str_format(&cx->arena, "%.*s, event %lld, %.*s", STR_ARGS(e->number),
                                   (long long)e->n, STR_ARGS(field)));
    TRY(err);
    return matches ? OK : fail(cx, E_STORE, "record.value_differs", V("matter", e->number),
                               text_int(cx, "n", e->n), V("field", field));
}

/* The columns that tell persons apart are held against the sealed post, and the person against
   the post. */
static Err check_post(Ctx *cx, const Event *e, Str commitment)
{
    Str sealed;
    bool holds = false;
    if (!commitment.n)
        return !e->post.value && !e->person.value
                   ? OK
                   : fail(cx, E_STORE, "record.event_differs", V("matter", e->number),
                          text_int(cx, "n", e->n));
    TRY(check_sealed(cx, e, POST_FIELD, commitment));
    TRY(vault_find(cx, ref_of(e, POST_FIELD), &sealed));
    Query q =
        QUERY(cx, "SELECT 1 FROM post WHERE id = $1 AND person = $2", ID(e->post), ID(e->person));
    TRY(query_found(&q, &holds));
    bool same =
        !sealed.n || str_is(sealed, str_format(&cx->arena, "%lld", (long long)e->post.value));
    return holds && same ? OK : fail(cx, E_STORE, "record.event_differs", V("matter", e->number),
                                     text_int(cx, "n", e->n));
}

/* Its number is known from the canon alone; what cannot be read is named by the matter's id. */
static Err read_canon(Ctx *cx, Event *e, const Json **out)
{
    Err err = json_parse(cx, e->canon, CANON_BYTES_MAX, out);
    if (err != E_INPUT)
        return err ? err : parse_canon(cx, e);
    ctx_forgive(cx);
    return fail(cx, E_STORE, "record.event_unreadable", text_int(cx, "matter", e->matter.value),
                text_int(cx, "n", e->n));
}

static Err verify_one(Ctx *cx, Event *e)
{
    const Json *json;
    i64 before;
    TRY(read_canon(cx, e, &json));
    if (!agrees(cx, e, json))
        return fail(cx, E_STORE, "record.event_differs", V("matter", e->number),
                    text_int(cx, "n", e->n));
    Query q = QUERY(cx, "SELECT COUNT(*) FROM event WHERE matter = $1 AND n < $2", ID(e->matter),
                    I(e->n));
    TRY(query_one_int(&q, &before));
    if (before != e->n - 1)
        return fail(cx, E_STORE, "record.gap", V("matter", e->number), text_int(cx, "n", e->n));
    for (const Value *v = e->sealed.first; v; v = v->next)
        TRY(check_sealed(cx, e, v->name, v->text));
    return check_post(cx, e, json_text_in(json, "post"));
}

Err record_verify(Ctx *cx, i64 after, i64 n_max, i64 *out_last, i64 *out_checked)
{
    Event *first = NULL, **end = &first;
    Query q = QUERY(
        cx,
        "SELECT id, matter, n, at, step, from_state, to_state, role, post, person, class, canon"
        " FROM event WHERE id > $1 ORDER BY id LIMIT $2",
        I(after), I(n_max));
    *out_last = after;
    while (query_next(&q)) {
        Event *e = NEW(cx, Event);
        if (!e)
            break;
        *out_last = query_int(&q);
        read_event(&q, e);
        *end = e;
        end = &e->next;
    }
    TRY(query_end(&q));
    for (Event *e = first; e; e = e->next, ++*out_checked)
        TRY(verify_one(cx, e));
    return OK;
}
