/* identity.h -- persons, accounts with passwords, and sessions.
**
** Passwords are hashed with Argon2id (19 MiB), one at a time in the whole process. Five failures
** lock an account for a while; an unknown login costs as much time as a known one. A session is
** a random token; the database holds its hash. A session acts in one post at a time. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "rules/rules.h"
#include "vault/vault.h"

typedef struct { i64 value; } AccountId;

MUST_USE Err person_add(Ctx *cx, Str name, PersonId *out);
MUST_USE Err person_name(Ctx *cx, PersonId id, Str *out); /* in clear */

MUST_USE Err account_add(Ctx *cx, PersonId person, Str login, AccountId *out);
/* NULL, or the key of why the password is too weak: 8 characters and three classes, or 16
   characters. */
const char *password_fault(Str password);
/* Given by somebody else, an administrator or the command line: who signs in with it must choose
** another first. Hashes outside any write, then stores; ends all sessions. */
MUST_USE Err account_set_password(Ctx *cx, AccountId id, Str password);
/* For demonstration districts: hash once, store for many. */
MUST_USE Err password_hash(Ctx *cx, Str password, Str *out);
MUST_USE Err account_set_hash(Ctx *cx, AccountId id, Str hash);
MUST_USE Err account_set_disabled(Ctx *cx, AccountId id, bool disabled);
MUST_USE Err account_unlock(Ctx *cx, AccountId id);
MUST_USE Err account_get_by_login(Ctx *cx, Str login, AccountId *out, PersonId *out_person);

typedef struct Account Account;
struct Account {
    Account *next;
    AccountId id;
    PersonId person;
    Str login;
    Str name; /* masked in lists */
    bool disabled, has_password;
    Instant locked_until;
};
extern const Field ACCOUNT_FIELDS[];
MUST_USE Err account_list(Ctx *cx, i64 after, i64 n_max, Account **out);

/* ------------------------------------------------------------------ sessions */

typedef struct Session {
    AccountId account;
    PersonId person;
    PostId post; /* 0 until one is chosen */
    Str login;
    Str csrf;    /* what forms of this session must send back */
    Str waits;   /* "password": may do nothing before a new one is chosen */
    Instant until; /* it ends, unless it is used before; at the latest when its day is over */
} Session;

/* Checks login and password; a new session's token goes to out_token. DENIED is the
** same for a wrong password, an unknown login, a locked and a disabled account; BUSY when too many
** passwords wait to be hashed. */
MUST_USE Err session_begin(Ctx *cx, Str login, Str password, Str *out_token);
/* The same as session_use, without counting as a use: the session may go idle meanwhile. */
MUST_USE Err session_look(Ctx *cx, Str token, Session *out);
/* Who holds this token; MISSING when nobody does, or it was idle too long or is too old. Sets
** cx->actor: without a post while the session waits for something. */
MUST_USE Err session_use(Ctx *cx, Str token, Session *out);
/* DENIED when the post is not theirs.  idle_rule names the rule for how long it may stay idle. */
MUST_USE Err session_act_in(Ctx *cx, Str token, PostId post, Str idle_rule);
/* One's own password, by who knows the old one. Ends the other sessions of the account; DENIED for
** a wrong old one, which counts as a failed sign-in. */
MUST_USE Err session_change_password(Ctx *cx, Str token, Str old, Str chosen);
MUST_USE Err session_end(Ctx *cx, Str token);
Str session_csrf(Ctx *cx, Str token);
/* A job: drops sessions idle for longer than any limit. */
MUST_USE Err session_sweep(Ctx *cx);

typedef struct SignIn SignIn;
struct SignIn {
    SignIn *next;
    Instant at;
    AccountId account;
    Str outcome;
};
extern const Field SIGN_IN_FIELDS[];
MUST_USE Err sign_in_list(Ctx *cx, i64 n_max, SignIn **out);

#endif
