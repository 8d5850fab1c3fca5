/* test_data.c -- JSON, CSV, YAML, fields, days: everything that is read from outside or written
** for it. */
#include "support/support.h"

#include "csv/csv.h"

#include <string.h>

/* ------------------------------------------------------------------ JSON */

static void canonical_json_is_that_of_rfc_8785(void **state)
{
    Arena a = arena_new(1 << 16);
    JsonPair pairs[] = {
        { S("peach"), json_raw_text(&a, S("\xE2\x82\xAC$\x0F\nA'B\"\\\\\"/")) },
        { S("10"), json_raw_int(&a, 9007199254740991) },
        { S("big"), json_raw_int(&a, 9007199254740992) },
        { S("1"), json_raw_text(&a, S("邻里")) },
    };
    (void)state;
    assert_str(json_canonical(&a, pairs, COUNT(pairs)),
               "{\"1\":\"邻里\",\"10\":9007199254740991,\"big\":\"9007199254740992\","
               "\"peach\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    arena_end(&a);
}

static void json_that_is_none_is_refused_with_its_place(void **state)
{
    World *w = world_bare();
    const Json *json;
    (void)state;
    static const char *const BAD[] = { "{\"a\":1,\"a\":2}",   "{",  "[1,]", "",
                                       "{\"a\":\"\\u0000\"}", "nul" };
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_fails(&w->cx, json_parse(&w->cx, str_of(BAD[i]), 1000, &json), E_INPUT,
                     "json.not_json");
    assert_fails(&w->cx, json_parse(&w->cx, S("\"\xFF\""), 1000, &json), E_INPUT, "json.not_utf8");
    assert_fails(&w->cx, json_parse(&w->cx, S("\"12345\""), 3, &json), E_LIMIT, "json.too_large");
    world_end(w);
}

/* ------------------------------------------------------------------ CSV */

static void csv_goes_both_ways(void **state)
{
    World *w = world_bare();
    static const char *const CELLS[] = { "plain", "a,b",      "a\"b", "line\nbreak", "",
                                         " 空 ",  "=SUM(A1)", "-5",   "@x" };
    Buf b = buf_new(&w->cx.arena, 10000);
    (void)state;
    for (size_t i = 0; i < COUNT(CELLS); i++) {
        if (i)
            csv_put_comma(&b);
        csv_put(&b, str_of(CELLS[i]));
    }
    csv_put_end(&b);
    CsvReader r = csv_reader(&w->cx, buf_str(&b));
    assert_true(csv_next(&r));
    assert_int_equal(r.cells_n, COUNT(CELLS));
    for (size_t i = 0; i < COUNT(CELLS); i++) {
        bool formula = CELLS[i][0] == '=' || CELLS[i][0] == '@';
        Str want = formula ? str_format(&w->cx.arena, "'%s", CELLS[i]) : str_of(CELLS[i]);
        assert_true(str_is(csv_cell(&r, i), want));
    }
    assert_false(csv_next(&r));
    assert_ok(&w->cx, OK);
    world_end(w);
}

static void csv_that_is_none_names_its_line(void **state)
{
    World *w = world_bare();
    (void)state;
    static const char *const BAD[] = { "a,b\n\"open", "a,b\n\"x\"y,z" };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        CsvReader r = csv_reader(&w->cx, str_of(BAD[i]));
        assert_true(csv_next(&r));
        assert_false(csv_next(&r));
        assert_str(failure_text(&w->cx), "Line 2 of the file is not well-formed CSV.");
        ctx_forgive(&w->cx);
    }
    CsvReader mark = csv_reader(&w->cx, S("\xEF\xBB\xBFx\r\ny"));
    assert_true(csv_next(&mark));
    assert_str(csv_cell(&mark, 0), "x");
    assert_true(csv_next(&mark));
    assert_str(csv_cell(&mark, 0), "y");
    world_end(w);
}

/* ------------------------------------------------------------------ YAML */

static Str mistakes_of(World *w, Str text)
{
    MistakeList mistakes = { 0 };
    yaml_parse(&w->cx, S("f"), text, &mistakes);
    return mistakes_text(&w->cx, &mistakes);
}

static void yaml_that_could_surprise_is_refused(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    (void)state;
    assert_str(mistakes_of(w, S("a: &x 1\nb: *x\n")),
               "f:1:4: Anchors and aliases are not allowed.\n");
    assert_str(mistakes_of(w, S("a: !!int 1\n")), "f:1:4: Tags are not allowed.\n");
    assert_str(mistakes_of(w, S("a: 1\nb: 2\na: 3\n")), "f:3:1: The key a stands here twice.\n");
    assert_str(mistakes_of(w, S("- 1\n")), "f:1:1: Keys and values are expected here.\n");
    assert_str(mistakes_of(w, S("")), "f:1:1: The file is empty.\n");
    assert_str(mistakes_of(w, S("a: [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n")),
               "f:1:1: The file is nested deeper than 16.\n");
    assert_str(mistakes_of(w, S("a: \xFF\n")), "f:1:1: The file is not UTF-8.\n");
    assert_true(str_starts(mistakes_of(w, S("a: {b\n")), S("f:2:1: This is not YAML:")));
    char *large = ctx_take(cx, YAML_BYTES_MAX + 1);
    memset(large, ' ', YAML_BYTES_MAX + 1);
    assert_str(mistakes_of(w, (Str){ large, YAML_BYTES_MAX + 1 }),
               "f:1:1: The file is larger than 256 KiB.\n");
    world_end(w);
}

