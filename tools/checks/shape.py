"""shape.py -- functions, files and lines that a reader can hold at once (design 11).

A function is at most 70 lines and 6 parameters; braces nest at most 3 deep in registers, services and
channels and 4 elsewhere, the body's own counted; a file is at most 800 lines, a line of C 100 characters.
Tables are not functions, and a template's lines may be long.
"""
import house
from csource import Source

LINES_MAX, FILE_LINES_MAX, COLUMNS_MAX, PARAMETERS_MAX = 70, 800, 100, 6
SHALLOW_LAYERS, SHALLOW_MAX, DEPTH_MAX = {"registers", "services", "channels"}, 3, 4
FOLDERS = ["src", "tests", "bench"]


def find(root):
    for path in house.files(root, FOLDERS, (".c", ".h", ".html")):
        text = house.read(root, path)
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield house.Finding(path, FILE_LINES_MAX + 1, f"the file has {len(lines)} lines, at most {FILE_LINES_MAX}")
        if not path.endswith(".html"):
            yield from wide_lines(path, lines)
            yield from functions(path, Source(text))


def wide_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield house.Finding(path, number, f"a line of {len(line)} characters, at most {COLUMNS_MAX}")


def functions(path, source):
    deepest = SHALLOW_MAX if house.layer_of(path)[0] in SHALLOW_LAYERS else DEPTH_MAX
    for f in source.functions():
        for have, most, line, words in (
                (f.lines, LINES_MAX, f.line, "{} has {} lines, at most {}"),
                (f.parameters, PARAMETERS_MAX, f.line, "{} has {} parameters, at most {}"),
                (f.deepest, deepest, f.deepest_line, "{} nests braces {} deep, at most {}")):
            if have > most:
                yield house.Finding(path, line, words.format(f.name, have, most))
