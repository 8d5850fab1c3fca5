/* demo_applications.c -- applications made and carried on through the engine, on a simulated clock.
**
** Every matter has one next action at a time, kept in a heap by its moment; timers run as the
** clock passes them. What each actor does is drawn from weights, so that the district ends with
** cases in every state. */
#include "demo.h"

#include "onewindow/onewindow.h"

#include <stdlib.h>
#include <unistd.h>

enum { DAYS_BACK = 100, ACTIONS_PER_WRITE = 40, TIMERS_AT_ONCE = 200, ITEMS_MAX = 64 };

typedef struct Action {
    Instant at;
    MatterId matter; /* 0: a new application */
} Action;

typedef struct Demo {
    const DemoWords *words;
    Dice *dice;
    Action *heap;
    size_t heap_n;
    Instant until;
    const Str *items;
    size_t items_n;
    Str *homes;       /* codes */
    size_t homes_n;
    i64 done, all;
} Demo;

/* ------------------------------------------------------------------ the heap */

static bool is_earlier(const Action *a, const Action *b)
{
    return a->at.ms < b->at.ms || (a->at.ms == b->at.ms && a->matter.value < b->matter.value);
}

static void swap(Action *a, Action *b)
{
    Action kept = *a;
    *a = *b;
    *b = kept;
}

