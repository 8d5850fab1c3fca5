/* options.c -- settings from the command line and a configuration file.
**
** Input: arguments, one a line; after an empty line the text of the configuration file. */
#include "fuzz/fuzz.h"

enum { ARGUMENTS_MAX = 32 };

typedef struct Arguments {
    char *at[ARGUMENTS_MAX + 1];
    int n;
} Arguments;

static void add(Ctx *cx, Arguments *a, Str word)
{
    if (a->n < ARGUMENTS_MAX)
        a->at[a->n++] = str_c(&cx->arena, word);
}

static void is_within(Str s, Str input, Str path)
{
    size_t at;
    ensure(str_find(input, s, &at) || str_find(path, s, &at) || str_is(s, S("linli.db"))
           || str_is(s, S("127.0.0.1:8080")) || str_is(s, S("both")) || str_is(s, S("sodium")));
}

static void check(Ctx *cx, const Options *o, Str input, Str path)
{
    is_within(o->db, input, path);
    is_within(o->listen, input, path);
    is_within(o->face, input, path);
    is_within(o->cipher, input, path);
    is_within(o->base_url, input, path);
    Str keys = STR_EMPTY;
    ensure(o->words_n <= COUNT(o->words) && (options_keys(cx, o, &keys) || keys.n));
    for (size_t i = 0; i < o->words_n; i++)
        is_within(o->words[i], input, path);
}

/* An option given twice counts the last time; given on the command line, it beats the file. */
static void command_line_wins(Ctx *cx, Arguments a)
{
    Options o;
    if (a.n == ARGUMENTS_MAX)
        return; /* what was left out may be the value of the last one */
    add(cx, &a, S("--db=last.db"));
    if (options_read(cx, a.n, a.at, WORDS_MAX, &o) == OK)
        ensure(str_is(o.db, S("last.db")));
}

static void one(Ctx *cx, Str input)
{
    Options o;
    Arguments a = { .n = 0 };
    Str rest = input, line, path = STR_EMPTY;
    add(cx, &a, S("linli"));
    add(cx, &a, S("serve"));
    while (str_cut(&rest, '\n', &line) && line.n)
        add(cx, &a, line);
    if (rest.at && rest.n) {
        path = fuzz_file(cx, "config", rest);
        add(cx, &a, str_join(&cx->arena, S("--config="), path));
        add(cx, &a, S("--config"));
        add(cx, &a, path);
    }
    if (options_read(cx, a.n, a.at, WORDS_MAX, &o)) {
        ensure(cx->failure.key);
        return;
    }
    check(cx, &o, input, str_join(&cx->arena, S("--config="), path));
    command_line_wins(cx, a);
}

const FuzzTarget FUZZ = { NULL, one };
