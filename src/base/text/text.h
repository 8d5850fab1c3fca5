/* text.h -- what the program says, in both languages, and the handling of what people type.
**
** Texts stand in po/ as gettext catalogues and are compiled into one table (tools/texts.py). A
** text is found by its key: an English sentence where pages use it, or a dotted name where C
** raises a failure. "{name}" in a text is replaced by the value of that name. */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "core/core.h"

typedef struct TextRow {
    const char *key;
    const char *in[LANG_COUNT];
} TextRow;

/* At start: makes the rows known to every Ctx of this house. */
void text_use(House *house, const TextRow *rows, size_t n);

/* The text in the Ctx's language; the key itself when there is none (a checker forbids that). */
Str text_get(const Ctx *cx, const char *key);
Str text_in(const Ctx *cx, Lang lang, const char *key);
Str text_fill(Ctx *cx, const char *key, const TextArg *args, size_t n);
#define text(cx, key, ...) \
    text_fill((cx), (key), (TextArg[]){ { 0 }, __VA_ARGS__ } + 1, \
              COUNT(((TextArg[]){ { 0 }, __VA_ARGS__ })) - 1)
TextArg text_int(Ctx *cx, const char *name, i64 n);
/* A text about {n} things: the first key for one of them, the other for any other number. */
Str text_count(Ctx *cx, const char *one, const char *many, i64 n);

Str words_in(Words w, Lang lang); /* the other language where one is empty */
Str lang_code(Lang lang);         /* "zh-Hans", "en": BCP 47 */
bool lang_parse(Str code, Lang *out);

/* The message of the first failure on the Ctx, or of one problem. */
Str failure_text(Ctx *cx);
Str problem_text(Ctx *cx, const Problem *p);

/* Unicode NFKC: full-width letters and digits become plain ones.  Text must be valid UTF-8. */
Str text_nfkc(Arena *a, Str s);

/* The first character that cannot be seen, or 0: controls, marks of writing direction, joiners and
** spaces without width, private ones that each machine shows otherwise. In text of several lines
** line ends and tabs are good, and so are the joiners and variants that telephones put into
** emoji. */
u32 text_unseen(Str s, bool lines);

/* The sound of Chinese text without tones: "juzhuzheng" and "jzz".  Slow when first called. */
void text_pinyin(Arena *a, Str s, Str *out_full, Str *out_initials);

#endif
