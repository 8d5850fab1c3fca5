"""record.py -- what one submission does to the database: the rows it adds, and the statements it sends.

A recording is a text: "sql STATEMENT", then one line for each of its parameters: "int 5", "text abc", "bytes 00ff",
"null".  After "int+", "text+" and "bytes+" stands a value that is another in every submission; whoever plays the
recording adds the number of the round to it (texts and bytes: over its last twelve letters, its first eight bytes).
"""
import contextlib
import re
import sqlite3

import serving

# What jobs write meanwhile is not the submission's.
OF_JOBS = {"job", "tally"}
# Columns that differ from one submission to the next; all others may well be the same.
VARIES = {"id", "matter", "owner", "number", "key", "code_mark", "mark"}


def rows_of(db):
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as opened:
        names = [n for n, in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {n: (columns_of(opened, n), list(opened.execute(f"SELECT * FROM {n}"))) for n in names}


def columns_of(opened, table):
    return [row[1] for row in opened.execute(f"PRAGMA table_info({table})")]


def rows_added(before, after):
    """INSERT statements, each with (column, value) of its row, for what is there after and was not before."""
    for table, (columns, rows) in ((t, r) for t, r in after.items() if t not in OF_JOBS):
        was = set(before[table][1])
        for row in rows:
            if row not in was:
                marks = ", ".join("?" * len(columns))
                yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(zip(columns, row))


def parameter(column, value):
    plus = "+" if column in VARIES and value is not None else ""
    if value is None:
        return "null"
    if isinstance(value, int):
        return f"int{plus} {value}"
    if isinstance(value, bytes):
        return f"bytes{plus} {value.hex()}"
    return f"text{plus} {value}"


def rows(db, submit):
    """The recording of what submit() added to this database: its path, and how many rows."""
    before = rows_of(db)
    submit()
    added = list(rows_added(before, rows_of(db)))
    path = serving.new_path(".rows")
    with open(path, "w", encoding="utf-8") as f:
        for statement, values in added:
            f.write("\n".join([f"sql {statement}", *(parameter(c, v) for c, v in values)]) + "\n")
    return path, len(added)


# ---------------------------------------------------------------------- statements, from PostgreSQL's log

STATEMENT = re.compile(r"^.*?\[(\d+)\] LOG:  (?:execute [^:]+|statement): (.*)$")
DETAIL = re.compile(r"^.*?\[(\d+)\] DETAIL:  parameters: (.*)$")
VALUE = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


def statements(log):
    """(statement, {number: literal}) of the connection that wrote a matter, in the order in which the server ran them."""
    taken = {}
    for line in log.splitlines():
        said, detail = STATEMENT.match(line), DETAIL.match(line)
        if said:
            taken.setdefault(said.group(1), []).append((said.group(2), {}))
        elif detail and taken.get(detail.group(1)):
            taken[detail.group(1)][-1][1].update((int(n), value) for n, value in VALUE.findall(detail.group(2)))
    return next(t for t in taken.values() if any(s.startswith("INSERT INTO matter ") for s, _ in t))


def pgbench_script(taken):
    """The same statements for pgbench, in which every transaction has an id, a number and marks of its own."""
    lines = [r"\set m random(1000000000, 4000000000000000000)"]
    ids = {value for text, values in taken if text.startswith("INSERT INTO matter ") for n, value in values.items() if n == 1}
    numbers = {value for text, values in taken if text.startswith("INSERT INTO matter ")
               for n, value in values.items() if n == 2}
    for text, values in taken:
        is_key = text.startswith("INSERT INTO once ")
        for n in sorted(values, reverse=True):
            literal = values[n]
            if literal in ids:
                literal = ":m"
            elif literal in numbers or is_key and n == 2:
                literal = "'R' || :m"
            text = re.sub(rf"\${n}(?!\d)", lambda _: literal, text)
        lines.append(text.rstrip(";") + ";")
    return "\n".join(lines) + "\n"
