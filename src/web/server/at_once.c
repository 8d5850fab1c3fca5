/* at_once.c -- short pages made on the listener's own thread: to hand them to a worker and back
** would cost as much again as to make them. Which ones, the handler knows. */
#include "server/private.h"

/* One Ctx for each listener: nobody waits for one. None where a read waits for the network. */
bool at_once_start(Server *s)
{
    AtOnce *a = &s->at_once;
    pthread_mutex_init(&a->lock, NULL);
    if (!s->store || !store_is_at_hand(s->store))
        return true;
    for (; a->n < COUNT(a->desks) && a->n < s->limits.listeners; a->n++) {
        a->desks[a->n].cx = ctx_new(s->house, s->limits.ctx_bytes_max);
        if (store_attach(&a->desks[a->n].cx, s->store))
            return false;
    }
    return true;
}

void at_once_stop(Server *s)
{
    AtOnce *a = &s->at_once;
    for (size_t i = 0; i < a->n; i++) {
        store_detach(&a->desks[i].cx);
        ctx_free(&a->desks[i].cx);
    }
    pthread_mutex_destroy(&a->lock);
}

static AtOnceDesk *sit_down(AtOnce *a)
{
    AtOnceDesk *desk = NULL;
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < a->n && !desk; i++)
        desk = a->desks[i].is_taken ? NULL : &a->desks[i];
    if (desk)
        desk->is_taken = true;
    pthread_mutex_unlock(&a->lock);
    return desk;
}

static void stand_up(AtOnce *a, AtOnceDesk *desk)
{
    pthread_mutex_lock(&a->lock);
    desk->is_taken = false;
    pthread_mutex_unlock(&a->lock);
}

bool at_once_answer(Exchange *ex)
{
    Server *s = ex->server;
    if (!s->handler.at_once || ex->in.method != GET)
        return false;
    AtOnceDesk *desk = sit_down(&s->at_once);
    if (!desk)
        return false;
    HttpOut out = { .status = 500 };
    ctx_begin(&desk->cx, clock_now(s->house));
    bool is_answered = s->handler.at_once(s->handler.arg, &desk->cx, &ex->in, &out);
    if (is_answered)
        exchange_keep_reply(ex, &out);
    ctx_end(&desk->cx);
    store_rest(&desk->cx);
    stand_up(&s->at_once, desk);
    return is_answered;
}
