/* desk.c -- the desk: what waits for me, one case, its papers; finding; where matters stand. */
#include "onewindow/view.h"

#include "desk.html.h"
#include "ident/ident.h"
#include "text/text.h"

enum { QUEUE_PAGE = 50, FOUND_MAX = 50 };

/* ------------------------------------------------------------------ the queue */

static const Field QUEUE_ROW_FIELDS[] = {
    FIELD(QueueRow, number, TEXT),
    FIELD(QueueRow, title, TEXT),
    FIELD(QueueRow, who, TEXT),
    FIELD(QueueRow, place, TEXT),
    FIELD(QueueRow, state, TEXT),
    FIELD(QueueRow, channel, TEXT),
    FIELD(QueueRow, due, TEXT),
    FIELD(QueueRow, due_at, INSTANT),
    FIELD(QueueRow, opened_at, INSTANT),
    FIELD_END
};

static const Field FIGURE_FIELDS[] = {
    FIELD(DeskFigure, n, INT),
    FIELD(DeskFigure, is_least, FLAG),
    FIELD_END
};

static const Field COUNT_FIELDS[] = {
    FIELD_STRUCT(DeskCount, all, FIGURE_FIELDS),
    FIELD_STRUCT(DeskCount, over, FIGURE_FIELDS),
    FIELD_STRUCT(DeskCount, today, FIGURE_FIELDS),
    FIELD_END
};

static const Field DESK_FIELDS[] = {
    FIELD_STRUCT(DeskView, count, COUNT_FIELDS),
    FIELD_LIST(DeskView, rows, QueueRow, QUEUE_ROW_FIELDS),
    FIELD_END
};

static Str channel_words(Ctx *cx, Str channel)
{
    if (str_is(channel, S("web")))
        return text_get(cx, "web");
    return str_is(channel, S("window")) ? text_get(cx, "window") : channel;
}

/* The name of the person it is about, masked, as the flow says which field that is. */
static Err who_of(Ctx *cx, const Matter *m, const Flow *f, Str *out)
{
    Str name;
    *out = STR_EMPTY;
    if (!f || f->owner.n == 0)
        return OK;
    TRY(vault_find(cx, (SealedRef){ MATTER_KIND, m->id.value, 1, f->owner }, &name));
    if (name.n)
        *out = mask_name(&cx->arena, name);
    return OK;
}

/* A desk row counts its days as the earliest term does; both kinds of day are told in working
   days. */
static Err due_words(Ctx *cx, const Matter *m, QueueRow *r)
{
    Due due = { day_of(cx->house, (Instant){ m->due_at.ms - 1 }), m->due_at, m->due_provisional };
    TRY(page_mood(cx, COUNT_WORKDAYS, due, 1, &r->mood));
    return clock_words(cx, COUNT_WORKDAYS, due, &r->due);
}

/* Most rows of a queue are due on the same few days, in the same few places: what an earlier row
   has asked for is not asked again. */
static Err due_of(Ctx *cx, const Matter *m, const QueueRow *first, QueueRow *r)
{
    if (m->due_at.ms == NEVER.ms) {
        r->due = text_get(cx, "no term");
        return OK;
    }
    for (const QueueRow *x = first; x; x = x->next) {
        if (x->due_at.ms != m->due_at.ms || x->is_provisional != m->due_provisional)
            continue;
        r->mood = x->mood;
        r->due = x->due;
        return OK;
    }
    return due_words(cx, m, r);
}

static Err place_of(Ctx *cx, const Matter *m, const QueueRow *first, QueueRow *r)
{
    Place place;
    for (const QueueRow *x = first; x; x = x->next) {
        if (x->place_id.value != m->place.value)
            continue;
        r->place = x->place;
        return OK;
    }
    TRY(place_get(cx, m->place, &place));
    r->place = words_in(place.name, cx->lang);
    return OK;
}

