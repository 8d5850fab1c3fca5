/* profile.c -- profile.yaml and roles.yaml of a district, each as the first byte says, the other
** as we ship it. */
#include "fuzz/fuzz.h"

#include "text/text.h"
#include "when/when.h"

enum { PATH_PROFILE, PATH_ROLES, PATHS };

static Str shipped[PATHS];

static void begin(Ctx *cx)
{
    ensure(file_read(cx, S("profiles/town/profile.yaml"), &shipped[PATH_PROFILE]) == OK);
    ensure(file_read(cx, S("profiles/town/roles.yaml"), &shipped[PATH_ROLES]) == OK);
}

static void check_profile(const House *house)
{
    const Profile *p = profile_of(house);
    int before = -1;
    ensure(p->profile.n && p->name.in[LANG_ZH].n && p->name.in[LANG_EN].n && p->number_prefix.n
           && p->district.n);
    ensure(p->levels_n <= PROFILE_LEVELS_MAX && p->office_n <= OFFICE_SPANS_MAX
           && p->language < LANG_COUNT);
    for (size_t i = 0; i < p->levels_n; i++) {
        ensure(profile_level(p, p->levels[i].name) == &p->levels[i]
               && p->levels[i].words.in[LANG_ZH].n);
        ensure(p->levels[i].code_digits >= 0);
    }
    for (size_t i = 0; i < p->office_n; i++) {
        ensure(p->office[i].from > before && p->office[i].from < p->office[i].to
               && p->office[i].to <= 24 * 60);
        before = p->office[i].to;
    }
}

static void check_roles(const House *house)
{
    const Role *r;
    for (size_t i = 0; (r = role_at(house, i)) != NULL; i++)
        ensure(role_find(house, r->role) == r && r->role.n && r->name.in[LANG_EN].n
               && r->admin <= ADMIN_AUDIT);
}

static void read_both(Ctx *cx)
{
    Instant noon = { 1539144000000 };
    if (profile_use(cx, S("fuzz")))
        return;
    check_profile(cx->house);
    ensure(day_of(cx->house, day_start(cx->house, day_of(cx->house, noon))).value
           == day_of(cx->house, noon).value);
    if (!roles_use(cx))
        check_roles(cx->house);
}

static void one(Ctx *cx, Str input)
{
    Str texts[PATHS] = { shipped[PATH_PROFILE], shipped[PATH_ROLES] };
    texts[fuzz_choice(&input) % PATHS] = input;
    PackedFile files[PATHS] = {
        { "profiles/fuzz/profile.yaml", texts[0].at, texts[0].at + texts[0].n },
        { "profiles/fuzz/roles.yaml", texts[1].at, texts[1].at + texts[1].n },
    };
    House *house = house_new();
    Ctx inner = ctx_new(house, 64 << 20);
    files_use(house, files, PATHS);
    ctx_begin(&inner, cx->now);
    read_both(&inner);
    ensure(!ctx_err(&inner) || inner.failure.key);
    ctx_end(&inner);
    house_end(house);
    ctx_free(&inner);
}

const FuzzTarget FUZZ = { begin, one };
