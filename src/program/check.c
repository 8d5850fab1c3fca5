/* check.c -- check and draw: files looked at before they are used. */
#include "program.h"

/* ------------------------------------------------------------------ flows and items */

static Err report(Ctx *cx, const MistakeList *mistakes, const char *what, i64 checked)
{
    print(mistakes_text(cx, mistakes));
    say("%lld %s read, %zu mistakes\n", (long long)checked, what, mistakes->n);
    return mistakes->n ? fail(cx, E_INPUT, "program.mistakes_found") : OK;
}

static Err check_flows(Ctx *cx, const Options *o)
{
    MistakeList mistakes = { 0 };
    i64 checked = 0;
    if (o->words_n > 1)
        TRY(files_overlay(cx, S("flows/"), o->words[1]));
    TRY(flows_check(cx, &mistakes, &checked));
    return report(cx, &mistakes, "flows", checked);
}

static Err check_items(Ctx *cx)
{
    MistakeList mistakes = { 0 };
    i64 checked = 0, all = 0;
    for (const Module *const *m = MODULES; *m; m++) {
        if (!(*m)->check)
            continue;
        TRY((*m)->check(cx, &mistakes, &checked));
        all += checked;
    }
    return report(cx, &mistakes, "items", all);
}

/* ------------------------------------------------------------------ roster */

static Err check_roster(Ctx *cx, const Options *o)
{
    Store *store;
    i64 lacking = 0;
    Buf out = buf_new(&cx->arena, 1 << 20);
    TRY(program_open(cx, o, &store));
    TRY(roster_check(cx, &out, &lacking));
    print(buf_str(&out));
    say("%lld lacking\n", (long long)lacking);
    return lacking ? fail(cx, E_CONFLICT, "program.roster_lacks") : OK;
}

Err command_check(Ctx *cx, const Options *o)
{
    Str what = o->words_n ? o->words[0] : S("flows");
    if (str_is(what, S("roster")))
        return check_roster(cx, o);
    if (str_is(what, S("areas")))
        return areas_check_all(cx, o);
    TRY(program_profile(cx, o));
    if (str_is(what, S("flows")))
        return check_flows(cx, o);
    return str_is(what, S("items")) ? check_items(cx)
                                    : fail(cx, E_INPUT, "program.unknown_check", V("what", what));
}

/* ------------------------------------------------------------------ draw */

static Err find_flow(Ctx *cx, Str name, const Flow **out)
{
    Str text;
    MistakeList mistakes = { 0 };
    Str path = str_format(&cx->arena, "flows/%.*s.flow.yaml", STR_ARGS(name));
    if (file_read(cx, path, &text)) {
        ctx_forgive(cx);
        return fail(cx, E_MISSING, "flow.no_such_flow");
    }
    *out = flow_check_text(cx, path, text, &mistakes);
    return *out && mistakes.n == 0 ? OK : report(cx, &mistakes, "flows", 1);
}

Err command_draw(Ctx *cx, const Options *o)
{
    const Flow *f = NULL;
    Buf b = buf_new(&cx->arena, 4 << 20);
    if (o->words_n == 0)
        return fail(cx, E_INPUT, "program.which_flow");
    TRY(program_profile(cx, o));
    TRY(find_flow(cx, o->words[0], &f));
    flow_draw(cx, &b, f, NULL, true);
    if (o->output.n)
        return disk_write(cx, o->output, buf_str(&b), 0644);
    print(buf_str(&b));
    return OK;
}
