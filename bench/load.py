#!/usr/bin/env python3
"""A day's mixed traffic for minutes; slow connections; more than can be answered.  One line for each figure.

    usage: load.py [--long] [--only mixed|slow|overload]

Mixed: residents read, apply and follow, staff look at their queue and take steps, somebody exports, somebody watches
the live page; 60 seconds, or 20 minutes with --long.  Every few seconds memory, open files and latency are noted, and
the slope of each is judged: over the second half nothing may grow.
"""
import argparse
import asyncio
import json
import random
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import drive
import scale
import serving
import submissions
from measure import Figure, median, under

# What is asked for, and how often of a hundred: as in an ordinary week, residents read far more than they apply.
PATTERN = [
    ("home", 12), ("services", 14), ("item", 20), ("places", 4), ("calendar", 3), ("apply", 8), ("follow", 14),
    ("queue", 12), ("case", 6), ("step", 4), ("live", 3),
]
MINUTE, VISITORS = 60, 24
SECONDS = (MINUTE, 20 * MINUTE)
PAUSE_SECONDS = 0.02        # between two requests of one visitor
EXPORT_EVERY_SECONDS = 20
SLOW, SLOW_BYTE_SECONDS = 5000, 8
SLOW_P99_MAX = 1.5          # p99 of the others with them, over without
GROWTH_MAX = 1.10           # last quarter over second quarter
OVERLOAD_CONNECTIONS = 3000
RECOVERY_SECONDS, RECOVERY = 3, 0.8


def allow_many_files():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


# ---------------------------------------------------------------------- mixed traffic

