/* session.c -- signing in, staying signed in, acting in a post. */
#include "identity/private.h"

#include "text/text.h"

enum { TOKEN_BYTES = 32 };
#define SEEN_EVERY_MS (60 * MS_PER_SECOND) /* a session's last use is written at most this often */

const Field SIGN_IN_FIELDS[] = {
    FIELD(SignIn, at, INSTANT),
    FIELD(SignIn, account, ID),
    FIELD(SignIn, outcome, TEXT),
    FIELD_END
};

/* ------------------------------------------------------------------ signing in */

typedef struct Attempt {
    AccountId account;
    PersonId person;
    Str hash;
    i64 failed;
    Instant locked_until;
    bool disabled, is_given;
    Instant secret_at;
    i64 tries_max, lock_minutes, idle_minutes, session_hours, password_days;
    const char *outcome;
    Bytes token_hash;
} Attempt;

static Err read_attempt(Ctx *cx, Str login, Attempt *out)
{
    Query q = QUERY(
        cx,
        "SELECT id, person, secret, failed, locked_until, disabled, is_given, secret_at"
        " FROM account WHERE login = $1",
        T(login));
    if (query_next(&q)) {
        out->account = (AccountId){ query_int(&q) };
        out->person = (PersonId){ query_int(&q) };
        out->hash = query_text(&q);
        out->failed = query_int(&q);
        out->locked_until = query_instant(&q);
        out->disabled = query_flag(&q);
        out->is_given = query_flag(&q);
        out->secret_at = query_instant(&q);
    }
    TRY(query_end(&q));
    TRY(rule_get_int(cx, S("SESSION-MAX"), day_today(cx), &out->session_hours));
    TRY(rule_get_int(cx, S("PASSWORD-AGE"), day_today(cx), &out->password_days));
    TRY(rule_get_int(cx, S("SIGN-IN-TRIES"), day_today(cx), &out->tries_max));
    TRY(rule_get_int(cx, S("IDLE-OFFICE"), day_today(cx), &out->idle_minutes));
    return rule_get_int(cx, S("SIGN-IN-LOCK"), day_today(cx), &out->lock_minutes);
}

static Err note_outcome(Ctx *cx, const Attempt *a)
{
    Query q = QUERY(cx, "INSERT INTO sign_in (at, account, outcome) VALUES ($1, $2, $3)",
                    AT(cx->now), ID_OR_NULL(a->account), T(str_of(a->outcome)));
    return query_run(&q);
}

static Err store_failure(Ctx *cx, void *arg)
{
    const Attempt *a = arg;
    Instant lock = { cx->now.ms + a->lock_minutes * MS_PER_MINUTE };
    /* A lock that has ended begins the count anew. */
    Query anew = QUERY(cx, "UPDATE account SET failed = 0, locked_until = 0 WHERE id = $1"
                           " AND locked_until > 0 AND locked_until <= $2",
                       ID(a->account), AT(cx->now));
    TRY(query_run(&anew));
    Query q = QUERY(cx, "UPDATE account SET failed = failed + 1,"
                        " locked_until = CASE WHEN failed + 1 >= $2 THEN $3 ELSE locked_until END"
                        " WHERE id = $1", ID(a->account), I(a->tries_max), AT(lock));
    TRY(query_run(&q));
    return note_outcome(cx, a);
}

static Err store_refusal(Ctx *cx, void *arg)
{
    return note_outcome(cx, arg);
}

/* One answer for whoever does not get in, so that it tells nobody which logins exist. */
static Err not_let_in(Ctx *cx, const Attempt *a)
{
    return fail(cx, E_DENIED, "identity.wrong_login_or_password",
                text_int(cx, "tries", a->tries_max), text_int(cx, "minutes", a->lock_minutes));
}

/* What must be done before anything else. */
static Str first_of_all(const Ctx *cx, const Attempt *a)
{
    i64 age_ms = cx->now.ms - a->secret_at.ms;
    bool is_old = a->password_days && age_ms > a->password_days * MS_PER_DAY;
    return a->is_given || is_old ? S("password") : STR_EMPTY;
}

static Err store_session(Ctx *cx, void *arg)
{
    const Attempt *a = arg;
    bool stands = false;
    /* Guesses made side by side may have locked the account since it was read. */
    Query reset =
        QUERY(cx,
              "UPDATE account SET failed = 0, locked_until = 0 WHERE id = $1 AND locked_until <= $2"
              " AND NOT disabled RETURNING id",
              ID(a->account), AT(cx->now));
    TRY(query_found(&reset, &stands));
    if (!stands)
        return not_let_in(cx, a);
    Query q = QUERY(
        cx,
        "INSERT INTO session (token_hash, account, person, post, idle_minutes, created_at, seen_at,"
        " ends_at, waits) VALUES ($1, $2, $3, NULL, $4, $5, $5, $6, $7)",
        B(a->token_hash), ID(a->account), ID(a->person), I(a->idle_minutes), AT(cx->now),
        I(cx->now.ms + a->session_hours * MS_PER_HOUR), T(first_of_all(cx, a)));
    TRY(query_run(&q));
    return note_outcome(cx, a);
}

