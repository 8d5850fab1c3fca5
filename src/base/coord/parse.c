/* parse.c -- a point as people write it: two angles, and which of them is the latitude.
**
** The text is cut into tokens: numbers, units (degrees, minutes, seconds), marks (N, 北纬, lat)
** and breaks. Marks stand either before all their numbers or behind them. Nothing is guessed: a
** token nobody knows, a third number, or two numbers that could be either refuses the whole. */
#include "coord/coord.h"

#include <math.h>

enum { TEXT_MAX = 200, TOKENS_MAX = 40, DIGITS_MAX = 15, PARTS_MAX = 3 };

typedef enum Axis { AXIS_UNKNOWN, AXIS_LAT, AXIS_LON } Axis;
typedef enum TokenKind { TOKEN_NUMBER, TOKEN_UNIT, TOKEN_MARK, TOKEN_BREAK } TokenKind;

typedef struct Token {
    TokenKind kind;
    double number;     /* without its sign */
    bool is_whole, has_sign, is_negative, touches; /* no space before it */
    int unit;          /* 0 degrees, 1 minutes, 2 seconds, -1 the next smaller */
    Axis axis;
    int side;          /* of a mark: 1, -1 or, where it names the axis alone, 0 */
} Token;

typedef struct Tokens {
    Token at[TOKENS_MAX];
    size_t n;
} Tokens;

/* ------------------------------------------------------------------ words */

static const struct Word {
    const char *text; /* ASCII in capitals; a longer one stands before its beginning */
    Token token;
} WORDS[] = {
    { "LATITUDE", { .kind = TOKEN_MARK, .axis = AXIS_LAT } },
    { "LONGITUDE", { .kind = TOKEN_MARK, .axis = AXIS_LON } },
    { "LAT", { .kind = TOKEN_MARK, .axis = AXIS_LAT } },
    { "LONG", { .kind = TOKEN_MARK, .axis = AXIS_LON } },
    { "LON", { .kind = TOKEN_MARK, .axis = AXIS_LON } },
    { "LNG", { .kind = TOKEN_MARK, .axis = AXIS_LON } },
    { "NORTH", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = 1 } },
    { "SOUTH", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = -1 } },
    { "EAST", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = 1 } },
    { "WEST", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = -1 } },
    { "N", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = 1 } },
    { "S", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = -1 } },
    { "E", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = 1 } },
    { "W", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = -1 } },
    { "北纬", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = 1 } },
    { "南纬", { .kind = TOKEN_MARK, .axis = AXIS_LAT, .side = -1 } },
    { "东经", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = 1 } },
    { "西经", { .kind = TOKEN_MARK, .axis = AXIS_LON, .side = -1 } },
    { "纬度", { .kind = TOKEN_MARK, .axis = AXIS_LAT } },
    { "经度", { .kind = TOKEN_MARK, .axis = AXIS_LON } },
    { "DEG", { .kind = TOKEN_UNIT, .unit = 0 } },
    { "°", { .kind = TOKEN_UNIT, .unit = 0 } },
    { "º", { .kind = TOKEN_UNIT, .unit = 0 } },
    { "˚", { .kind = TOKEN_UNIT, .unit = 0 } },
    { "度", { .kind = TOKEN_UNIT, .unit = 0 } },
    { "''", { .kind = TOKEN_UNIT, .unit = 2 } },
    { "′′", { .kind = TOKEN_UNIT, .unit = 2 } },
    { "'", { .kind = TOKEN_UNIT, .unit = 1 } },
    { "′", { .kind = TOKEN_UNIT, .unit = 1 } },
    { "’", { .kind = TOKEN_UNIT, .unit = 1 } },
    { "分", { .kind = TOKEN_UNIT, .unit = 1 } },
    { "\"", { .kind = TOKEN_UNIT, .unit = 2 } },
    { "″", { .kind = TOKEN_UNIT, .unit = 2 } },
    { "”", { .kind = TOKEN_UNIT, .unit = 2 } },
    { "秒", { .kind = TOKEN_UNIT, .unit = 2 } },
    { ",", { .kind = TOKEN_BREAK } },
    { "、", { .kind = TOKEN_BREAK } },
    { ";", { .kind = TOKEN_BREAK } },
    { "/", { .kind = TOKEN_BREAK } },
};

