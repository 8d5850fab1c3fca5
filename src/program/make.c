/* make.c -- init and demo: a new district. */
#include "demo.h"

#include <time.h>

Err command_init(Ctx *cx, const Options *o)
{
    Store *store;
    Str name = store_name(cx, o->db), keys;
    TRY(program_make(cx, o, &store));
    TRY(options_keys(cx, o, &keys));
    say("made %.*s with keys in %.*s\n", STR_ARGS(name), STR_ARGS(keys));
    return OK;
}

static Err read_number(Ctx *cx, Str text, const char *name, i64 otherwise, i64 *out)
{
    *out = otherwise;
    if (text.n == 0)
        return OK;
    return str_to_int(text, out) && *out >= 0 ? OK : fail(cx, E_INPUT, "program.not_a_number",
                                                          V("name", str_of(name)));
}

/* Until the end of the office hours of that day, or until now. */
static Err read_until(Ctx *cx, const Options *o, Instant *out)
{
    Day day;
    *out = cx->now;
    if (o->until.n == 0)
        return OK;
    if (!day_parse(o->until, &day))
        return fail(cx, E_INPUT, "program.not_a_day", V("name", S("until")));
    *out = day_at(cx->house, day, 17 * 60);
    return OK;
}

Err demo_fill(Ctx *cx, const Options *o)
{
    DemoWords words;
    Dice dice;
    i64 seed, n;
    Instant until;
    TRY(read_number(cx, o->seed, "seed", 20181010, &seed));
    TRY(read_number(cx, o->applications, "applications", 2000, &n));
    TRY(read_until(cx, o, &until));
    TRY(demo_words_read(cx, &words));
    dice.state = (u64)seed * 2654435769u + 1;
    TRY(demo_people(cx, &words, &dice));
    TRY(demo_applications(cx, &words, &dice, n, until));
    return flow_fold_tallies(cx);
}

void demo_print_accounts(Ctx *cx, Buf *out)
{
    DemoWords words;
    if (demo_words_read(cx, &words))
        return;
    for (size_t i = 0; i < words.accounts_n; i++) {
        const Role *role = role_find(cx->house, words.accounts[i].role);
        Str name = role ? words_in(role->name, cx->lang) : words.accounts[i].role;
        buf_add_format(out, "  %-12.*s %-18.*s %.*s\n", STR_ARGS(words.accounts[i].login),
                       STR_ARGS(words.accounts[i].body), STR_ARGS(name));
    }
}

Err command_demo(Ctx *cx, const Options *o)
{
    Store *store;
    Buf accounts = buf_new(&cx->arena, 64 * 1024);
    Str name = store_name(cx, o->db);
    say("making a demonstration district in %.*s\n", STR_ARGS(name));
    log_set_level(LOG_ALARM); /* long writes are meant here */
    TRY(program_make(cx, o, &store));
    TRY(demo_fill(cx, o));
    demo_print_accounts(cx, &accounts);
    print(S("Demonstration accounts, password " "Linli-demo-2026" ":\n"));
    print(buf_str(&accounts));
    return OK;
}
