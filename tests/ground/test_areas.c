/* test_areas.c -- polygons: read, refused with every mistake, kept with their time, split, merged,
** and checked as a level. */
#include "support/support.h"

#include "areas/areas.h"
#include "support/lattice.h"

#include <stdlib.h>
#include <unistd.h>

/* ------------------------------------------------------------------ helpers */

static Err read_text(Ctx *cx, Str text, Frame frame, AreaDraft **out, AreaFaults *faults)
{
    *faults = (AreaFaults){ 0 };
    return areas_read_geojson(cx, text, frame, out, faults);
}

static Str collection(Ctx *cx, const char *features)
{
    return str_format(&cx->arena, "{\"type\":\"FeatureCollection\",\"features\":[%s]}", features);
}

static Str feature(Ctx *cx, const char *code, const char *type, const char *coordinates)
{
    return str_format(&cx->arena,
                      "{\"type\":\"Feature\",\"properties\":{\"code\":\"%s\",\"name\":\"N\"},"
                      "\"geometry\":{\"type\":\"%s\",\"coordinates\":%s}}",
                      code, type, coordinates);
}

static World *town(void)
{
    World *w = world_new("town");
    world_at(w, "2026-01-05 09:00");
    return w;
}

static PlaceId place_of(Ctx *cx, const char *code)
{
    Place p;
    assert_ok(cx, place_get_by_code(cx, str_of(code), day_today(cx), &p));
    return p.id;
}

static AreaOrder today(Ctx *cx)
{
    return (AreaOrder){ day_today(cx), S("test") };
}

static Str text_of(Ctx *cx, PlaceId place, Day day)
{
    Area a;
    assert_ok(cx, area_get(cx, place, day, &a));
    return shape_text(cx, &a.shape);
}

static void assert_whole(Ctx *cx, const char *level)
{
    AreaFaults faults = { 0 };
    i64 checked;
    assert_ok(cx, areas_check(cx, str_of(level), day_today(cx), &faults, &checked));
    if (faults.n)
        assert_never("%.*s", STR_ARGS(area_faults_text(cx, &faults)));
    assert_true(checked > 0);
}

/* ------------------------------------------------------------------ shapes */

static void one_area_has_one_text(void **state)
{
    static const char *const SAME[] = {
        "0,0 10,0 10,10 0,10 0,0;2,2 2,4 4,4 4,2 2,2;6,6 6,8 8,8 8,6 6,6|20,0 30,0 30,10 20,0",
        "20,0 30,10 30,0 20,0|0,10 0,0 10,0 10,0 10,10 0,10;8,8 8,6 6,6 6,8 8,8;"
        "4,2 4,4 2,4 2,2 4,2",
    };
    World *w = world_bare();
    Shape a, b;
    (void)state;
    assert_true(shape_parse(&w->cx, str_of(SAME[0]), &a));
    assert_true(shape_parse(&w->cx, str_of(SAME[1]), &b));
    shape_settle(&w->cx, &a);
    shape_settle(&w->cx, &b);
    assert_str(shape_text(&w->cx, &a), SAME[0]);
    assert_str(shape_text(&w->cx, &b), SAME[0]);
    static const char *const BAD[] = { "", "0,0", "0,0 1,1 0,0", "0,0 1,0 1,1 0,1",
                                       "a,b c,d e,f a,b", "0,0 1,0 1,1 0,0;", "0,0 1,0 1,1 0,0|",
                                       "1800000001,0 1,0 1,1 1800000001,0" };
    for (size_t i = 0; i < COUNT(BAD); i++)
        if (shape_parse(&w->cx, str_of(BAD[i]), &a))
            assert_never("taken: %s", BAD[i]);
    world_end(w);
}

