#!/usr/bin/env python3
"""Measures Linli beside limits that are measured in the same run, and prints one line for each figure:

    name value unit · limit value · ratio r · target t · pass|short

    usage: run.py [--long] [--keep] [--only NAME ...] [--list]

--only takes the name of a group or of a figure (or the beginning of one).  --keep writes the result to
bench/results/.  Build first: make release.  See bench/README.md and docs/performance.md.
"""
import argparse
import datetime
import os
import platform
import subprocess
import sys

import commands
import pages
import route
import scale
import serving
import submissions

# The groups: what measures them, seconds of one side in one round (short, long).
GROUPS = {
    "cached": (pages.cached, 3, 10),
    "uncached": (pages.uncached, 3, 10),
    "list-beside-fastify": (lambda s: pages.beside_fastify(s, submissions.recording), 3, 10),
    "submit-beside-sqlite": (submissions.beside_raw, 4, 15),
    "submit-beside-fastify": (submissions.beside_fastify, 4, 15),
    "submit-beside-pgbench": (submissions.beside_pgbench, 4, 15),
    "at-a-million": (scale.pages, 1, 4),
    "route": (route.lookups, 0, 0),
    "commands": (commands.short, 0, 0),
    "commands-long": (commands.long, None, 0),
}
# Which figures a group gives, where they do not begin with its name: so that --only finds them.
FIGURES = {"submit-p99": "submit-beside-sqlite", "page-": "at-a-million", "count-": "at-a-million",
           "start": "commands", "memory": "commands", "export": "commands", "binary": "commands", "import": "commands",
           "verify": "commands-long"}


def groups_for(names):
    """The groups in which figures of these names are measured; all of them when none is named."""
    for group in GROUPS:
        if not names or any(n.startswith(group) or group.startswith(n) for n in names):
            yield group
        elif any(g == group and (n.startswith(f) or f.startswith(n)) for n in names for f, g in FIGURES.items()):
            yield group


def is_wanted(name, names):
    return not names or any(name.startswith(n) for n in names)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores, {model}, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') >> 30} GiB"


def version():
    said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=serving.ROOT, capture_output=True, text=True)
    return said.stdout.strip()


class Out:
    """Prints, and keeps what it printed."""

    def __init__(self):
        self.lines = []

    def say(self, line):
        print(line, flush=True)
        self.lines.append(line)

    def keep(self):
        name = f"{datetime.date.today()}-{platform.node()}-{os.cpu_count()}.txt"
        os.makedirs(f"{serving.ROOT}/bench/results", exist_ok=True)
        with open(f"{serving.ROOT}/bench/results/{name}", "w", encoding="utf-8") as f:
            f.write("\n".join(self.lines) + "\n")
        print(f"kept in bench/results/{name}")


def run_group(out, group, seconds, names):
    """False when a figure was short; what could not be measured is said, and is no pass either."""
    good = True
    try:
        for figure in GROUPS[group][0](seconds):
            if not is_wanted(figure.name, names) and not is_wanted(group, names):
                continue
            line = figure.line()
            good = good and not line.endswith("short")
            out.say(f"{line}\n    bench/run.py --only {figure.name}")
    except (serving.Missing, OSError, RuntimeError) as why:
        out.say(f"{group} not measured: {why}")
    finally:
        for process in serving.RUNNING:
            serving.end(process)
    return good


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--long", action="store_true")
    words.add_argument("--keep", action="store_true")
    words.add_argument("--only", nargs="+", default=[])
    words.add_argument("--list", action="store_true")
    asked = words.parse_args()
    if asked.list:
        return print("\n".join(GROUPS))
    if not os.environ.get("LINLI_POSTGRES_HOST") and os.path.isdir("/usr/lib/postgresql"):
        os.execv(f"{serving.ROOT}/tools/postgres.sh", ["postgres.sh", "--durable", sys.executable, *sys.argv])
    out = Out()
    out.say(f"{datetime.datetime.now():%Y-%m-%d %H:%M} · {platform.node()} · {machine()}"
            f" · {version()} · load before {os.getloadavg()[0]:.1f}")
    good = [run_group(out, group, GROUPS[group][1 + asked.long], asked.only)
            for group in groups_for(asked.only) if GROUPS[group][1 + asked.long] is not None]
    if asked.keep:
        out.keep()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
