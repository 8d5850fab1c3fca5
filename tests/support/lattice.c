/* lattice.c -- invented areas. */
#include "support/lattice.h"

#include <assert.h>

i64 lattice_below(Lattice *l, i64 n)
{
    l->dice ^= l->dice >> 12; /* xorshift64*, Vigna 2016 */
    l->dice ^= l->dice << 25;
    l->dice ^= l->dice >> 27;
    return (i64)((l->dice * 0x2545F4914F6CDD1Du >> 11) % (u64)n);
}

Point lattice_point(Lattice *l)
{
    return (Point){ (i32)(l->box.west + lattice_below(l, (i64)l->box.east - l->box.west + 1)),
                    (i32)(l->box.south + lattice_below(l, (i64)l->box.north - l->box.south + 1)) };
}

/* The knots of all sides: corners at multiples of bends + 1.  Those on the rim stay on it. */
static Point *make_knots(Arena *arena, Lattice *l, int across, int up)
{
    Point *knots = arena_take(arena, (size_t)across * (size_t)up * sizeof *knots);
    assert(knots);
    i64 width = ((i64)l->box.east - l->box.west) / (across - 1),
        height = ((i64)l->box.north - l->box.south) / (up - 1);
    for (int j = 0; j < up; j++) {
        for (int i = 0; i < across; i++) {
            bool on_side = i == 0 || i == across - 1, on_end = j == 0 || j == up - 1;
            i64 east = i == across - 1 ? l->box.east : l->box.west + i * width,
                north = j == up - 1 ? l->box.north : l->box.south + j * height;
            knots[j * across + i] =
                (Point){ (i32)(east + (on_side ? 0 : lattice_below(l, width / 2) - width / 4)),
                         (i32)(north + (on_end ? 0 : lattice_below(l, height / 2) - height / 4)) };
        }
    }
    return knots;
}

/* Along the south, the east, the north and the west side of one cell. */
static Ring ring_of_cell(Arena *arena, const Point *knots, int across, int at, int step)
{
    const int moves[] = { 1, across, -1, -across };
    Ring r = { arena_take(arena, (size_t)(4 * step + 1) * sizeof(Point)), 0 };
    assert(r.at);
    for (int side = 0; side < 4; side++)
        for (int k = 0; k < step; k++, at += moves[side])
            r.at[r.n++] = knots[at];
    r.at[r.n] = r.at[0];
    r.n++;
    return r;
}

static Area *area_of_cell(Arena *arena, i64 id, Ring ring)
{
    Area *a = arena_take(arena, sizeof *a);
    Part *part = arena_take(arena, sizeof *part);
    Ring *rings = arena_take(arena, sizeof *rings);
    assert(a && part && rings);
    *rings = ring;
    *part = (Part){ rings, 1 };
    *a = (Area){ .place = { id }, .level = S("cell"), .valid_from = { 0 }, .valid_to = NO_DAY,
                 .path = str_format(arena, "/1/%lld/", (long long)id),
                 .code = str_format(arena, "%06lld", (long long)id), .shape = { part, 1 } };
    return a;
}

Area *lattice_areas(Arena *arena, Lattice *l)
{
    int step = l->bends + 1, across = l->columns * step + 1, up = l->rows * step + 1;
    const Point *knots = make_knots(arena, l, across, up);
    Area *first = NULL, **end = &first;
    i64 id = 0;
    for (int j = 0; j < l->rows; j++) {
        for (int i = 0; i < l->columns; i++) {
            int at = j * step * across + i * step;
            *end = area_of_cell(arena, ++id, ring_of_cell(arena, knots, across, at, step));
            end = &(*end)->next;
        }
    }
    return first;
}
