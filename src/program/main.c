/* main.c -- the program: one word says which command, the rest are its options. */
#include "program.h"

#include "media/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_ARENA_BYTES = 1 << 30 };

typedef struct CommandRow {
    const char *name;
    Command *run;
    size_t words_max; /* arguments that are no options */
    const char *help; /* English; the first line is its summary */
} CommandRow;

static const CommandRow COMMANDS[] = {
    { "serve", command_serve, 0,
      "Serve a district.\n"
      "  --db FILE|URL       the database (linli.db)\n"
      "  --keys FILE         the key file (beside the database)\n"
      "  --listen HOST:PORT  where to listen (127.0.0.1:8080)\n"
      "  --metrics-listen HOST:PORT  where /metrics is served to Prometheus (nowhere)\n"
      "  --face F            public, staff or both\n"
      "  --base-url URL      how the outside reaches this server, for QR codes\n"
      "  --source-url URL    where the source of this program is to be had, for the foot of pages\n"
      "  --flows DIR         flow files laid over the built-in ones\n"
      "  --profile-dir DIR   files laid over the profile\n"
      "  --secure-cookies    the outside reaches it by HTTPS\n"
      "  --log LEVEL         debug, info, warn, alarm\n"
      "Limits, with what holds unless told otherwise:\n"
      "  --page-cache N      megabytes of public pages kept ready; 0 keeps none (16)\n"
      "  --workers N         requests worked on at once (64)\n"
      "  --queue N           requests that wait for a worker; more are asked to return (1024)\n"
      "  --connections N     open connections (8192)\n"
      "  --connections-per-source N   of one address; 0 is no bound, as behind a proxy (0)\n"
      "  --header-seconds N  for the head of a request to arrive whole (15)\n"
      "  --body-seconds N    for its body (300)\n"
      "  --send-seconds N    for the reply to be taken (120)\n"
      "  --idle-seconds N    between two requests of a connection (30)\n"
      "  --upload-megabytes N   bodies of all requests in flight together (128)\n"
      "  --drafts-per-hour N       applications begun from one address; 0 is no bound (300)\n"
      "  --submissions-per-hour N  applications sent from one address; 0 is no bound (300)\n"
      "  --trusted-source ADDRESS  without these two bounds (a kiosk, a library); may be repeated\n"
      "  --proxy ADDRESS     whose X-Forwarded-For is believed, besides this machine's own\n"
      "  --drafts-megabytes N      papers of all unfinished applications together (5000)\n"
      "For tests only:\n"
      "  --test-clock        requests may say what time it is, and that the N-th allocation or\n"
      "                      query shall fail\n"
      "  --test-now MS       with it: the clock begins at this moment, in ms since 1970\n" },
    { "init", command_init, 0,
      "Make a new district with the facts of its profile.\n"
      "  --db FILE --profile NAME (cn-qingyang, town) --cipher sodium|sm\n" },
    { "demo", command_demo, 0,
      "Make a demonstration district, all synthetic, through the engine.\n"
      "  --db FILE --profile NAME --applications N --until YYYY-MM-DD --seed N\n" },
    { "check", command_check, 2,
      "Check files before they are used: linli check flows [DIR] | items | roster | areas\n"
      "  --profile NAME; roster and areas also need --db; areas takes --level NAME, --day DAY\n" },
    { "draw", command_draw, 1,
      "Draw a flow as SVG: linli draw FLOW [--profile NAME] [--lang zh|en] [--output FILE]\n" },
    { "user", command_user, 2,
      "Accounts and posts, also those of administrators.\n"
      "  add LOGIN --name NAME      a person with an account, without a password yet\n"
      "  password LOGIN             the password is read from standard input\n"
      "  appoint LOGIN --role R [--place CODE] [--body CODE]   the place is the district\n"
      "                             unless told otherwise\n"
      "  dismiss LOGIN --role R     ends the posts in that role\n"
      "  disable LOGIN, enable LOGIN   also ends the sessions\n" },
    { "verify", command_verify, 0,
      "Read every record again, check each against its commitments, recount every figure.\n"
      "  --db FILE\n" },
    { "backup", command_backup, 1,
      "Copy the database while it is in use: linli backup FILE [--db FILE]\n" },
    { "restore", command_restore, 1,
      "Put a backup in place: linli restore FILE --db NEW-FILE [--force]\n" },
    { "move", command_move, 0,
      "Carry a district into another database: linli move --from URL --to URL\n"
      "  --from URL --to URL   a file (SQLite) or postgresql://…; the target must be empty\n"
      "  --keys FILE           the key file (beside the source, where that is a file); it stays\n"
      "                        as it is\n"
      "  --restart             empty a target that an earlier move left unfinished, and begin\n"
      "                        anew\n"
      "Stop the servers of the source first: what they write meanwhile is not carried, and\n"
      "refused at the end. Every table is compared by its SHA-256; the target opens only when\n"
      "all are equal.\n" },
    { "export", command_export, 1,
      "Write cases as CSV, without personal values: linli export cases [--output FILE]\n"
      "  areas as GeoJSON: linli export areas [--level NAME] [--frame WGS-84] [--day DAY]"
      " [--output FILE]\n" },
    { "import", command_import, 2,
      "Bring in facts: linli import calendar FILE.csv | states FILE.csv | rules\n"
      "  | areas FILE.geojson --level NAME [--frame WGS-84|CGCS2000|GCJ-02|BD-09]\n"
      "    [--day YYYY-MM-DD] [--reason TEXT]\n" },
    { "keys", command_keys, 1,
      "Add a newer sealing key: linli keys rotate [--keys FILE] [--cipher sodium|sm]\n" },
};

