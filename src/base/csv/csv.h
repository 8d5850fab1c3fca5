/* csv.h -- comma-separated values, RFC 4180: reading row by row from text in memory, and writing.
**
** Writing puts an apostrophe before a cell that a spreadsheet would run as a formula. */
#ifndef CSV_CSV_H
#define CSV_CSV_H

#include "core/core.h"

enum { CSV_CELLS_MAX = 64 };

typedef struct CsvReader {
    Ctx *cx;
    Str rest;
    i64 line; /* of the row last read, from 1 */
    Str cells[CSV_CELLS_MAX];
    size_t cells_n;
} CsvReader;

CsvReader csv_reader(Ctx *cx, Str text); /* a byte order mark at the start is skipped */
/* The next row's cells; false at the end or at a malformed row (then the Ctx holds E_INPUT with
   the line). */
bool csv_next(CsvReader *r);
Str csv_cell(const CsvReader *r, size_t n); /* empty past the last */

void csv_put(Buf *b, Str cell);
void csv_put_comma(Buf *b);
void csv_put_end(Buf *b);

#endif
