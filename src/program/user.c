/* user.c -- accounts and posts from the command line: how the first administrator comes in. */
#include "program.h"

#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_BYTES_MAX = 256 };

/* ------------------------------------------------------------------ passwords */

/* A line as typed, to its end or to the end of the input. */
static Str read_line(char *line, size_t n_max)
{
    size_t n = 0;
    while (n < n_max && read(STDIN_FILENO, line + n, 1) == 1 && line[n] != '\n')
        n++;
    return (Str){ line, n > 0 && line[n - 1] == '\r' ? n - 1 : n };
}

/* At a terminal it is asked for, and not shown while it is typed. */
static Str ask_line(char *line, size_t n_max)
{
    struct termios shown, hidden;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return read_line(line, n_max);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    say("password: ");
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    Str text = read_line(line, n_max);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    say("\n");
    return text;
}

/* One line from standard input; what stands on the command line, others can see. */
static Err set_password(Ctx *cx, const Options *o, AccountId account)
{
    char line[PASSWORD_BYTES_MAX];
    if (o->password.n && !str_is(o->password, S("-")))
        return fail(cx, E_INPUT, "program.password_in_view");
    Str typed = ask_line(line, sizeof line);
    Str password = str_copy(&cx->arena, typed);
    sodium_memzero(line, sizeof line);
    if (password.n == 0)
        return fail(cx, E_INPUT, "program.no_password");
    return account_set_password(cx, account, password);
}

/* ------------------------------------------------------------------ accounts and posts */

/* As the desk takes it: letters that can be seen, no digits. */
static Err check_name(Ctx *cx, Str name)
{
    Field field = { .name = S("name"), .kind = F_NAME, .must = true,
                    .label = { { S("name"), S("name") } } };
    Values sent = VALUES(cx, V("name", name)), good = { 0 };
    return field_check(cx, &field, 1, &sent, &good);
}

typedef struct NewUser {
    Str name, login;
} NewUser;

/* The person and the account, or neither. */
static Err add_person(Ctx *cx, void *arg)
{
    const NewUser *u = arg;
    PersonId person;
    AccountId account;
    TRY(person_add(cx, u->name, &person));
    return account_add(cx, person, u->login, &account);
}

static Err add_user(Ctx *cx, const Options *o, Str login)
{
    NewUser u = { o->name, login };
    if (o->name.n == 0)
        return fail(cx, E_INPUT, "program.option_needs_value", V("name", S("name")));
    TRY(check_name(cx, o->name));
    return store_write(cx, add_person, &u);
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

typedef struct Dismissal {
    PersonId person;
    Str role;
} Dismissal;

/* All posts in the role that is named, or none. */
static Err end_posts(Ctx *cx, void *arg)
{
    const Dismissal *d = arg;
    Post *posts;
    bool found = false;
    TRY(post_list(cx, d->person, &posts));
    for (const Post *p = posts; p; p = p->next) {
        if (!str_is(p->role, d->role))
            continue;
        found = true;
        TRY(permit_dismiss(cx, p->id));
    }
    return found ? OK : fail(cx, E_MISSING, "program.no_such_post", V("role", d->role));
}

static Err dismiss_user(Ctx *cx, const Options *o, PersonId person)
{
    Dismissal d = { person, o->role };
    if (o->role.n == 0)
        return fail(cx, E_INPUT, "program.option_needs_value", V("name", S("role")));
    return store_write(cx, end_posts, &d);
}

static Err change_user(Ctx *cx, const Options *o, AccountId account, PersonId person)
{
    Str what = o->words[0];
    if (str_is(what, S("password")))
        return set_password(cx, o, account);
    if (str_is(what, S("appoint")))
        return appoint_user(cx, o, person);
    if (str_is(what, S("dismiss")))
        return dismiss_user(cx, o, person);
    if (str_is(what, S("disable")) || str_is(what, S("enable")))
        return account_set_disabled(cx, account, str_is(what, S("disable")));
    return fail(cx, E_INPUT, "program.unknown_check", V("what", what));
}

Err command_user(Ctx *cx, const Options *o)
{
    Store *store;
    AccountId account;
    PersonId person;
    if (o->words_n < 2)
        return fail(cx, E_INPUT, "program.word_missing",
                    V("what", S("add | password | appoint | dismiss | disable | enable LOGIN")));
    TRY(program_open(cx, o, &store));
    if (str_is(o->words[0], S("add")))
        return add_user(cx, o, o->words[1]);
    TRY(account_get_by_login(cx, o->words[1], &account, &person));
    return change_user(cx, o, account, person);
}
