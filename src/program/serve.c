/* serve.c -- the server: listener, workers, the job thread, until a signal asks it to stop. */
#include "program.h"

#include "page/page.h"
#include "system/system.h"
#include "ui.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { JOB_ARENA_BYTES = 256 << 20 };

typedef struct JobThread {
    House *house;
    Store *store;
    const Job *jobs;
    Lang lang;
    pthread_t thread;
    _Atomic bool stops;
} JobThread;

static void *job_thread(void *arg)
{
    JobThread *j = arg;
    struct timespec pause = { 0, 200000000 };
    Ctx cx = ctx_new(j->house, JOB_ARENA_BYTES);
    if (store_attach(&cx, j->store))
        return NULL;
    for (int n = 0; !j->stops; n++) {
        if (n % 5 == 0)
            job_tick(&cx, j->jobs, j->lang);
        nanosleep(&pause, NULL);
    }
    store_detach(&cx);
    ctx_free(&cx);
    return NULL;
}

static Face face_of(Str name)
{
    static const struct { Str name; Face face;
    } FACES[] = {
        { { "public", 6 }, FACE_PUBLIC },
        { { "staff", 5 }, FACE_STAFF },
        { { "both", 4 }, FACE_BOTH },
    };
    for (size_t i = 0; i < COUNT(FACES); i++)
        if (str_is(FACES[i].name, name))
            return FACES[i].face;
    return FACE_BOTH; /* the options allow no other */
}

static void set_log(Str level)
{
    static const char *const NAMES[] = { "debug", "info", "warn", "alarm" };
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (str_is(str_of(NAMES[i]), level))
            log_set_level((LogLevel)i);
}

/* Signals are taken by one thread that waits for them; all others have them blocked. */
static void block_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGTERM);
    pthread_sigmask(SIG_BLOCK, out, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void lay_size(size_t *limit, i64 option, i64 unit)
{
    if (option >= 0)
        *limit = (size_t)(option * unit);
}

static void lay_seconds(i64 *limit_ms, i64 option)
{
    if (option >= 0)
        *limit_ms = option * MS_PER_SECOND;
}

/* The server's own limits, with those that options name laid over them. */
static ServerLimits limits_of(const Options *o)
{
    ServerLimits l = server_limits_default();
    lay_size(&l.workers, o->workers, 1);
    lay_size(&l.queue_max, o->queue, 1);
    lay_size(&l.connections_max, o->connections, 1);
    lay_size(&l.connections_per_source_max, o->connections_per_source, 1);
    lay_size(&l.uploads_bytes_max, o->upload_megabytes, 1 << 20);
    lay_seconds(&l.header_ms_max, o->header_seconds);
    lay_seconds(&l.body_ms_max, o->body_seconds);
    lay_seconds(&l.send_ms_max, o->send_seconds);
    lay_seconds(&l.idle_ms_max, o->idle_seconds);
    return l;
}

static LimitOptions source_limits(const Options *o)
{
    return (LimitOptions){ .per_hour = { [LIMIT_DRAFTS] = o->drafts_per_hour,
                                         [LIMIT_SUBMISSIONS] = o->submissions_per_hour },
                           .trusted = o->trusted_source,
                           .proxies = o->proxy };
}

static Err start(Ctx *cx, const Options *o, Store *store, Server **out)
{
    WebOptions options = { .face = face_of(o->face),
                           .secure_cookies = o->secure_cookies,
                           .test_clock = o->test_clock,
                           .base_url = o->base_url,
                           .version = S(LINLI_VERSION),
                           .source_url = o->source_url,
                           .draft_bytes_max = o->drafts_megabytes << 20 };
    TRY(limit_use(cx, source_limits(o)));
    Web *web = web_new(cx->house, options, PAGE_LOOK);
    web_keep_pages(web, store, (size_t)o->page_cache_megabytes << 20);
    modules_add_routes(web);
    web_assets_use(cx->house, UI_ASSETS, UI_ASSETS_N);
    return server_start(cx, o->listen, limits_of(o), web_handler(web), store, out);
}

/* One at a time is enough for who collects figures; it must not take from the others. */
static Err start_metrics(Ctx *cx, const Options *o, ServerHandler figures, Store *store,
                         Server **out)
{
    ServerLimits l = server_limits_default();
    *out = NULL;
    if (o->metrics_listen.n == 0)
        return OK;
    l.workers = 1;
    l.listeners = 1;
    l.queue_max = 8;
    l.connections_max = 16;
    l.body_bytes_max = 1024;
    TRY(server_start(cx, o->metrics_listen, l, figures, store, out));
    log_line(LOG_INFO, "metrics", LI("port", server_port(*out)));
    return OK;
}

Err command_serve(Ctx *cx, const Options *o)
{
    sigset_t signals;
    int signal_number;
    Store *store;
    Server *server, *metrics;
    JobThread jobs = { .house = cx->house, .lang = LANG_ZH };
    set_log(o->log);
    block_signals(&signals);
    TRY(program_open(cx, o, &store));
    TRY(modules_list_jobs(cx, &jobs.jobs));
    TRY(store_listen_start(cx, store));
    /* before any listener: the house is not added to while threads look into it */
    ServerHandler figures = metrics_handler(cx->house, LINLI_VERSION);
    TRY(start(cx, o, store, &server));
    TRY(start_metrics(cx, o, figures, store, &metrics));
    store_rest(cx);
    jobs.store = store;
    jobs.lang = profile_of(cx->house)->language;
    if (pthread_create(&jobs.thread, NULL, job_thread, &jobs))
        return fail(cx, E_LIMIT, "core.no_thread");
    log_line(LOG_INFO, "serving", LI("port", server_port(server)));
    tell_systemd("READY=1");
    sigwait(&signals, &signal_number);
    log_line(LOG_INFO, "stopping", LI("signal", signal_number));
    tell_systemd("STOPPING=1");
    if (metrics)
        server_stop(metrics); /* first: it tells of the other */
    server_stop(server);
    jobs.stops = true;
    pthread_join(jobs.thread, NULL);
    store_listen_stop(store);
    return OK;
}
