#!/usr/bin/env python3
"""Holds the command line to its promises: what --help and docs/operations.md say, what is refused, what a cut leaves.

    usage: run.py [PART OF A NAME ...]       only promises whose names contain one of these
"""
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import house

# Each registers its promises.
import accounts    # noqa: F401
import keeping     # noqa: F401
import making      # noqa: F401
import moving      # noqa: F401
import proving     # noqa: F401
import serving     # noqa: F401
import words       # noqa: F401

WORKERS = 2


def hold(function):
    """None when the promise is kept, else what went wrong."""
    try:
        function(house.TEMPLATES.folder_for(function.__name__))
    except Exception:  # whatever it is, this promise is not kept and the others are still held
        return traceback.format_exc(limit=-3)
    return None


def main(wanted):
    if not os.path.exists(house.LINLI):
        raise SystemExit(f"there is no {house.LINLI}; build it first")
    chosen = [p for p in house.PROMISES if not wanted or any(w in p.__name__ for w in wanted)]
    for kind in ("demo", "empty", "town"):
        house.TEMPLATES.path(kind)
    failed = 0
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for function, fault in zip(chosen, pool.map(hold, chosen)):
            failed += fault is not None
            if fault is not None:
                print(f"FAILED {function.__module__}: {function.__name__}\n{fault}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
