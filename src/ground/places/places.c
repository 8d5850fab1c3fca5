/* places.c -- questions to the tree of places. */
#include "places/places.h"

#include "text/text.h"

const Field PLACE_FIELDS[] = {
    FIELD(Place, id, ID),
    FIELD(Place, parent, ID),
    FIELD(Place, level, TEXT),
    FIELD(Place, code, TEXT),
    FIELD(Place, name, WORDS),
    FIELD(Place, valid_from, DAY),
    FIELD(Place, valid_to, DAY),
    FIELD(Place, synthetic, FLAG),
    FIELD_END
};

/* ------------------------------------------------------------------ paths */

bool path_covers(Str scope, Str path)
{
    return scope.n && str_starts(path, scope);
}

Str path_end(Ctx *cx, Str path)
{
    /* A path ends in '/', and '0' is the character after it. */
    return str_join(&cx->arena, str_first(path, path.n ? path.n - 1 : 0), S("0"));
}

/* ------------------------------------------------------------------ reading */

/* The columns every query below asks for, in this order. */
static void read_place(Query *q, Place *out)
{
    out->id = (PlaceId){ query_int(q) };
    out->parent = (PlaceId){ query_int(q) };
    out->level = query_text(q);
    out->path = query_text(q);
    out->code = query_text(q);
    out->name.in[LANG_ZH] = query_text(q);
    out->name.in[LANG_EN] = query_text(q);
    out->valid_from = query_day(q);
    out->valid_to = query_day(q);
    out->synthetic = query_flag(q);
}

static Err one(Query *q, Place *out)
{
    bool found = query_next(q);
    if (found)
        read_place(q, out);
    TRY(query_end(q));
    return found ? OK : fail(q->cx, E_MISSING, "places.no_such_place");
}

static Err all(Query *q, Place **out)
{
    Place **end = out;
    *out = NULL;
    while (query_next(q)) {
        Place *p = NEW(q->cx, Place);
        if (!p)
            break;
        read_place(q, p);
        *end = p;
        end = &p->next;
    }
    return query_end(q);
}

Err place_get(Ctx *cx, PlaceId id, Place *out)
{
    Query q = QUERY(cx,
                    "SELECT id, parent, level, path, code, name_zh, name_en, 0, valid_to, synthetic"
                    " FROM place WHERE id = $1",
                    ID(id));
    return one(&q, out);
}

Err place_get_by_code(Ctx *cx, Str code, Day on, Place *out)
{
    Query q = QUERY(cx, "SELECT p.id, t.parent, p.level, p.path, t.code, t.name_zh, t.name_en,"
                        " t.valid_from, t.valid_to, p.synthetic"
                        " FROM place_period t JOIN place p ON p.id = t.place"
                        " WHERE t.code = $1 AND t.valid_from <= $2"
                        " AND (t.valid_to IS NULL OR t.valid_to > $2)", T(code), DAY(on));
    return one(&q, out);
}

Err place_list_inside(Ctx *cx, PlaceId parent, Place **out)
{
    Query q = QUERY(cx,
                    "SELECT id, parent, level, path, code, name_zh, name_en, 0, valid_to, synthetic"
                    " FROM place WHERE parent = $1 AND valid_to IS NULL ORDER BY code",
                    ID(parent));
    return all(&q, out);
}

Err place_list_level(Ctx *cx, Str level, Place **out)
{
    Query q = QUERY(cx,
                    "SELECT id, parent, level, path, code, name_zh, name_en, 0, valid_to, synthetic"
                    " FROM place WHERE level = $1 AND valid_to IS NULL ORDER BY code",
                    T(level));
    return all(&q, out);
}

Err place_list_periods(Ctx *cx, PlaceId id, Place **out)
{
    Query q = QUERY(cx, "SELECT p.id, t.parent, p.level, p.path, t.code, t.name_zh, t.name_en,"
                        " t.valid_from, t.valid_to, p.synthetic"
                        " FROM place_period t JOIN place p ON p.id = t.place WHERE p.id = $1"
                        " ORDER BY t.valid_from", ID(id));
    return all(&q, out);
}

Err place_district(Ctx *cx, Place *out)
{
    return place_get_by_code(cx, profile_of(cx->house)->district, day_today(cx), out);
}

Err place_list_succession(Ctx *cx, Succession **out)
{
    Query q = QUERY(cx, "SELECT s.day, s.kind, s.old_code, s.new_code, COALESCE(o.name_zh, ''),"
                        " COALESCE(o.name_en, ''), COALESCE(n.name_zh, ''), COALESCE(n.name_en, '')"
                        " FROM place_succession s LEFT JOIN place o ON o.id = s.old_place"
                        " LEFT JOIN place n ON n.id = s.new_place ORDER BY s.day, s.id");
    Succession **end = out;
    *out = NULL;
    while (query_next(&q)) {
        Succession *s = NEW(cx, Succession);
        if (!s)
            break;
        s->day = query_day(&q);
        s->kind = query_text(&q);
        s->old_code = query_text(&q);
        s->new_code = query_text(&q);
        s->old_name.in[LANG_ZH] = query_text(&q);
        s->old_name.in[LANG_EN] = query_text(&q);
        s->new_name.in[LANG_ZH] = query_text(&q);
        s->new_name.in[LANG_EN] = query_text(&q);
        *end = s;
        end = &s->next;
    }
    return query_end(&q);
}

/* ------------------------------------------------------------------ names */

Err place_full_name(Ctx *cx, PlaceId id, Str *out)
{
    Str district = profile_of(cx->house)->district, name = STR_EMPTY;
    Place p;
    TRY(place_get(cx, id, &p));
    name = words_in(p.name, cx->lang);
    for (PlaceId up = p.parent; up.value && !str_is(p.code, district); up = p.parent) {
        TRY(place_get(cx, up, &p));
        if (str_is(p.code, district))
            break;
        Str outer = words_in(p.name, cx->lang);
        name = cx->lang == LANG_ZH
             ? str_format(&cx->arena, "%.*s %.*s", STR_ARGS(outer), STR_ARGS(name))
             : str_format(&cx->arena, "%.*s, %.*s", STR_ARGS(name), STR_ARGS(outer));
    }
    *out = name;
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ codes */

/* Administrative codes fill up with zeros below their level (510100 under 510000); finer ones
   append. */
static bool is_prefix_code(Str parent, Str code)
{
    Str head = parent;
    while (code.n == parent.n && head.n > 2 && str_ends(head, S("00")))
        head.n -= 2;
    return str_starts(code, head);
}

const char *place_code_fault(const Profile *p, Str level, Str code, Str parent_code)
{
    const ProfileLevel *l = profile_level(p, level);
    if (!l)
        return N_("places.unknown_level");
    if (l->code_digits == 0)
        return NULL;
    if (code.n != (size_t)l->code_digits || !str_is_digits(code))
        return N_("places.code_length");
    if (parent_code.n && !is_prefix_code(parent_code, code))
        return N_("places.code_parent");
    bool is_finer = parent_code.n && code.n > parent_code.n;
    for (size_t i = parent_code.n; is_finer && i < code.n; i++)
        if (code.at[i] != '0')
            return NULL;
    return is_finer ? N_("places.code_zero") : NULL; /* serial 000 is the parent itself */
}
