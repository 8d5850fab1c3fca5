/* account.c -- persons, accounts and their passwords. */
#include "identity/private.h"

#include "administration/administration.h"
#include "ident/ident.h"
#include "text/text.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum {
    ARGON_PASSES = 2,
    ARGON_BYTES = 19 * 1024 * 1024,
    LOGIN_CHARS_MAX = 60,
    PASSWORD_BYTES_MAX = 200
};

const Field ACCOUNT_FIELDS[] = {
    FIELD(Account, id, ID),
    FIELD(Account, login, TEXT),
    FIELD(Account, name, TEXT),
    FIELD(Account, disabled, FLAG),
    FIELD(Account, has_password, FLAG),
    FIELD(Account, locked_until, INSTANT),
    FIELD_END
};

/* ------------------------------------------------------------------ persons */

#define PERSON_KIND S("person")

typedef struct NewPerson {
    Str name;
    PersonId id;
} NewPerson;

static Err insert_person(Ctx *cx, void *arg)
{
    NewPerson *p = arg;
    TRY(store_next_id(cx, "person", &p->id.value));
    Query q =
        QUERY(cx, "INSERT INTO person (id, created_at) VALUES ($1, $2)", ID(p->id), AT(cx->now));
    TRY(query_run(&q));
    return vault_put(cx, (SealedRef){ PERSON_KIND, p->id.value, 0, S("name") }, p->name,
                     (Bytes){ NULL, 0 }, NULL);
}

Err person_add(Ctx *cx, Str name, PersonId *out)
{
    NewPerson p = { .name = name };
    TRY(store_write(cx, insert_person, &p));
    *out = p.id;
    return OK;
}

Err person_name(Ctx *cx, PersonId id, Str *out)
{
    return vault_get(cx, (SealedRef){ PERSON_KIND, id.value, 0, S("name") }, out);
}

/* ------------------------------------------------------------------ passwords */

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static atomic_int in_line; /* the one that is hashed, and those who wait */

bool hash_line_join(void)
{
    if (atomic_fetch_add(&in_line, 1) <= HASH_WAITING_MAX)
        return true;
    hash_line_leave();
    return false;
}

void hash_line_leave(void)
{
    atomic_fetch_sub(&in_line, 1);
}

/* Hashing is slow: no connection is held meanwhile. */
static Err begin_hash(Ctx *cx)
{
    if (!hash_line_join())
        return fail(cx, E_BUSY, "identity.too_many_sign_ins");
    store_rest(cx);
    ctx_waits(cx, true);
    pthread_mutex_lock(&one_at_a_time);
    return OK;
}

static void end_hash(const Ctx *cx)
{
    pthread_mutex_unlock(&one_at_a_time);
    ctx_waits(cx, false);
    hash_line_leave();
}

const char *password_fault(Str password)
{
    bool lower = false, upper = false, digit = false, other = false;
    if (!str_is_utf8(password) || password.n > PASSWORD_BYTES_MAX)
        return N_("identity.password_unusable");
    for (size_t i = 0; i < password.n; i++) {
        char c = password.at[i];
        lower |= c >= 'a' && c <= 'z';
        upper |= c >= 'A' && c <= 'Z';
        digit |= c >= '0' && c <= '9';
        other |= !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
    }
    size_t chars = str_chars(password);
    bool strong = chars >= 16 || (chars >= 8 && lower + upper + digit + other >= 3);
    return strong ? NULL : N_("identity.password_weak");
}

Err password_hash(Ctx *cx, Str password, Str *out)
{
    char *text = ctx_take(cx, crypto_pwhash_STRBYTES);
    if (!text)
        return E_LIMIT;
    TRY(begin_hash(cx));
    int code = crypto_pwhash_str(text, password.at, password.n, ARGON_PASSES, ARGON_BYTES);
    end_hash(cx);
    *out = str_of(text);
    return code == 0 ? OK : fail(cx, E_LIMIT, "core.memory_used_up");
}

Err password_matches(Ctx *cx, Str hash, Str password, bool *out)
{
    /* An account without a password is checked against this, so that it takes as long and fails. */
    static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char *text = str_c(&cx->arena, hash.n ? hash : str_of(NOBODY));
    TRY(ctx_err(cx));
    TRY(begin_hash(cx));
    int code = crypto_pwhash_str_verify(text, password.at, password.n);
    end_hash(cx);
    *out = code == 0 && hash.n > 0;
    return OK;
}

/* Inside the write of what was done to the account. */
static Err note(Ctx *cx, Str what, AccountId id)
{
    PersonId person;
    Query q = QUERY(cx, "SELECT person FROM account WHERE id = $1", ID(id));
    TRY(query_one_int(&q, &person.value));
    return admin_note(cx, what, person, STR_EMPTY);
}

typedef struct SecretChange {
    AccountId id;
    Str hash;
    bool is_given;
} SecretChange;

