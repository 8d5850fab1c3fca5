/* test_steps.c -- every step of every built-in flow, taken by somebody who may and refused to
** somebody who may not.  A step of a flow that has neither row here fails the last test. */
#include "support/support.h"

#include "flow/private.h"
#include "onewindow/onewindow.h"

#include <string.h>

#define HOME "510105007001"
#define DISTRICT "510105"

/* ------------------------------------------------------------------ who acts */

static const struct {
    const char *who, *person, *role;
    bool has_body; /* the one that decides the case */
    const char *place;
} CAST[] = {
    { "window", "win", "window", false, HOME },
    { "far", "far", "window", false, "510105007002" },
    { "issuer", "iss", "issuer", false, HOME },
    { "reviewer", "rev", "reviewer", true, DISTRICT },
    { "decider", "dec", "decider", true, DISTRICT },
    { "supervisor", "sup", "supervisor", false, DISTRICT },
    { "checker", "chk", "checker", false, DISTRICT },
    /* the same persons in other posts */
    { "window-reviewing", "win", "reviewer", true, DISTRICT },
    { "window-deciding", "win", "decider", true, DISTRICT },
    { "window-checking", "win", "checker", false, DISTRICT },
    { "reviewer-deciding", "rev", "decider", true, DISTRICT },
};

static const char *body_code(Ctx *cx, const Matter *m)
{
    Body body;
    assert_ok(cx, body_get(cx, m->body, &body));
    return str_c(&cx->arena, body.code);
}

/* A person of a body is another one for each body. */
static void act_in_cast(World *w, const char *who, const Matter *m)
{
    for (size_t i = 0; i < COUNT(CAST); i++) {
        if (strcmp(CAST[i].who, who) != 0)
            continue;
        const char *body = CAST[i].has_body ? body_code(&w->cx, m) : NULL;
        act_as(w, CAST[i].person, CAST[i].role, body, CAST[i].place);
        return;
    }
    assert_never("nobody is called %s", who);
}

static void act(World *w, const char *who, const Matter *m)
{
    if (strcmp(who, "anyone") == 0)
        act_as_anyone(&w->cx);
    else if (strcmp(who, "system") == 0)
        act_as_system(&w->cx);
    else if (strcmp(who, "applicant") == 0)
        act_as_applicant(&w->cx, m->id);
    else if (strcmp(who, "stranger") == 0)
        act_as_applicant(&w->cx, (MatterId){ m->id.value + 1 });
    else
        act_in_cast(w, who, m);
}

/* ------------------------------------------------------------------ the table */

#define LICENCE "food-business"
#define BENEFIT "temporary-relief"
#define NOT_YOURS E_DENIED, "permit.not_yours"
#define SAME_PERSON E_DENIED, "flow.same_person"
#define ONLY_ONCE E_CONFLICT, "flow.only_once"
#define NOT_FROM_HERE E_CONFLICT, "flow.not_from_here"
#define OTHER_FAMILY E_CONFLICT, "flow.not_for_this_family"
#define MISSING E_INPUT, "field.missing"

typedef struct StepTest {
    const char *flow, *item, *before, *step, *who;
    Err want; /* OK, or how it is refused */
    const char *key;
    const char *sends; /* beside what must be answered: "name=value"; "-": nothing at all */
} StepTest;

