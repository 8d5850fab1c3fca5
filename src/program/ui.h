/* ui.h -- styles and scripts, bundled and packed by tools/ui.py. */
#ifndef UI_H
#define UI_H

#include "route/route.h"

extern const Asset UI_ASSETS[];
extern const size_t UI_ASSETS_N;

#endif
