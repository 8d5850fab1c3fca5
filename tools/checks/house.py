"""house.py -- what the checkers share: finding files, a finding, and the list of exceptions.

A checker is a module with one function find(root) that gives Findings.  It knows nothing of exceptions;
lint.py takes away what tools/exceptions.txt allows, and reports what that file allows without need.
"""
import os
from typing import NamedTuple

LAYERS = ["base", "store", "ground", "trust", "engine", "web", "registers", "services", "channels", "program"]
SKIPPED_FOLDERS = {"build", "node_modules", "__pycache__"}
EXCEPTIONS = "tools/exceptions.txt"


class Finding(NamedTuple):
    file: str  # as seen from the root
    line: int
    what: str  # holds no line numbers, so that an exception survives an edit elsewhere in the file


class Missing(Exception):
    """Something that must be built before this checker can look."""


class Allowed(NamedTuple):
    line: int  # in the exceptions file
    checker: str
    file: str
    what: str


def files(root, folders, endings=("",)):
    """Paths seen from the root, sorted, of all files in these folders whose names end so."""
    for folder in folders:
        for here, below, names in os.walk(os.path.join(root, folder)):
            below[:] = sorted(b for b in below if b not in SKIPPED_FOLDERS and not b.startswith("."))
            for name in sorted(names):
                if name.endswith(tuple(endings)):
                    yield os.path.relpath(os.path.join(here, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def line_at(text, at):
    return text.count("\n", 0, at) + 1


def layer_of(path):
    """The layer and module a path below src/ belongs to; the program is one module, without a folder."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] != "src":
        return None, None
    return parts[1], parts[2] if len(parts) > 3 else None


def program(root):
    """The built program, for checkers that ask it something."""
    for kind in ("debug", "release"):
        path = os.path.join(root, "build", kind, "linli")
        if os.path.exists(path):
            return os.path.abspath(path)
    raise Missing("build/debug/linli is not built; run make debug")


def read_exceptions(root, checkers):
    """The exceptions, and findings about lines that are not of the form "checker | file | what | reason"."""
    allowed, bad = [], []
    if not os.path.exists(os.path.join(root, EXCEPTIONS)):
        return allowed, bad
    for number, line in enumerate(read(root, EXCEPTIONS).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 4 or not all(parts):
            bad.append(Finding(EXCEPTIONS, number, "not of the form: checker | file | what | reason"))
        elif parts[0] not in checkers:
            bad.append(Finding(EXCEPTIONS, number, f"there is no checker {parts[0]}"))
        elif parts[:3] in [list(a[1:]) for a in allowed]:
            bad.append(Finding(EXCEPTIONS, number, "said twice"))
        else:
            allowed.append(Allowed(number, *parts[:3]))
    return allowed, bad


def sift(checker, findings, allowed):
    """What remains: findings without an exception, and exceptions of this checker without a finding."""
    mine = {(a.file, a.what): a for a in allowed if a.checker == checker}
    left = [f for f in findings if (f.file, f.what) not in mine]
    found = {(f.file, f.what) for f in findings}
    unused = [Finding(EXCEPTIONS, a.line, f"no longer needed: {a.file}: {a.what}")
              for key, a in mine.items() if key not in found]
    return left + unused
