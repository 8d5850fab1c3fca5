/* facts.c -- rules, working days and places, for anyone to read and to fetch as JSON. */
#include "facts/view.h"

#include "facts.html.h"
#include "areas/areas.h"
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

static const Field PLACES_FIELDS[] = {
    FIELD_STRUCT(PlacesView, here, PLACE_FIELDS),
    FIELD_LIST(PlacesView, inside, Place, PLACE_FIELDS),
    FIELD_LIST(PlacesView, periods, Place, PLACE_FIELDS),
    FIELD_END
};

static CoordBox box_of(const Area *list)
{
    CoordBox b = shape_box(&list->shape);
    for (const Area *a = list->next; a; a = a->next) {
        CoordBox one = shape_box(&a->shape);
        b.west = one.west < b.west ? one.west : b.west;
        b.east = one.east > b.east ? one.east : b.east;
        b.south = one.south < b.south ? one.south : b.south;
        b.north = one.north > b.north ? one.north : b.north;
    }
    return b;
}

static i64 width_of(const CoordBox *box)
{
    return (i64)box->east - box->west;
}

/* Degrees to pixels; at these latitudes a degree of longitude is about 0.86 of one of latitude. */
static void put_ring(Buf *b, const Ring *ring, const CoordBox *box)
{
    i64 width = width_of(box);
    for (size_t i = 0; i + 1 < ring->n; i++) {
        Point p = ring->at[i];
        buf_add_format(b, "%c%lld %lld", i ? 'L' : 'M',
                       (long long)(((i64)p.lon - box->west) * MAP_WIDTH / width),
                       (long long)(((i64)box->north - p.lat) * MAP_WIDTH * 100 / (width * 86)));
    }
    buf_add_char(b, 'z');
}

static void put_area(Ctx *cx, Buf *b, const Area *a, const CoordBox *box)
{
    buf_add_format(b, "<a href=\"/places/%.*s\"><path d=\"",
                   STR_ARGS(url_encoded(&cx->arena, a->code)));
    for (size_t i = 0; i < a->shape.n; i++)
        for (size_t k = 0; k < a->shape.parts[i].n; k++)
            put_ring(b, &a->shape.parts[i].rings[k], box);
    buf_add(b, S("\"><title>"));
    Html h = html_new(cx);
    html_str(&h, words_in(a->name, cx->lang));
    buf_add(b, buf_str(&h.out));
    buf_add(b, S("</title></path></a>"));
}

static Markup map_of(Ctx *cx, const Area *list)
{
    Buf b = buf_new(&cx->arena, MAP_BYTES_MAX);
    if (!list)
        return (Markup){ STR_EMPTY };
    CoordBox box = box_of(list);
    i64 height = ((i64)box.north - box.south) * MAP_WIDTH * 100 / (width_of(&box) * 86);
    buf_add_format(&b, "<svg class=\"map\" viewBox=\"-4 -4 %d %lld\" role=\"group\">",
                   MAP_WIDTH + 8, (long long)height + 8);
    for (const Area *a = list; a; a = a->next)
        put_area(cx, &b, a, &box);
    buf_add(&b, S("</svg>"));
    return (Markup){ buf_str(&b) };
}

static Err view_place(Req *rq, PlacesView *v)
{
    Area *areas;
    TRY(place_list_inside(rq->cx, v->here.id, &v->inside));
    TRY(place_list_periods(rq->cx, v->here.id, &v->periods));
    TRY(area_list_inside(rq->cx, v->here.path, &areas));
    v->map = map_of(rq->cx, areas);
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
