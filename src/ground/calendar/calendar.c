/* calendar.c -- counting days by the ordinals of the table calendar_day. */
#include "calendar/calendar.h"

#include "text/text.h"

#include <stdlib.h>

static bool is_weekday(Day day)
{
    return day_weekday(day) < 5;
}

/* ------------------------------------------------------------------ single days */

/* One row of calendar_day; found is false for days of years nobody has published. */
typedef struct DayRow {
    bool found, is_workday;
    i64 ordinal;
} DayRow;

static Err get_row(Ctx *cx, Day day, DayRow *out)
{
    Query q = QUERY(cx, "SELECT is_workday, ordinal FROM calendar_day WHERE day = $1", DAY(day));
    *out = (DayRow){ .found = query_next(&q) };
    out->is_workday = query_flag(&q);
    out->ordinal = query_int(&q);
    return query_end(&q);
}

Err calendar_is_workday(Ctx *cx, Day day, bool *out, bool *out_provisional)
{
    DayRow row;
    TRY(get_row(cx, day, &row));
    *out = row.found ? row.is_workday : is_weekday(day);
    *out_provisional = !row.found;
    return OK;
}

Err calendar_next_workday(Ctx *cx, Day day, Day *out)
{
    bool works = false, provisional;
    for (*out = day;; *out = day_add(*out, 1)) {
        TRY(calendar_is_workday(cx, *out, &works, &provisional));
        if (works)
            return OK;
    }
}

Err calendar_workdays_before(Ctx *cx, Day day, i64 n, Day *out)
{
    bool works, provisional;
    for (*out = day; n > 0;) {
        *out = day_add(*out, -1);
        TRY(calendar_is_workday(cx, *out, &works, &provisional));
        n -= works;
    }
    return OK;
}

/* ------------------------------------------------------------- counting and adding working days */

/* Mondays to Fridays after start, through end. */
static i64 count_weekdays(Day start, Day end)
{
    i64 n = 0;
    for (Day d = day_add(start, 1); !day_before(end, d); d = day_add(d, 1))
        n += is_weekday(d);
    return n;
}

Err calendar_known_until(Ctx *cx, Day *out)
{
    Query q = QUERY(cx, "SELECT MAX(day) FROM calendar_day");
    *out = query_next(&q) ? query_day(&q) : NO_DAY;
    return query_end(&q);
}

Err calendar_count(Ctx *cx, Day start, Day end, i64 *out)
{
    DayRow from, to;
    *out = 0;
    if (!day_before(start, end))
        return OK;
    TRY(get_row(cx, start, &from));
    TRY(get_row(cx, end, &to));
    if (from.found && to.found) {
        *out = to.ordinal - from.ordinal;
        return OK;
    }
    Day known;
    TRY(calendar_known_until(cx, &known));
    bool spans = from.found && day_is_set(known);
    if (spans)
        TRY(calendar_count(cx, start, known, out));
    *out += count_weekdays(spans ? known : start, end);
    return OK;
}

/* n working days after start, by weekdays alone. */
static Day add_weekdays(Day start, i64 n)
{
    Day d = start;
    while (n > 0) {
        d = day_add(d, 1);
        n -= is_weekday(d);
    }
    return d;
}

static Err add_workdays(Ctx *cx, Day start, i64 n, Day *out, bool *out_provisional)
{
    DayRow from;
    Day known;
    TRY(get_row(cx, start, &from));
    *out = start;
    *out_provisional = false;
    if (n == 0)
        return OK;
    if (from.found) {
        Query q =
            QUERY(cx, "SELECT MIN(day) FROM calendar_day WHERE ordinal = $1", I(from.ordinal + n));
        Day due = query_next(&q) ? query_day(&q) : NO_DAY;
        TRY(query_end(&q));
        if (day_is_set(due)) {
            *out = due;
            return OK;
        }
    }
    *out_provisional = true;
    TRY(calendar_known_until(cx, &known));
    if (from.found) {
        i64 counted;
        TRY(calendar_count(cx, start, known, &counted));
        *out = add_weekdays(known, n - counted);
    } else {
        *out = add_weekdays(start, n);
    }
    return OK;
}

/* ------------------------------------------------------------------ pauses */

static int by_first_day(const void *a, const void *b)
{
    const Pause *x = a, *y = b;
    return (x->first.value > y->first.value) - (x->first.value < y->first.value);
}

/* A sorted copy in which overlapping and touching pauses are one, and nothing lies on or before
   start. */
static Pause *merge_pauses(Ctx *cx, Day start, const Pause *pauses, size_t n, size_t *out_n)
{
    Pause *merged = NEW_ARRAY(cx, Pause, n + 1);
    size_t kept = 0;
    for (size_t i = 0; merged && i < n; i++) {
        Pause p = pauses[i];
        if (!day_before(start, p.first))
            p.first = day_add(start, 1);
        if (!day_before(p.last, p.first))
            merged[kept++] = p;
    }
    if (merged && kept)
        qsort(merged, kept, sizeof *merged, by_first_day);
    size_t last = 0;
    for (size_t i = 1; i < kept; i++) {
        if (merged[i].first.value > merged[last].last.value + 1)
            merged[++last] = merged[i];
        else if (day_before(merged[last].last, merged[i].last))
            merged[last].last = merged[i].last;
    }
    *out_n = kept ? last + 1 : 0;
    return merged;
}

/* ------------------------------------------------------------------ three countings */

