/* data.c -- verify, backup, restore, export, import, keys. */
#include "program.h"

#include "administration/administration.h"

#include "csv/csv.h"
#include "onewindow/onewindow.h"

#include <stdio.h>
#include <unistd.h>

enum { VERIFY_AT_ONCE = 500, EXPORT_AT_ONCE = 1000, IMPORT_BYTES_MAX = 64 << 20 };

static Err need_word(Ctx *cx, const Options *o, size_t n, const char *what)
{
    return o->words_n > n ? OK : fail(cx, E_INPUT, "program.word_missing", V("what", str_of(what)));
}

/* ------------------------------------------------------------------ verify */

/* One portion of what is verified, from after on; last is where it ended. */
typedef Err Portion(Ctx *cx, i64 after, i64 *out_last, i64 *out_checked);

static Err portion_of_events(Ctx *cx, i64 after, i64 *out_last, i64 *out_checked)
{
    return record_verify(cx, after, VERIFY_AT_ONCE, out_last, out_checked);
}

static Err portion_of_matters(Ctx *cx, i64 after, i64 *out_last, i64 *out_checked)
{
    (void)out_checked;
    return flow_verify_matters(cx, after, VERIFY_AT_ONCE, out_last);
}

/* In portions, each with a Ctx begun anew, so that memory stays the same however much there is. */
static Err verify_all(Ctx *cx, Portion *portion, i64 *out_checked)
{
    i64 after = 0, last = 0;
    Ctx work = ctx_new(cx->house, (size_t)64 << 20);
    Err err = store_attach(&work, store_of(cx));
    *out_checked = 0;
    do {
        after = last;
        ctx_begin(&work, cx->now);
        work.lang = cx->lang;
        if (!err)
            err = portion(&work, after, &last, out_checked);
        if (err)
            fail_like(cx, &work);
        store_rest(&work);
        ctx_end(&work);
    } while (!err && last > after);
    store_detach(&work);
    ctx_free(&work);
    return err;
}

Err command_verify(Ctx *cx, const Options *o)
{
    Store *store;
    i64 checked, matters;
    TRY(program_open(cx, o, &store));
    TRY(store_check(cx));
    TRY(verify_all(cx, portion_of_events, &checked));
    TRY(verify_all(cx, portion_of_matters, &matters));
    TRY(flow_verify_tallies(cx));
    print(
        str_format(&cx->arena, "%lld events are whole, every figure agrees\n", (long long)checked));
    return OK;
}

/* ------------------------------------------------------------------ backup and restore */

Err command_backup(Ctx *cx, const Options *o)
{
    Store *store;
    TRY(need_word(cx, o, 0, "FILE"));
    TRY(store_open(cx, o->db, (StoreOptions){ .must_exist = true }, &store));
    TRY(store_attach(cx, store));
    TRY(store_backup(cx, o->words[0]));
    say("copied to %.*s; keep the key file %.*s apart from it\n", STR_ARGS(o->words[0]),
        STR_ARGS(options_keys(cx, o)));
    return OK;
}

/* A log left by a crash belongs to the old file; the new one must not be mended with it. */
static void drop_log(Ctx *cx, Str db)
{
    unlink(str_c(&cx->arena, str_join(&cx->arena, db, S("-wal"))));
    unlink(str_c(&cx->arena, str_join(&cx->arena, db, S("-shm"))));
}

/* The copy is opened and checked before it takes the place of anything. */
Err command_restore(Ctx *cx, const Options *o)
{
    Store *store;
    TRY(need_word(cx, o, 0, "FILE"));
    bool there = access(str_c(&cx->arena, o->db), F_OK) == 0;
    if (there && !o->force)
        return fail(cx, E_CONFLICT, "program.would_overwrite", V("path", o->db));
    TRY(store_open(cx, o->words[0], (StoreOptions){ .must_exist = true }, &store));
    TRY(store_attach(cx, store));
    TRY(store_check(cx));
    Str beside = str_join(&cx->arena, o->db, S(".restoring"));
    unlink(str_c(&cx->arena, beside));
    TRY(store_backup(cx, beside));
    drop_log(cx, o->db);
    if (rename(str_c(&cx->arena, beside), str_c(&cx->arena, o->db)) != 0)
        return fail(cx, E_STORE, "files.cannot_write", V("path", o->db));
    say("restored to %.*s; run linli verify next\n", STR_ARGS(o->db));
    return OK;
}

/* ------------------------------------------------------------------ export */

static void put_case(Ctx *cx, Buf *b, Query *q)
{
    for (int column = 0; column < 7; column++) {
        csv_put(b, query_text(q));
        csv_put_comma(b);
    }
    Instant opened = query_instant(q), closed = query_instant(q);
    csv_put(b, instant_iso(cx, opened));
    csv_put_comma(b);
    csv_put(b, closed.ms ? instant_iso(cx, closed) : STR_EMPTY);
    csv_put_end(b);
}

