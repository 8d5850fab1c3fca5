#!/usr/bin/env python3
"""Runs the fuzz targets, two at a time, each from its kept corpus, and says what was found.

    usage: fuzz.py [PART OF A NAME ...]      only targets whose names contain one of these

FUZZ_SECONDS is the time for each target (60).  What a target learns stays in build/fuzz/corpus/NAME, its
output in build/fuzz/logs/NAME.log, what it found in build/fuzz/findings/NAME-*; tests/fuzz/README.md says
what to do with a finding.
"""
import glob
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOM = "build/fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
LIMITS = ["-max_len=16384", "-timeout=20", "-rss_limit_mb=2560", "-print_final_stats=1"]
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1", "LINLI_SOURCE": "."}


def targets(wanted):
    for path in sorted(glob.glob(f"{ROOM}/tests/fuzz-*")):
        name = os.path.basename(path).removeprefix("fuzz-")
        if os.path.isfile(path) and (not wanted or any(w in name for w in wanted)):
            yield name


def figure(log, name):
    found = re.findall(rf"^stat::{name}:\s*(\d+)", log, re.M)
    return int(found[-1]) if found else 0


def fuzz(name):
    learned, findings = f"{ROOM}/corpus/{name}", f"{ROOM}/findings/{name}-"
    os.makedirs(learned, exist_ok=True)
    command = [f"{ROOM}/tests/fuzz-{name}", learned, f"tests/fuzz/corpus/{name}", f"-artifact_prefix={findings}",
               f"-max_total_time={SECONDS}", *LIMITS]
    log_path = f"{ROOM}/logs/{name}.log"
    with open(log_path, "wb") as out:
        code = subprocess.run(command, env=os.environ | SANITIZERS, stdout=out, stderr=out).returncode
    with open(log_path, encoding="utf-8", errors="replace") as f:
        log = f.read()
    found = re.findall(r"Test unit written to (\S+)", log)
    said = "passed" if code == 0 else "failed: " + (found[-1] if found else log_path)
    runs, new = figure(log, "number_of_executed_units"), figure(log, "new_units_added")
    print(f"{name:<12} {runs:>9} inputs {new:>6} new  {said}", flush=True)
    return code == 0


def main(wanted):
    for folder in ("corpus", "findings", "logs"):
        os.makedirs(f"{ROOM}/{folder}", exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(fuzz, targets(wanted)))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
