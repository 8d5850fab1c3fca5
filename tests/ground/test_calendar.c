/* test_calendar.c -- working days: the vectors of the handbook, versions of notices, three
** countings. */
#include "support/support.h"

static Day day(const char *iso)
{
    Day d;
    assert_true(day_parse(str_of(iso), &d));
    return d;
}

static Day json_day(const Json *v, const char *key)
{
    Day d;
    assert_true(day_parse(json_text_in(v, key), &d));
    return d;
}

/* When a term that begins at noon of a day ends. */
static Due due_of(Ctx *cx, Day start, i64 n, Counting counting, const Pause *pauses,
                  size_t pauses_n)
{
    Due due;
    Limit limit = { n, counting };
    assert_ok(cx,
              calendar_due(cx, day_at(cx->house, start, 12 * 60), limit, pauses, pauses_n, &due));
    return due;
}

static void assert_due(Ctx *cx, Day start, i64 n, Counting counting, Str want)
{
    Due due = due_of(cx, start, n, counting, NULL, 0);
    assert_day(due.day, str_c(&cx->arena, want));
    assert_int_equal(due.at.ms, day_end(cx->house, due.day).ms);
    assert_false(due.provisional);
}

/* ------------------------------------------------------------------ the handbook's vectors */

static void working_days_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Json *cases =
        json_in(json_in(test_json(&w->cx, "data/vectors.json"), "workday_add"), "cases");
    assert_true(json_count(cases) >= 11);
    for (size_t i = 0; i < json_count(cases); i++) {
        const Json *v = json_at(cases, i);
        assert_due(&w->cx, json_day(v, "start"), json_int_in(v, "add_workdays"), COUNT_WORKDAYS,
                   json_text_in(v, "due"));
    }
    world_end(w);
}

static void calendar_days_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Json *cases =
        json_in(json_in(test_json(&w->cx, "data/vectors.json"), "calendar_deadline"), "cases");
    assert_true(json_count(cases) >= 5);
    for (size_t i = 0; i < json_count(cases); i++) {
        const Json *v = json_at(cases, i);
        assert_due(&w->cx, json_day(v, "start"), json_int_in(v, "days"), COUNT_DAYS,
                   json_text_in(v, "due"));
    }
    world_end(w);
}

static void working_days_of_each_year_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Json *years = json_in(test_json(&w->cx, "data/vectors.json"), "workday_count");
    for (size_t i = 0; i < json_count(years); i++) {
        const Json *v = json_at(years, i);
        int year = (int)json_int_in(v, "year");
        i64 n;
        assert_ok(&w->cx, calendar_count(&w->cx, day_add(day_from((Date){ year, 1, 1 }), -1),
                                         day_from((Date){ year, 12, 31 }), &n));
        if (year > 2018) /* the days before 2018 are not known, so 2018 is counted below */
            assert_int_equal(n, json_int_in(v, "workdays"));
    }
    CalendarYear *list;
    assert_ok(&w->cx, calendar_list_years(&w->cx, &list));
    for (CalendarYear *y = list; y; y = y->next)
        for (size_t i = 0; i < json_count(years); i++)
            if (json_int_in(json_at(years, i), "year") == y->year)
                assert_int_equal(y->workdays, json_int_in(json_at(years, i), "workdays"));
    world_end(w);
}

static size_t read_pauses(const Json *list, Pause *out)
{
    for (size_t i = 0; i < json_count(list); i++) {
        assert_true(day_parse(json_text(json_at(json_at(list, i), 0)), &out[i].first));
        assert_true(day_parse(json_text(json_at(json_at(list, i), 1)), &out[i].last));
    }
    return json_count(list);
}

static void permit_clocks_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Json *all = json_in(test_json(&w->cx, "data/vectors.json"), "permit_clock");
    for (size_t i = 0; i < json_count(all); i++) {
        const Json *v = json_at(all, i);
        Pause pauses[4];
        if (json_flag_in(v, "incomplete")) {
            assert_due(&w->cx, json_day(v, "submitted"), 5, COUNT_WORKDAYS,
                       json_text_in(v, "notice_deadline"));
            continue;
        }
        size_t n = read_pauses(json_in(v, "suspensions"), pauses);
        Day accepted = json_day(v, "accepted");
        Due statutory =
            due_of(&w->cx, accepted, json_int_in(v, "statutory"), COUNT_WORKDAYS, pauses, n);
        Due promised =
            due_of(&w->cx, accepted, json_int_in(v, "promised"), COUNT_WORKDAYS, pauses, n);
        assert_day(statutory.day, str_c(&w->cx.arena, json_text_in(v, "due_statutory")));
        assert_day(promised.day, str_c(&w->cx.arena, json_text_in(v, "due_promised")));
    }
    world_end(w);
}

/* ------------------------------------------------------------------ pauses */

