/* change.c -- areas put, split and merged, each change checked whole before it is written, and
** the open matters told that lie in what changed.
**
** Everything happens inside one write; a refusal leaves all as it was. */
#include "areas/private.h"

#include "text/text.h"

/* ------------------------------------------------------------------ who must hear of it */

static const char TELL_PART = 0;

typedef struct TellPart {
    AreaMattersFn *find;
} TellPart;

void areas_tell(House *house, AreaMattersFn *find)
{
    TellPart *part = house_get(house, &TELL_PART);
    if (!part)
        part = house_add(house, &TELL_PART, sizeof *part, NULL);
    part->find = find;
}

static Err tell_matters(Ctx *cx, PlaceId place, AreaOutcome *out)
{
    const TellPart *part = house_get(cx->house, &TELL_PART);
    AreaMatter *found = NULL, **end = &out->open;
    if (!part || !part->find)
        return OK;
    TRY(part->find(cx, place, &found));
    while (*end)
        end = &(*end)->next;
    *end = found;
    return OK;
}

/* ------------------------------------------------------------------ finding the places */

static Err find_parent(Ctx *cx, AreaDraft *d, Day day, Place *out)
{
    if (d->parent_code.n)
        return place_get_by_code(cx, d->parent_code, day, out);
    for (size_t n = d->code.n; n-- > 1;) {
        Err err = place_get_by_code(cx, str_first(d->code, n), day, out);
        if (err != E_MISSING)
            return err;
        ctx_forgive(cx);
    }
    return E_MISSING;
}

static Err add_place(Ctx *cx, AreaDraft *d, Str level, Day day)
{
    Place parent;
    Err err = find_parent(cx, d, day, &parent);
    if (err == E_MISSING) {
        ctx_forgive(cx);
        return fail(cx, E_INPUT, "areas.no_parent", V("code", d->code));
    }
    TRY(err);
    PlaceNew new = { .level = level, .code = d->code, .name = d->name, .parent = parent.id,
                     .from = day, .synthetic = d->synthetic };
    d->parent = parent.id;
    return place_add(cx, &new, &d->place);
}

/* A place of the level with the code, or one made for it where a name is given. */
static Err find_or_add(Ctx *cx, AreaDraft *d, Str level, Day day, AreaOutcome *out)
{
    Place p;
    Err err = place_get_by_code(cx, d->code, day, &p);
    if (err == OK) {
        d->place = p.id;
        d->parent = p.parent;
        return str_is(p.level, level) ? OK
             : fail(cx, E_INPUT, "areas.other_level", V("code", d->code), V("level", p.level));
    }
    if (err != E_MISSING)
        return err;
    ctx_forgive(cx);
    if (words_in(d->name, LANG_EN).n == 0)
        return fail(cx, E_INPUT, "areas.no_such_place", V("code", d->code));
    out->made++;
    return add_place(cx, d, level, day);
}

static Str where_of(Ctx *cx, const AreaDraft *d)
{
    if (!d->n)
        return d->code;
    return str_join(&cx->arena, text(cx, "areas.feature", text_int(cx, "n", (i64)d->n)),
                    str_format(&cx->arena, " %.*s", STR_ARGS(d->code)));
}

/* What refused one draft becomes a fault, so that all of them are told. */
static Err find_all(Ctx *cx, AreaDraft *drafts, Str level, Day day, AreaOutcome *out)
{
    for (AreaDraft *d = drafts; d; d = d->next) {
        Err err = find_or_add(cx, d, level, day, out);
        if (err == OK)
            continue;
        if (err != E_INPUT && err != E_CONFLICT)
            return err;
        const char *key = cx->failure.key;
        const TextArg *args = cx->failure.args;
        size_t n = cx->failure.args_n;
        ctx_forgive(cx);
        area_fault_at(cx, &out->told, where_of(cx, d), key, args, n);
    }
    return out->told.n ? fail(cx, E_INPUT, "areas.refused") : OK;
}

/* ------------------------------------------------------------------ the level as it would be */

static const AreaDraft *draft_of(const AreaDraft *drafts, PlaceId place)
{
    for (const AreaDraft *d = drafts; d; d = d->next)
        if (d->place.value == place.value)
            return d;
    return NULL;
}

static Err area_of_draft(Ctx *cx, const AreaDraft *d, Str level, Area *out)
{
    Place p;
    TRY(place_get(cx, d->place, &p));
    *out = (Area){ .place = d->place, .parent = p.parent, .level = level, .path = p.path,
                   .code = d->code, .name = p.name, .shape = d->shape };
    return OK;
}

