/* paper.c -- papers people send: cleaned by the media child, sealed in pieces, bound to an
** event. */
#include "onewindow/private.h"

#include "text/text.h"

enum { PIECE_BYTES = 192 * 1024, PAPERS_MAX = 40, PAPERS_MEGABYTES_MAX = 30 };
#define ORPHAN_AGE_MS MS_PER_HOUR

const Field PAPER_FIELDS[] = {
    FIELD(Paper, id, ID),
    FIELD(Paper, paper, TEXT),
    FIELD(Paper, name, WORDS),
    FIELD(Paper, content_type, TEXT),
    FIELD(Paper, size_bytes, INT),
    FIELD(Paper, pages, INT),
    FIELD_END
};

/* ------------------------------------------------------------------ storing */

typedef struct NewPaper {
    PaperOwner owner;
    Str code;
    const Picture *picture;
    i64 id;
} NewPaper;

/* Papers of unfinished applications, of which anybody may begin many: bounded together. */
static Err drafts_have_room(Ctx *cx, i64 more_bytes)
{
    i64 bytes, most = web_options(cx->house)->draft_bytes_max;
    Query q = QUERY(cx, "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM paper"
                        " WHERE draft IS NOT NULL");
    TRY(query_one_int(&q, &bytes));
    return bytes + more_bytes <= most ? OK : fail(cx, E_BUSY, "onewindow.no_room_for_drafts");
}

/* Of one draft, or of one matter with all that it has. */
static Err papers_have_room(Ctx *cx, PaperOwner owner, i64 more_bytes)
{
    Query q = QUERY(cx, "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM paper"
                        " WHERE draft = $1 OR matter = $2",
                    I(owner.draft ? owner.draft : -1),
                    I(owner.matter.value ? owner.matter.value : -1));
    query_next(&q);
    i64 n = query_int(&q), bytes = query_int(&q);
    TRY(query_end(&q));
    if (n >= PAPERS_MAX)
        return fail(cx, E_INPUT, "onewindow.too_many_papers", text_int(cx, "max", PAPERS_MAX));
    if (bytes + more_bytes > (i64)PAPERS_MEGABYTES_MAX << 20)
        return fail(cx, E_INPUT, "onewindow.papers_too_large",
                    text_int(cx, "max", PAPERS_MEGABYTES_MAX));
    return owner.draft ? drafts_have_room(cx, more_bytes) : OK;
}

static Err insert_paper(Ctx *cx, void *arg)
{
    NewPaper *p = arg;
    TRY(papers_have_room(cx, p->owner, (i64)(p->picture->content.n + p->picture->thumbnail.n)));
    TRY(store_next_id(cx, "paper", &p->id));
    Bind draft = p->owner.draft ? I(p->owner.draft) : (Bind){ .kind = BIND_NULL };
    Query q = QUERY(
        cx,
        "INSERT INTO paper (id, draft, matter, n, paper, content_type, size_bytes, pages,"
        " has_thumbnail, is_whole, added_at) VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, FALSE, $9)",
        I(p->id), draft, ID_OR_NULL(p->owner.matter), T(p->code), T(p->picture->content_type),
        I(p->picture->content.n), I(p->picture->pages), F(p->picture->thumbnail.n > 0),
        AT(cx->now));
    return query_run(&q);
}

typedef struct Piece {
    i64 paper;
    i64 kind, n;
    Bytes content;
} Piece;

static Str piece_context(Ctx *cx, i64 paper, i64 kind, i64 n)
{
    return str_format(&cx->arena, "paper/%lld/%lld/%lld", (long long)paper, (long long)kind,
                      (long long)n);
}

static Err insert_piece(Ctx *cx, void *arg)
{
    const Piece *p = arg;
    Bytes blob;
    TRY(vault_seal(cx, piece_context(cx, p->paper, p->kind, p->n), str_of_bytes(p->content),
                   &blob));
    Query q = QUERY(cx, "INSERT INTO paper_piece (paper, kind, n, blob) VALUES ($1, $2, $3, $4)",
                    I(p->paper), I(p->kind), I(p->n), B(blob));
    return query_run(&q);
}

static Err store_pieces(Ctx *cx, i64 paper, i64 kind, Bytes content)
{
    for (i64 n = 0; content.n; n++) {
        size_t size = content.n < PIECE_BYTES ? content.n : PIECE_BYTES;
        Piece piece = { paper, kind, n, { content.at, size } };
        TRY(store_write(cx, insert_piece, &piece));
        content = (Bytes){ content.at + size, content.n - size };
    }
    return OK;
}

static Err mark_whole(Ctx *cx, void *arg)
{
    Query q = QUERY(cx, "UPDATE paper SET is_whole = TRUE WHERE id = $1", I(*(i64 *)arg));
    return query_run(&q);
}

Err paper_add(Ctx *cx, PaperOwner owner, Str code, Bytes sent, i64 *out_id)
{
    Picture picture;
    NewPaper p = { .owner = owner, .code = code, .picture = &picture };
    TRY(papers_have_room(cx, owner, 1)); /* before a child works for nothing */
    store_rest(cx); /* the child takes its time */
    TRY(media_take_picture(cx, sent, &picture));
    TRY(store_write(cx, insert_paper, &p));
    TRY(store_pieces(cx, p.id, 0, picture.content));
    TRY(store_pieces(cx, p.id, 1, picture.thumbnail));
    *out_id = p.id;
    return store_write(cx, mark_whole, &p.id);
}

/* ------------------------------------------------------------------ reading */

