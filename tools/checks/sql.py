"""sql.py -- SQL as far as the checkers need it: words and brackets, without comments and quoted texts."""
import re
from typing import NamedTuple

PIECE = re.compile(r"""(?P<comment>--[^\n]*) | (?P<text>'(?:[^']|'')*') | (?P<name>"[^"]*") | (?P<parameter>\$\w*)
                       | (?P<number>\d+) | (?P<word>[A-Za-z_]\w*) | (?P<sign><>|<=|>=|==|!=|\|\||\S)""", re.X)


class Piece(NamedTuple):
    kind: str
    text: str
    at: int
    depth: int      # of the brackets around it; a bracket itself counts as outside


def pieces(sql):
    out, depth = [], 0
    for match in PIECE.finditer(sql):
        if match.lastgroup == "comment":
            continue
        depth -= match.group() == ")"
        out.append(Piece(match.lastgroup, match.group(), match.start(), depth))
        depth += match.group() == "("
    return out


def is_word(piece, *words):
    return piece.kind == "word" and piece.text.upper() in words


def inside(parts, i):
    """The pieces between the "(" at i and its partner."""
    end = next((n for n in range(i + 1, len(parts)) if parts[n].depth <= parts[i].depth), len(parts))
    return parts[i + 1:end]


def split(parts):
    """Lists of pieces between the commas that stand in no inner bracket."""
    out, level = [[]], parts[0].depth if parts else 0
    for piece in parts:
        if piece.text == "," and piece.depth == level:
            out.append([])
        else:
            out[-1].append(piece)
    return out


def statements(sql):
    """Lists of pieces between semicolons."""
    out = [[]]
    for piece in pieces(sql):
        if piece.text == ";":
            out.append([])
        else:
            out[-1].append(piece)
    return [s for s in out if s]


def tables(sql):
    """From each CREATE TABLE in a schema file: (piece of its name, list of its columns and constraints, rest)."""
    for parts in statements(sql):
        bracket = next((n for n, p in enumerate(parts) if p.text == "("), None)
        if bracket and is_word(parts[0], "CREATE") and is_word(parts[1], "TABLE"):
            within = inside(parts, bracket)
            yield parts[bracket - 1], split(within), parts[bracket + len(within) + 2:]
