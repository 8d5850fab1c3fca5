/* head.c -- whether the head of a request says only one thing (RFC 9112, 11.2).
**
** Where two readers on the way see its end at two places, what one takes for a body is the next
** request for the other. The library lets all of this through. */
#include "server/private.h"

#include "text/text.h"

#include <string.h>

static size_t count_headers(const Exchange *ex, Str lower_name)
{
    size_t n = 0;
    for (const Value *v = ex->in.headers.first; v; v = v->next)
        n += str_is(v->name, lower_name);
    return n;
}

/* A blank within or after a name hides a header from one reader and not from the next. */
static bool is_header_name(Str s)
{
    static const char SIGNS[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == 0 || !strchr(SIGNS, c)))
            return false;
    }
    return s.n > 0;
}

static bool is_header_value(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((u8)s.at[i] < ' ' && s.at[i] != '\t') || s.at[i] == 0x7F)
            return false;
    return true;
}

bool exchange_head_is_sound(const Exchange *ex, const char *version)
{
    size_t lengths = count_headers(ex, S("content-length"));
    size_t codings = count_headers(ex, S("transfer-encoding"));
    size_t hosts = count_headers(ex, S("host"));
    bool is_old = strcmp(version, "HTTP/1.0") == 0;
    for (const Value *v = ex->in.headers.first; v; v = v->next)
        if (!is_header_name(v->name) || !is_header_value(v->text))
            return false;
    if (lengths && !str_is_digits(http_header(&ex->in, S("content-length"))))
        return false;
    if (codings
        && !str_is_nocase(http_header(&ex->in, S("transfer-encoding")), S("chunked")))
        return false;
    return lengths + codings <= 1 && (hosts == 1 || (is_old && hosts == 0));
}
