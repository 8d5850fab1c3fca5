/* onewindow.h -- the one window: what may be applied for, applying, taking in, deciding,
** collecting.
**
** Accepting and deciding are separate (接办分离): the flows say so and the engine enforces it. */
#ifndef ONEWINDOW_ONEWINDOW_H
#define ONEWINDOW_ONEWINDOW_H

#include "module/module.h"

extern const Module ONEWINDOW;

/* What "linli demo" needs to make applications through the engine. */
typedef struct ItemName ItemName;
struct ItemName {
    ItemName *next;
    Str item, kind, family;
};
MUST_USE Err onewindow_list_items(Ctx *cx, ItemName **out);
/* Opens an application as the public does; values are those of the item's form. */
MUST_USE Err onewindow_apply(Ctx *cx, Str item, const Values *values, Str channel, MatterId *out);
/* The fields of an item's form. */
MUST_USE Err onewindow_form(Ctx *cx, Str item, const Field **out, size_t *out_n);

/* States of other systems, "number,state,done": rows of a CSV, one report line for each that did
   not fit. */
MUST_USE Err onewindow_import_states(Ctx *cx, Str csv, i64 *out_taken, Str *out_report);

#endif
