"""scale.py -- the same pages at ten thousand and at a million matters: what a page costs must not grow.

Both districts are up at once and asked in turns.  The large one is the small one a hundred times over (fill.c), so
everything in it is a hundred times as much: the open cases on one desk too, which is harder than years of history.
"""
import json
import time

import drive
import serving
from measure import Figure, in_turns, median, under

GROWTH_MAX, COUNT_MS_MAX, MEMORY_MIB_MAX = 1.5, 5, 128
CONNECTIONS = (1, 8)

# name: login (None: nobody is signed in), path, form (None: GET).  {number} and {phone} are of one case of each
# district, applied for when the run begins.
PAGES = {
    "home": (None, "/", None),
    "item": (None, "/services/residence-permit", None),
    "calendar": (None, "/calendar", None),
    "record": (None, "/record", None),
    "record-case": (None, "/record/{number}", None),
    "health": (None, "/healthz", None),
    "queue-of-window": ("window", "/desk", None),
    "queue-of-supervisor": ("supervisor", "/desk", None),
    "case-at-desk": ("supervisor", "/desk/cases/{number}", None),
    "find-by-number": ("supervisor", "/desk/find", {"q": "{number}"}),
    "find-by-phone": ("supervisor", "/desk/find", {"q": "{phone}"}),
    "flows": ("supervisor", "/desk/flows", None),
    "flow": ("supervisor", "/desk/flows/application", None),
}
COUNTS = ("flows", "flow")  # pages of figures alone
APPLICATION = {"applicant_name": "王测试", "applicant_id": "510105189001010016", "home": "510105007001",
               "address": "测试巷1号2栋3单元401", "ground": "work", "since_day": "2025-01-01"}


class District:
    """A kept district that is served at its own time, with its staff signed in and one case to look for."""

    def __init__(self, size):
        db = serving.district(size)
        self.server = serving.Linli(db, cached=False, options=serving.its_own_time(db))
        self.phone = f"154{time.time_ns() // 1000000 % 100000000:08d}"
        status, _, body = drive.ask(self.server.port, "POST", "/services/residence-permit/applications",
                                    {"Content-Type": "application/json"},
                                    json.dumps(APPLICATION | {"applicant_phone": self.phone}))
        if status != 201:
            raise serving.Missing(f"an application is answered {status}: {body[:300]!r}")
        self.number = json.loads(body)["number"]
        logins = {login for login, _, _ in PAGES.values() if login}
        self.speaks = {login: drive.sign_in(self.server.port, login) for login in logins}

    def filled(self, text):
        return text.replace("{number}", self.number).replace("{phone}", self.phone)

    def time(self, name, connections, seconds):
        """ms of one request, the middle one."""
        login, path, form = PAGES[name]
        headers = [self.speaks[login]] if login else []
        words = [self.filled(w) for w in drive.form(form)] if form else ()
        run = drive.wrk(self.server.url(self.filled(path)), connections, seconds, "post.lua" if form else "report.lua",
                        words, headers)
        if run.refused or run.broken:
            raise serving.Missing(f"{path}: {run.refused} answers refused, {run.broken} connections broken")
        if not run.good:
            raise serving.Missing(f"{path}: not one answer within {seconds} s")
        return run.p50


def compare(small, large, name, connections, seconds):
    large.time(name, connections, 1)
    small.time(name, connections, 1)
    at_large, at_small = in_turns(lambda: large.time(name, connections, seconds), lambda: small.time(name, connections, seconds))
    return median(at_large), median(at_small)


def pages(seconds):
    small, large = District("small"), District("large")
    for name in PAGES:
        for connections in CONNECTIONS:
            try:
                at_large, at_small = compare(small, large, name, connections, seconds)
            except serving.Missing as why:
                print(f"page-{name}-{connections} not measured: {why}", flush=True)
                continue
            yield Figure(f"page-{name}-{connections}", at_large, "ms at a million", at_small, GROWTH_MAX, at_least=False)
            if name in COUNTS and connections == 1:
                yield under(f"count-{name}", at_large, "ms", COUNT_MS_MAX)
    now, most = large.server.memory()
    yield under("memory-of-server-at-a-million", now, "MiB after traffic", MEMORY_MIB_MAX)
    yield under("memory-of-server-at-a-million-most", most, "MiB at most", MEMORY_MIB_MAX)
