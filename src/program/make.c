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

typedef struct DemoSize {
    i64 seed, n;
    Day until; /* NO_DAY: now */
} DemoSize;

static Err read_size(Ctx *cx, const Options *o, DemoSize *out)
{
    out->until = NO_DAY;
    TRY(read_number(cx, o->seed, "seed", 20181010, &out->seed));
    TRY(read_number(cx, o->applications, "applications", 2000, &out->n));
    return o->until.n == 0 || day_parse(o->until, &out->until) ? OK
         : fail(cx, E_INPUT, "program.not_a_day", V("name", S("until")));
}

/* Until the end of the office hours of that day, or until now; the zone is the profile's. */
static Instant demo_end(const Ctx *cx, Day until)
{
    return day_is_set(until) ? day_at(cx->house, until, 17 * 60) : cx->now;
}

static Err demo_fill(Ctx *cx, const DemoSize *size)
{
    DemoWords words;
    Dice dice = { .state = (u64)size->seed * 2654435769u + 1 };
    TRY(demo_words_read(cx, &words));
    TRY(demo_people(cx, &words, &dice));
    TRY(demo_applications(cx, &words, &dice, size->n, demo_end(cx, size->until)));
    return flow_fold_tallies(cx);
}

static void demo_print_accounts(Ctx *cx, Buf *out)
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
    DemoSize size;
    Buf accounts = buf_new(&cx->arena, 64 * 1024);
    TRY(read_size(cx, o, &size)); /* before anything is made */
    Str name = store_name(cx, o->db);
    say("making a demonstration district in %.*s\n", STR_ARGS(name));
    log_set_level(LOG_ALARM); /* long writes are meant here */
    TRY(program_make(cx, o, &store));
    TRY(demo_fill(cx, &size));
    demo_print_accounts(cx, &accounts);
    print(S("Demonstration accounts, password " "Linli-demo-2026" ":\n"));
    print(buf_str(&accounts));
    return OK;
}
