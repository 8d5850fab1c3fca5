/* test_vault.c -- sealed values: two ciphers, one promise; keys; commitments; looks. */
#include "support/support.h"

#include "vault/private.h"

#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

static const Cipher *const CIPHERS[] = { &CIPHER_SODIUM, &CIPHER_SM };
static const u8 KEY[KEY_BYTES] = "0123456789abcdeffedcba9876543210";

/* ------------------------------------------------------------------ ciphers */

static void both_ciphers_open_what_they_sealed(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(CIPHERS); c++) {
        for (size_t n = 0; n < 70; n++) {
            u8 plain[70], sealed[200], opened[200];
            size_t sealed_n = 0, opened_n = 0;
            memset(plain, (int)n, sizeof plain);
            assert_true(CIPHERS[c]->seal(KEY, S("place"), (Bytes){ plain, n }, sealed, &sealed_n));
            assert_true(sealed_n <= n + CIPHERS[c]->overhead_bytes);
            assert_true(
                CIPHERS[c]->open(KEY, S("place"), (Bytes){ sealed, sealed_n }, opened, &opened_n));
            assert_int_equal(opened_n, n);
            assert_memory_equal(opened, plain, n);
        }
    }
}

static void one_changed_bit_anywhere_closes_it(void **state)
{
    (void)state;
    Bytes plain = bytes_of(S("510105189001010016"));
    for (size_t c = 0; c < COUNT(CIPHERS); c++) {
        u8 sealed[200], opened[200];
        size_t sealed_n = 0, opened_n;
        assert_true(CIPHERS[c]->seal(KEY, S("place"), plain, sealed, &sealed_n));
        for (size_t bit = 0; bit < sealed_n * 8; bit++) {
            sealed[bit / 8] ^= (u8)(1 << bit % 8);
            assert_false(
                CIPHERS[c]->open(KEY, S("place"), (Bytes){ sealed, sealed_n }, opened, &opened_n));
            sealed[bit / 8] ^= (u8)(1 << bit % 8);
        }
        for (size_t n = 0; n < sealed_n; n++)
            assert_false(
                CIPHERS[c]->open(KEY, S("place"), (Bytes){ sealed, n }, opened, &opened_n));
        assert_false(
            CIPHERS[c]->open(KEY, S("elsewhere"), (Bytes){ sealed, sealed_n }, opened, &opened_n));
        u8 other[KEY_BYTES];
        memcpy(other, KEY, KEY_BYTES);
        other[31] ^= 1;
        assert_false(
            CIPHERS[c]->open(other, S("place"), (Bytes){ sealed, sealed_n }, opened, &opened_n));
    }
}

static void the_same_value_never_looks_the_same_twice(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(CIPHERS); c++) {
        u8 one[200], two[200];
        size_t one_n, two_n;
        assert_true(CIPHERS[c]->seal(KEY, S("p"), bytes_of(S("same")), one, &one_n));
        assert_true(CIPHERS[c]->seal(KEY, S("p"), bytes_of(S("same")), two, &two_n));
        assert_memory_not_equal(one, two, one_n);
    }
}

static void the_national_hash_is_that_of_the_vectors(void **state)
{
    (void)state;
    World *w = world_bare();
    const Json *all = json_in(test_json(&w->cx, "data/vectors.json"), "sm3");
    for (size_t i = 0; i < json_count(all); i++) {
        const Json *v = json_at(all, i);
        u8 hash[MAC_BYTES];
        Str message = json_text_in(v, "msg");
        CIPHER_SM.hash(bytes_of(message), hash);
        assert_true(
            str_is(str_hex(&w->cx.arena, (Bytes){ hash, sizeof hash }), json_text_in(v, "hex")));
    }
    world_end(w);
}

/* What SM4-CBC made is opened again with the library's own SM4 in ECB, block by block, after the
** block cipher itself was held against the standard's example. */
static void the_national_cipher_is_sm4_in_cbc(void **state)
{
    (void)state;
    World *w = world_bare();
    const Json *v = json_at(json_in(test_json(&w->cx, "data/vectors.json"), "sm4"), 0);
    Bytes key, plain, want;
    u8 sealed[200], block[32];
    size_t sealed_n;
    int n = 0;
    assert_true(bytes_from_hex(&w->cx.arena, json_text_in(v, "key"), &key));
    assert_true(bytes_from_hex(&w->cx.arena, json_text_in(v, "pt"), &plain));
    assert_true(bytes_from_hex(&w->cx.arena, json_text_in(v, "ct"), &want));
    EVP_CIPHER_CTX *ecb = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(ecb, EVP_sm4_ecb(), NULL, key.at, NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(ecb, block, &n, plain.at, 16), 1);
    assert_memory_equal(block, want.at, 16);

    u8 pair[KEY_BYTES] = { 0 };
    memcpy(pair, key.at, 16);
    assert_true(CIPHER_SM.seal(pair, S("p"), plain, sealed, &sealed_n));
    assert_int_equal(sealed_n, 16 + 32 + 32); /* iv, the block and its padding, tag */
    u8 first[16];
    for (int i = 0; i < 16; i++)
        first[i] = plain.at[i] ^ sealed[i];
    assert_int_equal(EVP_EncryptUpdate(ecb, block, &n, first, 16), 1);
    assert_memory_equal(block, sealed + 16, 16);
    EVP_CIPHER_CTX_free(ecb);
    world_end(w);
}

