/* item.c -- reading and checking the file of one item of the window. */
#include "onewindow/private.h"

#include "text/text.h"

const Field ITEM_FIELDS[] = {
    FIELD(Item, item, TEXT),
    FIELD(Item, name, WORDS),
    FIELD(Item, summary, WORDS),
    FIELD(Item, family, TEXT),
    FIELD(Item, kind, TEXT),
    FIELD(Item, visits, INT),
    FIELD(Item, fee, MONEY),
    FIELD(Item, fee_source, TEXT),
    FIELD(Item, result, WORDS),
    FIELD_END
};

/* ------------------------------------------------------------------ readers */

typedef struct PaperRecord {
    Words name;
    Str source, basis;
    bool must, share;
} PaperRecord;

static const YamlKey PAPER_KEYS[] = {
    YAML_MUST(PaperRecord, name, yaml_words),
    YAML_MUST(PaperRecord, source, yaml_name),
    YAML_MUST(PaperRecord, must, yaml_flag),
    YAML_KEY(PaperRecord, share, yaml_flag),
    YAML_KEY(PaperRecord, basis, yaml_text),
    YAML_END,
};

static void read_papers(const YamlFile *file, const Yaml *node, void *out)
{
    Item *it = (Item *)((char *)out - offsetof(Item, papers));
    ItemPaper *papers = NEW_ARRAY(file->cx, ItemPaper, yaml_count(node) + 1);
    size_t n = 0;
    if (node->kind != YAML_MAP) {
        mistake(file, node, "yaml.not_a_map");
        return;
    }
    for (const Yaml *entry = node->first; papers && entry; entry = entry->next) {
        PaperRecord r = { 0 };
        yaml_record(file, entry, PAPER_KEYS, &r);
        papers[n++] = (ItemPaper){ entry->key, r.name, r.source, r.must, r.share, r.basis };
    }
    it->papers = papers;
    it->papers_n = n;
}

static void read_limit_ref(const YamlFile *file, const Yaml *node, void *out)
{
    LimitRef *ref = out;
    *ref = (LimitRef){ .line = node->line, .column = node->column };
    yaml_text(file, node, &ref->source);
}

typedef struct LimitRecord {
    LimitRef limit;
    Str source;
} LimitRecord;

static const YamlKey LIMIT_KEYS[] = {
    YAML_MUST(LimitRecord, limit, read_limit_ref),
    YAML_MUST(LimitRecord, source, yaml_text), /* a term without a source stays empty instead */
    YAML_END,
};

static void read_limits(const YamlFile *file, const Yaml *node, void *out)
{
    Item *it = (Item *)((char *)out - offsetof(Item, limits));
    ItemLimit *limits = NEW_ARRAY(file->cx, ItemLimit, yaml_count(node) + 1);
    size_t n = 0;
    if (node->kind != YAML_MAP) {
        mistake(file, node, "yaml.not_a_map");
        return;
    }
    for (const Yaml *entry = node->first; limits && entry; entry = entry->next) {
        LimitRecord r = { 0 };
        yaml_record(file, entry, LIMIT_KEYS, &r);
        limits[n++] = (ItemLimit){ entry->key, r.limit, r.source };
    }
    it->limits = limits;
    it->limits_n = n;
}

typedef struct FeeRecord {
    i64 amount;
    Str source;
} FeeRecord;

static const YamlKey FEE_KEYS[] = {
    YAML_MUST(FeeRecord, amount, yaml_int),
    YAML_MUST(FeeRecord, source, yaml_text),
    YAML_END,
};

static void read_fee(const YamlFile *file, const Yaml *node, void *out)
{
    Item *it = (Item *)((char *)out - offsetof(Item, fee));
    FeeRecord r = { 0 };
    yaml_record(file, node, FEE_KEYS, &r);
    it->has_fee = true;
    it->fee = (Money){ r.amount };
    it->fee_source = r.source;
}

/* ------------------------------------------------------------------ the record */

typedef struct ItemRecord {
    Item item;
    const Yaml *pages, *fields;
} ItemRecord;

