/* cipher_sodium.c -- XChaCha20-Poly1305 (IETF) with a random nonce in front. */
#include "vault/cipher.h"

#include <sodium.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES
};

static bool seal(const u8 *key, Str context, Bytes plain, u8 *out, size_t *out_n)
{
    unsigned long long n = 0;
    randombytes_buf(out, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, &n, plain.at, plain.n,
                                               (const u8 *)context.at, context.n, NULL, out, key);
    *out_n = NONCE + (size_t)n;
    return true;
}

static bool open(const u8 *key, Str context, Bytes sealed, u8 *out, size_t *out_n)
{
    unsigned long long n = 0;
    if (sealed.n < NONCE + TAG)
        return false;
    int code = crypto_aead_xchacha20poly1305_ietf_decrypt(out, &n, NULL, sealed.at + NONCE,
                                                          sealed.n - NONCE, (const u8 *)context.at,
                                                          context.n, sealed.at, key);
    *out_n = (size_t)n;
    return code == 0;
}

static void mac(const u8 *key, Bytes data, u8 *out)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, KEY_BYTES);
    crypto_auth_hmacsha256_update(&state, data.at, data.n);
    crypto_auth_hmacsha256_final(&state, out);
}

static void hash(Bytes data, u8 *out)
{
    crypto_hash_sha256(out, data.at, data.n);
}

const Cipher CIPHER_SODIUM = { "sodium", NONCE + TAG, seal, open, mac, hash };
