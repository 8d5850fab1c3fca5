/* test_routes.c -- which area a point lies in: inside, on borders, in gaps, outside, on any day,
** and while the map is exchanged under its readers. */
#include "support/support.h"

#include "areas/areas.h"
#include "csv/csv.h"
#include "support/lattice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static const Day DAY_ZERO = { 20000 };
static const CoordBox QINGYANG = { 1040000000, 306400000, 1040800000, 307000000 };

/* ------------------------------------------------------------------ a lattice of a thousand */

static Lattice thousand(void)
{
    return (Lattice){ QINGYANG, 40, 25, 7, 20181010 };
}

/* By going round every ring with the sum of angles' signs: slow, and written otherwise than the
** map. 1 inside, 0 on the border, -1 outside. */
static int by_winding(const Ring *r, Point p)
{
    int winding = 0;
    for (size_t i = 0; i + 1 < r->n; i++) {
        Point a = r->at[i], b = r->at[i + 1];
        __int128 side = (__int128)(b.lon - (i64)a.lon) * (p.lat - (i64)a.lat)
                      - (__int128)(p.lon - (i64)a.lon) * (b.lat - (i64)a.lat);
        i64 least_lon = a.lon < b.lon ? a.lon : b.lon, most_lon = a.lon < b.lon ? b.lon : a.lon;
        i64 least_lat = a.lat < b.lat ? a.lat : b.lat, most_lat = a.lat < b.lat ? b.lat : a.lat;
        if (side == 0 && p.lon >= least_lon && p.lon <= most_lon && p.lat >= least_lat
            && p.lat <= most_lat)
            return 0;
        if (a.lat <= p.lat && b.lat > p.lat && side > 0)
            winding++;
        if (a.lat > p.lat && b.lat <= p.lat && side < 0)
            winding--;
    }
    return winding ? 1 : -1;
}

/* The lowest id that holds the point, and how many hold it. */
static i64 lowest(const Area *list, Point p, int *out_n)
{
    i64 found = 0;
    *out_n = 0;
    for (const Area *a = list; a; a = a->next) {
        if (by_winding(&a->shape.parts[0].rings[0], p) < 0)
            continue;
        ++*out_n;
        found = found ? found : a->place.value;
    }
    return found;
}

static void each_point_lies_in_exactly_one_area_of_a_whole_level(void **state)
{
    World *w = world_bare();
    Lattice l = thousand();
    Area *list = lattice_areas(&w->cx.arena, &l);
    const AreaMap *map = area_map_build(&w->cx.arena, list, 1);
    (void)state;
    assert_non_null(map);
    for (int i = 0; i < 3000; i++) {
        Point p = lattice_point(&l);
        int n;
        i64 want = lowest(list, p, &n);
        AreaAnswer have = area_find(map, p, S("cell"), DAY_ZERO);
        assert_int_equal(have.place.value, want);
        assert_true(n == 1 ? have.how == AREA_INSIDE : have.how == AREA_BORDER);
    }
    world_end(w);
}

/* Every knot of every ring belongs to several areas, or to the rim. */
static void on_a_border_the_lowest_code_wins(void **state)
{
    World *w = world_bare();
    Lattice l = { QINGYANG, 12, 9, 3, 7 };
    Area *list = lattice_areas(&w->cx.arena, &l);
    const AreaMap *map = area_map_build(&w->cx.arena, list, 1);
    int shared = 0;
    (void)state;
    for (const Area *a = list; a; a = a->next) {
        const Ring *r = &a->shape.parts[0].rings[0];
        for (size_t i = 0; i < r->n; i++) {
            int n;
            i64 want = lowest(list, r->at[i], &n);
            AreaAnswer have = area_find(map, r->at[i], S("cell"), DAY_ZERO);
            assert_int_equal(have.how, AREA_BORDER);
            assert_int_equal(have.place.value, want);
            shared += n > 1;
        }
    }
    assert_true(shared > 1000);
    world_end(w);
}

