/* clocks.c -- what a move from one state to another does to the flow's clocks and timers. */
#include "flow/private.h"

#include "text/text.h"

static bool runs_in(const FlowClock *c, const Matter *m, Str state)
{
    return family_applies(c->family, m->family) && names_have(c->runs, state);
}

static Err start(Ctx *cx, const Matter *m, const FlowClock *c, Instant as_of)
{
    Limit limit;
    TRY(flow_limit(cx, m, c->limit, &limit));
    return limit.counting == COUNT_NONE ? OK : clock_start(cx, m->id, c->clock, as_of, limit);
}

static Err move_one(Ctx *cx, const StepCall *call, const FlowClock *c, const FlowState *to,
                    Instant as_of)
{
    const Matter *m = call->matter;
    bool will_run = runs_in(c, m, to->state), found;
    Clock clock;
    TRY(clock_find(cx, m->id, c->clock, &found, &clock));
    if (!found)
        return will_run ? start(cx, m, c, as_of) : OK;
    if (str_is(clock.state, S("stopped")))
        return OK;
    if (to->final)
        return clock_stop(cx, m->id, c->clock);
    bool running = str_is(clock.state, S("running"));
    if (running && !will_run)
        return clock_pause(cx, m->id, c->clock);
    return !running && will_run ? clock_resume(cx, m->id, c->clock) : OK;
}

Err clocks_move(Ctx *cx, const StepCall *call, const FlowState *to, Instant as_of)
{
    const Flow *f = call->flow;
    for (size_t i = 0; i < f->clocks_n; i++)
        TRY(move_one(cx, call, &f->clocks[i], to, as_of));
    for (size_t i = 0; i < call->step->extends.n; i++) {
        Limit by;
        bool found;
        Clock clock;
        TRY(flow_limit(cx, call->matter, call->step->extend_by, &by));
        TRY(clock_find(cx, call->matter->id, call->step->extends.at[i], &found, &clock));
        if (found && by.counting == clock.limit.counting)
            TRY(clock_extend(cx, call->matter->id, clock.name, by.n));
    }
    return OK;
}

/* ------------------------------------------------------------------ timers */

/* A step that can be taken only once needs no timer after it was. */
static Err is_used_up(Ctx *cx, const Flow *f, const Matter *m, const FlowTimer *t, bool *out)
{
    i64 taken = 0;
    const FlowStep *step = flow_step(f, t->take);
    if (step && step->once)
        TRY(record_count_step(cx, m->id, step->step, &taken));
    *out = taken > 0;
    return OK;
}

/* A timer of a state is set on entering it. */
static Err set_state_timer(Ctx *cx, const Flow *f, const Matter *m, const FlowTimer *t, i64 n)
{
    Limit limit;
    Due due;
    bool used_up;
    TRY(is_used_up(cx, f, m, t, &used_up));
    TRY(flow_limit(cx, m, t->after, &limit));
    if (limit.counting == COUNT_NONE)
        return OK;
    TRY(calendar_due(cx, m->entered_at, limit, NULL, 0, &due));
    return timer_set(cx, m->id, n, due.at,
                     (TimerKind){ .is_term = !t->not_due, .is_past = used_up });
}

/* A timer of a clock stands at its due time while it runs in a state the step can be taken from. */
static Err set_clock_timer(Ctx *cx, const Flow *f, const Matter *m, const FlowTimer *t, i64 n)
{
    bool found, used_up;
    Clock clock;
    const FlowStep *step = flow_step(f, t->take);
    TRY(clock_find(cx, m->id, t->clock, &found, &clock));
    TRY(is_used_up(cx, f, m, t, &used_up));
    bool stands = found && str_is(clock.state, S("running")) && step
                  && names_have(step->from, m->state) && !used_up;
    TimerKind alarm = { 0 }; /* the clock itself is the term */
    return stands ? timer_set(cx, m->id, n, clock.due.at, alarm) : timer_drop(cx, m->id, n);
}

Err timers_enter(Ctx *cx, const Flow *f, const Matter *m)
{
    for (size_t i = 0; i < f->timers_n; i++) {
        const FlowTimer *t = &f->timers[i];
        if (!family_applies(t->family, m->family))
            continue;
        if (t->clock.n)
            TRY(set_clock_timer(cx, f, m, t, (i64)i));
        else if (str_is(t->in, m->state))
            TRY(set_state_timer(cx, f, m, t, (i64)i));
        else
            TRY(timer_drop(cx, m->id, (i64)i));
    }
    return OK;
}

