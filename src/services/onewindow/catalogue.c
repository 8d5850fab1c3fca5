/* catalogue.c -- all items of the profile, their stored versions, and the search among them. */
#include "onewindow/private.h"

#include "files/files.h"
#include "text/text.h"

#include <string.h>

enum { ITEMS_MAX = 1000, VERSIONS_MAX = 4000, CATALOGUE_ARENA_BYTES = 64 << 20 };

typedef struct Catalogue {
    const Item *current[ITEMS_MAX];
    size_t current_n;
    const Item *versions[VERSIONS_MAX];
    size_t versions_n;
    Ctx cx; /* owns the memory */
} Catalogue;

static const char CATALOGUE_PART;

static void catalogue_end(void *part)
{
    Catalogue *c = part;
    ctx_free(&c->cx);
}

static const Catalogue *catalogue_of(const Ctx *cx)
{
    return house_get(cx->house, &CATALOGUE_PART);
}

/* ------------------------------------------------------------------ files */

typedef struct Shared {
    Str source;
    Field *fields;
    size_t n;
} Shared;

static Err read_shared(Ctx *cx, Str path, Str text, MistakeList *mistakes, Shared *out)
{
    YamlFile file = yaml_parse(cx, path, text, mistakes);
    const Yaml *fields = file.root ? yaml_in(file.root, "fields") : NULL;
    *out = (Shared){ .source = text };
    if (fields)
        field_read_all(&file, fields, &out->fields, &out->n);
    return ctx_err(cx);
}

static Item *read_item(Ctx *cx, Str path, Str text, const Shared *shared, MistakeList *mistakes)
{
    YamlFile file = yaml_parse(cx, path, text, mistakes);
    Item *it = file.root ? item_read(&file, text, shared->fields, shared->n) : NULL;
    if (it) {
        item_check(&file, file.root, it);
        it->shared = shared->source;
    }
    return it;
}

static Err read_all(Ctx *cx, Catalogue *c, MistakeList *mistakes)
{
    FilePath *paths;
    Shared shared;
    Str text, fields_path = profile_path(cx, "fields.yaml");
    TRY(file_read(cx, fields_path, &text));
    TRY(read_shared(cx, fields_path, text, mistakes, &shared));
    TRY(file_list(cx, profile_path(cx, "items/"), S(".yaml"), &paths));
    for (FilePath *p = paths; p && c->current_n < ITEMS_MAX; p = p->next) {
        TRY(file_read(cx, p->path, &text));
        Item *it = read_item(cx, p->path, text, &shared, mistakes);
        if (it)
            c->current[c->current_n++] = it;
    }
    return ctx_err(cx);
}

Err items_check(Ctx *cx, MistakeList *mistakes, i64 *out_checked)
{
    Catalogue *c = NEW(cx, Catalogue);
    if (!c)
        return E_LIMIT;
    TRY(read_all(cx, c, mistakes));
    *out_checked = (i64)c->current_n;
    return OK;
}

/* ------------------------------------------------------------------ versions */

/* Pinyin of name and words, computed once when the version is stored: ICU is slow to open. */
static Str sounds_of(Ctx *cx, const Item *it)
{
    Buf b = buf_new(&cx->arena, 8192);
    for (size_t i = 0; i <= it->words.n; i++) {
        Str full, initials;
        text_pinyin(&cx->arena, i ? it->words.at[i - 1] : it->name.in[LANG_ZH], &full, &initials);
        buf_add_char(&b, ' ');
        buf_add(&b, full);
        buf_add_char(&b, ' ');
        buf_add(&b, initials);
    }
    return buf_str(&b);
}

static Err find_version(Ctx *cx, Item *it)
{
    Query q = QUERY(cx, "SELECT id, sounds FROM item_version WHERE hash = $1", T(it->hash));
    if (query_next(&q)) {
        it->version = query_int(&q);
        it->sounds = query_text(&q);
    }
    return query_end(&q);
}

/* It may run twice: nothing that it reads may come from its own first run. */
static Err store_version(Ctx *cx, void *arg)
{
    Item *it = arg;
    Query q =
        QUERY(cx,
              "INSERT INTO item_version (item, hash, source, fields, sounds, since)"
              " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING",
              T(it->item), T(it->hash), T(it->source), T(it->shared), T(it->sounds), AT(cx->now));
    TRY(query_run(&q));
    Query id = QUERY(cx, "SELECT id FROM item_version WHERE hash = $1", T(it->hash));
    return query_one_int(&id, &it->version);
}

static Err settle_version(Ctx *cx, Item *it)
{
    Str whole = str_format(&cx->arena, "%zu:%.*s%.*s", it->source.n, STR_ARGS(it->source),
                           STR_ARGS(it->shared));
    it->hash = str_hex(&cx->arena, vault_hash(cx, whole));
    TRY(find_version(cx, it));
    if (it->version)
        return OK;
    it->sounds = sounds_of(cx, it);
    return store_write(cx, store_version, it);
}

typedef struct StoredItem StoredItem;
struct StoredItem {
    StoredItem *next;
    i64 id;
    Str source, fields, sounds;
};

