/* test_coord.c -- points: frames on the published vectors, the way back, and what people write. */
#include "support/support.h"

#include "coord/coord.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------ vectors */

static Degrees pair(const Json *two)
{
    return (Degrees){ json_number_value(json_at(two, 0)), json_number_value(json_at(two, 1)) };
}

static void assert_near(Degrees have, Degrees want, double degrees, const char *what)
{
    if (fabs(have.lon - want.lon) > degrees || fabs(have.lat - want.lat) > degrees)
        assert_never("%s: %.9f %.9f instead of %.9f %.9f", what, have.lon, have.lat, want.lon,
                     want.lat);
}

static const Json *vectors(World *w, const char *key)
{
    const Json *list = json_in(test_json(&w->cx, "data/vectors.json"), key);
    assert_true(json_count(list) > 0 || json_in(list, "points"));
    return list;
}

static Point stored(Degrees d, Frame frame)
{
    Point p;
    const char *fault = coord_store(d, frame, &p);
    if (fault)
        assert_never("%.9f %.9f: %s", d.lon, d.lat, fault);
    return p;
}

static void frames_of_the_vectors(void **state)
{
    World *w = world_bare();
    const Json *list = vectors(w, "gcj02");
    (void)state;
    assert_true(json_count(list) >= 9);
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *v = json_at(list, i);
        Degrees wgs = pair(json_in(v, "wgs84")), gcj = pair(json_in(v, "gcj02")),
                bd = pair(json_in(v, "bd09"));
        Point p = stored(wgs, FRAME_WGS84);
        assert_near(coord_show(p, FRAME_GCJ02), gcj, 1.1e-8, "to GCJ-02");
        assert_near(coord_show(p, FRAME_BD09), bd, 1.1e-8, "to BD-09");
        /* the vectors have eight decimals, a point seven: half a unit, and what they round */
        assert_near(coord_show(stored(gcj, FRAME_GCJ02), FRAME_WGS84), wgs, 1.01e-7, "from GCJ-02");
        assert_near(coord_show(stored(bd, FRAME_BD09), FRAME_WGS84), wgs, 1.01e-7, "from BD-09");
    }
    world_end(w);
}

static void distances_and_the_plane_of_the_vectors(void **state)
{
    World *w = world_bare();
    const Json *list = vectors(w, "distance"), *flat = json_in(vectors(w, "cgcs2000_gk"), "points");
    (void)state;
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *v = json_at(list, i);
        Point a = stored(pair(json_in(v, "a")), FRAME_WGS84),
              b = stored(pair(json_in(v, "b")), FRAME_WGS84);
        assert_int_equal(coord_distance_m(a, b),
                         llround(json_number_value(json_in(v, "haversine_m"))));
        assert_int_equal(coord_distance_m(a, a), 0);
    }
    assert_true(json_count(flat) >= 3);
    for (size_t i = 0; i < json_count(flat); i++) {
        const Json *v = json_at(flat, i);
        Plane p = coord_plane((Degrees){ json_number_value(json_in(v, "lon")),
                                         json_number_value(json_in(v, "lat")) }, 105);
        assert_true(fabs(p.east + 500000 - json_number_value(json_in(v, "easting"))) < 0.0006);
        assert_true(fabs(p.north - json_number_value(json_in(v, "northing"))) < 0.0006);
    }
    world_end(w);
}

/* ------------------------------------------------------------------ the way back */

static u64 dice = 0x9E3779B97F4A7C15u;

static double between(double least, double most)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return least + (most - least) * (double)(dice >> 11) / 9007199254740992.0;
}

static void every_frame_leads_back_to_the_same_point(void **state)
{
    (void)state;
    for (int i = 0; i < 40000; i++) {
        Point p = stored((Degrees){ between(-180, 180), between(-85, 85) }, FRAME_CGCS2000);
        if (i % 2)
            p = stored((Degrees){ between(72.02, 137.82), between(0.84, 55.81) }, FRAME_CGCS2000);
        Degrees edge = coord_show(p, FRAME_WGS84);
        bool is_at_edge = fabs(edge.lon - 72.004) < 0.01 || fabs(edge.lon - 137.8347) < 0.01
                       || fabs(edge.lat - 0.8293) < 0.01 || fabs(edge.lat - 55.8271) < 0.01;
        for (Frame f = 0; f < FRAMES_N && !is_at_edge; f++) {
            Point back = stored(coord_show(p, f), f);
            if (!point_is(back, p))
                assert_never("%d %d by %.*s: %d %d", p.lon, p.lat, STR_ARGS(frame_name(f)),
                             back.lon, back.lat);
        }
    }
}

