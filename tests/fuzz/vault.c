/* vault.c -- sealed values: what was sealed opens, what was damaged or moved does not, with both
** ciphers.
**
** Input: which cipher, what to do with the blob, where, then the value. */
#include "fuzz/fuzz.h"

#include "vault/vault.h"

static House *houses[2]; /* one for each cipher */

static void begin(Ctx *cx)
{
    static const char *const CIPHERS[] = { "sodium", "sm" };
    for (size_t i = 0; i < COUNT(houses); i++) {
        Ctx inner = ctx_new(houses[i] = house_new(), 1 << 20);
        Str inside = fuzz_folder(cx),
            path = str_format(&cx->arena, "%.*s/%s", STR_ARGS(inside), CIPHERS[i]);
        ctx_begin(&inner, cx->now);
        ensure(keys_make(&inner, path, str_of(CIPHERS[i])) == OK);
        ensure(keys_use(&inner, path) == OK);
        ctx_free(&inner);
    }
}

static void whole_opens(Ctx *cx, Str context, Bytes sealed, Str plain)
{
    Str back;
    ensure(vault_open(cx, context, sealed, &back) == OK);
    ensure(str_is(back, plain));
    size_t at;
    ensure(plain.n < 8 || !str_find(str_of_bytes(sealed), plain, &at));
}

static void refused(Ctx *cx, Str context, Bytes sealed)
{
    Str back;
    ensure(vault_open(cx, context, sealed, &back) == E_STORE);
    ctx_forgive(cx);
}

static Bytes damaged(Ctx *cx, Bytes sealed, u8 how, size_t where)
{
    u8 *copy = NEW_ARRAY(cx, u8, sealed.n + 1);
    memcpy(copy, sealed.at, sealed.n);
    where %= sealed.n;
    switch (how % 4) {
    case 0: copy[where] ^= (u8)(1 << how / 4 % 8); return (Bytes){ copy, sealed.n };
    case 1: return (Bytes){ copy, where };                 /* cut short */
    case 2: return (Bytes){ copy, sealed.n + 1 };          /* one byte more */
    default:
        memmove(copy + where, copy + where + 1, sealed.n - where - 1);
        return (Bytes){ copy, sealed.n - 1 };
    }
}

static void marks_are_keyed(Ctx *cx, Str value)
{
    Bytes mark = vault_mark(cx, S("phone"), value);
    ensure(mark.n == HASH_BYTES && bytes_are(mark, vault_mark(cx, S("phone"), value)));
    ensure(!bytes_are(mark, vault_mark(cx, S("citizen_id"), value)));
    ensure(!bytes_are(mark, vault_token_mac(cx, S("phone"), value)));
    ensure(!bytes_are(mark, vault_hash(cx, value)));
}

static void one(Ctx *cx, Str input)
{
    Bytes sealed;
    Ctx inner = ctx_new(houses[fuzz_choice(&input) % COUNT(houses)], 64 << 20);
    u8 how = fuzz_choice(&input);
    size_t where = (size_t)fuzz_choice(&input) << 8 | fuzz_choice(&input);
    Str context = S("matter/1/1/applicant_phone");
    ctx_begin(&inner, cx->now);
    ensure(vault_seal(&inner, context, input, &sealed) == OK);
    whole_opens(&inner, context, sealed, input);
    refused(&inner, S("matter/2/1/applicant_phone"), sealed);
    refused(&inner, STR_EMPTY, sealed);
    refused(&inner, context, damaged(&inner, sealed, how, where));
    refused(&inner, context, bytes_of(input)); /* bytes as they come */
    marks_are_keyed(&inner, input);
    ctx_end(&inner);
    ctx_free(&inner);
}

const FuzzTarget FUZZ = { begin, one };
