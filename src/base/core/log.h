/* log.h -- one JSON object per line on standard error. Values are for operators: ids, routes,
** counts, durations. Personal data never comes here; a caller passes ids, not what they stand
** for. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/ctx.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ALARM } LogLevel;

typedef struct LogField {
    const char *name;
    Str text;
    i64 number;
    bool is_number;
} LogField;

#define LT(name, value) ((LogField){ (name), (value), 0, false })
#define LI(name, value) ((LogField){ (name), { 0 }, (i64)(value), true })

#define log_line(level, event, ...) \
    log_fields((level), (event), (LogField[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((LogField[]){ { 0 }, __VA_ARGS__ })) - 1)
void log_fields(LogLevel level, const char *event, const LogField *fields, size_t n);

void log_set_level(LogLevel least);
void log_failure(const Ctx *cx, const char *event); /* the failure on a Ctx, with file and line */

#endif
