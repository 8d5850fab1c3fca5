/* test_identity.c -- signing in, staying signed in, acting in a post; and who may do what,
** where. */
#include "support/support.h"

#include "administration/administration.h"
#include "identity/private.h"

#include <stdio.h>
#include <string.h>

static const char PASSWORD[] = "Correct-horse-7";

static AccountId account_with_password(World *w, const char *login)
{
    Ctx *cx = &w->cx;
    PersonId person;
    AccountId account;
    assert_ok(cx, person_add(cx, S("Li Test"), &person));
    assert_ok(cx, account_add(cx, person, str_of(login), &account));
    Str hash;
    assert_ok(cx, password_hash(cx, str_of(PASSWORD), &hash));
    assert_ok(cx, account_set_hash(cx, account, hash));
    return account;
}

static Err sign_in(Ctx *cx, const char *login, const char *password, Str *out_token)
{
    return session_begin(cx, str_of(login), str_of(password), out_token);
}

/* ------------------------------------------------------------------ passwords and accounts */

static void weak_passwords_are_refused_with_the_reason(void **state)
{
    (void)state;
    assert_null(password_fault(S("Correct-horse-7")));
    assert_null(password_fault(S("sixteen letters!")));
    assert_null(password_fault(S("一段很长的中文口令，共有十六个以上的字")));
    assert_string_equal(password_fault(S("Short1!")), "identity.password_weak");
    assert_string_equal(password_fault(S("onlylowercase")), "identity.password_weak");
    assert_string_equal(password_fault(S("\xff\xfe rubbish and more of it")),
                        "identity.password_unusable");
}

static void a_login_is_one_person_s_whatever_its_letters(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    AccountId a = account_with_password(w, "Li.Test"), b;
    PersonId person;
    assert_fails(cx, account_add(cx, (PersonId){ 1 }, S(" li.TEST "), &b), E_CONFLICT,
                 "identity.login_taken");
    assert_fails(cx, account_add(cx, (PersonId){ 1 }, S("li test"), &b), E_INPUT,
                 "identity.bad_login");
    assert_fails(cx, account_add(cx, (PersonId){ 1 }, S("x"), &b), E_INPUT, "identity.bad_login");
    assert_ok(cx, account_get_by_login(cx, S("ｌｉ．ｔｅｓｔ"), &b, &person));
    assert_int_equal(a.value, b.value);
    world_end(w);
}

static void the_password_itself_is_stored_nowhere(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str file;
    size_t at;
    account_with_password(w, "li");
    file = world_copy(w);
    assert_false(str_find(file, str_of(PASSWORD), &at));
    assert_true(str_find(file, S("$argon2id$v=19$m=19456,t=2,p=1$"), &at));
    world_end(w);
}

/* ------------------------------------------------------------------ signing in */

static void who_does_not_exist_is_answered_like_who_mistyped(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    account_with_password(w, "li");
    assert_fails(cx, sign_in(cx, "nobody", PASSWORD, &token), E_DENIED,
                 "identity.wrong_login_or_password");
    assert_fails(cx, sign_in(cx, "li", "Wrong-horse-7", &token), E_DENIED,
                 "identity.wrong_login_or_password");
    assert_ok(cx, sign_in(cx, "LI", PASSWORD, &token));
    world_end(w);
}

static void refused(World *w, const char *login, const char *password)
{
    Str token;
    assert_fails(&w->cx, sign_in(&w->cx, login, password, &token), E_DENIED,
                 "identity.wrong_login_or_password");
}

static void five_failures_lock_for_a_quarter_of_an_hour(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str token;
    account_with_password(w, "li");
    world_at(w, "2024-10-10 09:00");
    for (int i = 0; i < 5; i++)
        refused(w, "li", "wrong");
    refused(w, "li", PASSWORD);
    world_at(w, "2024-10-10 09:14");
    refused(w, "li", PASSWORD);
    world_at(w, "2024-10-10 09:15");
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    /* A good one begins the count anew. */
    for (int i = 0; i < 4; i++)
        assert_fails(&w->cx, sign_in(&w->cx, "li", "wrong", &token), E_DENIED,
                     "identity.wrong_login_or_password");
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    world_end(w);
}

static void a_lock_that_has_ended_begins_the_count_anew(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str token;
    account_with_password(w, "li");
    world_at(w, "2024-10-10 09:00");
    for (int i = 0; i < 5; i++)
        refused(w, "li", "wrong");
    world_at(w, "2024-10-10 09:20");
    for (int i = 0; i < 4; i++)
        refused(w, "li", "wrong");
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    world_end(w);
}

