/* take.c -- opening matters and taking steps: the only code that changes a matter.
**
** Everything happens inside one write. State, post and separation of persons are read again
** there, whatever a page showed before; the event's number is the optimistic lock. */
#include "flow/private.h"

#include "ident/ident.h"
#include "notice/notice.h"
#include "text/text.h"

enum { CODE_BYTES = 15, SERIALS_PER_DAY = 1000000, APART_MAX = 64 };

/* ------------------------------------------------------------------ the event */

typedef struct MarkFields {
    const Field *fields;
    size_t n;
} MarkFields;

static Bytes mark_of(Ctx *cx, Str name, Str value, void *arg)
{
    const MarkFields *known = arg;
    const Field *f = field_find(known->fields, known->n, name);
    return f && f->find.n ? vault_mark(cx, f->find, value) : (Bytes){ NULL, 0 };
}

static void sort_values(Ctx *cx, const Field *fields, size_t n, const Values *values, Event *e)
{
    for (const Value *v = values->first; v; v = v->next) {
        const Field *f = field_find(fields, n, v->name);
        if (f)
            value_add(cx, field_is_sealed(f) ? &e->sealed : &e->payload, v->name, v->text);
    }
}

static Err acting_body(Ctx *cx, Str *out)
{
    Post post;
    *out = STR_EMPTY;
    if (cx->actor.kind != ACTOR_STAFF)
        return OK;
    TRY(permit_post(cx, &post));
    *out = post.body_code;
    return OK;
}

/* Time never runs backwards within a matter, whatever the clock of the machine says. */
static Instant event_time(const Ctx *cx, const Matter *m)
{
    return cx->now.ms < m->changed_at.ms ? m->changed_at : cx->now;
}

static Err add_event(Ctx *cx, const StepCall *call, Str from, const Field *fields, size_t n)
{
    const Matter *m = call->matter;
    MarkFields known = { fields, n };
    Str to = flow_target(call->flow, call->step, from)->state;
    Event e = { .matter = m->id, .number = m->number, .n = call->n, .at = event_time(cx, m),
                .step = call->step->step, .from = from, .to = to, .role = call->role,
                .post = cx->actor.post, .person = cx->actor.person, .flow = call->flow->hash,
                .class = call->flow->log };
    TRY(acting_body(cx, &e.body));
    sort_values(cx, fields, n, call->values, &e);
    TRY(record_add(cx, &e, mark_of, &known));
    Query q = QUERY(cx, "INSERT INTO tally_delta (flow, from_state, to_state) VALUES ($1, $2, $3)",
                    T(m->flow), T(from), T(to));
    return query_run(&q);
}

/* ------------------------------------------------------------------ when nobody may go on */

static bool is_of_holder(const FlowStep *s, const FlowState *state)
{
    return names_have(s->from, state->state) && names_have(s->by, state->holder);
}

/* What the holder is there for: to examine or decide, where the state has such a step.  Who could
** only extend the term or send the case back does not help it on. */
static bool is_waited_for(const Flow *f, const FlowStep *s, const FlowState *state)
{
    bool has_part = false;
    for (size_t i = 0; i < f->steps_n; i++)
        has_part = has_part || (f->steps[i].part.n && is_of_holder(&f->steps[i], state));
    return is_of_holder(s, state) && (s->part.n || !has_part);
}

/* Is there anyone who may take a step that the state waits for? */
static Err has_able(Ctx *cx, const StepCall *call, const FlowState *state, bool *out)
{
    const Matter *m = call->matter;
    Subject subject = matter_subject(m);
    *out = false;
    for (size_t i = 0; i < call->flow->steps_n && !*out; i++) {
        const FlowStep *s = &call->flow->steps[i];
        PersonId apart[APART_MAX];
        size_t apart_n = 0;
        if (!is_waited_for(call->flow, s, state))
            continue;
        if (s->apart_from.n)
            TRY(record_list_takers(cx, m->id, s->apart_from, apart, APART_MAX, &apart_n));
        TRY(permit_has_able(cx, state->holder, &subject, apart, apart_n, out));
    }
    return OK;
}

/* Where separation needs a second person and the body has none, the matter goes up to its parent
** body; where there is none above either, it shows itself to the supervisor. */
static Err go_up(Ctx *cx, const StepCall *call, const FlowState *state)
{
    Matter *m = call->matter;
    BodyId began = m->body;
    const Role *role = role_find(cx->house, state->holder);
    bool able = !role;
    while (!able) {
        Body body;
        TRY(has_able(cx, call, state, &able));
        if (able || !role->by_body || !m->body.value)
            break;
        TRY(body_get(cx, m->body, &body));
        if (!body.parent.value)
            break;
        m->body = body.parent;
    }
    if (able)
        return OK;
    m->body = began;
    if (role_find(cx->house, S("supervisor")))
        m->raised = S("supervisor");
    log_line(LOG_WARN, "flow.nobody_able", LT("matter", m->number), LT("role", state->holder));
    return OK;
}

