/* fuzz.h -- what a fuzz target gives, and what it leans on.
**
** A target is one file with one FUZZ. one() takes an input as it could come from outside and
** ensures what is promised of every input: not only that nothing crashes, but that what was
** read, written and read again is the same. Two drivers share the targets: with clang's
** libFuzzer (build/fuzz, "make fuzz") inputs are made; in every other build the kept corpus,
** tests/fuzz/corpus/NAME, is gone through once ("make test"). */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "program.h"

#include <string.h>

typedef struct FuzzTarget {
    /* once, before the first input; may be NULL.  The Ctx lives to the end */
    void (*begin)(Ctx *cx);
    void (*one)(Ctx *cx, Str input); /* the Ctx is begun anew for each */
} FuzzTarget;

extern const FuzzTarget FUZZ;

/* A claim that must hold for every input. */
#define ensure(claim)                                       \
    do {                                                    \
        if (!(claim))                                       \
            fuzz_broken(__FILE__, __LINE__, #claim);        \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *claim);

/* Takes the first bytes of the input as choices of the target; 0 when it is used up. */
u8 fuzz_choice(Str *input);

/* A folder of this process's own, removed at its end; kept in memory where the system can. */
Str fuzz_folder(Ctx *cx);
/* A file in that folder with this text, readable by nobody else; returns its path. */
Str fuzz_file(Ctx *cx, const char *name, Str text);

#endif
