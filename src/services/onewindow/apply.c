/* apply.c -- filling in an application: one page for each question, papers, check, send. */
#include "onewindow/view.h"

#include "apply.html.h"
#include "text/text.h"

enum { DRAFT_COOKIE_SECONDS = 7 * 24 * 3600 };

static const Field APPLY_FIELDS[] = {
    FIELD(ApplyView, code, TEXT),
    FIELD(ApplyView, done, INT),
    FIELD(ApplyView, all, INT),
    FIELD_END
};

/* ------------------------------------------------------------------ the draft of this visitor */

static Err load_draft(Req *rq, Draft *d)
{
    if (rq->draft_token.n == 0)
        return fail(rq->cx, E_MISSING, "onewindow.no_draft");
    return draft_load(rq->cx, rq->draft_token, d);
}

static Link page_link(Ctx *cx, size_t n)
{
    return link_to(cx, "/apply/pages/", str_format(&cx->arena, "%zu", n), "");
}

/* A page is done when each of its fields that must be filled is. */
static bool is_page_done(const ItemPage *page, const Values *values)
{
    for (size_t i = 0; i < page->fields_n; i++)
        if (page->fields[i].must && value_of(values, page->fields[i].name).n == 0)
            return false;
    return true;
}

static bool papers_done(const Draft *d)
{
    return str_is(value_of(&d->values, S("_papers_done")), S("yes"));
}

static void add_task(Ctx *cx, ApplyView *v, ApplyTask ***end, Str name, Link link, bool done)
{
    ApplyTask *task = NEW(cx, ApplyTask);
    if (!task)
        return; /* latched on the Ctx */
    *task = (ApplyTask){ NULL, name, link, done };
    **end = task;
    *end = &task->next;
    v->all++;
    v->done += done;
    if (!done && v->next.path.n == 0)
        v->next = link;
}

static Err view_draft(Req *rq, const Draft *d, ApplyView *v)
{
    Ctx *cx = rq->cx;
    ApplyTask **end = &v->tasks;
    *v = (ApplyView){ .item = d->item,
                      .papers = d->papers,
                      .action = "/apply/papers",
                      .code = d->item->item,
                      .values = &d->values };
    v->form = (PageForm){ .values = &d->values, .prefix = "" };
    for (size_t i = 0; i < d->item->pages_n; i++)
        add_task(cx, v, &end, words_in(d->item->pages[i].name, cx->lang), page_link(cx, i + 1),
                 is_page_done(&d->item->pages[i], &d->values));
    if (d->item->papers_n)
        add_task(cx, v, &end, text_get(cx, "Papers"), (Link){ S("/apply/papers") }, papers_done(d));
    if (v->next.path.n == 0)
        v->next = (Link){ S("/apply/check") };
    return page_home_places(cx, (Place **)&v->form.places);
}

/* ------------------------------------------------------------------ beginning */

static Err post_begin(Req *rq)
{
    Str token;
    const Item *it = item_current(rq->cx, req_param(rq, "item"));
    if (!it)
        return fail(rq->cx, E_MISSING, "onewindow.no_such_item", V("item", req_param(rq, "item")));
    TRY(draft_begin(rq->cx, it, &token));
    reply_see(rq, page_link(rq->cx, 1));
    reply_cookie(rq, "linli_d", token, "/apply", DRAFT_COOKIE_SECONDS);
    return OK;
}

static Err get_overview(Req *rq)
{
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    REPLY(rq, tasks_page, APPLY_FIELDS, &v);
}

static Err drop_now(Ctx *cx, void *arg)
{
    return draft_drop(cx, *(i64 *)arg);
}

static Err post_drop(Req *rq)
{
    Draft d;
    TRY(load_draft(rq, &d));
    reply_see(rq, (Link){ S("/services") });
    reply_drop_cookie(rq, "linli_d", "/apply");
    return store_write(rq->cx, drop_now, &d.id);
}

/* ------------------------------------------------------------------ questions */

static Err find_page(Req *rq, ApplyView *v)
{
    if (!str_to_int(req_param(rq, "n"), &v->number) || v->number < 1
        || v->number > (i64)v->item->pages_n)
        return fail(rq->cx, E_MISSING, "route.no_such_page");
    v->page = &v->item->pages[v->number - 1];
    v->form.fields = v->page->fields;
    v->form.fields_n = v->page->fields_n;
    return OK;
}

static Err get_question(Req *rq)
{
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    TRY(find_page(rq, &v));
    REPLY(rq, question_page, APPLY_FIELDS, &v);
}

static Err show_again(Req *rq, ApplyView *v, void (*page)(Html *, const ApplyView *))
{
    Html h = page_begin(rq);
    page(&h, v);
    return page_end(rq, &h, 422);
}

