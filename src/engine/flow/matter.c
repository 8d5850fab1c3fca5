/* matter.c -- reading matters, their values and their desks. */
#include "flow/private.h"

#include "ident/ident.h"
#include "text/text.h"

const Field MATTER_FIELDS[] = {
    FIELD(Matter, number, TEXT),
    FIELD(Matter, flow, TEXT),
    FIELD(Matter, family, TEXT),
    FIELD(Matter, subject, TEXT),
    FIELD(Matter, state, TEXT),
    FIELD(Matter, holder, TEXT),
    FIELD(Matter, channel, TEXT),
    FIELD(Matter, opened_at, INSTANT),
    FIELD(Matter, changed_at, INSTANT),
    FIELD(Matter, closed_at, INSTANT),
    FIELD(Matter, due_at, INSTANT),
    FIELD(Matter, due_provisional, FLAG),
    FIELD(Matter, events, INT),
    FIELD(Matter, visits, INT),
    FIELD_END
};

/* ------------------------------------------------------------------ reading */

static void read_matter(Query *q, Matter *m)
{
    m->id = (MatterId){ query_int(q) };
    m->number = query_text(q);
    m->flow = query_text(q);
    m->version = query_int(q);
    m->family = query_text(q);
    m->subject = query_text(q);
    m->state = query_text(q);
    m->holder = query_text(q);
    m->raised = query_text(q);
    m->place = (PlaceId){ query_int(q) };
    m->path = query_text(q);
    m->body = (BodyId){ query_int(q) };
    m->parent = (MatterId){ query_int(q) };
    m->channel = query_text(q);
    m->opened_at = query_instant(q);
    m->entered_at = query_instant(q);
    m->changed_at = query_instant(q);
    m->closed_at = query_instant(q);
    m->events = query_int(q);
    m->due_at = query_is_null(q) ? NEVER : (Instant){ 0 };
    i64 due = query_int(q);
    if (m->due_at.ms != NEVER.ms)
        m->due_at.ms = due;
    m->due_provisional = query_flag(q);
    m->visits = query_int(q);
}

static Err one(Query *q, Matter *out)
{
    bool found = query_next(q);
    *out = (Matter){ 0 };
    if (found)
        read_matter(q, out);
    TRY(query_end(q));
    return found ? OK : fail(q->cx, E_MISSING, "flow.no_such_matter");
}

static Err all(Query *q, Matter **out)
{
    *out = NULL;
    while (query_next(q)) {
        Matter *m = NEW(q->cx, Matter);
        if (!m)
            break;
        read_matter(q, m);
        *out = m;
        out = &m->next;
    }
    return query_end(q);
}

Err matter_get(Ctx *cx, MatterId id, Matter *out)
{
    Query q = QUERY(
        cx,
        "SELECT id, number, flow, version, family, subject, state, holder, raised, place, path,"
        " body, parent, channel, opened_at, entered_at, changed_at, closed_at, events, due_at,"
        " due_provisional, visits FROM matter WHERE id = $1",
        ID(id));
    return one(&q, out);
}

Err matter_get_by_number(Ctx *cx, Str number, Matter *out)
{
    Query q = QUERY_OF(
        cx, record_number_tag(number),
        "SELECT id, number, flow, version, family, subject, state, holder, raised, place, path,"
        " body, parent, channel, opened_at, entered_at, changed_at, closed_at, events, due_at,"
        " due_provisional, visits FROM matter WHERE number = $1",
        T(number));
    Err err = one(&q, out);
    store_rely_on(cx, record_tag(out->id));
    return err;
}

Err matter_list_after(Ctx *cx, MatterId after, i64 n_max, Matter **out)
{
    Query q = QUERY(
        cx,
        "SELECT id, number, flow, version, family, subject, state, holder, raised, place, path,"
        " body, parent, channel, opened_at, entered_at, changed_at, closed_at, events, due_at,"
        " due_provisional, visits FROM matter WHERE id > $1 ORDER BY id LIMIT $2",
        ID(after), I(n_max));
    return all(&q, out);
}

