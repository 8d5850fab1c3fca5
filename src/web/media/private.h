/* private.h -- shared by the files of the media child. */
#ifndef MEDIA_PRIVATE_H
#define MEDIA_PRIVATE_H

#include "media/media.h"

bool read_input(u8 **out, size_t *out_n);
bool write_output(const void *at, size_t n);
int make_pdf(void);

#endif