static void what_lies_on_no_globe_is_refused(void **state)
{
    static const struct { Degrees d; Frame frame; const char *fault; } BAD[] = {
        { { NAN, 30 }, FRAME_WGS84, "coord.not_on_globe" },
        { { 104, INFINITY }, FRAME_BD09, "coord.not_on_globe" },
        { { 30.66, 104.06 }, FRAME_WGS84, "coord.not_on_globe" },
        { { 180.0001, 0 }, FRAME_CGCS2000, "coord.not_on_globe" },
        /* inside the box, and nothing is shifted to it */
        { { 72.0041, 0.8294 }, FRAME_GCJ02, "coord.shown_nowhere" },
    };
    Point p;
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        const char *fault = coord_store(BAD[i].d, BAD[i].frame, &p);
        if (!fault || strcmp(fault, BAD[i].fault) != 0)
            assert_never("row %zu: %s", i, fault ? fault : "taken");
    }
}

static void frames_are_known_by_their_names(void **state)
{
    Frame f;
    (void)state;
    for (Frame each = 0; each < FRAMES_N; each++)
        assert_true(frame_parse(frame_name(each), &f) && f == each);
    assert_true(frame_parse(S("gcj02"), &f) && f == FRAME_GCJ02);
    assert_true(frame_parse(S("EPSG:4490"), &f) && f == FRAME_CGCS2000);
    assert_false(frame_parse(S("xian80"), &f));
}

/* ------------------------------------------------------------------ text */

static void what_people_write_is_read(void **state)
{
    static const struct { const char *text; double lat, lon; } GOOD[] = {
        { "30.66, 104.06", 30.66, 104.06 },
        { "104.06,30.66", 30.66, 104.06 },
        { "104.06 30.66", 30.66, 104.06 },
        { "(104.06；30.66)", 30.66, 104.06 },
        { "３０．６６，１０４．０６", 30.66, 104.06 },
        { "30.66N 104.06E", 30.66, 104.06 },
        { "104.06E30.66N", 30.66, 104.06 },
        { "N 30.66, E 104.06", 30.66, 104.06 },
        { "51.5 N, 0.12 W", 51.5, -0.12 },
        { "lat: 51.5 lon: -0.12", 51.5, -0.12 },
        { "longitude=-0.12; latitude=51.5", 51.5, -0.12 },
        { "lng -0.12 lat 51.5", 51.5, -0.12 },
        { "北纬30.66°，东经104.06°", 30.66, 104.06 },
        { "东经104度3分36秒 北纬30度39分36秒", 30.66, 104.06 },
        { "经度：104.06，纬度：30.66", 30.66, 104.06 },
        { "30°39'36\"N 104°3'36\"E", 30.66, 104.06 },
        { "30°39′36″N, 104°03′36″E", 30.66, 104.06 },
        { "30º39’36”N 104º03’36”E", 30.66, 104.06 },
        { "30°39.6'N 104°3.6'E", 30.66, 104.06 },
        { "30°39'36'' 104°3'36''", 30.66, 104.06 },
        { "30 39 36 N 104 03 36 E", 30.66, 104.06 },
        { "N30 39.6 E104 3.6", 30.66, 104.06 },
        { "30:39:36N 104:03:36E", 30.66, 104.06 },
        { "33°52'04\"S 151°12'36\"E", -33.8677777777777778, 151.21 },
        { "−33.8678, 151.21", -33.8678, 151.21 },
        { "geo:51.5,-0.12", 51.5, -0.12 },
        { "geo:51.5,-0.12,35;crs=wgs84;u=10", 51.5, -0.12 },
        { "+51.5-000.12/", 51.5, -0.12 },
        { "POINT(-0.12 51.5)", 51.5, -0.12 },
        { "POINT (104.06 30.66)", 30.66, 104.06 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        Degrees d;
        const char *fault = coord_parse(str_of(GOOD[i].text), NULL, &d);
        if (fault)
            assert_never("%s: %s", GOOD[i].text, fault);
        assert_near(d, (Degrees){ GOOD[i].lon, GOOD[i].lat }, 1e-12, GOOD[i].text);
    }
}

static void what_is_not_certain_is_refused(void **state)
{
    static const struct { const char *text, *fault; } BAD[] = {
        { "51.5, -0.12", "coord.which_is_which" },
        { "0,0", "coord.which_is_which" },
        { "30,66 104,06", "coord.not_two_numbers" },
        { "30,66", "coord.which_is_which" },
        { "104.06, 120.5", "coord.which_is_which" },
        { "95 N, 10 E", "coord.not_on_globe" },
        { "30.66 N, 181 E", "coord.not_on_globe" },
        { "30.66 N, 104.06 N", "coord.one_axis_twice" },
        { "30.66 N, 104.06", "coord.mark_both" },
        { "1e5", "coord.mark_both" },
        { "-30.66 S, 104.06 E", "coord.sign_and_side" },
        { "30°60'N 104°3'E", "coord.sixty" },
        { "30°39.5'36\"N 104°3'36\"E", "coord.not_two_numbers" },
        { "30.66", "coord.not_two_numbers" },
        { "", "coord.not_two_numbers" },
        { "NaN, 104.06", "coord.not_two_numbers" },
        { "30.66, 104.06, 500", "coord.not_two_numbers" },
        { "0x1e, 104", "coord.not_two_numbers" },
        { "30.66., 104.06", "coord.not_two_numbers" },
        { "30.1234567890123456, 104", "coord.not_two_numbers" },
        { "人民公园门口", "coord.not_two_numbers" },
        { "geo:30.66;crs=wgs84", "coord.not_two_numbers" },
        { "geo:30.66,104.06;crs=gcj02", "coord.crs" },
        { "geo:,", "coord.not_two_numbers" },
    };
    Degrees d;
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        const char *fault = coord_parse(str_of(BAD[i].text), NULL, &d);
        if (!fault || strcmp(fault, BAD[i].fault) != 0)
            assert_never("%s: %s", BAD[i].text, fault ? fault : "taken");
    }
}

