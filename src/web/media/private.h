/* private.h -- shared by the files of the media child. */
#ifndef MEDIA_PRIVATE_H
#define MEDIA_PRIVATE_H

#include "media/media.h"

#include <pthread.h>

enum { LANE_WAITING_MAX = 6, RESULT_BYTES_MAX = 24 << 20 };

/* Children that may work at once. */
typedef struct Lane {
    pthread_mutex_t mutex;
    pthread_cond_t place;
    int places; /* 0: as many as suit this machine */
    int working, waiting;
} Lane;
#define LANE_OPEN { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0 }
/* False when nobody left in time, or too many wait already. */
MUST_USE bool lane_enter(Lane *lane, i64 wait_ms);
void lane_leave(Lane *lane);

/* Starts the child, waits for it, reads what it made. */
MUST_USE Err media_run(Ctx *cx, const char *what, Bytes sent, Bytes *out);
void child_limit(void); /* the child binds itself */

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
