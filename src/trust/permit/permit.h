/* permit.h -- who may do what, where.  permit_may is the only place that answers; unknown is no.
**
** Roles are data (roles.yaml of the profile): each names its acts and how its scope is told: by
** the place of the post and everything inside it, or also by the body the post belongs to.
** Routes name an act; flows name roles. Three administrators (system, security, audit) are never
** one person. */
#ifndef PERMIT_PERMIT_H
#define PERMIT_PERMIT_H

#include "bodies/bodies.h"
#include "identity/identity.h"

/* What a route asks for: the name of an act in roles.yaml, or one of these. */
typedef const char *Act;
#define ACT_PUBLIC ((Act) "public")       /* anybody */
#define ACT_SIGNED_IN ((Act) "signed-in") /* any session, with or without a post */
#define ACT_OWN ((Act) "own")             /* whoever holds the query code of the subject's matter */

/* What it is done to; what is not set does not limit. */
typedef struct Subject {
    Str path;       /* of the place it lies in */
    BodyId body;    /* that decides on it */
    MatterId matter;
} Subject;

typedef enum AdminKind { ADMIN_NONE, ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT } AdminKind;

typedef struct Role {
    Str role;
    Words name;
    bool by_body;    /* the post's body must be the subject's */
    /* of places where posts of this role stand; matters wait on the desks of these */
    Names levels;
    AdminKind admin;
    Names acts;
    Str idle;        /* the rule that says how long a session in this role may be idle */
} Role;

typedef struct Post Post;
struct Post {
    Post *next;
    PostId id;
    PersonId person;
    Str role;
    Words role_name;
    BodyId body;
    Words body_name;
    Str body_code;
    PlaceId place;
    Words place_name;
    Str path;
    Instant since, until;
};
extern const Field POST_FIELDS[];

/* At start: reads roles.yaml of the profile. */
MUST_USE Err roles_use(Ctx *cx);
const Role *role_find(const House *house, Str role); /* NULL when unknown */
/* Walks all roles: role_at(house, 0…) until NULL. */
const Role *role_at(const House *house, size_t n);

/* May the Ctx's actor do this to that?  OK or DENIED; reads the post anew each time. */
MUST_USE Err permit_may(Ctx *cx, Act act, const Subject *subject);
/* The same as a question, for showing or hiding; never fails the Ctx for a no. */
bool permit_would(Ctx *cx, Act act, const Subject *subject);

/* May the actor take a step that asks for one of these roles, or for "anyone", "applicant",
** "system"? out_role: in which. */
MUST_USE Err permit_role(Ctx *cx, Names roles, const Subject *subject, Str *out_role);

/* The post the actor acts in, in force now; MISSING when there is none. */
MUST_USE Err permit_post(Ctx *cx, Post *out);
MUST_USE Err post_list(Ctx *cx, PersonId person, Post **out); /* in force now */
MUST_USE Err post_get(Ctx *cx, PostId id, Post *out);         /* whether in force or not */

/* Could anybody other than those in apart take a step asking for the role on the subject now? */
MUST_USE Err permit_has_able(Ctx *cx, Str role, const Subject *subject, const PersonId *apart,
                             size_t n, bool *out);

/* Who could: at most max. */
MUST_USE Err permit_list_able(Ctx *cx, Str role, const Subject *subject, PersonId *out, size_t max,
                              size_t *out_n);

typedef struct Appointment {
    PersonId person;
    Str role;
    BodyId body; /* 0 for roles without one */
    PlaceId place;
    Instant since, until; /* until 0: open */
} Appointment;
/* CONFLICT when the person would hold an administration and another role. */
MUST_USE Err permit_appoint(Ctx *cx, const Appointment *a, PostId *out);
/* Whether the person holds one of the three administrations, now or later. */
MUST_USE Err permit_administers(Ctx *cx, PersonId person, bool *out);
MUST_USE Err permit_dismiss(Ctx *cx, PostId post);

#endif