static void a_box_decides_where_only_one_way_round_lies_in_it(void **state)
{
    const CoordBox england = { -60000000, 500000000, 20000000, 560000000 },
                   both = { -900000000, -900000000, 900000000, 900000000 };
    Degrees d;
    (void)state;
    assert_null(coord_parse(S("51.5, -0.12"), &england, &d));
    assert_near(d, (Degrees){ -0.12, 51.5 }, 1e-12, "latitude first");
    assert_null(coord_parse(S("-0.12, 51.5"), &england, &d));
    assert_near(d, (Degrees){ -0.12, 51.5 }, 1e-12, "longitude first");
    assert_string_equal(coord_parse(S("51.5, -0.12"), &both, &d), "coord.which_is_which");
    assert_string_equal(coord_parse(S("10, 20"), &england, &d), "coord.which_is_which");
}

static void what_is_written_is_read_back(void **state)
{
    World *w = world_bare();
    (void)state;
    for (int i = 0; i < 2000; i++) {
        Point p = stored((Degrees){ between(-180, 180), between(-90, 90) }, FRAME_CGCS2000);
        Degrees d;
        Str text = coord_text(&w->cx.arena, p);
        assert_null(coord_parse(text, NULL, &d));
        assert_true(point_is(stored(d, FRAME_CGCS2000), p));
    }
    assert_str(coord_text(&w->cx.arena, (Point){ -1200000, 515000001 }),
               "51.5000001 N, 0.1200000 W");
    world_end(w);
}

TESTS("coord", cmocka_unit_test(frames_of_the_vectors),
      cmocka_unit_test(distances_and_the_plane_of_the_vectors),
      cmocka_unit_test(every_frame_leads_back_to_the_same_point),
      cmocka_unit_test(what_lies_on_no_globe_is_refused),
      cmocka_unit_test(frames_are_known_by_their_names),
      cmocka_unit_test(what_people_write_is_read),
      cmocka_unit_test(what_is_not_certain_is_refused),
      cmocka_unit_test(a_box_decides_where_only_one_way_round_lies_in_it),
      cmocka_unit_test(what_is_written_is_read_back))
