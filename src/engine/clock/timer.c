/* timer.c -- moments at which a flow takes a step by itself. */
#include "clock/clock.h"

Err timer_set(Ctx *cx, MatterId matter, i64 n, Instant at, TimerKind kind)
{
    Query q =
        QUERY(cx,
              "INSERT INTO timer (matter, n, at, tries, is_term) VALUES ($1, $2, $3, $4, $5)"
              " ON CONFLICT (matter, n) DO UPDATE SET at = excluded.at, tries = excluded.tries,"
              " is_term = excluded.is_term",
              ID(matter), I(n), AT(at), I(kind.is_past ? -1 : 0), F(kind.is_term));
    return query_run(&q);
}

Err timer_drop(Ctx *cx, MatterId matter, i64 n)
{
    Query q = QUERY(cx, "DELETE FROM timer WHERE matter = $1 AND n = $2", ID(matter), I(n));
    return query_run(&q);
}

Err timer_drop_all(Ctx *cx, MatterId matter)
{
    Query q = QUERY(cx, "DELETE FROM timer WHERE matter = $1", ID(matter));
    return query_run(&q);
}

Err timer_list_due(Ctx *cx, Instant until, i64 n_max, Timer **out)
{
    Query q = QUERY(cx, "SELECT matter, n, at, tries FROM timer WHERE at <= $1 AND tries >= 0"
                        " ORDER BY at LIMIT $2",
                    AT(until), I(n_max));
    *out = NULL;
    while (query_next(&q)) {
        Timer *t = NEW(cx, Timer);
        if (!t)
            break;
        t->matter = (MatterId){ query_int(&q) };
        t->n = query_int(&q);
        t->at = query_instant(&q);
        t->tries = query_int(&q);
        *out = t;
        out = &t->next;
    }
    return query_end(&q);
}

Err timer_oldest(Ctx *cx, Instant *out)
{
    Query q = QUERY(cx, "SELECT COALESCE(MIN(at), 0) FROM timer WHERE tries >= 0");
    return query_one_int(&q, &out->ms);
}

Err timer_is_due(Ctx *cx, MatterId matter, i64 n, Instant at, bool *out)
{
    Query q = QUERY(cx, "SELECT 1 FROM timer WHERE matter = $1 AND n = $2 AND at <= $3"
                        " AND tries >= 0", ID(matter), I(n), AT(at));
    return query_found(&q, out);
}

Err timer_put_off(Ctx *cx, const Timer *t)
{
    Instant later = { cx->now.ms + (t->tries + 1) * MS_PER_HOUR };
    Query q = QUERY(cx, "UPDATE timer SET at = $3, tries = tries + 1 WHERE matter = $1 AND n = $2",
                    ID(t->matter), I(t->n), AT(later));
    return query_run(&q);
}

Err timer_was_put_off(Ctx *cx, MatterId matter, bool *out)
{
    Query q = QUERY(cx, "SELECT 1 FROM timer WHERE matter = $1 AND is_term AND tries > 0 LIMIT 1",
                    ID(matter));
    return query_found(&q, out);
}

Err timer_earliest(Ctx *cx, MatterId matter, Instant *out)
{
    Query q = QUERY(cx, "SELECT MIN(at) FROM timer WHERE matter = $1 AND is_term", ID(matter));
    *out = NEVER;
    if (query_next(&q) && !query_is_null(&q))
        *out = query_instant(&q);
    return query_end(&q);
}
