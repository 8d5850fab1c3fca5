/* flow.c -- flow files: a flow that the checker lets through can be drawn, keeps its own law,
** and is what it says: every name in it means something. */
#include "fuzz/fuzz.h"

#include "flow/private.h"
#include "text/text.h"

enum { DRAWING_BYTES_MAX = 8 << 20 };

static void begin(Ctx *cx)
{
    Options o = { .profile = S("cn-qingyang") };
    ensure(program_profile(cx, &o) == OK);
}

static void check_steps(const Flow *f)
{
    for (size_t i = 0; i < f->steps_n; i++) {
        const FlowStep *s = &f->steps[i];
        ensure(flow_step(f, s->step) == s && s->by.n > 0);
        for (size_t k = 0; k < s->from.n; k++) {
            const FlowState *from = flow_state(f, s->from.at[k]);
            ensure(from && flow_target(f, s, from->state));
            ensure(!from->final || flow_target(f, s, from->state) == from);
        }
    }
}

static void check_states(const Flow *f)
{
    bool closes = false;
    for (size_t i = 0; i < f->states_n; i++) {
        ensure(flow_state(f, f->states[i].state) == &f->states[i]);
        ensure(f->states[i].name.in[LANG_ZH].n && f->states[i].name.in[LANG_EN].n);
        closes |= f->states[i].final;
    }
    ensure(closes);
}

/* Every < begins an element of ours, every & an entity of ours. */
static void check_drawing(Ctx *cx, const Flow *f)
{
    Buf b = buf_new(&cx->arena, DRAWING_BYTES_MAX);
    flow_draw(cx, &b, f, NULL, true);
    Str rest = buf_str(&b), part;
    ensure(!buf_is_full(&b) && str_is_utf8(rest) && str_ends(rest, S("</svg>\n")));
    str_cut(&rest, '<', &part);
    while (str_cut(&rest, '<', &part)) {
        bool ours = str_starts(part, S("/")) || str_starts(part, S("svg "))
                    || str_starts(part, S("defs>")) || str_starts(part, S("marker "))
                    || str_starts(part, S("path ")) || str_starts(part, S("style>"))
                    || str_starts(part, S("text ")) || str_starts(part, S("g "))
                    || str_starts(part, S("rect "));
        ensure(ours);
    }
}

static void law_holds_against_itself(Ctx *cx, const Flow *f)
{
    MistakeList mistakes = { 0 };
    YamlFile file = { cx, S("input"), &mistakes, NULL };
    flow_check_law(&file, f, f);
    ensure(mistakes.n == 0);
}

static void one(Ctx *cx, Str input)
{
    MistakeList mistakes = { 0 };
    const Flow *f = flow_check_text(cx, S("input"), input, &mistakes);
    ensure(f || mistakes.n || ctx_err(cx));
    ensure(mistakes.n == 0 || mistakes_text(cx, &mistakes).n > 0);
    if (!f || ctx_err(cx))
        return;
    law_holds_against_itself(cx, f);
    if (mistakes.n)
        return;
    ensure(f->flow.n && f->hash.n == 64 && str_is(f->source, input));
    check_states(f);
    check_steps(f);
    check_drawing(cx, f);
}

const FuzzTarget FUZZ = { begin, one };
