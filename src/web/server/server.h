/* server.h -- the only file that knows how requests come in and replies go out (libmicrohttpd
** behind it).
**
** The adapter gathers a request whole, within limits; answers it on the spot where it can (quick:
** files and kept pages; at once: short pages for everybody); else suspends the connection and
** queues it for a worker. Workers run plain blocking code and touch the library only to resume. A
** full queue answers 503 with Retry-After. Deadlines for header, body and sending are kept by a
** reaper, since the library's own timeout is for inactivity only. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "field/field.h"
#include "store/store.h"

typedef enum Method { GET, POST, HEAD, OTHER_METHOD } Method;

/* A file that came with a form. */
typedef struct Upload Upload;
struct Upload {
    Upload *next;
    Str field;
    Str file_name; /* as the browser says it; never trusted */
    Bytes content;
};

/* One request, whole.  Everything lives as long as the exchange. */
typedef struct HttpIn {
    Method method;
    Str path;        /* decoded, valid UTF-8 */
    Str target;      /* as sent: path and query */
    Str raw_path;    /* as sent, without the query */
    Values query;    /* decoded */
    Values form;     /* of urlencoded and multipart bodies */
    Upload *uploads;
    Str body;        /* of other bodies */
    Values headers;  /* names in lower case */
    Str source;      /* the peer's address in hex, for limits; never logged with a person */
    bool malformed;  /* broken encoding somewhere: answer 400 */
} HttpIn;

typedef struct HttpHeader HttpHeader;
struct HttpHeader {
    HttpHeader *next;
    Str name, value;
};

/* A reply made once and sent many times; counted by those who hold it. */
typedef struct HttpReady HttpReady;

/* Asks that the reply stays open and says "changed" whenever something it is about has changed.
** It ends when something it lasts with has changed, when its time is over, or with the server. */
typedef struct LiveAsk {
    Reliance about, lasts_with;
    i64 lasts_ms;
    u64 owner; /* of whom there are not too many */
} LiveAsk;

typedef struct HttpOut {
    HttpReady *ready; /* held; when there is one, the rest is empty */
    int status;
    Str content_type;
    Str body;        /* copied by the server */
    bool body_is_static; /* lives as long as the program: not copied */
    HttpHeader *headers;
    const LiveAsk *live; /* NULL: an ordinary reply; else there is no body */
} HttpOut;

typedef struct ServerLimits {
    size_t body_bytes_max;      /* of a request */
    size_t uploads_bytes_max;   /* of all requests in flight together */
    size_t header_bytes_max;
    size_t connections_max;
    size_t connections_per_source_max; /* 0: no bound (behind a proxy) */
    size_t queue_max;
    size_t workers;
    size_t listeners;           /* epoll threads */
    i64 header_ms_max, body_ms_max, send_ms_max, idle_ms_max;
    size_t ctx_bytes_max;       /* memory of one request's work */
} ServerLimits;

ServerLimits server_limits_default(void);

typedef struct Server Server;

typedef struct ServerHandler {
    /* Answers without a worker; false when it cannot.  Runs on a listener's thread: no waiting. */
    bool (*quick)(void *arg, const HttpIn *in, HttpOut *out);
    /* Answers a GET with a Ctx, but on a listener's thread too: only what is short. Not called
       where a read waits for more than the disk. False: a worker must. */
    bool (*at_once)(void *arg, Ctx *cx, const HttpIn *in, HttpOut *out);
    /* Runs on a worker.  The Ctx is begun; headers and body may live in its arena. */
    void (*handle)(void *arg, Ctx *cx, const HttpIn *in, HttpOut *out);
    void *arg;
} ServerHandler;

/* address is "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one. */
MUST_USE Err server_start(Ctx *cx, Str address, ServerLimits limits, ServerHandler handler,
                          Store *store, Server **out);
int server_port(const Server *s);
/* The server of this house that was started first, for pages about it; NULL when none runs. */
const Server *server_running(const House *house);
/* Stops listening, answers what waits, lets replies go out for a while, then ends. */
void server_stop(Server *s);

typedef struct ServerFigures {
    i64 connections, waiting, working;      /* now */
    i64 streams;                            /* of events, now */
    i64 connections_max, waiting_max;       /* its limits */
    i64 requests, shed, reaped;             /* since start */
    i64 by_class[6];                        /* replies by hundreds of status */
    i64 took_ms_sum;
    /* replies within 1, 5, 10, 50, 100, 500, 1000 ms, and more */
    i64 took[8];
    i64 bytes_sent;
} ServerFigures;
ServerFigures server_figures(const Server *s);
extern const i64 SERVER_TOOK_BOUNDS[7];

/* Adds a header to a reply; name and value must be free of line ends, else nothing is added. */
void http_header_add(Ctx *cx, HttpOut *out, Str name, Str value);
bool http_has_header(const HttpOut *out, Str name);
Str http_header(const HttpIn *in, Str lower_name);
Str http_cookie(const HttpIn *in, const char *name); /* empty when absent */

/* Copies all of *out; NULL when memory is used up. */
HttpReady *http_ready_new(const HttpOut *out);
HttpReady *http_ready_hold(HttpReady *ready);
void http_ready_drop(HttpReady *ready); /* NULL is nothing */
size_t http_ready_bytes(const HttpReady *ready);
/* Percent-decoding; plus becomes a space where asked. False on %00, a broken escape or broken
   UTF-8. */
bool url_decode(Arena *a, Str s, bool plus_is_space, Str *out);

#endif
