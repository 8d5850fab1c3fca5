/* core.h -- the alphabet: types, arenas, strings, buffers, the Ctx and the log. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/ctx.h"
#include "core/log.h"
#include "core/str.h"
#include "core/types.h"

#endif
