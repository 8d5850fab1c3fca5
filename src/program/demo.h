/* demo.h -- what the parts of the demonstration share. */
#ifndef PROGRAM_DEMO_H
#define PROGRAM_DEMO_H

#include "program.h"

#define DEMO_PASSWORD S("Linli-demo-2026")

/* A generator with a fixed seed: the same district every time. xorshift64*, Vigna 2016. */
typedef struct Dice {
    u64 state;
} Dice;
u64 dice_next(Dice *d);
i64 dice_below(Dice *d, i64 n); /* 0 … n-1 */
bool dice_chance(Dice *d, i64 percent);

typedef struct DemoAccount {
    Str login;
    Str role, body, place;
} DemoAccount;

typedef struct DemoStaff {
    Str kind, role;
    i64 n;
} DemoStaff;

typedef struct DemoWords {
    Names surnames, given, lanes, texts, businesses;
    Str between, address, id_area, phone;
    const DemoAccount *accounts;
    size_t accounts_n;
    const DemoStaff *staff;
    size_t staff_n;
} DemoWords;

MUST_USE Err demo_words_read(Ctx *cx, DemoWords *out);

/* Something fitting for a field, synthetic. */
Str demo_value(Ctx *cx, const DemoWords *w, Dice *d, const Field *f, const Place *home);
Str demo_name(Ctx *cx, const DemoWords *w, Dice *d);

MUST_USE Err demo_people(Ctx *cx, const DemoWords *w, Dice *d);
MUST_USE Err demo_applications(Ctx *cx, const DemoWords *w, Dice *d, i64 n, Instant until);

#endif
