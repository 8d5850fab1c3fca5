/* profile.h -- everything that is one country's or one district's own, read from
** profiles/NAME/profile.yaml.
**
** Code asks the profile; it never asks which country it is in. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "field/field.h"

/* One level of the tree of places, from the top. */
typedef struct ProfileLevel {
    Str name;
    Words words;
    i64 code_digits; /* 0: codes of this level are not checked */
} ProfileLevel;

enum { PROFILE_LEVELS_MAX = 8, OFFICE_SPANS_MAX = 4 };

/* Minutes of a day, from start to end. */
typedef struct OfficeSpan {
    int from, to;
} OfficeSpan;

typedef struct Profile {
    Str profile; /* its folder's name */
    Words name;  /* of the district */
    Str zone;
    Str number_prefix; /* begins the numbers of matters */
    Str currency;      /* ISO 4217 */
    Str currency_sign;
    Lang language;     /* shown first */
    ProfileLevel levels[PROFILE_LEVELS_MAX];
    size_t levels_n;
    Str home_level;    /* where residents say they live: the level offered in forms */
    Str district;      /* the code of the place the whole district is */
    FieldKind person_id; /* by which a case is found; F_TEXT where there is no such number */
    FieldKind phone;
    OfficeSpan office[OFFICE_SPANS_MAX];
    size_t office_n;
    bool party_gate;   /* topics pass the Party committee first; there are no topics yet */
    Words phone_line;  /* how to reach a human */
    Words places_note; /* what to say of the areas shown on maps */
} Profile;

/* Reads the profile and makes it part of the house, with its zone. E_INPUT with all mistakes
   logged. */
MUST_USE Err profile_use(Ctx *cx, Str name);
const Profile *profile_of(const House *house);

/* A path of a file of the profile: "profiles/NAME/file". */
Str profile_path(Ctx *cx, const char *file);
const ProfileLevel *profile_level(const Profile *p, Str name); /* NULL when unknown */
Words profile_level_words(const Profile *p, Str name);
Str money_words(Ctx *cx, Money m); /* "¥12.50" */

#endif
