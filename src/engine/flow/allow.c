/* allow.c -- may this actor take this step on this matter now?  The one place that knows. */
#include "flow/private.h"

#include "text/text.h"

/* ------------------------------------------------------------------ limits */

Err flow_limit(Ctx *cx, const Matter *m, LimitRef ref, Limit *out)
{
    Str rest = ref.source, head;
    *out = (Limit){ 0 };
    if (str_starts(ref.source, S("rule.")))
        return rule_get_limit(cx, str_skip(ref.source, 5), day_of(cx->house, m->opened_at), out);
    if (limit_parse(ref.source, out))
        return OK;
    if (str_cut(&rest, '.', &head) && rest.at) {
        const FlowHost *host = flow_host(cx->house, head);
        if (host)
            return host->limit(cx, m, rest, out);
    }
    return fail(cx, E_BUG, "flow.unknown_limit", V("limit", ref.source));
}

/* ------------------------------------------------------- the checks, in the order they are told */

static Err check_state(Ctx *cx, const StepCall *call)
{
    if (names_have(call->step->from, call->matter->state))
        return OK;
    const FlowState *now = flow_state(call->flow, call->matter->state);
    return fail(cx, E_CONFLICT, "flow.not_from_here",
                V("step", words_in(call->step->name, cx->lang)),
                V("state", now ? words_in(now->name, cx->lang) : call->matter->state));
}

static Err check_family(Ctx *cx, const StepCall *call)
{
    return family_applies(call->step->family, call->matter->family)
             ? OK
             : fail(cx, E_CONFLICT, "flow.not_for_this_family",
                    V("step", words_in(call->step->name, cx->lang)));
}

static Err check_once(Ctx *cx, const StepCall *call)
{
    i64 taken = 0;
    if (!call->step->once)
        return OK;
    TRY(record_count_step(cx, call->matter->id, call->step->step, &taken));
    return taken == 0 ? OK : fail(cx, E_CONFLICT, "flow.only_once",
                                  V("step", words_in(call->step->name, cx->lang)));
}

static Err check_within(Ctx *cx, const StepCall *call)
{
    Limit limit;
    Due due;
    const FlowWithin *within = &call->step->within;
    if (within->limit.source.n == 0 || !family_applies(within->family, call->matter->family))
        return OK;
    TRY(flow_limit(cx, call->matter, within->limit, &limit));
    if (limit.counting == COUNT_NONE)
        return OK;
    TRY(calendar_due(cx, call->matter->entered_at, limit, NULL, 0, &due));
    return cx->now.ms < due.at.ms ? OK : fail(cx, E_CONFLICT, "flow.too_late",
                                              V("step", words_in(call->step->name, cx->lang)),
                                              V("day", day_words(cx, due.day)));
}

/* Where no extension is known none is invented: the step would be told and issued, and change
** nothing. */
static Err check_extension(Ctx *cx, const StepCall *call)
{
    Limit by;
    if (call->step->extends.n == 0)
        return OK;
    TRY(flow_limit(cx, call->matter, call->step->extend_by, &by));
    return by.counting != COUNT_NONE ? OK : fail(cx, E_CONFLICT, "flow.no_extension",
                                                 V("step", words_in(call->step->name, cx->lang)));
}

/* Compares persons, whatever posts they hold. */
static Err check_apart(Ctx *cx, const StepCall *call)
{
    bool took = false;
    Names apart = call->step->apart_from;
    if (apart.n == 0 || !cx->actor.person.value)
        return OK;
    TRY(record_has_taken(cx, call->matter->id, cx->actor.person, apart, &took));
    return took ? fail(cx, E_DENIED, "flow.same_person",
                       V("step", words_in(call->step->name, cx->lang)))
                : OK;
}

static Err check_guards(Ctx *cx, const StepCall *call)
{
    for (size_t i = 0; i < call->step->guards.n; i++) {
        const FlowHook *guard = flow_guard(cx->house, call->step->guards.at[i]);
        if (!guard)
            return fail(cx, E_BUG, "flow.unknown_guard", V("guard", call->step->guards.at[i]),
                        V("where", call->step->step));
        TRY(guard->run(cx, call));
    }
    return OK;
}

