#!/usr/bin/env python3
"""Clients that drip, leave, lie and crowd: none of them hurts another visitor, and what was acknowledged stays.

Each trap is held with a server of its own, which afterwards must end well and whose district `linli verify` must
find whole.  Nothing here asserts how fast something is, only that it comes at all: a busy machine passes too.
"""
import os
import re
import resource
import signal
import socket
import struct
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import files
import house
import talk
import visitor

PATIENCE_SECONDS = 30
PICTURES_WAITING_MAX = 6     # LANE_WAITING_MAX of web/media
SHORT = ("--header-seconds", "1", "--body-seconds", "2", "--send-seconds", "2", "--idle-seconds", "2")
HOST = b"Host: x\r\n"
WELL = b"GET /a/mark.svg HTTP/1.1\r\n" + HOST + b"\r\n"
LAST = WELL[:-2] + b"Connection: close\r\n\r\n"
FORM = b"POST /follow HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
TRADER = {"applicant_name": "Anna Ashby", "applicant_phone": "02079460123", "home": "MB-1",
          "address": "1 Sample Lane, flat 2", "goods": "Bread", "days": ["saturday"]}
TRAPS = []


def trap(*options):
    """A function that is given a server started with these options."""
    def add(function):
        TRAPS.append((function, options))
        return function
    return add


class Fault(Exception):
    pass


def demand(claim, words):
    if not claim:
        raise Fault(words)


# ---------------------------------------------------------------- speaking

def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)


def hear(sock, most=1 << 24):
    """All that comes until the other side closes; b"" also when it was shut roughly."""
    heard = b""
    try:
        while len(heard) < most:
            piece = sock.recv(65536)
            if not piece:
                break
            heard += piece
    except ConnectionError:
        pass
    return heard


def say(server, request):
    """What the server answers to these bytes, when nothing more will be sent."""
    with connect(server) as sock:
        try:
            sock.sendall(request)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return hear(sock)


def statuses(heard):
    return [int(n) for n in re.findall(rb"^HTTP/1\.1 (\d{3})", heard, re.M)]


def is_well(server):
    """Another visitor asks for a page and gets it."""
    reply = visitor.ask(server.port, "GET", "/services", [("Accept", "text/html")])
    demand(reply.status == 200 and reply.text.rstrip().endswith("</html>"), f"another visitor got {reply.status}")


def figure(server, name):
    text = visitor.ask(server.metrics_port, "GET", "/metrics").text
    return int(re.search(rf"^{name} (\d+)", text, re.M).group(1))


def wait_for(claim, words):
    until = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        demand(time.monotonic() < until, words)
        time.sleep(0.05)