/* Full-width signs as plain ones, letters in capitals, every minus the same, one kind of space. */
static bool plain(Str typed, char *out, Str *made)
{
    size_t at = 0, n = 0;
    for (Str one = str_next_char(typed, &at); one.n; one = str_next_char(typed, &at)) {
        u32 c = str_code_point(one);
        if (c >= 0xFF01 && c <= 0xFF5E)
            c -= 0xFEE0;
        if (c == 0x2212 || c == 0x2013)
            c = '-';
        if (c == 0x3000 || c == 0xA0 || c < ' ' || c == '(' || c == ')' || c == '=')
            c = ' ';
        if (n + one.n >= TEXT_MAX)
            return false;
        if (c < 0x80)
            out[n++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
        for (size_t i = 0; c >= 0x80 && i < one.n; i++)
            out[n++] = one.at[i];
    }
    *made = str_trim((Str){ out, n });
    return true;
}

/* ------------------------------------------------------------------ tokens */

static bool is_digit(Str s)
{
    return s.n && s.at[0] >= '0' && s.at[0] <= '9';
}

/* Digits with at most one point; as exact as a double is, since there are at most 15 of them. */
static bool cut_number(Str *rest, Token *t)
{
    static const double POWERS[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
                                     1e11, 1e12, 1e13, 1e14, 1e15 };
    i64 digits = 0;
    int n = 0, behind = 0;
    *t = (Token){ .kind = TOKEN_NUMBER, .is_whole = true };
    if (rest->at[0] == '-' || rest->at[0] == '+') {
        t->has_sign = true;
        t->is_negative = rest->at[0] == '-';
        *rest = str_skip(*rest, 1);
    }
    if (!is_digit(*rest))
        return false;
    for (; is_digit(*rest) || (rest->n && rest->at[0] == '.' && t->is_whole);
         *rest = str_skip(*rest, 1)) {
        if (rest->at[0] == '.') {
            t->is_whole = false;
            continue;
        }
        digits = digits * 10 + (rest->at[0] - '0');
        behind += !t->is_whole;
        if (++n > DIGITS_MAX)
            return false;
    }
    t->number = (double)digits / POWERS[behind];
    return t->is_whole || behind > 0;
}

static bool cut_word(Str *rest, Token *t)
{
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        if (str_starts(*rest, str_of(WORDS[i].text))) {
            *t = WORDS[i].token;
            *rest = str_skip(*rest, str_of(WORDS[i].text).n);
            return true;
        }
    }
    return false;
}

/* A colon after a number goes to the next smaller unit, as on a clock; after a word it says
   nothing. */
static bool cut_colon(Str *rest, const Tokens *all, Token *t)
{
    *rest = str_skip(*rest, 1);
    bool after_number = all->n && all->at[all->n - 1].kind == TOKEN_NUMBER;
    *t = (Token){ .kind = TOKEN_UNIT, .unit = -1 };
    return after_number;
}

static bool cut_token(Str *rest, const Tokens *all, Token *t, bool *out_is_token)
{
    char c = rest->at[0];
    *out_is_token = true;
    if (c == ':') {
        *out_is_token = cut_colon(rest, all, t);
        return true;
    }
    return c == '-' || c == '+' || is_digit(*rest) ? cut_number(rest, t) : cut_word(rest, t);
}

static bool cut_all(Str rest, Tokens *out)
{
    bool touches = false, is_token;
    out->n = 0;
    while (rest.n) {
        if (rest.at[0] == ' ') {
            rest = str_skip(rest, 1);
            touches = false;
            continue;
        }
        Token *t = &out->at[out->n];
        if (out->n == TOKENS_MAX || !cut_token(&rest, out, t, &is_token))
            return false;
        t->touches = touches;
        touches = true;
        out->n += is_token;
    }
    return true;
}

/* ------------------------------------------------------------------ angles */

