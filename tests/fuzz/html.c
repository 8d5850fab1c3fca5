/* html.c -- printing into pages and addresses: whatever is printed, the page keeps its shape and
** the text comes back as it was. */
#include "fuzz/fuzz.h"

#include "html/html.h"
#include "server/server.h"

static const struct { const char *entity; char c; } ENTITIES[] = {
    { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&#39;", '\'' },
};

static void begin(Ctx *cx)
{
    ensure(profile_use(cx, S("cn-qingyang")) == OK);
}

/* The text as a browser reads it; fails on a sign that must not stand there bare. */
static Str unescaped(Ctx *cx, Str html)
{
    Buf b = buf_new(&cx->arena, html.n + 1);
    for (size_t i = 0; i < html.n;) {
        size_t skip = 1;
        char c = html.at[i];
        ensure(c != '<' && c != '>' && c != '"' && c != '\'');
        for (size_t k = 0; c == '&' && k < COUNT(ENTITIES); k++) {
            Str entity = str_of(ENTITIES[k].entity);
            if (str_starts(str_skip(html, i), entity)) {
                skip = entity.n;
                buf_add_char(&b, ENTITIES[k].c);
            }
        }
        ensure(c != '&' || skip > 1);
        if (skip == 1)
            buf_add_char(&b, c);
        i += skip;
    }
    return buf_str(&b);
}

static void text_keeps_its_place(Ctx *cx, Str s)
{
    Html h = html_new(cx);
    html_put(&h, s);
    ensure(str_is(unescaped(cx, buf_str(&h.out)), s));
    Html link = html_new(cx);
    html_put_link(&link, link_to(cx, "/cases/", s, "/receipt"));
    Str path = unescaped(cx, buf_str(&link.out));
    ensure(str_starts(path, S("/cases/")) && str_ends(path, S("/receipt")));
    for (size_t i = 0; i < path.n; i++)
        ensure(path.at[i] > ' ' && (u8)path.at[i] < 0x7F && !strchr("<>\"'&\\?#", path.at[i]));
}

static void addresses_come_back(Ctx *cx, Str s)
{
    Str encoded = url_encoded(&cx->arena, s), back;
    bool good = url_decode(&cx->arena, encoded, true, &back);
    ensure(good == str_is_utf8(s));
    ensure(!good || str_is(back, s));
    if (url_decode(&cx->arena, s, false, &back)) {
        ensure(str_is_utf8(back) && back.n <= s.n);
        ensure(memchr(s.at, '%', s.n) || str_is(back, s));
    }
}

/* Numbers, days and instants of any size print as something that is text. */
static void numbers_print(Ctx *cx, Str s)
{
    i64 n;
    memcpy(&n, s.at, sizeof n);
    Html h = html_new(cx);
    html_put(&h, n);
    html_put(&h, (Money){ n });
    if (n > -62135596800000 && n < 253402300800000 - MS_PER_DAY) { /* years 1 to 9999 */
        html_put(&h, (Instant){ n });
        html_put(&h, day_of(cx->house, (Instant){ n }));
    }
    ensure(str_is_utf8(buf_str(&h.out)) && h.out.n > 0);
}

static void one(Ctx *cx, Str input)
{
    text_keeps_its_place(cx, input);
    addresses_come_back(cx, input);
    if (input.n >= 8)
        numbers_print(cx, input);
}

const FuzzTarget FUZZ = { begin, one };
