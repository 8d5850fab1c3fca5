/* fault.c -- mistakes in areas, collected so that one run tells them all. */
#include "areas/private.h"

#include "text/text.h"

enum { FAULTS_TEXT_MAX = 1 << 20 };

AreaFault *area_fault_at(Ctx *cx, AreaFaults *faults, Str where, const char *key,
                         const TextArg *args, size_t n)
{
    if (++faults->n > AREA_FAULTS_MAX)
        return NULL;
    AreaFault *f = NEW(cx, AreaFault);
    TextArg *copy = NEW_ARRAY(cx, TextArg, n + 1);
    if (!f || !copy)
        return NULL;
    for (size_t i = 0; i < n; i++)
        copy[i] = args[i];
    *f = (AreaFault){ .where = where, .key = key, .args = copy, .args_n = n };
    if (faults->last)
        faults->last->next = f;
    else
        faults->first = f;
    faults->last = f;
    return f;
}

Str area_faults_text(Ctx *cx, const AreaFaults *faults)
{
    Buf b = buf_new(&cx->arena, FAULTS_TEXT_MAX);
    for (const AreaFault *f = faults->first; f; f = f->next) {
        buf_add(&b, f->where);
        if (f->has_at) {
            buf_add(&b, S(" ("));
            buf_add(&b, coord_text(&cx->arena, f->at));
            buf_add(&b, S(")"));
        }
        buf_add(&b, S(": "));
        buf_add(&b, text_fill(cx, f->key, f->args, f->args_n));
        buf_add_char(&b, '\n');
    }
    if (faults->n > AREA_FAULTS_MAX) {
        buf_add(&b, text(cx, "areas.more_faults",
                         text_int(cx, "n", (i64)(faults->n - AREA_FAULTS_MAX))));
        buf_add_char(&b, '\n');
    }
    return buf_str(&b);
}
