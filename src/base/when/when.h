/* when.h -- days and instants in the district's own time zone.
**
** A Day is a date in the zone; an Instant is a moment. The zone's rules come from ICU once, at
** start, as a list of changes, so that a conversion is a short search. Gregorian arithmetic
** follows Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". */
#ifndef WHEN_WHEN_H
#define WHEN_WHEN_H

#include "core/core.h"

#define MS_PER_SECOND ((i64)1000)
#define MS_PER_MINUTE ((i64)60000)
#define MS_PER_HOUR ((i64)3600000)
#define MS_PER_DAY ((i64)86400000)
#define NEVER ((Instant){ INT64_MAX }) /* later than anything */
#define NO_DAY ((Day){ INT32_MIN })

/* At start: the zone of this house, by its IANA name; false when ICU does not know it. */
bool zone_use(House *house, const char *name);

/* Time that only goes on, whatever is done to the clock: for how long something took. */
i64 monotonic_us(void);
i64 monotonic_ms(void);
Instant instant_now(void); /* the system clock; a Ctx's own now is frozen, prefer it */
/* The house's clock: the system's, shifted for demonstrations and tests, and never running
** backwards: after a jump back it stands still until the system has caught up. floor is the
** latest moment already recorded. */
void clock_use(House *house, i64 shift_ms, Instant floor);
Instant clock_now(const House *house);
/* How far the system's clock lies behind what was already recorded; 0 when all is well. */
i64 clock_behind_ms(const House *house);
Instant day_start(const House *house, Day day); /* 00:00, or the first minute that exists */
Instant day_end(const House *house, Day day);   /* 24:00: the start of the next day */
/* A wall-clock time of a day.  In a gap the first moment after it; in a fold the earlier one. */
Instant day_at(const House *house, Day day, int minute_of_day);
Day day_of(const House *house, Instant t);
int minute_of_day(const House *house, Instant t);
Day day_today(const Ctx *cx);

typedef struct Date { int year, month, day; } Date;
bool date_is_real(Date d);
Day day_from(Date d);
Date day_date(Day day);
Day day_add(Day day, i64 n);
int day_weekday(Day day);  /* 0 is Monday */
bool day_is(Day a, Day b);
bool day_before(Day a, Day b);
bool day_is_set(Day day);

/* "2018-10-17"; false on anything else. */
bool day_parse(Str s, Day *out);
Str day_iso(Arena *a, Day day);
Str day_compact(Arena *a, Day day);             /* "20181017" */
Str day_words(Ctx *cx, Day day);                /* "10 月 17 日（周三）", "Wed 17 Oct" */
Str day_words_full(Ctx *cx, Day day);           /* with the year */
Str instant_clock(Ctx *cx, Instant t);          /* "09:12" */
Str instant_words(Ctx *cx, Instant t);          /* day and clock */
Str instant_iso(Ctx *cx, Instant t);            /* "2018-10-17T09:12:00+08:00" */

#endif
