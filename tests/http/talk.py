"""Talks: files that read like a conversation with the program, and the teller that holds it.

A file begins with what holds for all of it:

    profile town                  the district it is held in; several are held one after the other
    languages zh-Hans en          in which; without this line the profile's own
    serve --face public           further options of the server
    rule AT-ONCE-SAMPLE 100       a rule of the district has this value

Then come talks, each with the promise it keeps as its name.  All talks of a file are held with one server, in
order; each begins with visitors who know nothing, at the same moment (house.BEGINS).

    ## a form sent twice is taken once
    # a remark
    at 2026-11-20 09:12           what time it is, in the district's zone; "later 31 minutes" moves on from there
    as window                     who speaks: a login of the demonstration signs in first; any other name is a
                                  visitor with an empty memory; "as nobody" forgets every cookie
    in en                         the language the browser asks for
    GET /desk                     a request; a POST sends along the hidden inputs of the form on the screen that
                                  leads to its path, as a browser would
    name = value                  a field of its form ("\\n" is a new line, "\\u202E" that character); the same name
                                  may come again
    json {"name": "value"}        or a JSON body, on as many lines as it needs
    file scan = photo.jpg         a file of files.py; 'as "x.jpg" type image/jpeg' says what it pretends to be
    body TEXT / type TEXT         any other body
    header Name: value
    without csrf                  leaves that hidden input away; "without hidden inputs" leaves all
    in pieces                     the body is sent chunked
    twice at once                 two of the same at the same moment; what follows holds for both
    200                           sends it, and is the status that must come
    Location: /desk               a header, exactly; "Location ~ /^\\/cases/" by a pattern; "no Location"
    has TEXT / lacks TEXT         in the body; white space counts as one blank, entities as what they mean
    counts 2 /<li/                so many matches
    reads TEXT                    the whole body, exactly
    is {"whole": "json"}          the whole JSON body; "*" stands for anything
    json path.0.to = "value"      one member of it
    problem field: TEXT           a problem told for a field, in a page or in problem+json; "*" is any text
    holds name = value            an input of the page shows this
    keep name /"(.*)"/            remembers what the group matches in the body; "from Location", "from json a.b"
    queries at most 12            what the page costs; "takes at most 900" allocations
    follow                        asks for where the reply leads;  again  sends the last request once more
    do NAME                       a passage (":: NAME") of this file or of passages.talk

"zh | en" in a text stands for the one that fits the language spoken; ${name} for what was kept.
"""
import glob
import html
import json
import os
import re
import threading

import files
import house
import manners
import visitor

HERE = os.path.dirname(os.path.abspath(__file__))
PERSONAL = re.compile(r"applicant_|agent_|address|password|^code$|^q$|reason|note|comment|correction")
NUMBER = re.compile(r"\w+-\d{8}-\d{6}-\d")     # of a case: nobody's secret
DEFAULT_LANGUAGE = {"cn-qingyang": "zh-Hans", "town": "en"}


class Fault(Exception):
    """An expectation that was not met."""


# ---------------------------------------------------------------- reading files

class Talk:
    def __init__(self, name, path, number):
        self.name, self.path, self.number, self.lines = name, path, number, []


class TalkFile:
    def __init__(self, path):
        self.path, self.talks, self.passages = path, [], {}
        self.profiles, self.languages, self.options, self.rules = [], [], [], []


def read_file(path):
    """Lines are kept as (path, number, text), so that a fault in a passage names the passage."""
    out = TalkFile(path)
    into = None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if line.startswith("## "):
                into = Talk(line[3:], path, number)
                out.talks.append(into)
            elif line.startswith(":: "):
                into = Talk(line[3:], path, number)
                out.passages[into.name] = into
            elif not line or line.startswith("# ") or line == "#":
                continue
            elif into:
                into.lines.append((path, number, line))
            else:
                read_heading(out, number, line)
    return out


def read_heading(out, number, line):
    word, *rest = line.split()
    into = {"profile": out.profiles, "languages": out.languages, "serve": out.options, "rule": out.rules}.get(word)
    if into is None:
        raise SystemExit(f"{out.path}:{number}: before the first talk: profile, languages, serve or rule, not \"{line}\"")
    into.extend(rest)