static Err export_portion(Ctx *cx, FILE *out, i64 *after)
{
    Buf b = buf_new(&cx->arena, 16 << 20);
    i64 last = *after;
    Query q = QUERY(
        cx,
        "SELECT m.id, m.number, m.flow, m.family, m.subject, m.state, p.code, m.channel,"
        " m.opened_at, m.closed_at FROM matter m JOIN place p ON p.id = m.place WHERE m.id > $1"
        " ORDER BY m.id LIMIT $2",
        I(*after), I(EXPORT_AT_ONCE));
    while (query_next(&q)) {
        last = query_int(&q);
        put_case(cx, &b, &q);
    }
    TRY(query_end(&q));
    *after = last;
    return fwrite(b.at ? b.at : "", 1, b.n, out) == b.n
               ? OK
               : fail(cx, E_STORE, "files.cannot_write", V("path", S("output")));
}

static Err export_cases(Ctx *cx, FILE *out)
{
    Ctx work = ctx_new(cx->house, (size_t)64 << 20);
    i64 after = 0, before;
    Err err = store_attach(&work, store_of(cx));
    fputs("number,flow,family,item,state,place,channel,opened_at,closed_at\r\n", out);
    do {
        before = after;
        ctx_begin(&work, cx->now);
        if (!err)
            err = export_portion(&work, out, &after);
        store_rest(&work);
        ctx_end(&work);
    } while (!err && after > before);
    fail_like(cx, &work);
    store_detach(&work);
    ctx_free(&work);
    return err;
}

Err command_export(Ctx *cx, const Options *o)
{
    Store *store;
    TRY(need_word(cx, o, 0, "cases"));
    if (!str_is(o->words[0], S("cases")))
        return fail(cx, E_INPUT, "program.unknown_check", V("what", o->words[0]));
    TRY(program_open(cx, o, &store));
    FILE *out = o->output.n ? fopen(str_c(&cx->arena, o->output), "w") : stdout;
    if (!out)
        return fail(cx, E_STORE, "files.cannot_write", V("path", o->output));
    Err err = export_cases(cx, out);
    if (fflush(out) != 0 && !err)
        err = fail(cx, E_STORE, "files.cannot_write", V("path", o->output));
    if (out != stdout)
        fclose(out);
    return err;
}

/* ------------------------------------------------------------------ import */

typedef struct FactsImport {
    Str calendar; /* empty: the rules */
    bool changed;
} FactsImport;

/* Brought in and noted for who audits, both or neither. */
static Err import_facts(Ctx *cx, void *arg)
{
    FactsImport *f = arg;
    PersonId nobody = { 0 };
    TRY(f->calendar.n ? calendar_import(cx, f->calendar, &f->changed) : rules_import(cx));
    return admin_note(cx, f->calendar.n ? S("calendar.import") : S("rules.import"), nobody,
                      STR_EMPTY);
}

static Err import_rules(Ctx *cx)
{
    FactsImport rules = { STR_EMPTY, false };
    return store_write(cx, import_facts, &rules);
}

static Err import_calendar(Ctx *cx, Str text)
{
    FactsImport calendar = { text, false };
    i64 moved = 0;
    TRY(store_write(cx, import_facts, &calendar));
    bool changed = calendar.changed;
    if (changed)
        TRY(flow_recompute_all(cx, S("calendar"), &moved));
    say(changed ? "working days changed, %lld due dates moved\n"
                : "nothing new, %lld due dates moved\n",
        (long long)moved);
    return OK;
}

static Err import_states(Ctx *cx, Str text)
{
    i64 taken;
    Str report;
    TRY(onewindow_import_states(cx, text, &taken, &report));
    print(report);
    say("%lld states taken in\n", (long long)taken);
    return report.n ? fail(cx, E_INPUT, "program.some_rows_refused") : OK;
}

Err command_import(Ctx *cx, const Options *o)
{
    Store *store;
    Str text = STR_EMPTY, what;
    TRY(need_word(cx, o, 0, "calendar | states | rules"));
    what = o->words[0];
    bool needs_file = !str_is(what, S("rules"));
    if (needs_file)
        TRY(need_word(cx, o, 1, "FILE.csv"));
    TRY(program_open(cx, o, &store));
    if (needs_file)
        TRY(disk_read(cx, o->words[1], IMPORT_BYTES_MAX, &text));
    if (str_is(what, S("calendar")))
        return import_calendar(cx, text);
    if (str_is(what, S("states")))
        return import_states(cx, text);
    return str_is(what, S("rules")) ? import_rules(cx)
                                    : fail(cx, E_INPUT, "program.unknown_check", V("what", what));
}

/* ------------------------------------------------------------------ keys */

Err command_keys(Ctx *cx, const Options *o)
{
    TRY(need_word(cx, o, 0, "rotate"));
    if (!str_is(o->words[0], S("rotate")))
        return fail(cx, E_INPUT, "program.unknown_check", V("what", o->words[0]));
    TRY(keys_rotate(cx, options_keys(cx, o), o->cipher));
    say("a new sealing key stands in %.*s; restart the server\n", STR_ARGS(options_keys(cx, o)));
    return OK;
}
