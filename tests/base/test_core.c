/* test_core.c -- arenas, strings, buffers, failures: what everything else stands on. */
#include "support/support.h"

#include <string.h>

static void an_arena_gives_back_to_a_mark(void **state)
{
    Arena a = arena_new(1 << 20);
    (void)state;
    char *first = arena_take(&a, 100);
    ArenaMark mark = arena_mark(&a);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_take(&a, 5000));
    arena_reset_to(&a, mark);
    assert_int_equal(a.used_bytes, mark.used_bytes);
    first[99] = 'x'; /* still ours */
    assert_non_null(arena_take(&a, 1 << 19));
    arena_end(&a);
}

static void an_arena_stops_at_its_maximum(void **state)
{
    Arena a = arena_new(10000);
    (void)state;
    assert_non_null(arena_take(&a, 9000));
    assert_null(arena_take(&a, 2000));
    assert_null(arena_take(&a, SIZE_MAX));
    assert_non_null(arena_take(&a, 900));
    arena_end(&a);
}

static void memory_that_runs_out_is_latched_not_a_crash(void **state)
{
    House *house = house_new();
    Ctx cx = ctx_new(house, 4096);
    (void)state;
    ctx_begin(&cx, (Instant){ 1 });
    assert_null(NEW_ARRAY(&cx, u64, 100000));
    assert_int_equal(ctx_err(&cx), E_LIMIT);
    Str s = str_copy(&cx.arena, (Str){ "", 0 });
    assert_int_equal(s.n, 0);
    assert_null(NEW_ARRAY(&cx, u64, SIZE_MAX / 2)); /* the product would overflow */
    ctx_free(&cx);
    house_end(house);
}

static void a_buffer_latches_when_full(void **state)
{
    Arena a = arena_new(1 << 20);
    Buf b = buf_new(&a, 10);
    (void)state;
    buf_add(&b, S("12345"));
    buf_add(&b, S("6789012"));
    assert_true(buf_is_full(&b));
    assert_str(buf_str(&b), "12345");
    buf_add(&b, S("x"));
    assert_str(buf_str(&b), "12345");
    Buf numbers = buf_new(&a, 1000);
    buf_add_int(&numbers, INT64_MIN);
    buf_add_char(&numbers, ' ');
    buf_add_int(&numbers, INT64_MAX);
    assert_str(buf_str(&numbers), "-9223372036854775808 9223372036854775807");
    arena_end(&a);
}

static void utf8_is_strict(void **state)
{
    static const char *const BAD[] = { "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80",
                                       "\xE4\xBD", "\xFF",         "\xE0\x80\x80",
                                       "a\x80" };
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_false(str_is_utf8(str_of(BAD[i])));
    assert_false(str_is_utf8((Str){ "a\0b", 3 }));
    assert_true(str_is_utf8(S("邻里 é 𠀋")));
    assert_int_equal(str_chars(S("邻里 é 𠀋")), 6);
}

static void integers_are_whole_and_bounded(void **state)
{
    i64 n;
    (void)state;
    assert_true(str_to_int(S("-42"), &n));
    assert_int_equal(n, -42);
    assert_true(str_to_int(S("9223372036854775807"), &n));
    assert_false(str_to_int(S("9223372036854775808"), &n));
    assert_false(str_to_int(S("1.5"), &n));
    assert_false(str_to_int(S(""), &n));
    assert_false(str_to_int(S("-"), &n));
    assert_false(str_to_int(S(" 1"), &n));
    assert_false(str_to_int(S("99999999999999999999"), &n));
}

static void cutting_gives_every_part_and_then_no_more(void **state)
{
    Str rest = S("a,,b,"), part;
    const char *const want[] = { "a", "", "b", "" };
    (void)state;
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(str_cut(&rest, ',', &part));
        assert_str(part, want[i]);
    }
    assert_false(str_cut(&rest, ',', &part));
}

static void base64url_and_hex_go_both_ways(void **state)
{
    Arena a = arena_new(1 << 16);
    u8 bytes[70];
    Bytes back;
    (void)state;
    for (size_t n = 0; n < sizeof bytes; n++) {
        bytes[n] = (u8)(n * 97 + 3);
        assert_true(bytes_from_base64url(&a, str_base64url(&a, (Bytes){ bytes, n }), &back));
        assert_true(bytes_are(back, (Bytes){ bytes, n }));
        assert_true(bytes_from_hex(&a, str_hex(&a, (Bytes){ bytes, n }), &back));
        assert_true(bytes_are(back, (Bytes){ bytes, n }));
    }
    assert_false(bytes_from_base64url(&a, S("a"), &back));
    assert_false(bytes_from_base64url(&a, S("aB"), &back)); /* bits left over */
    assert_false(bytes_from_hex(&a, S("0g"), &back));
    arena_end(&a);
}

static void the_first_failure_stays(void **state)
{
    World *w = world_bare();
    Ctx *cx = &w->cx;
    (void)state;
    assert_int_equal(fail(cx, E_MISSING, "places.no_such_place"), E_MISSING);
    assert_int_equal(fail(cx, E_BUG, "route.no_reply"), E_BUG);
    assert_int_equal(ctx_err(cx), E_MISSING);
    assert_str(failure_text(cx), "There is no place with this code on that day.");
    cx->lang = LANG_ZH;
    assert_str(failure_text(cx), "那一天没有这个代码的地点。");
    ctx_forgive(cx);
    fail(cx, E_INPUT, "rules.no_such_rule", V("rule", S("X-1")), V("day", S("2018-01-01")));
    cx->lang = LANG_EN;
    assert_str(failure_text(cx), "There is no rule X-1 that holds on 2018-01-01.");
    world_end(w);
}

static int closed;

static void count_close(void *thing)
{
    closed += *(int *)thing;
}

static void what_was_deferred_is_closed_newest_first_and_to_a_mark(void **state)
{
    World *w = world_bare();
    int one = 1, ten = 10;
    (void)state;
    closed = 0;
    assert_int_equal(ctx_defer(&w->cx, count_close, &one), OK);
    CtxMark mark = ctx_mark(&w->cx);
    assert_int_equal(ctx_defer(&w->cx, count_close, &ten), OK);
    fail(&w->cx, E_BUG, "route.no_reply");
    ctx_reset_to(&w->cx, mark);
    assert_int_equal(closed, 10);
    assert_int_equal(ctx_err(&w->cx), OK);
    ctx_end(&w->cx);
    assert_int_equal(closed, 11);
    world_end(w);
}

TESTS("base/core", cmocka_unit_test(an_arena_gives_back_to_a_mark),
      cmocka_unit_test(an_arena_stops_at_its_maximum),
      cmocka_unit_test(memory_that_runs_out_is_latched_not_a_crash),
      cmocka_unit_test(a_buffer_latches_when_full), cmocka_unit_test(utf8_is_strict),
      cmocka_unit_test(integers_are_whole_and_bounded),
      cmocka_unit_test(cutting_gives_every_part_and_then_no_more),
      cmocka_unit_test(base64url_and_hex_go_both_ways), cmocka_unit_test(the_first_failure_stays),
      cmocka_unit_test(what_was_deferred_is_closed_newest_first_and_to_a_mark))
