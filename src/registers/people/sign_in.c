/* sign_in.c -- signing in and out, and choosing the post to act in. */
#include "people/private.h"

#include "people.html.h"
#include "text/text.h"

enum { SESSION_SECONDS = 12 * 3600 };

static const Field SIGN_IN_VIEW_FIELDS[] = {
    FIELD(SignInView, login_name, TEXT),
    FIELD(SignInView, csrf, TEXT),
    FIELD(SignInView, waits, TEXT),
    FIELD_END
};

static Err get_sign_in(Req *rq)
{
    SignInView v = { .form = { .prefix = "" }, .back = str_first(req_query(rq, "back"), 300) };
    REPLY(rq, sign_in_page, SIGN_IN_VIEW_FIELDS, &v);
}

/* A path of the desk, and nothing else: no door to other sites. */
static Link safe_back(Ctx *cx, Str back)
{
    bool plain = str_starts(back, S("/desk")) && !str_starts(back, S("/desk/sign"));
    for (size_t i = 0; plain && i < back.n; i++)
        plain = back.at[i] > ' ' && back.at[i] != '\\' && (u8)back.at[i] < 0x7F;
    return (Link){ plain ? str_copy(&cx->arena, back) : S("/desk") };
}

/* Who holds one post acts in it at once; others choose. */
static Err enter_post(Req *rq, Str token, Link *to)
{
    Ctx *cx = rq->cx;
    Post *posts;
    TRY(session_use(cx, token, &rq->session));
    if (rq->session.waits.n) {
        *to = (Link){ S("/desk/password") };
        return OK;
    }
    TRY(post_list(cx, rq->session.person, &posts));
    if (!posts || posts->next) {
        *to = (Link){ S("/desk/post") };
        return OK;
    }
    const Role *role = role_find(cx->house, posts->role);
    return session_act_in(cx, token, posts->id, role ? role->idle : S("IDLE-OFFICE"));
}

static Err show_again(Req *rq, SignInView *v)
{
    if (fail_as_field(rq->cx, S("login")) != E_INPUT)
        return E_LIMIT;
    v->form.problems = req_take_problems(rq);
    Html h = page_begin(rq);
    sign_in_page(&h, v);
    return page_end(rq, &h, 422);
}

static Err post_sign_in(Req *rq)
{
    Ctx *cx = rq->cx;
    Str token;
    SignInView v = { .form = { .prefix = "" }, .login = str_first(req_text(rq, "login"), 60),
                     .back = str_first(req_text(rq, "back"), 300) };
    Link to = safe_back(cx, v.back);
    Err err = session_begin(cx, v.login, req_text(rq, "password"), &token);
    if (err == E_DENIED && !rq->wants_json)
        return show_again(rq, &v);
    TRY(err);
    TRY(enter_post(rq, token, &to));
    if (rq->wants_json) {
        v.login_name = rq->session.login;
        v.csrf = session_csrf(cx, token);
        v.waits = rq->session.waits;
        TRY(reply_json(rq, SIGN_IN_VIEW_FIELDS, &v));
    } else {
        reply_see(rq, to);
    }
    reply_cookie(rq, "linli_s", token, "/desk", SESSION_SECONDS);
    return OK;
}

static Err post_sign_out(Req *rq)
{
    TRY(session_end(rq->cx, rq->session_token));
    reply_see(rq, (Link){ S("/desk/sign-in") });
    reply_drop_cookie(rq, "linli_s", "/desk");
    return OK;
}

/* ------------------------------------------------------------------ one's own password */

static const Field PASSWORD_FIELDS[] = {
    FIELD(PasswordView, login, TEXT),
    FIELD(PasswordView, waits, TEXT),
    FIELD_END
};

static PasswordView view_password(const Req *rq)
{
    return (PasswordView){ .form = { .prefix = "" }, .waits = rq->session.waits,
                           .login = rq->session.login };
}

static Err get_password(Req *rq)
{
    PasswordView v = view_password(rq);
    REPLY(rq, password_page, PASSWORD_FIELDS, &v);
}

static Err show_password(Req *rq, const char *field)
{
    PasswordView v = view_password(rq);
    if (fail_as_field(rq->cx, str_of(field)) != E_INPUT)
        return E_LIMIT;
    v.form.problems = req_take_problems(rq);
    Html h = page_begin(rq);
    password_page(&h, &v);
    return page_end(rq, &h, 422);
}

static Err change_password(Req *rq)
{
    Str chosen = req_text(rq, "chosen");
    if (!str_is(chosen, req_text(rq, "again")))
        return fail(rq->cx, E_INPUT, "identity.not_the_same_twice");
    return session_change_password(rq->cx, rq->session_token, req_text(rq, "old"), chosen);
}

static Err post_password(Req *rq)
{
    Link to = { S("/desk") };
    bool waited = rq->session.waits.n > 0;
    Err err = change_password(rq);
    if ((err == E_DENIED || err == E_INPUT) && !rq->wants_json)
        return show_password(rq, err == E_DENIED ? "old" : "chosen");
    TRY(err);
    if (waited)
        TRY(enter_post(rq, rq->session_token, &to));
    return reply_see(rq, to);
}

/* ------------------------------------------------------------------ posts */

static const Field POSTS_FIELDS[] = {
    FIELD_LIST(PostsView, posts, Post, POST_FIELDS),
    FIELD_END
};

static Err get_posts(Req *rq)
{
    PostsView v = { .now = rq->session.post };
    TRY(post_list(rq->cx, rq->session.person, &v.posts));
    REPLY(rq, posts_page, POSTS_FIELDS, &v);
}

static Err post_post(Req *rq)
{
    Ctx *cx = rq->cx;
    Post post;
    PostId id = { req_int(rq, "post", 0) };
    TRY(ctx_err(cx));
    TRY(post_get(cx, id, &post));
    const Role *role = role_find(cx->house, post.role);
    TRY(session_act_in(cx, rq->session_token, id, role ? role->idle : S("IDLE-OFFICE")));
    return reply_see(rq, (Link){ S("/desk") });
}

const Route SIGN_IN_ROUTES[] = {
    { GET, "/desk/sign-in", get_sign_in, ACT_PUBLIC, FACE_STAFF, NULL, SIGN_IN_VIEW_FIELDS,
      "Sign-in form", false },
    { POST, "/desk/sign-in", post_sign_in, ACT_PUBLIC, FACE_STAFF, NULL, SIGN_IN_VIEW_FIELDS,
      "Sign in", false },
    { POST, "/desk/sign-out", post_sign_out, ACT_SIGNED_IN, FACE_STAFF, NULL, NULL, "Sign out",
      false },
    { GET, "/desk/password", get_password, ACT_SIGNED_IN, FACE_STAFF, NULL, PASSWORD_FIELDS,
      "One's own password", false },
    { POST, "/desk/password", post_password, ACT_SIGNED_IN, FACE_STAFF, NULL, NULL,
      "Change one's own password", false },
    { GET, "/desk/post", get_posts, ACT_SIGNED_IN, FACE_STAFF, NULL, POSTS_FIELDS,
      "Posts one may act in", false },
    { POST, "/desk/post", post_post, ACT_SIGNED_IN, FACE_STAFF, NULL, NULL, "Act in a post",
      false },
    ROUTE_END
};
