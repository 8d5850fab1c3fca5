/* public.c -- the pages before an application: home, services, one item, how it works. */
#include "onewindow/view.h"

#include "public.html.h"

enum { EXAMPLES = 3, DRAWING_BYTES_MAX = 256 * 1024 };

/* ------------------------------------------------------------------ home */

static Str example_names(Ctx *cx)
{
    Buf b = buf_new(&cx->arena, 1024);
    const Item *it;
    for (size_t i = 0; i < EXAMPLES && (it = item_current_at(cx, i * 3)) != NULL; i++) {
        if (i)
            buf_add(&b, cx->lang == LANG_ZH ? S("、") : S(", "));
        buf_add(&b, words_in(it->name, cx->lang));
    }
    return buf_str(&b);
}

static i64 count_items(const Ctx *cx)
{
    i64 n = 0;
    while (item_current_at(cx, (size_t)n))
        n++;
    return n;
}

static const Field HOME_FIELDS[] = {
    FIELD(HomeView, items_n, INT),
    FIELD_END
};

static Err get_home(Req *rq)
{
    HomeView v = { example_names(rq->cx), count_items(rq->cx) };
    REPLY(rq, home_page, HOME_FIELDS, &v);
}

/* ------------------------------------------------------------------ services */

static const Field SERVICES_FIELDS[] = {
    FIELD(ServicesView, typed, TEXT),
    { .name = { "items", 5 }, .kind = F_LIST, .offset = offsetof(ServicesView, list),
      .of = ITEM_FIELDS, .next_offset = offsetof(Item, next) },
    FIELD_END
};

static Err get_services(Req *rq)
{
    Ctx *cx = rq->cx;
    ServicesView v = { .typed = str_first(req_query(rq, "q"), 200) };
    Item **end = &v.list;
    items_search(cx, v.typed, v.items, SERVICES_MAX, &v.items_n);
    for (size_t i = 0; i < v.items_n; i++) {
        Item *copy = NEW(cx, Item);
        if (!copy)
            return E_LIMIT;
        *copy = *v.items[i];
        *end = copy;
        end = &copy->next;
    }
    REPLY(rq, services_page, SERVICES_FIELDS, &v);
}

/* ------------------------------------------------------------------ one item */

static void add_fact(Ctx *cx, ItemFact ***end, Str label, Str value, Str source)
{
    ItemFact *f = NEW(cx, ItemFact);
    if (!f)
        return; /* latched on the Ctx */
    *f = (ItemFact){ NULL, label, value, source };
    **end = f;
    *end = &f->next;
}

/* A number that no jurist has confirmed for this district says so. */
static Err limit_fact(Ctx *cx, const ItemLimit *l, const char *label, ItemFact ***end)
{
    Limit limit;
    Str source = l->source;
    if (str_starts(l->ref.source, S("rule."))) {
        Rule rule;
        TRY(rule_get(cx, str_skip(l->ref.source, 5), day_today(cx), &rule));
        TRY(rule_get_limit(cx, rule.rule, day_today(cx), &limit));
        if (!rule.confirmed)
            source = text(cx, "{source} (trial parameter, not yet confirmed)", V("source", source));
    } else if (!limit_parse(l->ref.source, &limit)) {
        return OK;
    }
    add_fact(cx, end, text_get(cx, label), limit_words(cx, limit), source);
    return OK;
}

static const struct { const char *limit; const char *label; } LIMIT_LABELS[] = {
    { "promised",   N_("Promised term") },
    { "statutory",  N_("Statutory term") },
    { "supplement", N_("Your time to send missing papers") },
    { "special",    N_("Special procedure, at most") },
    { "extension",  N_("Extension, once, at most") },
};

