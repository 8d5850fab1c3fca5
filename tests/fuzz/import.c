/* import.c -- the tables a district is made from, as CSV: each as the first byte says, the others
** as we ship them, into a store that is put back as it was after each input.
**
** What is taken in holds together: every place has a path, days follow each other. */
#include "fuzz/fuzz.h"

#include "areas/areas.h"
#include "bodies/bodies.h"
#include "calendar/calendar.h"
#include "packed.h"
#include "places/places.h"

enum { FILES_MAX = 1000 };

static const char *const NAMES[] = {
    "calendar.csv", "places.csv", "succession.csv", "rules.csv", "bodies.csv", "shapes.csv",
};

static PackedFile files[FILES_MAX], *mine[COUNT(NAMES)];
static PackedFile shipped[COUNT(NAMES)];
static House *house;
static Store *store;

/* The files of the program; those of the town stand where this target can change them. */
static void take_files(Ctx *cx)
{
    ensure(PACKED_FILES_N <= FILES_MAX);
    for (size_t i = 0; i < PACKED_FILES_N; i++) {
        files[i] = PACKED_FILES[i];
        for (size_t k = 0; k < COUNT(NAMES); k++) {
            Str path = str_format(&cx->arena, "profiles/town/%s", NAMES[k]);
            if (str_is(path, str_of(files[i].path)))
                mine[k] = &files[i];
        }
    }
    for (size_t k = 0; k < COUNT(NAMES); k++)
        shipped[k] = mine[k] ? *mine[k] : (PackedFile){ NULL, NULL, NULL };
}

static void begin(Ctx *cx)
{
    const SchemaFile *schema;
    size_t n;
    Ctx inner = ctx_new(house = house_new(), 64 << 20);
    Str path = str_join(&cx->arena, fuzz_folder(cx), S("/import.db"));
    take_files(cx);
    files_use(house, files, PACKED_FILES_N);
    ctx_begin(&inner, cx->now);
    ensure(profile_use(&inner, S("town")) == OK);
    ensure(store_open(&inner, path, (StoreOptions){ 0 }, &store) == OK);
    ensure(store_attach(&inner, store) == OK);
    ensure(program_schema(&inner, &schema, &n) == OK);
    ensure(schema_apply(&inner, schema, n) == OK);
    ctx_end(&inner);
    store_detach(&inner);
    ctx_free(&inner);
}

static i64 count(Query q)
{
    i64 n = -1;
    ensure(query_one_int(&q, &n) == OK);
    return n;
}

static void it_holds_together(Ctx *cx)
{
    ensure(count(QUERY(cx, "SELECT COUNT(*) FROM place_period WHERE valid_from IS NULL")) == 0);
    ensure(count(QUERY(cx, "SELECT COUNT(*) FROM calendar_day"))
           == count(QUERY(cx, "SELECT COALESCE(MAX(day) - MIN(day) + 1, 0) FROM calendar_day")));
    ensure(count(QUERY(cx, "SELECT COUNT(*) FROM place WHERE substr(path, 1, 1) <> '/'")) == 0);
    ensure(count(QUERY(cx, "SELECT COUNT(*) FROM place p WHERE p.parent IS NOT NULL AND NOT EXISTS"
                           " (SELECT 1 FROM place q WHERE q.id = p.parent)"))
           == 0);
}

static Err import_all(Ctx *cx)
{
    TRY(places_import(cx));
    TRY(areas_import_profile(cx));
    TRY(rules_import(cx));
    TRY(calendar_import_profile(cx));
    return bodies_import(cx);
}

/* Whatever came of it, this fails in the end, so that the store stays empty. */
static Err import_and_undo(Ctx *cx, void *arg)
{
    bool *taken = arg;
    TRY(import_all(cx));
    it_holds_together(cx);
    *taken = true;
    return fail(cx, E_CONFLICT, "program.made_already", V("path", S("import.db")));
}

static void one(Ctx *cx, Str input)
{
    bool taken = false;
    size_t which = fuzz_choice(&input) % COUNT(NAMES);
    Ctx inner = ctx_new(house, 64 << 20);
    if (mine[which]) {
        mine[which]->at = input.at;
        mine[which]->end = input.at + input.n;
    }
    ctx_begin(&inner, cx->now);
    ensure(store_attach(&inner, store) == OK);
    Err err = store_write(&inner, import_and_undo, &taken);
    ensure(taken ? err == E_CONFLICT : err == E_INPUT || err == E_LIMIT || err == E_MISSING);
    ctx_end(&inner);
    store_detach(&inner);
    ctx_free(&inner);
    if (mine[which])
        *mine[which] = shipped[which];
}

const FuzzTarget FUZZ = { begin, one };
