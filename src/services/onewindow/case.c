/* case.c -- a case for the person it is about: following, receipt, documents, answering, rating. */
#include "onewindow/view.h"

#include "apply.html.h"
#include "case.html.h"
#include "text/text.h"

enum { LOOKS_PAGE = 50 };

/* ------------------------------------------------------------------ the door: number and code */

static const Field FOLLOW_FIELDS[] = {
    FIELD(FollowView, number, TEXT),
    FIELD_END
};

static Err get_follow(Req *rq)
{
    FollowView v = { .number = str_first(req_query(rq, "number"), 60), .form = { .prefix = "" } };
    REPLY(rq, follow_page, FOLLOW_FIELDS, &v);
}

static Err post_follow(Req *rq)
{
    Ctx *cx = rq->cx;
    MatterId id;
    Matter m;
    FollowView v = { .number = str_first(req_text(rq, "number"), 60), .form = { .prefix = "" } };
    Err err = matter_check_code(cx, v.number, req_text(rq, "code"), &id);
    if (err == E_DENIED && !rq->wants_json) {
        ctx_forgive(cx);
        err = fail_field(cx, S("number"), "flow.wrong_number_or_code");
        v.form.problems = req_take_problems(rq);
        Html h = page_begin(rq);
        follow_page(&h, &v);
        return page_end(rq, &h, 422);
    }
    TRY(err);
    TRY(matter_get(cx, id, &m));
    rq->grants = id;
    return reply_see(rq, link_to(cx, "/cases/", m.number, ""));
}

/* ------------------------------------------------------------------ what comes */

static bool is_on_way(const FlowState **way, size_t n, const FlowState *s)
{
    for (size_t i = 0; i < n; i++)
        if (way[i] == s)
            return true;
    return false;
}

static bool person_takes(const FlowStep *s)
{
    return !(s->by.n == 1 && str_is(s->by.at[0], S("system")));
}

/* The first step in the file that leads somewhere new and does not just end the matter early. */
static const FlowState *next_on_way(const Flow *f, const FlowState *from, const FlowState **way,
                                    size_t n)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        const FlowState *to = flow_target(f, s, from->state);
        if (names_have(s->from, from->state) && person_takes(s) && !is_on_way(way, n, to))
            return to;
    }
    return NULL;
}

enum { WAY_MAX = 16 };

Err case_list_nexts(Ctx *cx, const CaseView *v, CaseNext **out)
{
    const FlowState *way[WAY_MAX], *at = flow_state(v->flow, v->matter->state);
    size_t n = 0;
    *out = NULL;
    while (at && !at->final && n < WAY_MAX) {
        way[n++] = at;
        at = next_on_way(v->flow, at, way, n);
        CaseNext *next = at ? NEW(cx, CaseNext) : NULL;
        if (!next)
            break;
        const Role *role = role_find(cx->house, at->holder);
        *next = (CaseNext){ NULL, words_in(at->name, cx->lang),
                            role ? words_in(role->name, cx->lang) : STR_EMPTY };
        *out = next;
        out = &next->next;
    }
    return ctx_err(cx);
}

/* ------------------------------------------------------------------ the page */

/* "Please answer by Wed 17 Oct" */
static Err answer_due(Ctx *cx, const Matter *m, Str *out)
{
    Instant at;
    *out = STR_EMPTY;
    TRY(timer_earliest(cx, m->id, &at));
    if (at.ms == NEVER.ms)
        return OK;
    Day last = day_of(cx->house, (Instant){ at.ms - 1 });
    *out = text(cx, "Please send it by {day}.", V("day", day_words(cx, last)));
    return OK;
}

static Err fill_asked(Ctx *cx, CaseView *v)
{
    const Field *f = flow_value_field(cx, v->matter, S("papers_missing"));
    Str missing = value_of(&v->missing, S("papers_missing"));
    if (f && missing.n)
        v->asked = field_words(cx, f, missing);
    v->asked_note = value_of(&v->missing, S("missing_note"));
    return answer_due(cx, v->matter, &v->answer_due);
}