static Err fill_row(Ctx *cx, const Matter *m, const QueueRow *first, QueueRow *r)
{
    const Flow *f = matter_flow(cx, m);
    const Item *it = item_of_matter(cx, m);
    const FlowState *state = f ? flow_state(f, m->state) : NULL;
    bool inner = f && str_is(f->kind, S("internal"));
    *r = (QueueRow){
        .id = m->id, .number = m->number, .due_at = m->due_at, .opened_at = m->opened_at,
        .place_id = m->place, .is_provisional = m->due_provisional
    };
    r->title = it && !inner ? words_in(it->name, cx->lang)
               : f          ? words_in(f->name, cx->lang)
                            : m->flow;
    r->state = state ? words_in(state->name, cx->lang) : m->state;
    r->channel = channel_words(cx, m->channel);
    TRY(place_of(cx, m, first, r));
    TRY(who_of(cx, m, f, &r->who));
    return due_of(cx, m, first, r);
}

static Err rows_of(Ctx *cx, const Matter *matters, MatterId selected, QueueRow **out)
{
    QueueRow *const *first = out;
    *out = NULL;
    for (const Matter *m = matters; m; m = m->next) {
        QueueRow *r = NEW(cx, QueueRow);
        if (!r)
            return E_LIMIT;
        TRY(fill_row(cx, m, *first, r));
        r->is_selected = m->id.value == selected.value;
        *out = r;
        out = &r->next;
    }
    return OK;
}

Str desk_figure_words(Ctx *cx, DeskFigure f)
{
    return str_format(&cx->arena, f.is_least ? "%lld+" : "%lld", (long long)f.n);
}

Err queue_list(Ctx *cx, DeskKey after, MatterId selected, DeskView *out)
{
    Matter *matters;
    i64 n = 0;
    TRY(desk_list(cx, after, QUEUE_PAGE, &matters));
    TRY(rows_of(cx, matters, selected, &out->rows));
    TRY(desk_count(cx, &out->count));
    TRY(calendar_alarm(cx, &out->alarm));
    for (const QueueRow *r = out->rows; r; r = r->next) {
        if (++n == QUEUE_PAGE)
            out->more = (Link){ str_format(&cx->arena, "/desk?due=%lld&after=%lld",
                                           (long long)r->due_at.ms, (long long)r->id.value) };
    }
    return OK;
}

static Err get_desk(Req *rq)
{
    DeskView v = { 0 };
    DeskKey after = { { req_int(rq, "due", INT64_MIN) }, { req_int(rq, "after", 0) } };
    TRY(ctx_err(rq->cx));
    TRY(queue_list(rq->cx, after, (MatterId){ 0 }, &v));
    REPLY(rq, desk_page, DESK_FIELDS, &v);
}

/* ------------------------------------------------------------------ the queue, live */

/* As long as the session and the post hold, it is about what waits on the desk of the post. What
   was read before for this request is read again: it must not be older than the reliance. */
static Err rely_on_session(Req *rq, LiveAsk *ask)
{
    Ctx *cx = rq->cx;
    Session session;
    store_rest(cx);
    store_rely(cx, &ask->lasts_with);
    TRY(session_look(cx, rq->session_token, &session));
    TRY(permit_may(cx, rq->route->act, &(Subject){ 0 }));
    ask->lasts_ms = session.until.ms - cx->now.ms;
    return OK;
}

static Err rely_on_queue(Ctx *cx, LiveAsk *ask)
{
    DeskCount count;
    store_rest(cx);
    store_rely(cx, &ask->about);
    return desk_count(cx, &count);
}

static Err get_live(Req *rq)
{
    LiveAsk ask = { .owner = str_hash(rq->session_token) };
    Err err = rely_on_session(rq, &ask);
    if (!err)
        err = rely_on_queue(rq->cx, &ask);
    store_rely(rq->cx, NULL);
    return err ? err : reply_live(rq, &ask);
}

/* ------------------------------------------------------------------ one case */

static Err view_case(Req *rq, DeskView *v, CaseView *c)
{
    Subject subject = matter_subject(&rq->matter);
    *v = (DeskView){ 0 };
    TRY(case_view(rq->cx, &rq->matter, true, c));
    TRY(queue_list(rq->cx, (DeskKey){ { INT64_MIN }, { 0 } }, rq->matter.id, v));
    v->open = c;
    v->can_reveal = permit_would(rq->cx, "case.reveal", &subject);
    return OK;
}

