/* verify.c -- does every matter say what its events say? Each is played again from its first
** event under the version of the flow it is pinned to; the columns that the desk and the rules
** read must come out the same, and so must the desks on which it waits, and until when. */
#include "flow/private.h"

#include "text/text.h"

static bool fits(const Flow *f, const Matter *m, const Event *e, Str state, i64 n, Instant before)
{
    const FlowStep *step = flow_step(f, e->step);
    const FlowState *to = step ? flow_target(f, step, state) : NULL;
    return e->n == n && str_is(e->number, m->number) && str_is(e->from, state) && to
           && str_is(to->state, e->to)
           && (n == 1 ? step->from.n == 0 : names_have(step->from, state)) && e->at.ms >= before.ms
           && str_is(e->flow, f->hash) && str_is(e->class, f->log);
}

/* What the last event leads to, beside the desks. */
static bool stands(const Flow *f, const Matter *m, Str state, Instant changed, Instant closed)
{
    const FlowState *at = flow_state(f, state);
    return at && str_is(state, m->state) && str_is(at->holder, m->holder)
           && changed.ms == m->changed_at.ms && closed.ms == m->closed_at.ms
           && at->final == (closed.ms != 0);
}

static Err play_again(Ctx *cx, const Matter *m)
{
    const Flow *f = matter_flow(cx, m);
    Event *events;
    Str state = STR_EMPTY;
    i64 n = 0;
    Instant before = { 0 }, closed = { 0 };
    bool agrees = f != NULL;
    TRY(record_list(cx, m->id, &events));
    for (const Event *e = events; f && e; e = e->next) {
        if (!fits(f, m, e, state, ++n, before))
            return fail(cx, E_STORE, "flow.event_does_not_fit", V("matter", m->number),
                        text_int(cx, "n", n));
        agrees = agrees && (n > 1 || e->at.ms == m->opened_at.ms);
        state = e->to;
        before = e->at;
        if (!closed.ms && flow_state(f, state)->final)
            closed = e->at;
    }
    agrees = agrees && n == m->events && stands(f, m, state, before, closed);
    return agrees ? OK : fail(cx, E_STORE, "flow.matter_differs", V("matter", m->number));
}

Err flow_verify_matters(Ctx *cx, i64 after, i64 n_max, i64 *out_last)
{
    Matter *m;
    TRY(matter_list_after(cx, (MatterId){ after }, n_max, &m));
    *out_last = after;
    for (; m; m = m->next) {
        TRY(play_again(cx, m));
        TRY(desk_verify(cx, m));
        *out_last = m->id.value;
    }
    return OK;
}
