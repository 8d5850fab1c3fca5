/* ident.h -- identifiers people and bodies carry, their check characters, and how they are masked.
**
** A check returns NULL when the value is good, else the key of the text that says what is wrong.
** What was typed is first brought into the stored form (out): full-width to plain, trimmed,
** letters in capitals. Which of these kinds a district uses is said by its profile; the
** algorithms know no country by name. Sources: GB 11643-1999 (citizen number), GB 32100-2015
** (social credit code), GB 11714 (organisation code), ISO 7064 (check digits), domain handbook
** 3. */
#ifndef IDENT_IDENT_H
#define IDENT_IDENT_H

#include "when/when.h"

/* 18 characters.  today bounds the birth date. */
const char *citizen_id_fault(Arena *a, Str typed, Day today, Str *out);
Day citizen_id_birth(Str id);       /* of a good id */
bool citizen_id_is_male(Str id);
char citizen_id_check(Str first17); /* '0'-'9' or 'X' */
/* The 15-digit form of before 1999, for matching old paper only: 18 digits, or false. */
bool citizen_id_upgrade(Arena *a, Str old15, Str *out);

/* 18 characters.  *out_warn is set when only the inner organisation code's check is wrong. */
const char *credit_code_fault(Arena *a, Str typed, Str *out, bool *out_warn);
char credit_code_check(Str first17);
char organisation_code_check(Str first8);

const char *mobile_fault(Arena *a, Str typed, Str *out);  /* mainland China, 11 digits */
const char *phone_fault(Arena *a, Str typed, Str *out);   /* any: digits, spaces, + ( ) - */
const char *plate_fault(Arena *a, Str typed, Str *out);   /* mainland China */

/* ISO 7064 MOD 11,10: one digit after digits, finds every single error and neighbour swap. */
char digits_check(Str digits);

/* Secrets people type: 15 random symbols and a check symbol, in groups of four, without letters
** that look like digits (Crockford's alphabet). 75 bits. */
Str query_code_from(Arena *a, Bytes random); /* needs 15 bytes */
/* accepts lower case, spaces, O for 0, I and L for 1 */
bool query_code_parse(Arena *a, Str typed, Str *out);

/* Masks for staff lists. */
Str mask_citizen_id(Arena *a, Str id);
Str mask_citizen_id_public(Arena *a, Str id);
Str mask_phone(Arena *a, Str phone);
Str mask_name(Arena *a, Str name);
Str mask_plate(Arena *a, Str plate);
Str mask_address(Arena *a, Str address);

#endif
