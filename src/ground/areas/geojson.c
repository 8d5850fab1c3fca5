/* geojson.c -- areas from and to GeoJSON, RFC 7946.
**
** What can only be meant one way is mended: rings that run the wrong way round, points doubled in
** a row. Everything else that is wrong is told, each with its feature and position. */
#include "areas/private.h"

#include "json/json.h"
#include "text/text.h"

#include <math.h>
#include <stdlib.h>

typedef struct Reading {
    Ctx *cx;
    Geos *g;
    Frame frame;
    AreaFaults *faults;
    size_t feature, part, ring; /* where we are, from 1; 0 outside */
    Str code;
    size_t points;
} Reading;

/* ------------------------------------------------------------------ where we are */

static void put_place(Reading *r, Buf *b, const char *key, size_t n)
{
    if (!n)
        return;
    buf_add(b, S(", "));
    buf_add(b, text(r->cx, key, text_int(r->cx, "n", (i64)n)));
}

static Str where(Reading *r, size_t point)
{
    Buf b = buf_new(&r->cx->arena, 1024);
    buf_add(&b, text(r->cx, "areas.feature", text_int(r->cx, "n", (i64)r->feature)));
    if (r->code.n) {
        buf_add_char(&b, ' ');
        buf_add(&b, str_first(r->code, 60));
    }
    put_place(r, &b, N_("areas.part"), r->part);
    put_place(r, &b, N_("areas.ring"), r->ring);
    put_place(r, &b, N_("areas.point"), point);
    return buf_str(&b);
}

#define wrong(r, point, key, ...) \
    area_fault((r)->cx, (r)->faults, where((r), (point)), (key), __VA_ARGS__)
#define wrong_at(r, point, key) area_fault((r)->cx, (r)->faults, where((r), (point)), (key))

/* ------------------------------------------------------------------ rings */

static bool read_point(Reading *r, const Json *pair, size_t n, Point *out)
{
    Degrees d;
    if (json_count(pair) < 2 || !json_number(json_at(pair, 0), &d.lon)
        || !json_number(json_at(pair, 1), &d.lat)) {
        wrong_at(r, n, N_("areas.not_a_position"));
        return false;
    }
    const char *fault = coord_store(d, r->frame, out);
    if (fault)
        wrong_at(r, n, fault);
    return !fault;
}

static void note_point(AreaFault *f, Point p)
{
    if (f) {
        f->has_at = true;
        f->at = p;
    }
}

/* Closed, long enough, and nowhere the long way round the Earth. */
static bool ring_is_sound(Reading *r, Ring *ring)
{
    size_t distinct = 0;
    if (!point_is(ring->at[0], ring->at[ring->n - 1])) {
        note_point(wrong_at(r, ring->n, N_("areas.ring_open")), ring->at[ring->n - 1]);
        return false;
    }
    for (size_t i = 0; i + 1 < ring->n; i++) {
        distinct += !point_is(ring->at[i], ring->at[i + 1]);
        if (llabs((i64)ring->at[i].lon - ring->at[i + 1].lon) > 180 * DEGREE) {
            note_point(wrong_at(r, i + 1, N_("areas.antimeridian")), ring->at[i]);
            return false;
        }
    }
    if (distinct < 3)
        wrong_at(r, 0, N_("areas.too_few_points"));
    return distinct >= 3;
}

static bool read_ring(Reading *r, const Json *list, Ring *out)
{
    size_t n = json_count(list);
    bool good = true;
    if (!json_is_list(list) || n < 4) {
        wrong_at(r, 0, N_("areas.too_few_points"));
        return false;
    }
    r->points += n;
    if (r->points > SHAPE_POINTS_MAX) {
        wrong(r, 0, N_("areas.too_many_points"), V("n", S("200000")));
        return false;
    }
    *out = (Ring){ NEW_ARRAY(r->cx, Point, n), n };
    for (size_t i = 0; out->at && i < n; i++)
        good = read_point(r, json_at(list, i), i + 1, &out->at[i]) && good;
    return out->at && good && ring_is_sound(r, out);
}

static bool read_part(Reading *r, const Json *rings, Part *out)
{
    size_t n = json_count(rings);
    bool good = true;
    if (!json_is_list(rings) || n == 0) {
        wrong_at(r, 0, N_("areas.no_rings"));
        return false;
    }
    *out = (Part){ NEW_ARRAY(r->cx, Ring, n), n };
    for (size_t k = 0; out->rings && k < n; k++) {
        r->ring = k + 1;
        good = read_ring(r, json_at(rings, k), &out->rings[k]) && good;
    }
    r->ring = 0;
    return out->rings && good;
}

static bool read_parts(Reading *r, const Json *parts, Shape *out)
{
    size_t n = json_count(parts);
    bool good = true;
    if (!json_is_list(parts) || n == 0) {
        wrong_at(r, 0, N_("areas.no_rings"));
        return false;
    }
    *out = (Shape){ NEW_ARRAY(r->cx, Part, n), n };
    for (size_t i = 0; out->parts && i < n; i++) {
        r->part = i + 1;
        good = read_part(r, json_at(parts, i), &out->parts[i]) && good;
    }
    r->part = 0;
    return out->parts && good;
}

