/* keys.c -- the key file: what is taken can seal and open, and a newer key leaves the older ones
** good. */
#include "fuzz/fuzz.h"

#include "vault/vault.h"

static void opens_after_rotation(Ctx *cx, Str path, Str context, Bytes sealed)
{
    Str back;
    Ctx inner = ctx_new(house_new(), 8 << 20);
    ctx_begin(&inner, cx->now);
    if (keys_rotate(&inner, path, S("sodium")) == OK) {
        ensure(keys_use(&inner, path) == OK);
        ensure(vault_open(&inner, context, sealed, &back) == OK && str_is(back, S("value")));
    }
    ctx_end(&inner);
    house_end(inner.house);
    ctx_free(&inner);
}

static void one(Ctx *cx, Str input)
{
    Bytes sealed;
    Str path = fuzz_file(cx, "keys", input), context = S("matter/1/1/name"), back;
    Ctx inner = ctx_new(house_new(), 8 << 20);
    ctx_begin(&inner, cx->now);
    if (keys_use(&inner, path) == OK) {
        ensure(vault_seal(&inner, context, S("value"), &sealed) == OK);
        ensure(vault_open(&inner, context, sealed, &back) == OK && str_is(back, S("value")));
        opens_after_rotation(cx, path, context, sealed);
    } else {
        ensure(ctx_err(&inner) == E_INPUT || ctx_err(&inner) == E_LIMIT);
    }
    ctx_end(&inner);
    house_end(inner.house);
    ctx_free(&inner);
}

const FuzzTarget FUZZ = { NULL, one };