/* Steps before it are taken by those who may by the first row of that step; "+N" lets days pass. */
static const StepTest APPLICATION[] = {
    { "application", LICENCE, "", "submit", "anyone", OK, NULL, NULL },
    { "application", LICENCE, "", "submit", "window", OK, NULL, NULL },
    { "application", LICENCE, "", "submit", "supervisor", NOT_YOURS, NULL },
    { "application", LICENCE, "", "submit", "anyone", MISSING, "-" },
    { "application", LICENCE, "", "accept", "window", OK, NULL, NULL },
    { "application", LICENCE, "", "accept", "reviewer", NOT_YOURS, NULL },
    { "application", LICENCE, "", "accept", "far", NOT_YOURS, NULL },
    { "application", LICENCE, "accept", "accept", "window", NOT_FROM_HERE, NULL },
    { "application", LICENCE, "", "deem", "system", OK, NULL, NULL },
    { "application", LICENCE, "", "deem", "window", NOT_YOURS, NULL },
    { "application", BENEFIT, "", "deem", "system", OTHER_FAMILY, NULL },
    { "application", BENEFIT, "", "overdue", "system", OK, NULL, NULL },
    { "application", BENEFIT, "overdue", "overdue", "system", ONLY_ONCE, NULL },
    { "application", LICENCE, "", "overdue", "system", OTHER_FAMILY, NULL },
    { "application", LICENCE, "", "ask", "window", OK, NULL, NULL },
    { "application", LICENCE, "", "ask", "applicant", NOT_YOURS, NULL },
    { "application", LICENCE, "ask answer", "ask", "window", ONLY_ONCE, NULL },
    { "application", LICENCE, "+9", "ask", "window", E_CONFLICT, "flow.too_late", NULL },
    { "application", BENEFIT, "+9", "ask", "window", OK, NULL, NULL },
    { "application", LICENCE, "ask answer", "ask_again", "supervisor", OK, NULL, NULL },
    { "application", LICENCE, "ask answer", "ask_again", "window", NOT_YOURS, NULL },
    { "application", LICENCE, "", "ask_again", "supervisor", E_CONFLICT,
      "onewindow.not_asked_yet", NULL },
    { "application", LICENCE, "ask", "answer", "applicant", OK, NULL, "answer_note=here" },
    { "application", LICENCE, "ask", "answer", "window", OK, NULL, NULL },
    { "application", LICENCE, "ask", "answer", "stranger", NOT_YOURS, NULL },
    { "application", LICENCE, "ask", "answer", "applicant", E_INPUT, "onewindow.nothing_sent",
      "-" },
    { "application", LICENCE, "ask", "lapse", "system", OK, NULL, NULL },
    { "application", LICENCE, "ask", "lapse", "window", NOT_YOURS, NULL },
    { "application", LICENCE, "", "correct", "window", OK, NULL, NULL },
    { "application", LICENCE, "", "correct", "window", MISSING, "-" },
    { "application", LICENCE, "", "not_needed", "window", OK, NULL, NULL },
    { "application", LICENCE, "", "not_needed", "applicant", NOT_YOURS, NULL },
    { "application", LICENCE, "", "not_ours", "window", OK, NULL, NULL },
    { "application", LICENCE, "accept", "not_ours", "window", NOT_FROM_HERE, NULL },
    { "application", LICENCE, "accept", "examine", "reviewer", OK, NULL, NULL },
    { "application", LICENCE, "accept", "examine", "window", NOT_YOURS, NULL },
    { "application", LICENCE, "accept", "examine", "window-reviewing", SAME_PERSON, NULL },
    { "application", LICENCE, "ask answer@window deem", "examine", "window-reviewing",
      SAME_PERSON, NULL },
    { "application", LICENCE, "correct deem", "examine", "window-reviewing", SAME_PERSON, NULL },
    { "application", LICENCE, "accept", "suspend", "reviewer", OK, NULL, NULL },
    { "application", LICENCE, "accept", "suspend", "window-reviewing", SAME_PERSON, NULL },
    { "application", LICENCE, "accept", "suspend", "reviewer", E_INPUT,
      "onewindow.special_too_long", "special_days=11" },
    { "application", BENEFIT, "accept", "suspend", "reviewer", E_CONFLICT,
      "onewindow.no_special_procedure", NULL },
    { "application", LICENCE, "accept suspend", "resume", "reviewer", OK, NULL, NULL },
    { "application", LICENCE, "accept suspend", "resume", "system", OK, NULL, NULL },
    { "application", LICENCE, "accept suspend", "resume", "window-reviewing", SAME_PERSON, NULL },
    { "application", LICENCE, "accept", "extend", "decider", OK, NULL, NULL },
    { "application", LICENCE, "accept", "extend", "window-deciding", SAME_PERSON, NULL },
    { "application", LICENCE, "accept extend", "extend", "decider", ONLY_ONCE, NULL },
    { "application", BENEFIT, "accept", "extend", "decider", E_CONFLICT, "flow.no_extension",
      NULL },
    { "application", LICENCE, "accept examine", "send_back", "decider", OK, NULL, NULL },
    { "application", LICENCE, "accept examine", "send_back", "window-deciding", SAME_PERSON,
      NULL },
    { "application", LICENCE, "accept examine", "approve", "decider", OK, NULL, NULL },
    { "application", LICENCE, "accept examine", "approve", "window-deciding", SAME_PERSON, NULL },
    { "application", LICENCE, "accept examine", "approve", "reviewer-deciding", SAME_PERSON,
      NULL },
    { "application", LICENCE, "accept examine", "approve", "system", NOT_YOURS, NULL },
    { "application", LICENCE, "accept", "approve", "decider", NOT_FROM_HERE, NULL },
    { "application", LICENCE, "accept examine", "refuse", "decider", OK, NULL, NULL },
    { "application", LICENCE, "accept examine", "refuse", "reviewer-deciding", SAME_PERSON, NULL },
    { "application", LICENCE, "accept examine", "refuse", "decider", MISSING, "-" },
    { "application", LICENCE, "accept examine approve", "produce", "issuer", OK, NULL, NULL },
    { "application", LICENCE, "accept examine approve", "produce", "decider", NOT_YOURS, NULL },
    { "application", LICENCE, "accept examine refuse", "remind", "system", OK, NULL, NULL },
    { "application", LICENCE, "accept examine refuse remind", "remind", "system", ONLY_ONCE,
      NULL },
    { "application", LICENCE, "accept examine refuse", "deliver", "issuer", OK, NULL, NULL },
    { "application", LICENCE, "accept examine refuse", "deliver", "applicant", NOT_YOURS, NULL },
    { "application", LICENCE, "accept examine", "withdraw", "applicant", OK, NULL, NULL },
    { "application", LICENCE, "accept examine", "withdraw", "stranger", NOT_YOURS, NULL },
    { "application", LICENCE, "accept examine approve", "withdraw", "applicant", NOT_FROM_HERE,
      NULL },
    { "application", LICENCE, "accept", "escalate", "system", OK, NULL, NULL },
    { "application", LICENCE, "accept escalate", "escalate", "system", ONLY_ONCE, NULL },
    { "application", LICENCE, "accept examine refuse deliver", "rate", "applicant", OK, NULL,
      NULL },
    { "application", LICENCE, "accept examine refuse deliver", "rate", "window", NOT_YOURS, NULL },
    { "application", LICENCE, "accept examine refuse deliver rate", "rate", "applicant",
      ONLY_ONCE, NULL },
};

