/* view.c -- a case as it is shown: what happened, where it is now and with whom, what comes,
** until when. */
#include "onewindow/view.h"

#include "ident/ident.h"
#include "text/text.h"

static const Field STEP_FIELDS[] = {
    FIELD(CaseStep, n, INT),
    FIELD(CaseStep, at, INSTANT),
    FIELD(CaseStep, step, TEXT),
    FIELD(CaseStep, words, TEXT),
    FIELD(CaseStep, role, TEXT),
    FIELD(CaseStep, body, TEXT),
    FIELD(CaseStep, has_document, FLAG),
    FIELD(CaseStep, values, FORM),
    FIELD_END
};

static const Field CLOCK_VIEW_FIELDS[] = {
    FIELD(CaseClock, name, TEXT),
    FIELD(CaseClock, due, DAY),
    FIELD(CaseClock, words, TEXT),
    FIELD(CaseClock, running, FLAG),
    FIELD(CaseClock, provisional, FLAG),
    FIELD_END
};

const Field CASE_FIELDS[] = {
    FIELD(CaseView, number, TEXT),
    FIELD(CaseView, title, TEXT),
    FIELD(CaseView, state_code, TEXT),
    FIELD(CaseView, state, TEXT),
    FIELD(CaseView, holder, TEXT),
    FIELD(CaseView, place, TEXT),
    FIELD(CaseView, body, TEXT),
    FIELD(CaseView, closed, FLAG),
    FIELD(CaseView, events, INT),
    FIELD(CaseView, person, FORM),
    FIELD_LIST(CaseView, steps, CaseStep, STEP_FIELDS),
    FIELD_LIST(CaseView, clocks, CaseClock, CLOCK_VIEW_FIELDS),
    FIELD_LIST(CaseView, papers, Paper, PAPER_FIELDS),
    FIELD_END
};

/* ------------------------------------------------------------------ who holds it */

Str case_role_words(Ctx *cx, Str holder)
{
    const Role *role = role_find(cx->house, holder);
    if (role)
        return words_in(role->name, cx->lang);
    return str_is(holder, S("applicant")) ? text_get(cx, "you") : STR_EMPTY;
}

Str case_field_words(Ctx *cx, const Matter *m, Str field)
{
    const Field *f = flow_value_field(cx, m, field);
    return f ? words_in(f->label, cx->lang) : field;
}

