/* options.c -- settings of a command. */
#include "program.h"

#include "files/files.h"

#include <stdlib.h>

enum { CONFIG_BYTES_MAX = 64 * 1024 };

typedef enum OptionKind { OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG } OptionKind;

typedef struct OptionRow {
    const char *name;
    size_t offset;
    OptionKind kind;
    i64 least, most; /* of a number */
} OptionRow;

#define TEXT_OPTION(name, member) { name, offsetof(Options, member), OPTION_TEXT, 0, 0 }
#define FLAG_OPTION(name, member) { name, offsetof(Options, member), OPTION_FLAG, 0, 0 }
#define NUMBER_OPTION(name, member, least, most)                                                   \
    {                                                                                              \
        name, offsetof(Options, member), OPTION_NUMBER, least, most                                \
    }

static const OptionRow ROWS[] = {
    TEXT_OPTION("db", db),
    TEXT_OPTION("keys", keys),
    TEXT_OPTION("profile", profile),
    TEXT_OPTION("profile-dir", profile_dir),
    TEXT_OPTION("flows", flows),
    TEXT_OPTION("listen", listen),
    TEXT_OPTION("metrics-listen", metrics_listen),
    TEXT_OPTION("face", face),
    TEXT_OPTION("base-url", base_url),
    TEXT_OPTION("cipher", cipher),
    TEXT_OPTION("log", log),
    TEXT_OPTION("lang", lang),
    TEXT_OPTION("until", until),
    TEXT_OPTION("seed", seed),
    TEXT_OPTION("applications", applications),
    TEXT_OPTION("password", password),
    TEXT_OPTION("role", role),
    TEXT_OPTION("body", body),
    TEXT_OPTION("place", place),
    TEXT_OPTION("name", name),
    TEXT_OPTION("output", output),
    NUMBER_OPTION("workers", workers, 1, 1024),
    NUMBER_OPTION("queue", queue, 1, 100000),
    NUMBER_OPTION("connections", connections, 1, 1000000),
    NUMBER_OPTION("connections-per-source", connections_per_source, 0, 1000000),
    NUMBER_OPTION("header-seconds", header_seconds, 1, 3600),
    NUMBER_OPTION("body-seconds", body_seconds, 1, 86400),
    NUMBER_OPTION("send-seconds", send_seconds, 1, 86400),
    NUMBER_OPTION("idle-seconds", idle_seconds, 1, 3600),
    NUMBER_OPTION("upload-megabytes", upload_megabytes, 1, 1000000),
    NUMBER_OPTION("page-cache", page_cache_megabytes, 0, 1000000),
    NUMBER_OPTION("test-now", test_now, 0, INT64_MAX),
    FLAG_OPTION("secure-cookies", secure_cookies),
    FLAG_OPTION("test-clock", test_clock),
    FLAG_OPTION("force", force),
    FLAG_OPTION("help", help),
};

static const OptionRow *find_row(Str name)
{
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (str_is(str_of(ROWS[i].name), name))
            return &ROWS[i];
    return NULL;
}

static Err set_number(Ctx *cx, i64 *at, const OptionRow *row, Str value)
{
    if (!str_to_int(value, at))
        return fail(cx, E_INPUT, "program.not_a_number", V("name", str_of(row->name)));
    return *at >= row->least && *at <= row->most ? OK
         : fail(cx, E_INPUT, "program.number_out_of_bounds", V("name", str_of(row->name)),
                text_int(cx, "least", row->least), text_int(cx, "most", row->most));
}

static Err set(Ctx *cx, Options *o, const OptionRow *row, Str value)
{
    void *at = (char *)o + row->offset;
    if (row->kind == OPTION_NUMBER)
        return set_number(cx, at, row, value);
    if (row->kind == OPTION_FLAG)
        *(bool *)at = str_is(value, S("true")) || str_is(value, S("yes")) || str_is(value, S("1"));
    else
        *(Str *)at = value;
    return OK;
}

