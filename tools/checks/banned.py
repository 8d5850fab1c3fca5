"""banned.py -- what C of this house does not call (design 11), and what does not belong into comments.

Memory comes from the Ctx's arena and results leave through say(): malloc, free, printf and their like are
for the few places that tools/exceptions.txt names.
"""
import re

import house
from csource import Source

NEVER = {
    "strcpy": "str_copy", "strcat": "a Buf", "sprintf": "str_format", "vsprintf": "buf_add_format",
    "strtok": "str_cut", "gets": "fgets", "atoi": "str_to_int", "atol": "str_to_int", "atof": "no floating point",
    "localtime": "when/when.h", "gmtime": "when/when.h", "asctime": "when/when.h", "ctime": "when/when.h",
    "rand": "random bytes of libsodium", "srand": "random bytes of libsodium", "system": "posix_spawn",
    "popen": "posix_spawn", "tmpnam": "mkstemp", "mktemp": "mkstemp", "alloca": "the arena",
    "setjmp": "Err", "longjmp": "Err",
}
NOT_IN_MODULES = ["malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "vasprintf",
                  "printf", "vprintf", "fprintf", "vfprintf", "puts", "putchar", "perror"]
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
TEXT_ENDINGS = (".c", ".h", ".html", ".sql", ".py", ".sh", ".mjs", ".js", ".scss", ".yaml", ".build")
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*", re.M)
CODE = re.compile(r"""(?x) ^ (?:
      (?:if|for|while|switch|else|do|struct|enum|union|typedef|static)\b .* \{
    | \} .* [;{]  |  .* \) \s* \{
    | (?:return|goto|break|continue|typedef|static|const|struct|enum)\b .* ;
    | [\w.\[\]>*()-]+ \s* (?:[-+*/|&]?=|\+\+|--) .* ;
    | (?:\w+\s+)? \*? \w+ (?:\[.*\])? ;
    | \w+ \( .* \) ;
    | \w+ [\s*]+ \w+ (?:\[.*\])? \s* = .* ;
    ) $""")


def find(root):
    for path in house.files(root, ["src", "tests", "bench"], (".c", ".h")):
        source = Source(house.read(root, path))
        yield from calls(path, source)
        yield from dead_code(path, source)
    for path in house.files(root, ["src", "tests", "bench", "tools", "ui", "deploy"], TEXT_ENDINGS):
        for number, line in enumerate(house.read(root, path).splitlines(), 1):
            if MARKS.search(line):
                yield house.Finding(path, number, f"{MARKS.search(line).group()}: finish it or write it down elsewhere")


def calls(path, source):
    names = [*NEVER, *NOT_IN_MODULES] if path.startswith("src/") else [*NEVER]
    view = INCLUDE.sub(lambda m: " " * len(m.group()), source.with_directives)
    functions = list(source.functions())
    for match in re.finditer(rf"(?<![\w.])(?<!->)({'|'.join(names)})\s*\(", view):
        name = match.group(1)
        where = next((f"in {f.name}" for f in functions if f.start <= match.start() < f.end), "outside a function")
        hint = f"; use {NEVER[name]}" if name in NEVER else ""
        yield house.Finding(path, source.line(match.start()), f"{name} {where}{hint}")


def dead_code(path, source):
    for at, comment in source.comments:
        for n, line in enumerate(comment.split("\n")):
            words = re.sub(r"^\s*(/\*|\*\*|\*|//)?\s*|\s*(\*/)?\s*$", "", line)
            if CODE.match(words):
                yield house.Finding(path, source.line(at) + n, f"code in a comment: {words}")
