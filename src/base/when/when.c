/* when.c -- the zone table, the calendar of days, and how both are written. */
#include "when/when.h"

#include "text/text.h"

#include <stdatomic.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { ZONE_CHANGES_MAX = 1024, MINUTES_PER_DAY = 24 * 60 };

typedef struct ZoneChange {
    i64 from_ms;
    i32 offset_ms; /* local time minus UTC, from then on */
} ZoneChange;

typedef struct Zone {
    ZoneChange changes[ZONE_CHANGES_MAX];
    size_t changes_n;
} Zone;

static const char ZONE_PART;

/* ------------------------------------------------------------------ zone */

static i32 offset_by_icu(UCalendar *calendar, UDate at, UErrorCode *status)
{
    ucal_setMillis(calendar, at, status);
    return ucal_get(calendar, UCAL_ZONE_OFFSET, status)
           + ucal_get(calendar, UCAL_DST_OFFSET, status);
}

static void read_changes(Zone *zone, UCalendar *calendar, UErrorCode *status)
{
    const UDate until = 4102444800000.0; /* 2100-01-01 */
    UDate at = -2208988800000.0;         /* 1900-01-01 */
    zone->changes[zone->changes_n++] =
        (ZoneChange){ INT64_MIN, offset_by_icu(calendar, at, status) };
    while (U_SUCCESS(*status) && zone->changes_n < ZONE_CHANGES_MAX) {
        ucal_setMillis(calendar, at, status);
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &at, status)
            || at > until)
            return;
        zone->changes[zone->changes_n++] =
            (ZoneChange){ (i64)at, offset_by_icu(calendar, at, status) };
    }
}

/* ICU takes any name and falls back to GMT; only a name it lists is accepted. */
static bool is_known_zone(const UChar *name)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar canonical[64];
    UBool is_system = false;
    ucal_getCanonicalTimeZoneID(name, -1, canonical, COUNT(canonical), &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

bool zone_use(House *house, const char *name)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[64];
    u_uastrncpy(wide, name, COUNT(wide) - 1);
    wide[COUNT(wide) - 1] = 0;
    if (!is_known_zone(wide))
        return false;
    UCalendar *calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return false;
    Zone *zone = house_add(house, &ZONE_PART, sizeof *zone, NULL);
    read_changes(zone, calendar, &status);
    ucal_close(calendar);
    return U_SUCCESS(status);
}

static i64 offset_at(const House *house, i64 ms)
{
    const Zone *zone = house_get(house, &ZONE_PART);
    if (!zone)
        return 0;
    size_t low = 0, high = zone->changes_n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (zone->changes[middle].from_ms <= ms)
            low = middle;
        else
            high = middle;
    }
    return zone->changes[low].offset_ms;
}

/* ------------------------------------------------------------------ instants and days */

static i64 floor_div(i64 a, i64 b)
{
    return a / b - (a % b < 0);
}

i64 monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (i64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

i64 monotonic_ms(void)
{
    return monotonic_us() / 1000;
}

Instant instant_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (Instant){ (i64)t.tv_sec * MS_PER_SECOND + t.tv_nsec / 1000000 };
}

typedef struct HouseClock {
    i64 shift_ms;
    _Atomic i64 latest_ms; /* handed out so far */
} HouseClock;

static const char CLOCK_PART;

void clock_use(House *house, i64 shift_ms, Instant floor)
{
    HouseClock *clock = house_add(house, &CLOCK_PART, sizeof *clock, NULL);
    clock->shift_ms = shift_ms;
    clock->latest_ms = floor.ms;
}

Instant clock_now(const House *house)
{
    HouseClock *clock = house_get(house, &CLOCK_PART);
    i64 now = instant_now().ms;
    if (!clock)
        return (Instant){ now };
    now += clock->shift_ms;
    i64 latest = clock->latest_ms;
    while (now > latest && !atomic_compare_exchange_weak(&clock->latest_ms, &latest, now))
        ;
    return (Instant){ now > latest ? now : latest };
}

i64 clock_behind_ms(const House *house)
{
    const HouseClock *clock = house_get(house, &CLOCK_PART);
    i64 behind = clock ? clock->latest_ms - (instant_now().ms + clock->shift_ms) : 0;
    return behind > 0 ? behind : 0;
}

Day day_of(const House *house, Instant t)
{
    return (Day){ (i32)floor_div(t.ms + offset_at(house, t.ms), MS_PER_DAY) };
}

int minute_of_day(const House *house, Instant t)
{
    i64 local = t.ms + offset_at(house, t.ms);
    return (int)((local - floor_div(local, MS_PER_DAY) * MS_PER_DAY) / MS_PER_MINUTE);
}

Instant day_at(const House *house, Day day, int minute)
{
    i64 local = day.value * MS_PER_DAY + minute * MS_PER_MINUTE;
    i64 before = offset_at(house, local - MS_PER_DAY), after = offset_at(house, local + MS_PER_DAY);
    i64 early = local - before, late = local - after;
    if (early + offset_at(house, early) == local)
        return (Instant){ early }; /* also the earlier of the two in a fold */
    if (late + offset_at(house, late) == local)
        return (Instant){ late };
    for (i64 t = late; t < early; t += MS_PER_MINUTE) /* in a gap: the first moment after it */
        if (offset_at(house, t) == after)
            return (Instant){ t };
    return (Instant){ early };
}

