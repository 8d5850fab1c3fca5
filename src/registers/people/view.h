/* view.h -- models of the pages about people. */
#ifndef PEOPLE_VIEW_H
#define PEOPLE_VIEW_H

#include "administration/administration.h"
#include "page/page.h"
#include "people/people.h"

typedef struct SignInView {
    PageForm form;
    Str login, back;
    Str login_name; /* after signing in, for JSON */
    Str csrf;
    Str waits;      /* what must be done first: "password" */
} SignInView;

/* One's own password: why it must be changed, when it must. */
typedef struct PasswordView {
    PageForm form;
    Str waits;
    Str login;
} PasswordView;

typedef struct PostsView {
    Post *posts;
    PostId now;
} PostsView;

typedef struct AccountsView {
    Account *accounts;
    SignIn *sign_ins;
    Post *posts;         /* of the chosen account */
    Account *chosen;
    PageForm form;
    bool manages, secures;
    bool guarded;        /* the chosen one is left to the command line */
    i64 after;
    Link more;
    Str password;        /* shown once, after making one */
    const char *problem_of;
    Names roles;
    Body *bodies;
    Place *places;
    Values typed;
} AccountsView;

/* A look as the auditor reads it: codes for programs, words for people, nobody by name. */
typedef struct LookRow LookRow;
struct LookRow {
    LookRow *next;
    Instant at;
    Str role, post;      /* code; "Window clerk · Caotang community centre" */
    Str number;          /* of the case */
    Str field, what;     /* code; "Citizen identity number" */
    Str reason;
};

/* An administrative act: codes for programs, words for people. */
typedef struct ActRow ActRow;
struct ActRow {
    ActRow *next;
    Instant at;
    Str role, seat;      /* code; "System administrator · Qingyang District" */
    Str by, about;       /* logins */
    Str what, said;      /* code; "Account made" */
    Str detail;
};

typedef struct ActsView {
    ActRow *acts;
    i64 before; /* where the next page begins; 0 at the end */
} ActsView;

typedef struct LooksView {
    LookRow *looks;
    i64 before; /* where the next page begins; 0 at the end */
} LooksView;

#endif
