/* mask.c -- what is shown of a personal value where the whole is not needed (domain handbook
** 3.4). */
#include "ident/ident.h"

/* Keeps the first and last characters and puts a star for each one between. */
static Str keep_ends(Arena *a, Str s, size_t first, size_t last)
{
    Buf b = buf_new(a, s.n * 3 + 16);
    size_t n = str_chars(s), at = 0;
    for (size_t i = 0; i < n; i++) {
        Str one = str_next_char(s, &at);
        buf_add(&b, i < first || i + last >= n ? one : S("*"));
    }
    return buf_str(&b);
}

Str mask_citizen_id(Arena *a, Str id)
{
    return keep_ends(a, id, 6, 4);
}

Str mask_citizen_id_public(Arena *a, Str id)
{
    return keep_ends(a, id, 1, 1);
}

Str mask_phone(Arena *a, Str phone)
{
    return str_chars(phone) >= 11 ? keep_ends(a, phone, 3, 4) : keep_ends(a, phone, 2, 2);
}

Str mask_name(Arena *a, Str name)
{
    return keep_ends(a, name, 1, str_chars(name) > 2 ? 1 : 0);
}

Str mask_plate(Arena *a, Str plate)
{
    return keep_ends(a, plate, 3, 2);
}

/* ------------------------------------------------------------------ addresses */

/* Words behind a number: behind the first kind somebody lives, the second says where the street
** is. */
static const char *const DOORS[] = { "栋", "幢", "座", "楼", "层", "单元", "室", "房", "户", "门" };
static const char *const STREETS[] = { "路", "街", "巷", "段", "组", "村", "社", "环", "期", "区",
                                       "里", "弄", "道", "条", "线", "队", "大", "中", "小" };
static const char *const ROOMS[] = { "flat", "apartment", "apt", "unit", "room", "floor", "suite" };

static bool begins_with_one_of(Str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(s, str_of(words[i])))
            return true;
    return false;
}

static bool is_digit(u32 c)
{
    return (c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19);
}

/* Of "3", "B12", "5-2-301", "十二", "附2". */
static bool is_of_number(Str one)
{
    u32 c = str_code_point(one);
    size_t at;
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
        || str_find(S("零〇一二三四五六七八九十百甲乙丙丁附-#－—"), one, &at);
}

typedef struct NumberRun {
    size_t at, end;
    bool has_digit;
} NumberRun;

static bool next_number(Str s, size_t from, NumberRun *out)
{
    *out = (NumberRun){ from, from, false };
    for (size_t at = from; at < s.n; out->end = at) {
        Str one = str_next_char(s, &at);
        if (is_of_number(one))
            out->has_digit = out->has_digit || is_digit(str_code_point(one));
        else if (out->end > out->at)
            return true;
        else
            out->at = at;
    }
    return out->end > out->at;
}

/* Where what may be shown ends: behind a street number (号) that a finer one follows, else before
** the first number that somebody lives behind. */
static size_t shown_of_chinese(Str s)
{
    NumberRun run;
    for (size_t from = 0; next_number(s, from, &run); from = run.end) {
        Str rest = str_skip(s, run.end), behind = str_skip(rest, S("号").n);
        if (str_starts(rest, S("号")) && !begins_with_one_of(behind, STREETS, COUNT(STREETS)))
            return str_trim(behind).n && !begins_with_one_of(behind, DOORS, COUNT(DOORS))
                       ? run.end + S("号").n : run.at;
        if (begins_with_one_of(rest, DOORS, COUNT(DOORS))
            || (run.has_digit && !begins_with_one_of(rest, STREETS, COUNT(STREETS))
                && !str_starts(rest, S("号"))))
            return run.at;
    }
    return s.n;
}

static bool has_digit(Str s)
{
    for (size_t at = 0; at < s.n;)
        if (is_digit(str_code_point(str_next_char(s, &at))))
            return true;
    return false;
}

/* "1 Sample Lane, flat 2": to the first comma, unless the flat stands before it. */
static size_t shown_of_latin(Arena *a, Str s)
{
    size_t comma;
    bool flat_first = begins_with_one_of(str_lower(a, s), ROOMS, COUNT(ROOMS));
    return !flat_first && str_find(s, S(","), &comma) && has_digit(str_first(s, comma)) ? comma : 0;
}

static bool is_latin(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.at[i] >= 0xE0) /* Chinese begins above */
            return false;
    return true;
}

static Str first_chars(Str s, int n)
{
    size_t keep = 0;
    while (n-- > 0)
        str_next_char(s, &keep);
    return str_first(s, keep);
}

/* To the street or lane; its number only where a finer one hides behind it (domain handbook 3.4).
** Without one the first six characters. */
Str mask_address(Arena *a, Str address)
{
    bool latin = is_latin(address);
    size_t n = !latin ? shown_of_chinese(address)
             : has_digit(address) ? shown_of_latin(a, address) : address.n;
    if (n == address.n)
        return str_join(a, first_chars(address, 6), S("***"));
    Str shown = str_first(address, n);
    return str_join(a, shown, latin && shown.n ? S(", ***") : S("***"));
}
