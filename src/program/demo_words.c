/* demo_words.c -- demo.yaml of a profile, and synthetic values for fields. */
#include "demo.h"

#include "ident/ident.h"

/* ------------------------------------------------------------------ dice */

u64 dice_next(Dice *d)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return d->state * 2685821657736338717u;
}

i64 dice_below(Dice *d, i64 n)
{
    return (i64)(dice_next(d) >> 16) % n;
}

bool dice_chance(Dice *d, i64 percent)
{
    return dice_below(d, 100) < percent;
}

static Str one_of(Dice *d, Names names)
{
    return names.n ? names.at[dice_below(d, (i64)names.n)] : STR_EMPTY;
}

/* ------------------------------------------------------------------ the file */

static const YamlKey ACCOUNT_KEYS[] = {
    YAML_MUST(DemoAccount, role, yaml_name),
    YAML_MUST(DemoAccount, body, yaml_name),
    YAML_MUST(DemoAccount, place, yaml_name),
    YAML_END,
};

static void read_accounts(const YamlFile *file, const Yaml *node, void *out)
{
    DemoWords *w = (DemoWords *)((char *)out - offsetof(DemoWords, accounts));
    DemoAccount *accounts = NEW_ARRAY(file->cx, DemoAccount, yaml_count(node) + 1);
    for (const Yaml *e = node->first; accounts && e; e = e->next) {
        accounts[w->accounts_n].login = e->key;
        yaml_record(file, e, ACCOUNT_KEYS, &accounts[w->accounts_n++]);
    }
    w->accounts = accounts;
}

static const YamlKey STAFF_KEYS[] = {
    YAML_MUST(DemoStaff, kind, yaml_name),
    YAML_MUST(DemoStaff, role, yaml_name),
    YAML_MUST(DemoStaff, n, yaml_int),
    YAML_END,
};

static void read_staff(const YamlFile *file, const Yaml *node, void *out)
{
    DemoWords *w = (DemoWords *)((char *)out - offsetof(DemoWords, staff));
    DemoStaff *staff = NEW_ARRAY(file->cx, DemoStaff, yaml_count(node) + 1);
    for (const Yaml *e = node->first; staff && e; e = e->next)
        yaml_record(file, e, STAFF_KEYS, &staff[w->staff_n++]);
    w->staff = staff;
}

static const YamlKey WORD_KEYS[] = {
    YAML_MUST(DemoWords, surnames, yaml_names),
    YAML_MUST(DemoWords, given, yaml_names),
    YAML_MUST(DemoWords, between, yaml_text),
    YAML_MUST(DemoWords, lanes, yaml_names),
    YAML_MUST(DemoWords, address, yaml_text),
    YAML_MUST(DemoWords, id_area, yaml_text),
    YAML_MUST(DemoWords, phone, yaml_text),
    YAML_MUST(DemoWords, texts, yaml_names),
    YAML_MUST(DemoWords, businesses, yaml_names),
    YAML_MUST(DemoWords, accounts, read_accounts),
    YAML_MUST(DemoWords, staff, read_staff),
    YAML_END,
};

Err demo_words_read(Ctx *cx, DemoWords *out)
{
    MistakeList mistakes = { 0 };
    Str path = profile_path(cx, "demo.yaml"), text;
    *out = (DemoWords){ 0 };
    TRY(file_read(cx, path, &text));
    YamlFile file = yaml_parse(cx, path, text, &mistakes);
    const Yaml *demo = file.root ? yaml_in(file.root, "demo") : NULL;
    if (demo)
        yaml_record(&file, demo, WORD_KEYS, out);
    return mistakes.n == 0 && demo ? OK : fail(cx, E_INPUT, "profile.mistakes",
                                               V("mistakes", mistakes_text(cx, &mistakes)));
}

/* ------------------------------------------------------------------ values */

Str demo_name(Ctx *cx, const DemoWords *w, Dice *d)
{
    Str family = one_of(d, w->surnames), given = one_of(d, w->given);
    bool family_first = w->between.n == 0;
    Str first = family_first ? family : given, second = family_first ? given : family;
    return str_format(&cx->arena, "%.*s%.*s%.*s", STR_ARGS(first), STR_ARGS(w->between),
                      STR_ARGS(second));
}