/* ------------------------------------------------------------------ keys */

static void a_key_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    World *w = world_bare();
    Ctx *cx = &w->cx;
    Str path = world_path(w, "x.keys");
    assert_ok(cx, keys_make(cx, path, S("sodium")));
    assert_fails(cx, keys_make(cx, path, S("sodium")), E_CONFLICT, "vault.key_file_exists");
    assert_int_equal(chmod(path.at, 0640), 0);
    assert_fails(cx, keys_use(cx, path), E_DENIED, "vault.key_file_open");
    assert_int_equal(chmod(path.at, 0600), 0);
    assert_ok(cx, keys_use(cx, path));
    assert_fails(cx, keys_make(cx, world_path(w, "y.keys"), S("rot13")), E_INPUT,
                 "vault.unknown_cipher");
    assert_fails(cx, keys_use(cx, world_path(w, "none.keys")), E_MISSING, "vault.no_key_file");
    world_end(w);
}

static void a_damaged_key_file_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "linli-keys 2\n",
        "linli-keys 1\nseal 1 sodium short\n",
        "linli-keys 1\nseal one sodium AAAA\n",
        "linli-keys 1\nseal 1 sodium AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        World *w = world_bare();
        assert_ok(&w->cx, disk_write(&w->cx, world_path(w, "x.keys"), str_of(BAD[i]), 0600));
        assert_fails(&w->cx, keys_use(&w->cx, world_path(w, "x.keys")), E_INPUT,
                     "vault.bad_key_file");
        world_end(w);
    }
}

typedef struct Put {
    SealedRef ref;
    Str value, commitment;
} Put;

static Err put_value(Ctx *cx, void *arg)
{
    Put *p = arg;
    return vault_put(cx, p->ref, p->value, vault_mark(cx, p->ref.field, p->value), &p->commitment);
}

static Put put(Ctx *cx, i64 owner, const char *field, const char *value)
{
    Put p = { .ref = { S("test"), owner, 1, str_of(field) }, .value = str_of(value) };
    assert_ok(cx, store_write(cx, put_value, &p));
    return p;
}

static Err erase_value(Ctx *cx, void *arg)
{
    return vault_erase(cx, ((Put *)arg)->ref);
}

/* A newer key of the other cipher seals from now on; what was sealed, marked and committed
   before still holds. */
static void rotating_to_the_other_cipher_keeps_all_that_was(void **state)
{
    (void)state;
    static const char *const FROM_TO[][2] = { { "sodium", "sm" }, { "sm", "sodium" } };
    for (size_t i = 0; i < COUNT(FROM_TO); i++) {
        World *w = world_with_cipher("town", FROM_TO[i][0]), *again = world_bare();
        Ctx *cx = &again->cx;
        Str value;
        bool matches = false;
        Owner *owners;
        Put p = put(&w->cx, 7, "phone", "15412345678");
        assert_ok(cx, keys_rotate(cx, world_path(w, "linli.keys"), str_of(FROM_TO[i][1])));
        assert_ok(cx, keys_use(cx, world_path(w, "linli.keys")));
        assert_ok(cx, store_attach(cx, w->store));
        Put later = put(cx, 8, "phone", "15412345678");
        assert_ok(cx, vault_get(cx, p.ref, &value));
        assert_str(value, "15412345678");
        assert_ok(cx, vault_get(cx, later.ref, &value));
        assert_str(value, "15412345678");
        assert_ok(cx, vault_check(cx, p.ref, p.commitment, &matches));
        assert_true(matches);
        assert_ok(cx, vault_list_owners(cx, S("test"), vault_mark(cx, S("phone"), S("15412345678")),
                                        10, &owners));
        assert_true(owners && owners->owner == 8 && owners->next && owners->next->owner == 7);
        world_end(again);
        world_end(w);
    }
}

