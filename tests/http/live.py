#!/usr/bin/env python3
"""The desk's stream of events: it says that something has changed and no more, to the desk it concerns and to no
other; it needs no worker, ends with its session, and hinders nobody when the server ends.

    usage: live.py [PART OF A NAME ...]
"""
import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import faults   # noqa: E402  (its visitors)
import house    # noqa: E402
import talk     # noqa: E402
import visitor  # noqa: E402

PATIENCE_SECONDS = 20
QUIET_SECONDS = 1.5
TESTS = []


class Fault(Exception):
    pass


def test(*options):
    def add(function):
        TESTS.append((function, options))
        return function
    return add


def demand(claim, words):
    if not claim:
        raise Fault(words)


class Stream:
    """One stream as a browser opens it; what came so far is kept."""

    def __init__(self, server, who, target="/desk/live"):
        self.sock = socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)
        head = (f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
                f"Cookie: {who.cookie_header('/desk/live')}\r\n\r\n")
        self.sock.sendall(head.encode())
        self.heard, self.is_over = "", False
        self.until(lambda: "\r\n\r\n" in self.heard, "no head came")
        self.status = int(self.heard.split(" ", 2)[1])

    def listen(self, seconds):
        self.sock.settimeout(seconds)
        try:
            piece = self.sock.recv(65536)
            self.heard += piece.decode()
            self.is_over |= not piece
        except TimeoutError:
            pass
        except ConnectionError:
            self.is_over = True

    def until(self, claim, words, seconds=PATIENCE_SECONDS):
        end = time.monotonic() + seconds
        while not claim():
            demand(time.monotonic() < end and not self.is_over, f"{words}: {self.heard!r}")
            self.listen(0.05)
        return self

    def changes(self):
        return self.heard.count("event: changed")

    def hears_a_change(self, seconds=PATIENCE_SECONDS):
        before = self.changes()
        self.until(lambda: self.changes() > before, "no change was told", seconds)

    def hears_nothing(self):
        before, end = self.changes(), time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            self.listen(0.1)
        demand(self.changes() == before, "a change was told that does not concern this desk")

    def ends(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.is_over:
            demand(time.monotonic() < end, "the stream stays open")
            self.listen(0.1)


def stream_of(server, clerk):
    stream = Stream(server, clerk.who)
    demand(stream.status == 200, f"/desk/live: {stream.status}")
    return stream.until(lambda: "retry:" in stream.heard, "it says nothing")


@test()
def a_desk_hears_what_comes_to_it_and_what_leaves_it(server):
    h = faults.House(server)
    stream = stream_of(server, h.clerk("window"))
    number, _ = h.case()
    stream.hears_a_change()
    h.take(number, "accept")
    stream.hears_a_change()


@test()
def a_desk_does_not_hear_of_others(server):
    h = faults.House(server)
    stream = stream_of(server, h.clerk("decider"))
    number, _ = h.case()
    h.take(number, "accept")
    stream.hears_nothing()
    h.take(number, "examine")
    stream.hears_a_change()


@test()
def nothing_but_that_it_changed_is_said(server):
    h = faults.House(server)
    stream = stream_of(server, h.clerk("window"))
    h.case()
    stream.hears_a_change()
    head, body = stream.heard.split("\r\n\r\n", 1)
    lines = {line.strip() for line in body.splitlines() if line.strip()}
    told = {line for line in lines if not line.startswith("retry: ") and not re.fullmatch("[0-9A-Fa-f]+", line)}
    demand(told <= {"event: changed", "data: 1"}, f"more was said: {told}")
    demand("text/event-stream" in head and "Cache-Control: no-store" in head, head)
    demand("Content-Security-Policy" in head, "the head lacks what every reply has")


@test()
def it_is_heard_that_the_stream_still_stands(server):
    stream = stream_of(server, faults.House(server).clerk("checker"))
    stream.until(lambda: ": still here" in stream.heard, "no heartbeat came")


@test()
def it_ends_when_the_session_is_signed_out(server):
    clerk = faults.House(server).clerk("window")
    stream = stream_of(server, clerk)
    clerk.get("/desk")
    clerk.post("/desk/sign-out")
    stream.ends()
    demand(Stream(server, clerk.who).status != 200, "a stream was opened without a session")


@test()
def it_ends_when_the_post_is_taken_away(server):
    h = faults.House(server)
    stream = stream_of(server, h.clerk("window"))
    page = h.clerk("system").get("/desk/accounts").text
    target = visitor_link(page, "window")
    system = h.clerk("system")
    page = system.get(target)
    action = next(f.action for f in visitor.PageReader(page.text).forms if f.action.endswith("/dismiss"))
    system.post(action)
    stream.ends()


def visitor_link(page, login):
    rows = [row for row in page.split("<tr") if f">{login}<" in row]
    demand(rows, f"no account {login} is listed")
    return re.search(r'href="(/desk/accounts/[^"]+)"', rows[0]).group(1)


@test()
def nobody_opens_it_who_is_not_signed_in(server):
    reply = visitor.ask(server.port, "GET", "/desk/live", [("Accept", "text/event-stream")])
    demand(reply.status in (303, 401), f"/desk/live without a session: {reply.status}")


@test("--workers", "2")
def streams_need_no_worker(server):
    h = faults.House(server)
    streams = [stream_of(server, h.clerk(login)) for login in ("window", "reviewer", "decider") for _ in range(4)]
    for _ in range(10):
        demand(visitor.ask(server.port, "GET", "/services", [("Accept", "text/html")]).status == 200, "no page comes")
    h.case()
    for stream in streams[:4]:
        stream.hears_a_change()


@test()
def one_session_has_at_most_four_and_the_oldest_ends(server):
    h = faults.House(server)
    clerk = h.clerk("window")
    oldest, *others = [stream_of(server, clerk) for _ in range(5)]
    oldest.ends()
    h.case()
    for stream in others:
        stream.hears_a_change()


@test()
def who_goes_from_page_to_page_is_always_heard(server):
    clerk = faults.House(server).clerk("window")
    for _ in range(40):
        stream_of(server, clerk).sock.close()


@test()
def it_ends_when_the_session_goes_idle(server):
    clerk = faults.House(server).clerk("window")
    for by_itself in (("HEAD", "/desk/live", "1"), ("GET", "/desk", "1")):
        statuses = []
        for minutes in range(0, 4 * 60, 5):
            method, target, mark = by_itself
            given = [("X-Test-Now", str(server.now + minutes * 60 * 1000)), ("X-By-Itself", mark),
                     ("Accept", "text/html"), ("Cookie", clerk.who.cookie_header(target))]
            statuses.append(visitor.ask(server.port, method, target, given).status)
        demand(statuses[0] == 200 and statuses[-1] != 200, f"{target}, asked for by the page, keeps the session")


@test()
def the_server_ends_with_streams_open(server):
    h = faults.House(server)
    streams = [stream_of(server, h.clerk(login)) for login in ("window", "reviewer") for _ in range(3)]
    began = time.monotonic()
    wrong = server.stop()
    demand(not wrong, wrong)
    demand(time.monotonic() - began < 10, "it took long to end")
    for stream in streams:
        stream.ends()


def run(function, options):
    server = house.Server(talk.house_templates.copy("town"), "town", options, now=faults.NOW).start()
    wrong = []
    try:
        function(server)
    except Exception as why:
        wrong.append(f"{type(why).__name__}: {why}")
    if server.is_running():
        wrong += server.stop()
    print(f"{'FAILED' if wrong else 'ok'} {function.__name__.replace('_', ' ')}", *wrong, sep="\n  ", flush=True)
    return not wrong


def main(wanted):
    chosen = [t for t in TESTS if not wanted or any(w in t[0].__name__ for w in wanted)]
    good = sum(run(*one) for one in chosen)
    print(f"{good} passed, {len(chosen) - good} failed")
    return 0 if good == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
