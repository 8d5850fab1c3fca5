/* set.c -- all flows of the house: parts given by modules, files, stored versions. */
#include "flow/private.h"

#include "files/files.h"
#include "text/text.h"


enum { PARTS_MAX = 32, FLOWS_MAX = 128, VERSIONS_MAX = 1024, FLOWS_ARENA_BYTES = 64 << 20 };

/* ------------------------------------------------------------------ parts */

typedef struct PartTable {
    const FlowParts *at[PARTS_MAX];
    size_t n;
} PartTable;

static const char PARTS_PART, FLOWS_PART;

void flow_parts_use(House *house, const FlowParts *const *parts, size_t n)
{
    PartTable *table = house_add(house, &PARTS_PART, sizeof *table, NULL);
    for (size_t i = 0; i < n && table->n < PARTS_MAX; i++)
        if (parts[i])
            table->at[table->n++] = parts[i];
}

static const FlowHook *find_hook(const FlowHook *hooks, Str name)
{
    for (const FlowHook *h = hooks; h && h->name; h++)
        if (str_is(str_of(h->name), name))
            return h;
    return NULL;
}

const FlowHook *flow_guard(const House *house, Str name)
{
    const PartTable *table = house_get(house, &PARTS_PART);
    const FlowHook *found = NULL;
    for (size_t i = 0; table && i < table->n && !found; i++)
        found = find_hook(table->at[i]->guards, name);
    return found;
}

const FlowHook *flow_effect(const House *house, Str name)
{
    const PartTable *table = house_get(house, &PARTS_PART);
    const FlowHook *found = NULL;
    for (size_t i = 0; table && i < table->n && !found; i++)
        found = find_hook(table->at[i]->effects, name);
    return found;
}

const FlowHost *flow_host(const House *house, Str name)
{
    const PartTable *table = house_get(house, &PARTS_PART);
    for (size_t i = 0; table && i < table->n; i++)
        for (const FlowHost *h = table->at[i]->hosts; h && h->name; h++)
            if (str_is(str_of(h->name), name))
                return h;
    return NULL;
}

bool flow_document(const House *house, Str name)
{
    const PartTable *table = house_get(house, &PARTS_PART);
    for (size_t i = 0; table && i < table->n; i++)
        if (table->at[i]->has_document && table->at[i]->has_document(name))
            return true;
    return false;
}

/* ------------------------------------------------------------------ the set */

typedef struct FlowSet {
    const Flow *current[FLOWS_MAX];
    size_t current_n;
    const Flow *versions[VERSIONS_MAX];
    size_t versions_n;
    Ctx cx; /* owns the memory */
} FlowSet;

static void set_end(void *part)
{
    FlowSet *set = part;
    ctx_free(&set->cx);
}

static const FlowSet *set_of(const House *house)
{
    return house_get(house, &FLOWS_PART);
}

const Flow *flow_current_at(const House *house, size_t n)
{
    const FlowSet *set = set_of(house);
    return set && n < set->current_n ? set->current[n] : NULL;
}

static const Flow *find_current(const FlowSet *set, Str name)
{
    for (size_t i = 0; set && i < set->current_n; i++)
        if (str_is(set->current[i]->flow, name))
            return set->current[i];
    return NULL;
}

const Flow *flow_current(const House *house, Str name)
{
    return find_current(set_of(house), name);
}

const Flow *flow_by_version(const House *house, i64 version)
{
    const FlowSet *set = set_of(house);
    for (size_t i = 0; set && i < set->versions_n; i++)
        if (set->versions[i]->version == version)
            return set->versions[i];
    return NULL;
}

const Flow *matter_flow(Ctx *cx, const Matter *m)
{
    return flow_by_version(cx->house, m->version);
}

/* ------------------------------------------------------------------ files */

static const Flow *read_text(YamlFile *file, Str text)
{
    Flow *f = file->root ? flow_read(file, text) : NULL;
    if (f)
        flow_check(file, f);
    return f;
}

const Flow *flow_check_text(Ctx *cx, Str name, Str text, MistakeList *mistakes)
{
    YamlFile file = yaml_parse(cx, name, text, mistakes);
    return read_text(&file, text);
}

const Flow *flow_check_over(Ctx *cx, Str name, const Flow *base, Str text, MistakeList *mistakes)
{
    YamlFile file = yaml_parse(cx, name, text, mistakes);
    const Flow *f = read_text(&file, text);
    if (f)
        flow_check_law(&file, base, f);
    return f;
}

/* draw, check and overrides find a flow by its file's name. */
static void check_file_name(const YamlFile *file, const Flow *f)
{
    Str want = str_format(&file->cx->arena, "flows/%.*s.flow.yaml", STR_ARGS(f->flow));
    Yaml top = { .line = 1, .column = 1 };
    if (f->flow.n && !str_is(file->name, want))
        mistake(file, &top, "flow.not_its_file", V("flow", f->flow), V("file", want));
}

