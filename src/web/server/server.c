/* server.c -- libmicrohttpd's callbacks: one exchange from its first header to its completion.
**
** The library calls answer_call again and again for one request: once with the head, once for
** each piece of body, once at the body's end, and once more after a worker resumed the
** connection. */
#include "server/private.h"

#include "text/text.h"
#include "when/when.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { HEADER_NAME_MAX = 64 };

ServerLimits server_limits_default(void)
{
    return (ServerLimits){
        .body_bytes_max = 12 << 20, .uploads_bytes_max = 128 << 20, .header_bytes_max = 16 * 1024,
        .connections_max = 8192, .queue_max = 1024, .workers = 64, .listeners = 2,
        .header_ms_max = 15000, .body_ms_max = 300000, .send_ms_max = 120000, .idle_ms_max = 30000,
        .ctx_bytes_max = 64 << 20,
    };
}

/* ------------------------------------------------------------------ replies */

static bool is_header_safe(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((u8)s.at[i] < 0x20 || s.at[i] == 0x7F)
            return false;
    return true;
}

void http_header_add(Ctx *cx, HttpOut *out, Str name, Str value)
{
    HttpHeader *h = NEW(cx, HttpHeader), **end = &out->headers;
    if (!h || !is_header_safe(name) || !is_header_safe(value))
        return;
    *h = (HttpHeader){ NULL, name, value };
    while (*end)
        end = &(*end)->next;
    *end = h;
}

bool http_has_header(const HttpOut *out, Str name)
{
    for (const HttpHeader *h = out->headers; h; h = h->next)
        if (str_is_nocase(h->name, name))
            return true;
    return false;
}

static void add_header(Exchange *ex, struct MHD_Response *response, Str name, Str value)
{
    MHD_add_response_header(response, str_c(&ex->arena, name), str_c(&ex->arena, value));
}

static void count_reply(Server *s, const Exchange *ex)
{
    i64 took = monotonic_ms() - ex->began_ms;
    size_t n = 0;
    while (n < COUNT(SERVER_TOOK_BOUNDS) && took > SERVER_TOOK_BOUNDS[n])
        n++;
    s->took[n]++;
    s->took_ms_sum += took;
    const HttpReady *ready = ex->out.ready;
    s->by_class[(ready ? ready_status(ready) : ex->out.status) / 100 % 6]++;
    s->bytes_sent += (i64)(ready ? http_ready_bytes(ready) : ex->out.body.n);
}

/* Whoever made a reply: its page loads nothing from elsewhere, runs no inline script, is framed
** by nobody, is taken for nothing but what it says it is, and tells other sites nothing of where
** the reader came from. */
static const struct { const char *name, *value;
} EVERY_REPLY[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
      " connect-src 'self';"
      " font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none';"
      " base-uri 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "same-origin" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
};

void add_every_header(struct MHD_Response *response)
{
    for (size_t i = 0; i < COUNT(EVERY_REPLY); i++)
        MHD_add_response_header(response, EVERY_REPLY[i].name, EVERY_REPLY[i].value);
}

static enum MHD_Result send_ready(Exchange *ex)
{
    record_phase(ex->record, PHASE_SEND);
    count_reply(ex->server, ex);
    return ready_queue(ex->out.ready, ex->connection);
}

