/* move.c -- the order of a move: look at both, mark the target, fill it, compare, take the mark
** away.
**
** The source is carried in one state of one read transaction. That somebody wrote to it
** meanwhile shows when it is read again at the end. */
#include "move/private.h"

#include "text/text.h"

#include <string.h>

/* ------------------------------------------------------------------ before anything is changed */

Err move_check_source(Ctx *from, const Move *m)
{
    SchemaState state;
    TRY(schema_look(from, &state));
    if (state == SCHEMA_NONE)
        return fail(from, E_CONFLICT, "move.no_district");
    return schema_check(from, m->files, m->files_n);
}

static Err find_any_row(Ctx *to, const SchemaTable *t, bool *out)
{
    Str sql = str_format(&to->arena, "SELECT 1 FROM %.*s LIMIT 1", STR_ARGS(t->name));
    Query q = QUERY_TEXT(to, sql);
    return query_found(&q, out);
}

/* Only a mark left by a move lets rows be thrown away. */
static Err look_at_target(Ctx *to, const Move *m, const SchemaTable *tables)
{
    SchemaState state;
    bool holds = false;
    TRY(schema_look(to, &state));
    if (state == SCHEMA_NONE || (state == SCHEMA_MOVING && m->restart))
        return OK;
    TRY(schema_check(to, m->files, m->files_n));
    for (const SchemaTable *t = tables; t; t = t->next) {
        TRY(find_any_row(to, t, &holds));
        if (holds)
            return fail(to, E_CONFLICT, "move.target_not_empty", V("table", t->name));
    }
    return OK;
}

/* ------------------------------------------------------------------ carrying */

typedef struct Carrying {
    Ctx *to;
    Load *load;
    const Driver *driver;
} Carrying;

static Err carry_row(void *arg, const Bind *values)
{
    const Carrying *c = arg;
    return c->driver->load_row(c->to, c->load, values);
}

static Err carry_table(Ctx *from, Carrying *c, const SchemaTable *t, TableSum *out)
{
    TRY(c->driver->load_table(c->to, c->load, t));
    TRY(rows_read(from, t, carry_row, c, out));
    return c->driver->load_table_end(c->to, c->load);
}

/* A row that cannot be carried is easier to find when its table is named. */
static void name_table(Ctx *cx, const SchemaTable *t)
{
    if (ctx_err(cx) && cx->failure.detail.n == 0)
        fail_detail(cx, t->name);
}

static void tell(const Move *m, const char *what, const MovedTable *t)
{
    if (m->tell)
        m->tell(what, t);
}

static Err carry_all(Ctx *from, Ctx *to, Move *m, const SchemaTable *tables)
{
    Carrying c = { .to = to, .driver = store_of(to)->driver };
    MovedTable *moved = m->tables;
    CtxMark mark = ctx_mark(to);
    store_rest(to);
    Err err = c.driver->load_open(to, store_of(to), &c.load);
    for (const SchemaTable *t = tables; t && !err; t = t->next, moved++) {
        err = carry_table(from, &c, t, &moved->read);
        if (err) {
            name_table(from, t);
            name_table(to, t);
            break;
        }
        tell(m, "carried", moved);
        ctx_reset_to(to, mark);
    }
    if (c.load)
        c.driver->load_close(c.load);
    return err;
}

/* ------------------------------------------------------------------ comparing */

static bool is_same(const TableSum *a, const TableSum *b)
{
    return a->rows == b->rows && memcmp(a->hash, b->hash, SUM_BYTES) == 0;
}

static Err sum_all(Ctx *cx, Move *m, const SchemaTable *tables, bool of_target)
{
    MovedTable *moved = m->tables;
    store_rest(cx); /* as it is now */
    for (const SchemaTable *t = tables; t; t = t->next, moved++) {
        TRY(move_sum(cx, t, of_target ? &moved->filled : &moved->after));
        tell(m, of_target ? "read back" : "read again", moved);
    }
    store_rest(cx);
    return OK;
}

static Err compare_all(Ctx *from, Ctx *to, const Move *m)
{
    for (size_t i = 0; i < m->tables_n; i++) {
        const MovedTable *t = &m->tables[i];
        if (!is_same(&t->read, &t->filled))
            return fail(to, E_CONFLICT, "move.target_differs", V("table", t->name));
        if (!is_same(&t->read, &t->after))
            return fail(from, E_CONFLICT, "move.source_changed", V("table", t->name));
    }
    return OK;
}

/* ------------------------------------------------------------------ all of it */

static Err list_tables(Ctx *from, Move *m, SchemaTable **out)
{
    TRY(schema_tables(from, m->files, m->files_n, out));
    m->tables_n = 0;
    for (const SchemaTable *t = *out; t; t = t->next)
        m->tables_n++;
    m->tables = NEW_ARRAY(from, MovedTable, m->tables_n);
    if (!m->tables)
        return E_LIMIT;
    size_t i = 0;
    for (const SchemaTable *t = *out; t; t = t->next)
        m->tables[i++].name = t->name;
    return OK;
}

Err move_district(Ctx *from, Ctx *to, Move *m)
{
    SchemaTable *tables = NULL;
    TRY(list_tables(from, m, &tables));
    TRY(move_check_source(from, m));
    TRY(look_at_target(to, m, tables));
    TRY(schema_begin_move(to, m->files, m->files_n, m->from));
    TRY(carry_all(from, to, m, tables));
    TRY(sum_all(to, m, tables, true));
    TRY(sum_all(from, m, tables, false));
    TRY(compare_all(from, to, m));
    return schema_end_move(to);
}
