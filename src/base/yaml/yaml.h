/* yaml.h -- reading YAML files of the house (flows, items, roles, profiles) with every mistake in
** its place.
**
** Parsed by libyaml's document API into a small tree that keeps line and column.  Refused before
** anything is read: more than 256 KiB, nesting deeper than 16, anchors and aliases, tags, doubled
** keys.  A record is read through one table of its keys; a key not in the table is a mistake. 
** Mistakes are collected, not thrown: one run reports them all. */
#ifndef YAML_YAML_H
#define YAML_YAML_H

#include "core/core.h"

enum { YAML_BYTES_MAX = 256 * 1024, YAML_DEPTH_MAX = 16 };

typedef enum YamlKind { YAML_TEXT, YAML_LIST, YAML_MAP } YamlKind;

typedef struct Yaml Yaml;
struct Yaml {
    YamlKind kind;
    Str key;  /* where it is an entry of a map */
    Str text; /* of YAML_TEXT */
    bool is_quoted;
    const Yaml *first;
    const Yaml *next;
    int line, column; /* from 1 */
    int key_line, key_column;
};

/* One thing wrong at one place of one file. */
typedef struct Mistake Mistake;
struct Mistake {
    Mistake *next;
    Str file;
    int line, column;
    const char *key;
    const TextArg *args;
    size_t args_n;
};

/* Those of one file stand in the order of its lines, whatever the order they were found in. */
typedef struct MistakeList {
    Mistake *first;
    Mistake *last;
    size_t n;
} MistakeList;

typedef struct YamlFile {
    Ctx *cx;
    Str name;
    MistakeList *mistakes;
    const Yaml *root; /* NULL when the file could not be parsed at all */
} YamlFile;

YamlFile yaml_parse(Ctx *cx, Str name, Str text, MistakeList *mistakes);

#define mistake(file, node, key, ...) \
    mistake_at((file), (node)->line, (node)->column, (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)
void mistake_at(const YamlFile *file, int line, int column, const char *key, const TextArg *args,
                size_t n);

/* "file:line:column: what is wrong", in the Ctx's language. */
Str mistake_text(Ctx *cx, const Mistake *m);
/* All of them, one per line. */
Str mistakes_text(Ctx *cx, const MistakeList *list);

const Yaml *yaml_in(const Yaml *map, const char *key); /* NULL when absent */
size_t yaml_count(const Yaml *node);

/* A table of keys: how one record of a file is read into a struct. */
typedef struct YamlKey YamlKey;
struct YamlKey {
    const char *name;
    void (*read)(const YamlFile *file, const Yaml *node, void *field);
    size_t offset;
    bool must;
};
#define YAML_KEY(Type, member, reader) { #member, (reader), offsetof(Type, member), false }
#define YAML_MUST(Type, member, reader) { #member, (reader), offsetof(Type, member), true }
#define YAML_END { NULL, NULL, 0, false }
void yaml_record(const YamlFile *file, const Yaml *map, const YamlKey *keys, void *record);

/* Readers for the common fields. */
void yaml_text(const YamlFile *file, const Yaml *node, void *str);
void yaml_name(const YamlFile *file, const Yaml *node, void *str);  /* letters, digits, - _ . */
void yaml_int(const YamlFile *file, const Yaml *node, void *i64_field);
void yaml_flag(const YamlFile *file, const Yaml *node, void *flag); /* only true and false */
void yaml_words(const YamlFile *file, const Yaml *node, void *words); /* {zh: …, en: …}, both */
void yaml_node(const YamlFile *file, const Yaml *node, void *yaml_ptr); /* kept for later reading */

/* One text or a list of them. */
typedef struct Names {
    const Str *at;
    size_t n;
} Names;
void yaml_names(const YamlFile *file, const Yaml *node, void *names);
bool names_have(Names names, Str name);

#endif
