/* tags.c -- what changed since when, so that a kept page can tell whether it is still true.
**
** A tag is a table or a name that the owner of some rows gives them. Tags fall into slots by
** their hash; two in one slot only make a page older than it is. Each slot holds the number of
** its last change, and how many writes are about to change it.
**
** Why a page that is found valid was true when its request came: a write marks its slots as
** pending before COMMIT and gives them a new number after it, and only then is acknowledged. A
** page takes the number of the last change before its first query. So whatever was acknowledged
** before a request has a number, and a page made from an older state has a smaller one. */
#include "driver/driver.h"

#include <stdatomic.h>
#include <sys/eventfd.h>

/* ------------------------------------------------------------------ names to slots */

static u32 slot_of_hash(u64 hash)
{
    u32 slot = (u32)(hash * 0x9E3779B97F4A7C15u >> (64 - TAG_SLOTS_BITS));
    return slot == SLOT_OF_ALL ? 1 : slot;
}

Tag tag_of(const char *kind, i64 id)
{
    return (Tag){ slot_of_hash(str_hash(str_of(kind)) ^ (u64)id * 0xFF51AFD7ED558CCDu) };
}

Tag tag_of_text(const char *kind, Str name)
{
    return tag_of(kind, (i64)str_hash(name));
}

static u64 *place_of_table(Tags *tags, u64 hash)
{
    size_t at = hash % TABLES_MAX;
    while (tags->tables[at] && tags->tables[at] != hash)
        at = (at + 1) % TABLES_MAX;
    return &tags->tables[at];
}

void store_know_table(Store *store, Str name)
{
    Tags *tags = &store->tags;
    u64 hash = str_hash(name), *place = place_of_table(tags, hash);
    if (*place || tags->tables_n + 1 >= TABLES_MAX)
        return;
    *place = hash;
    tags->tables_n++;
}

/* ------------------------------------------------------------------ tables of a statement */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next word of *rest; texts in quotes are passed over. */
static bool next_word(Str *rest, Str *out)
{
    size_t i = 0, from;
    for (bool quoted = false; i < rest->n && (quoted || !is_word_char(rest->at[i])); i++)
        quoted ^= rest->at[i] == '\'';
    from = i;
    while (i < rest->n && is_word_char(rest->at[i]))
        i++;
    *out = str_first(str_skip(*rest, from), i - from);
    *rest = str_skip(*rest, i);
    return out->n > 0;
}

static void add_slot(TagSet *set, u32 slot)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->slots[i] == slot)
            return;
    if (set->n < COUNT(set->slots))
        set->slots[set->n++] = slot;
    else
        set->is_over = true;
}

static bool is_one_of(Str word, const char *const *words)
{
    for (; *words; words++)
        if (str_is(word, str_of(*words)))
            return true;
    return false;
}

/* The table that a statement writes to: the word behind INSERT INTO, UPDATE, DELETE FROM. The verb
   is the first word, or the first such word behind WITH. */
static bool find_target(Str sql, Str *out)
{
    static const char *const VERBS[] = { "INSERT", "UPDATE", "DELETE", NULL };
    static const char *const LINKS[] = { "INTO", "FROM", NULL };
    Str rest = sql, word;
    if (!next_word(&rest, &word))
        return false;
    if (str_is(word, S("WITH")))
        while (next_word(&rest, &word) && !is_one_of(word, VERBS))
            continue;
    if (!is_one_of(word, VERBS))
        return false;
    while (next_word(&rest, out) && is_one_of(*out, LINKS))
        continue;
    return true;
}

static bool is_known(Store *store, Str word)
{
    u64 hash = str_hash(word);
    return *place_of_table(&store->tags, hash) == hash;
}

/* A statement reads every table whose name stands in it, and writes to the one after its verb; one
   to a table nobody told of changes everything. */
void tags_read_statement(Store *store, Str sql, bool *out_writes, TagSet *out)
{
    Str rest = sql, word;
    *out = (TagSet){ .is_over = store->tags.tables_n == 0 }; /* before the schema is known */
    *out_writes = find_target(sql, &word);
    if (*out_writes && is_known(store, word))
        add_slot(out, slot_of_hash(str_hash(word)));
    else if (*out_writes)
        out->is_over = true;
    while (!*out_writes && next_word(&rest, &word))
        if (is_known(store, word))
            add_slot(out, slot_of_hash(str_hash(word)));
}

/* ------------------------------------------------------------------ reading */

