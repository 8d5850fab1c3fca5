/* view.h -- models of the pages of facts. */
#ifndef FACTS_VIEW_H
#define FACTS_VIEW_H

#include "facts/facts.h"
#include "page/page.h"

typedef struct RulesView {
    Rule *rules;
} RulesView;

typedef struct CalendarView {
    CalendarYear *years;
    CalendarDay *days;
    i64 year;
    Str alarm;
} CalendarView;

typedef struct PlacesView {
    Place here;
    Place *inside, *periods;
    Succession *succession;
    bool is_top;
    Markup map;
} PlacesView;

#endif
