/* tally.c -- how many matters stand in which state: delta rows with each event, folded by a job. */
#include "flow/private.h"

#include "text/text.h"

enum { FOLD_MAX = 5000, FOLDS_MAX = 10000 };

Err flow_standings(Ctx *cx, Str flow, Standing **out)
{
    Query q = QUERY(cx, "SELECT state, CAST(SUM(n) AS BIGINT) FROM ("
                        "SELECT state, n FROM tally WHERE flow = $1"
                        " UNION ALL SELECT to_state, 1 FROM tally_delta WHERE flow = $1"
                        " UNION ALL SELECT from_state, -1 FROM tally_delta WHERE flow = $1) s"
                        " WHERE state <> '' GROUP BY state ORDER BY state", T(flow));
    *out = NULL;
    while (query_next(&q)) {
        Standing *s = NEW(cx, Standing);
        if (!s)
            break;
        s->state = query_text(&q);
        s->n = query_int(&q);
        *out = s;
        out = &s->next;
    }
    return query_end(&q);
}

/* The oldest deltas, as many as one write may take; arg: bool, were there so many? */
static Err fold(Ctx *cx, void *arg)
{
    bool *out_more = arg;
    Query last =
        QUERY(cx, "SELECT COALESCE(MAX(id), 0), COUNT(*) FROM"
                  " (SELECT id FROM tally_delta ORDER BY id LIMIT $1) s", I(FOLD_MAX));
    query_next(&last);
    i64 until = query_int(&last);
    *out_more = query_int(&last) == FOLD_MAX;
    TRY(query_end(&last));
    if (!until)
        return OK;
    Query q =
        QUERY(cx,
              "INSERT INTO tally (flow, state, n) SELECT flow, state, CAST(SUM(n) AS BIGINT) FROM ("
              "SELECT flow, to_state AS state, 1 AS n FROM tally_delta WHERE id <= $1"
              " UNION ALL SELECT flow, from_state, -1 FROM tally_delta WHERE id <= $1) s"
              " WHERE state <> '' GROUP BY flow, state"
              " ON CONFLICT (flow, state) DO UPDATE SET n = tally.n + excluded.n",
              I(until));
    TRY(query_run(&q));
    Query clear = QUERY(cx, "DELETE FROM tally_delta WHERE id <= $1", I(until));
    return query_run(&clear);
}

/* All that is there, in portions: figures are read from what is not folded yet, row by row. */
Err flow_fold_tallies(Ctx *cx)
{
    bool more = true;
    for (int n = 0; more && n < FOLDS_MAX; n++)
        TRY(store_write(cx, fold, &more));
    return OK;
}

Err flow_verify_tallies(Ctx *cx)
{
    Query q =
        QUERY(cx, "SELECT flow, state, CAST(SUM(n) AS BIGINT) FROM ("
                  "SELECT flow, state, n FROM tally"
                  " UNION ALL SELECT flow, to_state, 1 FROM tally_delta"
                  " UNION ALL SELECT flow, from_state, -1 FROM tally_delta"
                  " UNION ALL SELECT flow, state, -1 FROM matter) s"
                  " WHERE state <> '' GROUP BY flow, state HAVING CAST(SUM(n) AS BIGINT) <> 0");
    if (query_next(&q)) {
        Str flow = query_text(&q), state = query_text(&q);
        return fail(cx, E_STORE, "flow.tally_differs", V("flow", flow), V("state", state),
                    text_int(cx, "n", query_int(&q)));
    }
    return query_end(&q);
}
