/* raw_sqlite.c -- the limit of durable submissions: the same rows, written by nothing but SQLite.
**
**     usage: raw-sqlite DB ROWS BATCH SECONDS
**
** ROWS is a recording of what one submission adds (bench/record.py). They are inserted again and
** again, BATCH submissions to a transaction, each commit synced (WAL, synchronous=FULL), with no
** check, no sealing and no page: nobody who keeps these rows and indexes can be faster. Prints
** submissions a second. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES = 1 << 20, STATEMENTS_MAX = 128, PARAMETERS_MAX = 32 };
enum { VARIED_TEXT = 12, VARIED_BYTES = 8 };

typedef enum Kind { NOTHING, NUMBER, TEXT, BYTES } Kind;

typedef struct Parameter {
    Kind kind;
    bool varies;
    long long number;
    char *bytes;
    int n;
} Parameter;

typedef struct Row {
    sqlite3_stmt *insert;
    Parameter parameters[PARAMETERS_MAX];
    int n;
} Row;

static Row rows[STATEMENTS_MAX];
static size_t rows_n;

static void stop(sqlite3 *db, const char *what)
{
    fprintf(stderr, "raw-sqlite: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        stop(db, sql);
}

/* ------------------------------------------------------------------ the recording */

static void read_bytes(Parameter *p, const char *hex)
{
    p->kind = BYTES;
    p->n = (int)strlen(hex) / 2;
    p->bytes = malloc((size_t)p->n + 1);
    for (int i = 0; i < p->n; i++) {
        char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
        p->bytes[i] = (char)strtol(two, NULL, 16);
    }
}

static void read_parameter(Row *row, char *line)
{
    Parameter *p = &row->parameters[row->n++];
    char *value = strchr(line, ' ');
    value = value ? value + 1 : line + strlen(line);
    p->varies = value > line + 1 && value[-2] == '+';
    if (strncmp(line, "int", 3) == 0) {
        p->kind = NUMBER;
        p->number = atoll(value);
    } else if (strncmp(line, "text", 4) == 0) {
        p->kind = TEXT;
        p->bytes = strdup(value);
        p->n = (int)strlen(value);
    } else if (strncmp(line, "bytes", 5) == 0) {
        read_bytes(p, value);
    }
}

static void read_rows(sqlite3 *db, const char *path)
{
    static char line[LINE_BYTES];
    FILE *in = fopen(path, "r");
    if (!in)
        stop(NULL, path);
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "sql ", 4) != 0) {
            if (rows_n == 0 || rows[rows_n - 1].n == PARAMETERS_MAX)
                stop(NULL, "no such recording");
            read_parameter(&rows[rows_n - 1], line);
        } else if (rows_n == STATEMENTS_MAX
                   || sqlite3_prepare_v2(db, line + 4, -1, &rows[rows_n++].insert, NULL)
                          != SQLITE_OK) {
            stop(db, line);
        }
    }
    fclose(in);
}

/* ------------------------------------------------------------------ one submission */

/* Over the last letters of a text, over the first bytes of bytes. */
static void vary(Parameter *p, long long round)
{
    char digits[32];
    if (p->kind == TEXT && p->n >= VARIED_TEXT) {
        snprintf(digits, sizeof digits, "%0*lld", VARIED_TEXT, round);
        memcpy(p->bytes + p->n - VARIED_TEXT, digits, VARIED_TEXT);
    } else if (p->kind == BYTES && p->n >= VARIED_BYTES) { /* spread as a hash is */
        unsigned long long spread = (unsigned long long)round * 0x9E3779B97F4A7C15u;
        memcpy(p->bytes, &spread, VARIED_BYTES);
    }
}

static void bind(sqlite3_stmt *s, int at, Parameter *p, long long round)
{
    if (p->varies)
        vary(p, round);
    if (p->kind == NUMBER)
        sqlite3_bind_int64(s, at, p->number + (p->varies ? round : 0));
    else if (p->kind == TEXT)
        sqlite3_bind_text(s, at, p->bytes, p->n, SQLITE_STATIC);
    else if (p->kind == BYTES)
        sqlite3_bind_blob(s, at, p->bytes, p->n, SQLITE_STATIC);
}

static void submit(sqlite3 *db, long long round)
{
    for (size_t i = 0; i < rows_n; i++) {
        for (int at = 0; at < rows[i].n; at++)
            bind(rows[i].insert, at + 1, &rows[i].parameters[at], round);
        if (sqlite3_step(rows[i].insert) != SQLITE_DONE)
            stop(db, sqlite3_sql(rows[i].insert));
        sqlite3_reset(rows[i].insert);
    }
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    if (argc != 5)
        stop(NULL, "usage: raw-sqlite DB ROWS BATCH SECONDS");
    if (sqlite3_open(argv[1], &db) != SQLITE_OK)
        stop(db, argv[1]);
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    read_rows(db, argv[2]);
    int batch = atoi(argv[3]);
    double began = seconds_now(), until = began + atof(argv[4]);
    /* far from the ids that stand there, and from those of an earlier run */
    long long first = 100000000000 + (long long)time(NULL) % 1000000 * 1000000, done = 0;
    while (seconds_now() < until) {
        run(db, "BEGIN IMMEDIATE");
        for (int i = 0; i < batch; i++)
            submit(db, first + ++done);
        run(db, "COMMIT");
    }
    printf("%.1f\n", (double)done / (seconds_now() - began));
    return 0;
}
