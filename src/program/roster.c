/* roster.c -- is there a second person everywhere?  Where separation of persons leaves nobody, a
** matter goes up; better known before the first one does. */
#include "program.h"

#include "text/text.h"

enum { PERSONS_MAX = 1024 };

typedef struct Persons {
    PersonId at[PERSONS_MAX];
    size_t n;
} Persons;

typedef struct Roster {
    Buf *out;
    i64 lacking;
    Persons windows, reviewers, deciders, found;
} Roster;

static void tell(Roster *r, Str name, const char *what)
{
    r->lacking++;
    buf_add(r->out, name);
    buf_add(r->out, S(": "));
    buf_add(r->out, str_of(what));
    buf_add_char(r->out, '\n');
}

static bool is_in(const Persons *persons, PersonId person)
{
    for (size_t i = 0; i < persons->n; i++)
        if (persons->at[i].value == person.value)
            return true;
    return false;
}

static Err find_able(Ctx *cx, const char *role, const Subject *subject, Persons *out)
{
    return permit_list_able(cx, str_of(role), subject, out->at, PERSONS_MAX, &out->n);
}

/* ------------------------------------------------------------------ windows */

/* A clerk of a subdistrict serves many communities and is counted once. */
static void add_windows(Roster *r)
{
    for (size_t i = 0; i < r->found.n && r->windows.n < PERSONS_MAX; i++)
        if (!is_in(&r->windows, r->found.at[i]))
            r->windows.at[r->windows.n++] = r->found.at[i];
}

static Err check_windows(Ctx *cx, Roster *r)
{
    Place *homes;
    TRY(place_list_level(cx, profile_of(cx->house)->home_level, &homes));
    for (const Place *p = homes; p; p = p->next) {
        Subject subject = { .path = p->path };
        TRY(find_able(cx, "window", &subject, &r->found));
        add_windows(r);
        if (r->found.n == 0)
            tell(r, words_in(p->name, cx->lang), "no window clerk");
    }
    return OK;
}

/* ------------------------------------------------------------------ bodies that decide */

static bool is_only(const Persons *one, const Persons *others)
{
    return one->n == 1 && is_in(others, one->at[0]);
}

/* Who takes papers in neither examines nor decides; who examines does not decide. */
static Err check_body(Ctx *cx, const Body *b, Roster *r)
{
    Str name = words_in(b->name, cx->lang);
    Subject subject = { .path = b->path, .body = b->id };
    TRY(find_able(cx, "reviewer", &subject, &r->reviewers));
    TRY(find_able(cx, "decider", &subject, &r->deciders));
    if (r->reviewers.n == 0)
        tell(r, name, "no reviewer; its matters go up to the parent body");
    if (r->deciders.n == 0)
        tell(r, name, "no decider; its matters go up to the parent body");
    if (is_only(&r->deciders, &r->reviewers))
        tell(r, name, "its only decider is a reviewer too; what this person examines goes up");
    if (is_only(&r->reviewers, &r->windows))
        tell(r, name, "its only reviewer works at a window too; what comes in there goes up");
    if (is_only(&r->deciders, &r->windows))
        tell(r, name, "its only decider works at a window too; what comes in there goes up");
    return OK;
}

Err roster_check(Ctx *cx, Buf *out, i64 *out_lacking)
{
    Body *bodies;
    Roster *r = NEW(cx, Roster);
    if (!r)
        return E_LIMIT;
    r->out = out;
    TRY(check_windows(cx, r));
    TRY(body_list(cx, &bodies));
    for (const Body *b = bodies; b; b = b->next)
        if (str_is(b->kind, S("department")))
            TRY(check_body(cx, b, r));
    *out_lacking = r->lacking;
    return OK;
}
