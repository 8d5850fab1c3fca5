/* system.c -- health for load balancers, figures for Prometheus, language and type size for
** people. */
#include "system/private.h"

#include "notice/notice.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { METRICS_BYTES_MAX = 64 * 1024, YEAR_SECONDS = 365 * 24 * 3600 };

/* ------------------------------------------------------------------ display */

/* A path of ours, never another site's. */
static Link safe_back(Ctx *cx, Str back)
{
    bool plain =
        back.n && back.at[0] == '/' && !(back.n > 1 && (back.at[1] == '/' || back.at[1] == '\\'));
    for (size_t i = 0; plain && i < back.n; i++)
        plain = (u8)back.at[i] > ' ' && back.at[i] != '\\' && back.at[i] != '"';
    if (!plain)
        return (Link){ S("/") };
    Buf b = buf_new(&cx->arena, 4096);
    for (size_t i = 0; i < back.n; i++)
        if ((u8)back.at[i] < 0x7F)
            buf_add_char(&b, back.at[i]);
        else
            buf_add_format(&b, "%%%02X", (u8)back.at[i]);
    return (Link){ buf_str(&b) };
}

static Err get_display(Req *rq)
{
    Lang lang;
    Str size = req_query(rq, "size");
    reply_see(rq, safe_back(rq->cx, req_query(rq, "back")));
    if (lang_parse(req_query(rq, "lang"), &lang))
        reply_cookie(rq, "lang", lang_code(lang), "/", YEAR_SECONDS);
    if (str_is(size, S("elder")) || str_is(size, S("normal")))
        reply_cookie(rq, "size", size, "/", YEAR_SECONDS);
    return ctx_err(rq->cx);
}

/* ------------------------------------------------------------------ health */

typedef struct Health {
    Str status;
    i64 clock_behind_ms;
    Day calendar_until;
    i64 notices_held;
} Health;

static const Field HEALTH_FIELDS[] = {
    FIELD(Health, status, TEXT),
    FIELD(Health, clock_behind_ms, INT),
    FIELD(Health, calendar_until, DAY),
    FIELD(Health, notices_held, INT),
    FIELD_END
};

static Err get_health(Req *rq)
{
    Health health = { .status = S("ok"), .clock_behind_ms = clock_behind_ms(rq->cx->house) };
    TRY(calendar_known_until(rq->cx, &health.calendar_until));
    TRY(notice_count_held(rq->cx, &health.notices_held));
    if (health.clock_behind_ms > MS_PER_MINUTE)
        health.status = S("clock behind");
    return reply_json(rq, HEALTH_FIELDS, &health);
}

/* ---------------------------------------------------------- metrics, in Prometheus' text format */

static void put_metric(Buf *b, const char *name, const char *kind, const char *help, i64 value)
{
    buf_add_format(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, kind, name,
                   (long long)value);
}

static i64 resident_bytes(void)
{
    char text[128] = "";
    long long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f)
        return 0;
    if (fgets(text, sizeof text, f) && sscanf(text, "%lld %lld", &pages, &resident) != 2)
        resident = 0;
    fclose(f);
    return (i64)resident * sysconf(_SC_PAGESIZE);
}

static void put_latency(Buf *b, const ServerFigures *f)
{
    i64 sum = 0;
    buf_add(
        b,
        S("# HELP linli_request_seconds Time from head to reply\n"
          "# TYPE linli_request_seconds histogram\n"));
    for (size_t i = 0; i < COUNT(f->took); i++) {
        sum += f->took[i];
        if (i < COUNT(SERVER_TOOK_BOUNDS))
            buf_add_format(b, "linli_request_seconds_bucket{le=\"%lld.%03lld\"} %lld\n",
                           (long long)SERVER_TOOK_BOUNDS[i] / 1000,
                           (long long)SERVER_TOOK_BOUNDS[i] % 1000, (long long)sum);
    }
    buf_add_format(b, "linli_request_seconds_bucket{le=\"+Inf\"} %lld\n", (long long)sum);
    buf_add_format(b, "linli_request_seconds_sum %lld.%03lld\nlinli_request_seconds_count %lld\n",
                   (long long)f->took_ms_sum / 1000, (long long)f->took_ms_sum % 1000,
                   (long long)sum);
}

