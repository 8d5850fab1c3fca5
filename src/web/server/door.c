/* door.c -- where connections come in: one thread takes them and hands them to the listeners in
** turn, so that each has its share. Where listeners took them from one socket by themselves,
** whoever woke first had them all. */
#include "server/private.h"

#include "text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { FULL_PAUSE_MS = 20 };

static bool split_address(Arena *a, Str address, char **out_host, char **out_port)
{
    size_t at = address.n;
    while (at && address.at[at - 1] != ':')
        at--;
    if (at == 0)
        return false;
    Str host = str_first(address, at - 1);
    if (host.n >= 2 && host.at[0] == '[' && host.at[host.n - 1] == ']')
        host = str_first(str_skip(host, 1), host.n - 2);
    *out_host = str_c(a, host);
    *out_port = str_c(a, str_skip(address, at));
    i64 port; /* the system would take a larger one for another, cut to sixteen bits */
    return str_is_digits(str_of(*out_port)) && str_to_int(str_of(*out_port), &port)
           && port <= UINT16_MAX;
}

int door_listen(Ctx *cx, Str address, int *out_port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV },
                    *found = NULL;
    char *host, *port;
    int fd = -1, yes = 1;
    if (!split_address(&cx->arena, address, &host, &port)
        || getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0
             && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    freeaddrinfo(found);
    struct sockaddr_storage bound;
    socklen_t n = sizeof bound;
    if (!good || getsockname(fd, (struct sockaddr *)&bound, &n) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *out_port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    return fd;
}

/* ------------------------------------------------------------------ letting in */

static void pause_ms(long ms)
{
    struct timespec t = { 0, ms * 1000000 };
    nanosleep(&t, NULL);
}

/* Everybody who stands there. When no handle is left, or all places are taken, they wait. */
static void let_in(Server *s)
{
    struct sockaddr_storage from;
    while (s->connections < (i64)s->limits.connections_max) {
        socklen_t n = sizeof from;
        int fd = accept4(s->door.fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            (void)MHD_add_connection(s->daemon, fd, (struct sockaddr *)&from, n);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    pause_ms(FULL_PAUSE_MS);
}

static void *doorkeeper(void *arg)
{
    Server *s = arg;
    struct pollfd at[] = { { .fd = s->door.fd, .events = POLLIN },
                           { .fd = s->door.shut_fd, .events = POLLIN } };
    while (poll(at, 2, -1) >= 0 || errno == EINTR) {
        if (at[1].revents)
            return NULL;
        if (at[0].revents)
            let_in(s);
    }
    return NULL;
}

bool door_open(Server *s)
{
    s->door.shut_fd = eventfd(0, EFD_CLOEXEC);
    return s->door.shut_fd >= 0
        && pthread_create(&s->door.thread, NULL, doorkeeper, s) == 0;
}

void door_shut(Server *s)
{
    (void)eventfd_write(s->door.shut_fd, 1);
    pthread_join(s->door.thread, NULL);
    close(s->door.shut_fd);
    close(s->door.fd);
}
