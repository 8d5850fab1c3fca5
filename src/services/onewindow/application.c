/* application.c -- what the flows of the window ask of C: limits and forms of items, guards,
** effects. */
#include "onewindow/private.h"

#include "text/text.h"

enum { PERCENT = 100 };

/* ------------------------------------------------------------------ the host: what an item says */

/* What the item says, whatever state the matter is in. */
static Err item_limit_of(Ctx *cx, const Matter *m, Str name, Limit *out)
{
    const Item *it = item_of_matter(cx, m);
    const ItemLimit *limit = it ? item_limit(it, name) : NULL;
    *out = (Limit){ 0 };
    if (!limit)
        return OK; /* not known: no term is invented */
    if (str_starts(limit->ref.source, S("rule.")))
        return rule_get_limit(cx, str_skip(limit->ref.source, 5), day_of(cx->house, m->opened_at),
                              out);
    return limit_parse(limit->ref.source, out) ? OK : fail(cx, E_BUG, "flow.unknown_limit",
                                                           V("limit", limit->ref.source));
}

/* A special procedure lasts as long as the person was told in the notice that began it; the item
** says only the most (Administrative Licence Law 45). */
static Err told_special_days(Ctx *cx, const Matter *m, i64 *out)
{
    Event *events;
    TRY(record_list(cx, m->id, &events));
    for (const Event *e = events; e; e = e->next)
        if (str_is(e->step, S("suspend"))
            && !str_to_int(value_of(&e->payload, S("special_days")), out))
            return fail(cx, E_STORE, "flow.event_does_not_fit", V("matter", m->number),
                        text_int(cx, "n", e->n));
    return OK;
}

static Err limit_of(Ctx *cx, const Matter *m, Str name, Limit *out)
{
    TRY(item_limit_of(cx, m, name, out));
    bool is_told = str_is(name, S("special")) && str_is(m->state, S("suspended"));
    return is_told && out->counting != COUNT_NONE ? told_special_days(cx, m, &out->n) : OK;
}

/* A field whose choices are the item's papers. */
static Err papers_field(Ctx *cx, const Item *it, Field f, const Field **out, size_t *out_n)
{
    Choice *choices = NEW_ARRAY(cx, Choice, it->papers_n + 1);
    Field *field = NEW(cx, Field);
    if (!choices || !field)
        return E_LIMIT;
    for (size_t i = 0; i < it->papers_n; i++)
        choices[i] = (Choice){ it->papers[i].code, it->papers[i].name };
    f.kind = F_CHOICES;
    f.choices = choices;
    f.choices_n = it->papers_n;
    *field = f;
    *out = field;
    *out_n = 1;
    return OK;
}

static Words both(Ctx *cx, const char *key)
{
    return (Words){ { text_in(cx, LANG_ZH, key), text_in(cx, LANG_EN, key) } };
}

static Err form_of(Ctx *cx, const Matter *m, Str form, const Field **out, size_t *out_n)
{
    const Item *it = item_of_matter(cx, m);
    *out = NULL;
    *out_n = 0;
    if (!it)
        return OK;
    if (str_is(form, S("form"))) {
        *out = it->fields;
        *out_n = it->fields_n;
        return OK;
    }
    Field f = { 0 };
    if (str_is(form, S("papers")))
        f = (Field){ .name = S("papers"), .label = both(cx, N_("Papers sent")) };
    else if (str_is(form, S("received")))
        f = (Field){ .name = S("papers_received"),
                     .label = both(cx, N_("Papers received and seen")) };
    else
        f = (Field){ .name = S("papers_missing"),
                     .label = both(cx, N_("Which papers are missing")) };
    return papers_field(cx, it, f, out, out_n);
}

static const char *const LIMIT_NAMES[] = { "promised", "statutory", "supplement",
                                           "special",  "extension", NULL };
static const char *const FORM_NAMES[] = { "form", "papers", "received", "missing", NULL };
static const char *const FIELD_NAMES[] = { "papers", "papers_received", "papers_missing", NULL };

/* ------------------------------------------------------------------ guards */

/* A second notice is a breach unless the first was used and a supervisor approves: who it is, the
** flow says. */
static Err asked_before(Ctx *cx, const StepCall *call)
{
    i64 asked;
    TRY(record_count_step(cx, call->matter->id, S("ask"), &asked));
    return asked ? OK : fail(cx, E_CONFLICT, "onewindow.not_asked_yet");
}

