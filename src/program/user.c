/* user.c -- accounts and posts from the command line: how the first administrator comes in. */
#include "program.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

enum { PASSWORD_BYTES_MAX = 256 };

/* One line from standard input. */
static Err read_password(Ctx *cx, Str *out)
{
    char line[PASSWORD_BYTES_MAX];
    ssize_t n = read(STDIN_FILENO, line, sizeof line);
    if (n <= 0)
        return fail(cx, E_INPUT, "program.no_password");
    Str text = { line, (size_t)n }, first;
    str_cut(&text, '\n', &first);
    *out = str_copy(&cx->arena, str_ends(first, S("\r")) ? str_first(first, first.n - 1) : first);
    sodium_memzero(line, sizeof line);
    return OK;
}

static Err set_password(Ctx *cx, AccountId account)
{
    Str password;
    if (isatty(STDIN_FILENO))
        say("password: ");
    TRY(read_password(cx, &password));
    return account_set_password(cx, account, password);
}

/* As the desk takes it: letters that can be seen, no digits. */
static Err check_name(Ctx *cx, Str name)
{
    Field field = { .name = S("name"), .kind = F_NAME, .must = true,
                    .label = { { S("name"), S("name") } } };
    Values sent = VALUES(cx, V("name", name)), good = { 0 };
    return field_check(cx, &field, 1, &sent, &good);
}

static Err add_user(Ctx *cx, const Options *o, Str login)
{
    PersonId person;
    AccountId account;
    if (o->name.n == 0)
        return fail(cx, E_INPUT, "program.option_needs_value", V("name", S("name")));
    TRY(check_name(cx, o->name));
    TRY(person_add(cx, o->name, &person));
    return account_add(cx, person, login, &account);
}

static Err appoint_user(Ctx *cx, const Options *o, PersonId person)
{
    Place place;
    Body body = { 0 };
    PostId post;
    TRY(place_get_by_code(cx, o->place.n ? o->place : profile_of(cx->house)->district,
                          day_today(cx), &place));
    if (o->body.n)
        TRY(body_get_by_code(cx, o->body, &body));
    Appointment a = {
        .person = person, .role = o->role, .body = body.id, .place = place.id, .since = cx->now
    };
    return permit_appoint(cx, &a, &post);
}

Err command_user(Ctx *cx, const Options *o)
{
    Store *store;
    AccountId account;
    PersonId person;
    if (o->words_n < 2)
        return fail(cx, E_INPUT, "program.word_missing",
                    V("what", S("add | password | appoint LOGIN")));
    TRY(program_open(cx, o, &store));
    if (str_is(o->words[0], S("add")))
        return add_user(cx, o, o->words[1]);
    TRY(account_get_by_login(cx, o->words[1], &account, &person));
    if (str_is(o->words[0], S("password")))
        return set_password(cx, account);
    return str_is(o->words[0], S("appoint")) ? appoint_user(cx, o, person)
         : fail(cx, E_INPUT, "program.unknown_check", V("what", o->words[0]));
}