static Err due_in_workdays(Ctx *cx, Day start, i64 n, const Pause *pauses, size_t pauses_n,
                           Due *out)
{
    i64 excluded = 0, in_pause;
    TRY(add_workdays(cx, start, n, &out->day, &out->provisional));
    for (size_t i = 0; i < pauses_n && !day_before(out->day, pauses[i].first); i++) {
        TRY(calendar_count(cx, day_add(pauses[i].first, -1), pauses[i].last, &in_pause));
        excluded += in_pause;
        TRY(add_workdays(cx, start, n + excluded, &out->day, &out->provisional));
    }
    out->at = day_end(cx->house, out->day);
    return OK;
}

static Err due_in_days(Ctx *cx, Day start, i64 n, const Pause *pauses, size_t pauses_n, Due *out)
{
    bool works;
    out->day = day_add(start, n);
    for (size_t i = 0; i < pauses_n && !day_before(out->day, pauses[i].first); i++)
        out->day = day_add(out->day, pauses[i].last.value - pauses[i].first.value + 1);
    if (n > 0)
        TRY(calendar_next_workday(cx, out->day, &out->day));
    TRY(calendar_is_workday(cx, out->day, &works, &out->provisional));
    out->at = day_end(cx->house, out->day);
    return OK;
}

static bool is_paused(Day day, const Pause *pauses, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!day_before(day, pauses[i].first) && !day_before(pauses[i].last, day))
            return true;
    return false;
}

/* Uses up *minutes within the office hours of one day from a minute on; true when they end in
   this day. */
static bool spend_day(const Profile *p, int from, i64 *minutes, int *out_minute)
{
    for (size_t i = 0; i < p->office_n; i++) {
        int begin = p->office[i].from > from ? p->office[i].from : from;
        i64 room = p->office[i].to - begin;
        if (room <= 0)
            continue;
        if (*minutes <= room) {
            *out_minute = begin + (int)*minutes;
            return true;
        }
        *minutes -= room;
    }
    return false;
}

static Err due_in_workhours(Ctx *cx, Instant start, i64 n, const Pause *pauses, size_t pauses_n,
                            Due *out)
{
    i64 minutes = n * 60;
    int from = minute_of_day(cx->house, start), minute = 0;
    bool works, ends = false, provisional;
    Day first = day_of(cx->house, start);
    for (Day d = first; !ends; d = day_add(d, 1)) {
        TRY(calendar_is_workday(cx, d, &works, &provisional));
        out->day = d;
        out->provisional = out->provisional || provisional;
        if (works && !is_paused(d, pauses, pauses_n))
            ends = spend_day(profile_of(cx->house), day_is(d, first) ? from : 0, &minutes, &minute);
    }
    out->at = day_at(cx->house, out->day, minute);
    return OK;
}

Err calendar_due(Ctx *cx, Instant start, Limit limit, const Pause *pauses, size_t n, Due *out)
{
    size_t merged_n = 0;
    Day day = day_of(cx->house, start);
    Pause *merged = merge_pauses(cx, day, pauses, n, &merged_n);
    *out = (Due){ 0 };
    if (!merged)
        return E_LIMIT;
    switch (limit.counting) {
    case COUNT_WORKDAYS: return due_in_workdays(cx, day, limit.n, merged, merged_n, out);
    case COUNT_DAYS: return due_in_days(cx, day, limit.n, merged, merged_n, out);
    case COUNT_WORKHOURS: return due_in_workhours(cx, start, limit.n, merged, merged_n, out);
    case COUNT_NONE:
    case COUNT_KINDS: break;
    }
    return fail(cx, E_BUG, "calendar.no_counting");
}

/* ------------------------------------------------------------------ what is known */

Err calendar_alarm(Ctx *cx, Str *out)
{
    Day known, today = day_today(cx);
    Date date = day_date(today);
    TRY(calendar_known_until(cx, &known));
    int missing = date.month == 12 ? date.year + 1 : date.year;
    bool lacks = !day_is_set(known) || day_date(known).year < missing;
    *out =
        lacks ? text(
            cx,
            "The working days of {year} have not been brought in yet; dates that fall into it are "
            "provisional.",
            text_int(cx, "year", missing))
              : STR_EMPTY;
    return OK;
}

Err calendar_list_exceptions(Ctx *cx, int year, CalendarDay **out)
{
    Query q = QUERY(cx,
                    "SELECT day, is_workday, name FROM calendar_day WHERE year = $1 AND name <> ''"
                    " ORDER BY day",
                    I(year));
    *out = NULL;
    while (query_next(&q)) {
        CalendarDay *d = NEW(cx, CalendarDay);
        if (!d)
            break;
        d->day = query_day(&q);
        d->is_workday = query_flag(&q);
        d->name = query_text(&q);
        *out = d;
        out = &d->next;
    }
    return query_end(&q);
}

Err calendar_list_years(Ctx *cx, CalendarYear **out)
{
    Query q = QUERY(
        cx, "SELECT v.year, v.version, v.published, v.source, (SELECT COUNT(*) FROM calendar_day d"
            " WHERE d.year = v.year AND d.is_workday) FROM calendar_version v"
            " ORDER BY v.year DESC, v.version DESC");
    *out = NULL;
    while (query_next(&q)) {
        CalendarYear *y = NEW(cx, CalendarYear);
        if (!y)
            break;
        y->year = query_int(&q);
        y->version = query_int(&q);
        y->published = query_day(&q);
        y->source = query_text(&q);
        y->workdays = query_int(&q);
        *out = y;
        out = &y->next;
    }
    return query_end(&q);
}
