/* ident.c -- numbers people carry: what is taken is in its stored form, and one wrong sign is
** noticed. */
#include "fuzz/fuzz.h"

#include "ident/ident.h"

static const Day TODAY = { 17814 }; /* 2018-10-10 */

typedef const char *FaultFn(Arena *a, Str typed, Str *out);

static const char *citizen_fault(Arena *a, Str typed, Str *out)
{
    return citizen_id_fault(a, typed, TODAY, out);
}

static const char *credit_fault(Arena *a, Str typed, Str *out)
{
    bool warn;
    return credit_code_fault(a, typed, out, &warn);
}

static const char *code_fault(Arena *a, Str typed, Str *out)
{
    return query_code_parse(a, typed, out) ? NULL : "no code";
}

/* What passed, typed again as it is stored, passes and is the same. */
static bool is_settled(Ctx *cx, FaultFn *fault, Str typed, Str *out)
{
    Str again;
    if (fault(&cx->arena, typed, out))
        return false;
    ensure(str_is_utf8(*out));
    ensure(!fault(&cx->arena, *out, &again));
    ensure(str_is(again, *out));
    return true;
}

/* No other sign in any one place may pass. */
static void one_wrong_sign_is_noticed(Ctx *cx, FaultFn *fault, Str good, const char *signs)
{
    Str out;
    char *changed = (char *)str_copy(&cx->arena, good).at;
    for (size_t i = 0; i < good.n; i++) {
        for (const char *s = signs; *s && good.at[i] != '-'; s++) {
            changed[i] = *s;
            bool passes = !fault(&cx->arena, (Str){ changed, good.n }, &out);
            ensure(!passes || str_is(out, good));
        }
        changed[i] = good.at[i];
    }
}

/* How many characters a mask lets through, and that it stays as long as the value or tells less. */
static size_t shown(Str mask)
{
    size_t n = 0;
    for (size_t i = 0; i < mask.n; i++)
        n += mask.at[i] != '*' && ((u8)mask.at[i] & 0xC0) != 0x80;
    return n;
}

static void citizen_numbers(Ctx *cx, Str input)
{
    Str id;
    if (!is_settled(cx, citizen_fault, input, &id))
        return;
    ensure(id.n == 18 && id.at[17] == citizen_id_check(id));
    ensure(!day_before(TODAY, citizen_id_birth(id)));
    one_wrong_sign_is_noticed(cx, citizen_fault, id, "0123456789X");
    ensure(shown(mask_citizen_id(&cx->arena, id)) == 10
           && shown(mask_citizen_id_public(&cx->arena, id)) == 2);
}

/* The old form of a number leads to a good new one, unless its area or serial was never good. */
static void old_citizen_numbers(Ctx *cx, Str input)
{
    Str id, out;
    if (!citizen_id_upgrade(&cx->arena, input, &id))
        return;
    const char *fault = citizen_id_fault(&cx->arena, id, TODAY, &out);
    ensure(!fault || strcmp(fault, "ident.citizen_id_area") == 0
           || strcmp(fault, "ident.citizen_id_serial") == 0);
}

static void credit_codes(Ctx *cx, Str input)
{
    Str code;
    if (!is_settled(cx, credit_fault, input, &code))
        return;
    ensure(code.n == 18 && code.at[17] == credit_code_check(code));
    one_wrong_sign_is_noticed(cx, credit_fault, code, "0123456789ABCDEFGHJKLMNPQRTUWXY");
}

static void phones(Ctx *cx, Str input)
{
    Str phone;
    if (is_settled(cx, mobile_fault, input, &phone)) {
        ensure(phone.n == 11 && str_is_digits(phone));
        ensure(shown(mask_phone(&cx->arena, phone)) == 7);
    }
    if (is_settled(cx, phone_fault, input, &phone)) {
        ensure(phone.n >= 5 && phone.n <= 16);
        ensure(shown(mask_phone(&cx->arena, phone)) <= 7
               && shown(mask_phone(&cx->arena, phone)) < phone.n);
    }
}

static void plates(Ctx *cx, Str input)
{
    Str plate;
    if (!is_settled(cx, plate_fault, input, &plate))
        return;
    ensure(str_chars(plate) == 7 || str_chars(plate) == 8);
    ensure(shown(mask_plate(&cx->arena, plate)) == 5);
}

static void query_codes(Ctx *cx, Str input)
{
    Str code, made, out;
    u8 random[15] = { 0 };
    memcpy(random, input.at, input.n < sizeof random ? input.n : sizeof random);
    made = query_code_from(&cx->arena, (Bytes){ random, sizeof random });
    ensure(query_code_parse(&cx->arena, made, &out) && str_is(out, made));
    ensure(query_code_parse(&cx->arena, str_lower(&cx->arena, made), &out) && str_is(out, made));
    is_settled(cx, code_fault, input, &code);
}

/* ISO 7064 MOD 11,10: the digit behind, and none of the nine others; one wrong digit asks for
   another. */
static void check_digits(Ctx *cx, Str input)
{
    if (!str_is_digits(input) || input.n > 40)
        return;
    char good = digits_check(input), *changed = (char *)str_copy(&cx->arena, input).at;
    ensure(good >= '0' && good <= '9');
    for (size_t i = 0; i < input.n; i++) {
        for (char c = '0'; c <= '9'; c++) {
            changed[i] = c;
            ensure(c == input.at[i] || digits_check((Str){ changed, input.n }) != good);
        }
        changed[i] = input.at[i];
    }
}

static void names_and_addresses(Ctx *cx, Str input)
{
    if (!str_is_utf8(input) || input.n > 1000)
        return;
    Str name = mask_name(&cx->arena, input), address = mask_address(&cx->arena, input);
    ensure(str_is_utf8(name) && str_is_utf8(address));
    ensure(str_chars(name) == str_chars(input) && shown(name) <= 2 + (input.n == 0));
    ensure(str_ends(address, S("***")));
}

static void one(Ctx *cx, Str input)
{
    citizen_numbers(cx, input);
    old_citizen_numbers(cx, input);
    credit_codes(cx, input);
    phones(cx, input);
    plates(cx, input);
    query_codes(cx, input);
    check_digits(cx, input);
    names_and_addresses(cx, input);
}

const FuzzTarget FUZZ = { NULL, one };
