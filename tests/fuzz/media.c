/* media.c -- files that come with a form, looked at as the child does before it decodes them, and
** the words of a child that a strange file may have taken over.
**
** Input: 0 a file, 1 what a child wrote; then the bytes. The decoders themselves are libvips's. */
#include "fuzz/fuzz.h"

#include "media/private.h"

static void file(Ctx *cx, Str input)
{
    char type[80] = "";
    i64 pages = 0;
    (void)cx;
    if (picture_sniff((const u8 *)input.at, input.n, type, sizeof type))
        ensure(strchr(type, '/') != NULL && str_is_utf8(str_of(type)));
    if (pdf_look((const u8 *)input.at, input.n, &pages) == 0)
        ensure(pages > 0 && pages <= (i64)input.n);
}

static void result(Ctx *cx, Str input)
{
    Picture p;
    if (picture_read(cx, input, &p)) {
        ensure(ctx_err(cx) == E_REMOTE && p.content.n == 0 && p.content_type.n == 0);
        return;
    }
    ensure(str_is(p.content_type, S("image/jpeg"))
           || str_is(p.content_type, S("application/pdf")));
    ensure(p.pages >= 0 && p.content.n + p.thumbnail.n < input.n);
    ensure((const char *)p.thumbnail.at + p.thumbnail.n == input.at + input.n);
}

static void one(Ctx *cx, Str input)
{
    if (fuzz_choice(&input) % 2)
        result(cx, input);
    else
        file(cx, input);
}

const FuzzTarget FUZZ = { NULL, one };