static Err something_sent(Ctx *cx, const StepCall *call)
{
    Query q = QUERY(cx, "SELECT 1 FROM paper WHERE matter = $1 AND n = 0 AND is_whole LIMIT 1",
                    ID(call->matter->id));
    bool waits;
    TRY(query_found(&q, &waits));
    bool at_window = str_is(call->role, S("window"));
    if (waits || at_window || call->asks_only || value_of(call->values, S("answer_note")).n)
        return OK;
    return fail_field(cx, S("answer_note"), "onewindow.nothing_sent");
}

static Err special_allowed(Ctx *cx, const StepCall *call)
{
    Limit most;
    i64 days = 0;
    TRY(item_limit_of(cx, call->matter, S("special"), &most));
    if (most.counting == COUNT_NONE)
        return fail(cx, E_CONFLICT, "onewindow.no_special_procedure");
    if (str_to_int(value_of(call->values, S("special_days")), &days) && days > most.n)
        return fail_field(cx, S("special_days"), "onewindow.special_too_long",
                          text_int(cx, "max", most.n));
    return OK;
}

/* Who settled a matter at the counter does not check it. */
static Err not_settler(Ctx *cx, const StepCall *call)
{
    static const Str STEPS[] = { { "settle", 6 }, { "refuse", 6 } };
    bool settled;
    TRY(record_has_taken(cx, call->matter->parent, cx->actor.person, (Names){ STEPS, COUNT(STEPS) },
                         &settled));
    return settled ? fail(cx, E_DENIED, "flow.same_person",
                          V("step", words_in(call->step->name, cx->lang)))
                   : OK;
}

static const FlowHook GUARDS[] = {
    { "asked_before", asked_before, .needs_step = "ask" },
    { "something_sent", something_sent, .needs_field = "item.papers", .needs_subject = "item" },
    { "special_allowed", special_allowed, .needs_field = "special_days", .needs_subject = "item" },
    { "not_settler", not_settler },
    { .name = NULL },
};

/* ------------------------------------------------------------------ effects */

static Err attach_papers(Ctx *cx, const StepCall *call)
{
    return papers_attach_waiting(cx, call->matter->id, call->n);
}

static Err count_visit(Ctx *cx, const StepCall *call)
{
    return str_is(value_of(call->values, S("present")), S("yes"))
             ? matter_add_visit(cx, call->matter->id)
             : OK;
}

/* Opens a matter that follows from this one, as the system. */
static Err open_child(Ctx *cx, const StepCall *call, Str flow)
{
    Actor actor = cx->actor;
    MatterId child;
    Str number, code;
    Values none = { 0 };
    FlowOpening o = { .flow = flow,
                      .step = S("open"),
                      .family = S("internal"),
                      .subject = call->matter->subject,
                      .place = call->matter->place,
                      .body = call->matter->body,
                      .parent = call->matter->id,
                      .channel = S("system"),
                      .values = &none };
    cx->actor = (Actor){ .kind = ACTOR_SYSTEM };
    Err err = flow_open(cx, &o, &child, &number, &code);
    cx->actor = actor;
    return err;
}

static Err sample_after_check(Ctx *cx, const StepCall *call)
{
    i64 percent;
    TRY(rule_get_int(cx, S("AT-ONCE-SAMPLE"), day_today(cx), &percent));
    Bytes random = vault_random(cx, 2);
    TRY(ctx_err(cx));
    i64 draw = (random.at[0] << 8 | random.at[1]) % PERCENT;
    return draw < percent ? open_child(cx, call, S("after_check")) : OK;
}

static Err open_rectification(Ctx *cx, const StepCall *call)
{
    Str grade = value_of(call->values, S("grade"));
    bool bad = str_is(grade, S("1")) || str_is(grade, S("2"));
    return bad ? open_child(cx, call, S("rectification")) : OK;
}

static Err count_double_keying(Ctx *cx, const StepCall *call)
{
    const Item *it = item_of_matter(cx, call->matter);
    Query q = QUERY(cx, "INSERT INTO double_keying (item, day) VALUES ($1, $2)",
                    T(it ? it->item : S("?")), DAY(day_today(cx)));
    return query_run(&q);
}

static const FlowHook EFFECTS[] = {
    { "attach_papers", attach_papers, .needs_field = "item.papers", .needs_subject = "item" },
    { "count_visit", count_visit, .needs_field = "present" },
    { "sample_after_check", sample_after_check },
    { "open_rectification", open_rectification, .needs_field = "grade" },
    { "count_double_keying", count_double_keying, .needs_subject = "item" },
    { .name = NULL },
};

static const FlowHost HOSTS[] = {
    { "item", LIMIT_NAMES, FORM_NAMES, FIELD_NAMES, limit_of, form_of },
    { .name = NULL },
};

