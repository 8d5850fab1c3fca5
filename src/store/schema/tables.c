/* tables.c -- which tables the schema files leave standing, with their columns and keys.
**
** Reads CREATE TABLE, DROP TABLE and ALTER TABLE in the words of schema files; everything else
** (indexes, views, rows) leaves the tables as they are. */
#include "schema/private.h"

#include "text/text.h"

#include <string.h>

typedef struct Reader {
    Ctx *cx;
    SchemaTable *tables;
    Str rest; /* of the statement */
} Reader;

/* ------------------------------------------------------------------ words */

/* The next word or sign; empty at the end. */
static Str next(Reader *r)
{
    r->rest = str_trim(r->rest);
    size_t n = r->rest.n ? schema_token_length(r->rest) : 0;
    Str token = str_first(r->rest, n);
    r->rest = str_skip(r->rest, n);
    return token;
}

static Str peek(Reader *r)
{
    Str rest = r->rest, token = next(r);
    r->rest = rest;
    return token;
}

/* Goes past these words if they are what comes next. */
static bool take(Reader *r, Str words)
{
    Str before = r->rest, word;
    while (str_cut(&words, ' ', &word)) {
        if (!str_is(next(r), word)) {
            r->rest = before;
            return false;
        }
    }
    return true;
}

static Err not_understood(Reader *r, Str name)
{
    fail(r->cx, E_BUG, "schema.not_understood", V("name", name));
    fail_detail(r->cx, r->rest);
    return E_BUG;
}

/* ------------------------------------------------------------------ columns */

static bool kind_of(Str word, ColumnKind *out)
{
    static const Str NAMES[] = {
        [COLUMN_ID] = { "ID", 2 },
        [COLUMN_INT] = { "INT", 3 },
        [COLUMN_TEXT] = { "TEXT", 4 },
        [COLUMN_BYTES] = { "BYTES", 5 }, [COLUMN_FLAG] = { "FLAG", 4 },
    };
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (str_is(NAMES[i], word)) {
            *out = (ColumnKind)i;
            return true;
        }
    }
    return false;
}

static size_t column_at(const SchemaTable *t, Str name)
{
    size_t i = 0;
    while (i < t->columns_n && !str_is(t->columns[i].name, name))
        i++;
    return i;
}

static bool add_key(SchemaTable *t, size_t column)
{
    if (t->key_n == KEY_COLUMNS_MAX || column >= t->columns_n)
        return false;
    t->key[t->key_n++] = column;
    return true;
}

/* Up to the comma or bracket that ends this part of a table. */
static bool skip_part(Reader *r)
{
    bool is_key = false;
    for (int depth = 0; peek(r).n; next(r)) {
        Str token = peek(r);
        if (depth == 0 && (str_is(token, S(",")) || str_is(token, S(")"))))
            break;
        depth += str_is(token, S("(")) - str_is(token, S(")"));
        is_key = is_key || str_is(token, S("PRIMARY"));
    }
    return is_key;
}

static Err read_column(Reader *r, SchemaTable *t)
{
    SchemaColumn c = { .name = next(r) };
    if (!kind_of(next(r), &c.kind) || t->columns_n == COLUMNS_MAX)
        return not_understood(r, c.name);
    t->columns[t->columns_n++] = c;
    bool is_key = skip_part(r) || c.kind == COLUMN_ID;
    return !is_key || add_key(t, t->columns_n - 1) ? OK : not_understood(r, c.name);
}

static Err read_key(Reader *r, SchemaTable *t)
{
    while (take(r, S("(")) || take(r, S(","))) {
        Str name = next(r);
        if (!add_key(t, column_at(t, name)))
            return not_understood(r, name);
    }
    return take(r, S(")")) ? OK : not_understood(r, t->name);
}

static Err read_part(Reader *r, SchemaTable *t)
{
    if (take(r, S("PRIMARY KEY")))
        return read_key(r, t);
    if (!str_is(peek(r), S("UNIQUE")))
        return read_column(r, t);
    skip_part(r);
    return OK;
}

/* ------------------------------------------------------------------ tables */

static SchemaTable **find(Reader *r, Str name)
{
    SchemaTable **at = &r->tables;
    while (*at && !str_is((*at)->name, name))
        at = &(*at)->next;
    return at;
}

static Err create(Reader *r)
{
    SchemaTable *t = NEW(r->cx, SchemaTable);
    if (!t)
        return E_LIMIT;
    t->name = next(r);
    if (*find(r, t->name))
        return not_understood(r, t->name);
    while (take(r, S("(")) || take(r, S(",")))
        TRY(read_part(r, t));
    if (!take(r, S(")")) || t->key_n == 0)
        return not_understood(r, t->name);
    *find(r, t->name) = t;
    return OK;
}

static void drop_column(SchemaTable *t, size_t at)
{
    memmove(&t->columns[at], &t->columns[at + 1], (t->columns_n - at - 1) * sizeof(SchemaColumn));
    t->columns_n--;
    for (size_t i = 0; i < t->key_n; i++)
        t->key[i] -= t->key[i] > at;
}

static Err rename_column(Reader *r, SchemaTable *t)
{
    take(r, S("COLUMN"));
    size_t at = column_at(t, next(r));
    if (at == t->columns_n || !take(r, S("TO")))
        return not_understood(r, t->name);
    t->columns[at].name = next(r);
    return OK;
}

static Err alter(Reader *r)
{
    SchemaTable *t = *find(r, next(r));
    if (!t)
        return not_understood(r, S("ALTER TABLE"));
    if (take(r, S("ADD COLUMN")) || take(r, S("ADD")))
        return read_column(r, t);
    if (take(r, S("RENAME TO"))) {
        t->name = next(r);
        return OK;
    }
    if (take(r, S("RENAME")))
        return rename_column(r, t);
    bool is_drop = take(r, S("DROP COLUMN")) || take(r, S("DROP"));
    size_t at = column_at(t, next(r));
    if (!is_drop || at == t->columns_n)
        return not_understood(r, t->name);
    drop_column(t, at);
    return OK;
}

static Err drop(Reader *r)
{
    take(r, S("IF EXISTS"));
    Str name = next(r);
    SchemaTable **at = find(r, name);
    if (!*at)
        return not_understood(r, name);
    *at = (*at)->next;
    return OK;
}

static Err read_statement(Reader *r)
{
    if (take(r, S("CREATE TABLE")))
        return create(r);
    if (take(r, S("DROP TABLE")))
        return drop(r);
    return take(r, S("ALTER TABLE")) ? alter(r) : OK;
}

Err schema_tables(Ctx *cx, const SchemaFile *files, size_t n, SchemaTable **out)
{
    Reader r = { .cx = cx };
    for (size_t i = 0; i < n; i++) {
        Str sql = schema_without_comments(cx, files[i].text);
        while (schema_cut_statement(&sql, &r.rest))
            TRY(read_statement(&r));
    }
    *out = r.tables;
    return ctx_err(cx);
}
