/* test_law.c -- what the law says about time and persons, with dates counted by hand from the State
** Council's notices (29 and 30 September 2018 were worked, 1 to 7 October were not). */
#include "support/support.h"

#include "clock/clock.h"
#include "flow/flow.h"
#include "text/text.h"

#include <pthread.h>

#define HOME "510105007001"
#define DISTRICT "510105"
#define LICENCE "public-hygiene" /* statutory 20 working days, extension 10, promised 10 */
#define BODY "health"
#define BENEFIT "temporary-relief"

/* ------------------------------------------------------------------ short ways to say things */

static void act_window(World *w)
{
    act_as(w, "win", "window", NULL, HOME);
}

static void act_reviewer(World *w)
{
    act_as(w, "rev", "reviewer", BODY, DISTRICT);
}

static void act_decider(World *w)
{
    act_as(w, "dec", "decider", BODY, DISTRICT);
}

static void take(World *w, MatterId id, const char *step)
{
    assert_ok(&w->cx, take_step(&w->cx, id, step, "", ""));
}

static MatterId accepted(World *w, const char *local)
{
    world_at(w, local);
    act_window(w); /* a window nobody works at is told to the supervisor */
    MatterId id = apply_for(&w->cx, LICENCE, HOME);
    act_window(w);
    take(w, id, "accept");
    return id;
}

static Matter matter_now(World *w, MatterId id)
{
    Matter m;
    assert_ok(&w->cx, matter_get(&w->cx, id, &m));
    return m;
}

static void assert_state(World *w, MatterId id, const char *state)
{
    assert_str(matter_now(w, id).state, state);
}

static Clock clock_of(World *w, MatterId id, const char *name)
{
    Clock c;
    bool found;
    assert_ok(&w->cx, clock_find(&w->cx, id, str_of(name), &found, &c));
    assert_true(found);
    return c;
}

static void assert_due(World *w, MatterId id, const char *clock, const char *day)
{
    assert_day(clock_of(w, id, clock).due.day, day);
}

/* The matter's own due time is the end of this day. */
static void assert_term(World *w, MatterId id, const char *day)
{
    Day want;
    assert_true(day_parse(str_of(day), &want));
    assert_int_equal(matter_now(w, id).due_at.ms, day_end(w->house, want).ms);
}

static i64 timers_at(World *w, const char *local)
{
    i64 taken;
    world_at(w, local);
    act_as_system(&w->cx);
    assert_ok(&w->cx, flow_run_timers(&w->cx, 100, &taken));
    return taken;
}

static bool is_on_desk(World *w, MatterId id)
{
    Matter *list;
    assert_ok(&w->cx, desk_list(&w->cx, (DeskKey){ { 0 }, { 0 } }, 100, &list));
    for (const Matter *m = list; m; m = m->next)
        if (m->id.value == id.value)
            return true;
    return false;
}

/* ------------------------------------------------------------------ the desk */

typedef struct Crowd {
    i64 first, n;
    Instant due;
} Crowd;

/* Rows of a desk and no matters behind them: only counted here. */
static Err put_crowd(Ctx *cx, void *arg)
{
    const Crowd *crowd = arg;
    Place place;
    TRY(place_get_by_code(cx, S(DISTRICT), day_today(cx), &place));
    for (i64 i = 0; i < crowd->n; i++) {
        Query q = QUERY(cx,
                        "INSERT INTO waiting (role, desk, due_at, matter)"
                        " VALUES ('supervisor', $1, $2, $3)",
                        ID(place.id), AT(crowd->due), I(crowd->first + i));
        TRY(query_run(&q));
    }
    return OK;
}

static void assert_figure(DeskFigure f, i64 n, bool is_least)
{
    assert_int_equal(f.n, n);
    assert_int_equal(f.is_least, is_least);
}