/* A square of 0.01 degrees at the equator is 1113.2 by 1105.74 m on the ellipsoid. */
static void square_metres_are_those_of_the_ellipsoid(void **state)
{
    World *w = world_bare();
    Shape s;
    (void)state;
    assert_true(shape_parse(&w->cx, S("0,0 100000,0 100000,100000 0,100000 0,0"), &s));
    assert_true(llabs(shape_m2(&s) - 1230906) < 30);
    assert_true(shape_parse(
        &w->cx, S("0,0 100000,0 100000,100000 0,100000 0,0;"
                  "0,0 0,100000 50000,100000 50000,0 0,0"), &s));
    assert_true(llabs(shape_m2(&s) - 615453) < 20);
    world_end(w);
}

/* ------------------------------------------------------------------ GeoJSON */

static void what_can_only_be_meant_one_way_is_mended(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    AreaDraft *drafts;
    AreaFaults faults;
    Str clockwise_and_doubled = feature(
        cx, "A", "Polygon", "[[[0,0],[0,1],[0,1],[1,1],[1,0],[0,0]],[[0.2,0.2],[0.4,0.2],[0.4,0.4],"
                            "[0.2,0.2]]]");
    (void)state;
    Str text = collection(cx, str_c(&cx->arena, clockwise_and_doubled));
    assert_ok(cx, read_text(cx, str_join(&cx->arena, S("\xEF\xBB\xBF"), text), FRAME_WGS84, &drafts,
                            &faults));
    assert_str(shape_text(cx, &drafts->shape),
               "0,0 10000000,0 10000000,10000000 0,10000000 0,0;"
               "2000000,2000000 4000000,4000000 4000000,2000000 2000000,2000000");
    assert_str(drafts->name.in[LANG_ZH], "N");
    world_end(w);
}

typedef struct BadFeature {
    const char *type, *coordinates, *says;
} BadFeature;

static const BadFeature BAD_FEATURES[] = {
    { "Polygon", "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]",
      "(0.5000000 N, 0.5000000 E): The outline crosses itself" },
    { "Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]",
      "ring 1, point 4 (1.0000000 N, 0.0000000 E): The ring does not end" },
    { "Polygon", "[[[0,0],[1,0],[0,0]]]", "ring 1: A ring needs at least three" },
    { "Polygon", "[[[0,0],[0,0],[1,0],[1,0],[0,0]]]", "ring 1: A ring needs at least three" },
    { "Polygon", "[[[0,0],[1,0],[1,\"x\"],[0,1],[0,0]]]",
      "ring 1, point 3: This is not a position" },
    { "Polygon", "[[[0,0],[1,0],[1],[0,1],[0,0]]]", "point 3: This is not a position" },
    { "Polygon", "[[[0,0],[1,104],[1,1],[0,0]]]", "point 2: A latitude lies between" },
    { "Polygon", "[[[179,0],[-179,0],[-179,1],[179,1],[179,0]]]",
      "point 1 (0.0000000 N, 179.0000000 E): The ring runs the long way" },
    { "Polygon", "[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[2,2],[3,2],[3,3],[2,2]]]",
      "A hole lies outside" },
    { "Polygon", "[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[3,1],[3,3],[1,3],[1,1]],[[2,2]"
      ",[2.5,2],[2.5,2.5],[2,2]]]",
      "One hole lies inside another" },
    { "Polygon", "[[[0,0],[2,0],[1,1],[2,2],[0,2],[1,1],[0,0]]]",
      "(1.0000000 N, 1.0000000 E): The outline touches itself" },
    { "MultiPolygon", "[[[[0,0],[2,0],[2,2],[0,2],[0,0]]],[[[1,1],[3,1],[3,3],[1,3],[1,1]]]]",
      "The outline crosses itself" },
    { "MultiPolygon", "[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[1,1],[2,1],[2,2],[1,1]]]]",
      "One part lies inside another" },
    { "MultiPolygon", "[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[7,1],[8,1],[8,2]]]]",
      "part 2, ring 1: A ring needs" },
    { "Polygon", "[]", "The coordinates are not a list of rings" },
    { "Polygon", "{}", "The coordinates are not a list of rings" },
    { "Polygon", "[5]", "ring 1: A ring needs" },
    { "Point", "[0,0]", "Its geometry is Point" },
    { "Polygon", "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]",
      "km from the middle" }, /* the others lie at 100 E */
};

