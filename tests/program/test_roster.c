/* test_roster.c -- a roster that leaves nobody for the second part of a case is told beforehand. */
#include "support/bad.h"

#include "text/text.h"

#define WINDOW "510105007001"

static void assert_roster_says(World *w, const char *line, bool want)
{
    Buf out = buf_new(&w->cx.arena, 1 << 20);
    i64 lacking;
    size_t at;
    assert_ok(&w->cx, roster_check(&w->cx, &out, &lacking));
    Str said = buf_str(&out);
    if (str_find(said, str_of(line), &at) != want)
        assert_never("\"%s\" %s in\n%.*s", line, want ? "is not" : "is", STR_ARGS(said));
}

static void an_empty_roster_lacks_everybody(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    assert_roster_says(w, "Market Regulation Bureau: no reviewer; its matters go up", true);
    assert_roster_says(w, "Market Regulation Bureau: no decider; its matters go up", true);
    assert_roster_says(w, ": no window clerk", true);
    world_end(w);
}

static void one_person_who_examines_and_decides_is_told(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const char *line = "Market Regulation Bureau: its only decider is a reviewer too;";
    act_as(w, "one", "reviewer", "market", "510105");
    act_as(w, "one", "decider", "market", "510105");
    assert_roster_says(w, line, true);
    act_as(w, "other", "reviewer", "market", "510105");
    assert_roster_says(w, line, true);
    act_as(w, "other", "decider", "market", "510105");
    assert_roster_says(w, line, false);
    world_end(w);
}

static void who_takes_papers_in_and_examines_alone_is_told(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const char *reviews = "Market Regulation Bureau: its only reviewer works at a window too;";
    const char *decides = "Market Regulation Bureau: its only decider works at a window too;";
    act_as(w, "rev", "reviewer", "market", "510105");
    act_as(w, "dec", "decider", "market", "510105");
    assert_roster_says(w, reviews, false);
    act_as(w, "rev", "window", NULL, WINDOW);
    assert_roster_says(w, reviews, true);
    assert_roster_says(w, decides, false);
    act_as(w, "dec", "window", NULL, WINDOW);
    assert_roster_says(w, decides, true);
    world_end(w);
}

TESTS("roster", cmocka_unit_test(an_empty_roster_lacks_everybody),
      cmocka_unit_test(one_person_who_examines_and_decides_is_told),
      cmocka_unit_test(who_takes_papers_in_and_examines_alone_is_told))
