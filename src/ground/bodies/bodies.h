/* bodies.h -- organisations: who decides, who receives, who answers to whom. */
#ifndef BODIES_BODIES_H
#define BODIES_BODIES_H

#include "places/places.h"

typedef struct Body Body;
struct Body {
    Body *next;
    BodyId id;
    Str code;
    Str kind;
    Words name;
    BodyId parent;
    PlaceId place;
    Str path;
};

extern const Field BODY_FIELDS[];

MUST_USE Err body_get(Ctx *cx, BodyId id, Body *out);
MUST_USE Err body_get_by_code(Ctx *cx, Str code, Body *out);
MUST_USE Err body_list(Ctx *cx, Body **out);
/* Is there a body of this code?  Asks the store, or the profile's file where no store is open. */
MUST_USE Err body_is_known(Ctx *cx, Str code, bool *out);

/* Brings in bodies.csv of the profile: code,kind,zh,en,parent,place. "level:NAME" as place makes
** one body for each place of the level; {code}, {zh} and {en} in the other cells stand for the
** place's own. */
MUST_USE Err bodies_import(Ctx *cx);

#endif
