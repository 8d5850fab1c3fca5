/* law.c -- a district may lay its own flow file over ours, but not over the law: a line marked law may be
** tightened, never loosened or taken away. */
#include "flow/private.h"

#include "text/text.h"

#define amiss_at(line, column, key, ...) \
    mistake_at(file, (line), (column), (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)

/* The same limit, or a literal one of the same counting that is not longer. */
static bool is_as_tight(LimitRef base, LimitRef other)
{
    Limit a, b;
    if (str_is(base.source, other.source))
        return true;
    return limit_parse(base.source, &a) && limit_parse(other.source, &b) && a.counting == b.counting && b.n <= a.n;
}

/* A rule may be replaced by a literal number only where the rule is known now and not passed. */
static bool is_rule_tightened(const YamlFile *file, LimitRef base, LimitRef other)
{
    Limit rule, literal;
    if (!str_starts(base.source, S("rule.")) || !limit_parse(other.source, &literal) || !store_of(file->cx))
        return false;
    if (rule_get_limit(file->cx, str_skip(base.source, 5), day_today(file->cx), &rule)) {
        if (ctx_err(file->cx) == E_MISSING)
            ctx_forgive(file->cx);
        return false;
    }
    return literal.counting == rule.counting && literal.n <= rule.n;
}

static bool limit_holds(const YamlFile *file, LimitRef base, LimitRef other)
{
    return base.source.n == 0 || is_as_tight(base, other) || is_rule_tightened(file, base, other);
}

static bool has_all(Names have, Names want)
{
    for (size_t i = 0; i < want.n; i++)
        if (!names_have(have, want.at[i]))
            return false;
    return true;
}

static void check_step(const YamlFile *file, const FlowStep *base, const Flow *other)
{
    const FlowStep *s = flow_step(other, base->step);
    if (!s) {
        amiss_at(1, 1, "flow.law_step_gone", V("step", base->step), V("law", base->law));
        return;
    }
    bool kept = str_is(s->law, base->law) && has_all(s->from, base->from) && str_is(s->to, base->to)
             && has_all(s->apart_from, base->apart_from) && has_all(base->by, s->by) && has_all(s->guards, base->guards)
             && s->once >= base->once && limit_holds(file, base->within, s->within)
             && limit_holds(file, base->extend_by, s->extend_by) && (s->family.n == 0 || has_all(s->family, base->family))
             && has_all(s->fields, base->fields) && (base->tells ? s->tells : true);
    if (!kept)
        amiss_at(s->line, s->column, "flow.law_loosened", V("law", base->law), V("where", base->step));
}

static void check_clock(const YamlFile *file, const FlowClock *base, const Flow *other)
{
    const FlowClock *c = flow_clock(other, base->clock);
    if (!c) {
        amiss_at(1, 1, "flow.law_step_gone", V("step", base->clock), V("law", base->law));
        return;
    }
    if (!str_is(c->law, base->law) || !has_all(c->runs, base->runs) || !limit_holds(file, base->limit, c->limit)
        || (c->family.n && !has_all(c->family, base->family)))
        amiss_at(c->line, c->column, "flow.law_loosened", V("law", base->law), V("where", base->clock));
}

static bool same_timer(const YamlFile *file, const FlowTimer *base, const FlowTimer *t)
{
    return str_is(t->in, base->in) && str_is(t->clock, base->clock) && str_is(t->take, base->take)
        && str_is(t->law, base->law) && limit_holds(file, base->after, t->after)
        && (t->family.n == 0 || has_all(t->family, base->family));
}

static void check_timer(const YamlFile *file, const FlowTimer *base, const Flow *other)
{
    for (size_t i = 0; i < other->timers_n; i++)
        if (same_timer(file, base, &other->timers[i]))
            return;
    amiss_at(1, 1, "flow.law_step_gone", V("step", base->take), V("law", base->law));
}

void flow_check_law(const YamlFile *file, const Flow *base, const Flow *override)
{
    for (size_t i = 0; i < base->steps_n; i++)
        if (base->steps[i].law.n)
            check_step(file, &base->steps[i], override);
    for (size_t i = 0; i < base->clocks_n; i++)
        if (base->clocks[i].law.n)
            check_clock(file, &base->clocks[i], override);
    for (size_t i = 0; i < base->timers_n; i++)
        if (base->timers[i].law.n)
            check_timer(file, &base->timers[i], override);
}
