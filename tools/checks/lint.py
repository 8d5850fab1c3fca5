#!/usr/bin/env python3
"""lint.py -- runs the house's checkers and says what each found.

    usage: lint.py [CHECKER ...]      only these

Prints file:line: what is wrong, and "N passed, N failed", one for each checker.  What may stay stands in
tools/exceptions.txt with its reason; an exception nobody needs any more fails like a fault.
"""
import importlib
import os
import sys

import house

CHECKERS = ["layers", "shape", "banned", "routes", "catalogues", "statements", "schemas", "pages", "heads", "people"]


def run(checker, root, allowed):
    """What remains of this checker's findings; a thing it needs and misses is a finding too."""
    module = importlib.import_module(checker)
    try:
        findings = list(dict.fromkeys(module.find(root)))
    except house.Missing as missing:
        return [house.Finding("build", 0, str(missing))]
    return house.sift(checker, findings, allowed)


def tell(checker, findings):
    for f in sorted(findings):
        print(f"{f.file}:{f.line}: {f.what}")
    print(f"{checker:<12} {'ok' if not findings else f'{len(findings)} amiss'}")


def main(wanted):
    root = os.path.relpath(os.path.join(os.path.dirname(__file__), "..", ".."))
    unknown = [w for w in wanted if w not in CHECKERS]
    if unknown:
        print(f"there is no checker {unknown[0]}; there are {', '.join(CHECKERS)}", file=sys.stderr)
        return 2
    allowed, bad = house.read_exceptions(root, CHECKERS)
    results = {"exceptions": bad} if not wanted else {}
    results |= {checker: run(checker, root, allowed) for checker in wanted or CHECKERS}
    for checker, findings in results.items():
        tell(checker, findings)
    failed = sum(bool(findings) for findings in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