/* ------------------------------------------------------------------ the matter moves */

static Err store_move(Ctx *cx, const Matter *m)
{
    bool moved;
    Query q =
        QUERY(cx,
              "UPDATE matter SET state = $2, holder = $3, raised = $4, body = $5, entered_at = $6,"
              " changed_at = $7, closed_at = $8, events = $9 WHERE id = $1 AND events = $9 - 1"
              " RETURNING id",
              ID(m->id), T(m->state), T(m->holder), T(m->raised), ID_OR_NULL(m->body),
              AT(m->entered_at), AT(m->changed_at), AT_OR_NULL(m->closed_at), I(m->events));
    moved = query_next(&q);
    TRY(query_end(&q));
    return moved ? OK : fail(cx, E_CONFLICT, "flow.changed_since");
}

static Err run_effects(Ctx *cx, const StepCall *call)
{
    for (size_t i = 0; i < call->step->effects.n; i++) {
        const FlowHook *effect = flow_effect(cx->house, call->step->effects.at[i]);
        if (!effect)
            return fail(cx, E_BUG, "flow.unknown_effect", V("effect", call->step->effects.at[i]),
                        V("where", call->step->step));
        TRY(effect->run(cx, call));
    }
    return OK;
}

/* After the event is written: state, clocks, timers, desks, effects. */
static Err move(Ctx *cx, const StepCall *call)
{
    Matter *m = call->matter;
    const FlowState *to = flow_target(call->flow, call->step, m->state);
    Instant at = event_time(cx, m), as_of = call->step->as_of_entry ? m->entered_at : at;
    TRY(clocks_move(cx, call, to, as_of));
    /* What comes round again (a check, a reminder) begins its state anew; anything else that
       stays does not. */
    bool comes_round = names_have(call->step->by, S("system")) && !call->step->once;
    bool stays = str_is(m->state, to->state) && !comes_round;
    m->state = to->state;
    m->holder = to->holder;
    m->entered_at = stays ? m->entered_at : at;
    m->changed_at = at;
    m->events = call->n;
    if (to->final && !m->closed_at.ms)
        m->closed_at = at;
    if (call->step->to_holder.n)
        m->raised = call->step->to_holder;
    if (!to->final)
        TRY(go_up(cx, call, to));
    TRY(store_move(cx, m));
    if (to->final)
        TRY(timer_drop_all(cx, m->id));
    else
        TRY(timers_enter(cx, call->flow, m));
    TRY(desk_update(cx, m));
    if (call->step->tells)
        TRY(notice_add(cx, m->id, call->n));
    return run_effects(cx, call);
}

/* ------------------------------------------------------------------ taking */

typedef struct Taking {
    MatterId id;
    Str step;
    const Values *values;
    i64 seen;
} Taking;

/* What happened last, for the one who came second. */
static Err tell_what_happened(Ctx *cx, const Matter *m)
{
    const Flow *f = matter_flow(cx, m);
    Query q = QUERY(cx, "SELECT step, at FROM event WHERE matter = $1 ORDER BY n DESC LIMIT 1",
                    ID(m->id));
    bool found = query_next(&q);
    Str step = query_text(&q);
    Instant at = query_instant(&q);
    TRY(query_end(&q));
    const FlowStep *s = f && found ? flow_step(f, step) : NULL;
    return fail(cx, E_CONFLICT, "flow.somebody_acted",
                V("step", s ? words_in(s->name, cx->lang) : step),
                V("time", instant_words(cx, at)));
}

static Err take_now(Ctx *cx, void *arg)
{
    const Taking *t = arg;
    Matter m;
    const Field *fields;
    size_t fields_n;
    Values checked = { 0 };
    TRY(matter_get(cx, t->id, &m));
    const Flow *f = matter_flow(cx, &m);
    if (!f)
        return fail(cx, E_BUG, "flow.version_unreadable", text_int(cx, "version", m.version));
    StepCall call = { .flow = f, .step = flow_step(f, t->step), .matter = &m, .values = &checked,
                      .n = m.events + 1 };
    if (!call.step)
        return fail(cx, E_MISSING, "flow.no_such_step", V("step", t->step));
    if (t->seen && t->seen != m.events)
        return tell_what_happened(cx, &m);
    Values none = { 0 };
    call.values = t->values ? t->values : &none; /* guards may ask what was sent */
    TRY(step_check(cx, &call));
    TRY(flow_step_fields(cx, &m, f, call.step, &fields, &fields_n));
    TRY(field_check(cx, fields, fields_n, call.values, &checked));
    call.values = &checked;
    TRY(add_event(cx, &call, m.state, fields, fields_n));
    return move(cx, &call);
}