static void a_desk_is_counted_up_to_a_bound_and_says_so(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    DeskCount count;
    world_at(w, "2018-09-27 10:00");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_ok(&w->cx, desk_count(&w->cx, &count));
    assert_figure(count.all, 0, false);
    Instant now = w->cx.now;
    Crowd over = { 1, 10, { now.ms - 1 } }, today = { 100, 20, { now.ms + 3600000 } },
          later = { 1000, DESK_COUNT_MAX, { now.ms + 30 * 86400000ll } },
          more_over = { 5000, DESK_COUNT_MAX, { now.ms - 2 } };
    assert_ok(&w->cx, store_write(&w->cx, put_crowd, &over));
    assert_ok(&w->cx, store_write(&w->cx, put_crowd, &today));
    assert_ok(&w->cx, desk_count(&w->cx, &count));
    assert_figure(count.all, 30, false);
    assert_figure(count.over, 10, false);
    assert_figure(count.today, 20, false);
    assert_ok(&w->cx, store_write(&w->cx, put_crowd, &later));
    assert_ok(&w->cx, desk_count(&w->cx, &count));
    assert_figure(count.all, DESK_COUNT_MAX, true);
    assert_figure(count.over, 10, false);
    assert_figure(count.today, 20, false);
    assert_ok(&w->cx, store_write(&w->cx, put_crowd, &more_over));
    assert_ok(&w->cx, desk_count(&w->cx, &count));
    assert_figure(count.over, DESK_COUNT_MAX, true);
    assert_figure(count.today, 0, true);
    world_end(w);
}

/* ------------------------------------------------------------------ acceptance */

static void a_licence_nobody_answered_in_five_working_days_is_accepted_by_law(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-09-27 10:00");
    MatterId id = apply_for(&w->cx, LICENCE, HOME);
    assert_term(w, id, "2018-10-09"); /* 28, 29, 30 September, 8 and 9 October */
    assert_int_equal(timers_at(w, "2018-10-09 23:59"), 0);
    assert_int_equal(timers_at(w, "2018-10-10 00:00"), 1);
    assert_state(w, id, "review");
    /* from the day the papers came in, not from the day the term was over */
    assert_due(w, id, "promised", "2018-10-16");
    assert_due(w, id, "statutory", "2018-10-30");
    assert_int_equal(timers_at(w, "2018-10-10 00:00"), 0);
    world_end(w);
}

static void nothing_but_a_licence_is_accepted_by_silence(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-09-27 10:00");
    MatterId id = apply_for(&w->cx, BENEFIT, HOME);
    assert_int_equal(timers_at(w, "2018-10-10 00:00"), 1);
    assert_state(w, id, "submitted");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_true(is_on_desk(w, id));
    act_window(w);
    assert_true(is_on_desk(w, id));
    world_end(w);
}

static void papers_are_asked_for_once_and_in_time(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-09-27 10:00");
    MatterId in_time = apply_for(&w->cx, LICENCE, HOME);
    MatterId late = apply_for(&w->cx, LICENCE, HOME);
    world_at(w, "2018-10-09 23:59");
    act_window(w);
    take(w, in_time, "ask");
    world_at(w, "2018-10-10 00:00");
    act_window(w);
    assert_fails(&w->cx, take_step(&w->cx, late, "ask", "", ""), E_CONFLICT, "flow.too_late");
    act_as_applicant(&w->cx, in_time);
    assert_ok(&w->cx, take_step(&w->cx, in_time, "answer", "answer_note", "here they are"));
    act_window(w);
    assert_fails(&w->cx, take_step(&w->cx, in_time, "ask", "", ""), E_CONFLICT, "flow.only_once");
    assert_term(w, in_time, "2018-10-17"); /* five working days from the answer */
    world_end(w);
}

static void an_applicant_who_never_answers_has_withdrawn(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-10-08 10:00");
    MatterId id = apply_for(&w->cx, LICENCE, HOME);
    act_window(w);
    take(w, id, "ask");
    assert_term(w, id, "2018-10-29"); /* SUPPLEMENT-TERM, 15 working days */
    assert_int_equal(timers_at(w, "2018-10-29 23:59"), 0);
    assert_int_equal(timers_at(w, "2018-10-30 00:00"), 1);
    assert_state(w, id, "withdrawn");
    world_end(w);
}

/* ------------------------------------------------------------------ terms */

