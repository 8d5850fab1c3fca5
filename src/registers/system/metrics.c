/* metrics.c -- figures for Prometheus, on a listener of their own: neither face shows them, and a
** full queue does not hide them.
**
** Names follow Prometheus' rules: base units, counters end in _total, what every process has is
** named process_...; none says anything about a person or a single matter. */
#include "system/private.h"

#include "clock/clock.h"
#include "job/job.h"
#include "notice/notice.h"
#include "text/text.h"
#include "when/when.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { METRICS_BYTES_MAX = 64 * 1024, MICRO = 1000000 };

typedef struct Metrics {
    const char *version;
    Instant began;
} Metrics;

static const char METRICS_PART;

/* ------------------------------------------------------------------ the text format */

static void put_head(Buf *b, const char *name, const char *kind, const char *help)
{
    buf_add_format(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put_metric(Buf *b, const char *name, const char *kind, const char *help, i64 value)
{
    put_head(b, name, kind, help);
    buf_add_format(b, "%s %lld\n", name, (long long)value);
}

/* Of thousandths, as seconds. */
static void put_seconds(Buf *b, const char *name, const char *kind, const char *help, i64 ms)
{
    put_head(b, name, kind, help);
    buf_add_format(b, "%s %lld.%03lld\n", name, (long long)(ms / 1000), (long long)(ms % 1000));
}

/* ------------------------------------------------------------------ the process */

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

/* Without "." and "..", and without the one that counts. */
static i64 open_handles(void)
{
    i64 n = -3;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static i64 handles_max(void)
{
    struct rlimit limit = { 0, 0 };
    getrlimit(RLIMIT_NOFILE, &limit);
    return (i64)limit.rlim_cur;
}

static i64 processor_ms(void)
{
    struct rusage used = { 0 };
    getrusage(RUSAGE_SELF, &used);
    return (i64)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000
           + (i64)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000 / MICRO;
}

static void put_process(Buf *b, const Metrics *m)
{
    put_head(b, "linli_build_info", "gauge", "1, with the version that runs");
    buf_add_format(b, "linli_build_info{version=\"%s\"} 1\n", m->version);
    put_metric(b, "process_resident_memory_bytes", "gauge", "Resident memory", resident_bytes());
    put_metric(b, "process_open_fds", "gauge", "Open handles", open_handles());
    put_metric(b, "process_max_fds", "gauge", "Handles it may open", handles_max());
    put_seconds(b, "process_cpu_seconds_total", "counter", "Time of processors used",
                processor_ms());
    put_seconds(b, "process_start_time_seconds", "gauge", "When it began, since 1970",
                m->began.ms);
}

/* ------------------------------------------------------------------ the server */

static void put_latency(Buf *b, const ServerFigures *f)
{
    i64 sum = 0;
    put_head(b, "linli_request_seconds", "histogram", "Time from head to reply");
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
    put_metric(b, "linli_connections_max", "gauge", "Connections it takes", f->connections_max);
    put_metric(b, "linli_streams", "gauge", "Open streams of events", f->streams);
    put_metric(b, "linli_requests_waiting", "gauge", "Requests in the queue", f->waiting);
    put_metric(b, "linli_requests_waiting_max", "gauge", "Requests the queue holds",
               f->waiting_max);
    put_metric(b, "linli_requests_working", "gauge", "Requests with a worker", f->working);
    put_metric(b, "linli_requests_total", "counter", "Requests begun", f->requests);
    put_metric(b, "linli_shed_total", "counter", "Requests refused for load", f->shed);
    put_metric(b, "linli_reaped_total", "counter", "Connections shut for slowness", f->reaped);
    put_metric(b, "linli_sent_bytes_total", "counter", "Bytes of reply bodies", f->bytes_sent);
    put_head(b, "linli_replies_total", "counter", "Replies by class");
    for (int i = 2; i < 6; i++)
        buf_add_format(b, "linli_replies_total{class=\"%dxx\"} %lld\n", i,
                       (long long)f->by_class[i]);
    put_latency(b, f);
}

static void put_cache(Buf *b, CacheFigures f)
{
    put_metric(b, "linli_page_cache_hits_total", "counter", "Kept pages sent", f.hits);
    put_metric(b, "linli_page_cache_unchanged_total", "counter", "Readers told 304", f.unchanged);
    put_metric(b, "linli_page_cache_misses_total", "counter", "Pages to be made", f.misses);
    put_metric(b, "linli_page_cache_bytes", "gauge", "Size of the pages kept", f.bytes);
    put_metric(b, "linli_page_cache_pages", "gauge", "Pages kept", f.pages);
}

/* ------------------------------------------------------------------ the store */

static void put_writer(Buf *b, StoreFigures f)
{
    put_metric(b, "linli_writes_total", "counter", "Writes acknowledged or refused", f.writes);
    put_metric(b, "linli_commits_total", "counter", "Commits, each for a group of writes",
               f.commits);
    put_metric(b, "linli_write_reruns_total", "counter", "Writes run again alone", f.reruns);
    put_metric(b, "linli_writes_waiting", "gauge", "Writes waiting for a commit", f.waiting);
}

static Err put_sizes(Ctx *cx, Buf *b)
{
    StoreSizes sizes;
    TRY(store_sizes(cx, &sizes));
    put_metric(b, "linli_database_bytes", "gauge", "Size of the database", sizes.database_bytes);
    if (!sizes.is_file)
        return OK;
    put_metric(b, "linli_database_log_bytes", "gauge", "Size of the write-ahead log beside it",
               sizes.log_bytes);
    put_metric(b, "linli_disk_free_bytes", "gauge", "Room left where the database lies",
               sizes.disk_free_bytes);
    return OK;
}

/* ------------------------------------------------------------------ work that waits */

static i64 late_ms(const Ctx *cx, Instant due)
{
    return due.ms && due.ms < cx->now.ms ? cx->now.ms - due.ms : 0;
}

static Err put_jobs(Ctx *cx, Buf *b)
{
    JobState *jobs;
    TRY(job_list(cx, &jobs));
    put_head(b, "linli_job_failures_in_a_row", "gauge", "Failures since it last went well");
    for (const JobState *j = jobs; j; j = j->next)
        buf_add_format(b, "linli_job_failures_in_a_row{job=\"%.*s\"} %lld\n", STR_ARGS(j->name),
                       (long long)j->failures);
    put_head(b, "linli_job_late_seconds", "gauge", "How long it should have run already");
    for (const JobState *j = jobs; j; j = j->next)
        buf_add_format(b, "linli_job_late_seconds{job=\"%.*s\"} %lld\n", STR_ARGS(j->name),
                       (long long)late_ms(cx, j->next_at) / MS_PER_SECOND);
    put_head(b, "linli_job_last_run_timestamp_seconds", "gauge", "When it last ended");
    for (const JobState *j = jobs; j; j = j->next)
        buf_add_format(b, "linli_job_last_run_timestamp_seconds{job=\"%.*s\"} %lld\n",
                       STR_ARGS(j->name), (long long)j->last_at.ms / MS_PER_SECOND);
    return OK;
}

static Err put_waiting(Ctx *cx, Buf *b)
{
    Instant oldest;
    i64 held;
    Day until;
    TRY(timer_oldest(cx, &oldest));
    put_seconds(b, "linli_timers_late_seconds", "gauge", "How late the oldest timer is",
                late_ms(cx, oldest));
    TRY(notice_count_held(cx, &held));
    put_metric(b, "linli_notices_held", "gauge", "Notices no channel took yet", held);
    TRY(calendar_known_until(cx, &until));
    put_metric(b, "linli_calendar_known_until_timestamp_seconds", "gauge",
               "Until when working days are known", (i64)until.value * 24 * 3600);
    put_seconds(b, "linli_clock_behind_seconds", "gauge",
                "How far the clock lies behind what is recorded", clock_behind_ms(cx->house));
    return OK;
}

/* Nothing before the first; PostgreSQL's own tools leave no note here. */
static Err put_backup(Ctx *cx, Buf *b)
{
    i64 at = 0;
    Query q = QUERY(cx, "SELECT value FROM setting WHERE name = 'backup'");
    bool found = query_next(&q) && str_to_int(query_text(&q), &at);
    TRY(query_end(&q));
    if (found)
        put_seconds(b, "linli_backup_last_timestamp_seconds", "gauge", "When it was last copied",
                    at);
    return OK;
}

/* A store that does not answer must not hide the figures that need none. */
static void put_stored(Ctx *cx, Buf *b)
{
    Buf stored = buf_new(&cx->arena, METRICS_BYTES_MAX);
    Err err = put_sizes(cx, &stored);
    if (!err)
        err = put_jobs(cx, &stored);
    if (!err)
        err = put_waiting(cx, &stored);
    if (!err)
        err = put_backup(cx, &stored);
    if (err)
        log_failure(cx, "metrics.store");
    ctx_forgive(cx);
    put_metric(b, "linli_store_up", "gauge", "1 while the store answers", err == OK);
    if (!err)
        buf_add(b, buf_str(&stored));
}

/* ------------------------------------------------------------------ the listener's handler */

static void handle(void *arg, Ctx *cx, const HttpIn *in, HttpOut *out)
{
    const Server *server = server_running(cx->house);
    const PageCache *cache = web_page_cache(cx->house);
    Buf b = buf_new(&cx->arena, METRICS_BYTES_MAX);
    *out = (HttpOut){ .status = 404, .content_type = S("text/plain; charset=utf-8") };
    if (!str_is(in->path, S("/metrics")) || (in->method != GET && in->method != HEAD))
        return;
    put_process(&b, arg);
    if (server) {
        ServerFigures f = server_figures(server);
        put_server(&b, &f);
    }
    if (cache)
        put_cache(&b, cache_figures(cache));
    put_writer(&b, store_figures(store_of(cx)));
    put_stored(cx, &b);
    out->status = 200;
    out->content_type = S("text/plain; version=0.0.4; charset=utf-8");
    out->body = buf_str(&b);
}

ServerHandler metrics_handler(House *house, const char *version)
{
    Metrics *m = house_add(house, &METRICS_PART, sizeof *m, NULL);
    *m = (Metrics){ version, instant_now() };
    return (ServerHandler){ .handle = handle, .arg = m };
}
