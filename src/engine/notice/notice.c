/* notice.c -- the table of notices. */
#include "notice/notice.h"

enum { HELD_COUNTED_MAX = 10000 };

Err notice_add(Ctx *cx, MatterId matter, i64 n)
{
    Query q = QUERY(
        cx, "INSERT INTO notice (matter, n, at, state, channel) VALUES ($1, $2, $3, 'held', '')",
        ID(matter), I(n), AT(cx->now));
    return query_run(&q);
}

Err notice_count_held(Ctx *cx, i64 *out)
{
    Query q = QUERY(
        cx, "SELECT COUNT(*) FROM (SELECT id FROM notice WHERE state = 'held' LIMIT $1) held",
        I(NOTICES_COUNTED_MAX));
    return query_one_int(&q, out);
}
