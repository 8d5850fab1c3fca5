/* html.h -- printing into a page, by type and escaped.  Templates compile to calls of these.
**
** A Str is escaped; a Markup is not, and only code here and in web/page makes one. char * does
** not compile: texts for people go through t("…"). Expressions inside an address are printed by
** html_put_url_part, and an address that is an expression must be a Link. */
#pragma GCC system_header /* so that gcc blames the template's line, not these macros */
#ifndef HTML_HTML_H
#define HTML_HTML_H

#include "profile/profile.h"
#include "text/text.h"
#include "when/when.h"

typedef struct Markup {
    Str html;
} Markup;

/* A path of ours that is safe as an address. */
typedef struct Link {
    Str path;
} Link;

typedef struct Html {
    Ctx *cx;
    Buf out;
    Str title;
    Str csrf; /* for forms; empty where no cookie speaks for the visitor */
    bool is_guarded; /* a form has printed it */
    Day day;         /* printed last, in words */
    Str day_words;
} Html;

Html html_new(Ctx *cx);
void html_title(Html *h, Str title);
void html_raw(Html *h, const char *text, size_t n);
void html_markup(Html *h, Markup m);
void html_str(Html *h, Str s);
void html_int(Html *h, i64 n);
void html_size(Html *h, size_t n);
void html_day(Html *h, Day day);          /* in words */
void html_instant(Html *h, Instant t);    /* in words, inside <time> */
void html_money(Html *h, Money m);
void html_url_str(Html *h, Str s);
void html_url_int(Html *h, i64 n);
void html_put_link(Html *h, Link link);

#define html_put(h, x)                                                                             \
    _Generic((x), Str                                                                              \
             : html_str, Markup                                                                    \
             : html_markup, Day                                                                    \
             : html_day, Instant                                                                   \
             : html_instant, Money                                                                 \
             : html_money, int                                                                     \
             : html_int, i64                                                                       \
             : html_int, size_t                                                                    \
             : html_size)((h), (x))
#define html_put_url_part(h, x)                                                                    \
    _Generic((x), Str                                                                              \
             : html_url_str, int                                                                   \
             : html_url_int, i64                                                                   \
             : html_url_int, size_t                                                                \
             : html_size)((h), (x))

/* Texts: t("Close"), t("{n} matters", V("n", …)). */
#define t(key, ...) text(h->cx, key, __VA_ARGS__)
#define words(w) words_in((w), h->cx->lang)
#define tn(name, n) text_int(h->cx, (name), (n))

/* A link from fixed text and one part that is percent-encoded: link_to(cx, "/cases/", number,
   "/receipt"). */
Link link_to(Ctx *cx, const char *before, Str part, const char *after);

Str url_encoded(Arena *a, Str s);

#endif
