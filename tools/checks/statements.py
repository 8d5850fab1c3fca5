"""statements.py -- every QUERY prepares, binds what it names, and keeps to what both engines know (design 6).

The statements are taken from the source, prepared with Python's sqlite3 on a district that "linli init" has
just made, and read for what SQLite would take and PostgreSQL would not.
"""
import os
import re
import sqlite3
import subprocess
import tempfile

import house
import schemas
import sql
from csource import LITERAL, Source, unescaped

FUNCTIONS_OF_ONE = {
    "string_agg", "group_concat", "instr", "iif", "ifnull", "strftime", "datetime", "julianday", "unixepoch", "now",
    "random", "total", "char", "printf", "format", "greatest", "least"}
WORDS_OF_ONE = {"ilike", "regexp", "match", "rowid", "autoincrement", "current_timestamp"}
NEEDS_REASON = {"like": "LIKE", "glob": "GLOB"}
WRITES = ("INSERT", "UPDATE", "DELETE")
DEFINED = re.compile(r'^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+((?:"(?:[^"\\\n]|\\.)*"\s*(?:\\\n\s*)?)+)$', re.M)


def find(root):
    taken = [s for path in house.files(root, ["src"], (".c", ".h")) for s in statements_of(root, path)]
    flags = schemas.flags(root)
    wants = [(path, line, text) for path, line, text, _ in taken if text is not None]
    yield from prepared(root, wants)
    for path, line, text, binds in taken:
        what = ["the statement is not one literal"] if text is None else [*bound(text, binds), *common(text, flags)]
        for w in what:
            yield house.Finding(path, line, w)


# ---------------------------------------------------------------------- taking them from the source

def statements_of(root, path):
    """(path, line, statement or None, number of binds) of each QUERY."""
    text = house.read(root, path)
    source = Source(text)
    names = {name: "".join(unescaped(t) for t in LITERAL.findall(value)) for name, value in DEFINED.findall(text)}
    for name in ("QUERY", "QUERY_TEXT"):
        for call in source.calls(name):
            parts = call.arguments
            literal = source.literal(*parts[1], names) if name == "QUERY" and len(parts) > 1 else None
            yield path, source.line(call.at), literal, len(parts) - 2


# ---------------------------------------------------------------------- preparing

def prepared(root, wants):
    if not wants:
        return
    with tempfile.TemporaryDirectory(prefix="linli-lint-") as folder:
        db = make_district(root, folder)
        for path, line, text in wants:
            try:
                names = set(re.findall(r"\$(\w+)", text))
                db.execute("EXPLAIN " + text, dict.fromkeys(names))
            except sqlite3.Error as refused:
                yield house.Finding(path, line, f"does not prepare: {refused}")
        db.close()


def make_district(root, folder):
    path = os.path.join(folder, "lint.db")
    made = subprocess.run([house.program(root), "init", "--db", path], capture_output=True, text=True)
    if made.returncode:
        raise house.Missing(f"linli init does not make a district: {made.stderr.strip()}")
    return sqlite3.connect(path)


# ---------------------------------------------------------------------- parameters

def bound(text, binds):
    names = [p.text for p in sql.pieces(text) if p.kind == "parameter"]
    for name in sorted(set(names)):
        if not re.fullmatch(r"\$[1-9]\d*", name):
            yield f"the parameter {name} is not $ and a number"
    numbers = {int(name[1:]) for name in names if name[1:].isdigit()}
    for n in sorted(set(range(1, binds + 1)) - numbers):
        yield f"${n} is bound and not used"
    for n in sorted(numbers - set(range(1, binds + 1))):
        yield f"${n} is used and not bound"


# ---------------------------------------------------------------------- what both engines know

def common(text, flags):
    parts = sql.pieces(text)
    for n, piece in enumerate(parts):
        if piece.kind == "name":
            yield f"double quotes: {piece.text}"
        elif piece.text in ("==", "?"):
            yield f"{piece.text} is not SQL of both engines"
        elif piece.kind == "word":
            yield from of_word(parts, n)
            yield from of_flag(parts, n, flags)
    yield from of_insert(parts, flags)
    yield from of_upsert(parts, flags)
    if parts and sql.is_word(parts[0], "WITH"):
        yield from (f"{p.text.upper()} inside WITH" for p in parts if sql.is_word(p, *WRITES) and p.depth)


