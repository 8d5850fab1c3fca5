/* areas.c -- areas from and to files, their topology, and the matters that lie in them. */
#include "program.h"

#include "text/text.h"

enum { EXPORT_BYTES_MAX = 256 << 20 };

/* ------------------------------------------------------------------ what ground cannot know */

Err program_open_matters(Ctx *cx, PlaceId place, AreaMatter **out)
{
    Query q = QUERY(cx, "SELECT id FROM matter WHERE place = $1 AND closed_at IS NULL ORDER BY id",
                    ID(place));
    *out = NULL;
    while (query_next(&q)) {
        AreaMatter *m = NEW(cx, AreaMatter);
        if (!m)
            break;
        m->matter = (MatterId){ query_int(&q) };
        m->place = place;
        *out = m;
        out = &m->next;
    }
    return query_end(&q);
}

/* ------------------------------------------------------------------ options */

static Err read_frame(Ctx *cx, const Options *o, Frame *out)
{
    *out = FRAME_WGS84;
    return o->frame.n == 0 || frame_parse(o->frame, out) ? OK
         : fail(cx, E_INPUT, "areas.no_such_frame", V("frame", o->frame));
}

static Err read_day(Ctx *cx, const Options *o, Day *out)
{
    *out = day_today(cx);
    return o->day.n == 0 || day_parse(o->day, out) ? OK
         : fail(cx, E_INPUT, "program.not_a_day", V("name", S("day")));
}

/* ------------------------------------------------------------------ import */

static void tell_outcome(Ctx *cx, const AreaOutcome *out)
{
    i64 open = 0;
    for (const AreaMatter *m = out->open; m; m = m->next)
        open++;
    print(area_faults_text(cx, &out->told));
    say("%lld areas changed, %lld stayed as they were, %lld places are new, %zu gaps\n",
        (long long)out->changed, (long long)out->same, (long long)out->made, out->told.n);
    if (open)
        say("%lld open matters lie in areas that changed; see whether they still fit\n",
            (long long)open);
}

static Err put_file(Ctx *cx, const Options *o, Frame frame, Day day)
{
    Str text;
    AreaDraft *drafts;
    AreaFaults faults = { 0 };
    AreaOutcome out = { 0 };
    AreaOrder order = { day, o->reason.n ? o->reason : S("linli import areas") };
    TRY(disk_read(cx, o->words[1], GEOJSON_BYTES_MAX, &text));
    Err err = areas_read_geojson(cx, text, frame, &drafts, &faults);
    print(area_faults_text(cx, &faults));
    TRY(err);
    err = areas_put(cx, o->level, drafts, "import", &order, &out);
    if (err)
        print(area_faults_text(cx, &out.told));
    else
        tell_outcome(cx, &out);
    return err;
}

Err areas_import_file(Ctx *cx, const Options *o)
{
    Store *store;
    Frame frame;
    Day day;
    if (o->words_n < 2)
        return fail(cx, E_INPUT, "program.word_missing", V("what", S("FILE.geojson")));
    if (o->level.n == 0)
        return fail(cx, E_INPUT, "program.word_missing", V("what", S("--level NAME")));
    TRY(read_frame(cx, o, &frame));
    TRY(program_open(cx, o, &store));
    TRY(read_day(cx, o, &day));
    return put_file(cx, o, frame, day);
}

/* ------------------------------------------------------------------ export */

Err areas_export_file(Ctx *cx, const Options *o)
{
    Store *store;
    Frame frame;
    Day day;
    Area *list;
    Buf b = buf_new(&cx->arena, EXPORT_BYTES_MAX);
    TRY(read_frame(cx, o, &frame));
    TRY(program_open(cx, o, &store));
    TRY(read_day(cx, o, &day));
    TRY(area_list(cx, o->level, day, &list));
    areas_write_geojson(&b, list, frame);
    if (buf_is_full(&b))
        return fail(cx, E_LIMIT, "areas.too_many", text_int(cx, "n", AREAS_MAX));
    if (o->output.n)
        return disk_write(cx, o->output, buf_str(&b), 0644);
    print(buf_str(&b));
    return OK;
}

/* ------------------------------------------------------------------ check */

Err areas_check_all(Ctx *cx, const Options *o)
{
    Store *store;
    Day day;
    AreaFaults faults = { 0 };
    i64 all = 0, checked;
    TRY(program_open(cx, o, &store));
    TRY(read_day(cx, o, &day));
    const Profile *p = profile_of(cx->house);
    for (size_t i = 0; i < p->levels_n; i++) {
        if (o->level.n && !str_is(o->level, p->levels[i].name))
            continue;
        TRY(areas_check(cx, p->levels[i].name, day, &faults, &checked));
        all += checked;
    }
    print(area_faults_text(cx, &faults));
    say("%lld areas checked, %zu mistakes\n", (long long)all, faults.n);
    return faults.n ? fail(cx, E_INPUT, "program.mistakes_found") : OK;
}
