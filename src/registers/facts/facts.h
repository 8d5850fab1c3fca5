/* facts.h -- public pages of what everything stands on: rules, working days, places. */
#ifndef FACTS_FACTS_H
#define FACTS_FACTS_H

#include "module/module.h"

extern const Module FACTS;

#endif
