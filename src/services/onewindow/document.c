/* document.c -- receipts, notices and decisions: lines made from the event that issued them.
**
** Contents follow the Administrative Licence Law 32 and 38 and domain handbook 4.4: number, item,
** person (masked), papers, dates, terms, where to hand in or appeal. */
#include "onewindow/view.h"

#include "ident/ident.h"
#include "text/text.h"

/* ----------------------------------------------------------- lines that several documents share */

static void put_person(Ctx *cx, Doc *d, const CaseView *v)
{
    Str name = value_of(&v->missing, S("applicant_name"));
    doc_row(cx, d, text_get(cx, "Applicant"), name.n ? mask_name(&cx->arena, name) : STR_EMPTY);
}

static void put_head(Ctx *cx, Doc *d, const CaseView *v, Instant at)
{
    doc_row(cx, d, text_get(cx, "Number"), v->number);
    doc_row(cx, d, text_get(cx, "Item"), v->title);
    put_person(cx, d, v);
    doc_row(cx, d, text_get(cx, "Place"), v->place);
    doc_row(cx, d, text_get(cx, "Date"), day_words_full(cx, day_of(cx->house, at)));
}

/* "Identity card; Tenancy agreement" */
static Str paper_names(Ctx *cx, const Item *it, Str codes)
{
    Buf b = buf_new(&cx->arena, 8192);
    Str rest = codes, code;
    while (codes.n && str_cut(&rest, ',', &code)) {
        const ItemPaper *p = it ? item_paper(it, code) : NULL;
        if (b.n)
            buf_add(&b, cx->lang == LANG_ZH ? S("；") : S("; "));
        buf_add(&b, p ? words_in(p->name, cx->lang) : code);
    }
    return buf_str(&b);
}

static void put_terms(Ctx *cx, Doc *d, const CaseView *v)
{
    for (const CaseClock *c = v->clocks; c; c = c->next) {
        Str day = day_words_full(cx, c->due);
        doc_row(cx, d, c->name,
                c->provisional ? text(cx, "{day} (provisional)", V("day", day)) : day);
    }
}

static void put_papers(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    Str received = value_of(&e->payload, S("papers_received")),
        sent = value_of(&e->payload, S("papers"));
    doc_row(cx, d, text_get(cx, "Papers received"),
            paper_names(cx, v->item, received.n ? received : sent));
    if (str_is(value_of(&e->payload, S("papers_later")), S("yes")))
        doc_text(cx, d, text_get(cx, "Please bring the other papers to the window."));
}

static void put_code(Ctx *cx, Doc *d, const Matter *m, const Req *rq, Str code)
{
    Str base = web_base_url(rq);
    doc_code(cx, d, text_get(cx, "Query code"), code);
    d->qr = str_format(&cx->arena, "%.*s/follow#%.*s.%.*s", STR_ARGS(base), STR_ARGS(m->number),
                       STR_ARGS(code));
    doc_text(
        cx, d,
        text_get(
            cx,
            "With number and query code you can follow every step, on any telephone, by scanning"
            " the code, or at any window. Keep the code to yourself."));
}

static Err put_remedies(Ctx *cx, Doc *d, Instant at)
{
    i64 days, months;
    Day day = day_of(cx->house, at);
    TRY(rule_get_int(cx, S("APL-REVIEW"), day, &days));
    TRY(rule_get_int(cx, S("APL-SUIT"), day, &months));
    doc_heading(cx, d, text_get(cx, "If you disagree"));
    doc_text(
        cx, d,
        text(cx,
             "You may ask for reconsideration within {days} days, or sue within {months} months, of"
             " the day you receive this.",
             text_int(cx, "days", days), text_int(cx, "months", months)));
    return OK;
}

static Err sealed_text(Ctx *cx, const Event *e, Str field, Str *out)
{
    *out = STR_EMPTY;
    if (!value_has(&e->sealed, field))
        return OK;
    return vault_find(cx, (SealedRef){ MATTER_KIND, e->matter.value, e->n, field }, out);
}

