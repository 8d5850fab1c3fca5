/* map.c -- which area a point lies in: all areas of all days in one flat piece of memory that
** never changes once it is built.
**
** Each level has an STR tree (Leutenegger, Lopez, Edgington 1997) over the boxes of its areas,
** eight to a node, and each area its edges, sorted into slabs from south to north so that a
** lookup meets only a few of them. All in whole units: whether a point lies on a border is exact.
** Why not GEOS's prepared polygons: docs/decisions/020. */
#include "areas/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { FANOUT = 8, DEPTH_MAX = 8, SLABS_MAX = 512, EDGES_IN_SLAB = 4, STACK = 256 };

typedef struct Edge {
    Point from, to;
} Edge;

typedef struct MapArea {
    CoordBox box;
    Day from, to; /* NO_DAY: still */
    PlaceId place;
    Str path;
    u32 rank; /* in the order of codes */
    const Edge *edges;
    const u32 *starts; /* of slabs_n + 1 */
    u32 slabs_n;
    i64 slab_units;
} MapArea;

typedef struct MapLevel {
    Str name;
    size_t height; /* places above it */
    MapArea *areas;
    size_t n;
    CoordBox *rows[DEPTH_MAX]; /* the first above the areas, the last a single box */
    size_t row_n[DEPTH_MAX];
    size_t depth;
} MapLevel;

struct AreaMap {
    i64 edition;
    CoordBox box;
    MapLevel levels[PROFILE_LEVELS_MAX];
    size_t levels_n;
};

i64 area_map_edition(const AreaMap *map)
{
    return map->edition;
}

CoordBox areas_box(const AreaMap *map)
{
    return map->box;
}

/* ------------------------------------------------------------------ edges in slabs */

static size_t slab_of(const MapArea *a, i64 lat)
{
    return (size_t)((lat - a->box.south) / a->slab_units);
}

static void edge_slabs(const MapArea *a, const Edge *e, size_t *first, size_t *last)
{
    bool is_up = e->from.lat < e->to.lat;
    *first = slab_of(a, is_up ? e->from.lat : e->to.lat);
    *last = slab_of(a, is_up ? e->to.lat : e->from.lat);
}

static Edge *edges_of(Arena *arena, const Shape *shape, size_t *out_n)
{
    size_t n = 0;
    Edge *edges = arena_take(arena, (shape_points(shape) + 1) * sizeof *edges);
    for (size_t i = 0; edges && i < shape->n; i++)
        for (size_t k = 0; k < shape->parts[i].n; k++)
            for (size_t j = 0; j + 1 < shape->parts[i].rings[k].n; j++)
                edges[n++] = (Edge){ shape->parts[i].rings[k].at[j],
                                     shape->parts[i].rings[k].at[j + 1] };
    *out_n = n;
    return edges;
}

/* An edge stands in every slab it runs through. */
static bool sort_edges(Arena *arena, MapArea *a, const Shape *shape)
{
    size_t n, first, last;
    const Edge *all = edges_of(arena, shape, &n);
    if (!all)
        return false;
    size_t slabs = n / EDGES_IN_SLAB + 1;
    a->slabs_n = (u32)(slabs > SLABS_MAX ? SLABS_MAX : slabs);
    a->slab_units = ((i64)a->box.north - a->box.south) / a->slabs_n + 1;
    u32 *starts = arena_take(arena, (a->slabs_n + 2) * sizeof *starts);
    if (!starts)
        return false;
    for (size_t i = 0; i < n; i++) {
        edge_slabs(a, &all[i], &first, &last);
        for (size_t s = first; s <= last; s++)
            starts[s + 2]++;
    }
    for (size_t s = 2; s <= a->slabs_n; s++)
        starts[s + 1] += starts[s];
    Edge *sorted = arena_take(arena, ((size_t)starts[a->slabs_n + 1] + 1) * sizeof *sorted);
    for (size_t i = 0; sorted && i < n; i++) {
        edge_slabs(a, &all[i], &first, &last);
        for (size_t s = first; s <= last; s++)
            sorted[starts[s + 1]++] = all[i];
    }
    a->edges = sorted;
    a->starts = starts;
    return sorted != NULL;
}

