/* check.c -- what a flow file may not say.  Every mistake is reported, with its place. */
#include "flow/private.h"

#include "text/text.h"

static const Str FAMILIES[] = { { "licence", 7 }, { "benefit", 7 }, { "confirmation", 12 }, { "service", 7 },
                                { "internal", 8 } };
static const Str KINDS[] = { { "promised", 8 }, { "at_once", 7 }, { "elsewhere", 9 }, { "internal", 8 } };
static const Str LOGS[] = { { "public", 6 }, { "counted", 7 }, { "sealed", 6 } };
static const Str PARTS[] = { { "accept", 6 }, { "examine", 7 }, { "decide", 6 } };
/* Actors that are no roles of the roster. */
static const Str OTHER_ACTORS[] = { { "anyone", 6 }, { "applicant", 9 }, { "system", 6 } };

static bool is_among(Str s, const Str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(list[i], s))
            return true;
    return false;
}

/* Reports at a record's own place. */
#define amiss(record, key, ...) \
    mistake_at(file, (record)->line, (record)->column, (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)

/* ------------------------------------------------------------------ names that must mean something */

static void check_states_exist(const YamlFile *file, const Flow *f, const FlowStep *at, Names states)
{
    for (size_t i = 0; i < states.n; i++)
        if (!flow_state(f, states.at[i]))
            amiss(at, "flow.unknown_state", V("state", states.at[i]), V("where", at->step));
}

static bool is_listed(const char *const *list, Str name)
{
    for (; list && *list; list++)
        if (str_is(str_of(*list), name))
            return true;
    return false;
}

static void check_limit(const YamlFile *file, const Flow *f, LimitRef ref)
{
    Limit literal;
    Str rest = ref.source, head;
    bool known = false;
    if (str_starts(ref.source, S("rule."))) {
        bool found = false;
        if (rule_is_known(file->cx, str_skip(ref.source, 5), &found))
            return;
        known = found;
    } else if (str_cut(&rest, '.', &head) && rest.at && f->subject.n && str_is(head, f->subject)) {
        const FlowHost *host = flow_host(file->cx->house, f->subject);
        known = host && is_listed(host->limits, rest);
    } else {
        known = limit_parse(ref.source, &literal);
    }
    if (!known)
        amiss(&ref, "flow.unknown_limit", V("limit", ref.source));
}

static void check_families(const YamlFile *file, const Flow *f, Names family, int line, int column)
{
    struct { int line, column; } at = { line, column };
    for (size_t i = 0; i < family.n; i++)
        if (!is_among(family.at[i], FAMILIES, COUNT(FAMILIES)) || !names_have(f->families, family.at[i]))
            amiss(&at, "flow.unknown_family", V("family", family.at[i]));
}

/* A line of the Licence Law binds licences only: it must say so where the flow serves other families. */
static void check_law(const YamlFile *file, const Flow *f, Str law, Names family, int line, int column)
{
    struct { int line, column; } at = { line, column };
    bool found = false;
    if (law.n == 0 || rule_is_known(file->cx, law, &found))
        return;
    if (!found)
        amiss(&at, "flow.unknown_law", V("law", law));
    Names lines = family.n ? family : f->families;
    bool only_licences = lines.n == 1 && str_is(lines.at[0], S("licence"));
    if (str_starts(law, S("LIC-")) && !only_licences)
        amiss(&at, "flow.law_outside_family", V("law", law));
}

static bool is_role(const YamlFile *file, Str role)
{
    return role_find(file->cx->house, role) || is_among(role, OTHER_ACTORS, COUNT(OTHER_ACTORS));
}

/* "item.form": the flow's subject, and a form that its host knows. */
static bool is_host_form(const YamlFile *file, const Flow *f, Str name)
{
    Str head;
    const FlowHost *host = f->subject.n ? flow_host(file->cx->house, f->subject) : NULL;
    return host && str_cut(&name, '.', &head) && name.at && str_is(head, f->subject)
        && is_listed(host->forms, name);
}

static void check_step_names(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    check_states_exist(file, f, s, s->from);
    if (!str_is(s->to, S("same")) || s->from.n == 0)
        check_states_exist(file, f, s, (Names){ &s->to, 1 });
    for (size_t i = 0; i < s->by.n; i++)
        if (!is_role(file, s->by.at[i]))
            amiss(s, "flow.unknown_role", V("role", s->by.at[i]), V("where", s->step));
    if (s->by.n == 0)
        amiss(s, "flow.nobody_takes", V("step", s->step));
    for (size_t i = 0; i < s->apart_from.n; i++)
        if (!flow_step(f, s->apart_from.at[i]) || str_is(s->apart_from.at[i], s->step))
            amiss(s, "flow.unknown_step", V("step", s->apart_from.at[i]), V("where", s->step));
    for (size_t i = 0; i < s->fields.n; i++) {
        if (!is_host_form(file, f, s->fields.at[i]) && !field_find(f->fields, f->fields_n, s->fields.at[i]))
            amiss(s, "flow.unknown_field", V("field", s->fields.at[i]), V("where", s->step));
    }
    if (s->part.n && !is_among(s->part, PARTS, COUNT(PARTS)))
        amiss(s, "flow.unknown_part", V("part", s->part));
    if (s->to_holder.n && !role_find(file->cx->house, s->to_holder))
        amiss(s, "flow.unknown_role", V("role", s->to_holder), V("where", s->step));
}

static void check_step_hooks(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < s->guards.n; i++)
        if (!flow_guard(file->cx->house, s->guards.at[i]))
            amiss(s, "flow.unknown_guard", V("guard", s->guards.at[i]), V("where", s->step));
    for (size_t i = 0; i < s->effects.n; i++)
        if (!flow_effect(file->cx->house, s->effects.at[i]))
            amiss(s, "flow.unknown_effect", V("effect", s->effects.at[i]), V("where", s->step));
    for (size_t i = 0; i < s->extends.n; i++)
        if (!flow_clock(f, s->extends.at[i]))
            amiss(s, "flow.unknown_clock", V("clock", s->extends.at[i]), V("where", s->step));
    if ((s->extends.n > 0) != (s->extend_by.source.n > 0))
        amiss(s, "flow.half_extension", V("step", s->step));
    if (s->within.source.n)
        check_limit(file, f, s->within);
    if (s->extend_by.source.n)
        check_limit(file, f, s->extend_by);
    check_families(file, f, s->family, s->line, s->column);
    check_law(file, f, s->law, s->family, s->line, s->column);
}