def of_word(parts, n):
    word = parts[n].text.lower()
    after = [p.text.upper() for p in parts[n + 1:n + 3]]
    if word in WORDS_OF_ONE or word in FUNCTIONS_OF_ONE and after[:1] == ["("] or word == "replace" and n == 0:
        yield f"{word} is not SQL of both engines"
    elif word in NEEDS_REASON:
        yield f"{NEEDS_REASON[word]}: text is found by tokens and prefixes by range"
    elif word == "offset":
        yield "OFFSET: lists page by key"
    elif word == "for" and after[:1] == ["UPDATE"]:
        yield "FOR UPDATE is not SQL of both engines"
    elif word == "insert" and after[:1] == ["OR"]:
        yield "INSERT OR is not SQL of both engines"
    elif word == "conflict" and after[:1] != ["("]:
        yield "ON CONFLICT names no target"
    elif word == "sum" and after[:1] == ["("] and not is_cast(parts, n):
        yield "SUM outside CAST(… AS BIGINT)"
    elif word in ("min", "max") and after[:1] == ["("] and len(sql.split(sql.inside(parts, n + 1))) > 1:
        yield f"{word.upper()} of several values is not SQL of both engines"
    elif word == "limit" and any(p.text == "," and p.depth == parts[n].depth for p in parts[n:n + 3]):
        yield "LIMIT with a comma is not SQL of both engines"


def is_cast(parts, n):
    """Does some bracket around piece n belong to CAST and end in AS BIGINT?"""
    depth = parts[n].depth
    for i in range(n - 1, 0, -1):
        if parts[i].text == "(" and parts[i].depth < depth:
            depth = parts[i].depth
            last = [p.text.upper() for p in sql.inside(parts, i)[-2:]]
            if sql.is_word(parts[i - 1], "CAST") and last == ["AS", "BIGINT"]:
                return True
    return False


def of_flag(parts, n, flags):
    """A FLAG that is compared with a number, or with TRUE and FALSE where the bare word would do."""
    name, after = parts[n].text, [p.text.upper() for p in parts[n + 1:n + 3]]
    kinds = {columns[name] for columns in flags.values() if name in columns}
    if kinds == {True} and after[:1] in (["="], ["<>"], ["!="]) and after[1:] in (["0"], ["1"]):
        yield f"the flag {name} is compared with {after[1]}; write {name} or NOT {name}"


def of_insert(parts, flags):
    """A number literal in the place of a FLAG column."""
    if len(parts) < 4 or not sql.is_word(parts[0], "INSERT") or parts[3].text != "(":
        return
    names = [p[0].text for p in sql.split(sql.inside(parts, 3))]
    columns = flags.get(parts[2].text, {})
    for n, piece in enumerate(parts):
        if sql.is_word(piece, "VALUES") and n + 1 < len(parts):
            for name, value in zip(names, sql.split(sql.inside(parts, n + 1))):
                if columns.get(name) and [v.text for v in value] in (["0"], ["1"]):
                    yield f"the flag {name} is given as a number; write TRUE or FALSE"


def of_upsert(parts, flags):
    """A column of the table in the new value of an upsert: which row is meant must stand before it."""
    words = [p.text.upper() for p in parts]
    start = next((n for n in range(len(parts)) if words[n:n + 3] == ["DO", "UPDATE", "SET"]), None)
    if start is None or not sql.is_word(parts[0], "INSERT"):
        return
    columns = flags.get(parts[2].text, {})
    for n in range(start + 3, len(parts)):
        is_new = parts[n + 1:n + 2] and parts[n + 1].text == "=" and parts[n - 1].text in ("SET", ",")
        if parts[n].text in columns and parts[n - 1].text != "." and not is_new and words[n - 1] != "AS":
            if "RETURNING" not in words[start:n]:
                yield f"{parts[n].text} in an upsert: write {parts[2].text}.{parts[n].text} or excluded.{parts[n].text}"
