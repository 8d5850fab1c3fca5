/* places.h -- the tree of places: divisions with their codes, names and succession, down to grids.
**
** A place's id never changes; code, names and parent belong to a period (domain handbook 2.2).
** Each place has a path such as "/1/7/52/"; "inside that subdistrict" is the range of paths that
** begin with its own, and the same path is the scope of a post. */
#ifndef PLACES_PLACES_H
#define PLACES_PLACES_H

#include "profile/profile.h"
#include "store/store.h"

typedef struct Place Place;
struct Place {
    Place *next;
    PlaceId id;
    PlaceId parent;
    Str level;
    Str path;
    Str code;
    Words name;
    Day valid_from, valid_to; /* of the period; NO_DAY: still */
    bool synthetic;
};

extern const Field PLACE_FIELDS[];

MUST_USE Err place_get(Ctx *cx, PlaceId id, Place *out);
/* The place that carried this code on this day; MISSING when none did. */
MUST_USE Err place_get_by_code(Ctx *cx, Str code, Day on, Place *out);
/* direct children, in code order */
MUST_USE Err place_list_inside(Ctx *cx, PlaceId parent, Place **out);
MUST_USE Err place_list_level(Ctx *cx, Str level, Place **out);       /* all that stand now */
MUST_USE Err place_list_periods(Ctx *cx, PlaceId id, Place **out);
MUST_USE Err place_district(Ctx *cx, Place *out); /* the one the whole store is about */

typedef struct Succession Succession;
struct Succession {
    Succession *next;
    Day day;
    Str kind;
    Str old_code, new_code;
    Words old_name, new_name;
};
MUST_USE Err place_list_succession(Ctx *cx, Succession **out);

/* Names from the district's child down to the place itself: "草堂街道 青华社区". */
MUST_USE Err place_full_name(Ctx *cx, PlaceId id, Str *out);

bool path_covers(Str scope, Str path);
/* The first path after all that begin with this one, for range queries. */
Str path_end(Ctx *cx, Str path);

/* A place that begins on a day, inside its parent. Inside a write. E_INPUT when the code does not
   fit its level or parent, E_CONFLICT when a place carries it that day. */
typedef struct PlaceNew {
    Str level, code;
    Words name; /* where one language is empty, the other stands for it */
    PlaceId parent, from_place; /* from_place: it was split off, or none */
    Day from;
    bool synthetic;
} PlaceNew;
MUST_USE Err place_add(Ctx *cx, const PlaceNew *p, PlaceId *out);
/* It ends on a day and its heir goes on. Inside a write. */
MUST_USE Err place_end(Ctx *cx, PlaceId id, PlaceId heir, Day day);

/* Brings in places.csv and succession.csv of the profile; only into an empty store. */
MUST_USE Err places_import(Ctx *cx);

/* Codes as the profile describes its levels: digits, length, the parent's code as prefix. NULL
   or a key. */
const char *place_code_fault(const Profile *p, Str level, Str code, Str parent_code);

#endif
