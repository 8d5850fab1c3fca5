/* check_terms.c -- limits, clocks and timers of a flow: that each is known, runs somewhere, and
** can go off. */
#include "flow/checking.h"

#include "text/text.h"

/* ------------------------------------------------------------------ limits */

static bool is_listed(const char *const *list, Str name)
{
    for (; list && *list; list++)
        if (str_is(str_of(*list), name))
            return true;
    return false;
}

/* "item.promised": what the flow's subject says, if its host knows such a limit. */
static bool is_host_limit(const YamlFile *file, const Flow *f, Str source)
{
    Str head;
    const FlowHost *host = f->subject.n ? flow_host(file->cx->house, f->subject) : NULL;
    return host && str_cut(&source, '.', &head) && source.at && str_is(head, f->subject)
        && is_listed(host->limits, source);
}

static void check_rule(const YamlFile *file, const Flow *f, LimitRef ref, Names family)
{
    Str rule = str_skip(ref.source, 5);
    bool known = false, term = false;
    Limit limit;
    if (rule_is_known(file->cx, rule, &known) || rule_find_limit(file->cx, rule, &term, &limit))
        return; /* latched */
    if (!known)
        amiss(&ref, "flow.unknown_limit", V("limit", ref.source));
    else if (!term)
        amiss(&ref, "flow.not_a_term", V("limit", ref.source));
    else if (str_starts(rule, S("LIC-")) && !is_licence_only(families_of(f, family)))
        amiss(&ref, "flow.limit_outside_family", V("limit", ref.source));
}

void check_limit(const YamlFile *file, const Flow *f, LimitRef ref, Names family)
{
    Limit literal;
    if (str_starts(ref.source, S("rule.")))
        check_rule(file, f, ref, family);
    else if (ref.source.n && !limit_parse(ref.source, &literal)
             && !is_host_limit(file, f, ref.source))
        amiss(&ref, "flow.unknown_limit", V("limit", ref.source));
}

bool limit_known(const YamlFile *file, LimitRef ref, Limit *out)
{
    bool term = false;
    if (limit_parse(ref.source, out))
        return true;
    if (!str_starts(ref.source, S("rule.")))
        return false;
    return rule_find_limit(file->cx, str_skip(ref.source, 5), &term, out) == OK && term;
}

/* ------------------------------------------------------------------ clocks */

static void check_runs(const YamlFile *file, const Flow *f, const FlowClock *c)
{
    WayMap map;
    bool runs = false, known = false;
    for (size_t i = 0; i < c->runs.n; i++) {
        const FlowState *s = flow_state(f, c->runs.at[i]);
        if (!s)
            amiss(c, "flow.unknown_state", V("state", c->runs.at[i]), V("where", c->clock));
        else if (s->final)
            amiss(c, "flow.clock_in_final", V("clock", c->clock), V("state", s->state));
        known = known || (s && !s->final);
    }
    Names families = families_of(f, c->family);
    for (size_t i = 0; i < families.n && !runs; i++) {
        map_ways(f, families.at[i], NULL, &map);
        for (size_t j = 0; j < c->runs.n; j++)
            runs = runs
                || (flow_state(f, c->runs.at[j]) && map.reached[state_index(f, c->runs.at[j])]);
    }
    if (known && !runs && families.n && can_begin(f))
        amiss(c, "flow.clock_never_runs", V("clock", c->clock));
}

/* Amber from the first day, or never, warns of nothing. */
static void check_warning(const YamlFile *file, const FlowClock *c)
{
    Limit limit;
    bool too_early = limit_known(file, c->limit, &limit) && limit.counting != COUNT_WORKHOURS
                  && c->warn >= limit.n;
    if (c->warn < 0 || too_early)
        amiss(c, "flow.warn_amiss", V("clock", c->clock));
}

static void check_clock(const YamlFile *file, const Flow *f, const FlowClock *c)
{
    Spot at = { c->line, c->column };
    check_runs(file, f, c);
    check_limit(file, f, c->limit, c->family);
    check_warning(file, c);
    check_families(file, f, c->family, at);
    check_law(file, f, c->law, c->family, at);
}

/* ------------------------------------------------------------------ timers */

Names timer_states(const Flow *f, const FlowTimer *t)
{
    const FlowClock *c = t->clock.n ? flow_clock(f, t->clock) : NULL;
    return c ? c->runs : t->in.n ? (Names){ &t->in, 1 } : (Names){ NULL, 0 };
}

/* The families in which it may go off: its own, and of a clock the clock's. */
static bool timer_serves(const Flow *f, const FlowTimer *t, Str family)
{
    const FlowClock *c = t->clock.n ? flow_clock(f, t->clock) : NULL;
    return family_applies(t->family, family) && (!c || family_applies(c->family, family));
}

bool is_taken_by_timer(const Flow *f, const FlowStep *s, Str state, Str family)
{
    for (size_t i = 0; i < f->timers_n; i++) {
        const FlowTimer *t = &f->timers[i];
        if (str_is(t->take, s->step) && names_have(timer_states(f, t), state)
            && (family.n == 0 || timer_serves(f, t, family)))
            return true;
    }
    return false;
}

