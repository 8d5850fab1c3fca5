/* private.h -- reading schema files, shared by the files of this module. */
#ifndef SCHEMA_PRIVATE_H
#define SCHEMA_PRIVATE_H

#include "schema/schema.h"

enum { SCRIPT_BYTES_MAX = 256 * 1024 };

/* The length of what stands at the start of sql: a quoted text, a comment, a word, or one
   character. */
size_t schema_token_length(Str sql);
/* Comments are dropped first, so that a statement begins with its verb. */
Str schema_without_comments(Ctx *cx, Str sql);
/* Cuts the first statement off *rest; a semicolon inside a quoted text does not end it. */
bool schema_cut_statement(Str *rest, Str *out);

#endif