static void print_help(void)
{
    print(S("Linli 邻里: the working system of an urban district.\n\n"));
    for (size_t i = 0; i < COUNT(COMMANDS); i++) {
        Str help = str_of(COMMANDS[i].help), first;
        char name[40];
        str_cut(&help, '\n', &first);
        snprintf(name, sizeof name, "  linli %-8s ", COMMANDS[i].name);
        print(str_of(name));
        print(first);
        print(S("\n"));
    }
    print(S("\nlinli COMMAND --help says more. Settings may also stand in the environment"
            " (LINLI_DB …) or in a file named by --config.\nlinli --version tells which it is.\n"));
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static const CommandRow *find_command(const char *name)
{
    for (size_t i = 0; i < COUNT(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

/* The language of messages, as POSIX has it: the first of these that is set; else English. */
static void choose_language(Ctx *cx)
{
    static const char *const NAMES[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    Str said = STR_EMPTY;
    for (size_t i = 0; i < COUNT(NAMES) && said.n == 0; i++)
        said = str_of(getenv(NAMES[i]));
    cx->lang = LANG_EN;
    lang_parse(said, &cx->lang);
}

static Err run_command(Ctx *cx, const CommandRow *command, int argc, char **argv)
{
    Options o;
    TRY(options_read(cx, argc, argv, command->words_max, &o));
    lang_parse(o.lang, &cx->lang);
    if (!o.help)
        return command->run(cx, &o);
    print(str_of(command->help));
    return OK;
}

/* The first word is no command: it asks for help, or it is wrong. */
static Err help_or_refuse(Ctx *cx, const char *word)
{
    if (word && !is_help(word))
        return fail(cx, E_INPUT, "program.no_such_command", V("name", str_of(word)));
    print_help();
    return OK;
}

/* The failure as a sentence; its detail too, since an operator reads this. */
static void tell(Ctx *cx)
{
    Str why = failure_text(cx), detail = cx->failure.detail;
    say("linli: %.*s\n", STR_ARGS(why));
    if (detail.n)
        say("       %.*s\n", STR_ARGS(detail));
}

int main(int argc, char **argv)
{
    umask(077); /* what holds a district is for its keeper alone */
    if (argc >= 3 && strcmp(argv[1], "media") == 0)
        /* at once: what it took goes with it, and libraries are not wound down */
        _exit(media_child(argv[2]));
    const CommandRow *command = argc >= 2 ? find_command(argv[1]) : NULL;
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        print(S("linli " LINLI_VERSION "\n"));
        return 0;
    }
    House *house = house_new();
    Ctx cx = ctx_new(house, COMMAND_ARENA_BYTES);
    ctx_begin(&cx, instant_now());
    program_begin(house);
    choose_language(&cx);
    Err err = command ? run_command(&cx, command, argc, argv) : help_or_refuse(&cx, argv[1]);
    if (!err)
        err = print_end(&cx);
    if (err)
        tell(&cx);
    Store *store = store_of(&cx);
    ctx_end(&cx);
    store_detach(&cx);
    house_end(house);
    if (store)
        store_close(store);
    ctx_free(&cx);
    return err ? 1 : 0;
}
