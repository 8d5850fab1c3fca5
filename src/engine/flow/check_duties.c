/* check_duties.c -- who may do what after whom: who accepts cannot decide (接办分离), nothing is
** decided that was not accepted, and no machine decides. */
#include "flow/checking.h"

#include "text/text.h"

static bool is_part(const FlowStep *s, const char *part)
{
    return str_is(s->part, str_of(part));
}

/* ------------------------------------------------------------------ two persons */

/* The roles that accept: whatever they do before a decision, they do with the applicant before
** them. */
static bool is_taken_at_intake(const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *accept = &f->steps[i];
        for (size_t j = 0; is_part(accept, "accept") && j < accept->by.n; j++)
            if (is_person(accept->by.at[j]) && names_have(s->by, accept->by.at[j]))
                return true;
    }
    return false;
}

/* Who took anything at intake neither examines nor decides; who examines does not decide. */
static bool must_be_apart(const Flow *f, const FlowStep *s, const FlowStep *other)
{
    bool decides = is_part(s, "decide"), judges = decides || is_part(s, "examine");
    bool earlier = is_taken_at_intake(f, other) || (decides && is_part(other, "examine"));
    return judges && other != s && earlier && can_come_before(f, other, s);
}

static void check_apart(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *other = &f->steps[i];
        if (must_be_apart(f, s, other) && person_can_take(other)
            && !names_have(s->apart_from, other->step))
            amiss(s, "flow.one_person_both", V("step", s->step), V("other", other->step));
    }
}

/* Apart from a step that can only come later keeps nobody apart. */
static void check_order(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < s->apart_from.n && s->from.n; i++) {
        const FlowStep *other = flow_step(f, s->apart_from.at[i]);
        if (other && other != s && !can_come_before(f, other, s))
            amiss(s, "flow.never_before", V("step", s->step), V("other", other->step));
    }
}

/* ------------------------------------------------------------------ parts */

/* A decision is a person's, in a post (PIPL 24: no automatic decision on people). */
static void check_decider(const YamlFile *file, const FlowStep *s)
{
    static const Str NOBODY[] = { { "anyone", 6 }, { "applicant", 9 }, { "system", 6 } };
    bool judges = is_part(s, "decide") || is_part(s, "examine");
    for (size_t i = 0; judges && i < s->by.n; i++)
        if (is_among(s->by.at[i], NOBODY, COUNT(NOBODY)))
            amiss(s, "flow.decided_by_nobody", V("step", s->step), V("role", s->by.at[i]));
}

/* What counts as accepted because time passed: the Licence Law alone says so (32(4)). */
static void check_deemed(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    bool deemed = is_part(s, "accept") && names_have(s->by, S("system"));
    if (deemed && (s->law.n == 0 || !is_licence_only(families_of(f, s->family))))
        amiss(s, "flow.deemed_outside_licence", V("step", s->step));
}

static bool is_no_acceptance(const FlowStep *s)
{
    return !is_part(s, "accept");
}

static bool is_no_examination(const FlowStep *s)
{
    return !is_part(s, "examine");
}

/* A way round a part is a way round its separation. */
static void check_skipped(const YamlFile *file, const Flow *f, const char *part,
                          StepFilter *without)
{
    WayMap map;
    bool has_part = false;
    for (size_t i = 0; i < f->steps_n; i++)
        has_part = has_part || is_part(&f->steps[i], part);
    if (!has_part)
        return;
    map_ways(f, STR_EMPTY, without, &map);
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        for (size_t j = 0; is_part(s, "decide") && j < s->from.n; j++)
            if (flow_state(f, s->from.at[j]) && map.reached[state_index(f, s->from.at[j])])
                amiss(s, "flow.part_skipped", V("step", s->step), V("state", s->from.at[j]),
                      V("part", str_of(part)));
    }
}

static void check_promised(const YamlFile *file, const Flow *f)
{
    bool accepts = false, decides = false;
    Spot top = { 1, 1 };
    for (size_t i = 0; i < f->steps_n; i++) {
        accepts = accepts || is_part(&f->steps[i], "accept");
        decides = decides || is_part(&f->steps[i], "decide");
    }
    if (!accepts || !decides)
        amiss(&top, "flow.parts_missing");
    check_skipped(file, f, "accept", is_no_acceptance);
    check_skipped(file, f, "examine", is_no_examination);
}

void check_duties(const YamlFile *file, const Flow *f)
{
    bool at_once = str_is(f->kind, S("at_once"));
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        if (!at_once)
            check_apart(file, f, s);
        check_order(file, f, s);
        check_decider(file, s);
        check_deemed(file, f, s);
    }
    if (str_is(f->kind, S("promised")))
        check_promised(file, f);
}
