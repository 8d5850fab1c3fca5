/* vault.h -- personal values: sealed at rest, found by keyed hash, opened for a reason, erasable.
**
** Keys stand in a file beside the database, never in it. Each value is sealed under the newest
** key and bound to its place (kind/owner/n/field), so a blob moved elsewhere does not open. The
** record gets only a salted commitment; erasing a row leaves the record whole. */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "field/field.h"
#include "store/store.h"

enum { HASH_BYTES = 32 };

/* ------------------------------------------------------------------ keys */

/* Makes a new key file with the cipher "sodium" or "sm"; E_CONFLICT when the file exists. */
MUST_USE Err keys_make(Ctx *cx, Str path, Str cipher);
/* Adds a newer sealing key; what is sealed already stays readable. */
MUST_USE Err keys_rotate(Ctx *cx, Str path, Str cipher);
/* Loads the file and makes it part of the house.  Refuses one that others may read. */
MUST_USE Err keys_use(Ctx *cx, Str path);

/* ------------------------------------------------------------------ sealing */

MUST_USE Err vault_seal(Ctx *cx, Str context, Str plain, Bytes *out);
/* E_STORE when the blob, its context or its key is not what it was. */
MUST_USE Err vault_open(Ctx *cx, Str context, Bytes sealed, Str *out);

/* A keyed hash by which a value can be found again, separate for each kind of value. */
Bytes vault_mark(Ctx *cx, Str kind, Str value);
/* A keyed hash for tokens handed to browsers, separate for each purpose. */
Bytes vault_token_mac(Ctx *cx, Str purpose, Str text);
Bytes vault_hash(Ctx *cx, Str text); /* plain, HASH_BYTES */
Bytes vault_random(Ctx *cx, size_t n);

/* ------------------------------------------------------------------ sealed rows */

typedef struct SealedRef {
    Str kind;
    i64 owner;
    i64 n;
    Str field;
} SealedRef;

/* Seals and stores; out_commitment is hex for the record.  mark: searchable by vault_find. */
MUST_USE Err vault_put(Ctx *cx, SealedRef ref, Str value, Bytes mark, Str *out_commitment);
/* The value in clear, for code that needs it; shown to people only masked or through vault_look. */
MUST_USE Err vault_get(Ctx *cx, SealedRef ref, Str *out);  /* MISSING when erased */
MUST_USE Err vault_find(Ctx *cx, SealedRef ref, Str *out); /* empty when erased */
/* All values of an owner, later n over earlier, into values. */
MUST_USE Err vault_list(Ctx *cx, Str kind, i64 owner, Values *out);
MUST_USE Err vault_erase(Ctx *cx, SealedRef ref);
MUST_USE Err vault_erase_all(Ctx *cx, Str kind, i64 owner);
/* Is this the value that the commitment was made of? */
MUST_USE Err vault_check(Ctx *cx, SealedRef ref, Str commitment, bool *out);

/* Owners of this kind that hold the marked value, newest first, at most n_max. */
typedef struct Owner Owner;
struct Owner {
    Owner *next;
    i64 owner;
};
MUST_USE Err vault_list_owners(Ctx *cx, Str kind, Bytes mark, i64 n_max, Owner **out);

/* ------------------------------------------------------------------ looking */

typedef struct Look Look;
struct Look {
    Look *next;
    i64 id;
    Instant at;
    PersonId person;
    Str role;
    BodyId body;
    Str kind;
    i64 owner;
    Str field, reason;
};

/* Opens a value for a person who gave a reason: written down first, then shown. LIMIT when one
** person looks too often in an hour. */
MUST_USE Err vault_look(Ctx *cx, SealedRef ref, Str role, BodyId body, Str reason, Str *out);
/* Notes a look at something that is kept elsewhere (a paper), once in eight hours. */
MUST_USE Err vault_note_look(Ctx *cx, SealedRef ref, Str role, BodyId body, Str reason);
/* Notes a search for a person by a marked value: of which field, and how many were found. What was
** searched for is not kept. Its kind is "search", its owner the number of those found. */
MUST_USE Err vault_note_search(Ctx *cx, Str field, i64 found, Str role, BodyId body, Str reason);
/* Looks at one owner's values, newest first, those before the look of this id (0: from the
** newest), at most n_max; or all looks and searches. */
MUST_USE Err vault_list_looks(Ctx *cx, Str kind, i64 owner, i64 before, i64 n_max, Look **out);
MUST_USE Err vault_list_all_looks(Ctx *cx, i64 before, i64 n_max, Look **out);
MUST_USE Err vault_count_looks(Ctx *cx, Str kind, i64 owner, i64 *out);

#endif
