/* job.h -- work that comes round again: timers, tallies, sweeping.
**
** job_tick, called about once a second by one thread, claims each job that is due and runs it. A
** job that fails is tried again after its own interval, then twice as long, up to an hour; it
** never stops others. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "store/store.h"

typedef struct Job {
    const char *name;
    i64 every_ms;
    Err (*run)(Ctx *cx);
} Job;

#define JOB_END { NULL, 0, NULL }

/* Runs what is due among jobs (a NULL name ends them).  Each job has the Ctx begun anew. */
void job_tick(Ctx *cx, const Job *jobs, Lang lang);

/* How it stands with each job that ever came round, by name. */
typedef struct JobState JobState;
struct JobState {
    JobState *next;
    Str name;
    Instant next_at, last_at;
    i64 failures; /* in a row */
};
MUST_USE Err job_list(Ctx *cx, JobState **out);

/* Runs one job now, whether due or not. */
MUST_USE Err job_run_now(Ctx *cx, const Job *job);

#endif
