/* text.c -- the table of texts, found by an open-addressed index built at start. */
#include "text/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { TEXT_BYTES_MAX = 64 * 1024 };

typedef struct TextTable {
    const TextRow **slots;
    size_t slots_n; /* a power of two, at least twice the rows */
} TextTable;

static const char TEXT_PART;

static void table_end(void *part)
{
    TextTable *table = part;
    free(table->slots);
}

void text_use(House *house, const TextRow *rows, size_t n)
{
    TextTable *table = house_add(house, &TEXT_PART, sizeof *table, table_end);
    table->slots_n = 64;
    while (table->slots_n < 2 * n)
        table->slots_n *= 2;
    table->slots = calloc(table->slots_n, sizeof *table->slots);
    for (size_t i = 0; i < n; i++) {
        size_t at = str_hash(str_of(rows[i].key)) & (table->slots_n - 1);
        while (table->slots[at])
            at = (at + 1) & (table->slots_n - 1);
        table->slots[at] = &rows[i];
    }
}

static const TextRow *find_row(const Ctx *cx, const char *key)
{
    const TextTable *table = house_get(cx->house, &TEXT_PART);
    if (!table)
        return NULL;
    size_t at = str_hash(str_of(key)) & (table->slots_n - 1);
    while (table->slots[at] && strcmp(table->slots[at]->key, key) != 0)
        at = (at + 1) & (table->slots_n - 1);
    return table->slots[at];
}

Str text_in(const Ctx *cx, Lang lang, const char *key)
{
    const TextRow *row = find_row(cx, key);
    return str_of(row && row->in[lang] ? row->in[lang] : key);
}

Str text_get(const Ctx *cx, const char *key)
{
    return text_in(cx, cx->lang, key);
}

/* ------------------------------------------------------------------ filling in */

static const TextArg *find_arg(const TextArg *args, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(str_of(args[i].name), name))
            return &args[i];
    return NULL;
}

Str text_fill(Ctx *cx, const char *key, const TextArg *args, size_t n)
{
    Str rest = text_get(cx, key), part, name;
    Buf out = buf_new(&cx->arena, TEXT_BYTES_MAX);
    while (str_cut(&rest, '{', &part)) {
        buf_add(&out, part);
        if (!rest.at || !str_cut(&rest, '}', &name))
            break;
        const TextArg *arg = find_arg(args, n, name);
        buf_add(&out, arg ? arg->value : name);
    }
    return buf_str(&out);
}

TextArg text_int(Ctx *cx, const char *name, i64 n)
{
    return V(name, str_format(&cx->arena, "%lld", (long long)n));
}

Str text_count(Ctx *cx, const char *one, const char *many, i64 n)
{
    TextArg arg = text_int(cx, "n", n);
    return text_fill(cx, n == 1 ? one : many, &arg, 1);
}

Str failure_text(Ctx *cx)
{
    const Failure *f = &cx->failure;
    if (f->key)
        return text_fill(cx, f->key, f->args, f->args_n);
    return ctx_err(cx) ? text_get(cx, "core.memory_used_up") : STR_EMPTY;
}

Str problem_text(Ctx *cx, const Problem *p)
{
    return text_fill(cx, p->key, p->args, p->args_n);
}

/* ------------------------------------------------------------------ languages */

static const struct { Lang lang; Str code; Str prefix; } LANGS[] = {
    { LANG_ZH, { "zh-Hans", 7 }, { "zh", 2 } },
    { LANG_EN, { "en", 2 },      { "en", 2 } },
};

Str words_in(Words w, Lang lang)
{
    if (w.in[lang].n)
        return w.in[lang];
    return w.in[lang == LANG_ZH ? LANG_EN : LANG_ZH];
}

Str lang_code(Lang lang)
{
    return LANGS[lang].code;
}

bool lang_parse(Str code, Lang *out)
{
    for (size_t i = 0; i < COUNT(LANGS); i++) {
        Str head = str_first(code, LANGS[i].prefix.n);
        if (str_is_nocase(head, LANGS[i].prefix)) {
            *out = LANGS[i].lang;
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ NFKC, by ICU */

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.at[i] >= 0x80)
            return false;
    return true;
}

Str text_nfkc(Arena *a, Str s)
{
    if (is_ascii(s) || s.n > TEXT_BYTES_MAX)
        return s;
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = (int32_t)s.n * 3 + 16, n = 0, made = 0, bytes = 0;
    UChar *wide = arena_take(a, (size_t)room * sizeof *wide);
    UChar *form = arena_take(a, (size_t)room * 6 * sizeof *form);
    char *out = arena_take(a, (size_t)room * 18);
    if (!wide || !form || !out)
        return STR_EMPTY;
    u_strFromUTF8(wide, room, &n, s.at, (int32_t)s.n, &status);
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    made = unorm2_normalize(nfkc, wide, n, form, room * 6, &status);
    u_strToUTF8(out, room * 18, &bytes, form, made, &status);
    return U_SUCCESS(status) ? (Str){ out, (size_t)bytes } : s;
}

/* ------------------------------------------------------------------ what cannot be seen */

static bool is_unseen(u32 c)
{
    enum { BLANK_BRAILLE = 0x2800 };
    if (c >= 0x20 && c < 0x7F)
        return false;
    switch (u_charType((UChar32)c)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR: return true;
    default:
        return u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)
            || u_hasBinaryProperty((UChar32)c, UCHAR_NONCHARACTER_CODE_POINT)
            || c == BLANK_BRAILLE;
    }
}

static bool is_of_lines(u32 c)
{
    return c == '\n' || c == '\t' || c == 0x200D || c == 0xFE0E || c == 0xFE0F;
}

u32 text_unseen(Str s, bool lines)
{
    for (size_t at = 0; at < s.n;) {
        u32 c = str_code_point(str_next_char(s, &at));
        if (is_unseen(c) && !(lines && is_of_lines(c)))
            return c;
    }
    return 0;
}
