/* page.c -- the frame of pages, and inputs chosen by the kind of field. */
#include "page/private.h"

#include "forms.html.h"
#include "layout.html.h"

#include <qrencode.h>

enum { CHOICES_SEEN_MAX = 12, ONCE_BYTES = 15 };

/* ------------------------------------------------------------------ the frame */

static Str post_words(const Req *rq)
{
    Ctx *cx = rq->cx;
    Post post;
    Str name = STR_EMPTY;
    if (!rq->session.post.value)
        return rq->session.login;
    if (permit_post(cx, &post) || person_name(cx, post.person, &name))
        return STR_EMPTY;
    Str place =
        post.body.value ? words_in(post.body_name, cx->lang) : words_in(post.place_name, cx->lang);
    Str role = words_in(post.role_name, cx->lang);
    return str_format(&cx->arena, "%.*s · %.*s · %.*s", STR_ARGS(place), STR_ARGS(role),
                      STR_ARGS(name));
}

static void wrap(const Req *rq, Html *page, Buf *out)
{
    Html frame = { .cx = rq->cx, .csrf = page->csrf, .out = *out };
    bool staff = rq->route->face == FACE_STAFF;
    if (staff)
        layout_staff_top(&frame, rq, page->title, post_words(rq));
    else
        layout_public_top(&frame, rq, page->title);
    html_markup(&frame, (Markup){ buf_str(&page->out) });
    if (staff)
        layout_staff_bottom(&frame, rq);
    else
        layout_public_bottom(&frame, rq);
    *out = frame.out;
}

static void error(Html *h, const Req *rq, int status, Str message)
{
    if (rq->route->face == FACE_STAFF) /* whom residents call cannot help a clerk */
        staff_error_page(h, status, message);
    else
        error_page(h, status, message);
}

const WebLook PAGE_LOOK = { .wrap = wrap, .error = error };

/* ------------------------------------------------------------------ forms */

Str input_id(Html *h, const PageForm *form, Str field)
{
    return form->prefix[0] ? str_format(&h->cx->arena, "%s-%.*s", form->prefix, STR_ARGS(field))
                           : field;
}

/* The first choice carries the field's own id, so that the error summary leads to it. */
Str choice_id(Html *h, const PageForm *form, const Field *f, size_t n)
{
    Str id = input_id(h, form, f->name);
    return n == 0 ? id : str_format(&h->cx->arena, "%.*s-%zu", STR_ARGS(id), n);
}

Str described_by(Html *h, const PageForm *form, const Field *f, const Problem *p)
{
    Str id = input_id(h, form, f->name);
    return str_format(&h->cx->arena, "%.*s%s%.*s%s", f->hint.in[0].n ? (int)id.n : 0, id.at,
                      f->hint.in[0].n ? "-hint " : "", p ? (int)id.n : 0, id.at, p ? "-error" : "");
}

Str field_label(Ctx *cx, const Field *f)
{
    Str label = words_in(f->label, cx->lang);
    return f->must ? label : text(cx, "{label} (optional)", V("label", label));
}

bool choice_is_set(Str value, Str code)
{
    Str rest = value, one;
    while (str_cut(&rest, ',', &one))
        if (str_is(one, code))
            return true;
    return false;
}

bool is_home_level(Ctx *cx, const Place *place)
{
    return str_is(place->level, profile_of(cx->house)->home_level);
}

static const Problem *problem_of(const PageForm *form, Str field)
{
    for (const Problem *p = form->problems; p; p = p->next)
        if (str_is(p->field, field))
            return p;
    return NULL;
}

static InputLook look_of(const Field *f)
{
    InputLook look = { S("text"), S("text"), S("off"), STR_EMPTY };
    switch (f->kind) {
    case F_INT: look.mode = S("numeric"); look.width = S("govuk-input--width-10"); break;
    case F_MONEY: look.mode = S("decimal"); look.width = S("govuk-input--width-10"); break;
    case F_DAY: look.type = S("date"); look.width = S("govuk-input--width-10"); break;
    case F_NAME: look.fill = str_starts(f->name, S("applicant")) ? S("name") : S("off"); break;
    case F_ADDRESS: look.fill = S("street-address"); break;
    case F_MOBILE:
    case F_PHONE: look.type = S("tel"); look.mode = S("tel"); look.fill = S("tel"); break;
    case F_EMAIL: look.type = S("email"); look.mode = S("email"); look.fill = S("email"); break;
    case F_CITIZEN_ID: look.width = S("govuk-input--width-20"); break;
    default: break;
    }
    return look;
}

/* Money is stored in the smallest unit and typed in whole ones. */
static Str typed_form(Ctx *cx, const Field *f, Str value)
{
    i64 cents;
    if (f->kind != F_MONEY || !str_to_int(value, &cents))
        return value;
    return str_format(&cx->arena, "%lld.%02lld", (long long)(cents / 100),
                      (long long)(cents % 100));
}

