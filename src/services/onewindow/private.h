/* private.h -- shared by the files of the one window. */
#ifndef ONEWINDOW_PRIVATE_H
#define ONEWINDOW_PRIVATE_H

#include "media/media.h"
#include "onewindow/onewindow.h"
#include "page/page.h"

/* ------------------------------------------------------------------ items (item.c, catalogue.c) */

typedef struct ItemPaper {
    Str code;
    Words name;
    Str source;       /* applicant, government, other */
    bool must;
    bool share;       /* may be had by sharing: then not asked of the person (Order 716, 7) */
    Str basis;
} ItemPaper;

typedef struct ItemLimit {
    Str name;         /* promised, statutory, supplement, special, extension */
    LimitRef ref;
    Str source;
} ItemLimit;

/* One page of the form: one question, or a few that belong together. */
typedef struct ItemPage {
    Words name;
    const Field *fields;
    size_t fields_n;
} ItemPage;

typedef struct Item Item;
struct Item {
    Item *next;       /* in lists of results */
    Str item;
    i64 version;      /* id in item_version */
    Words name, summary, result, elsewhere;
    Names words, basis;
    Str family, kind, body, served;
    i64 visits;
    bool has_fee;
    Money fee;
    Str fee_source;
    const ItemLimit *limits;
    size_t limits_n;
    const ItemPaper *papers;
    size_t papers_n;
    const ItemPage *pages;
    size_t pages_n;
    const Field *fields; /* of all pages, in order */
    size_t fields_n;
    Str source, hash, shared, sounds;
};
extern const Field ITEM_FIELDS[];

/* Reads one file; mistakes go to the list. */
Item *item_read(YamlFile *file, Str source, const Field *shared, size_t shared_n);
void item_check(const YamlFile *file, const Yaml *root, const Item *it);
const ItemLimit *item_limit(const Item *it, Str name);
const ItemPaper *item_paper(const Item *it, Str code);

MUST_USE Err items_start(Ctx *cx);
MUST_USE Err items_check(Ctx *cx, MistakeList *mistakes, i64 *out_checked);
const Item *item_current(const Ctx *cx, Str code); /* NULL when unknown */
const Item *item_current_at(const Ctx *cx, size_t n);
const Item *item_of_matter(const Ctx *cx, const Matter *m);
const Item *item_by_version(const Ctx *cx, i64 version);
/* "residence-permit:12" */
Str item_subject(Ctx *cx, const Item *it);
Str item_flow(const Item *it);
/* What was typed against names, words and sounds; all items for nothing typed. */
void items_search(Ctx *cx, Str typed, const Item **out, size_t n_max, size_t *out_n);

/* ------------------------------------------------------------------ papers (paper.c) */

typedef struct Paper Paper;
struct Paper {
    Paper *next;
    i64 id;
    i64 draft;
    MatterId matter;
    i64 n;
    Str paper;
    Words name;       /* of the item's paper */
    Str content_type;
    i64 size_bytes, pages;
    bool has_thumbnail;
};
extern const Field PAPER_FIELDS[];

typedef struct PaperOwner {
    i64 draft;        /* one of the two */
    MatterId matter;
} PaperOwner;

/* Checks, cleans and stores what was uploaded, in pieces of their own writes. */
MUST_USE Err paper_add(Ctx *cx, PaperOwner owner, Str code, Bytes sent, i64 *out_id);
MUST_USE Err paper_list(Ctx *cx, PaperOwner owner, const Item *it, Paper **out);
MUST_USE Err paper_get(Ctx *cx, i64 id, Paper *out);
MUST_USE Err paper_content(Ctx *cx, const Paper *p, bool thumbnail, Bytes *out);
MUST_USE Err paper_remove(Ctx *cx, PaperOwner owner, i64 id);
/* Inside a write: papers of a draft become those of event n of a matter; or those that waited for
** one. */
MUST_USE Err papers_attach_draft(Ctx *cx, i64 draft, MatterId matter, i64 n);
MUST_USE Err papers_attach_waiting(Ctx *cx, MatterId matter, i64 n);
/* Codes of papers, each once, separated by commas. */
Str paper_codes(Ctx *cx, const Paper *papers);
MUST_USE Err papers_sweep(Ctx *cx);

/* ------------------------------------------------------------------ drafts (draft.c) */

typedef struct Draft {
    i64 id;
    const Item *item;
    Values values;
    Paper *papers;
} Draft;

MUST_USE Err draft_begin(Ctx *cx, const Item *it, Str *out_token);
MUST_USE Err draft_load(Ctx *cx, Str token, Draft *out); /* MISSING when there is none */
MUST_USE Err draft_save(Ctx *cx, i64 id, const Values *values);
MUST_USE Err draft_drop(Ctx *cx, i64 id);               /* inside a write */
MUST_USE Err drafts_sweep(Ctx *cx);

/* ------------------------------------------------------------------ applying (application.c) */

typedef struct Applying {
    const Item *item;
    const Values *values; /* of the form, papers and papers_later included */
    Str channel;
    i64 draft;            /* 0: none */
    bool accept_now;      /* the clerk takes the papers and accepts in one go */
    const Values *accept; /* values of that step */
    Req *rq;              /* gets its reply inside the write; NULL outside the web */
    const char *see;      /* where: before the number */
    MatterId matter;
    Str number;
} Applying;
MUST_USE Err apply(Ctx *cx, Applying *a);

extern const FlowParts ONEWINDOW_PARTS;
/* A document that steps of flows may issue (document.c). */
bool document_is_known(Str name);

extern const Route PUBLIC_ROUTES[], OPEN_ROUTES[], APPLY_ROUTES[], CASE_ROUTES[], DESK_ROUTES[],
    INTAKE_ROUTES[];

#endif
