/* open.c -- building the house: what a command finds ready when it begins. */
#include "program.h"

#include "packed.h"
#include "texts.h"

#include <string.h>
#include <unistd.h>

enum { SCHEMA_FILES_MAX = 512 };

void program_begin(House *house)
{
    text_use(house, TEXT_ROWS, TEXT_ROWS_N);
    files_use(house, PACKED_FILES, PACKED_FILES_N);
}

/* ------------------------------------------------------------------ schema */

static Err add_module_files(Ctx *cx, const char *module, SchemaFile *files, size_t *n)
{
    FilePath *paths;
    Str prefix = str_format(&cx->arena, "schema/%s/", module);
    TRY(file_list(cx, prefix, S(".sql"), &paths));
    for (FilePath *p = paths; p && *n < SCHEMA_FILES_MAX; p = p->next) {
        SchemaFile *file = &files[(*n)++];
        file->module = module;
        file->name = str_c(&cx->arena, str_skip(p->path, prefix.n));
        TRY(file_read(cx, p->path, &file->text));
    }
    return OK;
}

Err program_schema(Ctx *cx, const SchemaFile **out, size_t *out_n)
{
    SchemaFile *files = NEW_ARRAY(cx, SchemaFile, SCHEMA_FILES_MAX);
    *out_n = 0;
    if (!files)
        return E_LIMIT;
    for (const char *const *module = SCHEMA_ORDER; *module; module++)
        TRY(add_module_files(cx, *module, files, out_n));
    *out = files;
    return OK;
}

/* ------------------------------------------------------------------ settings of the database */

Err setting_get(Ctx *cx, Str name, Str *out)
{
    Query q = QUERY(cx, "SELECT value FROM setting WHERE name = $1", T(name));
    *out = query_next(&q) ? query_text(&q) : STR_EMPTY;
    return query_end(&q);
}

typedef struct Setting {
    Str name, value;
} Setting;

