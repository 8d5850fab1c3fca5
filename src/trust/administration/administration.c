/* administration.c -- the table admin_act: added to and read, never changed. */
#include "administration/administration.h"

Err admin_note(Ctx *cx, Str what, PersonId about, Str detail)
{
    bool is_staff = cx->actor.kind == ACTOR_STAFF;
    PersonId by = { is_staff ? cx->actor.person.value : 0 };
    PostId post = { is_staff ? cx->actor.post.value : 0 };
    Query q = QUERY(cx,
                    "INSERT INTO admin_act (at, person, post, role, what, about, detail) VALUES"
                    " ($1, $2, $3, COALESCE((SELECT role FROM post WHERE id = $3), ''), $4, $5,"
                    " $6)",
                    AT(cx->now), ID_OR_NULL(by), ID_OR_NULL(post), T(what), ID_OR_NULL(about),
                    T(detail));
    return query_run(&q);
}

Err admin_list(Ctx *cx, i64 before, i64 n_max, AdminAct **out)
{
    Query q = QUERY(cx,
                    "SELECT a.id, a.at, COALESCE(a.post, 0), a.role, COALESCE(doer.login, ''),"
                    " a.what, COALESCE(subject.login, ''), a.detail FROM admin_act a"
                    " LEFT JOIN account doer ON doer.person = a.person"
                    " LEFT JOIN account subject ON subject.person = a.about"
                    " WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2",
                    I(before ? before : INT64_MAX), I(n_max));
    *out = NULL;
    while (query_next(&q)) {
        AdminAct *a = NEW(cx, AdminAct);
        if (!a)
            break;
        a->id = query_int(&q);
        a->at = query_instant(&q);
        a->post = (PostId){ query_int(&q) };
        a->role = query_text(&q);
        a->by = query_text(&q);
        a->what = query_text(&q);
        a->about = query_text(&q);
        a->detail = query_text(&q);
        *out = a;
        out = &a->next;
    }
    return query_end(&q);
}
