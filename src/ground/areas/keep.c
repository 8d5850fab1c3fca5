/* keep.c -- areas in the store: their rows, each for its time, and what was before. */
#include "areas/private.h"

#include "csv/csv.h"
#include "files/files.h"
#include "text/text.h"

/* ------------------------------------------------------------------ reading */

static Err read_area(Query *q, Area *out)
{
    out->next = NULL;
    out->place = (PlaceId){ query_int(q) };
    out->parent = (PlaceId){ query_int(q) };
    out->level = query_text(q);
    out->path = query_text(q);
    out->code = query_text(q);
    out->name.in[LANG_ZH] = query_text(q);
    out->name.in[LANG_EN] = query_text(q);
    out->valid_from = query_day(q);
    out->valid_to = query_day(q);
    out->synthetic = query_flag(q);
    Str text = query_text(q);
    if (ctx_err(q->cx))
        return ctx_err(q->cx);
    if (!shape_parse(q->cx, text, &out->shape))
        return fail(q->cx, E_STORE, "areas.stored_amiss", V("code", out->code));
    shape_settle(q->cx, &out->shape);
    return ctx_err(q->cx);
}

static Err all(Query *q, Area **out)
{
    *out = NULL;
    while (query_next(q)) {
        Area *a = NEW(q->cx, Area);
        if (!a || read_area(q, a))
            break;
        *out = a;
        out = &a->next;
    }
    return query_end(q);
}

Err area_list(Ctx *cx, Str level, Day day, Area **out)
{
    Query q = QUERY(
        cx,
        "SELECT a.place, t.parent, p.level, p.path, t.code, t.name_zh, t.name_en, a.valid_from,"
        " a.valid_to, a.synthetic, a.shape FROM area a JOIN place p ON p.id = a.place"
        " JOIN place_period t ON t.place = a.place AND t.valid_from <= $2"
        " AND (t.valid_to IS NULL OR t.valid_to > $2) WHERE ($1 = '' OR p.level = $1)"
        " AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)"
        " ORDER BY t.code, a.place", T(level), DAY(day));
    return all(&q, out);
}

Err area_list_inside(Ctx *cx, Str path, Area **out)
{
    Query q = QUERY(
        cx,
        "SELECT a.place, p.parent, p.level, p.path, p.code, p.name_zh, p.name_en, a.valid_from,"
        " a.valid_to, a.synthetic, a.shape FROM area a JOIN place p ON p.id = a.place"
        " WHERE p.path > $1 AND p.path < $2 AND p.valid_to IS NULL AND a.valid_to IS NULL"
        " AND p.level = (SELECT c.level FROM place c JOIN area b ON b.place = c.id"
        " WHERE c.path > $1 AND c.path < $2 AND c.valid_to IS NULL AND b.valid_to IS NULL"
        " ORDER BY length(c.path) - length(replace(c.path, '/', '')) LIMIT 1)"
        " ORDER BY p.code", T(path), T(path_end(cx, path)));
    return all(&q, out);
}

Err area_get(Ctx *cx, PlaceId place, Day day, Area *out)
{
    Query q = QUERY(
        cx,
        "SELECT a.place, t.parent, p.level, p.path, t.code, t.name_zh, t.name_en, a.valid_from,"
        " a.valid_to, a.synthetic, a.shape FROM area a JOIN place p ON p.id = a.place"
        " JOIN place_period t ON t.place = a.place AND t.valid_from <= $2"
        " AND (t.valid_to IS NULL OR t.valid_to > $2) WHERE a.place = $1"
        " AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)",
        ID(place), DAY(day));
    bool found = query_next(&q);
    Err err = found ? read_area(&q, out) : OK;
    TRY(query_end(&q));
    if (err)
        return err;
    return found ? OK : fail(cx, E_MISSING, "areas.no_area");
}

Err area_list_history(Ctx *cx, PlaceId place, Area **out)
{
    Query q = QUERY(
        cx,
        "SELECT a.place, p.parent, p.level, p.path, p.code, p.name_zh, p.name_en, a.valid_from,"
        " a.valid_to, a.synthetic, a.shape FROM area a JOIN place p ON p.id = a.place"
        " WHERE a.place = $1 ORDER BY a.valid_from", ID(place));
    return all(&q, out);
}

/* ------------------------------------------------------------------ writing */

typedef struct Now {
    bool found;
    Day from;
    Str shape;
} Now;

static Err read_now(Ctx *cx, PlaceId place, Now *out)
{
    Query q = QUERY(cx, "SELECT valid_from, shape FROM area WHERE place = $1 AND valid_to IS NULL",
                    ID(place));
    *out = (Now){ .found = query_next(&q), .shape = STR_EMPTY };
    if (out->found) {
        out->from = query_day(&q);
        out->shape = query_text(&q);
    }
    return query_end(&q);
}

static Err end_now(Ctx *cx, const AreaRow *row, const Now *now)
{
    if (day_is(now->from, row->day)) { /* never held: area_change keeps what it was */
        Query gone = QUERY(cx, "DELETE FROM area WHERE place = $1 AND valid_from = $2",
                           ID(row->place), DAY(row->day));
        return query_run(&gone);
    }
    Query q = QUERY(cx, "UPDATE area SET valid_to = $2 WHERE place = $1 AND valid_to IS NULL",
                    ID(row->place), DAY(row->day));
    return query_run(&q);
}