static void check_timer_form(const YamlFile *file, const Flow *f, const FlowTimer *t)
{
    const FlowState *in = flow_state(f, t->in);
    bool by_state = t->in.n && t->after.source.n && !t->clock.n && !t->at.n;
    bool by_clock = t->clock.n && str_is(t->at, S("due")) && !t->in.n && !t->after.source.n;
    if (!by_state && !by_clock)
        amiss(t, "flow.half_timer");
    if (t->in.n && !in)
        amiss(t, "flow.unknown_state", V("state", t->in), V("where", S("timers")));
    if (in && in->final)
        amiss(t, "flow.timer_in_final", V("state", t->in));
    if (t->clock.n && !flow_clock(f, t->clock))
        amiss(t, "flow.unknown_clock", V("clock", t->clock), V("where", S("timers")));
}

/* It comes with nothing in its hands: a step that asks for an answer would be refused each time. */
static void check_timer_values(const YamlFile *file, const Flow *f, const FlowTimer *t,
                               const FlowStep *s)
{
    for (size_t i = 0; i < s->fields.n; i++) {
        const Field *field = field_find(f->fields, f->fields_n, s->fields.at[i]);
        if (field && field->must)
            amiss(t, "flow.timer_empty_handed", V("step", s->step), V("field", field->name));
    }
}

static void check_timer_families(const YamlFile *file, const Flow *f, const FlowTimer *t,
                                 const FlowStep *s)
{
    for (size_t i = 0; i < f->families.n; i++)
        if (timer_serves(f, t, f->families.at[i]) && !family_applies(s->family, f->families.at[i]))
            amiss(t, "flow.timer_family", V("step", s->step), V("family", f->families.at[i]));
}

/* A clock stays due: where its step leaves it running and may be taken again, it goes off every
** second. */
static bool is_endless(const Flow *f, const FlowTimer *t, const FlowStep *s)
{
    const FlowClock *c = t->clock.n ? flow_clock(f, t->clock) : NULL;
    for (size_t i = 0; c && !s->once && i < c->runs.n; i++) {
        const FlowState *to = names_have(s->from, c->runs.at[i]) ? flow_target(f, s, c->runs.at[i])
                                                                 : NULL;
        if (to && names_have(c->runs, to->state) && names_have(s->from, to->state))
            return true;
    }
    return false;
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
        if (flow_state(f, states.at[i]) && !names_have(s->from, states.at[i]))
            amiss(t, "flow.timer_wrong_state", V("step", t->take), V("state", states.at[i]));
    check_timer_families(file, f, t, s);
    check_timer_values(file, f, t, s);
    if (is_endless(f, t, s))
        amiss(t, "flow.timer_endless", V("step", s->step), V("clock", t->clock));
}

static void check_timer(const YamlFile *file, const Flow *f, const FlowTimer *t)
{
    Spot at = { t->line, t->column };
    check_timer_form(file, f, t);
    check_limit(file, f, t->after, t->family);
    check_timer_step(file, f, t);
    check_families(file, f, t->family, at);
    check_law(file, f, t->law, t->family, at);
}

/* ------------------------------------------------------------------ two timers at one moment */

static bool families_meet(const Flow *f, const FlowTimer *a, const FlowTimer *b)
{
    for (size_t i = 0; i < f->families.n; i++)
        if (timer_serves(f, a, f->families.at[i]) && timer_serves(f, b, f->families.at[i]))
            return true;
    return false;
}

static bool leaves(const Flow *f, const FlowTimer *t, Str state)
{
    const FlowStep *s = flow_step(f, t->take);
    const FlowState *to = s ? flow_target(f, s, state) : NULL;
    return to && !str_is(to->state, state);
}

/* Whichever comes first takes the other's chance, and nobody can say which that is. */
static bool is_race(const Flow *f, const FlowTimer *a, const FlowTimer *b)
{
    bool same_moment = (a->in.n && str_is(a->in, b->in) && str_is(a->after.source, b->after.source))
                    || (a->clock.n && str_is(a->clock, b->clock));
    if (!same_moment || !families_meet(f, a, b))
        return false;
    Names states = timer_states(f, a);
    bool moves = str_is(a->take, b->take);
    for (size_t i = 0; i < states.n; i++)
        moves = moves || leaves(f, a, states.at[i]) || leaves(f, b, states.at[i]);
    return moves;
}

static void check_races(const YamlFile *file, const Flow *f)
{
    for (size_t i = 0; i < f->timers_n; i++)
        for (size_t j = 0; j < i; j++)
            if (is_race(f, &f->timers[j], &f->timers[i]))
                amiss(&f->timers[i], "flow.timers_race", V("step", f->timers[i].take),
                      V("other", f->timers[j].take));
}

void check_terms(const YamlFile *file, const Flow *f)
{
    for (size_t i = 0; i < f->clocks_n; i++)
        check_clock(file, f, &f->clocks[i]);
    for (size_t i = 0; i < f->timers_n; i++)
        check_timer(file, f, &f->timers[i]);
    check_races(file, f);
}
