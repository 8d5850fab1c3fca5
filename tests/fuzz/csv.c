/* csv.c -- CSV read, written and read again; a spreadsheet never sees a formula that somebody
** typed. */
#include "fuzz/fuzz.h"

#include "csv/csv.h"

enum { ROWS_MAX = 4000 };

typedef struct Row {
    const Str *cells;
    size_t n;
} Row;

typedef struct Table {
    Row rows[ROWS_MAX];
    size_t n;
    bool whole; /* no malformed row, and room for all */
} Table;

static void keep_row(Ctx *cx, Table *t, const CsvReader *r)
{
    Str *cells = NEW_ARRAY(cx, Str, r->cells_n);
    for (size_t i = 0; i < r->cells_n; i++)
        cells[i] = r->cells[i];
    t->rows[t->n++] = (Row){ cells, r->cells_n };
}

static Table *read_table(Ctx *cx, Str text)
{
    Table *t = NEW(cx, Table);
    CsvReader r = csv_reader(cx, text);
    while (t->n < ROWS_MAX && csv_next(&r)) {
        ensure(r.cells_n > 0 && r.cells_n <= CSV_CELLS_MAX && r.line > 0);
        keep_row(cx, t, &r);
    }
    t->whole = !ctx_err(cx) && r.rest.n == 0;
    return t;
}

static Str write_table(Ctx *cx, const Table *t, size_t bytes_max)
{
    Buf b = buf_new(&cx->arena, bytes_max);
    buf_add(&b, S("\xEF\xBB\xBF"));
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->rows[i].n; k++) {
            if (k)
                csv_put_comma(&b);
            csv_put(&b, t->rows[i].cells[k]);
        }
        csv_put_end(&b);
    }
    ensure(!buf_is_full(&b));
    return buf_str(&b);
}

static bool is_risky(Str cell)
{
    return cell.n && memchr("=+-@\t\r", cell.at[0], 6);
}

/* The same cell, or one with an apostrophe before what would run. */
static void same_cell(Ctx *cx, Str was, Str is)
{
    if (str_is(was, is)) {
        ensure(!is_risky(is) || str_is_digits(str_skip(is, 1)));
        return;
    }
    ensure(is_risky(was) && str_is(str_join(&cx->arena, S("'"), was), is));
}

static void one(Ctx *cx, Str input)
{
    Table *t = read_table(cx, input);
    if (!t->whole)
        return;
    Table *again = read_table(cx, write_table(cx, t, input.n * 5 + 100));
    ensure(again->whole && again->n == t->n);
    for (size_t i = 0; i < t->n; i++) {
        ensure(t->rows[i].n == again->rows[i].n);
        for (size_t k = 0; k < t->rows[i].n; k++)
            same_cell(cx, t->rows[i].cells[k], again->rows[i].cells[k]);
    }
}

const FuzzTarget FUZZ = { NULL, one };
