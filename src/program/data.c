/* data.c -- verify, backup, restore, export, import, keys. */
#include "program.h"

#include "administration/administration.h"

#include "csv/csv.h"
#include "onewindow/onewindow.h"

#include <stdio.h>
#include <sys/stat.h>
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

/* For who watches: a backup that nobody made is noticed by its absence. */
static Err note_backup(Ctx *cx, void *arg)
{
    Str at = str_format(&cx->arena, "%lld", (long long)cx->now.ms);
    Query q = QUERY(cx,
                    "INSERT INTO setting (name, value) VALUES ('backup', $1)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    T(at));
    (void)arg;
    return query_run(&q);
}

Err command_backup(Ctx *cx, const Options *o)
{
    Store *store;
    Str keys;
    TRY(need_word(cx, o, 0, "FILE"));
    TRY(store_open(cx, o->db, (StoreOptions){ .must_exist = true }, &store));
    TRY(store_attach(cx, store));
    TRY(store_backup(cx, o->words[0]));
    TRY(store_write(cx, note_backup, NULL));
    TRY(options_keys(cx, o, &keys));
    say("copied to %.*s; keep the key file %.*s apart from it\n", STR_ARGS(o->words[0]),
        STR_ARGS(keys));
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
    Str path;
    TRY(need_word(cx, o, 0, "FILE"));
    if (!store_is_file(o->db, &path))
        return fail(cx, E_INPUT, "store.restore_by_server");
    bool there = access(str_c(&cx->arena, path), F_OK) == 0;
    if (there && !o->force)
        return fail(cx, E_CONFLICT, "program.would_overwrite", V("path", path));
    TRY(store_check_unused(cx, path));
    TRY(store_open(cx, o->words[0], (StoreOptions){ .must_exist = true }, &store));
    TRY(store_attach(cx, store));
    TRY(store_check(cx));
    Str beside = str_join(&cx->arena, path, S(".restoring"));
    unlink(str_c(&cx->arena, beside));
    TRY(store_backup(cx, beside));
    drop_log(cx, path);
    Err err = disk_replace(cx, beside, path);
    if (err) {
        unlink(str_c(&cx->arena, beside));
        return err;
    }
    say("restored to %.*s; run linli verify next\n", STR_ARGS(path));
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
               : fail(cx, E_STORE, "program.cannot_print");
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

/* Into a neighbour that takes the file's name when it is whole; nothing half written is left. */
static Err export_into(Ctx *cx, Str path)
{
    Str beside = str_join(&cx->arena, path, S(".new"));
    char *name = str_c(&cx->arena, beside);
    FILE *out = fopen(name, "w");
    if (!out)
        return fail(cx, E_STORE, "files.cannot_write", V("path", path));
    Err err = export_cases(cx, out);
    bool is_whole = fclose(out) == 0;
    if (!err)
        err = is_whole ? disk_replace(cx, beside, path)
                       : fail(cx, E_STORE, "files.cannot_write", V("path", path));
    if (err)
        unlink(name);
    return err;
}

static Err export_onto(Ctx *cx, FILE *out)
{
    TRY(export_cases(cx, out));
    return fflush(out) == 0 ? OK : fail(cx, E_STORE, "program.cannot_print");
}

/* A pipe or a device stays what it is. */
static Err export_to(Ctx *cx, Str path)
{
    struct stat info;
    bool is_other = stat(str_c(&cx->arena, path), &info) == 0 && !S_ISREG(info.st_mode);
    FILE *out = is_other ? fopen(str_c(&cx->arena, path), "w") : NULL;
    if (!is_other)
        return export_into(cx, path);
    if (!out)
        return fail(cx, E_STORE, "files.cannot_write", V("path", path));
    Err err = export_onto(cx, out);
    fclose(out);
    return err;
}

Err command_export(Ctx *cx, const Options *o)
{
    Store *store;
    TRY(need_word(cx, o, 0, "cases | areas"));
    if (str_is(o->words[0], S("areas")))
        return areas_export_file(cx, o);
    if (!str_is(o->words[0], S("cases")))
        return fail(cx, E_INPUT, "program.unknown_check", V("what", o->words[0]));
    TRY(program_open(cx, o, &store));
    return o->output.n ? export_to(cx, o->output) : export_onto(cx, stdout);
}

/* ------------------------------------------------------------------ import */

/* Brought in and noted for who audits, both or neither. */
static Err take_rules(Ctx *cx, void *arg)
{
    (void)arg;
    TRY(rules_import(cx));
    return admin_note(cx, S("rules.import"), (PersonId){ 0 }, STR_EMPTY);
}

#define DUE_TIMES S("due_times") /* "late" while they lag behind the calendar */

typedef struct NewDays {
    Str text;
    bool changed;
} NewDays;

static Err take_days(Ctx *cx, void *arg)
{
    NewDays *days = arg;
    TRY(calendar_import(cx, days->text, &days->changed));
    TRY(admin_note(cx, S("calendar.import"), (PersonId){ 0 }, STR_EMPTY));
    return days->changed ? setting_put(cx, DUE_TIMES, S("late")) : OK;
}

/* When the last import was cut off before due times had moved, they move now. */
static Err import_calendar(Ctx *cx, Str text)
{
    NewDays days = { .text = text };
    Str late;
    i64 moved = 0;
    TRY(store_write(cx, take_days, &days));
    TRY(setting_get(cx, DUE_TIMES, &late));
    if (late.n) {
        TRY(flow_recompute_all(cx, S("calendar"), &moved));
        TRY(setting_put(cx, DUE_TIMES, STR_EMPTY));
    }
    say(days.changed ? "working days changed, %lld due dates moved\n"
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
    TRY(need_word(cx, o, 0, "calendar | states | rules | areas"));
    what = o->words[0];
    if (str_is(what, S("areas")))
        return areas_import_file(cx, o);
    if (str_is(what, S("rules"))) { /* newer flows and items may name them, and not start before */
        TRY(program_open_ground(cx, o, &store));
        return store_write(cx, take_rules, NULL);
    }
    bool is_calendar = str_is(what, S("calendar"));
    if (!is_calendar && !str_is(what, S("states")))
        return fail(cx, E_INPUT, "program.unknown_check", V("what", what));
    TRY(need_word(cx, o, 1, "FILE.csv"));
    TRY(program_open(cx, o, &store));
    TRY(disk_read(cx, o->words[1], IMPORT_BYTES_MAX, &text));
    return is_calendar ? import_calendar(cx, text) : import_states(cx, text);
}

/* ------------------------------------------------------------------ keys */

Err command_keys(Ctx *cx, const Options *o)
{
    Str keys;
    TRY(need_word(cx, o, 0, "rotate"));
    if (!str_is(o->words[0], S("rotate")))
        return fail(cx, E_INPUT, "program.unknown_check", V("what", o->words[0]));
    TRY(options_keys(cx, o, &keys));
    TRY(keys_rotate(cx, keys, o->cipher));
    say("a new sealing key stands in %.*s; restart the server\n", STR_ARGS(keys));
    return OK;
}
