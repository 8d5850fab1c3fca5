/* driver.h -- what a database engine must be able to do; included only inside the store layer.
**
** A Conn is one connection, used by one thread at a time. A Statement is prepared once per Conn
** and kept. Nothing above the store sees either. */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include "schema/schema.h"
#include "store/store.h"

typedef struct Driver Driver;
typedef struct Conn Conn;
typedef struct ConnPool ConnPool;
typedef struct Load Load;

/* How an engine spells the few words of schema files. */
typedef struct SchemaWords {
    const char *id, *integer, *text, *bytes, *flag;
    const char *table_end;  /* after the closing bracket of a table */
    const char *keyed_end;  /* the same for a table kept in the order of its key */
} SchemaWords;

struct Driver {
    const char *const *schemes; /* NULL-ended; "" is a bare path */
    SchemaWords words;

    Err (*store_open)(Ctx *cx, Store *store, bool must_exist);
    void (*store_close)(Store *store);
    Err (*conn_open)(Ctx *cx, Store *store, Conn **out);
    void (*conn_close)(Conn *conn);
    Err (*read_begin)(Ctx *cx, Conn *conn);
    void (*read_end)(Conn *conn);

    Err (*prepare)(Ctx *cx, Conn *conn, Str sql, const Bind *binds, size_t n, void **out);
    Err (*bind)(Ctx *cx, Conn *conn, void *prepared, const Bind *binds, size_t n);
    Err (*step)(Ctx *cx, Conn *conn, void *prepared, bool *out_row);
    /* no rows wanted: may be sent without waiting; a failure is then told by what comes next */
    Err (*run)(Ctx *cx, Conn *conn, void *prepared);
    i64 (*column_int)(void *prepared, int column);
    Str (*column_text)(void *prepared, int column); /* not owned: valid until the next step */
    bool (*column_is_null)(void *prepared, int column);
    void (*reset)(void *prepared);
    void (*finalize)(void *prepared);

    Err (*write)(Ctx *cx, WriteFn *fn, void *arg);
    Err (*next_id)(Ctx *cx, const char *table, i64 *out);
    Err (*execute)(Ctx *cx, Str statement); /* of a schema file, inside a write */
    Err (*sizes)(Ctx *cx, StoreSizes *out);
    Err (*backup)(Ctx *cx, Str path);
    Err (*check)(Ctx *cx);
    Err (*limit_pages)(Ctx *cx, i64 pages_max);
    /* NULL where no other process has the database */
    Err (*listen_start)(Ctx *cx, Store *store);
    void (*listen_stop)(Store *store);
    bool is_at_hand; /* a read waits for nothing but the disk */
    const char *find_table; /* one row where there is a table named $1 */

    /* Filling whole tables on a connection of its own, while nobody else uses the database: rows
    ** come in the order of the key, and what a table held before goes. Each table is whole or as
    ** it was, or, where it is large, partly filled; load_close ends what was not ended. */
    Err (*load_open)(Ctx *cx, Store *store, Load **out);
    Err (*load_table)(Ctx *cx, Load *load, const SchemaTable *table);
    Err (*load_row)(Ctx *cx, Load *load, const Bind *values); /* one for each column */
    Err (*load_table_end)(Ctx *cx, Load *load);
    void (*load_close)(Load *load);
};

/* One prepared statement of one connection's cache. */
struct Statement {
    Conn *conn;
    void *prepared;
    u64 key; /* hash of the text */
    Str sql; /* literal, or owned by the statement */
    bool is_literal;
    bool is_cached;
    bool is_busy;
    bool writes;
    TagSet tables; /* it reads from, or the one it writes to */
    i64 used_at; /* counts uses of the connection; the least is dropped first */
};

enum { STATEMENTS_MAX = 256, CONN_COMMANDS_MAX = 8 };

struct Conn {
    Store *store;
    void *handle;
    Statement *statements[STATEMENTS_MAX];
    size_t statements_n;
    i64 uses;
    Conn *next_free;
    void *commands[CONN_COMMANDS_MAX]; /* the engine's own, prepared when first needed */
};

/* What a Ctx holds of the store. */
typedef struct StoreLink {
    Store *store;
    Conn *conn;      /* leased for reading, or the one being written on */
    bool is_writing;
    WriteFn *before_commit;
    void *before_commit_arg;
    Reliance *relies; /* NULL: nobody asks what is read */
    TagSet touched;   /* by the write that runs or ran last */
} StoreLink;

enum { TAG_SLOTS_BITS = 16, TAG_SLOTS = 1 << TAG_SLOTS_BITS, TABLES_MAX = 1024, SLOT_OF_ALL = 0 };

typedef struct TagSlot {
    _Atomic u64 changed; /* number of the last change */
    _Atomic u32 pending; /* writes that are about to change it */
} TagSlot;

typedef struct Tags {
    _Atomic u64 last;
    TagSlot slots[TAG_SLOTS];
    u64 tables[TABLES_MAX]; /* hashes of names, open addressing; filled before anybody reads */
    size_t tables_n;
    int stirred_fd; /* readable once something changed that the watcher has not looked at */
    _Atomic bool is_watched, is_stirred;
} Tags;

struct Store {
    const Driver *driver;
    Str url, path;
    House *house;
    void *own; /* the engine's */
    ConnPool *readers, *writers; /* writers only where several write at once */
    Tags tags;
    _Atomic i64 writes, commits, reruns, waiting;
};

/* A pool lends connections: a free one, or a new one; who asks waits while all are in use. */
ConnPool *pool_new(size_t open_max);
void pool_free(ConnPool *pool);
void pool_close(ConnPool *pool, const Driver *driver); /* those that are not lent */
Err pool_lease(Ctx *cx, Store *store, ConnPool *pool, Conn **out);
void pool_give(ConnPool *pool, Conn *conn); /* NULL: it could not be opened */

StoreLink *store_link(const Ctx *cx);
/* a connection with a read transaction, for a Ctx that has none */
Err store_lease(Ctx *cx);
void conn_reset_all(Conn *conn);    /* every statement still open */
void conn_drop_statements(Conn *conn);

/* Runs one member of a write with its outputs and arena reset before: fn, then the hook.
** The caller has opened the transaction on conn and decides what becomes of it. */
Err write_run(Ctx *cx, Conn *conn, WriteFn *fn, void *arg);

/* tags.c: a write begins, tells before COMMIT what it is about to change, and settles it after,
   before anybody is answered. */
void tags_begin(StoreLink *link);
void tags_pend(StoreLink *link);
void tags_settle(StoreLink *link);
void tags_mark(TagSlot *slot, u64 number); /* that of the newest change stays */
/* what others changed */
void tags_heard(Store *store, const TagSet *set);
void tags_read_statement(Store *store, Str sql, bool *out_writes, TagSet *out);
void tags_note_read(StoreLink *link, const TagSet *tables, Tag narrow);
void tags_note_write(StoreLink *link, const TagSet *tables);
/* Tables are known before the first page is made; until then a statement relies on everything. */
void store_know_table(Store *store, Str name);

extern const Driver SQLITE_DRIVER, POSTGRES_DRIVER;

#endif