static Err get_case(Req *rq)
{
    DeskView v;
    CaseView c;
    if (rq->wants_json) {
        TRY(case_view(rq->cx, &rq->matter, true, &c));
        return reply_json(rq, CASE_FIELDS, &c);
    }
    TRY(view_case(rq, &v, &c));
    Html h = page_begin(rq);
    desk_page(&h, &v);
    html_title(&h, c.title);
    return page_end(rq, &h, 200);
}

static Err show_problems(Req *rq, Str step, const Values *typed, const Problem *problems)
{
    DeskView v;
    CaseView c;
    TRY(view_case(rq, &v, &c));
    c.problem_step = step;
    c.typed = typed;
    c.problems = problems;
    Html h = page_begin(rq);
    desk_page(&h, &v);
    return page_end(rq, &h, 422);
}

static Err post_step(Req *rq)
{
    return case_take(rq, link_to(rq->cx, "/desk/cases/", rq->matter.number, ""), show_problems);
}

/* ------------------------------------------------------------------ looking at a value in clear */

/* The latest event that gave the field a value. */
/* Only what the page shows masked can be seen in clear: fields about a person. What is private to
** the matter (findings, ratings) is shown to whom it concerns, or not at all. */
static Err newest_ref(Ctx *cx, const Matter *m, Str field, SealedRef *out)
{
    Event *events;
    const Field *f = flow_value_field(cx, m, field);
    *out = (SealedRef){ MATTER_KIND, m->id.value, 0, field };
    if (!f || !f->personal)
        return fail(cx, E_MISSING, "onewindow.no_such_value");
    TRY(record_list(cx, m->id, &events));
    for (const Event *e = events; e; e = e->next)
        if (value_has(&e->sealed, field))
            out->n = e->n;
    return out->n ? OK : fail(cx, E_MISSING, "onewindow.no_such_value");
}

static Err reason_of(Req *rq, Str *out)
{
    *out = str_trim(req_text(rq, "reason"));
    u32 unseen = text_unseen(*out, false);
    if (unseen)
        return fail(rq->cx, E_INPUT, "field.unseen_character",
                    V("field", text_get(rq->cx, "Reason")),
                    V("code", str_format(&rq->cx->arena, "U+%04X", unseen)));
    return str_chars(*out) >= 4 && str_chars(*out) <= 200
               ? OK
               : fail(rq->cx, E_INPUT, "onewindow.reason_needed");
}

static Err post_reveal(Req *rq)
{
    Ctx *cx = rq->cx;
    DeskView v;
    CaseView c;
    SealedRef ref;
    Post post;
    Str reason, value;
    TRY(reason_of(rq, &reason));
    TRY(permit_post(cx, &post));
    TRY(newest_ref(cx, &rq->matter, req_param(rq, "field"), &ref));
    TRY(vault_look(cx, ref, post.role, post.body, reason, &value));
    if (rq->wants_json) {
        Buf b = buf_new(&cx->arena, 64 * 1024);
        buf_add(&b, S("{\"value\":"));
        json_put_text(&b, value);
        buf_add(&b, S("}\n"));
        return reply_json_text(rq, 200, buf_str(&b));
    }
    TRY(view_case(rq, &v, &c));
    v.revealed_name = ref.field;
    v.revealed_value = value;
    Html h = page_begin(rq);
    desk_page(&h, &v);
    return page_end(rq, &h, 200);
}

/* ---------------------------------------------------------------- copy sheet for another system */

static Err get_copy_reason(Req *rq)
{
    DeskView v;
    CaseView c;
    TRY(view_case(rq, &v, &c));
    if (!c.item || c.item->elsewhere.in[0].n == 0)
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    REPLY(rq, copy_reason_page, DESK_FIELDS, &v);
}