static void a_flood_of_sign_ins_is_sent_away_and_not_counted(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str token;
    account_with_password(w, "li");
    for (int i = 0; i <= HASH_WAITING_MAX; i++)
        assert_true(hash_line_join());
    for (int i = 0; i < 6; i++)
        assert_fails(&w->cx, sign_in(&w->cx, "li", "wrong", &token), E_BUSY,
                     "identity.too_many_sign_ins");
    hash_line_leave();
    /* With a place free nobody waits: the line was joined, not the lock. */
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    for (int i = 0; i < HASH_WAITING_MAX; i++)
        hash_line_leave();
    world_end(w);
}

static void a_disabled_account_does_not_get_in_and_is_thrown_out(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    Session session;
    AccountId account = account_with_password(w, "li");
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_ok(cx, account_set_disabled(cx, account, true));
    assert_fails(cx, session_use(cx, token, &session), E_MISSING, "identity.session_over");
    assert_fails(cx, sign_in(cx, "li", PASSWORD, &token), E_DENIED,
                 "identity.wrong_login_or_password");
    world_end(w);
}

static void a_new_password_ends_every_session(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    Session session;
    AccountId account = account_with_password(w, "li");
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, account_set_password(cx, account, S("Another-horse-8")));
    assert_fails(cx, session_use(cx, token, &session), E_MISSING, "identity.session_over");
    world_end(w);
}

/* ------------------------------------------------------------------ staying */

static void an_idle_session_ends_and_a_used_one_stays(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str token;
    Session session;
    account_with_password(w, "li");
    world_at(w, "2024-10-10 09:00");
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    char kept[128];
    assert_true(token.n < sizeof kept);
    Str mine = { memcpy(kept, token.at, token.n), token.n };
    for (int minute = 10; minute < 60; minute += 10) {
        char at[32];
        snprintf(at, sizeof at, "2024-10-10 09:%02d", minute);
        world_at(w, at);
        assert_ok(&w->cx, session_use(&w->cx, mine, &session));
    }
    world_at(w, "2024-10-10 10:06");
    assert_fails(&w->cx, session_use(&w->cx, mine, &session), E_MISSING, "identity.session_over");
    world_end(w);
}

/* A token outlives the moment it was made in. */
static Str kept_token(Str token)
{
    static char kept[128];
    assert_true(token.n < sizeof kept);
    return (Str){ memcpy(kept, token.at, token.n), token.n };
}

static void a_session_ends_after_half_a_day_however_much_it_is_used(void **state)
{
    (void)state;
    World *w = world_new("town");
    Str token;
    Session session;
    account_with_password(w, "li");
    world_at(w, "2024-10-10 08:00");
    assert_ok(&w->cx, sign_in(&w->cx, "li", PASSWORD, &token));
    token = kept_token(token);
    for (int minute = 10; minute < 12 * 60; minute += 10) {
        char at[32];
        snprintf(at, sizeof at, "2024-10-10 %02d:%02d", 8 + minute / 60, minute % 60);
        world_at(w, at);
        assert_ok(&w->cx, session_use(&w->cx, token, &session));
    }
    world_at(w, "2024-10-10 20:00");
    assert_fails(&w->cx, session_use(&w->cx, token, &session), E_MISSING, "identity.session_over");
    world_end(w);
}

static void a_password_of_somebody_else_s_making_only_lets_choose_another(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token, other;
    Session session;
    Place town;
    PostId post;
    AccountId account = account_with_password(w, "li");
    assert_ok(cx, account_set_password(cx, account, S("Given-horse-8")));
    assert_ok(cx, sign_in(cx, "li", "Given-horse-8", &token));
    assert_ok(cx, sign_in(cx, "li", "Given-horse-8", &other));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "password");
    assert_ok(cx, place_district(cx, &town));
    Appointment a = { .person = session.person, .role = S("window"), .since = { 1 },
                      .place = town.id };
    assert_ok(cx, permit_appoint(cx, &a, &post));
    assert_fails(cx, session_act_in(cx, token, post, S("IDLE-WINDOW")), E_DENIED,
                 "identity.password_first");
    assert_fails(cx, session_change_password(cx, token, S("Wrong-horse-8"), S("Mine-alone-9")),
                 E_DENIED, "identity.wrong_old_password");
    assert_fails(cx, session_change_password(cx, token, S("Given-horse-8"), S("weak")), E_INPUT,
                 "identity.password_weak");
    assert_fails(cx, session_change_password(cx, token, S("Given-horse-8"), S("Given-horse-8")),
                 E_INPUT, "identity.password_same");
    assert_ok(cx, session_change_password(cx, token, S("Given-horse-8"), S("Mine-alone-9")));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "");
    assert_ok(cx, session_act_in(cx, token, post, S("IDLE-WINDOW")));
    assert_fails(cx, session_use(cx, other, &session), E_MISSING, "identity.session_over");
    refused(w, "li", "Given-horse-8");
    assert_ok(cx, sign_in(cx, "li", "Mine-alone-9", &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "");
    world_end(w);
}