static Err add_row(Ctx *cx, const AreaRow *row)
{
    Query q = QUERY(cx,
                    "INSERT INTO area (place, valid_from, shape, synthetic)"
                    " VALUES ($1, $2, $3, $4)",
                    ID(row->place), DAY(row->day), T(row->shape), F(row->synthetic));
    return query_run(&q);
}

static Err add_change(Ctx *cx, const AreaRow *row, const Now *now)
{
    i64 id;
    TRY(store_next_id(cx, "area_change", &id));
    Query q = QUERY(cx,
                    "INSERT INTO area_change (id, at, day, kind, place, post, reason, was)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    I(id), AT(cx->now), DAY(row->day), T(str_of(row->kind)), ID(row->place),
                    ID_OR_NULL(cx->actor.post), T(row->reason), T(now->shape));
    return query_run(&q);
}

Err area_put_row(Ctx *cx, const AreaRow *row, bool *out_changed)
{
    Now now;
    TRY(read_now(cx, row->place, &now));
    *out_changed = !str_is(now.shape, row->shape);
    if (!*out_changed)
        return OK;
    if (now.found && day_before(row->day, now.from))
        return fail(cx, E_CONFLICT, "areas.day_before", V("day", day_iso(&cx->arena, now.from)));
    if (now.found)
        TRY(end_now(cx, row, &now));
    if (row->shape.n)
        TRY(add_row(cx, row));
    return add_change(cx, row, &now);
}

Err area_next_edition(Ctx *cx)
{
    Query q = QUERY(cx, "INSERT INTO area_edition (id, number) VALUES (1, 1)"
                        " ON CONFLICT (id) DO UPDATE SET number = area_edition.number + 1");
    return query_run(&q);
}

/* ------------------------------------------------------------------ shapes.csv of the profile */

/* The file is about the places of the newest edition, whatever day it is. */
static const Day AFTER_ALL = { 2000000 };

static Err bad_row(Ctx *cx, const CsvReader *csv)
{
    return fail(cx, E_INPUT, "places.bad_row", V("file", S("shapes.csv")),
                text_int(cx, "line", csv->line));
}

/* A grid that only the shapes name is a synthetic place inside the community its code begins
   with. */
static Err add_grid(Ctx *cx, Str code, PlaceId *out, Day *out_from)
{
    PlaceNew new = { .level = S("grid"), .code = code, .synthetic = true };
    Place parent = { 0 };
    Str serial = str_skip(code, code.n - 3);
    if (place_get_by_code(cx, str_first(code, code.n - 3), AFTER_ALL, &parent)) {
        ctx_forgive(cx);
        return fail(cx, E_INPUT, "places.grid_without_community", V("code", code));
    }
    new.parent = parent.id;
    new.from = *out_from = parent.valid_from;
    new.name.in[LANG_ZH] = str_format(&cx->arena, "第%.*s网格", STR_ARGS(serial));
    new.name.in[LANG_EN] = str_format(&cx->arena, "Grid %.*s", STR_ARGS(serial));
    return place_add(cx, &new, out);
}

static Err find_place(Ctx *cx, Str code, Str level, PlaceId *out, Day *out_from)
{
    Place place = { 0 };
    Err err = place_get_by_code(cx, code, AFTER_ALL, &place);
    *out = place.id;
    *out_from = place.valid_from;
    if (err != E_MISSING)
        return err;
    ctx_forgive(cx);
    return str_is(level, S("grid")) && code.n > 3 ? add_grid(cx, code, out, out_from) : OK;
}

static Err import_row(Ctx *cx, const CsvReader *csv)
{
    PlaceId place = { 0 };
    Day from = NO_DAY;
    Shape shape;
    bool found;
    TRY(find_place(cx, csv_cell(csv, 0), csv_cell(csv, 1), &place, &from));
    if (!place.value || !shape_parse(cx, csv_cell(csv, 2), &shape))
        return ctx_err(cx) ? ctx_err(cx) : bad_row(cx, csv);
    shape_settle(cx, &shape);
    Query q = QUERY(cx,
                    "INSERT INTO area (place, valid_from, shape, synthetic)"
                    " VALUES ($1, $2, $3, TRUE) ON CONFLICT (place, valid_from) DO NOTHING"
                    " RETURNING place",
                    ID(place), DAY(from), T(shape_text(cx, &shape)));
    TRY(query_found(&q, &found));
    return found ? OK : bad_row(cx, csv);
}

static Err import_shapes(Ctx *cx, void *arg)
{
    Str text;
    (void)arg;
    if (file_read(cx, profile_path(cx, "shapes.csv"), &text)) {
        ctx_forgive(cx); /* a district may have no shapes yet */
        return OK;
    }
    CsvReader csv = csv_reader(cx, text);
    bool has_heading = csv_next(&csv);
    while (has_heading && csv_next(&csv))
        TRY(import_row(cx, &csv));
    TRY(ctx_err(cx));
    return area_next_edition(cx);
}

Err areas_import_profile(Ctx *cx)
{
    return store_write(cx, import_shapes, NULL);
}
