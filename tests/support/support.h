/* support.h -- what tests share: a small world in a folder of its own, and checks that say what
** differed. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail
#undef fail_msg
#include "program.h"

/* cmocka's fail_msg says "fail", which in this house is something else. */
#define assert_never(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

/* A house with texts and packed files, and a Ctx; no database. */
typedef struct World {
    House *house;
    Ctx cx;
    Store *store;
    char folder[64];
    char url[256]; /* of its database */
} World;

World *world_bare(void);               /* texts and files only */
World *world_new(const char *profile); /* a new district of this profile, with the engine started */
World *world_with_cipher(const char *profile, const char *cipher);
void world_end(World *w);
/* A second Ctx on the same store, for another thread; ended by ctx_other_end. */
void ctx_other(World *w, Ctx *cx);
void ctx_other_end(Ctx *cx);
/* Begins a new piece of work at this local time, "2018-10-10 09:12". */
void world_at(World *w, const char *local);
Str world_path(World *w, const char *file);
/* Everything its database holds, as a file or a dump. */
Str world_copy(World *w);

/* The program's own test data, read whole. */
const Json *test_json(Ctx *cx, const char *file);
Str test_text(Ctx *cx, const char *file);

void assert_str(Str have, const char *want);
void assert_ok(Ctx *cx, Err err);
/* The call failed with this error and this text key. */
void assert_fails(Ctx *cx, Err have, Err want, const char *key);
void assert_day(Day have, const char *want);

/* Acting as somebody. */
void act_as_anyone(Ctx *cx);
void act_as_applicant(Ctx *cx, MatterId id);
void act_as_system(Ctx *cx);
/* A person with one post, made when first named; later calls act as the same. */
PersonId act_as(World *w, const char *name, const char *role, const char *body, const char *place);

/* Synthetic answers for the fields that must have one. */
Values values_for(Ctx *cx, const Field *fields, size_t n, const char *home);
/* A complete, synthetic set of answers for an item's form. */
Values form_for(Ctx *cx, const char *item, const char *home);
/* An application of this item, opened by the public. */
MatterId apply_for(Ctx *cx, const char *item, const char *home);

/* Takes a step with synthetic answers to what must be answered, and one more ("" for none). */
Err take_step(Ctx *cx, MatterId id, const char *step, const char *name, const char *value);

#define TESTS(name, ...)                                                   \
    int main(void)                                                         \
    {                                                                      \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                 \
        return cmocka_run_group_tests_name(name, tests, NULL, NULL);       \
    }

#endif
