/* rows.c -- reading a table row by row in the order of its key, and the sum of what was read.
**
** A table is read in pages by key, each as many rows as keep it near PAGE_BYTES, inside the one
** read transaction of the Ctx. The canonical bytes of a value are a letter for its kind and, but
** for NULL: INT eight bytes, the first the highest; FLAG one byte; TEXT and BYTES their length as
** INT and their bytes. A row is its values in the order of the columns; the sum begins with the
** names of table and columns. Both engines sort keys by their bytes, so equal rows give equal
** sums. */
#include "move/private.h"

#include "text/text.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BYTES = 1 << 20,
    PAGE_ROWS_FIRST = 16,
    PAGE_ROWS_MAX = 4096,
    KEY_BYTES_MAX = 1 << 20,
    SQL_BYTES_MAX = 16 * 1024,
    BLOCK_BYTES = 32 * 1024
};

/* ------------------------------------------------------------------ the sum */

typedef struct Sum {
    EVP_MD_CTX *digest;
    i64 bytes; /* so far */
    size_t n;
    u8 block[BLOCK_BYTES];
} Sum;

static void add_bytes(Sum *s, const void *at, size_t n)
{
    s->bytes += (i64)n;
    if (s->n + n > BLOCK_BYTES) {
        EVP_DigestUpdate(s->digest, s->block, s->n);
        s->n = 0;
    }
    if (n > BLOCK_BYTES) {
        EVP_DigestUpdate(s->digest, at, n);
        return;
    }
    if (n)
        memcpy(s->block + s->n, at, n);
    s->n += n;
}

static void add_number(Sum *s, char letter, i64 number)
{
    u8 bytes[9] = { (u8)letter };
    u64 wide = htobe64((u64)number);
    memcpy(bytes + 1, &wide, sizeof wide);
    add_bytes(s, bytes, sizeof bytes);
}

static void add_text(Sum *s, char letter, Str text)
{
    add_number(s, letter, (i64)text.n);
    add_bytes(s, text.at, text.n);
}

static void add_value(Sum *s, const Bind *b)
{
    switch (b->kind) {
    case BIND_NULL: add_bytes(s, "n", 1); break;
    case BIND_INT: add_number(s, 'i', b->number); break;
    case BIND_TEXT: add_text(s, 't', b->text); break;
    case BIND_BYTES: add_text(s, 'b', b->text); break;
    case BIND_FLAG: add_bytes(s, b->number ? "f\1" : "f\0", 2); break;
    }
}

static void add_names(Sum *s, const SchemaTable *t)
{
    add_text(s, 't', t->name);
    for (size_t i = 0; i < t->columns_n; i++)
        add_text(s, 't', t->columns[i].name);
}

static bool sum_begin(Sum *s, const SchemaTable *t)
{
    s->digest = EVP_MD_CTX_new();
    if (!s->digest || EVP_DigestInit_ex(s->digest, EVP_sha256(), NULL) != 1)
        return false;
    add_names(s, t);
    return true;
}

static bool sum_end(Sum *s, u8 *out)
{
    return EVP_DigestUpdate(s->digest, s->block, s->n) == 1
        && EVP_DigestFinal_ex(s->digest, out, NULL) == 1;
}

/* ------------------------------------------------------------------ statements */

typedef struct Reading {
    Ctx *cx;
    const SchemaTable *table;
    RowFn *fn;
    void *arg;
    TableSum *out;
    Sum *sum;
    Str first_page, next_page;   /* statements */
    Arena keys;                  /* texts of the last key read */
    Bind last[KEY_COLUMNS_MAX + 1]; /* and the size of the page */
    i64 page_rows;
} Reading;

static void put_key(Buf *sql, const SchemaTable *t)
{
    for (size_t i = 0; i < t->key_n; i++)
        buf_add_format(sql, i ? ", %.*s" : "%.*s", STR_ARGS(t->columns[t->key[i]].name));
}

static void put_head(Buf *sql, const SchemaTable *t)
{
    buf_add(sql, S("SELECT "));
    for (size_t i = 0; i < t->columns_n; i++)
        buf_add_format(sql, i ? ", %.*s" : "%.*s", STR_ARGS(t->columns[i].name));
    buf_add_format(sql, " FROM %.*s", STR_ARGS(t->name));
}

static void put_end(Buf *sql, const SchemaTable *t, size_t parameter)
{
    buf_add(sql, S(" ORDER BY "));
    put_key(sql, t);
    buf_add_format(sql, " LIMIT $%zu", parameter);
}

