/* areas.h -- the polygons of places: kept with their time, checked, changed, and asked which of
** them a point lies in.
**
** Order of calls: areas_use at start; then area_list and areas_check read, areas_put, area_split
** and areas_merge change, areas_hold and area_find ask. Knows places and points, no matter: who
** must hear that open matters lie in a changed area registers areas_tell. */
#ifndef AREAS_AREAS_H
#define AREAS_AREAS_H

#include "coord/coord.h"
#include "places/places.h"

/* ------------------------------------------------------------------ shapes (shape.c) */

/* The last point is the first again. */
typedef struct Ring {
    Point *at;
    size_t n;
} Ring;

/* An outer ring, counter-clockwise, and holes in it, clockwise. */
typedef struct Part {
    Ring *rings;
    size_t n;
} Part;

typedef struct Shape {
    Part *parts;
    size_t n;
} Shape;

enum { SHAPE_POINTS_MAX = 200000, AREAS_MAX = 100000 };

/* The stored form: points "lon,lat" with spaces between, ";" between rings, "|" between parts.
   Settled shapes of the same area have the same text. */
bool shape_parse(Ctx *cx, Str text, Shape *out);
Str shape_text(Ctx *cx, const Shape *shape);
/* Drops points doubled in a row, turns rings the way round they must run, and puts points, holes
** and parts in one order. */
void shape_settle(Ctx *cx, Shape *shape);
i64 shape_m2(const Shape *shape);
CoordBox shape_box(const Shape *shape);

/* ------------------------------------------------------------------ mistakes (fault.c) */

/* One thing wrong, and where. */
typedef struct AreaFault AreaFault;
struct AreaFault {
    AreaFault *next;
    Str where; /* "feature 3 (510105002002001), part 1, ring 2, point 5" or the codes of areas */
    bool has_at;
    Point at;
    i64 m2;    /* of an overlap, a gap or what sticks out */
    const char *key;
    const TextArg *args;
    size_t args_n;
};

enum { AREA_FAULTS_MAX = 1000 };

typedef struct AreaFaults {
    AreaFault *first, *last;
    size_t n; /* all; only the first AREA_FAULTS_MAX are kept */
} AreaFaults;

/* "where (30.66 N, 104.06 E): what", one line each, in the Ctx's language. */
Str area_faults_text(Ctx *cx, const AreaFaults *faults);

/* ------------------------------------------------------------------ reading (keep.c) */

typedef struct Area Area;
struct Area {
    Area *next;
    PlaceId place, parent;
    Str level, path, code;
    Words name;
    Day valid_from, valid_to; /* NO_DAY: still */
    bool synthetic;
    Shape shape;
};

/* Of one level ("" of every level) on one day, in the order of codes. */
MUST_USE Err area_list(Ctx *cx, Str level, Day day, Area **out);
/* The newest inside a path: of the highest level that has any there. For maps. */
MUST_USE Err area_list_inside(Ctx *cx, Str path, Area **out);
MUST_USE Err area_get(Ctx *cx, PlaceId place, Day day, Area *out); /* MISSING */
/* Every shape a place had, oldest first. */
MUST_USE Err area_list_history(Ctx *cx, PlaceId place, Area **out);

/* shapes.csv of the profile, when a district is made: after its places. */
MUST_USE Err areas_import_profile(Ctx *cx);

/* ------------------------------------------------------------- GeoJSON, RFC 7946 (geojson.c) */

enum { GEOJSON_BYTES_MAX = 32 << 20 };

/* An area as somebody wants it.  Where no place has the code, one is made inside the parent. */
typedef struct AreaDraft AreaDraft;
struct AreaDraft {
    AreaDraft *next;
    Str code, parent_code; /* the parent's may be empty: then by the beginning of the code */
    Words name;            /* may be empty where the place is known */
    PlaceId place, parent; /* set by areas_put */
    bool synthetic;
    Shape shape;
    size_t n;              /* which feature it was, from 1 */
};

/* A FeatureCollection whose features have the property code. All that is wrong with any of them
** goes to faults; E_INPUT when there was something. */
MUST_USE Err areas_read_geojson(Ctx *cx, Str text, Frame frame, AreaDraft **out,
                                AreaFaults *faults);