static void overlapping_pauses_merge_and_a_day_counts_once(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    /* 12 to 18 October 2018 has five working days however it is cut into pieces. */
    const Pause whole[] = { { day("2018-10-12"), day("2018-10-18") } };
    const Pause pieces[] = { { day("2018-10-15"), day("2018-10-18") },
                             { day("2018-10-12"), day("2018-10-16") },
                             { day("2018-10-13"), day("2018-10-13") },
                             { day("2018-10-12"), day("2018-10-12") } };
    assert_day(due_of(&w->cx, day("2018-10-10"), 20, COUNT_WORKDAYS, whole, 1).day, "2018-11-14");
    assert_day(due_of(&w->cx, day("2018-10-10"), 20, COUNT_WORKDAYS, pieces, 4).day, "2018-11-14");
    world_end(w);
}

static void a_pause_after_the_end_or_before_the_start_changes_nothing(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Pause late[] = { { day("2018-11-08"), day("2018-11-30") } };
    const Pause early[] = { { day("2018-09-01"), day("2018-10-10") } };
    assert_day(due_of(&w->cx, day("2018-10-10"), 20, COUNT_WORKDAYS, late, 1).day, "2018-11-07");
    assert_day(due_of(&w->cx, day("2018-10-10"), 20, COUNT_WORKDAYS, early, 1).day, "2018-11-07");
    world_end(w);
}

static void a_pause_over_rest_days_alone_costs_no_working_day(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Pause weekend[] = { { day("2018-10-13"), day("2018-10-14") } };
    assert_day(due_of(&w->cx, day("2018-10-10"), 5, COUNT_WORKDAYS, weekend, 1).day, "2018-10-17");
    world_end(w);
}

static void a_pause_reached_only_because_of_another_counts_too(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    /* Five days from the 10th end on the 17th; the first pause moves that to the 19th, into the
       second. */
    const Pause two[] = { { day("2018-10-19"), day("2018-10-22") },
                          { day("2018-10-15"), day("2018-10-16") } };
    assert_day(due_of(&w->cx, day("2018-10-10"), 5, COUNT_WORKDAYS, two, 2).day, "2018-10-23");
    world_end(w);
}

static void pauses_stretch_calendar_days_as_well(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Pause week[] = { { day("2025-03-10"), day("2025-03-16") } };
    /* 30 days from 3 March are 2 April; seven days of rest make it 9 April, a Wednesday. */
    assert_day(due_of(&w->cx, day("2025-03-03"), 30, COUNT_DAYS, week, 1).day, "2025-04-09");
    world_end(w);
}

/* ------------------------------------------------------------------ working hours */

static void working_hours_stop_at_noon_in_the_evening_and_over_holidays(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    static const struct {
        const char *day;
        int minute;
        i64 hours;
        const char *due;
        int due_minute;
    } CASES[] = {
        { "2018-10-10", 9 * 60, 3, "2018-10-10", 12 * 60 }, /* to the end of the morning */
        { "2018-10-10", 11 * 60, 2, "2018-10-10", 14 * 60 }, /* over the noon hour */
        { "2018-10-10", 16 * 60, 2, "2018-10-11", 10 * 60 }, /* into the next day */
        { "2018-10-10", 20 * 60, 1, "2018-10-11", 10 * 60 }, /* begun after hours */
        /* a worked Sunday, then the week off */
        { "2018-09-30", 16 * 60 + 30, 1, "2018-10-08", 9 * 60 + 30 },
        /* begun on a Saturday; a day has seven */
        { "2018-10-13", 10 * 60, 8, "2018-10-16", 10 * 60 },
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        Due due;
        Limit limit = { CASES[i].hours, COUNT_WORKHOURS };
        assert_ok(cx, calendar_due(cx, day_at(cx->house, day(CASES[i].day), CASES[i].minute), limit,
                                   NULL, 0, &due));
        assert_day(due.day, CASES[i].due);
        assert_int_equal(minute_of_day(cx->house, due.at), CASES[i].due_minute);
    }
    world_end(w);
}

/* ------------------------------------------------------------------ versions and unknown years */

static void a_later_notice_counts_and_the_earlier_one_stays_on_record(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    bool works, provisional;
    int versions_2020 = 0;
    CalendarYear *years;
    assert_ok(&w->cx, calendar_is_workday(&w->cx, day("2020-01-31"), &works, &provisional));
    assert_false(works || provisional); /* by the change of 27 January 2020 */
    assert_ok(&w->cx, calendar_list_years(&w->cx, &years));
    for (CalendarYear *y = years; y; y = y->next)
        versions_2020 += y->year == 2020;
    assert_int_equal(versions_2020, 2);
    world_end(w);
}

static void a_year_not_yet_published_is_provisional(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Due due = due_of(cx, day("2026-12-21"), 20, COUNT_WORKDAYS, NULL, 0);
    /* 22-25, 28-31 Dec: 8; then Mondays to Fridays of January: 12 more */
    assert_true(due.provisional);
    assert_day(due.day, "2027-01-18");
    assert_false(due_of(cx, day("2026-12-21"), 8, COUNT_WORKDAYS, NULL, 0).provisional);
    assert_true(due_of(cx, day("2026-12-21"), 30, COUNT_DAYS, NULL, 0).provisional);
    assert_true(due_of(cx, day("2027-03-01"), 5, COUNT_WORKDAYS, NULL, 0).provisional);
    world_end(w);
}