static bool read_geometry(Reading *r, const Json *geometry, Shape *out)
{
    Str type = json_text_in(geometry, "type");
    const Json *coordinates = json_in(geometry, "coordinates");
    r->points = 0;
    if (str_is(type, S("MultiPolygon")))
        return read_parts(r, coordinates, out);
    if (!str_is(type, S("Polygon"))) {
        wrong(r, 0, N_("areas.not_a_polygon"), V("type", type.n ? str_first(type, 40) : S("null")));
        return false;
    }
    *out = (Shape){ NEW(r->cx, Part), 1 };
    return out->parts && read_part(r, coordinates, &out->parts[0]);
}

/* ------------------------------------------------------------------ features */

static Str property(Reading *r, const Json *properties, const char *key)
{
    Str text = str_trim(json_as_text(r->cx, json_in(properties, key)));
    if (text.n <= 200)
        return text;
    wrong(r, 0, N_("areas.property_too_long"), V("name", str_of(key)));
    return STR_EMPTY;
}

static void read_names(Reading *r, const Json *properties, AreaDraft *d)
{
    Str name = property(r, properties, "name");
    d->name.in[LANG_ZH] = property(r, properties, "name_zh");
    d->name.in[LANG_EN] = property(r, properties, "name_en");
    for (Lang l = 0; l < LANG_COUNT; l++)
        if (d->name.in[l].n == 0)
            d->name.in[l] = name;
}

static bool read_feature(Reading *r, const Json *feature, AreaDraft *d)
{
    const Json *properties = json_in(feature, "properties");
    size_t before = r->faults->n;
    r->code = STR_EMPTY;
    if (!str_is(json_text_in(feature, "type"), S("Feature"))) {
        wrong_at(r, 0, N_("areas.not_a_feature"));
        return false;
    }
    d->code = r->code = property(r, properties, "code");
    d->parent_code = property(r, properties, "parent");
    d->synthetic = json_flag_in(properties, "synthetic");
    d->n = r->feature;
    read_names(r, properties, d);
    if (d->code.n == 0)
        wrong_at(r, 0, N_("areas.no_code"));
    if (!read_geometry(r, json_in(feature, "geometry"), &d->shape))
        return false;
    shape_settle(r->cx, &d->shape);
    geos_check(r->g, &d->shape, where(r, 0), r->faults);
    return r->faults->n == before;
}

/* ------------------------------------------------------------------ the collection */

/* Coordinates of another system than the named one would be hundreds of metres off. */
static void check_crs(Reading *r, const Json *root)
{
    const Json *crs = json_in(root, "crs");
    Str name = json_text_in(json_in(crs, "properties"), "name");
    static const char *const PLAIN[] = { "CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490",
                                         "EPSG:4490" };
    for (size_t i = 0; i < COUNT(PLAIN); i++)
        if (str_ends(name, str_of(PLAIN[i])))
            return;
    if (crs)
        area_fault(r->cx, r->faults, S("crs"), N_("areas.crs"),
                   V("name", name.n ? str_first(name, 60) : S("?")));
}

static int by_lon(const void *a, const void *b)
{
    return (*(const Point *const *)a)->lon < (*(const Point *const *)b)->lon ? -1 : 1;
}

enum { FAR_M = 300000 };

/* A point at 0, 0 or with a digit too many: hundreds of kilometres from the middle one of all. */
static void check_far(Ctx *cx, const AreaDraft *drafts, size_t n, AreaFaults *faults)
{
    const Point **firsts = NEW_ARRAY(cx, const Point *, n + 1);
    size_t k = 0;
    for (const AreaDraft *d = drafts; firsts && d; d = d->next)
        firsts[k++] = &d->shape.parts[0].rings[0].at[0];
    if (!firsts || k == 0)
        return;
    qsort(firsts, k, sizeof *firsts, by_lon);
    Point middle = *firsts[k / 2];
    for (const AreaDraft *d = drafts; d; d = d->next) {
        CoordBox box = shape_box(&d->shape);
        Point ends[] = { { box.west, box.south }, { box.east, box.north } };
        for (size_t i = 0; i < COUNT(ends); i++) {
            i64 metres = coord_distance_m(middle, ends[i]);
            if (metres <= FAR_M)
                continue;
            Str at = str_join(&cx->arena, text(cx, "areas.feature", text_int(cx, "n", (i64)d->n)),
                              str_format(&cx->arena, " %.*s", STR_ARGS(d->code)));
            note_point(area_fault(cx, faults, at, N_("areas.far_away"),
                                  text_int(cx, "km", metres / 1000)), ends[i]);
            break;
        }
    }
}

