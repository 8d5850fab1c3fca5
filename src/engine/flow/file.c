/* file.c -- reading a flow file into records. */
#include "flow/private.h"

#include "text/text.h"

#include <sodium.h>

/* ------------------------------------------------------------------ readers of one value */

static void read_limit(const YamlFile *file, const Yaml *node, void *out)
{
    LimitRef *ref = out;
    ref->line = node->line;
    ref->column = node->column;
    yaml_text(file, node, &ref->source);
}

/* "rule.X", or the same with the families it binds and the law it serves. */
static const YamlKey WITHIN_KEYS[] = {
    YAML_MUST(FlowWithin, limit, read_limit),
    YAML_KEY(FlowWithin, family, yaml_names),
    YAML_KEY(FlowWithin, law, yaml_name),
    YAML_END,
};

static void read_within(const YamlFile *file, const Yaml *node, void *out)
{
    FlowWithin *within = out;
    if (node->kind == YAML_MAP)
        yaml_record(file, node, WITHIN_KEYS, within);
    else
        read_limit(file, node, &within->limit);
}

/* What is neither true nor false is one mistake: taken for true, nothing more is said of the
** state. */
static void read_final(const YamlFile *file, const Yaml *node, void *out)
{
    *(bool *)out = true;
    yaml_flag(file, node, out);
}

/* ------------------------------------------------------------------ the tables of keys */

static const YamlKey STATE_KEYS[] = {
    YAML_MUST(FlowState, name, yaml_words),
    YAML_KEY(FlowState, holder, yaml_name),
    YAML_KEY(FlowState, final, read_final),
    YAML_KEY(FlowState, no_limit, yaml_words),
    YAML_END,
};

static const YamlKey STEP_KEYS[] = {
    YAML_MUST(FlowStep, name, yaml_words),
    YAML_KEY(FlowStep, done, yaml_words),
    YAML_KEY(FlowStep, from, yaml_names),
    YAML_MUST(FlowStep, to, yaml_name),
    YAML_MUST(FlowStep, by, yaml_names),
    YAML_KEY(FlowStep, apart_from, yaml_names),
    YAML_KEY(FlowStep, fields, yaml_names),
    { "guard", yaml_names, offsetof(FlowStep, guards), false },
    { "effect", yaml_names, offsetof(FlowStep, effects), false },
    YAML_KEY(FlowStep, family, yaml_names),
    YAML_KEY(FlowStep, once, yaml_flag),
    YAML_KEY(FlowStep, within, read_within),
    YAML_KEY(FlowStep, part, yaml_name),
    YAML_KEY(FlowStep, law, yaml_name),
    YAML_KEY(FlowStep, issues, yaml_name),
    YAML_KEY(FlowStep, extends, yaml_names),
    YAML_KEY(FlowStep, extend_by, read_limit),
    YAML_KEY(FlowStep, to_holder, yaml_name),
    YAML_KEY(FlowStep, as_of_entry, yaml_flag),
    YAML_KEY(FlowStep, tells, yaml_flag),
    YAML_END,
};

static const YamlKey CLOCK_KEYS[] = {
    YAML_MUST(FlowClock, name, yaml_words),
    YAML_MUST(FlowClock, runs, yaml_names),
    YAML_MUST(FlowClock, limit, read_limit),
    YAML_KEY(FlowClock, warn, yaml_int),
    YAML_KEY(FlowClock, family, yaml_names),
    YAML_KEY(FlowClock, law, yaml_name),
    YAML_END,
};

static const YamlKey TIMER_KEYS[] = {
    YAML_KEY(FlowTimer, in, yaml_name),
    YAML_KEY(FlowTimer, after, read_limit),
    YAML_KEY(FlowTimer, clock, yaml_name),
    YAML_KEY(FlowTimer, at, yaml_name),
    YAML_MUST(FlowTimer, take, yaml_name),
    YAML_KEY(FlowTimer, not_due, yaml_flag),
    YAML_KEY(FlowTimer, family, yaml_names),
    YAML_KEY(FlowTimer, law, yaml_name),
    YAML_END,
};

/* ------------------------------------------------------------------ the sections */

/* A section holds records by name, or a list of records; each gets room in an array. */
static void *room_for(const YamlFile *file, const Yaml *section, YamlKind kind, size_t size,
                      size_t *out_n)
{
    *out_n = 0;
    if (section->kind != kind) {
        mistake(file, section, kind == YAML_MAP ? N_("yaml.not_a_map") : N_("yaml.not_a_list"));
        return NULL;
    }
    *out_n = yaml_count(section);
    return ctx_take_array(file->cx, size, *out_n + 1);
}

