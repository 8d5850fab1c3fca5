/* administration.h -- what administrators did, kept for who audits them.
**
** A note is made in the transaction of the deed itself, so that neither stands without the other.
** Rows are only added. */
#ifndef ADMINISTRATION_ADMINISTRATION_H
#define ADMINISTRATION_ADMINISTRATION_H

#include "field/field.h"
#include "store/store.h"

typedef struct AdminAct AdminAct;
struct AdminAct {
    AdminAct *next;
    i64 id;
    Instant at;
    PostId post; /* 0: the command line */
    Str role, by; /* empty: the command line; by is a login */
    Str what;    /* "account.add" */
    Str about;   /* login; empty when it was about nobody */
    Str detail;
};

/* Inside a write. The doer is the Ctx's actor; about 0: nobody. */
MUST_USE Err admin_note(Ctx *cx, Str what, PersonId about, Str detail);
/* Newest first, those before the act of this id (0: from the newest), at most n_max. */
MUST_USE Err admin_list(Ctx *cx, i64 before, i64 n_max, AdminAct **out);

#endif
