#!/usr/bin/env python3
"""Holds the talks of this folder with real servers (talk.py says how they are written).

    usage: run.py [--measure] [PART OF A FILE NAME ...]

Each file is held with a server of its own on a fresh copy of a district.  Afterwards the server must end well,
without a word from a sanitizer, its log and its export must hold nothing personal, and `linli verify` must be content.  When
all files are held, every route of the program must have been answered well at least once.  --measure writes
what pages cost now into their lines "queries at most" and "takes at most" (the second with a tenth on top).
"""
import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import house
import talk

PERSONAL_SHAPES = re.compile(r"510105189\d{8}[\dX]|\b154\d{8}\b|\b02079460\d{3}\b")
WORKERS = 2


class Results:
    def __init__(self):
        self.lock = threading.Lock()
        self.passed = self.failed = 0
        self.asked = set()

    def add(self, name, fault):
        with self.lock:
            self.passed += fault is None
            self.failed += fault is not None
            if fault is not None:
                print(f"FAILED {name}\n  {fault}", flush=True)


def leak(where, log, personal, secrets):
    """What of the visitors is in a text where nothing of them may be, or None."""
    found = [value for value in personal | secrets if value in log]
    shape = PERSONAL_SHAPES.search(log)
    if found or shape:
        return f"{where} holds personal data: {found or shape.group(0)}"
    return None


def hold(talk_file, profile, language, results, measured):
    """One file in one language on one district."""
    where = f"{os.path.basename(talk_file.path)} [{profile} {language}]"
    server = house.Server(talk.house_templates.copy(profile), profile, talk_file.options)
    for rule, value in zip(talk_file.rules[::2], talk_file.rules[1::2]):
        server.set_rule(rule, value)
    server.start()
    teller = talk.Teller(server, talk_file, language, measured)
    for one in talk_file.talks:
        fault = teller.tell(one)
        if fault is None and not server.is_running():
            fault = "the server is gone"
        results.add(f"{where} {one.name}", fault)
        if not server.is_running():
            break
    faults = server.stop()
    known = (teller.personal, teller.secrets)
    faults += [f for f in (leak("the log of the server", server.log(), *known),
                           leak("the export of cases", server.export(), *known), server.verify()) if f]
    results.add(f"{where} ends well", "\n".join(faults) or None)
    with results.lock:
        results.asked |= teller.asked


def route_pattern(path):
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace(".", r"\.")) + r"(\.json)?")


def unanswered(asked):
    good = {(method, path) for method, path, status in asked if status < 400}
    good |= {("GET", path) for method, path in good if method == "HEAD"}    # of a stream, which has no end
    return [f"{method} {path}" for method, path in sorted(talk.source_routes())
            if not any(m == method and route_pattern(path).fullmatch(p) for m, p in good)]


def write_measures(measured):
    """The lines with limits, rewritten in their files."""
    for (path, number, what), spent in measured.items():
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        most = spent if what == "queries" else spent + (spent + 9) // 10
        lines[number - 1] = f"{what} at most {most}"
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))


def main(words):
    wanted = [w for w in words if not w.startswith("--")]
    measured = {} if "--measure" in words else None
    results = Results()
    rounds = [(one, profile, language) for one in talk.read_all(wanted) for profile in one.profiles
              for language in (one.languages or [talk.DEFAULT_LANGUAGE[profile]])]
    for profile in {p for _, p, _ in rounds}:
        talk.house_templates.path(profile)
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for done in [pool.submit(hold, *one, results, measured) for one in rounds]:
            done.result()
    if not wanted:
        missing = unanswered(results.asked)
        results.add("every route is spoken to", "never answered well: " + ", ".join(missing) if missing else None)
    write_measures(measured or {})
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed or not results.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
