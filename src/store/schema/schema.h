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

/* ------------------------------------------------------------------ tables (tables.c) */

typedef enum ColumnKind {
    COLUMN_ID, COLUMN_INT, COLUMN_TEXT, COLUMN_BYTES, COLUMN_FLAG
} ColumnKind;

typedef struct SchemaColumn {
    Str name;
    ColumnKind kind;
} SchemaColumn;

enum { COLUMNS_MAX = 64, KEY_COLUMNS_MAX = 8 };

typedef struct SchemaTable SchemaTable;
struct SchemaTable {
    SchemaTable *next;
    Str name;
    SchemaColumn columns[COLUMNS_MAX];
    size_t columns_n;
    size_t key[KEY_COLUMNS_MAX]; /* which columns are the primary key, in its order */
    size_t key_n;
};

/* The tables these files leave standing, in the order of their making. schema_step is not one of
** them. E_BUG where a file says what is not understood here, or a table has no primary key. */
MUST_USE Err schema_tables(Ctx *cx, const SchemaFile *files, size_t n, SchemaTable **out);

/* ------------------------------------------------------------------ a move into a database */

/* From schema_begin_move to schema_end_move a mark stands in the database, and schema_apply and
** schema_check refuse it with "schema.unfinished_move". from names the source for people. */
typedef enum SchemaState { SCHEMA_NONE, SCHEMA_STANDS, SCHEMA_MOVING } SchemaState;
MUST_USE Err schema_look(Ctx *cx, SchemaState *out);
MUST_USE Err schema_begin_move(Ctx *cx, const SchemaFile *files, size_t n, Str from);
MUST_USE Err schema_end_move(Ctx *cx);

#endif