static Matter *read_line(Query *q)
{
    Matter *m = NEW(q->cx, Matter);
    if (!m)
        return NULL;
    m->id = (MatterId){ query_int(q) };
    m->number = query_text(q);
    m->version = query_int(q);
    m->family = query_text(q);
    m->subject = query_text(q);
    m->state = query_text(q);
    m->opened_at = query_instant(q);
    m->changed_at = query_instant(q);
    m->closed_at = query_instant(q);
    return m;
}

Err matter_list_before(Ctx *cx, MatterId before, i64 n_max, Matter **out)
{
    Query q = QUERY(cx,
                    "SELECT id, number, version, family, subject, state, opened_at, changed_at,"
                    " closed_at FROM matter WHERE id < $1 ORDER BY id DESC LIMIT $2",
                    ID(before), I(n_max));
    *out = NULL;
    while (query_next(&q) && (*out = read_line(&q)))
        out = &(*out)->next;
    return query_end(&q);
}

Err matter_list_open_after(Ctx *cx, MatterId after, i64 n_max, Matter **out)
{
    Query q = QUERY(cx, "SELECT id, number, flow, version, family, subject, state, holder, raised,"
                        " place, path, body, parent, channel, opened_at, entered_at, changed_at,"
                        " closed_at, events, due_at, due_provisional, visits FROM matter"
                        " WHERE closed_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
                    ID(after), I(n_max));
    return all(&q, out);
}

Err matter_list_children(Ctx *cx, MatterId parent, Matter **out)
{
    Query q = QUERY(
        cx,
        "SELECT id, number, flow, version, family, subject, state, holder, raised, place, path,"
        " body, parent, channel, opened_at, entered_at, changed_at, closed_at, events, due_at,"
        " due_provisional, visits FROM matter WHERE parent = $1 ORDER BY id",
        ID(parent));
    return all(&q, out);
}

Subject matter_subject(const Matter *m)
{
    return (Subject){ .path = m->path, .body = m->body, .matter = m->id };
}

static void set_value(Ctx *cx, Values *values, Str name, Str text)
{
    for (Value *v = values->first; v; v = v->next) {
        if (str_is(v->name, name)) {
            v->text = text;
            return;
        }
    }
    value_add(cx, values, name, text);
}

Err matter_values(Ctx *cx, MatterId id, Values *out)
{
    Event *events;
    Values sealed = { 0 };
    *out = (Values){ 0 };
    TRY(record_list(cx, id, &events));
    TRY(vault_list(cx, MATTER_KIND, id.value, &sealed));
    for (const Event *e = events; e; e = e->next)
        for (const Value *v = e->payload.first; v; v = v->next)
            set_value(cx, out, v->name, v->text);
    for (const Value *v = sealed.first; v; v = v->next)
        if (v->name.at[0] != '_')
            set_value(cx, out, v->name, v->text);
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ number and code */

#define CODE_FIELD S("_code")

Err matter_check_code(Ctx *cx, Str number, Str code, MatterId *out)
{
    Str plain = STR_EMPTY;
    Bytes mark = { NULL, 0 }, stored = { NULL, 0 };
    bool is_code = str_is_utf8(code) && query_code_parse(&cx->arena, code, &plain);
    Query q = QUERY(cx, "SELECT id, code_mark FROM matter WHERE number = $1",
                    T(str_is_utf8(number) ? str_upper(&cx->arena, str_trim(number)) : S("?")));
    if (query_next(&q)) {
        out->value = query_int(&q);
        stored = query_bytes(&q);
    }
    TRY(query_end(&q));
    mark = vault_mark(cx, S("query_code"), plain);
    return is_code && stored.n && bytes_are(mark, stored)
               ? OK
               : fail(cx, E_DENIED, "flow.wrong_number_or_code");
}

Err matter_code(Ctx *cx, MatterId id, Str *out)
{
    return vault_get(cx, (SealedRef){ MATTER_KIND, id.value, 0, CODE_FIELD }, out);
}

/* ------------------------------------------------------------------ desks */

static i64 desk_of_body(BodyId body)
{
    return -body.value;
}

typedef struct DeskRow {
    Str role;
    i64 desk;
    Instant due;
} DeskRow;

enum { DESKS_MAX = 32 };

typedef struct DeskRows {
    DeskRow at[DESKS_MAX];
    size_t n;
} DeskRows;

static Err add_desk(Ctx *cx, DeskRows *rows, Str role, i64 desk, Instant due)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->at[i].desk == desk && str_is(rows->at[i].role, role))
            return OK;
    if (rows->n == DESKS_MAX)
        return fail(cx, E_BUG, "core.memory_used_up");
    rows->at[rows->n++] = (DeskRow){ role, desk, due };
    return OK;
}