/* The standing areas that are not drawn anew, with the drafts behind them. */
static Err level_after(Ctx *cx, const AreaDraft *drafts, Str level, Day day, LevelCheck *check)
{
    Area *list, *everything, **at = &list;
    size_t kept = 0, n = 0;
    TRY(area_list(cx, level, day, &list));
    TRY(area_list(cx, STR_EMPTY, day, &everything));
    while (*at) {
        if (draft_of(drafts, (*at)->place)) {
            *at = (*at)->next;
            continue;
        }
        kept++;
        at = &(*at)->next;
    }
    for (const AreaDraft *d = drafts; d; d = d->next, n++) {
        Area *a = NEW(cx, Area);
        if (!a)
            return E_LIMIT;
        TRY(area_of_draft(cx, d, level, a));
        *at = a;
        at = &a->next;
    }
    bool *is_new = NEW_ARRAY(cx, bool, kept + n + 1);
    for (size_t i = kept; is_new && i < kept + n; i++)
        is_new[i] = true;
    check->list = list;
    check->parents = everything;
    check->is_new = is_new;
    return is_new ? OK : E_LIMIT;
}

static Err check_after(Ctx *cx, const AreaDraft *drafts, Str level, Day day, AreaOutcome *out)
{
    AreaFaults gaps = { 0 };
    LevelCheck check = { .faults = &out->told, .gaps = &gaps };
    TRY(level_after(cx, drafts, level, day, &check));
    TRY(areas_check_level(cx, &check));
    if (out->told.n)
        return fail(cx, E_INPUT, "areas.refused");
    out->told = gaps;
    return OK;
}

/* ------------------------------------------------------------------ putting */

typedef struct Put {
    Str level;
    AreaDraft *drafts;
    const char *kind;
    const AreaOrder *order;
    AreaOutcome *out;
} Put;

static Err put_draft(Ctx *cx, const Put *put, const AreaDraft *d)
{
    bool changed;
    AreaRow row = { d->place, put->order->day, shape_text(cx, &d->shape), d->synthetic, put->kind,
                    put->order->reason };
    TRY(ctx_err(cx));
    TRY(area_put_row(cx, &row, &changed));
    put->out->changed += changed;
    put->out->same += !changed;
    return changed ? tell_matters(cx, d->place, put->out) : OK;
}

static Err refuse_doubles(Ctx *cx, const Put *put)
{
    for (const AreaDraft *d = put->drafts; d; d = d->next)
        if (draft_of(put->drafts, d->place) != d)
            area_fault(cx, &put->out->told, where_of(cx, d), N_("areas.code_twice"));
    return put->out->told.n ? fail(cx, E_INPUT, "areas.refused") : OK;
}

static Err put_all(Ctx *cx, void *arg)
{
    const Put *put = arg;
    *put->out = (AreaOutcome){ 0 };
    TRY(find_all(cx, put->drafts, put->level, put->order->day, put->out));
    TRY(refuse_doubles(cx, put));
    TRY(check_after(cx, put->drafts, put->level, put->order->day, put->out));
    for (const AreaDraft *d = put->drafts; d; d = d->next)
        TRY(put_draft(cx, put, d));
    return put->out->changed ? area_next_edition(cx) : OK;
}

Err areas_put(Ctx *cx, Str level, AreaDraft *drafts, const char *kind, const AreaOrder *order,
              AreaOutcome *out)
{
    Put put = { level, drafts, kind, order, out };
    if (!profile_level(profile_of(cx->house), level))
        return fail(cx, E_INPUT, "areas.no_such_level", V("level", level));
    return store_write(cx, put_all, &put);
}

/* ------------------------------------------------------------------ splitting */

typedef struct Splitting {
    const AreaSplit *split;
    const AreaOrder *order;
    PlaceId *out_new;
    AreaOutcome *out;
} Splitting;

enum { PIECES_MAX = 16 };

/* The pieces into which the line cuts one part; the line's ends may lie anywhere outside it. */
static Err cut_part(Geos *g, const Shape *part, const GEOSGeometry *line, Shape *pieces,
                    size_t *out_n)
{
    GEOSGeometry *whole = geos_of(g, part);
    GEOSGeometry *edge = whole ? geos_keep(g, GEOSBoundary_r(g->handle, whole)) : NULL;
    GEOSGeometry *lines = edge ? geos_union(g, (const GEOSGeometry *[]){ edge, line }, 2) : NULL;
    const GEOSGeometry *input = lines;
    GEOSGeometry *found = lines ? geos_keep(g, GEOSPolygonize_r(g->handle, &input, 1)) : NULL;
    int n = found ? GEOSGetNumGeometries_r(g->handle, found) : 0;
    *out_n = 0;
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *one = GEOSGetGeometryN_r(g->handle, found, i);
        GEOSGeometry *inner = geos_keep(g, GEOSPointOnSurface_r(g->handle, one));
        if (!inner || GEOSContains_r(g->handle, whole, inner) != 1 || geos_is_sliver(g, one))
            continue;
        if (*out_n == PIECES_MAX)
            break;
        geos_shape(g, one, &pieces[(*out_n)++]);
    }
    return ctx_err(g->cx);
}

