/* view.h -- the models of the window's pages: what a template prints is what the JSON twin says. */
#ifndef ONEWINDOW_VIEW_H
#define ONEWINDOW_VIEW_H

#include "onewindow/private.h"

/* ------------------------------------------------------------ models of the pages before a case */

enum { SERVICES_MAX = 200 };

typedef struct HomeView {
    Str examples;
    i64 items_n;
} HomeView;

typedef struct ServicesView {
    Str typed;
    const Item *items[SERVICES_MAX];
    size_t items_n;
    Item *list; /* the same, linked, for JSON */
} ServicesView;

typedef struct ItemFact ItemFact;
struct ItemFact {
    ItemFact *next;
    Str label, value, source;
};

typedef struct FlowRow FlowRow;
struct FlowRow {
    FlowRow *next;
    Str step, from, to, who;
};

typedef struct ItemView {
    const Item *item;
    Str code, name;
    ItemFact *facts;
    Markup drawing;
    FlowRow *rows;
} ItemView;

typedef struct ApplyTask ApplyTask;
struct ApplyTask {
    ApplyTask *next;
    Str name;
    Link link;
    bool done;
};

typedef struct ApplyView {
    const Item *item;
    const ItemPage *page;
    PageForm form;
    Paper *papers;
    const char *action;  /* where papers are sent */
    i64 number, all, done;
    ApplyTask *tasks;
    Link next;
    Str code;            /* of the item, for JSON */
    const Values *values;
} ApplyView;

bool paper_is_sent(const Paper *papers, Str code);
/* Stores the upload of a request; a bad file is a problem of its field, not of the page. */
MUST_USE Err paper_take(Req *rq, PaperOwner owner, const Item *it);
MUST_USE Err paper_reply(Req *rq, const Paper *p, bool thumbnail);

typedef struct AboutView {
    i64 rules_n;
    Str calendar;
} AboutView;

/* Draws the flow and lists its steps; counts may be NULL. */
MUST_USE Err flow_view(Ctx *cx, const Flow *f, const Standing *counts, Markup *out_drawing,
                       FlowRow **out_rows);

/* "Reviewer", "the applicant", "by itself, when its time comes" */
Str flow_actor_words(Ctx *cx, Str actor);

/* ------------------------------------------------------------ the open record (open_record.c) */

typedef struct OpenRow OpenRow;
struct OpenRow {
    OpenRow *next;
    Str number, title, state;
    Day opened, changed;
    bool closed;
};

typedef struct OpenList {
    OpenRow *rows;
    Link more;        /* older ones; empty path when there are none */
    Str older;        /* the same, for JSON */
} OpenList;

typedef struct OpenStep OpenStep;
struct OpenStep {
    OpenStep *next;
    Str words, who, body;
    Day day;
};

typedef struct OpenMatter {
    Str number, title, state, holder;
    Day opened;
    bool closed;
    OpenStep *steps;
} OpenMatter;

/* ----------------------------------------------------------------- what the pages show (view.c) */

typedef struct CaseStep CaseStep;
struct CaseStep {
    CaseStep *next;
    Str words;        /* as told to the person */
    Str step, role, body;
    Instant at;
    i64 n;
    bool has_document;
    Values values;    /* what may be shown to this reader */
};

typedef struct CaseClock CaseClock;
struct CaseClock {
    CaseClock *next;
    Str name;
    Str words;        /* "in 2 working days" */
    Day due;
    bool provisional, running, is_stopped;
    Mood mood;
};

typedef struct CaseNext CaseNext;
struct CaseNext {
    CaseNext *next;
    Str words, who;
};

/* One opening of a value in clear, in words. */
typedef struct CaseLook CaseLook;
struct CaseLook {
    CaseLook *next;
    Instant at;
    Str role, body, field, reason;
};

typedef struct CaseView {
    Matter *matter;
    const Item *item;
    const Flow *flow;
    Str number, title, state, holder, place;
    Str state_code;
    bool closed;
    i64 events;
    CaseStep *steps;
    CaseClock *clocks;
    Paper *papers;
    StepChoice *choices;
    Values person;    /* who it is about: masked for staff, whole for themselves */
    Values missing;   /* what was asked for */
    Place *places;
    Str body;
    const Problem *problems;
    Str problem_step; /* the step whose form has problems */
    const Values *typed;
    Matter *children;
    CaseNext *nexts;  /* what comes, on the straight way */
    Str main_step;    /* what the person is asked to do now */
    Str asked, asked_note, answer_due;
    const char *papers_action;
    i64 looks_n;
    CaseLook *looks;
    i64 looks_before; /* where the next page begins; 0 at the end */
} CaseView;
extern const Field CASE_FIELDS[];

/* for_staff: masked, with internal steps; otherwise as the person concerned may see it. */
/* Who holds it, and a field, as they are called on pages. */
Str case_role_words(Ctx *cx, Str role);
Str case_field_words(Ctx *cx, const Matter *m, Str field);
MUST_USE Err case_body_words(Ctx *cx, Str code, Str *out); /* empty for no code */
MUST_USE Err case_view(Ctx *cx, Matter *m, bool for_staff, CaseView *out);
/* The document an event issued. */
MUST_USE Err case_document(Ctx *cx, const Matter *m, i64 n, bool for_staff, Doc *out);
/* The receipt with the query code, for the opener and for the clerk who took it in. */
MUST_USE Err case_receipt(Ctx *cx, const Matter *m, const Req *rq, Doc *out);

/* ------------------------------------------------------------------ the desk */

typedef struct QueueRow QueueRow;
struct QueueRow {
    QueueRow *next;
    MatterId id;
    Str number, title, who, place, state, channel;
    Str due;          /* in words */
    Mood mood;
    Instant due_at, opened_at;
    PlaceId place_id;
    bool is_provisional, is_selected;
};

typedef struct DeskView {
    QueueRow *rows;
    DeskCount count;
    Link more;        /* the next page; empty path when there is none */
    CaseView *open;   /* the case beside the queue */
    Str alarm;
    bool can_reveal;
    QueueRow *found;
    Str typed;
    bool has_searched;
    Str revealed_name, revealed_value;
} DeskView;

Str desk_figure_words(Ctx *cx, DeskFigure f); /* "12", or "1000+" */
MUST_USE Err queue_list(Ctx *cx, DeskKey after, MatterId selected, DeskView *out);

typedef struct IntakeView {
    ServicesView services;
    const Item *item;
    PageForm form, accept_form;
    bool can_accept_now;
    Str code;
} IntakeView;

typedef struct FlowsView {
    FlowRow *list;     /* name in step, count in who, link name in to */
    const Flow *flow;
    Markup drawing;
    FlowRow *rows;
    i64 double_keyings;
} FlowsView;

typedef struct FollowView {
    PageForm form;
    Str number;
} FollowView;

typedef struct DocView {
    Doc doc;
    Link pdf, slip, back;
} DocView;

/* What the straight way from here leads through. */
MUST_USE Err case_list_nexts(Ctx *cx, const CaseView *v, CaseNext **out);
/* Takes the step a form asks for; on problems the page is shown again with them. */
MUST_USE Err case_take(Req *rq, Link back, Err (*show)(Req *rq, Str step, const Values *typed,
                                                       const Problem *problems));

#endif
