/* intake.c -- a person stands at the window with papers in hand: one page, and the receipt is
** printed. */
#include "onewindow/view.h"

#define RECEIPT_SHOWN_MS (30 * MS_PER_MINUTE)

#include "case.html.h"
#include "desk.html.h"
#include "text/text.h"

static const Field INTAKE_FIELDS[] = {
    FIELD(IntakeView, code, TEXT),
    FIELD_END
};

static Err get_intake_list(Req *rq)
{
    IntakeView v = { .services = { .typed = str_first(req_query(rq, "q"), 200) } };
    items_search(rq->cx, v.services.typed, v.services.items, SERVICES_MAX, &v.services.items_n);
    if (v.services.typed.n && v.services.items_n == 1 && !rq->wants_json)
        return reply_see(rq, link_to(rq->cx, "/desk/intake/", v.services.items[0]->item, ""));
    REPLY(rq, intake_list_page, INTAKE_FIELDS, &v);
}

/* The papers seen at the counter, asked as the accepting step asks. */
static Err accept_fields(Ctx *cx, IntakeView *v)
{
    const Flow *f = flow_current(cx->house, item_flow(v->item));
    const FlowStep *accept = f ? flow_step(f, S("accept")) : NULL;
    Matter m = { .subject = item_subject(cx, v->item),
                 .family = v->item->family,
                 .opened_at = cx->now };
    v->can_accept_now = accept != NULL;
    if (!accept)
        return OK;
    TRY(flow_step_fields(cx, &m, f, accept, &v->accept_form.fields, &v->accept_form.fields_n));
    v->accept_form.fields_n =
        v->accept_form.fields_n > 1 ? 1 : v->accept_form.fields_n; /* not "is here": they are */
    return OK;
}

/* The clerk's own area comes first: most who stand at a window live near it. */
static Place *own_places_first(Ctx *cx, Str scope, Place *places)
{
    Place *own = NULL, *others = NULL, **own_end = &own, **others_end = &others;
    bool is_own = false;
    for (Place *p = places, *next; p; p = next) {
        next = p->next;
        p->next = NULL;
        if (!str_is(p->level, profile_of(cx->house)->home_level))
            is_own = path_covers(scope, p->path) || path_covers(p->path, scope);
        Place ***end = is_own ? &own_end : &others_end;
        **end = p;
        *end = &p->next;
    }
    *own_end = others;
    return own;
}

static Err list_places(Ctx *cx, IntakeView *v)
{
    Post post;
    Place *places;
    TRY(permit_post(cx, &post));
    TRY(page_home_places(cx, &places));
    v->form.places = own_places_first(cx, post.path, places);
    return OK;
}

static Err view_intake(Req *rq, IntakeView *v)
{
    Ctx *cx = rq->cx;
    *v = (IntakeView){ .item = item_current(cx, req_param(rq, "item")) };
    if (!v->item)
        return fail(cx, E_MISSING, "onewindow.no_such_item", V("item", req_param(rq, "item")));
    v->code = v->item->item;
    v->form = (PageForm){ .fields = v->item->fields, .fields_n = v->item->fields_n, .prefix = "" };
    v->accept_form = (PageForm){ .prefix = "" };
    TRY(accept_fields(cx, v));
    return list_places(cx, v);
}

static Err get_intake(Req *rq)
{
    IntakeView v;
    TRY(view_intake(rq, &v));
    REPLY(rq, intake_page, INTAKE_FIELDS, &v);
}

/* Form fields go to the opening step, the papers seen to the accepting one. */
static void split_values(Ctx *cx, const IntakeView *v, const Values *sent, Values *open,
                         Values *accept)
{
    for (const Value *x = sent->first; x; x = x->next) {
        if (field_find(v->accept_form.fields, v->accept_form.fields_n, x->name))
            value_add(cx, accept, x->name, x->text);
        else if (!str_is(x->name, S("then")))
            value_add(cx, open, x->name, x->text);
    }
}

static Err post_intake(Req *rq)
{
    Ctx *cx = rq->cx;
    IntakeView v;
    Values sent = req_values(rq), open = { 0 }, accept = { 0 };
    TRY(view_intake(rq, &v));
    split_values(cx, &v, &sent, &open, &accept);
    bool now = v.can_accept_now && str_is(req_text(rq, "then"), S("accept"));
    value_add(cx, &accept, S("present"), S("yes"));
    Applying a = { .item = v.item,
                   .values = &open,
                   .channel = S("window"),
                   .accept_now = now,
                   .accept = &accept,
                   .rq = rq,
                   .see = "/desk/cases/" };
    Err err = apply(cx, &a);
    if (err != E_INPUT || rq->wants_json)
        return err;
    v.form.problems = req_take_problems(rq);
    v.form.values = &sent;
    v.accept_form.values = &sent;
    Html h = page_begin(rq);
    intake_page(&h, &v);
    return page_end(rq, &h, 422);
}

/* ------------------------------------------------------------------ the receipt, once taken in */

static const Str SUBMIT[] = { { "submit", 6 } };

static Err get_receipt(Req *rq)
{
    Bytes pdf;
    Ctx *cx = rq->cx;
    Str number = rq->matter.number, kind = req_param(rq, "kind");
    DocView v = { .pdf = link_to(cx, "/desk/cases/", number, "/receipt/pdf"),
                  .slip = link_to(cx, "/desk/cases/", number, "/receipt/slip"),
                  .back = link_to(cx, "/desk/cases/", number, "") };
    bool took_in;
    if (!str_is(rq->matter.channel, S("window")))
        return fail(cx, E_DENIED, "onewindow.receipt_is_the_applicants");
    TRY(record_has_taken(cx, rq->matter.id, cx->actor.person, (Names){ SUBMIT, COUNT(SUBMIT) },
                         &took_in));
    /* it shows the query code: only to who took the case in, while the person stands there */
    if (!took_in || cx->now.ms > rq->matter.opened_at.ms + RECEIPT_SHOWN_MS)
        return fail(cx, E_DENIED, "onewindow.receipt_was_given");
    TRY(case_receipt(cx, &rq->matter, rq, &v.doc));
    if (kind.n == 0)
        REPLY(rq, document_page, DOC_FIELDS, &v);
    if (!str_is(kind, S("slip")) && !str_is(kind, S("pdf")))
        return fail(cx, E_MISSING, "route.no_such_page");
    TRY(doc_pdf(cx, &v.doc, str_is(kind, S("slip")), &pdf));
    return reply_bytes(rq, S("application/pdf"), pdf,
                       str_format(&cx->arena, "%.*s.pdf", STR_ARGS(number)), false);
}

const Route INTAKE_ROUTES[] = {
    { GET, "/desk/intake", get_intake_list, "case.intake", FACE_STAFF, NULL, INTAKE_FIELDS,
      "What to take in", false },
    { GET, "/desk/intake/{item}", get_intake, "case.intake", FACE_STAFF, NULL, INTAKE_FIELDS,
      "Intake form", false },
    { POST, "/desk/intake/{item}", post_intake, "case.intake", FACE_STAFF, NULL, NULL,
      "Take in for a person who is here", false },
    { GET, "/desk/cases/{number}/receipt", get_receipt, "case.intake", FACE_STAFF, "number",
      DOC_FIELDS,
      "Receipt of a case taken in at the window", false },
    { GET, "/desk/cases/{number}/receipt/{kind}", get_receipt, "case.intake", FACE_STAFF, "number",
      NULL,
      "The same, PDF", false },
    ROUTE_END
};
