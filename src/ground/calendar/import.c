/* import.c -- notices about working days, kept as versions; the days are rebuilt from the newest
** ones. */
#include "calendar/calendar.h"

#include "csv/csv.h"
#include "files/files.h"
#include "text/text.h"

typedef struct Notices {
    CsvReader csv;
    bool changed;
} Notices;

/* ------------------------------------------------------------------ reading notices */

typedef struct NoticeRow {
    i64 year, version;
    Day published;
    Str source;
    Day day; /* NO_DAY: the notice names no exception in this row */
    bool is_workday;
    Str name;
} NoticeRow;

static Err read_row(Ctx *cx, const CsvReader *csv, NoticeRow *row)
{
    Str published = csv_cell(csv, 2), day = csv_cell(csv, 4), flag = csv_cell(csv, 5);
    *row = (NoticeRow){ .published = NO_DAY, .source = csv_cell(csv, 3), .day = NO_DAY,
                        .is_workday = str_is(flag, S("1")), .name = csv_cell(csv, 6) };
    bool good = str_to_int(csv_cell(csv, 0), &row->year)
                && str_to_int(csv_cell(csv, 1), &row->version) && row->year > 1900
                && row->year < 3000 && row->version > 0 && row->version < 100
                && (published.n == 0 || day_parse(published, &row->published)) && row->source.n
                && (day.n == 0
                    || (day_parse(day, &row->day) && (str_is(flag, S("0")) || str_is(flag, S("1")))
                        && row->name.n && day_date(row->day).year == row->year));
    return good ? OK : fail(cx, E_INPUT, "calendar.bad_row", text_int(cx, "line", csv->line));
}

static Err find_version(Ctx *cx, const NoticeRow *row, i64 *out)
{
    Query q = QUERY(cx, "SELECT id FROM calendar_version WHERE year = $1 AND version = $2",
                    I(row->year), I(row->version));
    return query_one_int(&q, out);
}

static Err add_version(Ctx *cx, const NoticeRow *row, i64 *out)
{
    TRY(store_next_id(cx, "calendar_version", out));
    Query q = QUERY(cx, "INSERT INTO calendar_version (id, year, version, published, source)"
                        " VALUES ($1, $2, $3, $4, $5)", I(*out), I(row->year), I(row->version),
                    DAY_OR_NULL(row->published), T(row->source));
    return query_run(&q);
}

static Err add_exception(Ctx *cx, i64 version, const NoticeRow *row)
{
    Query q = QUERY(
        cx,
        "INSERT INTO calendar_exception (version, day, is_workday, name) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (version, day) DO NOTHING",
        I(version), DAY(row->day), F(row->is_workday), T(row->name));
    return query_run(&q);
}

/* Versions that were there before this import stay untouched: a notice is a fact of its day. */
static Err read_notices(Ctx *cx, Notices *n)
{
    i64 known_before, version = 0;
    NoticeRow row;
    Query q = QUERY(cx, "SELECT COALESCE(MAX(id), 0) FROM calendar_version");
    TRY(query_one_int(&q, &known_before));
    bool has_heading = csv_next(&n->csv);
    while (has_heading && csv_next(&n->csv)) {
        TRY(read_row(cx, &n->csv, &row));
        TRY(find_version(cx, &row, &version));
        if (!version)
            TRY(add_version(cx, &row, &version));
        n->changed |= version > known_before;
        if (version > known_before && day_is_set(row.day))
            TRY(add_exception(cx, version, &row));
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ rebuilding the days */

typedef struct Exception Exception;
struct Exception {
    Exception *next;
    Day day;
    bool is_workday;
    Str name;
};

static Err list_newest(Ctx *cx, Exception **out)
{
    Query q = QUERY(
        cx,
        "SELECT e.day, e.is_workday, e.name FROM calendar_exception e"
        " JOIN calendar_version v ON v.id = e.version WHERE v.version ="
        " (SELECT MAX(w.version) FROM calendar_version w WHERE w.year = v.year) ORDER BY e.day");
    *out = NULL;
    while (query_next(&q)) {
        Exception *e = NEW(cx, Exception);
        if (!e)
            break;
        e->day = query_day(&q);
        e->is_workday = query_flag(&q);
        e->name = query_text(&q);
        *out = e;
        out = &e->next;
    }
    return query_end(&q);
}

static Err put_day(Ctx *cx, Day day, bool works, i64 ordinal, Str name)
{
    Query q = QUERY(cx,
                    "INSERT INTO calendar_day (day, year, is_workday, ordinal, name)"
                    " VALUES ($1, $2, $3, $4, $5)",
                    DAY(day), I(day_date(day).year), F(works), I(ordinal), T(name));
    return query_run(&q);
}

/* The years from the first to the last published one; a year missing between them ends the known
   time. */
static Err known_years(Ctx *cx, i64 *out_first, i64 *out_last)
{
    Query q = QUERY(cx, "SELECT DISTINCT year FROM calendar_version ORDER BY year");
    *out_first = *out_last = 0;
    while (query_next(&q)) {
        i64 year = query_int(&q);
        if (!*out_first)
            *out_first = *out_last = year;
        else if (year == *out_last + 1)
            *out_last = year;
        else
            break;
    }
    return query_end(&q);
}

static Err rebuild_days(Ctx *cx)
{
    Exception *e;
    i64 first, last, ordinal = 0;
    TRY(known_years(cx, &first, &last));
    TRY(list_newest(cx, &e));
    Query clear = QUERY(cx, "DELETE FROM calendar_day");
    TRY(query_run(&clear));
    if (!first)
        return OK;
    Day end = day_from((Date){ (int)last, 12, 31 });
    for (Day d = day_from((Date){ (int)first, 1, 1 }); !day_before(end, d); d = day_add(d, 1)) {
        bool named = e && day_is(e->day, d);
        bool works = named ? e->is_workday : day_weekday(d) < 5;
        ordinal += works;
        TRY(put_day(cx, d, works, ordinal, named ? e->name : STR_EMPTY));
        if (named)
            e = e->next;
    }
    return OK;
}

static Err import_notices(Ctx *cx, void *arg)
{
    Notices *n = arg;
    Notices fresh = *n; /* this may run twice */
    fresh.changed = false;
    TRY(read_notices(cx, &fresh));
    if (fresh.changed)
        TRY(rebuild_days(cx));
    n->changed = fresh.changed;
    return OK;
}

Err calendar_import(Ctx *cx, Str csv, bool *out_changed)
{
    Notices n = { .csv = csv_reader(cx, csv) };
    TRY(store_write(cx, import_notices, &n));
    *out_changed = n.changed;
    return OK;
}

Err calendar_import_profile(Ctx *cx)
{
    Str text;
    bool changed;
    TRY(file_read(cx, profile_path(cx, "calendar.csv"), &text));
    return calendar_import(cx, text, &changed);
}