static void an_open_session_is_not_enough_to_guess_its_password(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    account_with_password(w, "li");
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    for (int i = 0; i < 5; i++)
        assert_fails(cx, session_change_password(cx, token, S("Wrong-horse-8"), S("Mine-alone-9")),
                     E_DENIED, "identity.wrong_old_password");
    assert_fails(cx, session_change_password(cx, token, str_of(PASSWORD), S("Mine-alone-9")),
                 E_DENIED, "identity.wrong_old_password");
    world_end(w);
}

static void a_password_older_than_its_rule_must_be_changed(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    Session session;
    world_at(w, "2024-01-01 09:00");
    account_with_password(w, "li");
    world_at(w, "2024-03-31 08:59");
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "");
    world_at(w, "2024-03-31 10:01");
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "password");
    assert_ok(cx, rule_replace(cx, S("PASSWORD-AGE"), S("0"), S("test")));
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_str(session.waits, "");
    world_end(w);
}

static void a_token_that_was_not_given_opens_nothing(void **state)
{
    (void)state;
    World *w = world_new("town");
    Session session;
    assert_fails(&w->cx, session_use(&w->cx, S(""), &session), E_MISSING, "identity.session_over");
    assert_fails(&w->cx,
                 session_use(&w->cx, S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &session),
                 E_MISSING, "identity.session_over");
    assert_false(str_is(session_csrf(&w->cx, S("a")), session_csrf(&w->cx, S("b"))));
    world_end(w);
}

static void a_session_acts_only_in_a_post_of_its_own(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str token;
    Session session;
    account_with_password(w, "li");
    act_as(w, "other", "window", NULL, "MB");
    PostId others = cx->actor.post;
    assert_ok(cx, sign_in(cx, "li", PASSWORD, &token));
    assert_ok(cx, session_use(cx, token, &session));
    assert_fails(cx, session_act_in(cx, token, others, S("IDLE-WINDOW")), E_DENIED,
                 "identity.not_your_post");
    Appointment a = { .person = session.person, .role = S("window"), .since = { 1 } };
    Place town;
    assert_ok(cx, place_district(cx, &town));
    a.place = town.id;
    PostId own;
    assert_ok(cx, permit_appoint(cx, &a, &own));
    assert_ok(cx, session_act_in(cx, token, own, S("IDLE-WINDOW")));
    assert_ok(cx, session_use(cx, token, &session));
    assert_int_equal(session.post.value, own.value);
    assert_ok(cx, permit_dismiss(cx, own));
    assert_ok(cx, session_use(cx, token, &session));
    assert_int_equal(session.post.value, 0);
    assert_fails(cx, session_act_in(cx, token, own, S("IDLE-WINDOW")), E_DENIED,
                 "identity.not_your_post");
    world_end(w);
}

/* ------------------------------------------------------------------ what administrators did */

static void every_administrative_act_is_noted_and_nothing_that_failed(void **state)
{
    static const char *const WANT[] = { "account.unlock", "account.enable", "account.disable",
                                        "account.password", "post.dismiss", "post.appoint",
                                        "account.add" };
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    PersonId person;
    AccountId account, second;
    PostId post;
    Place town;
    AdminAct *acts, *newest;
    assert_ok(cx, place_district(cx, &town));
    act_as(w, "sam", "system_admin", NULL, "MB");
    assert_ok(cx, person_add(cx, S("Li Test"), &person));
    assert_ok(cx, account_add(cx, person, S("li"), &account));
    Appointment a = { .person = person, .role = S("window"), .place = town.id, .since = { 1 } };
    assert_ok(cx, permit_appoint(cx, &a, &post));
    assert_ok(cx, permit_dismiss(cx, post));
    assert_ok(cx, account_set_password(cx, account, S("Given-horse-8")));
    assert_ok(cx, account_set_disabled(cx, account, true));
    assert_ok(cx, account_set_disabled(cx, account, false));
    assert_ok(cx, account_unlock(cx, account));
    a.role = S("reviewer");
    assert_fails(cx, permit_appoint(cx, &a, &post), E_INPUT, "permit.role_needs_body");
    assert_fails(cx, account_add(cx, (PersonId){ 1 }, S("li"), &second), E_CONFLICT,
                 "identity.login_taken");
    assert_ok(cx, admin_list(cx, 0, COUNT(WANT), &acts));
    newest = acts;
    for (size_t i = 0; i < COUNT(WANT); i++, acts = acts->next) {
        assert_non_null(acts);
        assert_str(acts->what, WANT[i]);
        assert_str(acts->role, "system_admin");
        assert_str(acts->about, "li");
    }
    assert_ok(cx, admin_list(cx, newest->id, 1, &acts));
    assert_str(acts->what, "account.enable");
    world_end(w);
}

