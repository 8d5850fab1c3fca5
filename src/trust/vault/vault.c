/* vault.c -- sealing values and keeping them as rows.
**
** A blob is: version 1 | key number, 4 bytes big-endian | what the key's cipher made. What is
** sealed is the salt of the commitment followed by the value. */
#include "vault/private.h"

#include "text/text.h"

#include <sodium.h>
#include <string.h>

enum { BLOB_VERSION = 1, BLOB_HEAD = 5, SALT_BYTES = 16, VALUE_BYTES_MAX = 64 << 20 };
enum { LOOKS_PER_HOUR_MAX = 60 };
#define SAME_LOOK_MS (8 * MS_PER_HOUR)

/* ------------------------------------------------------------------ bytes */

Bytes vault_random(Ctx *cx, size_t n)
{
    u8 *at = ctx_take(cx, n);
    if (!at)
        return (Bytes){ NULL, 0 };
    randombytes_buf(at, n);
    return (Bytes){ at, n };
}

Bytes vault_hash(Ctx *cx, Str text)
{
    u8 *at = ctx_take(cx, HASH_BYTES);
    if (!at)
        return (Bytes){ NULL, 0 };
    /* By the cipher of the marking key, which is never rotated: a hash stays what it was. */
    newest_key(keys_of(cx), KEY_MARK)->cipher->hash(bytes_of(text), at);
    return (Bytes){ at, HASH_BYTES };
}

static Bytes keyed(Ctx *cx, KeyKind kind, Str purpose, Str text)
{
    const Key *key = newest_key(keys_of(cx), kind);
    Str head = str_format(&cx->arena, "%zu:%.*s:", purpose.n, STR_ARGS(purpose));
    Str joined = str_join(&cx->arena, head, text);
    u8 *at = ctx_take(cx, MAC_BYTES);
    if (!at)
        return (Bytes){ NULL, 0 };
    key->cipher->mac(key->secret, bytes_of(joined), at);
    return (Bytes){ at, MAC_BYTES };
}

Bytes vault_mark(Ctx *cx, Str kind, Str value)
{
    return keyed(cx, KEY_MARK, kind, value);
}

Bytes vault_token_mac(Ctx *cx, Str purpose, Str text)
{
    return keyed(cx, KEY_TOKEN, purpose, text);
}

Err vault_seal(Ctx *cx, Str context, Str plain, Bytes *out)
{
    const Key *key = newest_key(keys_of(cx), KEY_SEAL);
    if (plain.n > VALUE_BYTES_MAX)
        return fail(cx, E_LIMIT, "vault.value_too_large");
    u8 *at = ctx_take(cx, BLOB_HEAD + plain.n + key->cipher->overhead_bytes);
    size_t n = 0;
    if (!at)
        return E_LIMIT;
    at[0] = BLOB_VERSION;
    for (int i = 0; i < 4; i++)
        at[1 + i] = (u8)(key->number >> (8 * (3 - i)));
    if (!key->cipher->seal(key->secret, context, bytes_of(plain), at + BLOB_HEAD, &n))
        return fail(cx, E_BUG, "vault.cannot_seal");
    *out = (Bytes){ at, BLOB_HEAD + n };
    return OK;
}

Err vault_open(Ctx *cx, Str context, Bytes sealed, Str *out)
{
    const Key *key = NULL;
    if (sealed.n > BLOB_HEAD && sealed.at[0] == BLOB_VERSION) {
        u32 number = (u32)sealed.at[1] << 24 | (u32)sealed.at[2] << 16 | (u32)sealed.at[3] << 8
                     | sealed.at[4];
        key = numbered_key(keys_of(cx), KEY_SEAL, number);
    }
    if (!key)
        return fail(cx, E_STORE, "vault.no_such_key");
    Bytes body = { sealed.at + BLOB_HEAD, sealed.n - BLOB_HEAD };
    u8 *at = ctx_take(cx, body.n + 1);
    size_t n = 0;
    if (!at)
        return E_LIMIT;
    if (!key->cipher->open(key->secret, context, body, at, &n))
        return fail(cx, E_STORE, "vault.does_not_open");
    *out = (Str){ (const char *)at, n };
    return OK;
}

/* ------------------------------------------------------------------ rows */

static Str context_of(Ctx *cx, SealedRef ref)
{
    return str_format(&cx->arena, "%.*s/%lld/%lld/%.*s", STR_ARGS(ref.kind), (long long)ref.owner,
                      (long long)ref.n, STR_ARGS(ref.field));
}

