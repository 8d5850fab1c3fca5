/* program.h -- commands of the program and what they share. */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include "module/module.h"
#include "files/files.h"
#include "schema/schema.h"

/* ------------------------------------------------------------------ options (options.c) */

/* Settings come from the command line, else the environment (LINLI_NAME), else the file named by
   --config. */
typedef struct Options {
    Str db, keys, profile, profile_dir, flows, face, base_url, cipher, log, lang;
    Str listen, metrics_listen;
    Str until, seed, applications; /* of demo */
    Str password, role, body, place, name; /* of user */
    Str output;
    /* of serve; -1: the server's own measure */
    i64 workers, queue, connections, connections_per_source;
    i64 header_seconds, body_seconds, send_seconds, idle_seconds, upload_megabytes;
    i64 page_cache_megabytes, test_now;
    bool secure_cookies, test_clock, help, force;
    Str words[8]; /* what is not an option: the command's own arguments */
    size_t words_n;
} Options;

MUST_USE Err options_read(Ctx *cx, int argc, char **argv, Options *out);
Str options_keys(Ctx *cx, const Options *o); /* the key file: beside the database unless named */

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
    command_verify, command_backup, command_restore, command_export, command_import, command_keys;

/* Fills an open district with people and applications, through the engine. */
MUST_USE Err demo_fill(Ctx *cx, const Options *o);
/* The accounts made for demonstration, as a table for people. */
void demo_print_accounts(Ctx *cx, Buf *out);

/* Tells systemd that the service is ready, or stopping (ready.c); nothing where it is none. */
void tell_systemd(const char *state);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));   /* standard error */
void print(Str text);                                                      /* standard output */

#endif