static void every_mistake_is_told_at_once_with_its_feature(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    AreaDraft *drafts;
    AreaFaults faults;
    Buf b = buf_new(&cx->arena, 1 << 20);
    (void)state;
    for (int i = 0; i < 3; i++) {
        buf_add(&b, feature(cx, "good", "Polygon", "[[[100,0],[101,0],[101,1],[100,1],[100,0]]]"));
        buf_add_char(&b, ',');
    }
    for (size_t i = 0; i < COUNT(BAD_FEATURES); i++) {
        if (i)
            buf_add_char(&b, ',');
        buf_add(&b, feature(cx, "bad", BAD_FEATURES[i].type, BAD_FEATURES[i].coordinates));
    }
    Str text = collection(cx, str_c(&cx->arena, buf_str(&b)));
    assert_fails(cx, read_text(cx, text, FRAME_WGS84, &drafts, &faults), E_INPUT, "areas.refused");
    Str all = area_faults_text(cx, &faults), line;
    assert_int_equal(faults.n, COUNT(BAD_FEATURES));
    for (size_t i = 0; i < COUNT(BAD_FEATURES); i++) {
        size_t at;
        Str feature_n = str_format(&cx->arena, "feature %zu bad", i + 4);
        assert_true(str_cut(&all, '\n', &line));
        if (!str_starts(line, feature_n) || !str_find(line, str_of(BAD_FEATURES[i].says), &at))
            assert_never("row %zu: %.*s", i, STR_ARGS(line));
    }
    world_end(w);
}

static void what_is_no_collection_is_refused(void **state)
{
    static const struct { const char *text; Err err; const char *key; } ROWS[] = {
        { "", E_INPUT, "json.not_json" },
        { "{\"type\":\"FeatureCollection\",\"features\":[NaN]}", E_INPUT, "json.not_json" },
        { "{\"type\":\"FeatureCollection\",\"features\":[1e999]}", E_INPUT, "json.not_json" },
        { "[]", E_INPUT, "areas.not_a_collection" },
        { "{\"type\":\"FeatureCollection\",\"features\":[]}", E_INPUT, "areas.not_a_collection" },
        { "{\"type\":\"FeatureCollection\",\"features\":{}}", E_INPUT, "areas.not_a_collection" },
        { "{\"type\":\"FeatureCollection\",\"features\":[7]}", E_INPUT, "areas.refused" },
        { "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
          "\"urn:ogc:def:crs:EPSG::3857\"}},\"features\":[7]}", E_INPUT, "areas.refused" },
    };
    World *w = world_bare();
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        AreaDraft *drafts;
        AreaFaults faults;
        assert_fails(&w->cx, read_text(&w->cx, str_of(ROWS[i].text), FRAME_WGS84, &drafts, &faults),
                     ROWS[i].err, ROWS[i].key);
        ctx_forgive(&w->cx);
        assert_int_equal(faults.n, i < 6 ? 0 : i == 6 ? 1 : 2);
    }
    world_end(w);
}

static void a_file_of_a_hundred_megabytes_is_refused_unread(void **state)
{
    World *w = world_bare();
    AreaDraft *drafts;
    AreaFaults faults;
    size_t n = (size_t)100 << 20;
    char *large = calloc(1, n);
    (void)state;
    assert_non_null(large);
    assert_fails(&w->cx, read_text(&w->cx, (Str){ large, n }, FRAME_WGS84, &drafts, &faults),
                 E_LIMIT, "areas.file_too_large");
    free(large);
    world_end(w);
}

