/* import.c -- from the profile's CSV files into the tables, once, when a district is made. */
#include "places/places.h"

#include "csv/csv.h"
#include "files/files.h"
#include "text/text.h"

enum { KEYS_MAX = 100000 };

/* Where the file's own keys lead; ids are given in the order of the file. */
typedef struct Import {
    CsvReader csv;
    i64 *id_of_key;
} Import;

static Err bad_row(Ctx *cx, const CsvReader *csv, const char *file)
{
    return fail(cx, E_INPUT, "places.bad_row", V("file", str_of(file)),
                text_int(cx, "line", csv->line));
}

/* An INSERT that returns its row, or nothing where the row is there already: the file says it
** twice. */
static Err run_once(Query *q, const CsvReader *csv, const char *file)
{
    bool found;
    TRY(query_found(q, &found));
    return found ? OK : bad_row(q->cx, csv, file);
}

static Err read_csv(Ctx *cx, const char *file, CsvReader *out)
{
    Str text;
    TRY(file_read(cx, profile_path(cx, file), &text));
    *out = csv_reader(cx, text);
    return csv_next(out) ? OK : bad_row(cx, out, file); /* the heading */
}

static Day optional_day(Str cell)
{
    Day day;
    return day_parse(cell, &day) ? day : NO_DAY;
}

/* ------------------------------------------------------------------ places.csv */

typedef struct PlaceRow {
    i64 key, parent;
    Str level, code, zh, en;
    Day from, to;
} PlaceRow;

static Err read_place_row(Ctx *cx, const CsvReader *csv, PlaceRow *row)
{
    *row = (PlaceRow){ .level = csv_cell(csv, 1), .code = csv_cell(csv, 3), .zh = csv_cell(csv, 4),
                       .en = csv_cell(csv, 5), .to = optional_day(csv_cell(csv, 7)) };
    Str parent = csv_cell(csv, 2);
    bool good = str_to_int(csv_cell(csv, 0), &row->key) && row->key > 0 && row->key < KEYS_MAX
             && (parent.n == 0 || (str_to_int(parent, &row->parent) && row->parent > 0
                                  && row->parent < KEYS_MAX))
             && day_parse(csv_cell(csv, 6), &row->from) && row->zh.n && row->en.n;
    return good ? OK : bad_row(cx, csv, "places.csv");
}

static Err add_place(Ctx *cx, Import *im, const PlaceRow *row)
{
    i64 id;
    TRY(store_next_id(cx, "place", &id));
    im->id_of_key[row->key] = id;
    Query q = QUERY(
        cx,
        "INSERT INTO place (id, level, parent, path, code, name_zh, name_en, valid_to, synthetic)"
        " VALUES ($1, $2, NULL, $3, '', '', '', NULL, FALSE)",
        I(id), T(row->level), T(str_format(&cx->arena, "?%lld", (long long)id)));
    return query_run(&q);
}

static Err add_period(Ctx *cx, const Import *im, const PlaceRow *row)
{
    PlaceId id = { im->id_of_key[row->key] },
            parent = { row->parent ? im->id_of_key[row->parent] : 0 };
    Query q = QUERY(
        cx,
        "INSERT INTO place_period (place, valid_from, valid_to, code, name_zh, name_en, parent)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (place, valid_from) DO NOTHING"
        " RETURNING place",
        ID(id), DAY(row->from), DAY_OR_NULL(row->to), T(row->code), T(row->zh), T(row->en),
        ID_OR_NULL(parent));
    TRY(run_once(&q, &im->csv, "places.csv"));
    Query last = QUERY(
        cx,
        "UPDATE place SET parent = $2, code = $3, name_zh = $4, name_en = $5, valid_to = $6"
        " WHERE id = $1",
        ID(id), ID_OR_NULL(parent), T(row->code), T(row->zh), T(row->en), DAY_OR_NULL(row->to));
    return query_run(&last);
}

