/* check_ways.c -- the graph of a flow: every state can be reached, held, timed and left, in every
** law family. */
#include "flow/checking.h"

#include "text/text.h"

/* ------------------------------------------------------------------ the map */

size_t state_index(const Flow *f, Str state)
{
    const FlowState *s = flow_state(f, state);
    return s ? (size_t)(s - f->states) : STATES_MAX;
}

static bool serves(const FlowStep *s, Str family)
{
    return family.n == 0 || family_applies(s->family, family);
}

/* Warshall: a way over k joins what leads to k with what k leads to. */
static void close_ways(const Flow *f, WayMap *map)
{
    for (size_t k = 0; k < f->states_n; k++)
        for (size_t i = 0; i < f->states_n; i++)
            for (size_t j = 0; map->leads[i][k] && j < f->states_n; j++)
                map->leads[i][j] = map->leads[i][j] || map->leads[k][j];
}

static void mark_reached(const Flow *f, Str family, StepFilter *may, WayMap *map)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        size_t to = s->from.n ? STATES_MAX : state_index(f, s->to);
        if (to == STATES_MAX || !serves(s, family) || (may && !may(s)))
            continue;
        map->reached[to] = true;
        for (size_t j = 0; j < f->states_n; j++)
            map->reached[j] = map->reached[j] || map->leads[to][j];
    }
}

void map_ways(const Flow *f, Str family, StepFilter *may, WayMap *out)
{
    *out = (WayMap){ 0 };
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        for (size_t j = 0; j < s->from.n && serves(s, family) && (!may || may(s)); j++) {
            size_t from = state_index(f, s->from.at[j]);
            const FlowState *to = flow_target(f, s, s->from.at[j]);
            if (from < STATES_MAX && to)
                out->leads[from][to - f->states] = true;
        }
    }
    close_ways(f, out);
    mark_reached(f, family, may, out);
}

/* The states a step may end in. */
static void mark_targets(const Flow *f, const FlowStep *s, bool *out)
{
    if (s->from.n == 0 && state_index(f, s->to) < STATES_MAX)
        out[state_index(f, s->to)] = true;
    for (size_t i = 0; i < s->from.n; i++) {
        const FlowState *to = flow_target(f, s, s->from.at[i]);
        if (to)
            out[to - f->states] = true;
    }
}

bool can_come_before(const Flow *f, const FlowStep *earlier, const FlowStep *later)
{
    WayMap map;
    bool after[STATES_MAX] = { false };
    map_ways(f, STR_EMPTY, NULL, &map);
    mark_targets(f, earlier, after);
    for (size_t i = 0; i < later->from.n; i++) {
        size_t from = state_index(f, later->from.at[i]);
        for (size_t j = 0; from < STATES_MAX && j < f->states_n; j++)
            if (after[j] && (j == from || map.leads[j][from]))
                return true;
    }
    return false;
}

/* ------------------------------------------------------------------ leaving a state */

/* A step that takes a matter of this family out of the state; one of the system alone only with a
** timer. */
static bool leads_out(const Flow *f, const FlowStep *s, const FlowState *state, Str family)
{
    const FlowState *to = flow_target(f, s, state->state);
    return names_have(s->from, state->state) && to != state && serves(s, family)
        && (!is_only_system(s) || is_taken_by_timer(f, s, state->state, family));
}

static bool can_be_left(const Flow *f, const WayMap *map, const FlowState *state, Str family)
{
    (void)map;
    for (size_t i = 0; i < f->steps_n; i++)
        if (leads_out(f, &f->steps[i], state, family))
            return true;
    return false;
}

static bool can_end(const Flow *f, const WayMap *map, const FlowState *state, Str family)
{
    bool is_any_final = false;
    for (size_t i = 0; i < f->states_n; i++) {
        is_any_final = is_any_final || f->states[i].final;
        if (f->states[i].final && map->leads[state - f->states][i])
            return true;
    }
    return !is_any_final || !can_be_left(f, map, state, family); /* said already */
}

/* Steps that can be taken only once are used up where every one of them leads back to the state it
** left. */
static bool keeps_an_exit(const Flow *f, const WayMap *map, const FlowState *state, Str family)
{
    bool used_up = false;
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        const FlowState *to = flow_target(f, s, state->state);
        if (!leads_out(f, s, state, family))
            continue;
        if (!s->once || !to || !map->leads[to - f->states][state - f->states])
            return true;
        used_up = true;
    }
    return !used_up;
}