static void check_state_names(const YamlFile *file, const Flow *f, const FlowState *s)
{
    (void)f;
    bool other = str_is(s->holder, S("applicant")) || str_is(s->holder, S("elsewhere"));
    if (!s->final && !other && !role_find(file->cx->house, s->holder))
        amiss(s, "flow.unknown_role", V("role", s->holder), V("where", s->state));
    if (s->final && s->holder.n)
        amiss(s, "flow.final_held", V("state", s->state));
}

static void check_clock(const YamlFile *file, const Flow *f, const FlowClock *c)
{
    for (size_t i = 0; i < c->runs.n; i++) {
        const FlowState *s = flow_state(f, c->runs.at[i]);
        if (!s || s->final)
            amiss(c, "flow.unknown_state", V("state", c->runs.at[i]), V("where", c->clock));
    }
    check_limit(file, f, c->limit);
    check_families(file, f, c->family, c->line, c->column);
    check_law(file, f, c->law, c->family, c->line, c->column);
}

/* ------------------------------------------------------------------ timers */

/* The states in which a timer may go off: its own, or those its clock runs in. */
static Names timer_states(const Flow *f, const FlowTimer *t)
{
    const FlowClock *c = t->clock.n ? flow_clock(f, t->clock) : NULL;
    return c ? c->runs : t->in.n ? (Names){ &t->in, 1 } : (Names){ NULL, 0 };
}

static void check_timer_step(const YamlFile *file, const Flow *f, const FlowTimer *t)
{
    const FlowStep *s = flow_step(f, t->take);
    Names states = timer_states(f, t);
    if (!s) {
        amiss(t, "flow.unknown_step", V("step", t->take), V("where", S("timers")));
        return;
    }
    if (!names_have(s->by, S("system")))
        amiss(t, "flow.timer_not_system", V("step", t->take));
    for (size_t i = 0; i < states.n; i++)
        if (!names_have(s->from, states.at[i]))
            amiss(t, "flow.timer_wrong_state", V("step", t->take), V("state", states.at[i]));
}

