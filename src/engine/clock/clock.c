/* clock.c -- the tables clock and clock_pause. */
#include "clock/clock.h"

#include "text/text.h"

enum { PAUSES_MAX = 200 };

const Field CLOCK_FIELDS[] = {
    FIELD(Clock, name, TEXT),
    FIELD(Clock, state, TEXT),
    FIELD(Clock, started_at, INSTANT),
    { .name = { "due", 3 }, .kind = F_DAY, .offset = offsetof(Clock, due.day) },
    { .name = { "provisional", 11 }, .kind = F_FLAG, .offset = offsetof(Clock, due.provisional) },
    FIELD_END
};

/* ------------------------------------------------------------------ reading */

static void read_clock(Query *q, Clock *out)
{
    out->matter = (MatterId){ query_int(q) };
    out->name = query_text(q);
    out->started_at = query_instant(q);
    out->limit.n = query_int(q);
    if (!counting_parse(query_text(q), &out->limit.counting))
        out->limit.counting = COUNT_NONE;
    out->state = query_text(q);
    out->due.day = query_day(q);
    out->due.at = query_instant(q);
    out->due.provisional = query_flag(q);
}

Err clock_find(Ctx *cx, MatterId matter, Str name, bool *out_found, Clock *out)
{
    Query q =
        QUERY(cx,
              "SELECT matter, name, started_at, n, counting, state, due_day, due_at, provisional"
              " FROM clock WHERE matter = $1 AND name = $2",
              ID(matter), T(name));
    *out = (Clock){ 0 };
    *out_found = query_next(&q);
    if (*out_found)
        read_clock(&q, out);
    return query_end(&q);
}

static Err all(Query *q, Clock **out)
{
    *out = NULL;
    while (query_next(q)) {
        Clock *c = NEW(q->cx, Clock);
        if (!c)
            break;
        read_clock(q, c);
        *out = c;
        out = &c->next;
    }
    return query_end(q);
}

Err clock_list(Ctx *cx, MatterId matter, Clock **out)
{
    Query q =
        QUERY(cx,
              "SELECT matter, name, started_at, n, counting, state, due_day, due_at, provisional"
              " FROM clock WHERE matter = $1 ORDER BY due_at, name",
              ID(matter));
    return all(&q, out);
}

/* ------------------------------------------------------------------ computing */

/* One that still lasts counts up to today. */
static Err list_pauses(Ctx *cx, const Clock *c, Pause *out, size_t *out_n)
{
    Query q = QUERY(
        cx,
        "SELECT first_day, COALESCE(last_day, $3) FROM clock_pause WHERE matter = $1 AND name = $2",
        ID(c->matter), T(c->name), DAY(day_today(cx)));
    *out_n = 0;
    while (query_next(&q)) {
        if (*out_n == PAUSES_MAX)
            return fail(cx, E_LIMIT, "clock.too_many_pauses");
        Pause *p = &out[(*out_n)++];
        p->first = query_day(&q);
        p->last = query_day(&q);
    }
    return query_end(&q);
}

static Err compute(Ctx *cx, Clock *c)
{
    Pause pauses[PAUSES_MAX];
    size_t n;
    TRY(list_pauses(cx, c, pauses, &n));
    return calendar_due(cx, c->started_at, c->limit, pauses, n, &c->due);
}

static Err store_clock(Ctx *cx, const Clock *c)
{
    Day known;
    TRY(calendar_known_until(cx, &known));
    Query q =
        QUERY(cx,
              "INSERT INTO clock (matter, name, started_at, n, counting, state, due_day, due_at,"
              " provisional, known_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
              " ON CONFLICT (matter, name) DO UPDATE SET n = excluded.n, state = excluded.state,"
              " due_day = excluded.due_day, due_at = excluded.due_at,"
              " provisional = excluded.provisional, known_until = excluded.known_until",
              ID(c->matter), T(c->name), AT(c->started_at), I(c->limit.n),
              T(counting_name(c->limit.counting)), T(c->state), DAY(c->due.day), AT(c->due.at),
              F(c->due.provisional), DAY(known));
    return query_run(&q);
}

Err clock_start(Ctx *cx, MatterId matter, Str name, Instant from, Limit limit)
{
    Clock c = {
        .matter = matter, .name = name, .started_at = from, .limit = limit, .state = S("running")
    };
    TRY(compute(cx, &c));
    return store_clock(cx, &c);
}

