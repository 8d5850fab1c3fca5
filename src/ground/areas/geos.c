/* geos.c -- GEOS, through its reentrant calls only: one context for each piece of work.
**
** GEOS counts in doubles; our units are whole numbers far below 2^53, so nothing is lost on the
** way in, and overlays are asked to stay on whole units, so nothing on the way out. */
#include "areas/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------ one context */

static void note_why(const char *message, void *arg)
{
    Geos *g = arg;
    snprintf(g->why, sizeof g->why, "%s", message);
}

static void geos_close(void *arg)
{
    Geos *g = arg;
    for (size_t i = 0; i < g->kept_n; i++)
        GEOSGeom_destroy_r(g->handle, g->kept[i]);
    GEOS_finish_r(g->handle);
}

Err geos_open(Ctx *cx, Geos **out)
{
    Geos *g = NEW(cx, Geos);
    if (!g)
        return E_LIMIT;
    g->cx = cx;
    g->handle = GEOS_init_r();
    if (!g->handle)
        return fail(cx, E_LIMIT, "areas.geos");
    GEOSContext_setErrorMessageHandler_r(g->handle, note_why, g);
    *out = g;
    return ctx_defer(cx, geos_close, g);
}

/* GEOS gives NULL when its own memory is used up and when its work fails; either way it says so. */
GEOSGeometry *geos_keep(Geos *g, GEOSGeometry *made)
{
    if (!made) {
        fail(g->cx, E_BUG, "areas.geos");
        fail_detail(g->cx, str_copy(&g->cx->arena, str_of(g->why)));
        return NULL;
    }
    if (g->kept_n == g->kept_room) {
        size_t room = g->kept_room ? g->kept_room * 2 : 64;
        GEOSGeometry **kept = arena_grow(&g->cx->arena, g->kept, g->kept_room * sizeof *kept,
                                         room * sizeof *kept);
        if (!kept) {
            GEOSGeom_destroy_r(g->handle, made);
            fail(g->cx, E_LIMIT, "areas.geos");
            return NULL;
        }
        g->kept = kept;
        g->kept_room = room;
    }
    return g->kept[g->kept_n++] = made;
}

/* ------------------------------------------------------------------ into GEOS */

static GEOSCoordSequence *sequence_of(Geos *g, const Point *at, size_t n)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(g->handle, (unsigned)n, 2);
    for (size_t i = 0; s && i < n; i++)
        GEOSCoordSeq_setXY_r(g->handle, s, (unsigned)i, at[i].lon, at[i].lat);
    return s;
}

static GEOSGeometry *ring_of(Geos *g, const Ring *r)
{
    GEOSCoordSequence *s = sequence_of(g, r->at, r->n);
    return s ? GEOSGeom_createLinearRing_r(g->handle, s) : NULL;
}

static GEOSGeometry *polygon_of(Geos *g, const Part *part)
{
    GEOSGeometry **holes = NEW_ARRAY(g->cx, GEOSGeometry *, part->n);
    GEOSGeometry *outer = holes ? ring_of(g, &part->rings[0]) : NULL;
    bool whole = outer != NULL;
    for (size_t k = 1; whole && k < part->n; k++) {
        holes[k - 1] = ring_of(g, &part->rings[k]);
        whole = holes[k - 1] != NULL;
    }
    return whole ? GEOSGeom_createPolygon_r(g->handle, outer, holes, (unsigned)part->n - 1) : NULL;
}

GEOSGeometry *geos_of(Geos *g, const Shape *shape)
{
    GEOSGeometry **parts = NEW_ARRAY(g->cx, GEOSGeometry *, shape->n);
    for (size_t i = 0; parts && i < shape->n; i++) {
        parts[i] = polygon_of(g, &shape->parts[i]);
        if (!parts[i])
            return geos_keep(g, NULL);
    }
    if (!parts)
        return NULL;
    return geos_keep(g, shape->n == 1 ? parts[0]
                                      : GEOSGeom_createCollection_r(g->handle, GEOS_MULTIPOLYGON,
                                                                    parts, (unsigned)shape->n));
}

GEOSGeometry *geos_line(Geos *g, const Point *line, size_t n)
{
    GEOSCoordSequence *s = sequence_of(g, line, n);
    return geos_keep(g, s ? GEOSGeom_createLineString_r(g->handle, s) : NULL);
}

GEOSGeometry *geos_union(Geos *g, const GEOSGeometry *const *all, size_t n)
{
    GEOSGeometry **copies = NEW_ARRAY(g->cx, GEOSGeometry *, n);
    for (size_t i = 0; copies && i < n; i++)
        copies[i] = all[i] ? GEOSGeom_clone_r(g->handle, all[i]) : NULL;
    if (!copies)
        return NULL;
    GEOSGeometry *set = geos_keep(g, GEOSGeom_createCollection_r(
                                         g->handle, GEOS_GEOMETRYCOLLECTION, copies, (unsigned)n));
    return set ? geos_keep(g, GEOSUnaryUnionPrec_r(g->handle, set, 1)) : NULL;
}

