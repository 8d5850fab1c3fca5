/* child.c -- what runs in the child process: a picture made harmless, or a PDF drawn.
**
** libvips is loaded here, by name, so that no other command pays for it at start. */
#include "media/private.h"

#include <dlfcn.h>
#include <magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SIDE_MAX = 2400, THUMBNAIL_SIDE = 320, JPEG_QUALITY = 82, INPUT_BYTES_MAX = 16 << 20 };
enum { EXIT_KIND = 2, EXIT_DAMAGED = 3, EXIT_PIXELS = 4, EXIT_LOCKED = 5, EXIT_ACTIVE = 6,
       EXIT_FAILED = 9 };
#if SANITIZED || defined(__SANITIZE_THREAD__) /* sanitizers keep a shadow of all memory */
#define RESERVES_FAR_MORE true
#else
#define RESERVES_FAR_MORE false
#endif
#define PIXELS_MAX ((i64)50 * 1000 * 1000)

/* ------------------------------------------------------------------ limits of the child itself */

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit l = { most, most };
    setrlimit(what, &l);
}

/* When memory is short, the child goes and the server stays. */
static void offer_itself_first(void)
{
    FILE *f = fopen("/proc/self/oom_score_adj", "w");
    if (!f)
        return;
    fputs("1000", f);
    fclose(f);
}

/* Files that it may write: its result. Processes are not counted: libvips needs threads, and the
** limit counts all that the account runs, the server's own threads too; root it does not bind. */
void child_limit(void)
{
    offer_itself_first();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limit(RLIMIT_CPU, 15);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, RESULT_BYTES_MAX);
    limit(RLIMIT_NOFILE, 64);
    if (!RESERVES_FAR_MORE)
        limit(RLIMIT_AS, (rlim_t)2 << 30);
    setpriority(PRIO_PROCESS, 0, 10); /* pages go first */
    setenv("VIPS_CONCURRENCY", "1", 1);
    setenv("VIPS_DISC_THRESHOLD", "1g", 1); /* what is being decoded never goes to a disk */
}

bool read_input(u8 **out, size_t *out_n)
{
    size_t n = 0;
    u8 *at = malloc(INPUT_BYTES_MAX + 1);
    for (ssize_t got = 1; at && got > 0 && n <= INPUT_BYTES_MAX; n += got > 0 ? (size_t)got : 0)
        got = read(STDIN_FILENO, at + n, INPUT_BYTES_MAX + 1 - n);
    *out = at;
    *out_n = n;
    return at && n <= INPUT_BYTES_MAX;
}

bool write_output(const void *at, size_t n)
{
    const u8 *from = at;
    while (n) {
        ssize_t put = write(STDOUT_FILENO, from, n);
        if (put <= 0)
            return false;
        from += put;
        n -= (size_t)put;
    }
    return true;
}

/* ------------------------------------------------------------------ what it is */

bool picture_sniff(const u8 *at, size_t n, char *out, size_t out_n)
{
    magic_t cookie = magic_open(MAGIC_MIME_TYPE);
    const char *type = cookie && magic_load(cookie, NULL) == 0 ? magic_buffer(cookie, at, n) : NULL;
    if (type)
        snprintf(out, out_n, "%s", type);
    if (cookie)
        magic_close(cookie);
    return type != NULL;
}

