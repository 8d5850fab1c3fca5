"""commands.py -- commands at a million matters: how long, how much memory; start-up; the size of the program."""
import os
import subprocess
import time

import serving
from measure import ROUNDS, Figure, in_turns, median, under

MEMORY_MIB_MAX, EXPORT_SECONDS_MAX, START_MS_MAX = 128, 5, 50
CONSTANT = 1.2  # memory at a million, over memory at ten thousand


def timed(words):
    """Seconds, and MiB at most, of one command that must succeed."""
    began = time.monotonic()
    with open(f"{serving.FOLDER}/command.log", "wb") as log:
        process = subprocess.Popen([serving.LINLI, *words], stdout=subprocess.DEVNULL, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        with open(f"{serving.FOLDER}/command.log", encoding="utf-8", errors="replace") as log:
            raise serving.Missing(f"linli {' '.join(words)}: {log.read()[-300:].strip()}")
    return time.monotonic() - began, used.ru_maxrss / 1024


def both(name, words):
    """The command on both districts in turns: (seconds, MiB) of each."""
    large, small = (lambda size=size: timed([*words, "--db", serving.district(size)]) for size in ("large", "small"))
    large()
    found = in_turns(large, small)
    return [(median(f, lambda one: one[0]), median(f, lambda one: one[1])) for f in found]


def short(_):
    (seconds, memory), (_, memory_small) = both("export", ["export", "cases"])
    yield under("export-of-a-million", seconds, "s", EXPORT_SECONDS_MAX)
    yield Figure("export-memory", memory, "MiB at a million", memory_small, CONSTANT, at_least=False)
    calendar = f"{serving.ROOT}/profiles/cn-qingyang/calendar.csv"
    seconds, memory = timed(["import", "calendar", calendar, "--db", serving.district("large")])
    yield Figure("import-calendar", seconds, "s at a million")
    yield under("import-calendar-memory", memory, "MiB", MEMORY_MIB_MAX)
    yield from start_up()
    yield Figure("binary-size", os.path.getsize(os.path.realpath(serving.LINLI)) / 2**20, "MiB")


def start_up():
    """From the call of the program to the whole first page, at a million matters."""
    taken = []
    db = serving.district("large")
    now = serving.its_own_time(db)
    for _ in range(2 * ROUNDS):
        server = serving.Linli(db, options=now)
        taken.append(server.start_ms)
        server.stop()
    yield under("start-to-first-answer", median(taken), "ms", START_MS_MAX)


def long(_):
    seconds, memory = timed(["verify", "--db", serving.district("large")])
    yield Figure("verify-of-a-million", seconds, "s")
    yield under("verify-memory", memory, "MiB", MEMORY_MIB_MAX)
    path = serving.new_path(".backup")
    seconds, memory = timed(["backup", path, "--db", serving.district("large")])
    os.unlink(path)
    yield Figure("backup-of-a-million", seconds, "s")
    yield under("backup-memory", memory, "MiB", MEMORY_MIB_MAX)
