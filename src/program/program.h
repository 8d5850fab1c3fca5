/* program.h -- commands of the program and what they share. */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include "areas/areas.h"
#include "module/module.h"
#include "files/files.h"
#include "schema/schema.h"

/* ------------------------------------------------------------------ options (options.c) */

enum { WORDS_MAX = 4 };

/* Settings come from the command line, else the environment (LINLI_NAME), else the file named by
   --config. */
typedef struct Options {
    Str db, keys, profile, profile_dir, flows, face, base_url, cipher, log, lang;
    Str listen, metrics_listen;
    Str until, seed, applications; /* of demo */
    Str password, role, body, place, name; /* of user */
    Str level, frame, day, reason; /* of areas */
    Str output;
    Str from, to; /* of move */
    /* of serve; -1: the server's own measure */
    i64 workers, queue, connections, connections_per_source;
    i64 header_seconds, body_seconds, send_seconds, idle_seconds, upload_megabytes;
    i64 drafts_per_hour, submissions_per_hour, drafts_megabytes;
    Str trusted_source, proxy; /* addresses */
    Str source_url;            /* of the program as it runs here */
    i64 page_cache_megabytes, test_now;
    bool secure_cookies, test_clock, help, force, restart;
    Str words[WORDS_MAX]; /* what is not an option: the command's own arguments */
    size_t words_n, words_max;
} Options;

/* words_max: how many arguments the command takes, at most WORDS_MAX. */
MUST_USE Err options_read(Ctx *cx, int argc, char **argv, size_t words_max, Options *out);
/* The key file: the one named, or the one beside a database that is a file. */
MUST_USE Err options_keys(Ctx *cx, const Options *o, Str *out);

/* ------------------------------------------------------------------ modules (modules.c) */

extern const Module *const MODULES[]; /* NULL-ended */
extern const char *const SCHEMA_ORDER[];
void modules_use_flow_parts(House *house);
void modules_add_routes(Web *web);
/* All jobs in one list, NULL-ended. */
MUST_USE Err modules_list_jobs(Ctx *cx, const Job **out);

/* ------------------------------------------------------------------ opening (open.c) */

/* Texts and packed files: what every command needs. */
void program_begin(House *house);
/* An existing district: store, profile, keys, roles, flows, modules. */
MUST_USE Err program_open(Ctx *cx, const Options *o, Store **out);
/* The same, but for flows and modules: for facts that they may need before they can begin. */
MUST_USE Err program_open_ground(Ctx *cx, const Options *o, Store **out);
/* What the program remembers about a district; empty when it does not. */
MUST_USE Err setting_get(Ctx *cx, Str name, Str *out);
MUST_USE Err setting_put(Ctx *cx, Str name, Str value);
/* A new one, filled with the facts of its profile. */
MUST_USE Err program_make(Ctx *cx, const Options *o, Store **out);
/* The profile alone, for checks that need no database. */
MUST_USE Err program_profile(Ctx *cx, const Options *o);
MUST_USE Err program_schema(Ctx *cx, const SchemaFile **out, size_t *out_n);
/* The newest moment already recorded: a clock behind it is not believed. */
MUST_USE Err program_newest(Ctx *cx, Instant *out);

/* Says where separation of persons would leave nobody (roster.c): one line for each lack. */
MUST_USE Err roster_check(Ctx *cx, Buf *out, i64 *out_lacking);

/* ------------------------------------------------------------------ commands */

typedef Err Command(Ctx *cx, const Options *o);
Command command_serve, command_init, command_demo, command_check, command_draw, command_user,
    command_verify, command_backup, command_restore, command_export, command_import, command_keys,
    command_move;

/* Areas from and to GeoJSON, and their topology (areas.c). */
MUST_USE Err areas_import_file(Ctx *cx, const Options *o);
MUST_USE Err areas_export_file(Ctx *cx, const Options *o);
MUST_USE Err areas_check_all(Ctx *cx, const Options *o);
/* Which open matters lie in a place: what ground/areas cannot know itself. */
MUST_USE Err program_open_matters(Ctx *cx, PlaceId place, AreaMatter **out);

/* Tells systemd that the service is ready, or stopping (ready.c); nothing where it is none. */
void tell_systemd(const char *state);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));   /* standard error */
void print(Str text);                                                      /* standard output */
/* Fails when something that was printed did not arrive, as on a full disk. */
MUST_USE Err print_end(Ctx *cx);

#endif
