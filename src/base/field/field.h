/* field.h -- one line says what a field is: form input, check, JSON key, schema and export
** column follow.
**
** Two uses of one type. A *form field* is data, read from a flow or item file; what people send
** for it is a Value (a name and a text). A *struct field* describes a member of a C struct, so
** that a page's model can be written as JSON and described in OpenAPI without a second list. */
#ifndef FIELD_FIELD_H
#define FIELD_FIELD_H

#include "json/json.h"
#include "when/when.h"
#include "yaml/yaml.h"

typedef enum FieldKind {
    F_TEXT,       /* one line */
    F_LONG,       /* several lines */
    F_INT,
    F_FLAG,
    F_DAY,
    F_INSTANT,
    F_MONEY,
    F_CHOICE,     /* one of .choices */
    F_CHOICES,    /* any of .choices, separated by commas */
    F_PLACE,      /* the code of a place */
    F_NAME,       /* of a person */
    F_ADDRESS,
    F_CITIZEN_ID, /* GB 11643 */
    F_CREDIT_CODE,/* GB 32100 */
    F_MOBILE,     /* mainland China */
    F_PHONE,      /* anywhere */
    F_PLATE,
    F_EMAIL,
    F_ID,         /* struct fields only, from here on */
    F_WORDS,      /* shown in the reader's language */
    F_STRUCT,     /* .of at the offset */
    F_LIST,       /* a linked list: pointer to the first at the offset, .next_offset inside each */
    F_FORM,       /* a linked list of Value: an object of its names */
    F_KINDS
} FieldKind;

typedef struct Choice {
    Str code;
    Words name;
} Choice;

typedef struct Field Field;
struct Field {
    Str name;
    FieldKind kind;
    Words label;
    Words hint;
    bool must;
    bool personal; /* sealed in the vault; otherwise public with the event */
    bool is_private; /* sealed too, but about the matter and not about a person */
    i64 min, max;  /* of integers; of texts the characters; 0 is the kind's own */
    const Choice *choices;
    size_t choices_n;
    Str find;      /* sealed, but found again by its value: the name under which it is marked */
    Str basis;     /* the law that lets us ask (PIPL 13): a personal field without one is refused */
    Words purpose; /* why it is asked */
    int line, column; /* where it stands in its file */

    size_t offset; /* struct fields */
    const Field *of;
    size_t next_offset;
};

#define FIELD(Type, member, kind_) { .name = { #member, sizeof #member - 1 }, .kind = F_##kind_, \
                                     .offset = offsetof(Type, member) }
#define FIELD_LIST(Type, member, Of, fields)                                                       \
    {                                                                                              \
        .name = { #member, sizeof #member - 1 }, .kind = F_LIST, .offset = offsetof(Type, member), \
        .of = (fields), .next_offset = offsetof(Of, next)                                          \
    }
#define FIELD_STRUCT(Type, member, fields)                                                         \
    {                                                                                              \
        .name = { #member, sizeof #member - 1 }, .kind = F_STRUCT,                                 \
        .offset = offsetof(Type, member), .of = (fields)                                           \
    }
#define FIELD_END { .name = { NULL, 0 } }

/* What was sent or stored for form fields. */
typedef struct Value Value;
struct Value {
    Value *next;
    Str name;
    Str text;
};

typedef struct Values {
    Value *first;
    Value **end;
} Values;

void value_add(Ctx *cx, Values *values, Str name, Str text);
Str value_of(const Values *values, Str name); /* empty when absent */
bool value_has(const Values *values, Str name);
void value_drop(Values *values, Str name);
/* FIELDS(T("note", note)) makes Values in place, for steps taken by code. */
#define VALUES(cx, ...) values_from((cx), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
                                    COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })))
Values values_from(Ctx *cx, const TextArg *pairs, size_t n);

/* Checks what was sent against the fields; each problem goes onto the Ctx (fail_field), none
** stops the rest. out gets the stored form. A name that no field has is a problem too. */
MUST_USE Err field_check(Ctx *cx, const Field *fields, size_t n, const Values *sent, Values *out);

const Field *field_find(const Field *fields, size_t n, Str name);
bool field_is_sealed(const Field *f);

/* A stored value as a person reads it: the choice's name, the day in words. */
Str field_words(Ctx *cx, const Field *f, Str stored);
/* The same, masked as its kind asks. */
Str field_masked(Ctx *cx, const Field *f, Str stored);

/* A list of form fields from a file: {name: {kind: text, name: {zh:, en:}, must: true, …}, …}. */
void field_read_all(const YamlFile *file, const Yaml *map, Field **out, size_t *out_n);

/* JSON of a struct, and JSON Schema (2020-12) of fields. */
void field_put_json(Ctx *cx, Buf *b, const Field *struct_fields, const void *record);
void field_put_schema(Ctx *cx, Buf *b, const Field *fields, size_t n);
size_t field_count(const Field *struct_fields);

#endif
