/* bodies.c -- the table of organisations. */
#include "bodies/bodies.h"

#include "csv/csv.h"
#include "files/files.h"
#include "text/text.h"

const Field BODY_FIELDS[] = {
    FIELD(Body, id, ID),
    FIELD(Body, code, TEXT),
    FIELD(Body, kind, TEXT),
    FIELD(Body, name, WORDS),
    FIELD(Body, parent, ID),
    FIELD(Body, place, ID),
    FIELD_END
};

static void read_body(Query *q, Body *out)
{
    out->id = (BodyId){ query_int(q) };
    out->code = query_text(q);
    out->kind = query_text(q);
    out->name.in[LANG_ZH] = query_text(q);
    out->name.in[LANG_EN] = query_text(q);
    out->parent = (BodyId){ query_int(q) };
    out->place = (PlaceId){ query_int(q) };
    out->path = query_text(q);
}

static Err one(Query *q, Body *out)
{
    bool found = query_next(q);
    if (found)
        read_body(q, out);
    TRY(query_end(q));
    return found ? OK : fail(q->cx, E_MISSING, "bodies.no_such_body");
}

Err body_get(Ctx *cx, BodyId id, Body *out)
{
    Query q = QUERY(
        cx, "SELECT id, code, kind, name_zh, name_en, parent, place, path FROM body WHERE id = $1",
        ID(id));
    return one(&q, out);
}

Err body_get_by_code(Ctx *cx, Str code, Body *out)
{
    Query q = QUERY(
        cx,
        "SELECT id, code, kind, name_zh, name_en, parent, place, path FROM body WHERE code = $1",
        T(code));
    return one(&q, out);
}

Err body_list(Ctx *cx, Body **out)
{
    Query q =
        QUERY(cx,
              "SELECT id, code, kind, name_zh, name_en, parent, place, path FROM body ORDER BY id");
    *out = NULL;
    while (query_next(&q)) {
        Body *b = NEW(cx, Body);
        if (!b)
            break;
        read_body(&q, b);
        *out = b;
        out = &b->next;
    }
    return query_end(&q);
}

/* "{code}-S" stands for a body of each place of a level: any code that ends so. */
static bool is_template_of(Str cell, Str code)
{
    Str mark = S("{code}");
    return str_starts(cell, mark) && str_ends(code, str_skip(cell, mark.n));
}

static Err is_in_file(Ctx *cx, Str code, bool *out)
{
    Str text;
    TRY(file_read(cx, profile_path(cx, "bodies.csv"), &text));
    CsvReader csv = csv_reader(cx, text);
    bool has_heading = csv_next(&csv);
    while (has_heading && !*out && csv_next(&csv))
        *out = str_is(csv_cell(&csv, 0), code) || is_template_of(csv_cell(&csv, 0), code);
    return ctx_err(cx);
}

Err body_is_known(Ctx *cx, Str code, bool *out)
{
    *out = false;
    if (!store_of(cx))
        return is_in_file(cx, code, out);
    Query q = QUERY(cx, "SELECT 1 FROM body WHERE code = $1", T(code));
    return query_found(&q, out);
}

/* ------------------------------------------------------------------ import */

enum { CELL_BYTES_MAX = 400 };

static Str expanded(Ctx *cx, Str cell, const Place *place)
{
    const struct { Str mark, value;
    } MARKS[] = {
        { S("{code}"), place->code },
        { S("{zh}"), place->name.in[LANG_ZH] },
        { S("{en}"), place->name.in[LANG_EN] },
    };
    Buf b = buf_new(&cx->arena, CELL_BYTES_MAX);
    while (cell.n) {
        size_t skip = 1;
        Str put = str_first(cell, 1);
        for (size_t i = 0; i < COUNT(MARKS); i++) {
            if (str_starts(cell, MARKS[i].mark)) {
                skip = MARKS[i].mark.n;
                put = MARKS[i].value;
            }
        }
        buf_add(&b, put);
        cell = str_skip(cell, skip);
    }
    return buf_str(&b);
}

static Err add_body(Ctx *cx, const CsvReader *csv, const Place *place)
{
    i64 parent = 0;
    Str parent_code = expanded(cx, csv_cell(csv, 4), place);
    if (parent_code.n) {
        Body b;
        TRY(body_get_by_code(cx, parent_code, &b));
        parent = b.id.value;
    }
    Query q = QUERY(cx,
                    "INSERT INTO body (code, kind, name_zh, name_en, parent, place, path)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO NOTHING"
                    " RETURNING id",
                    T(expanded(cx, csv_cell(csv, 0), place)), T(csv_cell(csv, 1)),
                    T(expanded(cx, csv_cell(csv, 2), place)),
                    T(expanded(cx, csv_cell(csv, 3), place)), ID_OR_NULL((BodyId){ parent }),
                    ID(place->id), T(place->path));
    bool is_new;
    TRY(query_found(&q, &is_new));
    return is_new ? OK : fail(cx, E_INPUT, "bodies.bad_row", text_int(cx, "line", csv->line));
}

static Err add_row(Ctx *cx, const CsvReader *csv)
{
    Str where = csv_cell(csv, 5), level = S("level:");
    Place one_place, *places = &one_place;
    one_place.next = NULL;
    if (csv_cell(csv, 0).n == 0 || csv_cell(csv, 2).n == 0 || csv_cell(csv, 3).n == 0)
        return fail(cx, E_INPUT, "bodies.bad_row", text_int(cx, "line", csv->line));
    if (str_starts(where, level)) {
        TRY(place_list_level(cx, str_skip(where, level.n), &places));
    } else {
        TRY(place_get_by_code(cx, where, day_today(cx), &one_place));
        one_place.next = NULL;
    }
    for (const Place *p = places; p; p = p->next)
        TRY(add_body(cx, csv, p));
    return OK;
}

static Err import_all(Ctx *cx, void *arg)
{
    Str text;
    (void)arg;
    TRY(file_read(cx, profile_path(cx, "bodies.csv"), &text));
    CsvReader csv = csv_reader(cx, text);
    bool has_heading = csv_next(&csv);
    while (has_heading && csv_next(&csv))
        TRY(add_row(cx, &csv));
    return ctx_err(cx);
}

Err bodies_import(Ctx *cx)
{
    return store_write(cx, import_all, NULL);
}
