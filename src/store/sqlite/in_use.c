/* in_use.c -- does another process hold this file open as a database?  Asked before the file is
** replaced: what is acknowledged into a file that no longer has a name is lost.
**
** In WAL mode every connection keeps the shared lock for as long as it is open.  The lock is on
** bytes that SQLite keeps free for it (sqlite.org/fileformat2.html, "the lock-byte page"). */
#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

enum { SHARED_FIRST = 0x40000002, SHARED_BYTES = 510 };

Err store_check_unused(Ctx *cx, Str path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHARED_FIRST,
                          .l_len = SHARED_BYTES };
    int fd = open(str_c(&cx->arena, path), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return OK; /* not there, or not ours to replace: who replaces it finds out */
    bool is_held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return is_held ? fail(cx, E_CONFLICT, "store.in_use", V("path", path)) : OK;
}
