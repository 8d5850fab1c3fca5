/* yaml.c -- YAML files: a tree within bounds, each mistake with its place; written anew and
** read, the same tree. */
#include "fuzz/fuzz.h"

#include "yaml/yaml.h"

enum { AGAIN_BYTES_MAX = 1 << 20 };

static void check_keys(const Yaml *map)
{
    for (const Yaml *e = map->first; e; e = e->next) {
        ensure(e->key.n > 0 && str_is_utf8(e->key) && e->key_line > 0 && e->key_column > 0);
        ensure(yaml_in(map, "") == NULL);
        for (const Yaml *other = map->first; other != e; other = other->next)
            ensure(!str_is(other->key, e->key));
    }
}

static void check_tree(const Yaml *y, int depth)
{
    ensure(depth <= YAML_DEPTH_MAX && y->line > 0 && y->column > 0);
    ensure(y->kind == YAML_TEXT ? !y->first : y->text.n == 0);
    ensure(str_is_utf8(y->text));
    if (y->kind == YAML_MAP && yaml_count(y) < 200)
        check_keys(y);
    for (const Yaml *e = y->first; e; e = e->next)
        check_tree(e, depth + 1);
}

/* In double quotes, with everything escaped that could be taken for more than a character. */
static void put_text(Buf *b, Str s)
{
    size_t at = 0;
    buf_add_char(b, '"');
    for (Str one = str_next_char(s, &at); one.n; one = str_next_char(s, &at)) {
        u32 c = str_code_point(one);
        if (c >= ' ' && c < 0x7F && !strchr("\"\\[]{}", (int)c))
            buf_add(b, one);
        else
            buf_add_format(b, "\\U%08X", c);
    }
    buf_add_char(b, '"');
}

/* In the flow style, with every key marked as one. */
static void put(Buf *b, const Yaml *y)
{
    if (y->kind == YAML_TEXT) {
        put_text(b, y->text);
        return;
    }
    buf_add_char(b, y->kind == YAML_MAP ? '{' : '[');
    for (const Yaml *e = y->first; e; e = e->next) {
        if (e != y->first)
            buf_add(b, S(",\n"));
        if (y->kind == YAML_MAP) {
            buf_add(b, S("? "));
            put_text(b, e->key);
            buf_add(b, S(" : "));
        }
        put(b, e);
    }
    buf_add_char(b, y->kind == YAML_MAP ? '}' : ']');
}

static int brackets(const Yaml *y)
{
    int most = 0;
    for (const Yaml *e = y->first; e; e = e->next) {
        int n = brackets(e);
        most = n > most ? n : most;
    }
    return most + (y->kind != YAML_TEXT);
}

static void same_tree(const Yaml *a, const Yaml *b)
{
    ensure(a->kind == b->kind && str_is(a->text, b->text) && yaml_count(a) == yaml_count(b));
    const Yaml *y = b->first;
    for (const Yaml *x = a->first; x; x = x->next, y = y->next) {
        ensure(str_is(x->key, y->key));
        same_tree(x, y);
    }
}

static void check_mistakes(Ctx *cx, const MistakeList *list)
{
    for (const Mistake *m = list->first; m; m = m->next)
        ensure(m->line > 0 && m->column > 0 && m->key);
    ensure(list->n == 0 || mistakes_text(cx, list).n > 0);
}

static void one(Ctx *cx, Str input)
{
    MistakeList mistakes = { 0 }, none = { 0 };
    YamlFile file = yaml_parse(cx, S("input"), input, &mistakes);
    check_mistakes(cx, &mistakes);
    ensure(file.root || mistakes.n);
    if (mistakes.n)
        return;
    check_tree(file.root, 0);
    ensure(file.root->kind == YAML_MAP);
    Buf b = buf_new(&cx->arena, AGAIN_BYTES_MAX);
    put(&b, file.root);
    if (b.n > YAML_BYTES_MAX || brackets(file.root) > YAML_DEPTH_MAX)
        return;
    YamlFile again = yaml_parse(cx, S("again"), buf_str(&b), &none);
    ensure(none.n == 0 && again.root);
    same_tree(file.root, again.root);
}

const FuzzTarget FUZZ = { NULL, one };