/* Where to go on: the page after this one; back to the check for whoever came from there to
   change an answer. */
static Link link_after(Ctx *cx, const ApplyView *v)
{
    if (v->done == v->all)
        return (Link){ S("/apply/check") };
    if (v->number < (i64)v->item->pages_n)
        return page_link(cx, (size_t)v->number + 1);
    return (Link){ v->item->papers_n ? S("/apply/papers") : S("/apply/check") };
}

static Err post_question(Req *rq)
{
    Ctx *cx = rq->cx;
    Draft d;
    ApplyView v;
    Values sent = req_values(rq), good = { 0 }, kept = { 0 };
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    TRY(find_page(rq, &v));
    Err err = field_check(cx, v.form.fields, v.form.fields_n, &sent, &good);
    if (err == E_INPUT && !rq->wants_json) {
        v.form.problems = req_take_problems(rq);
        v.form.values = &sent;
        return show_again(rq, &v, question_page);
    }
    TRY(err);
    for (size_t i = 0; i < v.form.fields_n; i++) /* what was emptied is emptied */
        value_add(cx, &kept, v.form.fields[i].name, value_of(&good, v.form.fields[i].name));
    reply_see(rq, link_after(cx, &v));
    return draft_save(cx, d.id, &kept);
}

/* ------------------------------------------------------------------ papers */

bool paper_is_sent(const Paper *papers, Str code)
{
    for (const Paper *p = papers; p; p = p->next)
        if (str_is(p->paper, code))
            return true;
    return false;
}

static Err get_papers(Req *rq)
{
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    v.number = v.all;
    REPLY(rq, papers_page, APPLY_FIELDS, &v);
}

Err paper_take(Req *rq, PaperOwner owner, const Item *it)
{
    Ctx *cx = rq->cx;
    i64 id;
    Str code = req_text(rq, "paper");
    const Upload *file = req_upload(rq, "file");
    Str field = str_join(&cx->arena, S("file-"), code);
    if (!it || it->papers_n == 0)
        return fail(cx, E_MISSING, "onewindow.no_such_paper_kind");
    if (!item_paper(it, code)) /* told where the papers begin, since it has no place of its own */
        return fail_field(cx, str_join(&cx->arena, S("file-"), it->papers[0].code),
                          "onewindow.no_such_paper_kind");
    if (!file)
        return fail_field(cx, field, "media.empty");
    Err err = paper_add(cx, owner, code, file->content, &id);
    if (err != E_INPUT)
        return err;
    return fail_as_field(cx, field);
}

static Err post_paper(Req *rq)
{
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    Str code = req_text(rq, "paper");
    Err err = paper_take(rq, (PaperOwner){ .draft = d.id }, d.item);
    if (err == E_INPUT && !rq->wants_json) {
        v.form.problems = req_take_problems(rq);
        v.number = v.all;
        return show_again(rq, &v, papers_page);
    }
    TRY(err);
    return reply_see(rq, (Link){ str_join(&rq->cx->arena, S("/apply/papers#paper-"), code) });
}

static Err find_own_paper(Req *rq, i64 draft, Paper *out)
{
    i64 id;
    if (!str_to_int(req_param(rq, "id"), &id))
        return fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
    TRY(paper_get(rq->cx, id, out));
    return out->draft == draft ? OK : fail(rq->cx, E_MISSING, "onewindow.no_such_paper");
}

Err paper_reply(Req *rq, const Paper *p, bool thumbnail)
{
    Bytes content;
    TRY(paper_content(rq->cx, p, thumbnail, &content));
    bool is_pdf = str_is(p->content_type, S("application/pdf")) && !thumbnail;
    Str name = str_format(&rq->cx->arena, "%.*s-%lld.%s", STR_ARGS(p->paper), (long long)p->id,
                          is_pdf ? "pdf" : "jpg");
    return reply_bytes(rq, is_pdf ? p->content_type : S("image/jpeg"), content, name, is_pdf);
}

static Err get_paper(Req *rq)
{
    Draft d;
    Paper p;
    TRY(load_draft(rq, &d));
    TRY(find_own_paper(rq, d.id, &p));
    return paper_reply(rq, &p, str_is(req_param(rq, "size"), S("thumbnail")));
}

static Err post_remove_paper(Req *rq)
{
    Draft d;
    Paper p;
    TRY(load_draft(rq, &d));
    TRY(find_own_paper(rq, d.id, &p));
    reply_see(rq, (Link){ S("/apply/papers") });
    return paper_remove(rq->cx, (PaperOwner){ .draft = d.id }, p.id);
}

