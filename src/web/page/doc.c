/* doc.c -- documents: lines that become a page, a PDF or JSON. */
#include "page/page.h"

#include "forms.html.h"
#include "media/media.h"

static const Field LINE_FIELDS[] = {
    FIELD(DocLine, a, TEXT),
    FIELD(DocLine, b, TEXT),
    FIELD_END
};

const Field DOC_FIELDS[] = {
    FIELD(Doc, title, TEXT),
    FIELD(Doc, number, TEXT),
    { .name = { "lines", 5 }, .kind = F_LIST, .offset = offsetof(Doc, first), .of = LINE_FIELDS,
      .next_offset = offsetof(DocLine, next) },
    FIELD_END
};

static void add(Ctx *cx, Doc *d, const char *kind, Str a, Str b)
{
    DocLine *line = NEW(cx, DocLine);
    if (!line)
        return; /* latched on the Ctx */
    *line = (DocLine){ NULL, kind, a, b };
    if (!d->end)
        d->end = &d->first;
    *d->end = line;
    d->end = &line->next;
}

void doc_heading(Ctx *cx, Doc *d, Str text)
{
    add(cx, d, "h", text, STR_EMPTY);
}

void doc_text(Ctx *cx, Doc *d, Str text)
{
    if (text.n)
        add(cx, d, "p", text, STR_EMPTY);
}

void doc_row(Ctx *cx, Doc *d, Str label, Str value)
{
    if (value.n)
        add(cx, d, "row", label, value);
}

void doc_code(Ctx *cx, Doc *d, Str label, Str code)
{
    add(cx, d, "code", label, code);
}

void doc_rule(Ctx *cx, Doc *d)
{
    add(cx, d, "rule", STR_EMPTY, STR_EMPTY);
}

static void put_member(Buf *b, const char *name, Str value, bool is_last)
{
    buf_add_format(b, "\"%s\":", name);
    json_put_text(b, value);
    if (!is_last)
        buf_add_char(b, ',');
}

Err doc_pdf(Ctx *cx, const Doc *d, bool is_slip, Bytes *out)
{
    Buf b = buf_new(&cx->arena, 1 << 20);
    buf_add_char(&b, '{');
    put_member(&b, "paper", is_slip ? S("slip") : S("A4"), false);
    put_member(&b, "title", d->title, false);
    put_member(&b, "qr", d->qr, false);
    buf_add(&b, S("\"lines\":["));
    for (const DocLine *line = d->first; line; line = line->next) {
        buf_add(&b, line == d->first ? S("{") : S(",{"));
        put_member(&b, "kind", str_of(line->kind), false);
        put_member(&b, "a", line->a, false);
        put_member(&b, "b", line->b, true);
        buf_add_char(&b, '}');
    }
    buf_add(&b, S("]}"));
    store_rest(cx); /* drawing takes a while: hold no connection */
    return media_make_pdf(cx, buf_str(&b), out);
}

void page_doc(Html *h, const Doc *d)
{
    doc_page(h, d);
}
