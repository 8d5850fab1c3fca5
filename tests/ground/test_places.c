/* test_places.c -- the tree of places: editions, codes given twice, grids, shapes; and rules by
** their day. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Day day(const char *iso)
{
    Day d;
    assert_true(day_parse(str_of(iso), &d));
    return d;
}

static i64 one_int(Ctx *cx, Query q)
{
    i64 n;
    assert_ok(cx, query_one_int(&q, &n));
    return n;
}

/* ------------------------------------------------------------------ editions */

static i64 count_on(Ctx *cx, const char *level, const char *iso)
{
    return one_int(
        cx,
        QUERY(
            cx,
            "SELECT COUNT(*) FROM place_period t JOIN place p ON p.id = t.place WHERE p.level = $1"
            " AND t.valid_from <= $2 AND (t.valid_to IS NULL OR t.valid_to > $2)",
            T(str_of(level)), DAY(day(iso))));
}

static void both_editions_stand_in_their_time(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    assert_int_equal(count_on(&w->cx, "subdistrict", "2018-10-10"), 14);
    assert_int_equal(count_on(&w->cx, "community", "2018-10-10"), 79);
    assert_int_equal(count_on(&w->cx, "subdistrict", "2024-01-01"), 12);
    assert_int_equal(count_on(&w->cx, "community", "2024-01-01"), 67);
    world_end(w);
}

static void a_code_given_twice_names_the_place_of_its_day(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    const Json *all = json_in(test_json(cx, "data/vectors.json"), "division_code_reuse");
    assert_int_equal(json_count(all), 3);
    for (size_t i = 0; i < json_count(all); i++) {
        const Json *v = json_at(all, i);
        Place before, now;
        assert_ok(cx, place_get_by_code(cx, json_text_in(v, "code"), day("2018-10-10"), &before));
        assert_ok(cx, place_get_by_code(cx, json_text_in(v, "code"), day("2024-01-01"), &now));
        assert_true(str_starts(before.name.in[LANG_ZH], json_text_in(v, "name_2017")));
        assert_true(str_starts(now.name.in[LANG_ZH], json_text_in(v, "name_2023")));
        assert_int_not_equal(before.id.value, now.id.value);
    }
    world_end(w);
}

static void a_place_that_took_a_new_code_is_still_the_same_place(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    /* 东坡 was abolished; its communities went to 光华 under new codes. */
    i64 recoded = one_int(
        cx, QUERY(cx, "SELECT COUNT(*) FROM place p WHERE p.level = 'community' AND (SELECT"
                      " COUNT(DISTINCT t.code) FROM place_period t WHERE t.place = p.id) = 2"));
    Place dongpo;
    assert_int_equal(recoded, 26);
    assert_ok(cx, place_get_by_code(cx, S("510105010"), day("2018-10-10"), &dongpo));
    assert_str(dongpo.name.in[LANG_ZH], "东坡街道");
    assert_fails(cx, place_get_by_code(cx, S("510105010"), day("2024-01-01"), &dongpo), E_MISSING,
                 "places.no_such_place");
    world_end(w);
}

static void what_lies_inside_has_a_path_that_begins_with_it(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Place district, community, grid;
    Str name;
    assert_ok(cx, place_district(cx, &district));
    assert_ok(cx, place_get_by_code(cx, S("510105007001"), day("2024-01-01"), &community));
    assert_ok(cx, place_get_by_code(cx, S("510105007001003"), day("2024-01-01"), &grid));
    assert_true(path_covers(district.path, grid.path));
    assert_true(path_covers(community.path, grid.path));
    assert_false(path_covers(grid.path, community.path));
    assert_false(path_covers(S("/1/7/"), S("/1/70/")));
    assert_true(str_compare(grid.path, path_end(cx, community.path)) < 0);
    assert_ok(cx, place_full_name(cx, community.id, &name));
    assert_true(str_starts(name, S("Songxianqiao Community, Caotang Subdistrict")));
    world_end(w);
}

/* ------------------------------------------------------------------ codes */

