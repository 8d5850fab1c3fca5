/* test_limit.c -- whose address counts, and how much it has left. */
#include "support/support.h"

#include "limit/private.h"

#include <stdlib.h>
#include <string.h>

static void same(const char *a, const char *b, bool want)
{
    Address one, other;
    assert_true(address_parse(str_of(a), &one));
    assert_true(address_parse(str_of(b), &other));
    assert_int_equal(memcmp(&one, &other, sizeof one) == 0, want);
}

static void an_address_is_the_same_however_it_is_written(void **state)
{
    static const char *const NONE[] = { "", "unknown", "1.2.3", "1.2.3.4.5", "::g", "12345",
                                        "0a0b0c0", "zz000000" };
    Address a;
    (void)state;
    same("c0000201", "192.0.2.1", true);
    same("192.0.2.1:443", "192.0.2.1", true);
    same("[2001:db8::1]:443", "2001:db8:0:0::1", true);
    same("20010db8000000000000000000000001", "2001:db8::1", true);
    same("::ffff:192.0.2.1", "192.0.2.1", true);
    same("192.0.2.1", "192.0.2.2", false);
    for (size_t i = 0; i < COUNT(NONE); i++)
        assert_false(address_parse(str_of(NONE[i]), &a));
}

static void comes_from(const char *source, const char *forwarded, const char *want)
{
    static const LimitOptions OPTIONS = { .proxies = { "198.51.100.1, 198.51.100.2", 26 } };
    Address a = address_of(&OPTIONS, str_of(source), str_of(forwarded));
    assert_true(address_is_among(&a, str_of(want)));
}

static void only_a_known_proxy_says_for_whom_it_speaks(void **state)
{
    (void)state;
    comes_from("198.51.100.2", "203.0.113.9, 192.0.2.7", "192.0.2.7");
    comes_from("127.0.0.1", "192.0.2.7", "192.0.2.7");
    comes_from("::1", "2001:db8::5", "2001:db8::5");
    comes_from("203.0.113.9", "192.0.2.7", "203.0.113.9");
    comes_from("127.0.0.1", "", "127.0.0.1");
    comes_from("127.0.0.1", "192.0.2.7, unknown", "127.0.0.1");
}

static void a_bucket_empties_and_fills_evenly_in_an_hour(void **state)
{
    Limits *limits = calloc(1, sizeof *limits);
    i64 seconds, now = 1000 * MS_PER_HOUR;
    (void)state;
    assert_non_null(limits);
    for (int i = 0; i < 60; i++)
        assert_true(bucket_take(limits, 7, 60, now, &seconds));
    assert_false(bucket_take(limits, 7, 60, now, &seconds));
    assert_in_range(seconds, 60, 60);
    assert_true(bucket_take(limits, 8, 60, now, &seconds)); /* another is not hindered */
    assert_false(bucket_take(limits, 7, 60, now + 59 * MS_PER_SECOND, &seconds));
    assert_true(bucket_take(limits, 7, 60, now + 60 * MS_PER_SECOND, &seconds));
    assert_false(bucket_take(limits, 7, 60, now + 60 * MS_PER_SECOND, &seconds));
    for (int i = 0; i < 60; i++)
        assert_true(bucket_take(limits, 7, 60, now + 3 * MS_PER_HOUR, &seconds));
    assert_false(bucket_take(limits, 7, 60, now + 3 * MS_PER_HOUR, &seconds));
    assert_false(bucket_take(limits, 7, 60, now, &seconds)); /* a clock set back gives nothing */
    free(limits);
}

static void a_full_table_forgets_who_came_longest_ago(void **state)
{
    Limits *limits = calloc(1, sizeof *limits);
    i64 seconds, now = 1000 * MS_PER_HOUR;
    (void)state;
    assert_non_null(limits);
    for (u64 i = 0; i < LIMIT_WAYS; i++)
        assert_true(bucket_take(limits, 1 + i * LIMIT_SETS, 1, now + (i64)i, &seconds));
    assert_false(bucket_take(limits, 1 + LIMIT_SETS, 1, now + 10, &seconds));
    assert_true(bucket_take(limits, 1 + LIMIT_WAYS * LIMIT_SETS, 1, now + 11, &seconds));
    assert_false(bucket_take(limits, 1 + LIMIT_SETS, 1, now + 12, &seconds));
    assert_true(bucket_take(limits, 1, 1, now + 13, &seconds));
    free(limits);
}

static void an_address_counts_for_itself_each_kind_apart_and_trusted_ones_not_at_all(void **state)
{
    World *w = world_new("town");
    Ctx *cx = &w->cx;
    i64 seconds;
    LimitOptions options = { { 0, 2, 1 }, S("192.0.2.50,2001:db8:1::7"), STR_EMPTY };
    (void)state;
    assert_ok(cx, limit_use(cx, options));
    assert_ok(cx, limit_take(cx, LIMIT_DRAFTS, S("192.0.2.1"), STR_EMPTY, &seconds));
    assert_ok(cx, limit_take(cx, LIMIT_DRAFTS, S("192.0.2.1"), STR_EMPTY, &seconds));
    assert_fails(cx, limit_take(cx, LIMIT_DRAFTS, S("192.0.2.1"), STR_EMPTY, &seconds), E_LIMIT,
                 "limit.too_many_drafts");
    assert_in_range(seconds, 1800, 1800);
    assert_ok(cx, limit_take(cx, LIMIT_SUBMISSIONS, S("192.0.2.1"), STR_EMPTY, &seconds));
    assert_ok(cx, limit_take(cx, LIMIT_DRAFTS, S("192.0.2.2"), STR_EMPTY, &seconds));
    for (int i = 0; i < 5; i++)
        assert_ok(cx, limit_take(cx, LIMIT_SUBMISSIONS, S("192.0.2.50"), STR_EMPTY, &seconds));
    /* One network of IPv6 is one source. */
    assert_ok(cx, limit_take(cx, LIMIT_SUBMISSIONS, S("2001:db8:2::1"), STR_EMPTY, &seconds));
    assert_fails(cx, limit_take(cx, LIMIT_SUBMISSIONS, S("2001:db8:2::2"), STR_EMPTY, &seconds),
                 E_LIMIT, "limit.too_many_submissions");
    options.trusted = S("the library");
    assert_fails(cx, limit_use(cx, options), E_INPUT, "limit.no_address");
    world_end(w);
}

TESTS("limit", cmocka_unit_test(an_address_is_the_same_however_it_is_written),
      cmocka_unit_test(only_a_known_proxy_says_for_whom_it_speaks),
      cmocka_unit_test(a_bucket_empties_and_fills_evenly_in_an_hour),
      cmocka_unit_test(a_full_table_forgets_who_came_longest_ago),
      cmocka_unit_test(an_address_counts_for_itself_each_kind_apart_and_trusted_ones_not_at_all))
