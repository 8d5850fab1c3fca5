/* files.c -- packed files by binary search, overlays before them. */
#include "files/files.h"

#include "text/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OVERLAYS_MAX = 4, FILE_BYTES_MAX = 4 << 20 };

typedef struct Overlay {
    char prefix[256];
    char directory[1024];
} Overlay;

typedef struct FileTable {
    const PackedFile *rows;
    size_t n;
    Overlay overlays[OVERLAYS_MAX];
    size_t overlays_n;
} FileTable;

static const char FILES_PART;

void files_use(House *house, const PackedFile *rows, size_t n)
{
    FileTable *table = house_add(house, &FILES_PART, sizeof *table, NULL);
    table->rows = rows;
    table->n = n;
}

Err files_overlay(Ctx *cx, Str prefix, Str directory)
{
    FileTable *table = house_get(cx->house, &FILES_PART);
    struct stat info;
    if (stat(str_c(&cx->arena, directory), &info) != 0 || !S_ISDIR(info.st_mode))
        return fail(cx, E_MISSING, "files.no_directory", V("path", directory));
    if (table->overlays_n == OVERLAYS_MAX || prefix.n >= 256 || directory.n >= 1024)
        return fail(cx, E_LIMIT, "files.too_many_overlays");
    Overlay *o = &table->overlays[table->overlays_n++];
    memcpy(o->prefix, prefix.at, prefix.n);
    memcpy(o->directory, directory.at, directory.n);
    return OK;
}

/* ------------------------------------------------------------------ disk */

static Err read_open_file(Ctx *cx, int fd, size_t bytes_max, Str path, Str *out)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return fail(cx, E_MISSING, "files.not_a_file", V("path", path));
    if ((size_t)info.st_size > bytes_max)
        return fail(cx, E_LIMIT, "files.too_large", V("path", path));
    size_t size = (size_t)info.st_size, n = 0;
    char *at = ctx_take(cx, size + 1);
    if (!at)
        return E_LIMIT;
    for (ssize_t got = 1; n < size && got > 0; n += got > 0 ? (size_t)got : 0)
        got = read(fd, at + n, size - n);
    *out = (Str){ at, n };
    return OK;
}

Err disk_read(Ctx *cx, Str path, size_t bytes_max, Str *out)
{
    int fd = open(str_c(&cx->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(cx, errno == EACCES ? E_DENIED : E_MISSING, "files.cannot_read",
                    V("path", path));
    Err err = read_open_file(cx, fd, bytes_max, path, out);
    close(fd);
    return err;
}

/* Until its folder is on the disk too, a power cut may bring the old file back. */
static bool sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static Str folder_of(Str path)
{
    size_t n = path.n;
    while (n > 0 && path.at[n - 1] != '/')
        n--;
    return n ? str_first(path, n) : S(".");
}

Err disk_replace(Ctx *cx, Str beside, Str path)
{
    char *from = str_c(&cx->arena, beside), *to = str_c(&cx->arena, path);
    bool good = sync_path(from, O_RDONLY) && rename(from, to) == 0
             && sync_path(str_c(&cx->arena, folder_of(path)), O_RDONLY | O_DIRECTORY);
    return good ? OK : fail(cx, E_STORE, "files.cannot_write", V("path", path));
}

static bool write_all(int fd, Str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.at, text.n);
        if (n <= 0)
            return false;
        text = str_skip(text, (size_t)n);
    }
    return true;
}

Err disk_write(Ctx *cx, Str path, Str text, unsigned mode)
{
    Str beside = str_join(&cx->arena, path, S(".new"));
    char *name = str_c(&cx->arena, beside);
    unlink(name); /* one that was left there may have another mode */
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(cx, E_STORE, "files.cannot_write", V("path", path));
    bool good = write_all(fd, text);
    good = close(fd) == 0 && good;
    Err err = good ? disk_replace(cx, beside, path)
                   : fail(cx, E_STORE, "files.cannot_write", V("path", path));
    if (err)
        unlink(name);
    return err;
}

/* ------------------------------------------------------------------ packed */

static int compare_path(const void *path, const void *row)
{
    return str_compare(*(const Str *)path, str_of(((const PackedFile *)row)->path));
}

static const PackedFile *find_packed(const FileTable *table, Str path)
{
    return bsearch(&path, table->rows, table->n, sizeof *table->rows, compare_path);
}

static bool overlay_path(Ctx *cx, const Overlay *o, Str path, Str *out)
{
    Str prefix = str_of(o->prefix);
    if (!str_starts(path, prefix))
        return false;
    *out = str_format(&cx->arena, "%s/%.*s", o->directory, STR_ARGS(str_skip(path, prefix.n)));
    return access(str_c(&cx->arena, *out), R_OK) == 0;
}

Err file_read(Ctx *cx, Str path, Str *out)
{
    const FileTable *table = house_get(cx->house, &FILES_PART);
    Str on_disk;
    for (size_t i = 0; i < table->overlays_n; i++)
        if (overlay_path(cx, &table->overlays[i], path, &on_disk))
            return disk_read(cx, on_disk, FILE_BYTES_MAX, out);
    const PackedFile *row = find_packed(table, path);
    if (!row)
        return fail(cx, E_MISSING, "files.no_such_file", V("path", path));
    *out = (Str){ row->at, (size_t)(row->end - row->at) };
    return OK;
}

Err file_read_packed(Ctx *cx, Str path, Str *out)
{
    const PackedFile *row = find_packed(house_get(cx->house, &FILES_PART), path);
    *out = row ? (Str){ row->at, (size_t)(row->end - row->at) } : STR_EMPTY;
    return OK;
}

/* ------------------------------------------------------------------ listing */

static void add_path(Ctx *cx, FilePath **list, Str path)
{
    while (*list && str_compare((*list)->path, path) < 0)
        list = &(*list)->next;
    if (*list && str_is((*list)->path, path))
        return;
    FilePath *entry = NEW(cx, FilePath);
    if (!entry)
        return; /* latched */
    *entry = (FilePath){ *list, str_copy(&cx->arena, path) };
    *list = entry;
}

static void add_from_directory(Ctx *cx, const Overlay *o, Str prefix, Str suffix, FilePath **list)
{
    Str base = str_of(o->prefix), inner = str_skip(prefix, base.n);
    DIR *directory = opendir(str_c(&cx->arena, str_format(&cx->arena, "%s/%.*s", o->directory,
                                                          STR_ARGS(inner))));
    for (struct dirent *e; directory && (e = readdir(directory));)
        if (str_ends(str_of(e->d_name), suffix))
            add_path(cx, list, str_join(&cx->arena, prefix, str_of(e->d_name)));
    if (directory)
        closedir(directory);
}

Err file_list(Ctx *cx, Str prefix, Str suffix, FilePath **out)
{
    const FileTable *table = house_get(cx->house, &FILES_PART);
    *out = NULL;
    for (size_t i = 0; i < table->n; i++) {
        Str path = str_of(table->rows[i].path);
        if (str_starts(path, prefix) && str_ends(path, suffix))
            add_path(cx, out, path);
    }
    for (size_t i = 0; i < table->overlays_n; i++)
        if (str_starts(prefix, str_of(table->overlays[i].prefix)))
            add_from_directory(cx, &table->overlays[i], prefix, suffix, out);
    return ctx_err(cx);
}
