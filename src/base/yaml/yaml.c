/* yaml.c -- from libyaml's document to our tree, and from the tree to records. */
#include "yaml/yaml.h"

#include "text/text.h"

#include <yaml.h>

/* ------------------------------------------------------------------ mistakes */

static bool stands_before(const Mistake *a, const Mistake *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* Behind everything of the same file that stands before it or at the same place. */
static void insert(MistakeList *list, Mistake *m)
{
    Mistake **at = &list->first;
    if (list->last && (!str_is(list->last->file, m->file) || !stands_before(m, list->last)))
        at = &list->last->next;
    while (*at && (!str_is((*at)->file, m->file) || !stands_before(m, *at)))
        at = &(*at)->next;
    m->next = *at;
    *at = m;
    if (!m->next)
        list->last = m;
    list->n++;
}

void mistake_at(const YamlFile *file, int line, int column, const char *key, const TextArg *args,
                size_t n)
{
    Ctx *cx = file->cx;
    Mistake *m = NEW(cx, Mistake);
    TextArg *copy = NEW_ARRAY(cx, TextArg, n + 1);
    if (!m || !copy)
        return; /* latched on the Ctx */
    for (size_t i = 0; i < n; i++)
        copy[i] = (TextArg){ args[i + 1].name, str_copy(&cx->arena, args[i + 1].value) };
    *m = (Mistake){ NULL, file->name, line, column, key, copy, n };
    insert(file->mistakes, m);
}

Str mistake_text(Ctx *cx, const Mistake *m)
{
    Str why = text_fill(cx, m->key, m->args, m->args_n);
    return str_format(&cx->arena, "%.*s:%d:%d: %.*s", STR_ARGS(m->file), m->line, m->column,
                      STR_ARGS(why));
}

Str mistakes_text(Ctx *cx, const MistakeList *list)
{
    Buf out = buf_new(&cx->arena, 1 << 20);
    for (const Mistake *m = list->first; m; m = m->next) {
        buf_add(&out, mistake_text(cx, m));
        buf_add_char(&out, '\n');
    }
    return buf_str(&out);
}

/* ------------------------------------------------------------------ before parsing */

/* libyaml's time grows with the square of open brackets: refuse deep ones before it sees them. */
static bool brackets_too_deep(Str text)
{
    int depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        depth += text.at[i] == '[' || text.at[i] == '{';
        depth -= depth && (text.at[i] == ']' || text.at[i] == '}');
        if (depth > YAML_DEPTH_MAX)
            return true;
    }
    return false;
}

#define mistake_here(file, line, column, key, ...) \
    mistake_at((file), (line), (column), (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)

static void parser_mistake(const YamlFile *file, const yaml_parser_t *parser)
{
    mistake_here(file, (int)parser->problem_mark.line + 1, (int)parser->problem_mark.column + 1,
                 "yaml.not_yaml", V("why", str_of(parser->problem)));
}

static bool token_is_allowed(const YamlFile *file, const yaml_token_t *token)
{
    const char *key = token->type == YAML_ANCHOR_TOKEN || token->type == YAML_ALIAS_TOKEN
                        ? N_("yaml.no_alias")
                    : token->type == YAML_TAG_TOKEN ? N_("yaml.no_tag")
                                                    : NULL;
    if (key)
        mistake_here(file, (int)token->start_mark.line + 1, (int)token->start_mark.column + 1, key);
    return !key;
}

/* A second document would be read by nobody. */
static bool begins_another(const YamlFile *file, const yaml_token_t *token, bool *has_content)
{
    bool is_frame = token->type == YAML_STREAM_START_TOKEN || token->type == YAML_STREAM_END_TOKEN
                 || token->type == YAML_VERSION_DIRECTIVE_TOKEN
                 || token->type == YAML_DOCUMENT_END_TOKEN;
    bool begins = token->type == YAML_DOCUMENT_START_TOKEN && *has_content;
    *has_content = *has_content || !is_frame;
    if (begins)
        mistake_here(file, (int)token->start_mark.line + 1, (int)token->start_mark.column + 1,
                     "yaml.two_documents");
    return begins;
}

/* A first pass over the tokens alone: the document API would follow aliases and drop tags. */
static bool tokens_are_allowed(const YamlFile *file, Str text)
{
    yaml_parser_t parser;
    yaml_token_t token;
    bool allowed = true, more = true, has_content = false;
    if (!yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, (const u8 *)text.at, text.n);
    while (more && allowed) {
        if (!yaml_parser_scan(&parser, &token)) {
            parser_mistake(file, &parser);
            allowed = false;
            break;
        }
        more = token.type != YAML_STREAM_END_TOKEN;
        allowed = token_is_allowed(file, &token) && !begins_another(file, &token, &has_content);
        yaml_token_delete(&token);
    }
    yaml_parser_delete(&parser);
    return allowed;
}

/* ------------------------------------------------------------------ the tree */

static Yaml *build(const YamlFile *file, yaml_document_t *document, int id, int depth);

/* The first one counts; what else is said of the file is about it alone. */
static bool is_doubled(const YamlFile *file, const Yaml *map, const Yaml *entry)
{
    for (const Yaml *other = map->first; other; other = other->next) {
        if (!str_is(other->key, entry->key))
            continue;
        mistake_here(file, entry->key_line, entry->key_column, "yaml.doubled_key",
                     V("key", entry->key));
        return true;
    }
    return false;
}

static void build_list(const YamlFile *file, yaml_document_t *document, yaml_node_t *node,
                       Yaml *list, int depth)
{
    const Yaml **end = &list->first;
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++) {
        Yaml *entry = build(file, document, *i, depth + 1);
        if (!entry)
            return;
        *end = entry;
        end = &entry->next;
    }
}

