/* clock.h -- terms on matters: started, paused, extended, stopped, recomputed; and timers.
**
** Day 0 is the day a clock starts and is not counted. A day on which the clock stood still at
** any time is not counted; overlapping pauses merge (domain handbook 4.3). */
#ifndef CLOCK_CLOCK_H
#define CLOCK_CLOCK_H

#include "calendar/calendar.h"

typedef struct Clock Clock;
struct Clock {
    Clock *next;
    MatterId matter;
    Str name;
    Instant started_at;
    Limit limit;
    Str state; /* "running", "paused", "stopped" */
    Due due;
};
extern const Field CLOCK_FIELDS[];

MUST_USE Err clock_find(Ctx *cx, MatterId matter, Str name, bool *out_found, Clock *out);
MUST_USE Err clock_list(Ctx *cx, MatterId matter, Clock **out);

/* All inside a write. */
MUST_USE Err clock_start(Ctx *cx, MatterId matter, Str name, Instant from, Limit limit);
MUST_USE Err clock_pause(Ctx *cx, MatterId matter, Str name);
MUST_USE Err clock_resume(Ctx *cx, MatterId matter, Str name);
MUST_USE Err clock_extend(Ctx *cx, MatterId matter, Str name, i64 by);
MUST_USE Err clock_stop(Ctx *cx, MatterId matter, Str name);

/* The earliest due time of the matter's running clocks; NEVER when none runs. */
MUST_USE Err clock_earliest(Ctx *cx, MatterId matter, Instant *out, bool *out_provisional);

/* Computes the clock's due time again; out_changed when it moved, which is then written down. */
MUST_USE Err clock_recompute(Ctx *cx, Clock *clock, Str reason, bool *out_changed);

/* Days left until due, as counted by the clock: negative when over. */
MUST_USE Err clock_days_left(Ctx *cx, Counting counting, Due due, i64 *out);
/* "in 2 working days", "today", "1 working day over", "provisional" said beside it. */
MUST_USE Err clock_words(Ctx *cx, Counting counting, Due due, Str *out);

/* ------------------------------------------------------------------ timers */

typedef struct Timer Timer;
struct Timer {
    Timer *next;
    MatterId matter;
    i64 n;
    Instant at;
    i64 tries;
};

typedef struct TimerKind {
    bool is_term; /* the holder must act by then; otherwise it only reminds */
    bool is_past; /* it went off and will not again; it stays as the time the holder was due */
} TimerKind;
MUST_USE Err timer_set(Ctx *cx, MatterId matter, i64 n, Instant at, TimerKind kind);
MUST_USE Err timer_drop(Ctx *cx, MatterId matter, i64 n);
MUST_USE Err timer_drop_all(Ctx *cx, MatterId matter);
MUST_USE Err timer_list_due(Ctx *cx, Instant until, i64 n_max, Timer **out);
/* When the one that goes off next was due; 0 when none stands. */
MUST_USE Err timer_oldest(Ctx *cx, Instant *out);
MUST_USE Err timer_is_due(Ctx *cx, MatterId matter, i64 n, Instant at, bool *out);
/* After a refusal: later, by an hour more for each try. */
MUST_USE Err timer_put_off(Ctx *cx, const Timer *t);
/* Is there a term whose step was refused, so that its timer comes again later? */
MUST_USE Err timer_was_put_off(Ctx *cx, MatterId matter, bool *out);
/* The earliest term; NEVER when none stands. */
MUST_USE Err timer_earliest(Ctx *cx, MatterId matter, Instant *out);

#endif
