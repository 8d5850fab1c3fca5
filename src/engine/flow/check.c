/* check.c -- what a flow file may not say: names that mean nothing, and lines that contradict each
** other.
**
** flow_check is the whole; the other check files hold terms, ways and duties (checking.h). */
#include "flow/checking.h"

#include "text/text.h"

static const Str FAMILIES[] = {
    { "licence", 7 }, { "benefit", 7 }, { "confirmation", 12 }, { "service", 7 }, { "internal", 8 }
};
static const Str LOGS[] = { { "public", 6 }, { "counted", 7 }, { "sealed", 6 } };
static const Str PARTS[] = { { "accept", 6 }, { "examine", 7 }, { "decide", 6 } };
/* Actors that are no roles of the roster. */
static const Str OTHER_ACTORS[] = { { "anyone", 6 }, { "applicant", 9 }, { "system", 6 } };

/* A licence is never settled by one person at the counter (Licence Law 34, domain handbook 4.7). */
static const struct { const char *kind, *families; } KINDS[] = {
    { "promised", "licence benefit confirmation service" },
    { "at_once", "benefit confirmation service" },
    { "elsewhere", "licence benefit confirmation service" },
    { "internal", "internal" },
};

/* ------------------------------------------------------------------ what the check files share */

bool is_among(Str s, const Str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(list[i], s))
            return true;
    return false;
}

bool is_family(Str family)
{
    return is_among(family, FAMILIES, COUNT(FAMILIES));
}

bool is_person(Str by)
{
    return !is_among(by, OTHER_ACTORS, COUNT(OTHER_ACTORS));
}

bool person_can_take(const FlowStep *s)
{
    for (size_t i = 0; i < s->by.n; i++)
        if (is_person(s->by.at[i]))
            return true;
    return false;
}

bool is_only_system(const FlowStep *s)
{
    return s->by.n == 1 && str_is(s->by.at[0], S("system"));
}

Names families_of(const Flow *f, Names own)
{
    return own.n ? own : f->families;
}

bool is_licence_only(Names families)
{
    return families.n == 1 && str_is(families.at[0], S("licence"));
}

void check_law(const YamlFile *file, const Flow *f, Str law, Names family, Spot at)
{
    bool found = false;
    if (law.n == 0 || rule_is_known(file->cx, law, &found))
        return;
    if (!found)
        amiss(&at, "flow.unknown_law", V("law", law));
    else if (str_starts(law, S("LIC-")) && !is_licence_only(families_of(f, family)))
        amiss(&at, "flow.law_outside_family", V("law", law));
}

void check_families(const YamlFile *file, const Flow *f, Names family, Spot at)
{
    for (size_t i = 0; i < family.n; i++)
        if (!is_family(family.at[i]) || !names_have(f->families, family.at[i]))
            amiss(&at, "flow.unknown_family", V("family", family.at[i]));
}

/* ----------------------------------------------------- names in a step that must mean something */

typedef bool KnowsName(const YamlFile *file, const Flow *f, const FlowStep *s, Str name);

static bool knows_state(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)file, (void)s;
    return flow_state(f, name) != NULL;
}

static bool knows_role(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)f, (void)s;
    return role_find(file->cx->house, name) != NULL;
}

static bool knows_actor(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    return is_among(name, OTHER_ACTORS, COUNT(OTHER_ACTORS)) || knows_role(file, f, s, name);
}

static bool knows_other_step(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)file;
    return flow_step(f, name) && !str_is(name, s->step);
}

static bool knows_guard(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)f, (void)s;
    return flow_guard(file->cx->house, name) != NULL;
}

static bool knows_effect(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)f, (void)s;
    return flow_effect(file->cx->house, name) != NULL;
}

static bool knows_clock(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)file, (void)s;
    return flow_clock(f, name) != NULL;
}

static bool knows_part(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)file, (void)f, (void)s;
    return is_among(name, PARTS, COUNT(PARTS));
}

static bool knows_document(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    (void)f, (void)s;
    return flow_document(file->cx->house, name);
}

static bool is_listed(const char *const *list, Str name)
{
    for (; list && *list; list++)
        if (str_is(str_of(*list), name))
            return true;
    return false;
}

static const FlowHost *host_of(const YamlFile *file, const Flow *f)
{
    return f->subject.n ? flow_host(file->cx->house, f->subject) : NULL;
}

