"""catalogues.py -- every text in both languages, with the same values, and in our manner (style 4.7).

tools/texts.py knows which texts are in use; this adds what it does not ask.
"""
import os
import re
import sys

import house

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
import texts  # noqa: E402

PO = "po"
ENGLISH, CHINESE = "po/en.po", "po/zh-Hans.po"


def find(root):
    if not os.path.isdir(os.path.join(root, PO)):
        return
    en, zh = (texts.read_po(os.path.join(root, path)) for path in (ENGLISH, CHINESE))
    uses = texts.collect_uses([os.path.join(root, "src")])
    for wrong in texts.check(uses, zh, en):
        path, _, what = wrong.partition(": ")
        yield house.Finding(os.path.relpath(path, root) if os.path.isfile(path) else PO, 1, what)
    lines = {path: first_lines(root, path) for path in (ENGLISH, CHINESE)}
    for text, user in sorted(uses.items()):
        english = en.get(text, None if texts.is_key(text) else text)
        where = (ENGLISH, lines[ENGLISH][text]) if text in en else (os.path.relpath(user, root), 1)
        for what in of_english(text, english or ""):
            yield house.Finding(*where, what)
        chinese = zh.get(text, "")
        for what in of_chinese(text, chinese, english):
            yield house.Finding(CHINESE, lines[CHINESE].get(text, 1), what)


def first_lines(root, path):
    """From each msgid to its line."""
    found, text, start = {}, None, 0
    for number, line in enumerate(house.read(root, path).splitlines() + ["msgstr "], 1):
        if line.startswith("msgid "):
            text, start = texts.unquote(line[6:]), number
        elif line.startswith("msgstr ") and text is not None:
            found[text], text = start, None
        elif line.startswith('"') and text is not None:
            text += texts.unquote(line)
    return found


def of_english(text, english):
    if "!" in english:
        yield f"{text!r}: an exclamation mark in the English"
    if re.search(r"\berrors?\b", english, re.I):
        yield f"{text!r}: the English says error; say what happened"


def of_chinese(text, chinese, english):
    if "!" in chinese or "！" in chinese:
        yield f"{text!r}: an exclamation mark in the Chinese"
    if chinese and english and texts.placeholders(chinese) != texts.placeholders(english):
        values = sorted(texts.placeholders(chinese) ^ texts.placeholders(english))
        yield f"{text!r}: {', '.join(values)} in only one of the languages"
