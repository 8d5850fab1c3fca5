/* private.h -- shared by the files of the flow engine. */
#ifndef FLOW_PRIVATE_H
#define FLOW_PRIVATE_H

#include "flow/flow.h"

/* The pieces of a flow file that are records by name, each read by a table of keys. */
Flow *flow_read(YamlFile *file, Str source);
void flow_check(const YamlFile *file, const Flow *f);
/* What an override may not do to lines marked law. */
void flow_check_law(const YamlFile *file, const Flow *base, const Flow *override);

const FlowHook *flow_guard(const House *house, Str name);
const FlowHook *flow_effect(const House *house, Str name);
const FlowHost *flow_host(const House *house, Str name);
bool flow_document(const House *house, Str name);

const Flow *flow_by_version(const House *house, i64 version);

/* May the actor take this step now?  Everything but the values is checked; on success call->role
** is set. */
Err step_check(Ctx *cx, StepCall *call);

/* Rewrites due_at and the rows of waiting; m must be as it is now. */
Err desk_update(Ctx *cx, Matter *m);
/* E_STORE when its term or its rows of waiting are not what desk_update would write. */
Err desk_verify(Ctx *cx, const Matter *m);
Err timers_enter(Ctx *cx, const Flow *f, const Matter *m);
/* What moving from one state to another does to the clocks. */
Err clocks_move(Ctx *cx, const StepCall *call, const FlowState *to, Instant as_of);

#endif
