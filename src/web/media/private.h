/* private.h -- shared by the files of the media child. */
#ifndef MEDIA_PRIVATE_H
#define MEDIA_PRIVATE_H

#include "media/media.h"

bool read_input(u8 **out, size_t *out_n);
bool write_output(const void *at, size_t n);
int make_pdf(void);

/* The MIME type that the bytes themselves say; false when they cannot be looked at. */
bool picture_sniff(const u8 *at, size_t n, char *out, size_t out_n);
/* Pages of a PDF, or the exit code that refuses it. */
int pdf_look(const u8 *at, size_t n, i64 *out_pages);
/* What the child wrote, taken apart; E_REMOTE when it is not of that form. */
MUST_USE Err picture_read(Ctx *cx, Str rest, Picture *out);

#endif
