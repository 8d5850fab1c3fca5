/* system.c -- health for load balancers, language and type size for people. */
#include "system/private.h"

#include "notice/notice.h"

enum { YEAR_SECONDS = 365 * 24 * 3600 };

/* ------------------------------------------------------------------ display */

/* A path of ours, never another site's. */
static Link safe_back(Ctx *cx, Str back)
{
    bool plain =
        back.n && back.at[0] == '/' && !(back.n > 1 && (back.at[1] == '/' || back.at[1] == '\\'));
    for (size_t i = 0; plain && i < back.n; i++)
        plain = (u8)back.at[i] > ' ' && back.at[i] != '\\' && back.at[i] != '"';
    if (!plain)
        return (Link){ S("/") };
    Buf b = buf_new(&cx->arena, 4096);
    for (size_t i = 0; i < back.n; i++)
        if ((u8)back.at[i] < 0x7F)
            buf_add_char(&b, back.at[i]);
        else
            buf_add_format(&b, "%%%02X", (u8)back.at[i]);
    return (Link){ buf_str(&b) };
}

static Err get_display(Req *rq)
{
    Lang lang;
    Str size = req_query(rq, "size");
    reply_see(rq, safe_back(rq->cx, req_query(rq, "back")));
    if (lang_parse(req_query(rq, "lang"), &lang))
        reply_cookie(rq, "lang", lang_code(lang), "/", YEAR_SECONDS);
    if (str_is(size, S("elder")) || str_is(size, S("normal")))
        reply_cookie(rq, "size", size, "/", YEAR_SECONDS);
    return ctx_err(rq->cx);
}

/* ------------------------------------------------------------------ health */

typedef struct Health {
    Str status;
    i64 clock_behind_ms;
    Day calendar_until;
    i64 notices_held;
} Health;

static const Field HEALTH_FIELDS[] = {
    FIELD(Health, status, TEXT),
    FIELD(Health, clock_behind_ms, INT),
    FIELD(Health, calendar_until, DAY),
    FIELD(Health, notices_held, INT),
    FIELD_END
};

static Err get_health(Req *rq)
{
    Health health = { .status = S("ok"), .clock_behind_ms = clock_behind_ms(rq->cx->house) };
    TRY(calendar_known_until(rq->cx, &health.calendar_until));
    TRY(notice_count_held(rq->cx, &health.notices_held));
    if (health.clock_behind_ms > MS_PER_MINUTE)
        health.status = S("clock behind");
    return reply_json(rq, HEALTH_FIELDS, &health);
}

static const Route ROUTES[] = {
    { GET, "/display", get_display, ACT_PUBLIC, FACE_BOTH, NULL, NULL,
      "Language and type size, as cookies", false },
    { GET, "/healthz", get_health, ACT_PUBLIC, FACE_BOTH, NULL, HEALTH_FIELDS, "Is it well",
      false },
    { GET, "/openapi", get_openapi, ACT_PUBLIC, FACE_BOTH, NULL, NULL, "This description", false },
    ROUTE_END
};

static const Job JOBS[] = {
    { "once.sweep", MS_PER_HOUR, once_sweep },
    JOB_END
};

const Module SYSTEM = { .name = "system", .routes = ROUTES, .jobs = JOBS };
