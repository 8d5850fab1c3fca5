/* private.h -- shared by the files of the server. */
#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H

#include "server/server.h"

#include <microhttpd.h>
#include <pthread.h>

typedef struct Exchange Exchange;
typedef struct ConnRecord ConnRecord;
typedef struct LiveStream LiveStream;

/* What a connection is waiting for, for the reaper. */
typedef enum Phase { PHASE_HEADER, PHASE_BODY, PHASE_WORK, PHASE_SEND } Phase;

struct ConnRecord {
    ConnRecord *next, *before;
    int fd;
    _Atomic Phase phase;
    _Atomic i64 since_ms;  /* when the phase began, monotonic */
    _Atomic bool is_first; /* no request came yet: no idling allowed */
    bool is_shut;
};

/* One request and its reply, from the first header to NOTIFY_COMPLETED. */
struct Exchange {
    Exchange *next;  /* in the queue */
    Server *server;
    struct MHD_Connection *connection;
    ConnRecord *record;
    Arena arena;
    HttpIn in;
    HttpOut out;
    bool has_begun;  /* the header call came */
    bool has_reply;  /* out is ready to be sent */
    Buf body;
    size_t body_bytes;
    size_t charged_bytes; /* of the budget for uploads */
    bool too_large, over_budget;
    i64 began_ms;
    LiveStream *stream; /* NULL: an ordinary reply */
};

typedef struct Pool {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    pthread_cond_t drained;
    Exchange *first, **end;
    _Atomic size_t waiting, working; /* changed under the lock, read by pages about the server */
    size_t awake, awake_max;         /* workers that do not sleep for something slow */
    size_t idle;                     /* threads that wait for an exchange */
    bool is_stopping;
    pthread_t *threads;
    size_t threads_n;
} Pool;

/* Where connections come in. */
typedef struct Door {
    int fd, shut_fd;
    pthread_t thread;
} Door;

/* Where listeners make short pages themselves. */
typedef struct AtOnceDesk {
    Ctx cx;
    bool is_taken;
} AtOnceDesk;

typedef struct AtOnce {
    pthread_mutex_t lock;
    AtOnceDesk desks[4];
    size_t n;
} AtOnce;

/* Streams of events that are open now. */
typedef struct Live {
    pthread_mutex_t lock;
    LiveStream *first;
    _Atomic size_t n; /* changed under the lock, read by pages about the server */
    pthread_t thread;
    int stirred_fd;
    bool has_thread, stops;
} Live;

struct Server {
    struct MHD_Daemon *daemon;
    ServerLimits limits;
    ServerHandler handler;
    Store *store;
    House *house;
    int port;
    Door door;
    Pool pool;
    AtOnce at_once;
    Live live;
    pthread_mutex_t records_lock;
    ConnRecord *records;
    pthread_t reaper;
    _Atomic bool is_stopping, reaper_stops;
    _Atomic i64 connections, requests, shed, reaped, took_ms_sum, bytes_sent;
    _Atomic i64 by_class[6], took[8];
    _Atomic size_t upload_bytes;
};

enum { FORM_FIELDS_MAX = 400 }; /* of a query, a form, and files among its parts */

/* server.c: headers that every reply has */
void add_every_header(struct MHD_Response *response);

/* ready.c */
enum MHD_Result ready_queue(const HttpReady *r, struct MHD_Connection *connection);
int ready_status(const HttpReady *r);

/* gather.c */
void exchange_add_value(Exchange *ex, Values *values, Str name, Str text);
void exchange_read_head(Exchange *ex, const char *method);
bool exchange_take_body(Exchange *ex, const char *data, size_t n);
void exchange_finish_body(Exchange *ex);
void exchange_free(Exchange *ex);

/* head.c: false when two readers could see the end of the request at two places */
bool exchange_head_is_sound(const Exchange *ex, const char *version);

/* parts.c: false when the body is no form in parts, or not text where it should be */
bool exchange_read_parts(Exchange *ex, Str body);

/* door.c: listening, -1 where it cannot; then letting in until it is shut */
int door_listen(Ctx *cx, Str address, int *out_port);
bool door_open(Server *s);
void door_shut(Server *s);

/* pool.c */
bool pool_start(Server *s);
bool pool_put(Server *s, Exchange *ex); /* false: the queue is full or closing */
void pool_stop(Server *s);
void exchange_keep_reply(Exchange *ex, const HttpOut *out);

/* at_once.c: false: a worker must answer this one */
bool at_once_start(Server *s);
bool at_once_answer(Exchange *ex);
void at_once_stop(Server *s);

/* live.c: the reply of an exchange with out.live; NULL: there are too many, or the server stops */
void live_start(Server *s);
struct MHD_Response *live_begin(Exchange *ex);
void live_leave(Exchange *ex);
void live_stop(Server *s);

/* reaper.c */
void record_add_connection(Server *s, struct MHD_Connection *connection, void **socket_context);
void record_drop_connection(Server *s, void **socket_context);
void record_phase(ConnRecord *r, Phase phase);
bool reaper_start(Server *s);
void reaper_stop(Server *s);

#endif