#define CARD "elder-card"
static const StepTest AT_ONCE[] = {
    { "at_once", CARD, "", "submit", "anyone", OK, NULL, NULL },
    { "at_once", CARD, "", "submit", "checker", NOT_YOURS, NULL },
    { "at_once", CARD, "", "settle", "window", OK, NULL, NULL },
    { "at_once", CARD, "", "settle", "far", NOT_YOURS, NULL },
    { "at_once", CARD, "", "refuse", "window", OK, NULL, NULL },
    { "at_once", CARD, "", "refuse", "window", MISSING, "-" },
    { "at_once", CARD, "", "ask", "window", OK, NULL, NULL },
    { "at_once", CARD, "ask answer", "ask", "window", ONLY_ONCE, NULL },
    { "at_once", CARD, "ask", "answer", "applicant", OK, NULL, "answer_note=here" },
    { "at_once", CARD, "ask", "answer", "applicant", E_INPUT, "onewindow.nothing_sent", NULL },
    { "at_once", CARD, "ask", "lapse", "system", OK, NULL, NULL },
    { "at_once", CARD, "ask", "lapse", "applicant", NOT_YOURS, NULL },
    { "at_once", CARD, "", "withdraw", "applicant", OK, NULL, NULL },
    { "at_once", CARD, "settle", "withdraw", "applicant", NOT_FROM_HERE, NULL },
    { "at_once", CARD, "", "overdue", "system", OK, NULL, NULL },
    { "at_once", CARD, "overdue", "overdue", "system", ONLY_ONCE, NULL },
    { "at_once", CARD, "settle", "rate", "applicant", OK, NULL, NULL },
    { "at_once", CARD, "settle", "rate", "stranger", NOT_YOURS, NULL },
};