static void the_statutory_term_is_extended_once_and_by_what_the_law_gives(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2018-10-10 09:12");
    assert_due(w, id, "promised", "2018-10-24");
    assert_due(w, id, "statutory", "2018-11-07");
    act_decider(w);
    take(w, id, "extend");
    assert_due(w, id, "promised", "2018-11-07");
    assert_due(w, id, "statutory", "2018-11-21");
    assert_fails(&w->cx, take_step(&w->cx, id, "extend", "", ""), E_CONFLICT, "flow.only_once");
    assert_due(w, id, "statutory", "2018-11-21");
    world_end(w);
}

static void days_of_a_special_procedure_are_not_counted(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2018-10-10 09:12");
    world_at(w, "2018-10-12 10:00");
    act_reviewer(w);
    take(w, id, "suspend");
    assert_str(clock_of(w, id, "statutory").state, "paused");
    world_at(w, "2018-10-18 16:00");
    act_reviewer(w);
    take(w, id, "resume");
    assert_due(w, id, "promised", "2018-10-31");
    assert_due(w, id, "statutory", "2018-11-14");
    world_end(w);
}

static void a_special_procedure_ends_by_itself(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2018-10-10 09:12");
    act_reviewer(w);
    assert_ok(&w->cx, take_step(&w->cx, id, "suspend", "special_days", "30"));
    assert_term(w, id, "2018-11-21");
    assert_int_equal(timers_at(w, "2018-11-22 00:00"), 1);
    assert_state(w, id, "review");
    assert_str(clock_of(w, id, "statutory").state, "running");
    world_end(w);
}

/* The most is 30 working days; the person was told fewer.  A second procedure has its own days,
** and a changed calendar does not forget them. */
static void a_special_procedure_lasts_as_long_as_was_told(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    i64 moved;
    MatterId id = accepted(w, "2018-10-10 09:12");
    act_reviewer(w);
    assert_ok(&w->cx, take_step(&w->cx, id, "suspend", "special_days", "3"));
    assert_term(w, id, "2018-10-15");
    assert_int_equal(timers_at(w, "2018-10-15 23:59"), 0);
    assert_int_equal(timers_at(w, "2018-10-16 00:00"), 1);
    assert_state(w, id, "review");
    act_reviewer(w);
    assert_ok(&w->cx, take_step(&w->cx, id, "suspend", "special_days", "5"));
    assert_term(w, id, "2018-10-23");
    assert_ok(&w->cx, flow_recompute_all(&w->cx, S("calendar"), &moved));
    assert_term(w, id, "2018-10-23");
    world_end(w);
}

static void what_is_withdrawn_waits_nowhere_and_for_nothing(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2018-10-10 09:12");
    act_reviewer(w);
    assert_true(is_on_desk(w, id));
    act_as_applicant(&w->cx, id);
    take(w, id, "withdraw");
    Matter m = matter_now(w, id);
    assert_str(m.state, "withdrawn");
    assert_int_equal(m.due_at.ms, NEVER.ms);
    assert_int_equal(m.closed_at.ms, w->cx.now.ms);
    assert_str(clock_of(w, id, "statutory").state, "stopped");
    act_reviewer(w);
    assert_false(is_on_desk(w, id));
    assert_int_equal(timers_at(w, "2019-10-10 00:00"), 0);
    world_end(w);
}

static void what_is_late_comes_to_the_supervisor_once(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    act_reviewer(w);
    MatterId id = accepted(w, "2018-10-10 09:12");
    assert_int_equal(timers_at(w, "2018-11-07 23:59"), 0);
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_false(is_on_desk(w, id));
    assert_int_equal(timers_at(w, "2018-11-08 00:00"), 1);
    assert_state(w, id, "review"); /* and can still be examined */
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_true(is_on_desk(w, id));
    assert_int_equal(timers_at(w, "2018-11-09 00:00"), 0);
    act_reviewer(w);
    take(w, id, "examine");
    assert_int_equal(timers_at(w, "2018-11-10 00:00"), 0);
    world_end(w);
}

static void a_certificate_has_its_own_term(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2018-10-10 09:12");
    act_reviewer(w);
    take(w, id, "examine");
    world_at(w, "2018-10-15 09:00");
    act_decider(w);
    take(w, id, "approve");
    assert_due(w, id, "certificate", "2018-10-29"); /* LIC-44, 10 working days */
    assert_str(clock_of(w, id, "statutory").state, "paused");
    world_end(w);
}

