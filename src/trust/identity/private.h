/* private.h -- shared by the files of identity. */
#ifndef IDENTITY_PRIVATE_H
#define IDENTITY_PRIVATE_H

#include "identity/identity.h"

/* What holds only as long as a session of this account does: touched when one ends, or acts in
   another post. */
Tag session_tag(AccountId account);

Str login_normal(Ctx *cx, Str typed); /* lower case; empty when unusable */
/* Takes as long for an account without a password as for one with. BUSY when too many wait. */
MUST_USE Err password_matches(Ctx *cx, Str hash, Str password, bool *out);

/* One password is hashed at a time and so many wait for it; who comes then is sent away, so that
** a flood of sign-ins does not take every thread of the server. */
enum { HASH_WAITING_MAX = 4 };
MUST_USE bool hash_line_join(void); /* false: the line is full */
void hash_line_leave(void);

#endif
