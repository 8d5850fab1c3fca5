/* flow.h -- a process is data: states, steps, who, within what time; and the engine that enforces
** it.
**
** A person in a post takes a step on a matter.  A step is checked against the matter's flow,
** writes one event, may have effects, and moves the clocks.  Nothing else changes a matter; a
** timer takes steps as "system".
**
** Order of calls: flows_use at start (reads, checks and stores every flow file); flow_open begins
** a matter; flow_take takes a step; flow_run_timers is called every second by the job thread. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "clock/clock.h"
#include "permit/permit.h"
#include "record/record.h"

/* ------------------------------------------------------------------ what a flow file says */

/* "rule.LIC-32-4", "item.promised" (asked of the host), "5 workday". */
typedef struct LimitRef {
    Str source;
    int line, column;
} LimitRef;

/* A term after which a step is barred, for matters of some families: "rule.X", or {limit:,
** family:, law:}. */
typedef struct FlowWithin {
    LimitRef limit;
    Names family; /* empty: all */
    Str law;
} FlowWithin;

typedef struct FlowState {
    Str state;
    Words name;
    Str holder;      /* role that must act, or "applicant", "elsewhere" */
    bool final;
    Words no_limit;  /* the written reason why no term runs here */
    int line, column;
} FlowState;

typedef struct FlowStep {
    Str step;
    Words name;
    Words done;        /* how the path down the page says it, "" for the name */
    Names from;        /* empty: it opens matters */
    Str to;            /* a state, or "same" */
    Names by;
    Names apart_from;  /* steps whose taker may not take this one: persons are compared */
    Names fields;      /* of the flow, or "item.form": what the subject asks */
    Names guards;
    Names effects;
    Names family;      /* only matters of these law families; empty: all */
    bool once;
    FlowWithin within; /* of entering the state */
    Str part;          /* accept, examine, decide: for the separation of duties */
    Str law;
    Str issues;        /* a document it makes */
    Names extends;     /* clocks */
    LimitRef extend_by;
    Str to_holder;     /* also shows the matter to this role */
    bool as_of_entry;  /* clocks it starts began when the present state was entered */
    bool tells;        /* the opener is told (a notice) */
    int line, column;
} FlowStep;

typedef struct FlowClock {
    Str clock;
    Words name;
    Names runs;
    LimitRef limit;
    i64 warn;          /* units before due when it shows amber */
    Names family;
    Str law;
    int line, column;
} FlowClock;

typedef struct FlowTimer {
    Str in;            /* a state, with after; or */
    LimitRef after;
    Str clock;         /* a clock, with at: due */
    Str at;
    Str take;
    bool not_due;      /* a reminder to somebody else: no term of the holder */
    Names family;
    Str law;
    int line, column;
} FlowTimer;

typedef struct Flow {
    Str flow;
    Words name;
    Str kind;          /* promised, at_once, elsewhere, internal */
    Names families;
    Str log;           /* public, counted, sealed */
    Str subject;       /* which host knows its subjects; empty: none */
    Str owner;         /* the sealed fields that say who it is about, for lists: a field name */
    FlowClock *clocks;
    size_t clocks_n;
    FlowState *states;
    size_t states_n;
    FlowStep *steps;
    size_t steps_n;
    FlowTimer *timers;
    size_t timers_n;
    Field *fields;
    size_t fields_n;
    Str file;
    Str source;        /* the file's text */
    Str hash;          /* hex */
    i64 version;       /* id in flow_version; 0 before it is stored */
} Flow;

const FlowState *flow_state(const Flow *f, Str name); /* NULL when unknown */
const FlowStep *flow_step(const Flow *f, Str name);
const FlowClock *flow_clock(const Flow *f, Str name);
/* Where a step leads from a state. */
const FlowState *flow_target(const Flow *f, const FlowStep *step, Str from);
bool family_applies(Names family, Str of_matter);

/* ------------------------------------------------------------------ matters */