static void a_bad_rating_is_put_right_within_fifteen_working_days(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Matter *children;
    world_at(w, "2020-10-12 09:00");
    MatterId id = apply_for(&w->cx, "elder-card", HOME);
    act_window(w);
    take(w, id, "settle");
    act_as_applicant(&w->cx, id);
    assert_ok(&w->cx, take_step(&w->cx, id, "rate", "grade", "1"));
    assert_fails(&w->cx, take_step(&w->cx, id, "rate", "grade", "5"), E_CONFLICT, "flow.only_once");
    assert_ok(&w->cx, matter_list_children(&w->cx, id, &children));
    while (children && !str_is(children->flow, S("rectification")))
        children = children->next;
    assert_non_null(children);
    assert_due(w, children->id, "rectify", "2020-11-02");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_true(is_on_desk(w, children->id));
    world_end(w);
}

static void a_rectification_past_its_term_is_raised_to_the_supervisor(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Matter *child;
    world_at(w, "2020-10-12 09:00");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    MatterId id = apply_for(&w->cx, "elder-card", HOME);
    act_window(w);
    take(w, id, "settle");
    act_as_applicant(&w->cx, id);
    assert_ok(&w->cx, take_step(&w->cx, id, "rate", "grade", "1"));
    assert_ok(&w->cx, matter_list_children(&w->cx, id, &child));
    while (child && !str_is(child->flow, S("rectification")))
        child = child->next;
    assert_non_null(child);
    MatterId late = child->id;
    timers_at(w, "2020-11-02 23:59");
    assert_int_equal(matter_now(w, late).raised.n, 0);
    timers_at(w, "2020-11-03 00:00");
    assert_str(matter_now(w, late).raised, "supervisor");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_true(is_on_desk(w, late));
    world_end(w);
}

/* ------------------------------------------------------------------ two at once */

static void the_second_clerk_is_told_what_the_first_did(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-10-10 09:12");
    MatterId id = apply_for(&w->cx, LICENCE, HOME);
    Values none = { 0 }, no = { 0 };
    value_add(&w->cx, &no, S("reason"), S("not ours"));
    value_add(&w->cx, &no, S("proper_body"), S("the other district"));
    act_window(w);
    assert_ok(&w->cx, flow_take(&w->cx, id, S("accept"), &none, 1));
    act_as(w, "win2", "window", NULL, HOME);
    assert_fails(&w->cx, flow_take(&w->cx, id, S("not_ours"), &no, 1), E_CONFLICT,
                 "flow.somebody_acted");
    assert_state(w, id, "review");
    assert_int_equal(matter_now(w, id).events, 2);
    world_end(w);
}

typedef struct Clerk {
    World *w;
    Actor actor;
    MatterId id;
    Err err;
} Clerk;

static void *accept_now(void *arg)
{
    Clerk *c = arg;
    Ctx cx;
    Values none = { 0 };
    ctx_other(c->w, &cx);
    cx.actor = c->actor;
    c->err = flow_take(&cx, c->id, S("accept"), &none, 1);
    ctx_other_end(&cx);
    return NULL;
}

static void of_two_at_the_same_moment_one_is_refused_and_nothing_is_done_twice(void **state)
{
    (void)state;
    enum { CASES = 20 };
    World *w = world_new("cn-qingyang");
    i64 last;
    world_at(w, "2018-10-10 09:12");
    act_window(w);
    Actor first = w->cx.actor;
    act_as(w, "win2", "window", NULL, HOME);
    Actor second = w->cx.actor;
    for (int i = 0; i < CASES; i++) {
        pthread_t thread;
        MatterId id = apply_for(&w->cx, LICENCE, HOME);
        Clerk a = { w, first, id, OK }, b = { w, second, id, OK };
        store_rest(&w->cx);
        assert_int_equal(pthread_create(&thread, NULL, accept_now, &a), 0);
        accept_now(&b);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal((a.err == OK) + (b.err == OK), 1);
        assert_int_equal((a.err == E_CONFLICT) + (b.err == E_CONFLICT), 1);
        assert_int_equal(matter_now(w, id).events, 2);
    }
    assert_ok(&w->cx, flow_verify_matters(&w->cx, 0, 1000, &last));
    assert_ok(&w->cx, flow_verify_tallies(&w->cx));
    world_end(w);
}