Err step_check(Ctx *cx, StepCall *call)
{
    Subject subject = matter_subject(call->matter);
    TRY(check_state(cx, call));
    TRY(permit_role(cx, call->step->by, &subject, &call->role));
    TRY(check_family(cx, call));
    TRY(check_apart(cx, call));
    TRY(check_once(cx, call));
    TRY(check_within(cx, call));
    TRY(check_extension(cx, call));
    return check_guards(cx, call);
}

/* ------------------------------------------------------------------ fields of a step */

/* "item.form" is asked of the host; a plain name is a field of the flow. */
static Err fields_of(Ctx *cx, const Matter *m, const Flow *f, Str name, const Field **out,
                     size_t *out_n)
{
    Str head, rest = name;
    const Field *own = field_find(f->fields, f->fields_n, name);
    const FlowHost *host = f->subject.n ? flow_host(cx->house, f->subject) : NULL;
    *out = own;
    *out_n = own ? 1 : 0;
    if (own || !host || !str_cut(&rest, '.', &head) || !rest.at)
        return OK;
    return host->form(cx, m, rest, out, out_n);
}

enum { STEP_FIELDS_MAX = 64 };

Err flow_step_fields(Ctx *cx, const Matter *m, const Flow *f, const FlowStep *step,
                     const Field **out, size_t *out_n)
{
    Field *all = NEW_ARRAY(cx, Field, STEP_FIELDS_MAX);
    size_t n = 0, some_n;
    const Field *some;
    if (!all)
        return E_LIMIT;
    for (size_t i = 0; i < step->fields.n; i++) {
        TRY(fields_of(cx, m, f, step->fields.at[i], &some, &some_n));
        for (size_t j = 0; j < some_n && n < STEP_FIELDS_MAX; j++)
            all[n++] = some[j];
    }
    *out = all;
    *out_n = n;
    return OK;
}

const Field *flow_value_field(Ctx *cx, const Matter *m, Str name)
{
    const Flow *f = matter_flow(cx, m);
    const Field *some = NULL, *found = f ? field_find(f->fields, f->fields_n, name) : NULL;
    const FlowHost *host = f && f->subject.n ? flow_host(cx->house, f->subject) : NULL;
    size_t n = 0;
    for (const char *const *form = host ? host->forms : NULL; !found && form && *form; form++)
        if (host->form(cx, m, str_of(*form), &some, &n) == OK)
            found = field_find(some, n, name);
    return found;
}

/* ------------------------------------------------------------------ what can be done now */

/* A step is offered when it may be taken; one that only the separation of persons forbids is shown
** with the reason, so that a clerk knows why the button is not there. */
static Err offer(Ctx *cx, Matter *m, const Flow *f, const FlowStep *step, StepChoice ***end)
{
    Values none = { 0 };
    StepCall call = { .flow = f, .step = step, .matter = m, .values = &none,
                      .asks_only = true };
    CtxMark mark = ctx_mark(cx);
    Err err = step_check(cx, &call);
    Str blocked = STR_EMPTY;
    bool by_person = err == E_DENIED && cx->failure.key
                  && str_is(str_of(cx->failure.key), S("flow.same_person"));
    if (by_person)
        blocked = failure_text(cx);
    if (err == E_STORE || err == E_BUG || err == E_LIMIT || err == E_BUSY)
        return err;
    cx->failure = mark.failure;
    if (err && !by_person)
        return OK;
    StepChoice *c = NEW(cx, StepChoice);
    if (!c)
        return E_LIMIT;
    *c = (StepChoice){ .step = step, .blocked = blocked };
    TRY(flow_step_fields(cx, m, f, step, &c->fields, &c->fields_n));
    **end = c;
    *end = &c->next;
    return OK;
}

Err flow_choices(Ctx *cx, Matter *m, StepChoice **out)
{
    const Flow *f = matter_flow(cx, m);
    StepChoice **end = out;
    *out = NULL;
    if (!f)
        return fail(cx, E_BUG, "flow.version_unreadable", text_int(cx, "version", m->version));
    for (size_t i = 0; i < f->steps_n; i++)
        if (names_have(f->steps[i].from, m->state))
            TRY(offer(cx, m, f, &f->steps[i], &end));
    return OK;
}
