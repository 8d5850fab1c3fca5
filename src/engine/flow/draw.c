/* draw.c -- a flow as an SVG drawing: states in one column in the order of the file, steps as arcs.
**
** Steps forward go down the right side, steps back up the left; a step to the next state is a straight arrow.
** With counts, each state shows how many matters stand in it: the live map. */
#include "flow/private.h"

#include "text/text.h"

enum { BOX_X = 250, BOX_W = 220, BOX_H = 46, GAP = 44, TOP = 24, ARC_STEP = 26, ARC_MIN = 34, WIDTH = 760 };

static int box_y(size_t i)
{
    return TOP + (int)i * (BOX_H + GAP);
}

static void put_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.at[i]) {
        case '<': buf_add(b, S("&lt;")); break;
        case '>': buf_add(b, S("&gt;")); break;
        case '&': buf_add(b, S("&amp;")); break;
        case '"': buf_add(b, S("&quot;")); break;
        default: buf_add_char(b, s.at[i]);
        }
    }
}

static Str holder_name(Ctx *cx, Str holder)
{
    const Role *role = role_find(cx->house, holder);
    if (role)
        return words_in(role->name, cx->lang);
    if (str_is(holder, S("applicant")))
        return text_get(cx, "the applicant");
    return str_is(holder, S("elsewhere")) ? text_get(cx, "another system") : STR_EMPTY;
}

static i64 count_of(const Standing *counts, Str state)
{
    for (const Standing *s = counts; s; s = s->next)
        if (str_is(s->state, state))
            return s->n;
    return 0;
}

static void put_state(Ctx *cx, Buf *b, const Flow *f, size_t i, const Standing *counts)
{
    const FlowState *s = &f->states[i];
    int y = box_y(i);
    buf_add_format(b, "<g class=\"flow-state%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                   s->final ? " flow-final" : "", BOX_X, y, BOX_W, BOX_H);
    buf_add_format(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", BOX_X + BOX_W / 2, y + 20);
    put_escaped(b, words_in(s->name, cx->lang));
    buf_add_format(b, "</text><text class=\"flow-small\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                   BOX_X + BOX_W / 2, y + 37);
    put_escaped(b, holder_name(cx, s->holder));
    buf_add(b, S("</text>"));
    if (counts)
        buf_add_format(b, "<text class=\"flow-count\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%lld</text>",
                       BOX_X + BOX_W - 8, y + 20, (long long)count_of(counts, s->state));
    buf_add(b, S("</g>"));
}

static void put_label(Ctx *cx, Buf *b, const FlowStep *s, int x, int y, const char *anchor)
{
    buf_add_format(b, "<text class=\"flow-step\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
    put_escaped(b, words_in(s->name, cx->lang));
    buf_add(b, S("</text>"));
}

static void put_straight(Ctx *cx, Buf *b, const FlowStep *s, size_t from, int n)
{
    int x = BOX_X + BOX_W / 2, y1 = box_y(from) + BOX_H, y2 = box_y(from + 1);
    if (n == 0)
        buf_add_format(b, "<path class=\"flow-line\" d=\"M%d %dV%d\" marker-end=\"url(#tip)\"/>", x, y1, y2 - 2);
    put_label(cx, b, s, x + 6 + n * 84, y1 + GAP / 2 + 4, "start");
}

/* side: +1 right for forward, -1 left for back. */
static void put_arc(Ctx *cx, Buf *b, const FlowStep *s, size_t from, size_t to, int side, int n)
{
    int x = side > 0 ? BOX_X + BOX_W : BOX_X, reach = side * (ARC_MIN + n % 7 * ARC_STEP);
    int y1 = box_y(from) + (side > 0 ? 32 : 14), y2 = box_y(to) + (side > 0 ? 14 : 32);
    buf_add_format(b, "<path class=\"flow-line\" d=\"M%d %dH%dV%dH%d\" marker-end=\"url(#tip)\"/>",
                   x, y1, x + reach, y2, x + side * 2);
    put_label(cx, b, s, x + reach + side * 4, y1 + (y2 - y1) / 2 + (n % 3 - 1) * 14, side > 0 ? "start" : "end");
}

static void put_loop(Ctx *cx, Buf *b, const FlowStep *s, size_t at, int n)
{
    put_label(cx, b, s, BOX_X - 8, box_y(at) + 20 + n * 14, "end");
    buf_add_format(b, "<path class=\"flow-line\" d=\"M%d %dh-5\" />", BOX_X, box_y(at) + 16 + n * 14);
}

typedef struct Lanes {
    int right, left;
    int straight[128], loops[128];
} Lanes;

static void put_step(Ctx *cx, Buf *b, const Flow *f, const FlowStep *s, Str from_name, Lanes *lanes)
{
    const FlowState *from = flow_state(f, from_name), *to = flow_target(f, s, from_name);
    if (!from || !to)
        return;
    size_t i = (size_t)(from - f->states), j = (size_t)(to - f->states);
    if (j == i + 1)
        put_straight(cx, b, s, i, lanes->straight[i % 128]++);
    else if (j == i)
        put_loop(cx, b, s, i, lanes->loops[i % 128]++);
    else if (j > i)
        put_arc(cx, b, s, i, j, 1, lanes->right++);
    else
        put_arc(cx, b, s, i, j, -1, lanes->left++);
}

void flow_draw(Ctx *cx, Buf *out, const Flow *f, const Standing *counts)
{
    Lanes lanes = { 0 };
    int height = box_y(f->states_n) + TOP;
    buf_add_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                        " class=\"flow\" aria-label=\"", WIDTH, height);
    put_escaped(out, words_in(f->name, cx->lang));
    buf_add(out, S("\"><defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
                   " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>"));
    for (size_t i = 0; i < f->steps_n; i++)
        for (size_t j = 0; j < f->steps[i].from.n; j++)
            put_step(cx, out, f, &f->steps[i], f->steps[i].from.at[j], &lanes);
    for (size_t i = 0; i < f->states_n; i++)
        put_state(cx, out, f, i, counts);
    buf_add(out, S("</svg>\n"));
}
