/* modules.c -- the modules of this program. Adding one is one line here (and its files in
** src/meson.build). */
#include "program.h"

#include "facts/facts.h"
#include "onewindow/onewindow.h"
#include "people/people.h"
#include "system/system.h"

/* Lower modules have tables only; the order is that of their making. */
const char *const SCHEMA_ORDER[] = {
    "profile", "places", "areas", "rules", "calendar", "bodies", "vault", "record", "identity",
    "administration", "clock", "flow", "notice", "job", "route", "onewindow", NULL,
};

const Module *const MODULES[] = { &SYSTEM, &FACTS, &PEOPLE, &ONEWINDOW, NULL };

/* ------------------------------------------------------------------ what all modules give */

enum { JOBS_MAX = 64, PARTS_MAX = 32 };

void modules_use_flow_parts(House *house)
{
    const FlowParts *parts[PARTS_MAX];
    size_t n = 0;
    for (const Module *const *m = MODULES; *m && n < PARTS_MAX; m++)
        if ((*m)->flow)
            parts[n++] = (*m)->flow;
    flow_parts_use(house, parts, n);
}

void modules_add_routes(Web *web)
{
    for (const Module *const *m = MODULES; *m; m++) {
        web_add_routes(web, (*m)->name, (*m)->routes);
        for (size_t i = 0; i < COUNT((*m)->more_routes) && (*m)->more_routes[i]; i++)
            web_add_routes(web, (*m)->name, (*m)->more_routes[i]);
    }
}

/* ------------------------------------------------------------------ jobs of the engine itself */

enum { TIMERS_AT_ONCE = 200 };

static Err run_timers(Ctx *cx)
{
    i64 taken;
    return flow_run_timers(cx, TIMERS_AT_ONCE, &taken);
}

static const Job ENGINE_JOBS[] = {
    { "flow.timers", 1000, run_timers },
    { "flow.tallies", 5000, flow_fold_tallies },
    JOB_END
};

static size_t add_jobs(Job *all, size_t n, const Job *jobs)
{
    for (const Job *j = jobs; j && j->name && n < JOBS_MAX; j++)
        all[n++] = *j;
    return n;
}

Err modules_list_jobs(Ctx *cx, const Job **out)
{
    Job *all = NEW_ARRAY(cx, Job, JOBS_MAX + 1);
    if (!all)
        return E_LIMIT;
    size_t n = add_jobs(all, 0, ENGINE_JOBS);
    for (const Module *const *m = MODULES; *m; m++)
        n = add_jobs(all, n, (*m)->jobs);
    *out = all;
    return OK;
}