static bool is_by_clock(const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < f->timers_n; i++)
        if (f->timers[i].clock.n && str_is(f->timers[i].take, s->step))
            return true;
    return false;
}

static bool same_circle(const WayMap *map, size_t a, size_t b)
{
    return a == b || (map->leads[a][b] && map->leads[b][a]);
}

/* Of a circle of states: is there a way out that does not begin anew on every round?  A timer of a
** state does. */
static bool circle_has_exit(const Flow *f, const WayMap *map, size_t in, Str family)
{
    bool leads_anywhere = false;
    for (size_t i = 0; i < f->states_n; i++) {
        for (size_t j = 0; same_circle(map, in, i) && j < f->steps_n; j++) {
            const FlowStep *s = &f->steps[j];
            const FlowState *to = flow_target(f, s, f->states[i].state);
            if (!to || !leads_out(f, s, &f->states[i], family)
                || same_circle(map, in, (size_t)(to - f->states)))
                continue;
            if (!is_only_system(s) || is_by_clock(f, s))
                return true;
            leads_anywhere = true;
        }
    }
    return !leads_anywhere; /* a dead end is said already */
}

static bool circle_can_be_left(const Flow *f, const WayMap *map, const FlowState *state, Str family)
{
    size_t at = (size_t)(state - f->states), others = 0;
    for (size_t i = 0; i < f->states_n; i++) {
        if (i != at && same_circle(map, at, i)) {
            if (i < at)
                return true; /* said at the circle's first state */
            others++;
        }
    }
    return others == 0 || circle_has_exit(f, map, at, family);
}

/* ------------------------------------------------------------------ holding and timing a state */

static bool holder_can_leave(const Flow *f, const WayMap *map, const FlowState *state, Str family)
{
    if (str_is(state->holder, S("elsewhere")) || !can_be_left(f, map, state, family))
        return true;
    for (size_t i = 0; i < f->steps_n; i++)
        if (leads_out(f, &f->steps[i], state, family) && names_have(f->steps[i].by, state->holder))
            return true;
    return false;
}

/* A reminder to somebody else is no term. */
static bool a_term_runs(const Flow *f, const FlowState *s, Str family)
{
    for (size_t i = 0; i < f->clocks_n; i++)
        if (names_have(f->clocks[i].runs, s->state) && family_applies(f->clocks[i].family, family))
            return true;
    for (size_t i = 0; i < f->timers_n; i++) {
        const FlowTimer *t = &f->timers[i];
        if (str_is(t->in, s->state) && !t->not_due && family_applies(t->family, family))
            return true;
    }
    return false;
}

static bool has_limit(const Flow *f, const WayMap *map, const FlowState *s, Str family)
{
    (void)map;
    return s->no_limit.in[LANG_ZH].n > 0 || a_term_runs(f, s, family);
}

/* ----------------------------------------------------------------- every state, in every family */

typedef bool HoldsFor(const Flow *f, const WayMap *map, const FlowState *s, Str family);

static const struct { HoldsFor *holds; const char *key, *family_key; } STATE_RULES[] = {
    { can_be_left, N_("flow.state_without_exit"), N_("flow.family_without_exit") },
    { can_end, N_("flow.dead_end"), N_("flow.family_dead_end") },
    { has_limit, N_("flow.no_limit"), N_("flow.family_no_limit") },
    { holder_can_leave, N_("flow.holder_idle"), N_("flow.family_holder_idle") },
    { keeps_an_exit, N_("flow.once_used_up"), N_("flow.family_once_used_up") },
    { circle_can_be_left, N_("flow.endless_circle"), N_("flow.family_endless_circle") },
};

enum { FAMILIES_MAX = 8 };

typedef struct FamilyMaps {
    Names families;
    WayMap at[FAMILIES_MAX];
} FamilyMaps;

/* Said once where it is so in every family that comes here; otherwise for each family in which it
** is. */
static void check_state_rule(const YamlFile *file, const Flow *f, const FamilyMaps *maps,
                             size_t state, size_t rule)
{
    const FlowState *s = &f->states[state];
    bool broken[FAMILIES_MAX] = { false };
    size_t comes = 0, breaks = 0;
    for (size_t i = 0; i < maps->families.n; i++) {
        bool here = maps->at[i].reached[state];
        broken[i] = here && !STATE_RULES[rule].holds(f, &maps->at[i], s, maps->families.at[i]);
        comes += here;
        breaks += broken[i];
    }
    if (breaks && breaks == comes)
        amiss(s, STATE_RULES[rule].key, V("state", s->state), V("role", s->holder));
    for (size_t i = 0; breaks < comes && i < maps->families.n; i++)
        if (broken[i])
            amiss(s, STATE_RULES[rule].family_key, V("state", s->state), V("role", s->holder),
                  V("family", maps->families.at[i]));
}

