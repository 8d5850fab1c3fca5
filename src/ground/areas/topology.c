/* topology.c -- do the areas of a level lie beside each other, inside their parents, and leave
** nothing out?  Every fault is told, with its size and a point inside it. */
#include "areas/private.h"

#include "text/text.h"

#include <stdlib.h>

typedef struct Piece {
    const Area *area;
    GEOSGeometry *made; /* when first asked for: a change looks at few of them */
    CoordBox box;
    bool is_new;
} Piece;

typedef struct Level {
    Geos *g;
    Piece *pieces;
    size_t n;
} Level;

static const GEOSGeometry *whole_of(Geos *g, Piece *piece)
{
    if (!piece->made)
        piece->made = geos_of(g, &piece->area->shape);
    return piece->made;
}

/* ------------------------------------------------------------------ pieces of a result */

/* One fault for each polygon of a result that is no sliver. */
static void tell_pieces(Geos *g, const GEOSGeometry *result, Str where, const char *key,
                        AreaFaults *faults)
{
    int n = result ? GEOSGetNumGeometries_r(g->handle, result) : 0;
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *one = GEOSGetGeometryN_r(g->handle, result, i);
        Shape shape;
        if (GEOSGeomTypeId_r(g->handle, one) != GEOS_POLYGON || geos_is_sliver(g, one))
            continue;
        geos_shape(g, one, &shape);
        i64 m2 = shape_m2(&shape);
        AreaFault *f = area_fault(g->cx, faults, where, key, text_int(g->cx, "m2", m2));
        if (!f)
            return;
        f->m2 = m2;
        f->has_at = true;
        f->at = geos_inner_point(g, one);
    }
}

/* ------------------------------------------------------------------ beside each other */

static bool boxes_meet(const CoordBox *a, const CoordBox *b)
{
    return a->west <= b->east && b->west <= a->east && a->south <= b->north && b->south <= a->north;
}

static void check_pair(Geos *g, Piece *a, Piece *b, AreaFaults *faults)
{
    if (!boxes_meet(&a->box, &b->box))
        return;
    const GEOSGeometry *one = whole_of(g, a), *other = whole_of(g, b);
    if (!one || !other || !geos_overlap(g, one, other))
        return;
    bool in_order = str_compare(a->area->code, b->area->code) < 0;
    Str where = str_format(&g->cx->arena, "%.*s, %.*s",
                           STR_ARGS(in_order ? a->area->code : b->area->code),
                           STR_ARGS(in_order ? b->area->code : a->area->code));
    tell_pieces(g, geos_keep(g, GEOSIntersectionPrec_r(g->handle, one, other, 1)), where,
                N_("areas.overlap"), faults);
}

static int by_west(const void *a, const void *b)
{
    const Piece *x = a, *y = b;
    return (x->box.west > y->box.west) - (x->box.west < y->box.west);
}

/* From west to east: only what begins before this one ends can lie over it. */
static void check_overlaps(const Level *level, AreaFaults *faults)
{
    for (size_t i = 0; i < level->n; i++) {
        Piece *a = &level->pieces[i];
        for (size_t k = i + 1; k < level->n && level->pieces[k].box.west <= a->box.east; k++)
            if (a->is_new || level->pieces[k].is_new)
                check_pair(level->g, a, &level->pieces[k], faults);
    }
}

/* ------------------------------------------------------------------ inside the parent */

static void check_inside(Geos *g, Piece *piece, const GEOSGeometry *parent, AreaFaults *faults)
{
    const GEOSGeometry *whole = piece->is_new ? whole_of(g, piece) : NULL;
    if (!whole || GEOSCovers_r(g->handle, parent, whole) == 1)
        return;
    tell_pieces(g, geos_keep(g, GEOSDifferencePrec_r(g->handle, whole, parent, 1)),
                piece->area->code, N_("areas.sticks_out"), faults);
}

/* Children: those whose path begins with the parent's. */
static Err check_parent(const Level *level, const Area *parent, const LevelCheck *check)
{
    Geos *g = level->g;
    size_t n = 0;
    const GEOSGeometry **children = NEW_ARRAY(g->cx, const GEOSGeometry *, level->n);
    GEOSGeometry *whole = geos_of(g, &parent->shape);
    if (!children || !whole)
        return ctx_err(g->cx);
    for (size_t i = 0; i < level->n; i++) {
        Piece *piece = &level->pieces[i];
        if (!path_covers(parent->path, piece->area->path))
            continue;
        children[n++] = whole_of(g, piece);
        check_inside(g, piece, whole, check->faults);
    }
    GEOSGeometry *covered = ctx_err(g->cx) ? NULL : geos_union(g, children, n);
    if (covered)
        tell_pieces(g, geos_keep(g, GEOSDifferencePrec_r(g->handle, whole, covered, 1)),
                    parent->code, N_("areas.gap"), check->gaps);
    return ctx_err(g->cx);
}

/* The level next above that has areas at all counts as the one to be covered. */
static const Area *nearest_parent(const Area *area, const Area *parents)
{
    const Area *best = NULL;
    for (const Area *p = parents; p; p = p->next)
        if (p->path.n < area->path.n && path_covers(p->path, area->path)
            && (!best || p->path.n > best->path.n))
            best = p;
    return best;
}

static Err check_parents(const Level *level, const LevelCheck *check)
{
    const Area **done = NEW_ARRAY(level->g->cx, const Area *, level->n + 1);
    size_t done_n = 0;
    for (size_t i = 0; done && i < level->n; i++) {
        if (!level->pieces[i].is_new)
            continue;
        const Area *parent = nearest_parent(level->pieces[i].area, check->parents);
        size_t k = 0;
        while (k < done_n && done[k] != parent)
            k++;
        if (!parent || k < done_n)
            continue;
        done[done_n++] = parent;
        TRY(check_parent(level, parent, check));
    }
    return ctx_err(level->g->cx);
}

/* ------------------------------------------------------------------ a level */

Err areas_check_level(Ctx *cx, const LevelCheck *check)
{
    Level level = { 0 };
    size_t n = 0, before = check->faults->n;
    for (const Area *a = check->list; a; a = a->next)
        n++;
    TRY(geos_open(cx, &level.g));
    level.pieces = NEW_ARRAY(cx, Piece, n + 1);
    if (!level.pieces)
        return E_LIMIT;
    for (const Area *a = check->list; a; a = a->next, level.n++) {
        bool is_new = !check->is_new || check->is_new[level.n];
        if (is_new)
            geos_check(level.g, &a->shape, a->code, check->faults);
        level.pieces[level.n] =
            (Piece){ .area = a, .box = shape_box(&a->shape), .is_new = is_new };
    }
    TRY(ctx_err(cx));
    if (check->faults->n > before)
        return OK; /* what crosses itself has no inside that could be compared */
    qsort(level.pieces, level.n, sizeof(Piece), by_west);
    check_overlaps(&level, check->faults);
    return check_parents(&level, check);
}

Err areas_check(Ctx *cx, Str level, Day day, AreaFaults *faults, i64 *out_checked)
{
    Area *list, *everything;
    *out_checked = 0;
    TRY(area_list(cx, level, day, &list));
    TRY(area_list(cx, STR_EMPTY, day, &everything));
    for (const Area *a = list; a; a = a->next)
        ++*out_checked;
    return areas_check_level(cx, &(LevelCheck){ .list = list, .parents = everything,
                                                .faults = faults, .gaps = faults });
}