/* In the order of the form, in clear; one look for each personal field. */
static Err fill_copy_sheet(Req *rq, CaseView *c, Str reason)
{
    Ctx *cx = rq->cx;
    Post post;
    Values clear = { 0 };
    TRY(permit_post(cx, &post));
    for (size_t i = 0; i < c->item->fields_n; i++) {
        const Field *f = &c->item->fields[i];
        Str value = value_of(&c->missing, f->name);
        SealedRef ref;
        if (value.n == 0)
            continue;
        if (f->personal) {
            TRY(newest_ref(cx, c->matter, f->name, &ref));
            TRY(vault_look(cx, ref, post.role, post.body, reason, &value));
        }
        value_add(cx, &clear, words_in(f->label, cx->lang),
                  page_value(cx, f, value, c->places, false));
    }
    c->person = clear;
    return ctx_err(cx);
}

static Err post_copy_sheet(Req *rq)
{
    DeskView v;
    CaseView c;
    Str reason;
    TRY(reason_of(rq, &reason));
    TRY(view_case(rq, &v, &c));
    if (!c.item)
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    TRY(fill_copy_sheet(rq, &c, reason));
    REPLY(rq, copy_sheet_page, DESK_FIELDS, &v);
}

/* ------------------------------------------------------------------ papers and documents */

/* A paper opened in full is a look at it; the work on the case is reason enough. */
static Err note_paper(Req *rq, const Paper *p)
{
    Ctx *cx = rq->cx;
    Post post;
    SealedRef ref = { MATTER_KIND, rq->matter.id.value, 0,
                      str_join(&cx->arena, S("paper:"), p->paper) };
    TRY(permit_post(cx, &post));
    return vault_note_look(cx, ref, post.role, post.body, text_get(cx, "Working on the case"));
}

static Err get_paper(Req *rq)
{
    i64 id;
    Paper p;
    if (!str_to_int(req_param(rq, "id"), &id))
        return fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
    TRY(paper_get(rq->cx, id, &p));
    if (p.matter.value != rq->matter.id.value)
        return fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
    bool small = str_is(req_param(rq, "size"), S("thumbnail"));
    if (!small)
        TRY(note_paper(rq, &p));
    return paper_reply(rq, &p, small);
}

static Err get_document(Req *rq)
{
    Ctx *cx = rq->cx;
    i64 n;
    Bytes pdf;
    Str number = rq->matter.number;
    if (!str_to_int(req_param(rq, "n"), &n))
        return fail(cx, E_MISSING, "onewindow.no_such_document");
    Str kind = req_param(rq, "kind");
    if (kind.n && !str_is(kind, S("pdf")))
        return fail(cx, E_MISSING, "route.no_such_page");
    Str tail = str_format(&cx->arena, "/documents/%lld/pdf", (long long)n);
    DocView v = { .pdf = link_to(cx, "/desk/cases/", number, str_c(&cx->arena, tail)),
                  .back = link_to(cx, "/desk/cases/", number, "") };
    TRY(case_document(cx, &rq->matter, n, true, &v.doc));
    if (kind.n == 0)
        REPLY(rq, document_page, DOC_FIELDS, &v);
    TRY(doc_pdf(cx, &v.doc, false, &pdf));
    return reply_bytes(rq, S("application/pdf"), pdf,
                       str_format(&cx->arena, "%.*s.pdf", STR_ARGS(number)), false);
}

/* ------------------------------------------------------------------ finding */

/* Cases of the owners found, as far as they lie in the clerk's area. */
static Err rows_of_owners(Ctx *cx, const Owner *owners, QueueRow **out)
{
    *out = NULL;
    for (const Owner *o = owners; o; o = o->next) {
        Matter m;
        TRY(matter_get(cx, (MatterId){ o->owner }, &m));
        Subject subject = matter_subject(&m);
        if (!permit_would(cx, "case.read", &subject))
            continue;
        QueueRow *r = NEW(cx, QueueRow);
        if (!r)
            return E_LIMIT;
        TRY(fill_row(cx, &m, NULL, r));
        *out = r;
        out = &r->next;
    }
    return OK;
}