const FlowParts ONEWINDOW_PARTS = { GUARDS, EFFECTS, HOSTS, document_is_known };

/* ------------------------------------------------------------------ applying */

/* Where it is about: the place the person lives in. */
static Err find_place(Ctx *cx, const Applying *a, Place *out)
{
    Str code = value_of(a->values, S("home"));
    if (code.n == 0)
        return fail_field(
            cx, S("home"), "field.missing",
            V("field", words_in(field_find(a->item->fields, a->item->fields_n, S("home"))->label,
                                cx->lang)));
    if (place_get_by_code(cx, code, day_today(cx), out) == OK
        && str_is(out->level, profile_of(cx->house)->home_level))
        return OK;
    if (ctx_err(cx) == E_MISSING)
        ctx_forgive(cx);
    if (ctx_err(cx))
        return ctx_err(cx);
    return fail_field(cx, S("home"), "field.not_a_place");
}

static Err find_body(Ctx *cx, const Item *it, BodyId *out)
{
    Body body;
    out->value = 0;
    if (it->body.n == 0)
        return OK;
    TRY(body_get_by_code(cx, it->body, &body));
    *out = body.id;
    return OK;
}

/* Papers only taken in at a window are a visit too; where they are accepted at once, that step
** counts it. */
static Err count_intake(Ctx *cx, const Applying *a)
{
    return str_is(a->channel, S("window")) ? matter_add_visit(cx, a->matter) : OK;
}

static Err apply_now(Ctx *cx, void *arg)
{
    Applying *a = arg;
    Place place;
    BodyId body;
    Str code;
    TRY(find_place(cx, a, &place));
    TRY(find_body(cx, a->item, &body));
    FlowOpening o = { .flow = item_flow(a->item), .step = S("submit"), .family = a->item->family,
                      .subject = item_subject(cx, a->item), .place = place.id, .body = body,
                      .channel = a->channel, .values = a->values };
    TRY(flow_open(cx, &o, &a->matter, &a->number, &code));
    if (a->draft) {
        TRY(papers_attach_draft(cx, a->draft, a->matter, 1));
        TRY(draft_drop(cx, a->draft));
    }
    TRY(a->accept_now ? flow_take(cx, a->matter, S("accept"), a->accept, 0) : count_intake(cx, a));
    if (!a->rq)
        return OK;
    a->rq->grants = a->rq->session.account.value ? (MatterId){ 0 } : a->matter;
    return reply_see(a->rq, link_to(cx, a->see, a->number, "/receipt"));
}

/* All that is wrong with the form, told at once. */
static Err check_form(Ctx *cx, const Applying *a)
{
    const Flow *f = flow_current(cx->house, item_flow(a->item));
    const FlowStep *submit = f ? flow_step(f, S("submit")) : NULL;
    Matter m = { .subject = item_subject(cx, a->item),
                 .family = a->item->family,
                 .opened_at = cx->now };
    const Field *fields;
    size_t fields_n;
    Values checked = { 0 };
    if (!submit)
        return fail(cx, E_MISSING, "flow.no_such_step", V("step", S("submit")));
    TRY(flow_step_fields(cx, &m, f, submit, &fields, &fields_n));
    return field_check(cx, fields, fields_n, a->values, &checked);
}

Err apply(Ctx *cx, Applying *a)
{
    TRY(check_form(cx, a));
    return store_write(cx, apply_now, a);
}

Err onewindow_apply(Ctx *cx, Str item, const Values *values, Str channel, MatterId *out)
{
    Applying a = { .item = item_current(cx, item), .values = values, .channel = channel };
    if (!a.item)
        return fail(cx, E_MISSING, "onewindow.no_such_item", V("item", item));
    TRY(apply(cx, &a));
    *out = a.matter;
    return OK;
}

Err onewindow_form(Ctx *cx, Str item, const Field **out, size_t *out_n)
{
    const Item *it = item_current(cx, item);
    if (!it)
        return fail(cx, E_MISSING, "onewindow.no_such_item", V("item", item));
    *out = it->fields;
    *out_n = it->fields_n;
    return OK;
}

Err onewindow_list_items(Ctx *cx, ItemName **out)
{
    const Item *it;
    *out = NULL;
    for (size_t i = 0; (it = item_current_at(cx, i)) != NULL; i++) {
        ItemName *name = NEW(cx, ItemName);
        if (!name)
            return E_LIMIT;
        *name = (ItemName){ NULL, it->item, it->kind, it->family };
        *out = name;
        out = &name->next;
    }
    return OK;
}
