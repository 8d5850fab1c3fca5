/* checking.h -- shared by the files that check a flow: check.c (names and what a file says of
** itself), check_terms.c (limits, clocks, timers), check_ways.c (the graph of states),
** check_duties.c (who may do what after whom).  Every mistake is reported, each at its place. */
#ifndef FLOW_CHECKING_H
#define FLOW_CHECKING_H

#include "flow/private.h"

enum { STATES_MAX = 128 };

/* Reports at a record's own place; file must be in sight. */
#define amiss(record, key, ...) \
    mistake_at(file, (record)->line, (record)->column, (key), (TextArg[]){ { 0 }, __VA_ARGS__ }, \
               COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)

typedef struct Spot {
    int line, column;
} Spot;

bool is_among(Str s, const Str *list, size_t n);
bool is_family(Str family);
/* Somebody of the roster: not anyone, the applicant or the system. */
bool is_person(Str by);
bool person_can_take(const FlowStep *s);
bool is_only_system(const FlowStep *s);
/* The families a line is about: its own, or all of the flow. */
Names families_of(const Flow *f, Names own);
bool is_licence_only(Names families);
/* A line of the Licence Law binds licences only: it must say so where the flow serves other
** families. */
void check_law(const YamlFile *file, const Flow *f, Str law, Names family, Spot at);
void check_families(const YamlFile *file, const Flow *f, Names family, Spot at);

/* ------------------------------------------------------------------ terms (check_terms.c) */

void check_limit(const YamlFile *file, const Flow *f, LimitRef ref, Names family);
/* A limit that stands in the file or in the rules; false when only the subject knows it. */
bool limit_known(const YamlFile *file, LimitRef ref, Limit *out);
/* The states in which a timer may go off: its own, or those its clock runs in. */
Names timer_states(const Flow *f, const FlowTimer *t);
bool is_taken_by_timer(const Flow *f, const FlowStep *s, Str state, Str family);
void check_terms(const YamlFile *file, const Flow *f);

/* ------------------------------------------------------------------ ways (check_ways.c) */

/* Which states lead to which, for matters of one family or (STR_EMPTY) of any. */
typedef struct WayMap {
    bool leads[STATES_MAX][STATES_MAX]; /* by one step or more */
    bool reached[STATES_MAX];           /* from a step that opens */
} WayMap;

typedef bool StepFilter(const FlowStep *s);
/* Only steps for which the filter (NULL: all) says yes count as ways. */
void map_ways(const Flow *f, Str family, StepFilter *may, WayMap *out);
size_t state_index(const Flow *f, Str state); /* STATES_MAX when unknown */
/* Can the one step have been taken when the other is about to be? */
bool can_come_before(const Flow *f, const FlowStep *earlier, const FlowStep *later);
/* Some step opens matters. */
bool can_begin(const Flow *f);
void check_ways(const YamlFile *file, const Flow *f);

/* ------------------------------------------------------------------ duties (check_duties.c) */

void check_duties(const YamlFile *file, const Flow *f);

#endif