static void check_timer(const YamlFile *file, const Flow *f, const FlowTimer *t)
{
    bool by_state = t->in.n && t->after.source.n && !t->clock.n && !t->at.n;
    bool by_clock = t->clock.n && str_is(t->at, S("due")) && !t->in.n && !t->after.source.n;
    if (!by_state && !by_clock)
        amiss(t, "flow.half_timer");
    if (t->in.n && !flow_state(f, t->in))
        amiss(t, "flow.unknown_state", V("state", t->in), V("where", S("timers")));
    if (t->clock.n && !flow_clock(f, t->clock))
        amiss(t, "flow.unknown_clock", V("clock", t->clock), V("where", S("timers")));
    if (t->after.source.n)
        check_limit(file, f, t->after);
    check_timer_step(file, f, t);
    check_families(file, f, t->family, t->line, t->column);
    check_law(file, f, t->law, t->family, t->line, t->column);
}

/* ------------------------------------------------------------------ limits and fields */

static bool has_limit(const Flow *f, const FlowState *s)
{
    for (size_t i = 0; i < f->clocks_n; i++)
        if (names_have(f->clocks[i].runs, s->state))
            return true;
    for (size_t i = 0; i < f->timers_n; i++)
        if (str_is(f->timers[i].in, s->state))
            return true;
    return s->no_limit.in[LANG_ZH].n > 0;
}

static bool is_field_used(const Flow *f, Str field)
{
    for (size_t i = 0; i < f->steps_n; i++)
        if (names_have(f->steps[i].fields, field))
            return true;
    return false;
}

static void check_fields(const YamlFile *file, const Flow *f)
{
    for (size_t i = 0; i < f->fields_n; i++)
        if (!is_field_used(f, f->fields[i].name))
            amiss(&f->fields[i], "flow.unused_field", V("field", f->fields[i].name));
}

/* ------------------------------------------------------------------ separation of duties */

static bool person_can_take(const FlowStep *s)
{
    for (size_t i = 0; i < s->by.n; i++)
        if (!is_among(s->by.at[i], OTHER_ACTORS, COUNT(OTHER_ACTORS)))
            return true;
    return false;
}

/* Who accepts, and who examines, can never decide (the founding article's 接办分离). */
static void check_separation(const YamlFile *file, const Flow *f)
{
    if (str_is(f->kind, S("at_once")))
        return;
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *decide = &f->steps[i];
        bool decides = str_is(decide->part, S("decide")), examines = str_is(decide->part, S("examine"));
        for (size_t j = 0; (decides || examines) && j < f->steps_n; j++) {
            const FlowStep *other = &f->steps[j];
            bool earlier = str_is(other->part, S("accept")) || (decides && str_is(other->part, S("examine")));
            if (earlier && person_can_take(other) && !names_have(decide->apart_from, other->step))
                amiss(decide, "flow.one_person_both", V("step", decide->step), V("other", other->step));
        }
    }
}

static void check_parts_present(const YamlFile *file, const Flow *f)
{
    bool accepts = false, decides = false;
    struct { int line, column; } top = { 1, 1 };
    for (size_t i = 0; i < f->steps_n; i++) {
        accepts = accepts || str_is(f->steps[i].part, S("accept"));
        decides = decides || str_is(f->steps[i].part, S("decide"));
    }
    if (str_is(f->kind, S("promised")) && !(accepts && decides))
        amiss(&top, "flow.parts_missing");
}

/* ------------------------------------------------------------------ the graph */

enum { STATES_MAX = 128 };

static size_t index_of(const Flow *f, Str state)
{
    const FlowState *s = flow_state(f, state);
    return s ? (size_t)(s - f->states) : STATES_MAX;
}

/* Marks states reachable from opening steps. */
static void mark_reachable(const Flow *f, bool *seen)
{
    bool moved = true;
    while (moved) {
        moved = false;
        for (size_t i = 0; i < f->steps_n; i++) {
            const FlowStep *s = &f->steps[i];
            bool can = s->from.n == 0;
            for (size_t j = 0; j < s->from.n; j++)
                can = can || (index_of(f, s->from.at[j]) < STATES_MAX && seen[index_of(f, s->from.at[j])]);
            size_t to = index_of(f, s->to);
            moved = moved || (can && to < STATES_MAX && !seen[to]);
            if (can && to < STATES_MAX)
                seen[to] = true;
        }
    }
}

/* Marks states from which a final one can be reached. */
static void mark_ending(const Flow *f, bool *ends)
{
    for (size_t i = 0; i < f->states_n; i++)
        ends[i] = f->states[i].final;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < f->steps_n; i++) {
            const FlowStep *s = &f->steps[i];
            size_t to = index_of(f, s->to);
            for (size_t j = 0; to < STATES_MAX && ends[to] && j < s->from.n; j++) {
                size_t from = index_of(f, s->from.at[j]);
                moved = moved || (from < STATES_MAX && !ends[from]);
                if (from < STATES_MAX)
                    ends[from] = true;
            }
        }
    }
}