static void what_is_exported_comes_back_the_same_in_every_frame(void **state)
{
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Area *list;
    AreaDraft *drafts;
    AreaFaults faults;
    (void)state;
    world_at(w, "2026-01-05 09:00");
    for (Frame f = 0; f < FRAMES_N; f++) {
        Buf b = buf_new(&cx->arena, 8 << 20);
        assert_ok(cx, area_list(cx, S("community"), day_today(cx), &list));
        areas_write_geojson(&b, list, f);
        assert_ok(cx, read_text(cx, buf_str(&b), f, &drafts, &faults));
        for (const Area *a = list; a; a = a->next, drafts = drafts->next) {
            assert_str(drafts->code, str_c(&cx->arena, a->code));
            assert_true(drafts->synthetic);
            assert_str(shape_text(cx, &drafts->shape),
                       str_c(&cx->arena, shape_text(cx, &a->shape)));
        }
        assert_null(drafts);
    }
    world_end(w);
}

static const char REAL[] = "/work/shared/data/polygons/qingyang_510105.geojson";

static void a_real_outline_is_moved_out_of_its_frame(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    Str text;
    AreaDraft *gcj, *wgs;
    AreaFaults faults;
    size_t at;
    (void)state;
    if (access(REAL, R_OK) != 0) {
        print_message("not tried: %s is not here\n", REAL);
        world_end(w);
        skip();
    }
    assert_ok(cx, disk_read(cx, str_of(REAL), GEOJSON_BYTES_MAX, &text));
    assert_true(str_find(text, S("\"adcode\""), &at));
    text = str_join(&cx->arena, str_join(&cx->arena, str_first(text, at), S("\"code\"")),
                    str_skip(text, at + 8));
    assert_ok(cx, read_text(cx, text, FRAME_GCJ02, &gcj, &faults));
    assert_ok(cx, read_text(cx, text, FRAME_WGS84, &wgs, &faults));
    Point a = { shape_box(&gcj->shape).west, shape_box(&gcj->shape).south },
          b = { shape_box(&wgs->shape).west, shape_box(&wgs->shape).south };
    assert_true(coord_distance_m(a, b) > 300 && coord_distance_m(a, b) < 420);
    assert_true(shape_m2(&gcj->shape) > 60000000 && shape_m2(&gcj->shape) < 75000000);
    world_end(w);
}

/* ------------------------------------------------------------------ topology */

static void the_areas_we_ship_are_whole(void **state)
{
    World *w = world_new("cn-qingyang");
    (void)state;
    world_at(w, "2026-01-05 09:00");
    assert_whole(&w->cx, "district");
    assert_whole(&w->cx, "community");
    assert_whole(&w->cx, "grid");
    world_end(w);
    w = town();
    assert_whole(&w->cx, "town");
    assert_whole(&w->cx, "ward");
    world_end(w);
}

typedef struct Change {
    const char *code, *shape;
} Change;

static Err change_row(Ctx *cx, void *arg)
{
    const Change *c = arg;
    Query q = QUERY(cx, "UPDATE area SET shape = $2 WHERE place = $1", ID(place_of(cx, c->code)),
                    T(str_of(c->shape)));
    return query_run(&q);
}

static const AreaFault *fault_named(const AreaFaults *faults, const char *key)
{
    for (const AreaFault *f = faults->first; f; f = f->next)
        if (str_is(str_of(f->key), str_of(key)))
            return f;
    assert_never("no fault %s", key);
    return NULL;
}

/* MB-1 drawn as a square that leaves most of its ward, lies over MB-2 and sticks out of the
   town. */
