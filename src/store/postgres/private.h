/* private.h -- shared by the files of the PostgreSQL engine. */
#ifndef POSTGRES_PRIVATE_H
#define POSTGRES_PRIVATE_H

#include "driver/driver.h"

#include <libpq-fe.h>

/* What has been sent on a connection and whose answer has not been read yet. */
typedef enum Owed { OWED_NOTHING, OWED_TRANSACTION_ID } Owed;

enum { OWED_MAX = 32, FAULT_CODE_BYTES = 6, TRANSACTION_ID_BYTES_MAX = 24 };

/* One connection in pipeline mode: commands are sent without waiting, and read when a row is
** wanted or the transaction ends. */
typedef struct Pipe {
    PGconn *db;
    const char *url; /* of the store */
    i64 slot;        /* of write_mark; another one for each login */
    i64 token;       /* what stands in it when the newest write is committed */
    bool knows_mark; /* its statement is prepared */
    Owed owed[OWED_MAX];
    size_t owed_n;
    bool *unsure[OWED_MAX];                       /* of statements whose making is still owed */
    size_t unsure_n;
    i64 names;                                    /* of prepared statements, never used again */
    char transaction_id[TRANSACTION_ID_BYTES_MAX]; /* of the write that is open */
    char fault[FAULT_CODE_BYTES];                 /* SQLSTATE of the last failure */
    bool is_lost;                                 /* the server went away */
} Pipe;

Err pipe_open(Ctx *cx, Str url, Pipe **out); /* url ends with NUL and outlives it */
void pipe_close(Pipe *p);
/* Anew, after the server went away; what was prepared is gone. */
Err pipe_reopen(Ctx *cx, Pipe *p);
/* Did the server go away since it was last spoken to? */
bool pipe_is_gone(const Pipe *p);

/* Puts what went wrong on the Ctx: what a result says, or (NULL) the connection. */
Err pipe_fail(Ctx *cx, Pipe *p, const PGresult *r);

/* A command without parameters whose rows nobody wants. */
MUST_USE Err pipe_tell(Ctx *cx, Pipe *p, const char *sql, Owed owed);
/* Sets *unsure when the answers now owed turn out bad: then what was prepared may not exist. */
void pipe_doubt(Pipe *p, bool *unsure);
void pipe_forget(Pipe *p, const bool *unsure);
/* The same where nobody can be told: a failure shows as a lost connection. */
void pipe_tell_quietly(Pipe *p, const char *sql);
/* Ends the transaction, whatever it was, without waiting. */
void pipe_part(Pipe *p);
/* Counts what was just sent; reads all answers when too many are owed. */
MUST_USE Err pipe_owe(Ctx *cx, Pipe *p, bool was_sent, Owed owed);
MUST_USE Err pipe_sent(Ctx *cx, Pipe *p, bool was_sent); /* owing nothing but its success */
/* Reads every answer owed. out_last, where wanted, gets that of the last command sent; the
** first failure is the one told. */
MUST_USE Err pipe_settle(Ctx *cx, Pipe *p, PGresult **out_last);

/* Is the failure one that goes away when the whole transaction runs again? */
bool pipe_may_retry(const Pipe *p);
Pipe *pipe_of(const Conn *conn);
/* The connection anew if its server went away meanwhile. */
MUST_USE Err postgres_wake(Ctx *cx, Conn *conn);

Err postgres_conn_open(Ctx *cx, Store *store, Conn **out);
void postgres_conn_close(Conn *conn);
Err postgres_write(Ctx *cx, WriteFn *fn, void *arg);

/* notice.c */
Err notices_start(Ctx *cx, Store *store);
void notices_stop(Store *store);
/* What a write changed is told to others soon.  No waiting, no memory; nothing when nobody
   listens. */
void notices_post(const Store *store, const TagSet *touched);
/* load.c */
Err postgres_load_open(Ctx *cx, Store *store, Load **out);
Err postgres_load_table(Ctx *cx, Load *load, const SchemaTable *table);
Err postgres_load_row(Ctx *cx, Load *load, const Bind *values);
Err postgres_load_table_end(Ctx *cx, Load *load);
void postgres_load_close(Load *load);

extern const Driver POSTGRES_DRIVER;

#endif
