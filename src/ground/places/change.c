/* change.c -- places that begin and end after the district was made. */
#include "places/places.h"

#include "text/text.h"

/* ------------------------------------------------------------------ succession */

static Err add_succession(Ctx *cx, const char *kind, Day day, const Place *old, const Place *new)
{
    Query q = QUERY(
        cx,
        "INSERT INTO place_succession (day, kind, old_place, new_place, old_code, new_code)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        DAY(day), T(str_of(kind)), ID_OR_NULL(old->id), ID_OR_NULL(new->id), T(old->code),
        T(new->code));
    return query_run(&q);
}

/* ------------------------------------------------------------------ beginning */

static Err check_new(Ctx *cx, const PlaceNew *p, const Place *parent)
{
    Place other;
    const char *fault =
        place_code_fault(profile_of(cx->house), p->level, p->code, parent->code);
    if (fault)
        return fail(cx, E_INPUT, fault, V("code", p->code));
    if (p->code.n == 0 || p->code.n > 40)
        return fail(cx, E_INPUT, "places.code_length", V("code", p->code));
    Err err = place_get_by_code(cx, p->code, p->from, &other);
    if (err == OK)
        return fail(cx, E_CONFLICT, "places.code_taken", V("code", p->code));
    if (err == E_MISSING)
        ctx_forgive(cx);
    return err == E_MISSING ? OK : err;
}

static Err insert(Ctx *cx, const PlaceNew *p, const Place *parent, PlaceId id)
{
    Str zh = words_in(p->name, LANG_ZH), en = words_in(p->name, LANG_EN);
    Str path = str_format(&cx->arena, "%.*s%lld/", STR_ARGS(parent->path), (long long)id.value);
    Query q = QUERY(
        cx,
        "INSERT INTO place (id, level, parent, path, code, name_zh, name_en, valid_to, synthetic)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)",
        ID(id), T(p->level), ID(parent->id), T(path), T(p->code), T(zh), T(en), F(p->synthetic));
    TRY(query_run(&q));
    Query period =
        QUERY(cx,
              "INSERT INTO place_period (place, valid_from, code, name_zh, name_en, parent)"
              " VALUES ($1, $2, $3, $4, $5, $6)",
              ID(id), DAY(p->from), T(p->code), T(zh), T(en), ID(parent->id));
    return query_run(&period);
}

Err place_add(Ctx *cx, const PlaceNew *p, PlaceId *out)
{
    Place parent = { 0 }, old = { 0 }, new = { .code = p->code };
    i64 id;
    TRY(place_get(cx, p->parent, &parent));
    TRY(check_new(cx, p, &parent));
    TRY(store_next_id(cx, "place", &id));
    *out = new.id = (PlaceId){ id };
    TRY(insert(cx, p, &parent, *out));
    if (!p->from_place.value)
        return OK;
    TRY(place_get(cx, p->from_place, &old));
    return add_succession(cx, "split", p->from, &old, &new);
}

/* ------------------------------------------------------------------ ending */

Err place_end(Ctx *cx, PlaceId id, PlaceId heir, Day day)
{
    Place old, new;
    TRY(place_get(cx, id, &old));
    TRY(place_get(cx, heir, &new));
    Query q = QUERY(cx, "UPDATE place SET valid_to = $2 WHERE id = $1", ID(id), DAY(day));
    TRY(query_run(&q));
    Query period = QUERY(
        cx, "UPDATE place_period SET valid_to = $2 WHERE place = $1 AND valid_to IS NULL", ID(id),
        DAY(day));
    TRY(query_run(&period));
    return add_succession(cx, "merge", day, &old, &new);
}