static void overlaps_gaps_and_what_sticks_out_are_listed_with_a_point_inside(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    Change c = { "MB-1", "20090000,544990000 20120000,544990000 20120000,545100000"
                         " 20090000,545100000 20090000,544990000" };
    AreaFaults faults = { 0 };
    i64 checked;
    Area town_area, second;
    (void)state;
    assert_ok(cx, store_write(cx, change_row, &c));
    assert_ok(cx, areas_check(cx, S("ward"), day_today(cx), &faults, &checked));
    assert_int_equal(checked, 5);
    const AreaFault *overlap = fault_named(&faults, "areas.overlap"),
                    *gap = fault_named(&faults, "areas.gap"),
                    *out = fault_named(&faults, "areas.sticks_out");
    assert_str(overlap->where, "MB-1, MB-2");
    assert_str(out->where, "MB-1");
    assert_str(gap->where, "MB");
    assert_true(out->at.lat < 545000000 && out->at.lat > 544990000);
    /* 0.003 by 0.001 degrees at 54.5 N */
    assert_true(llabs(out->m2 - 21600) < 200);
    assert_ok(cx, area_get(cx, place_of(cx, "MB-2"), day_today(cx), &second));
    assert_ok(cx, area_get(cx, place_of(cx, "MB"), day_today(cx), &town_area));
    town_area.next = &second;
    const AreaMap *map = area_map_build(&cx->arena, &town_area, 1);
    assert_int_equal(area_find(map, overlap->at, S("ward"), day_today(cx)).how, AREA_INSIDE);
    assert_int_equal(area_find(map, gap->at, S("town"), day_today(cx)).how, AREA_INSIDE);
    world_end(w);
}

/* ------------------------------------------------------------------ putting */

static Err put_text(Ctx *cx, const char *level, Str text, AreaOutcome *out)
{
    AreaDraft *drafts;
    AreaFaults faults;
    AreaOrder order = today(cx);
    *out = (AreaOutcome){ 0 };
    assert_ok(cx, read_text(cx, text, FRAME_CGCS2000, &drafts, &faults));
    return areas_put(cx, str_of(level), drafts, "import", &order, out);
}

static Str export_level(Ctx *cx, const char *level)
{
    Area *list;
    Buf b = buf_new(&cx->arena, 8 << 20);
    assert_ok(cx, area_list(cx, str_of(level), day_today(cx), &list));
    areas_write_geojson(&b, list, FRAME_CGCS2000);
    return buf_str(&b);
}

static i64 count(Ctx *cx, Query q)
{
    i64 n;
    assert_ok(cx, query_one_int(&q, &n));
    return n;
}

static void the_same_file_twice_changes_nothing(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    AreaOutcome out;
    (void)state;
    assert_ok(cx, put_text(cx, "ward", export_level(cx, "ward"), &out));
    assert_int_equal(out.same, 5);
    assert_int_equal(out.changed, 0);
    assert_int_equal(count(cx, QUERY(cx, "SELECT COUNT(*) FROM area_change")), 0);
    world_end(w);
}

static void a_refused_file_changes_nothing_and_tells_all(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    AreaOutcome out;
    Str square = S("[[[2.0,54.5],[2.001,54.5],[2.001,54.501],[2.0,54.501],[2.0,54.5]]]");
    char *at = str_c(&cx->arena, square);
    (void)state;
    Str text = collection(
        cx, str_c(&cx->arena, str_format(&cx->arena, "%.*s,%.*s,%.*s",
                                         STR_ARGS(feature(cx, "MB-1", "Polygon", at)),
                                         STR_ARGS(feature(cx, "XX-1", "Polygon", at)),
                                         STR_ARGS(feature(cx, "MB", "Polygon", at)))));
    assert_fails(cx, put_text(cx, "ward", text, &out), E_INPUT, "areas.refused");
    ctx_forgive(cx);
    assert_int_equal(out.told.n, 2);
    fault_named(&out.told, "areas.no_parent");
    fault_named(&out.told, "areas.other_level");
    text = collection(cx, str_c(&cx->arena, feature(cx, "MB-2", "Polygon", at)));
    assert_fails(cx, put_text(cx, "ward", text, &out), E_INPUT, "areas.refused");
    ctx_forgive(cx);
    assert_str(fault_named(&out.told, "areas.overlap")->where, "MB-1, MB-2");
    assert_fails(cx, put_text(cx, "planet", text, &out), E_INPUT, "areas.no_such_level");
    ctx_forgive(cx);
    assert_int_equal(count(cx, QUERY(cx, "SELECT COUNT(*) FROM area_change")), 0);
    assert_whole(cx, "ward");
    world_end(w);
}

