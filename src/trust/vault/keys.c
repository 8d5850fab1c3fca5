/* keys.c -- the key file: one line for each key, newest last.
**
**     linli-keys 1
**     seal 1 sodium qFz…      sealing keys, with a number that sealed values carry
**     mark 1 sodium h0A…      for keyed hashes by which values are found; never rotated
**     token 1 sodium 8sK…     for tokens handed to browsers */
#include "vault/private.h"

#include "files/files.h"
#include "text/text.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_FILE_BYTES_MAX = 16 * 1024 };

static const char KEYS_PART;

static const Cipher *const CIPHERS[] = { &CIPHER_SODIUM, &CIPHER_SM };

static const Cipher *find_cipher(Str name)
{
    for (size_t i = 0; i < COUNT(CIPHERS); i++)
        if (str_is(str_of(CIPHERS[i]->name), name))
            return CIPHERS[i];
    return NULL;
}

const Keys *keys_of(const Ctx *cx)
{
    return house_get(cx->house, &KEYS_PART);
}

static void keys_end(void *part)
{
    sodium_memzero(part, sizeof(Keys));
}

/* ------------------------------------------------------------------ reading */

static bool parse_kind(Str s, KeyKind *out)
{
    static const Str NAMES[] = { { "seal", 4 }, { "mark", 4 }, { "token", 5 } };
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (str_is(s, NAMES[i])) {
            *out = (KeyKind)i;
            return true;
        }
    }
    return false;
}

static bool parse_line(Ctx *cx, Str line, Key *out)
{
    Str kind, number, cipher, secret;
    Bytes bytes;
    i64 n;
    if (!str_cut(&line, ' ', &kind) || !str_cut(&line, ' ', &number)
        || !str_cut(&line, ' ', &cipher))
        return false;
    secret = line;
    out->cipher = find_cipher(cipher);
    if (!parse_kind(kind, &out->kind) || !str_to_int(number, &n) || n < 1 || n > UINT32_MAX
        || !out->cipher || !secret.at || !bytes_from_base64url(&cx->arena, secret, &bytes)
        || bytes.n != KEY_BYTES)
        return false;
    out->number = (u32)n;
    memcpy(out->secret, bytes.at, KEY_BYTES);
    return true;
}

/* Numbers of one kind rise: a number used twice would leave the newer one's values shut. */
static bool takes_line(Ctx *cx, Keys *keys, Str line)
{
    Key *key = &keys->at[keys->n];
    if (keys->n == KEYS_MAX || !parse_line(cx, line, key))
        return false;
    const Key *before = newest_key(keys, key->kind);
    keys->n++;
    return !before || before->number < key->number;
}

static Err parse_keys(Ctx *cx, Str path, Str text, Keys *out)
{
    Str rest = text, line;
    bool has_heading = str_cut(&rest, '\n', &line) && str_is(line, S("linli-keys 1"));
    while (has_heading && str_cut(&rest, '\n', &line)) {
        if (str_trim(line).n == 0)
            continue;
        if (!takes_line(cx, out, line))
            return fail(cx, E_INPUT, "vault.bad_key_file", V("path", path));
    }
    for (KeyKind kind = 0; kind < KEY_KINDS; kind++)
        if (!newest_key(out, kind))
            return fail(cx, E_INPUT, "vault.bad_key_file", V("path", path));
    return OK;
}

const Key *newest_key(const Keys *keys, KeyKind kind)
{
    const Key *newest = NULL;
    for (size_t i = 0; i < keys->n; i++)
        if (keys->at[i].kind == kind)
            newest = &keys->at[i];
    return newest;
}

const Key *numbered_key(const Keys *keys, KeyKind kind, u32 number)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->at[i].kind == kind && keys->at[i].number == number)
            return &keys->at[i];
    return NULL;
}

Err keys_use(Ctx *cx, Str path)
{
    struct stat info;
    Str text;
    if (stat(str_c(&cx->arena, path), &info) != 0)
        return fail(cx, E_MISSING, "vault.no_key_file", V("path", path));
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return fail(cx, E_DENIED, "vault.key_file_open", V("path", path));
    TRY(disk_read(cx, path, KEYS_FILE_BYTES_MAX, &text));
    if (sodium_init() < 0)
        return fail(cx, E_BUG, "core.memory_used_up");
    return parse_keys(cx, path, text, house_add(cx->house, &KEYS_PART, sizeof(Keys), keys_end));
}

/* ------------------------------------------------------------------ making */

static void put_key(Ctx *cx, Buf *b, const char *kind, i64 number, Str cipher)
{
    u8 secret[KEY_BYTES];
    randombytes_buf(secret, sizeof secret);
    Str text = str_base64url(&cx->arena, (Bytes){ secret, sizeof secret });
    buf_add_format(b, "%s %lld %.*s %.*s\n", kind, (long long)number, STR_ARGS(cipher),
                   STR_ARGS(text));
    sodium_memzero(secret, sizeof secret);
}

static Err check_cipher(Ctx *cx, Str cipher)
{
    if (sodium_init() < 0)
        return fail(cx, E_BUG, "core.memory_used_up");
    return find_cipher(cipher) ? OK
                               : fail(cx, E_INPUT, "vault.unknown_cipher", V("cipher", cipher));
}

Err keys_make(Ctx *cx, Str path, Str cipher)
{
    Buf b = buf_new(&cx->arena, KEYS_FILE_BYTES_MAX);
    TRY(check_cipher(cx, cipher));
    if (access(str_c(&cx->arena, path), F_OK) == 0)
        return fail(cx, E_CONFLICT, "vault.key_file_exists", V("path", path));
    buf_add(&b, S("linli-keys 1\n"));
    put_key(cx, &b, "seal", 1, cipher);
    put_key(cx, &b, "mark", 1, cipher);
    put_key(cx, &b, "token", 1, cipher);
    return disk_write(cx, path, buf_str(&b), 0600);
}

/* The new file is read before it takes the place of the old one: without its keys everything
** sealed is lost. */
Err keys_rotate(Ctx *cx, Str path, Str cipher)
{
    Keys keys = { .n = 0 }, after = { .n = 0 };
    Str text;
    TRY(check_cipher(cx, cipher));
    TRY(disk_read(cx, path, KEYS_FILE_BYTES_MAX, &text));
    TRY(parse_keys(cx, path, text, &keys));
    Buf b = buf_new(&cx->arena, KEYS_FILE_BYTES_MAX);
    buf_add(&b, text);
    if (!str_ends(text, S("\n")))
        buf_add_char(&b, '\n');
    put_key(cx, &b, "seal", (i64)newest_key(&keys, KEY_SEAL)->number + 1, cipher);
    bool good = !buf_is_full(&b) && parse_keys(cx, path, buf_str(&b), &after) == OK;
    sodium_memzero(&keys, sizeof keys);
    sodium_memzero(&after, sizeof after);
    ctx_forgive(cx);
    if (!good)
        return fail(cx, E_LIMIT, "vault.no_further_key", V("path", path));
    return disk_write(cx, path, buf_str(&b), 0600);
}
