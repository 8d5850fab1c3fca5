/* cipher.h -- the seam for ciphers: how bytes are sealed and marked; included only inside the
** vault. */
#ifndef VAULT_CIPHER_H
#define VAULT_CIPHER_H

#include "core/core.h"

enum { KEY_BYTES = 32, MAC_BYTES = 32 };

typedef struct Cipher {
    const char *name;
    size_t overhead_bytes; /* nonce, padding and tag together, at most */
    /* Seals plain under the key, bound to context; out has room for plain.n + overhead_bytes. */
    bool (*seal)(const u8 *key, Str context, Bytes plain, u8 *out, size_t *out_n);
    /* Opens; false when the key, the context or a single bit is not what it was. */
    bool (*open)(const u8 *key, Str context, Bytes sealed, u8 *out, size_t *out_n);
    /* A keyed hash, MAC_BYTES long. */
    void (*mac)(const u8 *key, Bytes data, u8 *out);
    /* A plain hash, MAC_BYTES long. */
    void (*hash)(Bytes data, u8 *out);
} Cipher;

extern const Cipher CIPHER_SODIUM; /* XChaCha20-Poly1305, HMAC-SHA-256, SHA-256: libsodium */
extern const Cipher CIPHER_SM;     /* SM4-CBC with HMAC-SM3, SM3: OpenSSL (GM/T 0002, 0004) */

#endif
