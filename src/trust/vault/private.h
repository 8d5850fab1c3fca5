/* private.h -- keys, shared by the files of the vault. */
#ifndef VAULT_PRIVATE_H
#define VAULT_PRIVATE_H

#include "vault/cipher.h"
#include "vault/vault.h"

enum { KEYS_MAX = 64 };

typedef enum KeyKind { KEY_SEAL, KEY_MARK, KEY_TOKEN, KEY_KINDS } KeyKind;

typedef struct Key {
    KeyKind kind;
    u32 number;
    const Cipher *cipher;
    u8 secret[KEY_BYTES];
} Key;

typedef struct Keys {
    Key at[KEYS_MAX];
    size_t n;
} Keys;

const Keys *keys_of(const Ctx *cx);
const Key *newest_key(const Keys *keys, KeyKind kind);
const Key *numbered_key(const Keys *keys, KeyKind kind, u32 number);

#endif
