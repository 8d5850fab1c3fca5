/* media.c -- starting the child, waiting for it no longer than allowed, reading what it made. */
#include "media/private.h"

#include "text/text.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
#define THREADS_WATCHED 1
#else
#define THREADS_WATCHED 0
#endif

enum { WAIT_MS_MAX = 20000, TURN_MS_MAX = 8000, HEAD_BYTES_MAX = 200, KEPT_MAX = 8 };

/* What the child sees of the world it was started in: nothing, but for what tells a sanitizer
   its settings. */
static void child_environment(char *kept[], size_t kept_max)
{
    size_t n = 0, at;
    for (char **one = environ; *one && n + 1 < kept_max; one++) {
        if ((SANITIZED || THREADS_WATCHED) && str_find(str_of(*one), S("SAN_OPTIONS="), &at))
            kept[n++] = *one;
    }
    kept[n] = NULL;
}

static int memory_file(Bytes content)
{
    int fd = memfd_create("linli-media", MFD_CLOEXEC);
    while (fd >= 0 && content.n) {
        ssize_t n = write(fd, content.at, content.n);
        if (n <= 0) {
            close(fd);
            return -1;
        }
        content = (Bytes){ content.at + n, content.n - (size_t)n };
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static pid_t spawn_child(const char *what, int in, int out)
{
    pid_t child = -1;
    char program[] = "linli", media[] = "media", kind[16];
    char *args[] = { program, media, kind, NULL }, *kept[KEPT_MAX];
    posix_spawn_file_actions_t actions;
    strncpy(kind, what, sizeof kind - 1);
    kind[sizeof kind - 1] = 0;
    child_environment(kept, KEPT_MAX);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, args, kept) != 0)
        child = -1;
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* The child's exit code, or -1 when it crashed or was killed for taking too long. */
static int wait_for(pid_t child)
{
    struct timespec pause = { 0, 2000000 };
    int status = 0;
    for (int waited = 0; waited < WAIT_MS_MAX; waited += 2) {
        pid_t done = waitpid(child, &status, WNOHANG);
        if (done == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (done < 0 && errno != EINTR)
            return -1;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

static Err read_result(Ctx *cx, int fd, Bytes *out)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0 || size > RESULT_BYTES_MAX)
        return fail(cx, E_REMOTE, "media.failed");
    u8 *at = ctx_take(cx, (size_t)size + 1);
    if (!at)
        return E_LIMIT;
    size_t n = 0;
    for (ssize_t got = 1; n < (size_t)size && got > 0; n += got > 0 ? (size_t)got : 0)
        got = pread(fd, at + n, (size_t)size - n, (off_t)n);
    *out = (Bytes){ at, n };
    return OK;
}

/* Exit codes of the child: what it says of the input. */
static Err judge(Ctx *cx, int code)
{
    switch (code) {
    case 0: return OK;
    case 2: return fail(cx, E_INPUT, "media.unknown_kind");
    case 3: return fail(cx, E_INPUT, "media.damaged");
    case 4: return fail(cx, E_INPUT, "media.too_many_pixels");
    case 5: return fail(cx, E_INPUT, "media.locked_pdf");
    case 6: return fail(cx, E_INPUT, "media.active_pdf");
    default: return fail(cx, E_REMOTE, "media.failed");
    }
}

Err media_run(Ctx *cx, const char *what, Bytes sent, Bytes *out)
{
    int in = memory_file(sent), result = memory_file((Bytes){ NULL, 0 });
    pid_t child = in >= 0 && result >= 0 ? spawn_child(what, in, result) : -1;
    Err err = child > 0 ? judge(cx, wait_for(child)) : fail(cx, E_REMOTE, "media.failed");
    if (!err)
        err = read_result(cx, result, out);
    if (in >= 0)
        close(in);
    if (result >= 0)
        close(result);
    return err;
}

static Lane pictures = LANE_OPEN, documents = LANE_OPEN;

static Err take_turn(Ctx *cx, Lane *lane, const char *what, Bytes sent, Bytes *out)
{
    ctx_waits(cx, true);
    bool entered = lane_enter(lane, TURN_MS_MAX);
    Err err = entered ? media_run(cx, what, sent, out) : E_BUSY;
    if (entered)
        lane_leave(lane);
    ctx_waits(cx, false);
    return entered ? err : fail(cx, E_BUSY, "media.busy");
}

/* The picture child writes one line, "type pages content-bytes thumbnail-bytes", then both. Its
** words are not believed, since a strange file may have taken it over: two kinds, sizes that
** fit. */
Err picture_read(Ctx *cx, Str rest, Picture *out)
{
    Str head, type, number;
    i64 numbers[3] = { 0 };
    *out = (Picture){ 0 };
    if (!str_cut(&rest, '\n', &head) || head.n > HEAD_BYTES_MAX || !str_cut(&head, ' ', &type))
        return fail(cx, E_REMOTE, "media.failed");
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (!str_cut(&head, ' ', &number) || !str_to_int(number, &numbers[i]) || numbers[i] < 0)
            return fail(cx, E_REMOTE, "media.failed");
    size_t content_n = (size_t)numbers[1], thumbnail_n = (size_t)numbers[2];
    bool known = str_is(type, S("image/jpeg")) || str_is(type, S("application/pdf"));
    if (!known || head.at || content_n > rest.n || thumbnail_n != rest.n - content_n)
        return fail(cx, E_REMOTE, "media.failed");
    out->content_type = type;
    out->pages = numbers[0];
    out->content = bytes_of(str_first(rest, content_n));
    out->thumbnail = bytes_of(str_skip(rest, content_n));
    return OK;
}

Err media_take_picture(Ctx *cx, Bytes sent, Picture *out)
{
    Bytes result;
    *out = (Picture){ 0 };
    if (sent.n == 0)
        return fail(cx, E_INPUT, "media.empty");
    TRY(take_turn(cx, &pictures, "picture", sent, &result));
    return picture_read(cx, str_of_bytes(result), out);
}

Err media_make_pdf(Ctx *cx, Str json, Bytes *out)
{
    return take_turn(cx, &documents, "pdf", bytes_of(json), out);
}