typedef struct Matter Matter;
struct Matter {
    Matter *next;
    MatterId id;
    Str number;
    Str flow;
    i64 version;
    Str family;
    Str subject;       /* what it is about, in the host's words: an item's code */
    Str state;
    Str holder;
    Str raised;        /* a further role it shows itself to, after an escalation */
    PlaceId place;
    Str path;
    BodyId body;       /* that decides */
    MatterId parent;   /* that it came from */
    Str channel;
    Instant opened_at, entered_at, changed_at, closed_at;
    i64 events;
    Instant due_at;    /* earliest running term; NEVER when none */
    bool due_provisional;
    i64 visits;        /* times the person came to a counter for it */
};
extern const Field MATTER_FIELDS[];

MUST_USE Err matter_get(Ctx *cx, MatterId id, Matter *out);
MUST_USE Err matter_get_by_number(Ctx *cx, Str number, Matter *out);
MUST_USE Err matter_list_after(Ctx *cx, MatterId after, i64 n_max, Matter **out); /* by id */
/* Newest first, each with number, version, family, subject, state and its three moments; the
   rest is empty. */
MUST_USE Err matter_list_before(Ctx *cx, MatterId before, i64 n_max, Matter **out);
/* By id, of those that are not closed. */
MUST_USE Err matter_list_open_after(Ctx *cx, MatterId after, i64 n_max, Matter **out);
MUST_USE Err matter_list_children(Ctx *cx, MatterId parent, Matter **out);
const Flow *matter_flow(Ctx *cx, const Matter *m); /* the version it began under */
Subject matter_subject(const Matter *m);

/* All sealed and public values given so far; later ones over earlier. */
MUST_USE Err matter_values(Ctx *cx, MatterId id, Values *out);

/* Does the code belong to the number?  DENIED says no more than that it does not. */
MUST_USE Err matter_check_code(Ctx *cx, Str number, Str code, MatterId *out);
/* The query code in clear, for receipts. */
MUST_USE Err matter_code(Ctx *cx, MatterId id, Str *out);

/* One page of the desk of the actor's post, by due time, after (due, id); at most n_max. */
typedef struct DeskKey {
    Instant due;
    MatterId matter;
} DeskKey;
MUST_USE Err desk_list(Ctx *cx, DeskKey after, i64 n_max, Matter **out);

/* What waits on it. Counted up to DESK_COUNT_MAX, so that a desk with tens of thousands costs no
   more than another: a figure marked is_least is that much or more. Where more than that is over
   due, what is due today is not counted: 0, is_least. */
enum { DESK_COUNT_MAX = 1000 };
typedef struct DeskFigure {
    i64 n;
    bool is_least;
} DeskFigure;
typedef struct DeskCount {
    DeskFigure all, over, today;
} DeskCount;
MUST_USE Err desk_count(Ctx *cx, DeskCount *out);

/* How many matters stand in each state of a flow (every version), from the tallies. */
typedef struct Standing Standing;
struct Standing {
    Standing *next;
    Str state;
    i64 n;
};
MUST_USE Err flow_standings(Ctx *cx, Str flow, Standing **out);
/* The job that folds delta rows into the tallies. */
MUST_USE Err flow_fold_tallies(Ctx *cx);
/* Recounts and compares; a difference is a failure. */
MUST_USE Err flow_verify_tallies(Ctx *cx);
/* Plays the matters with ids above after again from their events, at most n_max; E_STORE names the
** first that does not come out as its row says. */
MUST_USE Err flow_verify_matters(Ctx *cx, i64 after, i64 n_max, i64 *out_last);

/* ----------------------------------------------------------------- what modules give the engine */

/* One step being taken, as guards and effects see it. */
typedef struct StepCall {
    const Flow *flow;
    const FlowStep *step;
    Matter *matter;       /* as it was before, for guards; as it is now, for effects */
    const Values *values; /* checked; for guards as sent */
    bool asks_only;       /* a page asks whether it could be taken: no values yet */
    Str role;             /* in which the actor takes it */
    i64 n;                /* of the event */
} StepCall;

/* What it needs of a flow that names it, or NULL: a step that can come before, a field of the same
** step, a kind of subject.  Without it the guard could never pass and the effect would do
** nothing. */
typedef struct FlowHook {
    const char *name;
    Err (*run)(Ctx *cx, const StepCall *call);
    const char *needs_step, *needs_field, *needs_subject;
} FlowHook;