static void read_states(const YamlFile *file, const Yaml *section, void *out)
{
    Flow *f = (Flow *)((char *)out - offsetof(Flow, states));
    f->states = room_for(file, section, YAML_MAP, sizeof *f->states, &f->states_n);
    FlowState *s = f->states;
    for (const Yaml *entry = section->first; s && entry; entry = entry->next, s++) {
        *s = (FlowState){ .state = entry->key,
                          .line = entry->key_line,
                          .column = entry->key_column };
        yaml_record(file, entry, STATE_KEYS, s);
    }
}

static void read_steps(const YamlFile *file, const Yaml *section, void *out)
{
    Flow *f = (Flow *)((char *)out - offsetof(Flow, steps));
    f->steps = room_for(file, section, YAML_MAP, sizeof *f->steps, &f->steps_n);
    FlowStep *s = f->steps;
    for (const Yaml *entry = section->first; s && entry; entry = entry->next, s++) {
        *s = (FlowStep){ .step = entry->key, .line = entry->key_line, .column = entry->key_column };
        yaml_record(file, entry, STEP_KEYS, s);
    }
}

static void read_clocks(const YamlFile *file, const Yaml *section, void *out)
{
    Flow *f = (Flow *)((char *)out - offsetof(Flow, clocks));
    f->clocks = room_for(file, section, YAML_MAP, sizeof *f->clocks, &f->clocks_n);
    FlowClock *c = f->clocks;
    for (const Yaml *entry = section->first; c && entry; entry = entry->next, c++) {
        *c = (FlowClock){ .clock = entry->key,
                          .line = entry->key_line,
                          .column = entry->key_column };
        yaml_record(file, entry, CLOCK_KEYS, c);
    }
}

static void read_timers(const YamlFile *file, const Yaml *section, void *out)
{
    Flow *f = (Flow *)((char *)out - offsetof(Flow, timers));
    f->timers = room_for(file, section, YAML_LIST, sizeof *f->timers, &f->timers_n);
    FlowTimer *t = f->timers;
    for (const Yaml *entry = section->first; t && entry; entry = entry->next, t++) {
        *t = (FlowTimer){ .line = entry->line, .column = entry->column };
        yaml_record(file, entry, TIMER_KEYS, t);
    }
}

static void read_fields(const YamlFile *file, const Yaml *section, void *out)
{
    Flow *f = (Flow *)((char *)out - offsetof(Flow, fields));
    field_read_all(file, section, &f->fields, &f->fields_n);
}

static const YamlKey FLOW_KEYS[] = {
    YAML_MUST(Flow, flow, yaml_name),
    YAML_MUST(Flow, name, yaml_words),
    YAML_MUST(Flow, kind, yaml_name),
    YAML_KEY(Flow, families, yaml_names),
    YAML_MUST(Flow, log, yaml_name),
    YAML_KEY(Flow, subject, yaml_name),
    YAML_KEY(Flow, owner, yaml_name),
    YAML_KEY(Flow, clocks, read_clocks),
    YAML_MUST(Flow, states, read_states),
    YAML_MUST(Flow, steps, read_steps),
    YAML_KEY(Flow, timers, read_timers),
    YAML_KEY(Flow, fields, read_fields),
    YAML_END,
};

Flow *flow_read(YamlFile *file, Str source)
{
    Ctx *cx = file->cx;
    Flow *f = NEW(cx, Flow);
    u8 hash[crypto_hash_sha256_BYTES];
    if (!f || !file->root)
        return NULL;
    yaml_record(file, file->root, FLOW_KEYS, f);
    crypto_hash_sha256(hash, (const u8 *)source.at, source.n);
    f->file = file->name;
    f->source = source;
    f->hash = str_hex(&cx->arena, (Bytes){ hash, sizeof hash });
    return f;
}

/* ------------------------------------------------------------------ finding */

const FlowState *flow_state(const Flow *f, Str name)
{
    for (size_t i = 0; i < f->states_n; i++)
        if (str_is(f->states[i].state, name))
            return &f->states[i];
    return NULL;
}

const FlowStep *flow_step(const Flow *f, Str name)
{
    for (size_t i = 0; i < f->steps_n; i++)
        if (str_is(f->steps[i].step, name))
            return &f->steps[i];
    return NULL;
}

const FlowState *flow_target(const Flow *f, const FlowStep *step, Str from)
{
    return flow_state(f, str_is(step->to, S("same")) ? from : step->to);
}

const FlowClock *flow_clock(const Flow *f, Str name)
{
    for (size_t i = 0; i < f->clocks_n; i++)
        if (str_is(f->clocks[i].clock, name))
            return &f->clocks[i];
    return NULL;
}

bool family_applies(Names family, Str of_matter)
{
    return family.n == 0 || names_have(family, of_matter);
}
