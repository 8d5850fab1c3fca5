/* route.c -- the map that is asked: built once for each edition of the areas, and put in the place
** of the older one while others still read that.
**
** A reader counts itself in at the slot that is current, looks whether it still is, and otherwise
** counts itself out and tries again: it never waits. A slot is emptied only when it is not current
** and nobody is counted in; whoever comes too late to it sees that it is not current and leaves.
** Who builds holds the lock; the others go on with the older map meanwhile. */
#include "areas/private.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SLOTS = 16, NO_SLOT = SLOTS };
static const size_t MAP_BYTES_MAX = (size_t)1 << 30, WORK_BYTES_MAX = (size_t)1 << 30;

typedef struct Slot {
    _Atomic i64 readers;
    Arena arena;
    AreaMap *map; /* NULL: empty */
} Slot;

typedef struct Route {
    pthread_mutex_t lock; /* of building and emptying */
    _Atomic u32 current;
    Slot slots[SLOTS];
} Route;

static const char ROUTE_PART = 0;

/* ------------------------------------------------------------------ readers */

static Slot *enter(Route *route)
{
    for (;;) {
        u32 at = atomic_load(&route->current);
        if (at == NO_SLOT)
            return NULL;
        atomic_fetch_add(&route->slots[at].readers, 1);
        if (atomic_load(&route->current) == at)
            return &route->slots[at];
        atomic_fetch_sub(&route->slots[at].readers, 1);
    }
}

/* With the lock held. */
static void empty_old(Route *route)
{
    for (u32 i = 0; i < SLOTS; i++) {
        Slot *s = &route->slots[i];
        if (s->map && i != atomic_load(&route->current) && atomic_load(&s->readers) == 0) {
            arena_end(&s->arena);
            s->map = NULL;
        }
    }
}

typedef struct Hold {
    Route *route;
    Slot *slot;
} Hold;

/* The last one out of an old slot puts it away; when somebody builds just then, he will. */
static void leave(void *arg)
{
    Hold *hold = arg;
    bool is_old = hold->slot != &hold->route->slots[atomic_load(&hold->route->current)];
    if (atomic_fetch_sub(&hold->slot->readers, 1) == 1 && is_old
        && pthread_mutex_trylock(&hold->route->lock) == 0) {
        empty_old(hold->route);
        pthread_mutex_unlock(&hold->route->lock);
    }
}

/* ------------------------------------------------------------------ building */

static Err read_edition(Ctx *cx, i64 *out)
{
    Query q = QUERY(cx, "SELECT number FROM area_edition WHERE id = 1");
    return query_one_int(&q, out);
}

/* Every shape of every day, in the order of today's codes. */
static Err list_all(Ctx *cx, Area **out)
{
    Query q = QUERY(
        cx, "SELECT a.place, p.level, p.path, p.code, a.valid_from, a.valid_to, a.shape FROM area a"
            " JOIN place p ON p.id = a.place ORDER BY p.code, p.id, a.valid_from");
    *out = NULL;
    while (query_next(&q)) {
        Area *a = NEW(cx, Area);
        if (!a)
            break;
        a->place = (PlaceId){ query_int(&q) };
        a->level = query_text(&q);
        a->path = query_text(&q);
        a->code = query_text(&q);
        a->valid_from = query_day(&q);
        a->valid_to = query_day(&q);
        if (!shape_parse(cx, query_text(&q), &a->shape) && !ctx_err(cx))
            fail(cx, E_STORE, "areas.stored_amiss", V("code", a->code));
        *out = a;
        out = &a->next;
    }
    return query_end(&q);
}

static u32 empty_slot(const Route *route)
{
    for (u32 i = 0; i < SLOTS; i++)
        if (!route->slots[i].map)
            return i;
    return NO_SLOT;
}

static Err build(Ctx *cx, Route *route)
{
    i64 edition;
    Area *list;
    TRY(read_edition(cx, &edition));
    TRY(list_all(cx, &list));
    empty_old(route);
    u32 at = empty_slot(route);
    if (at == NO_SLOT)
        return fail(cx, E_BUSY, "areas.maps_in_use");
    Slot *s = &route->slots[at];
    s->arena = arena_new(MAP_BYTES_MAX);
    s->map = area_map_build(&s->arena, list, edition);
    if (!s->map) {
        arena_end(&s->arena);
        return fail(cx, E_LIMIT, "areas.map_too_large");
    }
    atomic_store(&route->current, at);
    empty_old(route);
    return OK;
}

/* In a Ctx of its own, so that what it reads is no part of what a page relies on. */
static Err build_apart(Ctx *cx, Route *route)
{
    Ctx work = ctx_new(cx->house, WORK_BYTES_MAX);
    ctx_begin(&work, cx->now);
    Err err = store_attach(&work, store_of(cx));
    if (!err)
        err = build(&work, route);
    if (err)
        fail_like(cx, &work);
    store_rest(&work);
    ctx_end(&work);
    store_detach(&work);
    ctx_free(&work);
    return err;
}

/* ------------------------------------------------------------------ for the house */

static void route_end(void *part)
{
    Route *route = part;
    atomic_store(&route->current, NO_SLOT);
    empty_old(route);
    pthread_mutex_destroy(&route->lock);
}

Err areas_use(Ctx *cx)
{
    Route *route = house_get(cx->house, &ROUTE_PART);
    if (!route) {
        route = house_add(cx->house, &ROUTE_PART, sizeof *route, route_end);
        pthread_mutex_init(&route->lock, NULL);
        atomic_store(&route->current, NO_SLOT);
    }
    pthread_mutex_lock(&route->lock);
    Err err = build_apart(cx, route);
    pthread_mutex_unlock(&route->lock);
    return err;
}

static Err renew(Ctx *cx, Route *route, i64 edition)
{
    Slot *now = enter(route);
    bool is_old = !now || area_map_edition(now->map) < edition;
    if (now)
        leave(&(Hold){ route, now });
    if (!is_old || pthread_mutex_trylock(&route->lock) != 0)
        return OK;
    Err err = build_apart(cx, route);
    pthread_mutex_unlock(&route->lock);
    return err;
}

Err areas_hold(Ctx *cx, const AreaMap **out)
{
    Route *route = house_get(cx->house, &ROUTE_PART);
    i64 edition;
    Hold *hold = NEW(cx, Hold);
    if (!hold)
        return E_LIMIT;
    TRY(read_edition(cx, &edition));
    TRY(renew(cx, route, edition));
    *hold = (Hold){ route, enter(route) };
    if (!hold->slot)
        return fail(cx, E_BUG, "areas.no_map");
    *out = hold->slot->map;
    return ctx_defer(cx, leave, hold);
}