static void a_change_holds_from_its_day_and_what_was_is_kept(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    AreaOutcome out;
    Area *history;
    PlaceId ward = place_of(cx, "MB-1");
    Day now = day_today(cx), yesterday = day_add(now, -1);
    Str was = text_of(cx, ward, now);
    (void)state;
    Str smaller = collection(cx, str_c(&cx->arena, feature(cx, "MB-1", "Polygon",
        "[[[2.0,54.5],[2.001,54.5],[2.001,54.501],[2.0,54.501],[2.0,54.5]]]")));
    assert_ok(cx, put_text(cx, "ward", smaller, &out));
    assert_int_equal(out.changed, 1);
    assert_true(out.told.n > 0); /* the gap it leaves */
    assert_str(text_of(cx, ward, yesterday), str_c(&cx->arena, was));
    assert_false(str_is(text_of(cx, ward, now), was));
    Str even_smaller = collection(cx, str_c(&cx->arena, feature(cx, "MB-1", "Polygon",
        "[[[2.0,54.5],[2.001,54.5],[2.001,54.5005],[2.0,54.5005],[2.0,54.5]]]")));
    assert_ok(cx, put_text(cx, "ward", even_smaller, &out)); /* the same day once more */
    assert_ok(cx, area_list_history(cx, ward, &history));
    assert_non_null(history->next);
    assert_null(history->next->next);
    assert_int_equal(history->valid_to.value, now.value);
    assert_int_equal(count(cx, QUERY(cx, "SELECT COUNT(*) FROM area_change WHERE was <> ''")), 2);
    AreaDraft d = { .code = S("MB-1"), .shape = history->shape };
    AreaOrder order = { yesterday, S("too early") };
    assert_fails(cx, areas_put(cx, S("ward"), &d, "draw", &order, &out), E_CONFLICT,
                 "areas.day_before");
    world_end(w);
}

static void a_new_code_with_a_name_becomes_a_place(void **state)
{
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    AreaOutcome out;
    Place p;
    (void)state;
    world_at(w, "2026-01-05 09:00");
    /* over what stands: refused, and the place is not made either */
    const char *ring = "[[[104.001,30.698],[104.0015,30.698],[104.0015,30.699],"
                       "[104.001,30.699],[104.001,30.698]]]";
    Str text = collection(
        cx, str_c(&cx->arena, feature(cx, "510105002002099", "Polygon", ring)));
    assert_fails(cx, put_text(cx, "grid", text, &out), E_INPUT, "areas.refused");
    ctx_forgive(cx);
    assert_int_equal(place_get_by_code(cx, S("510105002002099"), day_today(cx), &p), E_MISSING);
    ctx_forgive(cx);
    /* code of another shape than the level's */
    text = collection(cx, str_c(&cx->arena, feature(cx, "5101050020029", "Polygon", ring)));
    assert_fails(cx, put_text(cx, "grid", text, &out), E_INPUT, "areas.refused");
    ctx_forgive(cx);
    fault_named(&out.told, "places.code_length");
    world_end(w);
}

/* ------------------------------------------------------------------ split and merge */

static AreaSplit splitting(PlaceId place, const Point *line, size_t n, const char *code)
{
    return (AreaSplit){ .place = place, .line = line, .line_n = n, .code = str_of(code),
                        .name = { { S("新区"), S("New ward") } } };
}