static Str main_step_of(const CaseView *v)
{
    if (str_is(v->state_code, S("supplement")))
        return S("answer");
    return v->closed ? S("rate") : STR_EMPTY;
}

/* What is filled in by the program, and what only a clerk can say, is not asked of the person. */
static bool is_asked(Str field)
{
    return !str_is(field, S("papers")) && !str_is(field, S("present"));
}

static Err ask_less(Ctx *cx, StepChoice *c)
{
    Field *kept = NEW_ARRAY(cx, Field, c->fields_n + 1);
    size_t n = 0;
    if (!kept)
        return E_LIMIT;
    for (size_t i = 0; i < c->fields_n; i++)
        if (is_asked(c->fields[i].name))
            kept[n++] = c->fields[i];
    c->fields = kept;
    c->fields_n = n;
    return OK;
}

static Err view_own(Req *rq, CaseView *v)
{
    Ctx *cx = rq->cx;
    TRY(case_view(cx, &rq->matter, false, v));
    TRY(case_list_nexts(cx, v, &v->nexts));
    v->main_step = main_step_of(v);
    for (StepChoice *c = v->choices; c; c = c->next)
        TRY(ask_less(cx, c));
    v->papers_action = str_c(&cx->arena, link_to(cx, "/cases/", v->number, "/papers").path);
    if (str_is(v->state_code, S("supplement")))
        TRY(fill_asked(cx, v));
    return vault_count_looks(cx, MATTER_KIND, rq->matter.id.value, &v->looks_n);
}

static Err get_case(Req *rq)
{
    CaseView v;
    TRY(view_own(rq, &v));
    REPLY(rq, case_page, CASE_FIELDS, &v);
}

static const Field CASE_LOOK_FIELDS[] = {
    FIELD(CaseLook, at, INSTANT),
    FIELD(CaseLook, role, TEXT),
    FIELD(CaseLook, body, TEXT),
    FIELD(CaseLook, field, TEXT),
    FIELD(CaseLook, reason, TEXT),
    FIELD_END
};

static const Field CASE_LOOKS_FIELDS[] = {
    FIELD_LIST(CaseView, looks, CaseLook, CASE_LOOK_FIELDS),
    FIELD(CaseView, looks_before, INT),
    FIELD_END
};

static Str looked_at(Ctx *cx, const CaseView *v, Str field)
{
    static const Str PAPER = { "paper:", 6 };
    if (str_is(field, S("found:citizen_id")))
        return text_get(cx, "Found by identity number");
    if (str_is(field, S("found:phone")))
        return text_get(cx, "Found by telephone number");
    if (!str_starts(field, PAPER))
        return case_field_words(cx, v->matter, field);
    const ItemPaper *paper = v->item ? item_paper(v->item, str_skip(field, PAPER.n)) : NULL;
    return paper ? words_in(paper->name, cx->lang) : text_get(cx, "Paper");
}

/* Which role of which body looked at what: in words, without a name. */
static Err tell_look(Ctx *cx, const CaseView *v, const Look *l, CaseLook *out)
{
    Body body = { 0 };
    if (l->body.value)
        TRY(body_get(cx, l->body, &body));
    *out = (CaseLook){ .at = l->at,
                       .role = case_role_words(cx, l->role),
                       .body = words_in(body.name, cx->lang),
                       .field = looked_at(cx, v, l->field),
                       .reason = l->reason };
    return ctx_err(cx);
}

/* One page, and from which look on the next one shows. */
static Err tell_looks(Ctx *cx, CaseView *v, i64 before)
{
    Look *looks;
    i64 n = 0;
    CaseLook **end = &v->looks;
    TRY(vault_list_looks(cx, MATTER_KIND, v->matter->id.value, before, LOOKS_PAGE + 1, &looks));
    for (const Look *l = looks; l && n < LOOKS_PAGE; l = l->next, n++) {
        v->looks_before = l->next && n + 1 == LOOKS_PAGE ? l->id : 0;
        CaseLook *told = NEW(cx, CaseLook);
        if (!told)
            return E_LIMIT;
        TRY(tell_look(cx, v, l, told));
        *end = told;
        end = &told->next;
    }
    return OK;
}

