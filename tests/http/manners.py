"""What every reply owes, whatever it was asked: safety, whole pages, words of its own."""
import html.parser
import json
import re

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
          " font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")

SAFETY = (("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"),
          ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"))

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path"}
LOOSE = {"p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"}   # may stay open in HTML
SOURCE = "https://example.org/linli"     # the only link to elsewhere: --source-url of faces-staff.talk


class PageJudge(html.parser.HTMLParser):
    """Inline code, things from elsewhere, elements that are not closed, links to nothing, texts not filled in."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.wrong, self.open, self.words = [], [], []
        self.ids, self.led_to = set(), set()
        self.feed(text)
        self.close()
        self.wrong += [f"a link to #{name}, which is not on the page" for name in sorted(self.led_to - self.ids)]
        if self.open:
            self.wrong.append(f"<{self.open[-1]}> is not closed")

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.ids.add(value)
            if name == "href" and (value or "").startswith("#"):
                self.led_to.add(value[1:])
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"inline {name} on <{tag}>")
            if (tag, name, value) == ("a", "href", SOURCE):
                continue
            if name in ("src", "href", "action", "srcset") and re.match(r"(?i)\s*(https?:|//|javascript:|data:)",
                                                                       value or ""):
                self.wrong.append(f"<{tag}> leads to {value}")
        if tag == "script" and not dict(attributes).get("src"):
            self.wrong.append("an inline script")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in LOOSE:
            self.open.pop()
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if not (self.open and self.open[-1] in ("script", "style")):
            self.words.append(data)


def page_complaints(text, language):
    judge = PageJudge(text)
    yield from judge.wrong[:1]
    if not text.rstrip().endswith("</html>"):
        yield "the page is not whole: it does not end with </html>"
    if not re.search(r"<title>\s*\S", text):
        yield "the page has no title"
    if f'<html lang="{language}"' not in text:
        yield f"the page is not marked as being in {language}, as the reply is"
    unfilled = re.search(r"\{[a-z_]+\}", " ".join(judge.words))
    if unfilled:
        yield f"a text was not filled in: {unfilled.group(0)}"


def json_complaints(reply):
    try:
        tree = json.loads(reply.body)
    except ValueError as why:
        yield f"broken JSON: {why}"
        return
    if reply.kind() == "application/problem+json":
        if tree.get("status") != reply.status:
            yield f"problem+json says {tree.get('status')}, the status is {reply.status}"
        if not re.fullmatch(r"urn:linli:[a-z_]+\.[a-z0-9_]+", tree.get("type") or ""):
            yield f"a problem of the type {tree.get('type')!r}"
        if len(tree.get("title") or "") < 4:
            yield "a problem without a sentence"
    elif reply.status >= 400:
        yield "a failure in JSON that is no problem+json"


def cookie_complaints(reply):
    for line in reply.all("Set-Cookie"):
        if "HttpOnly" not in line or "SameSite=Lax" not in line or "Path=/" not in line:
            yield f"a cookie without its guards: {line.split('=')[0]}"


def complaints(method, reply):
    """Sentences on what is wrong; none when all is well."""
    for name, value in SAFETY:
        if reply.all(name) != [value]:
            yield f"{name} is {reply.all(name)}"
    yield from cookie_complaints(reply)
    cache = reply.header("Cache-Control") or ""
    if "no-store" not in cache and cache != "public, max-age=31536000, immutable":
        yield f"Cache-Control is {cache!r}"
    if method == "HEAD":
        return
    if reply.status in (301, 302, 303, 307, 308):
        if not re.match(r"/(?![/\\])", reply.header("Location") or ""):
            yield f"it leads to {reply.header('Location')!r}"
        return
    if not reply.body:
        yield "an empty body"
    if reply.kind() == "text/html":
        yield from page_complaints(reply.text, reply.header("Content-Language"))
    elif reply.is_json():
        yield from json_complaints(reply)
