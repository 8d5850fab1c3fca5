/* page.h -- how pages look: the frame around them, forms from field lists, QR codes, documents.
**
** The parts of forms are those of the GOV.UK Frontend, in our own colours (docs/decisions/002). */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "route/route.h"

/* For web_new. */
extern const WebLook PAGE_LOOK;

/* ------------------------------------------------------------------ forms from field lists */

typedef struct PageForm {
    const Field *fields;
    size_t fields_n;
    const Values *values;       /* what stands in the inputs */
    const Problem *problems;
    const Place *places;        /* for fields of the kind place */
    const char *prefix;         /* before ids, where a page has several forms; "" otherwise */
} PageForm;

/* The error summary at the top of a page with problems; nothing when there are none. */
void page_problems(Html *h, const PageForm *form);
/* All inputs of the form; the caller writes <form> and its button. */
void page_inputs(Html *h, const PageForm *form);
/* The hidden inputs that every form carries: where it comes from, and that it is sent once. */
void page_guard(Html *h);
/* A field's stored value as shown: the name of a place for its code. */
Str page_value(Ctx *cx, const Field *f, Str stored, const Place *places, bool masked);
/* Places people say they live in. */
MUST_USE Err page_home_places(Ctx *cx, Place **out);

/* --------------------------------------------------------------- words for states and due times */

typedef enum Mood { MOOD_NONE, MOOD_WAY, MOOD_NEAR, MOOD_OVER, MOOD_DONE } Mood;
/* A word and a shape beside a colour: ● ◐ ▲ ■. */
void page_tag(Html *h, Mood mood, Str words);
/* How near: over when past, near on the same or next working day. */
MUST_USE Err page_mood(Ctx *cx, Counting counting, Due due, i64 warn, Mood *out);

/* ------------------------------------------------------------------ QR */

/* An inline SVG of the code. */
Markup page_qr(Ctx *cx, Str text);

/* ---------------------------------------------------- documents: the same lines as page and PDF */

typedef struct DocLine DocLine;
struct DocLine {
    DocLine *next;
    const char *kind; /* h, p, row, rule, code */
    Str a, b;
};

typedef struct Doc {
    Str title;
    Str number;
    Str qr;
    DocLine *first, **end;
} Doc;

void doc_heading(Ctx *cx, Doc *d, Str text);
void doc_text(Ctx *cx, Doc *d, Str text);
void doc_row(Ctx *cx, Doc *d, Str label, Str value); /* nothing when the value is empty */
/* What is read aloud or copied by hand: large, and in a line of its own. */
void doc_code(Ctx *cx, Doc *d, Str label, Str code);
void doc_rule(Ctx *cx, Doc *d);
MUST_USE Err doc_pdf(Ctx *cx, const Doc *d, bool is_slip, Bytes *out);
extern const Field DOC_FIELDS[];
/* The page itself; documents has the template. */
void page_doc(Html *h, const Doc *d);

#endif
