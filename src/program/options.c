/* options.c -- settings of a command. */
#include "program.h"

#include "files/files.h"

#include <stdlib.h>

enum { CONFIG_BYTES_MAX = 64 * 1024 };

typedef enum OptionKind { OPTION_TEXT, OPTION_LIST, OPTION_NUMBER, OPTION_FLAG } OptionKind;

typedef struct OptionRow {
    const char *name;
    size_t offset;
    OptionKind kind;
    i64 least, most;     /* of a number */
    const char *choices; /* of a text: the only ones, or NULL */
} OptionRow;

#define TEXT_OPTION(name, member) { name, offsetof(Options, member), OPTION_TEXT, 0, 0, NULL }
/* May be given several times; separated by commas. */
#define LIST_OPTION(name, member) { name, offsetof(Options, member), OPTION_LIST, 0, 0, NULL }
#define FLAG_OPTION(name, member) { name, offsetof(Options, member), OPTION_FLAG, 0, 0, NULL }
#define CHOICE_OPTION(name, member, choices)                                                       \
    {                                                                                              \
        name, offsetof(Options, member), OPTION_TEXT, 0, 0, choices                                \
    }
#define NUMBER_OPTION(name, member, least, most)                                                   \
    {                                                                                              \
        name, offsetof(Options, member), OPTION_NUMBER, least, most, NULL                          \
    }

