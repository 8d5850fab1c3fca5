/* schema.h -- the tables of every module, brought up to date step by step.
**
** A module's schema files are numbered and never change once released; a change is a new file.
** They are written in a few words (ID INT TEXT BYTES FLAG, KEYED after a table kept in the order
** of its key) that each engine spells its own way. What has been applied stands in the table
** schema_step with the hash of its text, so a changed file, a newer database and an older one
** are told apart and said plainly. */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "store/store.h"

typedef struct SchemaFile {
    const char *module;
    const char *name; /* "001-matter.sql" */
    Str text;
} SchemaFile;

/* Applies what is missing, each file in one transaction. E_CONFLICT when the database knows a
** step that these files do not, or a file's text has changed since it was applied. */
MUST_USE Err schema_apply(Ctx *cx, const SchemaFile *files, size_t n);

/* Only looks: E_CONFLICT as above, or when steps are missing. */
MUST_USE Err schema_check(Ctx *cx, const SchemaFile *files, size_t n);

#endif