static Err not_in_two(Ctx *cx, size_t n)
{
    return fail(cx, E_INPUT, "areas.not_cut_in_two", text_int(cx, "n", (i64)n));
}

/* Parts that the line does not cut stay with the larger piece. */
static Err cut_shape(Ctx *cx, const Shape *shape, const AreaSplit *s, Shape *out_large,
                     Shape *out_small)
{
    Geos *g;
    Shape pieces[PIECES_MAX];
    size_t n, cuts = 0;
    TRY(geos_open(cx, &g));
    GEOSGeometry *line = geos_line(g, s->line, s->line_n);
    *out_large = (Shape){ NEW_ARRAY(cx, Part, shape->n), 0 };
    if (!line || !out_large->parts)
        return ctx_err(cx);
    for (size_t i = 0; i < shape->n; i++) {
        TRY(cut_part(g, &(Shape){ &shape->parts[i], 1 }, line, pieces, &n));
        if (n > 2)
            return not_in_two(cx, n);
        if (n < 2) {
            out_large->parts[out_large->n++] = shape->parts[i];
            continue;
        }
        bool first_is_larger = shape_m2(&pieces[0]) >= shape_m2(&pieces[1]);
        out_large->parts[out_large->n++] = pieces[first_is_larger ? 0 : 1].parts[0];
        *out_small = pieces[first_is_larger ? 1 : 0];
        cuts++;
    }
    if (cuts != 1)
        return not_in_two(cx, cuts + 1);
    shape_settle(cx, out_large);
    return shape_m2(out_small) > 0 ? OK : fail(cx, E_INPUT, "areas.piece_too_small");
}

static Err put_piece(Ctx *cx, const Splitting *w, PlaceId place, const Shape *shape,
                     bool synthetic)
{
    bool changed;
    AreaRow row = { place, w->order->day, shape_text(cx, shape), synthetic, "split",
                    w->order->reason };
    TRY(ctx_err(cx));
    TRY(area_put_row(cx, &row, &changed));
    w->out->changed += changed;
    return OK;
}

static Err split_one(Ctx *cx, void *arg)
{
    const Splitting *w = arg;
    const AreaSplit *s = w->split;
    Area old;
    Shape large, small = { 0 };
    *w->out = (AreaOutcome){ .made = 1 };
    TRY(area_get(cx, s->place, w->order->day, &old));
    TRY(cut_shape(cx, &old.shape, s, &large, &small));
    PlaceNew new = { .level = old.level, .code = s->code, .name = s->name, .parent = old.parent,
                     .from_place = s->place, .from = w->order->day, .synthetic = old.synthetic };
    TRY(place_add(cx, &new, w->out_new));
    TRY(put_piece(cx, w, s->place, &large, old.synthetic));
    TRY(put_piece(cx, w, *w->out_new, &small, old.synthetic));
    TRY(tell_matters(cx, s->place, w->out));
    return area_next_edition(cx);
}

Err area_split(Ctx *cx, const AreaSplit *split, const AreaOrder *order, PlaceId *out_new,
               AreaOutcome *out)
{
    Splitting w = { split, order, out_new, out };
    if (split->line_n < 2 || split->line_n > SHAPE_POINTS_MAX)
        return fail(cx, E_INPUT, "areas.line_too_short");
    if (split->name.in[LANG_ZH].n + split->name.in[LANG_EN].n == 0)
        return fail(cx, E_INPUT, "areas.name_missing");
    return store_write(cx, split_one, &w);
}

/* ------------------------------------------------------------------ merging */

typedef struct Merging {
    const PlaceId *places;
    size_t n;
    const AreaOrder *order;
    AreaOutcome *out;
} Merging;

enum { MERGE_MAX = 100 };

static bool has_point(const Shape *shape, Point p)
{
    for (size_t i = 0; i < shape->n; i++)
        for (size_t k = 0; k < shape->parts[i].n; k++)
            for (size_t j = 0; j < shape->parts[i].rings[k].n; j++)
                if (point_is(shape->parts[i].rings[k].at[j], p))
                    return true;
    return false;
}

/* Is b within a unit of the straight way from a to c? */
static bool is_between(Point a, Point b, Point c)
{
    double x = (double)c.lon - a.lon, y = (double)c.lat - a.lat;
    double off = x * ((double)b.lat - a.lat) - y * ((double)b.lon - a.lon);
    double on = x * ((double)b.lon - a.lon) + y * ((double)b.lat - a.lat);
    return off * off <= x * x + y * y && on > 0 && on < x * x + y * y;
}