static void grid_codes_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Profile fourteen = *profile_of(cx->house);
    for (size_t i = 0; i < fourteen.levels_n; i++)
        if (str_is(fourteen.levels[i].name, S("grid")))
            fourteen.levels[i].code_digits = 14;
    const Json *all = json_in(test_json(cx, "data/vectors.json"), "grid_code");
    for (size_t i = 0; i < json_count(all); i++) {
        const Json *v = json_at(all, i);
        Str code = json_text_in(v, "code"), parent = str_first(code, 12);
        const Profile *p = code.n == 14 ? &fourteen : profile_of(cx->house);
        Place community;
        bool known = place_get_by_code(cx, parent, day("2024-01-01"), &community) == OK;
        ctx_forgive(cx);
        bool good = known && place_code_fault(p, S("grid"), code, parent) == NULL;
        assert_int_equal(good, json_flag_in(v, "valid"));
    }
    world_end(w);
}

static void codes_that_do_not_fit_say_how(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Profile *p = profile_of(w->house);
    assert_string_equal(place_code_fault(p, S("village"), S("1"), S("")), "places.unknown_level");
    assert_string_equal(place_code_fault(p, S("community"), S("51010500700"), S("510105007")),
                        "places.code_length");
    assert_string_equal(place_code_fault(p, S("community"), S("51010500700A"), S("510105007")),
                        "places.code_length");
    assert_string_equal(place_code_fault(p, S("community"), S("510105008001"), S("510105007")),
                        "places.code_parent");
    assert_string_equal(place_code_fault(p, S("community"), S("510105007000"), S("510105007")),
                        "places.code_zero");
    assert_null(place_code_fault(p, S("city"), S("510100"), S("510000")));
    assert_null(place_code_fault(p, S("district"), S("510105"), S("510100")));
    assert_string_equal(place_code_fault(p, S("district"), S("520105"), S("510100")),
                        "places.code_parent");
    world_end(w);
}

static void a_list_of_places_with_a_bad_code_makes_no_district(void **state)
{
    (void)state;
    World *w = world_bare();
    Ctx *cx = &w->cx;
    Options o = { .db = world_path(w, "linli.db"),
                  .profile = S("cn-qingyang"),
                  .cipher = S("sodium"),
                  .profile_dir = str_of(w->folder) };
    Str csv = S(
        "key,level,parent,code,zh,en,from,to\n1,province,,510000,四川省,Sichuan,2017-10-31,\n"
        "2,city,1,510100,成都市,Chengdu,2017-10-31,\n3,district,2,510205,青羊区,Qingyang,2017-10-31,\n");
    assert_ok(cx, disk_write(cx, world_path(w, "places.csv"), csv, 0600));
    assert_ok(cx, disk_write(cx, world_path(w, "succession.csv"),
                             S("day,kind,old,new,old_code,new_code\n"), 0600));
    assert_ok(cx, disk_write(cx, world_path(w, "shapes.csv"), S("code,level,ring\n"), 0600));
    assert_fails(cx, program_make(cx, &o, &w->store), E_INPUT, "places.code_parent");
    world_end(w);
}

/* ------------------------------------------------------------------ areas */

typedef struct Corner {
    int x, y;
} Corner;

typedef struct Edge {
    Corner from, to;
} Edge;

enum { EDGES_MAX = 400 };

static size_t read_ring(const char *text, Edge *out)
{
    Corner before = { 0, 0 }, p;
    size_t n = 0;
    int used, points = 0;
    for (; sscanf(text, "%d,%d%n", &p.x, &p.y, &used) == 2; text += used, points++, before = p)
        if (points)
            out[n++] = (Edge){ before, p };
    assert_true(n >= 3);
    assert_memory_equal(&out[0].from, &out[n - 1].to, sizeof(Corner)); /* closed */
    return n;
}

static i64 twice_area(const Edge *edges, size_t n)
{
    i64 sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (i64)(edges[i].from.x - 1040000000) * (edges[i].to.y - 306400000)
             - (i64)(edges[i].to.x - 1040000000) * (edges[i].from.y - 306400000);
    return sum;
}

/* Adds an edge, or takes away the one that runs the other way: where two grids meet, both
   vanish. */
static void add_or_cancel(Edge *edges, size_t *n, Edge e)
{
    for (size_t i = 0; i < *n; i++) {
        if (memcmp(&edges[i].from, &e.to, sizeof(Corner)) == 0
            && memcmp(&edges[i].to, &e.from, sizeof(Corner)) == 0) {
            edges[i] = edges[--*n];
            return;
        }
    }
    assert_true(*n < EDGES_MAX);
    edges[(*n)++] = e;
}