static void put_server(Buf *b, const ServerFigures *f)
{
    put_metric(b, "linli_connections", "gauge", "Open connections", f->connections);
    put_metric(b, "linli_requests_waiting", "gauge", "Requests in the queue", f->waiting);
    put_metric(b, "linli_requests_working", "gauge", "Requests with a worker", f->working);
    put_metric(b, "linli_requests_total", "counter", "Requests begun", f->requests);
    put_metric(b, "linli_shed_total", "counter", "Requests refused for load", f->shed);
    put_metric(b, "linli_reaped_total", "counter", "Connections shut for slowness", f->reaped);
    put_metric(b, "linli_sent_bytes_total", "counter", "Bytes of reply bodies", f->bytes_sent);
    buf_add(b,
            S("# HELP linli_replies_total Replies by class\n# TYPE linli_replies_total counter\n"));
    for (int i = 2; i < 6; i++)
        buf_add_format(b, "linli_replies_total{class=\"%dxx\"} %lld\n", i,
                       (long long)f->by_class[i]);
    put_latency(b, f);
}

static void put_page_cache(Buf *b, const PageCache *cache)
{
    CacheFigures f = cache_figures(cache);
    put_metric(b, "linli_page_cache_hits_total", "counter", "Pages sent as kept", f.hits);
    put_metric(b, "linli_page_cache_unchanged_total", "counter", "Pages the reader had already",
               f.unchanged);
    put_metric(b, "linli_page_cache_misses_total", "counter", "Pages made by a worker", f.misses);
    put_metric(b, "linli_page_cache_pages", "gauge", "Pages kept now", f.pages);
    put_metric(b, "linli_page_cache_bytes", "gauge", "Bytes of all pages kept now", f.bytes);
}

static Err get_metrics(Req *rq)
{
    Buf b = buf_new(&rq->cx->arena, METRICS_BYTES_MAX);
    const Server *server = server_running(rq->cx->house);
    StoreFigures store = store_figures(store_of(rq->cx));
    if (server) {
        ServerFigures f = server_figures(server);
        put_server(&b, &f);
    }
    if (web_page_cache(rq->cx->house))
        put_page_cache(&b, web_page_cache(rq->cx->house));
    put_metric(&b, "linli_writes_total", "counter", "Writes acknowledged or refused", store.writes);
    put_metric(&b, "linli_commits_total", "counter", "Commits, each for a group of writes",
               store.commits);
    put_metric(&b, "linli_write_reruns_total", "counter", "Writes run again alone", store.reruns);
    put_metric(&b, "linli_writes_waiting", "gauge", "Writes waiting for a commit", store.waiting);
    put_metric(&b, "linli_resident_bytes", "gauge", "Resident memory", resident_bytes());
    return reply_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
}

static const Route ROUTES[] = {
    { GET, "/display", get_display, ACT_PUBLIC, FACE_BOTH, NULL, NULL,
      "Language and type size, as cookies", false },
    { GET, "/healthz", get_health, ACT_PUBLIC, FACE_BOTH, NULL, HEALTH_FIELDS, "Is it well",
      false },
    { GET, "/metrics", get_metrics, ACT_PUBLIC, FACE_BOTH, NULL, NULL, "Figures for Prometheus",
      false },
    { GET, "/openapi", get_openapi, ACT_PUBLIC, FACE_BOTH, NULL, NULL, "This description", false },
    ROUTE_END
};

static const Job JOBS[] = {
    { "once.sweep", MS_PER_HOUR, once_sweep },
    JOB_END
};

const Module SYSTEM = { .name = "system", .routes = ROUTES, .jobs = JOBS };