static Area *with_text(Ctx *cx, i64 id, const char *level, const char *path, const char *shape)
{
    Area *a = NEW(cx, Area);
    *a = (Area){ .place = { id }, .level = str_of(level), .path = str_of(path),
                 .code = str_format(&cx->arena, "%lld", (long long)id), .valid_from = { 0 },
                 .valid_to = NO_DAY };
    assert_true(shape_parse(cx, str_of(shape), &a->shape));
    shape_settle(cx, &a->shape);
    return a;
}

/* A district of 10 by 10 units of 0.001 degrees, two communities of which the second has a hole,
   and a strip of 20 m between them. */
static const char DISTRICT[] = "0,0 100000,0 100000,100000 0,100000 0,0";
static const char WEST[] = "0,0 49000,0 49000,100000 0,100000 0,0";
static const char EAST[] = "51000,0 100000,0 100000,100000 51000,100000 51000,0;"
                           "70000,30000 70000,70000 90000,70000 90000,30000 70000,30000";

static const AreaMap *small_map(Ctx *cx)
{
    Area *district = with_text(cx, 1, "district", "/1/", DISTRICT),
         *west = with_text(cx, 2, "community", "/1/2/", WEST),
         *east = with_text(cx, 3, "community", "/1/3/", EAST);
    district->next = west;
    west->next = east;
    return area_map_build(&cx->arena, district, 1);
}

static void gaps_and_outside_have_a_defined_answer(void **state)
{
    static const struct { Point p; AreaHow how; i64 place, inside, metres; } ROWS[] = {
        { { 10000, 10000 }, AREA_INSIDE, 2, 0, 0 },
        { { 49000, 500 }, AREA_BORDER, 2, 0, 0 },
        { { 49900, 50000 }, AREA_NEAR, 2, 1, 10 }, /* 900 units are 10 m */
        { { 50200, 50000 }, AREA_NEAR, 3, 1, 9 },
        { { 50000, 50000 }, AREA_NEAR, 2, 1, 11 }, /* as far from both: the lower code */
        { { 80000, 50000 }, AREA_GAP, 0, 1, 0 },   /* in the middle of the hole */
        { { 70500, 50000 }, AREA_NEAR, 3, 1, 6 },
        { { 70000, 50000 }, AREA_BORDER, 3, 0, 0 },
        { { 100100, 50000 }, AREA_OUTSIDE, 0, 0, 0 }, /* near, but outside the district */
        { { 1000000000, 300000000 }, AREA_OUTSIDE, 0, 0, 0 },
        { { -1800000000, -900000000 }, AREA_OUTSIDE, 0, 0, 0 },
        { { 1800000000, 900000000 }, AREA_OUTSIDE, 0, 0, 0 },
    };
    World *w = world_bare();
    const AreaMap *map = small_map(&w->cx);
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        AreaAnswer a = area_find(map, ROWS[i].p, S("community"), DAY_ZERO);
        if (a.how != ROWS[i].how || a.place.value != ROWS[i].place
            || a.inside.value != ROWS[i].inside || a.metres != ROWS[i].metres)
            assert_never("row %zu: how %d place %lld inside %lld metres %lld", i, (int)a.how,
                         (long long)a.place.value, (long long)a.inside.value, (long long)a.metres);
    }
    assert_int_equal(area_find(map, ROWS[0].p, S("planet"), DAY_ZERO).how, AREA_OUTSIDE);
    world_end(w);
}

static void an_empty_map_answers_outside(void **state)
{
    World *w = world_bare();
    const AreaMap *map = area_map_build(&w->cx.arena, NULL, 0);
    (void)state;
    assert_int_equal(area_find(map, (Point){ 0, 0 }, S("grid"), DAY_ZERO).how, AREA_OUTSIDE);
    world_end(w);
}

static void each_day_has_its_own_areas(void **state)
{
    World *w = world_bare();
    Area *old = with_text(&w->cx, 1, "community", "/1/", DISTRICT),
         *new = with_text(&w->cx, 1, "community", "/1/", WEST);
    (void)state;
    old->valid_to = new->valid_from = (Day){ 100 };
    old->next = new;
    const AreaMap *map = area_map_build(&w->cx.arena, old, 1);
    Point p = { 80000, 50000 };
    assert_int_equal(area_find(map, p, S("community"), (Day){ 99 }).how, AREA_INSIDE);
    assert_int_equal(area_find(map, p, S("community"), (Day){ 100 }).how, AREA_OUTSIDE);
    assert_int_equal(area_find(map, p, S("community"), (Day){ -1 }).how, AREA_OUTSIDE);
    world_end(w);
}