static bool is_reached(const FamilyMaps *maps, size_t state)
{
    for (size_t i = 0; i < maps->families.n; i++)
        if (maps->at[i].reached[state])
            return true;
    return false;
}

/* A reason for having no term stands where some matter has none. */
static void check_reason(const YamlFile *file, const Flow *f, const FamilyMaps *maps, size_t state)
{
    const FlowState *s = &f->states[state];
    bool everywhere = s->no_limit.in[LANG_ZH].n > 0;
    for (size_t i = 0; i < maps->families.n; i++)
        everywhere = everywhere
                  && (!maps->at[i].reached[state] || a_term_runs(f, s, maps->families.at[i]));
    if (everywhere)
        amiss(s, "flow.limit_and_reason", V("state", s->state));
}

static void check_states(const YamlFile *file, const Flow *f, const FamilyMaps *maps)
{
    for (size_t i = 0; i < f->states_n; i++) {
        if (!is_reached(maps, i)) {
            amiss(&f->states[i], "flow.unreachable_state", V("state", f->states[i].state));
            continue;
        }
        for (size_t rule = 0; !f->states[i].final && rule < COUNT(STATE_RULES); rule++)
            check_state_rule(file, f, maps, i, rule);
        if (!f->states[i].final)
            check_reason(file, f, maps, i);
    }
}

/* ------------------------------------------------------------------ every step */

/* Some matter of its families stands at least in one of the states it begins in. */
static bool can_ever_be_taken(const Flow *f, const FamilyMaps *maps, const FlowStep *s)
{
    bool any_known = false;
    for (size_t j = 0; j < s->from.n; j++) {
        size_t from = state_index(f, s->from.at[j]);
        any_known = any_known || (from < STATES_MAX && is_reached(maps, from));
        for (size_t i = 0; from < STATES_MAX && i < maps->families.n; i++)
            if (serves(s, maps->families.at[i]) && maps->at[i].reached[from])
                return true;
    }
    return !any_known; /* said at the states */
}

static bool is_idle_of_system(const Flow *f, const FlowStep *s)
{
    bool taken = !is_only_system(s) || s->from.n == 0;
    for (size_t i = 0; i < f->timers_n; i++)
        taken = taken || str_is(f->timers[i].take, s->step);
    return !taken;
}

static void check_step_ways(const YamlFile *file, const Flow *f, const FamilyMaps *maps,
                            const FlowStep *s)
{
    if (!can_ever_be_taken(f, maps, s))
        amiss(s, "flow.step_never", V("step", s->step));
    if (is_idle_of_system(f, s))
        amiss(s, "flow.idle_of_system", V("step", s->step));
    for (size_t i = 0; i < s->from.n; i++) {
        const FlowState *from = flow_state(f, s->from.at[i]);
        if (from && from->final && flow_target(f, s, from->state) != from)
            amiss(s, "flow.leaves_final", V("step", s->step), V("state", from->state));
    }
}

bool can_begin(const Flow *f)
{
    for (size_t i = 0; i < f->steps_n; i++)
        if (f->steps[i].from.n == 0)
            return true;
    return false;
}

static void check_ends(const YamlFile *file, const Flow *f)
{
    bool closes = false;
    Spot top = { 1, 1 };
    for (size_t i = 0; i < f->states_n; i++)
        closes = closes || f->states[i].final;
    if (!can_begin(f) && f->steps_n)
        amiss(&top, "flow.no_opening");
    if (!closes && f->states_n)
        amiss(&top, "flow.no_final");
}

void check_ways(const YamlFile *file, const Flow *f)
{
    static const Str ANY = { "", 0 };
    FamilyMaps *maps = NEW(file->cx, FamilyMaps);
    if (!maps)
        return;
    maps->families = f->families.n ? f->families : (Names){ &ANY, 1 };
    if (maps->families.n > FAMILIES_MAX)
        maps->families.n = FAMILIES_MAX;
    for (size_t i = 0; i < maps->families.n; i++)
        map_ways(f, maps->families.at[i], NULL, &maps->at[i]);
    check_ends(file, f);
    if (can_begin(f))
        check_states(file, f, maps);
    for (size_t i = 0; i < f->steps_n; i++)
        check_step_ways(file, f, maps, &f->steps[i]);
}