static Err get_looks(Req *rq)
{
    CaseView v;
    i64 before = req_int(rq, "before", 0);
    TRY(view_own(rq, &v));
    TRY(tell_looks(rq->cx, &v, before));
    REPLY(rq, looks_page, CASE_LOOKS_FIELDS, &v);
}

/* ------------------------------------------------------------------ steps */

static Err show_problems(Req *rq, Str step, const Values *typed, const Problem *problems)
{
    CaseView v;
    TRY(view_own(rq, &v));
    v.problem_step = step;
    v.typed = typed;
    v.problems = problems;
    Html h = page_begin(rq);
    case_page(&h, &v);
    return page_end(rq, &h, 422);
}

/* What was sent with the step: the papers that wait are named by the program, not by the form. */
static Err values_of_step(Req *rq, Values *out)
{
    Paper *papers, *waiting = NULL, **end = &waiting;
    *out = req_values(rq);
    if (rq->cx->actor.kind != ACTOR_STAFF) { /* what only the window can say, and what we count */
        value_drop(out, S("papers"));
        value_drop(out, S("present"));
    }
    if (!str_is(req_param(rq, "step"), S("answer")) || value_has(out, S("papers")))
        return OK;
    TRY(paper_list(rq->cx, (PaperOwner){ .matter = rq->matter.id }, NULL, &papers));
    for (Paper *p = papers, *next; p; p = next) {
        next = p->next;
        p->next = NULL;
        if (p->n == 0) {
            *end = p;
            end = &p->next;
        }
    }
    value_add(rq->cx, out, S("papers"), paper_codes(rq->cx, waiting));
    return ctx_err(rq->cx);
}

Err case_take(Req *rq, Link back,
              Err (*show)(Req *rq, Str step, const Values *typed, const Problem *problems))
{
    Ctx *cx = rq->cx;
    Values values;
    Str step = req_param(rq, "step");
    i64 seen = req_int(rq, "seen", 0);
    TRY(values_of_step(rq, &values));
    TRY(ctx_err(cx));
    reply_see(rq, back);
    Err err = flow_take(cx, rq->matter.id, step, &values, seen);
    if (err != E_INPUT || rq->wants_json)
        return err;
    if (!cx->failure.problems) /* a guard that spoke of the whole form: its id ends so */
        err = fail_as_field(cx, S("form"));
    const Problem *problems = req_take_problems(rq);
    rq->out->headers = NULL;
    return show(rq, step, &values, problems);
}

static Err post_step(Req *rq)
{
    return case_take(rq, link_to(rq->cx, "/cases/", rq->matter.number, ""), show_problems);
}

/* ------------------------------------------------------------------ papers */

static Err find_paper(Req *rq, Paper *out)
{
    i64 id;
    if (!str_to_int(req_param(rq, "id"), &id))
        return fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
    TRY(paper_get(rq->cx, id, out));
    return out->matter.value == rq->matter.id.value
               ? OK
               : fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
}

static Err get_paper(Req *rq)
{
    Paper p;
    TRY(find_paper(rq, &p));
    return paper_reply(rq, &p, str_is(req_param(rq, "size"), S("thumbnail")));
}

static Err post_paper(Req *rq)
{
    if (!str_is(rq->matter.state, S("supplement")))
        return fail(rq->cx, E_CONFLICT, "onewindow.no_papers_asked");
    Err err = paper_take(rq, (PaperOwner){ .matter = rq->matter.id },
                         item_of_matter(rq->cx, &rq->matter));
    if (err == E_INPUT && !rq->wants_json) /* the inputs of papers are no step's */
        return show_problems(rq, STR_EMPTY, NULL, req_take_problems(rq));
    TRY(err);
    return reply_see(rq, link_to(rq->cx, "/cases/", rq->matter.number, ""));
}

