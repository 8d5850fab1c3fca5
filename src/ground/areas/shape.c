/* shape.c -- shapes as text and back, in one settled form, and how large they are. */
#include "areas/private.h"

#include <math.h>
#include <stdlib.h>

enum { SHAPE_TEXT_MAX = SHAPE_POINTS_MAX * 24 };

/* ------------------------------------------------------------------ reading */

static size_t count_of(Str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.at[i] == c;
    return n;
}

static bool parse_point(Str text, Point *out)
{
    Str first;
    i64 lon, lat;
    if (!str_cut(&text, ',', &first) || !text.at || !str_to_int(first, &lon)
        || !str_to_int(text, &lat))
        return false;
    *out = (Point){ (i32)lon, (i32)lat };
    return lon >= -180 * DEGREE && lon <= 180 * DEGREE && lat >= -90 * DEGREE && lat <= 90 * DEGREE;
}

static bool parse_ring(Ctx *cx, Str text, Ring *out)
{
    Str point;
    out->n = 0;
    out->at = NEW_ARRAY(cx, Point, count_of(text, ' ') + 1);
    if (!out->at)
        return false;
    while (str_cut(&text, ' ', &point))
        if (!parse_point(point, &out->at[out->n++]))
            return false;
    return out->n >= 4 && point_is(out->at[0], out->at[out->n - 1]);
}

static bool parse_part(Ctx *cx, Str text, Part *out)
{
    Str ring;
    out->n = 0;
    out->rings = NEW_ARRAY(cx, Ring, count_of(text, ';') + 1);
    if (!out->rings)
        return false;
    while (str_cut(&text, ';', &ring))
        if (!parse_ring(cx, ring, &out->rings[out->n++]))
            return false;
    return out->n > 0;
}

bool shape_parse(Ctx *cx, Str text, Shape *out)
{
    Str part;
    *out = (Shape){ 0 };
    if (text.n == 0 || text.n > SHAPE_TEXT_MAX)
        return false;
    out->parts = NEW_ARRAY(cx, Part, count_of(text, '|') + 1);
    if (!out->parts)
        return false;
    while (str_cut(&text, '|', &part))
        if (!parse_part(cx, part, &out->parts[out->n++]))
            return false;
    return out->n > 0;
}

/* ------------------------------------------------------------------ writing */

Str shape_text(Ctx *cx, const Shape *shape)
{
    Buf b = buf_new(&cx->arena, SHAPE_TEXT_MAX);
    for (size_t i = 0; i < shape->n; i++) {
        for (size_t k = 0; k < shape->parts[i].n; k++) {
            const Ring *r = &shape->parts[i].rings[k];
            if (i || k)
                buf_add_char(&b, k ? ';' : '|');
            for (size_t j = 0; j < r->n; j++)
                buf_add_format(&b, j ? " %d,%d" : "%d,%d", r->at[j].lon, r->at[j].lat);
        }
    }
    if (buf_is_full(&b))
        fail(cx, E_LIMIT, "areas.too_many_points", V("n", S("200000")));
    return buf_str(&b);
}

/* ------------------------------------------------------------------ one settled form */

static int by_point(const void *a, const void *b)
{
    const Point *x = a, *y = b;
    return x->lon != y->lon ? (x->lon > y->lon) - (x->lon < y->lon)
                            : (x->lat > y->lat) - (x->lat < y->lat);
}

static int by_first_point(const void *a, const void *b)
{
    const Ring *x = a, *y = b;
    int order = by_point(&x->at[0], &y->at[0]);
    return order ? order : by_point(&x->at[1], &y->at[1]);
}

static int by_first_ring(const void *a, const void *b)
{
    return by_first_point(((const Part *)a)->rings, ((const Part *)b)->rings);
}

/* Twice the area, positive counter-clockwise; a double is exact enough for its sign. */
static double twice_area(const Ring *r)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < r->n; i++)
        sum += (double)(r->at[i].lon - (i64)r->at[0].lon) * (r->at[i + 1].lat - (i64)r->at[0].lat)
             - (double)(r->at[i + 1].lon - (i64)r->at[0].lon) * (r->at[i].lat - (i64)r->at[0].lat);
    return sum;
}

