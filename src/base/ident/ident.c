/* ident.c -- checks of identifiers. */
#include "ident/ident.h"

#include "text/text.h"

#include <string.h>

static Str normal(Arena *a, Str typed)
{
    return str_upper(a, str_trim(text_nfkc(a, typed)));
}

/* ------------------------------------------------------------------ citizen number, GB 11643 */

char citizen_id_check(Str first17)
{
    static const int WEIGHTS[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    for (size_t i = 0; i < COUNT(WEIGHTS); i++)
        sum += (first17.at[i] - '0') * WEIGHTS[i];
    return "10X98765432"[sum % 11];
}

/* GB/T 2260 provinces; a retired area code below them stays good, people keep their number. */
static bool is_province(int prefix)
{
    static const int RANGES[][2] = { { 11, 15 }, { 21, 23 }, { 31, 37 }, { 41, 46 }, { 50, 54 },
                                     { 61, 65 }, { 71, 71 }, { 81, 83 } };
    for (size_t i = 0; i < COUNT(RANGES); i++)
        if (prefix >= RANGES[i][0] && prefix <= RANGES[i][1])
            return true;
    return false;
}

static int number_at(Str s, size_t from, size_t n)
{
    int value = 0;
    for (size_t i = from; i < from + n; i++)
        value = value * 10 + (s.at[i] - '0');
    return value;
}

static Date birth_date(Str id)
{
    return (Date){ number_at(id, 6, 4), number_at(id, 10, 2), number_at(id, 12, 2) };
}

const char *citizen_id_fault(Arena *a, Str typed, Day today, Str *out)
{
    Str id = normal(a, typed);
    *out = id;
    if (id.n != 18)
        return N_("ident.citizen_id_length");
    char last = id.at[17];
    if (!str_is_digits(str_first(id, 17)) || !(last == 'X' || (last >= '0' && last <= '9')))
        return N_("ident.citizen_id_digits");
    if (!is_province(number_at(id, 0, 2)))
        return N_("ident.citizen_id_area");
    if (!date_is_real(birth_date(id)) || birth_date(id).year < 1800
        || day_before(today, day_from(birth_date(id))))
        return N_("ident.citizen_id_birth");
    if (number_at(id, 14, 3) == 0)
        return N_("ident.citizen_id_serial");
    return last == citizen_id_check(id) ? NULL : N_("ident.citizen_id_check");
}

Day citizen_id_birth(Str id)
{
    return day_from(birth_date(id));
}

bool citizen_id_is_male(Str id)
{
    return (id.at[16] - '0') % 2 == 1;
}

bool citizen_id_upgrade(Arena *a, Str old15, Str *out)
{
    if (old15.n != 15 || !str_is_digits(old15))
        return false;
    Str id = str_format(a, "%.*s19%.*s?", 6, old15.at, 9, old15.at + 6);
    if (id.n != 18 || !date_is_real(birth_date(id)))
        return false;
    ((char *)id.at)[17] = citizen_id_check(id);
    *out = id;
    return true;
}

/* ----------------------------------------------------------------- social credit code, GB 32100 */

static const char CREDIT_ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int credit_value(char c)
{
    const char *at = c ? strchr(CREDIT_ALPHABET, c) : NULL;
    return at ? (int)(at - CREDIT_ALPHABET) : -1;
}

char credit_code_check(Str first17)
{
    int sum = 0, weight = 1;
    for (size_t i = 0; i < 17; i++) {
        sum += credit_value(first17.at[i]) * weight;
        weight = weight * 3 % 31;
    }
    return CREDIT_ALPHABET[(31 - sum % 31) % 31];
}

char organisation_code_check(Str first8)
{
    static const int WEIGHTS[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    for (size_t i = 0; i < COUNT(WEIGHTS); i++) {
        char c = first8.at[i];
        sum += (c >= 'A' ? c - 'A' + 10 : c - '0') * WEIGHTS[i];
    }
    return "0123456789X0"[11 - sum % 11];
}

const char *credit_code_fault(Arena *a, Str typed, Str *out, bool *out_warn)
{
    Str code = normal(a, typed);
    *out = code;
    *out_warn = false;
    if (code.n != 18)
        return N_("ident.credit_code_length");
    for (size_t i = 0; i < code.n; i++)
        if (credit_value(code.at[i]) < 0)
            return N_("ident.credit_code_letters");
    if (!str_is_digits((Str){ code.at + 2, 6 }))
        return N_("ident.credit_code_letters");
    if (code.at[17] != credit_code_check(code))
        return N_("ident.credit_code_check");
    *out_warn = code.at[16] != organisation_code_check((Str){ code.at + 8, 8 });
    return NULL;
}

/* ------------------------------------------------------------------ telephones */

/* Without the characters people put in between; a character may be several bytes. */
static Str without(Arena *a, Str s, Str drop)
{
    Buf b = buf_new(a, s.n + 1);
    size_t at = 0, where;
    for (Str one = str_next_char(s, &at); one.n; one = str_next_char(s, &at))
        if (!str_find(drop, one, &where))
            buf_add(&b, one);
    return buf_str(&b);
}

const char *mobile_fault(Arena *a, Str typed, Str *out)
{
    Str s = without(a, normal(a, typed), S(" -()"));
    if (str_starts(s, S("+86")))
        s = str_skip(s, 3);
    else if (str_starts(s, S("0086")))
        s = str_skip(s, 4);
    *out = s;
    if (s.n != 11 || !str_is_digits(s))
        return N_("ident.mobile_length");
    return s.at[0] == '1' && s.at[1] >= '3' ? NULL : N_("ident.mobile_start");
}

const char *phone_fault(Arena *a, Str typed, Str *out)
{
    Str s = without(a, normal(a, typed), S(" -()"));
    *out = s;
    Str digits = str_starts(s, S("+")) ? str_skip(s, 1) : s;
    return str_is_digits(digits) && digits.n >= 5 && digits.n <= 15 ? NULL : N_("ident.phone");
}

/* ------------------------------------------------------------------ plates */

static bool is_plate_letter(char c)
{
    return c >= 'A' && c <= 'Z' && c != 'I' && c != 'O';
}

static bool is_plate_sign(char c)
{
    return is_plate_letter(c) || (c >= '0' && c <= '9');
}

static bool is_province_sign(Str one)
{
    static const char SIGNS[] = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    size_t at;
    return one.n == 3 && str_find(str_of(SIGNS), one, &at) && at % 3 == 0;
}

static bool is_last_sign(Str one)
{
    static const char SIGNS[] = "学警挂港澳领使";
    size_t at;
    return one.n == 3 && str_find(str_of(SIGNS), one, &at) && at % 3 == 0;
}

/* After province and city letter: five signs, or four and a Chinese last one. */
static bool is_ordinary_plate(Str rest)
{
    bool special = rest.n == 7 && is_last_sign(str_skip(rest, 4));
    if (rest.n != 5 && !special)
        return false;
    for (size_t i = 0; i < (special ? 4u : 5u); i++)
        if (!is_plate_sign(rest.at[i]))
            return false;
    return true;
}

/* New energy: small "D1" and four digits, large five digits and a letter A-K. */
static bool is_energy_letter(char c)
{
    return is_plate_letter(c) && c <= 'K';
}

static bool is_energy_plate(Str rest)
{
    if (rest.n != 6)
        return false;
    if (is_energy_letter(rest.at[5]) && str_is_digits(str_first(rest, 5)))
        return true;
    return is_energy_letter(rest.at[0]) && is_plate_sign(rest.at[1])
           && str_is_digits(str_skip(rest, 2));
}

const char *plate_fault(Arena *a, Str typed, Str *out)
{
    Str plate = without(a, normal(a, typed), S(" ·.-"));
    *out = plate;
    if (plate.n < 5 || !is_province_sign(str_first(plate, 3)) || !is_plate_letter(plate.at[3]))
        return N_("ident.plate");
    Str rest = str_skip(plate, 4);
    return is_ordinary_plate(rest) || is_energy_plate(rest) ? NULL : N_("ident.plate");
}

/* ------------------------------------------------------------------ our own numbers */

char digits_check(Str digits)
{
    int p = 10;
    for (size_t i = 0; i < digits.n; i++) {
        int s = (p + digits.at[i] - '0') % 10;
        p = (s ? s : 10) * 2 % 11;
    }
    return (char)('0' + (11 - p) % 10);
}

enum { CODE_SYMBOLS = 16, CODE_GROUP = 4 };
static const char CODE_ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* A weighted sum modulo the prime 31: finds every single error and neighbour swap but 0 for Z. */
static char code_check(const char *symbols)
{
    int sum = 0;
    for (int i = 0; i < CODE_SYMBOLS - 1; i++)
        sum += (int)(strchr(CODE_ALPHABET, symbols[i]) - CODE_ALPHABET) * (i + 2);
    return CODE_ALPHABET[sum % 31];
}

static Str code_in_groups(Arena *a, const char *symbols)
{
    return str_format(a, "%.4s-%.4s-%.4s-%.4s", symbols, symbols + 4, symbols + 8, symbols + 12);
}

Str query_code_from(Arena *a, Bytes random)
{
    char symbols[CODE_SYMBOLS + 1] = { 0 };
    for (size_t i = 0; i < CODE_SYMBOLS - 1; i++)
        symbols[i] = CODE_ALPHABET[random.at[i] & 31];
    symbols[CODE_SYMBOLS - 1] = code_check(symbols);
    return code_in_groups(a, symbols);
}

static char code_symbol(char typed)
{
    char c = typed == 'O' ? '0' : typed == 'I' || typed == 'L' ? '1' : typed;
    return c && strchr(CODE_ALPHABET, c) ? c : 0;
}

bool query_code_parse(Arena *a, Str typed, Str *out)
{
    Str s = without(a, normal(a, typed), S(" -"));
    char symbols[CODE_SYMBOLS + 1] = { 0 };
    if (s.n != CODE_SYMBOLS)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        symbols[i] = code_symbol(s.at[i]);
        if (!symbols[i])
            return false;
    }
    *out = code_in_groups(a, symbols);
    return symbols[CODE_SYMBOLS - 1] == code_check(symbols);
}