/* Packed first, then what is laid over, so that an override finds what it replaces. */
static Err read_file(Ctx *cx, FlowSet *set, Str path, MistakeList *mistakes)
{
    Str text, over;
    TRY(file_read_packed(cx, path, &text));
    const Flow *base = text.n ? flow_check_text(cx, path, text, mistakes) : NULL;
    TRY(file_read(cx, path, &over));
    const Flow *f = base;
    YamlFile file = { cx, path, mistakes, NULL };
    if (!base)
        f = flow_check_text(cx, path, over, mistakes);
    else if (over.at != text.at)
        f = flow_check_over(cx, path, base, over, mistakes);
    if (f)
        check_file_name(&file, f);
    if (f && find_current(set, f->flow)) {
        Yaml top = { .line = 1, .column = 1 };
        mistake(&file, &top, "flow.doubled_flow", V("flow", f->flow));
    } else if (f && set->current_n < FLOWS_MAX) {
        set->current[set->current_n++] = f;
    }
    return ctx_err(cx);
}

static Err read_all(Ctx *cx, FlowSet *set, MistakeList *mistakes)
{
    FilePath *paths;
    TRY(file_list(cx, S("flows/"), S(".flow.yaml"), &paths));
    for (FilePath *p = paths; p; p = p->next)
        TRY(read_file(cx, set, p->path, mistakes));
    return OK;
}

Err flows_check(Ctx *cx, MistakeList *mistakes, i64 *out_checked)
{
    FlowSet *set = NEW(cx, FlowSet);
    if (!set)
        return E_LIMIT;
    TRY(read_all(cx, set, mistakes));
    *out_checked = (i64)set->current_n;
    return OK;
}

/* ------------------------------------------------------------------ versions */

typedef struct StoredVersion StoredVersion;
struct StoredVersion {
    StoredVersion *next;
    i64 id;
    Str hash, source;
};

static Err list_versions(Ctx *cx, StoredVersion **out)
{
    Query q = QUERY(cx, "SELECT id, hash, source FROM flow_version ORDER BY id");
    *out = NULL;
    while (query_next(&q)) {
        StoredVersion *v = NEW(cx, StoredVersion);
        if (!v)
            break;
        v->id = query_int(&q);
        v->hash = query_text(&q);
        v->source = query_text(&q);
        *out = v;
        out = &v->next;
    }
    return query_end(&q);
}

static Err store_version(Ctx *cx, void *arg)
{
    Flow *f = arg;
    Query q = QUERY(cx,
                    "INSERT INTO flow_version (flow, hash, source, since) VALUES ($1, $2, $3, $4)"
                    " ON CONFLICT (hash) DO NOTHING",
                    T(f->flow), T(f->hash), T(f->source), AT(cx->now));
    TRY(query_run(&q));
    Query id = QUERY(cx, "SELECT id FROM flow_version WHERE hash = $1", T(f->hash));
    return query_one_int(&id, &f->version);
}

/* A stored version is read as it was; it was checked when it began. */
static Err load_version(Ctx *cx, FlowSet *set, const StoredVersion *v)
{
    MistakeList ignored = { 0 };
    YamlFile file = yaml_parse(cx, S("stored"), v->source, &ignored);
    Flow *f = file.root ? flow_read(&file, v->source) : NULL;
    if (!f || set->versions_n == VERSIONS_MAX)
        return fail(cx, E_STORE, "flow.version_unreadable", text_int(cx, "version", v->id));
    f->version = v->id;
    set->versions[set->versions_n++] = f;
    return OK;
}

static Err load_versions(Ctx *cx, FlowSet *set)
{
    StoredVersion *stored;
    for (size_t i = 0; i < set->current_n; i++)
        TRY(store_write(cx, store_version, (Flow *)set->current[i]));
    TRY(list_versions(cx, &stored));
    for (const StoredVersion *v = stored; v; v = v->next)
        TRY(load_version(cx, set, v));
    return OK;
}

/* An open matter's state must still be there in the current file. */
static Err check_in_use(Ctx *cx, const FlowSet *set)
{
    Query q = QUERY(cx, "SELECT DISTINCT flow, state FROM matter WHERE closed_at IS NULL");
    while (query_next(&q)) {
        Str flow = query_text(&q), state = query_text(&q);
        const Flow *f = find_current(set, flow);
        if (!f || !flow_state(f, state))
            return fail(cx, E_CONFLICT, "flow.state_in_use", V("flow", flow), V("state", state));
    }
    return query_end(&q);
}

static Err build_set(FlowSet *set)
{
    Ctx *cx = &set->cx;
    MistakeList mistakes = { 0 };
    TRY(read_all(cx, set, &mistakes));
    if (mistakes.n)
        return fail(cx, E_INPUT, "profile.mistakes", V("mistakes", mistakes_text(cx, &mistakes)));
    TRY(check_in_use(cx, set));
    return load_versions(cx, set);
}

Err flows_use(Ctx *cx)
{
    FlowSet *set = house_add(cx->house, &FLOWS_PART, sizeof *set, set_end);
    set->cx = ctx_new(cx->house, FLOWS_ARENA_BYTES);
    ctx_begin(&set->cx, cx->now);
    set->cx.lang = cx->lang;
    Err err = store_attach(&set->cx, store_of(cx));
    if (!err)
        err = build_set(set);
    store_detach(&set->cx);
    return err ? fail_like(cx, &set->cx) : OK;
}