static Err put_sealed(Ctx *cx, Doc *d, const Event *e, Str field, const char *label)
{
    Str value;
    TRY(sealed_text(cx, e, field, &value));
    if (value.n)
        doc_heading(cx, d, text_get(cx, label));
    doc_text(cx, d, value);
    return OK;
}

/* --------------------------------------------------------------- one function for each document */

typedef Err Writer(Ctx *cx, Doc *d, const CaseView *v, const Event *e);

static Err write_submission(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    put_papers(cx, d, v, e);
    doc_text(
        cx, d,
        text_get(
            cx,
            "Your application has come in. It counts as accepted only when you get the receipt of"
            " acceptance."));
    return OK;
}

static Err write_acceptance(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    put_papers(cx, d, v, e);
    put_terms(cx, d, v);
    doc_row(cx, d, text_get(cx, "Decided by"), v->body);
    if (str_is(e->step, S("deem")))
        doc_text(
            cx, d,
            text_get(
                cx,
                "No notice of missing papers was given in time: by law the application counts as"
                " accepted from the day the papers came in."));
    return OK;
}

static Err write_supplement(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    doc_row(cx, d, text_get(cx, "Missing papers"),
            paper_names(cx, v->item, value_of(&e->payload, S("papers_missing"))));
    TRY(put_sealed(cx, d, e, S("missing_note"), N_("What is missing")));
    doc_text(
        cx, d,
        text_get(
            cx,
            "This is the only notice: nothing more will be asked for once these papers are here. "
            "The time until then does not count."));
    return OK;
}

static Err write_not_accepted(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    TRY(put_sealed(cx, d, e, S("reason"), N_("Reason")));
    doc_row(cx, d, text_get(cx, "Where to apply instead"), value_of(&e->payload, S("proper_body")));
    return put_remedies(cx, d, e->at);
}

static Err write_decision(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    doc_row(cx, d, text_get(cx, "Decided by"), v->body);
    doc_row(cx, d, text_get(cx, "Result"),
            v->item ? words_in(v->item->result, cx->lang) : STR_EMPTY);
    TRY(put_sealed(cx, d, e, S("decision_note"), N_("Note")));
    return put_sealed(cx, d, e, S("result_note"), N_("Note"));
}

static Err write_refusal(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    doc_row(cx, d, text_get(cx, "Decided by"), v->body);
    TRY(put_sealed(cx, d, e, S("refusal_reason"), N_("Reasons")));
    doc_row(cx, d, text_get(cx, "Legal ground"), value_of(&e->payload, S("refusal_basis")));
    return put_remedies(cx, d, e->at);
}

static Err write_special(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    const Field *f = field_find(v->flow->fields, v->flow->fields_n, S("special_reason"));
    if (f)
        doc_row(cx, d, text_get(cx, "Procedure"),
                field_words(cx, f, value_of(&e->payload, S("special_reason"))));
    doc_text(cx, d, text(cx, "It takes {n} working days, which do not count towards the terms.",
                         V("n", value_of(&e->payload, S("special_days")))));
    return OK;
}

static Err write_extension(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    doc_heading(cx, d, text_get(cx, "Reason"));
    doc_text(cx, d, value_of(&e->payload, S("extension_reason")));
    put_terms(cx, d, v);
    return OK;
}

