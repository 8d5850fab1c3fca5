/* onewindow.c -- the module's record. */
#include "onewindow/private.h"

static const Job JOBS[] = {
    { "papers.sweep", 6 * MS_PER_HOUR, papers_sweep },
    { "drafts.sweep", 6 * MS_PER_HOUR, drafts_sweep },
    JOB_END
};

const Module ONEWINDOW = {
    .name = "onewindow",
    .flow = &ONEWINDOW_PARTS,
    .routes = PUBLIC_ROUTES,
    .more_routes = { OPEN_ROUTES, APPLY_ROUTES, CASE_ROUTES, DESK_ROUTES, INTAKE_ROUTES },
    .jobs = JOBS,
    .check = items_check,
    .start = items_start,
};