/* Twice over the file: a place may have moved into one that stands further down. */
static Err import_places(Ctx *cx, Import *im)
{
    PlaceRow row;
    TRY(read_csv(cx, "places.csv", &im->csv));
    while (csv_next(&im->csv)) {
        TRY(read_place_row(cx, &im->csv, &row));
        if (!im->id_of_key[row.key])
            TRY(add_place(cx, im, &row));
    }
    TRY(ctx_err(cx));
    TRY(read_csv(cx, "places.csv", &im->csv));
    while (csv_next(&im->csv)) {
        TRY(read_place_row(cx, &im->csv, &row));
        if (row.parent && !im->id_of_key[row.parent])
            return bad_row(cx, &im->csv, "places.csv");
        TRY(add_period(cx, im, &row));
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ paths */

/* Level by level from the top: a place's path is its parent's with its own id behind. */
static Err set_paths(Ctx *cx)
{
    Query top =
        QUERY(cx, "UPDATE place SET path = '/' || CAST(id AS TEXT) || '/' WHERE parent IS NULL");
    TRY(query_run(&top));
    for (size_t depth = 0; depth < PROFILE_LEVELS_MAX; depth++) {
        Query q = QUERY(
            cx,
            "UPDATE place SET path = (SELECT p.path FROM place p WHERE p.id = place.parent)"
            " || CAST(id AS TEXT) || '/' WHERE substr(path, 1, 1) = '?' AND EXISTS"
            " (SELECT 1 FROM place p WHERE p.id = place.parent AND substr(p.path, 1, 1) = '/')");
        TRY(query_run(&q));
    }
    Query lost = QUERY(cx, "SELECT code FROM place WHERE substr(path, 1, 1) = '?' ORDER BY id");
    Str code = query_next(&lost) ? query_text(&lost) : STR_EMPTY;
    bool has_lost = lost.has_row;
    TRY(query_end(&lost));
    return has_lost ? fail(cx, E_INPUT, "places.without_top", V("code", code)) : OK;
}

/* ------------------------------------------------------------------ succession.csv */

static Err import_succession(Ctx *cx, Import *im)
{
    TRY(read_csv(cx, "succession.csv", &im->csv));
    while (csv_next(&im->csv)) {
        i64 old_key = 0, new_key = 0;
        Day day;
        bool good = day_parse(csv_cell(&im->csv, 0), &day)
                 && (csv_cell(&im->csv, 2).n == 0 || str_to_int(csv_cell(&im->csv, 2), &old_key))
                 && (csv_cell(&im->csv, 3).n == 0 || str_to_int(csv_cell(&im->csv, 3), &new_key))
                 && old_key < KEYS_MAX && new_key < KEYS_MAX && old_key >= 0 && new_key >= 0;
        if (!good)
            return bad_row(cx, &im->csv, "succession.csv");
        PlaceId old_place = { im->id_of_key[old_key] }, new_place = { im->id_of_key[new_key] };
        Query q = QUERY(
            cx,
            "INSERT INTO place_succession (day, kind, old_place, new_place, old_code, new_code)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            DAY(day), T(csv_cell(&im->csv, 1)), ID_OR_NULL(old_place), ID_OR_NULL(new_place),
            T(csv_cell(&im->csv, 4)), T(csv_cell(&im->csv, 5)));
        TRY(query_run(&q));
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ codes */

/* Every period's code must be one of its level, under the code its parent had then. */
static Err check_codes(Ctx *cx)
{
    const Profile *profile = profile_of(cx->house);
    Query q = QUERY(
        cx,
        "SELECT p.level, t.code, COALESCE(u.code, '') FROM place_period t JOIN place p ON p.id ="
        " t.place LEFT JOIN place_period u ON u.place = t.parent AND u.valid_from <= t.valid_from"
        " AND (u.valid_to IS NULL OR u.valid_to > t.valid_from) ORDER BY t.place, t.valid_from");
    while (query_next(&q)) {
        Str level = query_text(&q), code = query_text(&q), parent_code = query_text(&q);
        const char *fault = place_code_fault(profile, level, code, parent_code);
        if (fault)
            return fail(cx, E_INPUT, fault, V("code", code));
    }
    return query_end(&q);
}

static Err import_all(Ctx *cx, void *arg)
{
    Import im = { 0 };
    (void)arg;
    im.id_of_key = NEW_ARRAY(cx, i64, KEYS_MAX);
    if (!im.id_of_key)
        return E_LIMIT;
    TRY(import_places(cx, &im));
    TRY(set_paths(cx));
    TRY(import_succession(cx, &im));
    return check_codes(cx);
}

Err places_import(Ctx *cx)
{
    return store_write(cx, import_all, NULL);
}