static Err list_stored(Ctx *cx, StoredItem **out)
{
    Query q = QUERY(cx, "SELECT id, source, fields, sounds FROM item_version ORDER BY id");
    *out = NULL;
    while (query_next(&q)) {
        StoredItem *s = NEW(cx, StoredItem);
        if (!s)
            break;
        s->id = query_int(&q);
        s->source = query_text(&q);
        s->fields = query_text(&q);
        s->sounds = query_text(&q);
        *out = s;
        out = &s->next;
    }
    return query_end(&q);
}

static const Item *find_loaded(const Catalogue *c, i64 version)
{
    for (size_t i = 0; i < c->current_n; i++)
        if (c->current[i]->version == version)
            return c->current[i];
    return NULL;
}

static Err load_stored(Catalogue *c)
{
    Ctx *cx = &c->cx;
    MistakeList ignored = { 0 };
    StoredItem *stored;
    Shared shared;
    TRY(list_stored(cx, &stored));
    for (const StoredItem *s = stored; s && c->versions_n < VERSIONS_MAX; s = s->next) {
        const Item *loaded = find_loaded(c, s->id);
        if (!loaded) {
            TRY(read_shared(cx, S("stored"), s->fields, &ignored, &shared));
            Item *it = read_item(cx, S("stored"), s->source, &shared, &ignored);
            if (!it)
                continue;
            it->version = s->id;
            it->sounds = s->sounds;
            loaded = it;
        }
        c->versions[c->versions_n++] = loaded;
    }
    return OK;
}

static Err build(Catalogue *c)
{
    Ctx *cx = &c->cx;
    MistakeList mistakes = { 0 };
    TRY(read_all(cx, c, &mistakes));
    if (mistakes.n)
        return fail(cx, E_INPUT, "profile.mistakes", V("mistakes", mistakes_text(cx, &mistakes)));
    for (size_t i = 0; i < c->current_n; i++)
        TRY(settle_version(cx, (Item *)c->current[i]));
    return load_stored(c);
}

Err items_start(Ctx *cx)
{
    Catalogue *c = house_add(cx->house, &CATALOGUE_PART, sizeof *c, catalogue_end);
    c->cx = ctx_new(cx->house, CATALOGUE_ARENA_BYTES);
    ctx_begin(&c->cx, cx->now);
    c->cx.lang = cx->lang;
    TRY(store_attach(&c->cx, store_of(cx)));
    Err err = build(c);
    store_detach(&c->cx);
    return err ? fail_like(cx, &c->cx) : OK;
}

/* ------------------------------------------------------------------ finding */

const Item *item_current_at(const Ctx *cx, size_t n)
{
    const Catalogue *c = catalogue_of(cx);
    return n < c->current_n ? c->current[n] : NULL;
}

const Item *item_current(const Ctx *cx, Str code)
{
    const Catalogue *c = catalogue_of(cx);
    for (size_t i = 0; i < c->current_n; i++)
        if (str_is(c->current[i]->item, code))
            return c->current[i];
    return NULL;
}

const Item *item_by_version(const Ctx *cx, i64 version)
{
    const Catalogue *c = catalogue_of(cx);
    for (size_t i = 0; i < c->versions_n; i++)
        if (c->versions[i]->version == version)
            return c->versions[i];
    return NULL;
}

Str item_subject(Ctx *cx, const Item *it)
{
    return str_format(&cx->arena, "%.*s:%lld", STR_ARGS(it->item), (long long)it->version);
}

const Item *item_of_matter(const Ctx *cx, const Matter *m)
{
    Str rest = m->subject, code;
    i64 version;
    return str_cut(&rest, ':', &code) && rest.at && str_to_int(rest, &version)
               ? item_by_version(cx, version)
               : NULL;
}

Str item_flow(const Item *it)
{
    if (str_is(it->kind, S("at_once")))
        return S("at_once");
    return str_is(it->kind, S("elsewhere")) ? S("elsewhere") : S("application");
}

/* ------------------------------------------------------------------ search */

/* Better when it begins the name, good when it is in it, fair by another word or by sound. */
static int score(Ctx *cx, const Item *it, Str typed)
{
    size_t at;
    int best = 0;
    Str en = str_lower(&cx->arena, it->name.in[LANG_EN]);
    if (str_starts(it->name.in[LANG_ZH], typed) || str_starts(en, typed))
        return 4;
    if (str_find(it->name.in[LANG_ZH], typed, &at) || str_find(en, typed, &at))
        return 3;
    for (size_t i = 0; i < it->words.n; i++)
        if (str_find(str_lower(&cx->arena, it->words.at[i]), typed, &at))
            best = 2;
    if (best < 2 && str_find(it->sounds, str_join(&cx->arena, S(" "), typed), &at))
        best = 2;
    if (best == 0 && typed.n > 3 && str_find(it->sounds, typed, &at))
        best = 1;
    return best;
}

void items_search(Ctx *cx, Str typed, const Item **out, size_t n_max, size_t *out_n)
{
    const Catalogue *c = catalogue_of(cx);
    Str plain = str_lower(&cx->arena, str_trim(text_nfkc(&cx->arena, typed)));
    *out_n = 0;
    for (int want = plain.n ? 4 : 0; want >= (plain.n ? 1 : 0); want--)
        for (size_t i = 0; i < c->current_n && *out_n < n_max; i++)
            if ((plain.n ? score(cx, c->current[i], plain) : 0) == want)
                out[(*out_n)++] = c->current[i];
}
