/* bad.h -- files that are wrong on purpose.  Each says at its end, in comments, what must be said
** of it:
**
** # over NAME            it is laid over the built-in flow of that name
** # says LINE:COL text   one line for each mistake, in their order
**
** One that is laid over another need not copy it: it may say what it replaces in it, each piece by
** whole lines that stand there once, and the text is then the built-in one with that:
**
** # replace
** #|    limit: rule.LIC-44
** # by
** #|    limit: 11 workday */
#ifndef TESTS_BAD_H
#define TESTS_BAD_H

#include "support/support.h"
#include "yaml/yaml.h"

typedef struct BadFile BadFile;
struct BadFile {
    BadFile *next;
    Str name; /* without folder and .yaml */
    Str text;
    Str over;
    Str says; /* lines */
};

/* All of a folder under tests/, sorted; never none. */
BadFile *bad_files(Ctx *cx, const char *folder);
/* Says which file differs, and how; false then. */
bool says_what_it_must(Ctx *cx, const BadFile *bad, const MistakeList *mistakes);
/* The text with one piece of it changed; the piece must be there. */
Str text_with(Ctx *cx, Str text, const char *piece, const char *instead);

#endif
