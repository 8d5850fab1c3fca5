/* private.h -- what the files of this folder share: GEOS behind a few words of ours, and rows. */
#ifndef AREAS_PRIVATE_H
#define AREAS_PRIVATE_H

#include "areas/areas.h"

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

/* ------------------------------------------------------------------ shape.c */

size_t shape_points(const Shape *shape);
bool ring_is_in_order(const Ring *ring, bool counter_clockwise);

/* ------------------------------------------------------------------ fault.c */

#define area_fault(cx, faults, where, key, ...) \
    area_fault_at((cx), (faults), (where), (key), (TextArg[]){ { 0 }, __VA_ARGS__ } + 1, \
                  COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)
/* NULL when the list is full. */
AreaFault *area_fault_at(Ctx *cx, AreaFaults *faults, Str where, const char *key,
                         const TextArg *args, size_t n);

/* ------------------------------------------------------------------ geos.c */

/* One GEOS context, for the thread that works with the Ctx; ended, with all kept geometry, by the
   Ctx. */
typedef struct Geos {
    Ctx *cx;
    GEOSContextHandle_t handle;
    char why[160]; /* the last thing GEOS said */
    GEOSGeometry **kept;
    size_t kept_n, kept_room;
} Geos;

MUST_USE Err geos_open(Ctx *cx, Geos **out);
/* Registers what a GEOS call made; NULL latches E_BUG with what GEOS said. */
GEOSGeometry *geos_keep(Geos *g, GEOSGeometry *made);
GEOSGeometry *geos_of(Geos *g, const Shape *shape);
GEOSGeometry *geos_line(Geos *g, const Point *line, size_t n);
GEOSGeometry *geos_union(Geos *g, const GEOSGeometry *const *all, size_t n);
/* The polygons of a result, in whole units; lines and points that operations leave are dropped. */
void geos_shape(Geos *g, const GEOSGeometry *from, Shape *out);
/* A point inside. */
Point geos_inner_point(Geos *g, const GEOSGeometry *from);
bool geos_is_sliver(Geos *g, const GEOSGeometry *polygon);
/* Is there more than a sliver of either in the other? */
bool geos_overlap(Geos *g, const GEOSGeometry *a, const GEOSGeometry *b);
/* Says what is wrong with a shape, if something is. */
void geos_check(Geos *g, const Shape *shape, Str where, AreaFaults *faults);

/* ------------------------------------------------------------------ keep.c */

typedef struct AreaRow {
    PlaceId place;
    Day day;
    Str shape; /* empty: ends */
    bool synthetic;
    const char *kind;
    Str reason;
} AreaRow;

/* Inside a write. *out_changed: it was not so already. */
MUST_USE Err area_put_row(Ctx *cx, const AreaRow *row, bool *out_changed);
MUST_USE Err area_next_edition(Ctx *cx);

/* ------------------------------------------------------------------ topology.c */

/* Faults between the areas of a level: where is_new, only those in which one of them has a part. */
typedef struct LevelCheck {
    const Area *list;    /* of the level */
    const Area *parents; /* areas of levels above */
    const bool *is_new;  /* by place in the list, or NULL: all */
    AreaFaults *faults;
    AreaFaults *gaps;
} LevelCheck;
MUST_USE Err areas_check_level(Ctx *cx, const LevelCheck *check);

/* ------------------------------------------------------------------ map.c */

i64 area_map_edition(const AreaMap *map);

#endif