typedef struct Angle {
    double parts[PARTS_MAX];
    size_t n;
    bool is_cut;       /* the last part has a fraction: no smaller one may follow */
    bool has_sign, is_negative, is_closed;
    int unit;          /* of the last part; -1 while it has none */
    bool next_is_smaller;
    Axis axis;
    int side;
} Angle;

typedef struct Angles {
    Angle at[2];
    size_t n;
    bool has_marks, marks_first;
} Angles;

static Angle *last_of(Angles *all)
{
    return all->n ? &all->at[all->n - 1] : NULL;
}

static Angle *begin_angle(Angles *all)
{
    if (all->n == COUNT(all->at))
        return NULL;
    all->at[all->n] = (Angle){ .unit = -1 };
    return &all->at[all->n++];
}

/* Does this number go on with the angle before it? unit: of the unit behind it, or -1. */
static bool goes_on(const Angles *all, const Angle *a, const Token *number, int unit)
{
    if (!a || a->is_closed || a->n == PARTS_MAX || number->has_sign)
        return false;
    if (a->n == 0 || a->next_is_smaller)
        return true;
    if (unit >= 0)
        return a->unit < unit && (a->unit >= 0 || unit == (int)a->n);
    return !a->is_cut && (a->unit >= 0 || all->has_marks);
}

static bool add_number(Angles *all, const Token *number, const Token *next)
{
    int unit = next && next->kind == TOKEN_UNIT ? next->unit : -1;
    Angle *a = last_of(all);
    bool is_first = a && a->n == 0;
    if (!is_first && !goes_on(all, a, number, unit))
        a = begin_angle(all);
    if (!a || a->is_cut || (a->n && number->has_sign) || (unit >= 0 && unit != (int)a->n))
        return false;
    if (number->has_sign) {
        a->has_sign = true;
        a->is_negative = number->is_negative;
    }
    a->parts[a->n++] = number->number;
    a->is_cut = !number->is_whole;
    a->unit = -1;
    a->next_is_smaller = false;
    return true;
}

static bool add_unit(Angles *all, const Token *t)
{
    Angle *a = last_of(all);
    if (!a || a->n == 0 || a->unit >= 0 || a->is_closed || a->next_is_smaller)
        return false;
    a->unit = t->unit;
    a->next_is_smaller = t->unit < 0;
    return true;
}

static bool add_mark(Angles *all, const Token *t)
{
    Angle *a = last_of(all);
    if (all->marks_first && (!a || a->n))
        a = begin_angle(all);
    if (!a || (a->axis && a->axis != t->axis) || (a->side && t->side))
        return false;
    a->axis = t->axis;
    a->side = a->side ? a->side : t->side;
    a->is_closed = !all->marks_first;
    return true;
}

static bool add_token(Angles *all, const Token *t, const Token *next)
{
    switch (t->kind) {
    case TOKEN_NUMBER: return add_number(all, t, next);
    case TOKEN_UNIT: return add_unit(all, t);
    case TOKEN_MARK: return add_mark(all, t);
    case TOKEN_BREAK: break;
    }
    if (last_of(all))
        last_of(all)->is_closed = last_of(all)->n > 0;
    return all->n > 0;
}

/* "+30.66+104.06" is ISO 6709: latitude first, and signs where others put a comma. */
static bool is_iso_6709(const Tokens *t)
{
    return t->n >= 2 && t->at[0].kind == TOKEN_NUMBER && t->at[1].kind == TOKEN_NUMBER
        && t->at[0].has_sign && t->at[1].has_sign && t->at[1].touches;
}

static const char *read_angles(const Tokens *tokens, Angles *out)
{
    *out = (Angles){ .marks_first = tokens->n && tokens->at[0].kind == TOKEN_MARK };
    for (size_t i = 0; i < tokens->n; i++)
        out->has_marks = out->has_marks || tokens->at[i].kind == TOKEN_MARK;
    for (size_t i = 0; i < tokens->n; i++)
        if (!add_token(out, &tokens->at[i], i + 1 < tokens->n ? &tokens->at[i + 1] : NULL))
            return N_("coord.not_two_numbers");
    if (out->n != 2 || !out->at[0].n || !out->at[1].n)
        return N_("coord.not_two_numbers");
    return NULL;
}

