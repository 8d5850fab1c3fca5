#!/usr/bin/env python3
"""Compiles the gettext catalogues in po/ into one C table, and checks that no text is missing.

    usage: texts.py OUT.c PO_DIR SOURCE_DIR...     compile
           texts.py --check PO_DIR SOURCE_DIR...   only check; names each text that lacks a language

A text is used in a template as t("…") or in C as text_get(cx, "…"), text(cx, "…"), fail(cx, E_…, "…"),
fail_field(cx, f, "…"), mistake(file, node, "…"), or marked N_("…") in a table.  An English sentence is its own English text; a dotted
name ("field.missing") needs one in po/en.po too.  An entry nobody uses is reported as well.
"""
import os
import re
import sys

USES = [
    re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*)'),
    re.compile(r'\btext(?:_get|_in)?\([^"();]*(?:\([^()"]*\))?[^"();]*("(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*)'),
    re.compile(r'\bN_\(\s*("(?:[^"\\]|\\.)*")'),
    re.compile(r'\b(?:fail|fail_field|mistake|mistake_at|mistake_here|amiss|amiss_at|bad)\([^;]*?("[a-z_]+\.[a-z0-9_]+")'),
]
KEY = re.compile(r"^[a-z]+(_[a-z]+)*\.[a-z0-9_]+$")
FILE_ENDINGS = ("yaml", "sql", "json", "html", "css", "js", "svg", "png", "csv", "md", "txt", "pdf", "c", "h",
                "db", "so", "py", "xml", "keys", "ttc")


def unquote(literal):
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', literal)
    return "".join(parts).replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def read_po(path):
    texts, msgid, msgstr, current = {}, None, None, None
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n") + ['msgid ""']
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith("msgid "):
            if msgid and msgstr:
                if msgid in texts:
                    sys.exit(f"{path}:{number}: doubled msgid {msgid!r}")
                texts[msgid] = msgstr
            msgid, msgstr, current = unquote(line[6:]), None, "id"
        elif line.startswith("msgstr "):
            msgstr, current = unquote(line[7:]), "str"
        elif line.startswith('"'):
            if current == "id":
                msgid += unquote(line)
            else:
                msgstr += unquote(line)
    return texts


def is_key(text):
    return bool(KEY.match(text)) and text.rsplit(".", 1)[-1] not in FILE_ENDINGS


def uses_in(path):
    found = set()
    with open(path, encoding="utf-8") as f:
        source = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    for n, pattern in enumerate(USES):
        for match in pattern.finditer(source):
            text = unquote(match.group(1))
            if n < 3 or is_key(text):
                found.add(text)
    return found


def collect_uses(directories):
    uses = {}
    for directory in directories:
        for folder, _, names in sorted(os.walk(directory)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".html")):
                    path = os.path.join(folder, name)
                    for text in uses_in(path):
                        uses.setdefault(text, path)
    return uses


def placeholders(text):
    return set(re.findall(r"\{(\w+)\}", text))


def check(uses, zh, en):
    wrong = []
    for text, path in sorted(uses.items()):
        if text == "":
            continue
        if text not in zh:
            wrong.append(f"{path}: no Chinese for {text!r} (po/zh-Hans.po)")
        if is_key(text) and text not in en:
            wrong.append(f"{path}: no English for {text!r} (po/en.po)")
    for text in sorted(set(zh) | set(en)):
        if text not in uses:
            wrong.append(f"po: nobody uses {text!r}")
        elif text in zh and placeholders(zh[text]) - placeholders(en.get(text, text)):
            wrong.append(f"po: the Chinese of {text!r} has a value that the English has not")
    return wrong


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def compile_table(out, uses, zh, en):
    rows = sorted(t for t in uses if t)
    lines = ["/* Made by tools/texts.py from po/. */", '#include "text/text.h"', '#include "texts.h"', "",
             "const TextRow TEXT_ROWS[] = {"]
    for text in rows:
        chinese, english = zh.get(text), en.get(text, None if is_key(text) else text)
        lines.append(f"    {{ {c_string(text)}, {{ {c_string(chinese) if chinese else 'NULL'}, "
                     f"{c_string(english) if english else 'NULL'} }} }},")
    lines += ["};", f"const size_t TEXT_ROWS_N = {len(rows)};", ""]
    with open(out, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))


def main():
    out, po, directories = sys.argv[1], sys.argv[2], sys.argv[3:]
    zh, en = read_po(os.path.join(po, "zh-Hans.po")), read_po(os.path.join(po, "en.po"))
    uses = collect_uses(directories)
    if out != "--check":
        compile_table(out, uses, zh, en)
        return
    wrong = check(uses, zh, en)
    for line in wrong:
        print(line)
    print(f"texts: {len(uses)} in use, {len(wrong)} amiss")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
