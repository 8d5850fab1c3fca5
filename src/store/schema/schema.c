/* schema.c -- spelling schema files for an engine, and keeping count of what was applied. */
#include "schema/private.h"

#include "driver/driver.h"
#include "text/text.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ spelling */

static bool is_word_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static Str spelled(const SchemaWords *words, Str word)
{
    const struct { Str word; const char *spelling; } TABLE[] = {
        { S("ID"), words->id },       { S("INT"), words->integer }, { S("TEXT"), words->text },
        { S("BYTES"), words->bytes }, { S("FLAG"), words->flag },
    };
    for (size_t i = 0; i < COUNT(TABLE); i++)
        if (str_is(word, TABLE[i].word))
            return str_of(TABLE[i].spelling);
    return word;
}

size_t schema_token_length(Str sql)
{
    size_t n = 1;
    if (sql.at[0] == '\'') {
        while (n < sql.n && sql.at[n] != '\'')
            n++;
        return n < sql.n ? n + 1 : n;
    }
    if (str_starts(sql, S("--"))) {
        while (n < sql.n && sql.at[n] != '\n')
            n++;
        return n;
    }
    while (is_word_char(sql.at[0]) && n < sql.n && is_word_char(sql.at[n]))
        n++;
    return n;
}

/* Ends of tables: ") KEYED;" and the ");" of a CREATE TABLE get the engine's own endings. */
static void put_statement(Buf *out, const SchemaWords *words, Str statement)
{
    Str body = statement, keyed = S("KEYED");
    bool is_table = str_starts(body, S("CREATE TABLE")), is_keyed = str_ends(body, keyed);
    if (is_keyed)
        body = str_trim(str_first(body, body.n - keyed.n));
    for (Str rest = body; rest.n;) {
        size_t n = schema_token_length(rest);
        buf_add(out, spelled(words, str_first(rest, n)));
        rest = str_skip(rest, n);
    }
    if (is_table)
        buf_add(out, str_of(is_keyed ? words->keyed_end : words->table_end));
    buf_add(out, S(";\n"));
}

Str schema_without_comments(Ctx *cx, Str sql)
{
    Buf b = buf_new(&cx->arena, SCRIPT_BYTES_MAX);
    while (sql.n) {
        size_t n = schema_token_length(sql);
        if (!str_starts(sql, S("--")))
            buf_add(&b, str_first(sql, n));
        sql = str_skip(sql, n);
    }
    return buf_str(&b);
}

bool schema_cut_statement(Str *rest, Str *out)
{
    size_t n = 0;
    while (n < rest->n && rest->at[n] != ';')
        n += schema_token_length(str_skip(*rest, n));
    *out = str_trim(str_first(*rest, n));
    *rest = str_skip(*rest, n + 1);
    return out->n || rest->n;
}

