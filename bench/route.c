/* route.c -- how many points a second find their area among a thousand, on one core.
**
** Prints lines "NAME lookups a second": ours is the flat map, geos prepared polygons in a tree,
** postgis the same points there, when LINLI_POSTGRES names a server that has it; and how many
** answers differ between them. bench/route.py judges. */
#include "areas/areas.h"
#include "support/lattice.h"

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POINTS = 1 << 18, ROUNDS = 8, GEOS_POINTS = 1 << 16, POSTGIS_POINTS = 20000 };

static Point points[POINTS];
static i64 expected[POINTS];

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ------------------------------------------------------------------ ours */

static double run_ours(const AreaMap *map)
{
    const Day day = { 20000 };
    i64 found = 0;
    double began = seconds();
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < POINTS; i++)
            found += area_find(map, points[i], S("cell"), day).place.value;
    double took = seconds() - began;
    for (size_t i = 0; i < POINTS; i++)
        expected[i] = area_find(map, points[i], S("cell"), day).place.value;
    if (found == 0)
        exit(1);
    return (double)POINTS * ROUNDS / took;
}

/* ------------------------------------------------------------------ GEOS */

typedef struct Look {
    GEOSContextHandle_t geos;
    const GEOSGeometry *point;
    i64 best;
} Look;

typedef struct Ready {
    const GEOSPreparedGeometry *prepared;
    i64 id;
} Ready;

static void look(void *item, void *arg)
{
    const Ready *ready = item;
    Look *l = arg;
    if ((l->best == 0 || ready->id < l->best)
        && GEOSPreparedCovers_r(l->geos, ready->prepared, l->point) == 1)
        l->best = ready->id;
}

static GEOSGeometry *polygon(GEOSContextHandle_t geos, const Ring *r)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(geos, (unsigned)r->n, 2);
    for (size_t i = 0; i < r->n; i++)
        GEOSCoordSeq_setXY_r(geos, s, (unsigned)i, r->at[i].lon, r->at[i].lat);
    return GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, s), NULL, 0);
}

static i64 find_by_geos(GEOSContextHandle_t geos, GEOSSTRtree *tree, Point p)
{
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geos, p.lon, p.lat);
    Look l = { geos, point, 0 };
    GEOSSTRtree_query_r(geos, tree, point, look, &l);
    GEOSGeom_destroy_r(geos, point);
    return l.best;
}

static double run_geos(const Area *list, i64 *out_differ)
{
    static Ready ready[2000];
    size_t n = 0;
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSSTRtree *tree = GEOSSTRtree_create_r(geos, 10);
    for (const Area *a = list; a; a = a->next, n++) {
        GEOSGeometry *whole = polygon(geos, &a->shape.parts[0].rings[0]);
        ready[n] = (Ready){ GEOSPrepare_r(geos, whole), a->place.value };
        GEOSSTRtree_insert_r(geos, tree, whole, &ready[n]);
    }
    for (size_t i = 0; i < GEOS_POINTS; i++)
        *out_differ += find_by_geos(geos, tree, points[i]) != expected[i];
    double began = seconds();
    for (size_t i = 0; i < GEOS_POINTS; i++)
        *out_differ += find_by_geos(geos, tree, points[i]) != expected[i];
    return GEOS_POINTS / (seconds() - began);
}

/* ------------------------------------------------------------------ PostGIS */

static bool run_sql(PGconn *db, const char *sql)
{
    PGresult *r = PQexec(db, sql);
    bool good = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!good)
        fprintf(stderr, "%s", PQerrorMessage(db));
    PQclear(r);
    return good;
}

static bool put_areas(PGconn *db, const Area *list)
{
    static char sql[1 << 16];
    bool good = run_sql(db, "CREATE EXTENSION IF NOT EXISTS postgis")
        && run_sql(db, "CREATE TEMP TABLE a (id INT PRIMARY KEY, g geometry(Polygon))");
    for (const Area *a = list; good && a; a = a->next) {
        const Ring *r = &a->shape.parts[0].rings[0];
        int n = snprintf(sql, sizeof sql, "INSERT INTO a VALUES (%lld, 'POLYGON((",
                         (long long)a->place.value);
        for (size_t i = 0; i < r->n; i++)
            n += snprintf(sql + n, sizeof sql - (size_t)n, "%s%d %d", i ? "," : "", r->at[i].lon,
                          r->at[i].lat);
        snprintf(sql + n, sizeof sql - (size_t)n, "))')");
        good = run_sql(db, sql);
    }
    return good && run_sql(db, "CREATE INDEX a_g ON a USING GIST (g)") && run_sql(db, "ANALYZE a");
}

static bool put_points(PGconn *db)
{
    char line[100];
    if (!run_sql(db, "CREATE TEMP TABLE p (n INT, x INT, y INT, want INT)"))
        return false;
    PGresult *r = PQexec(db, "COPY p FROM STDIN");
    bool good = PQresultStatus(r) == PGRES_COPY_IN;
    PQclear(r);
    for (int i = 0; good && i < POSTGIS_POINTS; i++) {
        int n = snprintf(line, sizeof line, "%d\t%d\t%d\t%lld\n", i, points[i].lon, points[i].lat,
                         (long long)expected[i]);
        good = PQputCopyData(db, line, n) == 1;
    }
    good = good && PQputCopyEnd(db, NULL) == 1;
    while ((r = PQgetResult(db)))
        PQclear(r);
    return good && run_sql(db, "ANALYZE p")
        && run_sql(db, "SET max_parallel_workers_per_gather = 0");
}

/* All points in one statement, so that no time goes into talking: PostGIS at its best. */
static double run_postgis(PGconn *db, i64 *out_differ)
{
    double began = wall_seconds();
    PGresult *r = PQexec(db, "SELECT COUNT(*) FROM p WHERE want IS DISTINCT FROM (SELECT MIN(a.id)"
                             " FROM a WHERE ST_Covers(a.g, ST_Point(p.x, p.y)))");
    double took = wall_seconds() - began;
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
        *out_differ += atoll(PQgetvalue(r, 0, 0));
    else
        ++*out_differ;
    PQclear(r);
    return POSTGIS_POINTS / took;
}

static PGconn *open_postgis(void)
{
    const char *pattern = getenv("LINLI_POSTGRES"), *word = "DATABASE";
    char url[1000];
    const char *at = pattern ? strstr(pattern, word) : NULL;
    if (!at)
        return NULL;
    snprintf(url, sizeof url, "%.*spostgres%s", (int)(at - pattern), pattern, at + strlen(word));
    PGconn *db = PQconnectdb(url);
    if (PQstatus(db) == CONNECTION_OK)
        return db;
    fprintf(stderr, "%s", PQerrorMessage(db));
    PQfinish(db);
    return NULL;
}

/* ------------------------------------------------------------------ all of it */

int main(void)
{
    Arena arena = arena_new((size_t)1 << 30);
    Lattice lattice = { { 1040000000, 306400000, 1040800000, 307000000 }, 40, 25, 7, 1 };
    Area *list = lattice_areas(&arena, &lattice);
    AreaMap *map = area_map_build(&arena, list, 1);
    i64 differ = 0;
    for (size_t i = 0; i < POINTS; i++)
        points[i] = lattice_point(&lattice);
    printf("ours %.0f\n", run_ours(map));
    printf("geos %.0f\n", run_geos(list, &differ));
    PGconn *db = open_postgis();
    if (db && put_areas(db, list) && put_points(db))
        printf("postgis %.0f\n", run_postgis(db, &differ));
    if (db)
        PQfinish(db);
    printf("differ %lld\n", (long long)differ);
    return differ != 0;
}