/* Births of 1890-1899: no bearer lives. */
static Str citizen_id(Ctx *cx, const DemoWords *w, Dice *d)
{
    Str id = str_format(&cx->arena, "%.*s%04d%02d%02d%03d", STR_ARGS(w->id_area),
                        1890 + (int)dice_below(d, 10), 1 + (int)dice_below(d, 12),
                        1 + (int)dice_below(d, 28), 1 + (int)dice_below(d, 999));
    return str_format(&cx->arena, "%.*s%c", STR_ARGS(id), citizen_id_check(id));
}

static Str credit_code(Ctx *cx, Dice *d)
{
    Str inner = str_format(&cx->arena, "MATE%04d", (int)dice_below(d, 10000));
    Str head =
        str_format(&cx->arena, "91510105%.*s%c", STR_ARGS(inner), organisation_code_check(inner));
    return str_format(&cx->arena, "%.*s%c", STR_ARGS(head), credit_code_check(head));
}

static Str phone(Ctx *cx, const DemoWords *w, Dice *d)
{
    int digits = w->phone.n == 3 ? 8 : 3;
    Str number = str_format(&cx->arena, "%08lld", (long long)dice_below(d, 100000000));
    return str_format(&cx->arena, "%.*s%.*s", STR_ARGS(w->phone), digits, number.at);
}

static Str address(Ctx *cx, const DemoWords *w, Dice *d)
{
    const struct { Str mark, value; } MARKS[] = {
        { S("{lane}"), one_of(d, w->lanes) },
        { S("{n}"), str_format(&cx->arena, "%d", 1 + (int)dice_below(d, 200)) },
        { S("{m}"), str_format(&cx->arena, "%d", 1 + (int)dice_below(d, 20)) },
        { S("{k}"), str_format(&cx->arena, "%d", 1 + (int)dice_below(d, 6)) },
        { S("{d}"), str_format(&cx->arena, "%d", 101 + (int)dice_below(d, 1800)) },
    };
    Buf b = buf_new(&cx->arena, 400);
    for (Str rest = w->address; rest.n;) {
        size_t skip = 1;
        Str put = str_first(rest, 1);
        for (size_t i = 0; i < COUNT(MARKS); i++) {
            if (str_starts(rest, MARKS[i].mark)) {
                skip = MARKS[i].mark.n;
                put = MARKS[i].value;
            }
        }
        buf_add(&b, put);
        rest = str_skip(rest, skip);
    }
    return buf_str(&b);
}

static Str number(Ctx *cx, Dice *d, i64 min, i64 max)
{
    i64 low = min ? min : 1, high = max ? max : 100;
    if (high > low + 400)
        high = low + 400;
    return str_format(&cx->arena, "%lld", (long long)(low + dice_below(d, high - low + 1)));
}

Str demo_value(Ctx *cx, const DemoWords *w, Dice *d, const Field *f, const Place *home)
{
    switch (f->kind) {
    case F_NAME: return demo_name(cx, w, d);
    case F_CITIZEN_ID: return citizen_id(cx, w, d);
    case F_CREDIT_CODE: return credit_code(cx, d);
    case F_MOBILE:
    case F_PHONE: return phone(cx, w, d);
    case F_ADDRESS: return address(cx, w, d);
    case F_PLACE: return home->code;
    case F_CHOICE:
    case F_CHOICES: return f->choices[dice_below(d, (i64)f->choices_n)].code;
    case F_FLAG: return S("yes");
    case F_INT: return number(cx, d, f->min, f->max);
    case F_MONEY: return number(cx, d, 100, 900);
    case F_DAY: return day_iso(&cx->arena, day_add(day_today(cx), -dice_below(d, 300)));
    case F_TEXT:
        return str_starts(f->name, S("unit")) ? one_of(d, w->businesses) : one_of(d, w->texts);
    default: return one_of(d, w->texts);
    }
}