/* ------------------------------------------------------------------ the calendar */

#define NOTICE_HEAD "year,version,published,source,date,is_workday,name\n"
#define REST_2018(day) "2018,2,2018-09-27,an invented notice,2018-10-" day ",0,国庆节\n"

static i64 bring_in(World *w, const char *rows)
{
    bool changed;
    i64 moved = 0;
    assert_ok(&w->cx, calendar_import(&w->cx, str_of(rows), &changed));
    assert_true(changed);
    assert_ok(&w->cx, flow_recompute_all(&w->cx, S("calendar"), &moved));
    return moved;
}

/* 29 and 30 September become rest days: two working days less. */
static void a_changed_calendar_moves_every_open_term(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId running = accepted(w, "2018-09-27 10:00"), gone = accepted(w, "2018-09-27 10:00");
    MatterId waiting = apply_for(&w->cx, LICENCE, HOME); /* no clock runs yet, a timer does */
    act_as_applicant(&w->cx, gone);
    take(w, gone, "withdraw");
    assert_term(w, running, "2018-10-16");
    assert_term(w, waiting, "2018-10-09");
    assert_int_equal(bring_in(w, NOTICE_HEAD REST_2018("01") REST_2018("02") REST_2018("03")
                                     REST_2018("04") REST_2018("05")), 2);
    assert_term(w, running, "2018-10-18");
    assert_due(w, running, "statutory", "2018-11-01");
    assert_term(w, waiting, "2018-10-11");
    assert_int_equal(timers_at(w, "2018-10-11 23:59"), 0);
    assert_int_equal(timers_at(w, "2018-10-12 00:00"), 1);
    assert_state(w, waiting, "review");
    world_end(w);
}

/* More open cases than are recomputed in one write. */
static void no_open_case_is_left_out(void **state)
{
    (void)state;
    enum { CASES = 45 };
    World *w = world_new("cn-qingyang");
    world_at(w, "2018-09-27 10:00");
    MatterId last = { 0 };
    for (int i = 0; i < CASES; i++)
        last = apply_for(&w->cx, LICENCE, HOME);
    assert_int_equal(bring_in(w, NOTICE_HEAD REST_2018("01") REST_2018("02") REST_2018("03")
                                     REST_2018("04") REST_2018("05")), CASES);
    assert_term(w, last, "2018-10-11");
    world_end(w);
}

static void a_term_that_reaches_into_an_unpublished_year_is_provisional(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    MatterId id = accepted(w, "2026-12-14 09:00");
    assert_true(clock_of(w, id, "statutory").due.provisional);
    assert_false(clock_of(w, id, "promised").due.provisional);
    assert_due(w, id, "statutory", "2027-01-11"); /* Monday to Friday, until somebody knows */
    bring_in(w, NOTICE_HEAD "2027,1,2026-12-14,an invented notice,2027-01-01,0,元旦\n");
    assert_false(clock_of(w, id, "statutory").due.provisional);
    assert_due(w, id, "statutory", "2027-01-12");
    world_end(w);
}

static void a_case_never_goes_back_in_time(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Event *e;
    i64 last;
    MatterId id = accepted(w, "2018-10-10 09:12");
    Instant accepted_at = w->cx.now;
    world_at(w, "2018-10-08 09:00"); /* somebody set the machine's clock back */
    act_reviewer(w);
    take(w, id, "examine");
    assert_ok(&w->cx, record_list(&w->cx, id, &e));
    assert_int_equal(e->next->next->at.ms, accepted_at.ms);
    assert_int_equal(matter_now(w, id).changed_at.ms, accepted_at.ms);
    assert_due(w, id, "statutory", "2018-11-07");
    assert_ok(&w->cx, flow_verify_matters(&w->cx, 0, 1000, &last));
    world_end(w);
}

/* ------------------------------------------------------------------ nobody else there */

static MatterId examined_alone(World *w)
{
    act_as(w, "alone", "reviewer", BODY, DISTRICT);
    act_as(w, "alone", "decider", BODY, DISTRICT);
    MatterId id = accepted(w, "2018-10-10 09:12");
    assert_int_equal(matter_now(w, id).raised.n, 0);
    act_as(w, "alone", "reviewer", BODY, DISTRICT);
    take(w, id, "examine");
    return id;
}

