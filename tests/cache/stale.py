#!/usr/bin/env python3
"""Tries to catch the page cache older than promised: on one process no page is older than the last acknowledged
write, whoever asks for it (docs/decisions/014).

    usage: stale.py [SECONDS]        20 unless told otherwise; with LINLI_POSTGRES_HOST on PostgreSQL

Writers apply for something and, some of them, take the application in at the window; each write that was
acknowledged is noted.  Readers, without any cookie, ask for the list of the open record and for the pages of
single matters, in both languages, packed and not, with and without If-None-Match, and hold every page against
what had been acknowledged before they asked.  A run in which no page came from the cache proves nothing and fails.
"""
import gzip
import http.client
import json
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))

import faults   # noqa: E402  (its visitors)
import house    # noqa: E402
import talk     # noqa: E402
import visitor  # noqa: E402

ROWS = 50       # of the list: what is older has left it
WRITERS, CLERKS, READERS = 4, 1, 8
RECENT = 12
ETAG = re.compile(r'^W/"[0-9a-f]+\.[0-9a-f]+"$')


class Acknowledged:
    """What the server has said is written: numbers in the order of their acknowledgement, and what was taken in."""

    def __init__(self):
        self.lock = threading.Lock()
        self.numbers, self.accepted = [], []

    def add(self, where, number):
        with self.lock:
            where.append(number)

    def recent(self, where):
        with self.lock:
            return where[-RECENT:], len(where)

    def count(self):
        with self.lock:
            return len(self.numbers)


class Trial:
    def __init__(self, server, seconds):
        self.server, self.until = server, time.monotonic() + seconds
        self.written = Acknowledged()
        self.lock = threading.Lock()
        self.faults, self.pages, self.checks, self.from_cache, self.unchanged = [], 0, 0, 0, 0

    def goes_on(self):
        return time.monotonic() < self.until and not self.faults

    def fault(self, words):
        with self.lock:
            self.faults.append(words)

    def run(self):
        works = [self.write] * WRITERS + [self.take_in] * CLERKS + [self.read] * READERS
        threads = [threading.Thread(target=self.guard, args=(work,)) for work in works]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def guard(self, work):
        try:
            work()
        except Exception as why:      # whatever it is, it is told
            self.fault(f"{work.__name__}: {type(why).__name__}: {why}")

    def apply(self):
        reply = visitor.ask(self.server.port, "POST", "/services/street-trading/applications",
                            [("Content-Type", "application/json"), ("Accept", "application/json")],
                            json.dumps(faults.TRADER).encode())
        if reply.status == 503:
            time.sleep(0.5)
            return self.apply()
        if reply.status != 201:
            raise ValueError(f"an application was answered with {reply.status}: {reply.text[:200]}")
        number = reply.json()["number"]
        self.written.add(self.written.numbers, number)
        return number

    def write(self):
        while self.goes_on():
            self.apply()
            time.sleep(random.random() * 0.02)

    def take_in(self):
        desk = faults.House(self.server)
        while self.goes_on():
            number = self.apply()
            if self.takes(desk, number):
                self.written.add(self.written.accepted, number)

    def takes(self, desk, number):
        """Many who write at once may get in each other's way until one is told to come again: that is no old page."""
        for _ in range(5):
            try:
                desk.take(number, "accept")
                return True
            except faults.Fault as fault:
                if not str(fault).endswith(": 503"):
                    raise
                time.sleep(0.5)
        return False

    def read(self):
        reader = Reader(self)
        while self.goes_on():
            reader.read_list() if random.random() < 0.7 else reader.read_matter()


class Reader:
    """One connection that stays, and what it has seen of each page."""

    def __init__(self, trial):
        self.trial, self.connection, self.seen = trial, None, {}

    def get(self, target):
        """The page as this reader has it now: what came, or what a 304 says still holds."""
        if self.connection is None or random.random() < 0.02:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.trial.server.port, timeout=30)
        packed = random.random() < 0.5
        headers = {"Accept": "text/html", "Accept-Language": random.choice(("en", "zh-Hans"))}
        if packed:
            headers["Accept-Encoding"] = "gzip"
        key = target, headers["Accept-Language"]
        etag, body = self.seen.get(key, (None, None))
        if etag and random.random() < 0.5:
            headers["If-None-Match"] = etag
        self.connection.request("GET", target, headers=headers)
        reply = self.connection.getresponse()
        content = reply.read()
        return self.take(key, reply, content, etag, body)

    def take(self, key, reply, content, etag, body):
        trial = self.trial
        came = reply.getheader("ETag") or ""      # none: it changed while it was made, and was not kept
        with trial.lock:
            trial.pages += 1
            trial.from_cache += bool(came) and came == etag
            trial.unchanged += reply.status == 304
        if came and not ETAG.match(came) or reply.status not in (200, 304):
            raise ValueError(f"{key[0]}: {reply.status}, ETag {came!r}")
        if reply.status == 200:
            body = gzip.decompress(content) if reply.getheader("Content-Encoding") == "gzip" else content
        self.seen[key] = came, body
        return body.decode()

    def read_list(self):
        trial = self.trial
        recent, known = trial.written.recent(trial.written.numbers)
        body = self.get("/record")
        behind = trial.written.count() + WRITERS + CLERKS    # as many may stand before any of them by now
        for back, number in enumerate(reversed(recent), 1):
            if behind - (known - back) >= ROWS:
                continue
            with trial.lock:
                trial.checks += 1
            if number not in body:
                trial.fault(f"/record lacks {number}, acknowledged {back} before the request")

    def read_matter(self):
        trial = self.trial
        accepted, _ = trial.written.recent(trial.written.accepted)
        if not accepted:
            return
        number = random.choice(accepted)
        body = self.get(f"/record/{number}")
        with trial.lock:
            trial.checks += 1
        if body.count('class="done"') < 2:
            trial.fault(f"/record/{number} lacks that it was taken in")


def main(seconds):
    templates = talk.house_templates
    server = house.Server(templates.copy("town"), "town", ("--idle-seconds", "300")).start()
    trial = Trial(server, seconds)
    trial.run()
    if not trial.faults and trial.from_cache < trial.pages / 100:
        trial.fault(f"only {trial.from_cache} of {trial.pages} pages came from the cache: nothing was tried")
    wrong = trial.faults[:5] + server.stop()
    broken = server.verify()
    wrong += [broken] if broken else []
    print(f"{trial.written.count()} applications, {len(trial.written.accepted)} taken in, {trial.pages} pages,"
          f" {trial.from_cache} of them kept ones seen again, {trial.unchanged} unchanged, {trial.checks} held against"
          " what was acknowledged")
    for one in wrong:
        print(f"FAILED {one}")
    print(f"{0 if wrong else 1} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20))
