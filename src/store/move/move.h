/* move.h -- carrying a whole district from one database into another, whatever their engines.
**
** Order of calls: store_attach on two Ctx, one for each database; move_district. It reads the
** source in one state, fills an empty target, reads the target and then the source again, and
** compares. From the first row to the end a mark stands in the target, which then nobody opens;
** it goes when every table has the same hash three times: as it was read, as it stands in the
** target, and as it still stands in the source.
**
** The schema step table is not carried: the target has its own. */
#ifndef MOVE_MOVE_H
#define MOVE_MOVE_H

#include "schema/schema.h"

enum { SUM_BYTES = 32 };

/* What a table holds: its rows in the order of their key, each in canonical bytes, SHA-256. */
typedef struct TableSum {
    i64 rows;
    u8 hash[SUM_BYTES];
} TableSum;

typedef struct MovedTable {
    Str name;
    TableSum read, filled, after; /* the source as carried; the target; the source at the end */
} MovedTable;

typedef struct Move {
    const SchemaFile *files;
    size_t files_n;
    Str from;     /* names the source for people: it stands in the target until the end */
    bool restart; /* a target left by a move that was cut off may be filled anew */
    /* or NULL: called as each table is done, with what was done to it */
    void (*tell)(const char *what, const MovedTable *table);
    /* set by move_district */
    MovedTable *tables;
    size_t tables_n;
} Move;

/* E_CONFLICT when the source is no district of this program's schema, when the target is not
** empty or left unfinished without restart, and when the hashes differ at the end: then the
** tables say where, and the target keeps its mark. */
MUST_USE Err move_district(Ctx *from, Ctx *to, Move *move);

/* Does the source hold the schema of this program, whole? */
MUST_USE Err move_check_source(Ctx *from, const Move *move);

/* The sum of one table as this Ctx reads it. */
MUST_USE Err move_sum(Ctx *cx, const SchemaTable *table, TableSum *out);

#endif
