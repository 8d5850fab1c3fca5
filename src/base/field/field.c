/* field.c -- the table of kinds, and checking values by it. */
#include "field/field.h"

#include "ident/ident.h"
#include "text/text.h"

#include <string.h>

enum {
    TEXT_CHARS_MAX = 200, LONG_CHARS_MAX = 4000, NAME_CHARS_MAX = 60, ADDRESS_CHARS_MAX = 200,
    KNOWN_KINDS_BYTES_MAX = 400
};

/* ------------------------------------------------------------------ values */

void value_add(Ctx *cx, Values *values, Str name, Str text)
{
    Value *v = NEW(cx, Value);
    if (!v)
        return; /* latched on the Ctx */
    *v = (Value){ NULL, name, text };
    if (!values->end)
        values->end = &values->first;
    *values->end = v;
    values->end = &v->next;
}

static const Value *find_value(const Values *values, Str name)
{
    for (const Value *v = values ? values->first : NULL; v; v = v->next)
        if (str_is(v->name, name))
            return v;
    return NULL;
}

Str value_of(const Values *values, Str name)
{
    const Value *v = find_value(values, name);
    return v ? v->text : STR_EMPTY;
}

void value_drop(Values *values, Str name)
{
    Value **at = &values->first;
    while (*at)
        if (str_is((*at)->name, name))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    values->end = at;
}

bool value_has(const Values *values, Str name)
{
    return find_value(values, name) != NULL;
}

Values values_from(Ctx *cx, const TextArg *pairs, size_t n)
{
    Values values = { 0 };
    for (size_t i = 1; i < n; i++)
        value_add(cx, &values, str_of(pairs[i].name), pairs[i].value);
    return values;
}

/* ------------------------------------------------------------------ checks, one per kind */

typedef struct Checked {
    const char *fault; /* NULL: good */
    Str stored;
    i64 most;          /* characters, where the fault is that there are more */
    u32 unseen;        /* the character that cannot be seen, where that is the fault */
} Checked;

typedef Checked CheckFn(Ctx *cx, const Field *f, Str typed);

static Checked good(Str stored)
{
    return (Checked){ .stored = stored };
}

static Checked bad(const char *fault)
{
    return (Checked){ .fault = fault, .stored = STR_EMPTY };
}

static Checked check_length(const Field *f, Str s, size_t chars_max)
{
    size_t chars = str_chars(s), most = f->max ? (size_t)f->max : chars_max;
    if (chars > most)
        return (Checked){ N_("field.too_long"), STR_EMPTY, (i64)most, 0 };
    return f->min && chars < (size_t)f->min ? bad("field.too_short") : good(s);
}

/* One line, all of which can be seen: what looks the same to a person is the same to us. */
static Checked check_line(const Field *f, Str s, size_t chars_max)
{
    u32 unseen = text_unseen(s, false);
    return unseen ? (Checked){ N_("field.unseen_character"), STR_EMPTY, 0, unseen }
                  : check_length(f, s, chars_max);
}

static Checked check_text(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    return check_line(f, typed, TEXT_CHARS_MAX);
}

