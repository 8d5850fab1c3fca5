/* texts.h -- the texts of po/, made by tools/texts.py. */
#ifndef TEXTS_H
#define TEXTS_H

#include "text/text.h"

extern const TextRow TEXT_ROWS[];
extern const size_t TEXT_ROWS_N;

#endif
