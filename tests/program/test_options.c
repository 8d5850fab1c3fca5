/* test_options.c -- where settings come from, and which of them counts. */
#include "support/support.h"

#include <stdio.h>

/* A world with a configuration file of this text; its path is at path. */
static World *world_with_file(const char *text, char path[300])
{
    World *w = world_bare();
    snprintf(path, 300, "%.*s", STR_ARGS(world_path(w, "linli.conf")));
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0);
    return w;
}

static void a_file_is_read_whichever_way_it_is_named(void **state)
{
    char path[300], joined[320];
    Options o;
    World *w = world_with_file("# where it lies\ndb = of-the-file.db\n", path);
    snprintf(joined, sizeof joined, "--config=%s", path);
    char *apart[] = { "linli", "serve", "--config", path };
    (void)state;
    assert_ok(&w->cx, options_read(&w->cx, 4, apart, WORDS_MAX, &o));
    assert_true(str_is(o.db, S("of-the-file.db")));
    assert_ok(&w->cx,
              options_read(&w->cx, 3, (char *[]){ "linli", "serve", joined }, WORDS_MAX, &o));
    assert_true(str_is(o.db, S("of-the-file.db")));
    world_end(w);
}

static void the_command_line_beats_the_file(void **state)
{
    char path[300];
    Options o;
    World *w = world_with_file("db = of-the-file.db\nlisten = 127.0.0.1:9\n", path);
    char *words[] = { "linli", "serve", "--db", "told.db", "--config", path };
    (void)state;
    assert_ok(&w->cx, options_read(&w->cx, 6, words, WORDS_MAX, &o));
    assert_true(str_is(o.db, S("told.db")));
    assert_true(str_is(o.listen, S("127.0.0.1:9")));
    world_end(w);
}

static void a_file_that_is_not_named_is_missed(void **state)
{
    char path[300];
    Options o;
    World *w = world_with_file("", path);
    char *words[] = { "linli", "serve", "--config" };
    (void)state;
    assert_int_equal(options_read(&w->cx, 3, words, WORDS_MAX, &o), E_INPUT);
    assert_string_equal(w->cx.failure.key, "program.option_needs_value");
    world_end(w);
}

static void an_unknown_setting_is_told(void **state)
{
    char path[300];
    Options o;
    World *w = world_with_file("databse = of-the-file.db\n", path);
    char *words[] = { "linli", "serve", "--config", path };
    (void)state;
    assert_int_equal(options_read(&w->cx, 4, words, WORDS_MAX, &o), E_INPUT);
    assert_string_equal(w->cx.failure.key, "program.unknown_setting");
    world_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whichever_way_it_is_named),
        cmocka_unit_test(the_command_line_beats_the_file),
        cmocka_unit_test(a_file_that_is_not_named_is_missed),
        cmocka_unit_test(an_unknown_setting_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