/* A field of the flow, or "item.form": the flow's subject, and a form that its host knows. */
static bool knows_field(const YamlFile *file, const Flow *f, const FlowStep *s, Str name)
{
    Str head, form = name;
    const FlowHost *host = host_of(file, f);
    (void)s;
    if (field_find(f->fields, f->fields_n, name))
        return true;
    return host && str_cut(&form, '.', &head) && form.at && str_is(head, f->subject)
        && is_listed(host->forms, form);
}

/* Lists of names, and single names, of a step. */
static const struct {
    size_t offset;
    bool is_list;
    KnowsName *knows;
    const char *key, *arg;
} STEP_NAMES[] = {
    { offsetof(FlowStep, from), true, knows_state, N_("flow.unknown_state"), "state" },
    { offsetof(FlowStep, by), true, knows_actor, N_("flow.unknown_role"), "role" },
    { offsetof(FlowStep, apart_from), true, knows_other_step, N_("flow.unknown_step"), "step" },
    { offsetof(FlowStep, fields), true, knows_field, N_("flow.unknown_field"), "field" },
    { offsetof(FlowStep, guards), true, knows_guard, N_("flow.unknown_guard"), "guard" },
    { offsetof(FlowStep, effects), true, knows_effect, N_("flow.unknown_effect"), "effect" },
    { offsetof(FlowStep, extends), true, knows_clock, N_("flow.unknown_clock"), "clock" },
    { offsetof(FlowStep, to_holder), false, knows_role, N_("flow.unknown_role"), "role" },
    { offsetof(FlowStep, part), false, knows_part, N_("flow.unknown_part"), "part" },
    { offsetof(FlowStep, issues), false, knows_document, N_("flow.unknown_document"), "document" },
};

/* A list of names, or a single one that may be empty. */
static Names names_at(const FlowStep *s, size_t offset, bool is_list)
{
    const void *at = (const char *)s + offset;
    Names one = { at, 1 };
    if (is_list)
        return *(const Names *)at;
    return one.at->n ? one : (Names){ NULL, 0 };
}

static void check_step_names(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    for (size_t i = 0; i < COUNT(STEP_NAMES); i++) {
        Names names = names_at(s, STEP_NAMES[i].offset, STEP_NAMES[i].is_list);
        for (size_t j = 0; j < names.n; j++)
            if (!STEP_NAMES[i].knows(file, f, s, names.at[j]))
                amiss(s, STEP_NAMES[i].key, V(STEP_NAMES[i].arg, names.at[j]), V("where", s->step));
    }
    bool stays = str_is(s->to, S("same")) && s->from.n;
    if (s->to.n && !stays && !flow_state(f, s->to))
        amiss(s, "flow.unknown_state", V("state", s->to), V("where", s->step));
}

/* --------------------------------------------------- lines of a step that contradict each other */

/* Keys that are asked only of matters that are there already. */
static void check_opening(const YamlFile *file, const FlowStep *s)
{
    const struct {
        bool is_set;
        Str key;
    } KEYS[] = {
        { s->guards.n, S("guard") },
        { s->apart_from.n, S("apart_from") },
        { s->once, S("once") },
        { s->within.limit.source.n, S("within") },
        { s->extends.n, S("extends") },
        { s->family.n, S("family") },
        { s->as_of_entry, S("as_of_entry") },
    };
    for (size_t i = 0; s->from.n == 0 && i < COUNT(KEYS); i++)
        if (KEYS[i].is_set)
            amiss(s, "flow.opening_cannot", V("step", s->step), V("key", KEYS[i].key));
}

/* A term after which a step is barred takes something away from somebody: it needs its ground in
** law. */
static void check_within(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    const FlowWithin *w = &s->within;
    Spot at = { w->limit.line, w->limit.column };
    if (w->limit.source.n == 0)
        return;
    Names family = w->family.n ? w->family : s->family;
    check_limit(file, f, w->limit, family);
    check_families(file, f, w->family, at);
    check_law(file, f, w->law, family, at);
    if (w->law.n == 0 && s->law.n == 0)
        amiss(&at, "flow.within_without_law", V("step", s->step));
}

/* A clock can be extended only where it runs, and only in its own counting. */
static void check_extension(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    Limit by, limit;
    if ((s->extends.n > 0) != (s->extend_by.source.n > 0))
        amiss(s, "flow.half_extension", V("step", s->step));
    if (s->extend_by.source.n)
        check_limit(file, f, s->extend_by, s->family);
    for (size_t i = 0; i < s->extends.n; i++) {
        const FlowClock *c = flow_clock(f, s->extends.at[i]);
        for (size_t j = 0; c && j < s->from.n; j++)
            if (flow_state(f, s->from.at[j]) && !names_have(c->runs, s->from.at[j]))
                amiss(s, "flow.extends_elsewhere", V("step", s->step), V("clock", c->clock),
                      V("state", s->from.at[j]));
        if (c && limit_known(file, s->extend_by, &by) && limit_known(file, c->limit, &limit)
            && by.counting != limit.counting)
            amiss(&s->extend_by, "flow.extension_counting", V("step", s->step),
                  V("clock", c->clock));
    }
}

