/* log.c -- builds each line on the stack and writes it with one write(2), so lines never mix. */
#include "core/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 4000 };

static _Atomic int level_least = LOG_INFO;

typedef struct Line {
    char at[LINE_BYTES_MAX + 8];
    size_t n;
} Line;

static void put(Line *line, char c)
{
    if (line->n < LINE_BYTES_MAX)
        line->at[line->n++] = c;
}

static void put_plain(Line *line, const char *text)
{
    while (*text)
        put(line, *text++);
}

static void put_quoted(Line *line, Str s)
{
    put(line, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (c == '"' || c == '\\')
            put(line, '\\');
        put(line, (u8)c < 0x20 ? ' ' : c);
    }
    put(line, '"');
}

static void put_number(Line *line, i64 n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)n);
    put_plain(line, digits);
}

static void put_time(Line *line)
{
    struct timespec t;
    struct tm utc;
    char text[64];
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &utc);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + n, sizeof text - n, ".%03dZ", (int)(t.tv_nsec / 1000000));
    put_quoted(line, str_of(text));
}

void log_set_level(LogLevel least)
{
    level_least = (int)least;
}

void log_fields(LogLevel level, const char *event, const LogField *fields, size_t n)
{
    static const char *const NAMES[] = { "debug", "info", "warn", "alarm" };
    if ((int)level < level_least)
        return;
    Line line = { .n = 0 };
    put_plain(&line, "{\"at\":");
    put_time(&line);
    put_plain(&line, ",\"level\":\"");
    put_plain(&line, NAMES[level]);
    put_plain(&line, "\",\"event\":");
    put_quoted(&line, str_of(event));
    for (const LogField *f = fields + 1; f <= fields + n; f++) {
        put(&line, ',');
        put_quoted(&line, str_of(f->name));
        put(&line, ':');
        if (f->is_number)
            put_number(&line, f->number);
        else
            put_quoted(&line, f->text);
    }
    line.at[line.n++] = '}';
    line.at[line.n++] = '\n';
    if (write(STDERR_FILENO, line.at, line.n) < 0)
        return; /* nowhere left to say it */
}

void log_failure(const Ctx *cx, const char *event)
{
    const Failure *f = &cx->failure;
    LogLevel level = f->err >= E_STORE ? LOG_ALARM : LOG_INFO;
    log_line(level, event, LI("request", cx->id), LI("err", f->err), LT("key", str_of(f->key)),
             LT("file", str_of(f->file)), LI("line", f->line), LT("detail", f->detail));
}
