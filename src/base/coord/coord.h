/* coord.h -- points on the ground: the frames they are given in, how people write them, how far
** apart they are.
**
** A Point is what is stored: CGCS2000 (EPSG:4490), degrees times 10^7, one unit about a
** centimetre. Everything else is turned into it at the edge and back when it is shown. CGCS2000
** and WGS-84 differ by decimetres and are taken as equal, as the field does. GCJ-02 is what
** Chinese consumer maps show, BD-09 what Baidu's shows; both are published as formulas from
** WGS-84 only, so the way back is by iteration. Domain handbook 10.1. */
#ifndef COORD_COORD_H
#define COORD_COORD_H

#include "core/core.h"

#define DEGREE ((i64)10000000) /* units of a Point in one degree */

typedef struct Point {
    i32 lon, lat;
} Point;

/* In any frame. */
typedef struct Degrees {
    double lon, lat;
} Degrees;

/* Both edges belong to it. */
typedef struct CoordBox {
    i32 west, south, east, north;
} CoordBox;

typedef enum Frame { FRAME_CGCS2000, FRAME_WGS84, FRAME_GCJ02, FRAME_BD09, FRAMES_N } Frame;
Str frame_name(Frame frame);             /* "CGCS2000", "WGS-84", "GCJ-02", "BD-09" */
bool frame_parse(Str name, Frame *out);  /* also "gcj02", "bd09", "EPSG:4490", "EPSG:4326" */

/* What was given, as it is stored, right to one unit: the iteration ends below 10^-9 degrees. NULL
** or the key of the text that says what is wrong: not a number, not on the globe, or, along the
** edge of the box in which GCJ-02 shifts, no point of the globe that is shown there. Points
** outside that box stay as they are, as the published algorithm says; so do those of Hong Kong
** and others inside it get shifted, whatever maps do there. */
const char *coord_store(Degrees given, Frame frame, Point *out);
Degrees coord_show(Point p, Frame frame);
bool point_is(Point a, Point b);

/* Two numbers with degrees, minutes, seconds, hemispheres or words in English or Chinese; geo: of
** RFC 5870, ISO 6709, POINT() of well-known text. NULL, or the key of a text. Latitude and
** longitude are told apart by their marks, by the notation, by a number over 90, or because only
** one way round lies in the box (not NULL); otherwise the text is refused, never guessed at. */
const char *coord_parse(Str typed, const CoordBox *within, Degrees *out);
Str coord_text(Arena *a, Point p); /* "30.6600000 N, 104.0600000 E"; coord_parse reads it back */

/* Along the sphere of the Earth's mean radius, to the metre; at most 0.6 % from the ellipsoid. */
i64 coord_distance_m(Point a, Point b);

/* Gauss-Krueger on CGCS2000, scale 1 on the meridian (degrees), in metres east of it and north of
** the equator; right to a millimetre within 4 degrees of the meridian. */
typedef struct Plane {
    double east, north;
} Plane;
Plane coord_plane(Degrees d, double meridian);

#endif