/* SHA-256 or SM3 of context and salted value; the context's length keeps the parts apart. */
static Str commitment_of(Ctx *cx, Str context, Str salted)
{
    Str joined = str_format(&cx->arena, "%zu:%.*s:", context.n, STR_ARGS(context));
    return str_hex(&cx->arena, vault_hash(cx, str_join(&cx->arena, joined, salted)));
}

Err vault_put(Ctx *cx, SealedRef ref, Str value, Bytes mark, Str *out_commitment)
{
    Str context = context_of(cx, ref);
    Str salted = str_join(&cx->arena, str_of_bytes(vault_random(cx, SALT_BYTES)), value);
    Bytes blob;
    TRY(ctx_err(cx));
    TRY(vault_seal(cx, context, salted, &blob));
    Bind mark_or_null = mark.n ? B(mark) : (Bind){ .kind = BIND_NULL };
    Query q = QUERY(
        cx,
        "INSERT INTO sealed (kind, owner, n, field, blob, mark) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (kind, owner, n, field) DO UPDATE SET blob = excluded.blob,"
        " mark = excluded.mark",
        T(ref.kind), I(ref.owner), I(ref.n), T(ref.field), B(blob), mark_or_null);
    TRY(query_run(&q));
    if (out_commitment)
        *out_commitment = commitment_of(cx, context, salted);
    return ctx_err(cx);
}

static Err get_salted(Ctx *cx, SealedRef ref, Str *out)
{
    Query q = QUERY(
        cx, "SELECT blob FROM sealed WHERE kind = $1 AND owner = $2 AND n = $3 AND field = $4",
        T(ref.kind), I(ref.owner), I(ref.n), T(ref.field));
    bool found = query_next(&q);
    Bytes blob = query_bytes(&q);
    TRY(query_end(&q));
    if (!found)
        return fail(cx, E_MISSING, "vault.erased");
    return vault_open(cx, context_of(cx, ref), blob, out);
}

Err vault_get(Ctx *cx, SealedRef ref, Str *out)
{
    TRY(get_salted(cx, ref, out));
    *out = str_skip(*out, SALT_BYTES);
    return OK;
}

Err vault_find(Ctx *cx, SealedRef ref, Str *out)
{
    Err err = vault_get(cx, ref, out);
    if (err != E_MISSING)
        return err;
    ctx_forgive(cx);
    *out = STR_EMPTY;
    return OK;
}

Err vault_check(Ctx *cx, SealedRef ref, Str commitment, bool *out)
{
    Str salted;
    TRY(get_salted(cx, ref, &salted));
    *out = str_is(commitment_of(cx, context_of(cx, ref), salted), commitment);
    return OK;
}

static void set_value(Ctx *cx, Values *values, Str name, Str text)
{
    for (Value *v = values->first; v; v = v->next) {
        if (str_is(v->name, name)) {
            v->text = text;
            return;
        }
    }
    value_add(cx, values, name, text);
}

Err vault_list(Ctx *cx, Str kind, i64 owner, Values *out)
{
    Query q = QUERY(
        cx, "SELECT n, field, blob FROM sealed WHERE kind = $1 AND owner = $2 ORDER BY n, field",
        T(kind), I(owner));
    while (query_next(&q)) {
        SealedRef ref = { .kind = kind, .owner = owner };
        ref.n = query_int(&q);
        ref.field = query_text(&q);
        Str salted;
        if (vault_open(cx, context_of(cx, ref), query_bytes(&q), &salted))
            break;
        set_value(cx, out, ref.field, str_skip(salted, SALT_BYTES));
    }
    return query_end(&q);
}

Err vault_erase(Ctx *cx, SealedRef ref)
{
    Query q =
        QUERY(cx, "DELETE FROM sealed WHERE kind = $1 AND owner = $2 AND n = $3 AND field = $4",
              T(ref.kind), I(ref.owner), I(ref.n), T(ref.field));
    return query_run(&q);
}

Err vault_erase_all(Ctx *cx, Str kind, i64 owner)
{
    Query q = QUERY(cx, "DELETE FROM sealed WHERE kind = $1 AND owner = $2", T(kind), I(owner));
    return query_run(&q);
}

Err vault_list_owners(Ctx *cx, Str kind, Bytes mark, i64 n_max, Owner **out)
{
    Query q = QUERY(cx, "SELECT DISTINCT owner FROM sealed WHERE mark = $1 AND kind = $2"
                        " ORDER BY owner DESC LIMIT $3", B(mark), T(kind), I(n_max));
    *out = NULL;
    while (query_next(&q)) {
        Owner *o = NEW(cx, Owner);
        if (!o)
            break;
        o->owner = query_int(&q);
        *out = o;
        out = &o->next;
    }
    return query_end(&q);
}