/* ------------------------------------------------------------------ the tree */

static i64 middle_lon(const CoordBox *b)
{
    return (i64)b->west + b->east;
}

static i64 middle_lat(const CoordBox *b)
{
    return (i64)b->south + b->north;
}

static int by_middle_lon(const void *a, const void *b)
{
    i64 x = middle_lon(&((const MapArea *)a)->box), y = middle_lon(&((const MapArea *)b)->box);
    return (x > y) - (x < y);
}

static int by_middle_lat(const void *a, const void *b)
{
    i64 x = middle_lat(&((const MapArea *)a)->box), y = middle_lat(&((const MapArea *)b)->box);
    return (x > y) - (x < y);
}

/* Vertical slices of about as many nodes as there are slices, each sorted from south to north. */
static void sort_tiles(MapArea *areas, size_t n)
{
    size_t nodes = (n + FANOUT - 1) / FANOUT;
    size_t slice = (size_t)ceil(sqrt((double)nodes)) * FANOUT;
    qsort(areas, n, sizeof *areas, by_middle_lon);
    for (size_t i = 0; i < n; i += slice)
        qsort(areas + i, n - i < slice ? n - i : slice, sizeof *areas, by_middle_lat);
}

static void widen(CoordBox *box, const CoordBox *by)
{
    box->west = by->west < box->west ? by->west : box->west;
    box->east = by->east > box->east ? by->east : box->east;
    box->south = by->south < box->south ? by->south : box->south;
    box->north = by->north > box->north ? by->north : box->north;
}

static const CoordBox *box_below(const MapLevel *level, size_t row, size_t i)
{
    return row == 0 ? &level->areas[i].box : &level->rows[row - 1][i];
}

static bool build_rows(Arena *arena, MapLevel *level)
{
    size_t below = level->n;
    do {
        size_t row = level->depth++, n = (below + FANOUT - 1) / FANOUT;
        CoordBox *boxes = arena_take(arena, n * sizeof *boxes);
        if (!boxes)
            return false;
        for (size_t i = 0; i < below; i++) {
            if (i % FANOUT == 0)
                boxes[i / FANOUT] = *box_below(level, row, i);
            widen(&boxes[i / FANOUT], box_below(level, row, i));
        }
        level->rows[row] = boxes;
        level->row_n[row] = below = n;
    } while (below > 1 && level->depth < DEPTH_MAX);
    return true;
}

/* ------------------------------------------------------------------ building */

static MapLevel *level_named(AreaMap *map, Str name)
{
    for (size_t i = 0; i < map->levels_n; i++)
        if (str_is(map->levels[i].name, name))
            return &map->levels[i];
    return NULL;
}

static MapLevel *level_for(Arena *arena, AreaMap *map, Str name, size_t areas_max)
{
    MapLevel *level = level_named(map, name);
    if (level || map->levels_n == PROFILE_LEVELS_MAX)
        return level;
    level = &map->levels[map->levels_n];
    *level = (MapLevel){ .name = str_copy(arena, name),
                         .areas = arena_take(arena, areas_max * sizeof(MapArea)) };
    map->levels_n += level->areas != NULL;
    return level->areas ? level : NULL;
}

static size_t steps_of(Str path)
{
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++)
        n += path.at[i] == '/';
    return n;
}

static bool add_area(Arena *arena, AreaMap *map, MapLevel *level, const Area *area)
{
    MapArea *a = &level->areas[level->n];
    *a = (MapArea){ .box = shape_box(&area->shape), .from = area->valid_from, .to = area->valid_to,
                    .place = area->place, .path = str_copy(arena, area->path),
                    .rank = (u32)level->n };
    level->n++;
    level->height = steps_of(area->path);
    widen(&map->box, &a->box);
    return sort_edges(arena, a, &area->shape);
}

static size_t count_level(const Area *list, Str level)
{
    size_t n = 0;
    for (const Area *a = list; a; a = a->next)
        n += str_is(a->level, level);
    return n;
}

