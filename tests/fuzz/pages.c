/* pages.c -- requests to all pages of a whole district: path, query, headers, cookies, form.
**
** Input: a line "GET /path?query" or "POST /path", lines "name: value", an empty line, then the
** form or the JSON. Promised of every reply: it is none of our own mistakes, it is text, it leads
** to no other site, and nothing that was sent stands in a page as an element. */
#include "fuzz/fuzz.h"

#include "page/page.h"
#include "ui.h"

static House *house;
static Store *store;
static ServerHandler handler;

static void begin(Ctx *cx)
{
    Ctx inner = ctx_new(house = house_new(), 256 << 20);
    Options o = { .profile = S("town"), .cipher = S("sodium") };
    WebOptions web = { .face = FACE_BOTH, .base_url = S("https://linli.example") };
    o.db = str_join(&cx->arena, fuzz_folder(cx), S("/pages.db"));
    program_begin(house);
    ctx_begin(&inner, cx->now);
    ensure(program_make(&inner, &o, &store) == OK);
    ctx_end(&inner);
    store_detach(&inner);
    ctx_free(&inner);
    Web *w = web_new(house, web, PAGE_LOOK);
    modules_add_routes(w);
    web_assets_use(house, UI_ASSETS, UI_ASSETS_N);
    handler = web_handler(w);
}

/* ------------------------------------------------------------------ the request */

static bool read_pairs(Ctx *cx, Str text, Values *out)
{
    Str pair, name, value;
    while (str_cut(&text, '&', &pair)) {
        str_cut(&pair, '=', &name);
        value = pair.at ? pair : STR_EMPTY;
        if (!url_decode(&cx->arena, name, true, &name)
            || !url_decode(&cx->arena, value, true, &value))
            return false;
        value_add(cx, out, name, value);
    }
    return true;
}

static void read_header(Ctx *cx, Str line, HttpIn *in)
{
    Str name;
    str_cut(&line, ':', &name);
    if (line.at)
        value_add(cx, &in->headers, str_lower(&cx->arena, name), str_trim(line));
}

/* False where the server itself would have refused. */
static bool read_request(Ctx *cx, Str input, HttpIn *in)
{
    Str line, method, path = STR_EMPTY;
    str_cut(&input, '\n', &line);
    str_cut(&line, ' ', &method);
    str_cut(&line, '?', &path);
    *in = (HttpIn){ .method = str_is(method, S("POST"))   ? POST
                              : str_is(method, S("HEAD")) ? HEAD
                                                          : GET };
    in->raw_path = path;
    if (!str_starts(path, S("/")) || !url_decode(&cx->arena, path, false, &in->path)
        || !read_pairs(cx, line.at ? line : STR_EMPTY, &in->query))
        return false;
    while (str_cut(&input, '\n', &line) && line.n)
        read_header(cx, line, in);
    Str body = input.at ? input : STR_EMPTY;
    if (!str_starts(http_header(in, S("content-type")), S("application/json")))
        return read_pairs(cx, body, &in->form);
    in->body = body;
    return true;
}

/* ------------------------------------------------------------------ the reply */

static void leads_to_no_other_site(const HttpOut *out)
{
    for (const HttpHeader *h = out->headers; h; h = h->next) {
        for (size_t i = 0; i < h->value.n; i++)
            ensure((u8)h->value.at[i] >= 0x20);
        if (!str_is_nocase(h->name, S("Location")))
            continue;
        ensure(str_starts(h->value, S("/")) && !str_starts(h->value, S("//"))
               && !str_starts(h->value, S("/\\")));
    }
}

static void check(Ctx *cx, const HttpOut *out)
{
    const Json *json;
    size_t at;
    ensure(out->status >= 200 && out->status < 600 && out->status != 500);
    leads_to_no_other_site(out);
    if (str_starts(out->content_type, S("text/html"))) {
        ensure(str_is_utf8(out->body));
        ensure(!str_find(out->body, S("<fuzz"), &at));
    }
    if (str_find(out->content_type, S("json"), &at))
        ensure(json_parse(cx, out->body, 16 << 20, &json) == OK);
}

static void one(Ctx *cx, Str input)
{
    HttpIn in;
    HttpOut out = { .status = 0 };
    Ctx inner = ctx_new(house, 128 << 20);
    ctx_begin(&inner, cx->now);
    ensure(store_attach(&inner, store) == OK);
    if (read_request(&inner, input, &in)) {
        handler.handle(handler.arg, &inner, &in, &out);
        check(cx, &out);
    }
    ctx_end(&inner);
    store_detach(&inner);
    ctx_free(&inner);
}

const FuzzTarget FUZZ = { begin, one };