/* Browsers send line ends as CR LF; stored as LF. */
static Str plain_lines(Ctx *cx, Str s)
{
    Buf b = buf_new(&cx->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        if (!(s.at[i] == '\r' && i + 1 < s.n && s.at[i + 1] == '\n'))
            buf_add_char(&b, s.at[i]);
    return buf_str(&b);
}

static Checked check_long(Ctx *cx, const Field *f, Str typed)
{
    Str s = plain_lines(cx, typed);
    u32 unseen = text_unseen(s, true);
    return unseen ? (Checked){ N_("field.unseen_character"), STR_EMPTY, 0, unseen }
                  : check_length(f, s, LONG_CHARS_MAX);
}

static Checked check_name(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    bool has_digit = false;
    for (size_t i = 0; i < typed.n; i++)
        has_digit |= typed.at[i] >= '0' && typed.at[i] <= '9';
    return has_digit ? bad("field.not_a_name") : check_line(f, typed, NAME_CHARS_MAX);
}

static Checked check_address(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    return check_line(f, typed, ADDRESS_CHARS_MAX);
}

static Checked check_int(Ctx *cx, const Field *f, Str typed)
{
    i64 n;
    Str plain = text_nfkc(&cx->arena, typed);
    if (!str_to_int(plain, &n))
        return bad("field.not_an_integer");
    if (n < f->min)
        return bad("field.too_small");
    return f->max && n > f->max ? bad("field.too_large")
                                : good(str_format(&cx->arena, "%lld", (long long)n));
}

static Checked check_flag(Ctx *cx, const Field *f, Str typed)
{
    (void)cx, (void)f;
    if (str_is(typed, S("yes")) || str_is(typed, S("true")) || str_is(typed, S("on")))
        return good(S("yes"));
    return str_is(typed, S("no")) || str_is(typed, S("false")) ? good(S("no"))
                                                               : bad("field.not_a_flag");
}

/* Accepts what people type for a date: 2018-10-17, 2018/10/17, 2018.10.17, 20181017. */
static Checked check_day(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    Str s = text_nfkc(&cx->arena, typed), part;
    i64 numbers[3] = { 0 };
    size_t n = 0;
    if (s.n == 8 && str_is_digits(s))
        s = str_format(&cx->arena, "%.4s-%.2s-%.2s", s.at, s.at + 4, s.at + 6);
    char separator = memchr(s.at, '/', s.n) ? '/' : memchr(s.at, '.', s.n) ? '.' : '-';
    while (n < 3 && str_cut(&s, separator, &part) && str_to_int(str_trim(part), &numbers[n]))
        n++;
    Date d = { (int)numbers[0], (int)numbers[1], (int)numbers[2] };
    if (n != 3 || s.at || numbers[0] > 9999 || !date_is_real(d) || d.year < 1800)
        return bad("field.not_a_day");
    return good(day_iso(&cx->arena, day_from(d)));
}

/* Typed in whole units with at most two decimals; stored in the smallest unit. */
static Checked check_money(Ctx *cx, const Field *f, Str typed)
{
    Str rest = text_nfkc(&cx->arena, typed), whole = STR_EMPTY, part = STR_EMPTY;
    i64 units, cents = 0;
    str_cut(&rest, '.', &whole);
    if (rest.at)
        part = rest;
    bool has_part = part.n == 1 || part.n == 2;
    if (!str_to_int(whole, &units) || units < 0 || units > INT64_MAX / 1000 || (part.n && !has_part)
        || (has_part && !(str_is_digits(part) && str_to_int(part, &cents))))
        return bad("field.not_money");
    i64 amount = units * 100 + (part.n == 1 ? cents * 10 : cents);
    if (amount < f->min || (f->max && amount > f->max))
        return bad("field.too_large");
    return good(str_format(&cx->arena, "%lld", (long long)amount));
}

static const Choice *find_choice(const Field *f, Str code)
{
    for (size_t i = 0; i < f->choices_n; i++)
        if (str_is(f->choices[i].code, code))
            return &f->choices[i];
    return NULL;
}

static Checked check_choice(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    return find_choice(f, typed) ? good(typed) : bad("field.not_a_choice");
}

static Checked check_choices(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    Str rest = typed, one;
    while (str_cut(&rest, ',', &one))
        if (!find_choice(f, one))
            return bad("field.not_a_choice");
    return good(typed);
}

static Checked check_citizen_id(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    Checked c = { 0 };
    c.fault = citizen_id_fault(&cx->arena, typed, day_today(cx), &c.stored);
    return c;
}

static Checked check_credit_code(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    bool warn;
    Checked c = { 0 };
    c.fault = credit_code_fault(&cx->arena, typed, &c.stored, &warn);
    return c;
}

static Checked check_mobile(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    Checked c = { 0 };
    c.fault = mobile_fault(&cx->arena, typed, &c.stored);
    return c;
}

static Checked check_phone(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    Checked c = { 0 };
    c.fault = phone_fault(&cx->arena, typed, &c.stored);
    return c;
}

static Checked check_plate(Ctx *cx, const Field *f, Str typed)
{
    (void)f;
    Checked c = { 0 };
    c.fault = plate_fault(&cx->arena, typed, &c.stored);
    return c;
}

static Checked check_email(Ctx *cx, const Field *f, Str typed)
{
    (void)cx;
    Str domain = typed, local;
    if (!str_cut(&domain, '@', &local) || !domain.at || local.n == 0 || domain.n < 3
        || memchr(domain.at, '@', domain.n) || !memchr(domain.at, '.', domain.n)
        || memchr(typed.at, ' ', typed.n))
        return bad("field.not_an_email");
    return check_line(f, typed, TEXT_CHARS_MAX);
}

/* Places are looked up by who knows them; here only the form of a code. */
static Checked check_place(Ctx *cx, const Field *f, Str typed)
{
    (void)cx, (void)f;
    return typed.n <= 20 && !text_unseen(typed, false) ? good(typed) : bad("field.not_a_place");
}

static Checked check_never(Ctx *cx, const Field *f, Str typed)
{
    (void)cx, (void)f, (void)typed;
    return bad("field.unknown");
}

/* ------------------------------------------------------------- masks, one per kind that has one */

static Str mask_text(Arena *a, Str s)
{
    (void)s;
    return str_copy(a, S("***"));
}

/* ------------------------------------------------------------------ the table of kinds */

static const struct {
    const char *name; /* in files */
    CheckFn *check;
    Str (*mask)(Arena *a, Str s); /* NULL: the value is hidden whole */
} KINDS[F_KINDS] = {
    [F_TEXT] = { "text", check_text, NULL },
    [F_LONG] = { "long", check_long, NULL },
    [F_INT] = { "int", check_int, NULL },
    [F_FLAG] = { "flag", check_flag, NULL },
    [F_DAY] = { "day", check_day, NULL },
    [F_INSTANT] = { NULL, check_never, NULL },
    [F_MONEY] = { "money", check_money, NULL },
    [F_CHOICE] = { "choice", check_choice, NULL },
    [F_CHOICES] = { "choices", check_choices, NULL },
    [F_PLACE] = { "place", check_place, NULL },
    [F_NAME] = { "name", check_name, mask_name },
    [F_ADDRESS] = { "address", check_address, mask_address },
    [F_CITIZEN_ID] = { "citizen_id", check_citizen_id, mask_citizen_id },
    [F_CREDIT_CODE] = { "credit_code", check_credit_code, NULL },
    [F_MOBILE] = { "mobile", check_mobile, mask_phone },
    [F_PHONE] = { "phone", check_phone, mask_phone },
    [F_PLATE] = { "plate", check_plate, mask_plate },
    [F_EMAIL] = { "email", check_email, NULL },
    [F_ID] = { NULL, check_never, NULL },
    [F_WORDS] = { NULL, check_never, NULL },
    [F_STRUCT] = { NULL, check_never, NULL },
    [F_LIST] = { NULL, check_never, NULL },
    [F_FORM] = { NULL, check_never, NULL },
};

const Field *field_find(const Field *fields, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(fields[i].name, name))
            return &fields[i];
    return NULL;
}

