/* draft.c -- an application being filled in, kept for some days, found by a token only its
** writer holds. */
#include "onewindow/private.h"

#include "text/text.h"

#define DRAFT_KIND S("draft")
enum { TOKEN_BYTES = 24 };

typedef struct NewDraft {
    const Item *item;
    Bytes token_hash;
} NewDraft;

static Err insert_draft(Ctx *cx, void *arg)
{
    const NewDraft *d = arg;
    Query q = QUERY(cx,
                    "INSERT INTO draft (token_hash, item_version, started_at, touched_at)"
                    " VALUES ($1, $2, $3, $3)",
                    B(d->token_hash), I(d->item->version), AT(cx->now));
    return query_run(&q);
}

Err draft_begin(Ctx *cx, const Item *it, Str *out_token)
{
    *out_token = str_base64url(&cx->arena, vault_random(cx, TOKEN_BYTES));
    NewDraft d = { it, vault_hash(cx, *out_token) };
    TRY(ctx_err(cx));
    return store_write(cx, insert_draft, &d);
}

Err draft_load(Ctx *cx, Str token, Draft *out)
{
    i64 version = 0;
    *out = (Draft){ 0 };
    Query q = QUERY(cx, "SELECT id, item_version FROM draft WHERE token_hash = $1",
                    B(vault_hash(cx, token)));
    if (query_next(&q)) {
        out->id = query_int(&q);
        version = query_int(&q);
    }
    TRY(query_end(&q));
    out->item = version ? item_by_version(cx, version) : NULL;
    if (!out->item)
        return fail(cx, E_MISSING, "onewindow.no_draft");
    TRY(vault_list(cx, DRAFT_KIND, out->id, &out->values));
    return paper_list(cx, (PaperOwner){ .draft = out->id }, out->item, &out->papers);
}

typedef struct Saving {
    i64 id;
    const Values *values;
} Saving;

static Err save_values(Ctx *cx, void *arg)
{
    const Saving *s = arg;
    for (const Value *v = s->values->first; v; v = v->next) {
        SealedRef ref = { DRAFT_KIND, s->id, 0, v->name };
        TRY(v->text.n ? vault_put(cx, ref, v->text, (Bytes){ NULL, 0 }, NULL)
                      : vault_erase(cx, ref));
    }
    Query q = QUERY(cx, "UPDATE draft SET touched_at = $2 WHERE id = $1", I(s->id), AT(cx->now));
    return query_run(&q);
}

Err draft_save(Ctx *cx, i64 id, const Values *values)
{
    Saving s = { id, values };
    return store_write(cx, save_values, &s);
}

Err draft_drop(Ctx *cx, i64 id)
{
    TRY(vault_erase_all(cx, DRAFT_KIND, id));
    Query q = QUERY(cx, "DELETE FROM draft WHERE id = $1", I(id));
    return query_run(&q);
}

static Err sweep(Ctx *cx, void *arg)
{
    Limit keep;
    (void)arg;
    TRY(rule_get_limit(cx, S("DRAFT-KEEP"), day_today(cx), &keep));
    Instant before = { cx->now.ms - keep.n * MS_PER_DAY };
    Query values = QUERY(cx, "DELETE FROM sealed WHERE kind = 'draft' AND owner IN"
                             " (SELECT id FROM draft WHERE touched_at < $1)", AT(before));
    TRY(query_run(&values));
    Query q = QUERY(cx, "DELETE FROM draft WHERE touched_at < $1", AT(before));
    return query_run(&q);
}

Err drafts_sweep(Ctx *cx)
{
    return store_write(cx, sweep, NULL);
}
