/* test_ident.c -- identifiers, masks and check digits, on the vectors and beyond them. */
#include "support/support.h"

#include "ident/ident.h"

static Ctx *vectors(World **w, const Json **out)
{
    *w = world_bare();
    *out = test_json(&(*w)->cx, "data/vectors.json");
    return &(*w)->cx;
}

static bool is_true(const Json *vector)
{
    return json_flag_in(vector, "valid");
}

static void citizen_ids_of_the_vectors(void **state)
{
    World *w;
    const Json *all;
    Ctx *cx = vectors(&w, &all);
    const Json *list = json_in(all, "citizen_id");
    Day today = day_from((Date){ 2026, 1, 1 });
    (void)state;
    assert_true(json_count(list) >= 21);
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *v = json_at(list, i);
        Str id = json_text_in(v, "id"), stored, how = json_text_in(v, "valid");
        const char *fault = citizen_id_fault(&cx->arena, id, today, &stored);
        if (str_is(how, S("legacy15"))) {
            assert_non_null(fault);
            assert_true(citizen_id_upgrade(&cx->arena, id, &stored));
            assert_str(stored, str_c(&cx->arena, json_text_in(v, "upgraded")));
        } else if (is_true(v) || str_is(how, S("normalise"))) {
            if (fault)
                assert_never("%.*s refused: %s", STR_ARGS(id), fault);
        } else if (!fault) {
            assert_never("%.*s accepted", STR_ARGS(id));
        }
        if (is_true(v)) {
            assert_str(day_iso(&cx->arena, citizen_id_birth(stored)),
                       str_c(&cx->arena, json_text_in(v, "birth")));
            assert_int_equal(citizen_id_is_male(stored), str_is(json_text_in(v, "sex"), S("M")));
        }
    }
    world_end(w);
}

static void every_single_digit_error_is_found(void **state)
{
    World *w = world_bare();
    Day today = day_from((Date){ 2026, 1, 1 });
    (void)state;
    for (size_t i = 0; i < 18; i++) {
        char id[] = "510105189001010016";
        Str stored;
        id[i] = id[i] == '9' ? '8' : (char)(id[i] + 1);
        assert_non_null(citizen_id_fault(&w->cx.arena, str_of(id), today, &stored));
    }
    world_end(w);
}

static void full_width_digits_become_plain(void **state)
{
    World *w = world_bare();
    Str stored;
    (void)state;
    assert_null(citizen_id_fault(&w->cx.arena, S(" ５１０１０５１８９００１０１００１６　"),
                                 day_from((Date){ 2026, 1, 1 }), &stored));
    assert_str(stored, "510105189001010016");
    world_end(w);
}

static void credit_codes_of_the_vectors(void **state)
{
    World *w;
    const Json *all;
    Ctx *cx = vectors(&w, &all);
    const Json *list = json_in(all, "uscc");
    (void)state;
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *v = json_at(list, i);
        Str code = json_text_in(v, "code"), stored, reason = json_text_in(v, "reason");
        bool warn;
        size_t at;
        const char *fault = credit_code_fault(&cx->arena, code, &stored, &warn);
        bool only_inner = str_find(reason, S("inner organisation-code"), &at);
        bool good = is_true(v) || str_is(json_text_in(v, "valid"), S("normalise")) || only_inner;
        if ((fault == NULL) != good)
            assert_never("%.*s: %s", STR_ARGS(code), fault ? fault : "accepted");
        assert_int_equal(good && warn, only_inner);
    }
    assert_int_equal(organisation_code_check(S("D2143569")), 'X');
    world_end(w);
}

static void telephones_and_plates_of_the_vectors(void **state)
{
    World *w;
    const Json *all;
    Ctx *cx = vectors(&w, &all);
    static const struct { const char *name; const char *(*fault)(Arena *, Str, Str *); } KINDS[] = {
        { "mobile", mobile_fault }, { "plate", plate_fault },
    };
    (void)state;
    for (size_t k = 0; k < COUNT(KINDS); k++) {
        const Json *list = json_in(all, KINDS[k].name);
        for (size_t i = 0; i < json_count(list); i++) {
            const Json *v = json_at(list, i);
            Str typed = json_text_in(v, "v"), stored;
            const char *fault = KINDS[k].fault(&cx->arena, typed, &stored);
            bool normal = str_is(json_text_in(v, "valid"), S("normalise"));
            if ((fault == NULL) != (is_true(v) || normal))
                assert_never("%.*s: %s", STR_ARGS(typed), fault ? fault : "accepted");
            if (normal)
                assert_str(stored, str_c(&cx->arena, json_text_in(v, "to")));
        }
    }
    world_end(w);
}