/* ------------------------------------------------------------------ the map of a district */

static AreaDraft draft(Ctx *cx, const char *code, const char *shape)
{
    AreaDraft d = { .code = str_of(code), .synthetic = true };
    assert_true(shape_parse(cx, str_of(shape), &d.shape));
    shape_settle(cx, &d.shape);
    return d;
}

static void a_district_routes_by_its_own_areas_from_the_start(void **state)
{
    World *w = world_new("cn-qingyang");
    const AreaMap *map;
    int grids = 0;
    Lattice l = thousand();
    (void)state;
    world_at(w, "2026-01-05 09:00");
    assert_ok(&w->cx, areas_hold(&w->cx, &map));
    for (int i = 0; i < 500; i++) {
        Point p = lattice_point(&l);
        AreaAnswer grid = area_find(map, p, S("grid"), day_today(&w->cx)),
                   community = area_find(map, p, S("community"), day_today(&w->cx));
        Place place;
        assert_true(grid.how == AREA_INSIDE || grid.how == AREA_BORDER);
        if (grid.how != AREA_INSIDE)
            continue;
        assert_ok(&w->cx, place_get(&w->cx, grid.place, &place));
        assert_int_equal(place.parent.value, community.place.value);
        grids++;
    }
    assert_true(grids > 450);
    assert_int_equal(areas_box(map).west, QINGYANG.west);
    world_end(w);
}

static void a_change_is_seen_by_whoever_asks_next_and_by_nobody_before(void **state)
{
    World *w = world_new("town");
    Ctx *cx = &w->cx, other;
    const AreaMap *before, *after, *again;
    AreaOutcome out;
    (void)state;
    world_at(w, "2026-01-05 09:00");
    ctx_other(w, &other);
    assert_ok(&other, areas_hold(&other, &before));
    AreaSplit split = { .line = (Point[]){ { 19000000, 545200000 }, { 20150000, 545200000 } },
                        .line_n = 2, .code = S("MB-6"), .name = { { S("北区"), S("North") } } };
    Place ward;
    PlaceId new;
    assert_ok(cx, place_get_by_code(cx, S("MB-1"), day_today(cx), &ward));
    split.place = ward.id;
    AreaOrder order = { day_today(cx), S("test") };
    assert_ok(cx, area_split(cx, &split, &order, &new, &out));
    assert_ok(cx, areas_hold(cx, &after));
    assert_true(before != after);
    Point south = { 20010000, 545010000 }, north = { 20010000, 545330000 };
    Day today = day_today(cx);
    assert_int_equal(area_find(before, south, S("ward"), today).place.value, ward.id.value);
    assert_int_equal(area_find(before, north, S("ward"), today).place.value, ward.id.value);
    assert_int_equal(area_find(after, south, S("ward"), today).place.value, ward.id.value);
    assert_int_equal(area_find(after, north, S("ward"), today).place.value, new.value);
    assert_ok(cx, areas_hold(cx, &again));
    assert_ptr_equal(again, after); /* nothing changed: nothing was built */
    ctx_other_end(&other);
    world_end(w);
}

/* ------------------------------------------------------------------ readers and builders */

enum { READERS = 3, CHANGES = 40 };

typedef struct Reader {
    World *w;
    _Atomic bool *stop;
    i64 lookups, wrong;
    pthread_t thread;
} Reader;