bool field_is_sealed(const Field *f)
{
    return f->personal || f->is_private;
}

static void check_one(Ctx *cx, const Field *f, const Values *sent, Values *out)
{
    Str typed = str_trim(value_of(sent, f->name));
    if (typed.n == 0) {
        if (f->must)
            fail_field(cx, f->name, "field.missing", V("field", words_in(f->label, cx->lang)));
        return;
    }
    Checked c = str_is_utf8(typed) ? KINDS[f->kind].check(cx, f, typed) : bad("field.not_utf8");
    if (c.fault)
        fail_field(cx, f->name, c.fault, V("field", words_in(f->label, cx->lang)),
                   V("code", str_format(&cx->arena, "U+%04X", c.unseen)),
                   text_int(cx, "min", f->min),
                   text_int(cx, "max", c.most ? c.most : f->max));
    else
        value_add(cx, out, f->name, c.stored);
}

Err field_check(Ctx *cx, const Field *fields, size_t n, const Values *sent, Values *out)
{
    for (size_t i = 0; i < n; i++)
        check_one(cx, &fields[i], sent, out);
    for (const Value *v = sent ? sent->first : NULL; v; v = v->next)
        if (!field_find(fields, n, v->name))
            fail_field(cx, v->name, "field.unknown",
                       V("field", str_is_utf8(v->name) ? v->name : S("?")));
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ showing */

static Str money_words(Ctx *cx, Str stored)
{
    i64 cents;
    if (!str_to_int(stored, &cents))
        return stored;
    return str_format(&cx->arena, "%lld.%02lld", (long long)(cents / 100),
                      (long long)(cents % 100));
}

static Str choice_words(Ctx *cx, const Field *f, Str stored)
{
    Buf b = buf_new(&cx->arena, 4096);
    Str rest = stored, code;
    while (str_cut(&rest, ',', &code)) {
        const Choice *c = find_choice(f, code);
        if (b.n)
            buf_add(&b, cx->lang == LANG_ZH ? S("、") : S(", "));
        buf_add(&b, c ? words_in(c->name, cx->lang) : code);
    }
    return buf_str(&b);
}

Str field_words(Ctx *cx, const Field *f, Str stored)
{
    Day day;
    switch (f->kind) {
    case F_CHOICE:
    case F_CHOICES: return choice_words(cx, f, stored);
    case F_FLAG: return text_get(cx, str_is(stored, S("yes")) ? N_("Yes") : N_("No"));
    case F_DAY: return day_parse(stored, &day) ? day_words_full(cx, day) : stored;
    case F_MONEY: return money_words(cx, stored);
    default: return stored;
    }
}

Str field_masked(Ctx *cx, const Field *f, Str stored)
{
    if (!f->personal || stored.n == 0)
        return field_words(cx, f, stored);
    Str (*mask)(Arena *, Str) = KINDS[f->kind].mask ? KINDS[f->kind].mask : mask_text;
    return mask(&cx->arena, stored);
}

/* ------------------------------------------------------------------ reading from files */

/* "text, long, int …", for whoever wrote another word. */
static Str known_kinds(Ctx *cx)
{
    Buf b = buf_new(&cx->arena, KNOWN_KINDS_BYTES_MAX);
    for (int kind = 0; kind < F_KINDS; kind++)
        if (KINDS[kind].name)
            buf_add_format(&b, "%s%s", b.n ? ", " : "", KINDS[kind].name);
    return buf_str(&b);
}

static void read_kind(const YamlFile *file, const Yaml *node, void *out)
{
    for (int kind = 0; kind < F_KINDS; kind++) {
        if (node->kind == YAML_TEXT && KINDS[kind].name
            && str_is(node->text, str_of(KINDS[kind].name))) {
            *(FieldKind *)out = (FieldKind)kind;
            return;
        }
    }
    mistake(file, node, "field.unknown_kind", V("kind", node->text),
            V("kinds", known_kinds(file->cx)));
}

typedef struct ChoiceList {
    const Choice *at;
    size_t n;
} ChoiceList;

static void read_choices(const YamlFile *file, const Yaml *node, void *out)
{
    Choice *choices = NEW_ARRAY(file->cx, Choice, yaml_count(node) + 1);
    size_t n = 0;
    if (node->kind != YAML_MAP) {
        mistake(file, node, "yaml.not_a_map");
        return;
    }
    for (const Yaml *entry = node->first; choices && entry; entry = entry->next) {
        choices[n].code = entry->key;
        yaml_words(file, entry, &choices[n++].name);
    }
    *(ChoiceList *)out = (ChoiceList){ choices, n };
}

typedef struct FieldRecord {
    FieldKind kind;
    Words name, hint, purpose;
    bool must, personal, private;
    i64 min, max;
    ChoiceList choices;
    Str basis, find;
} FieldRecord;

static const YamlKey FIELD_KEYS[] = {
    YAML_MUST(FieldRecord, kind, read_kind),
    YAML_MUST(FieldRecord, name, yaml_words),
    YAML_KEY(FieldRecord, hint, yaml_words),
    YAML_KEY(FieldRecord, purpose, yaml_words),
    YAML_KEY(FieldRecord, must, yaml_flag),
    YAML_KEY(FieldRecord, personal, yaml_flag),
    YAML_KEY(FieldRecord, private, yaml_flag),
    YAML_KEY(FieldRecord, min, yaml_int),
    YAML_KEY(FieldRecord, max, yaml_int),
    YAML_KEY(FieldRecord, choices, read_choices),
    YAML_KEY(FieldRecord, basis, yaml_text),
    YAML_KEY(FieldRecord, find, yaml_name),
    YAML_END,
};

/* Kinds that are about a person whatever the file says. */
static bool is_always_personal(FieldKind kind)
{
    return kind == F_NAME || kind == F_ADDRESS || kind == F_CITIZEN_ID || kind == F_MOBILE
        || kind == F_PHONE || kind == F_PLATE || kind == F_EMAIL;
}

static void check_record(const YamlFile *file, const Yaml *node, const FieldRecord *r)
{
    bool chooses = r->kind == F_CHOICE || r->kind == F_CHOICES;
    if (is_always_personal(r->kind) && !r->personal)
        mistake(file, node, "field.must_be_personal", V("field", node->key));
    if (r->personal && (r->basis.n == 0 || r->purpose.in[0].n == 0))
        mistake(file, node, "field.unjustified", V("field", node->key));
    if (chooses != (r->choices.n > 0))
        mistake(file, node, "field.choices_amiss", V("field", node->key));
    if (r->max && r->max < r->min)
        mistake(file, node, "field.min_over_max", V("field", node->key));
    if (r->find.n && !r->personal && !r->private)
        mistake(file, node, "field.find_needs_seal", V("field", node->key));
}

/* Identity numbers and telephones can always be found again; every kind of telephone under one
   name. */
static Str find_by_kind(FieldKind kind)
{
    if (kind == F_CITIZEN_ID)
        return S("citizen_id");
    return kind == F_MOBILE || kind == F_PHONE ? S("phone") : STR_EMPTY;
}

static Field field_from(const Yaml *node, const FieldRecord *r)
{
    return (Field){ .name = node->key,
                    .kind = r->kind,
                    .label = r->name,
                    .hint = r->hint,
                    .must = r->must,
                    .personal = r->personal,
                    .is_private = r->private,
                    .min = r->min,
                    .max = r->max,
                    .choices = r->choices.at,
                    .choices_n = r->choices.n,
                    .basis = r->basis,
                    .find = r->find.n ? r->find : find_by_kind(r->kind),
                    .purpose = r->purpose,
                    .line = node->key_line,
                    .column = node->key_column };
}

void field_read_all(const YamlFile *file, const Yaml *map, Field **out, size_t *out_n)
{
    if (map->kind != YAML_MAP) {
        mistake(file, map, "yaml.not_a_map");
        return;
    }
    Field *fields = NEW_ARRAY(file->cx, Field, yaml_count(map) + 1);
    size_t n = 0;
    for (const Yaml *entry = map->first; fields && entry; entry = entry->next) {
        FieldRecord r = { 0 };
        yaml_record(file, entry, FIELD_KEYS, &r);
        check_record(file, entry, &r);
        fields[n++] = field_from(entry, &r);
    }
    *out = fields;
    *out_n = n;
}
