/* geojson.c -- areas as others send them: what is taken is valid, reads the same when it is
** written again, and every one of its inner points lies in it.
**
** Input: 0 the frame; then the file. */
#include "fuzz/fuzz.h"

#include "areas/areas.h"

static Area *areas_of(Ctx *cx, const AreaDraft *drafts)
{
    Area *first = NULL, **end = &first;
    i64 id = 0;
    for (const AreaDraft *d = drafts; d; d = d->next) {
        Area *a = NEW(cx, Area);
        ensure(a);
        *a = (Area){ .place = { ++id }, .level = S("x"), .path = S("/1/"), .code = d->code,
                     .name = d->name, .valid_from = { 0 }, .valid_to = NO_DAY,
                     .synthetic = d->synthetic, .shape = d->shape };
        *end = a;
        end = &a->next;
    }
    return first;
}

/* Every corner is a border, and the text of a shape reads as the same shape. */
static void it_is_whole(Ctx *cx, const AreaMap *map, const Area *a)
{
    Shape again;
    Str text = shape_text(cx, &a->shape);
    ensure(shape_parse(cx, text, &again));
    shape_settle(cx, &again);
    ensure(str_is(shape_text(cx, &again), text));
    ensure(shape_m2(&a->shape) >= 0);
    const Ring *r = &a->shape.parts[0].rings[0];
    for (size_t i = 0; i < r->n && i < 100; i++)
        ensure(area_find(map, r->at[i], S("x"), (Day){ 1 }).how >= AREA_BORDER);
}

static void one(Ctx *cx, Str input)
{
    Frame frame = (Frame)(fuzz_choice(&input) % FRAMES_N);
    AreaDraft *drafts, *again;
    AreaFaults faults = { 0 };
    Err err = areas_read_geojson(cx, input, frame, &drafts, &faults);
    ensure(str_is_utf8(area_faults_text(cx, &faults)));
    ensure(err == OK || err == E_INPUT || err == E_LIMIT); /* GEOS itself never has to refuse */
    ensure(err != OK || faults.n == 0);
    if (err)
        return;
    Area *list = areas_of(cx, drafts);
    const AreaMap *map = area_map_build(&cx->arena, list, 1);
    ensure(map);
    Buf b = buf_new(&cx->arena, 32 << 20);
    areas_write_geojson(&b, list, FRAME_CGCS2000);
    ensure(areas_read_geojson(cx, buf_str(&b), FRAME_CGCS2000, &again, &faults) == OK);
    for (const Area *a = list; a; a = a->next, again = again->next) {
        it_is_whole(cx, map, a);
        ensure(str_is(again->code, a->code));
        ensure(str_is(shape_text(cx, &again->shape), shape_text(cx, &a->shape)));
    }
}

const FuzzTarget FUZZ = { NULL, one };
