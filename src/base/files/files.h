/* files.h -- the files the program carries inside itself (profiles, flows, schemas, assets), and
** the directories on disk that a district may lay over them. */
#ifndef FILES_FILES_H
#define FILES_FILES_H

#include "core/core.h"

typedef struct PackedFile {
    const char *path; /* "profiles/town/profile.yaml" */
    const char *at;
    const char *end;
} PackedFile;

/* At start: rows sorted by path. */
void files_use(House *house, const PackedFile *rows, size_t n);

/* Files under prefix ("profiles/cn-qingyang/") are looked for in this directory first. */
MUST_USE Err files_overlay(Ctx *cx, Str prefix, Str directory);

/* The text of one file; E_MISSING. */
MUST_USE Err file_read(Ctx *cx, Str path, Str *out);

/* The text the program carries, whatever is laid over it; empty when it carries none. */
MUST_USE Err file_read_packed(Ctx *cx, Str path, Str *out);

/* Paths under a prefix that end in suffix, packed and laid over, each once, in order. */
typedef struct FilePath FilePath;
struct FilePath {
    FilePath *next;
    Str path;
};
MUST_USE Err file_list(Ctx *cx, Str prefix, Str suffix, FilePath **out);

/* A file of the operating system, at most bytes_max. */
MUST_USE Err disk_read(Ctx *cx, Str path, size_t bytes_max, Str *out);
/* Writes the whole or nothing: to a neighbour first, synced, then renamed. mode as in chmod. */
MUST_USE Err disk_write(Ctx *cx, Str path, Str text, unsigned mode);
/* Puts the file beside in the place of path: whole and on the disk, or not at all. */
MUST_USE Err disk_replace(Ctx *cx, Str beside, Str path);

#endif