static bool is_taken_by_timer(const Flow *f, const FlowStep *s, Str state)
{
    for (size_t i = 0; i < f->timers_n; i++) {
        const FlowTimer *t = &f->timers[i];
        if (str_is(t->take, s->step) && names_have(timer_states(f, t), state))
            return true;
    }
    return false;
}

/* Somebody, or a timer, can take the matter out of this state. */
static bool can_be_left(const Flow *f, const FlowState *state)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        if (!names_have(s->from, state->state) || flow_target(f, s, state->state) == state)
            continue;
        bool only_system = s->by.n == 1 && str_is(s->by.at[0], S("system"));
        if (!only_system || is_taken_by_timer(f, s, state->state))
            return true;
    }
    return false;
}

static bool holder_can_act(const Flow *f, const FlowState *state)
{
    if (str_is(state->holder, S("elsewhere")))
        return true;
    for (size_t i = 0; i < f->steps_n; i++)
        if (names_have(f->steps[i].from, state->state) && names_have(f->steps[i].by, state->holder))
            return true;
    return false;
}

static void check_graph(const YamlFile *file, const Flow *f)
{
    bool seen[STATES_MAX] = { false }, ends[STATES_MAX] = { false };
    mark_reachable(f, seen);
    mark_ending(f, ends);
    for (size_t i = 0; i < f->states_n; i++) {
        const FlowState *s = &f->states[i];
        if (!seen[i])
            amiss(s, "flow.unreachable_state", V("state", s->state));
        if (s->final)
            continue;
        if (!can_be_left(f, s))
            amiss(s, "flow.state_without_exit", V("state", s->state));
        else if (!ends[i])
            amiss(s, "flow.dead_end", V("state", s->state));
        if (!has_limit(f, s))
            amiss(s, "flow.no_limit", V("state", s->state));
        if (!holder_can_act(f, s))
            amiss(s, "flow.holder_idle", V("state", s->state), V("role", s->holder));
    }
}

static void check_ends(const YamlFile *file, const Flow *f)
{
    bool opens = false, closes = false;
    struct { int line, column; } top = { 1, 1 };
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        opens = opens || s->from.n == 0;
        for (size_t j = 0; j < s->from.n; j++) {
            const FlowState *from = flow_state(f, s->from.at[j]);
            if (from && from->final && flow_target(f, s, from->state) != from)
                amiss(s, "flow.leaves_final", V("step", s->step), V("state", from->state));
        }
    }
    for (size_t i = 0; i < f->states_n; i++)
        closes = closes || f->states[i].final;
    if (!opens)
        amiss(&top, "flow.no_opening");
    if (!closes)
        amiss(&top, "flow.no_final");
}

/* ------------------------------------------------------------------ all of it */

static void check_head(const YamlFile *file, const Flow *f)
{
    struct { int line, column; } top = { 1, 1 };
    if (!is_among(f->kind, KINDS, COUNT(KINDS)))
        amiss(&top, "flow.unknown_kind", V("kind", f->kind));
    if (!is_among(f->log, LOGS, COUNT(LOGS)))
        amiss(&top, "flow.unknown_log", V("log", f->log));
    if (f->families.n == 0)
        amiss(&top, "flow.no_family");
    for (size_t i = 0; i < f->families.n; i++)
        if (!is_among(f->families.at[i], FAMILIES, COUNT(FAMILIES)))
            amiss(&top, "flow.unknown_family", V("family", f->families.at[i]));
    if (f->subject.n && !flow_host(file->cx->house, f->subject))
        amiss(&top, "flow.unknown_subject", V("subject", f->subject));
}

void flow_check(const YamlFile *file, const Flow *f)
{
    if (f->states_n > STATES_MAX) {
        mistake(file, file->root, "flow.too_many_states");
        return;
    }
    check_head(file, f);
    for (size_t i = 0; i < f->states_n; i++)
        check_state_names(file, f, &f->states[i]);
    for (size_t i = 0; i < f->steps_n; i++) {
        check_step_names(file, f, &f->steps[i]);
        check_step_hooks(file, f, &f->steps[i]);
    }
    for (size_t i = 0; i < f->clocks_n; i++)
        check_clock(file, f, &f->clocks[i]);
    for (size_t i = 0; i < f->timers_n; i++)
        check_timer(file, f, &f->timers[i]);
    check_fields(file, f);
    check_ends(file, f);
    check_graph(file, f);
    check_separation(file, f);
    check_parts_present(file, f);
}