/* Is it a number of the kind that this profile's people have, and whose is it? */
static Err find_marked(Ctx *cx, FieldKind kind, Str mark, Str typed, Str *out_mark, Owner **out)
{
    Field field = { .name = S("q"), .kind = kind };
    Values sent = VALUES(cx, V("q", typed)), stored = { 0 };
    bool is_one = kind != F_TEXT && field_check(cx, &field, 1, &sent, &stored) == OK;
    if (ctx_err(cx) == E_INPUT)
        ctx_forgive(cx);
    TRY(ctx_err(cx));
    Str value = value_of(&stored, S("q"));
    *out_mark = is_one && value.n ? mark : STR_EMPTY;
    return out_mark->n
             ? vault_list_owners(cx, MATTER_KIND, vault_mark(cx, mark, value), FOUND_MAX, out)
             : OK;
}

/* out_mark: by what of a person it was searched, citizen_id or phone; empty for a case's number. */
static Err find_owners(Ctx *cx, Str typed, Str *out_mark, Owner **out)
{
    Matter m;
    *out = NULL;
    *out_mark = STR_EMPTY;
    if (matter_get_by_number(cx, str_upper(&cx->arena, typed), &m) == OK) {
        *out = NEW(cx, Owner);
        if (*out)
            **out = (Owner){ NULL, m.id.value };
        return ctx_err(cx);
    }
    if (ctx_err(cx) != E_MISSING)
        return ctx_err(cx);
    ctx_forgive(cx);
    TRY(find_marked(cx, profile_of(cx->house)->person_id, S("citizen_id"), typed, out_mark, out));
    if (out_mark->n)
        return OK;
    return find_marked(cx, profile_of(cx->house)->phone, S("phone"), typed, out_mark, out);
}

typedef struct Search {
    Str mark;
    const QueueRow *found;
} Search;

/* Whoever looks for a person leaves a trace: at each case that was shown, for the person it is
** about, and as a search, for security. What was searched for is kept nowhere. */
static Err note_search(Ctx *cx, void *arg)
{
    const Search *s = arg;
    Post post;
    i64 n = 0;
    Str field = str_join(&cx->arena, S("found:"), s->mark);
    Str reason = text_get(cx, "Searched for at the desk");
    TRY(permit_post(cx, &post));
    for (const QueueRow *r = s->found; r; r = r->next, n++) {
        SealedRef ref = { MATTER_KIND, r->id.value, 0, field };
        TRY(vault_note_look(cx, ref, post.role, post.body, reason));
    }
    return vault_note_search(cx, field, n, post.role, post.body, reason);
}

static const Field FIND_FIELDS[] = {
    FIELD_LIST(DeskView, found, QueueRow, QUEUE_ROW_FIELDS),
    FIELD_END
};

static Err get_find(Req *rq)
{
    DeskView v = { 0 };
    REPLY(rq, find_page, FIND_FIELDS, &v);
}

static Err post_find(Req *rq)
{
    DeskView v = { .has_searched = true };
    Owner *owners;
    Str mark, typed = str_trim(str_first(req_text(rq, "q"), 100));
    TRY(find_owners(rq->cx, typed, &mark, &owners));
    TRY(rows_of_owners(rq->cx, owners, &v.found));
    Search search = { mark, v.found };
    if (mark.n)
        TRY(store_write(rq->cx, note_search, &search));
    REPLY(rq, find_page, FIND_FIELDS, &v);
}

/* ------------------------------------------------------------------ flows, live */

static i64 count_all(const Standing *s)
{
    i64 n = 0;
    for (; s; s = s->next)
        n += s->n;
    return n;
}

static Err list_flows(Ctx *cx, FlowsView *v)
{
    const Flow *f;
    FlowRow **end = &v->list;
    for (size_t i = 0; (f = flow_current_at(cx->house, i)) != NULL; i++) {
        Standing *s;
        FlowRow *r = NEW(cx, FlowRow);
        if (!r)
            return E_LIMIT;
        TRY(flow_standings(cx, f->flow, &s));
        *r = (FlowRow){ .step = words_in(f->name, cx->lang), .to = f->flow,
                        .who = str_format(&cx->arena, "%lld", (long long)count_all(s)) };
        *end = r;
        end = &r->next;
    }
    return ctx_err(cx);
}