def read_all(wanted):
    shared = read_file(f"{HERE}/passages.talk").passages
    found = [read_file(path) for path in sorted(glob.glob(f"{HERE}/*.talk")) if not path.endswith("/passages.talk")]
    for one in found:
        one.passages = shared | one.passages
        one.profiles = one.profiles or ["cn-qingyang"]
    return [one for one in found if not wanted or any(w in os.path.basename(one.path) for w in wanted)]


# ---------------------------------------------------------------- small things

def fold(text):
    return re.sub(r"\s+", " ", html.unescape(text))


def same(want, got):
    """Whole JSON, but for "*"."""
    if want == "*":
        return True
    if isinstance(want, dict) and isinstance(got, dict):
        return list(want) == list(got) and all(same(want[k], got[k]) for k in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    return type(want) is type(got) and want == got


def member(tree, path):
    for step in path.split("."):
        try:
            tree = tree[int(step)] if isinstance(tree, list) else tree[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise Fault(f"the JSON has no member {path}")
    return tree


def plain(value):
    return re.sub(r"\\u([0-9A-F]{4})", lambda m: chr(int(m.group(1), 16)), value.replace("\\n", "\n"))


class Request:
    def __init__(self, method, target):
        self.method, self.target = method, target
        self.fields, self.uploads, self.headers, self.left_out = [], [], [], set()
        self.json = self.body = self.type = None
        self.hidden = True
        self.chunked = self.twice = False
        self.added = []          # hidden inputs found on the page

    def with_hidden(self, who):
        """The hidden inputs that the form on the screen carries; those named in the talk win."""
        form = who.form_for(visitor.path_of(self.target), self.fields) if self.hidden else None
        named = {name for name, _ in self.fields} | {name for name, *_ in self.uploads} | self.left_out
        self.added = [(n, v) for n, v in (form.hidden if form else []) if n not in named]

    def content(self):
        """The body and its type."""
        fields = self.added + self.fields
        if self.json is not None:
            return json.dumps(self.json, ensure_ascii=False).encode(), "application/json"
        if self.body is not None:
            return self.body, self.type
        if self.uploads:
            return visitor.multipart(fields, self.uploads)
        if self.method == "POST":
            return visitor.urlencoded(fields), "application/x-www-form-urlencoded"
        return None, None


# ---------------------------------------------------------------- telling

class Teller:
    def __init__(self, server, talk_file, language, measured=None):
        self.server, self.file, self.profile = server, talk_file, server.profile
        self.first_language, self.measured = language, measured
        self.asked, self.personal, self.secrets = set(), set(), set()

    # one talk

    def tell(self, talk):
        """None when the promise holds; else a sentence with file, line, what was wanted and what came."""
        self.kept = {"port": str(self.server.port)}
        self.visitors, self.who, self.language = {}, visitor.Visitor(False), self.first_language
        self.now = house.moment(self.profile, house.BEGINS)
        self.request = self.last = self.reply = None
        self.more = []
        self.here = (talk.path, talk.number, talk.name)
        try:
            self.lines(self.expand(talk.lines, 0))
            if self.request:
                raise Fault("the talk ends with a request that was never sent: it needs a status")
        except (Fault, OSError, visitor.http.client.HTTPException) as fault:
            return self.describe(fault)
        finally:
            for one in [self.who, *self.visitors.values()]:
                self.secrets |= one.secrets
        return None

    def expand(self, lines, depth):
        for path, number, text in lines:
            if text.startswith("do ") and depth < 5:
                passage = self.file.passages.get(text[3:])
                if not passage:
                    raise SystemExit(f"{path}:{number}: no passage \"{text[3:]}\"")
                yield from self.expand(passage.lines, depth + 1)
            else:
                yield path, number, text

    def lines(self, lines):
        lines = list(lines)
        while lines:
            self.here = lines.pop(0)
            text = self.here[2]
            while re.match(r"(json|is) [\[{]", text) and not self.is_whole(text) and lines:
                text += " " + lines.pop(0)[2]
            self.line(re.sub(r"\$\{(\w+)\}", self.recall, text))

    @staticmethod
    def is_whole(text):
        try:
            json.loads(re.sub(r"\$\{\w+\}", "0", text.split(" ", 1)[1]))
            return True
        except ValueError:
            return False

    def recall(self, match):
        if match.group(1) not in self.kept:
            raise Fault(f"nothing was kept as {match.group(1)}")
        return self.kept[match.group(1)]

    def line(self, text):
        for table in ((REQUEST_LINES,) if self.request else (COMMANDS, REPLY_LINES)):
            for pattern, act in table:
                match = pattern.fullmatch(text)
                if match:
                    if table is REPLY_LINES and self.reply is None:
                        raise Fault("nothing has been answered yet")
                    act(self, *match.groups())
                    return
        raise Fault("this line is not understood")

    def describe(self, fault):
        path, number, text = self.here
        came = self.reply.describe() if isinstance(self.reply, Told) else ""
        return f"{os.path.relpath(path, house.ROOT)}:{number}: {text}\n    {fault}\n{came}"

    def spoken(self, text):
        """The part of "zh | en" that fits the language."""
        parts = text.split(" | ")
        return parts[0 if self.language == "zh-Hans" else 1] if len(parts) == 2 else text

    # commands

    def at(self, words):
        self.now = house.moment(self.profile, words)

    def later(self, n, unit):
        self.now += int(n) * {"minute": 60, "hour": 3600, "day": 86400}[unit] * 1000

    def speak(self, language):
        self.language = language

    def become(self, name):
        if name == "nobody":
            self.who = visitor.Visitor(False)
            return
        new = name not in self.visitors
        self.who = self.visitors.setdefault(name, visitor.Visitor())
        if new and name in house_templates.logins.get(self.profile, ()):
            self.sign_in(name, house.PASSWORD)

    def sign_in(self, name, password):
        for method, fields, status in (("GET", [], 200), ("POST", [("login", name), ("password", password)], 303)):
            self.begin(method, "/desk/sign-in")
            self.request.fields = fields
            self.send(str(status))

    def begin(self, method, target):
        self.request = Request(method, target)

    def follow(self):
        where = self.reply.header("Location") if self.reply else None
        if not where:
            raise Fault("the last reply leads nowhere")
        self.begin("GET", where)

    def again(self):
        self.request, self.request_is_old = self.last, True
        self.request.hidden = False      # what the page gave is in it already

    # the request

    def field(self, name, value):
        self.request.fields.append((name, plain(value or "")))

    def set_json(self, text):
        self.request.json = json.loads(text)

    def set_body(self, text):
        self.request.body = plain(text).encode()

    def set_type(self, text):
        self.request.type = text

    def add_header(self, name, value):
        self.request.headers.append((name, value))

    def add_file(self, field, name, pretended, kind):
        self.request.uploads.append((field, pretended or name, kind or "application/octet-stream",
                                     files.content_of(name)))

    def leave_out(self, what):
        if what == "hidden inputs":
            self.request.hidden = False
        else:
            self.request.left_out.add(what)

    def in_pieces(self):
        self.request.chunked = True

    def at_once(self):
        self.request.twice = True

    def remember_personal(self, r):
        pairs = r.fields + (list(r.json.items()) if isinstance(r.json, dict) else [])
        self.personal |= {v for n, v in pairs if PERSONAL.search(n) and isinstance(v, str) and len(v) >= 4
                          and not NUMBER.fullmatch(v)}

    def headers_of(self, r, kind):
        given = {name.lower() for name, _ in r.headers}
        out = [("Accept", "text/html"), ("Accept-Language", self.language), ("X-Test-Now", str(self.now)),
               ("Cookie", self.who.cookie_header(visitor.path_of(r.target))), ("Content-Type", kind)]
        return [(n, v) for n, v in out if v and n.lower() not in given] + r.headers

    def ask(self, r):
        body, kind = r.content()
        reply = visitor.ask(self.server.port, r.method, r.target, self.headers_of(r, kind), body, r.chunked)
        told = Told(r, reply)
        self.asked.add((r.method, visitor.path_of(r.target), reply.status))
        return told

    def send(self, status):
        r, self.request, self.last = self.request, None, self.request
        if r.method == "TWINS":
            return self.send_twins(r, status)
        if r.hidden and r.method == "POST":
            r.with_hidden(self.who)
        self.remember_personal(r)
        self.more = self.ask_twice(r) if r.twice else [self.ask(r)]
        for self.reply in self.more:
            self.who.see(self.reply)
            self.check_status(status)
            for complaint in manners.complaints(r.method, self.reply):
                raise Fault("every reply: " + complaint)
        return None

    def ask_twice(self, r):
        out = [None, None]

        def one(n):
            out[n] = self.ask(r)
        threads = [threading.Thread(target=one, args=(n,)) for n in (0, 1)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if None in out:
            raise Fault("one of the two got no answer")
        return out

    def send_twins(self, r, status):
        """The page, its JSON by Accept, its JSON by .json: the last two are one and the same."""
        bare, _, query = r.target.partition("?")
        query = "?" + query if query else ""
        answers = []
        for target, accept in ((r.target, "text/html"), (r.target, "application/json"), (bare + ".json" + query, "*/*")):
            self.begin("GET", target)
            self.request.headers = r.headers + [("Accept", accept)]
            self.send(status)
            answers.append(self.reply)
        if answers[0].kind() != "text/html" or not answers[1].is_json():
            raise Fault(f"the twins are {answers[0].kind()} and {answers[1].kind()}")
        if answers[1].body != answers[2].body:
            raise Fault("the JSON asked for by Accept and that by .json differ")

    def check_status(self, status):
        if self.reply.status != int(status):
            raise Fault(f"wanted {status}, came {self.reply.status}")

    # what came

    def each(self):
        for self.reply in self.more or [self.reply]:
            yield self.reply

    def header_is(self, name, value):
        value = self.spoken(value)
        for reply in self.each():
            if value not in reply.all(name):
                raise Fault(f"wanted {name}: {value}, came {reply.all(name)}")

    def header_like(self, name, pattern):
        for reply in self.each():
            if not re.search(pattern, reply.header(name) or ""):
                raise Fault(f"{name} does not match: {reply.all(name)}")

    def header_absent(self, name):
        for reply in self.each():
            if reply.all(name):
                raise Fault(f"wanted no {name}, came {reply.all(name)}")

    def has(self, text):
        for reply in self.each():
            if fold(self.spoken(text)) not in fold(reply.text):
                raise Fault(f"the body lacks: {self.spoken(text)}")

    def lacks(self, text):
        for reply in self.each():
            if fold(self.spoken(text)) in fold(reply.text):
                raise Fault(f"the body has: {self.spoken(text)}")

    def counts(self, n, pattern):
        for reply in self.each():
            found = len(re.findall(pattern, reply.text))
            if found != int(n):
                raise Fault(f"wanted {n} matches, found {found}")

    def reads(self, text):
        for reply in self.each():
            if reply.text != plain(self.spoken(text)):
                raise Fault(f"the body is not exactly that, but {reply.text[:300]!r}")

    def is_json(self, text):
        for reply in self.each():
            want = json.loads(self.spoken(text))
            if not same(want, self.tree(reply)):
                raise Fault(f"the JSON is not that, but {json.dumps(self.tree(reply), ensure_ascii=False)[:2000]}")

    def json_member(self, path, text):
        for reply in self.each():
            got = member(self.tree(reply), path)
            if not same(json.loads(self.spoken(text)), got):
                raise Fault(f"{path} is {json.dumps(got, ensure_ascii=False)[:500]}")

    @staticmethod
    def tree(reply):
        try:
            return reply.json()
        except ValueError as why:
            raise Fault(f"the body is no JSON: {why}")

    def problem(self, field, text):
        text = self.spoken(text)
        for reply in self.each():
            if reply.is_json():
                told = [(p["field"], p["text"]) for p in self.tree(reply).get("problems", [])]
            else:
                told = visitor.PageReader(reply.text).problems
            if not any(name == field and text in ("*", what) for name, what in told):
                raise Fault(f"the problems told are {told}")

    def holds(self, name, value):
        for reply in self.each():
            held = [form.values[name] for form in visitor.PageReader(reply.text).forms if name in form.values]
            if plain(value or "") not in held:
                raise Fault(f"the inputs {name} hold {held}")

    def keep(self, name, where, pattern):
        for reply in self.each():
            source = reply.header(where[5:]) if where else reply.text
            found = re.search(pattern, source or "")
            if not found:
                raise Fault("nothing there matches")
            self.kept[name] = html.unescape(found.group(1))

    def keep_json(self, name, path):
        got = member(self.tree(self.reply), path)
        self.kept[name] = got if isinstance(got, str) else json.dumps(got)

    def costs(self, what, most):
        spent = int(self.reply.header("X-Linli-" + what.capitalize()) or 0)
        if self.measured is not None:
            key = self.here[:2] + (what,)
            self.measured[key] = max(self.measured.get(key, 0), spent)
        elif spent > int(most):
            raise Fault(f"it took {spent} {what}")

    def lists_every_route(self):
        listed = {(m.upper(), path) for path, methods in self.tree(self.reply)["paths"].items() for m in methods}
        if listed != source_routes():
            raise Fault(f"not the route tables: {sorted(listed ^ source_routes())}")


class Told(visitor.Reply):
    """A reply that remembers what was asked, to be shown when something is wrong."""

    def __init__(self, request, reply):
        super().__init__(reply.status, reply.headers, reply.body)
        self.request = request

    def describe(self):
        main = re.search(r"<main.*?</main>", self.text, re.S)
        body = main.group(0) if main else self.text
        body = re.sub(r"\n\s*\n+", "\n", body if "\0" not in body else repr(self.body[:200]))
        lines = [f"{self.request.method} {self.request.target}", f"{self.status}"]
        lines += [f"{n}: {v}" for n, v in self.headers if n in ("Content-Type", "Location", "Set-Cookie", "Allow")]
        return "\n".join("    | " + line[:300] for line in (lines + body.splitlines())[:25])


def source_routes():
    """Every row of a route table, as it stands in the source."""
    rows = set()
    for path in glob.glob(f"{house.ROOT}/src/*/*/*.c"):
        with open(path, encoding="utf-8") as f:
            rows |= set(re.findall(r'^ *\{ (GET|POST), "(/[^"]*)"', f.read(), re.M))
    return rows


house_templates = house.Templates()

# ---------------------------------------------------------------- the lines

METHODS = "GET|POST|HEAD|PUT|DELETE|PATCH|OPTIONS|TRACE|TWINS"


def table(*rows):
    return [(re.compile(pattern, re.S), act) for pattern, act in rows]


COMMANDS = table(
    (r"at (\d{4}-\d\d-\d\d \d\d:\d\d)", Teller.at),
    (r"later (\d+) (minute|hour|day)s?", Teller.later),
    (r"as (\w+)", Teller.become),
    (r"in (zh-Hans|en)", Teller.speak),
    (rf"({METHODS}) (\S+)", Teller.begin),
    (r"follow", Teller.follow),
    (r"again", Teller.again),
)

REQUEST_LINES = table(
    (r"(\d{3})", Teller.send),
    (r"json (.+)", Teller.set_json),
    (r"body (?!= )(.*)", Teller.set_body),
    (r"type (.+)", Teller.set_type),
    (r"header ([\w-]+): ?(.*)", Teller.add_header),
    (r'file (\S+) = (.+?)(?: as "([^"]*)")?(?: type (\S+))?', Teller.add_file),
    (r"without (hidden inputs|\w+)", Teller.leave_out),
    (r"in pieces", Teller.in_pieces),
    (r"twice at once", Teller.at_once),
    (r"([\w.\[\]-]+) =(?: (.*))?", Teller.field),
)

REPLY_LINES = table(
    (r"has (.+)", Teller.has),
    (r"lacks (.+)", Teller.lacks),
    (r"counts (\d+) /(.+)/", Teller.counts),
    (r"reads (.*)", Teller.reads),
    (r"is (.+)", Teller.is_json),
    (r"json ([\w.{}/-]+) = (.+)", Teller.json_member),
    (r"problem ([\w-]+): (.+)", Teller.problem),
    (r"holds ([\w-]+) =(?: (.*))?", Teller.holds),
    (r"keep (\w+) from json (\S+)", Teller.keep_json),
    (r"keep (\w+) (from [\w-]+ )?/(.+)/", lambda t, n, w, p: Teller.keep(t, n, (w or "").strip(), p)),
    (r"(queries|takes) at most (\d+)", Teller.costs),
    (r"lists every route", Teller.lists_every_route),
    (r"no ([\w-]+)", Teller.header_absent),
    (r"([\w-]+) ~ /(.+)/", Teller.header_like),
    (r"([\w-]+): (.*)", Teller.header_is),
)
