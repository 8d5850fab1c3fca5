/* test_record.c -- the record of events: canonical rows, and verifying that names the first bad
** one. */
#include "support/support.h"

/* One application with a few events. */
static MatterId some_matter(World *w)
{
    Ctx *cx = &w->cx;
    Values none = { 0 }, accept = { 0 };
    world_at(w, "2024-01-02 09:00");
    MatterId id = apply_for(cx, "food-business", "510105007001");
    act_as(w, "win", "window", NULL, "510105007001");
    value_add(cx, &accept, S("papers_received"), S("identity"));
    assert_ok(cx, flow_take(cx, id, S("accept"), &accept, 0));
    act_as(w, "dec", "window", NULL, "510105007001");
    value_add(cx, &none, S("withdrawal_reason"), S("moved away"));
    assert_ok(cx, flow_take(cx, id, S("withdraw"), &none, 0));
    return id;
}

static Err verify(Ctx *cx)
{
    i64 last = 0, checked = 0;
    TRY(record_verify(cx, 0, 1000, &last, &checked));
    TRY(flow_verify_matters(cx, 0, 1000, &last));
    return flow_verify_tallies(cx);
}

static Err run_sql(Ctx *cx, void *sql)
{
    Query q = QUERY_TEXT(cx, *(Str *)sql);
    return query_run(&q);
}

static void assert_found_out(const char *sql, const char *key)
{
    World *w = world_new("cn-qingyang");
    Str text = str_of(sql);
    some_matter(w);
    assert_ok(&w->cx, verify(&w->cx));
    assert_ok(&w->cx, store_write(&w->cx, run_sql, &text));
    assert_fails(&w->cx, verify(&w->cx), E_STORE, key);
    world_end(w);
}

static void an_event_is_canonical_and_holds_no_person(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Ctx *cx = &w->cx;
    Event *e;
    size_t at;
    MatterId id = some_matter(w);
    assert_ok(cx, record_list(cx, id, &e));
    assert_true(str_starts(e->canon, S("{\"at\":1704157200000,\"body\":\"\",\"flow\":\"")));
    assert_true(str_find(e->canon, S("\"n\":1,\"payload\":{"), &at));
    assert_true(str_find(e->canon, S("\"step\":\"submit\",\"to\":\"submitted\"}"), &at));
    assert_false(str_find(e->canon, S("510105189001010016"), &at));
    assert_int_equal(e->n, 1);
    assert_int_equal(e->next->n, 2);
    assert_str(e->class, "public");
    /* a commitment, not a number */
    assert_false(str_find(e->next->canon, S("\"post\":\"1\""), &at));
    world_end(w);
}

static void erasing_a_person_s_values_leaves_the_record_whole(void **state)
{
    (void)state;
    World *w = world_new("cn-qingyang");
    Str text = S("DELETE FROM sealed WHERE kind = 'matter' AND field <> '_post'");
    some_matter(w);
    assert_ok(&w->cx, store_write(&w->cx, run_sql, &text));
    assert_ok(&w->cx, verify(&w->cx));
    world_end(w);
}

static void whatever_is_altered_is_found_and_named(void **state)
{
    (void)state;
    assert_found_out(
        "UPDATE event SET canon = replace(canon, 'public', 'secret') || ' ' WHERE n = 2",
        "record.event_differs");
    assert_found_out("UPDATE event SET at = at + 1 WHERE n = 2", "record.event_differs");
    assert_found_out("UPDATE event SET step = 'refuse' WHERE n = 2", "record.event_differs");
    assert_found_out("UPDATE event SET person = person + 1 WHERE n = 2", "record.event_differs");
    assert_found_out("UPDATE event SET post = NULL, person = NULL WHERE n = 2",
                     "record.event_differs");
    assert_found_out("DELETE FROM event WHERE n = 2", "record.gap");
    assert_found_out("DELETE FROM event WHERE n = 3", "flow.matter_differs");
    assert_found_out("UPDATE matter SET state = 'review', closed_at = NULL", "flow.matter_differs");
    assert_found_out("UPDATE matter SET number = number || '0'", "flow.event_does_not_fit");
    assert_found_out(
        "UPDATE sealed SET blob = (SELECT s.blob FROM sealed s WHERE s.field <> sealed.field"
        " LIMIT 1) WHERE kind = 'matter' AND field = 'applicant_name'",
        "vault.does_not_open");
    assert_found_out("DELETE FROM tally_delta WHERE id = 1", "flow.tally_differs");
    assert_found_out("UPDATE tally_delta SET to_state = 'closed' WHERE id = 1",
                     "flow.tally_differs");
}

/* Whoever is left out of a queue is never served: the desks are recomputed like everything else. */
static void what_waits_elsewhere_than_it_should_is_found_and_named(void **state)
{
    (void)state;
    static const char *const DAMAGE[] = {
        "DELETE FROM waiting WHERE matter = 1",
        "UPDATE waiting SET due_at = due_at + 1 WHERE matter = 1",
        "UPDATE waiting SET desk = desk + 1000 WHERE matter = 1",
        "UPDATE waiting SET role = 'issuer' WHERE matter = 1 AND role = 'window'",
        "INSERT INTO waiting (role, desk, due_at, matter) VALUES ('audit', 1, 1, 1)",
        "UPDATE matter SET due_at = due_at + 1",
        "UPDATE matter SET due_provisional = NOT due_provisional",
        "INSERT INTO waiting (role, desk, due_at, matter) VALUES ('window', 1, 1, 2)",
    };
    for (size_t i = 0; i < COUNT(DAMAGE); i++) {
        World *w = world_new("cn-qingyang");
        Str text = str_of(DAMAGE[i]);
        world_at(w, "2024-01-02 09:00");
        MatterId waiting = apply_for(&w->cx, "food-business", "510105007001");
        MatterId closed = some_matter(w);
        assert_int_equal(waiting.value, 1);
        assert_int_equal(closed.value, 2);
        assert_ok(&w->cx, verify(&w->cx));
        assert_ok(&w->cx, store_write(&w->cx, run_sql, &text));
        assert_fails(&w->cx, verify(&w->cx), E_STORE, "flow.desk_differs");
        world_end(w);
    }
}

TESTS("record", cmocka_unit_test(an_event_is_canonical_and_holds_no_person),
      cmocka_unit_test(erasing_a_person_s_values_leaves_the_record_whole),
      cmocka_unit_test(whatever_is_altered_is_found_and_named),
      cmocka_unit_test(what_waits_elsewhere_than_it_should_is_found_and_named))
