/* private.h -- what the form templates ask of page.c. */
#ifndef PAGE_PRIVATE_H
#define PAGE_PRIVATE_H

#include "page/page.h"

typedef struct InputLook {
    Str type, mode, fill, width;
} InputLook;

Str input_id(Html *h, const PageForm *form, Str field);
Str choice_id(Html *h, const PageForm *form, const Field *f, size_t n);
Str described_by(Html *h, const PageForm *form, const Field *f, const Problem *p);
Str field_label(Ctx *cx, const Field *f); /* "(optional)" behind what may stay empty */
bool choice_is_set(Str value, Str code);
bool is_home_level(Ctx *cx, const Place *place);

#endif
