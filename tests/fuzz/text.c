/* text.c -- strings as they come: UTF-8, forms of Unicode, cutting, numbers, hex and base64url. */
#include "fuzz/fuzz.h"

#include "text/text.h"
#include "when/when.h"

#include <unicode/ustring.h>

enum { NFKC_BYTES_MAX = 2000, SOUND_BYTES_MAX = 200 };

/* What ICU says of the same bytes; our own rule is that and no NUL. */
static bool icu_takes(Arena *a, Str s)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    UChar *wide = arena_take(a, (s.n + 1) * sizeof *wide);
    u_strFromUTF8(wide, (int32_t)s.n + 1, &n, s.at, (int32_t)s.n, &status);
    return U_SUCCESS(status) && (s.n == 0 || !memchr(s.at, 0, s.n));
}

static void put_code_point(Buf *b, u32 c)
{
    if (c < 0x80) {
        buf_add_char(b, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    buf_add_char(b, (char)((0xF0 << (3 - more) & 0xFF) | c >> (6 * more)));
    while (more--)
        buf_add_char(b, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

static void characters_make_the_text_again(Ctx *cx, Str s)
{
    Buf b = buf_new(&cx->arena, s.n + 1);
    size_t at = 0, n = 0;
    for (Str one = str_next_char(s, &at); one.n; one = str_next_char(s, &at), n++) {
        u32 c = str_code_point(one);
        ensure(c > 0 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF));
        put_code_point(&b, c);
    }
    ensure(n == str_chars(s));
    ensure(str_is(buf_str(&b), s));
}

static void normal_form_is_settled(Ctx *cx, Str s)
{
    if (s.n > NFKC_BYTES_MAX)
        return;
    Str once = text_nfkc(&cx->arena, s);
    ensure(str_is_utf8(once));
    ensure(once.n || !s.n);
    ensure(str_is(text_nfkc(&cx->arena, once), once));
}

static void sounds_are_letters(Ctx *cx, Str s)
{
    Str full, initials;
    if (s.n > SOUND_BYTES_MAX)
        return;
    text_pinyin(&cx->arena, s, &full, &initials);
    for (size_t i = 0; i < full.n; i++)
        ensure((full.at[i] >= 'a' && full.at[i] <= 'z')
               || (full.at[i] >= '0' && full.at[i] <= '9'));
    ensure(initials.n <= full.n);
}

static void trimming_takes_only_space(Str s)
{
    Str inner = str_trim(s);
    ensure(inner.n <= s.n
           && (inner.n == 0 || (inner.at >= s.at && inner.at + inner.n <= s.at + s.n)));
    ensure(str_is(str_trim(inner), inner));
    ensure(inner.n == 0 || !strchr(" \t\r\n\f\v", inner.at[0]) || !inner.at[0]);
}

static void parts_make_the_text_again(Ctx *cx, Str s, char separator)
{
    Str rest = s, part;
    Buf b = buf_new(&cx->arena, s.n + 1);
    for (bool first = true; str_cut(&rest, separator, &part); first = false) {
        if (!first)
            buf_add_char(&b, separator);
        buf_add(&b, part);
        ensure(part.n == 0 || !memchr(part.at, separator, part.n));
    }
    ensure(str_is(buf_str(&b), s));
}

static void finding_finds_the_first(Str s, Str part)
{
    size_t at = 0;
    bool found = str_find(s, part, &at);
    const char *there = part.n == 0 ? s.at : memmem(s.at, s.n, part.at, part.n);
    ensure(found == (there != NULL));
    ensure(!found || s.at + at == there);
}

static void numbers_are_what_is_written(Ctx *cx, Str s)
{
    i64 n;
    if (!str_to_int(s, &n))
        return;
    Str digits = s.at[0] == '-' ? str_skip(s, 1) : s;
    while (digits.n > 1 && digits.at[0] == '0')
        digits = str_skip(digits, 1);
    Str again = str_format(&cx->arena, "%lld", (long long)n);
    ensure(str_is(again.at[0] == '-' ? str_skip(again, 1) : again, digits));
    ensure(n == 0 || (again.at[0] == '-') == (s.at[0] == '-'));
}

static void days_are_what_is_written(Ctx *cx, Str s)
{
    Day day;
    if (!day_parse(s, &day))
        return;
    ensure(str_is(day_iso(&cx->arena, day), s));
    ensure(date_is_real(day_date(day)) && day_is(day_from(day_date(day)), day));
}

static void bytes_come_back(Ctx *cx, Str s)
{
    Bytes back;
    ensure(bytes_from_hex(&cx->arena, str_hex(&cx->arena, bytes_of(s)), &back)
           && bytes_are(back, bytes_of(s)));
    ensure(bytes_from_base64url(&cx->arena, str_base64url(&cx->arena, bytes_of(s)), &back));
    ensure(bytes_are(back, bytes_of(s)));
    if (bytes_from_hex(&cx->arena, s, &back))
        ensure(str_is(str_hex(&cx->arena, back), str_lower(&cx->arena, s)));
    if (bytes_from_base64url(&cx->arena, s, &back))
        ensure(str_is(str_base64url(&cx->arena, back), s));
}

/* Any text of a catalogue can be filled in; what no brace marks stays as it is. */
static void a_text_can_be_filled(Ctx *cx, Str s)
{
    const char *whole = str_c(&cx->arena, s);
    TextRow row = { "fuzz.text", { whole, whole } };
    Ctx inner = ctx_new(house_new(), 16 << 20);
    text_use(inner.house, &row, 1);
    ctx_begin(&inner, cx->now);
    Str filled = text(&inner, "fuzz.text", V("name", S("{value}")), V("n", STR_EMPTY));
    ensure(str_is_utf8(filled));
    ensure(memchr(s.at, '{', s.n) || s.n > 60000 || str_is(filled, s));
    ctx_end(&inner);
    house_end(inner.house);
    ctx_free(&inner);
}

static void one(Ctx *cx, Str input)
{
    bool good = str_is_utf8(input);
    ensure(good == icu_takes(&cx->arena, input));
    if (good) {
        characters_make_the_text_again(cx, input);
        normal_form_is_settled(cx, input);
        sounds_are_letters(cx, input);
        if (input.n)
            a_text_can_be_filled(cx, input);
    }
    trimming_takes_only_space(input);
    numbers_are_what_is_written(cx, input);
    days_are_what_is_written(cx, input);
    bytes_come_back(cx, input);
    if (input.n < 2)
        return;
    parts_make_the_text_again(cx, str_skip(input, 1), input.at[0]);
    finding_finds_the_first(str_skip(input, 1), str_first(str_skip(input, 1), (u8)input.at[0] % 8));
    finding_finds_the_first(str_first(input, input.n / 2), str_skip(input, input.n - 2));
}

const FuzzTarget FUZZ = { NULL, one };