static void push(Demo *demo, Action action)
{
    size_t i = demo->heap_n++;
    demo->heap[i] = action;
    for (; i && is_earlier(&demo->heap[i], &demo->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&demo->heap[i], &demo->heap[(i - 1) / 2]);
}

static Action pop(Demo *demo)
{
    Action first = demo->heap[0];
    demo->heap[0] = demo->heap[--demo->heap_n];
    for (size_t i = 0;;) {
        size_t least = i, left = 2 * i + 1;
        for (size_t child = left; child < left + 2 && child < demo->heap_n; child++)
            if (is_earlier(&demo->heap[child], &demo->heap[least]))
                least = child;
        if (least == i)
            return first;
        swap(&demo->heap[i], &demo->heap[least]);
        i = least;
    }
}

/* ------------------------------------------------------------------ when */

/* A moment within office hours some working days later. */
static Err office_moment(Ctx *cx, Dice *d, Instant from, i64 workdays, Instant *out)
{
    bool works, provisional;
    Day day = day_of(cx->house, from);
    for (i64 left = workdays; left > 0;) {
        day = day_add(day, 1);
        TRY(calendar_is_workday(cx, day, &works, &provisional));
        left -= works;
    }
    const Profile *p = profile_of(cx->house);
    int open = p->office[0].from, shut = p->office[p->office_n - 1].to;
    *out = day_at(cx->house, day, open + (int)dice_below(d, shut - open - 1));
    if (out->ms <= from.ms)
        out->ms = from.ms + 60000 * (1 + dice_below(d, 30));
    return OK;
}

/* ------------------------------------------------------------------ who */

/* Some post of the role whose scope covers the matter, of a person who took none of the steps
   apart. */
static Err choose_actor(Ctx *cx, Demo *demo, const Matter *m, const FlowStep *step, Str role,
                        Actor *out)
{
    const Role *r = role_find(cx->house, role);
    i64 skip = dice_below(demo->dice, 3);
    *out = (Actor){ 0 };
    Query q =
        QUERY(cx,
              "SELECT id, person FROM post WHERE role = $1 AND substr($2, 1, length(path)) = path"
              " AND ($3 = 0 OR body = $3) ORDER BY length(path) DESC, id",
              T(role), T(m->path), I(r && r->by_body ? m->body.value : 0));
    while (query_next(&q)) {
        Actor a = { .kind = ACTOR_STAFF };
        a.post = (PostId){ query_int(&q) };
        a.person = (PersonId){ query_int(&q) };
        bool took;
        TRY(record_has_taken(cx, m->id, a.person, step->apart_from, &took));
        if (took)
            continue;
        *out = a;
        if (skip-- == 0)
            break;
    }
    return query_end(&q);
}

static Err set_actor(Ctx *cx, Demo *demo, const Matter *m, const FlowStep *step, bool *out_found)
{
    *out_found = true;
    cx->actor = (Actor){ .kind = ACTOR_APPLICANT, .matter = m->id };
    if (names_have(step->by, S("applicant")))
        return OK;
    for (size_t i = 0; i < step->by.n; i++) {
        if (!role_find(cx->house, step->by.at[i]))
            continue;
        TRY(choose_actor(cx, demo, m, step, step->by.at[i], &cx->actor));
        if (cx->actor.person.value)
            return OK;
    }
    *out_found = false;
    return OK;
}

/* ------------------------------------------------------------------ what */

/* How likely each step is where several could be taken; what is not named happens seldom. */
static const struct { const char *step; int weight; } WEIGHTS[] = {
    { "accept", 70 },    { "ask", 16 },      { "not_ours", 4 },  { "not_needed", 2 }, { "correct",
      2 },
    { "settle", 80 },    { "hand_over", 75 },{ "answer", 85 },   { "examine", 80 },   { "suspend",
      9 },
    { "resume", 22 },    { "approve", 78 },  { "refuse", 9 },    { "send_back", 5 },  { "extend",
      3 },
    { "produce", 100 },  { "deliver", 100 }, { "withdraw", 2 },  { "rate", 60 },      { "update",
      30 },
    { "finish", 60 },    { "pass", 90 },     { "fault", 10 },    { "put_right", 70 }, { "explain",
      20 },
    { "exclude", 5 },    { "call_back", 90 },
};

static int weight_of(Str step)
{
    for (size_t i = 0; i < COUNT(WEIGHTS); i++)
        if (str_is(str_of(WEIGHTS[i].step), step))
            return WEIGHTS[i].weight;
    return 0;
}

static const FlowStep *choose_step(Dice *d, const Flow *f, const Matter *m)
{
    int sum = 0;
    for (size_t i = 0; i < f->steps_n; i++)
        if (names_have(f->steps[i].from, m->state) && family_applies(f->steps[i].family, m->family))
            sum += weight_of(f->steps[i].step);
    i64 draw = sum ? dice_below(d, sum) : 0;
    for (size_t i = 0; i < f->steps_n && sum; i++) {
        const FlowStep *s = &f->steps[i];
        if (!names_have(s->from, m->state) || !family_applies(s->family, m->family))
            continue;
        draw -= weight_of(s->step);
        if (draw < 0)
            return s;
    }
    return NULL;
}

static Values fitting_values(Ctx *cx, Demo *demo, const Field *fields, size_t n, const Place *home)
{
    Values values = { 0 };
    for (size_t i = 0; i < n; i++)
        if (fields[i].must || dice_chance(demo->dice, 40))
            value_add(cx, &values, fields[i].name,
                      demo_value(cx, demo->words, demo->dice, &fields[i], home));
    return values;
}

/* Special procedures are short here, and most ratings good. */
static void make_plausible(Dice *d, Values *values)
{
    for (Value *v = values->first; v; v = v->next) {
        if (str_is(v->name, S("special_days")))
            v->text = S("5");
        if (str_is(v->name, S("grade")))
            v->text = dice_chance(d, 88) ? (dice_chance(d, 60) ? S("5") : S("4")) : S("2");
    }
}

/* ------------------------------------------------------------------ one action */

static Err go_on_later(Ctx *cx, Demo *demo, MatterId id, bool soon)
{
    Action next = { .matter = id };
    i64 days = soon                         ? dice_below(demo->dice, 2)
               : dice_chance(demo->dice, 8) ? 8 + dice_below(demo->dice, 14)
                                            : 1 + dice_below(demo->dice, 4);
    TRY(office_moment(cx, demo->dice, cx->now, days, &next.at));
    if (next.at.ms < demo->until.ms)
        push(demo, next);
    return OK;
}

static Err follow_children(Ctx *cx, Demo *demo, MatterId id)
{
    Matter *children;
    TRY(matter_list_children(cx, id, &children));
    for (const Matter *c = children; c; c = c->next)
        if (c->events == 1 && !c->closed_at.ms)
            TRY(go_on_later(cx, demo, c->id, false));
    return OK;
}

static Err carry_on(Ctx *cx, Demo *demo, MatterId id)
{
    Matter m;
    Place home;
    const Field *fields;
    size_t n;
    bool found;
    TRY(matter_get(cx, id, &m));
    const Flow *f = matter_flow(cx, &m);
    const FlowStep *step = choose_step(demo->dice, f, &m);
    if (!step)
        return OK;
    TRY(place_get(cx, m.place, &home));
    TRY(set_actor(cx, demo, &m, step, &found));
    TRY(flow_step_fields(cx, &m, f, step, &fields, &n));
    Values values = fitting_values(cx, demo, fields, n, &home);
    make_plausible(demo->dice, &values);
    if (str_is(step->step, S("answer")))
        value_add(cx, &values, S("answer_note"), S("ok"));
    CtxMark mark = ctx_mark(cx);
    Err err = found ? flow_take(cx, id, step->step, &values, 0) : OK;
    if (err == E_CONFLICT || err == E_INPUT || err == E_DENIED) /* not now: guards, once, within */
        cx->failure = mark.failure;
    else
        TRY(err);
    TRY(follow_children(cx, demo, id));
    return str_is(step->step, S("rate"))
               ? OK
               : go_on_later(cx, demo, id, str_is(m.state, S("production")));
}

static Err apply_anew(Ctx *cx, Demo *demo)
{
    const Field *fields;
    size_t n;
    MatterId id;
    Place home = { .code = demo->homes[dice_below(demo->dice, (i64)demo->homes_n)] };
    Str item = demo->items[dice_below(demo->dice, (i64)demo->items_n)];
    TRY(onewindow_form(cx, item, &fields, &n));
    Values values = fitting_values(cx, demo, fields, n, &home);
    if (dice_chance(demo->dice, 30))
        value_add(cx, &values, S("papers_later"), S("yes"));
    cx->actor = (Actor){ .kind = ACTOR_ANYONE };
    TRY(onewindow_apply(cx, item, &values, dice_chance(demo->dice, 60) ? S("web") : S("window"),
                        &id));
    return go_on_later(cx, demo, id, false);
}

/* ------------------------------------------------------------------ batches */

static Err run_batch(Ctx *cx, void *arg)
{
    Demo *demo = arg;
    for (int i = 0; i < ACTIONS_PER_WRITE && demo->heap_n; i++) {
        Action action = pop(demo);
        cx->now = action.at;
        if (action.matter.value) {
            TRY(carry_on(cx, demo, action.matter));
        } else {
            TRY(apply_anew(cx, demo));
            demo->done++;
        }
    }
    return OK;
}

static Err run_timers(Ctx *cx)
{
    i64 taken = 1;
    cx->actor = (Actor){ .kind = ACTOR_SYSTEM };
    while (taken)
        TRY(flow_run_timers(cx, TIMERS_AT_ONCE, &taken));
    return OK;
}

/* For somebody who watches; a file would get one very long line. */
static void show_progress(const Demo *demo)
{
    if (isatty(STDERR_FILENO))
        say("\r  %lld of %lld applications", (long long)demo->done, (long long)demo->all);
}

/* The actions of one batch, then the timers that fell due meanwhile. */
static Err run_all(Ctx *cx, Demo *demo)
{
    Ctx work = ctx_new(cx->house, (size_t)256 << 20);
    Err err = store_attach(&work, store_of(cx));
    while (!err && demo->heap_n) {
        ctx_begin(&work, demo->heap[0].at);
        work.lang = cx->lang;
        err = store_write(&work, run_batch, demo);
        if (!err)
            err = run_timers(&work);
        store_rest(&work);
        ctx_end(&work);
        show_progress(demo);
    }
    if (!err) {
        ctx_begin(&work, demo->until);
        err = run_timers(&work);
        ctx_end(&work);
    }
    fail_like(cx, &work);
    store_detach(&work);
    ctx_free(&work);
    if (isatty(STDERR_FILENO))
        say("\n");
    return err;
}

static Err list_homes(Ctx *cx, Demo *demo)
{
    Place *places;
    TRY(place_list_level(cx, profile_of(cx->house)->home_level, &places));
    for (const Place *p = places; p; p = p->next)
        demo->homes_n++;
    demo->homes = NEW_ARRAY(cx, Str, demo->homes_n + 1);
    size_t n = 0;
    for (const Place *p = places; demo->homes && p; p = p->next)
        demo->homes[n++] = p->code;
    return ctx_err(cx);
}

static Err list_items(Ctx *cx, Demo *demo)
{
    ItemName *names;
    Str *items = NEW_ARRAY(cx, Str, ITEMS_MAX);
    TRY(onewindow_list_items(cx, &names));
    for (const ItemName *i = names; items && i && demo->items_n < ITEMS_MAX; i = i->next)
        items[demo->items_n++] = i->item;
    demo->items = items;
    return ctx_err(cx);
}

Err demo_applications(Ctx *cx, const DemoWords *w, Dice *d, i64 n, Instant until)
{
    Demo demo = { .words = w, .dice = d, .until = until, .all = n };
    demo.heap = NEW_ARRAY(cx, Action, (size_t)n * 4 + 64);
    if (!demo.heap)
        return E_LIMIT;
    TRY(list_homes(cx, &demo));
    TRY(list_items(cx, &demo));
    for (i64 i = 0; i < n; i++) {
        Action a = { 0 };
        Instant day = { until.ms - DAYS_BACK * MS_PER_DAY
                        + i * (DAYS_BACK - 1) * MS_PER_DAY / (n ? n : 1) };
        TRY(office_moment(cx, d, day, 0, &a.at));
        if (a.at.ms < until.ms)
            push(&demo, a);
        else
            demo.all--;
    }
    store_rest(cx);
    return run_all(cx, &demo);
}