static Err post_remove_paper(Req *rq)
{
    Paper p;
    TRY(find_paper(rq, &p));
    reply_see(rq, link_to(rq->cx, "/cases/", rq->matter.number, ""));
    return paper_remove(rq->cx, (PaperOwner){ .matter = rq->matter.id }, p.id);
}

/* ------------------------------------------------------------------ receipt and documents */

static Err reply_document(Req *rq, DocView *v, Str kind)
{
    Bytes pdf;
    if (kind.n == 0)
        REPLY(rq, document_page, DOC_FIELDS, v);
    bool slip = str_is(kind, S("slip"));
    if (!slip && !str_is(kind, S("pdf")))
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    TRY(doc_pdf(rq->cx, &v->doc, slip, &pdf));
    Str name = str_format(&rq->cx->arena, "%.*s.pdf", STR_ARGS(v->doc.number));
    return reply_bytes(rq, S("application/pdf"), pdf, name, false);
}

static Err get_receipt(Req *rq)
{
    Str number = rq->matter.number;
    DocView v = { .pdf = link_to(rq->cx, "/cases/", number, "/receipt/pdf"),
                  .slip = link_to(rq->cx, "/cases/", number, "/receipt/slip"),
                  .back = link_to(rq->cx, "/cases/", number, "") };
    TRY(case_receipt(rq->cx, &rq->matter, rq, &v.doc));
    return reply_document(rq, &v, req_param(rq, "kind"));
}

static Err get_document(Req *rq)
{
    Ctx *cx = rq->cx;
    i64 n;
    Str number = rq->matter.number;
    if (!str_to_int(req_param(rq, "n"), &n))
        return fail(cx, E_MISSING, "onewindow.no_such_document");
    Str tail = str_format(&cx->arena, "/documents/%lld/pdf", (long long)n);
    DocView v = { .pdf = link_to(cx, "/cases/", number, str_c(&cx->arena, tail)),
                  .back = link_to(cx, "/cases/", number, "") };
    TRY(case_document(cx, &rq->matter, n, false, &v.doc));
    return reply_document(rq, &v, req_param(rq, "kind"));
}

const Route CASE_ROUTES[] = {
    { GET, "/follow", get_follow, ACT_PUBLIC, FACE_PUBLIC, NULL, FOLLOW_FIELDS,
      "Where to type number and code", false },
    { POST, "/follow", post_follow, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "Number and query code for access", false },
    { GET, "/cases/{number}", get_case, ACT_OWN, FACE_PUBLIC, "number", CASE_FIELDS,
      "One's own case", false },
    { POST, "/cases/{number}/steps/{step}", post_step, ACT_OWN, FACE_PUBLIC, "number", NULL,
      "Take a step", false },
    { POST, "/cases/{number}/papers", post_paper, ACT_OWN, FACE_PUBLIC, "number", NULL,
      "Send a paper", true },
    { GET, "/cases/{number}/papers/{id}/{size}", get_paper, ACT_OWN, FACE_PUBLIC, "number", NULL,
      "A paper", false },
    { POST, "/cases/{number}/papers/{id}/remove", post_remove_paper, ACT_OWN, FACE_PUBLIC, "number",
      NULL,
      "Remove a paper not yet sent", false },
    { GET, "/cases/{number}/looks", get_looks, ACT_OWN, FACE_PUBLIC, "number", CASE_LOOKS_FIELDS,
      "Who looked at one's data", false },
    { GET, "/cases/{number}/receipt", get_receipt, ACT_OWN, FACE_PUBLIC, "number", DOC_FIELDS,
      "Receipt", false },
    { GET, "/cases/{number}/receipt/{kind}", get_receipt, ACT_OWN, FACE_PUBLIC, "number", NULL,
      "Receipt, PDF", false },
    { GET, "/cases/{number}/documents/{n}", get_document, ACT_OWN, FACE_PUBLIC, "number",
      DOC_FIELDS, "Document", false },
    { GET, "/cases/{number}/documents/{n}/{kind}", get_document, ACT_OWN, FACE_PUBLIC, "number",
      NULL,
      "Document, PDF", false },
    ROUTE_END
};