/* ------------------------------------------------------------------ rows */

static void a_value_moved_to_another_place_does_not_open(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str value;
    Put a = put(cx, 1, "phone", "15412345678");
    put(cx, 2, "phone", "15487654321");
    assert_ok(cx, store_write(cx, erase_value, &a));
    Put moved = { .ref = { S("test"), 1, 1, S("phone") } };
    Bytes blob;
    Query read = QUERY(cx, "SELECT blob FROM sealed WHERE kind = 'test' AND owner = 2");
    assert_true(query_next(&read));
    blob = query_bytes(&read);
    assert_ok(cx, query_end(&read));
    store_rest(cx);
    assert_fails(cx, vault_open(cx, S("test/1/1/phone"), blob, &value), E_STORE,
                 "vault.does_not_open");
    assert_ok(cx, vault_open(cx, S("test/2/1/phone"), blob, &value));
    assert_fails(cx, vault_get(cx, moved.ref, &value), E_MISSING, "vault.erased");
    world_end(w);
}

static void erasing_takes_the_value_and_leaves_the_commitment_meaningless(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str value;
    Put a = put(cx, 1, "name", "Zhang Test"), b = put(cx, 2, "name", "Zhang Test");
    /* salted: the same name does not show as the same */
    assert_false(str_is(a.commitment, b.commitment));
    assert_ok(cx, store_write(cx, erase_value, &a));
    assert_ok(cx, vault_find(cx, a.ref, &value));
    assert_str(value, "");
    assert_ok(cx, vault_get(cx, b.ref, &value));
    assert_str(value, "Zhang Test");
    world_end(w);
}

static void nothing_sealed_stands_in_the_file_in_clear(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Str file;
    size_t at;
    world_at(w, "2018-10-10 09:12");
    apply_for(cx, "residence-permit", "510105007001");
    file = world_copy(w);
    assert_true(str_find(file, S("residence-permit"), &at));
    assert_false(str_find(file, S("510105189001010016"), &at));
    assert_false(str_find(file, S("15412345678"), &at));
    assert_false(str_find(file, S("测试巷1号2栋"), &at));
    world_end(w);
}

/* ------------------------------------------------------------------ looks */

static void a_look_is_written_down_before_it_is_shown_and_has_a_bound(void **state)
{
    (void)state;
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    Str value;
    Look *looks;
    Put p = put(cx, 1, "phone", "15412345678");
    world_at(w, "2024-10-10 09:12");
    act_as(w, "carla", "window", NULL, "MB");
    for (int i = 0; i < 60; i++)
        assert_ok(cx, vault_look(cx, p.ref, S("window"), (BodyId){ 0 }, S("to call back"), &value));
    assert_str(value, "15412345678");
    assert_fails(cx, vault_look(cx, p.ref, S("window"), (BodyId){ 0 }, S("again"), &value), E_LIMIT,
                 "vault.looked_too_often");
    assert_ok(cx, vault_list_looks(cx, S("test"), 1, 0, 100, &looks));
    int n = 0;
    for (Look *look = looks; look; look = look->next, n++)
        assert_str(look->reason, "to call back");
    assert_int_equal(n, 60);
    PersonId carla = cx->actor.person;
    PostId post = cx->actor.post;
    world_at(w, "2024-10-10 10:13");
    cx->actor = (Actor){ .kind = ACTOR_STAFF, .person = carla, .post = post };
    assert_ok(cx, vault_look(cx, p.ref, S("window"), (BodyId){ 0 }, S("an hour later"), &value));
    world_end(w);
}

TESTS("vault", cmocka_unit_test(both_ciphers_open_what_they_sealed),
      cmocka_unit_test(one_changed_bit_anywhere_closes_it),
      cmocka_unit_test(the_same_value_never_looks_the_same_twice),
      cmocka_unit_test(the_national_hash_is_that_of_the_vectors),
      cmocka_unit_test(the_national_cipher_is_sm4_in_cbc),
      cmocka_unit_test(a_key_file_that_others_may_read_is_refused),
      cmocka_unit_test(a_damaged_key_file_is_refused),
      cmocka_unit_test(rotating_to_the_other_cipher_keeps_all_that_was),
      cmocka_unit_test(a_value_moved_to_another_place_does_not_open),
      cmocka_unit_test(erasing_takes_the_value_and_leaves_the_commitment_meaningless),
      cmocka_unit_test(nothing_sealed_stands_in_the_file_in_clear),
      cmocka_unit_test(a_look_is_written_down_before_it_is_shown_and_has_a_bound))
