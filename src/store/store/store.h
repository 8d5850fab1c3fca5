/* store.h -- the only door to the database: statements, transactions, migrations.
**
** Order of calls: store_open once; store_attach for each Ctx; then QUERY for reading and
** store_write for writing; store_rest when a Ctx will not read for a while; store_detach;
** store_close.
**
** Reading: the first QUERY of a Ctx takes a connection from a small pool (two for each core) and
** opens a read-only transaction; the Ctx sees one state of the database until store_rest or
** store_write. Writing: store_write(cx, fn, arg) runs fn where it may change rows and returns
** when what it did is durable. fn may run twice: it has no effect outside the database and sets
** all of its outputs. Inside fn a further store_write simply runs its function as part of the
** same transaction.
**
** One SQL text serves every engine (docs/decisions/003): $1… parameters, RETURNING, ON CONFLICT
** (target), CAST(SUM(x) AS BIGINT), bare booleans. Statements are whole literals beside the rule
** they serve. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "core/core.h"

typedef struct Store Store;

typedef struct StoreOptions {
    bool must_exist;    /* do not create a new database */
    size_t readers_max; /* 0: two for each core */
} StoreOptions;

/* url is "file:PATH" or a bare path for SQLite, "postgresql://…" for PostgreSQL. E_INPUT for a
** scheme nobody serves or an address that is malformed, E_MISSING for a file or database that
** is not there, E_BUSY for a server that does not answer, E_STORE when it does not let us in,
** cannot be used, or holds something else. */
MUST_USE Err store_open(Ctx *cx, Str url, StoreOptions options, Store **out);
void store_close(Store *store);
/* The database as messages and logs may name it: a path, or scheme, host and database without user,
** password and settings. Where a password cannot be told from the rest, only the scheme. */
Str store_name(Ctx *cx, Str url);
/* Is it a file of this machine, at *out_path? */
bool store_is_file(Str url, Str *out_path);

MUST_USE Err store_attach(Ctx *cx, Store *store);
void store_detach(Ctx *cx);
Store *store_of(const Ctx *cx);
bool store_is_at_hand(const Store *store); /* a read waits for nothing but the disk */
bool store_is_writing(const Ctx *cx);

/* ------------------------------------------------------------------ statements */

typedef enum BindKind { BIND_NULL, BIND_INT, BIND_TEXT, BIND_BYTES, BIND_FLAG } BindKind;

typedef struct Bind {
    BindKind kind;
    i64 number;
    Str text;
} Bind;

#define I(n) ((Bind){ .kind = BIND_INT, .number = (i64)(n) })
#define T(s) ((Bind){ .kind = BIND_TEXT, .text = (s) })
#define B(b) ((Bind){ .kind = BIND_BYTES, .text = str_of_bytes(b) })
#define F(flag) ((Bind){ .kind = BIND_FLAG, .number = (flag) ? 1 : 0 })
#define ID(id) ((Bind){ .kind = BIND_INT, .number = (id).value })
#define DAY(d) ((Bind){ .kind = BIND_INT, .number = (d).value })
#define AT(t) ((Bind){ .kind = BIND_INT, .number = (t).ms })
#define MONEY(m) ((Bind){ .kind = BIND_INT, .number = (m).cents })
/* NULL where there is nothing: an id of 0, an empty text, no day, no instant. */
#define ID_OR_NULL(id) ((Bind){ .kind = (id).value ? BIND_INT : BIND_NULL, .number = (id).value })
#define T_OR_NULL(s) ((Bind){ .kind = (s).n ? BIND_TEXT : BIND_NULL, .text = (s) })
#define DAY_OR_NULL(d)                                                                             \
    ((Bind){ .kind = (d).value == INT32_MIN ? BIND_NULL : BIND_INT, .number = (d).value })
#define AT_OR_NULL(t) ((Bind){ .kind = (t).ms ? BIND_INT : BIND_NULL, .number = (t).ms })

typedef struct Statement Statement;

typedef struct Query {
    Ctx *cx;
    Statement *statement; /* NULL when it could not be opened: then every reader gives nothing */
    int column;
    bool has_row;
} Query;

/* Opens a statement; the text must be a literal. A parameter that is not $digits, unbound or too
** many is our own mistake and fails as E_BUG. */
#define QUERY(cx, sql, ...) \
    query_open((cx), S(sql), true, (Bind[]){ { 0 }, __VA_ARGS__ } + 1, \
               COUNT(((Bind[]){ { 0 }, __VA_ARGS__ })) - 1)
/* For the few statements put together at run time, by code of ours from fixed pieces. */
#define QUERY_TEXT(cx, sql, ...) \
    query_open((cx), (sql), false, (Bind[]){ { 0 }, __VA_ARGS__ } + 1, \
               COUNT(((Bind[]){ { 0 }, __VA_ARGS__ })) - 1)
Query query_open(Ctx *cx, Str sql, bool is_literal, const Bind *binds, size_t n);

