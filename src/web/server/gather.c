/* gather.c -- a request read piece by piece into an Exchange: head, form fields, files, within
** limits. */
#include "server/private.h"

#include "text/text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_BUFFER = 32 * 1024, FORM_FIELDS_MAX = 400 };

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
static void add_value(Exchange *ex, Values *values, Str name, Str text)
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

static void read_query(Exchange *ex, Str query)
{
    Str pair, name, value;
    while (str_cut(&query, '&', &pair)) {
        Str rest = pair;
        if (pair.n == 0)
            continue;
        str_cut(&rest, '=', &name);
        if (!url_decode(&ex->arena, name, true, &name)
            || !url_decode(&ex->arena, rest.at ? rest : STR_EMPTY, true, &value))
            ex->in.malformed = true;
        else
            add_value(ex, &ex->in.query, name, value);
    }
}

/* ------------------------------------------------------------------ head */

static enum MHD_Result copy_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                   size_t name_n, const char *value, size_t value_n)
{
    Exchange *ex = arg;
    (void)kind;
    Str text = { value ? value : "", value ? value_n : 0 };
    add_value(ex, &ex->in.headers, str_lower(&ex->arena, (Str){ name, name_n }),
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
    Bytes bytes = { (const u8 *)address->sa_data, address->sa_family == AF_INET6 ? 24 : 6 };
    ex->in.source = str_hex(&ex->arena, (Bytes){ bytes.at + 2, bytes.n - 2 });
}

/* in.raw_path holds the whole target until now (set by the URI callback). */
static void read_target(Exchange *ex)
{
    Str rest = ex->in.raw_path, path;
    str_cut(&rest, '?', &path);
    ex->in.raw_path = path;
    if (path.n == 0 || path.at[0] != '/' || !url_decode(&ex->arena, path, false, &ex->in.path))
        ex->in.malformed = true;
    if (rest.at)
        read_query(ex, rest);
}

void exchange_read_head(Exchange *ex, const char *method)
{
    ex->in.method = method_of(method);
    MHD_get_connection_values_n(ex->connection, MHD_HEADER_KIND, copy_header, ex);
    copy_source(ex);
    read_target(ex);
}

/* ------------------------------------------------------------------ body */

static Upload *upload_for(Exchange *ex, Str field, const char *file_name, uint64_t offset)
{
    Upload **end = &ex->in.uploads;
    while (*end && (*end)->next)
        end = &(*end)->next;
    if (offset > 0)
        return *end; /* more of the one before */
    if (*end)
        end = &(*end)->next;
    Upload *u = arena_take(&ex->arena, sizeof *u);
    if (!u)
        return NULL;
    *u = (Upload){ .field = str_copy(&ex->arena, field),
                   .file_name = str_copy(&ex->arena, str_of(file_name)),
                   .gathering = buf_new(&ex->arena, ex->server->limits.body_bytes_max) };
    *end = u;
    return u;
}

static Value *last_value(const Values *values)
{
    Value *last = values->first;
    while (last && last->next)
        last = last->next;
    return last;
}

static size_t count_values(const Values *values)
{
    size_t n = 0;
    for (const Value *v = values->first; v; v = v->next)
        n++;
    return n;
}

/* Called by the library for each piece of each field; offset tells whether it goes on. */
static enum MHD_Result take_field(void *arg, enum MHD_ValueKind kind, const char *key,
                                  const char *file_name, const char *content_type,
                                  const char *transfer_encoding, const char *data, uint64_t offset,
                                  size_t n)
{
    Exchange *ex = arg;
    Str piece = { data ? data : "", data ? n : 0 };
    (void)kind, (void)content_type, (void)transfer_encoding;
    if (file_name) {
        Upload *u = upload_for(ex, str_of(key), file_name, offset);
        if (u)
            buf_add(&u->gathering, piece);
        ex->too_large |= !u || buf_is_full(&u->gathering);
        return MHD_YES;
    }
    Value *last = last_value(&ex->in.form);
    if (offset > 0 && last)
        last->text = str_join(&ex->arena, last->text, piece);
    else if (count_values(&ex->in.form) < FORM_FIELDS_MAX)
        add_value(ex, &ex->in.form, str_copy(&ex->arena, str_of(key)), str_copy(&ex->arena, piece));
    else
        ex->bad_form = true;
    return MHD_YES;
}

static bool is_form(const Exchange *ex)
{
    Str type = http_header(&ex->in, S("content-type"));
    return str_is_nocase(str_first(type, 33), S("application/x-www-form-urlencoded"))
        || str_is_nocase(str_first(type, 19), S("multipart/form-data"));
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
    if (!ex->form && !ex->body.arena) {
        ex->body = buf_new(&ex->arena, most);
        if (is_form(ex))
            ex->form = MHD_create_post_processor(ex->connection, FORM_BUFFER, take_field, ex);
    }
    if (ex->form)
        ex->bad_form |= MHD_post_process(ex->form, data, n) != MHD_YES;
    else
        buf_add(&ex->body, (Str){ data, n });
    return true;
}

void exchange_finish_body(Exchange *ex)
{
    if (ex->form)
        ex->bad_form |= MHD_destroy_post_processor(ex->form) != MHD_YES;
    ex->form = NULL;
    ex->in.body = ex->body.arena ? buf_str(&ex->body) : STR_EMPTY;
    for (Upload *u = ex->in.uploads; u; u = u->next)
        u->content = bytes_of(buf_str(&u->gathering));
    for (const Value *v = ex->in.form.first; v; v = v->next)
        ex->in.malformed |= !str_is_utf8(v->text) || !str_is_utf8(v->name);
    ex->in.malformed |= ex->bad_form;
}

void exchange_free(Exchange *ex)
{
    if (ex->form)
        MHD_destroy_post_processor(ex->form);
    ex->server->upload_bytes -= ex->charged_bytes;
    arena_end(&ex->arena);
    free(ex);
}

Str http_header(const HttpIn *in, Str lower_name)
{
    return value_of(&in->headers, lower_name);
}
