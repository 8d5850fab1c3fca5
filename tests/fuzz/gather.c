/* gather.c -- requests as they come over a socket: what arrives at a handler is what was sent,
** whole, decoded and within limits, or the request is refused.
**
** A real server runs on a thread of its own; each input is one connection, a pair of sockets.
** Input: what it is (see SHAPES), how many bytes are sent at once (0: all), then the bytes. */
#include "fuzz/fuzz.h"

#include "server/private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_BYTES_MAX = 256 * 1024,
    REQUEST_BYTES_MAX = 1 << 20,
    PARTS_MAX = 20,
    REPLY_BYTES_MAX = 4096,
    WAIT_MS_MAX = 10000, /* for a reply that must come */
    SILENCE_MS = 20      /* after which one that need not come is given up */
};

static Server *server;

/* What the handler must find, set before the request is sent. */
static struct {
    bool is_said;       /* otherwise anything may come, as long as it is in order */
    bool is_answered;   /* a whole request: there must be a reply, in time */
    const Values *form, *query;
    const Upload *uploads;
} expected;

/* ------------------------------------------------------------------ on the listener's thread */

static void in_order(const Values *values)
{
    for (const Value *v = values->first; v; v = v->next)
        ensure(str_is_utf8(v->name) && str_is_utf8(v->text));
}

static void same_values(const Values *want, const Values *have)
{
    const Value *h = have->first;
    for (const Value *w = want ? want->first : NULL; w; w = w->next, h = h->next)
        ensure(h && str_is(w->name, h->name) && str_is(w->text, h->text));
    ensure(!h);
}

static void same_uploads(const Upload *want, const Upload *have)
{
    for (; want; want = want->next, have = have->next) {
        ensure(have && str_is(want->field, have->field)
               && str_is(want->file_name, have->file_name));
        ensure(bytes_are(want->content, have->content));
    }
    ensure(!have);
}

static bool look(void *arg, const HttpIn *in, HttpOut *out)
{
    size_t bytes = in->body.n;
    (void)arg;
    ensure(!in->malformed && in->path.n && in->path.at[0] == '/' && str_is_utf8(in->path));
    in_order(&in->query);
    in_order(&in->form);
    for (const Value *v = in->headers.first; v; v = v->next)
        for (size_t i = 0; i < v->name.n; i++)
            ensure(v->name.at[i] < 'A' || v->name.at[i] > 'Z');
    for (const Upload *u = in->uploads; u; u = u->next)
        bytes += u->content.n;
    for (const Value *v = in->form.first; v; v = v->next)
        bytes += v->text.n;
    ensure(bytes <= BODY_BYTES_MAX);
    if (expected.is_said) {
        same_values(expected.form, &in->form);
        same_values(expected.query, &in->query);
        same_uploads(expected.uploads, in->uploads);
    }
    *out = (HttpOut){
        .status = 200, .content_type = S("text/plain"), .body = S("ok"), .body_is_static = true
    };
    return true;
}

/* ------------------------------------------------------------------ a connection */

static void begin(Ctx *cx)
{
    ServerLimits limits = server_limits_default();
    ServerHandler handler = { .quick = look };
    limits.body_bytes_max = BODY_BYTES_MAX;
    limits.workers = 0;
    limits.listeners = 1;
    ensure(server_start(cx, S("127.0.0.1:0"), limits, handler, NULL, &server) == OK);
}

