/* rules.c -- the table of dated parameters. */
#include "rules/rules.h"

#include "csv/csv.h"
#include "files/files.h"
#include "text/text.h"

const Field RULE_FIELDS[] = {
    FIELD(Rule, rule, TEXT),
    FIELD(Rule, name, WORDS),
    FIELD(Rule, value, TEXT),
    FIELD(Rule, unit, TEXT),
    FIELD(Rule, counting, TEXT),
    FIELD(Rule, valid_from, DAY),
    FIELD(Rule, valid_to, DAY),
    FIELD(Rule, source, TEXT),
    FIELD(Rule, confirmed, FLAG),
    FIELD_END
};

/* ------------------------------------------------------------------ countings */

static const struct { Counting counting; const char *name; } COUNTINGS[] = {
    { COUNT_WORKDAYS, "workday" },
    { COUNT_DAYS, "day" },
    { COUNT_WORKHOURS, "workhour" },
};

bool counting_parse(Str s, Counting *out)
{
    if (str_is(s, S("calendar")))
        s = S("day");
    for (size_t i = 0; i < COUNT(COUNTINGS); i++) {
        if (str_is(s, str_of(COUNTINGS[i].name))) {
            *out = COUNTINGS[i].counting;
            return true;
        }
    }
    return false;
}

Str counting_name(Counting c)
{
    return c == COUNT_NONE ? S("-") : str_of(COUNTINGS[c - 1].name);
}

bool limit_parse(Str s, Limit *out)
{
    Str number;
    return str_cut(&s, ' ', &number) && s.at && str_to_int(number, &out->n) && out->n > 0
        && counting_parse(s, &out->counting);
}

Str limit_words(Ctx *cx, Limit limit)
{
    i64 n = limit.n;
    switch (limit.counting) {
    case COUNT_WORKDAYS:
        return text_count(cx, N_("{n} working day"), N_("{n} working days"), n);
    case COUNT_DAYS: return text_count(cx, N_("{n} day"), N_("{n} days"), n);
    case COUNT_WORKHOURS:
        return text_count(cx, N_("{n} working hour"), N_("{n} working hours"), n);
    case COUNT_NONE:
    case COUNT_KINDS: break;
    }
    return STR_EMPTY;
}

/* ------------------------------------------------------------------ reading */

static void read_rule(Query *q, Rule *out)
{
    out->rule = query_text(q);
    out->valid_from = query_day(q);
    out->valid_to = query_day(q);
    out->value = query_text(q);
    out->unit = query_text(q);
    out->counting = query_text(q);
    out->name.in[LANG_ZH] = query_text(q);
    out->name.in[LANG_EN] = query_text(q);
    out->source = query_text(q);
    out->confirmed = query_flag(q);
}

Err rule_get(Ctx *cx, Str rule, Day on, Rule *out)
{
    Query q =
        QUERY(cx,
              "SELECT rule, valid_from, valid_to, value, unit, counting, name_zh, name_en, source,"
              " confirmed FROM rule WHERE rule = $1 AND valid_from <= $2"
              " AND (valid_to IS NULL OR valid_to > $2) ORDER BY valid_from DESC LIMIT 1",
              T(rule), DAY(on));
    bool found = query_next(&q);
    *out = (Rule){ 0 };
    if (found)
        read_rule(&q, out);
    TRY(query_end(&q));
    return found ? OK : fail(cx, E_MISSING, "rules.no_such_rule", V("rule", rule),
                             V("day", day_iso(&cx->arena, on)));
}

Err rule_get_int(Ctx *cx, Str rule, Day on, i64 *out)
{
    Rule r;
    TRY(rule_get(cx, rule, on, &r));
    return str_to_int(r.value, out) ? OK : fail(cx, E_BUG, "rules.not_a_number", V("rule", rule));
}

Err rule_get_limit(Ctx *cx, Str rule, Day on, Limit *out)
{
    Rule r;
    TRY(rule_get(cx, rule, on, &r));
    bool good = str_to_int(r.value, &out->n) && counting_parse(r.counting, &out->counting);
    return good ? OK : fail(cx, E_BUG, "rules.not_a_limit", V("rule", rule));
}

Err rule_list(Ctx *cx, Rule **out)
{
    Query q =
        QUERY(cx,
              "SELECT rule, valid_from, valid_to, value, unit, counting, name_zh, name_en, source,"
              " confirmed FROM rule ORDER BY rule, valid_from");
    *out = NULL;
    while (query_next(&q)) {
        Rule *r = NEW(cx, Rule);
        if (!r)
            break;
        read_rule(&q, r);
        *out = r;
        out = &r->next;
    }
    return query_end(&q);
}

