/* lane.c -- how many children work at once: a lane for pictures and one for documents, so that a
** flood of pictures does not keep a receipt waiting.
**
** Only so many work in a lane and so many wait for it, and those not for long: whoever comes to a
** full lane is sent away, so that pictures never take all threads of the server. */
#include "media/private.h"

#include <time.h>
#include <unistd.h>

/* Half the cores, at least one: the other half is for pages. */
static int places_of_this_machine(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 3 ? (int)(cores / 2) : 1;
}

static struct timespec moment_in(i64 ms)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    i64 ns = t.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){ t.tv_sec + (time_t)(ms / 1000 + ns / 1000000000), ns % 1000000000 };
}

bool lane_enter(Lane *lane, i64 wait_ms)
{
    struct timespec until = moment_in(wait_ms);
    pthread_mutex_lock(&lane->mutex);
    if (lane->places == 0)
        lane->places = places_of_this_machine();
    bool may_wait = lane->waiting < LANE_WAITING_MAX;
    lane->waiting++;
    while (may_wait && lane->working >= lane->places)
        if (pthread_cond_timedwait(&lane->place, &lane->mutex, &until) != 0)
            break;
    lane->waiting--;
    bool entered = lane->working < lane->places;
    lane->working += entered;
    pthread_mutex_unlock(&lane->mutex);
    return entered;
}

void lane_leave(Lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    lane->working--;
    pthread_cond_signal(&lane->place);
    pthread_mutex_unlock(&lane->mutex);
}
