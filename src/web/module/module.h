/* module.h -- the one record by which a module is known to the program. program/modules.c lists
** them. */
#ifndef MODULE_MODULE_H
#define MODULE_MODULE_H

#include "job/job.h"
#include "route/route.h"

typedef struct Module {
    const char *name;         /* also the folder of its schema files */
    const FlowParts *flow;    /* guards, effects, hosts; flows themselves are files */
    const Route *routes;
    const Route *more_routes[8]; /* a table for each file of pages */
    const Job *jobs;
    Err (*fill)(Ctx *cx);     /* when a district is made: facts of the profile into tables */
    Err (*check)(Ctx *cx, MistakeList *mistakes,
                 i64 *out_checked); /* its own files, for "linli check" */
    Err (*start)(Ctx *cx);    /* at start: what is kept in memory */
} Module;

#endif