Err flow_take(Ctx *cx, MatterId id, Str step, const Values *values, i64 seen)
{
    Taking t = { id, step, values, seen };
    return store_write(cx, take_now, &t);
}

/* ------------------------------------------------------------------ opening */

typedef struct Opening {
    const FlowOpening *o;
    Matter m;
    Str code;
} Opening;

/* "510105-20181010-000127-4": prefix, day, serial within the day, check digit over all digits. */
static Str number_of(Ctx *cx, i64 id)
{
    Str prefix = profile_of(cx->house)->number_prefix, day = day_compact(&cx->arena, day_today(cx));
    Str body = str_format(&cx->arena, "%.*s-%.*s-%06lld", STR_ARGS(prefix), STR_ARGS(day),
                          (long long)(id % SERIALS_PER_DAY));
    Buf digits = buf_new(&cx->arena, 64);
    for (size_t i = 0; i < body.n; i++)
        if (body.at[i] >= '0' && body.at[i] <= '9')
            buf_add_char(&digits, body.at[i]);
    return str_format(&cx->arena, "%.*s-%c", STR_ARGS(body), digits_check(buf_str(&digits)));
}

static Err insert_matter(Ctx *cx, Opening *op)
{
    const Matter *m = &op->m;
    Bytes random = vault_random(cx, CODE_BYTES);
    TRY(ctx_err(cx));
    op->code = query_code_from(&cx->arena, random);
    Bytes mark = vault_mark(cx, S("query_code"), op->code);
    TRY(ctx_err(cx));
    Query q = QUERY(
        cx,
        "INSERT INTO matter (id, number, flow, version, family, subject, state, holder, raised,"
        " place,"
        " path, body, parent, channel, code_mark, opened_at, entered_at, changed_at, closed_at,"
        " events, due_at, due_provisional, visits) VALUES ($1, $2, $3, $4, $5, $6, '', '', '', $7,"
        " $8, $9, $10, $11, $12, $13, $13, $13, NULL, 0, NULL, FALSE, 0)",
        ID(m->id), T(m->number), T(m->flow), I(m->version), T(m->family), T(m->subject),
        ID(m->place), T(m->path), ID_OR_NULL(m->body), ID_OR_NULL(m->parent), T(m->channel),
        B(mark), AT(cx->now));
    TRY(query_run(&q));
    return vault_put(cx, (SealedRef){ MATTER_KIND, m->id.value, 0, S("_code") }, op->code,
                     (Bytes){ NULL, 0 }, NULL);
}

static Err begin_matter(Ctx *cx, const Flow *f, Opening *op)
{
    const FlowOpening *o = op->o;
    Place place;
    TRY(place_get(cx, o->place, &place));
    op->m = (Matter){ .flow = f->flow,
                      .version = f->version,
                      .family = o->family,
                      .subject = o->subject,
                      .place = o->place,
                      .path = place.path,
                      .body = o->body,
                      .parent = o->parent,
                      .channel = o->channel,
                      .opened_at = cx->now,
                      .entered_at = cx->now,
                      .changed_at = cx->now,
                      .due_at = NEVER };
    TRY(store_next_id(cx, "matter", &op->m.id.value));
    op->m.number = number_of(cx, op->m.id.value);
    return ctx_err(cx);
}

static Err open_now(Ctx *cx, void *arg)
{
    Opening *op = arg;
    const Flow *f = flow_current(cx->house, op->o->flow);
    const Field *fields;
    size_t fields_n;
    Values checked = { 0 };
    StepCall call = { .flow = f, .matter = &op->m, .values = &checked, .n = 1 };
    call.step = f ? flow_step(f, op->o->step) : NULL;
    if (!call.step || call.step->from.n)
        return fail(cx, E_MISSING, "flow.no_such_step", V("step", op->o->step));
    if (!names_have(f->families, op->o->family))
        return fail(cx, E_BUG, "flow.unknown_family", V("family", op->o->family));
    TRY(begin_matter(cx, f, op));
    Subject subject = matter_subject(&op->m);
    TRY(permit_role(cx, call.step->by, &subject, &call.role));
    TRY(flow_step_fields(cx, &op->m, f, call.step, &fields, &fields_n));
    TRY(field_check(cx, fields, fields_n, op->o->values, &checked));
    TRY(insert_matter(cx, op));
    TRY(add_event(cx, &call, STR_EMPTY, fields, fields_n));
    return move(cx, &call);
}

Err flow_open(Ctx *cx, const FlowOpening *o, MatterId *out, Str *out_number, Str *out_code)
{
    Opening op = { .o = o };
    TRY(store_write(cx, open_now, &op));
    *out = op.m.id;
    *out_number = op.m.number;
    *out_code = op.code;
    return OK;
}