static void build_map(const YamlFile *file, yaml_document_t *document, yaml_node_t *node, Yaml *map,
                      int depth)
{
    const Yaml **end = &map->first;
    for (yaml_node_pair_t *i = node->data.mapping.pairs.start; i < node->data.mapping.pairs.top;
         i++) {
        const Yaml *key = build(file, document, i->key, depth + 1);
        Yaml *entry = build(file, document, i->value, depth + 1);
        if (!key || !entry)
            return;
        entry->key = key->text;
        entry->key_line = key->line;
        entry->key_column = key->column;
        if (key->kind != YAML_TEXT || key->text.n == 0)
            mistake(file, key, "yaml.key_not_text");
        if (is_doubled(file, map, entry))
            continue;
        *end = entry;
        end = &entry->next;
    }
}

static Yaml *build(const YamlFile *file, yaml_document_t *document, int id, int depth)
{
    yaml_node_t *node = yaml_document_get_node(document, id);
    Yaml *y = NEW(file->cx, Yaml);
    if (!y || !node)
        return NULL;
    y->line = (int)node->start_mark.line + 1;
    y->column = (int)node->start_mark.column + 1;
    if (depth > YAML_DEPTH_MAX) {
        mistake(file, y, "yaml.too_deep");
        return NULL;
    }
    if (node->type == YAML_SEQUENCE_NODE) {
        y->kind = YAML_LIST;
        build_list(file, document, node, y, depth);
    } else if (node->type == YAML_MAPPING_NODE) {
        y->kind = YAML_MAP;
        build_map(file, document, node, y, depth);
    } else {
        Str text = { (const char *)node->data.scalar.value, node->data.scalar.length };
        y->text = str_copy(&file->cx->arena, text);
        if (!str_is_utf8(text)) /* an escape may say what the file itself must not hold */
            mistake(file, y, "yaml.zero_character");
        y->is_quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
    return y;
}

static void load(YamlFile *file, Str text)
{
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return;
    yaml_parser_set_input_string(&parser, (const u8 *)text.at, text.n);
    if (yaml_parser_load(&parser, &document)) {
        if (yaml_document_get_root_node(&document))
            file->root = build(file, &document, 1, 0);
        else
            mistake_here(file, 1, 1, "yaml.empty");
        yaml_document_delete(&document);
    } else {
        parser_mistake(file, &parser);
    }
    yaml_parser_delete(&parser);
}

YamlFile yaml_parse(Ctx *cx, Str name, Str text, MistakeList *mistakes)
{
    YamlFile file = { cx, str_copy(&cx->arena, name), mistakes, NULL };
    if (text.n > YAML_BYTES_MAX)
        mistake_here(&file, 1, 1, "yaml.too_large");
    else if (!str_is_utf8(text))
        mistake_here(&file, 1, 1, "yaml.not_utf8");
    else if (brackets_too_deep(text))
        mistake_here(&file, 1, 1, "yaml.too_deep");
    else if (tokens_are_allowed(&file, text))
        load(&file, text);
    if (file.root && file.root->kind != YAML_MAP) {
        mistake(&file, file.root, "yaml.not_a_map");
        file.root = NULL;
    }
    return file;
}

/* ------------------------------------------------------------------ records */

const Yaml *yaml_in(const Yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (const Yaml *entry = map->first; entry; entry = entry->next)
        if (str_is(entry->key, str_of(key)))
            return entry;
    return NULL;
}

size_t yaml_count(const Yaml *node)
{
    size_t n = 0;
    for (const Yaml *entry = node ? node->first : NULL; entry; entry = entry->next)
        n++;
    return n;
}

static const YamlKey *find_key(const YamlKey *keys, Str name)
{
    for (const YamlKey *k = keys; k->name; k++)
        if (str_is(str_of(k->name), name))
            return k;
    return NULL;
}

void yaml_record(const YamlFile *file, const Yaml *map, const YamlKey *keys, void *record)
{
    if (map->kind != YAML_MAP) {
        mistake(file, map, "yaml.not_a_map");
        return;
    }
    for (const Yaml *entry = map->first; entry; entry = entry->next) {
        const YamlKey *k = find_key(keys, entry->key);
        if (k)
            k->read(file, entry, (char *)record + k->offset);
        else if (entry->key.n) /* else said already */
            mistake_here(file, entry->key_line, entry->key_column, "yaml.unknown_key",
                         V("key", entry->key));
    }
    for (const YamlKey *k = keys; k->name; k++)
        if (k->must && !yaml_in(map, k->name))
            mistake(file, map, "yaml.missing_key", V("key", str_of(k->name)));
}

void yaml_text(const YamlFile *file, const Yaml *node, void *str)
{
    if (node->kind == YAML_TEXT)
        *(Str *)str = node->text;
    else
        mistake(file, node, "yaml.not_text", V("key", node->key));
}

static bool is_name(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                 || c == '-' || c == '_' || c == '.';
        if (!good)
            return false;
    }
    return s.n > 0;
}