static void check_community(Ctx *cx, PlaceId community, const char *ring)
{
    Edge outline[EDGES_MAX], left[EDGES_MAX], grid[EDGES_MAX];
    size_t outline_n = read_ring(ring, outline), left_n = 0, grids = 0;
    i64 area = 0;
    Query q = QUERY(
        cx, "SELECT s.shape FROM place p JOIN area s ON s.place = p.id WHERE p.parent = $1",
        ID(community));
    for (; query_next(&q); grids++) {
        size_t n = read_ring(str_c(&cx->arena, query_text(&q)), grid);
        i64 own = twice_area(grid, n);
        assert_true(own > 0); /* all run the same way round */
        area += own;
        for (size_t i = 0; i < n; i++)
            add_or_cancel(left, &left_n, grid[i]);
    }
    assert_ok(cx, query_end(&q));
    assert_true(grids >= 8 && grids <= 12);
    /* what is left of the grids is the community's own outline */
    assert_int_equal(left_n, outline_n);
    assert_int_equal(area, twice_area(outline, outline_n));
}

static void grids_share_their_edges_and_cover_their_community(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    int communities = 0;
    Query q = QUERY(cx, "SELECT p.id, s.shape FROM place p JOIN area s ON s.place = p.id"
                        " WHERE p.level = 'community' AND s.synthetic");
    for (; query_next(&q); communities++) {
        PlaceId id = { query_int(&q) };
        check_community(cx, id, str_c(&cx->arena, query_text(&q)));
    }
    assert_ok(cx, query_end(&q));
    assert_int_equal(communities, 67);
    assert_int_equal(
        one_int(cx, QUERY(cx, "SELECT COUNT(*) FROM place WHERE level = 'grid' AND NOT synthetic")),
        0);
    world_end(w);
}

/* ------------------------------------------------------------------ rules */

static Err change_limit(Ctx *cx, void *arg)
{
    (void)arg;
    Query end =
        QUERY(cx, "UPDATE rule SET valid_to = $1 WHERE rule = 'LIC-42-1'", DAY(day("2020-01-01")));
    TRY(query_run(&end));
    Query q = QUERY(
        cx,
        "INSERT INTO rule (rule, valid_from, value, unit, counting, name_zh, name_en, source,"
        " confirmed)"
        " VALUES ('LIC-42-1', $1, '15', 'workday', 'workday', '期限', 'limit', 'invented', FALSE)",
        DAY(day("2020-01-01")));
    return query_run(&q);
}

static void a_rule_is_the_one_of_its_day(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Limit limit;
    i64 n;
    assert_ok(cx, store_write(cx, change_limit, NULL));
    assert_ok(cx, rule_get_limit(cx, S("LIC-42-1"), day("2019-12-31"), &limit));
    assert_int_equal(limit.n, 20);
    assert_int_equal(limit.counting, COUNT_WORKDAYS);
    assert_ok(cx, rule_get_limit(cx, S("LIC-42-1"), day("2020-01-01"), &limit));
    assert_int_equal(limit.n, 15);
    assert_fails(cx, rule_get_limit(cx, S("LIC-42-1"), day("2004-06-30"), &limit), E_MISSING,
                 "rules.no_such_rule");
    assert_fails(cx, rule_get_int(cx, S("NO-SUCH"), day("2020-01-01"), &n), E_MISSING,
                 "rules.no_such_rule");
    world_end(w);
}

static void every_rule_has_a_source_and_says_whether_it_is_confirmed(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    assert_int_equal(
        one_int(cx, QUERY(cx, "SELECT COUNT(*) FROM rule WHERE source = '' OR name_zh = ''"
                              " OR name_en = ''")),
        0);
    assert_true(one_int(cx, QUERY(cx, "SELECT COUNT(*) FROM rule")) >= 71);
    world_end(w);
}

TESTS("places", cmocka_unit_test(both_editions_stand_in_their_time),
      cmocka_unit_test(a_code_given_twice_names_the_place_of_its_day),
      cmocka_unit_test(a_place_that_took_a_new_code_is_still_the_same_place),
      cmocka_unit_test(what_lies_inside_has_a_path_that_begins_with_it),
      cmocka_unit_test(grid_codes_of_the_vectors), cmocka_unit_test(codes_that_do_not_fit_say_how),
      cmocka_unit_test(a_list_of_places_with_a_bad_code_makes_no_district),
      cmocka_unit_test(grids_share_their_edges_and_cover_their_community),
      cmocka_unit_test(a_rule_is_the_one_of_its_day),
      cmocka_unit_test(every_rule_has_a_source_and_says_whether_it_is_confirmed))