static Err run_all(Ctx *cx, Str sql)
{
    const Driver *driver = store_of(cx)->driver;
    Str rest = schema_without_comments(cx, sql), statement;
    while (schema_cut_statement(&rest, &statement)) {
        Buf out = buf_new(&cx->arena, SCRIPT_BYTES_MAX);
        if (statement.n == 0)
            continue;
        put_statement(&out, &driver->words, statement);
        TRY(driver->execute(cx, buf_str(&out)));
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ what has been applied */

static Str hash_of(Ctx *cx, Str text)
{
    return str_format(&cx->arena, "%016llx", (unsigned long long)str_hash(text));
}

static const SchemaFile *find_file(const SchemaFile *files, size_t n, Str module, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(str_of(files[i].module), module) && str_is(str_of(files[i].name), name))
            return &files[i];
    return NULL;
}

typedef struct Applied Applied;
struct Applied {
    Applied *next;
    Str module, name, hash;
};

static Err list_applied(Ctx *cx, Applied **out)
{
    Applied **end = out;
    Query q = QUERY(cx, "SELECT module, name, hash FROM schema_step");
    while (query_next(&q)) {
        Applied *a = NEW(cx, Applied);
        if (!a)
            break;
        a->module = query_text(&q);
        a->name = query_text(&q);
        a->hash = query_text(&q);
        *end = a;
        end = &a->next;
    }
    return query_end(&q);
}

/* The row that says a move into this database is not finished. A program that does not know it
** takes it for a step of a newer one, and refuses too. */
static bool is_mark(const Applied *a)
{
    return str_is(a->module, S("move")) && str_is(a->name, S("unfinished"));
}

/* Every step in the database must be one of ours, with the text it had. */
static Err compare(Ctx *cx, const Applied *applied, const SchemaFile *files, size_t n, bool moving)
{
    for (const Applied *a = applied; a; a = a->next) {
        if (is_mark(a) && !moving)
            return fail(cx, E_CONFLICT, "schema.unfinished_move", V("from", a->hash));
        if (is_mark(a))
            continue;
        const SchemaFile *file = find_file(files, n, a->module, a->name);
        if (!file)
            return fail(cx, E_CONFLICT, "schema.newer_database", V("module", a->module),
                        V("name", a->name));
        if (!str_is(hash_of(cx, file->text), a->hash))
            return fail(cx, E_CONFLICT, "schema.changed_file", V("module", a->module),
                        V("name", a->name));
    }
    return OK;
}

static bool is_applied(const Applied *applied, const SchemaFile *file)
{
    for (const Applied *a = applied; a; a = a->next)
        if (str_is(a->module, str_of(file->module)) && str_is(a->name, str_of(file->name)))
            return true;
    return false;
}

/* ------------------------------------------------------------------ tables */

/* What tags are made of (store/store.h). */
static void know_tables(Ctx *cx, Str sql)
{
    Str rest = schema_without_comments(cx, sql), statement, head = S("CREATE TABLE ");
    while (schema_cut_statement(&rest, &statement))
        if (str_starts(statement, head))
            store_know_table(store_of(cx), str_first(str_skip(statement, head.n),
                                                     schema_token_length(str_skip(statement,
                                                                                  head.n))));
}

static Err know_all_tables(Ctx *cx, const SchemaFile *files, size_t n)
{
    store_know_table(store_of(cx), S("schema_step"));
    for (size_t i = 0; i < n; i++)
        know_tables(cx, files[i].text);
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ applying */

static const char FIRST_TABLE[] =
    "CREATE TABLE IF NOT EXISTS schema_step ("
    " module TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INT NOT NULL,"
    " PRIMARY KEY (module, name))";

static Err add_first_table(Ctx *cx, void *arg)
{
    (void)arg;
    return run_all(cx, str_of(FIRST_TABLE));
}

static Err apply_one(Ctx *cx, void *arg)
{
    const SchemaFile *file = arg;
    Applied *applied = NULL;
    TRY(list_applied(cx, &applied)); /* another process may have been quicker */
    if (is_applied(applied, file))
        return OK;
    Err err = run_all(cx, file->text);
    if (err) {
        log_line(LOG_ALARM, "schema.failed", LT("module", str_of(file->module)),
                 LT("name", str_of(file->name)), LT("detail", cx->failure.detail));
        return err;
    }
    Query q = QUERY(
        cx, "INSERT INTO schema_step (module, name, hash, applied_at) VALUES ($1, $2, $3, $4)",
        T(str_of(file->module)), T(str_of(file->name)), T(hash_of(cx, file->text)), AT(cx->now));
    return query_run(&q);
}

static Err apply(Ctx *cx, const SchemaFile *files, size_t n, bool moving)
{
    Applied *applied = NULL;
    TRY(store_write(cx, add_first_table, NULL));
    TRY(list_applied(cx, &applied));
    TRY(compare(cx, applied, files, n, moving));
    for (size_t i = 0; i < n; i++) {
        SchemaFile file = files[i];
        if (!is_applied(applied, &file))
            TRY(store_write(cx, apply_one, &file));
    }
    return know_all_tables(cx, files, n);
}

Err schema_apply(Ctx *cx, const SchemaFile *files, size_t n)
{
    return apply(cx, files, n, false);
}

Err schema_check(Ctx *cx, const SchemaFile *files, size_t n)
{
    Applied *applied = NULL;
    TRY(list_applied(cx, &applied));
    TRY(compare(cx, applied, files, n, false));
    for (size_t i = 0; i < n; i++)
        if (!is_applied(applied, &files[i]))
            return fail(cx, E_CONFLICT, "schema.older_database",
                        V("module", str_of(files[i].module)), V("name", str_of(files[i].name)));
    return know_all_tables(cx, files, n);
}

/* ------------------------------------------------------------------ a move into it */

Err schema_look(Ctx *cx, SchemaState *out)
{
    Applied *applied = NULL;
    bool is_there;
    Query q = QUERY_TEXT(cx, str_of(store_of(cx)->driver->find_table), T(S("schema_step")));
    *out = SCHEMA_NONE;
    TRY(query_found(&q, &is_there));
    if (!is_there)
        return OK;
    TRY(list_applied(cx, &applied));
    for (const Applied *a = applied; a && *out != SCHEMA_MOVING; a = a->next)
        *out = is_mark(a) ? SCHEMA_MOVING : SCHEMA_STANDS;
    return OK;
}

static Err put_mark(Ctx *cx, void *from)
{
    TRY(add_first_table(cx, NULL));
    Query q = QUERY(cx,
                    "INSERT INTO schema_step (module, name, hash, applied_at)"
                    " VALUES ('move', 'unfinished', $1, $2)"
                    " ON CONFLICT (module, name) DO UPDATE SET hash = excluded.hash",
                    T(*(const Str *)from), AT(cx->now));
    return query_run(&q);
}

Err schema_begin_move(Ctx *cx, const SchemaFile *files, size_t n, Str from)
{
    TRY(store_write(cx, put_mark, &from));
    return apply(cx, files, n, true);
}

static Err drop_mark(Ctx *cx, void *arg)
{
    (void)arg;
    Query q = QUERY(cx, "DELETE FROM schema_step WHERE module = 'move' AND name = 'unfinished'");
    return query_run(&q);
}

Err schema_end_move(Ctx *cx)
{
    return store_write(cx, drop_mark, NULL);
}
