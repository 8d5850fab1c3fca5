/* out.c -- fields as JSON and as JSON Schema. */
#include "field/field.h"

#include "text/text.h"

size_t field_count(const Field *struct_fields)
{
    size_t n = 0;
    while (struct_fields[n].name.at)
        n++;
    return n;
}

/* ------------------------------------------------------------------ JSON of a struct */

static void put_list(Ctx *cx, Buf *b, const Field *f, const void *first)
{
    buf_add_char(b, '[');
    for (const char *at = first; at; at = *(const char *const *)(at + f->next_offset)) {
        if (at != first)
            buf_add_char(b, ',');
        field_put_json(cx, b, f->of, at);
    }
    buf_add_char(b, ']');
}

static void put_values(Buf *b, const Values *values)
{
    buf_add_char(b, '{');
    for (const Value *v = values->first; v; v = v->next) {
        if (v != values->first)
            buf_add_char(b, ',');
        json_put_text(b, v->name);
        buf_add_char(b, ':');
        json_put_text(b, v->text);
    }
    buf_add_char(b, '}');
}

static void put_day(Ctx *cx, Buf *b, Day day)
{
    if (day_is_set(day))
        json_put_text(b, day_iso(&cx->arena, day));
    else
        buf_add(b, S("null"));
}

static void put_instant(Ctx *cx, Buf *b, Instant t)
{
    if (t.ms == 0 || t.ms == NEVER.ms)
        buf_add(b, S("null"));
    else
        json_put_text(b, instant_iso(cx, t));
}

static void put_member(Ctx *cx, Buf *b, const Field *f, const void *at)
{
    switch (f->kind) {
    case F_INT: json_put_int(b, *(const i64 *)at); break;
    case F_ID: json_put_int(b, *(const i64 *)at); break;
    case F_MONEY: json_put_int(b, ((const Money *)at)->cents); break;
    case F_FLAG: buf_add(b, *(const bool *)at ? S("true") : S("false")); break;
    case F_DAY: put_day(cx, b, *(const Day *)at); break;
    case F_INSTANT: put_instant(cx, b, *(const Instant *)at); break;
    case F_WORDS: json_put_text(b, words_in(*(const Words *)at, cx->lang)); break;
    case F_STRUCT: field_put_json(cx, b, f->of, at); break;
    case F_LIST: put_list(cx, b, f, *(const void *const *)at); break;
    case F_FORM: put_values(b, at); break;
    default: json_put_text(b, *(const Str *)at); break;
    }
}

void field_put_json(Ctx *cx, Buf *b, const Field *struct_fields, const void *record)
{
    buf_add_char(b, '{');
    for (const Field *f = struct_fields; f->name.at; f++) {
        if (f != struct_fields)
            buf_add_char(b, ',');
        json_put_text(b, f->name);
        buf_add_char(b, ':');
        put_member(cx, b, f, (const char *)record + f->offset);
    }
    buf_add_char(b, '}');
}

/* ------------------------------------------------------------------ JSON Schema */

static const char *schema_type(FieldKind kind)
{
    switch (kind) {
    case F_INT:
    case F_ID:
    case F_MONEY: return "\"type\":\"integer\"";
    case F_FLAG: return "\"type\":\"boolean\"";
    case F_DAY: return "\"type\":[\"string\",\"null\"],\"format\":\"date\"";
    case F_INSTANT: return "\"type\":[\"string\",\"null\"],\"format\":\"date-time\"";
    case F_EMAIL: return "\"type\":\"string\",\"format\":\"email\"";
    case F_FORM: return "\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}";
    default: return "\"type\":\"string\"";
    }
}

static void put_choices(Buf *b, const Field *f)
{
    buf_add(b, S(",\"enum\":["));
    for (size_t i = 0; i < f->choices_n; i++) {
        if (i)
            buf_add_char(b, ',');
        json_put_text(b, f->choices[i].code);
    }
    buf_add_char(b, ']');
}

static void put_bounds(Buf *b, const Field *f)
{
    bool is_number = f->kind == F_INT || f->kind == F_MONEY;
    if (f->min)
        buf_add_format(b, ",\"%s\":%lld", is_number ? "minimum" : "minLength", (long long)f->min);
    if (f->max)
        buf_add_format(b, ",\"%s\":%lld", is_number ? "maximum" : "maxLength", (long long)f->max);
}

static void put_property(Ctx *cx, Buf *b, const Field *f)
{
    if (f->kind == F_STRUCT) {
        field_put_schema(cx, b, f->of, field_count(f->of));
        return;
    }
    if (f->kind == F_LIST) {
        buf_add(b, S("{\"type\":\"array\",\"items\":"));
        field_put_schema(cx, b, f->of, field_count(f->of));
        buf_add_char(b, '}');
        return;
    }
    buf_add_char(b, '{');
    buf_add(b, str_of(schema_type(f->kind)));
    Str title = words_in(f->label, cx->lang);
    if (title.n) {
        buf_add(b, S(",\"title\":"));
        json_put_text(b, title);
    }
    if (f->kind == F_CHOICE && f->choices_n)
        put_choices(b, f);
    put_bounds(b, f);
    buf_add_char(b, '}');
}

static void put_required(Buf *b, const Field *fields, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].must)
            continue;
        buf_add(b, any ? S(",") : S(",\"required\":["));
        json_put_text(b, fields[i].name);
        any = true;
    }
    if (any)
        buf_add_char(b, ']');
}

void field_put_schema(Ctx *cx, Buf *b, const Field *fields, size_t n)
{
    buf_add(b, S("{\"type\":\"object\",\"properties\":{"));
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(b, ',');
        json_put_text(b, fields[i].name);
        buf_add_char(b, ':');
        put_property(cx, b, &fields[i]);
    }
    buf_add_char(b, '}');
    put_required(b, fields, n);
    buf_add_char(b, '}');
}