#define AWAY "social-card"
static const StepTest ELSEWHERE[] = {
    { "elsewhere", AWAY, "", "submit", "anyone", OK, NULL, NULL },
    { "elsewhere", AWAY, "", "submit", "anyone", MISSING, "-" },
    { "elsewhere", AWAY, "", "hand_over", "window", OK, NULL, NULL },
    { "elsewhere", AWAY, "", "hand_over", "window", MISSING, "-" },
    { "elsewhere", AWAY, "", "ask", "window", OK, NULL, NULL },
    { "elsewhere", AWAY, "ask answer", "ask", "window", ONLY_ONCE, NULL },
    { "elsewhere", AWAY, "ask", "answer", "applicant", OK, NULL, "answer_note=here" },
    { "elsewhere", AWAY, "ask", "answer", "stranger", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "ask", "lapse", "system", OK, NULL, NULL },
    { "elsewhere", AWAY, "ask", "lapse", "window", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "", "not_ours", "window", OK, NULL, NULL },
    { "elsewhere", AWAY, "", "not_ours", "applicant", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "", "overdue", "system", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over", "overdue", "system", NOT_FROM_HERE, NULL },
    { "elsewhere", AWAY, "hand_over", "update", "window", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over", "update", "applicant", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "hand_over", "check", "system", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over", "check", "window", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "hand_over", "escalate", "system", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over escalate", "escalate", "system", ONLY_ONCE, NULL },
    { "elsewhere", AWAY, "hand_over", "finish", "window", OK, NULL, NULL },
    { "elsewhere", AWAY, "", "finish", "window", NOT_FROM_HERE, NULL },
    { "elsewhere", AWAY, "hand_over finish", "remind", "system", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over finish", "remind", "issuer", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "hand_over finish", "deliver", "issuer", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over finish", "deliver", "far", NOT_YOURS, NULL },
    { "elsewhere", AWAY, "hand_over", "withdraw", "applicant", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over finish", "withdraw", "applicant", NOT_FROM_HERE, NULL },
    { "elsewhere", AWAY, "hand_over finish deliver", "rate", "applicant", OK, NULL, NULL },
    { "elsewhere", AWAY, "hand_over finish deliver", "rate", "applicant", MISSING, "-" },
};

/* These follow from another case, which the person at the window settled. */
static const StepTest INTERNAL[] = {
    { "after_check", NULL, "", "open", "system", OK, NULL, NULL },
    { "after_check", NULL, "", "open", "checker", NOT_YOURS, NULL },
    { "after_check", NULL, "", "pass", "checker", OK, NULL, NULL },
    { "after_check", NULL, "", "pass", "window-checking", SAME_PERSON, NULL },
    { "after_check", NULL, "", "fault", "checker", OK, NULL, NULL },
    { "after_check", NULL, "", "fault", "window-checking", SAME_PERSON, NULL },
    { "after_check", NULL, "", "fault", "checker", MISSING, "-" },
    { "after_check", NULL, "", "overdue", "system", OK, NULL, NULL },
    { "after_check", NULL, "overdue", "overdue", "system", ONLY_ONCE, NULL },
    { "rectification", NULL, "", "open", "system", OK, NULL, NULL },
    { "rectification", NULL, "", "open", "supervisor", NOT_YOURS, NULL },
    { "rectification", NULL, "", "put_right", "supervisor", OK, NULL, NULL },
    { "rectification", NULL, "", "put_right", "window", NOT_YOURS, NULL },
    { "rectification", NULL, "", "explain", "supervisor", OK, NULL, NULL },
    { "rectification", NULL, "", "explain", "supervisor", MISSING, "-" },
    { "rectification", NULL, "", "exclude", "supervisor", OK, NULL, NULL },
    { "rectification", NULL, "", "exclude", "window", NOT_YOURS, NULL },
    { "rectification", NULL, "put_right", "call_back", "supervisor", OK, NULL, NULL },
    { "rectification", NULL, "", "call_back", "supervisor", NOT_FROM_HERE, NULL },
    { "rectification", NULL, "", "escalate", "system", OK, NULL, NULL },
    { "rectification", NULL, "escalate", "escalate", "system", ONLY_ONCE, NULL },
};

static const struct {
    const StepTest *rows;
    size_t n;
} TABLES[] = {
    { APPLICATION, COUNT(APPLICATION) },
    { AT_ONCE, COUNT(AT_ONCE) },
    { ELSEWHERE, COUNT(ELSEWHERE) },
    { INTERNAL, COUNT(INTERNAL) },
};

/* ------------------------------------------------------------------ doing what a row says */

static const StepTest *find_row(const char *flow, Str step, bool allowed)
{
    for (size_t i = 0; i < COUNT(TABLES); i++)
        for (size_t j = 0; j < TABLES[i].n; j++) {
            const StepTest *t = &TABLES[i].rows[j];
            if (strcmp(t->flow, flow) == 0 && str_is(str_of(t->step), step)
                && (t->want == OK) == allowed)
                return t;
        }
    return NULL;
}

static Values values_sent(Ctx *cx, const Field *fields, size_t n, const char *sends)
{
    Str rest = str_of(sends), name;
    Values values = { 0 }, sent = { 0 };
    if (str_is(rest, S("-")))
        return sent;
    values = values_for(cx, fields, n, HOME);
    bool has_more = sends && str_cut(&rest, '=', &name);
    for (const Value *v = values.first; v; v = v->next)
        if (!has_more || !str_is(v->name, name))
            value_add(cx, &sent, v->name, v->text);
    if (has_more)
        value_add(cx, &sent, name, rest);
    return sent;
}

static Err take(World *w, MatterId id, Str step, const char *who, const char *sends)
{
    Ctx *cx = &w->cx;
    Matter m;
    const Field *fields;
    size_t n;
    assert_ok(cx, matter_get(cx, id, &m));
    const Flow *f = matter_flow(cx, &m);
    act(w, who, &m);
    assert_ok(cx, flow_step_fields(cx, &m, f, flow_step(f, step), &fields, &n));
    Values values = values_sent(cx, fields, n, sends);
    return flow_take(cx, id, step, &values, 0);
}

static MatterId settled_case(World *w)
{
    MatterId id = apply_for(&w->cx, CARD, HOME);
    assert_ok(&w->cx, take(w, id, S("settle"), "window", NULL));
    return id;
}

static Err open_internal(World *w, const StepTest *t, const char *who, MatterId *out)
{
    Ctx *cx = &w->cx;
    Matter parent;
    Str number, code;
    Values none = { 0 };
    assert_ok(cx, matter_get(cx, settled_case(w), &parent));
    FlowOpening o = { .flow = str_of(t->flow), .step = S("open"), .family = S("internal"),
                      .subject = parent.subject, .place = parent.place, .parent = parent.id,
                      .channel = S("system"), .values = &none };
    act(w, who, &parent);
    return flow_open(cx, &o, out, &number, &code);
}

static Err open_case(World *w, const StepTest *t, const char *who, const char *sends, MatterId *out)
{
    Values values = { 0 };
    if (!t->item)
        return open_internal(w, t, who, out);
    if (!sends)
        values = form_for(&w->cx, t->item, HOME);
    act(w, who, NULL);
    return onewindow_apply(&w->cx, str_of(t->item), &values, S("web"), out);
}

/* "+9": so many days later; "answer@window": by this one; otherwise by who may. */
static void take_earlier(World *w, const StepTest *t, MatterId id, Str word)
{
    Str step = word, who = STR_EMPTY;
    i64 days;
    if (str_starts(word, S("+"))) {
        assert_true(str_to_int(str_skip(word, 1), &days));
        Instant later = { w->cx.now.ms + days * 24 * MS_PER_HOUR };
        store_rest(&w->cx);
        ctx_end(&w->cx);
        ctx_begin(&w->cx, later);
        w->cx.lang = LANG_EN;
        return;
    }
    size_t at;
    if (str_find(word, S("@"), &at)) {
        step = str_first(word, at);
        who = str_skip(word, at + 1);
    }
    const StepTest *row = find_row(t->flow, step, true);
    assert_non_null(row);
    assert_ok(&w->cx, take(w, id, step, who.n ? str_c(&w->cx.arena, who) : row->who, row->sends));
}

static MatterId case_before(World *w, const StepTest *t)
{
    MatterId id;
    Str rest = str_of(t->before), word;
    assert_ok(&w->cx, open_case(w, t, t->item ? "anyone" : "system", NULL, &id));
    while (str_cut(&rest, ' ', &word))
        if (word.n)
            take_earlier(w, t, id, word);
    return id;
}

/* ------------------------------------------------------------------ what must come of it */

static bool is_offered(World *w, MatterId id, const char *step)
{
    Matter m;
    StepChoice *choices;
    assert_ok(&w->cx, matter_get(&w->cx, id, &m));
    assert_ok(&w->cx, flow_choices(&w->cx, &m, &choices));
    for (const StepChoice *c = choices; c; c = c->next)
        if (str_is(c->step->step, str_of(step)))
            return c->blocked.n == 0;
    return false;
}

/* A refused step leaves nothing behind, and was not offered; what only lacks an answer was. */
static void assert_step(World *w, const StepTest *t)
{
    Matter before, after;
    MatterId id = case_before(w, t);
    assert_ok(&w->cx, matter_get(&w->cx, id, &before));
    act(w, t->who, &before);
    bool offered = is_offered(w, id, t->step);
    if (offered != (t->want == OK || t->want == E_INPUT))
        assert_never("it was %soffered", offered ? "" : "not ");
    Err err = take(w, id, str_of(t->step), t->who, t->sends);
    if (t->want == OK)
        assert_ok(&w->cx, err);
    else
        assert_fails(&w->cx, err, t->want, t->key);
    assert_ok(&w->cx, matter_get(&w->cx, id, &after));
    assert_int_equal(after.events, before.events + (t->want == OK));
    if (t->want != OK)
        assert_true(str_is(after.state, before.state));
}

static void assert_opening(World *w, const StepTest *t)
{
    MatterId id;
    Matter m;
    Err err = open_case(w, t, t->who, t->sends, &id);
    if (t->want != OK) {
        assert_fails(&w->cx, err, t->want, t->key);
        return;
    }
    assert_ok(&w->cx, err);
    assert_ok(&w->cx, matter_get(&w->cx, id, &m));
    assert_int_equal(m.events, 1);
}

static void assert_rows(const StepTest *rows, size_t n)
{
    World *w = world_new("cn-qingyang");
    for (size_t i = 0; i < n; i++) {
        const StepTest *t = &rows[i];
        bool opens = strcmp(t->step, "submit") == 0 || strcmp(t->step, "open") == 0;
        print_message("  %s after \"%s\" by %s: %s\n", t->step, t->before, t->who,
                      t->key ? t->key : "taken");
        world_at(w, "2024-03-04 09:00");
        (opens ? assert_opening : assert_step)(w, t);
    }
    world_end(w);
}

static void application_steps_are_for_those_they_are_for(void **state)
{
    (void)state;
    assert_rows(APPLICATION, COUNT(APPLICATION));
}

static void at_once_steps_are_for_those_they_are_for(void **state)
{
    (void)state;
    assert_rows(AT_ONCE, COUNT(AT_ONCE));
}

static void elsewhere_steps_are_for_those_they_are_for(void **state)
{
    (void)state;
    assert_rows(ELSEWHERE, COUNT(ELSEWHERE));
}

static void internal_steps_are_for_those_they_are_for(void **state)
{
    (void)state;
    assert_rows(INTERNAL, COUNT(INTERNAL));
}

/* ------------------------------------------------------------------ and none forgotten */

static void every_step_of_every_flow_has_an_allowed_and_a_refused_test(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    const Flow *f;
    int lacking = 0;
    for (size_t n = 0; (f = flow_current_at(w->house, n)); n++)
        for (size_t i = 0; i < f->steps_n * 2; i++) {
            const FlowStep *s = &f->steps[i / 2];
            if (find_row(str_c(&w->cx.arena, f->flow), s->step, i % 2))
                continue;
            print_error("%.*s/%.*s has no %s test\n", STR_ARGS(f->flow), STR_ARGS(s->step),
                        i % 2 ? "allowed" : "refused");
            lacking++;
        }
    assert_int_equal(lacking, 0);
    world_end(w);
}

TESTS("steps", cmocka_unit_test(application_steps_are_for_those_they_are_for),
      cmocka_unit_test(at_once_steps_are_for_those_they_are_for),
      cmocka_unit_test(elsewhere_steps_are_for_those_they_are_for),
      cmocka_unit_test(internal_steps_are_for_those_they_are_for),
      cmocka_unit_test(every_step_of_every_flow_has_an_allowed_and_a_refused_test))
