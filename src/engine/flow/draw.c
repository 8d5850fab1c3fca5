/* draw.c -- a flow as an SVG drawing: states in one column in the order of the file.
**
** A step to the next state is a straight arrow; steps forward go down the right side in lanes,
** steps back up the left. A step that ends the matter early, and one that stays, is a line of
** text beside its state. With counts, each state shows how many matters stand in it: the live
** map. */
#include "flow/private.h"

#include "text/text.h"

enum {
    BOX_X = 280,
    BOX_W = 200,
    BOX_H = 46,
    GAP = 40,
    TOP = 20,
    LINE = 15,
    LANE = 22,
    LANES_RIGHT = 210,
    LANES_LEFT = 170,
    WIDTH = 900,
    LEFT_EDGE = -40,
    STATES_MAX = 128
};

typedef struct Drawing {
    Ctx *cx;
    Buf *b;
    const Flow *flow;
    const Standing *counts;
    int y[STATES_MAX], height[STATES_MAX];
    int stays[STATES_MAX], ends[STATES_MAX], straight[STATES_MAX];
    int right, left; /* lanes used */
} Drawing;

/* ------------------------------------------------------------------ text */

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

static void put_text(const Drawing *d, const char *class, int x, int y, const char *anchor,
                     Str text)
{
    buf_add_format(d->b, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">", class, x, y,
                   anchor);
    put_escaped(d->b, text);
    buf_add(d->b, S("</text>"));
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

/* ---------------------------------------------------------------- what a step is in the drawing */

typedef enum StepLook { LOOK_STAYS, LOOK_STRAIGHT, LOOK_ENDS, LOOK_FORWARD, LOOK_BACK } StepLook;

static size_t index_of(const Flow *f, const FlowState *s)
{
    return (size_t)(s - f->states);
}

static StepLook look_of(const Flow *f, const FlowState *from, const FlowState *to)
{
    size_t i = index_of(f, from), j = index_of(f, to);
    if (i == j)
        return LOOK_STAYS;
    if (j == i + 1)
        return LOOK_STRAIGHT;
    if (to->final)
        return LOOK_ENDS;
    return j > i ? LOOK_FORWARD : LOOK_BACK;
}

typedef void EachStep(Drawing *d, const FlowStep *s, const FlowState *from, const FlowState *to);

static void each_step(Drawing *d, EachStep *act)
{
    const Flow *f = d->flow;
    for (size_t i = 0; i < f->steps_n; i++) {
        for (size_t j = 0; j < f->steps[i].from.n; j++) {
            const FlowState *from = flow_state(f, f->steps[i].from.at[j]);
            const FlowState *to = from ? flow_target(f, &f->steps[i], from->state) : NULL;
            if (from && to)
                act(d, &f->steps[i], from, to);
        }
    }
}

/* ------------------------------------------------------------------ room for each state */

static void count_lines(Drawing *d, const FlowStep *s, const FlowState *from, const FlowState *to)
{
    StepLook look = look_of(d->flow, from, to);
    (void)s;
    d->stays[index_of(d->flow, from)] += look == LOOK_STAYS;
    d->ends[index_of(d->flow, from)] += look == LOOK_ENDS;
}

static int lay_out(Drawing *d)
{
    int y = TOP;
    each_step(d, count_lines);
    for (size_t i = 0; i < d->flow->states_n; i++) {
        int lines = d->stays[i] > d->ends[i] ? d->stays[i] : d->ends[i];
        d->y[i] = y;
        d->height[i] = lines * LINE + 26 > BOX_H ? lines * LINE + 26 : BOX_H;
        d->stays[i] = d->ends[i] = 0;
        y += d->height[i] + GAP;
    }
    return y;
}

/* ------------------------------------------------------------------ steps */

static void put_line(const Drawing *d, int x1, int y1, int lane, int y2, int x2)
{
    buf_add_format(d->b,
                   "<path class=\"flow-line\" d=\"M%d %dH%dV%dH%d\" marker-end=\"url(#tip)\"/>", x1,
                   y1, lane, y2, x2);
}

static void put_straight(Drawing *d, const FlowStep *s, size_t i)
{
    int x = BOX_X + BOX_W / 2, y1 = d->y[i] + d->height[i], y2 = d->y[i + 1], n = d->straight[i]++;
    if (n == 0)
        buf_add_format(d->b, "<path class=\"flow-line\" d=\"M%d %dV%d\" marker-end=\"url(#tip)\"/>",
                       x, y1, y2 - 2);
    put_text(d, "flow-step", x + 6, y1 + 14 + n * LINE, "start", words_in(s->name, d->cx->lang));
}

static void put_ending(Drawing *d, const FlowStep *s, size_t i, const FlowState *to)
{
    Ctx *cx = d->cx;
    Str name = words_in(s->name, cx->lang), end = words_in(to->name, cx->lang);
    Str line = str_is(name, end)
                   ? name
                   : str_format(&cx->arena, "%.*s → %.*s", STR_ARGS(name), STR_ARGS(end));
    put_text(d, "flow-step", BOX_X + BOX_W + 10, d->y[i] + 24 + d->ends[i]++ * LINE, "start", line);
}

static void put_arc(Drawing *d, const FlowStep *s, size_t i, size_t j, bool forward)
{
    int edge = forward ? BOX_X + BOX_W : BOX_X, n = forward ? d->right++ : d->left++;
    int lane = forward ? edge + LANES_RIGHT + n % 5 * LANE : edge - LANES_LEFT - n % 5 * LANE;
    int y1 = d->y[i] + (forward ? d->height[i] - 6 : 10),
        y2 = d->y[j] + (forward ? 8 : d->height[j] - 8);
    put_line(d, edge, y1, lane, y2, edge + (forward ? 2 : -2));
    put_text(d, "flow-step", lane + (forward ? 4 : -4), (y1 + y2) / 2 + 4 + n % 3 * 12,
             forward ? "start" : "end", words_in(s->name, d->cx->lang));
}

static void put_step(Drawing *d, const FlowStep *s, const FlowState *from, const FlowState *to)
{
    size_t i = index_of(d->flow, from), j = index_of(d->flow, to);
    switch (look_of(d->flow, from, to)) {
    case LOOK_STAYS:
        put_text(d, "flow-step", BOX_X - 10, d->y[i] + 24 + d->stays[i]++ * LINE, "end",
                 str_format(&d->cx->arena, "↻ %.*s", STR_ARGS(words_in(s->name, d->cx->lang))));
        break;
    case LOOK_STRAIGHT: put_straight(d, s, i); break;
    case LOOK_ENDS: put_ending(d, s, i, to); break;
    case LOOK_FORWARD: put_arc(d, s, i, j, true); break;
    case LOOK_BACK: put_arc(d, s, i, j, false); break;
    }
}

/* ------------------------------------------------------------------ states */

static i64 count_of(const Standing *counts, Str state)
{
    for (const Standing *s = counts; s; s = s->next)
        if (str_is(s->state, state))
            return s->n;
    return 0;
}

static void put_state(const Drawing *d, size_t i)
{
    const FlowState *s = &d->flow->states[i];
    int y = d->y[i], middle = BOX_X + BOX_W / 2;
    buf_add_format(d->b,
                   "<g class=\"flow-state%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                   s->final ? " flow-final" : "", BOX_X, y, BOX_W, d->height[i]);
    put_text(d, "flow-name", middle, y + 20, "middle", words_in(s->name, d->cx->lang));
    put_text(d, "flow-small", middle, y + 37, "middle", holder_name(d->cx, s->holder));
    if (d->counts)
        put_text(d, "flow-count", BOX_X + BOX_W - 8, y + 20, "end",
                 str_format(&d->cx->arena, "%lld", (long long)count_of(d->counts, s->state)));
    buf_add(d->b, S("</g>"));
}

static const char STYLES[] =
    "<style>text{font:13px 'Noto Sans CJK"
    " SC',sans-serif;fill:#1B2220}.flow-step{font-size:11px;fill:#084844}"
    ".flow-small{font-size:11px;fill:#4A5155}rect{fill:#fff;stroke:#0B6560;stroke-width:1.5}"
    ".flow-final rect{stroke:#3F6B2A;stroke-width:2.5}.flow-line{fill:none;stroke:#8A8F8C}"
    "marker path{fill:#8A8F8C}</style>";

void flow_draw(Ctx *cx, Buf *out, const Flow *f, const Standing *counts, bool is_file)
{
    Drawing d = { .cx = cx, .b = out, .flow = f, .counts = counts };
    int height = lay_out(&d);
    buf_add_format(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%d 0 %d %d\" role=\"img\""
                   " class=\"flow\" aria-label=\"",
                   LEFT_EDGE, WIDTH, height);
    put_escaped(out, words_in(f->name, cx->lang));
    buf_add(
        out,
        S("\"><defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
          " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>"));
    if (is_file)
        buf_add(out, str_of(STYLES));
    each_step(&d, put_step);
    for (size_t i = 0; i < f->states_n; i++)
        put_state(&d, i);
    buf_add(out, S("</svg>\n"));
}
