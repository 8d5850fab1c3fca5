#!/usr/bin/env python3
"""Compiles an HTML template into typed C functions.

A line that begins with "%" is C, or one of:
    % page name(args)    begins a public function  void name(Html *h, args)
    % part name(args)    begins a static function of the same form
    % title EXPR         the page's title, a Str
In text, {{ EXPR }} prints by type and escapes; {{? COND : text }} prints plain text when COND holds.
The compiler knows where in the HTML an expression stands, and refuses what could not be safe there:
unquoted attributes, event handlers, style attributes, scripts and styles, and an address that begins with
anything but fixed text (unless the expression is a Link).

    usage: templates.py IN.html OUT.c OUT.h
"""
import re
import sys

URL_ATTRIBUTES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data", "cite"}
FORBIDDEN_TAGS = {"script", "style"}


class Refused(Exception):
    def __init__(self, line, why):
        super().__init__(why)
        self.line = line


class HtmlState:
    """Follows the HTML just far enough to know the context of an expression."""

    def __init__(self):
        self.where = "text"  # text, tag, name, value, comment
        self.quote = ""
        self.tag = ""
        self.attribute = ""
        self.value = ""

    def feed(self, text, line):
        i = 0
        while i < len(text):
            i = getattr(self, "in_" + self.where)(text, i, line)

    def in_text(self, text, i, line):
        if text.startswith("<!--", i):
            self.where = "comment"
            return i + 4
        match = re.match(r"<(/?)([A-Za-z!][A-Za-z0-9-]*)", text[i:])
        if not match:
            return i + 1
        self.tag = match.group(2).lower()
        if self.tag in FORBIDDEN_TAGS and " src=" not in text[i:].split(">")[0] and not match.group(1):
            raise Refused(line, f"<{self.tag}> in a template: put it into ui/")
        self.where = "tag"
        return i + match.end()

    def in_comment(self, text, i, line):
        end = text.find("-->", i)
        if end < 0:
            return len(text)
        self.where = "text"
        return end + 3

    def in_tag(self, text, i, line):
        if text[i] == ">":
            self.where = "text"
            return i + 1
        match = re.match(r"([^\s=>/\"']+)(\s*=\s*(.)?)?", text[i:])
        if not match:
            return i + 1
        self.attribute = match.group(1).lower()
        if self.attribute.startswith("on") or self.attribute in ("style", "hx-on", "srcdoc"):
            raise Refused(line, f"the attribute {self.attribute} is not allowed (CSP)")
        if not match.group(2):
            return i + match.end()
        if match.group(3) not in ('"', "'"):
            raise Refused(line, f"the value of {self.attribute} is not in quotes")
        self.quote, self.value, self.where = match.group(3), "", "value"
        return i + match.end()

    def in_value(self, text, i, line):
        if text[i] == self.quote:
            self.where = "tag"
        else:
            self.value += text[i]
        return i + 1

    def printer(self, line):
        if self.where == "text":
            return "html_put"
        if self.where == "comment":
            raise Refused(line, "an expression inside a comment")
        if self.where == "tag":
            raise Refused(line, "an expression as an attribute; use {{? condition : attribute }}")
        url = self.attribute in URL_ATTRIBUTES
        starts = self.value == ""
        self.value += "x"
        if url and starts:
            return "html_put_link"
        return "html_put_url_part" if url else "html_put"


def c_string(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + re.sub(r"\?\?", r"?\\?", out) + '"'


class Compiler:
    def __init__(self, path, name):
        self.path = path
        self.name = name
        self.top, self.body, self.prototypes = [], [], []
        self.parts = []
        self.in_function = False
        self.state = HtmlState()
        self.pending = ""

    def flush(self):
        if self.pending:
            data = self.pending
            self.body.append(f"    html_raw(h, {c_string(data)}, {len(data.encode())});")
            self.pending = ""

    def begin(self, kind, signature, line):
        self.end(line)
        match = re.match(r"(\w+)\((.*)\)\s*$", signature)
        if not match:
            raise Refused(line, "expected name(arguments)")
        arguments = match.group(2).strip()
        arguments = f", {arguments}" if arguments and arguments != "void" else ""
        prototype = f"void {match.group(1)}(Html *h{arguments})"
        if kind == "page":
            self.prototypes.append(prototype + ";")
        else:
            prototype = "static " + prototype
            self.parts.append(prototype + ";")
        self.body += [f'#line {line} "{self.path}"', prototype, "{"]
        self.in_function = True
        self.state = HtmlState()

    def end(self, line):
        if not self.in_function:
            return
        self.flush()
        if self.state.where != "text":
            raise Refused(line, f"the template ends inside <{self.state.tag}>")
        self.body.append("}\n")
        self.in_function = False

    def code_line(self, code, line):
        match = re.match(r"(page|part|title)\s+(.*)", code)
        if match and match.group(1) == "title":
            self.flush()
            self.body += [f'#line {line} "{self.path}"', f"    html_title(h, {match.group(2)});"]
        elif match:
            self.begin(match.group(1), match.group(2), line)
        elif not self.in_function:
            self.top += [f'#line {line} "{self.path}"', code]
        else:
            self.flush()
            self.body += [f'#line {line} "{self.path}"', "    " + code]

    def expression(self, inside, line):
        condition = re.match(r"\?(.*?)\s:\s(.*)$", inside, re.S)
        if condition:
            text = condition.group(2).strip()
            if self.state.where == "tag":
                text = " " + text
            self.flush()
            self.body += [f'#line {line} "{self.path}"', f"    if ({condition.group(1).strip()})",
                          f"        html_raw(h, {c_string(text)}, {len(text.encode())});"]
            return
        printer = self.state.printer(line)
        self.flush()
        self.body += [f'#line {line} "{self.path}"', f"    {printer}(h, {inside.strip()});"]

    def text_line(self, text, line):
        if not self.in_function:
            if text.strip():
                raise Refused(line, "text before the first % page")
            return
        text = text.lstrip() + "\n" if self.state.where == "text" else text.strip() + " "
        if not text.strip():
            return
        for n, piece in enumerate(re.split(r"\{\{(.*?)\}\}", text)):
            if n % 2:
                self.expression(piece, line)
            elif piece:
                self.state.feed(piece, line)
                self.pending += piece

    def compile(self, source):
        for number, raw in enumerate(source.split("\n"), 1):
            if raw.startswith("%"):
                self.code_line(raw[1:].strip(), number)
            else:
                self.text_line(raw, number)
        self.end(number)

    def outputs(self):
        guard = re.sub(r"\W", "_", self.name).upper()
        includes = [l for l in self.top if l.startswith("#include") or l.startswith("#line")]
        header = [f"#ifndef {guard}_HTML_H", f"#define {guard}_HTML_H", '#include "html/html.h"',
                  *includes, *self.prototypes, "#endif", ""]
        body = [f'#include "{self.name}.html.h"', *self.top, *self.parts, *self.body, ""]
        return "\n".join(body), "\n".join(header)


def main():
    source, out_c, out_h = sys.argv[1:4]
    name = source.rsplit("/", 1)[-1].removesuffix(".html")
    compiler = Compiler(source, name)
    try:
        with open(source, encoding="utf-8") as f:
            compiler.compile(f.read().rstrip("\n"))
    except Refused as refused:
        sys.exit(f"{source}:{refused.line}: {refused}")
    body, header = compiler.outputs()
    for path, text in ((out_c, body), (out_h, header)):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main()