Instant day_start(const House *house, Day day)
{
    return day_at(house, day, 0);
}

Instant day_end(const House *house, Day day)
{
    return day_at(house, day_add(day, 1), 0);
}

Day day_today(const Ctx *cx)
{
    return day_of(cx->house, cx->now);
}

/* ------------------------------------------------------------------ dates */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_is_real(Date d)
{
    static const int DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
        return false;
    return d.day <= DAYS[d.month - 1] + (d.month == 2 && is_leap(d.year));
}

Day day_from(Date d)
{
    i64 year = d.month <= 2 ? d.year - 1 : d.year;
    i64 era = floor_div(year, 400), year_of_era = year - era * 400;
    i64 day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    i64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (Day){ (i32)(era * 146097 + day_of_era - 719468) };
}

Date day_date(Day day)
{
    i64 z = (i64)day.value + 719468;
    i64 era = floor_div(z, 146097), doe = z - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (Date){ (int)(yoe + era * 400 + (month <= 2)), month,
                   (int)(doy - (153 * mp + 2) / 5 + 1) };
}

Day day_add(Day day, i64 n)
{
    return (Day){ (i32)(day.value + n) };
}

int day_weekday(Day day)
{
    return (int)(((i64)day.value + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

bool day_is(Day a, Day b)
{
    return a.value == b.value;
}

bool day_before(Day a, Day b)
{
    return a.value < b.value;
}

bool day_is_set(Day day)
{
    return day.value != INT32_MIN;
}

/* ------------------------------------------------------------------ reading and writing */

bool day_parse(Str s, Day *out)
{
    i64 year, month, day;
    if (s.n != 10 || s.at[4] != '-' || s.at[7] != '-')
        return false;
    if (!str_to_int(str_first(s, 4), &year) || !str_to_int((Str){ s.at + 5, 2 }, &month)
        || !str_to_int((Str){ s.at + 8, 2 }, &day))
        return false;
    Date d = { (int)year, (int)month, (int)day };
    if (!date_is_real(d))
        return false;
    *out = day_from(d);
    return true;
}

Str day_iso(Arena *a, Day day)
{
    Date d = day_date(day);
    return str_format(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

Str day_compact(Arena *a, Day day)
{
    Date d = day_date(day);
    return str_format(a, "%04d%02d%02d", d.year, d.month, d.day);
}

static const char *const WEEKDAYS[LANG_COUNT][7] = {
    { "周一", "周二", "周三", "周四", "周五", "周六", "周日" },
    { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" },
};
static const char *const MONTHS[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

enum { DAY_WORDS_BYTES = 48 };

Str day_words(Ctx *cx, Day day)
{
    Date d = day_date(day);
    const char *weekday = WEEKDAYS[cx->lang][day_weekday(day)];
    Buf b = buf_new(&cx->arena, DAY_WORDS_BYTES); /* on every row of every list: no format */
    buf_expect(&b, DAY_WORDS_BYTES);
    buf_add(&b, cx->lang == LANG_ZH ? STR_EMPTY : str_of(weekday));
    buf_add(&b, cx->lang == LANG_ZH ? STR_EMPTY : S(" "));
    buf_add_int(&b, cx->lang == LANG_ZH ? d.month : d.day);
    buf_add(&b, cx->lang == LANG_ZH ? S(" 月 ") : S(" "));
    if (cx->lang != LANG_ZH) {
        buf_add(&b, str_of(MONTHS[d.month - 1]));
        return buf_str(&b);
    }
    buf_add_int(&b, d.day);
    buf_add(&b, S(" 日（"));
    buf_add(&b, str_of(weekday));
    buf_add(&b, S("）"));
    return buf_str(&b);
}

Str day_words_full(Ctx *cx, Day day)
{
    int year = day_date(day).year;
    Str words = day_words(cx, day);
    return cx->lang == LANG_ZH ? str_format(&cx->arena, "%d 年 %.*s", year, STR_ARGS(words))
                               : str_format(&cx->arena, "%.*s %d", STR_ARGS(words), year);
}

Str instant_clock(Ctx *cx, Instant t)
{
    int minute = minute_of_day(cx->house, t);
    return str_format(&cx->arena, "%02d:%02d", minute / 60, minute % 60);
}

Str instant_words(Ctx *cx, Instant t)
{
    Str day = day_words(cx, day_of(cx->house, t)), clock = instant_clock(cx, t);
    return str_format(&cx->arena, "%.*s %.*s", STR_ARGS(day), STR_ARGS(clock));
}

Str instant_iso(Ctx *cx, Instant t)
{
    i64 offset = offset_at(cx->house, t.ms), minutes = offset / MS_PER_MINUTE;
    i64 local = t.ms + offset, second = floor_div(local, MS_PER_SECOND) % 86400;
    int s = (int)((second + 86400) % 86400), away = (int)(minutes < 0 ? -minutes : minutes);
    Str day = day_iso(&cx->arena, day_of(cx->house, t));
    return str_format(&cx->arena, "%.*sT%02d:%02d:%02d%c%02d:%02d", STR_ARGS(day), s / 3600,
                      s / 60 % 60, s % 60, minutes < 0 ? '-' : '+', away / 60, away % 60);
}