static void masks_of_the_vectors(void **state)
{
    World *w;
    const Json *all;
    Ctx *cx = vectors(&w, &all);
    static const struct { const char *kind; Str (*mask)(Arena *, Str); } MASKS[] = {
        { "citizen_id", mask_citizen_id }, { "citizen_id_public", mask_citizen_id_public },
        { "mobile", mask_phone },          { "name", mask_name },
        { "plate", mask_plate },           { "address", mask_address },
    };
    const Json *list = json_in(all, "mask");
    size_t seen = 0;
    (void)state;
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *v = json_at(list, i);
        for (size_t k = 0; k < COUNT(MASKS); k++) {
            if (!str_is(json_text_in(v, "kind"), str_of(MASKS[k].kind)))
                continue;
            assert_str(MASKS[k].mask(&cx->arena, json_text_in(v, "in")),
                       str_c(&cx->arena, json_text_in(v, "out")));
            seen++;
        }
    }
    assert_int_equal(seen, json_count(list));
    world_end(w);
}

static void no_mask_of_an_address_shows_the_door(void **state)
{
    static const char *const CASES[][2] = {
        { "草堂路街道测试巷1号2栋3单元401", "草堂路街道测试巷1号***" },
        { "草堂路街道测试巷１号２栋", "草堂路街道测试巷１号***" },
        { "测试小区12栋3单元401室", "测试小区***" },
        { "测试小区三栋二单元", "测试小区***" },
        { "测试小区B座1203", "测试小区***" },
        { "测试小区5-2-301", "测试小区***" },
        { "测试路3栋401号", "测试路***" },
        { "测试小区3号楼2单元5号", "测试小区***" },
        { "测试村3组12号", "测试村3组***" },
        { "测试路2段15号附3号", "测试路2段15号***" },
        { "12栋3单元401", "***" },
        { "1号", "***" },
        { "401室", "***" },
        { "一环路东二段测试巷", "一环路东二段***" },
        { "测试街道办事处旁边的院子", "测试街道办事***" },
        { "人民路2段张家大院", "人民路2段张***" },
        { "1 Sample Lane, flat 2", "1 Sample Lane, ***" },
        { "Flat 2, 1 Sample Lane", "***" },
        { "1 Sample Lane", "***" },
        { "Rose Cottage, Sample Lane", "Rose C***" },
    };
    (void)state;
    World *w = world_bare();
    for (size_t i = 0; i < COUNT(CASES); i++)
        assert_str(mask_address(&w->cx.arena, str_of(CASES[i][0])), CASES[i][1]);
    world_end(w);
}

static void numbers_carry_a_check_digit(void **state)
{
    (void)state;
    assert_int_equal(digits_check(S("0794")), '5'); /* ISO 7064, example of MOD 11,10 */
    Str digits = S("51010520181010000127");
    char check = digits_check(digits);
    for (size_t i = 0; i < digits.n; i++) {
        char changed[32] = { 0 };
        for (size_t j = 0; j < digits.n; j++)
            changed[j] = digits.at[j];
        changed[i] = (char)('0' + (changed[i] - '0' + 1) % 10);
        assert_int_not_equal(digits_check(str_of(changed)), check);
    }
}

static void query_codes_survive_careless_typing(void **state)
{
    World *w = world_bare();
    u8 random[15];
    Str parsed;
    (void)state;
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (u8)(i * 37 + 5);
    Str code = query_code_from(&w->cx.arena, (Bytes){ random, sizeof random });
    assert_int_equal(code.n, 19);
    Str lower = str_lower(&w->cx.arena, code);
    char *typed = str_c(&w->cx.arena, lower);
    for (char *c = typed; *c; c++)
        *c = *c == '-' ? ' ' : *c == '0' ? 'o' : *c == '1' ? 'l' : *c;
    assert_true(query_code_parse(&w->cx.arena, str_of(typed), &parsed));
    assert_str(parsed, str_c(&w->cx.arena, code));
    typed[0] = typed[0] == 'a' ? 'b' : 'a';
    assert_false(query_code_parse(&w->cx.arena, str_of(typed), &parsed));
    assert_false(query_code_parse(&w->cx.arena, S(""), &parsed));
    world_end(w);
}

TESTS("base/ident", cmocka_unit_test(citizen_ids_of_the_vectors),
      cmocka_unit_test(every_single_digit_error_is_found),
      cmocka_unit_test(full_width_digits_become_plain),
      cmocka_unit_test(credit_codes_of_the_vectors),
      cmocka_unit_test(telephones_and_plates_of_the_vectors),
      cmocka_unit_test(masks_of_the_vectors),
      cmocka_unit_test(no_mask_of_an_address_shows_the_door),
      cmocka_unit_test(numbers_carry_a_check_digit),
      cmocka_unit_test(query_codes_survive_careless_typing))
