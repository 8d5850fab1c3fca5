/* field.c -- what people type into a form, of every kind of field.
**
** Input: kind, bounds (0 none, 1 min, 2 max, 3 both), min, max, then what is typed. What is
** taken, shown again in its typed form and sent once more, is the same; its mask shows no more
** than the kind allows; as JSON it comes back. */
#include "fuzz/fuzz.h"

#include "text/text.h"

static const Choice CHOICES[] = { { { "red", 3 }, { { { "红", 3 }, { "Red", 3 } } } },
                                  { { "blue", 4 }, { { { "蓝", 3 }, { "Blue", 4 } } } },
                                  { { "x", 1 }, { { { "未知", 6 }, { "X", 1 } } } } };

/* characters of a masked value, at most */
static const struct { FieldKind kind; size_t shown_max;
} MASKS[] = {
    { F_TEXT, 0 },  { F_LONG, 0 },  { F_INT, 0 },         { F_DAY, 0 },
    { F_MONEY, 0 }, { F_EMAIL, 0 }, { F_NAME, 2 },        { F_MOBILE, 7 },
    { F_PHONE, 7 }, { F_PLATE, 5 }, { F_CITIZEN_ID, 10 }, { F_CREDIT_CODE, 0 },
};

static Field field_of(Str *input)
{
    Field f = { .name = S("typed"), .label = { { S("所填"), S("Typed") } } };
    f.kind = (FieldKind)(fuzz_choice(input) % F_KINDS);
    u8 bounds = fuzz_choice(input), min = fuzz_choice(input), max = fuzz_choice(input);
    f.min = bounds & 1 ? min : 0;
    f.max = bounds & 2 ? f.min + max : 0;
    f.must = bounds & 4;
    if (f.kind == F_CHOICE || f.kind == F_CHOICES) {
        f.choices = CHOICES;
        f.choices_n = COUNT(CHOICES);
    }
    return f;
}

/* As a form shows a stored value: money in whole units, all else as it is stored. */
static Str typed_form(Ctx *cx, const Field *f, Str stored)
{
    return f->kind == F_MONEY ? field_words(cx, f, stored) : stored;
}

static void nothing_hides_in(const Field *f, Str stored)
{
    ensure(str_is_utf8(stored));
    ensure(text_unseen(stored, f->kind == F_LONG) == 0);
}

static void stays_within(const Field *f, Str stored)
{
    i64 n;
    size_t chars = str_chars(stored);
    if (f->kind == F_INT || f->kind == F_MONEY) {
        ensure(str_to_int(stored, &n) && n >= f->min && (!f->max || n <= f->max));
    } else if (f->kind == F_TEXT || f->kind == F_LONG || f->kind == F_NAME
               || f->kind == F_ADDRESS) {
        ensure(chars >= (size_t)f->min && chars <= (f->max ? (size_t)f->max : 4000));
    }
}

static void comes_again(Ctx *cx, const Field *f, Str stored)
{
    Values sent = { 0 }, good = { 0 };
    value_add(cx, &sent, f->name, typed_form(cx, f, stored));
    ensure(field_check(cx, f, 1, &sent, &good) == OK);
    ensure(str_is(value_of(&good, f->name), stored));
}

static void mask_hides(Ctx *cx, Field f, Str stored)
{
    f.personal = true;
    Str masked = field_masked(cx, &f, stored);
    size_t shown = 0, most = SIZE_MAX;
    ensure(str_is_utf8(masked) && masked.n > 0);
    for (size_t i = 0; i < masked.n; i++)
        shown += masked.at[i] != '*' && ((u8)masked.at[i] & 0xC0) != 0x80;
    for (size_t i = 0; i < COUNT(MASKS); i++)
        if (MASKS[i].kind == f.kind)
            most = MASKS[i].shown_max;
    ensure(shown <= most);
}

static void comes_back_from_json(Ctx *cx, const Values *good)
{
    typedef struct Holder { Values form; } Holder;
    static const Field FIELDS[] = { FIELD(Holder, form, FORM), FIELD_END };
    const Json *json;
    Holder holder = { *good };
    Buf b = buf_new(&cx->arena, 1 << 20);
    field_put_json(cx, &b, FIELDS, &holder);
    ensure(json_parse(cx, buf_str(&b), 1 << 20, &json) == OK);
    ensure(str_is(json_text_in(json_in(json, "form"), "typed"), value_of(good, S("typed"))));
}

static void refusals_can_be_said(Ctx *cx)
{
    ensure(ctx_err(cx) == E_INPUT && cx->failure.problems);
    for (const Problem *p = cx->failure.problems; p; p = p->next)
        ensure(p->key && problem_text(cx, p).n && str_is_utf8(problem_text(cx, p)));
}

static void one(Ctx *cx, Str input)
{
    Field f = field_of(&input);
    Values sent = { 0 }, good = { 0 };
    value_add(cx, &sent, f.name, input);
    if (field_check(cx, &f, 1, &sent, &good)) {
        refusals_can_be_said(cx);
        return;
    }
    Str stored = value_of(&good, f.name);
    if (!value_has(&good, f.name)) {
        ensure(str_trim(input).n == 0 && !f.must);
        return;
    }
    ensure(f.kind < F_ID && f.kind != F_INSTANT && stored.n);
    nothing_hides_in(&f, stored);
    stays_within(&f, stored);
    comes_again(cx, &f, stored);
    mask_hides(cx, f, stored);
    comes_back_from_json(cx, &good);
    ensure(field_words(cx, &f, stored).n);
}

const FuzzTarget FUZZ = { NULL, one };