/* A host knows the subjects of a flow: their limits and their own form fields. */
typedef struct FlowHost {
    const char *name;                /* as in "subject: item" */
    const char *const *limits;       /* names after "item." in limits, NULL-ended */
    const char *const *forms;        /* names after "item." in fields of steps, NULL-ended */
    const char *const *names; /* of fields that the forms bring: no flow may use them, NULL-ended */
    /* out->counting is COUNT_NONE where the subject has no such limit. */
    Err (*limit)(Ctx *cx, const Matter *m, Str name, Limit *out);
    /* The fields that one of .forms stands for, for the subject of this matter. */
    Err (*form)(Ctx *cx, const Matter *m, Str form, const Field **out, size_t *out_n);
} FlowHost;

typedef struct FlowParts {
    const FlowHook *guards;  /* each ended by a NULL name */
    const FlowHook *effects;
    const FlowHost *hosts;
    bool (*has_document)(Str name); /* that "issues" may name; NULL: none */
} FlowParts;

/* ------------------------------------------------------------------ files, checking, versions */

/* Makes guards, effects and hosts known; before anything else. */
void flow_parts_use(House *house, const FlowParts *const *parts, size_t n);

/* Reads and checks the packed flows and those laid over them.  All mistakes go to the list. */
MUST_USE Err flows_check(Ctx *cx, MistakeList *mistakes, i64 *out_checked);
/* Checks one text as if it were a file of that name. */
const Flow *flow_check_text(Ctx *cx, Str name, Str text, MistakeList *mistakes);
/* The same for a text laid over a flow: what law it serves may be tightened only. */
const Flow *flow_check_over(Ctx *cx, Str name, const Flow *base, Str text, MistakeList *mistakes);

/* At start: reads, checks, stores new versions, loads all stored ones, and makes them part of the
** house. Refuses a file that lacks a state in use or loosens a line marked law. */
MUST_USE Err flows_use(Ctx *cx);
const Flow *flow_current(const House *house, Str name); /* NULL when unknown */
const Flow *flow_current_at(const House *house, size_t n);

/* The flow as an SVG drawing, one column of states; counts may be NULL.  A file of its own carries
** its styles, one inside a page gets the page's. */
void flow_draw(Ctx *cx, Buf *out, const Flow *f, const Standing *counts, bool is_file);

/* ------------------------------------------------------------------ opening and taking */

typedef struct FlowOpening {
    Str flow;
    Str step;         /* one that opens */
    Str family;
    Str subject;
    PlaceId place;
    BodyId body;
    MatterId parent;
    Str channel;      /* web, window, phone … */
    const Values *values;
} FlowOpening;

/* Inside or outside a write.  The number is public; the code is for the opener alone. */
MUST_USE Err flow_open(Ctx *cx, const FlowOpening *o, MatterId *out, Str *out_number,
                       Str *out_code);

/* Takes a step.  seen is the number of events the actor had before them (0: not said): when
** somebody acted since, CONFLICT. */
MUST_USE Err flow_take(Ctx *cx, MatterId id, Str step, const Values *values, i64 seen);

/* The steps the actor could take now, with their fields; blocked says why not, for a step that
** only the separation of persons forbids. */
typedef struct StepChoice StepChoice;
struct StepChoice {
    StepChoice *next;
    const FlowStep *step;
    const Field *fields;
    size_t fields_n;
    Str blocked;
};
MUST_USE Err flow_choices(Ctx *cx, Matter *m, StepChoice **out);
/* The fields of one step on a matter. */
MUST_USE Err flow_step_fields(Ctx *cx, const Matter *m, const Flow *f, const FlowStep *step,
                              const Field **out, size_t *out_n);
/* Field of an event's value, wherever it was defined; NULL when nobody knows it any more. */
const Field *flow_value_field(Ctx *cx, const Matter *m, Str name);

MUST_USE Err flow_limit(Ctx *cx, const Matter *m, LimitRef ref, Limit *out);

/* Takes the steps of timers that are due; out_taken counts them. */
MUST_USE Err flow_run_timers(Ctx *cx, i64 n_max, i64 *out_taken);
/* After a change of the calendar: recomputes the clocks and timers of all open matters;
** out_changed counts the matters whose terms moved. */
MUST_USE Err flow_recompute_all(Ctx *cx, Str reason, i64 *out_changed);

/* Visits to a counter, counted against what the item promises. */
MUST_USE Err matter_add_visit(Ctx *cx, MatterId id);

#endif
