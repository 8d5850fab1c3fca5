#!/usr/bin/env python3
"""Runs every test of the house, two at a time, and says what passed.

    usage: test.py [PART OF A NAME ...]      only suites whose names contain one of these

A suite is a command that ends with a line "N passed, N failed" (or is a cmocka program, which says it its own
way) and exits with 0 only when nothing failed.  Its whole output stands in build/test/NAME.log.
"""
import glob
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

LOGS = "build/test"
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
CMOCKA = {"passed": re.compile(r"^\[  PASSED  \] (\d+) test", re.M), "failed": re.compile(r"^\[  FAILED  \] (\d+) test", re.M)}
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
              "TSAN_OPTIONS": "halt_on_error=0:exitcode=66:suppressions=tests/thread/suppressions.txt"}

# The long ones first, so that both cores have something to do to the end.
SCRIPTS = [
    ("browser", "node tests/browser/run.mjs", {"LINLI": "build/release/linli"}),
    ("http-talks", "python3 tests/http/run.py", {"LINLI": "build/debug/linli"}),
    ("http-faults", "python3 tests/http/faults.py", {"LINLI": "build/debug/linli"}),
    ("http-traps", "python3 tests/http/traps.py", {"LINLI": "build/debug/linli"}),
    ("kept", "python3 tests/cache/kept.py", {"LINLI": "build/debug/linli"}),
    ("http-live", "python3 tests/http/live.py", {"LINLI": "build/debug/linli"}),
    ("thread", "python3 tests/thread/run.py", {"LINLI": "build/thread/linli"}),
    ("postgres", "tools/postgres.sh tests/postgres/run.sh", {"LINLI_SOURCE": "."}),
    ("postgres-talks", "tools/postgres.sh python3 tests/http/run.py", {"LINLI": "build/debug/linli"}),
    ("postgres-faults", "python3 tests/postgres/faults.py", {"LINLI": "build/debug/linli"}),
    ("postgres-move", "python3 tests/postgres/move.py", {"LINLI": "build/release/linli"}),
    ("postgres-several", "tools/postgres.sh python3 tests/postgres/several.py", {"LINLI": "build/release/linli"}),
    ("stale", "python3 tests/cache/stale.py", {"LINLI": "build/release/linli"}),
    ("postgres-stale", "tools/postgres.sh python3 tests/cache/stale.py", {"LINLI": "build/release/linli"}),
    ("year", "python3 tests/year/run.py", {"LINLI": "build/release/linli"}),
    ("program", "python3 tests/program/run.py", {"LINLI": "build/debug/linli"}),
    ("package", "python3 tests/package/run.py", {}),
    ("proxies", "python3 tests/deploy/proxies.py", {"LINLI": "build/debug/linli"}),
    ("metrics", "python3 tests/deploy/metrics.py", {"LINLI": "build/debug/linli"}),
    ("postgres-metrics", "tools/postgres.sh python3 tests/deploy/metrics.py", {"LINLI": "build/debug/linli"}),
    ("drawings", "python3 tests/flow/drawings.py", {"LINLI": "build/debug/linli"}),
    ("lint", "tools/lint.sh", {}),
    ("tools", "python3 tests/tools/run.py", {}),
    ("crosscheck", "tools/crosscheck.sh", {}),
]


# Of the build with the thread sanitizer only what threads share; its program is the suite "thread".
PROGRAMS = {"debug": "test-*", "thread": "test-store-*"}


def suites():
    for name, command, settings in SCRIPTS:
        missing = name == "thread" and not os.path.exists(settings["LINLI"])
        if os.path.exists(command.split()[-1]) and not missing:
            yield name, command.split(), settings
    for build, programs in PROGRAMS.items():
        for path in sorted(glob.glob(f"build/{build}/tests/{programs}")):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                name = os.path.basename(path).removeprefix("test-")
                yield (name if build == "debug" else f"{build}-{name}"), [path], {"LINLI_SOURCE": "."}


def counts(output, code):
    last = COUNTS.findall(output)
    if last:
        passed, failed = map(int, last[-1])
    else:
        passed, failed = (sum(map(int, CMOCKA[k].findall(output))) for k in ("passed", "failed"))
    if code != 0 and failed == 0 or passed + failed == 0:
        failed += 1
    return passed, failed


def run(suite):
    name, command, settings = suite
    began = time.monotonic()
    try:
        done = subprocess.run(command, env=os.environ | SANITIZERS | settings, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=900)
        output, code = done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = (late.stdout or b"").decode("utf-8", "replace") + "\nstopped: took longer than 900 s\n", 1
    with open(f"{LOGS}/{name}.log", "w", encoding="utf-8") as f:
        f.write(output)
    passed, failed = counts(output, code)
    print(f"{name:<24} {passed:>5} passed {failed:>3} failed  {time.monotonic() - began:6.1f} s", flush=True)
    if failed:
        print_end(output, 60)
    return passed, failed, name, output


def print_end(output, lines):
    print("\n".join("    " + line for line in output.splitlines()[-lines:]), flush=True)


def say_again(results):
    """What failed once more at the end: of a long log often only the end is kept."""
    for _, failed, name, output in results:
        if failed:
            print(f"failed: {name}")
            print_end("\n".join(line for line in output.splitlines() if "FAIL" in line), 10)
            print_end(output, 10)


def main(wanted):
    os.makedirs(LOGS, exist_ok=True)
    chosen = [s for s in suites() if not wanted or any(w in s[0] for w in wanted)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(run, chosen))
    passed, failed = (sum(r[i] for r in results) for i in (0, 1))
    say_again(results)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