/* The town is covered at all times, whoever owns the piece. */
static void *read_on(void *arg)
{
    Reader *r = arg;
    Lattice l = { { 20000000, 545000000, 20600000, 545350000 }, 1, 1, 0, (u64)(size_t)r };
    const AreaMap *map;
    Ctx cx;
    ctx_other(r->w, &cx);
    while (!atomic_load(r->stop)) {
        ctx_begin(&cx, r->w->cx.now);
        if (areas_hold(&cx, &map) != OK)
            r->wrong++;
        for (int i = 0; i < 200; i++, r->lookups++)
            r->wrong += area_find(map, lattice_point(&l), S("ward"), day_today(&cx)).how
                      < AREA_NEAR;
        store_rest(&cx);
        ctx_end(&cx);
    }
    ctx_other_end(&cx);
    return NULL;
}

static void change_often(World *w)
{
    Ctx *cx = &w->cx;
    AreaOutcome out;
    Place a, b;
    for (int i = 0; i < CHANGES; i++) {
        AreaOrder order = { day_today(cx), S("test") };
        i32 lat = 545100000 + i * 1000;
        AreaSplit split = { .line = (Point[]){ { 19000000, lat }, { 20150000, lat } }, .line_n = 2,
                            .code = str_format(&cx->arena, "MB-%d", i + 10),
                            .name = { { S("新区"), S("New") } } };
        PlaceId new;
        assert_ok(cx, place_get_by_code(cx, S("MB-1"), day_today(cx), &a));
        split.place = a.id;
        assert_ok(cx, area_split(cx, &split, &order, &new, &out));
        assert_ok(cx, place_get_by_code(cx, split.code, day_today(cx), &b));
        assert_ok(cx, areas_merge(cx, (PlaceId[]){ a.id, b.id }, 2, &order, &out));
    }
}

static void readers_never_see_a_map_that_is_gone(void **state)
{
    World *w = world_new("town");
    Reader readers[READERS];
    _Atomic bool stop = false;
    (void)state;
    world_at(w, "2026-01-05 09:00");
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (Reader){ .w = w, .stop = &stop };
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    change_often(w);
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_true(readers[i].lookups > 0);
        assert_int_equal(readers[i].wrong, 0);
    }
    world_end(w);
}

static void maps_held_too_long_are_kept_and_the_newest_waits(void **state)
{
    enum { HELD = 15 };
    World *w = world_new("town");
    Ctx *cx = &w->cx, others[HELD];
    const AreaMap *maps[HELD], *last;
    AreaOutcome out;
    Place ward;
    (void)state;
    world_at(w, "2026-01-05 09:00");
    assert_ok(cx, place_get_by_code(cx, S("MB-1"), day_today(cx), &ward));
    for (int i = 0; i < HELD; i++) {
        others[i] = ctx_new(w->house, 64 << 20);
        ctx_begin(&others[i], cx->now);
        assert_ok(&others[i], store_attach(&others[i], w->store));
        assert_ok(&others[i], areas_hold(&others[i], &maps[i]));
        store_rest(&others[i]);
        i64 north = 545350000 - (i + 1) * 1000;
        AreaDraft d = draft(cx, "MB-1",
                            str_c(&cx->arena, str_format(&cx->arena,
                                  "20000000,545000000 20050000,545000000 20050000,%lld"
                                  " 20000000,%lld 20000000,545000000",
                                  (long long)north, (long long)north)));
        AreaOrder order = { day_today(cx), S("test") };
        assert_ok(cx, areas_put(cx, S("ward"), &d, "draw", &order, &out));
    }
    for (int i = 0; i < HELD; i++) {
        Point p = { 20010000, (i32)(545350000 - i * 1000 - 500) };
        AreaHow how = area_find(maps[i], p, S("ward"), day_today(cx)).how;
        assert_true(how == AREA_INSIDE);
        ctx_end(&others[i]);
        store_detach(&others[i]);
        ctx_free(&others[i]);
    }
    assert_ok(cx, areas_hold(cx, &last));
    world_end(w);
}

/* ------------------------------------------------------------------ real points */

static const char NTA[] = "/work/shared/data/polygons/nyc_NTA.geojson",
                  WANT[] = "/work/shared/data/incidents/nyc_expected_nta.csv";

/* The answers were made by shapely's covers: on a border several, separated by something. */
static bool is_expected(Str want, Str have)
{
    size_t at;
    return have.n ? str_find(want, have, &at) : want.n == 0;
}