/* ------------------------------------------------------------------ and out again */

static bool take_ring(Geos *g, const GEOSGeometry *ring, Ring *out)
{
    unsigned n = 0;
    double x = 0, y = 0;
    const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(g->handle, ring);
    if (!s || !GEOSCoordSeq_getSize_r(g->handle, s, &n))
        return false;
    *out = (Ring){ NEW_ARRAY(g->cx, Point, n), n };
    for (unsigned i = 0; out->at && i < n; i++) {
        GEOSCoordSeq_getXY_r(g->handle, s, i, &x, &y);
        out->at[i] = (Point){ (i32)lround(x), (i32)lround(y) };
    }
    return out->at != NULL;
}

static bool take_polygon(Geos *g, const GEOSGeometry *polygon, Part *out)
{
    int holes = GEOSGetNumInteriorRings_r(g->handle, polygon);
    out->rings = NEW_ARRAY(g->cx, Ring, (size_t)holes + 1);
    out->n = 0;
    if (!out->rings || !take_ring(g, GEOSGetExteriorRing_r(g->handle, polygon), &out->rings[0]))
        return false;
    out->n = 1;
    for (int k = 0; k < holes; k++) {
        if (!take_ring(g, GEOSGetInteriorRingN_r(g->handle, polygon, k), &out->rings[out->n]))
            return false;
        out->n++;
    }
    return true;
}

void geos_shape(Geos *g, const GEOSGeometry *from, Shape *out)
{
    *out = (Shape){ 0 };
    int n = from ? GEOSGetNumGeometries_r(g->handle, from) : 0;
    if (n <= 0)
        return;
    out->parts = NEW_ARRAY(g->cx, Part, (size_t)n);
    for (int i = 0; out->parts && i < n; i++) {
        const GEOSGeometry *one = GEOSGetGeometryN_r(g->handle, from, i);
        if (GEOSGeomTypeId_r(g->handle, one) == GEOS_POLYGON && !GEOSisEmpty_r(g->handle, one)
            && take_polygon(g, one, &out->parts[out->n]))
            out->n++;
    }
    shape_settle(g->cx, out);
}

/* ------------------------------------------------------------------ questions */

Point geos_inner_point(Geos *g, const GEOSGeometry *from)
{
    double x = 0, y = 0;
    GEOSGeometry *p = geos_keep(g, GEOSPointOnSurface_r(g->handle, from));
    if (p) {
        GEOSGeomGetX_r(g->handle, p, &x);
        GEOSGeomGetY_r(g->handle, p, &y);
    }
    return (Point){ (i32)lround(x), (i32)lround(y) };
}

bool geos_is_sliver(Geos *g, const GEOSGeometry *polygon)
{
    double area = 0, length = 0;
    GEOSArea_r(g->handle, polygon, &area);
    GEOSLength_r(g->handle, polygon, &length);
    return length <= 0 || area / (length / 2) <= AREA_SLIVER;
}

bool geos_overlap(Geos *g, const GEOSGeometry *a, const GEOSGeometry *b)
{
    return GEOSRelatePattern_r(g->handle, a, b, "2********") == 1;
}

/* What GEOS calls it, and what we say of it. */
static const char *key_of_reason(Str reason)
{
    static const struct { const char *says, *key; } REASONS[] = {
        { "Self-intersection", N_("areas.crosses_itself") },
        { "Ring Self-intersection", N_("areas.touches_itself") },
        { "Hole lies outside shell", N_("areas.hole_outside") },
        { "Holes are nested", N_("areas.holes_nested") },
        { "Interior is disconnected", N_("areas.falls_apart") },
        { "Nested shells", N_("areas.parts_nested") },
        { "Duplicate Rings", N_("areas.rings_twice") },
        { "Too few points", N_("areas.too_few_points") },
    };
    for (size_t i = 0; i < COUNT(REASONS); i++)
        if (str_starts(reason, str_of(REASONS[i].says)))
            return REASONS[i].key;
    return N_("areas.not_valid");
}

void geos_check(Geos *g, const Shape *shape, Str where, AreaFaults *faults)
{
    char *reason = NULL;
    GEOSGeometry *place = NULL, *whole = geos_of(g, shape);
    double x = 0, y = 0;
    if (!whole)
        return;
    char is_valid = GEOSisValidDetail_r(g->handle, whole, 0, &reason, &place);
    if (is_valid == 0) {
        AreaFault *f = area_fault(g->cx, faults, where, key_of_reason(str_of(reason)));
        if (f && place && GEOSGeomGetX_r(g->handle, place, &x) == 1
            && GEOSGeomGetY_r(g->handle, place, &y) == 1) {
            f->has_at = true;
            f->at = (Point){ (i32)lround(x), (i32)lround(y) };
        }
    }
    if (place)
        geos_keep(g, place);
    if (reason)
        GEOSFree_r(g->handle, reason);
}
