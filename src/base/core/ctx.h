/* ctx.h -- one Ctx per request, job or command: everything hangs on it and ends with it.
**
** Order of use: ctx_new once per thread, ctx_begin for each piece of work, ctx_end after it.
** What was deferred on a Ctx (a query to reset, a parsed document to free) is closed by ctx_end,
** newest first. The first failure stays on the Ctx until ctx_begin; later ones do not hide it. */
#ifndef CORE_CTX_H
#define CORE_CTX_H

#include "core/buf.h"

typedef enum Lang { LANG_ZH, LANG_EN, LANG_COUNT } Lang;

/* One text in both languages of the house. */
typedef struct Words {
    Str in[LANG_COUNT];
} Words;

typedef enum ActorKind {
    ACTOR_ANYONE,    /* nobody is known: the public */
    ACTOR_APPLICANT, /* holds the query code of one matter */
    ACTOR_STAFF,     /* a person acting in one post */
    ACTOR_SYSTEM     /* a timer or a job */
} ActorKind;

typedef struct Actor {
    ActorKind kind;
    PersonId person;
    PostId post;
    MatterId matter; /* of ACTOR_APPLICANT */
} Actor;

/* A value put into a message: "{name}" in the text becomes the value. */
typedef struct TextArg {
    const char *name;
    Str value;
} TextArg;

/* One thing that is wrong with one field of what was sent. */
typedef struct Problem Problem;
struct Problem {
    Problem *next;
    Str field;
    const char *key;
    const TextArg *args;
    size_t args_n;
};

typedef struct Failure {
    Err err;
    const char *key; /* text key for the person */
    const TextArg *args;
    size_t args_n;
    const char *file; /* for the log */
    int line;
    Str detail;       /* for the log: the engine's own message, a path; never personal data */
    Problem *problems;
    Problem **problems_end;
} Failure;

typedef struct House House; /* what outlives a request; see below */

typedef struct Deferred Deferred;

typedef struct Ctx {
    Arena arena;
    House *house;
    void *store; /* the connection: set and read by store/ only */
    Deferred *deferred;
    Actor actor;
    const void *known_post; /* of the actor, in the state read now: trust/permit only */
    Instant now; /* frozen for the whole piece of work */
    Lang lang;
    Failure failure;
    i64 id;      /* of this piece of work, in the log */
    i64 queries; /* run so far */
    void (*on_wait)(void *arg, bool waits); /* see ctx_waits; NULL: nobody wants to know */
    void *on_wait_arg;
    i64 query_to_fail; /* fault injection: the query with this number fails; 0 is never */
} Ctx;

/* A Ctx whose arena may take at most bytes_max. */
Ctx ctx_new(House *house, size_t bytes_max);
void ctx_begin(Ctx *cx, Instant now);
void ctx_end(Ctx *cx);
void ctx_free(Ctx *cx); /* ctx_end, and gives the arena's memory back */

/* Said before and after this piece of work sleeps for something slow (a commit, a helper), so that
   another can be begun meanwhile. */
void ctx_waits(const Ctx *cx, bool waits);

/* Runs close(thing) when the Ctx ends. */
MUST_USE Err ctx_defer(Ctx *cx, void (*close)(void *thing), void *thing);

/* Undoing a piece of work that will run again: what was taken, deferred and failed since the
   mark goes. */
typedef struct CtxMark {
    ArenaMark arena;
    Deferred *deferred;
    Failure failure;
} CtxMark;
CtxMark ctx_mark(const Ctx *cx);
void ctx_reset_to(Ctx *cx, CtxMark mark);

/* Memory for one struct, zeroed; NULL and E_LIMIT latched when the arena is used up. */
#define NEW(cx, Type) ((Type *)ctx_take((cx), sizeof(Type)))
#define NEW_ARRAY(cx, Type, count) ((Type *)ctx_take_array((cx), sizeof(Type), (count)))
void *ctx_take(Ctx *cx, size_t size_bytes);
void *ctx_take_raw(Ctx *cx, size_t size_bytes); /* not zeroed */
void *ctx_take_array(Ctx *cx, size_t size_bytes, size_t count);

/* Says what went wrong, once, where it happened. key names a text for the person, the rest fill
** it. Returns err, so that "return fail(…)" reads as it should. */
#define fail(cx, err, key, ...) \
    fail_at((cx), (err), __FILE__, __LINE__, (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
            COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)
Err fail_at(Ctx *cx, Err err, const char *file, int line, const char *key, const TextArg *args,
            size_t n);

/* Says that one field is wrong and goes on checking; the whole becomes E_INPUT. */
#define fail_field(cx, field, key, ...) \
    fail_field_at((cx), (field), __FILE__, __LINE__, (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
                  COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)
Err fail_field_at(Ctx *cx, Str field, const char *file, int line, const char *key,
                  const TextArg *args, size_t n);
/* Makes the failure on the Ctx a problem of one field, so that its form can be shown again. */
Err fail_as_field(Ctx *cx, Str field);
#define V(name, value) ((TextArg){ (name), (value) })

/* Passes on the failure of another Ctx that worked for this one. */
Err fail_like(Ctx *cx, const Ctx *other);
void fail_detail(Ctx *cx, Str detail); /* for the log only */
Err ctx_err(const Ctx *cx);            /* the first failure, or OK */
void ctx_forgive(Ctx *cx);             /* the failure was expected and is dealt with */

/* What outlives a request: parts set up once at start and only read after.  A part is found by the
** address of a constant of the module that owns it, so base knows none of them by name. */
House *house_new(void);
void house_end(House *house);
/* A zeroed part of this size, owned by the house; close (or NULL) runs before it is given back. */
void *house_add(House *house, const void *key, size_t size_bytes, void (*close)(void *part));
void *house_get(const House *house, const void *key);

#endif
