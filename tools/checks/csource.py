"""csource.py -- C as far as the checkers need it: comments, texts, directives, functions and their braces.

Not a parser: a scanner that keeps every character in its place, so that a position in one view of a file
is the same position in every other.  Order of use: Source(text), then code, comments, functions(), calls().
"""
import re
from typing import NamedTuple

TOKEN = re.compile(r"[A-Za-z_]\w*|->|\S")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"', re.S)
PIECE = re.compile(r'(?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)'
                   r'|(?P<text>"(?:[^"\\\n]|\\.)*")'
                   r"|(?P<char>'(?:[^'\\\n]|\\.)+')", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
NOT_BEFORE_BLOCK = {"return", "sizeof", "case", "_Alignof"}


class Function(NamedTuple):
    name: str
    line: int
    lines: int
    parameters: int
    start: int
    end: int
    deepest: int        # braces, the body's own counted
    deepest_line: int


class Call(NamedTuple):
    at: int
    arguments: list     # (start, end) of each


class Token(NamedTuple):
    text: str
    at: int


def blank(text):
    return re.sub(r"[^\n]", " ", text)


class Source:
    def __init__(self, text):
        self.text = text
        self.comments = []
        self.with_directives = PIECE.sub(self.take, text)  # comments blank, texts empty
        self.code = DIRECTIVE.sub(lambda m: blank(m.group()), self.with_directives)

    def take(self, match):
        piece = match.group()
        if match.lastgroup != "comment":
            return piece[0] + blank(piece[1:-1]) + piece[0]
        self.comments.append((match.start(), piece))
        return blank(piece)

    def line(self, at):
        return self.text.count("\n", 0, at) + 1

    def tokens(self):
        return [Token(m.group(), m.start()) for m in TOKEN.finditer(self.code)]

    # ------------------------------------------------------------------ what stands at the top level

    def top(self):
        """Gives (head, tokens, brace, end) for each function, and (head, tokens, None, end) for what ends in ";"."""
        tokens = self.tokens()
        begin = i = 0
        while i < len(tokens):
            if tokens[i].text == "(":
                i = closing(tokens, i)
            elif tokens[i].text == "{":
                brace, i = i, closing(tokens, i)
                if is_function(tokens[begin:brace]):
                    yield without_attributes(tokens[begin:brace]), tokens, brace, i
                    begin = i + 1
            elif tokens[i].text == ";":
                if i > begin:
                    yield tokens[begin:i], tokens, None, i
                begin = i + 1
            i += 1

    def functions(self):
        for head, tokens, brace, end in self.top():
            if brace is not None:
                yield self.function(head, tokens, brace, end)

    def function(self, head, tokens, brace, end):
        bracket = opening(head, len(head) - 1)
        first, last = self.line(head[0].at), self.line(tokens[end].at)
        deepest, at = depth(tokens, brace, end)
        return Function(head[bracket - 1].text, first, last - first + 1, count_parts(head[bracket + 1:-1]),
                        head[0].at, tokens[end].at + 1, deepest, self.line(tokens[at].at))

    def declarations(self):
        """Token lists of what ends with ";" at the top level."""
        for head, _, brace, _ in self.top():
            if brace is None:
                yield head

    # ------------------------------------------------------------------ calls and tables

    def calls(self, name):
        """Each place where the name is followed by arguments in brackets."""
        for match in re.finditer(rf"(?<![\w.>])\b{name}\s*\(", self.code):
            yield Call(match.start(), self.parts(match.end() - 1))

    def parts(self, opening):
        """(start, end) of each part between this bracket and its partner, split at commas."""
        parts, level, start = [], 0, opening + 1
        for at in range(opening, len(self.code)):
            c = self.code[at]
            if c in "([{":
                level += 1
            elif c in ")]}":
                level -= 1
                if level == 0:
                    return parts + ([(start, at)] if self.code[start:at].strip() else [])
            elif c == "," and level == 1:
                parts.append((start, at))
                start = at + 1
        return parts

    def literal(self, start, end, names=None):
        """The text that literals between two places make together; None when something else stands there.
        names: literals that a word stands for."""
        out, at = "", start
        view = self.with_directives
        while at < end:
            word = re.match(r"[A-Za-z_]\w*", self.code[at:end])
            if self.code[at] == '"':
                match = LITERAL.match(self.text, at)
                out += unescaped(match.group(1))
                at = match.end()
            elif word and names and word.group() in names:
                out += names[word.group()]
                at += word.end()
            elif view[at].isspace():
                at += 1
            else:
                return None
        return out


def unescaped(text):
    simple = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    return re.sub(r"\\(\n|.)", lambda m: simple.get(m.group(1), m.group(1)), text, flags=re.S)


def closing(tokens, i):
    """The index of the partner of the bracket at i, or of the last token."""
    level = 0
    for n in range(i, len(tokens)):
        if tokens[n].text in "([{":
            level += 1
        elif tokens[n].text in ")]}":
            level -= 1
            if level == 0:
                return n
    return len(tokens) - 1


def opening(tokens, i):
    """The index of the partner of the ")" at i, or 0."""
    level = 0
    for n in range(i, -1, -1):
        level += (tokens[n].text == ")") - (tokens[n].text == "(")
        if level == 0:
            return n
    return 0


def without_attributes(tokens):
    out, i = [], 0
    while i < len(tokens):
        if tokens[i].text == "__attribute__":
            i = closing(tokens, i + 1)
        else:
            out.append(tokens[i])
        i += 1
    return out


def is_function(tokens):
    tokens = without_attributes(tokens)
    level = 0
    for t in tokens:
        level += (t.text == "(") - (t.text == ")")
        if t.text == "=" and level == 0:
            return False
    return len(tokens) > 2 and tokens[-1].text == ")"


def count_parts(tokens):
    if not tokens or [t.text for t in tokens] == ["void"]:
        return 0
    level, n = 0, 1
    for t in tokens:
        level += (t.text in "([{") - (t.text in ")]}")
        n += t.text == "," and level == 0
    return n


def opens_block(tokens, i):
    """Is the "{" at i that of a block, not of a table, a struct or a compound literal?"""
    before = tokens[i - 1].text
    if before in (";", "{", "}", ":", "else", "do", "("):
        return True
    if before != ")":
        return False
    word = tokens[opening(tokens, i - 1) - 1].text
    return bool(re.match(r"[A-Za-z_]", word)) and word not in NOT_BEFORE_BLOCK


def depth(tokens, brace, end):
    """The deepest level of braces in a function, and the index of the first brace that reaches it."""
    deepest, at, level, i = 1, brace, 1, brace + 1
    while i < end:
        if tokens[i].text == "{":
            if not opens_block(tokens, i):
                i = closing(tokens, i)
            else:
                level += 1
                if level > deepest:
                    deepest, at = level, i
        elif tokens[i].text == "}":
            level -= 1
        i += 1
    return deepest, at