/* A few answers are seen at a glance; a long list takes one line. */
static void put_choice(Html *h, const PageForm *form, const Field *f, const Problem *p, Str value)
{
    if (f->choices_n > CHOICES_SEEN_MAX)
        form_select(h, form, f, p, value);
    else
        form_choice(h, form, f, p, value, false);
}

static void put_input(Html *h, const PageForm *form, const Field *f)
{
    const Problem *p = problem_of(form, f->name);
    Str value = value_of(form->values, f->name);
    switch (f->kind) {
    case F_LONG: form_long(h, form, f, p, value); break;
    case F_CHOICE: put_choice(h, form, f, p, value); break;
    case F_CHOICES: form_choice(h, form, f, p, value, true); break;
    case F_FLAG: form_flag(h, form, f, value); break;
    case F_PLACE: form_place(h, form, f, p, value); break;
    default: form_line(h, form, f, p, p ? value : typed_form(h->cx, f, value), look_of(f)); break;
    }
}

void page_inputs(Html *h, const PageForm *form)
{
    for (size_t i = 0; i < form->fields_n; i++)
        put_input(h, form, &form->fields[i]);
}

void page_problems(Html *h, const PageForm *form)
{
    if (form->problems)
        form_summary(h, form);
}

void page_guard(Html *h)
{
    h->is_guarded = true;
    guard(h, str_base64url(&h->cx->arena, vault_random(h->cx, ONCE_BYTES)));
}

/* Outer places followed by the places inside them, so that a select can group them. */
Err page_home_places(Ctx *cx, Place **out)
{
    Place *homes, *outer = NULL, **end = out;
    PlaceId last = { 0 };
    *out = NULL;
    TRY(place_list_level(cx, profile_of(cx->house)->home_level, &homes));
    for (Place *p = homes, *next; p; p = next) {
        next = p->next;
        if (p->parent.value != last.value) {
            last = p->parent;
            outer = NEW(cx, Place);
            if (!outer)
                return E_LIMIT;
            TRY(place_get(cx, last, outer));
            *end = outer;
            end = &outer->next;
        }
        p->next = NULL;
        *end = p;
        end = &p->next;
    }
    return OK;
}

Str page_value(Ctx *cx, const Field *f, Str stored, const Place *places, bool masked)
{
    if (f->kind == F_PLACE) {
        for (const Place *p = places; p; p = p->next)
            if (str_is(p->code, stored))
                return words_in(p->name, cx->lang);
        return stored;
    }
    return masked ? field_masked(cx, f, stored) : field_words(cx, f, stored);
}

/* ------------------------------------------------------------------ tags */

void page_tag(Html *h, Mood mood, Str label)
{
    static const struct { Str class, shape;
    } MOODS[] = {
        [MOOD_NONE] = { { "", 0 }, { "", 0 } },      [MOOD_WAY] = { { "way", 3 }, { "◐", 3 } },
        [MOOD_NEAR] = { { "near", 4 }, { "▲", 3 } }, [MOOD_OVER] = { { "over", 4 }, { "■", 3 } },
        [MOOD_DONE] = { { "done", 4 }, { "●", 3 } },
    };
    tag(h, MOODS[mood].class, MOODS[mood].shape, label);
}

Err page_mood(Ctx *cx, Counting counting, Due due, i64 warn, Mood *out)
{
    i64 left;
    *out = MOOD_WAY;
    if (due.at.ms == NEVER.ms)
        return OK;
    TRY(clock_days_left(cx, counting, due, &left));
    if (due.at.ms <= cx->now.ms)
        *out = MOOD_OVER;
    else if (left <= warn)
        *out = MOOD_NEAR;
    return OK;
}

/* ------------------------------------------------------------------ QR */

enum { QR_BYTES_MAX = 64 * 1024, QR_QUIET = 4 };

Markup page_qr(Ctx *cx, Str content)
{
    QRcode *code = QRcode_encodeString(str_c(&cx->arena, content), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    Buf b = buf_new(&cx->arena, QR_BYTES_MAX);
    if (!code)
        return (Markup){ STR_EMPTY };
    int side = code->width + 2 * QR_QUIET;
    buf_add_format(&b, "<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"QR\""
                       " shape-rendering=\"crispEdges\"><path d=\"", side, side);
    for (int i = 0; i < code->width * code->width; i++)
        if (code->data[i] & 1)
            buf_add_format(&b, "M%d %dh1v1h-1z", i % code->width + QR_QUIET,
                           i / code->width + QR_QUIET);
    buf_add(&b, S("\"/></svg>"));
    QRcode_free(code);
    return (Markup){ buf_str(&b) };
}