/* ------------------------------------------------------------------ going off */

typedef struct Alarm {
    const Timer *timer;
    bool taken;
} Alarm;

static Err go_off(Ctx *cx, void *arg)
{
    Alarm *a = arg;
    Matter m;
    bool due;
    a->taken = false;
    TRY(timer_is_due(cx, a->timer->matter, a->timer->n, cx->now, &due));
    if (!due)
        return OK; /* somebody was quicker */
    TRY(matter_get(cx, a->timer->matter, &m));
    const Flow *f = matter_flow(cx, &m);
    if (!f || a->timer->n >= (i64)f->timers_n)
        return fail(cx, E_BUG, "flow.version_unreadable", text_int(cx, "version", m.version));
    TRY(timer_drop(cx, m.id, a->timer->n));
    TRY(flow_take(cx, m.id, f->timers[a->timer->n].take, NULL, 0));
    a->taken = true;
    return OK;
}

static Err put_off(Ctx *cx, void *arg)
{
    const Alarm *a = arg;
    return timer_put_off(cx, a->timer);
}

/* One timer whose step is refused must not hold up the others: it is put off and said in the
   log. */
static Err run_one(Ctx *cx, const Timer *t, i64 *out_taken)
{
    Alarm a = { .timer = t };
    Err err = store_write(cx, go_off, &a);
    *out_taken += !err && a.taken;
    if (!err || err == E_STORE || err == E_BUSY)
        return err;
    log_failure(cx, "timer.refused");
    ctx_forgive(cx);
    return store_write(cx, put_off, &a);
}

Err flow_run_timers(Ctx *cx, i64 n_max, i64 *out_taken)
{
    Timer *due;
    *out_taken = 0;
    TRY(timer_list_due(cx, cx->now, n_max, &due));
    store_rest(cx);
    for (const Timer *t = due; t; t = t->next)
        TRY(run_one(cx, t, out_taken));
    return OK;
}

/* ------------------------------------------------------------------ a calendar that changed */

typedef struct Recount {
    const Matter *first;
    Str reason;
    i64 changed;
} Recount;

static Err recompute_clocks(Ctx *cx, MatterId id, Str reason, bool *out_moved)
{
    Clock *clocks;
    *out_moved = false;
    TRY(clock_list(cx, id, &clocks));
    for (Clock *c = clocks; c; c = c->next) {
        bool moved = false;
        if (!str_is(c->state, S("stopped")))
            TRY(clock_recompute(cx, c, reason, &moved));
        *out_moved = *out_moved || moved;
    }
    return OK;
}

static Err recompute_one(Ctx *cx, MatterId id, Recount *r)
{
    Matter m;
    bool moved;
    TRY(matter_get(cx, id, &m)); /* as it is now, not as it was listed */
    if (m.closed_at.ms)
        return OK;
    const Flow *f = matter_flow(cx, &m);
    Instant was_due = m.due_at;
    if (!f)
        return fail(cx, E_BUG, "flow.version_unreadable", text_int(cx, "version", m.version));
    TRY(recompute_clocks(cx, id, r->reason, &moved));
    TRY(timers_enter(cx, f, &m));
    TRY(desk_update(cx, &m));
    r->changed += moved || m.due_at.ms != was_due.ms;
    return OK;
}

static Err recompute_some(Ctx *cx, void *arg)
{
    Recount *r = arg;
    r->changed = 0; /* this may run twice */
    for (const Matter *m = r->first; m; m = m->next)
        TRY(recompute_one(cx, m->id, r));
    return OK;
}

enum { RECOMPUTE_AT_ONCE = 20 };

Err flow_recompute_all(Ctx *cx, Str reason, i64 *out_changed)
{
    MatterId after = { 0 };
    *out_changed = 0;
    for (;;) {
        Matter *portion;
        TRY(matter_list_open_after(cx, after, RECOMPUTE_AT_ONCE, &portion));
        if (!portion)
            return OK;
        Recount r = { .first = portion, .reason = reason };
        store_rest(cx);
        TRY(store_write(cx, recompute_some, &r));
        *out_changed += r.changed;
        for (const Matter *m = portion; m; m = m->next)
            after = m->id;
    }
}
