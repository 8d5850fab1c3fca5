/* job.c -- claiming, running and noting jobs. */
#include "job/job.h"

#include "when/when.h"

#define WAIT_MS_MAX MS_PER_HOUR
#define LEASE_MS_MIN (10 * MS_PER_SECOND)

typedef struct Claim {
    const Job *job;
    Instant until; /* nobody else takes it before; also the mark of this claim */
    bool is_mine;
    Err outcome;
} Claim;

static Err claim(Ctx *cx, void *arg)
{
    Claim *c = arg;
    i64 lease = c->job->every_ms > LEASE_MS_MIN ? c->job->every_ms : LEASE_MS_MIN;
    c->until = (Instant){ cx->now.ms + lease };
    Query add = QUERY(cx,
                      "INSERT INTO job (name, next_at, last_at, last_outcome, failures)"
                      " VALUES ($1, 0, 0, '', 0) ON CONFLICT (name) DO NOTHING",
                      T(str_of(c->job->name)));
    TRY(query_run(&add));
    Query q =
        QUERY(cx, "UPDATE job SET next_at = $2 WHERE name = $1 AND next_at <= $3 RETURNING name",
              T(str_of(c->job->name)), AT(c->until), AT(cx->now));
    return query_found(&q, &c->is_mine);
}

/* How far off the next time is: after a failure twice as far each time. */
static i64 wait_ms(const Claim *c, i64 failures)
{
    i64 wait = c->job->every_ms;
    for (i64 i = 0; c->outcome && i <= failures && wait < WAIT_MS_MAX; i++)
        wait *= 2;
    return wait;
}

/* Who comes so late that another has claimed the job meanwhile leaves the other's claim alone. */
static Err note(Ctx *cx, void *arg)
{
    const Claim *c = arg;
    Str outcome = c->outcome ? S("failed") : S("done");
    i64 failures;
    Query count = QUERY(cx, "SELECT failures FROM job WHERE name = $1", T(str_of(c->job->name)));
    TRY(query_one_int(&count, &failures));
    Query q = QUERY(cx, "UPDATE job SET last_at = $2, last_outcome = $3, failures = $4,"
                        " next_at = $5 WHERE name = $1 AND next_at = $6",
                    T(str_of(c->job->name)), AT(cx->now), T(outcome),
                    I(c->outcome ? failures + 1 : 0), I(cx->now.ms + wait_ms(c, failures)),
                    AT(c->until));
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
    log_line(LOG_DEBUG, "job.ran", LT("job", str_of(c->job->name)),
             LT("outcome", c->outcome ? S("failed") : S("done")));
    if (store_write(cx, note, c))
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