static Err post_papers_done(Req *rq)
{
    Draft d;
    Values done = VALUES(rq->cx, V("_papers_done", S("yes")));
    TRY(load_draft(rq, &d));
    reply_see(rq, (Link){ S("/apply/check") });
    return draft_save(rq->cx, d.id, &done);
}

/* ------------------------------------------------------------------ check and send */

static Err get_check(Req *rq)
{
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    if (v.done < v.all)
        return reply_see(rq, v.next);
    REPLY(rq, check_page, APPLY_FIELDS, &v);
}

/* The form's values, with what the papers say. */
static Values values_to_send(Ctx *cx, const Draft *d)
{
    Values out = { 0 };
    bool later = false;
    for (const Value *v = d->values.first; v; v = v->next)
        if (field_find(d->item->fields, d->item->fields_n, v->name))
            value_add(cx, &out, v->name, v->text);
    for (size_t i = 0; i < d->item->papers_n; i++)
        later = later
                || (d->item->papers[i].must && !paper_is_sent(d->papers, d->item->papers[i].code));
    value_add(cx, &out, S("papers"), paper_codes(cx, d->papers));
    if (later)
        value_add(cx, &out, S("papers_later"), S("yes"));
    return out;
}

static Err post_submit(Req *rq)
{
    Ctx *cx = rq->cx;
    Draft d;
    ApplyView v;
    TRY(load_draft(rq, &d));
    TRY(view_draft(rq, &d, &v));
    Values values = values_to_send(cx, &d);
    Applying a = { .item = d.item, .values = &values, .channel = S("web"), .draft = d.id, .rq = rq,
                   .see = "/cases/" };
    Err err = apply(cx, &a);
    if (err != E_INPUT || rq->wants_json)
        return err;
    v.form.problems = req_take_problems(rq);
    return show_again(rq, &v, check_page);
}

/* ------------------------------------------------------------------ all at once, for scripts */

typedef struct Opened {
    Str number, code, see;
} Opened;

static const Field OPENED_FIELDS[] = {
    FIELD(Opened, number, TEXT),
    FIELD(Opened, code, TEXT),
    FIELD(Opened, see, TEXT),
    FIELD_END
};

static Err post_application(Req *rq)
{
    Ctx *cx = rq->cx;
    Opened opened = { 0 };
    Values values = req_values(rq);
    value_drop(&values, S("papers")); /* none came with this request, whatever it says */
    Applying a = { .item = item_current(cx, req_param(rq, "item")),
                   .values = &values,
                   .channel = S("web"),
                   .rq = rq,
                   .see = "/cases/" };
    if (!a.item)
        return fail(cx, E_MISSING, "onewindow.no_such_item", V("item", req_param(rq, "item")));
    TRY(apply(cx, &a));
    if (!rq->wants_json)
        return OK;
    opened.number = a.number;
    opened.see = rq->location;
    TRY(matter_code(cx, a.matter, &opened.code));
    TRY(reply_json(rq, OPENED_FIELDS, &opened));
    rq->out->status = 201;
    return OK;
}

const Route APPLY_ROUTES[] = {
    { POST, "/services/{item}/apply", post_begin, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "Begin an application", TAKES_DRAFT },
    { POST, "/services/{item}/applications", post_application, ACT_PUBLIC, FACE_PUBLIC, NULL,
      OPENED_FIELDS,
      "Apply in one request", TAKES_SUBMISSION },
    { GET, "/apply", get_overview, ACT_PUBLIC, FACE_PUBLIC, NULL, APPLY_FIELDS,
      "The draft of this visitor", false },
    { POST, "/apply/drop", post_drop, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "Throw the draft away",
      false },
    { GET, "/apply/pages/{n}", get_question, ACT_PUBLIC, FACE_PUBLIC, NULL, APPLY_FIELDS,
      "One page of it", false },
    { POST, "/apply/pages/{n}", post_question, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "Save one page",
      false },
    { GET, "/apply/papers", get_papers, ACT_PUBLIC, FACE_PUBLIC, NULL, APPLY_FIELDS, "Its papers",
      false },
    { POST, "/apply/papers", post_paper, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "Add a paper", true },
    { GET, "/apply/papers/{id}/{size}", get_paper, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "A paper sent", false },
    { POST, "/apply/papers/{id}/remove", post_remove_paper, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "Remove it", false },
    { POST, "/apply/papers-done", post_papers_done, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "No more papers", false },
    { GET, "/apply/check", get_check, ACT_PUBLIC, FACE_PUBLIC, NULL, APPLY_FIELDS,
      "Check the answers", false },
    { POST, "/apply/submit", post_submit, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "Send it",
      TAKES_SUBMISSION },
    ROUTE_END
};