Err case_body_words(Ctx *cx, Str code, Str *out)
{
    Body body;
    *out = STR_EMPTY;
    if (code.n == 0)
        return OK;
    if (body_get_by_code(cx, code, &body) == OK)
        *out = words_in(body.name, cx->lang);
    else if (ctx_err(cx) == E_MISSING)
        ctx_forgive(cx);
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ steps */

/* The person concerned reads what they sent, what they were told and what was issued; how a
** finding came to be stays inside. Ratings are read by supervisors only. */
static bool may_show(Ctx *cx, const FlowStep *step, const Event *e, bool for_staff)
{
    Post post;
    bool is_rating = str_is(e->step, S("rate"));
    if (!for_staff)
        return step->tells || step->issues.n || str_is(e->role, S("applicant"))
               || str_is(e->role, S("anyone"));
    if (!is_rating)
        return true;
    return permit_post(cx, &post) == OK && str_is(post.role, S("supervisor"));
}

static Err show_value(Ctx *cx, const CaseView *v, const Event *e, Str name, bool for_staff,
                      CaseStep *step)
{
    Str stored;
    const Field *f = flow_value_field(cx, v->matter, name);
    bool sealed = value_has(&e->sealed, name);
    if (!f || (for_staff && v->item && field_find(v->item->fields, v->item->fields_n, name)))
        return OK; /* the form is shown once, at the top */
    if (sealed)
        TRY(vault_find(cx, (SealedRef){ MATTER_KIND, e->matter.value, e->n, name }, &stored));
    else
        stored = value_of(&e->payload, name);
    if (stored.n == 0)
        return OK;
    Str shown = page_value(cx, f, stored, v->places, for_staff);
    value_add(cx, &step->values, words_in(f->label, cx->lang), shown);
    return ctx_err(cx);
}

static Err fill_values(Ctx *cx, const CaseView *v, const Event *e, bool for_staff, CaseStep *step)
{
    for (const Value *x = e->payload.first; x; x = x->next)
        TRY(show_value(cx, v, e, x->name, for_staff, step));
    for (const Value *x = e->sealed.first; x; x = x->next)
        TRY(show_value(cx, v, e, x->name, for_staff, step));
    return OK;
}

static Err add_step(Ctx *cx, const CaseView *v, const Event *e, bool for_staff, CaseStep ***end)
{
    const FlowStep *step = flow_step(v->flow, e->step);
    CaseStep *s = NEW(cx, CaseStep);
    if (!s || !step)
        return ctx_err(cx);
    bool told = !for_staff && step->done.in[0].n;
    if (!for_staff && !step->done.in[0].n)
        return OK; /* inner movements are not the person's business */
    *s = (CaseStep){ .words = words_in(told ? step->done : step->name, cx->lang),
                     .step = e->step,
                     .at = e->at,
                     .n = e->n,
                     .has_document = step->issues.n > 0,
                     .role = case_role_words(cx, e->role) };
    TRY(case_body_words(cx, e->body, &s->body));
    if (may_show(cx, step, e, for_staff))
        TRY(fill_values(cx, v, e, for_staff, s));
    **end = s;
    *end = &s->next;
    return ctx_err(cx);
}

static Err list_steps(Ctx *cx, CaseView *v, bool for_staff)
{
    Event *events;
    CaseStep **end = &v->steps;
    TRY(record_list(cx, v->matter->id, &events));
    for (const Event *e = events; e; e = e->next)
        TRY(add_step(cx, v, e, for_staff, &end));
    return OK;
}

/* ------------------------------------------------------------------ clocks */

static Err add_clock(Ctx *cx, const CaseView *v, const Clock *c, CaseClock ***end)
{
    const FlowClock *known = flow_clock(v->flow, c->name);
    CaseClock *view = NEW(cx, CaseClock);
    if (!view)
        return E_LIMIT;
    *view = (CaseClock){ .name = known ? words_in(known->name, cx->lang) : c->name,
                         .due = c->due.day,
                         .provisional = c->due.provisional,
                         .running = str_is(c->state, S("running")),
                         .is_stopped = str_is(c->state, S("stopped")) };
    if (view->running) {
        TRY(page_mood(cx, c->limit.counting, c->due, known ? known->warn : 0, &view->mood));
        TRY(clock_words(cx, c->limit.counting, c->due, &view->words));
    } else if (!view->is_stopped) {
        view->words = text_get(cx, "the clock stands still");
    }
    **end = view;
    *end = &view->next;
    return OK;
}

static Err list_clocks(Ctx *cx, CaseView *v)
{
    Clock *clocks;
    CaseClock **end = &v->clocks;
    TRY(clock_list(cx, v->matter->id, &clocks));
    for (const Clock *c = clocks; c; c = c->next)
        TRY(add_clock(cx, v, c, &end));
    return OK;
}

/* ------------------------------------------------------------------ the person */

static Err list_person(Ctx *cx, CaseView *v, bool for_staff)
{
    Values all;
    TRY(matter_values(cx, v->matter->id, &all));
    v->missing = all;
    for (size_t i = 0; v->item && i < v->item->fields_n; i++) {
        const Field *f = &v->item->fields[i];
        Str stored = value_of(&all, f->name);
        if (stored.n)
            value_add(cx, &v->person, f->name, page_value(cx, f, stored, v->places, for_staff));
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ all of it */

static Err name_all(Ctx *cx, CaseView *v)
{
    const Matter *m = v->matter;
    const FlowState *state = flow_state(v->flow, m->state);
    Str item = v->item ? words_in(v->item->name, cx->lang) : STR_EMPTY;
    bool is_child = m->parent.value != 0;
    Str flow = words_in(v->flow->name, cx->lang);
    v->title = !item.n ? flow : !is_child ? item
             : str_format(&cx->arena, "%.*s · %.*s", STR_ARGS(flow), STR_ARGS(item));
    v->number = m->number;
    v->state_code = m->state;
    v->state = state ? words_in(state->name, cx->lang) : m->state;
    v->holder = case_role_words(cx, m->holder);
    v->closed = m->closed_at.ms != 0;
    v->events = m->events;
    TRY(place_full_name(cx, m->place, &v->place));
    if (!m->body.value)
        return OK;
    Body body;
    TRY(body_get(cx, m->body, &body));
    v->body = words_in(body.name, cx->lang);
    return OK;
}

Err case_view(Ctx *cx, Matter *m, bool for_staff, CaseView *out)
{
    *out = (CaseView){ .matter = m, .item = item_of_matter(cx, m), .flow = matter_flow(cx, m) };
    if (!out->flow)
        return fail(cx, E_BUG, "flow.version_unreadable", text_int(cx, "version", m->version));
    TRY(place_list_level(cx, profile_of(cx->house)->home_level, &out->places));
    TRY(name_all(cx, out));
    TRY(list_person(cx, out, for_staff));
    TRY(list_steps(cx, out, for_staff));
    TRY(list_clocks(cx, out));
    TRY(paper_list(cx, (PaperOwner){ .matter = m->id }, out->item, &out->papers));
    TRY(flow_choices(cx, m, &out->choices));
    return matter_list_children(cx, m->id, &out->children);
}