static Err list_facts(Ctx *cx, const Item *it, ItemFact **out)
{
    ItemFact **end = out;
    *out = NULL;
    for (size_t i = 0; i < COUNT(LIMIT_LABELS); i++) {
        const ItemLimit *l = item_limit(it, str_of(LIMIT_LABELS[i].limit));
        if (l)
            TRY(limit_fact(cx, l, LIMIT_LABELS[i].label, &end));
    }
    if (it->has_fee)
        add_fact(cx, &end, text_get(cx, "Fee"),
                 it->fee.cents ? money_words(cx, it->fee) : text_get(cx, "none"), it->fee_source);
    else
        add_fact(cx, &end, text_get(cx, "Fee"), text_get(cx, "not known here: ask at the window"),
                 STR_EMPTY);
    add_fact(cx, &end, text_get(cx, "Visits"),
             text(cx, "at most {n}", text_int(cx, "n", it->visits)), STR_EMPTY);
    add_fact(cx, &end, text_get(cx, "Result"), words_in(it->result, cx->lang), STR_EMPTY);
    if (it->elsewhere.in[0].n)
        add_fact(cx, &end, text_get(cx, "Decided in"), words_in(it->elsewhere, cx->lang),
                 STR_EMPTY);
    for (size_t i = 0; i < it->basis.n; i++)
        add_fact(cx, &end, i ? STR_EMPTY : text_get(cx, "Legal ground"), it->basis.at[i],
                 STR_EMPTY);
    return ctx_err(cx);
}

static Err find_item(Req *rq, const Item **out)
{
    *out = item_current(rq->cx, req_param(rq, "item"));
    return *out ? OK
                : fail(rq->cx, E_MISSING, "onewindow.no_such_item",
                       V("item", req_param(rq, "item")));
}

static const Field FACT_FIELDS[] = {
    FIELD(ItemFact, label, TEXT),
    FIELD(ItemFact, value, TEXT),
    FIELD(ItemFact, source, TEXT),
    FIELD_END
};

static const Field ITEM_VIEW_FIELDS[] = {
    FIELD(ItemView, code, TEXT),
    FIELD(ItemView, name, TEXT),
    FIELD_LIST(ItemView, facts, ItemFact, FACT_FIELDS),
    FIELD_END
};

static Err get_item(Req *rq)
{
    ItemView v = { 0 };
    TRY(find_item(rq, &v.item));
    v.code = v.item->item;
    v.name = words_in(v.item->name, rq->cx->lang);
    TRY(list_facts(rq->cx, v.item, &v.facts));
    REPLY(rq, item_page, ITEM_VIEW_FIELDS, &v);
}

/* JSON Schema of what may be sent to /services/{item}/applications. */
static Err get_item_schema(Req *rq)
{
    const Item *it;
    Buf b = buf_new(&rq->cx->arena, 1 << 20);
    TRY(find_item(rq, &it));
    field_put_schema(rq->cx, &b, it->fields, it->fields_n);
    return reply_text(rq, 200, "application/schema+json; charset=utf-8", buf_str(&b));
}

/* ------------------------------------------------------------------ flows */

static Str state_words(Ctx *cx, const Flow *f, Str state)
{
    const FlowState *s = flow_state(f, state);
    return s                          ? words_in(s->name, cx->lang)
           : str_is(state, S("same")) ? text_get(cx, "stays")
                                      : STR_EMPTY;
}

Str flow_actor_words(Ctx *cx, Str actor)
{
    const Role *role = role_find(cx->house, actor);
    if (role)
        return words_in(role->name, cx->lang);
    if (str_is(actor, S("system")))
        return text_get(cx, "by itself, when its time comes");
    return str_is(actor, S("applicant")) ? text_get(cx, "the applicant") : text_get(cx, "anyone");
}

static Str joined_states(Ctx *cx, const Flow *f, Names states)
{
    Buf b = buf_new(&cx->arena, 2048);
    for (size_t i = 0; i < states.n; i++) {
        if (i)
            buf_add(&b, S(" / "));
        buf_add(&b, state_words(cx, f, states.at[i]));
    }
    return buf_str(&b);
}

