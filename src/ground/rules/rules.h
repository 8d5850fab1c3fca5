/* rules.h -- dated parameters: every number that law or policy sets, with its source and its time.
**
** Nothing legal is a constant in the code.  A rule that nobody has confirmed for this district
** shows itself as provisional wherever it creates a duty. */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "profile/profile.h"
#include "store/store.h"

/* How a term is counted: three countings, never mixed (domain handbook 5). */
typedef enum Counting {
    COUNT_NONE,
    COUNT_WORKDAYS, /* only working days */
    COUNT_DAYS,     /* calendar days; a last day that is a rest day rolls to the next working day */
    COUNT_WORKHOURS, /* office hours of working days */
    COUNT_KINDS
} Counting;

typedef struct Limit {
    i64 n;
    Counting counting;
} Limit;

typedef struct Rule Rule;
struct Rule {
    Rule *next;
    Str rule;
    Day valid_from, valid_to;
    Str value;
    Str unit;
    Str counting;
    Words name;
    Str source;
    bool confirmed;
};

extern const Field RULE_FIELDS[];

/* MISSING when no such rule holds on that day. */
MUST_USE Err rule_get(Ctx *cx, Str rule, Day on, Rule *out);
MUST_USE Err rule_get_int(Ctx *cx, Str rule, Day on, i64 *out);
MUST_USE Err rule_get_limit(Ctx *cx, Str rule, Day on, Limit *out);
MUST_USE Err rule_list(Ctx *cx, Rule **out);
/* Is there a rule of this name, at any time?  Asks the store, or the profile's file where no store
** is open. */
MUST_USE Err rule_is_known(Ctx *cx, Str rule, bool *out);
/* Is it a term, and which, in its newest row?  Asked of the same. */
MUST_USE Err rule_find_limit(Ctx *cx, Str rule, bool *out, Limit *out_limit);

bool counting_parse(Str s,
                    Counting *out); /* "workday", "day", "workhour" and the names used in rules */
Str counting_name(Counting c);
bool limit_parse(Str s, Limit *out);       /* "5 workday" */
Str limit_words(Ctx *cx, Limit limit);     /* "5 个工作日", "5 working days" */

/* Another value for a rule in force, all its rows; for districts that are not real. */
MUST_USE Err rule_replace(Ctx *cx, Str rule, Str value, Str source);
/* Brings in rules.csv of the profile; rows that are there already stay as they are. */
MUST_USE Err rules_import(Ctx *cx);

#endif