static bool is_picture(const char *type)
{
    static const char *const TYPES[] = { "image/jpeg", "image/png",  "image/webp",
                                         "image/heic", "image/heif", "image/avif" };
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (strcmp(TYPES[i], type) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------ pictures, by libvips */

typedef struct VipsImage VipsImage;
typedef struct Vips {
    int (*init)(const char *);
    void (*block_untrusted)(int);
    VipsImage *(*from_buffer)(const void *, size_t, const char *, ...);
    int (*width)(const VipsImage *);
    int (*height)(const VipsImage *);
    int (*has_alpha)(VipsImage *);
    int (*average)(VipsImage *, double *, ...);
    int (*thumbnail)(void *, size_t, VipsImage **, int, ...);
    int (*flatten)(VipsImage *, VipsImage **, ...);
    int (*jpegsave)(VipsImage *, void **, size_t *, ...);
    void *(*array)(int, ...);
} Vips;

static bool load_symbol(void *library, const char *name, void *out)
{
    void *symbol = dlsym(library, name);
    memcpy(out, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool load_vips(Vips *v)
{
    void *library = dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
    return library && load_symbol(library, "vips_init", &v->init)
        && load_symbol(library, "vips_block_untrusted_set", &v->block_untrusted)
        && load_symbol(library, "vips_image_new_from_buffer", &v->from_buffer)
        && load_symbol(library, "vips_image_get_width", &v->width)
        && load_symbol(library, "vips_image_get_height", &v->height)
        && load_symbol(library, "vips_image_hasalpha", &v->has_alpha)
        && load_symbol(library, "vips_avg", &v->average)
        && load_symbol(library, "vips_thumbnail_buffer", &v->thumbnail)
        && load_symbol(library, "vips_flatten", &v->flatten)
        && load_symbol(library, "vips_jpegsave_buffer", &v->jpegsave)
        && load_symbol(library, "vips_array_double_newv", &v->array)
        && v->init("linli") == 0;
}

typedef struct Jpeg {
    void *at;
    size_t n;
} Jpeg;

/* A file that breaks off opens well, and its missing part would be taken as grey: only reading
** every pixel tells.  The average is what reads them; vips_thumbnail_buffer 8.14 takes "fail_on"
** and ignores it.  Mere warnings are let pass, since telephones write pictures that earn them. */
static bool is_whole(const Vips *v, VipsImage *image)
{
    double average;
    return v->average(image, &average, NULL) == 0;
}

/* Turned upright by its EXIF data, which then goes; enlarged never; transparent parts become
   white. */
static bool make_jpeg(const Vips *v, u8 *at, size_t n, int side, Jpeg *out)
{
    enum { SIZE_DOWN = 2 };
    VipsImage *image = NULL, *flat = NULL;
    if (v->thumbnail(at, n, &image, side, "height", side, "size", SIZE_DOWN, NULL) != 0)
        return false;
    if (v->has_alpha(image)) {
        if (v->flatten(image, &flat, "background", v->array(1, 255.0), NULL) != 0)
            return false;
        image = flat;
    }
    return v->jpegsave(image, &out->at, &out->n, "Q", JPEG_QUALITY, "strip", 1, NULL) == 0;
}

static int put_result(const char *type, i64 pages, const Jpeg *content, const Jpeg *thumbnail)
{
    char head[160];
    int n = snprintf(head, sizeof head, "%s %lld %zu %zu\n", type, (long long)pages, content->n,
                     thumbnail->n);
    bool good = write_output(head, (size_t)n) && write_output(content->at, content->n)
             && write_output(thumbnail->at, thumbnail->n);
    return good ? 0 : EXIT_FAILED;
}

static int take_image(u8 *at, size_t n)
{
    enum { FAIL_ON_ERROR = 2, ACCESS_SEQUENTIAL = 1 }; /* errors, and truncation before them */
    Vips v;
    Jpeg content = { 0 }, thumbnail = { 0 };
    if (!load_vips(&v))
        return EXIT_FAILED;
    v.block_untrusted(1);
    VipsImage *whole = v.from_buffer(at, n, "", "fail_on", FAIL_ON_ERROR, "access",
                                       ACCESS_SEQUENTIAL, NULL);
    if (!whole)
        return EXIT_DAMAGED;
    if ((i64)v.width(whole) * v.height(whole) > PIXELS_MAX) /* so its head says: nothing is read */
        return EXIT_PIXELS;
    if (!is_whole(&v, whole))
        return EXIT_DAMAGED;
    if (!make_jpeg(&v, at, n, SIDE_MAX, &content)
        || !make_jpeg(&v, at, n, THUMBNAIL_SIDE, &thumbnail))
        return EXIT_DAMAGED;
    return put_result("image/jpeg", 1, &content, &thumbnail);
}

/* ------------------------------------------------------------------ PDF as it came */

/* Names of a PDF for which it is refused: a lock; what runs, opens or calls by itself; files inside
** the file. Looked for in all bytes, streams too, since a table of objects may point into one. A
** short name turns up in the noise of a scanned page now and then, so what follows it must be able
** to be its value. What is packed into compressed object streams is not seen. */
static const struct {
    const char *name;
    const char *value; /* with what its value may begin, "0" for any digit; NULL: anything */
    int code;
} REFUSED_NAMES[] = {
    { "Encrypt", NULL, EXIT_LOCKED },
    { "JavaScript", NULL, EXIT_ACTIVE },
    { "JS", "(<0%", EXIT_ACTIVE },
    { "OpenAction", NULL, EXIT_ACTIVE },
    { "AA", "<0%", EXIT_ACTIVE },
    { "Launch", NULL, EXIT_ACTIVE },
    { "EmbeddedFile", NULL, EXIT_ACTIVE },
    { "EmbeddedFiles", NULL, EXIT_ACTIVE },
    { "XFA", "[0<(%", EXIT_ACTIVE },
};

static bool is_blank(u8 c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool ends_name(u8 c)
{
    return is_blank(c) || strchr("()<>[]{}/%", c) != NULL;
}

static int hex_digit(u8 c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                                              : -1;
}

/* The name behind a slash, "J#53" as "JS"; returns where it ends. */
static const u8 *read_name(const u8 *at, const u8 *end, char *out, size_t out_n)
{
    size_t n = 0;
    for (; at < end && !ends_name(*at) && n + 1 < out_n; at++) {
        bool coded = *at == '#' && end - at > 2 && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0;
        out[n++] = coded ? (char)(hex_digit(at[1]) * 16 + hex_digit(at[2])) : (char)*at;
        at += coded ? 2 : 0;
    }
    out[n] = 0;
    return at;
}

static bool can_be_value(const u8 *at, const u8 *end, const char *begins)
{
    while (at < end && is_blank(*at))
        at++;
    if (!begins || at == end)
        return !begins;
    return *at && strchr(begins, *at >= '0' && *at <= '9' ? '0' : *at) != NULL;
}

static int refuse_names(const u8 *at, size_t n)
{
    const u8 *end = at + n;
    char name[20];
    while ((at = memchr(at, '/', (size_t)(end - at))) != NULL) {
        const u8 *after = read_name(at + 1, end, name, sizeof name);
        for (size_t i = 0; i < COUNT(REFUSED_NAMES); i++)
            if (strcmp(name, REFUSED_NAMES[i].name) == 0
                && can_be_value(after, end, REFUSED_NAMES[i].value))
                return REFUSED_NAMES[i].code;
        at++;
    }
    return 0;
}

static i64 count_of(const u8 *at, size_t n, const char *word)
{
    i64 count = 0;
    for (const u8 *end = at + n; (at = memmem(at, (size_t)(end - at), word, strlen(word))) != NULL;
         at++)
        count++;
    return count;
}

int pdf_look(const u8 *at, size_t n, i64 *out_pages)
{
    if (n < 5 || memcmp(at, "%PDF-", 5) != 0) /* what begins as something else may be both */
        return EXIT_KIND;
    if (count_of(at, n, "%%EOF") == 0)
        return EXIT_DAMAGED;
    int refused = refuse_names(at, n);
    if (refused)
        return refused;
    i64 pages = count_of(at, n, "/Type /Page\n") + count_of(at, n, "/Type/Page/")
                + count_of(at, n, "/Type /Page ");
    *out_pages = pages ? pages : 1;
    return 0;
}

static int take_pdf(u8 *at, size_t n)
{
    Jpeg content = { at, n }, none = { at, 0 };
    i64 pages;
    int code = pdf_look(at, n, &pages);
    return code ? code : put_result("application/pdf", pages, &content, &none);
}

static int take_picture(void)
{
    u8 *at = NULL;
    size_t n = 0;
    char type[80] = "";
    if (!read_input(&at, &n))
        return EXIT_FAILED;
    if (!picture_sniff(at, n, type, sizeof type))
        return EXIT_FAILED;
    if (strcmp(type, "application/pdf") == 0)
        return take_pdf(at, n);
    return is_picture(type) ? take_image(at, n) : EXIT_KIND;
}

int media_child(const char *what)
{
    child_limit();
    if (strcmp(what, "picture") == 0)
        return take_picture();
    return strcmp(what, "pdf") == 0 ? make_pdf() : EXIT_FAILED;
}