/* Two statements: the first page, and what follows a key. */
static Err put_together(Reading *r)
{
    const SchemaTable *t = r->table;
    Buf first = buf_new(&r->cx->arena, SQL_BYTES_MAX), next = first;
    put_head(&first, t);
    put_end(&first, t, 1);
    next = buf_new(&r->cx->arena, SQL_BYTES_MAX);
    put_head(&next, t);
    buf_add(&next, S(" WHERE ("));
    put_key(&next, t);
    buf_add(&next, S(") > ("));
    for (size_t i = 1; i <= t->key_n; i++)
        buf_add_format(&next, i > 1 ? ", $%zu" : "$%zu", i);
    buf_add(&next, S(")"));
    put_end(&next, t, t->key_n + 1);
    r->first_page = buf_str(&first);
    r->next_page = buf_str(&next);
    return buf_is_full(&first) || buf_is_full(&next)
               ? fail(r->cx, E_BUG, "schema.not_understood", V("name", t->name)) : OK;
}

/* ------------------------------------------------------------------ pages */

static Bind value_of(const Driver *driver, void *prepared, int at, ColumnKind kind)
{
    if (driver->column_is_null(prepared, at))
        return (Bind){ .kind = BIND_NULL };
    switch (kind) {
    case COLUMN_TEXT: return T(driver->column_text(prepared, at));
    case COLUMN_BYTES:
        return (Bind){ .kind = BIND_BYTES, .text = driver->column_text(prepared, at) };
    case COLUMN_FLAG: return F(driver->column_int(prepared, at));
    case COLUMN_ID:
    case COLUMN_INT: break;
    }
    return I(driver->column_int(prepared, at));
}

/* The key outlives its row: the next page begins behind it. */
static Err keep_key(Reading *r, const Bind *values)
{
    const SchemaTable *t = r->table;
    arena_reset(&r->keys);
    for (size_t i = 0; i < t->key_n; i++) {
        r->last[i] = values[t->key[i]];
        r->last[i].text = str_copy(&r->keys, r->last[i].text);
    }
    return r->keys.is_short ? fail(r->cx, E_LIMIT, "core.memory_used_up") : OK;
}

static Err take_row(Reading *r, const Statement *s, bool is_last)
{
    Bind values[COLUMNS_MAX];
    const Driver *driver = s->conn->store->driver;
    for (size_t i = 0; i < r->table->columns_n; i++) {
        values[i] = value_of(driver, s->prepared, (int)i, r->table->columns[i].kind);
        add_value(r->sum, &values[i]);
    }
    r->out->rows++;
    if (r->fn)
        TRY(r->fn(r->arg, values));
    return is_last ? keep_key(r, values) : OK;
}

static Err read_page(Reading *r, i64 *out_rows)
{
    Err err = OK;
    bool is_first = r->out->rows == 0;
    size_t binds = is_first ? 0 : r->table->key_n;
    r->last[binds] = I(r->page_rows);
    Query q = query_open(r->cx, is_first ? r->first_page : r->next_page, false, r->last, binds + 1);
    for (*out_rows = 0; !err && query_next(&q); ++*out_rows)
        err = take_row(r, q.statement, *out_rows + 1 == r->page_rows);
    Err ended = query_end(&q);
    return err ? err : ended;
}

/* Twice the rows, or as many as were worth PAGE_BYTES; never many of a size not yet known. */
static i64 next_size(i64 rows, i64 bytes)
{
    i64 fit = rows * PAGE_BYTES / (bytes ? bytes : 1), most = rows * 2;
    i64 size = fit < most ? fit : most;
    return size < 1 ? 1 : size < PAGE_ROWS_MAX ? size : PAGE_ROWS_MAX;
}

static Err read_pages(Reading *r)
{
    i64 rows = 0;
    TRY(put_together(r));
    CtxMark mark = ctx_mark(r->cx);
    do {
        i64 before = r->sum->bytes;
        TRY(read_page(r, &rows));
        if (rows < r->page_rows)
            return OK;
        r->page_rows = next_size(rows, r->sum->bytes - before);
        ctx_reset_to(r->cx, mark);
    } while (rows);
    return OK;
}

Err rows_read(Ctx *cx, const SchemaTable *table, RowFn *fn, void *arg, TableSum *out)
{
    Reading r = { .cx = cx, .table = table, .fn = fn, .arg = arg, .out = out,
                  .page_rows = PAGE_ROWS_FIRST };
    *out = (TableSum){ 0 };
    r.keys = arena_new(KEY_BYTES_MAX);
    r.sum = calloc(1, sizeof *r.sum);
    bool is_ready = r.sum && sum_begin(r.sum, table);
    Err err = is_ready ? read_pages(&r) : fail(cx, E_LIMIT, "core.memory_used_up");
    if (!err && !sum_end(r.sum, out->hash))
        err = fail(cx, E_LIMIT, "core.memory_used_up");
    if (r.sum)
        EVP_MD_CTX_free(r.sum->digest);
    free(r.sum);
    arena_end(&r.keys);
    return err;
}

Err move_sum(Ctx *cx, const SchemaTable *table, TableSum *out)
{
    return rows_read(cx, table, NULL, NULL, out);
}