static void what_was_split_and_merged_is_the_same_area(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    Lattice dice = { { 20000000, 545000000, 20600000, 545350000 }, 1, 1, 0, 99 };
    int split_n = 0;
    (void)state;
    for (int i = 0; i < 60; i++) {
        AreaOutcome out;
        AreaOrder order = today(cx);
        PlaceId ward = place_of(cx, "MB-3"), new;
        Point line[] = { lattice_point(&dice), lattice_point(&dice), lattice_point(&dice) };
        line[0].lon = 19900000;
        line[2].lon = 20700000;
        Str code = str_format(&cx->arena, "MB-%d", 20 + i), was = text_of(cx, ward, order.day);
        AreaSplit s = splitting(ward, line, 3, str_c(&cx->arena, code));
        Err err = area_split(cx, &s, &order, &new, &out);
        if (err) { /* it leaves the town, or runs across more than once */
            assert_fails(cx, err, E_INPUT, "areas.not_cut_in_two");
            ctx_forgive(cx);
            continue;
        }
        split_n++;
        assert_whole(cx, "ward");
        assert_int_equal(out.changed, 2);
        assert_ok(cx, areas_merge(cx, (PlaceId[]){ ward, new }, 2, &order, &out));
        assert_str(text_of(cx, ward, order.day), str_c(&cx->arena, was));
        assert_whole(cx, "ward");
    }
    assert_true(split_n > 20);
    assert_int_equal(count(cx, QUERY(cx, "SELECT COUNT(*) FROM place_succession"
                                         " WHERE kind = 'merge'")), split_n);
    world_end(w);
}

static void a_line_that_does_not_cut_in_two_is_refused(void **state)
{
    static const struct { Point line[4]; size_t n; } ROWS[] = {
        { { { 19000000, 545100000 }, { 19500000, 545100000 } }, 2 },  /* outside */
        { { { 19900000, 545100000 }, { 20050000, 545100000 } }, 2 },  /* ends inside */
        { { { 20020000, 545100000 }, { 20050000, 545100000 } }, 2 },  /* wholly inside */
        { { { 20000000, 545000000 }, { 20000000, 545350000 } }, 2 },  /* along the edge */
        { { { 19900000, 545100000 }, { 20050000, 545150000 }, { 19900000, 545200000 },
            { 20300000, 545250000 } }, 4 },                           /* in and out twice */
        { { { 20050000, 545100000 }, { 20050000, 545100000 } }, 2 },  /* a point */
    };
    World *w = town();
    Ctx *cx = &w->cx;
    AreaOutcome out;
    PlaceId new;
    AreaOrder order = today(cx);
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        AreaSplit s = splitting(place_of(cx, "MB-1"), ROWS[i].line, ROWS[i].n, "MB-9");
        Err err = area_split(cx, &s, &order, &new, &out);
        if (err != E_INPUT)
            assert_never("row %zu: %d", i, (int)err);
        assert_fails(cx, err, E_INPUT, "areas.not_cut_in_two");
        ctx_forgive(cx);
    }
    const Point good[] = { { 19900000, 545100000 }, { 20150000, 545100000 } };
    AreaSplit taken = splitting(place_of(cx, "MB-1"), good, 2, "MB-2"),
              nameless = { .place = taken.place, .line = good, .line_n = 2, .code = S("MB-9") },
              short_line = splitting(taken.place, good, 1, "MB-9");
    assert_fails(cx, area_split(cx, &taken, &order, &new, &out), E_CONFLICT, "places.code_taken");
    ctx_forgive(cx);
    assert_fails(cx, area_split(cx, &nameless, &order, &new, &out), E_INPUT, "areas.name_missing");
    ctx_forgive(cx);
    assert_fails(cx, area_split(cx, &short_line, &order, &new, &out), E_INPUT,
                 "areas.line_too_short");
    ctx_forgive(cx);
    assert_whole(cx, "ward");
    world_end(w);
}