static Str joined_actors(Ctx *cx, const FlowStep *s)
{
    Buf b = buf_new(&cx->arena, 2048);
    for (size_t i = 0; i < s->by.n; i++) {
        if (i)
            buf_add(&b, S(" / "));
        buf_add(&b, flow_actor_words(cx, s->by.at[i]));
    }
    if (s->apart_from.n)
        buf_add(&b, text_get(cx, "; not the person who took an earlier part"));
    return buf_str(&b);
}

Err flow_view(Ctx *cx, const Flow *f, const Standing *counts, Markup *out_drawing,
              FlowRow **out_rows)
{
    Buf b = buf_new(&cx->arena, DRAWING_BYTES_MAX);
    flow_draw(cx, &b, f, counts, false);
    *out_drawing = (Markup){ buf_str(&b) };
    *out_rows = NULL;
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        FlowRow *r = NEW(cx, FlowRow);
        if (!r)
            return E_LIMIT;
        *r = (FlowRow){ NULL, words_in(s->name, cx->lang), joined_states(cx, f, s->from),
                        state_words(cx, f, s->to), joined_actors(cx, s) };
        *out_rows = r;
        out_rows = &r->next;
    }
    return ctx_err(cx);
}

static const Field ROW_FIELDS[] = {
    FIELD(FlowRow, step, TEXT),
    FIELD(FlowRow, from, TEXT),
    FIELD(FlowRow, to, TEXT),
    FIELD(FlowRow, who, TEXT),
    FIELD_END
};

static const Field FLOW_FIELDS[] = {
    FIELD_LIST(ItemView, rows, FlowRow, ROW_FIELDS),
    FIELD_END
};

static Err get_item_flow(Req *rq)
{
    ItemView v = { 0 };
    TRY(find_item(rq, &v.item));
    const Flow *f = flow_current(rq->cx->house, item_flow(v.item));
    if (!f)
        return fail(rq->cx, E_MISSING, "flow.no_such_flow");
    TRY(flow_view(rq->cx, f, NULL, &v.drawing, &v.rows));
    REPLY(rq, item_flow_page, FLOW_FIELDS, &v);
}

/* ------------------------------------------------------------------ about */

static const Field ABOUT_FIELDS[] = {
    FIELD(AboutView, rules_n, INT),
    FIELD(AboutView, calendar, TEXT),
    FIELD_END
};

static Err get_about(Req *rq)
{
    Ctx *cx = rq->cx;
    AboutView v = { 0 };
    Rule *rules;
    Day known;
    TRY(rule_list(cx, &rules));
    for (const Rule *r = rules; r; r = r->next)
        v.rules_n++;
    TRY(calendar_known_until(cx, &known));
    v.calendar = text(cx, "published until {day}", V("day", day_words_full(cx, known)));
    REPLY(rq, about_page, ABOUT_FIELDS, &v);
}

const Route PUBLIC_ROUTES[] = {
    { GET, "/", get_home, ACT_PUBLIC, FACE_PUBLIC, NULL, HOME_FIELDS, "First page",
      .is_kept = true },
    { GET, "/services", get_services, ACT_PUBLIC, FACE_PUBLIC, NULL, SERVICES_FIELDS,
      "Services, searched with q", .is_kept = true },
    { GET, "/services/{item}", get_item, ACT_PUBLIC, FACE_PUBLIC, NULL, ITEM_VIEW_FIELDS,
      "One service", .is_kept = true },
    { GET, "/services/{item}/schema", get_item_schema, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL,
      "JSON Schema of its form", .is_kept = true },
    { GET, "/services/{item}/flow", get_item_flow, ACT_PUBLIC, FACE_PUBLIC, NULL, FLOW_FIELDS,
      "Its steps, drawn", .is_kept = true },
    { GET, "/about", get_about, ACT_PUBLIC, FACE_PUBLIC, NULL, ABOUT_FIELDS, "How it works",
      .is_kept = true },
    ROUTE_END
};