/* What a guard or an effect of C presupposes of the flow it is named in. */
static void check_hook(const YamlFile *file, const Flow *f, const FlowStep *s, const FlowHook *h)
{
    if (!h)
        return;
    Str hook = str_of(h->name), step = str_of(h->needs_step), field = str_of(h->needs_field),
        subject = str_of(h->needs_subject);
    const FlowStep *before = step.n ? flow_step(f, step) : NULL;
    if (step.n && (!before || !can_come_before(f, before, s)))
        amiss(s, "flow.hook_needs_step", V("step", s->step), V("hook", hook), V("other", step));
    if (field.n && !names_have(s->fields, field))
        amiss(s, "flow.hook_needs_field", V("step", s->step), V("hook", hook), V("field", field));
    if (subject.n && !str_is(f->subject, subject))
        amiss(s, "flow.hook_needs_subject", V("step", s->step), V("hook", hook),
              V("subject", subject));
}

static void check_step(const YamlFile *file, const Flow *f, const FlowStep *s)
{
    Spot at = { s->line, s->column };
    check_step_names(file, f, s);
    check_opening(file, s);
    check_within(file, f, s);
    check_extension(file, f, s);
    check_families(file, f, s->family, at);
    check_law(file, f, s->law, s->family, at);
    for (size_t i = 0; i < s->guards.n; i++)
        check_hook(file, f, s, flow_guard(file->cx->house, s->guards.at[i]));
    for (size_t i = 0; i < s->effects.n; i++)
        check_hook(file, f, s, flow_effect(file->cx->house, s->effects.at[i]));
}

/* ------------------------------------------------------------------ states */

static void check_state(const YamlFile *file, const FlowState *s)
{
    bool other = str_is(s->holder, S("applicant")) || str_is(s->holder, S("elsewhere"));
    if (!s->final && s->holder.n == 0)
        amiss(s, "yaml.missing_key", V("key", S("holder")));
    else if (!s->final && !other && !role_find(file->cx->house, s->holder))
        amiss(s, "flow.unknown_role", V("role", s->holder), V("where", s->state));
    if (s->final && s->holder.n)
        amiss(s, "flow.final_held", V("state", s->state));
    if (s->final && s->no_limit.in[LANG_ZH].n)
        amiss(s, "flow.final_reason", V("state", s->state));
    if (str_is(s->state, S("same")))
        amiss(s, "flow.kept_word", V("name", s->state));
}

/* Matters lie in places of the home level: a role whose posts all stand below it covers none of
** them. */
static bool role_reaches(const YamlFile *file, const Role *role)
{
    const Profile *p = profile_of(file->cx->house);
    for (size_t i = 0; i < p->levels_n; i++) {
        if (names_have(role->levels, p->levels[i].name))
            return true;
        if (str_is(p->levels[i].name, p->home_level))
            return false;
    }
    return true;
}

static void check_reach(const YamlFile *file, Str name, Str where, Spot at)
{
    const Role *role = role_find(file->cx->house, name);
    if (role && !role_reaches(file, role))
        amiss(&at, "flow.role_out_of_reach", V("where", where), V("role", name));
}

static void check_roles(const YamlFile *file, const Flow *f)
{
    for (size_t i = 0; i < f->states_n; i++)
        check_reach(file, f->states[i].holder, f->states[i].state,
                    (Spot){ f->states[i].line, f->states[i].column });
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        for (size_t j = 0; j < s->by.n; j++)
            check_reach(file, s->by.at[j], s->step, (Spot){ s->line, s->column });
        check_reach(file, s->to_holder, s->step, (Spot){ s->line, s->column });
    }
}

/* ------------------------------------------------------------------ fields */

static bool is_field_used(const Flow *f, Str field)
{
    for (size_t i = 0; i < f->steps_n; i++)
        if (names_have(f->steps[i].fields, field))
            return true;
    return false;
}