bool ring_is_in_order(const Ring *ring, bool counter_clockwise)
{
    return (twice_area(ring) > 0) == counter_clockwise;
}

static void drop_doubles(Ring *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (n == 0 || !point_is(r->at[n - 1], r->at[i]))
            r->at[n++] = r->at[i];
    r->n = n;
}

static void turn_round(Ring *r)
{
    for (size_t i = 0, k = r->n; i + 1 < k; i++) {
        Point p = r->at[i];
        r->at[i] = r->at[--k];
        r->at[k] = p;
    }
}

/* Begins at its least point. */
static void begin_at_least(Ctx *cx, Ring *r)
{
    size_t least = 0, n = r->n - 1;
    for (size_t i = 1; i < n; i++)
        if (by_point(&r->at[i], &r->at[least]) < 0)
            least = i;
    Point *turned = NEW_ARRAY(cx, Point, r->n);
    for (size_t i = 0; turned && i < r->n; i++)
        turned[i] = r->at[(least + i) % n];
    r->at = turned ? turned : r->at;
}

void shape_settle(Ctx *cx, Shape *shape)
{
    for (size_t i = 0; i < shape->n; i++) {
        Part *part = &shape->parts[i];
        for (size_t k = 0; k < part->n; k++) {
            Ring *r = &part->rings[k];
            drop_doubles(r);
            if (r->n < 4)
                continue;
            if (!ring_is_in_order(r, k == 0))
                turn_round(r);
            begin_at_least(cx, r);
        }
        if (part->n > 2)
            qsort(part->rings + 1, part->n - 1, sizeof(Ring), by_first_point);
    }
    if (shape->n > 1)
        qsort(shape->parts, shape->n, sizeof(Part), by_first_ring);
}

/* ------------------------------------------------------------------ sizes */

size_t shape_points(const Shape *shape)
{
    size_t n = 0;
    for (size_t i = 0; i < shape->n; i++)
        for (size_t k = 0; k < shape->parts[i].n; k++)
            n += shape->parts[i].rings[k].n;
    return n;
}

static void widen(CoordBox *box, const Ring *r)
{
    for (size_t i = 0; i < r->n; i++) {
        Point p = r->at[i];
        box->west = p.lon < box->west ? p.lon : box->west;
        box->east = p.lon > box->east ? p.lon : box->east;
        box->south = p.lat < box->south ? p.lat : box->south;
        box->north = p.lat > box->north ? p.lat : box->north;
    }
}

CoordBox shape_box(const Shape *shape)
{
    CoordBox box = { INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN };
    for (size_t i = 0; i < shape->n; i++)
        widen(&box, &shape->parts[i].rings[0]);
    return box;
}

/* On the plane around the ring's own meridian, where scale is true. */
static double ring_m2(const Ring *r, double meridian)
{
    Plane first = coord_plane(coord_show(r->at[0], FRAME_CGCS2000), meridian), before = first;
    double sum = 0;
    for (size_t i = 1; i < r->n; i++) {
        Plane p = coord_plane(coord_show(r->at[i], FRAME_CGCS2000), meridian);
        sum += (before.east - first.east) * (p.north - first.north)
             - (p.east - first.east) * (before.north - first.north);
        before = p;
    }
    return fabs(sum) / 2;
}

i64 shape_m2(const Shape *shape)
{
    double sum = 0;
    for (size_t i = 0; i < shape->n; i++) {
        Shape alone = { &shape->parts[i], 1 };
        CoordBox box = shape_box(&alone);
        double meridian = ((double)box.west + box.east) / 2 / (double)DEGREE;
        for (size_t k = 0; k < shape->parts[i].n; k++)
            sum += (k ? -1 : 1) * ring_m2(&shape->parts[i].rings[k], meridian);
    }
    return llround(sum);
}