/* ------------------------------------------------------------------ fields */

static const Choice COLOURS[] = { { { "red", 3 }, { { { "红", 3 }, { "Red", 3 } } } },
                                  { { "blue", 4 }, { { { "蓝", 3 }, { "Blue", 4 } } } } };
static const Field FIELDS[] = {
    { .name = { "who", 3 }, .kind = F_NAME, .label = { { { "谁", 3 }, { "Who", 3 } } },
      .must = true },
    { .name = { "n", 1 }, .kind = F_INT, .label = { { { "数", 3 }, { "Number", 6 } } }, .min = 1,
      .max = 10 },
    { .name = { "day", 3 }, .kind = F_DAY, .label = { { { "日", 3 }, { "Day", 3 } } } },
    { .name = { "money", 5 }, .kind = F_MONEY, .label = { { { "钱", 3 }, { "Money", 5 } } } },
    { .name = { "colour", 6 }, .kind = F_CHOICES, .label = { { { "色", 3 }, { "Colour", 6 } } },
      .choices = COLOURS, .choices_n = 2 },
    { .name = { "text", 4 }, .kind = F_LONG, .label = { { { "文", 3 }, { "Text", 4 } } }, .max = 5 },
    { .name = { "mail", 4 }, .kind = F_EMAIL, .label = { { { "邮", 3 }, { "Mail", 4 } } } },
};

static Err check(Ctx *cx, Values *out, const char *name, const char *text)
{
    TextArg pairs[] = { { 0 }, { "who", S("王小明") }, { name, str_of(text) } };
    Values sent = values_from(cx, pairs, strcmp(name, "who") == 0 ? 2 : 3);
    *out = (Values){ 0 };
    if (strcmp(name, "who") == 0)
        sent.first->text = str_of(text);
    return field_check(cx, FIELDS, COUNT(FIELDS), &sent, out);
}

