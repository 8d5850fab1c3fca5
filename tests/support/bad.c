/* bad.c -- reading the files that are wrong on purpose, and comparing what is said of them. */
#include "support/bad.h"

#include "text/text.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_BYTES = 64 << 10 };

static Str rest_of(Str line, const char *head)
{
    Str mark = str_of(head);
    return str_starts(line, mark) ? str_skip(line, mark.n) : STR_EMPTY;
}

static void read_marks(Ctx *cx, BadFile *bad)
{
    Str rest = bad->text, line;
    Buf says = buf_new(&cx->arena, LINES_BYTES);
    while (str_cut(&rest, '\n', &line)) {
        Str over = rest_of(line, "# over "), said = rest_of(line, "# says ");
        bad->over = over.n ? over : bad->over;
        buf_add(&says, said);
        if (said.n)
            buf_add_char(&says, '\n');
    }
    bad->says = buf_str(&says);
}

/* The lines marked "#|" that come next, without the mark. */
static Str read_piece(Ctx *cx, Str *rest)
{
    Buf piece = buf_new(&cx->arena, LINES_BYTES);
    Str line, after = *rest;
    while (str_cut(&after, '\n', &line) && str_starts(line, S("#|"))) {
        buf_add(&piece, str_skip(line, 2));
        buf_add_char(&piece, '\n');
        *rest = after;
    }
    return buf_str(&piece);
}

static Str replaced(Ctx *cx, const char *name, Str text, Str piece, Str instead)
{
    size_t at, again;
    bool once = piece.n && str_find(text, piece, &at)
             && !str_find(str_skip(text, at + 1), piece, &again);
    if (!once)
        assert_never("%s: what it replaces stands not once but otherwise: %.*s", name,
                     STR_ARGS(piece));
    return str_format(&cx->arena, "%.*s%.*s%.*s", STR_ARGS(str_first(text, at)), STR_ARGS(instead),
                      STR_ARGS(str_skip(text, at + piece.n)));
}

/* The built-in flow with what the file replaces in it; the file itself when it replaces nothing. */
static Str with_replacements(Ctx *cx, const BadFile *bad)
{
    Str rest = bad->text, line, text = STR_EMPTY;
    while (str_cut(&rest, '\n', &line)) {
        if (!str_is(line, S("# replace")))
            continue;
        Str path = str_format(&cx->arena, "../src/services/onewindow/%.*s.flow.yaml",
                              STR_ARGS(bad->over));
        text = text.n ? text : test_text(cx, str_c(&cx->arena, path));
        Str piece = read_piece(cx, &rest);
        if (!str_cut(&rest, '\n', &line) || !str_is(line, S("# by")))
            assert_never("%.*s: replaces something by nothing it says", STR_ARGS(bad->name));
        text = replaced(cx, str_c(&cx->arena, bad->name), text, piece, read_piece(cx, &rest));
    }
    return text.n ? text : bad->text;
}

static BadFile *read_bad(Ctx *cx, const char *folder, const char *path)
{
    BadFile *bad = NEW(cx, BadFile);
    const char *name = strrchr(path, '/') + 1;
    *bad = (BadFile){ .name = str_copy(&cx->arena, (Str){ name, strlen(name) - strlen(".yaml") }) };
    Str file = str_format(&cx->arena, "%s/%s", folder, name);
    bad->text = test_text(cx, str_c(&cx->arena, file));
    read_marks(cx, bad);
    bad->text = with_replacements(cx, bad);
    return bad;
}

BadFile *bad_files(Ctx *cx, const char *folder)
{
    const char *root = getenv("LINLI_SOURCE");
    glob_t found;
    BadFile *first = NULL, **end = &first;
    Str pattern = str_format(&cx->arena, "%s/tests/%s/*.yaml", root ? root : ".", folder);
    assert_int_equal(glob(str_c(&cx->arena, pattern), 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        *end = read_bad(cx, folder, found.gl_pathv[i]);
        end = &(*end)->next;
    }
    globfree(&found);
    return first;
}

/* The mistakes without the file's name before each. */
static Str said_of(Ctx *cx, const MistakeList *mistakes)
{
    Buf b = buf_new(&cx->arena, LINES_BYTES);
    for (const Mistake *m = mistakes->first; m; m = m->next) {
        buf_add(&b, str_skip(mistake_text(cx, m), m->file.n + 1));
        buf_add_char(&b, '\n');
    }
    return buf_str(&b);
}

bool says_what_it_must(Ctx *cx, const BadFile *bad, const MistakeList *mistakes)
{
    Str said = said_of(cx, mistakes);
    bool same = str_is(said, bad->says) && said.n;
    if (!same)
        print_error("%.*s says\n%.*sand must say\n%.*s", STR_ARGS(bad->name), STR_ARGS(said),
                    STR_ARGS(bad->says));
    return same;
}

Str text_with(Ctx *cx, Str text, const char *piece, const char *instead)
{
    size_t at;
    if (!str_find(text, str_of(piece), &at))
        assert_never("\"%s\" is not in the text", piece);
    return str_format(&cx->arena, "%.*s%s%.*s", STR_ARGS(str_first(text, at)), instead,
                      STR_ARGS(str_skip(text, at + strlen(piece))));
}