static const YamlKey ITEM_KEYS[] = {
    { "item", yaml_name, offsetof(ItemRecord, item.item), true },
    { "name", yaml_words, offsetof(ItemRecord, item.name), true },
    { "words", yaml_names, offsetof(ItemRecord, item.words), false },
    { "summary", yaml_words, offsetof(ItemRecord, item.summary), true },
    { "family", yaml_name, offsetof(ItemRecord, item.family), true },
    { "kind", yaml_name, offsetof(ItemRecord, item.kind), true },
    { "body", yaml_name, offsetof(ItemRecord, item.body), false },
    { "served", yaml_name, offsetof(ItemRecord, item.served), true },
    { "basis", yaml_names, offsetof(ItemRecord, item.basis), true },
    { "limits", read_limits, offsetof(ItemRecord, item.limits), true },
    { "visits", yaml_int, offsetof(ItemRecord, item.visits), true },
    { "fee", read_fee, offsetof(ItemRecord, item.fee), false },
    { "elsewhere", yaml_words, offsetof(ItemRecord, item.elsewhere), false },
    { "result", yaml_words, offsetof(ItemRecord, item.result), true },
    { "papers", read_papers, offsetof(ItemRecord, item.papers), true },
    { "fields", yaml_node, offsetof(ItemRecord, fields), false },
    { "pages", yaml_node, offsetof(ItemRecord, pages), true },
    YAML_END,
};

typedef struct PageRecord {
    Words name;
    Names ask;
} PageRecord;

static const YamlKey PAGE_KEYS[] = {
    YAML_MUST(PageRecord, name, yaml_words),
    YAML_MUST(PageRecord, ask, yaml_names),
    YAML_END,
};

typedef struct FieldSets {
    const Field *own, *shared;
    size_t own_n, shared_n;
} FieldSets;

static const Field *find_field(const FieldSets *sets, Str name)
{
    const Field *f = field_find(sets->own, sets->own_n, name);
    return f ? f : field_find(sets->shared, sets->shared_n, name);
}

enum { ITEM_FIELDS_MAX = 60 };

static size_t put_page(const YamlFile *file, const Yaml *node, const FieldSets *sets, Field *all,
                       size_t n, ItemPage *page)
{
    PageRecord r = { 0 };
    yaml_record(file, node, PAGE_KEYS, &r);
    page->name = r.name;
    page->fields = all + n;
    for (size_t i = 0; i < r.ask.n; i++) {
        const Field *f = find_field(sets, r.ask.at[i]);
        if (!f || field_find(all, n, r.ask.at[i]))
            mistake(file, node, f ? N_("item.asked_twice") : N_("flow.unknown_field"),
                    V("field", r.ask.at[i]), V("where", S("pages")));
        else if (n < ITEM_FIELDS_MAX)
            all[n++] = *f;
    }
    page->fields_n = (size_t)(all + n - page->fields);
    return n;
}

static void read_pages(const YamlFile *file, const Yaml *pages, const FieldSets *sets, Item *it)
{
    Field *all = NEW_ARRAY(file->cx, Field, ITEM_FIELDS_MAX + 1);
    ItemPage *at = NEW_ARRAY(file->cx, ItemPage, yaml_count(pages) + 1);
    size_t n = 0, pages_n = 0;
    for (const Yaml *entry = pages->first; all && at && entry; entry = entry->next)
        n = put_page(file, entry, sets, all, n, &at[pages_n++]);
    it->pages = at;
    it->pages_n = pages_n;
    it->fields = all;
    it->fields_n = n;
}

Item *item_read(YamlFile *file, Str source, const Field *shared, size_t shared_n)
{
    ItemRecord *r = NEW(file->cx, ItemRecord);
    FieldSets sets = { .shared = shared, .shared_n = shared_n };
    Field *own = NULL;
    if (!r || !file->root)
        return NULL;
    yaml_record(file, file->root, ITEM_KEYS, r);
    if (r->fields)
        field_read_all(file, r->fields, &own, &sets.own_n);
    sets.own = own;
    if (r->pages && r->pages->kind == YAML_LIST)
        read_pages(file, r->pages, &sets, &r->item);
    else if (r->pages)
        mistake(file, r->pages, "yaml.not_a_list");
    r->item.source = source;
    return &r->item;
}

/* ------------------------------------------------------------------ checking */

const ItemLimit *item_limit(const Item *it, Str name)
{
    for (size_t i = 0; i < it->limits_n; i++)
        if (str_is(it->limits[i].name, name))
            return &it->limits[i];
    return NULL;
}

const ItemPaper *item_paper(const Item *it, Str code)
{
    for (size_t i = 0; i < it->papers_n; i++)
        if (str_is(it->papers[i].code, code))
            return &it->papers[i];
    return NULL;
}

static bool is_one_of(Str s, const char *list)
{
    Str rest = str_of(list), one;
    while (str_cut(&rest, ' ', &one))
        if (str_is(one, s))
            return true;
    return false;
}

/* Where the file says it; the file's top when it does not. */
static const Yaml *said_at(const Yaml *root, const char *key)
{
    const Yaml *node = yaml_in(root, key);
    return node ? node : root;
}