static int connect_pair(void)
{
    int pair[2];
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    ensure(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    ensure(MHD_add_connection(server->daemon, pair[1], (struct sockaddr *)&address, sizeof address)
           == MHD_YES);
    return pair[0];
}

/* Sends all, reading replies meanwhile, until the other side closes or falls silent where it may:
   the first line of the first reply stays in reply. */
static void talk(int fd, Str request, size_t piece, char *reply)
{
    char rest[REPLY_BYTES_MAX];
    size_t kept = 0;
    bool sending = true;
    for (ssize_t n = 1; n != 0;) {
        struct pollfd p = { .fd = fd, .events = (short)(POLLIN | (sending ? POLLOUT : 0)) };
        if (poll(&p, 1, expected.is_answered ? WAIT_MS_MAX : SILENCE_MS) == 0) {
            ensure(!expected.is_answered);
            break;
        }
        if (sending && (p.revents & POLLOUT)) {
            Str next = str_first(request, piece ? piece : request.n);
            ssize_t put = next.n ? send(fd, next.at, next.n, MSG_NOSIGNAL) : 0;
            request = str_skip(request, put > 0 ? (size_t)put : 0);
            sending = request.n > 0 && (put >= 0 || errno == EAGAIN);
        }
        n = recv(fd, kept < 32 ? reply + kept : rest, kept < 32 ? 32 - kept : sizeof rest, 0);
        kept += kept < 32 && n > 0 ? (size_t)n : 0;
        if (n < 0 && errno != EAGAIN)
            break;
    }
    reply[kept] = 0;
}

static void all_is_given_back(void)
{
    struct timespec pause = { 0, 20000 };
    for (int i = 0; i < 100000 && (server->connections || server->upload_bytes); i++)
        nanosleep(&pause, NULL);
    ensure(server->upload_bytes == 0 && server->connections == 0);
}

/* The status of the reply; 0 when there is none. */
static int ask(Str request, size_t piece)
{
    char reply[64];
    int fd = connect_pair();
    talk(fd, request, piece, reply);
    close(fd);
    all_is_given_back();
    i64 status;
    if (strncmp(reply, "HTTP/1.", 7) != 0 || !str_to_int((Str){ reply + 9, 3 }, &status))
        return 0;
    return (int)status;
}

/* ------------------------------------------------------------------ what is sent */

static Str head_of(Ctx *cx, Str target, const char *type, size_t body_n)
{
    return str_format(
        &cx->arena,
        "POST %.*s HTTP/1.1\r\nHost: linli\r\nConnection: close\r\nContent-Type: %s\r\n"
        "Content-Length: %zu\r\n\r\n",
        STR_ARGS(target), type, body_n);
}

static int hex_of(char c)
{
    const char *digits = "0123456789abcdefABCDEF", *at = c ? strchr(digits, c) : NULL;
    return !at ? -1 : at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* Decoded as the URL standard says, told apart from the program's own way; false where that
   refuses. */
static bool decoded(Ctx *cx, Str s, Str *out)
{
    Buf b = buf_new(&cx->arena, s.n + 1);
    while (s.n) {
        bool is_escape = s.at[0] == '%';
        if (is_escape && (s.n < 3 || hex_of(s.at[1]) < 0 || hex_of(s.at[2]) < 0))
            return false;
        buf_add_char(&b, is_escape        ? (char)(hex_of(s.at[1]) * 16 + hex_of(s.at[2]))
                         : s.at[0] == '+' ? ' '
                                          : s.at[0]);
        s = str_skip(s, is_escape ? 3 : 1);
    }
    *out = buf_str(&b);
    return str_is_utf8(*out);
}

static bool pairs_of(Ctx *cx, Str text, Values *out, size_t *out_n)
{
    Str pair, name, value;
    bool good = true;
    *out_n = 0;
    while (str_cut(&text, '&', &pair)) {
        if (pair.n == 0)
            continue;
        str_cut(&pair, '=', &name);
        if (decoded(cx, name, &name) && decoded(cx, pair.at ? pair : STR_EMPTY, &value))
            value_add(cx, out, name, value);
        else
            good = false;
        ++*out_n;
    }
    return good;
}

/* Anything at all. */
static void raw(Ctx *cx, Str input, size_t piece)
{
    (void)cx;
    expected.is_answered = false;
    ask(input, piece);
}

static void form(Ctx *cx, Str input, size_t piece)
{
    Values values = { 0 };
    size_t n;
    bool good = pairs_of(cx, input, &values, &n);
    expected.is_said = true;
    expected.form = &values;
    Str head = head_of(cx, S("/form"), "application/x-www-form-urlencoded", input.n);
    int status = ask(str_join(&cx->arena, head, input), piece);
    ensure(status == (input.n > BODY_BYTES_MAX ? 413 : good && n <= 400 ? 200 : 400));
}

static void query(Ctx *cx, Str input, size_t piece)
{
    Values values = { 0 };
    size_t n;
    for (size_t i = 0; i < input.n; i++)
        if ((u8)input.at[i] <= ' ' || input.at[i] == '#' || (u8)input.at[i] >= 0x7F)
            return; /* no part of a request line */
    bool good = pairs_of(cx, input, &values, &n);
    expected.is_said = true;
    expected.query = &values;
    Str request = str_format(&cx->arena,
                             "GET /find?%.*s HTTP/1.1\r\nHost: linli\r\nConnection: close\r\n\r\n",
                             STR_ARGS(input));
    if (input.n < 4000)
        ensure(ask(request, piece) == (good && n <= 400 ? 200 : 400));
}

/* Any body under a multipart head. */
static void multipart(Ctx *cx, Str input, size_t piece)
{
    Str head = head_of(cx, S("/files"), "multipart/form-data; boundary=b", input.n);
    int status = ask(str_join(&cx->arena, head, input), piece);
    ensure(status == 200 || status == 400 || status == 413);
}

/* A name as a browser would send it: without what ends it. */
static Str cleaned(Ctx *cx, Str s)
{
    Buf b = buf_new(&cx->arena, 64);
    for (size_t i = 0; i < s.n && b.n < 40; i++)
        if ((u8)s.at[i] >= ' ' && s.at[i] != '"' && s.at[i] != '\\' && (u8)s.at[i] < 0x7F)
            buf_add_char(&b, s.at[i]);
    return buf_str(&b);
}

typedef struct Parts {
    Buf body;
    Values values;
    Upload *first, **end;
    bool good; /* all text values are text */
} Parts;

/* "name:text" or "name|file:text" */
static void add_part(Ctx *cx, Parts *p, Str part)
{
    Str head, field, file;
    bool has_text = str_cut(&part, ':', &head) && part.at;
    Str text = has_text ? part : STR_EMPTY;
    str_cut(&head, '|', &field);
    field = cleaned(cx, field);
    file = head.at ? cleaned(cx, head) : STR_EMPTY;
    buf_add_format(&p->body, "--B7x9q\r\nContent-Disposition: form-data; name=\"%.*s\"",
                   STR_ARGS(field));
    if (head.at)
        buf_add_format(&p->body, "; filename=\"%.*s\"\r\nContent-Type: image/jpeg", STR_ARGS(file));
    buf_add(&p->body, S("\r\n\r\n"));
    buf_add(&p->body, text);
    buf_add(&p->body, S("\r\n"));
    if (!head.at) {
        value_add(cx, &p->values, field, text);
        p->good &= str_is_utf8(text);
        return;
    }
    Upload *u = NEW(cx, Upload);
    *u = (Upload){ .field = field, .file_name = file, .content = bytes_of(text) };
    *p->end = u;
    p->end = &u->next;
}

/* Files and values in order, parts apart by a zero byte. */
static void parts(Ctx *cx, Str input, size_t piece)
{
    Parts p = { .body = buf_new(&cx->arena, REQUEST_BYTES_MAX), .good = true };
    Str one;
    size_t at;
    p.end = &p.first;
    if (str_find(input, S("--B7x9q"), &at))
        return;
    for (size_t n = 0; n < PARTS_MAX && str_cut(&input, 0, &one); n++)
        add_part(cx, &p, one);
    buf_add(&p.body, S("--B7x9q--\r\n"));
    expected.is_said = true;
    expected.form = &p.values;
    expected.uploads = p.first;
    Str head = head_of(cx, S("/files"), "multipart/form-data; boundary=B7x9q", p.body.n);
    int status = ask(str_join(&cx->arena, head, buf_str(&p.body)), piece);
    ensure(status == (p.body.n > BODY_BYTES_MAX ? 413 : p.good ? 200 : 400));
}

static void one(Ctx *cx, Str input)
{
    static void (*const SHAPES[])(Ctx * cx, Str input, size_t piece) = { raw, form, query,
                                                                         multipart, parts };
    u8 shape = fuzz_choice(&input), piece = fuzz_choice(&input);
    memset(&expected, 0, sizeof expected);
    expected.is_answered = true;
    if (input.n < REQUEST_BYTES_MAX / 2)
        SHAPES[shape % COUNT(SHAPES)](cx, input, input.n > 4096 ? 0 : piece);
}

const FuzzTarget FUZZ = { begin, one };
