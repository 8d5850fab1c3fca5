/* profile.c -- reading profile.yaml; the texts live in an arena of their own for the life of the
** house. */
#include "profile/profile.h"

#include "files/files.h"
#include "text/text.h"


enum { PROFILE_ARENA_BYTES = 1 << 20 };

typedef struct ProfilePart {
    Profile profile;
    Ctx cx; /* owns the memory */
} ProfilePart;

static const char PROFILE_PART;

static void part_end(void *part)
{
    ProfilePart *p = part;
    ctx_free(&p->cx);
}

/* ------------------------------------------------------------------ readers */

enum { CODE_DIGITS_MAX = 32 };

typedef struct LevelRecord {
    Words name;
    i64 digits;
} LevelRecord;

static const YamlKey LEVEL_KEYS[] = {
    YAML_MUST(LevelRecord, name, yaml_words),
    YAML_KEY(LevelRecord, digits, yaml_int),
    YAML_END,
};

static void read_levels(const YamlFile *file, const Yaml *node, void *out)
{
    Profile *p = (Profile *)((char *)out - offsetof(Profile, levels));
    if (node->kind != YAML_MAP) {
        mistake(file, node, "yaml.not_a_map");
        return;
    }
    if (yaml_count(node) > PROFILE_LEVELS_MAX) {
        mistake(file, node, "profile.too_many_levels");
        return;
    }
    for (const Yaml *entry = node->first; entry; entry = entry->next) {
        LevelRecord r = { 0 };
        yaml_record(file, entry, LEVEL_KEYS, &r);
        if (r.digits < 0 || r.digits > CODE_DIGITS_MAX)
            mistake(file, entry, "profile.code_digits");
        p->levels[p->levels_n++] = (ProfileLevel){ entry->key, r.name, r.digits };
    }
}

static bool parse_minute(Str s, int *out)
{
    i64 hour, minute;
    if (s.n != 5 || s.at[2] != ':' || !str_to_int(str_first(s, 2), &hour)
        || !str_to_int(str_skip(s, 3), &minute) || hour < 0 || minute < 0 || minute > 59)
        return false;
    *out = (int)(hour * 60 + minute);
    return *out <= 24 * 60;
}

/* "09:00-12:00" */
static bool parse_span(Str s, OfficeSpan *out)
{
    return s.n == 11 && s.at[5] == '-' && parse_minute(str_first(s, 5), &out->from)
        && parse_minute(str_skip(s, 6), &out->to) && out->from < out->to;
}

static void read_office(const YamlFile *file, const Yaml *node, void *out)
{
    Profile *p = (Profile *)((char *)out - offsetof(Profile, office));
    for (const Yaml *entry = node->first; entry; entry = entry->next) {
        OfficeSpan span;
        bool follows = p->office_n == 0
                    || (parse_span(entry->text, &span)
                        && span.from > p->office[p->office_n - 1].to);
        if (p->office_n == OFFICE_SPANS_MAX || !parse_span(entry->text, &span) || !follows)
            mistake(file, entry, "profile.office_hours");
        else
            p->office[p->office_n++] = span;
    }
}

static void read_kind(const YamlFile *file, const Yaml *node, void *out)
{
    static const struct { Str name; FieldKind kind; } KINDS[] = {
        { { "citizen_id", 10 }, F_CITIZEN_ID }, { { "mobile", 6 }, F_MOBILE },
        { { "phone", 5 }, F_PHONE },            { { "text", 4 }, F_TEXT },
    };
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (str_is(node->text, KINDS[i].name)) {
            *(FieldKind *)out = KINDS[i].kind;
            return;
        }
    }
    mistake(file, node, "field.unknown_kind", V("kind", node->text));
}

static void read_language(const YamlFile *file, const Yaml *node, void *out)
{
    if (!lang_parse(node->text, out))
        mistake(file, node, "profile.language");
}

static const YamlKey PROFILE_KEYS[] = {
    YAML_MUST(Profile, profile, yaml_name),
    YAML_MUST(Profile, name, yaml_words),
    YAML_MUST(Profile, zone, yaml_text),
    YAML_MUST(Profile, number_prefix, yaml_name),
    YAML_MUST(Profile, currency, yaml_name),
    YAML_MUST(Profile, currency_sign, yaml_text),
    YAML_MUST(Profile, language, read_language),
    YAML_MUST(Profile, levels, read_levels),
    YAML_MUST(Profile, home_level, yaml_name),
    YAML_MUST(Profile, district, yaml_name),
    YAML_MUST(Profile, person_id, read_kind),
    YAML_MUST(Profile, phone, read_kind),
    YAML_MUST(Profile, office, read_office),
    YAML_MUST(Profile, party_gate, yaml_flag),
    YAML_MUST(Profile, phone_line, yaml_words),
    YAML_MUST(Profile, places_note, yaml_words),
    YAML_END,
};