/* The matter waits on the desk of its body, or at each place around it where posts of this role
   stand. */
static Err add_desks(Ctx *cx, const Matter *m, Str role_name, DeskRows *rows)
{
    const Role *role = role_find(cx->house, role_name);
    if (!role)
        return OK; /* the applicant, or a body elsewhere */
    if (role->by_body)
        return add_desk(cx, rows, role_name, desk_of_body(m->body), m->due_at);
    Place p;
    for (PlaceId at = m->place; at.value; at = p.parent) {
        TRY(place_get(cx, at, &p));
        if (names_have(role->levels, p.level))
            TRY(add_desk(cx, rows, role_name, p.id.value, m->due_at));
    }
    return OK;
}

/* The earliest running term. */
static Err find_term(Ctx *cx, Matter *m)
{
    Instant clock, timer;
    TRY(clock_earliest(cx, m->id, &clock, &m->due_provisional));
    TRY(timer_earliest(cx, m->id, &timer));
    m->due_at = timer.ms < clock.ms ? timer : clock;
    return OK;
}

/* The desks on which the matter waits until its term; closed ones wait nowhere. */
static Err find_desks(Ctx *cx, const Matter *m, DeskRows *rows)
{
    rows->n = 0;
    if (m->closed_at.ms)
        return OK;
    TRY(add_desks(cx, m, m->holder, rows));
    return m->raised.n ? add_desks(cx, m, m->raised, rows) : OK;
}

/* What waits on one desk: touched by whatever changes a matter that waits or waited there. */
static Tag desk_tag(Str role, i64 desk)
{
    return tag_of("desk", (i64)str_hash(role) ^ desk);
}

/* A matter that was just opened waited nowhere: nobody waits for that answer. */
static Err clear_desks(Ctx *cx, const Matter *m)
{
    Query q = QUERY(cx, "DELETE FROM waiting WHERE matter = $1 RETURNING role, desk", ID(m->id));
    if (m->events <= 1)
        return query_run(&q);
    while (query_next(&q)) {
        Str role = query_text(&q);
        store_touch(cx, desk_tag(role, query_int(&q)));
    }
    return query_end(&q);
}

Err desk_update(Ctx *cx, Matter *m)
{
    DeskRows rows;
    TRY(find_term(cx, m));
    TRY(find_desks(cx, m, &rows));
    store_touch(cx, record_tag(m->id));
    TRY(clear_desks(cx, m));
    Bind due = m->due_at.ms == NEVER.ms ? (Bind){ .kind = BIND_NULL } : AT(m->due_at);
    Query q = QUERY(cx, "UPDATE matter SET due_at = $2, due_provisional = $3 WHERE id = $1",
                    ID(m->id), due, F(m->due_provisional));
    TRY(query_run(&q));
    for (size_t i = 0; i < rows.n; i++) {
        Query put =
            QUERY(cx, "INSERT INTO waiting (role, desk, due_at, matter) VALUES ($1, $2, $3, $4)",
                  T(rows.at[i].role), I(rows.at[i].desk), AT(rows.at[i].due), ID(m->id));
        TRY(query_run(&put));
        store_touch(cx, desk_tag(rows.at[i].role, rows.at[i].desk));
    }
    return OK;
}

