/* csv.c -- a cell is either plain up to the next comma or line end, or quoted with "" for a
** quote. */
#include "csv/csv.h"

#include "text/text.h"

#include <string.h>

enum { CELL_BYTES_MAX = 1 << 20 };

CsvReader csv_reader(Ctx *cx, Str text)
{
    Str mark = { "\xEF\xBB\xBF", 3 };
    return (CsvReader){ .cx = cx, .rest = str_starts(text, mark) ? str_skip(text, mark.n) : text };
}

static bool at_line_end(Str s)
{
    return s.n == 0 || s.at[0] == '\n' || str_starts(s, S("\r\n"));
}

static Str plain_cell(CsvReader *r)
{
    size_t n = 0;
    while (!at_line_end(str_skip(r->rest, n)) && r->rest.at[n] != ',')
        n++;
    Str cell = str_first(r->rest, n);
    r->rest = str_skip(r->rest, n);
    return cell;
}

/* The text after an opening quote up to its closing one; false when there is none. */
static bool quoted_cell(CsvReader *r, Str *out)
{
    Buf b = buf_new(&r->cx->arena, CELL_BYTES_MAX);
    Str part;
    r->rest = str_skip(r->rest, 1);
    while (memchr(r->rest.at, '"', r->rest.n) && str_cut(&r->rest, '"', &part)) {
        buf_add(&b, part);
        if (!r->rest.at)
            r->rest = STR_EMPTY;
        if (r->rest.n == 0 || r->rest.at[0] != '"') {
            *out = buf_str(&b);
            return true;
        }
        buf_add_char(&b, '"');
        r->rest = str_skip(r->rest, 1);
    }
    return false;
}

static bool add_cell(CsvReader *r)
{
    Str cell;
    bool quoted = r->rest.n && r->rest.at[0] == '"';
    if (r->cells_n == CSV_CELLS_MAX || (quoted && !quoted_cell(r, &cell))) {
        fail(r->cx, E_INPUT, "csv.malformed_row", text_int(r->cx, "line", r->line));
        return false;
    }
    r->cells[r->cells_n++] = quoted ? cell : plain_cell(r);
    return true;
}

static void skip_line_end(CsvReader *r)
{
    r->rest = str_skip(r->rest, str_starts(r->rest, S("\r\n")) ? 2 : 1);
}

bool csv_next(CsvReader *r)
{
    r->cells_n = 0;
    r->line++;
    if (r->rest.n == 0)
        return false;
    while (add_cell(r)) {
        if (at_line_end(r->rest)) {
            skip_line_end(r);
            return true;
        }
        if (r->rest.at[0] != ',') {
            fail(r->cx, E_INPUT, "csv.malformed_row", text_int(r->cx, "line", r->line));
            return false;
        }
        r->rest = str_skip(r->rest, 1);
    }
    return false;
}

Str csv_cell(const CsvReader *r, size_t n)
{
    return n < r->cells_n ? r->cells[n] : STR_EMPTY;
}

/* ------------------------------------------------------------------ writing */

static bool is_one_of(Str signs, char c)
{
    return memchr(signs.at, c, signs.n) != NULL;
}

static bool is_formula(Str cell)
{
    return cell.n && is_one_of(S("=+-@\t\r"), cell.at[0]) && !str_is_digits(str_skip(cell, 1));
}

static bool needs_quotes(Str cell)
{
    for (size_t i = 0; i < cell.n; i++)
        if (is_one_of(S(",\"\r\n"), cell.at[i]))
            return true;
    return is_formula(cell);
}

void csv_put(Buf *b, Str cell)
{
    if (!needs_quotes(cell)) {
        buf_add(b, cell);
        return;
    }
    buf_add_char(b, '"');
    if (is_formula(cell))
        buf_add_char(b, '\'');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.at[i] == '"')
            buf_add_char(b, '"');
        buf_add_char(b, cell.at[i]);
    }
    buf_add_char(b, '"');
}

void csv_put_comma(Buf *b)
{
    buf_add_char(b, ',');
}

void csv_put_end(Buf *b)
{
    buf_add(b, S("\r\n"));
}
