/* cipher_sm.c -- SM4 in CBC mode, then HMAC-SM3 over context, iv and cipher text
** (encrypt-then-MAC).
**
** The 32-byte key is two: 16 bytes for SM4, 16 for HMAC.  Layout: iv 16 | cipher text | tag 32. */
#include "vault/cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <string.h>

enum { IV = 16, BLOCK = 16, HALF_KEY = 16 };

static void hmac(const u8 *key, size_t key_n, const Bytes *parts, size_t n, u8 *out)
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *cx = EVP_MAC_CTX_new(algorithm);
    char digest[] = "SM3";
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                            OSSL_PARAM_construct_end() };
    size_t made = 0;
    bool good = cx && EVP_MAC_init(cx, key, key_n, params) == 1;
    for (size_t i = 0; good && i < n; i++)
        good = EVP_MAC_update(cx, parts[i].at, parts[i].n) == 1;
    if (!good || EVP_MAC_final(cx, out, &made, MAC_BYTES) != 1)
        memset(out, 0, MAC_BYTES);
    EVP_MAC_CTX_free(cx);
    EVP_MAC_free(algorithm);
}

/* The length of the context goes first, so that no two pairs of context and text look alike. */
static void tag_of(const u8 *key, Str context, Bytes body, u8 *out)
{
    u8 length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (u8)(context.n >> (8 * (7 - i)));
    Bytes parts[] = { { length, sizeof length }, bytes_of(context), body };
    hmac(key + HALF_KEY, HALF_KEY, parts, COUNT(parts), out);
}

static bool seal(const u8 *key, Str context, Bytes plain, u8 *out, size_t *out_n)
{
    EVP_CIPHER_CTX *cx = EVP_CIPHER_CTX_new();
    int n = 0, last = 0;
    bool good = cx && RAND_bytes(out, IV) == 1
             && EVP_EncryptInit_ex(cx, EVP_sm4_cbc(), NULL, key, out) == 1
             && EVP_EncryptUpdate(cx, out + IV, &n, plain.at, (int)plain.n) == 1
             && EVP_EncryptFinal_ex(cx, out + IV + n, &last) == 1;
    EVP_CIPHER_CTX_free(cx);
    if (!good)
        return false;
    size_t body = IV + (size_t)n + (size_t)last;
    tag_of(key, context, (Bytes){ out, body }, out + body);
    *out_n = body + MAC_BYTES;
    return true;
}

static bool open(const u8 *key, Str context, Bytes sealed, u8 *out, size_t *out_n)
{
    u8 tag[MAC_BYTES];
    if (sealed.n < IV + BLOCK + MAC_BYTES)
        return false;
    Bytes body = { sealed.at, sealed.n - MAC_BYTES };
    tag_of(key, context, body, tag);
    if (sodium_memcmp(tag, sealed.at + body.n, MAC_BYTES) != 0)
        return false;
    EVP_CIPHER_CTX *cx = EVP_CIPHER_CTX_new();
    int n = 0, last = 0;
    bool good = cx && EVP_DecryptInit_ex(cx, EVP_sm4_cbc(), NULL, key, body.at) == 1
             && EVP_DecryptUpdate(cx, out, &n, body.at + IV, (int)(body.n - IV)) == 1
             && EVP_DecryptFinal_ex(cx, out + n, &last) == 1;
    EVP_CIPHER_CTX_free(cx);
    *out_n = (size_t)(n + last);
    return good;
}

static void mac(const u8 *key, Bytes data, u8 *out)
{
    hmac(key, KEY_BYTES, &data, 1, out);
}

static void hash(Bytes data, u8 *out)
{
    unsigned n = 0;
    EVP_Digest(data.at, data.n, out, &n, EVP_sm3(), NULL);
}

const Cipher CIPHER_SM = { "sm", IV + BLOCK + MAC_BYTES, seal, open, mac, hash };