/* The list is in the order of codes: so are the ranks. */
AreaMap *area_map_build(Arena *arena, const Area *list, i64 edition)
{
    AreaMap *map = arena_take(arena, sizeof *map);
    if (!map)
        return NULL;
    map->edition = edition;
    map->box = (CoordBox){ INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN };
    for (const Area *a = list; a; a = a->next) {
        MapLevel *level = level_named(map, a->level);
        if (!level)
            level = level_for(arena, map, a->level, count_level(list, a->level));
        if (!level || !add_area(arena, map, level, a))
            return NULL;
    }
    for (size_t i = 0; i < map->levels_n; i++) {
        sort_tiles(map->levels[i].areas, map->levels[i].n);
        if (!build_rows(arena, &map->levels[i]))
            return NULL;
    }
    return arena->is_short ? NULL : map;
}

/* ------------------------------------------------------------------ a point and one area */

static bool box_has(const CoordBox *b, Point p)
{
    return p.lon >= b->west && p.lon <= b->east && p.lat >= b->south && p.lat <= b->north;
}

/* Goes the ray to the east from p over this edge?  *out_on: p lies on the edge. The lower end of
** an edge belongs to it, the upper one not. Where p lies between the ends in longitude the
** products stay below 2^62. */
static bool goes_over(const Edge *e, Point p, bool *out_on)
{
    i64 ax = e->from.lon, ay = e->from.lat, bx = e->to.lon, by = e->to.lat;
    i64 west = ax < bx ? ax : bx, east = ax < bx ? bx : ax;
    i64 south = ay < by ? ay : by, north = ay < by ? by : ay;
    if (p.lat < south || p.lat > north || p.lon > east)
        return false;
    bool crosses = (ay > p.lat) != (by > p.lat);
    if (p.lon < west)
        return crosses;
    i64 side = (bx - ax) * (p.lat - ay) - (p.lon - ax) * (by - ay);
    *out_on = *out_on || side == 0;
    return crosses && (by > ay ? side > 0 : side < 0);
}

static AreaHow lies_how(const MapArea *a, Point p)
{
    size_t slab = slab_of(a, p.lat);
    bool is_inside = false, is_on = false;
    for (u32 i = a->starts[slab]; i < a->starts[slab + 1] && !is_on; i++)
        is_inside ^= goes_over(&a->edges[i], p, &is_on);
    return is_on ? AREA_BORDER : is_inside ? AREA_INSIDE : AREA_OUTSIDE;
}

static bool holds_on(const MapArea *a, Day day)
{
    return !day_before(day, a->from) && (!day_is_set(a->to) || day_before(day, a->to));
}

/* ------------------------------------------------------------------ a point and a level */

typedef struct Best {
    const MapArea *area;
    AreaHow how;
} Best;

static void look_at_areas(const MapLevel *level, size_t node, Point p, Day day, Best *best)
{
    size_t end = node * FANOUT + FANOUT;
    for (size_t i = node * FANOUT; i < end && i < level->n; i++) {
        const MapArea *a = &level->areas[i];
        if (!box_has(&a->box, p) || !holds_on(a, day)
            || (best->area && best->area->rank < a->rank))
            continue;
        AreaHow how = lies_how(a, p);
        if (how != AREA_OUTSIDE)
            *best = (Best){ a, how };
    }
}

/* Of all that hold the point, the one with the lowest code. */
static Best find_in_level(const MapLevel *level, Point p, Day day)
{
    struct { size_t row, node; } stack[STACK];
    size_t n = 1;
    Best best = { NULL, AREA_OUTSIDE };
    stack[0].row = level->depth - 1;
    stack[0].node = 0;
    while (n) {
        size_t row = stack[--n].row, node = stack[n].node;
        if (!box_has(&level->rows[row][node], p))
            continue;
        if (row == 0) {
            look_at_areas(level, node, p, day, &best);
            continue;
        }
        size_t end = node * FANOUT + FANOUT;
        for (size_t i = node * FANOUT; i < end && i < level->row_n[row - 1]; i++) {
            stack[n].row = row - 1;
            stack[n++].node = i;
        }
    }
    return best;
}