static Err write_delivery(Ctx *cx, Doc *d, const CaseView *v, const Event *e)
{
    put_head(cx, d, v, e->at);
    doc_row(cx, d, text_get(cx, "Result"),
            v->item ? words_in(v->item->result, cx->lang) : STR_EMPTY);
    const Field *how = field_find(v->flow->fields, v->flow->fields_n, S("delivered_how"));
    const Field *to = field_find(v->flow->fields, v->flow->fields_n, S("delivered_to"));
    if (how)
        doc_row(cx, d, text_get(cx, "Delivered"),
                field_words(cx, how, value_of(&e->payload, S("delivered_how"))));
    if (to)
        doc_row(cx, d, text_get(cx, "Handed to"),
                field_words(cx, to, value_of(&e->payload, S("delivered_to"))));
    doc_row(cx, d, text_get(cx, "Signature of the receiver"), S("________________"));
    return OK;
}

static const struct { const char *name; const char *title; Writer *write; } DOCUMENTS[] = {
    { "submission_receipt",  N_("Receipt of application"), write_submission },
    { "acceptance_receipt",  N_("Receipt of acceptance"),  write_acceptance },
    { "supplement_notice",   N_("Notice of missing papers"), write_supplement },
    { "not_accepted_notice", N_("Notice of non-acceptance"), write_not_accepted },
    { "decision",            N_("Decision"),               write_decision },
    { "refusal",             N_("Decision to refuse"),     write_refusal },
    { "special_notice",      N_("Notice of special procedure"), write_special },
    { "extension_notice",    N_("Notice of extension"),    write_extension },
    { "delivery_record",     N_("Record of delivery"),     write_delivery },
};

bool document_is_known(Str name)
{
    for (size_t i = 0; i < COUNT(DOCUMENTS); i++)
        if (str_is(name, str_of(DOCUMENTS[i].name)))
            return true;
    return false;
}

/* ------------------------------------------------------------------ finding the event */

static Err find_event(Ctx *cx, const Matter *m, i64 n, Event **out)
{
    TRY(record_list(cx, m->id, out));
    while (*out && (*out)->n != n)
        *out = (*out)->next;
    return *out ? OK : fail(cx, E_MISSING, "onewindow.no_such_document");
}

static Err write_foot(Ctx *cx, Doc *d, const Event *e)
{
    Body body;
    doc_rule(cx, d);
    if (e->body.n) {
        TRY(body_get_by_code(cx, e->body, &body));
        doc_row(cx, d, text_get(cx, "Issued by"), words_in(body.name, cx->lang));
    }
    if (e->post.value)
        doc_row(cx, d, text_get(cx, "Clerk"),
                str_format(&cx->arena, "%04lld", (long long)e->post.value));
    doc_row(cx, d, text_get(cx, "Stamp"), S(" "));
    doc_text(cx, d, words_in(profile_of(cx->house)->phone_line, cx->lang));
    return OK;
}

/* All but the foot. */
static Err write_body(Ctx *cx, const Matter *m, i64 n, bool for_staff, Doc *out, Event **out_event)
{
    CaseView v;
    Matter copy = *m;
    *out = (Doc){ .number = m->number };
    TRY(find_event(cx, m, n, out_event));
    TRY(case_view(cx, &copy, for_staff, &v));
    const FlowStep *step = flow_step(v.flow, (*out_event)->step);
    for (size_t i = 0; step && i < COUNT(DOCUMENTS); i++) {
        if (!str_is(step->issues, str_of(DOCUMENTS[i].name)))
            continue;
        out->title = text_get(cx, DOCUMENTS[i].title);
        return DOCUMENTS[i].write(cx, out, &v, *out_event);
    }
    return fail(cx, E_MISSING, "onewindow.no_such_document");
}

Err case_document(Ctx *cx, const Matter *m, i64 n, bool for_staff, Doc *out)
{
    Event *e;
    TRY(write_body(cx, m, n, for_staff, out, &e));
    return write_foot(cx, out, e);
}

Err case_receipt(Ctx *cx, const Matter *m, const Req *rq, Doc *out)
{
    Event *e;
    Str code;
    TRY(write_body(cx, m, 1, false, out, &e));
    TRY(matter_code(cx, m->id, &code));
    put_code(cx, out, m, rq, code);
    return write_foot(cx, out, e);
}
