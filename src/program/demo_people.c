/* demo_people.c -- persons, accounts and posts of a demonstration district. */
#include "demo.h"

static Err appoint(Ctx *cx, PersonId person, Str role, BodyId body, PlaceId place)
{
    PostId post;
    Appointment a = {
        .person = person, .role = role, .body = body, .place = place, .since = { 1 }
    };
    return permit_appoint(cx, &a, &post);
}

static Err add_account(Ctx *cx, const DemoWords *w, Dice *d, const DemoAccount *row, Str hash)
{
    PersonId person;
    AccountId account;
    Body body;
    Place place;
    TRY(body_get_by_code(cx, row->body, &body));
    TRY(place_get_by_code(cx, row->place, day_today(cx), &place));
    TRY(person_add(cx, demo_name(cx, w, d), &person));
    TRY(account_add(cx, person, row->login, &account));
    TRY(account_set_hash(cx, account, hash));
    return appoint(cx, person, row->role, body.id, place.id);
}

/* Staff without a password: they exist, so that posts are filled; nobody can sign in as them. */
static Err add_staff(Ctx *cx, const DemoWords *w, Dice *d, const Body *body, const DemoStaff *row)
{
    for (i64 i = 0; i < row->n; i++) {
        PersonId person;
        TRY(person_add(cx, demo_name(cx, w, d), &person));
        TRY(appoint(cx, person, row->role, body->id, body->place));
    }
    return OK;
}

typedef struct Filling {
    const DemoWords *words;
    Dice *dice, began;
    Str hash;
} Filling;

static Err fill(Ctx *cx, void *arg)
{
    Filling *f = arg;
    Body *bodies;
    *f->dice = f->began; /* this may run twice */
    TRY(body_list(cx, &bodies));
    for (size_t i = 0; i < f->words->accounts_n; i++)
        TRY(add_account(cx, f->words, f->dice, &f->words->accounts[i], f->hash));
    for (const Body *b = bodies; b; b = b->next)
        for (size_t i = 0; i < f->words->staff_n; i++)
            if (str_is(f->words->staff[i].kind, b->kind))
                TRY(add_staff(cx, f->words, f->dice, b, &f->words->staff[i]));
    return OK;
}

Err demo_people(Ctx *cx, const DemoWords *w, Dice *d)
{
    Filling f = { w, d, *d, STR_EMPTY };
    TRY(password_hash(cx, DEMO_PASSWORD, &f.hash));
    /* It is told to everybody, and shall still open the door when the demonstration is old. */
    TRY(rule_replace(cx, S("PASSWORD-AGE"), S("0"), S("demonstration")));
    return store_write(cx, fill, &f);
}