class Visitor:
    """One connection that is kept, and what its holder knows."""

    def __init__(self, port, speaks, items):
        self.port, self.speaks, self.items = port, speaks, items
        self.reader = self.writer = None
        self.cases, self.n = [], 0

    async def ask(self, method, path, headers=(), body=None):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        rows = [(k.strip().lower(), v.strip()) for k, _, v in (line.partition(":") for line in head.split("\r\n")[1:])]
        named = dict(rows) | {"cookies": "; ".join(v.split(";")[0] for k, v in rows if k == "set-cookie")}
        content = await self.reader.readexactly(int(named.get("content-length", 0)))
        if named.get("connection", "").lower() == "close":
            await self.leave()
        return status, named, content

    async def leave(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    # what visitors do; each gives the statuses that are well

    async def home(self):
        return await self.ask("GET", "/"), {200}

    async def services(self):
        return await self.ask("GET", "/services?q=" + urllib.parse.quote(random.choice(["", "居住", "jz", "补贴"]))), {200}

    async def item(self):
        return await self.ask("GET", f"/services/{random.choice(self.items)}"), {200}

    async def places(self):
        return await self.ask("GET", "/places"), {200}

    async def calendar(self):
        return await self.ask("GET", "/calendar"), {200}

    async def live(self):
        return await self.ask("GET", "/desk/flows/application", [self.speaks["supervisor"]]), {200}

    async def apply(self):
        body = json.dumps(scale.APPLICATION | {"applicant_phone": f"154{random.randrange(10**8):08d}"}).encode()
        reply = await self.ask("POST", submissions.PATH, ["Content-Type: application/json"], body)
        if reply[0] == 201:
            said = json.loads(reply[2])
            self.cases = [*self.cases[-20:], (said["number"], said["code"])]
        return reply, {201}

    async def follow(self):
        if not self.cases:
            return await self.apply()
        number, code = random.choice(self.cases)
        body = urllib.parse.urlencode({"number": number, "code": code}).encode()
        reply = await self.ask("POST", "/follow", ["Content-Type: application/x-www-form-urlencoded"], body)
        if reply[0] != 303:
            return reply, {303}
        return await self.ask("GET", f"/cases/{number}", ["Cookie: " + reply[1]["cookies"]]), {200}

    async def queue(self):
        return await self.ask("GET", "/desk", [self.speaks[random.choice(["window", "supervisor", "reviewer"])]]), {200}

    async def case(self):
        if not self.cases:
            return await self.apply()
        return await self.ask("GET", f"/desk/cases/{self.cases[-1][0]}", [self.speaks["supervisor"]]), {200}

    async def step(self):
        """Handing over what was applied for; that it cannot be, or no more, is a good answer too."""
        if not self.cases:
            return await self.apply()
        return await self.ask("POST", f"/desk/cases/{random.choice(self.cases)[0]}/steps/hand_over",
                              [self.speaks["window"], "Content-Type: application/x-www-form-urlencoded"],
                              b"papers_received=identity&foreign_number=B1"), {303, 403, 409, 422}


class Mixed:
    def __init__(self, server, seconds):
        self.server, self.until = server, time.monotonic() + seconds
        self.speaks = {login: drive.sign_in(server.port, login) for login in ("window", "supervisor", "reviewer")}
        _, _, body = drive.ask(server.port, "GET", "/services.json")
        self.items = [i["item"] for i in json.loads(body)["items"]]
        self.took, self.amiss, self.samples, self.asked = [], {}, [], 0

    async def visit(self):
        visitor = Visitor(self.server.port, self.speaks, self.items)
        what, weights = zip(*PATTERN)
        while time.monotonic() < self.until:
            deed = random.choices(what, weights)[0]
            began = time.monotonic()
            try:
                reply, good = await getattr(visitor, deed)()
                if reply[0] not in good:
                    self.note(f"{deed} {reply[0]}")
            except (OSError, asyncio.IncompleteReadError) as broken:
                self.note(f"{deed} {type(broken).__name__}")
                await visitor.leave()
            self.took.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
        await visitor.leave()

    def note(self, what):
        self.amiss[what] = self.amiss.get(what, 0) + 1

    async def sample(self, every):
        while time.monotonic() < self.until:
            await asyncio.sleep(every)
            took, self.took = sorted(self.took), []
            self.asked += len(took)
            if took:
                self.samples.append((self.server.memory()[0], self.server.handles(), took[len(took) // 2],
                                     took[int(len(took) * 0.99)]))

    async def export(self):
        while time.monotonic() < self.until:
            process = await asyncio.create_subprocess_exec(
                serving.LINLI, "export", "cases", "--db", self.server.db, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if await process.wait():
                self.note("export")
            await asyncio.sleep(min(EXPORT_EVERY_SECONDS, max(0, self.until - time.monotonic())))

    async def run(self, every):
        await asyncio.gather(self.sample(every), self.export(), *(self.visit() for _ in range(VISITORS)))


def growth(values):
    """The last quarter over the second one: what comes before is the filling of caches."""
    n = len(values) // 4
    return median(values[-n:]) / max(median(values[n:2 * n]), 0.001)


def mixed(long):
    """On a copy of a new district: what is applied for is thrown away."""
    seconds = SECONDS[long]
    server = serving.Linli(serving.new_district(2000))
    mix = Mixed(server, seconds)
    asyncio.run(mix.run(seconds / 40))
    memory, handles, p50, p99 = zip(*mix.samples)
    yield Figure("mixed-requests", mix.asked / seconds, "requests/s")
    amiss = ", ".join(f"{n} of {what}" for what, n in sorted(mix.amiss.items())) or "none"
    yield Figure("mixed-as-expected", mix.asked - sum(mix.amiss.values()), f"answers, amiss: {amiss}", mix.asked, 1)
    yield under("mixed-memory-growth", growth(memory), f"times, {memory[-1]:.0f} MiB at the end", GROWTH_MAX)
    yield under("mixed-handles-growth", growth(handles), f"times, {handles[-1]} at the end", GROWTH_MAX)
    yield under("mixed-latency-growth", growth(p50), f"times, p50 {median(p50):.2f} ms", 1.5)
    yield under("mixed-p99", median(p99), "ms", 10)


# ---------------------------------------------------------------------- slow connections

class Slow:
    """Connections that send a request a byte at a time, and begin anew when they are shut."""

    def __init__(self, port, n):
        self.port, self.n, self.open, self.is_over = port, n, [], False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), 5)
        s.send(b"GET / HTTP/1.1\r\nHost: slow\r\nX-Slow: ")
        return s

    def run(self):
        while not self.is_over:
            for at in range(self.n):
                try:
                    if at >= len(self.open):
                        self.open.append(self.connect())
                    else:
                        self.open[at].send(b"x")
                except OSError:
                    self.open[at:at + 1] = []
                if at % 500 == 499:
                    time.sleep(SLOW_BYTE_SECONDS / (self.n / 500))
                if self.is_over:
                    return

    def __enter__(self):
        self.thread.start()
        until = time.monotonic() + 60
        while len(self.open) < self.n * 0.98 and time.monotonic() < until:
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        for s in self.open:
            s.close()


def slow(long):
    most = allow_many_files()
    n = min(SLOW, most - 200)
    server = serving.Linli(serving.new_district(), options=["--connections", "8192"])
    seconds = 20 if long else 6
    url = server.url("/services/residence-permit")
    drive.wrk(url, 16, 1)
    before = [drive.wrk(url, 16, seconds) for _ in range(2)]
    with Slow(server.port, n) as held:
        during = [drive.wrk(url, 16, seconds) for _ in range(2)]
        open_now = len(held.open)
    yield Figure("slow-connections", open_now, "held")
    p99 = median(during, lambda r: r.p99)
    yield Figure("slow-p99-of-others", p99, "ms", median(before, lambda r: r.p99), SLOW_P99_MAX, at_least=False)
    yield Figure("slow-rate-of-others", median(during, lambda r: r.rate), "pages/s", median(before, lambda r: r.rate), 0.8)
    yield Figure("slow-broken-of-others", sum(r.broken + r.refused for r in during), "answers")


# ---------------------------------------------------------------------- overload

def shed(port, seconds):
    """How many of those who come meanwhile are sent away, and whether all are told when to return."""
    until, away, told = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        try:
            status, headers, _ = drive.ask(port, "GET", "/calendar")
        except OSError:
            continue
        away += status == 503
        told += status == 503 and "retry-after" in headers
    return away, told


def overload(long):
    """A small queue, so that a load generator on the same cores can fill it; the page takes a worker."""
    allow_many_files()
    seconds = 15 if long else 5
    server = serving.Linli(serving.new_district(), cached=False, options=["--queue", "128", "--workers", "16"])
    url = server.url("/calendar")
    drive.wrk(url, 64, 1)
    before = drive.wrk(url, 64, 3)
    found = []
    watcher = threading.Thread(target=lambda: found.append(shed(server.port, seconds)))
    watcher.start()
    during = drive.wrk(url, OVERLOAD_CONNECTIONS, seconds)
    watcher.join()
    time.sleep(RECOVERY_SECONDS)
    after = drive.wrk(url, 64, 3)
    away, told = found[0]
    answered = during.rate * seconds - during.refused
    yield Figure("overload-shed", during.refused / seconds, "answers/s of 503")
    yield Figure("overload-answered", answered / seconds, "pages/s", before.rate)
    yield Figure("overload-told-when", told, "of those seen with Retry-After", away or None, 1)
    yield Figure("overload-recovered", after.rate, f"pages/s {RECOVERY_SECONDS} s after", before.rate, RECOVERY)


PARTS = {"mixed": mixed, "slow": slow, "overload": overload}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--long", action="store_true")
    words.add_argument("--only", choices=PARTS)
    asked = words.parse_args()
    good = True
    for name, part in PARTS.items():
        if asked.only in (None, name):
            try:
                for figure in part(asked.long):
                    print(f"{figure.line()}\n    bench/load.py --only {name}", flush=True)
                    good = good and not figure.line().endswith("short")
            except (serving.Missing, RuntimeError) as why:
                print(f"{name} not measured: {why}", flush=True)
            for process in serving.RUNNING:
                serving.end(process)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