static Err store_secret(Ctx *cx, void *arg)
{
    const SecretChange *change = arg;
    Query q = QUERY(cx,
                    "UPDATE account SET secret = $2, secret_at = $3, is_given = $4, failed = 0,"
                    " locked_until = 0 WHERE id = $1",
                    ID(change->id), T(change->hash), AT(cx->now), F(change->is_given));
    TRY(query_run(&q));
    Query out = QUERY(cx, "DELETE FROM session WHERE account = $1", ID(change->id));
    store_touch(cx, session_tag(change->id));
    TRY(query_run(&out));
    return change->is_given ? note(cx, S("account.password"), change->id) : OK;
}

Err account_set_hash(Ctx *cx, AccountId id, Str hash)
{
    SecretChange change = { id, hash, false };
    return store_write(cx, store_secret, &change);
}

Err account_set_password(Ctx *cx, AccountId id, Str password)
{
    Str hash;
    const char *fault = password_fault(password);
    if (fault)
        return fail(cx, E_INPUT, fault);
    TRY(password_hash(cx, password, &hash));
    SecretChange change = { id, hash, true };
    return store_write(cx, store_secret, &change);
}

/* ------------------------------------------------------------------ accounts */

Str login_normal(Ctx *cx, Str typed)
{
    return str_is_utf8(typed) ? str_lower(&cx->arena, str_trim(text_nfkc(&cx->arena, typed)))
                              : STR_EMPTY;
}

static bool is_login(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'
              || c == '@'))
            return false;
    }
    return s.n >= 2 && s.n <= LOGIN_CHARS_MAX;
}

typedef struct NewAccount {
    PersonId person;
    Str login;
    AccountId id;
} NewAccount;

static Err insert_account(Ctx *cx, void *arg)
{
    NewAccount *a = arg;
    Query q = QUERY(
        cx,
        "INSERT INTO account (person, login, secret, secret_at, failed, locked_until, disabled,"
        " created_at) VALUES ($1, $2, '', 0, 0, 0, FALSE, $3)"
        " ON CONFLICT (login) DO NOTHING RETURNING id",
        ID(a->person), T(a->login), AT(cx->now));
    a->id.value = query_next(&q) ? query_int(&q) : 0;
    TRY(query_end(&q));
    if (!a->id.value)
        return fail(cx, E_CONFLICT, "identity.login_taken", V("login", a->login));
    return admin_note(cx, S("account.add"), a->person, STR_EMPTY);
}

Err account_add(Ctx *cx, PersonId person, Str login, AccountId *out)
{
    NewAccount a = { .person = person, .login = login_normal(cx, login) };
    if (!is_login(a.login))
        return fail(cx, E_INPUT, "identity.bad_login");
    TRY(store_write(cx, insert_account, &a));
    *out = a.id;
    return OK;
}

typedef struct FlagChange {
    AccountId id;
    bool disabled;
} FlagChange;

static Err store_disabled(Ctx *cx, void *arg)
{
    const FlagChange *change = arg;
    Query q = QUERY(cx, "UPDATE account SET disabled = $2 WHERE id = $1", ID(change->id),
                    F(change->disabled));
    TRY(query_run(&q));
    Query out = QUERY(cx, "DELETE FROM session WHERE account = $1", ID(change->id));
    store_touch(cx, session_tag(change->id));
    TRY(query_run(&out));
    return note(cx, change->disabled ? S("account.disable") : S("account.enable"), change->id);
}

Err account_set_disabled(Ctx *cx, AccountId id, bool disabled)
{
    FlagChange change = { id, disabled };
    return store_write(cx, store_disabled, &change);
}

static Err store_unlocked(Ctx *cx, void *arg)
{
    const AccountId *id = arg;
    Query q = QUERY(cx, "UPDATE account SET failed = 0, locked_until = 0 WHERE id = $1", ID(*id));
    TRY(query_run(&q));
    return note(cx, S("account.unlock"), *id);
}

Err account_unlock(Ctx *cx, AccountId id)
{
    return store_write(cx, store_unlocked, &id);
}

Err account_get_by_login(Ctx *cx, Str login, AccountId *out, PersonId *out_person)
{
    Query q =
        QUERY(cx, "SELECT id, person FROM account WHERE login = $1", T(login_normal(cx, login)));
    bool found = query_next(&q);
    out->value = query_int(&q);
    out_person->value = query_int(&q);
    TRY(query_end(&q));
    return found ? OK : fail(cx, E_MISSING, "identity.no_such_account", V("login", login));
}

Err account_list(Ctx *cx, i64 after, i64 n_max, Account **out)
{
    Account *first = NULL, **end = &first;
    Query q = QUERY(cx,
                    "SELECT id, person, login, disabled, secret <> '', locked_until FROM account"
                    " WHERE id > $1 ORDER BY id LIMIT $2",
                    I(after), I(n_max));
    while (query_next(&q)) {
        Account *a = NEW(cx, Account);
        if (!a)
            break;
        a->id = (AccountId){ query_int(&q) };
        a->person = (PersonId){ query_int(&q) };
        a->login = query_text(&q);
        a->disabled = query_flag(&q);
        a->has_password = query_flag(&q);
        a->locked_until = query_instant(&q);
        *end = a;
        end = &a->next;
    }
    TRY(query_end(&q));
    for (Account *a = first; a; a = a->next) {
        TRY(person_name(cx, a->person, &a->name));
        a->name = mask_name(&cx->arena, a->name);
    }
    *out = first;
    return OK;
}
