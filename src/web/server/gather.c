/* gather.c -- a request read piece by piece into an Exchange: head, form fields, files, within
** limits. */
#include "server/private.h"

#include "text/text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ decoding */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_decode(Arena *a, Str s, bool plus_is_space, Str *out)
{
    char *at = arena_take(a, s.n);
    size_t n = 0;
    for (size_t i = 0; at && i < s.n; i++) {
        char c = s.at[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_digit(s.at[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(s.at[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        at[n++] = c;
    }
    *out = (Str){ at, n };
    return at && str_is_utf8(*out);
}

/* Values of an arena, without a Ctx: exchanges are built on listener threads. */
void exchange_add_value(Exchange *ex, Values *values, Str name, Str text)
{
    Value *v = arena_take(&ex->arena, sizeof *v);
    if (!v) {
        ex->too_large = true;
        return;
    }
    *v = (Value){ NULL, name, text };
    if (!values->end)
        values->end = &values->first;
    *values->end = v;
    values->end = &v->next;
}

/* Of a query or a form, by the same rule: what one refuses, the other does not let through. */
static void read_pairs(Exchange *ex, Str text, Values *out)
{
    Str pair, name, value;
    for (size_t n = 0; str_cut(&text, '&', &pair) && !ex->in.malformed;) {
        Str rest = pair;
        if (pair.n == 0)
            continue;
        str_cut(&rest, '=', &name);
        if (++n > FORM_FIELDS_MAX || !url_decode(&ex->arena, name, true, &name)
            || !url_decode(&ex->arena, rest.at ? rest : STR_EMPTY, true, &value))
            ex->in.malformed = true;
        else
            exchange_add_value(ex, out, name, value);
    }
}

/* ------------------------------------------------------------------ head */

static enum MHD_Result copy_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                   size_t name_n, const char *value, size_t value_n)
{
    Exchange *ex = arg;
    (void)kind;
    Str text = { value ? value : "", value ? value_n : 0 };
    exchange_add_value(ex, &ex->in.headers, str_lower(&ex->arena, (Str){ name, name_n }),
                       str_copy(&ex->arena, text));
    return MHD_YES;
}

static Method method_of(const char *name)
{
    return strcmp(name, "GET") == 0    ? GET
           : strcmp(name, "POST") == 0 ? POST
           : strcmp(name, "HEAD") == 0 ? HEAD
                                       : OTHER_METHOD;
}

static void copy_source(Exchange *ex)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(ex->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    if (!address)
        return;
    const u8 *at = (const u8 *)address->sa_data + 2; /* behind the port; IPv6 has a flow first */
    bool is_six = address->sa_family == AF_INET6;
    ex->in.source = str_hex(&ex->arena, is_six ? (Bytes){ at + 4, 16 } : (Bytes){ at, 4 });
}

/* in.raw_path holds the whole target until now (set by the URI callback). */
static void read_target(Exchange *ex)
{
    Str rest = ex->in.raw_path, path;
    ex->in.target = rest;
    str_cut(&rest, '?', &path);
    ex->in.raw_path = path;
    if (path.n == 0 || path.at[0] != '/' || !url_decode(&ex->arena, path, false, &ex->in.path))
        ex->in.malformed = true;
    if (rest.at)
        read_pairs(ex, rest, &ex->in.query);
}

void exchange_read_head(Exchange *ex, const char *method)
{
    ex->in.method = method_of(method);
    MHD_get_connection_values_n(ex->connection, MHD_HEADER_KIND, copy_header, ex);
    copy_source(ex);
    read_target(ex);
}

/* ------------------------------------------------------------------ body */

static bool has_type(const Exchange *ex, Str type)
{
    return str_is_nocase(str_first(http_header(&ex->in, S("content-type")), type.n), type);
}

/* Memory for bodies is shared by all requests in flight. */
static bool charge(Exchange *ex, size_t n)
{
    Server *s = ex->server;
    ex->charged_bytes += n;
    return atomic_fetch_add(&s->upload_bytes, n) + n <= s->limits.uploads_bytes_max;
}

bool exchange_take_body(Exchange *ex, const char *data, size_t n)
{
    size_t most = ex->server->limits.body_bytes_max;
    ex->body_bytes += n;
    if (ex->body_bytes > 2 * most)
        return false; /* drained enough: the connection is closed */
    ex->too_large |= ex->body_bytes > most;
    if (ex->too_large || ex->over_budget)
        return true;
    ex->over_budget = !charge(ex, n);
    if (!ex->body.arena)
        ex->body = buf_new(&ex->arena, most);
    buf_add(&ex->body, (Str){ data, n });
    return true;
}

void exchange_finish_body(Exchange *ex)
{
    Str body = ex->body.arena ? buf_str(&ex->body) : STR_EMPTY;
    ex->too_large |= ex->body.arena && buf_is_full(&ex->body);
    if (ex->too_large)
        return;
    if (has_type(ex, S("multipart/form-data")))
        ex->in.malformed |= !exchange_read_parts(ex, body);
    else if (has_type(ex, S("application/x-www-form-urlencoded")))
        read_pairs(ex, body, &ex->in.form);
    else
        ex->in.body = body;
}

void exchange_free(Exchange *ex)
{
    ex->server->upload_bytes -= ex->charged_bytes;
    live_leave(ex);
    http_ready_drop(ex->out.ready);
    arena_end(&ex->arena);
    free(ex);
}

Str http_header(const HttpIn *in, Str lower_name)
{
    return value_of(&in->headers, lower_name);
}

Str http_cookie(const HttpIn *in, const char *name)
{
    Str rest = http_header(in, S("cookie")), one, key;
    while (str_cut(&rest, ';', &one)) {
        one = str_trim(one);
        if (str_cut(&one, '=', &key) && one.at && str_is(key, str_of(name)))
            return one;
    }
    return STR_EMPTY;
}
