/* parts.c -- forms in parts (multipart/form-data, RFC 7578), read from a body that has come whole.
**
** Read by ourselves: the library's reader works on pieces as they arrive, and where a piece ends
** just behind the head of a part it gives that part twice, the first time empty. Values and files
** point into the body; nothing is copied. */
#include "server/private.h"

#include "text/text.h"

#include <string.h>

enum { BOUNDARY_BYTES_MAX = 70 };

typedef struct Part {
    Str field, file_name;
    bool has_field, is_file;
    Str content;
} Part;

/* The text up to a mark; the rest goes on behind it. */
static bool cut_at(Str *rest, Str mark, Str *out)
{
    const char *at = rest->n ? memmem(rest->at, rest->n, mark.at, mark.n) : NULL;
    if (!at)
        return false;
    *out = str_first(*rest, (size_t)(at - rest->at));
    *rest = str_skip(*rest, out->n + mark.n);
    return true;
}

/* The value of a parameter behind the first semicolon: name=value or name="value". */
static bool parameter(Str header, Str name, Str *out)
{
    Str key, skipped;
    if (!str_cut(&header, ';', &skipped))
        return false;
    while (header.at && str_cut(&header, '=', &key)) {
        Str value = header.at ? str_trim(header) : STR_EMPTY;
        bool quoted = str_starts(value, S("\""));
        header = quoted ? str_skip(value, 1) : value;
        if (!str_cut(&header, quoted ? '"' : ';', &value) || (quoted && !header.at))
            return false;
        if (quoted && !str_cut(&header, ';', &skipped))
            header = STR_EMPTY;
        *out = quoted ? value : str_trim(value);
        if (str_is_nocase(str_trim(key), name))
            return true;
    }
    return false;
}

static void read_part_header(Str line, Part *out)
{
    static const Str NAME = { "content-disposition:", 20 };
    if (!str_is_nocase(str_first(line, NAME.n), NAME))
        return;
    out->has_field = parameter(line, S("name"), &out->field);
    out->is_file = parameter(line, S("filename"), &out->file_name);
}

static bool read_part(Str *rest, Str mark, Part *out)
{
    Str line;
    *out = (Part){ .has_field = false };
    while (cut_at(rest, S("\r\n"), &line) && line.n)
        read_part_header(line, out);
    return out->has_field && cut_at(rest, mark, &out->content);
}

static bool take_part(Exchange *ex, const Part *p, Upload ***end)
{
    if (!str_is_utf8(p->field) || !str_is_utf8(p->is_file ? p->file_name : p->content))
        return false;
    if (!p->is_file) {
        exchange_add_value(ex, &ex->in.form, p->field, p->content);
        return true;
    }
    Upload *u = arena_take(&ex->arena, sizeof *u);
    if (!u) {
        ex->too_large = true;
        return true;
    }
    *u = (Upload){ NULL, p->field, p->file_name, bytes_of(p->content) };
    **end = u;
    *end = &u->next;
    return true;
}

/* Behind a boundary: a line end where a part begins, two hyphens where all ends. */
static bool read_parts(Exchange *ex, Str rest, Str mark)
{
    Part part;
    Str line;
    Upload **end = &ex->in.uploads;
    for (size_t n = 0; !str_starts(rest, S("--")); n++) {
        if (n == FORM_FIELDS_MAX || !cut_at(&rest, S("\r\n"), &line) || str_trim(line).n
            || !read_part(&rest, mark, &part) || !take_part(ex, &part, &end))
            return false;
    }
    return true;
}

bool exchange_read_parts(Exchange *ex, Str body)
{
    Str boundary, before;
    if (!parameter(http_header(&ex->in, S("content-type")), S("boundary"), &boundary)
        || boundary.n == 0 || boundary.n > BOUNDARY_BYTES_MAX)
        return false;
    Str mark = str_format(&ex->arena, "\r\n--%.*s", STR_ARGS(boundary));
    Str first = str_skip(mark, 2); /* at the very start no line ends before it */
    if (str_starts(body, first))
        return read_parts(ex, str_skip(body, first.n), mark);
    return cut_at(&body, mark, &before) && read_parts(ex, body, mark);
}
