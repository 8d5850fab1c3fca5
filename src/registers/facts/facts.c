/* facts.c -- rules, working days and places, for anyone to read and to fetch as JSON. */
#include "facts/view.h"

#include "facts.html.h"
#include "text/text.h"

/* ------------------------------------------------------------------ rules */

static const Field RULES_FIELDS[] = {
    FIELD_LIST(RulesView, rules, Rule, RULE_FIELDS),
    FIELD_END
};

static Err get_rules(Req *rq)
{
    RulesView v;
    TRY(rule_list(rq->cx, &v.rules));
    REPLY(rq, rules_page, RULES_FIELDS, &v);
}

/* ------------------------------------------------------------------ calendar */

static const Field DAY_FIELDS[] = {
    FIELD(CalendarDay, day, DAY),
    FIELD(CalendarDay, is_workday, FLAG),
    FIELD(CalendarDay, name, TEXT),
    FIELD_END
};

static const Field YEAR_FIELDS[] = {
    FIELD(CalendarYear, year, INT),
    FIELD(CalendarYear, version, INT),
    FIELD(CalendarYear, workdays, INT),
    FIELD(CalendarYear, published, DAY),
    FIELD(CalendarYear, source, TEXT),
    FIELD_END
};

static const Field CALENDAR_FIELDS[] = {
    FIELD(CalendarView, year, INT),
    FIELD_LIST(CalendarView, days, CalendarDay, DAY_FIELDS),
    FIELD_LIST(CalendarView, years, CalendarYear, YEAR_FIELDS),
    FIELD_END
};

static Err get_calendar(Req *rq)
{
    Ctx *cx = rq->cx;
    CalendarView v = { .year = req_int(rq, "year", day_date(day_today(cx)).year) };
    TRY(ctx_err(cx));
    if (v.year < 1900 || v.year > 3000)
        return fail(cx, E_INPUT, "route.bad_parameter", V("name", S("year")));
    TRY(calendar_list_exceptions(cx, (int)v.year, &v.days));
    TRY(calendar_list_years(cx, &v.years));
    TRY(calendar_alarm(cx, &v.alarm));
    REPLY(rq, calendar_page, CALENDAR_FIELDS, &v);
}

/* ------------------------------------------------------------------ places */

enum { MAP_WIDTH = 640, MAP_BYTES_MAX = 512 * 1024 };

typedef struct Shape Shape;
struct Shape {
    Shape *next;
    Str ring;
    Words name;
    Str code;
};

typedef struct Box {
    i64 west, east, south, north;
} Box;

static const Field PLACES_FIELDS[] = {
    FIELD_STRUCT(PlacesView, here, PLACE_FIELDS),
    FIELD_LIST(PlacesView, inside, Place, PLACE_FIELDS),
    FIELD_LIST(PlacesView, periods, Place, PLACE_FIELDS),
    FIELD_END
};

/* Shapes two levels down where the place has no shaped children itself. */
static Err list_shapes(Ctx *cx, const Place *here, Shape **out)
{
    Query q = QUERY(
        cx,
        "SELECT s.ring, p.name_zh, p.name_en, p.code FROM place_shape s JOIN place p ON p.id ="
        " s.place WHERE p.path > $1 AND p.path < $2 AND p.valid_to IS NULL AND p.level ="
        " (SELECT c.level FROM place c JOIN place_shape t ON t.place = c.id WHERE c.path > $1"
        " AND c.path < $2 ORDER BY length(c.code), c.code LIMIT 1) ORDER BY p.code",
        T(here->path), T(path_end(cx, here->path)));
    *out = NULL;
    while (query_next(&q)) {
        Shape *s = NEW(cx, Shape);
        if (!s)
            break;
        s->ring = query_text(&q);
        s->name.in[LANG_ZH] = query_text(&q);
        s->name.in[LANG_EN] = query_text(&q);
        s->code = query_text(&q);
        *out = s;
        out = &s->next;
    }
    return query_end(&q);
}

static bool next_point(Str *ring, i64 *lon, i64 *lat)
{
    Str point, x;
    return str_cut(ring, ' ', &point) && str_cut(&point, ',', &x) && point.at && str_to_int(x, lon)
        && str_to_int(point, lat);
}

