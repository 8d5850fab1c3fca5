/* job.c -- claiming, running and noting jobs. */
#include "job/job.h"

#include "when/when.h"

#define WAIT_MS_MAX MS_PER_HOUR

typedef struct Claim {
    const Job *job;
    bool is_mine;
    Err outcome;
} Claim;

static Err claim(Ctx *cx, void *arg)
{
    Claim *c = arg;
    Instant next = { cx->now.ms + c->job->every_ms };
    Query add = QUERY(cx,
                      "INSERT INTO job (name, next_at, last_at, last_outcome, failures)"
                      " VALUES ($1, 0, 0, '', 0) ON CONFLICT (name) DO NOTHING",
                      T(str_of(c->job->name)));
    TRY(query_run(&add));
    Query q =
        QUERY(cx, "UPDATE job SET next_at = $2 WHERE name = $1 AND next_at <= $3 RETURNING name",
              T(str_of(c->job->name)), AT(next), AT(cx->now));
    return query_found(&q, &c->is_mine);
}

static Err note(Ctx *cx, void *arg)
{
    const Claim *c = arg;
    Str outcome = c->outcome ? S("failed") : S("done");
    Query q = QUERY(cx, "UPDATE job SET last_at = $2, last_outcome = $3,"
                        " failures = CASE WHEN $4 THEN failures + 1 ELSE 0 END WHERE name = $1",
                    T(str_of(c->job->name)), AT(cx->now), T(outcome), F(c->outcome != OK));
    return query_run(&q);
}

/* After a failure the next time moves away, twice as far each time. */
static Err put_off(Ctx *cx, void *arg)
{
    const Claim *c = arg;
    i64 failures, wait = c->job->every_ms;
    TRY(note(cx, arg));
    Query count = QUERY(cx, "SELECT failures FROM job WHERE name = $1", T(str_of(c->job->name)));
    TRY(query_one_int(&count, &failures));
    for (i64 i = 0; i < failures && wait < WAIT_MS_MAX; i++)
        wait *= 2;
    Query q = QUERY(cx, "UPDATE job SET next_at = $2 WHERE name = $1", T(str_of(c->job->name)),
                    I(cx->now.ms + wait));
    return query_run(&q);
}

static bool is_due(Ctx *cx, const Job *job)
{
    i64 next = 0;
    Query q = QUERY(cx, "SELECT next_at FROM job WHERE name = $1", T(str_of(job->name)));
    Err err = query_one_int(&q, &next);
    store_rest(cx);
    return !err && next <= cx->now.ms;
}

Err job_list(Ctx *cx, JobState **out)
{
    Query q = QUERY(cx, "SELECT name, next_at, last_at, failures FROM job ORDER BY name");
    *out = NULL;
    while (query_next(&q)) {
        JobState *j = NEW(cx, JobState);
        if (!j)
            break;
        j->name = query_text(&q);
        j->next_at = query_instant(&q);
        j->last_at = query_instant(&q);
        j->failures = query_int(&q);
        *out = j;
        out = &j->next;
    }
    return query_end(&q);
}

Err job_run_now(Ctx *cx, const Job *job)
{
    cx->actor = (Actor){ .kind = ACTOR_SYSTEM };
    Err err = job->run(cx);
    return err ? err : ctx_err(cx);
}

static void run_claimed(Ctx *cx, Claim *c)
{
    Instant now = cx->now;
    Lang lang = cx->lang;
    c->outcome = job_run_now(cx, c->job);
    if (c->outcome)
        log_failure(cx, c->job->name);
    ctx_end(cx);
    store_rest(cx);
    ctx_begin(cx, now);
    cx->lang = lang;
    if (store_write(cx, c->outcome ? put_off : note, c))
        log_failure(cx, "job.note");
}

void job_tick(Ctx *cx, const Job *jobs, Lang lang)
{
    for (const Job *job = jobs; job->name; job++) {
        Claim c = { .job = job };
        ctx_begin(cx, clock_now(cx->house));
        cx->lang = lang;
        if (is_due(cx, job) && !store_write(cx, claim, &c) && c.is_mine)
            run_claimed(cx, &c);
        ctx_end(cx);
        store_rest(cx);
    }
}
