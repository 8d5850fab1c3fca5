/* law.c -- a district may lay its own flow file over ours, but not over the law: a line marked law
** may be tightened, never loosened or taken away. */
#include "flow/checking.h"

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
    return limit_parse(base.source, &a) && limit_parse(other.source, &b) && a.counting == b.counting
        && b.n <= a.n;
}

/* A rule may be replaced by a literal number only where the rule is known now and not passed. */
static bool is_rule_tightened(const YamlFile *file, LimitRef base, LimitRef other)
{
    Limit rule, literal;
    bool is_term = false;
    if (!str_starts(base.source, S("rule.")) || !limit_parse(other.source, &literal)
        || rule_find_limit(file->cx, str_skip(base.source, 5), &is_term, &rule))
        return false;
    return is_term && literal.counting == rule.counting && literal.n <= rule.n;
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

/* No narrower than it was: a line without families serves all. */
static bool serves_all(Names base, Names other)
{
    return other.n == 0 || (base.n && has_all(other, base));
}

/* What had to be answered still must be. */
static bool asks_as_much(const Flow *base, const Flow *other, const FlowStep *step)
{
    for (size_t i = 0; i < step->fields.n; i++) {
        const Field *was = field_find(base->fields, base->fields_n, step->fields.at[i]);
        const Field *is = field_find(other->fields, other->fields_n, step->fields.at[i]);
        if (was && was->must && !(is && is->must))
            return false;
    }
    return true;
}

static bool does_as_much(const FlowStep *base, const FlowStep *s)
{
    return has_all(s->fields, base->fields) && has_all(s->effects, base->effects)
        && s->tells >= base->tells && s->as_of_entry >= base->as_of_entry
        && (base->issues.n == 0 || str_is(s->issues, base->issues))
        && (base->to_holder.n == 0 || str_is(s->to_holder, base->to_holder));
}

static bool binds_as_much(const YamlFile *file, const FlowStep *base, const FlowStep *s)
{
    return has_all(s->from, base->from) && str_is(s->to, base->to)
        && has_all(s->apart_from, base->apart_from) && has_all(base->by, s->by)
        && has_all(s->guards, base->guards) && s->once >= base->once
        && serves_all(base->family, s->family) && has_all(base->extends, s->extends)
        && limit_holds(file, base->extend_by, s->extend_by);
}

/* A term that bars a step: as short, for as many, and of the same law. */
static bool within_holds(const YamlFile *file, const FlowWithin *base, const FlowWithin *s)
{
    return limit_holds(file, base->limit, s->limit) && serves_all(base->family, s->family)
        && (base->law.n == 0 || str_is(s->law, base->law));
}

static void check_step(const YamlFile *file, const Flow *from, const FlowStep *base,
                       const Flow *other)
{
    const FlowStep *s = flow_step(other, base->step);
    Str law = base->law.n ? base->law : base->within.law;
    if (!s) {
        amiss_at(1, 1, "flow.law_step_gone", V("step", base->step), V("law", law));
        return;
    }
    bool kept = within_holds(file, &base->within, &s->within);
    if (base->law.n)
        kept = kept && str_is(s->law, base->law) && binds_as_much(file, base, s)
            && does_as_much(base, s) && asks_as_much(from, other, base);
    if (!kept)
        amiss_at(s->line, s->column, "flow.law_loosened", V("law", law), V("where", base->step));
}

/* ------------------------------------------------------------------ clocks */

/* A state of the override's own in which the clock stands still, one step from where it runs: a
** way to stop it. */
static const FlowStep *find_parking(const FlowClock *base, const Flow *from, const FlowClock *c,
                                    const Flow *other)
{
    for (size_t i = 0; i < other->steps_n; i++) {
        const FlowStep *s = &other->steps[i];
        for (size_t j = 0; j < s->from.n; j++) {
            const FlowState *to = flow_target(other, s, s->from.at[j]);
            bool is_new = to && !to->final && !flow_state(from, to->state);
            if (names_have(base->runs, s->from.at[j]) && is_new && !names_have(c->runs, to->state))
                return s;
        }
    }
    return NULL;
}

static void check_clock(const YamlFile *file, const Flow *from, const FlowClock *base,
                        const Flow *other)
{
    const FlowClock *c = flow_clock(other, base->clock);
    if (!c) {
        amiss_at(1, 1, "flow.law_step_gone", V("step", base->clock), V("law", base->law));
        return;
    }
    if (!str_is(c->law, base->law) || !has_all(c->runs, base->runs)
        || !limit_holds(file, base->limit, c->limit) || !serves_all(base->family, c->family))
        amiss_at(c->line, c->column, "flow.law_loosened", V("law", base->law),
                 V("where", base->clock));
    const FlowStep *parks = find_parking(base, from, c, other);
    if (parks)
        amiss_at(parks->line, parks->column, "flow.law_loosened", V("law", base->law),
                 V("where", parks->step));
}

/* ------------------------------------------------------------------ timers */

static bool same_timer(const YamlFile *file, const FlowTimer *base, const FlowTimer *t)
{
    return str_is(t->in, base->in) && str_is(t->clock, base->clock) && str_is(t->take, base->take)
        && str_is(t->law, base->law) && limit_holds(file, base->after, t->after)
        && serves_all(base->family, t->family) && t->not_due <= base->not_due;
}

static void check_timer(const YamlFile *file, const FlowTimer *base, const Flow *other)
{
    const FlowTimer *near = NULL;
    for (size_t i = 0; i < other->timers_n; i++) {
        if (same_timer(file, base, &other->timers[i]))
            return;
        if (str_is(other->timers[i].take, base->take))
            near = &other->timers[i];
    }
    if (near)
        amiss(near, "flow.law_loosened", V("law", base->law), V("where", base->take));
    else if (flow_step(other, base->take)) /* else said of the step */
        amiss_at(1, 1, "flow.law_step_gone", V("step", base->take), V("law", base->law));
}

/* ------------------------------------------------------------------ what is under all lines */

static Spot spot_of(const Yaml *root, const char *key)
{
    const Yaml *node = root ? yaml_in(root, key) : NULL;
    return node ? (Spot){ node->line, node->column } : (Spot){ 1, 1 };
}

/* The kind decides what the checker asks (separation above all), the families which law binds, the
** log class who may read: an override keeps them. */
static void check_head(const YamlFile *file, const Flow *base, const Flow *override)
{
    const struct { const char *key; bool kept; } HEAD[] = {
        { "kind", str_is(base->kind, override->kind) },
        { "families", has_all(override->families, base->families) },
        { "log", str_is(base->log, override->log) },
        { "subject", str_is(base->subject, override->subject) },
    };
    for (size_t i = 0; i < COUNT(HEAD); i++) {
        Spot at = spot_of(file->root, HEAD[i].key);
        if (!HEAD[i].kept)
            amiss_at(at.line, at.column, "flow.override_changes", V("key", str_of(HEAD[i].key)));
    }
}

/* Who accepted, examined or decided still counts as having done so. */
static void check_part(const YamlFile *file, const FlowStep *base, const Flow *override)
{
    const FlowStep *s = flow_step(override, base->step);
    if (s && base->part.n
        && (!str_is(s->part, base->part) || !has_all(s->apart_from, base->apart_from)))
        amiss_at(s->line, s->column, "flow.override_part", V("step", base->step),
                 V("part", base->part));
}

void flow_check_law(const YamlFile *file, const Flow *base, const Flow *override)
{
    check_head(file, base, override);
    for (size_t i = 0; i < base->steps_n; i++) {
        check_part(file, &base->steps[i], override);
        if (base->steps[i].law.n || base->steps[i].within.law.n)
            check_step(file, base, &base->steps[i], override);
    }
    for (size_t i = 0; i < base->clocks_n; i++)
        if (base->clocks[i].law.n)
            check_clock(file, base, &base->clocks[i], override);
    for (size_t i = 0; i < base->timers_n; i++)
        if (base->timers[i].law.n)
            check_timer(file, &base->timers[i], override);
}
