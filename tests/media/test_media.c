/* test_media.c -- the child that opens what strangers send: what it is given of the world, how
** many work at once, and which PDFs are kept.
**
** The server starts itself again as the child; so does this program. */
#include "support/support.h"

#include "media/private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------ files */

/* Big-endian, as PNG writes numbers. */
static void put_number(u8 *at, u32 n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (u8)(n >> (8 * (3 - i)));
}

static u32 crc_of(const u8 *at, size_t n)
{
    u32 crc = 0xFFFFFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* A PNG that ends behind its head: whoever reads only the head finds nothing amiss but the size. */
static Bytes png_head(u8 *at, u32 width, u32 height)
{
    static const u8 SIGNATURE[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };
    memcpy(at, SIGNATURE, 8);
    put_number(at + 8, 13);
    memcpy(at + 12, "IHDR", 4);
    put_number(at + 16, width);
    put_number(at + 20, height);
    memcpy(at + 24, "\x08\x02\x00\x00\x00", 5);
    put_number(at + 29, crc_of(at + 12, 17));
    put_number(at + 33, 64);
    memcpy(at + 37, "IDAT", 4);
    memset(at + 41, 0, 64);
    return (Bytes){ at, 41 + 64 };
}

/* ------------------------------------------------------------------ pixels */

static void pixels_are_counted_from_the_head_before_anything_is_decoded(void **state)
{
    (void)state;
    World *w = world_bare();
    Picture p;
    u8 file[200];
    assert_fails(&w->cx, media_take_picture(&w->cx, png_head(file, 10000, 5001), &p), E_INPUT,
                 "media.too_many_pixels");
    assert_fails(&w->cx, media_take_picture(&w->cx, png_head(file, 10000, 5000), &p), E_INPUT,
                 "media.damaged");
    world_end(w);
}

/* ------------------------------------------------------------------ what the child has */

/* "linli media world": what the child sees, said as a PDF would be. */
static int tell_world(void)
{
    char text[400];
    struct rlimit size, files;
    int open_files = 0;
    for (int fd = 3; fd < 256; fd++)
        open_files += fcntl(fd, F_GETFD) != -1;
    child_limit();
    getrlimit(RLIMIT_FSIZE, &size);
    getrlimit(RLIMIT_NOFILE, &files);
    snprintf(text, sizeof text, "open %d secret %s size %llu files %llu", open_files,
             getenv("LINLI_TEST_SECRET") ? "seen" : "unseen", (unsigned long long)size.rlim_cur,
             (unsigned long long)files.rlim_cur);
    return write_output(text, strlen(text)) ? 0 : 9;
}

static void the_child_gets_no_files_no_settings_and_may_write_only_its_result(void **state)
{
    (void)state;
    World *w = world_bare();
    Bytes out;
    int inherited = open("/dev/null", O_RDONLY); /* on purpose without O_CLOEXEC */
    setenv("LINLI_TEST_SECRET", "1", 1);
    assert_ok(&w->cx, media_run(&w->cx, "world", (Bytes){ NULL, 0 }, &out));
    assert_str(str_of_bytes(out),
               str_c(&w->cx.arena, str_format(&w->cx.arena, "open 0 secret unseen size %d files 64",
                                              RESULT_BYTES_MAX)));
    close(inherited);
    world_end(w);
}

/* ------------------------------------------------------------------ how many at once */

static void a_full_lane_sends_away_whoever_would_wait_too_long(void **state)
{
    (void)state;
    Lane lane = LANE_OPEN;
    int entered = 0;
    while (entered < 1000 && lane_enter(&lane, 0))
        entered++;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    assert_in_range(entered, 1, cores > 3 ? cores / 2 : 1);
    assert_false(lane_enter(&lane, 20));
    lane_leave(&lane);
    assert_true(lane_enter(&lane, 20));
}

static void *wait_in_line(void *arg)
{
    Lane *lane = arg;
    if (lane_enter(lane, 60 * MS_PER_SECOND))
        lane_leave(lane);
    return NULL;
}

static int waiting_in(Lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    int n = lane->waiting;
    pthread_mutex_unlock(&lane->mutex);
    return n;
}

static void only_so_many_wait_and_the_next_is_not_let_in_before_them(void **state)
{
    (void)state;
    Lane lane = LANE_OPEN;
    pthread_t waiting[LANE_WAITING_MAX];
    lane.places = 1;
    assert_true(lane_enter(&lane, 0));
    for (size_t i = 0; i < LANE_WAITING_MAX; i++)
        assert_int_equal(pthread_create(&waiting[i], NULL, wait_in_line, &lane), 0);
    while (waiting_in(&lane) < LANE_WAITING_MAX)
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_false(lane_enter(&lane, 60 * MS_PER_SECOND)); /* at once */
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec < 30);
    lane_leave(&lane);
    for (size_t i = 0; i < LANE_WAITING_MAX; i++)
        pthread_join(waiting[i], NULL);
    assert_true(lane_enter(&lane, 0));
}

