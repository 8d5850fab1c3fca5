"""pages.py -- what a template may not hold: nothing of its own style or script, no unguarded form (design 9).

The template compiler refuses most of it already; this looks at the pages as HTML, expressions taken as a
word, and at pieces of HTML written in C.
"""
import re
from html.parser import HTMLParser

import house
from csource import Source

URLS = {"href", "src", "action", "formaction", "poster", "data", "cite", "srcset", "hx-get", "hx-post", "background"}
GUARD = re.compile(r"^%\s*page_guard\(")
IN_C = re.compile(r"<(style|script)\b|<[^>]*\s(style|srcdoc|on\w+)\s*=", re.I)


def find(root):
    for path in house.files(root, ["src"], (".html",)):
        page = Page()
        page.feed(as_html(house.read(root, path)))
        page.close()
        yield from (house.Finding(path, line, what) for line, what in page.wrong)
    for path in house.files(root, ["src/web", "src/registers", "src/services", "src/channels", "src/engine"], (".c",)):
        yield from in_code(path, Source(house.read(root, path)))


def as_html(template):
    """The template as HTML with its lines in place: lines of C become comments, expressions become words."""
    lines = []
    for line in template.splitlines():
        if GUARD.match(line):
            lines.append("<guard>")
        elif line.startswith("%"):
            lines.append("")
        else:
            line = re.sub(r"\{\{\?.*?\s:\s(.*?)\}\}", r" \1 ", line)
            lines.append(re.sub(r"\{\{.*?\}\}", "x", line))
    return "\n".join(lines)


class Page(HTMLParser):
    CDATA_CONTENT_ELEMENTS = ()  # a script's content is looked at like everything else

    def __init__(self):
        super().__init__()
        self.wrong = []
        self.open_form = None  # the line of a form that has had no guard yet

    def amiss(self, what):
        self.wrong.append((self.getpos()[0], what))

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        for name, value in values.items():
            self.attribute(tag, name, value)
        if tag == "style" or tag == "script" and "src" not in values:
            self.amiss(f"<{tag}> in a template: it belongs into ui/")
        if tag == "img" and "alt" not in values:
            self.amiss("an <img> without alt")
        if tag == "form" and values.get("method", "").lower() == "post":
            self.open_form = self.getpos()[0]
        if tag == "guard":
            self.open_form = None

    def handle_endtag(self, tag):
        if tag == "form":
            self.end_form()

    def end_form(self):
        if self.open_form:
            self.wrong.append((self.open_form, "a form that posts without page_guard"))
        self.open_form = None

    def close(self):
        super().close()
        self.end_form()

    def attribute(self, tag, name, value):
        if name in ("style", "srcdoc") or name.startswith("on"):
            self.amiss(f"the attribute {name} is not allowed (CSP)")
        elif name.startswith(("hx-on", "data-hx-on")) or name == "hx-trigger" and "[" in value:
            self.amiss(f"{name} runs a script of its own (CSP)")
        elif name in URLS and re.match(r"\s*(https?:)?//|\s*(javascript|data):", value, re.I):
            self.amiss(f"{name} of <{tag}> leads to another host: {value}")


def in_code(path, source):
    for match in re.finditer(r'"[^"\n]*"', source.code):
        text = source.text[match.start():match.end()].replace('\\"', "'")
        found = IN_C.search(text)
        if found:
            yield house.Finding(path, source.line(match.start()),
                                f"{found.group(1) or found.group(2)} in a piece of HTML (CSP)")