static Err refuse(Ctx *cx, Attempt *a, const char *outcome)
{
    a->outcome = outcome;
    bool counts = a->account.value && outcome[0] == 'w';
    TRY(store_write(cx, counts ? store_failure : store_refusal, a));
    return not_let_in(cx, a);
}

Err session_begin(Ctx *cx, Str login, Str password, Str *out_token)
{
    Attempt a = { .hash = STR_EMPTY };
    bool matches;
    TRY(read_attempt(cx, login_normal(cx, login), &a));
    TRY(password_matches(cx, a.hash, password, &matches));
    if (!a.account.value)
        return refuse(cx, &a, "unknown");
    if (a.locked_until.ms > cx->now.ms)
        return refuse(cx, &a, "locked");
    if (!matches)
        return refuse(cx, &a, "wrong");
    if (a.disabled)
        return refuse(cx, &a, "disabled");
    a.outcome = "good";
    *out_token = str_base64url(&cx->arena, vault_random(cx, TOKEN_BYTES));
    a.token_hash = vault_hash(cx, *out_token);
    TRY(ctx_err(cx));
    return store_write(cx, store_session, &a);
}

/* ------------------------------------------------------------------ staying */

Str session_csrf(Ctx *cx, Str token)
{
    Bytes mac = vault_token_mac(cx, S("csrf"), token);
    return str_base64url(&cx->arena, (Bytes){ mac.at, mac.n < 18 ? mac.n : 18 });
}

typedef struct Seen {
    Bytes token_hash;
    PersonId person;
    PostId post;
    i64 idle_minutes;
    bool found;
} Seen;

static Err store_seen(Ctx *cx, void *arg)
{
    const Seen *seen = arg;
    Query q = QUERY(cx, "UPDATE session SET seen_at = $2 WHERE token_hash = $1",
                    B(seen->token_hash), AT(cx->now));
    return query_run(&q);
}

Tag session_tag(AccountId account)
{
    return tag_of("session", account.value);
}

static Err read_session(Ctx *cx, Str token, Session *out, Instant *out_seen)
{
    Bytes hash = vault_hash(cx, token);
    TRY(ctx_err(cx));
    Query q = QUERY_OF(cx, tag_of_text("token", str_of_bytes(hash)),
                       "SELECT s.account, s.person, s.post, s.seen_at, s.idle_minutes, s.ends_at,"
                       " s.waits, a.login FROM session s"
                       " JOIN account a ON a.id = s.account"
                       " WHERE s.token_hash = $1 AND NOT a.disabled",
                       B(hash));
    bool found = query_next(&q);
    *out = (Session){ .account = { query_int(&q) } };
    out->person = (PersonId){ query_int(&q) };
    out->post = (PostId){ query_int(&q) };
    *out_seen = query_instant(&q);
    out->until.ms = out_seen->ms + query_int(&q) * MS_PER_MINUTE;
    Instant ends_at = query_instant(&q);
    out->waits = query_text(&q);
    out->login = query_text(&q);
    TRY(query_end(&q));
    store_rely_on(cx, session_tag(out->account));
    if (out->until.ms > ends_at.ms)
        out->until = ends_at;
    if (!found || cx->now.ms >= ends_at.ms || cx->now.ms > out->until.ms)
        return fail(cx, E_MISSING, "identity.session_over");
    out->csrf = session_csrf(cx, token);
    if (out->waits.n)
        out->post.value = 0;
    cx->actor = (Actor){ .kind = ACTOR_STAFF, .person = out->person, .post = out->post };
    return OK;
}

Err session_look(Ctx *cx, Str token, Session *out)
{
    Instant seen_at;
    return read_session(cx, token, out, &seen_at);
}

Err session_use(Ctx *cx, Str token, Session *out)
{
    Seen seen = { .token_hash = vault_hash(cx, token) };
    Instant seen_at;
    TRY(read_session(cx, token, out, &seen_at));
    if (cx->now.ms - seen_at.ms > SEEN_EVERY_MS)
        return store_write(cx, store_seen, &seen);
    return OK;
}