void areas_write_geojson(Buf *b, const Area *list, Frame frame);

/* ------------------------------------------------------------------ topology (topology.c) */

/* Of a level on a day: shapes valid, none over another, each inside its parent's, the parent's
** covered. What is thinner than AREA_SLIVER units comes from rounding and is no fault. Gaps are
** faults here and only told of when areas change. */
enum { AREA_SLIVER = 3 };
MUST_USE Err areas_check(Ctx *cx, Str level, Day day, AreaFaults *faults, i64 *out_checked);

/* ------------------------------------------------------------------ changing (change.c) */

/* An open matter in an area that changed. */
typedef struct AreaMatter AreaMatter;
struct AreaMatter {
    AreaMatter *next;
    MatterId matter;
    PlaceId place;
};

typedef Err AreaMattersFn(Ctx *cx, PlaceId place, AreaMatter **out);
/* At start: how to find open matters of a place.  Without it none are told. */
void areas_tell(House *house, AreaMattersFn *find);

typedef struct AreaOrder {
    Day day;    /* from which it holds: not before the area's last change */
    Str reason;
} AreaOrder;

typedef struct AreaOutcome {
    i64 made, changed, same; /* areas */
    AreaMatter *open;        /* in areas that changed: somebody must look whether they still fit */
    AreaFaults told;         /* gaps left, mistakes that refused it */
} AreaOutcome;

/* Puts these areas of one level in place, all or none. Refused (E_INPUT, faults in out->told) when
** two would lie over each other, one sticks out of its parent's area, or no place fits the code. */
MUST_USE Err areas_put(Ctx *cx, Str level, AreaDraft *drafts, const char *kind,
                       const AreaOrder *order, AreaOutcome *out);

/* The smaller piece becomes a new place with this code; the larger goes on under the old one. */
typedef struct AreaSplit {
    PlaceId place;
    const Point *line;
    size_t line_n;
    Str code;
    Words name;
} AreaSplit;
MUST_USE Err area_split(Ctx *cx, const AreaSplit *split, const AreaOrder *order, PlaceId *out_new,
                        AreaOutcome *out);

/* The others end and the first goes on with the whole; all neighbours inside one parent. */
MUST_USE Err areas_merge(Ctx *cx, const PlaceId *places, size_t n, const AreaOrder *order,
                         AreaOutcome *out);

/* ------------------------------------------------------------------ routing (map.c, route.c) */

enum { AREA_NEAR_M = 30 }; /* how far over a gap a point still counts to the nearest area */

typedef enum AreaHow {
    AREA_OUTSIDE, /* in no area of the level, nor in the place around it */
    AREA_GAP,     /* inside the parent's area, in none of the level, and none near */
    AREA_NEAR,    /* in a gap: the nearest of the same parent */
    AREA_BORDER,  /* on a border: of those that meet there the one with the lowest code */
    AREA_INSIDE
} AreaHow;

typedef struct AreaAnswer {
    AreaHow how;
    PlaceId place; /* none for AREA_OUTSIDE and AREA_GAP */
    PlaceId inside; /* the smallest place above the level whose area holds the point, if any */
    i64 metres;    /* of AREA_NEAR: to its border */
} AreaAnswer;

typedef struct AreaMap AreaMap;

/* At start, when the store is open: builds the first map. */
MUST_USE Err areas_use(Ctx *cx);
/* The map of everything committed when this Ctx began to read; stays until the Ctx ends. Inside a
** write it is that of before. */
MUST_USE Err areas_hold(Ctx *cx, const AreaMap **out);
/* Pure memory, for any thread that holds the map. */
AreaAnswer area_find(const AreaMap *map, Point p, Str level, Day day);
/* Around everything in the map: what coord_parse needs to tell the axes apart. */
CoordBox areas_box(const AreaMap *map);

/* A map of these areas alone, in the caller's arena; NULL when that is used up. For benches. */
AreaMap *area_map_build(Arena *arena, const Area *list, i64 edition);

#endif
