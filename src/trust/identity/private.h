/* private.h -- shared by the files of identity. */
#ifndef IDENTITY_PRIVATE_H
#define IDENTITY_PRIVATE_H

#include "identity/identity.h"

Str login_normal(Ctx *cx, Str typed); /* lower case; empty when unusable */
/* Takes as long for an account without a password as for one with. */
bool password_matches(Ctx *cx, Str hash, Str password);

#endif