static const Field FLOW_ROW_FIELDS[] = {
    FIELD(FlowRow, step, TEXT),
    FIELD(FlowRow, from, TEXT),
    FIELD(FlowRow, to, TEXT),
    FIELD(FlowRow, who, TEXT),
    FIELD_END
};

static const Field FLOWS_FIELDS[] = {
    FIELD_LIST(FlowsView, list, FlowRow, FLOW_ROW_FIELDS),
    FIELD_LIST(FlowsView, rows, FlowRow, FLOW_ROW_FIELDS),
    FIELD(FlowsView, double_keyings, INT),
    FIELD_END
};

static Err get_flows(Req *rq)
{
    Ctx *cx = rq->cx;
    FlowsView v = { 0 };
    Standing *counts;
    Str name = req_param(rq, "flow");
    TRY(list_flows(cx, &v));
    v.flow = name.n ? flow_current(cx->house, name) : NULL;
    if (name.n && !v.flow)
        return fail(cx, E_MISSING, "flow.no_such_flow");
    if (v.flow) {
        TRY(flow_standings(cx, name, &counts));
        TRY(flow_view(cx, v.flow, counts, &v.drawing, &v.rows));
    }
    if (v.flow && str_is(v.flow->kind, S("elsewhere"))) {
        Query q = QUERY(cx, "SELECT COUNT(*) FROM double_keying");
        TRY(query_one_int(&q, &v.double_keyings));
    }
    REPLY(rq, flows_page, FLOWS_FIELDS, &v);
}

const Route DESK_ROUTES[] = {
    { GET, "/desk", get_desk, "desk.read", FACE_STAFF, NULL, DESK_FIELDS, "What waits for the post",
      false },
    { GET, "/desk/live", get_live, "desk.read", FACE_STAFF, NULL, NULL,
      "Says when what waits for the post has changed (server-sent events)", .is_live = true },
    { GET, "/desk/cases/{number}", get_case, "case.read", FACE_STAFF, "number", CASE_FIELDS,
      "A case", false },
    { POST, "/desk/cases/{number}/steps/{step}", post_step, "case.step", FACE_STAFF, "number", NULL,
      "Take a step", false },
    { POST, "/desk/cases/{number}/reveal/{field}", post_reveal, "case.reveal", FACE_STAFF, "number",
      NULL,
      "See a value in clear, for a reason", false },
    { GET, "/desk/cases/{number}/copy-sheet", get_copy_reason, "case.reveal", FACE_STAFF, "number",
      DESK_FIELDS,
      "Ask for the copy sheet", false },
    { POST, "/desk/cases/{number}/copy-sheet", post_copy_sheet, "case.reveal", FACE_STAFF, "number",
      DESK_FIELDS,
      "Copy sheet for another system", false },
    { GET, "/desk/cases/{number}/papers/{id}/{size}", get_paper, "case.read", FACE_STAFF, "number",
      NULL, "A paper", false },
    { GET, "/desk/cases/{number}/documents/{n}", get_document, "case.read", FACE_STAFF, "number",
      DOC_FIELDS,
      "A document", false },
    { GET, "/desk/cases/{number}/documents/{n}/{kind}", get_document, "case.read", FACE_STAFF,
      "number", NULL,
      "A document, PDF", false },
    { GET, "/desk/find", get_find, "case.read", FACE_STAFF, NULL, FIND_FIELDS, "Find", false },
    { POST, "/desk/find", post_find, "case.read", FACE_STAFF, NULL, FIND_FIELDS,
      "Find by number, identity number or telephone", false },
    { GET, "/desk/flows", get_flows, "flows.read", FACE_STAFF, NULL, FLOWS_FIELDS, "Flows", false },
    { GET, "/desk/flows/{flow}", get_flows, "flows.read", FACE_STAFF, NULL, FLOWS_FIELDS,
      "One flow, live", false },
    ROUTE_END
};