/* ------------------------------------------------------------------ permission */

static void unknown_is_no(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Subject anything = { 0 };
    act_as_anyone(cx);
    assert_ok(cx, permit_may(cx, ACT_PUBLIC, &anything));
    assert_fails(cx, permit_may(cx, ACT_SIGNED_IN, &anything), E_DENIED, "permit.sign_in_first");
    assert_fails(cx, permit_may(cx, ACT_OWN, &anything), E_DENIED, "permit.sign_in_first");
    assert_fails(cx, permit_may(cx, (Act) "no.such.act", &anything), E_DENIED,
                 "permit.sign_in_first");
    act_as(w, "win", "window", NULL, "510105007001");
    assert_fails(cx, permit_may(cx, (Act) "no.such.act", &anything), E_DENIED, "permit.not_yours");
    assert_fails(cx, permit_may(cx, (Act) "accounts.manage", &anything), E_DENIED,
                 "permit.not_yours");
    assert_ok(cx, permit_may(cx, (Act) "case.read", &anything));
    cx->actor.post = (PostId){ 0 };
    assert_fails(cx, permit_may(cx, (Act) "case.read", &anything), E_DENIED, "permit.not_yours");
    world_end(w);
}

static void a_post_reaches_as_far_as_its_place_and_its_body(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Place here, there;
    Body market, civil;
    world_at(w, "2024-01-02 09:00");
    assert_ok(cx, place_get_by_code(cx, S("510105007001"), day_today(cx), &here));
    assert_ok(cx, place_get_by_code(cx, S("510105005006"), day_today(cx), &there));
    assert_ok(cx, body_get_by_code(cx, S("market"), &market));
    assert_ok(cx, body_get_by_code(cx, S("civil"), &civil));
    act_as(w, "win", "window", NULL, "510105007");
    assert_ok(cx,
              permit_may(cx, (Act) "case.read", &(Subject){ .path = here.path, .body = civil.id }));
    assert_fails(cx, permit_may(cx, (Act) "case.read", &(Subject){ .path = there.path }), E_DENIED,
                 "permit.not_yours");
    act_as(w, "rev", "reviewer", "market", "510105");
    assert_ok(
        cx, permit_may(cx, (Act) "case.read", &(Subject){ .path = there.path, .body = market.id }));
    assert_fails(
        cx, permit_may(cx, (Act) "case.read", &(Subject){ .path = there.path, .body = civil.id }),
        E_DENIED, "permit.not_yours");
    world_end(w);
}

static void a_post_counts_only_in_its_time(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    act_as(w, "win", "window", NULL, "MB");
    Actor win = cx->actor;
    assert_ok(cx, permit_may(cx, (Act) "case.read", &(Subject){ 0 }));
    assert_ok(cx, permit_dismiss(cx, win.post));
    assert_fails(cx, permit_may(cx, (Act) "case.read", &(Subject){ 0 }), E_DENIED,
                 "permit.not_yours");
    /* Somebody else's post does not serve either. */
    act_as(w, "second", "window", NULL, "MB");
    cx->actor.person = win.person;
    assert_fails(cx, permit_may(cx, (Act) "case.read", &(Subject){ 0 }), E_DENIED,
                 "permit.not_yours");
    world_end(w);
}