static Err store_post(Ctx *cx, void *arg)
{
    Seen *seen = arg;
    Query own = QUERY(cx,
                      "SELECT 1 FROM post WHERE id = $1 AND person = $2 AND since <= $3"
                      " AND (until IS NULL OR until > $3)",
                      ID(seen->post), ID(seen->person), AT(cx->now));
    TRY(query_found(&own, &seen->found));
    if (!seen->found)
        return fail(cx, E_DENIED, "identity.not_your_post");
    Query q = QUERY(cx, "UPDATE session SET post = $2, idle_minutes = $3 WHERE token_hash = $1"
                        " AND waits = '' RETURNING account",
                    B(seen->token_hash), ID(seen->post), I(seen->idle_minutes));
    seen->found = query_next(&q);
    store_touch(cx, session_tag((AccountId){ query_int(&q) }));
    TRY(query_end(&q));
    return seen->found ? OK : fail(cx, E_DENIED, "identity.password_first");
}

Err session_act_in(Ctx *cx, Str token, PostId post, Str idle_rule)
{
    Seen seen = { .token_hash = vault_hash(cx, token), .person = cx->actor.person, .post = post };
    TRY(rule_get_int(cx, idle_rule, day_today(cx), &seen.idle_minutes));
    return store_write(cx, store_post, &seen);
}

/* ------------------------------------------------------------------ one's own password */

typedef struct OwnChange {
    AccountId account;
    Str hash;
    Bytes token_hash;
} OwnChange;

static Err store_own(Ctx *cx, void *arg)
{
    const OwnChange *c = arg;
    Query q = QUERY(cx, "UPDATE account SET secret = $2, secret_at = $3, is_given = FALSE,"
                        " failed = 0 WHERE id = $1", ID(c->account), T(c->hash), AT(cx->now));
    TRY(query_run(&q));
    Query others = QUERY(cx, "DELETE FROM session WHERE account = $1 AND token_hash <> $2",
                         ID(c->account), B(c->token_hash));
    TRY(query_run(&others));
    store_touch(cx, session_tag(c->account));
    Query own = QUERY(cx, "UPDATE session SET waits = '' WHERE token_hash = $1"
                          " AND waits = 'password'", B(c->token_hash));
    return query_run(&own);
}

/* A session that was left open is not enough to change its password: guesses are counted. */
static Err check_old(Ctx *cx, Attempt *a, Str old)
{
    bool matches;
    if (a->locked_until.ms > cx->now.ms)
        return fail(cx, E_DENIED, "identity.wrong_old_password");
    TRY(password_matches(cx, a->hash, old, &matches));
    if (matches)
        return OK;
    a->outcome = "wrong";
    TRY(store_write(cx, store_failure, a));
    return fail(cx, E_DENIED, "identity.wrong_old_password");
}

Err session_change_password(Ctx *cx, Str token, Str old, Str chosen)
{
    Session session;
    Attempt a = { .hash = STR_EMPTY };
    const char *fault = password_fault(chosen);
    TRY(session_use(cx, token, &session));
    TRY(read_attempt(cx, session.login, &a));
    TRY(check_old(cx, &a, old));
    if (fault)
        return fail(cx, E_INPUT, fault);
    if (str_is(old, chosen))
        return fail(cx, E_INPUT, "identity.password_same");
    OwnChange change = { .account = session.account, .token_hash = vault_hash(cx, token) };
    TRY(password_hash(cx, chosen, &change.hash));
    return store_write(cx, store_own, &change);
}

static Err delete_session(Ctx *cx, void *arg)
{
    Query q = QUERY(cx, "DELETE FROM session WHERE token_hash = $1 RETURNING account",
                    B(*(Bytes *)arg));
    if (query_next(&q))
        store_touch(cx, session_tag((AccountId){ query_int(&q) }));
    return query_end(&q);
}

Err session_end(Ctx *cx, Str token)
{
    Bytes hash = vault_hash(cx, token);
    return store_write(cx, delete_session, &hash);
}

static Err sweep(Ctx *cx, void *arg)
{
    (void)arg;
    Query q = QUERY(cx, "DELETE FROM session WHERE seen_at < $1", I(cx->now.ms - MS_PER_DAY));
    return query_run(&q);
}

Err session_sweep(Ctx *cx)
{
    return store_write(cx, sweep, NULL);
}

Err sign_in_list(Ctx *cx, i64 n_max, SignIn **out)
{
    Query q =
        QUERY(cx, "SELECT at, account, outcome FROM sign_in ORDER BY id DESC LIMIT $1", I(n_max));
    *out = NULL;
    while (query_next(&q)) {
        SignIn *s = NEW(cx, SignIn);
        if (!s)
            break;
        s->at = query_instant(&q);
        s->account = (AccountId){ query_int(&q) };
        s->outcome = query_text(&q);
        *out = s;
        out = &s->next;
    }
    return query_end(&q);
}
