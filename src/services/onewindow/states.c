/* states.c -- news from other systems: a CSV of numbers and states, each row a step taken as the
** system. */
#include "onewindow/private.h"

#include "csv/csv.h"
#include "text/text.h"

enum { REPORT_BYTES_MAX = 1 << 20, NEWEST_MAX = 20 };

/* The open matter that was handed over under this number there. */
static Err find_handed_over(Ctx *cx, Str foreign, MatterId *out)
{
    Owner *owners;
    out->value = 0;
    TRY(vault_list_owners(cx, MATTER_KIND, vault_mark(cx, S("foreign_number"), str_trim(foreign)),
                          NEWEST_MAX, &owners));
    for (const Owner *o = owners; o && !out->value; o = o->next) {
        Matter m;
        TRY(matter_get(cx, (MatterId){ o->owner }, &m));
        if (str_is(m.state, S("handed_over")))
            *out = m.id;
    }
    return OK;
}

static Err take_row(Ctx *cx, const CsvReader *csv)
{
    MatterId matter;
    Str outcome = csv_cell(csv, 2);
    Values values = VALUES(cx, V("foreign_state", csv_cell(csv, 1)));
    TRY(find_handed_over(cx, csv_cell(csv, 0), &matter));
    if (!matter.value)
        return fail(cx, E_MISSING, "onewindow.no_such_foreign_number");
    if (outcome.n == 0)
        return flow_take(cx, matter, S("update"), &values, 0);
    value_add(cx, &values, S("outcome"), outcome);
    return flow_take(cx, matter, S("finish"), &values, 0);
}

Err onewindow_import_states(Ctx *cx, Str text, i64 *out_taken, Str *out_report)
{
    CsvReader csv = csv_reader(cx, text);
    Buf report = buf_new(&cx->arena, REPORT_BYTES_MAX);
    bool has_heading = csv_next(&csv);
    *out_taken = 0;
    cx->actor = (Actor){ .kind = ACTOR_SYSTEM };
    while (has_heading && csv_next(&csv)) {
        Err err = take_row(cx, &csv);
        if (err >= E_BUSY)
            return err;
        *out_taken += err == OK;
        if (!err)
            continue;
        Str why = failure_text(cx);
        buf_add_format(&report, "%lld: %.*s\n", (long long)csv.line, STR_ARGS(why));
        ctx_forgive(cx);
    }
    *out_report = buf_str(&report);
    return ctx_err(cx);
}