static void amiss(const YamlFile *file, LimitRef ref, const char *key)
{
    mistake_at(file, ref.line, ref.column, key, (TextArg[]){ { 0 }, V("limit", ref.source) }, 1);
}

/* A term is a number of days, or a rule that counts some; the Licence Law's bind licences only. */
static bool read_term(const YamlFile *file, const Item *it, LimitRef ref, Limit *out)
{
    bool known = false, is_term = false;
    Str rule = str_skip(ref.source, 5);
    if (!str_starts(ref.source, S("rule."))) {
        is_term = limit_parse(ref.source, out);
        if (!is_term)
            amiss(file, ref, "flow.unknown_limit");
        return is_term;
    }
    if (rule_is_known(file->cx, rule, &known) || rule_find_limit(file->cx, rule, &is_term, out))
        return false; /* latched */
    if (!is_term)
        amiss(file, ref, known ? N_("flow.not_a_term") : N_("flow.unknown_limit"));
    else if (str_starts(rule, S("LIC-")) && !str_is(it->family, S("licence")))
        amiss(file, ref, "item.limit_outside_family");
    return is_term;
}

/* What is promised is never longer than what the law allows. */
static void check_limits(const YamlFile *file, const Yaml *limits, const Item *it)
{
    Limit promised = { 0 }, statutory = { 0 }, other;
    const ItemLimit *promise = item_limit(it, S("promised"));
    for (size_t i = 0; i < it->limits_n; i++) {
        const ItemLimit *l = &it->limits[i];
        bool is_promise = l == promise, is_law = str_is(l->name, S("statutory"));
        if (!is_one_of(l->name, "promised statutory supplement special extension"))
            mistake(file, limits, "item.unknown_limit", V("limit", l->name));
        read_term(file, it, l->ref, is_promise ? &promised : is_law ? &statutory : &other);
    }
    if (promise && promised.counting == statutory.counting && promised.n > statutory.n)
        amiss(file, promise->ref, "item.promise_over_statutory");
}

static void check_licence(const YamlFile *file, const Yaml *root, const Item *it)
{
    if (!str_is(it->family, S("licence")))
        return;
    if (!str_is(it->kind, S("promised")))
        mistake(file, said_at(root, "kind"), "item.licence_is_promised", V("item", it->item));
    if (!item_limit(it, S("statutory")))
        mistake(file, said_at(root, "limits"), "item.licence_needs_statutory",
                V("item", it->item));
}

static void check_body(const YamlFile *file, const Yaml *root, const Item *it)
{
    bool known = false;
    const Yaml *node = yaml_in(root, "body");
    if (str_is(it->kind, S("promised")) && it->body.n == 0)
        mistake(file, said_at(root, "kind"), "item.needs_body", V("item", it->item));
    if (it->body.n && node && body_is_known(file->cx, it->body, &known) == OK && !known)
        mistake(file, node, "item.unknown_body", V("body", it->body));
}

static void check_kind(const YamlFile *file, const Yaml *root, const Item *it)
{
    const Yaml *family = said_at(root, "family"), *kind = said_at(root, "kind");
    bool is_elsewhere = str_is(it->kind, S("elsewhere"));
    if (it->family.n && !is_one_of(it->family, "licence benefit confirmation service"))
        mistake(file, family, "item.unknown_family", V("family", it->family));
    if (it->kind.n && !is_one_of(it->kind, "promised at_once elsewhere"))
        mistake(file, kind, "item.unknown_kind", V("kind", it->kind));
    if (is_elsewhere != (it->elsewhere.in[LANG_ZH].n > 0))
        mistake(file, said_at(root, is_elsewhere ? "kind" : "elsewhere"), "item.needs_elsewhere",
                V("item", it->item));
}

static void check_pages(const YamlFile *file, const Yaml *root, const Item *it)
{
    const Yaml *pages = said_at(root, "pages");
    if (!field_find(it->fields, it->fields_n, S("home")))
        mistake(file, pages, "item.needs_home", V("item", it->item));
    if (!field_find(it->fields, it->fields_n, S("applicant_name")))
        mistake(file, pages, "item.needs_name", V("item", it->item));
}

void item_check(const YamlFile *file, const Yaml *root, const Item *it)
{
    const Yaml *limits = yaml_in(root, "limits");
    check_kind(file, root, it);
    check_body(file, root, it);
    check_pages(file, root, it);
    if (limits && !item_limit(it, S("promised")))
        mistake(file, limits, "item.needs_promise", V("item", it->item));
    if (limits)
        check_limits(file, limits, it);
    check_licence(file, root, it);
}