static void without_a_second_person_the_case_goes_up_a_level(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Body body;
    act_as(w, "above", "decider", "gov", DISTRICT);
    MatterId id = examined_alone(w);
    assert_ok(&w->cx, body_get(&w->cx, matter_now(w, id).body, &body));
    assert_str(body.code, "gov");
    act_as(w, "alone", "decider", BODY, DISTRICT);
    assert_false(is_on_desk(w, id));
    act_as(w, "above", "decider", "gov", DISTRICT);
    assert_true(is_on_desk(w, id));
    take(w, id, "approve");
    world_end(w);
}

static void without_anybody_above_it_shows_itself_to_the_supervisor(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Body body;
    MatterId id = examined_alone(w);
    assert_ok(&w->cx, body_get(&w->cx, matter_now(w, id).body, &body));
    assert_str(body.code, BODY); /* where it would be decided if somebody came */
    act_as(w, "alone", "decider", BODY, DISTRICT);
    assert_fails(&w->cx, take_step(&w->cx, id, "approve", "", ""), E_DENIED, "flow.same_person");
    act_as(w, "sup", "supervisor", NULL, DISTRICT);
    assert_true(is_on_desk(w, id));
    world_end(w);
}

static void a_case_of_no_body_goes_nowhere_and_is_not_lost(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Str number, code;
    MatterId id;
    world_at(w, "2018-10-10 09:12");
    act_window(w);
    Matter like = matter_now(w, apply_for(cx, LICENCE, HOME));
    Values values = form_for(cx, LICENCE, HOME);
    FlowOpening o = { .flow = S("application"), .step = S("submit"), .family = S("licence"),
                      .subject = like.subject, .place = like.place, .channel = S("web"),
                      .values = &values };
    act_as_anyone(cx);
    assert_ok(cx, flow_open(cx, &o, &id, &number, &code));
    assert_int_equal(matter_now(w, id).raised.n, 0);
    act_window(w);
    take(w, id, "accept");
    assert_str(matter_now(w, id).raised, "supervisor");
    world_end(w);
}

TESTS("law",
      cmocka_unit_test(a_licence_nobody_answered_in_five_working_days_is_accepted_by_law),
      cmocka_unit_test(nothing_but_a_licence_is_accepted_by_silence),
      cmocka_unit_test(a_desk_is_counted_up_to_a_bound_and_says_so),
      cmocka_unit_test(papers_are_asked_for_once_and_in_time),
      cmocka_unit_test(an_applicant_who_never_answers_has_withdrawn),
      cmocka_unit_test(the_statutory_term_is_extended_once_and_by_what_the_law_gives),
      cmocka_unit_test(days_of_a_special_procedure_are_not_counted),
      cmocka_unit_test(a_special_procedure_ends_by_itself),
      cmocka_unit_test(a_special_procedure_lasts_as_long_as_was_told),
      cmocka_unit_test(what_is_withdrawn_waits_nowhere_and_for_nothing),
      cmocka_unit_test(what_is_late_comes_to_the_supervisor_once),
      cmocka_unit_test(a_certificate_has_its_own_term),
      cmocka_unit_test(a_bad_rating_is_put_right_within_fifteen_working_days),
      cmocka_unit_test(a_rectification_past_its_term_is_raised_to_the_supervisor),
      cmocka_unit_test(the_second_clerk_is_told_what_the_first_did),
      cmocka_unit_test(of_two_at_the_same_moment_one_is_refused_and_nothing_is_done_twice),
      cmocka_unit_test(a_changed_calendar_moves_every_open_term),
      cmocka_unit_test(no_open_case_is_left_out),
      cmocka_unit_test(a_term_that_reaches_into_an_unpublished_year_is_provisional),
      cmocka_unit_test(a_case_never_goes_back_in_time),
      cmocka_unit_test(without_a_second_person_the_case_goes_up_a_level),
      cmocka_unit_test(without_anybody_above_it_shows_itself_to_the_supervisor),
      cmocka_unit_test(a_case_of_no_body_goes_nowhere_and_is_not_lost))