/* Where a border between two of them met the outer one there is a point that nobody else has: a
** split put it there, and it goes with the border. */
static bool is_left_over(const Area *merged, const Area *others, Point p)
{
    int n = 0;
    for (const Area *a = merged; a; a = a->next)
        n += has_point(&a->shape, p);
    for (const Area *a = others; a && n > 1; a = a->next)
        if (has_point(&a->shape, p))
            return false;
    return n > 1;
}

static void drop_left_over(const Area *merged, const Area *others, Ring *r)
{
    size_t n = r->n - 1, kept = 0;
    for (size_t i = 0; i < n; i++) {
        Point before = kept ? r->at[kept - 1] : r->at[n - 1], p = r->at[i];
        if (!is_between(before, p, r->at[i + 1 == n ? 0 : i + 1])
            || !is_left_over(merged, others, p))
            r->at[kept++] = p;
    }
    r->at[kept] = r->at[0];
    r->n = kept + 1;
}

static Err merged_shape(Ctx *cx, const Area *merged, const Area *others, size_t n, Shape *out)
{
    Geos *g;
    size_t k = 0, parts = 0;
    TRY(geos_open(cx, &g));
    const GEOSGeometry **all = NEW_ARRAY(cx, const GEOSGeometry *, n);
    for (const Area *a = merged; all && a; a = a->next, k++) {
        all[k] = geos_of(g, &a->shape);
        parts += a->shape.n;
    }
    TRY(ctx_err(cx));
    geos_shape(g, geos_union(g, all, n), out);
    TRY(ctx_err(cx));
    if (out->n + n - 1 > parts)
        return fail(cx, E_INPUT, "areas.not_neighbours");
    for (size_t i = 0; i < out->n; i++)
        for (size_t j = 0; j < out->parts[i].n; j++)
            drop_left_over(merged, others, &out->parts[i].rings[j]);
    shape_settle(cx, out);
    return ctx_err(cx);
}

static bool is_one_of(const Merging *w, PlaceId place)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->places[i].value == place.value)
            return true;
    return false;
}

static Err read_merged(Ctx *cx, const Merging *w, Area **out)
{
    Area **end = out;
    *out = NULL;
    for (size_t i = 0; i < w->n; i++) {
        Area *a = NEW(cx, Area);
        if (!a)
            return E_LIMIT;
        TRY(area_get(cx, w->places[i], w->order->day, a));
        for (const Area *b = *out; b; b = b->next)
            if (b->place.value == a->place.value || b->parent.value != a->parent.value
                || !str_is(b->level, a->level))
                return fail(cx, E_INPUT, "areas.not_of_one_parent");
        *end = a;
        end = &a->next;
    }
    return OK;
}

static Err end_area(Ctx *cx, const Merging *w, const Area *a)
{
    bool changed;
    AreaRow row = { .place = a->place, .day = w->order->day, .shape = STR_EMPTY, .kind = "merge",
                    .reason = w->order->reason };
    TRY(area_put_row(cx, &row, &changed));
    TRY(place_end(cx, a->place, w->places[0], w->order->day));
    return tell_matters(cx, a->place, w->out);
}

/* The level without the merged ones. */
static Err read_others(Ctx *cx, const Merging *w, Str level, Area **out)
{
    TRY(area_list(cx, level, w->order->day, out));
    while (*out) {
        if (is_one_of(w, (*out)->place))
            *out = (*out)->next;
        else
            out = &(*out)->next;
    }
    return OK;
}

static Err merge_all(Ctx *cx, void *arg)
{
    const Merging *w = arg;
    Area *merged, *others;
    Shape whole;
    bool changed;
    *w->out = (AreaOutcome){ 0 };
    TRY(read_merged(cx, w, &merged));
    TRY(read_others(cx, w, merged->level, &others));
    TRY(merged_shape(cx, merged, others, w->n, &whole));
    for (const Area *a = merged->next; a; a = a->next)
        TRY(end_area(cx, w, a));
    AreaRow row = { merged->place, w->order->day, shape_text(cx, &whole), merged->synthetic,
                    "merge", w->order->reason };
    TRY(ctx_err(cx));
    TRY(area_put_row(cx, &row, &changed));
    TRY(tell_matters(cx, merged->place, w->out));
    w->out->changed = (i64)w->n;
    return area_next_edition(cx);
}

Err areas_merge(Ctx *cx, const PlaceId *places, size_t n, const AreaOrder *order, AreaOutcome *out)
{
    Merging w = { places, n, order, out };
    if (n < 2 || n > MERGE_MAX)
        return fail(cx, E_INPUT, "areas.merge_two");
    return store_write(cx, merge_all, &w);
}