/* ------------------------------------------------------------------ PDFs kept as they came */

static const char PDF_HEAD[] = "%PDF-1.7\n1 0 obj<</Type/Catalog";
static const char PDF_TAIL[] = ">>endobj\n2 0 obj<</Type /Page >>endobj\ntrailer<<>>\n%%EOF\n";

static void refused_with(World *w, const char *begin, const char *inside, const char *key)
{
    Picture p;
    Str file = str_format(&w->cx.arena, "%s%s%s", begin, inside, PDF_TAIL);
    assert_fails(&w->cx, media_take_picture(&w->cx, bytes_of(file), &p), E_INPUT, key);
}

static void a_pdf_that_does_something_is_refused_however_it_spells_it(void **state)
{
    static const char *const ACTIVE[] = {
        "/OpenAction 3 0 R", "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
        "/Names<</JavaScript 4 0 R>>", "/AA<</O 5 0 R>>", "/AA 5 0 R", "/A<</S/Launch/F(x.exe)>>",
        "/Names<</EmbeddedFiles 6 0 R>>", "/Type/EmbeddedFile", "/AcroForm<</XFA[7 0 R]>>",
        "/A<</S/Rendition/JS 8 0 R>>", "/J#53(x)", "/JS%\n(x)",
        "/#4aava#53cript 4 0 R", "/Open#41ction[1 0 R]",
        ">>stream\n/JS\r\n(x)\nendstream<<",
    };
    (void)state;
    World *w = world_bare();
    for (size_t i = 0; i < COUNT(ACTIVE); i++)
        refused_with(w, PDF_HEAD, ACTIVE[i], "media.active_pdf");
    refused_with(w, PDF_HEAD, "/Encrypt 9 0 R", "media.locked_pdf");
    refused_with(w, PDF_HEAD, "/#45ncrypt 9 0 R", "media.locked_pdf");
    world_end(w);
}

static void a_pdf_that_begins_as_something_else_is_none(void **state)
{
    (void)state;
    World *w = world_bare();
    i64 pages;
    Str file = str_format(&w->cx.arena, "\xEF\xBB\xBF%s%s", PDF_HEAD, PDF_TAIL);
    assert_int_not_equal(pdf_look((const u8 *)file.at, file.n, &pages), 0);
    file = str_skip(file, 3);
    assert_int_equal(pdf_look((const u8 *)file.at, file.n, &pages), 0);
    file = str_format(&w->cx.arena, "<html>%s%s", PDF_HEAD, PDF_TAIL);
    assert_int_not_equal(pdf_look((const u8 *)file.at, file.n, &pages), 0);
    world_end(w);
}

static void a_quiet_pdf_is_kept_byte_for_byte(void **state)
{
    /* Names that only begin alike, fonts named by six capitals, noise that looks like a name. */
    static const char QUIET[] = "/AAAAAB+Song 1 0 R/JSF 2/Launcher 1"
                                "/AA\x7f\x01/JS\x80(/XFA\xfe"
                                "/AcroForm<</Fields[]>>/Lang(zh)/Metadata 3 0 R";
    (void)state;
    World *w = world_bare();
    Picture p;
    Str file = str_format(&w->cx.arena, "%s%s%s", PDF_HEAD, QUIET, PDF_TAIL);
    assert_ok(&w->cx, media_take_picture(&w->cx, bytes_of(file), &p));
    assert_true(bytes_are(p.content, bytes_of(file)));
    assert_int_equal(p.pages, 1);
    world_end(w);
}

/* ------------------------------------------------------------------ all of them */

static int hold_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_counted_from_the_head_before_anything_is_decoded),
        cmocka_unit_test(the_child_gets_no_files_no_settings_and_may_write_only_its_result),
        cmocka_unit_test(a_full_lane_sends_away_whoever_would_wait_too_long),
        cmocka_unit_test(only_so_many_wait_and_the_next_is_not_let_in_before_them),
        cmocka_unit_test(a_pdf_that_does_something_is_refused_however_it_spells_it),
        cmocka_unit_test(a_pdf_that_begins_as_something_else_is_none),
        cmocka_unit_test(a_quiet_pdf_is_kept_byte_for_byte),
    };
    return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "media") == 0)
        _exit(strcmp(argv[2], "world") == 0 ? tell_world() : media_child(argv[2]));
    return hold_all();
}