/* A stream that cannot be opened now: nothing of the reply is left but that. */
static struct MHD_Response *no_stream(Exchange *ex)
{
    static HttpHeader LATER = { NULL, { "Retry-After", 11 }, { "60", 2 } };
    ex->out = (HttpOut){ .status = 503, .headers = &LATER };
    ex->server->shed++;
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *response_of(Exchange *ex)
{
    const HttpOut *out = &ex->out;
    if (!out->live || ex->in.method == HEAD)
        return MHD_create_response_from_buffer(out->body.n, (void *)(uintptr_t)out->body.at,
                                               MHD_RESPMEM_PERSISTENT);
    struct MHD_Response *stream = live_begin(ex);
    return stream ? stream : no_stream(ex);
}

/* Queues ex->out.  The body stays in the exchange's arena, which lives until NOTIFY_COMPLETED. */
static enum MHD_Result send_reply(Exchange *ex)
{
    const HttpOut *out = &ex->out;
    if (out->ready)
        return send_ready(ex);
    struct MHD_Response *response = response_of(ex);
    if (!response)
        return MHD_NO;
    add_every_header(response);
    if (out->content_type.n)
        add_header(ex, response, S("Content-Type"), out->content_type);
    for (const HttpHeader *h = out->headers; h; h = h->next)
        add_header(ex, response, h->name, h->value);
    if (ex->server->is_stopping || ex->stream)
        add_header(ex, response, S("Connection"), S("close"));
    record_phase(ex->record, PHASE_SEND);
    count_reply(ex->server, ex);
    enum MHD_Result result = MHD_queue_response(ex->connection, (unsigned)out->status, response);
    MHD_destroy_response(response);
    return result;
}

/* -------------------------------------------------------------- refused before any handler runs */

typedef struct Refusal {
    int status;
    const char *kind;     /* of the problem, for programs */
    const char *zh, *en;  /* no quotes in them: they stand in JSON as they are */
    HttpHeader *headers;
} Refusal;

static HttpHeader NO_STORE = { NULL, { "Cache-Control", 13 }, { "no-store", 8 } };
static HttpHeader RETRY = { &NO_STORE, { "Retry-After", 11 }, { "2", 1 } };
static HttpHeader CLOSE = { &NO_STORE, { "Connection", 10 }, { "close", 5 } };

static const Refusal TOO_LARGE = { 413, "too_large", "发来的内容太大，请减小后再发。",
                                   "What was sent is too large. Send less at a time.", &CLOSE };
static const Refusal BUSY = { 503, "busy", "现在人多，请两秒后再试。",
                              "Too many at once. Try again in two seconds.", &RETRY };
static const Refusal STOPPING = { 503, "stopping", "系统正在重新启动，请稍后再试。",
                                  "The system is restarting. Try again in a moment.", &RETRY };
/* Where a request ends is in doubt: what follows on the connection cannot be trusted. */
static const Refusal AMBIGUOUS = { 400, "ambiguous", "请求头的写法有歧义。",
                                   "The head of the request can be read in two ways.", &CLOSE };
static const Refusal MALFORMED = { 400, "malformed", "请求的编码不正确。",
                                   "The request is not encoded as it should be.", &NO_STORE };

static bool wants_json(const HttpIn *in)
{
    size_t at;
    Str accept = http_header(in, S("accept"));
    return str_ends(in->raw_path, S(".json"))
           || str_starts(http_header(in, S("content-type")), S("application/json"))
           || (str_find(accept, S("application/json"), &at)
               && !str_find(accept, S("text/html"), &at));
}

/* Short, and in both languages, since nobody asked yet which one is spoken here. */
static enum MHD_Result refuse(Exchange *ex, const Refusal *r)
{
    bool json = wants_json(&ex->in);
    Str body =
        json ? str_format(&ex->arena,
                          "{\"status\":%d,\"type\":\"urn:linli:server.%s\",\"title\":\"%s %s\"}\n",
                          r->status, r->kind, r->zh, r->en)
             : str_format(&ex->arena, "%s\n%s\n", r->zh, r->en);
    ex->out = (HttpOut){ .status = r->status,
                         .body = body,
                         .body_is_static = true,
                         .headers = r->headers,
                         .content_type = json ? S("application/problem+json; charset=utf-8")
                                              : S("text/plain; charset=utf-8") };
    return send_reply(ex);
}

/* ------------------------------------------------------------------ one request */

static i64 declared_length(const Exchange *ex)
{
    i64 n = 0;
    Str value = http_header(&ex->in, S("content-length"));
    return value.n && str_to_int(value, &n) ? n : 0;
}

static enum MHD_Result begin(Exchange *ex, const char *method, const char *version)
{
    ex->has_begun = true;
    ex->began_ms = monotonic_ms();
    ex->server->requests++;
    exchange_read_head(ex, method);
    if (!exchange_head_is_sound(ex, version))
        return refuse(ex, &AMBIGUOUS);
    if (declared_length(ex) > (i64)ex->server->limits.body_bytes_max)
        return refuse(ex, &TOO_LARGE);
    record_phase(ex->record, PHASE_BODY);
    return MHD_YES;
}

static enum MHD_Result finish(Exchange *ex)
{
    Server *s = ex->server;
    exchange_finish_body(ex);
    if (ex->too_large)
        return refuse(ex, &TOO_LARGE);
    if (ex->over_budget) { /* what came was not all read: it says nothing */
        s->shed++;
        return refuse(ex, &BUSY);
    }
    if (ex->in.malformed)
        return refuse(ex, &MALFORMED);
    if (s->handler.quick && s->handler.quick(s->handler.arg, &ex->in, &ex->out))
        return send_reply(ex);
    if (s->is_stopping)
        return refuse(ex, &STOPPING);
    if (at_once_answer(ex))
        return send_reply(ex);
    record_phase(ex->record, PHASE_WORK);
    if (pool_put(s, ex))
        return MHD_YES;
    s->shed++;
    return refuse(ex, &BUSY);
}

static enum MHD_Result answer_call(void *arg, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *data,
                                   size_t *data_n, void **context)
{
    Exchange *ex = *context;
    (void)arg, (void)connection, (void)url;
    if (!ex)
        return MHD_NO;
    if (!ex->has_begun)
        return begin(ex, method, version);
    if (*data_n) {
        bool goes_on = exchange_take_body(ex, data, *data_n);
        *data_n = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    return ex->has_reply ? send_reply(ex) : finish(ex);
}

/* The first thing that is called for a request: what it returns becomes *context. */
static void *target_call(void *arg, const char *target, struct MHD_Connection *connection)
{
    Server *s = arg;
    Exchange *ex = calloc(1, sizeof *ex);
    if (!ex)
        return NULL;
    ex->server = s;
    ex->connection = connection;
    ex->arena = arena_new(s->limits.body_bytes_max * 4 + (4 << 20));
    ex->in.raw_path = str_copy(&ex->arena, str_of(target));
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    ex->record = info ? info->socket_context : NULL;
    return ex;
}

static void completed_call(void *arg, struct MHD_Connection *connection, void **context,
                           enum MHD_RequestTerminationCode code)
{
    Exchange *ex = *context;
    (void)arg, (void)connection, (void)code;
    if (!ex)
        return;
    record_phase(ex->record, PHASE_HEADER);
    exchange_free(ex);
    *context = NULL;
}

static void connection_call(void *arg, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        record_add_connection(arg, connection, socket_context);
    else
        record_drop_connection(arg, socket_context);
}

/* Paths are decoded by ourselves, strictly: the library must leave them as they came. */
static size_t no_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg, (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0)))
static void library_log(void *arg, const char *format, va_list args)
{
    char line[512];
    (void)arg;
    if (vsnprintf(line, sizeof line, format, args) > 0)
        log_line(LOG_DEBUG, "http.library", LT("says", str_of(line)));
}

