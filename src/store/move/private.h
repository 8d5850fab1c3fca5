/* private.h -- shared by the files of the module move. */
#ifndef MOVE_PRIVATE_H
#define MOVE_PRIVATE_H

#include "driver/driver.h"
#include "move/move.h"

/* What becomes of each row: values has one for each column, valid until it returns. */
typedef Err RowFn(void *arg, const Bind *values);

/* Every row of a table in the order of its key, in constant memory; fn may be NULL. */
MUST_USE Err rows_read(Ctx *cx, const SchemaTable *table, RowFn *fn, void *arg, TableSum *out);

#endif