void yaml_name(const YamlFile *file, const Yaml *node, void *str)
{
    if (node->kind == YAML_TEXT && is_name(node->text))
        *(Str *)str = node->text;
    else
        mistake(file, node, "yaml.not_a_name", V("key", node->key));
}

void yaml_int(const YamlFile *file, const Yaml *node, void *i64_field)
{
    if (node->kind != YAML_TEXT || node->is_quoted || !str_to_int(node->text, i64_field))
        mistake(file, node, "yaml.not_an_integer", V("key", node->key));
}

void yaml_flag(const YamlFile *file, const Yaml *node, void *flag)
{
    if (node->kind == YAML_TEXT && !node->is_quoted && str_is(node->text, S("true")))
        *(bool *)flag = true;
    else if (node->kind == YAML_TEXT && !node->is_quoted && str_is(node->text, S("false")))
        *(bool *)flag = false;
    else
        mistake(file, node, "yaml.not_a_flag", V("key", node->key));
}

void yaml_words(const YamlFile *file, const Yaml *node, void *words)
{
    static const char *const LANG_KEYS[LANG_COUNT] = { "zh", "en" };
    Words *w = words;
    if (node->kind != YAML_MAP) {
        mistake(file, node, "yaml.not_words", V("key", node->key));
        return;
    }
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const Yaml *entry = yaml_in(node, LANG_KEYS[lang]);
        if (entry && entry->kind == YAML_TEXT && entry->text.n)
            w->in[lang] = entry->text;
        else
            mistake(file, node, "yaml.missing_text", V("key", node->key),
                    V("lang", str_of(LANG_KEYS[lang])));
    }
    if (yaml_count(node) > LANG_COUNT)
        mistake(file, node, "yaml.not_words", V("key", node->key));
}

void yaml_node(const YamlFile *file, const Yaml *node, void *yaml_ptr)
{
    (void)file;
    *(const Yaml **)yaml_ptr = node;
}

/* One more name of a list, if it is one and not there yet. */
static void add_name(const YamlFile *file, const Yaml *node, const Yaml *entry, Str *at, size_t *n)
{
    if (entry->kind != YAML_TEXT || entry->text.n == 0
        || (entry != node && node->kind != YAML_LIST))
        mistake(file, entry, "yaml.not_text", V("key", node->key));
    else if (names_have((Names){ at, *n }, entry->text))
        mistake(file, entry, "yaml.doubled_name", V("key", node->key), V("name", entry->text));
    else
        at[(*n)++] = entry->text;
}

void yaml_names(const YamlFile *file, const Yaml *node, void *names)
{
    size_t n = 0;
    Str *at = NEW_ARRAY(file->cx, Str, yaml_count(node) + 1);
    if (!at)
        return;
    if (node->kind == YAML_TEXT)
        add_name(file, node, node, at, &n);
    else if (!node->first)
        mistake(file, node, "yaml.names_nothing", V("key", node->key));
    for (const Yaml *entry = node->first; entry; entry = entry->next)
        add_name(file, node, entry, at, &n);
    *(Names *)names = (Names){ at, n };
}

bool names_have(Names names, Str name)
{
    for (size_t i = 0; i < names.n; i++)
        if (str_is(names.at[i], name))
            return true;
    return false;
}