def leave_roughly(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def is_shut(sock):
    """Whether the server shut it within our patience, without having answered well."""
    return 200 not in statuses(hear(sock))


# ---------------------------------------------------------------- slow and idle clients

def drip(sock, pieces):
    """Sends one piece after the other until there are no more or nobody listens; says whether all were sent."""
    try:
        for piece in pieces:
            sock.sendall(piece)
            time.sleep(0.1)
    except ConnectionError:
        return False
    return True


def dripping(server, head, pieces):
    socks = [connect(server) for _ in range(8)]
    with ThreadPoolExecutor(9) as pool:
        for sock in socks:
            sock.sendall(head)
        done = [pool.submit(drip, sock, pieces) for sock in socks]
        is_well(server)
        demand(not any(one.result() for one in done), "a dripping client was listened to for longer than its time")
    demand(all(is_shut(sock) for sock in socks), "a dripping client was answered")
    demand(figure(server, "linli_reaped_total") >= 8, "the figures do not tell of the connections that were shut")
    is_well(server)


@trap(*SHORT)
def a_head_that_drips_in_is_cut_off_at_its_deadline(server):
    dripping(server, b"GET / HTTP/1.1\r\nX-A: ", [b"a"] * 200)


@trap(*SHORT)
def a_body_that_drips_in_is_cut_off_at_its_deadline(server):
    dripping(server, FORM + b"Content-Length: 100000\r\n\r\n", [b"a=b&"] * 200)


@trap(*SHORT)
def who_never_takes_the_reply_is_cut_off_and_keeps_nobody_waiting(server):
    socks = []
    for _ in range(8):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.settimeout(PATIENCE_SECONDS)
        sock.connect(("127.0.0.1", server.port))
        for _ in range(400):     # more than the kernel keeps for both sides
            try:
                sock.send(b"GET /a/linli.js HTTP/1.1\r\n" + HOST + b"\r\n", socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                break
        socks.append(sock)
    is_well(server)
    wait_for(lambda: figure(server, "linli_connections") <= 2, "readers who take nothing were not shut")
    is_well(server)
    for sock in socks:
        sock.close()


@trap("--connections", "6000", "--idle-seconds", "60", "--header-seconds", "60")
def thousands_of_idle_connections_hurt_nobody(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    n = min(5000, hard - 600)
    idle = [connect(server) for _ in range(n)]
    wait_for(lambda: figure(server, "linli_connections") >= n, "not every connection was taken")
    for _ in range(20):
        is_well(server)
    idle[0].sendall(WELL)
    demand(idle[0].recv(12) == b"HTTP/1.1 200", "an idle connection could not be used any more")
    for sock in idle:
        sock.close()
    wait_for(lambda: figure(server, "linli_connections") < 10, "connections are counted that are gone")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@trap(*SHORT)
def who_asks_nothing_is_shut(server):
    with connect(server) as never, connect(server) as once:
        once.sendall(WELL)
        demand(once.recv(12) == b"HTTP/1.1 200", "the first request was not answered")
        demand(hear(never) == b"", "somebody who asked nothing was told something")
        hear(once)     # ends, or the patience of the socket does
    is_well(server)


# ---------------------------------------------------------------- requests that can be read in two ways

SMUGGLED = b"GET /a/no-such-file.css HTTP/1.1\r\n" + HOST + b"\r\n"
AMBIGUOUS = {
    "two lengths": FORM + b"Content-Length: 3\r\nContent-Length: 40\r\n\r\na=b",
    "the same length twice": FORM + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\na=b",
    "a list of lengths": FORM + b"Content-Length: 3, 3\r\n\r\na=b",
    "a length and chunks": FORM + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": FORM + b"Transfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n0\r\n\r\n",
    "an unknown coding": FORM + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": FORM + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two headers of codings": FORM + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a coding that is none": FORM + b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\na=b",
    "a blank before the colon": FORM + b"Content-Length : 3\r\n\r\na=b",
    "a length with a sign": FORM + b"Content-Length: +3\r\n\r\na=b",
    "a length below nothing": FORM + b"Content-Length: -1\r\n\r\na=b",
    "a length in hexadecimal": FORM + b"Content-Length: 0x3\r\n\r\na=b",
    "a length of nothing": FORM + b"Content-Length: \r\n\r\na=b",
    "a chunk of no size": FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "no host": b"GET /a/mark.svg HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /a/mark.svg HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a first line that is folded": b"GET /a/mark.svg HTTP/1.1\r\n Host: x\r\n\r\n",
}
TOO_MUCH = {
    "a length past all bounds": (413, FORM + b"Content-Length: 99999999999999999999999\r\n\r\na=b"),
    "a length that wraps round": (413, FORM + b"Content-Length: 18446744073709551619\r\n\r\na=b"),
    "a length over the limit": (413, FORM + b"Content-Length: 30000000\r\n\r\na=b"),
    "a header that is too long": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 20000 + b"\r\n\r\n"),
    "too many headers": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n" * 5000 + b"\r\n"),
    "an address that is too long": (414, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a version of tomorrow": (505, b"GET / HTTP/9.9\r\n" + HOST + b"\r\n"),
    "another protocol": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
}
HARMLESS = {
    "bare line feeds": b"GET /a/mark.svg HTTP/1.1\nHost: x\n\n",
    "a folded header": b"GET /a/mark.svg HTTP/1.1\r\n" + HOST + b"X-A: b\r\n c\r\n\r\n",
    "a zero byte in a header": b"GET /a/mark.svg HTTP/1.1\r\n" + HOST + b"X-A: b\0c\r\n\r\n",
    "empty lines before": b"\r\n\r\n" + WELL,
    "an upgrade nobody asked for": WELL[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
}


@trap()
def what_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_heard(server):
    for name, request in AMBIGUOUS.items():
        came = statuses(say(server, request + SMUGGLED))
        demand(came and set(came) == {400}, f"{name}: answered with {came}")
    is_well(server)


@trap()
def what_is_too_much_is_refused_by_its_name(server):
    for name, (status, request) in TOO_MUCH.items():
        came = statuses(say(server, request))
        demand(came and set(came) == {status}, f"{name}: answered with {came}")
    is_well(server)


@trap()
def odd_but_plain_requests_are_one_request_each(server):
    for name, request in HARMLESS.items():
        came = statuses(say(server, request + LAST))
        demand(came in ([200, 200], [400]), f"{name}: answered with {came}")


@trap()
def noise_is_no_request_and_hurts_nobody(server):
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40, b"\0" * 5000, b"\r" * 5000, b" " * 5000,
                  b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", b"\xff\xfe\r\n\r\n"):
        demand(200 not in statuses(say(server, noise)), f"noise was answered well: {noise[:20]}")
    is_well(server)


@trap()
def many_requests_in_one_breath_are_answered_in_their_order(server):
    pages = [b"/services", b"/a/mark.svg", b"/no-such-page", b"/about", b"/a/no-such.css", b"/healthz"] * 4
    last = len(pages) - 1
    request = b"".join(b"GET %s HTTP/1.1\r\n%s%s\r\n" % (page, HOST, b"Connection: close\r\n" if n == last else b"")
                       for n, page in enumerate(pages))
    came = statuses(say(server, request))
    demand(came == [200, 200, 404, 200, 404, 200] * 4, f"answered with {came}")


@trap()
def who_asks_whether_to_go_on_is_told_before_sending(server):
    with connect(server) as sock:
        sock.sendall(FORM + b"Content-Length: 15\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        demand(sock.recv(25).startswith(b"HTTP/1.1 100 "), "it was not told to go on")
        sock.sendall(b"number=1&code=2")
        demand(statuses(hear(sock)) == [422], "it was told to go on and then not heard")
    with connect(server) as sock:
        sock.sendall(FORM + b"Content-Length: 30000000\r\nExpect: 100-continue\r\n\r\n")
        came = statuses(hear(sock))
        demand(came == [413], f"too much was answered with {came} before it was sent")


@trap()
def the_head_alone_has_the_length_of_the_whole_and_no_body(server):
    for path in (b"/services", b"/a/linli.css"):
        heard = say(server, b"HEAD %s HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (path, HOST))
        head, _, body = heard.partition(b"\r\n\r\n")
        demand(statuses(heard) == [200] and not body, f"{path}: a body of {len(body)} bytes")
        demand(re.search(rb"\r\nContent-Length: [1-9]", head), f"{path}: no length")


# ---------------------------------------------------------------- uploads and leaving

@trap()
def an_upload_in_many_pieces_is_read_whole(server):
    fields = visitor.urlencoded([("number", "MB-" + "1" * 60000), ("code", "2")])
    chunks = b"".join(b"%x;odd=1\r\n%s\r\n" % (len(p), p) for p in visitor.pieces(fields, 701)) + b"0\r\nX-T: 1\r\n\r\n"
    came = statuses(say(server, FORM + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks))
    demand(came == [422], f"answered with {came}")


@trap()
def an_upload_without_end_is_drained_to_a_bound_and_cut_off(server):
    with connect(server) as sock:
        sock.sendall(FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 1000:
                sock.sendall(piece)
                sent += 1
        except ConnectionError:
            pass
        demand(sent < 1000, "sixty megabytes were listened to")
    is_well(server)


@trap("--upload-megabytes", "8")
def uploads_together_stay_within_their_budget_and_the_next_one_is_taken(server):
    body, kind = visitor.multipart([("number", "1")], [("file", "x", "image/jpeg", files.content_of("6 MB"))])
    socks = [connect(server) for _ in range(4)]
    for sock in socks:     # all but the last byte: all four are in flight together
        sock.sendall(b"POST /follow HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                     % (HOST, kind.encode(), len(body)) + body[:-1])
    for sock in socks:
        sock.sendall(body[-1:])
    came = [statuses(hear(sock)) for sock in socks]
    demand([503] in came and all(one in ([503], [422]) for one in came), f"answered with {came}")
    reply = visitor.ask(server.port, "POST", "/follow", [("Content-Type", kind)], body)
    demand(reply.status == 422, f"afterwards a single upload got {reply.status}")


def begin_draft(server):
    """The cookie of a new draft and the token of its forms."""
    reply = visitor.ask(server.port, "POST", "/services/street-trading/apply", [], b"")
    cookie = reply.all("Set-Cookie")[0].split(";")[0]
    page = visitor.ask(server.port, "GET", "/apply/papers", [("Cookie", cookie), ("Accept", "text/html")])
    return cookie, re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)


@trap()
def a_flood_of_huge_pictures_leaves_the_others_their_workers(server):
    cookie, csrf = begin_draft(server)
    body, kind = visitor.multipart([("csrf", csrf), ("paper", "picture")],
                                   [("file", "x.png", "image/png", files.png(7000, 7000))])
    headers = [("Cookie", cookie), ("Content-Type", kind), ("Accept", "text/html")]
    most = 0
    with ThreadPoolExecutor(32) as pool:
        sent = [pool.submit(visitor.ask, server.port, "POST", "/apply/papers", headers, body) for _ in range(32)]
        while not all(one.done() for one in sent):
            is_well(server)
            most = max(most, figure(server, "linli_requests_working"))
            time.sleep(0.05)
    came = [one.result() for one in sent]
    demand({one.status for one in came} <= {303, 503}, f"answered with {sorted(one.status for one in came)}")
    demand(all(one.header("Retry-After") for one in came if one.status == 503), "a 503 without Retry-After")
    at_once = max(1, os.cpu_count() // 2) + PICTURES_WAITING_MAX + 2     # the figures' own request, and one leaving
    demand(most <= at_once, f"{most} workers were busy with pictures at once")
    demand(any(one.status == 303 for one in came), "no picture was taken in")


@trap()
def who_leaves_in_the_middle_leaves_nothing_behind(server):
    half_upload = FORM + b"Content-Length: 1000000\r\n\r\n" + b"a=" + b"b" * 300000
    asks = [half_upload, b"GET /services HTTP/1.1\r\n" + HOST + b"\r\n",
            b"GET /a/linli.js HTTP/1.1\r\n" + HOST + b"\r\n" * 1, sign_in_request("window", "wrong", False),
            FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"]
    for n in range(60):
        sock = connect(server)
        sock.sendall(asks[n % len(asks)])
        if n % 2:
            sock.recv(1) if n % len(asks) == 1 else None
        leave_roughly(sock)
    is_well(server)
    wait_for(lambda: figure(server, "linli_connections") < 5, "connections are counted that are gone")
    wait_for(lambda: figure(server, "linli_requests_working") <= 1, "workers still work for who is gone")


# ---------------------------------------------------------------- too many, and the end

def sign_in_request(login, password, close=True):
    body = visitor.urlencoded([("login", login), ("password", password)])
    return (b"POST /desk/sign-in HTTP/1.1\r\n%s%sContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % (HOST, b"Connection: close\r\n" if close else b"", len(body)) + body)


@trap("--workers", "1", "--queue", "2")
def too_many_at_once_are_sent_away_for_a_moment_and_served_later(server):
    socks = [connect(server) for _ in range(24)]     # passwords take their time: the one worker is busy
    for sock in socks:
        sock.sendall(sign_in_request("window", house.PASSWORD))
    heard = [hear(sock) for sock in socks]
    came = [statuses(one) for one in heard]
    demand(set(map(tuple, came)) == {(303,), (503,)}, f"answered with {came}")
    demand(all(b"\r\nRetry-After: 2\r\n" in one for one in heard if b" 503 " in one), "a 503 without Retry-After")
    demand(figure(server, "linli_shed_total") == came.count([503]), "the figures tell another number of refusals")
    is_well(server)


@trap("--workers", "1")
def whom_a_stopping_server_has_heard_it_answers(server):
    socks = [connect(server) for _ in range(8)]
    for sock in socks:     # each is certainly taken on: a listener has answered it
        sock.sendall(WELL)
        demand(sock.recv(12) == b"HTTP/1.1 200", "the first request was not answered")
    for sock in socks:
        sock.sendall(sign_in_request("window", house.PASSWORD, False))
    wait_for(lambda: server_has_begun(server), "the server did not begin")
    server.process.send_signal(signal.SIGTERM)
    came = [statuses(hear(sock)) for sock in socks]
    demand(all(one and one[-1] in (303, 503) for one in came), f"answered with {came}")
    demand([303] in [one[-1:] for one in came], "none of those waiting was served")
    demand(server.process.wait(PATIENCE_SECONDS) == 0, f"it ended with {server.process.returncode}")
    server.start()     # the same district, as somebody would start it again
    is_well(server)


def server_has_begun(server):
    """The log tells of the first sign-in: the worker is in the midst of the others."""
    return '"route":"/desk/sign-in"' in server.log()


def submit_until_gone(server, acknowledged):
    body = talk.json.dumps(TRADER).encode()
    while True:
        headers = [("Content-Type", "application/json"), ("Accept", "application/json")]
        try:
            reply = visitor.ask(server.port, "POST", "/services/street-trading/applications", headers, body)
        except (OSError, visitor.http.client.HTTPException):
            return
        if reply.status == 201:
            acknowledged.append(reply.json())


@trap("--trusted-source", "127.0.0.1")
def what_was_acknowledged_is_there_after_the_power_went(server):
    acknowledged = []
    writers = [threading.Thread(target=submit_until_gone, args=(server, acknowledged)) for _ in range(6)]
    for one in writers:
        one.start()
    for most in (40, 90):     # the second time it begins from what the first left behind
        wait_for(lambda: len(acknowledged) >= most, "no application was taken")
        server.kill()
        for one in writers:
            one.join()
        server.start()
        writers = [threading.Thread(target=submit_until_gone, args=(server, acknowledged)) for _ in range(6)]
        for one in writers if most == 40 else []:
            one.start()
    demand(len({one["number"] for one in acknowledged}) == len(acknowledged), "a number was given twice")
    for one in acknowledged:
        body = visitor.urlencoded([("number", one["number"]), ("code", one["code"])])
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html")]
        reply = visitor.ask(server.port, "POST", "/follow", headers, body)
        demand(reply.status == 303, f"{one['number']} was acknowledged and is gone")


@trap()
def one_application_sent_ten_times_at_once_is_one_application(server):
    headers = [("Content-Type", "application/json"), ("Accept", "application/json"),
               ("Idempotency-Key", str(uuid.uuid4()))]
    body = talk.json.dumps(TRADER).encode()
    with ThreadPoolExecutor(10) as pool:
        replies = [one.result() for one in [pool.submit(visitor.ask, server.port, "POST",
                   "/services/street-trading/applications", headers, body) for _ in range(10)]]
    demand({r.status for r in replies} <= {200, 201}, f"answered with {[r.status for r in replies]}")
    demand(len({r.json()["see"] for r in replies}) == 1, f"several applications: {[r.json() for r in replies]}")
    other = visitor.ask(server.port, "POST", "/services/street-trading/applications", headers,
                        talk.json.dumps(TRADER | {"goods": "Cheese"}).encode())
    demand(other.status == 409, f"the key of one application answered for another: {other.status}")


# ---------------------------------------------------------------- all of them

def hold(function, options):
    server = house.Server(talk.house_templates.copy("town"), "town", options).start()
    try:
        function(server)
        faults = []
    except (Fault, OSError, RuntimeError, visitor.http.client.HTTPException, ValueError) as why:
        faults = [f"{type(why).__name__}: {why}"]
    faults += server.stop()
    broken = server.verify()
    return faults + ([broken] if broken else [])


def main(words):
    wanted = [one for one in TRAPS if not words or any(w in one[0].__name__ for w in words)]
    talk.house_templates.path("town")
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for (function, _), done in [(one, pool.submit(hold, *one)) for one in wanted]:
            faults = done.result()
            failed += bool(faults)
            if faults:
                print(f"FAILED {function.__name__}\n  " + "\n  ".join(faults), flush=True)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