static Err read_features(Reading *r, const Json *list, AreaDraft **out)
{
    AreaDraft **end = out;
    size_t n = json_count(list), kept = 0;
    *out = NULL;
    for (size_t i = 0; i < n; i++) {
        AreaDraft *d = NEW(r->cx, AreaDraft);
        if (!d)
            return E_LIMIT;
        r->feature = i + 1;
        r->part = r->ring = 0;
        if (!read_feature(r, json_at(list, i), d))
            continue;
        *end = d;
        end = &d->next;
        kept++;
    }
    check_far(r->cx, *out, kept, r->faults);
    return ctx_err(r->cx);
}

Err areas_read_geojson(Ctx *cx, Str text, Frame frame, AreaDraft **out, AreaFaults *faults)
{
    const Json *root;
    Reading r = { .cx = cx, .frame = frame, .faults = faults };
    *out = NULL;
    if (text.n > GEOJSON_BYTES_MAX)
        return fail(cx, E_LIMIT, "areas.file_too_large",
                    text_int(cx, "megabytes", GEOJSON_BYTES_MAX >> 20));
    if (str_starts(text, S("\xEF\xBB\xBF")))
        text = str_skip(text, 3);
    TRY(json_parse(cx, text, GEOJSON_BYTES_MAX, &root));
    TRY(geos_open(cx, &r.g));
    const Json *features = json_in(root, "features");
    if (!str_is(json_text_in(root, "type"), S("FeatureCollection")) || !json_is_list(features)
        || json_count(features) == 0)
        return fail(cx, E_INPUT, "areas.not_a_collection");
    if (json_count(features) > AREAS_MAX)
        return fail(cx, E_LIMIT, "areas.too_many", text_int(cx, "n", AREAS_MAX));
    check_crs(&r, root);
    TRY(read_features(&r, features, out));
    return faults->n ? fail(cx, E_INPUT, "areas.refused") : OK;
}

/* ------------------------------------------------------------------ writing */

static void put_units(Buf *b, i64 units)
{
    i64 size = units < 0 ? -units : units;
    buf_add_format(b, units < 0 ? "-%lld.%07lld" : "%lld.%07lld", (long long)(size / DEGREE),
                   (long long)(size % DEGREE));
}

/* In another frame than the stored one a nanodegree more, so that the way back finds the unit. */
static void put_point(Buf *b, Point p, Frame frame)
{
    Degrees d = coord_show(p, frame);
    buf_add_char(b, '[');
    if (frame == FRAME_CGCS2000 || frame == FRAME_WGS84) {
        put_units(b, p.lon);
        buf_add_char(b, ',');
        put_units(b, p.lat);
    } else {
        buf_add_format(b, "%.9f,%.9f", d.lon, d.lat);
    }
    buf_add_char(b, ']');
}

static void put_part(Buf *b, const Part *part, Frame frame)
{
    for (size_t k = 0; k < part->n; k++) {
        buf_add(b, k ? S(",[") : S("[["));
        for (size_t i = 0; i < part->rings[k].n; i++) {
            if (i)
                buf_add_char(b, ',');
            put_point(b, part->rings[k].at[i], frame);
        }
        buf_add_char(b, ']');
    }
    buf_add_char(b, ']');
}

static void put_feature(Buf *b, const Area *a, Frame frame)
{
    bool is_multi = a->shape.n > 1;
    buf_add(b, S("{\"type\":\"Feature\",\"properties\":{\"code\":"));
    json_put_text(b, a->code);
    buf_add(b, S(",\"level\":"));
    json_put_text(b, a->level);
    buf_add(b, S(",\"name_zh\":"));
    json_put_text(b, a->name.in[LANG_ZH]);
    buf_add(b, S(",\"name_en\":"));
    json_put_text(b, a->name.in[LANG_EN]);
    buf_add(b, a->synthetic ? S(",\"synthetic\":true") : S(",\"synthetic\":false"));
    buf_add(b, S(",\"square_metres\":"));
    json_put_int(b, shape_m2(&a->shape));
    buf_add(b, S("},\"geometry\":{\"type\":"));
    buf_add(b, is_multi ? S("\"MultiPolygon\",\"coordinates\":[")
                        : S("\"Polygon\",\"coordinates\":"));
    for (size_t i = 0; i < a->shape.n; i++) {
        if (i)
            buf_add_char(b, ',');
        put_part(b, &a->shape.parts[i], frame);
    }
    buf_add(b, is_multi ? S("]}}") : S("}}"));
}

void areas_write_geojson(Buf *b, const Area *list, Frame frame)
{
    buf_add(b, S("{\"type\":\"FeatureCollection\",\"coordinate_system\":"));
    json_put_text(b, frame_name(frame));
    buf_add(b, S(",\"features\":["));
    for (const Area *a = list; a; a = a->next) {
        buf_add(b, S("\n"));
        put_feature(b, a, frame);
        if (a->next)
            buf_add_char(b, ',');
    }
    buf_add(b, S("\n]}\n"));
}
