/* coord.c -- frames into each other, and distances. */
#include "coord/coord.h"

#include <math.h>

#define PI 3.14159265358979323846

/* ------------------------------------------------------------------ frames */

static const struct FrameRow {
    Frame frame;
    const char *names[4]; /* the first is how it is written */
} FRAMES[] = {
    { FRAME_CGCS2000, { "CGCS2000", "EPSG:4490" } },
    { FRAME_WGS84, { "WGS-84", "WGS84", "EPSG:4326", "CRS84" } },
    { FRAME_GCJ02, { "GCJ-02", "GCJ02" } },
    { FRAME_BD09, { "BD-09", "BD09" } },
};

Str frame_name(Frame frame)
{
    return str_of(FRAMES[frame].names[0]);
}

bool frame_parse(Str name, Frame *out)
{
    for (size_t i = 0; i < COUNT(FRAMES); i++) {
        for (size_t k = 0; k < COUNT(FRAMES[i].names) && FRAMES[i].names[k]; k++) {
            *out = FRAMES[i].frame;
            if (str_is_nocase(str_of(FRAMES[i].names[k]), name))
                return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ GCJ-02 and BD-09, forwards */

/* Outside this box GCJ-02 is WGS-84. */
static const Degrees BOX_LEAST = { 72.004, 0.8293 }, BOX_MOST = { 137.8347, 55.8271 };

static bool is_shifted(Degrees d, double slack)
{
    return d.lon >= BOX_LEAST.lon - slack && d.lon <= BOX_MOST.lon + slack
        && d.lat >= BOX_LEAST.lat - slack && d.lat <= BOX_MOST.lat + slack;
}

static double waves(double x)
{
    return (20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2 / 3;
}

static double north_metres(double x, double y)
{
    return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) + waves(x)
         + (20 * sin(PI * y) + 40 * sin(PI * y / 3)) * 2 / 3
         + (160 * sin(PI * y / 12) + 320 * sin(PI * y / 30)) * 2 / 3;
}

static double east_metres(double x, double y)
{
    return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) + waves(x)
         + (20 * sin(PI * x) + 40 * sin(PI * x / 3)) * 2 / 3
         + (150 * sin(PI * x / 12) + 300 * sin(PI * x / 30)) * 2 / 3;
}

/* On the ellipsoid of Krassowsky 1940, wherever the point lies. */
static Degrees shifted(Degrees d)
{
    const double axis = 6378245.0, ee = 0.00669342162296594323;
    double x = d.lon - 105, y = d.lat - 35, lat = d.lat / 180 * PI;
    double magic = 1 - ee * sin(lat) * sin(lat), root = sqrt(magic);
    return (Degrees){ d.lon + east_metres(x, y) * 180 / (axis / root * cos(lat) * PI),
                      d.lat + north_metres(x, y) * 180
                                  / (axis * (1 - ee) / (magic * root) * PI) };
}

static Degrees to_bd09(Degrees gcj)
{
    const double k = PI * 3000 / 180;
    double z = hypot(gcj.lon, gcj.lat) + 0.00002 * sin(gcj.lat * k);
    double theta = atan2(gcj.lat, gcj.lon) + 0.000003 * cos(gcj.lon * k);
    return (Degrees){ z * cos(theta) + 0.0065, z * sin(theta) + 0.006 };
}

static Degrees to_gcj02(Degrees d)
{
    return is_shifted(d, 0) ? shifted(d) : d;
}

/* ------------------------------------------------------------------ and back */

enum { ROUNDS_MAX = 20 };
static const double CLOSE = 1e-10, EDGE = 1e-8; /* degrees */

/* The point that way leads to the target. */
static bool undone(Degrees (*way)(Degrees), Degrees target, Degrees *out)
{
    *out = target;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        Degrees there = way(*out);
        double east = there.lon - target.lon, north = there.lat - target.lat;
        out->lon -= east;
        out->lat -= north;
        if (fabs(east) < CLOSE && fabs(north) < CLOSE)
            return true;
    }
    return false;
}

/* The formula is followed a little way over the edge of the box, so that it converges there too;
** a point that comes out beyond the edge was never shifted to here. */
static bool from_gcj02(Degrees gcj, Degrees *out)
{
    *out = gcj;
    return !is_shifted(gcj, 0) || (undone(shifted, gcj, out) && is_shifted(*out, EDGE));
}

static bool is_on_globe(Degrees d)
{
    return isfinite(d.lon) && isfinite(d.lat) && fabs(d.lon) <= 180 && fabs(d.lat) <= 90;
}

const char *coord_store(Degrees d, Frame frame, Point *out)
{
    *out = (Point){ 0, 0 };
    if (!is_on_globe(d))
        return N_("coord.not_on_globe");
    if (frame == FRAME_BD09 && !undone(to_bd09, d, &d))
        return N_("coord.shown_nowhere");
    if ((frame == FRAME_GCJ02 || frame == FRAME_BD09) && !from_gcj02(d, &d))
        return N_("coord.shown_nowhere");
    if (!is_on_globe(d))
        return N_("coord.not_on_globe");
    *out = (Point){ (i32)lround(d.lon * (double)DEGREE), (i32)lround(d.lat * (double)DEGREE) };
    return NULL;
}

Degrees coord_show(Point p, Frame frame)
{
    Degrees d = { (double)p.lon / (double)DEGREE, (double)p.lat / (double)DEGREE };
    if (frame == FRAME_GCJ02)
        return to_gcj02(d);
    return frame == FRAME_BD09 ? to_bd09(to_gcj02(d)) : d;
}

bool point_is(Point a, Point b)
{
    return a.lon == b.lon && a.lat == b.lat;
}

/* ------------------------------------------------------------------ writing */

static void put_axis(Buf *b, i64 units, char positive, char negative)
{
    i64 size = units < 0 ? -units : units;
    buf_add_format(b, "%lld.%07lld %c", (long long)(size / DEGREE), (long long)(size % DEGREE),
                   units < 0 ? negative : positive);
}

Str coord_text(Arena *a, Point p)
{
    Buf b = buf_new(a, 64);
    put_axis(&b, p.lat, 'N', 'S');
    buf_add(&b, S(", "));
    put_axis(&b, p.lon, 'E', 'W');
    return buf_str(&b);
}

/* ------------------------------------------------------------------ metres */

i64 coord_distance_m(Point a, Point b)
{
    const double radius = 6371008.8, unit = PI / 180 / (double)DEGREE;
    double south = sin((double)((i64)a.lat - b.lat) * unit / 2);
    double west = sin((double)((i64)a.lon - b.lon) * unit / 2);
    double h = south * south + cos(a.lat * unit) * cos(b.lat * unit) * west * west;
    return llround(2 * radius * asin(sqrt(h < 1 ? h : 1)));
}

/* Krueger's series in the third flattening n, to n^4; Karney 2011, "Transverse Mercator with an
** accuracy of a few nanometers", equations 7 to 14 and 35. */
Plane coord_plane(Degrees d, double meridian)
{
    const double axis = 6378137, f = 1 / 298.257222101, n = f / (2 - f), e = sqrt(f * (2 - f));
    const double radius = axis / (1 + n) * (1 + n * n / 4 + n * n * n * n / 64);
    const double alpha[] = { n / 2 - 2 * n * n / 3 + 5 * n * n * n / 16 + 41 * n * n * n * n / 180,
                             13 * n * n / 48 - 3 * n * n * n / 5 + 557 * n * n * n * n / 1440,
                             61 * n * n * n / 240 - 103 * n * n * n * n / 140,
                             49561 * n * n * n * n / 161280 };
    double lon = (d.lon - meridian) / 180 * PI, sine = sin(d.lat / 180 * PI);
    double t = sinh(atanh(sine) - e * atanh(e * sine));
    double xi = atan2(t, cos(lon)), eta = asinh(sin(lon) / hypot(t, cos(lon)));
    Plane p = { eta, xi };
    for (int j = 1; j <= 4; j++) {
        p.east += alpha[j - 1] * cos(2 * j * xi) * sinh(2 * j * eta);
        p.north += alpha[j - 1] * sin(2 * j * xi) * cosh(2 * j * eta);
    }
    return (Plane){ p.east * radius, p.north * radius };
}