static void good_values_take_their_stored_form(void **state)
{
    World *w = world_bare();
    Values out;
    static const char *const GOOD[][3] = {
        { "n", "７", "7" },
        { "day", "2018/10/7", "2018-10-07" },
        { "day", "20181017", "2018-10-17" },
        { "money", "12.5", "1250" },
        { "money", "0.05", "5" },
        { "colour", "red,blue", "red,blue" },
        { "text", "a\r\nb", "a\nb" },
        { "mail", "a@b.cn", "a@b.cn" },
        { "who", " 王小明 ", "王小明" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        assert_ok(&w->cx, check(&w->cx, &out, GOOD[i][0], GOOD[i][1]));
        assert_str(value_of(&out, str_of(GOOD[i][0])), GOOD[i][2]);
    }
    world_end(w);
}

static void bad_values_are_named_one_by_one(void **state)
{
    World *w = world_bare();
    Values out;
    static const char *const BAD[][3] = {
        { "who", "", "field.missing" },         { "who", "R2D2", "field.not_a_name" },
        { "n", "x", "field.not_an_integer" },    { "n", "0", "field.too_small" },
        { "n", "11", "field.too_large" },        { "day", "2018-02-30", "field.not_a_day" },
        { "day", "10/17/2018", "field.not_a_day" }, { "money", "1.234", "field.not_money" },
        { "money", "-1", "field.not_money" },    { "colour", "red,green", "field.not_a_choice" },
        { "text", "123456", "field.too_long" },  { "text", "\x07", "field.unseen_character" },
        { "mail", "a@b", "field.not_an_email" }, { "text", "\xFF", "field.not_utf8" },
        { "else", "1", "field.unknown" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_fails(&w->cx, check(&w->cx, &out, BAD[i][0], BAD[i][1]), E_INPUT, BAD[i][2]);
    world_end(w);
}

static void what_cannot_be_seen_is_refused_and_its_field_named(void **state)
{
    World *w = world_bare();
    Values out;
    static const char *const UNSEEN[][2] = {
        { "王\u202E测试", "U+202E" }, { "王\u200B测试", "U+200B" }, { "王\u200D测试", "U+200D" },
        { "王\u00AD测试", "U+00AD" }, { "王\u3164测试", "U+3164" }, { "王\uFEFF测试", "U+FEFF" },
        { "王\u2066测试", "U+2066" }, { "王\u2028测试", "U+2028" }, { "王\uE123测试", "U+E123" },
        { "王\u2800测试", "U+2800" }, { "王\x0b测试", "U+000B" },   { "王\uFE0F测试", "U+FE0F" },
        { "王\t测试", "U+0009" },     { "王\n测试", "U+000A" },     { "王\xC2\x85测试", "U+0085" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(UNSEEN); i++) {
        size_t at;
        assert_int_equal(check(&w->cx, &out, "who", UNSEEN[i][0]), E_INPUT);
        Str told = problem_text(&w->cx, w->cx.failure.problems);
        assert_true(str_find(told, str_of(UNSEEN[i][1]), &at));
        assert_true(str_find(told, S("Who"), &at));
        ctx_forgive(&w->cx);
    }
    assert_fails(&w->cx, check(&w->cx, &out, "text", "a\u202Eb"), E_INPUT,
                 "field.unseen_character");
    assert_fails(&w->cx, check(&w->cx, &out, "text", "a\x0C" "b"), E_INPUT,
                 "field.unseen_character");
    world_end(w);
}

/* Rare characters of the planes beyond the first, some younger than the Unicode of this machine;
** middle dots of Uyghur and Tibetan names; letters with marks; emoji between lines. */
static void rare_characters_and_middle_dots_are_names(void **state)
{
    World *w = world_bare();
    Values out;
    static const char *const NAMES[] = { "阿卜杜拉·买买提", "扎西・多吉", "𠮷测试", "𪚥测试", "𬒈测试",
                                         "𰻞测试", "\U00031350测试", "\U0002EBF0测试", "㐂测试", "龘测试",
                                         "ئابدۇللا", "བཀྲ་ཤིས", "Zoë Ångström", "Ｗａｎｇ　测试" };
    (void)state;
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        assert_ok(&w->cx, check(&w->cx, &out, "who", NAMES[i]));
        assert_str(value_of(&out, S("who")), NAMES[i]);
    }
    assert_ok(&w->cx, check(&w->cx, &out, "text", "一\n\t\u2764\uFE0F"));
    world_end(w);
}

/* ------------------------------------------------------------------ days and zones */

static void days_follow_the_gregorian_calendar(void **state)
{
    Day day;
    (void)state;
    assert_int_equal(day_from((Date){ 1970, 1, 1 }).value, 0);
    assert_int_equal(day_from((Date){ 2000, 3, 1 }).value, 11017);
    for (i32 n = -800000; n < 800000; n += 997) {
        Date d = day_date((Day){ n });
        assert_int_equal(day_from(d).value, n);
        assert_true(date_is_real(d) || d.year < 1);
    }
    assert_false(day_parse(S("1900-02-29"), &day));
    assert_true(day_parse(S("2000-02-29"), &day));
    assert_false(day_parse(S("2018-1-1"), &day));
    assert_int_equal(day_weekday(day_from((Date){ 2018, 10, 10 })), 2);
}

static void summer_time_has_a_gap_and_a_fold(void **state)
{
    World *w = world_bare();
    (void)state;
    assert_true(zone_use(w->house, "Europe/London"));
    Day gap = day_from((Date){ 2026, 3, 29 }), fold = day_from((Date){ 2026, 10, 25 });
    /* 01:30 does not exist: 02:00 BST is the first moment after */
    Instant at = day_at(w->house, gap, 90);
    assert_int_equal(minute_of_day(w->house, at), 120);
    assert_str(instant_iso(&w->cx, at), "2026-03-29T02:00:00+01:00");
    /* the earlier one */
    assert_str(instant_iso(&w->cx, day_at(w->house, fold, 90)), "2026-10-25T01:30:00+01:00");
    assert_int_equal(day_end(w->house, gap).ms - day_start(w->house, gap).ms, 23 * MS_PER_HOUR);
    assert_int_equal(day_end(w->house, fold).ms - day_start(w->house, fold).ms, 25 * MS_PER_HOUR);
    world_end(w);
}

static void an_unknown_zone_is_refused(void **state)
{
    World *w = world_bare();
    (void)state;
    assert_false(zone_use(w->house, "Mars/Olympus"));
    world_end(w);
}

static void the_house_clock_never_runs_backwards(void **state)
{
    World *w = world_bare();
    Instant future = { instant_now().ms + 3 * MS_PER_HOUR };
    (void)state;
    /* something was recorded three hours from now: the machine's clock jumped back */
    clock_use(w->house, 0, future);
    assert_int_equal(clock_now(w->house).ms, future.ms);
    assert_true(clock_behind_ms(w->house) > 2 * MS_PER_HOUR);
    world_end(w);
}

TESTS("base/data", cmocka_unit_test(canonical_json_is_that_of_rfc_8785),
      cmocka_unit_test(json_that_is_none_is_refused_with_its_place),
      cmocka_unit_test(csv_goes_both_ways), cmocka_unit_test(csv_that_is_none_names_its_line),
      cmocka_unit_test(yaml_that_could_surprise_is_refused),
      cmocka_unit_test(good_values_take_their_stored_form),
      cmocka_unit_test(bad_values_are_named_one_by_one),
      cmocka_unit_test(what_cannot_be_seen_is_refused_and_its_field_named),
      cmocka_unit_test(rare_characters_and_middle_dots_are_names),
      cmocka_unit_test(days_follow_the_gregorian_calendar),
      cmocka_unit_test(summer_time_has_a_gap_and_a_fold),
      cmocka_unit_test(an_unknown_zone_is_refused),
      cmocka_unit_test(the_house_clock_never_runs_backwards))
