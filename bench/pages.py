"""pages.py -- pages beside nginx that serves a file of the same bytes, and beside Fastify that serves an equal list."""
import json

import drive
import serving
from measure import Figure, in_turns, median, under

# The pages that are measured.  A page that is not there is told as not measured.
PAGES = {
    "item": "/services/residence-permit",   # the public page of a service
    "case": "/record/{number}",             # the public page of a case; {number} is that of the newest
    "list": "/record",                      # the public list of cases, 50 rows
}
P99_MS = 10


class Stage:
    """Ours and nginx, up for all pages of one run; nginx holds the bytes that ours gave."""

    def __init__(self, cached):
        if cached and not serving.has_page_cache():
            raise serving.Missing("this program has no page cache (linli serve --page-cache)")
        self.ours = serving.Linli(serving.new_district(), cached=cached)
        self.nginx = serving.Nginx()

    def page(self, name):
        """The two addresses of one page."""
        path = path_of(self.ours, name)
        status, _, body = drive.ask(self.ours.port, "GET", path)
        if status != 200:
            raise serving.Missing(f"{path} answers {status}")
        return self.ours.url(path), self.nginx.put(name, body)


def path_of(server, name):
    if "{number}" not in PAGES[name]:
        return PAGES[name]
    _, _, body = drive.ask(server.port, "GET", "/record.json")
    return PAGES[name].replace("{number}", json.loads(body)["rows"][0]["number"])


def good(run, url):
    if run.broken or run.refused:
        raise serving.Missing(f"{url}: {run.broken} connections broken, {run.refused} answers refused")
    return run


def race(name, one, other, connections, seconds, target):
    for url in (one, other):
        drive.wrk(url, connections, 1)
    ours, limit = in_turns(*(lambda u=u: good(drive.wrk(u, connections, seconds), u) for u in (one, other)))
    rate = Figure(name, median(ours, lambda r: r.rate), "pages/s", median(limit, lambda r: r.rate), target)
    return rate, under(name + "-p99", median(ours, lambda r: r.p99), "ms", P99_MS)


def cached(seconds):
    stage = Stage(True)
    for name in PAGES:
        yield from race(f"cached-{name}", *stage.page(name), 64, seconds, 0.8)


def uncached(seconds):
    stage = Stage(False)
    for name in PAGES:
        target = 0.3 if name == "list" else None
        yield from race(f"uncached-{name}", *stage.page(name), 64, seconds, target)


def beside_fastify(seconds, recording):
    """The list of 50 at 16 and at 64 connections; also against two processes of Fastify, which is told only."""
    ours = serving.Linli(serving.new_district(), cached=False)
    for processes in (1, 2):
        peer = serving.Fastify(recording(), processes)
        for connections in (16, 64):
            tail = "" if processes == 1 else "-two-processes"
            rate, _ = race(f"list-beside-fastify-{connections}{tail}", ours.url(PAGES["list"]), peer.url("/list/1"),
                           connections, seconds, 4 if processes == 1 else None)
            yield rate if processes == 1 else Figure(rate.name, rate.ratio, "times", None)
        serving.end(peer.process)
