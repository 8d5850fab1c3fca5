/* item.c -- files of the items of the window: what passes can be shown, asked and found again. */
#include "fuzz/fuzz.h"

#include "onewindow/private.h"
#include "text/text.h"

static const Field *shared;
static size_t shared_n;

static void begin(Ctx *cx)
{
    Options o = { .profile = S("cn-qingyang") };
    MistakeList mistakes = { 0 };
    Field *fields = NULL;
    Str text;
    ensure(program_profile(cx, &o) == OK);
    ensure(file_read(cx, S("profiles/cn-qingyang/fields.yaml"), &text) == OK);
    YamlFile file = yaml_parse(cx, S("fields.yaml"), text, &mistakes);
    field_read_all(&file, yaml_in(file.root, "fields"), &fields, &shared_n);
    ensure(mistakes.n == 0);
    shared = fields;
}

static void check_field(const Field *f)
{
    ensure(f->name.n && f->kind < F_ID && f->label.in[LANG_ZH].n && f->label.in[LANG_EN].n);
    ensure(!f->personal || f->basis.n);
    ensure((f->kind == F_CHOICE || f->kind == F_CHOICES) == (f->choices_n > 0));
}

static void check_pages(const Item *it)
{
    size_t n = 0;
    for (size_t i = 0; i < it->pages_n; i++) {
        ensure(it->pages[i].fields == it->fields + n);
        n += it->pages[i].fields_n;
    }
    ensure(n == it->fields_n);
    for (size_t i = 0; i < n; i++) {
        check_field(&it->fields[i]);
        ensure(field_find(it->fields, n, it->fields[i].name) == &it->fields[i]);
    }
}

static void schema_is_json(Ctx *cx, const Item *it)
{
    const Json *json;
    Buf b = buf_new(&cx->arena, 4 << 20);
    field_put_schema(cx, &b, it->fields, it->fields_n);
    ensure(!buf_is_full(&b));
    ensure(json_parse(cx, buf_str(&b), 4 << 20, &json) == OK);
}

static void one(Ctx *cx, Str input)
{
    MistakeList mistakes = { 0 };
    YamlFile file = yaml_parse(cx, S("input"), input, &mistakes);
    Item *it = file.root ? item_read(&file, input, shared, shared_n) : NULL;
    if (it)
        item_check(&file, file.root, it);
    ensure(it || mistakes.n || ctx_err(cx));
    ensure(mistakes.n == 0 || mistakes_text(cx, &mistakes).n > 0);
    if (!it || mistakes.n || ctx_err(cx))
        return;
    ensure(it->item.n && it->name.in[LANG_ZH].n && it->name.in[LANG_EN].n
           && item_limit(it, S("promised")));
    check_pages(it);
    schema_is_json(cx, it);
    for (size_t i = 0; i < it->papers_n; i++)
        ensure(item_paper(it, it->papers[i].code) == &it->papers[i]);
}

const FuzzTarget FUZZ = { begin, one };