/* ------------------------------------------------------------------ what the lines say together */

const ProfileLevel *profile_level(const Profile *p, Str name)
{
    for (size_t i = 0; i < p->levels_n; i++)
        if (str_is(p->levels[i].name, name))
            return &p->levels[i];
    return NULL;
}

/* Finer levels have longer codes; a level without digits has codes of any form. */
static void check_levels(const YamlFile *file, const Profile *p)
{
    const Yaml *levels = yaml_in(file->root, "levels"), *home = yaml_in(file->root, "home_level");
    i64 digits = 0;
    for (size_t i = 0; levels && i < p->levels_n; i++) {
        if (p->levels[i].code_digits < digits)
            mistake(file, levels, "profile.level_digits", V("level", p->levels[i].name));
        digits = p->levels[i].code_digits;
    }
    if (home && p->levels_n && p->home_level.n && !profile_level(p, p->home_level))
        mistake(file, home, "profile.unknown_level", V("level", p->home_level));
    if (levels && levels->kind == YAML_MAP && p->levels_n == 0)
        mistake(file, levels, "yaml.names_nothing", V("key", S("levels")));
}

static void check_profile(const YamlFile *file, Profile *p, const char *folder)
{
    const Yaml *zone = yaml_in(file->root, "zone"), *name = yaml_in(file->root, "profile");
    if (zone && p->zone.n && !zone_use(file->cx->house, str_c(&file->cx->arena, p->zone)))
        mistake(file, zone, "profile.unknown_zone", V("zone", p->zone));
    if (name && p->profile.n && !str_is(p->profile, str_of(folder)))
        mistake(file, name, "profile.other_name", V("name", p->profile),
                V("folder", str_of(folder)));
    check_levels(file, p);
}

/* ------------------------------------------------------------------ use */

static Err read_profile(Ctx *cx, ProfilePart *part, Str name)
{
    MistakeList mistakes = { 0 };
    Str path = str_format(&cx->arena, "profiles/%.*s/profile.yaml", STR_ARGS(name)), text;
    if (file_read(&part->cx, path, &text)) {
        return fail(cx, E_MISSING, "profile.unknown", V("name", name));
    }
    YamlFile file = yaml_parse(&part->cx, path, text, &mistakes);
    if (file.root) {
        yaml_record(&file, file.root, PROFILE_KEYS, &part->profile);
        check_profile(&file, &part->profile, str_c(&cx->arena, name));
    }
    if (mistakes.n == 0)
        return OK;
    fail(cx, E_INPUT, "profile.mistakes", V("mistakes", mistakes_text(&part->cx, &mistakes)));
    return E_INPUT;
}

Err profile_use(Ctx *cx, Str name)
{
    ProfilePart *part = house_add(cx->house, &PROFILE_PART, sizeof *part, part_end);
    part->cx = ctx_new(cx->house, PROFILE_ARENA_BYTES);
    return read_profile(cx, part, name);
}

const Profile *profile_of(const House *house)
{
    const ProfilePart *part = house_get(house, &PROFILE_PART);
    return part ? &part->profile : NULL;
}

Str profile_path(Ctx *cx, const char *file)
{
    return str_format(&cx->arena, "profiles/%.*s/%s", STR_ARGS(profile_of(cx->house)->profile),
                      file);
}

Words profile_level_words(const Profile *p, Str name)
{
    const ProfileLevel *level = profile_level(p, name);
    return level ? level->words : (Words){ { name, name } };
}

Str money_words(Ctx *cx, Money m)
{
    Str sign = profile_of(cx->house)->currency_sign;
    u64 cents = m.cents < 0 ? 0 - (u64)m.cents : (u64)m.cents;
    return str_format(&cx->arena, "%s%.*s%llu.%02llu", m.cents < 0 ? "-" : "", STR_ARGS(sign),
                      (unsigned long long)cents / 100, (unsigned long long)cents % 100);
}