static void three_administrations_are_never_one_person(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    static const char *const ADMINS[] = { "system_admin", "security_admin", "audit_admin" };
    static const char *const ACTS[] = { "accounts.manage", "accounts.security", "acts.read" };
    Place district;
    assert_ok(cx, place_district(cx, &district));
    for (size_t i = 0; i < COUNT(ADMINS); i++) {
        PersonId person = act_as(w, ADMINS[i], ADMINS[i], NULL, "510105");
        for (size_t k = 0; k < COUNT(ADMINS); k++) {
            Appointment second = {
                .person = person, .role = str_of(ADMINS[k]), .place = district.id, .since = { 1 }
            };
            PostId post;
            assert_int_equal(permit_would(cx, ACTS[k], &(Subject){ 0 }), i == k);
            if (i != k)
                assert_fails(cx, permit_appoint(cx, &second, &post), E_CONFLICT,
                             "permit.one_administration");
        }
    }
    world_end(w);
}

static void an_administration_goes_with_no_other_role(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    bool administers;
    PostId post;
    PersonId admin = act_as(w, "sys", "system_admin", NULL, "MB");
    PersonId clerk = act_as(w, "win", "window", NULL, "MB");
    PostId at_window = cx->actor.post;
    Place town;
    assert_ok(cx, place_district(cx, &town));
    Appointment a = { .person = admin, .role = S("window"), .place = town.id, .since = { 1 } };
    assert_fails(cx, permit_appoint(cx, &a, &post), E_CONFLICT, "permit.one_administration");
    a = (Appointment){
        .person = clerk, .role = S("audit_admin"), .place = town.id, .since = { 1 }
    };
    assert_fails(cx, permit_appoint(cx, &a, &post), E_CONFLICT, "permit.one_administration");
    assert_ok(cx, permit_administers(cx, clerk, &administers));
    assert_false(administers);
    assert_ok(cx, permit_dismiss(cx, at_window));
    assert_ok(cx, permit_appoint(cx, &a, &post));
    assert_ok(cx, permit_administers(cx, clerk, &administers));
    assert_true(administers);
    world_end(w);
}

static void posts_stand_only_where_their_role_has_a_desk(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    PersonId person = act_as(w, "sys", "system_admin", NULL, "510105");
    Place district;
    PostId post;
    assert_ok(cx, place_district(cx, &district));
    Appointment window = {
        .person = person, .role = S("window"), .place = district.id, .since = { 1 }
    };
    assert_fails(cx, permit_appoint(cx, &window, &post), E_INPUT, "permit.wrong_level");
    Appointment unknown = {
        .person = person, .role = S("emperor"), .place = district.id, .since = { 1 }
    };
    assert_fails(cx, permit_appoint(cx, &unknown, &post), E_INPUT, "permit.unknown_role");
    Appointment bodiless = {
        .person = person, .role = S("reviewer"), .place = district.id, .since = { 1 }
    };
    assert_fails(cx, permit_appoint(cx, &bodiless, &post), E_INPUT, "permit.role_needs_body");
    world_end(w);
}

TESTS("identity", cmocka_unit_test(weak_passwords_are_refused_with_the_reason),
      cmocka_unit_test(a_login_is_one_person_s_whatever_its_letters),
      cmocka_unit_test(the_password_itself_is_stored_nowhere),
      cmocka_unit_test(who_does_not_exist_is_answered_like_who_mistyped),
      cmocka_unit_test(five_failures_lock_for_a_quarter_of_an_hour),
      cmocka_unit_test(a_lock_that_has_ended_begins_the_count_anew),
      cmocka_unit_test(a_flood_of_sign_ins_is_sent_away_and_not_counted),
      cmocka_unit_test(a_disabled_account_does_not_get_in_and_is_thrown_out),
      cmocka_unit_test(a_new_password_ends_every_session),
      cmocka_unit_test(an_idle_session_ends_and_a_used_one_stays),
      cmocka_unit_test(a_session_ends_after_half_a_day_however_much_it_is_used),
      cmocka_unit_test(a_password_of_somebody_else_s_making_only_lets_choose_another),
      cmocka_unit_test(an_open_session_is_not_enough_to_guess_its_password),
      cmocka_unit_test(a_password_older_than_its_rule_must_be_changed),
      cmocka_unit_test(every_administrative_act_is_noted_and_nothing_that_failed),
      cmocka_unit_test(a_token_that_was_not_given_opens_nothing),
      cmocka_unit_test(a_session_acts_only_in_a_post_of_its_own), cmocka_unit_test(unknown_is_no),
      cmocka_unit_test(a_post_reaches_as_far_as_its_place_and_its_body),
      cmocka_unit_test(a_post_counts_only_in_its_time),
      cmocka_unit_test(three_administrations_are_never_one_person),
      cmocka_unit_test(an_administration_goes_with_no_other_role),
      cmocka_unit_test(posts_stand_only_where_their_role_has_a_desk))
