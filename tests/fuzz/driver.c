/* driver.c -- runs one target: under libFuzzer, or over the files of its kept corpus. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CTX_BYTES = 192 << 20, INPUT_BYTES_MAX = 4 << 20 };

static House *house;
static Ctx begin_cx, cx; /* of begin(), and of each input */
static char folder[64];

/* ------------------------------------------------------------------ what targets lean on */

u8 fuzz_choice(Str *input)
{
    u8 choice = input->n ? (u8)input->at[0] : 0;
    *input = str_skip(*input, 1);
    return choice;
}

static int remove_one(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
    (void)info, (void)flag, (void)ftw;
    return remove(path);
}

static void remove_folder(void)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

Str fuzz_folder(Ctx *at)
{
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%s/linli-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        ensure(mkdtemp(folder) != NULL);
        atexit(remove_folder);
    }
    return str_copy(&at->arena, str_of(folder));
}

Str fuzz_file(Ctx *at, const char *name, Str text)
{
    Str inside = fuzz_folder(at), path = str_format(&at->arena, "%.*s/%s", STR_ARGS(inside), name);
    FILE *f = fopen(str_c(&at->arena, path), "w");
    ensure(f && fchmod(fileno(f), 0600) == 0);
    ensure(fwrite(text.at, 1, text.n, f) == text.n);
    ensure(fclose(f) == 0);
    return path;
}

static void begin(void)
{
    house = house_new();
    program_begin(house);
    log_set_level(LOG_ALARM);
    begin_cx = ctx_new(house, CTX_BYTES);
    ctx_begin(&begin_cx, (Instant){ 1539133920000 }); /* 2018-10-10 09:12 in Chengdu */
    begin_cx.lang = LANG_EN;
    cx = ctx_new(house, CTX_BYTES);
    if (FUZZ.begin)
        FUZZ.begin(&begin_cx);
}

static void run(const u8 *at, size_t n)
{
    ctx_begin(&cx, begin_cx.now);
    cx.lang = LANG_EN;
    FUZZ.one(&cx, (Str){ (const char *)at, n });
    ctx_end(&cx);
}

#ifdef FUZZ_LIBFUZZER

/* ------------------------------------------------------------------ libFuzzer */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *at, size_t n);

_Noreturn void fuzz_broken(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    begin();
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *at, size_t n)
{
    run(at, n);
    return 0;
}

#else

/* ------------------------------------------------------------------ the kept corpus */

enum { SECONDS_MAX = 60 };

static const char *now_at = "begin";
static int passed;

/* Whatever ends the process early, the sanitizers or the program's own assert: it is said which
   file did it. */
static void say_failed(void)
{
    fprintf(stderr, "%s: failed\n", now_at);
    printf("%d passed, 1 failed\n", passed);
    fflush(stdout);
}

_Noreturn void fuzz_broken(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    say_failed();
    remove_folder();
    _exit(1);
}

static void on_signal(int number)
{
    fprintf(stderr, number == SIGALRM ? "took longer than %d s\n" : "signal\n", SECONDS_MAX);
    say_failed();
    _exit(1);
}

#if SANITIZED
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

static void watch(void)
{
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal);
#if SANITIZED
    __sanitizer_set_death_callback(say_failed);
#endif
}

/* A piece of memory of just this size, so that reading past it is noticed. */
static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    u8 *large = malloc(INPUT_BYTES_MAX);
    ensure(f && large);
    size_t n = fread(large, 1, INPUT_BYTES_MAX, f);
    u8 *at = malloc(n ? n : 1);
    ensure(at);
    memcpy(at, large, n);
    free(large);
    fclose(f);
    now_at = path;
    alarm(SECONDS_MAX);
    run(at, n);
    alarm(0);
    free(at);
    passed++;
}

static int is_file(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    char corpus[1024], path[2048];
    const char *source = getenv("LINLI_SOURCE");
    struct dirent **files;
    snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", source ? source : ".", FUZZ_NAME);
    watch();
    begin();
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    int n = argc > 1 ? 0 : scandir(corpus, &files, is_file, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", corpus, files[i]->d_name);
        run_file(path);
        free(files[i]);
    }
    if (n > 0)
        free(files);
    printf("%d passed, %d failed\n", passed, passed == 0);
    return passed == 0;
}

#endif