static Box box_of(const Shape *shapes)
{
    Box b = { INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN };
    i64 lon, lat;
    for (const Shape *s = shapes; s; s = s->next) {
        for (Str rest = s->ring; next_point(&rest, &lon, &lat);) {
            b.west = lon < b.west ? lon : b.west;
            b.east = lon > b.east ? lon : b.east;
            b.south = lat < b.south ? lat : b.south;
            b.north = lat > b.north ? lat : b.north;
        }
    }
    return b;
}

/* Degrees to pixels; at these latitudes a degree of longitude is about 0.86 of one of latitude. */
static void put_shape(Ctx *cx, Buf *b, const Shape *s, const Box *box)
{
    i64 lon, lat, width = box->east - box->west;
    buf_add_format(b, "<a href=\"/places/%.*s\"><path d=\"",
                   STR_ARGS(url_encoded(&cx->arena, s->code)));
    char move = 'M';
    for (Str rest = s->ring; next_point(&rest, &lon, &lat); move = 'L')
        buf_add_format(b, "%c%lld %lld", move, (long long)((lon - box->west) * MAP_WIDTH / width),
                       (long long)((box->north - lat) * MAP_WIDTH * 100 / (width * 86)));
    buf_add(b, S("z\"><title>"));
    Html h = html_new(cx);
    html_str(&h, words_in(s->name, cx->lang));
    buf_add(b, buf_str(&h.out));
    buf_add(b, S("</title></path></a>"));
}

static Markup map_of(Ctx *cx, const Shape *shapes)
{
    Buf b = buf_new(&cx->arena, MAP_BYTES_MAX);
    if (!shapes)
        return (Markup){ STR_EMPTY };
    Box box = box_of(shapes);
    i64 height = (box.north - box.south) * MAP_WIDTH * 100 / ((box.east - box.west) * 86);
    buf_add_format(&b, "<svg class=\"map\" viewBox=\"-4 -4 %d %lld\" role=\"group\">",
                   MAP_WIDTH + 8, (long long)height + 8);
    for (const Shape *s = shapes; s; s = s->next)
        put_shape(cx, &b, s, &box);
    buf_add(&b, S("</svg>"));
    return (Markup){ buf_str(&b) };
}

static Err view_place(Req *rq, PlacesView *v)
{
    Shape *shapes;
    TRY(place_list_inside(rq->cx, v->here.id, &v->inside));
    TRY(place_list_periods(rq->cx, v->here.id, &v->periods));
    TRY(list_shapes(rq->cx, &v->here, &shapes));
    v->map = map_of(rq->cx, shapes);
    return v->is_top ? place_list_succession(rq->cx, &v->succession) : OK;
}

static Err get_places(Req *rq)
{
    PlacesView v = { .is_top = true };
    TRY(place_district(rq->cx, &v.here));
    TRY(view_place(rq, &v));
    REPLY(rq, places_page, PLACES_FIELDS, &v);
}

static Err get_place(Req *rq)
{
    PlacesView v = { 0 };
    TRY(place_get_by_code(rq->cx, req_param(rq, "code"), day_today(rq->cx), &v.here));
    TRY(view_place(rq, &v));
    REPLY(rq, places_page, PLACES_FIELDS, &v);
}

static const Route ROUTES[] = {
    { GET, "/rules", get_rules, ACT_PUBLIC, FACE_PUBLIC, NULL, RULES_FIELDS, "Dated rules",
      .is_kept = true },
    { GET, "/calendar", get_calendar, ACT_PUBLIC, FACE_PUBLIC, NULL, CALENDAR_FIELDS,
      "Working days of a year", .is_kept = true },
    { GET, "/places", get_places, ACT_PUBLIC, FACE_PUBLIC, NULL, PLACES_FIELDS, "The district",
      .is_kept = true },
    { GET, "/places/{code}", get_place, ACT_PUBLIC, FACE_PUBLIC, NULL, PLACES_FIELDS,
      "One place by its code", .is_kept = true },
    ROUTE_END
};

const Module FACTS = { .name = "facts", .routes = ROUTES };