static void bringing_in_a_year_ends_the_provisional_time(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    bool changed;
    Str notice = S("year,version,published,source,date,is_workday,name\n"
                   "2027,1,2026-11-20,an invented notice,2027-01-01,0,元旦\n");
    assert_ok(cx, calendar_import(cx, notice, &changed));
    assert_true(changed);
    Due due = due_of(cx, day("2026-12-21"), 20, COUNT_WORKDAYS, NULL, 0);
    assert_false(due.provisional);
    assert_day(due.day, "2027-01-19");
    assert_ok(cx, calendar_import(cx, notice, &changed));
    assert_false(changed); /* the same notice twice */
    world_end(w);
}

static void a_year_left_out_does_not_make_later_ones_known(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    bool changed;
    Day known;
    assert_ok(&w->cx, calendar_import(&w->cx,
                                      S("year,version,published,source,date,is_workday,name\n"
                                        "2028,1,2027-11-20,an invented notice,2028-01-03,0,元旦\n"),
                                      &changed));
    assert_ok(&w->cx, calendar_known_until(&w->cx, &known));
    assert_day(known, "2026-12-31");
    assert_true(due_of(&w->cx, day("2028-01-10"), 5, COUNT_WORKDAYS, NULL, 0).provisional);
    world_end(w);
}

static void from_december_on_the_next_year_is_missed(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Str alarm;
    world_at(w, "2026-11-30 10:00");
    assert_ok(&w->cx, calendar_alarm(&w->cx, &alarm));
    assert_str(alarm, "");
    world_at(w, "2026-12-01 10:00");
    assert_ok(&w->cx, calendar_alarm(&w->cx, &alarm));
    assert_str(
        alarm,
        "The working days of 2027 have not been brought in yet; dates that fall into it are"
        " provisional.");
    world_end(w);
}

static void notices_that_do_not_add_up_name_their_line(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    static const char *const BAD[] = {
        "2027,1,2026-11-20,source,2027-02-30,0,name", "2027,1,2026-11-20,source,2027-01-01,2,name",
        "2027,1,2026-11-20,,2027-01-01,0,name",       "2027,0,2026-11-20,source,2027-01-01,0,name",
        "2027,1,2026-11-20,source,2028-01-01,0,name", "27,1,2026-11-20,source,2027-01-01,0,name",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        bool changed;
        Str csv = str_format(&w->cx.arena,
                             "year,version,published,source,date,is_workday,name\n"
                             "2027,1,2026-11-20,source,2027-01-04,0,name\n%s\n",
                             BAD[i]);
        assert_fails(&w->cx, calendar_import(&w->cx, csv, &changed), E_INPUT, "calendar.bad_row");
    }
    Day known;
    assert_ok(&w->cx, calendar_known_until(&w->cx, &known));
    assert_day(known, "2026-12-31"); /* nothing of the bad files came in */
    world_end(w);
}

static void the_town_counts_its_own_bank_holidays(void **state)
{
    (void)state;
    World *w = world_new("town");
    bool works, provisional;
    assert_ok(&w->cx, calendar_is_workday(&w->cx, day("2024-12-26"), &works, &provisional));
    assert_false(works || provisional);
    /* 20 December 2024 was a Friday: 23, 24 and 27 worked, 25 and 26 off. */
    assert_day(due_of(&w->cx, day("2024-12-20"), 3, COUNT_WORKDAYS, NULL, 0).day, "2024-12-27");
    world_end(w);
}

TESTS("calendar", cmocka_unit_test(working_days_of_the_vectors),
      cmocka_unit_test(calendar_days_of_the_vectors),
      cmocka_unit_test(working_days_of_each_year_of_the_vectors),
      cmocka_unit_test(permit_clocks_of_the_vectors),
      cmocka_unit_test(overlapping_pauses_merge_and_a_day_counts_once),
      cmocka_unit_test(a_pause_after_the_end_or_before_the_start_changes_nothing),
      cmocka_unit_test(a_pause_over_rest_days_alone_costs_no_working_day),
      cmocka_unit_test(a_pause_reached_only_because_of_another_counts_too),
      cmocka_unit_test(pauses_stretch_calendar_days_as_well),
      cmocka_unit_test(working_hours_stop_at_noon_in_the_evening_and_over_holidays),
      cmocka_unit_test(a_later_notice_counts_and_the_earlier_one_stays_on_record),
      cmocka_unit_test(a_year_not_yet_published_is_provisional),
      cmocka_unit_test(bringing_in_a_year_ends_the_provisional_time),
      cmocka_unit_test(a_year_left_out_does_not_make_later_ones_known),
      cmocka_unit_test(from_december_on_the_next_year_is_missed),
      cmocka_unit_test(notices_that_do_not_add_up_name_their_line),
      cmocka_unit_test(the_town_counts_its_own_bank_holidays))
