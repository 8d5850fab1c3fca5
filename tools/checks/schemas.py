"""schemas.py -- schema files use the house's few words, which every engine spells its own way (design 6)."""
import os
import re

import house
import sql

TYPES = {"ID", "INT", "TEXT", "BYTES", "FLAG"}
AFTER_TYPE = {"NOT", "NULL", "PRIMARY", "KEY", "UNIQUE", "DEFAULT", "TRUE", "FALSE"}
CONSTRAINTS = {"PRIMARY", "UNIQUE"}
VERBS = {("CREATE", "TABLE"), ("CREATE", "INDEX"), ("CREATE", "UNIQUE"), ("CREATE", "VIEW"), ("DROP", "TABLE"),
         ("DROP", "INDEX"), ("DROP", "VIEW"), ("ALTER", "TABLE")}


def find(root):
    for path in house.files(root, ["src"], (".sql",)):
        if not re.search(r"/schema/\d{3}-[a-z_-]+\.sql$", path):
            yield house.Finding(path, 1, "a schema file is schema/NNN-name.sql of its module")
        text = house.read(root, path)
        for at, what in of_file(text):
            yield house.Finding(path, house.line_at(text, at), what)


def of_file(text):
    for parts in sql.statements(text):
        if tuple(p.text for p in parts[:2]) not in VERBS:
            yield parts[0].at, f"a statement that begins with {' '.join(p.text for p in parts[:2])}"
        for piece in parts:
            if piece.kind == "name":
                yield piece.at, f"a name in double quotes: {piece.text}"
    for name, columns, rest in sql.tables(text):
        yield from of_table(name, columns, rest)


def of_table(name, columns, rest):
    kinds, keys, has_key = {}, [], False
    for column in filter(None, columns):
        first = column[0]
        if sql.is_word(first, *CONSTRAINTS):
            has_key |= sql.is_word(first, "PRIMARY")
            bracket = next(n for n, p in enumerate(column) if p.text == "(")
            keys += [(p.text, p.at) for p in sql.inside(column, bracket) if p.kind == "word"]
        else:
            kinds[first.text] = column
            words = [p.text for p in column[2:]]
            has_key |= "PRIMARY" in words or [p.text for p in column[1:2]] == ["ID"]
            keys += [(first.text, first.at)] if "PRIMARY" in words or "UNIQUE" in words else []
            yield from of_column(column)
    for key, at in keys:
        column = [p.text for p in kinds.get(key, [])]
        if column[1:2] != ["ID"] and "NOT" not in column:
            yield at, f"the key {name.text}.{key} may be NULL"
    if [p.text for p in rest] not in ([], ["KEYED"]):
        yield rest[0].at, f"after the columns of {name.text} stands {' '.join(p.text for p in rest)}; only KEYED may"
    if not has_key:
        yield name.at, f"{name.text} has no PRIMARY KEY: linli move reads tables in the order of their key"


def of_column(column):
    name, kind, after = column[0], column[1:2], column[2:]
    if not kind or kind[0].text not in TYPES:
        yield name.at, f"the column {name.text} is {kind[0].text if kind else 'nothing'}; use {' '.join(sorted(TYPES))}"
        return
    for n, piece in enumerate(after):
        if piece.kind == "word" and piece.text not in AFTER_TYPE or piece.text == "(":
            default = n and after[n - 1].text == "DEFAULT"
            yield piece.at, (f"the default of {name.text} is an engine's own: {piece.text}" if default else
                             f"after the column {name.text} stands {piece.text}")


def flags(root):
    """From each table to the names of its columns, and which of them are FLAG."""
    found = {}
    for path in house.files(root, ["src"], (".sql",)):
        for name, columns, _ in sql.tables(house.read(root, path)):
            found[name.text] = {c[0].text: len(c) > 1 and c[1].text == "FLAG" for c in columns
                                if c and not sql.is_word(c[0], *CONSTRAINTS)}
    return found


