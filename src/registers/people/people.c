/* people.c -- the module's record. */
#include "people/private.h"

static const Job JOBS[] = {
    { "sessions.sweep", MS_PER_HOUR, session_sweep },
    JOB_END
};

const Module PEOPLE = {
    .name = "people",
    .routes = SIGN_IN_ROUTES,
    .more_routes = { ACCOUNT_ROUTES, ACTS_ROUTES },
    .jobs = JOBS,
};