/* ------------------------------------------------------------------ looking */

typedef struct LookNote {
    SealedRef ref;
    Str role, reason;
    BodyId body;
} LookNote;

static Err insert_look(Ctx *cx, const LookNote *note)
{
    Query q = QUERY(cx,
                    "INSERT INTO look (at, person, post, role, body, kind, owner, field, reason)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    AT(cx->now), ID(cx->actor.person), ID(cx->actor.post), T(note->role),
                    ID_OR_NULL(note->body), T(note->ref.kind), I(note->ref.owner),
                    T(note->ref.field), T(note->reason));
    return query_run(&q);
}

static Err note_once(Ctx *cx, void *arg)
{
    const LookNote *note = arg;
    bool noted;
    Query q = QUERY(cx,
                    "SELECT 1 FROM look WHERE kind = $1 AND owner = $2 AND field = $3"
                    " AND person = $4 AND at > $5 LIMIT 1",
                    T(note->ref.kind), I(note->ref.owner), T(note->ref.field),
                    ID(cx->actor.person), I(cx->now.ms - SAME_LOOK_MS));
    TRY(query_found(&q, &noted));
    return noted ? OK : insert_look(cx, note);
}

Err vault_note_look(Ctx *cx, SealedRef ref, Str role, BodyId body, Str reason)
{
    LookNote note = { ref, role, reason, body };
    return store_write(cx, note_once, &note);
}

static Err note_look(Ctx *cx, void *arg)
{
    const LookNote *note = arg;
    i64 lately;
    Query count = QUERY(cx, "SELECT COUNT(*) FROM look WHERE person = $1 AND at > $2"
                        " AND kind <> 'search' AND substr(field, 1, 6) <> 'paper:'"
                        " AND substr(field, 1, 6) <> 'found:'", /* those are the work itself */
                        ID(cx->actor.person), I(cx->now.ms - MS_PER_HOUR));
    TRY(query_one_int(&count, &lately));
    if (lately >= LOOKS_PER_HOUR_MAX)
        return fail(cx, E_LIMIT, "vault.looked_too_often");
    return insert_look(cx, note);
}

Err vault_look(Ctx *cx, SealedRef ref, Str role, BodyId body, Str reason, Str *out)
{
    LookNote note = { ref, role, reason, body };
    TRY(store_write(cx, note_look, &note));
    return vault_get(cx, ref, out);
}

static Err note_search(Ctx *cx, void *arg)
{
    return insert_look(cx, arg);
}

Err vault_note_search(Ctx *cx, Str field, i64 found, Str role, BodyId body, Str reason)
{
    LookNote note = { { S("search"), found, 0, field }, role, reason, body };
    return store_write(cx, note_search, &note);
}

static Err read_looks(Ctx *cx, Query *q, Look **out)
{
    *out = NULL;
    while (query_next(q)) {
        Look *look = NEW(cx, Look);
        if (!look)
            break;
        look->id = query_int(q);
        look->at = query_instant(q);
        look->person = (PersonId){ query_int(q) };
        look->role = query_text(q);
        look->body = (BodyId){ query_int(q) };
        look->kind = query_text(q);
        look->owner = query_int(q);
        look->field = query_text(q);
        look->reason = query_text(q);
        *out = look;
        out = &look->next;
    }
    return query_end(q);
}

Err vault_list_looks(Ctx *cx, Str kind, i64 owner, i64 before, i64 n_max, Look **out)
{
    Query q = QUERY(cx, "SELECT id, at, person, role, body, kind, owner, field, reason FROM look"
                        " WHERE kind = $1 AND owner = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
                    T(kind), I(owner), I(before ? before : INT64_MAX), I(n_max));
    return read_looks(cx, &q, out);
}

Err vault_list_all_looks(Ctx *cx, i64 before, i64 n_max, Look **out)
{
    Query q = QUERY(cx, "SELECT id, at, person, role, body, kind, owner, field, reason FROM look"
                        " WHERE id < $1 ORDER BY id DESC LIMIT $2",
                    I(before ? before : INT64_MAX), I(n_max));
    return read_looks(cx, &q, out);
}

Err vault_count_looks(Ctx *cx, Str kind, i64 owner, i64 *out)
{
    Query q = QUERY(cx, "SELECT COUNT(*) FROM look WHERE kind = $1 AND owner = $2", T(kind),
                    I(owner));
    return query_one_int(&q, out);
}
