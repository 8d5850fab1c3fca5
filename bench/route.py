"""route.py -- points that find their area among a thousand: beside a million a second, GEOS and PostGIS."""
import subprocess

import serving
from measure import ROUNDS, Figure, median

MILLION, DIFFERENT = 1_000_000, "the answers differ from those of GEOS or PostGIS"


def once(program):
    done = subprocess.run([program], capture_output=True, text=True)
    found = {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}
    if done.returncode or found.get("differ") != 0:
        raise serving.Missing(done.stderr.strip() or DIFFERENT)
    return found


def lookups(_):
    program, = serving.build("linli-route")
    rounds = [once(program) for _ in range(ROUNDS)]
    middle = {name: median(rounds, lambda one, name=name: one[name]) for name in rounds[0]}
    yield Figure("route-thousand-areas", middle["ours"], "lookups/s", MILLION, 1)
    yield Figure("route-beside-geos", middle["ours"], "lookups/s", middle["geos"], 1)
    if "postgis" not in middle:
        raise serving.Missing("no PostGIS beside PostgreSQL: install postgresql-15-postgis-3")
    yield Figure("route-beside-postgis", middle["ours"], "lookups/s", middle["postgis"], 1)
