/* coord.c -- points as people write them: what is read lies on the globe, reads the same when it
** is written again, and survives every frame. */
#include "fuzz/fuzz.h"

#include "coord/coord.h"

#include <math.h>

static const CoordBox QINGYANG = { 1039000000, 306000000, 1041000000, 307500000 };

/* Away from the edge of the box in which GCJ-02 shifts, every frame leads back. */
static bool is_clear(Degrees d)
{
    return fabs(d.lon - 72.004) > 0.01 && fabs(d.lon - 137.8347) > 0.01
        && fabs(d.lat - 0.8293) > 0.01 && fabs(d.lat - 55.8271) > 0.01 && fabs(d.lat) < 85
        && fabs(d.lon) < 179.9;
}

static void every_frame_leads_back(Point p)
{
    Point back;
    if (!is_clear(coord_show(p, FRAME_WGS84)))
        return;
    for (Frame f = 0; f < FRAMES_N; f++) {
        ensure(!coord_store(coord_show(p, f), f, &back));
        ensure(point_is(back, p));
    }
}

static void one(Ctx *cx, Str input)
{
    Degrees d, again, boxed;
    Point p, q;
    const char *fault = coord_parse(input, NULL, &d);
    const char *fault_in_box = coord_parse(input, &QINGYANG, &boxed);
    ensure(!fault_in_box || fault); /* a box decides more, never less */
    if (fault)
        return;
    ensure(d.lon == boxed.lon && d.lat == boxed.lat);
    ensure(fabs(d.lon) <= 180 && fabs(d.lat) <= 90);
    ensure(!coord_store(d, FRAME_CGCS2000, &p));
    ensure(!coord_parse(coord_text(&cx->arena, p), NULL, &again));
    ensure(!coord_store(again, FRAME_CGCS2000, &q) && point_is(p, q));
    ensure(coord_distance_m(p, q) == 0);
    every_frame_leads_back(p);
}

const FuzzTarget FUZZ = { NULL, one };