/* Steps to the next row; false at the end or after a failure (query_end tells which). */
bool query_next(Query *q);
/* Readers take the columns of the row from left to right.  NULL reads as 0, empty, false. */
i64 query_int(Query *q);
Str query_text(Query *q);    /* copied into the Ctx's arena */
Bytes query_bytes(Query *q); /* copied */
bool query_flag(Query *q);
Day query_day(Query *q);     /* NULL reads as NO_DAY */
Instant query_instant(Query *q);
bool query_is_null(const Query *q); /* of the column read next */
MUST_USE Err query_end(Query *q);   /* resets; the first failure of the Ctx, or OK */

/* Shorthands that end the query. */
MUST_USE Err query_run(Query *q);                      /* no rows wanted */
MUST_USE Err query_one_int(Query *q, i64 *out);        /* 0 when there is no row */
MUST_USE Err query_found(Query *q, bool *out);         /* is there a row */

/* ------------------------------------------------------------------ what a page relies on */

/* Every statement names tables, and each table is a tag: a write changes the tags of the tables
** it writes to, a page relies on those it reads from and holds until one of them changes. Where a
** table says too little, the owner of its rows reads them with QUERY_OF a tag of their own, and
** touches that tag in every write that changes what such a query may find. */
typedef struct Tag {
    u32 slot;
} Tag;
Tag tag_of(const char *kind, i64 id);
Tag tag_of_text(const char *kind, Str name);

enum { TAGS_MAX = 48 };
typedef struct TagSet {
    bool is_over; /* more than fit, or unknown */
    size_t n;
    u32 slots[TAGS_MAX];
} TagSet;

typedef struct Reliance {
    u64 seen; /* number of the last change before the first query */
    TagSet on;
} Reliance;

/* From now on what is queried is noted in *r, until store_rely(cx, NULL).  Said before the first
   query. */
void store_rely(Ctx *cx, Reliance *r);
/* The page relies on this too: what was read says by which tag it changes. */
void store_rely_on(Ctx *cx, Tag tag);
/* Has nothing that *r relies on changed, and is nothing about to? */
bool store_holds(const Store *store, const Reliance *r);
/* Inside a write. */
void store_touch(Ctx *cx, Tag tag);
/* Has something that *r relies on changed since r->seen?  Then r->seen becomes the moment of that
   change, so that each change is told once.  What is only about to change is not told yet. */
bool store_has_changed(const Store *store, Reliance *r);

/* For one thread that waits for changes: a handle that is readable once something has changed,
   whatever it was. Looked at in this order: poll, store_watch_again, store_has_changed. */
int store_watch(Store *store);
void store_watch_again(Store *store);

/* Tells other processes on the same database what this one changes, and hears what they change
   (docs/decisions/015).  Where there can be no other there is nothing to do. */
MUST_USE Err store_listen_start(Ctx *cx, Store *store);
void store_listen_stop(Store *store); /* when nothing is written any more */

#define QUERY_OF(cx, tag, sql, ...) \
    query_open_of((cx), (tag), S(sql), (Bind[]){ { 0 }, __VA_ARGS__ } + 1, \
                  COUNT(((Bind[]){ { 0 }, __VA_ARGS__ })) - 1)
Query query_open_of(Ctx *cx, Tag tag, Str sql, const Bind *binds, size_t n);

/* ------------------------------------------------------------------ writing */

typedef Err WriteFn(Ctx *cx, void *arg);

MUST_USE Err store_write(Ctx *cx, WriteFn *fn, void *arg);

/* Called by the web layer: fn runs inside the outermost write of this Ctx, after it succeeded
** and before it is committed; a failure undoes the write. */
void store_before_commit(Ctx *cx, WriteFn *fn, void *arg);

/* Ends the read transaction and gives the connection back to the pool. */
void store_rest(Ctx *cx);

/* The id the next row of this table will have; the caller inserts it in the same write. */
MUST_USE Err store_next_id(Ctx *cx, const char *table, i64 *out);

typedef struct StoreFigures {
    i64 writes, commits, reruns; /* since start: members, groups, members run again alone */
    i64 waiting;                 /* now */
} StoreFigures;
StoreFigures store_figures(const Store *store);

typedef struct StoreSizes {
    i64 database_bytes;
    bool is_file;                     /* then also: */
    i64 log_bytes, disk_free_bytes;
} StoreSizes;
MUST_USE Err store_sizes(Ctx *cx, StoreSizes *out);

/* A copy of the whole database while it is in use, at a path that must not exist yet. */
MUST_USE Err store_backup(Ctx *cx, Str path);
/* CONFLICT when another process has this file open as a database; only for a file. */
MUST_USE Err store_check_unused(Ctx *cx, Str path);
/* Checks the file's own structure. */
MUST_USE Err store_check(Ctx *cx);

/* For tests of a full disk: no more than this many pages; 0 is no bound. */
MUST_USE Err store_limit_pages(Ctx *cx, i64 pages_max);

#endif