static const Area *area_of(const Area *list, PlaceId place)
{
    for (const Area *a = list; a; a = a->next)
        if (a->place.value == place.value)
            return a;
    return NULL;
}

/* The file names its areas NTACode, and they are read as they stand. */
static Area *read_nta(Ctx *cx)
{
    Str text;
    AreaDraft *drafts;
    AreaFaults faults = { 0 };
    Area *first = NULL, **end = &first;
    i64 id = 0;
    assert_ok(cx, disk_read(cx, str_of(NTA), GEOJSON_BYTES_MAX, &text));
    Buf b = buf_new(&cx->arena, 64 << 20);
    for (size_t at; str_find(text, S("\"NTACode\""), &at);) {
        buf_add(&b, str_first(text, at));
        buf_add(&b, S("\"code\""));
        text = str_skip(text, at + 9);
    }
    buf_add(&b, text);
    if (areas_read_geojson(cx, buf_str(&b), FRAME_WGS84, &drafts, &faults))
        assert_never("%.*s", STR_ARGS(area_faults_text(cx, &faults)));
    for (const AreaDraft *d = drafts; d; d = d->next) {
        *end = NEW(cx, Area);
        **end = (Area){ .place = { ++id }, .level = S("nta"), .code = d->code,
                        .path = str_format(&cx->arena, "/%lld/", (long long)id),
                        .valid_from = { 0 }, .valid_to = NO_DAY, .shape = d->shape };
        end = &(*end)->next;
    }
    return first;
}

static void real_points_lie_in_the_areas_that_others_computed(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    Str text;
    Degrees d;
    Point p;
    i64 n = 0, near = 0;
    (void)state;
    if (access(NTA, R_OK) != 0 || access(WANT, R_OK) != 0) {
        print_message("not tried: %s is not here\n", NTA);
        world_end(w);
        skip();
    }
    Area *list = read_nta(cx);
    const AreaMap *map = area_map_build(&cx->arena, list, 1);
    assert_ok(cx, disk_read(cx, str_of(WANT), 16 << 20, &text));
    CsvReader csv = csv_reader(cx, text);
    assert_true(csv_next(&csv));
    for (; csv_next(&csv); n++) {
        Str typed = str_format(&cx->arena, "lat %.*s lon %.*s", STR_ARGS(csv_cell(&csv, 1)),
                               STR_ARGS(csv_cell(&csv, 2)));
        assert_null(coord_parse(typed, NULL, &d));
        assert_null(coord_store(d, FRAME_WGS84, &p));
        AreaAnswer a = area_find(map, p, S("nta"), DAY_ZERO);
        if (a.how == AREA_NEAR) { /* outside, and flagged so: others do not count that */
            a.place.value = 0;
            near++;
        }
        const Area *found = area_of(list, a.place);
        if (!is_expected(csv_cell(&csv, 3), found ? found->code : STR_EMPTY))
            assert_never("line %lld: %.*s instead of %.*s", (long long)csv.line,
                         STR_ARGS(found ? found->code : S("none")), STR_ARGS(csv_cell(&csv, 3)));
    }
    assert_true(n > 8000);
    print_message("%lld points agree, %lld of them only near\n", (long long)n, (long long)near);
    world_end(w);
}

TESTS("routes", cmocka_unit_test(each_point_lies_in_exactly_one_area_of_a_whole_level),
      cmocka_unit_test(on_a_border_the_lowest_code_wins),
      cmocka_unit_test(gaps_and_outside_have_a_defined_answer),
      cmocka_unit_test(an_empty_map_answers_outside), cmocka_unit_test(each_day_has_its_own_areas),
      cmocka_unit_test(a_district_routes_by_its_own_areas_from_the_start),
      cmocka_unit_test(a_change_is_seen_by_whoever_asks_next_and_by_nobody_before),
      cmocka_unit_test(readers_never_see_a_map_that_is_gone),
      cmocka_unit_test(maps_held_too_long_are_kept_and_the_newest_waits),
      cmocka_unit_test(real_points_lie_in_the_areas_that_others_computed))
