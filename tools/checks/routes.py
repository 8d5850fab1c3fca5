"""routes.py -- every route has a permission, and every permission has a use (design 4, 8).

Read from the tables "Route NAME[] = { … }" of the source and from roles.yaml of every profile.
"""
import re

import house
from csource import Source

COLUMNS = ["method", "path", "handler", "act", "face", "of_matter", "reply", "summary", "takes"]
TABLE = re.compile(r"\bRoute\s+(\w+)\s*\[\s*\]\s*=\s*\{")
CONSTANT = re.compile(r'^[ \t]*#[ \t]*define[ \t]+(ACT_\w+)[^"\n]*"([^"\n]*)"', re.M)
OPEN_ACTS = {"public", "signed-in", "own"}
ASKED = re.compile(r'\bpermit_(?:may|would)\([^";]*"([\w.-]+)"')
ACTS = re.compile(r"^\s+acts:\s*(.*)$")


def find(root):
    sources = {path: house.read(root, path) for path in house.files(root, ["src"], (".c", ".h"))}
    constants = dict(pair for text in sources.values() for pair in CONSTANT.findall(text))
    roles = {path: read_acts(house.read(root, path))
             for path in house.files(root, ["profiles"], ("roles.yaml",))}
    known = set.intersection(*(set(acts) for acts in roles.values())) if roles else set()
    seen = {}
    for path, text in sources.items():
        for row, line in rows(Source(text), constants):
            for what in of_row(row, known, roles, seen):
                yield house.Finding(path, line, what)
    sources |= {path: house.read(root, path) for path in house.files(root, ["src"], (".html",))}
    yield from asked(sources, known)
    yield from unused(roles, sources)


def rows(source, constants):
    """Each row as a record of its columns, and its line; texts without quotes, NULL as None."""
    for table in TABLE.finditer(source.code):
        for start, end in source.parts(table.end() - 1):
            brace = source.code.find("{", start, end)
            if brace < 0:
                continue  # ROUTE_END
            row = dict.fromkeys(COLUMNS)
            for n, (a, b) in enumerate(source.parts(brace)):
                named = re.match(r"\s*\.(\w+)\s*=", source.code[a:b])
                name = named.group(1) if named else COLUMNS[n]
                a += named.end() if named else 0
                row[name] = value(source, a, b, constants)
            yield row, source.line(brace)


def value(source, start, end, constants):
    word = source.code[start:end].strip()
    if word.startswith('"'):
        return source.literal(start, end)
    return None if word == "NULL" else constants.get(word, word)


def of_row(row, known, roles, seen):
    name = f"{row['method']} {row['path']}"
    act, matter = row["act"], row["of_matter"]
    parameters = re.findall(r"\{(\w+)\}", row["path"] or "")
    if not act:
        yield f"{name} asks for no act"
    elif act not in OPEN_ACTS | known:
        without = [path for path, acts in roles.items() if act not in acts]
        yield f"{name} asks for {act}, which no role has in {', '.join(without)}"
    if row["method"] == "POST" and act == "public":
        yield f"{name} is open to anybody"
    if act == "own" and not matter:
        yield f"{name} asks for own and names no matter"
    if matter and matter not in parameters:
        yield f"{name} is of the matter {{{matter}}}, which is not in its path"
    if "number" in parameters and matter != "number":
        yield f"{name} has a {{number}} and does not say that the matter is its subject"
    key = (row["method"], re.sub(r"\{\w+\}", "{}", row["path"] or ""))
    if key in seen:
        yield f"{name} is never reached: {seen[key]} comes first"
    seen.setdefault(key, name)


def read_acts(text):
    """From each act to the line that first names it."""
    acts = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = ACTS.match(line)
        for act in re.findall(r"[\w.-]+", match.group(1)) if match else []:
            acts.setdefault(act, number)
    return acts


def asked(sources, known):
    """Acts that code asks for by name; one that no role has is a door nobody can open."""
    for path, text in sources.items():
        for match in ASKED.finditer(text):
            if match.group(1) not in OPEN_ACTS | known:
                yield house.Finding(path, house.line_at(text, match.start()),
                                    f"asks for {match.group(1)}, which no role of some profile has")


def unused(roles, sources):
    used = {act for text in sources.values() for act in re.findall(r'"([a-z][\w-]*\.[\w.-]+)"', text)}
    for path, acts in roles.items():
        for act, line in acts.items():
            if act not in used:
                yield house.Finding(path, line, f"no route and no code asks for the act {act}")