/* Loads a clock that must be there, lets it be changed, and stores it with a new due time. */
static Err load(Ctx *cx, MatterId matter, Str name, Clock *out)
{
    bool found;
    TRY(clock_find(cx, matter, name, &found, out));
    return found ? OK : fail(cx, E_BUG, "clock.not_started", V("clock", name));
}

Err clock_pause(Ctx *cx, MatterId matter, Str name)
{
    Clock c;
    TRY(load(cx, matter, name, &c));
    Query q = QUERY(cx, "INSERT INTO clock_pause (matter, name, first_day) VALUES ($1, $2, $3)"
                        " ON CONFLICT (matter, name, first_day) DO UPDATE SET last_day = NULL",
                    ID(matter), T(name), DAY(day_today(cx)));
    TRY(query_run(&q));
    c.state = S("paused");
    return store_clock(cx, &c);
}

Err clock_resume(Ctx *cx, MatterId matter, Str name)
{
    Clock c;
    TRY(load(cx, matter, name, &c));
    Query q = QUERY(
        cx,
        "UPDATE clock_pause SET last_day = $3 WHERE matter = $1 AND name = $2 AND last_day IS NULL",
        ID(matter), T(name), DAY(day_today(cx)));
    TRY(query_run(&q));
    c.state = S("running");
    TRY(compute(cx, &c));
    return store_clock(cx, &c);
}

Err clock_extend(Ctx *cx, MatterId matter, Str name, i64 by)
{
    Clock c;
    TRY(load(cx, matter, name, &c));
    c.limit.n += by;
    TRY(compute(cx, &c));
    return store_clock(cx, &c);
}

Err clock_stop(Ctx *cx, MatterId matter, Str name)
{
    Clock c;
    TRY(load(cx, matter, name, &c));
    c.state = S("stopped");
    return store_clock(cx, &c);
}

Err clock_earliest(Ctx *cx, MatterId matter, Instant *out, bool *out_provisional)
{
    Query q = QUERY(cx,
                    "SELECT due_at, provisional FROM clock WHERE matter = $1 AND state = 'running'"
                    " ORDER BY due_at LIMIT 1",
                    ID(matter));
    *out = NEVER;
    *out_provisional = false;
    if (query_next(&q)) {
        *out = query_instant(&q);
        *out_provisional = query_flag(&q);
    }
    return query_end(&q);
}

Err clock_recompute(Ctx *cx, Clock *clock, Str reason, bool *out_changed)
{
    Instant before = clock->due.at;
    TRY(compute(cx, clock));
    *out_changed = clock->due.at.ms != before.ms;
    TRY(store_clock(cx, clock));
    if (!*out_changed)
        return OK;
    Query q = QUERY(cx,
                    "INSERT INTO clock_change (matter, name, at, old_due_at, new_due_at, reason)"
                    " VALUES ($1, $2, $3, $4, $5, $6)",
                    ID(clock->matter), T(clock->name), AT(cx->now), AT(before), AT(clock->due.at),
                    T(reason));
    return query_run(&q);
}

/* ------------------------------------------------------------------ words */

Err clock_days_left(Ctx *cx, Counting counting, Due due, i64 *out)
{
    Day today = day_today(cx);
    if (counting == COUNT_DAYS) {
        *out = due.day.value - today.value;
        return OK;
    }
    if (!day_before(due.day, today))
        return calendar_count(cx, today, due.day, out);
    TRY(calendar_count(cx, due.day, today, out));
    *out = -*out;
    return OK;
}

/* Overdue by nothing but rest days is still overdue: due.day lies before today. */
Err clock_words(Ctx *cx, Counting counting, Due due, Str *out)
{
    i64 left;
    bool by_days = counting == COUNT_DAYS, over = due.at.ms <= cx->now.ms;
    TRY(clock_days_left(cx, counting, due, &left));
    i64 n = left < 0 ? -left : left;
    if (over && left == 0)
        *out = text_get(cx, "over since the last working day");
    else if (over)
        *out = by_days ? text_count(cx, N_("{n} day over"), N_("{n} days over"), n)
             : text_count(cx, N_("{n} working day over"), N_("{n} working days over"), n);
    else if (day_is(due.day, day_today(cx)))
        *out = text_get(cx, "today");
    else
        *out = by_days ? text_count(cx, N_("in {n} day"), N_("in {n} days"), n)
             : text_count(cx, N_("in {n} working day"), N_("in {n} working days"), n);
    return ctx_err(cx);
}
