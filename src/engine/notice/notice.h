/* notice.h -- a message to a person, whatever the channel: written with the step that says it. */
#ifndef NOTICE_NOTICE_H
#define NOTICE_NOTICE_H

#include "store/store.h"

/* Inside the write of event n. */
MUST_USE Err notice_add(Ctx *cx, MatterId matter, i64 n);
/* How many notices no channel has taken yet, counted no further than this: who watches asks every
   few seconds, and it must cost the same however many there are. */
enum { NOTICES_COUNTED_MAX = 1000 };
MUST_USE Err notice_count_held(Ctx *cx, i64 *out);

#endif
