/* record.h -- the record of events: one row for each step, in a form that can be proved later.
**
** An event's canonical JSON has these keys: at (ms), body, flow (hash of the flow file), from,
** matter (public number), n, payload (public values), post (commitment), role, sealed (field to
** commitment), step, to. The log class of the flow says what of it a published log may show
** (design: public, counted, sealed). */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "vault/vault.h"

typedef struct Event Event;
struct Event {
    Event *next;
    MatterId matter;
    Str number; /* of the matter */
    i64 n;
    Instant at;
    Str step, from, to;
    Str role;
    PostId post;     /* 0: not staff */
    PersonId person;
    Str body;        /* code of the acting body, empty when none */
    Str flow;        /* hash of the flow file */
    Str class;
    Values payload;  /* public values */
    Values sealed;   /* field to commitment; when adding: field to value */
    Str canon;       /* when read */
};

/* The kind under which values of matters are sealed; the event's n is theirs. */
#define MATTER_KIND S("matter")
/* The sealed field that holds the acting post. */
#define POST_FIELD S("_post")

/* A value that must be found again later: marked under its kind ("citizen_id", "phone"). */
typedef Bytes MarkFn(Ctx *cx, Str field, Str value, void *arg);

/* What a page about one matter relies on: touched by every event, and by whatever else is written
** about the matter (store/store.h); and what one relies on that looked for a number. */
Tag record_tag(MatterId matter);
Tag record_number_tag(Str number);

/* Inside a write: seals e->sealed, writes the row. The caller has numbered it (UNIQUE refuses a
   second). */
MUST_USE Err record_add(Ctx *cx, const Event *e, MarkFn *mark, void *mark_arg);

MUST_USE Err record_list(Ctx *cx, MatterId matter, Event **out);

/* Has this person taken one of these steps on the matter? */
MUST_USE Err record_has_taken(Ctx *cx, MatterId matter, PersonId person, Names steps, bool *out);
/* The persons who took any of these steps, each once; at most n_max. */
MUST_USE Err record_list_takers(Ctx *cx, MatterId matter, Names steps, PersonId *out, size_t n_max,
                                size_t *out_n);
MUST_USE Err record_count_step(Ctx *cx, MatterId matter, Str step, i64 *out);

/* Re-reads events with id above after, at most n_max, checking each: numbers without gaps,
** columns and canonical text agree, sealed values match their commitments. out_last is the last
** id read; a fault names the first bad record as the Ctx's failure. */
MUST_USE Err record_verify(Ctx *cx, i64 after, i64 n_max, i64 *out_last, i64 *out_checked);

#endif