static bool has_desk(const DeskRows *rows, const DeskRow *row)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->at[i].desk == row->desk && rows->at[i].due.ms == row->due.ms
            && str_is(rows->at[i].role, row->role))
            return true;
    return false;
}

Err desk_verify(Ctx *cx, const Matter *m)
{
    Matter now = *m;
    DeskRows want;
    DeskRow row;
    size_t n = 0;
    bool put_off;
    TRY(find_desks(cx, m, &want));
    TRY(find_term(cx, &now));
    TRY(timer_was_put_off(cx, m->id, &put_off)); /* its alarm moved on, the term did not */
    bool agrees = now.due_provisional == m->due_provisional
               && (put_off || now.due_at.ms == m->due_at.ms);
    Query q = QUERY(cx, "SELECT role, desk, due_at FROM waiting WHERE matter = $1", ID(m->id));
    for (; query_next(&q); n++) {
        row.role = query_text(&q);
        row.desk = query_int(&q);
        row.due = query_instant(&q);
        agrees = agrees && has_desk(&want, &row);
    }
    TRY(query_end(&q));
    return agrees && n == want.n ? OK : fail(cx, E_STORE, "flow.desk_differs",
                                             V("matter", m->number));
}

static Err desk_of_actor(Ctx *cx, Str *out_role, i64 *out_desk)
{
    Post post;
    TRY(permit_post(cx, &post));
    const Role *role = role_find(cx->house, post.role);
    *out_role = post.role;
    *out_desk = role && role->by_body ? desk_of_body(post.body) : post.place.value;
    return OK;
}

Err desk_list(Ctx *cx, DeskKey after, i64 n_max, Matter **out)
{
    Str role;
    i64 desk;
    TRY(desk_of_actor(cx, &role, &desk));
    Query q = QUERY_OF(
        cx, desk_tag(role, desk),
        "SELECT m.id, m.number, m.flow, m.version, m.family, m.subject, m.state, m.holder,"
        " m.raised,"
        " m.place, m.path, m.body, m.parent, m.channel, m.opened_at, m.entered_at, m.changed_at,"
        " m.closed_at, m.events, m.due_at, m.due_provisional, m.visits"
        " FROM waiting w JOIN matter m ON m.id = w.matter"
        " WHERE w.role = $1 AND w.desk = $2 AND (w.due_at, w.matter) > ($3, $4)"
        " ORDER BY w.due_at, w.matter LIMIT $5",
        T(role), I(desk), AT(after.due), ID(after.matter), I(n_max));
    return all(&q, out);
}

static DeskFigure figure_of(i64 n)
{
    return (DeskFigure){ n, n >= DESK_COUNT_MAX };
}

/* The first of the desk are the earliest due, so one look at them tells all three. */
Err desk_count(Ctx *cx, DeskCount *out)
{
    Str role;
    i64 desk;
    *out = (DeskCount){ 0 };
    TRY(desk_of_actor(cx, &role, &desk));
    Query q = QUERY_OF(cx, desk_tag(role, desk),
                       "SELECT COUNT(*), COUNT(CASE WHEN due_at <= $3 THEN 1 END),"
                       " COUNT(CASE WHEN due_at <= $4 THEN 1 END)"
                       " FROM (SELECT due_at FROM waiting WHERE role = $1 AND desk = $2"
                       " ORDER BY due_at, matter LIMIT $5) AS earliest",
                       T(role), I(desk), AT(cx->now), AT(day_end(cx->house, day_today(cx))),
                       I(DESK_COUNT_MAX));
    if (query_next(&q)) {
        out->all = figure_of(query_int(&q));
        out->over = figure_of(query_int(&q));
        out->today = figure_of(query_int(&q));
    }
    out->today.n -= out->over.n;
    return query_end(&q);
}

Err matter_add_visit(Ctx *cx, MatterId id)
{
    Query q = QUERY(cx, "UPDATE matter SET visits = visits + 1 WHERE id = $1", ID(id));
    store_touch(cx, record_tag(id));
    return query_run(&q);
}
