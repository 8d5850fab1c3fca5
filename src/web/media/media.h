/* media.h -- pictures taken in, documents put out: done in a child process of the same program.
**
** Decoders of pictures are where strange files do harm, and their libraries are large. A child
** with limits on memory, time and files does the work, takes its input and gives its result
** through memory files, and its end harms nobody. The server itself never loads those libraries. */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "core/core.h"

typedef struct Picture {
    Str content_type;   /* of content: "image/jpeg" or "application/pdf" */
    /* a picture turned upright, at most 2400 pixels wide or high, without its EXIF data */
    Bytes content;
    Bytes thumbnail;    /* JPEG, at most 320 pixels; empty for a PDF */
    i64 pages;          /* of a PDF */
} Picture;

/* Looks at the bytes, not at the name: JPEG, PNG, WebP, HEIC and PDF are taken, anything else is
** E_INPUT with a reason. REMOTE when the child could not do it. */
MUST_USE Err media_take_picture(Ctx *cx, Bytes sent, Picture *out);

/* A document as PDF. json:
** {"paper":"A4"|"slip","title":…,"qr":…,"lines":[{"kind":"h"|"p"|"row"|"rule"|"code",
** "a":…,"b":…}]}. */
MUST_USE Err media_make_pdf(Ctx *cx, Str json, Bytes *out);

/* The child: "linli media picture" and "linli media pdf", from standard input to standard
   output. */
int media_child(const char *what);

#endif
