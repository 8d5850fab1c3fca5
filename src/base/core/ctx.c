/* ctx.c -- the Ctx, its failures, and the House. */
#include "core/ctx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The text above a list of problems. */
static const char CHECK_ENTERED[] = N_("core.check_what_you_entered");
static const char NO_MEMORY[] = N_("core.memory_used_up");

struct Deferred {
    Deferred *next;
    void (*close)(void *thing);
    void *thing;
};

/* ------------------------------------------------------------------ life */

Ctx ctx_new(House *house, size_t bytes_max)
{
    return (Ctx){ .arena = arena_new(bytes_max), .house = house };
}

void ctx_begin(Ctx *cx, Instant now)
{
    static _Atomic i64 last_id;
    assert(!cx->deferred);
    arena_reset(&cx->arena);
    cx->actor = (Actor){ 0 };
    cx->known_post = NULL;
    cx->failure = (Failure){ 0 };
    cx->queries = 0;
    cx->query_to_fail = 0;
    cx->now = now;
    cx->id = ++last_id;
}

void ctx_waits(const Ctx *cx, bool waits)
{
    if (cx->on_wait)
        cx->on_wait(cx->on_wait_arg, waits);
}

static void close_until(Ctx *cx, const Deferred *last)
{
    while (cx->deferred != last) {
        Deferred *d = cx->deferred;
        cx->deferred = d->next;
        d->close(d->thing);
    }
}

void ctx_end(Ctx *cx)
{
    close_until(cx, NULL);
}

CtxMark ctx_mark(const Ctx *cx)
{
    return (CtxMark){ arena_mark(&cx->arena), cx->deferred, cx->failure };
}

void ctx_reset_to(Ctx *cx, CtxMark mark)
{
    close_until(cx, mark.deferred);
    arena_reset_to(&cx->arena, mark.arena);
    cx->failure = mark.failure;
    cx->known_post = NULL;
}

void ctx_free(Ctx *cx)
{
    ctx_end(cx);
    arena_end(&cx->arena);
}

Err ctx_defer(Ctx *cx, void (*close)(void *thing), void *thing)
{
    Deferred *d = NEW(cx, Deferred);
    if (!d) {
        close(thing);
        return E_LIMIT;
    }
    *d = (Deferred){ cx->deferred, close, thing };
    cx->deferred = d;
    return OK;
}

void *ctx_take(Ctx *cx, size_t size_bytes)
{
    void *piece = arena_take(&cx->arena, size_bytes);
    if (!piece)
        fail(cx, E_LIMIT, "core.memory_used_up");
    return piece;
}

void *ctx_take_raw(Ctx *cx, size_t size_bytes)
{
    void *piece = arena_take_raw(&cx->arena, size_bytes);
    if (!piece)
        fail(cx, E_LIMIT, "core.memory_used_up");
    return piece;
}

void *ctx_take_array(Ctx *cx, size_t size_bytes, size_t count)
{
    size_t most = cx->arena.used_bytes_max / size_bytes;
    return ctx_take(cx, count <= most ? size_bytes * count : SIZE_MAX);
}

/* ------------------------------------------------------------------ failures */

/* A copy of the values that lives as long as the Ctx; the message goes without them if memory is
   out. */
static const TextArg *copy_args(Ctx *cx, const TextArg *args, size_t n)
{
    TextArg *copy = n ? arena_take(&cx->arena, n * sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < n; i++)
        copy[i] = (TextArg){ args[i].name, str_copy(&cx->arena, args[i].value) };
    return copy;
}

Err fail_at(Ctx *cx, Err err, const char *file, int line, const char *key, const TextArg *args,
            size_t n)
{
    Failure *f = &cx->failure;
    if (f->err)
        return err;
    if (cx->arena.is_short) { /* what looks amiss now may be a text that was cut for lack of it */
        err = E_LIMIT;
        key = NO_MEMORY;
        n = 0;
    }
    f->err = err;
    f->key = key;
    f->file = file;
    f->line = line;
    f->args = copy_args(cx, args + 1, n);
    f->args_n = f->args ? n : 0;
    return err;
}

static Err add_problem(Ctx *cx, Str field, const char *key, const TextArg *args, size_t n)
{
    Failure *f = &cx->failure;
    Problem *p = arena_take(&cx->arena, sizeof *p);
    if (!p)
        return E_LIMIT;
    *p = (Problem){ .field = str_copy(&cx->arena, field), .key = key };
    p->args = copy_args(cx, args, n);
    p->args_n = p->args ? n : 0;
    if (!f->problems_end)
        f->problems_end = &f->problems;
    *f->problems_end = p;
    f->problems_end = &p->next;
    return E_INPUT;
}

Err fail_field_at(Ctx *cx, Str field, const char *file, int line, const char *key,
                  const TextArg *args, size_t n)
{
    fail_at(cx, E_INPUT, file, line, CHECK_ENTERED, args, 0);
    if (cx->failure.err != E_INPUT)
        return cx->failure.err; /* what failed before is no fault of a field */
    return add_problem(cx, field, key, args + 1, n);
}

Err fail_as_field(Ctx *cx, Str field)
{
    Failure f = cx->failure;
    cx->failure = (Failure){ .err = E_INPUT, .key = CHECK_ENTERED, .file = f.file, .line = f.line };
    return add_problem(cx, field, f.key, f.args, f.args_n);
}

Err fail_like(Ctx *cx, const Ctx *other)
{
    const Failure *f = &other->failure;
    Failure *mine = &cx->failure;
    if (mine->err || !f->err)
        return f->err;
    *mine = (Failure){ .err = f->err, .key = f->key, .file = f->file, .line = f->line };
    mine->args = copy_args(cx, f->args, f->args_n);
    mine->args_n = mine->args ? f->args_n : 0;
    mine->detail = str_copy(&cx->arena, f->detail);
    return f->err;
}

void fail_detail(Ctx *cx, Str detail)
{
    if (cx->failure.detail.n == 0)
        cx->failure.detail = str_copy(&cx->arena, detail);
}

Err ctx_err(const Ctx *cx)
{
    return cx->failure.err ? cx->failure.err : cx->arena.is_short ? E_LIMIT : OK;
}

void ctx_forgive(Ctx *cx)
{
    cx->failure = (Failure){ 0 };
}

/* ------------------------------------------------------------------ the house */

enum { PARTS_MAX = 48 };

typedef struct Part {
    const void *key;
    void *part;
    void (*close)(void *part);
} Part;

struct House {
    Part parts[PARTS_MAX];
    size_t parts_n;
};

House *house_new(void)
{
    House *house = calloc(1, sizeof *house);
    assert(house); /* at start; there is nothing to fall back to */
    return house;
}

void house_end(House *house)
{
    while (house->parts_n) {
        Part *p = &house->parts[--house->parts_n];
        if (p->close)
            p->close(p->part);
        free(p->part);
    }
    free(house);
}

void *house_add(House *house, const void *key, size_t size_bytes, void (*close)(void *part))
{
    void *part = calloc(1, size_bytes);
    assert(part && house->parts_n < PARTS_MAX && !house_get(house, key));
    house->parts[house->parts_n++] = (Part){ key, part, close };
    return part;
}

void *house_get(const House *house, const void *key)
{
    for (size_t i = 0; i < house->parts_n; i++)
        if (house->parts[i].key == key)
            return house->parts[i].part;
    return NULL;
}
