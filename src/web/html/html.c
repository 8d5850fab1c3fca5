/* html.c -- escaping. */
#include "html/html.h"

#include <string.h>

enum { PAGE_BYTES_MAX = 8 << 20, PAGE_BYTES_USUAL = 16 << 10 };

Html html_new(Ctx *cx)
{
    Html h = { .cx = cx, .out = buf_new(&cx->arena, PAGE_BYTES_MAX) };
    buf_expect(&h.out, PAGE_BYTES_USUAL);
    return h;
}

void html_title(Html *h, Str title)
{
    h->title = title;
}

void html_raw(Html *h, const char *text, size_t n)
{
    buf_add(&h->out, (Str){ text, n });
}

void html_markup(Html *h, Markup m)
{
    buf_add(&h->out, m.html);
}

static const char *const ENTITIES[256] = {
    ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&#39;",
};

void html_str(Html *h, Str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *entity = ENTITIES[(u8)s.at[i]];
        if (!entity)
            continue;
        buf_add(&h->out, (Str){ s.at + from, i - from });
        buf_add(&h->out, str_of(entity));
        from = i + 1;
    }
    buf_add(&h->out, str_skip(s, from));
}

void html_int(Html *h, i64 n)
{
    buf_add_int(&h->out, n);
}

void html_size(Html *h, size_t n)
{
    buf_add_int(&h->out, (i64)n);
}

/* Rows of one day stand together: its words are made once. */
void html_day(Html *h, Day day)
{
    if (!day_is_set(day))
        return;
    if (h->day_words.n == 0 || !day_is(h->day, day)) {
        h->day = day;
        h->day_words = day_words(h->cx, day);
    }
    buf_add(&h->out, h->day_words); /* made by ourselves: nothing in it needs escaping */
}

void html_instant(Html *h, Instant at)
{
    if (at.ms == 0 || at.ms == NEVER.ms)
        return;
    buf_add(&h->out, S("<time datetime=\""));
    buf_add(&h->out, instant_iso(h->cx, at));
    buf_add(&h->out, S("\">"));
    html_str(h, instant_words(h->cx, at));
    buf_add(&h->out, S("</time>"));
}

void html_money(Html *h, Money m)
{
    html_str(h, money_words(h->cx, m));
}

/* ------------------------------------------------------------------ addresses */

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '.' || c == '_' || c == '~';
}

static void put_encoded(Buf *b, Str s)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        u8 c = (u8)s.at[i];
        if (is_unreserved(s.at[i]))
            continue;
        buf_add(b, (Str){ s.at + from, i - from });
        buf_add(b, (Str){ (char[]){ '%', DIGITS[c >> 4], DIGITS[c & 15] }, 3 });
        from = i + 1;
    }
    buf_add(b, str_skip(s, from));
}

Str url_encoded(Arena *a, Str s)
{
    Buf b = buf_new(a, s.n * 3 + 1);
    put_encoded(&b, s);
    return buf_str(&b);
}

void html_url_str(Html *h, Str s)
{
    put_encoded(&h->out, s);
}

void html_url_int(Html *h, i64 n)
{
    buf_add_int(&h->out, n);
}

void html_put_link(Html *h, Link link)
{
    html_str(h, link.path);
}

Link link_to(Ctx *cx, const char *before, Str part, const char *after)
{
    Str head = str_join(&cx->arena, str_of(before), url_encoded(&cx->arena, part));
    return (Link){ str_join(&cx->arena, head, str_of(after)) };
}