/* The row of a rule in the profile's file that begins last; the reader stands on it when found. */
static Err find_in_file(Ctx *cx, Str rule, bool *out, Str *out_value, Str *out_counting)
{
    Str text;
    TRY(file_read(cx, profile_path(cx, "rules.csv"), &text));
    CsvReader csv = csv_reader(cx, text);
    bool has_heading = csv_next(&csv);
    while (has_heading && csv_next(&csv)) {
        if (!str_is(csv_cell(&csv, 0), rule))
            continue;
        *out = true;
        *out_value = csv_cell(&csv, 3);
        *out_counting = csv_cell(&csv, 5);
    }
    return ctx_err(cx);
}

Err rule_is_known(Ctx *cx, Str rule, bool *out)
{
    Str value, counting;
    *out = false;
    if (!store_of(cx))
        return find_in_file(cx, rule, out, &value, &counting);
    Query q = QUERY(cx, "SELECT 1 FROM rule WHERE rule = $1 LIMIT 1", T(rule));
    return query_found(&q, out);
}

static Err find_in_store(Ctx *cx, Str rule, bool *out, Str *out_value, Str *out_counting)
{
    Query q =
        QUERY(cx,
              "SELECT value, counting FROM rule WHERE rule = $1 ORDER BY valid_from DESC LIMIT 1",
              T(rule));
    *out = query_next(&q);
    *out_value = query_text(&q);
    *out_counting = query_text(&q);
    return query_end(&q);
}

Err rule_find_limit(Ctx *cx, Str rule, bool *out, Limit *out_limit)
{
    Str value = STR_EMPTY, counting = STR_EMPTY;
    *out = false;
    *out_limit = (Limit){ 0 };
    TRY(store_of(cx) ? find_in_store(cx, rule, out, &value, &counting)
                     : find_in_file(cx, rule, out, &value, &counting));
    *out = *out && str_to_int(value, &out_limit->n) && out_limit->n > 0
        && counting_parse(counting, &out_limit->counting);
    return OK;
}

/* ------------------------------------------------------------------ import */

static Err add_row(Ctx *cx, const CsvReader *csv)
{
    Day from, to = NO_DAY;
    Str to_cell = csv_cell(csv, 7);
    bool good = csv_cell(csv, 0).n && csv_cell(csv, 3).n && day_parse(csv_cell(csv, 6), &from)
             && (to_cell.n == 0 || day_parse(to_cell, &to));
    if (!good)
        return fail(cx, E_INPUT, "rules.bad_row", text_int(cx, "line", csv->line));
    Query q = QUERY(
        cx,
        "INSERT INTO rule (rule, valid_from, valid_to, value, unit, counting, name_zh, name_en,"
        " source, confirmed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (rule, valid_from) DO NOTHING",
        T(csv_cell(csv, 0)), DAY(from), DAY_OR_NULL(to), T(csv_cell(csv, 3)), T(csv_cell(csv, 4)),
        T(csv_cell(csv, 5)), T(csv_cell(csv, 1)), T(csv_cell(csv, 2)), T(csv_cell(csv, 8)),
        F(str_is(csv_cell(csv, 9), S("true"))));
    return query_run(&q);
}

static Err import_all(Ctx *cx, void *arg)
{
    Str text;
    (void)arg;
    TRY(file_read(cx, profile_path(cx, "rules.csv"), &text));
    CsvReader csv = csv_reader(cx, text);
    bool has_heading = csv_next(&csv);
    while (has_heading && csv_next(&csv))
        TRY(add_row(cx, &csv));
    return ctx_err(cx);
}

Err rules_import(Ctx *cx)
{
    return store_write(cx, import_all, NULL);
}

typedef struct Replacement {
    Str rule, value, source;
} Replacement;

static Err replace(Ctx *cx, void *arg)
{
    const Replacement *r = arg;
    Query q = QUERY(cx, "UPDATE rule SET value = $2, source = $3 WHERE rule = $1", T(r->rule),
                    T(r->value), T(r->source));
    return query_run(&q);
}

Err rule_replace(Ctx *cx, Str rule, Str value, Str source)
{
    Replacement r = { rule, value, source };
    return store_write(cx, replace, &r);
}
