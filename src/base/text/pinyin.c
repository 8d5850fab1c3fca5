/* pinyin.c -- how Chinese words are typed by people who know their sound: "juzhuzheng", "jzz".
**
** ICU reads character by character and so gets some words wrong (银行, 成都): an item names further
** words it is found by. The transliterator is opened once, when it is first needed; it is slow
** to open and safe to share only under a lock. */
#include "text/text.h"

#include <pthread.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { SOUND_UNITS_MAX = 512 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *han_latin;

static bool open_transliterator(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar id[64];
    u_uastrncpy(id, "Han-Latin; Latin-ASCII; Lower", COUNT(id));
    if (!han_latin)
        han_latin = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    return han_latin != NULL;
}

/* The sounds of the text, with a space between those of Chinese characters. */
static Str sounds_of(Arena *a, Str s)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[SOUND_UNITS_MAX];
    int32_t n = 0, limit, bytes = 0;
    u_strFromUTF8(wide, COUNT(wide), &n, s.at, (int32_t)s.n, &status);
    if (U_FAILURE(status) || n * 8 > SOUND_UNITS_MAX || !open_transliterator())
        return STR_EMPTY;
    limit = n;
    utrans_transUChars(han_latin, wide, &n, COUNT(wide), 0, &limit, &status);
    char *out = arena_take(a, SOUND_UNITS_MAX * 3);
    if (!out || U_FAILURE(status))
        return STR_EMPTY;
    u_strToUTF8(out, SOUND_UNITS_MAX * 3, &bytes, wide, n, &status);
    return U_SUCCESS(status) ? (Str){ out, (size_t)bytes } : STR_EMPTY;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void text_pinyin(Arena *a, Str s, Str *out_full, Str *out_initials)
{
    pthread_mutex_lock(&lock);
    Str sounds = sounds_of(a, s);
    pthread_mutex_unlock(&lock);
    Buf full = buf_new(a, SOUND_UNITS_MAX * 3), initials = buf_new(a, SOUND_UNITS_MAX);
    bool starts = true;
    for (size_t i = 0; i < sounds.n; i++) {
        char c = sounds.at[i];
        if (is_letter(c)) {
            buf_add_char(&full, c);
            if (starts)
                buf_add_char(&initials, c);
        }
        starts = !is_letter(c);
    }
    *out_full = buf_str(&full);
    *out_initials = buf_str(&initials);
}
