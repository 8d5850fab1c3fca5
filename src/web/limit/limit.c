/* limit.c -- addresses, and what each has left. */
#include "limit/private.h"

#include "text/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_CHARS_MAX = 64, NETWORK_BYTES = 8 };

/* ------------------------------------------------------------------ addresses */

static const u8 MAPPED[12] = { [10] = 0xFF, [11] = 0xFF };

static void set_v4(Address *out, const u8 *four)
{
    memcpy(out->at, MAPPED, sizeof MAPPED);
    memcpy(out->at + sizeof MAPPED, four, 4);
}

/* As the server gives it: the bytes in hex. */
static bool parse_hex(Str text, Address *out)
{
    u8 bytes[ADDRESS_BYTES] = { 0 };
    if (text.n != 8 && text.n != 2 * ADDRESS_BYTES)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        size_t at;
        if (!str_find(S("0123456789abcdef"), str_first(str_skip(text, i), 1), &at))
            return false;
        bytes[i / 2] = (u8)((size_t)bytes[i / 2] << 4 | at);
    }
    if (text.n == 8)
        set_v4(out, bytes);
    else
        memcpy(out->at, bytes, ADDRESS_BYTES);
    return true;
}

/* "[2001:db8::1]:443" and "192.0.2.1:443" without what is not the address. */
static Str bare(Str text)
{
    size_t at, more;
    text = str_trim(text);
    if (str_starts(text, S("[")) && str_find(text, S("]"), &at))
        return str_first(str_skip(text, 1), at - 1);
    bool one_colon = str_find(text, S(":"), &at)
                  && !str_find(str_skip(text, at + 1), S(":"), &more);
    return one_colon ? str_first(text, at) : text;
}

bool address_parse(Str text, Address *out)
{
    char chars[ADDRESS_CHARS_MAX];
    u8 four[4];
    if (parse_hex(text, out))
        return true;
    text = bare(text);
    if (text.n == 0 || text.n >= sizeof chars)
        return false;
    memcpy(chars, text.at, text.n);
    chars[text.n] = 0;
    if (inet_pton(AF_INET, chars, four) == 1) {
        set_v4(out, four);
        return true;
    }
    return inet_pton(AF_INET6, chars, out->at) == 1;
}

bool address_is_among(const Address *address, Str list)
{
    Str one;
    Address other;
    while (str_cut(&list, ',', &one))
        if (address_parse(str_trim(one), &other) && memcmp(&other, address, sizeof other) == 0)
            return true;
    return false;
}

static bool is_this_machine(const Address *a)
{
    static const u8 SIX[ADDRESS_BYTES] = { [15] = 1 };
    return (memcmp(a->at, MAPPED, sizeof MAPPED) == 0 && a->at[12] == 127)
        || memcmp(a->at, SIX, sizeof SIX) == 0;
}

/* Each proxy adds whom it speaks for at the end; what stands before was said by strangers. */
static Str last_word(Str list)
{
    Str one = STR_EMPTY, last = STR_EMPTY;
    while (str_cut(&list, ',', &one))
        last = str_trim(one);
    return last;
}

Address address_of(const LimitOptions *o, Str source, Str forwarded)
{
    Address peer = { { 0 } }, behind;
    if (!address_parse(source, &peer))
        return peer;
    bool believed = is_this_machine(&peer) || address_is_among(&peer, o->proxies);
    return believed && address_parse(last_word(forwarded), &behind) ? behind : peer;
}

/* ------------------------------------------------------------------ buckets */

static Bucket *find_bucket(Limits *limits, u64 key)
{
    Bucket *set = limits->buckets[key % LIMIT_SETS], *emptiest = &set[0];
    for (size_t i = 0; i < LIMIT_WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].at_ms < emptiest->at_ms)
            emptiest = &set[i];
    }
    *emptiest = (Bucket){ 0 }; /* free, or of who has come the longest time ago */
    return emptiest;
}

bool bucket_take(Limits *limits, u64 key, i64 per_hour, i64 now_ms, i64 *out_seconds)
{
    i64 cost_ms = MS_PER_HOUR / per_hour;
    pthread_mutex_lock(&limits->mutex);
    Bucket *b = find_bucket(limits, key);
    i64 passed_ms = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
    i64 left_ms = b->key && passed_ms < MS_PER_HOUR ? b->left_ms + passed_ms : MS_PER_HOUR;
    left_ms = left_ms > MS_PER_HOUR ? MS_PER_HOUR : left_ms;
    bool good = left_ms >= cost_ms;
    *out_seconds = good ? 0 : (cost_ms - left_ms + MS_PER_SECOND - 1) / MS_PER_SECOND;
    *b = (Bucket){ key, good ? left_ms - cost_ms : left_ms, now_ms };
    pthread_mutex_unlock(&limits->mutex);
    return good;
}

/* ------------------------------------------------------------------ taking */

static const char LIMITS_PART;

static Err check_list(Ctx *cx, Str list)
{
    Str one;
    Address address;
    while (str_cut(&list, ',', &one))
        if (!address_parse(str_trim(one), &address))
            return fail(cx, E_INPUT, "limit.no_address", V("address", one));
    return OK;
}

Err limit_use(Ctx *cx, LimitOptions options)
{
    TRY(options.trusted.n ? check_list(cx, options.trusted) : OK);
    TRY(options.proxies.n ? check_list(cx, options.proxies) : OK);
    Limits *limits = house_add(cx->house, &LIMITS_PART, sizeof *limits, NULL);
    limits->options = options;
    pthread_mutex_init(&limits->mutex, NULL);
    return OK;
}

/* Another key each day, and one network of the sixth version is one source: a household has so
** many addresses in it that they would say nothing. */
static u64 key_of(Ctx *cx, LimitKind kind, const Address *a)
{
    bool is_v4 = memcmp(a->at, MAPPED, sizeof MAPPED) == 0;
    Str hex = str_hex(&cx->arena, (Bytes){ a->at, is_v4 ? ADDRESS_BYTES : NETWORK_BYTES });
    Str said = str_format(&cx->arena, "%d:%d:%.*s", (int)kind, day_today(cx).value, STR_ARGS(hex));
    Bytes mac = vault_token_mac(cx, S("source"), said);
    u64 key = 0;
    for (size_t i = 0; i < 8 && i < mac.n; i++)
        key = key << 8 | mac.at[i];
    return key ? key : 1;
}

static const char *const TOLD[LIMIT_KINDS] = {
    [LIMIT_DRAFTS] = N_("limit.too_many_drafts"),
    [LIMIT_SUBMISSIONS] = N_("limit.too_many_submissions"),
};

Err limit_take(Ctx *cx, LimitKind kind, Str source, Str forwarded, i64 *out_seconds)
{
    Limits *limits = house_get(cx->house, &LIMITS_PART);
    *out_seconds = 0;
    if (!limits || limits->options.per_hour[kind] == 0)
        return OK;
    Address address = address_of(&limits->options, source, forwarded);
    if (address_is_among(&address, limits->options.trusted))
        return OK;
    u64 key = key_of(cx, kind, &address);
    TRY(ctx_err(cx));
    if (bucket_take(limits, key, limits->options.per_hour[kind], cx->now.ms, out_seconds))
        return OK;
    return fail(cx, E_LIMIT, TOLD[kind],
                text_int(cx, "minutes", (*out_seconds + 59) / 60));
}
