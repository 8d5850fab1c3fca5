/* open_record.c -- what everybody may see of every matter: what was asked for, what was done, by
** which role of which body, on which day. Never a person, a post or a value (design 8, log
** classes; approvals are public by the Administrative Licence Law, 40).
**
** Days, not hours: where one person holds a post, hours would be a diary of that person. Which
** benefit somebody asked for is not shown: in a small place it would say too much. */
#include "onewindow/view.h"

#include "open_record.html.h"

enum { ROWS = 50, READ_AT_ONCE = 51, READ_MAX = 600 };

static bool is_open(Ctx *cx, const Matter *m)
{
    const Flow *f = matter_flow(cx, m);
    return f && str_is(f->log, S("public"));
}

static Str title_of(Ctx *cx, const Matter *m)
{
    const Item *it = item_of_matter(cx, m);
    if (str_is(m->family, S("benefit")))
        return text_get(cx, "A benefit (which one is not shown)");
    return words_in(it ? it->name : matter_flow(cx, m)->name, cx->lang);
}

static Str state_of(Ctx *cx, const Matter *m)
{
    const FlowState *s = flow_state(matter_flow(cx, m), m->state);
    return s ? words_in(s->name, cx->lang) : m->state;
}

/* ------------------------------------------------------------------ the list, newest first */

static OpenRow *add_row(Ctx *cx, const Matter *m, OpenRow **end)
{
    OpenRow *r = NEW(cx, OpenRow);
    if (!r)
        return NULL;
    *r = (OpenRow){ .number = m->number, .title = title_of(cx, m), .state = state_of(cx, m),
                    .opened = day_of(cx->house, m->opened_at),
                    .changed = day_of(cx->house, m->changed_at), .closed = m->closed_at.ms != 0 };
    return *end = r;
}

typedef struct Filling {
    OpenRow **end;
    size_t rows_n, read_n;
    MatterId before;
    bool is_last;
} Filling;

/* Matters that are not for everybody stand between the others: a few more are read. */
static Err read_some(Ctx *cx, Filling *f)
{
    Matter *m;
    size_t n = 0;
    TRY(matter_list_before(cx, f->before, READ_AT_ONCE, &m));
    for (; m && f->rows_n < ROWS; m = m->next, n++) {
        f->before = m->id;
        OpenRow *r = is_open(cx, m) ? add_row(cx, m, f->end) : NULL;
        if (!r)
            continue;
        f->end = &r->next;
        f->rows_n++;
    }
    f->read_n += n;
    f->is_last = !m && n < READ_AT_ONCE;
    return ctx_err(cx);
}

static Err find_start(Req *rq, MatterId *out)
{
    Matter m;
    Str before = req_query(rq, "before");
    *out = (MatterId){ INT64_MAX };
    if (before.n == 0)
        return OK;
    TRY(matter_get_by_number(rq->cx, before, &m));
    *out = m.id;
    return OK;
}

static Err list_rows(Req *rq, OpenList *v)
{
    Ctx *cx = rq->cx;
    Filling f = { .end = &v->rows };
    const OpenRow *last = NULL;
    TRY(find_start(rq, &f.before));
    while (f.rows_n < ROWS && f.read_n < READ_MAX && !f.is_last)
        TRY(read_some(cx, &f));
    for (const OpenRow *r = v->rows; r; r = r->next)
        last = r;
    if (last && !f.is_last)
        v->more = link_to(cx, "/record?before=", last->number, "");
    v->older = v->more.path;
    return OK;
}

static const Field ROW_FIELDS[] = {
    FIELD(OpenRow, number, TEXT),
    FIELD(OpenRow, title, TEXT),
    FIELD(OpenRow, state, TEXT),
    FIELD(OpenRow, opened, DAY),
    FIELD(OpenRow, changed, DAY),
    FIELD(OpenRow, closed, FLAG),
    FIELD_END
};

static const Field LIST_FIELDS[] = {
    FIELD_LIST(OpenList, rows, OpenRow, ROW_FIELDS),
    FIELD(OpenList, older, TEXT),
    FIELD_END
};

static Err get_list(Req *rq)
{
    OpenList v = { 0 };
    TRY(list_rows(rq, &v));
    REPLY(rq, open_list_page, LIST_FIELDS, &v);
}

/* ------------------------------------------------------------------ one matter */

static Err add_step(Ctx *cx, const Flow *f, const Event *e, OpenStep ***end)
{
    const FlowStep *step = flow_step(f, e->step);
    OpenStep *s = NEW(cx, OpenStep);
    if (!s)
        return E_LIMIT;
    *s = (OpenStep){ .words = step ? words_in(step->name, cx->lang) : e->step,
                     .who = flow_actor_words(cx, e->role), .day = day_of(cx->house, e->at) };
    **end = s;
    *end = &s->next;
    return case_body_words(cx, e->body, &s->body);
}

static Err list_steps(Ctx *cx, const Matter *m, OpenMatter *v)
{
    Event *events;
    OpenStep **end = &v->steps;
    TRY(record_list(cx, m->id, &events));
    for (const Event *e = events; e; e = e->next)
        TRY(add_step(cx, matter_flow(cx, m), e, &end));
    return OK;
}

static const Field STEP_FIELDS[] = {
    FIELD(OpenStep, words, TEXT),
    FIELD(OpenStep, who, TEXT),
    FIELD(OpenStep, body, TEXT),
    FIELD(OpenStep, day, DAY),
    FIELD_END
};

static const Field MATTER_VIEW_FIELDS[] = {
    FIELD(OpenMatter, number, TEXT),
    FIELD(OpenMatter, title, TEXT),
    FIELD(OpenMatter, state, TEXT),
    FIELD(OpenMatter, holder, TEXT),
    FIELD(OpenMatter, opened, DAY),
    FIELD(OpenMatter, closed, FLAG),
    FIELD_LIST(OpenMatter, steps, OpenStep, STEP_FIELDS),
    FIELD_END
};

static Err get_matter(Req *rq)
{
    Ctx *cx = rq->cx;
    const Matter m = rq->matter;
    if (!is_open(cx, &m))
        return fail(cx, E_MISSING, "flow.no_such_matter");
    OpenMatter v = { .number = m.number, .title = title_of(cx, &m), .state = state_of(cx, &m),
                     .opened = day_of(cx->house, m.opened_at), .closed = m.closed_at.ms != 0 };
    if (!v.closed)
        v.holder = flow_actor_words(cx, m.holder);
    TRY(list_steps(cx, &m, &v));
    REPLY(rq, open_matter_page, MATTER_VIEW_FIELDS, &v);
}

const Route OPEN_ROUTES[] = {
    { GET, "/record", get_list, ACT_PUBLIC, FACE_PUBLIC, NULL, LIST_FIELDS,
      "What is asked for and done, newest first; before=NUMBER goes on", .is_kept = true },
    { GET, "/record/{number}", get_matter, ACT_PUBLIC, FACE_PUBLIC, "number", MATTER_VIEW_FIELDS,
      "What was done about one matter, by which role of which body", .is_kept = true },
    ROUTE_END
};