static const OptionRow ROWS[] = {
    TEXT_OPTION("db", db),
    TEXT_OPTION("keys", keys),
    TEXT_OPTION("profile", profile),
    TEXT_OPTION("profile-dir", profile_dir),
    TEXT_OPTION("flows", flows),
    TEXT_OPTION("listen", listen),
    TEXT_OPTION("metrics-listen", metrics_listen),
    CHOICE_OPTION("face", face, "public staff both"),
    TEXT_OPTION("base-url", base_url),
    CHOICE_OPTION("cipher", cipher, "sodium sm"),
    CHOICE_OPTION("log", log, "debug info warn alarm"),
    CHOICE_OPTION("lang", lang, "zh en"),
    TEXT_OPTION("until", until),
    TEXT_OPTION("seed", seed),
    TEXT_OPTION("applications", applications),
    TEXT_OPTION("password", password),
    TEXT_OPTION("role", role),
    TEXT_OPTION("body", body),
    TEXT_OPTION("place", place),
    TEXT_OPTION("name", name),
    TEXT_OPTION("output", output),
    TEXT_OPTION("level", level),
    TEXT_OPTION("frame", frame),
    TEXT_OPTION("day", day),
    TEXT_OPTION("reason", reason),
    TEXT_OPTION("source-url", source_url),
    LIST_OPTION("trusted-source", trusted_source),
    LIST_OPTION("proxy", proxy),
    TEXT_OPTION("from", from),
    TEXT_OPTION("to", to),
    NUMBER_OPTION("workers", workers, 1, 1024),
    NUMBER_OPTION("queue", queue, 1, 100000),
    NUMBER_OPTION("connections", connections, 1, 1000000),
    NUMBER_OPTION("connections-per-source", connections_per_source, 0, 1000000),
    NUMBER_OPTION("header-seconds", header_seconds, 1, 3600),
    NUMBER_OPTION("body-seconds", body_seconds, 1, 86400),
    NUMBER_OPTION("send-seconds", send_seconds, 1, 86400),
    NUMBER_OPTION("idle-seconds", idle_seconds, 1, 3600),
    NUMBER_OPTION("upload-megabytes", upload_megabytes, 1, 1000000),
    NUMBER_OPTION("drafts-per-hour", drafts_per_hour, 0, 1000000),
    NUMBER_OPTION("submissions-per-hour", submissions_per_hour, 0, 1000000),
    NUMBER_OPTION("drafts-megabytes", drafts_megabytes, 1, 1000000),
    NUMBER_OPTION("page-cache", page_cache_megabytes, 0, 1000000),
    NUMBER_OPTION("test-now", test_now, 0, INT64_MAX),
    FLAG_OPTION("secure-cookies", secure_cookies),
    FLAG_OPTION("test-clock", test_clock),
    FLAG_OPTION("force", force),
    FLAG_OPTION("restart", restart),
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

static bool is_among(Str value, const char *choices)
{
    Str rest = str_of(choices), one;
    bool found = false;
    while (!found && rest.n) {
        str_cut(&rest, ' ', &one);
        found = str_is(one, value);
    }
    return found;
}

static Err set_text(Ctx *cx, Str *at, const OptionRow *row, Str value)
{
    if (row->choices && !is_among(value, row->choices))
        return fail(cx, E_INPUT, "program.not_a_choice", V("name", str_of(row->name)),
                    V("choices", str_of(row->choices)));
    *at = value;
    return OK;
}

static Err set_flag(Ctx *cx, bool *at, const OptionRow *row, Str value)
{
    *at = is_among(value, "true yes 1");
    return *at || is_among(value, "false no 0") ? OK
         : fail(cx, E_INPUT, "program.not_a_choice", V("name", str_of(row->name)),
                V("choices", S("yes no")));
}

static Err set(Ctx *cx, Options *o, const OptionRow *row, Str value)
{
    void *at = (char *)o + row->offset;
    if (row->kind == OPTION_NUMBER)
        return set_number(cx, at, row, value);
    Str *list = at;
    if (row->kind == OPTION_LIST && list->n)
        value = str_format(&cx->arena, "%.*s,%.*s", STR_ARGS(*list), STR_ARGS(value));
    return row->kind == OPTION_FLAG ? set_flag(cx, at, row, value) : set_text(cx, at, row, value);
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

static Err read_word(Ctx *cx, Options *o, Str word)
{
    if (o->words_n == o->words_max)
        return fail(cx, E_INPUT, "program.too_many_words", V("word", word));
    o->words[o->words_n++] = word;
    return OK;
}

static Err read_option(Ctx *cx, int argc, char **argv, int *at, Options *o)
{
    Str rest = str_skip(str_of(argv[*at]), 2), name;
    str_cut(&rest, '=', &name);
    bool is_config = str_is(name, S("config")); /* that was read first of all */
    const OptionRow *row = find_row(name);
    if (!row && !is_config)
        return fail(cx, E_INPUT, "program.unknown_option", V("name", str_of(argv[*at])));
    if (row && row->kind == OPTION_FLAG)
        return set(cx, o, row, rest.at ? rest : S("yes"));
    if (!rest.at && *at + 1 >= argc)
        return fail(cx, E_INPUT, "program.option_needs_value", V("name", name));
    Str value = rest.at ? rest : str_of(argv[++*at]);
    return is_config ? OK : set(cx, o, row, value);
}

static Err read_argument(Ctx *cx, int argc, char **argv, int *at, Options *o)
{
    Str word = str_of(argv[*at]);
    if (str_starts(word, S("--")))
        return read_option(cx, argc, argv, at, o);
    if (str_is(word, S("-h")))
        o->help = true;
    else if (str_starts(word, S("-")))
        return fail(cx, E_INPUT, "program.unknown_option", V("name", word));
    return o->help ? OK : read_word(cx, o, word);
}

Err options_read(Ctx *cx, int argc, char **argv, size_t words_max, Options *o)
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
                    .drafts_per_hour = LIMIT_PER_HOUR,
                    .submissions_per_hour = LIMIT_PER_HOUR,
                    .drafts_megabytes = 5000,
                    .page_cache_megabytes = 16,
                    .test_now = -1,
                    .words_max = words_max };
    Str config = config_path(argc, argv);
    if (config.n)
        TRY(read_config(cx, config, o));
    TRY(read_environment(cx, o));
    for (int i = 2; i < argc; i++)
        TRY(read_argument(cx, argc, argv, &i, o));
    return OK;
}

Err options_keys(Ctx *cx, const Options *o, Str *out)
{
    Str path;
    *out = o->keys;
    if (o->keys.n)
        return OK;
    if (!store_is_file(o->db, &path))
        return fail(cx, E_INPUT, "program.keys_unnamed", V("db", store_name(cx, o->db)));
    *out = str_join(&cx->arena, path, S(".keys"));
    return OK;
}