static void read_paper(Query *q, Paper *p)
{
    p->id = query_int(q);
    p->draft = query_int(q);
    p->matter = (MatterId){ query_int(q) };
    p->n = query_int(q);
    p->paper = query_text(q);
    p->content_type = query_text(q);
    p->size_bytes = query_int(q);
    p->pages = query_int(q);
    p->has_thumbnail = query_flag(q);
    p->name = (Words){ { p->paper, p->paper } };
}

Err paper_list(Ctx *cx, PaperOwner owner, const Item *it, Paper **out)
{
    Query q = QUERY(
        cx,
        "SELECT id, draft, matter, n, paper, content_type, size_bytes, pages, has_thumbnail FROM"
        " paper WHERE (draft = $1 OR matter = $2) AND is_whole ORDER BY id",
        I(owner.draft ? owner.draft : -1), I(owner.matter.value ? owner.matter.value : -1));
    *out = NULL;
    while (query_next(&q)) {
        Paper *p = NEW(cx, Paper);
        if (!p)
            break;
        read_paper(&q, p);
        const ItemPaper *known = it ? item_paper(it, p->paper) : NULL;
        if (known)
            p->name = known->name;
        *out = p;
        out = &p->next;
    }
    return query_end(&q);
}

Err paper_get(Ctx *cx, i64 id, Paper *out)
{
    Query q = QUERY(
        cx,
        "SELECT id, draft, matter, n, paper, content_type, size_bytes, pages, has_thumbnail FROM"
        " paper WHERE id = $1 AND is_whole",
        I(id));
    bool found = query_next(&q);
    *out = (Paper){ 0 };
    if (found)
        read_paper(&q, out);
    TRY(query_end(&q));
    return found ? OK : fail(cx, E_MISSING, "onewindow.no_such_paper");
}

Err paper_content(Ctx *cx, const Paper *p, bool thumbnail, Bytes *out)
{
    Buf whole = buf_new(&cx->arena, 32 << 20);
    i64 kind = thumbnail ? 1 : 0;
    Query q = QUERY(cx, "SELECT n, blob FROM paper_piece WHERE paper = $1 AND kind = $2 ORDER BY n",
                    I(p->id), I(kind));
    while (query_next(&q)) {
        Str piece;
        i64 n = query_int(&q);
        if (vault_open(cx, piece_context(cx, p->id, kind, n), query_bytes(&q), &piece))
            break;
        buf_add(&whole, piece);
    }
    TRY(query_end(&q));
    *out = bytes_of(buf_str(&whole));
    return OK;
}

Str paper_codes(Ctx *cx, const Paper *papers)
{
    Buf b = buf_new(&cx->arena, 4096);
    for (const Paper *p = papers; p; p = p->next) {
        bool seen = false;
        for (const Paper *before = papers; before != p; before = before->next)
            seen = seen || str_is(before->paper, p->paper);
        if (seen)
            continue;
        if (b.n)
            buf_add_char(&b, ',');
        buf_add(&b, p->paper);
    }
    return buf_str(&b);
}

/* ------------------------------------------------------------------ binding and forgetting */

Err papers_attach_draft(Ctx *cx, i64 draft, MatterId matter, i64 n)
{
    Query q = QUERY(
        cx, "UPDATE paper SET draft = NULL, matter = $2, n = $3 WHERE draft = $1 AND is_whole",
        I(draft), ID(matter), I(n));
    return query_run(&q);
}

Err papers_attach_waiting(Ctx *cx, MatterId matter, i64 n)
{
    Query q = QUERY(cx, "UPDATE paper SET n = $2 WHERE matter = $1 AND n = 0 AND is_whole",
                    ID(matter), I(n));
    return query_run(&q);
}

typedef struct Removal {
    PaperOwner owner;
    i64 id;
} Removal;

/* Only one that no event has taken yet. */
static Err remove_one(Ctx *cx, void *arg)
{
    const Removal *r = arg;
    Query q = QUERY(
        cx,
        "DELETE FROM paper WHERE id = $1 AND n = 0 AND (draft = $2 OR matter = $3) RETURNING id",
        I(r->id), I(r->owner.draft ? r->owner.draft : -1),
        I(r->owner.matter.value ? r->owner.matter.value : -1));
    bool removed = query_next(&q);
    TRY(query_end(&q));
    if (!removed)
        return fail(cx, E_MISSING, "onewindow.no_such_paper");
    Query pieces = QUERY(cx, "DELETE FROM paper_piece WHERE paper = $1", I(r->id));
    return query_run(&pieces);
}

Err paper_remove(Ctx *cx, PaperOwner owner, i64 id)
{
    Removal r = { owner, id };
    return store_write(cx, remove_one, &r);
}

/* A paper waits as long as its draft is kept, or its matter open: then nobody can use it. */
static Err sweep(Ctx *cx, void *arg)
{
    (void)arg;
    Instant before = { cx->now.ms - ORPHAN_AGE_MS };
    Query pieces = QUERY(
        cx,
        "DELETE FROM paper_piece WHERE paper IN (SELECT p.id FROM paper p"
        " LEFT JOIN draft d ON d.id = p.draft"
        " LEFT JOIN matter m ON m.id = p.matter AND m.closed_at IS NULL"
        " WHERE p.n = 0 AND p.added_at < $1 AND d.id IS NULL AND m.id IS NULL)",
        AT(before));
    TRY(query_run(&pieces));
    Query q = QUERY(
        cx,
        "DELETE FROM paper WHERE n = 0 AND added_at < $1"
        " AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = paper.draft)"
        " AND NOT EXISTS (SELECT 1 FROM matter m WHERE m.id = paper.matter"
        " AND m.closed_at IS NULL)",
        AT(before));
    return query_run(&q);
}

Err papers_sweep(Ctx *cx)
{
    return store_write(cx, sweep, NULL);
}