void store_rely(Ctx *cx, Reliance *r)
{
    StoreLink *link = store_link(cx);
    link->relies = r;
    if (r)
        *r = (Reliance){ .seen = link->store->tags.last };
}

void tags_note_read(StoreLink *link, const TagSet *tables, Tag narrow)
{
    TagSet *set = &link->relies->on;
    if (narrow.slot) {
        add_slot(set, narrow.slot);
        return;
    }
    set->is_over |= tables->is_over;
    for (size_t i = 0; i < tables->n; i++)
        add_slot(set, tables->slots[i]);
}

void store_rely_on(Ctx *cx, Tag tag)
{
    Reliance *r = store_link(cx)->relies;
    if (r)
        add_slot(&r->on, tag.slot);
}

static bool slot_holds(const Tags *tags, u32 slot, u64 seen)
{
    const TagSlot *s = &tags->slots[slot];
    return s->pending == 0 && s->changed <= seen;
}

bool store_holds(const Store *store, const Reliance *r)
{
    bool holds = !r->on.is_over && slot_holds(&store->tags, SLOT_OF_ALL, r->seen);
    for (size_t i = 0; holds && i < r->on.n; i++)
        holds = slot_holds(&store->tags, r->on.slots[i], r->seen);
    return holds;
}

/* The number taken is that of a change that was found, not the last one given out: what has its
   number but not yet its mark is found the next time. */
bool store_has_changed(const Store *store, Reliance *r)
{
    const TagSlot *slots = store->tags.slots;
    u64 newest = slots[SLOT_OF_ALL].changed;
    for (size_t i = 0; i < r->on.n; i++)
        if (slots[r->on.slots[i]].changed > newest)
            newest = slots[r->on.slots[i]].changed;
    if (r->on.is_over && store->tags.last > newest)
        newest = store->tags.last;
    bool has_changed = newest > r->seen;
    if (has_changed)
        r->seen = newest;
    return has_changed;
}

int store_watch(Store *store)
{
    Tags *tags = &store->tags;
    if (tags->is_watched)
        return tags->stirred_fd;
    tags->stirred_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    tags->is_watched = tags->stirred_fd >= 0;
    return tags->stirred_fd;
}

/* The mark goes last: what changes from now on stirs anew. */
void store_watch_again(Store *store)
{
    eventfd_t n;
    (void)eventfd_read(store->tags.stirred_fd, &n);
    store->tags.is_stirred = false;
}

static void stir(Tags *tags)
{
    if (tags->is_watched && !atomic_exchange(&tags->is_stirred, true))
        (void)eventfd_write(tags->stirred_fd, 1);
}

/* ------------------------------------------------------------------ writing */

void tags_note_write(StoreLink *link, const TagSet *tables)
{
    if (tables->is_over)
        add_slot(&link->touched, SLOT_OF_ALL);
    for (size_t i = 0; i < tables->n; i++)
        add_slot(&link->touched, tables->slots[i]);
}

void store_touch(Ctx *cx, Tag tag)
{
    add_slot(&store_link(cx)->touched, tag.slot);
}

void tags_begin(StoreLink *link)
{
    link->touched = (TagSet){ 0 };
}

void tags_pend(StoreLink *link)
{
    TagSlot *slots = link->store->tags.slots;
    if (link->touched.is_over)
        link->touched = (TagSet){ .n = 1, .slots = { SLOT_OF_ALL } };
    for (size_t i = 0; i < link->touched.n; i++)
        slots[link->touched.slots[i]].pending++;
}

/* Whether the commit succeeded, failed, or nobody knows. */
void tags_settle(StoreLink *link)
{
    TagSlot *slots = link->store->tags.slots;
    tags_heard(link->store, &link->touched);
    for (size_t i = 0; i < link->touched.n; i++)
        slots[link->touched.slots[i]].pending--;
}

/* Two that settle beside each other may come here in another order than they took their numbers:
   a mark only ever grows. */
void tags_mark(TagSlot *slot, u64 number)
{
    u64 before = slot->changed;
    while (before < number && !atomic_compare_exchange_weak(&slot->changed, &before, number))
        continue;
}

void tags_heard(Store *store, const TagSet *set)
{
    Tags *tags = &store->tags;
    for (size_t i = 0; i < set->n; i++)
        tags_mark(&tags->slots[set->slots[i]], ++tags->last);
    if (set->n)
        stir(tags);
}