/* "LINLI_BASE_URL" for base-url. */
static Err read_environment(Ctx *cx, Options *o)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        Str upper = str_upper(&cx->arena, str_of(ROWS[i].name));
        char *name = str_c(&cx->arena, str_join(&cx->arena, S("LINLI_"), upper));
        for (char *c = name; *c; c++)
            if (*c == '-')
                *c = '_';
        const char *value = getenv(name);
        if (value && *value)
            TRY(set(cx, o, &ROWS[i], str_of(value)));
    }
    return OK;
}

/* Lines "name = value"; # begins a comment. */
static Err read_config(Ctx *cx, Str path, Options *o)
{
    Str text, line, name;
    TRY(disk_read(cx, path, CONFIG_BYTES_MAX, &text));
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0 || line.at[0] == '#')
            continue;
        str_cut(&line, '=', &name);
        const OptionRow *row = find_row(str_trim(name));
        if (!row || !line.at)
            return fail(cx, E_INPUT, "program.unknown_setting", V("name", str_trim(name)),
                        V("path", path));
        TRY(set(cx, o, row, str_trim(line)));
    }
    return OK;
}

/* "--config FILE" or "--config=FILE"; the last one counts, as with other options. */
static Str config_path(int argc, char **argv)
{
    Str path = str_of(getenv("LINLI_CONFIG"));
    for (int i = 2; i < argc; i++) {
        Str word = str_of(argv[i]);
        if (str_starts(word, S("--config=")))
            path = str_skip(word, 9);
        else if (str_is(word, S("--config")) && i + 1 < argc)
            path = str_of(argv[++i]);
    }
    return path;
}

static Err read_argument(Ctx *cx, int argc, char **argv, int *at, Options *o)
{
    Str word = str_of(argv[*at]), name = str_skip(word, 2), rest = name, value;
    if (!str_starts(word, S("--"))) {
        if (o->words_n == COUNT(o->words))
            return fail(cx, E_INPUT, "program.too_many_words");
        o->words[o->words_n++] = word;
        return OK;
    }
    str_cut(&rest, '=', &name);
    value = rest.at ? rest : STR_EMPTY;
    bool is_config = str_is(name, S("config")); /* read already */
    const OptionRow *row = find_row(name);
    if (!row && !is_config)
        return fail(cx, E_INPUT, "program.unknown_option", V("name", name));
    if (row && row->kind == OPTION_FLAG)
        return set(cx, o, row, S("true"));
    if (!rest.at && *at + 1 >= argc)
        return fail(cx, E_INPUT, "program.option_needs_value", V("name", name));
    value = rest.at ? value : str_of(argv[++*at]);
    return is_config ? OK : set(cx, o, row, value);
}

Err options_read(Ctx *cx, int argc, char **argv, Options *o)
{
    *o = (Options){ .db = S("linli.db"),
                    .listen = S("127.0.0.1:8080"),
                    .face = S("both"),
                    .cipher = S("sodium"),
                    .workers = -1,
                    .queue = -1,
                    .connections = -1,
                    .connections_per_source = -1,
                    .header_seconds = -1,
                    .body_seconds = -1,
                    .send_seconds = -1,
                    .idle_seconds = -1,
                    .upload_megabytes = -1,
                    .page_cache_megabytes = 16,
                    .test_now = -1 };
    Str config = config_path(argc, argv);
    if (config.n)
        TRY(read_config(cx, config, o));
    TRY(read_environment(cx, o));
    for (int i = 2; i < argc; i++)
        TRY(read_argument(cx, argc, argv, &i, o));
    return OK;
}

Str options_keys(Ctx *cx, const Options *o)
{
    if (o->keys.n)
        return o->keys;
    Str path = str_starts(o->db, S("file:")) ? str_skip(o->db, 5) : o->db;
    return str_join(&cx->arena, path, S(".keys"));
}