static Err store_setting(Ctx *cx, void *arg)
{
    const Setting *s = arg;
    Query q = QUERY(cx,
                    "INSERT INTO setting (name, value) VALUES ($1, $2)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    T(s->name), T(s->value));
    return query_run(&q);
}

Err setting_put(Ctx *cx, Str name, Str value)
{
    Setting s = { name, value };
    return store_write(cx, store_setting, &s);
}

/* ------------------------------------------------------------------ opening */

static Err lay_over(Ctx *cx, const Options *o, Str profile)
{
    if (o->profile_dir.n)
        TRY(files_overlay(cx, str_format(&cx->arena, "profiles/%.*s/", STR_ARGS(profile)),
                          o->profile_dir));
    return o->flows.n ? files_overlay(cx, S("flows/"), o->flows) : OK;
}

/* Roles, guards and effects: what files may name. */
static Err use_parts(Ctx *cx)
{
    TRY(roles_use(cx));
    modules_use_flow_parts(cx->house);
    return OK;
}

static Err start_engine(Ctx *cx)
{
    TRY(flows_use(cx));
    TRY(areas_use(cx));
    areas_tell(cx->house, program_open_matters);
    for (const Module *const *m = MODULES; *m; m++)
        if ((*m)->start)
            TRY((*m)->start(cx));
    return OK;
}

Err program_newest(Ctx *cx, Instant *out)
{
    Query q = QUERY(
        cx, "SELECT COALESCE(MAX(at), 0) FROM (SELECT at FROM event ORDER BY id DESC LIMIT 100) e");
    return query_one_int(&q, &out->ms);
}

/* In tests the clock begins at a moment they choose, and goes on from there. */
static i64 clock_shift(const Options *o)
{
    return o->test_clock && o->test_now >= 0 ? o->test_now - instant_now().ms : 0;
}

Err program_open_ground(Ctx *cx, const Options *o, Store **out)
{
    Str profile;
    const SchemaFile *files;
    size_t n;
    Instant newest;
    Str keys;
    TRY(store_open(cx, o->db, (StoreOptions){ .must_exist = true }, out));
    TRY(store_attach(cx, *out));
    TRY(program_schema(cx, &files, &n));
    TRY(schema_apply(cx, files, n));
    TRY(setting_get(cx, S("profile"), &profile));
    if (profile.n == 0)
        return fail(cx, E_CONFLICT, "program.not_made", V("path", store_name(cx, o->db)));
    TRY(lay_over(cx, o, profile));
    TRY(profile_use(cx, profile));
    TRY(options_keys(cx, o, &keys));
    TRY(keys_use(cx, keys));
    TRY(program_newest(cx, &newest));
    clock_use(cx->house, clock_shift(o), newest);
    return use_parts(cx);
}

Err program_open(Ctx *cx, const Options *o, Store **out)
{
    TRY(program_open_ground(cx, o, out));
    return start_engine(cx);
}

/* ------------------------------------------------------------------ making */

/* Mistakes in flows and items are found before the first file is made. */
static Err check_files(Ctx *cx)
{
    MistakeList mistakes = { 0 };
    i64 checked;
    TRY(use_parts(cx));
    TRY(flows_check(cx, &mistakes, &checked));
    for (const Module *const *m = MODULES; *m; m++)
        if ((*m)->check)
            TRY((*m)->check(cx, &mistakes, &checked));
    return mistakes.n == 0 ? OK
         : fail(cx, E_INPUT, "profile.mistakes", V("mistakes", mistakes_text(cx, &mistakes)));
}

/* A making that was cut off goes on where it stopped: with its keys, and with its facts if they
** are whole. */
static Err use_keys(Ctx *cx, const Options *o)
{
    Str path;
    TRY(options_keys(cx, o, &path));
    if (access(str_c(&cx->arena, path), F_OK) != 0)
        TRY(keys_make(cx, path, o->cipher));
    return keys_use(cx, path);
}

static Err fill_facts(Ctx *cx, void *profile)
{
    Setting s = { S("facts"), *(const Str *)profile };
    TRY(places_import(cx));
    TRY(areas_import_profile(cx));
    TRY(rules_import(cx));
    TRY(calendar_import_profile(cx));
    TRY(bodies_import(cx));
    return store_setting(cx, &s);
}

static Err fill_modules(Ctx *cx, void *profile)
{
    Setting s = { S("profile"), *(const Str *)profile };
    for (const Module *const *m = MODULES; *m; m++)
        if ((*m)->fill)
            TRY((*m)->fill(cx));
    return store_setting(cx, &s);
}

static Err fill(Ctx *cx, const Options *o, Str profile)
{
    Str made, facts;
    TRY(setting_get(cx, S("profile"), &made));
    TRY(setting_get(cx, S("facts"), &facts));
    if (made.n || (facts.n && !str_is(facts, profile)))
        return fail(cx, E_CONFLICT, "program.made_already", V("path", store_name(cx, o->db)));
    TRY(use_keys(cx, o));
    if (facts.n == 0)
        TRY(store_write(cx, fill_facts, &profile));
    TRY(start_engine(cx));
    return store_write(cx, fill_modules, &profile);
}

Err program_make(Ctx *cx, const Options *o, Store **out)
{
    Str profile = o->profile.n ? o->profile : S("cn-qingyang");
    const SchemaFile *files;
    size_t n;
    TRY(lay_over(cx, o, profile));
    TRY(profile_use(cx, profile));
    TRY(check_files(cx));
    TRY(store_open(cx, o->db, (StoreOptions){ 0 }, out));
    TRY(store_attach(cx, *out));
    TRY(program_schema(cx, &files, &n));
    TRY(schema_apply(cx, files, n));
    return fill(cx, o, profile);
}

Err program_profile(Ctx *cx, const Options *o)
{
    Str profile = o->profile.n ? o->profile : S("cn-qingyang");
    TRY(lay_over(cx, o, profile));
    TRY(profile_use(cx, profile));
    return use_parts(cx);
}
