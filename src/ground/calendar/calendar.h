/* calendar.h -- working days: which days are worked, and terms counted three ways.
**
** A year is known once its notice is published; terms that reach into an unknown year count
** Monday to Friday and are provisional. A notice may be changed later: each change is a version,
** and whoever stored a due date recomputes it (engine/clock). Countings: working days (start day
** not counted, due at 24:00 of the last); calendar days (all counted, the start not, a last day
** that is a rest day rolls on: Civil Code 201, 203); working hours (office hours of working days
** only). */
#ifndef CALENDAR_CALENDAR_H
#define CALENDAR_CALENDAR_H

#include "rules/rules.h"

/* Days on which a clock stands still, both ends included.  Sorted or not, overlapping or not. */
typedef struct Pause {
    Day first, last;
} Pause;

typedef struct Due {
    Day day;
    Instant at;       /* 24:00 of the day, or the very minute for working hours */
    bool provisional; /* reaches into a year nobody has published yet */
} Due;

MUST_USE Err calendar_is_workday(Ctx *cx, Day day, bool *out, bool *out_provisional);
/* Working days after start, through end. */
MUST_USE Err calendar_count(Ctx *cx, Day start, Day end, i64 *out);
/* The first working day on or after this one. */
MUST_USE Err calendar_next_workday(Ctx *cx, Day day, Day *out);
/* The day n working days before; for warnings. */
MUST_USE Err calendar_workdays_before(Ctx *cx, Day day, i64 n, Day *out);

/* When a term that begins at start ends, with the days of pauses not counted. */
MUST_USE Err calendar_due(Ctx *cx, Instant start, Limit limit, const Pause *pauses, size_t n,
                          Due *out);

/* The last day of the last published year; NO_DAY when there is none. */
MUST_USE Err calendar_known_until(Ctx *cx, Day *out);
/* A sentence when next year's calendar is missing and it is December already; empty otherwise. */
MUST_USE Err calendar_alarm(Ctx *cx, Str *out);

typedef struct CalendarDay CalendarDay;
struct CalendarDay {
    CalendarDay *next;
    Day day;
    bool is_workday;
    Str name;
};
/* The exceptions of one year under its newest version. */
MUST_USE Err calendar_list_exceptions(Ctx *cx, int year, CalendarDay **out);

typedef struct CalendarYear CalendarYear;
struct CalendarYear {
    CalendarYear *next;
    i64 year, version, workdays;
    Day published;
    Str source;
};
MUST_USE Err calendar_list_years(Ctx *cx, CalendarYear **out);

/* Brings in notices from CSV text (year,version,published,source,date,is_workday,name), those
** not there yet, and rebuilds the days. out_changed: a year's working days changed. */
MUST_USE Err calendar_import(Ctx *cx, Str csv, bool *out_changed);
MUST_USE Err calendar_import_profile(Ctx *cx);

#endif