static void only_neighbours_of_one_parent_are_merged(void **state)
{
    World *w = town();
    Ctx *cx = &w->cx;
    AreaOutcome out;
    AreaOrder order = today(cx);
    PlaceId a = place_of(cx, "MB-1"), b = place_of(cx, "MB-2"), c = place_of(cx, "MB-3");
    Place gone;
    (void)state;
    assert_fails(cx, areas_merge(cx, (PlaceId[]){ a, c }, 2, &order, &out), E_INPUT,
                 "areas.not_neighbours");
    ctx_forgive(cx);
    assert_fails(cx, areas_merge(cx, (PlaceId[]){ a, a }, 2, &order, &out), E_INPUT,
                 "areas.not_of_one_parent");
    ctx_forgive(cx);
    assert_fails(cx, areas_merge(cx, (PlaceId[]){ a, place_of(cx, "MB") }, 2, &order, &out),
                 E_INPUT, "areas.not_of_one_parent");
    ctx_forgive(cx);
    assert_fails(cx, areas_merge(cx, &a, 1, &order, &out), E_INPUT, "areas.merge_two");
    ctx_forgive(cx);
    assert_ok(cx, areas_merge(cx, (PlaceId[]){ a, b, c }, 3, &order, &out));
    assert_whole(cx, "ward");
    assert_int_equal(place_get_by_code(cx, S("MB-2"), order.day, &gone), E_MISSING);
    ctx_forgive(cx);
    assert_ok(cx, place_get_by_code(cx, S("MB-2"), day_add(order.day, -1), &gone));
    assert_ok(cx, area_get(cx, gone.id, day_add(order.day, -1), &(Area){ 0 }));
    world_end(w);
}

/* ------------------------------------------------------------------ open matters */

static void open_matters_in_a_changed_area_are_told(void **state)
{
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    AreaOutcome out;
    PlaceId new;
    const Point line[] = { { 19900000, 545100000 }, { 20150000, 545100000 } };
    (void)state;
    world_at(w, "2026-01-05 09:00");
    const Place *ward = &(Place){ .id = place_of(cx, "MB-1") };
    act_as_anyone(cx);
    MatterId id = apply_for(cx, "street-trading", "MB-1");
    AreaOrder order = today(cx);
    AreaSplit s = splitting(ward->id, line, 2, "MB-9");
    assert_ok(cx, area_split(cx, &s, &order, &new, &out));
    assert_non_null(out.open);
    assert_int_equal(out.open->matter.value, id.value);
    assert_int_equal(out.open->place.value, ward->id.value);
    assert_null(out.open->next);
    world_end(w);
}

TESTS("areas", cmocka_unit_test(one_area_has_one_text),
      cmocka_unit_test(square_metres_are_those_of_the_ellipsoid),
      cmocka_unit_test(what_can_only_be_meant_one_way_is_mended),
      cmocka_unit_test(every_mistake_is_told_at_once_with_its_feature),
      cmocka_unit_test(what_is_no_collection_is_refused),
      cmocka_unit_test(a_file_of_a_hundred_megabytes_is_refused_unread),
      cmocka_unit_test(what_is_exported_comes_back_the_same_in_every_frame),
      cmocka_unit_test(a_real_outline_is_moved_out_of_its_frame),
      cmocka_unit_test(the_areas_we_ship_are_whole),
      cmocka_unit_test(overlaps_gaps_and_what_sticks_out_are_listed_with_a_point_inside),
      cmocka_unit_test(the_same_file_twice_changes_nothing),
      cmocka_unit_test(a_refused_file_changes_nothing_and_tells_all),
      cmocka_unit_test(a_change_holds_from_its_day_and_what_was_is_kept),
      cmocka_unit_test(a_new_code_with_a_name_becomes_a_place),
      cmocka_unit_test(what_was_split_and_merged_is_the_same_area),
      cmocka_unit_test(a_line_that_does_not_cut_in_two_is_refused),
      cmocka_unit_test(only_neighbours_of_one_parent_are_merged),
      cmocka_unit_test(open_matters_in_a_changed_area_are_told))