static void check_fields(const YamlFile *file, const Flow *f)
{
    const FlowHost *host = host_of(file, f);
    for (size_t i = 0; i < f->fields_n; i++) {
        const Field *field = &f->fields[i];
        if (!is_field_used(f, field->name))
            amiss(field, "flow.unused_field", V("field", field->name));
        if (host && is_listed(host->names, field->name))
            amiss(field, "flow.field_clash", V("field", field->name), V("subject", f->subject));
    }
}

/* ------------------------------------------------------------------ names everywhere */

/* Small letters only: two names that differ by nothing else cannot be told apart on the
** telephone. */
static bool is_plain_name(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool letter = s.at[i] >= 'a' && s.at[i] <= 'z',
             other = (s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '_';
        if (!letter && !(i && other))
            return false;
    }
    return s.n > 0;
}

static void check_plain(const YamlFile *file, Str name, Spot at)
{
    if (!is_plain_name(name))
        amiss(&at, "flow.bad_name", V("name", name));
}

static void check_plain_names(const YamlFile *file, const Flow *f)
{
    for (size_t i = 0; i < f->states_n; i++)
        check_plain(file, f->states[i].state, (Spot){ f->states[i].line, f->states[i].column });
    for (size_t i = 0; i < f->steps_n; i++)
        check_plain(file, f->steps[i].step, (Spot){ f->steps[i].line, f->steps[i].column });
    for (size_t i = 0; i < f->clocks_n; i++)
        check_plain(file, f->clocks[i].clock, (Spot){ f->clocks[i].line, f->clocks[i].column });
    for (size_t i = 0; i < f->fields_n; i++)
        check_plain(file, f->fields[i].name, (Spot){ f->fields[i].line, f->fields[i].column });
}

/* ------------------------------------------------------------------ the head */

static const char *families_of_kind(Str kind)
{
    for (size_t i = 0; i < COUNT(KINDS); i++)
        if (str_is(kind, str_of(KINDS[i].kind)))
            return KINDS[i].families;
    return NULL;
}

static bool has_word(const char *list, Str word)
{
    Str rest = str_of(list), one;
    while (str_cut(&rest, ' ', &one))
        if (str_is(one, word))
            return true;
    return false;
}

/* Where the head says it; the top of the file when it does not. */
static Spot spot_of(const YamlFile *file, const char *key)
{
    const Yaml *node = file->root ? yaml_in(file->root, key) : NULL;
    return node ? (Spot){ node->line, node->column } : (Spot){ 1, 1 };
}

static void check_head_families(const YamlFile *file, const Flow *f)
{
    Spot at = spot_of(file, "families");
    const char *allowed = families_of_kind(f->kind);
    if (!file->root || !yaml_in(file->root, "families"))
        amiss(&at, "flow.no_family");
    for (size_t i = 0; i < f->families.n; i++) {
        if (!is_family(f->families.at[i]))
            amiss(&at, "flow.unknown_family", V("family", f->families.at[i]));
        else if (allowed && !has_word(allowed, f->families.at[i]))
            amiss(&at, "flow.family_not_for_kind", V("family", f->families.at[i]),
                  V("kind", f->kind));
    }
}

static void check_head(const YamlFile *file, const Flow *f)
{
    Spot kind = spot_of(file, "kind"), log = spot_of(file, "log"),
         subject = spot_of(file, "subject"), owner = spot_of(file, "owner");
    if (f->kind.n && !families_of_kind(f->kind))
        amiss(&kind, "flow.unknown_kind", V("kind", f->kind));
    if (f->log.n && !is_among(f->log, LOGS, COUNT(LOGS)))
        amiss(&log, "flow.unknown_log", V("log", f->log));
    if (f->subject.n && !flow_host(file->cx->house, f->subject))
        amiss(&subject, "flow.unknown_subject", V("subject", f->subject));
    if (f->owner.n && !f->subject.n && !field_find(f->fields, f->fields_n, f->owner))
        amiss(&owner, "flow.unknown_owner", V("field", f->owner));
    check_head_families(file, f);
}

void flow_check(const YamlFile *file, const Flow *f)
{
    if (f->states_n > STATES_MAX) {
        mistake(file, file->root, "flow.too_many_states");
        return;
    }
    check_head(file, f);
    check_plain_names(file, f);
    for (size_t i = 0; i < f->states_n; i++)
        check_state(file, &f->states[i]);
    for (size_t i = 0; i < f->steps_n; i++)
        check_step(file, f, &f->steps[i]);
    check_roles(file, f);
    check_fields(file, f);
    check_terms(file, f);
    check_ways(file, f);
    check_duties(file, f);
}