static const char *value_of(const Angle *a, double *out)
{
    double value = 0, part = 1;
    for (size_t i = 0; i < a->n; i++, part *= 60) {
        if (i && a->parts[i] >= 60)
            return N_("coord.sixty");
        value += a->parts[i] / part;
    }
    if (a->has_sign && a->side)
        return N_("coord.sign_and_side");
    *out = a->is_negative || a->side < 0 ? -value : value;
    return NULL;
}

/* ------------------------------------------------------------------ which is which */

static bool lies_in(const CoordBox *box, double lon, double lat)
{
    double unit = (double)DEGREE;
    return lon * unit >= box->west && lon * unit <= box->east && lat * unit >= box->south
        && lat * unit <= box->north;
}

/* The axis of the first number, where that is certain. */
static Axis first_axis(const Angles *all, const double *v, const CoordBox *within)
{
    if (all->at[0].axis)
        return all->at[0].axis;
    if ((fabs(v[0]) > 90) != (fabs(v[1]) > 90))
        return fabs(v[0]) > 90 ? AXIS_LON : AXIS_LAT;
    if (!within || lies_in(within, v[0], v[1]) == lies_in(within, v[1], v[0]))
        return AXIS_UNKNOWN;
    return lies_in(within, v[0], v[1]) ? AXIS_LON : AXIS_LAT;
}

static const char *settle(Angles *all, const CoordBox *within, Degrees *out)
{
    double v[2] = { 0, 0 };
    for (size_t i = 0; i < 2; i++) {
        const char *fault = value_of(&all->at[i], &v[i]);
        if (fault)
            return fault;
    }
    Axis first = first_axis(all, v, within);
    if (all->has_marks && (!all->at[0].axis || !all->at[1].axis))
        return N_("coord.mark_both");
    if (all->has_marks && all->at[0].axis == all->at[1].axis)
        return N_("coord.one_axis_twice");
    if (first == AXIS_UNKNOWN)
        return N_("coord.which_is_which");
    *out = first == AXIS_LAT ? (Degrees){ v[1], v[0] } : (Degrees){ v[0], v[1] };
    return fabs(out->lat) <= 90 && fabs(out->lon) <= 180 ? NULL : N_("coord.not_on_globe");
}

/* RFC 5870: "geo:lat,lon,height;crs=wgs84;u=35". */
static const char *cut_geo(Str *text)
{
    Str rest = str_skip(*text, 4), point, parameter, name;
    str_cut(&rest, ';', &point);
    while (str_cut(&rest, ';', &parameter)) {
        bool has_value = str_cut(&parameter, ' ', &name); /* the = is a space by now */
        if (has_value && str_is(name, S("CRS")) && !str_is(parameter, S("WGS84")))
            return N_("coord.crs");
    }
    Str lat = STR_EMPTY, lon = STR_EMPTY;
    str_cut(&point, ',', &lat);
    str_cut(&point, ',', &lon);
    if (!lat.n || !lon.n)
        return N_("coord.not_two_numbers");
    *text = (Str){ lat.at, (size_t)(lon.at - lat.at) + lon.n };
    return NULL;
}

const char *coord_parse(Str typed, const CoordBox *within, Degrees *out)
{
    char made[TEXT_MAX];
    Str text;
    Tokens tokens;
    Angles angles;
    Axis first = AXIS_UNKNOWN;
    *out = (Degrees){ 0, 0 };
    if (!str_is_utf8(typed) || !plain(typed, made, &text) || text.n == 0)
        return N_("coord.not_two_numbers");
    if (str_starts(text, S("GEO:"))) {
        const char *fault = cut_geo(&text);
        if (fault)
            return fault;
        first = AXIS_LAT;
    } else if (str_starts(text, S("POINT "))) {
        text = str_skip(text, 6);
        first = AXIS_LON;
    }
    if (!cut_all(text, &tokens))
        return N_("coord.not_two_numbers");
    if (is_iso_6709(&tokens))
        first = AXIS_LAT;
    const char *fault = read_angles(&tokens, &angles);
    if (fault)
        return fault;
    if (first && !angles.has_marks)
        angles.at[0].axis = first;
    return settle(&angles, within, out);
}