/* ------------------------------------------------------------------ gaps */

/* Metres from a point to an edge, on a plane around the point. */
static double metres_to(const Edge *e, Point p)
{
    const double unit = 6371008.8 * PI / 180 / (double)DEGREE;
    double scale = cos((double)p.lat / (double)DEGREE * PI / 180);
    double ax = ((double)e->from.lon - p.lon) * unit * scale;
    double ay = ((double)e->from.lat - p.lat) * unit;
    double dx = ((double)e->to.lon - e->from.lon) * unit * scale;
    double dy = ((double)e->to.lat - e->from.lat) * unit;
    double along = dx * dx + dy * dy, t = along > 0 ? -(ax * dx + ay * dy) / along : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(ax + t * dx, ay + t * dy);
}

static double metres_to_area(const MapArea *a, Point p)
{
    double best = INFINITY;
    for (u32 i = 0; i < a->starts[a->slabs_n]; i++) {
        double m = metres_to(&a->edges[i], p);
        best = m < best ? m : best;
    }
    return best;
}

/* A box around it that holds every point at most AREA_NEAR_M away. */
static bool is_near_box(const CoordBox *b, Point p)
{
    const i64 north = AREA_NEAR_M * DEGREE / 111000 + 1;
    double scale = cos((double)p.lat / (double)DEGREE * PI / 180);
    i64 east = (i64)((double)north / (scale > 0.01 ? scale : 0.01)) + 1;
    return p.lon >= b->west - east && p.lon <= b->east + east && p.lat >= b->south - north
        && p.lat <= b->north + north;
}

static void find_near(const MapLevel *level, Point p, Day day, Str parent, AreaAnswer *out)
{
    double best = AREA_NEAR_M;
    u32 rank = UINT32_MAX;
    for (size_t i = 0; i < level->n; i++) {
        const MapArea *a = &level->areas[i];
        if (!is_near_box(&a->box, p) || !holds_on(a, day)
            || (parent.n && !path_covers(parent, a->path)))
            continue;
        double metres = metres_to_area(a, p);
        if (metres > best || (metres == best && a->rank > rank))
            continue;
        best = metres;
        rank = a->rank;
        out->how = AREA_NEAR;
        out->place = a->place;
        out->metres = lround(metres);
    }
}

/* The smallest area of another level that holds the point and lies above this one. */
static const MapArea *find_around(const AreaMap *map, const MapLevel *level, Point p, Day day,
                                  bool *out_has_any)
{
    const MapArea *best = NULL;
    size_t height = 0;
    *out_has_any = false;
    for (size_t i = 0; i < map->levels_n; i++) {
        const MapLevel *other = &map->levels[i];
        if (other->height >= level->height)
            continue;
        *out_has_any = true;
        Best found = find_in_level(other, p, day);
        if (!found.area || other->height < height)
            continue;
        best = found.area;
        height = other->height;
    }
    return best;
}

/* Where no level above has areas nobody knows whether this is a gap or outside: what is near
   counts. */
static AreaAnswer answer_of_gap(const AreaMap *map, const MapLevel *level, Point p, Day day)
{
    bool has_any;
    const MapArea *around = find_around(map, level, p, day, &has_any);
    AreaAnswer out = { .how = around ? AREA_GAP : AREA_OUTSIDE };
    if (around)
        out.inside = around->place;
    if (around || !has_any)
        find_near(level, p, day, around ? around->path : STR_EMPTY, &out);
    return out;
}

AreaAnswer area_find(const AreaMap *map, Point p, Str name, Day day)
{
    const MapLevel *level = NULL;
    for (size_t i = 0; i < map->levels_n && !level; i++)
        if (str_is(map->levels[i].name, name))
            level = &map->levels[i];
    if (!level)
        return (AreaAnswer){ .how = AREA_OUTSIDE };
    Best best = find_in_level(level, p, day);
    return best.area ? (AreaAnswer){ .how = best.how, .place = best.area->place }
                     : answer_of_gap(map, level, p, day);
}