/* ------------------------------------------------------------------ starting and stopping */

/* As many handles as connections need, where the system lets us. */
static void raise_handle_limit(size_t connections)
{
    struct rlimit limit;
    rlim_t want = connections + 512;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
        return;
    limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

typedef struct Running {
    const Server *_Atomic server;
} Running;

static const char RUNNING_PART;

/* Made before any thread may look for it.  The first stays the one that pages tell of. */
static void note_started(House *house, const Server *s)
{
    Running *r = house_get(house, &RUNNING_PART);
    if (!r)
        r = house_add(house, &RUNNING_PART, sizeof *r, NULL);
    if (!r->server)
        r->server = s;
}

static void note_stopping(House *house, const Server *s)
{
    Running *r = house_get(house, &RUNNING_PART);
    if (r->server == s)
        r->server = NULL;
}

const Server *server_running(const House *house)
{
    const Running *r = house_get(house, &RUNNING_PART);
    return r ? r->server : NULL;
}

static struct MHD_Daemon *start_daemon(Server *s)
{
    const ServerLimits *l = &s->limits;
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG
        | MHD_USE_NO_LISTEN_SOCKET;
    return MHD_start_daemon(flags, 0, NULL, NULL, answer_call, s,
        MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)l->listeners,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)l->connections_max,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)l->connections_per_source_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, l->header_bytes_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(l->idle_ms_max / 1000),
        MHD_OPTION_URI_LOG_CALLBACK, target_call, s,
        MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, completed_call, s,
        MHD_OPTION_NOTIFY_CONNECTION, connection_call, s,
        MHD_OPTION_END);
}

Err server_start(Ctx *cx, Str address, ServerLimits limits, ServerHandler handler, Store *store,
                 Server **out)
{
    Server *s = calloc(1, sizeof *s);
    if (!s)
        return fail(cx, E_LIMIT, "core.memory_used_up");
    s->limits = limits;
    s->handler = handler;
    s->store = store;
    s->house = cx->house;
    s->door.fd = door_listen(cx, address, &s->port);
    if (s->door.fd < 0) {
        free(s);
        return fail(cx, E_INPUT, "server.cannot_listen", V("address", address));
    }
    raise_handle_limit(limits.connections_max);
    note_started(cx->house, s);
    live_start(s);
    if (!pool_start(s) || !at_once_start(s) || !reaper_start(s))
        return fail(cx, E_LIMIT, "core.no_thread");
    s->daemon = start_daemon(s);
    if (!s->daemon || !door_open(s))
        return fail(cx, E_BUG, "server.cannot_start");
    *out = s;
    return OK;
}

int server_port(const Server *s)
{
    return s->port;
}

static void wait_for_replies(const Server *s)
{
    struct timespec pause = { 0, 20000000 };
    for (int i = 0; i < 100 && s->connections > 0; i++)
        nanosleep(&pause, NULL);
}

void server_stop(Server *s)
{
    door_shut(s);
    note_stopping(s->house, s);
    s->is_stopping = true;
    live_stop(s);
    pool_stop(s); /* answers what waits; a suspended connection would abort the process below */
    wait_for_replies(s);
    MHD_stop_daemon(s->daemon);
    at_once_stop(s);
    reaper_stop(s);
    pthread_mutex_destroy(&s->records_lock);
    pthread_mutex_destroy(&s->live.lock);
    free(s);
}

ServerFigures server_figures(const Server *s)
{
    ServerFigures f = { .connections = s->connections,
                        .waiting = (i64)s->pool.waiting,
                        .working = (i64)s->pool.working,
                        .streams = (i64)s->live.n,
                        .connections_max = (i64)s->limits.connections_max,
                        .waiting_max = (i64)s->limits.queue_max,
                        .requests = s->requests,
                        .shed = s->shed,
                        .reaped = s->reaped,
                        .took_ms_sum = s->took_ms_sum,
                        .bytes_sent = s->bytes_sent };
    for (size_t i = 0; i < COUNT(f.by_class); i++)
        f.by_class[i] = s->by_class[i];
    for (size_t i = 0; i < COUNT(f.took); i++)
        f.took[i] = s->took[i];
    return f;
}
