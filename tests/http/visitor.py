"""Somebody who asks: requests as bytes, cookies as a browser keeps them, forms read from the page before."""
import html.parser
import http.client
import json
import re
import socket
import urllib.parse

TIMEOUT_SECONDS = 30


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None

    def kind(self):
        return (self.header("Content-Type") or "").split(";")[0]

    def is_json(self):
        return self.kind().endswith("json")

    def json(self):
        return json.loads(self.body)


def read_reply(sock, method):
    reply = http.client.HTTPResponse(sock, method=method)
    reply.begin()
    return Reply(reply.status, reply.getheaders(), reply.read())


def ask(port, method, target, headers=(), body=None, chunked=False):
    """One request on a connection of its own.  target and header values go out as they are."""
    lines = [f"{method} {target} HTTP/1.1"]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.append(f"Host: 127.0.0.1:{port}")
    lines += [f"{name}: {value}" for name, value in headers] + ["Connection: close"]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces(body or b"")) + b"0\r\n\r\n"
    elif body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as sock:
        try:
            sock.sendall(head + (body or b""))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have answered before it heard all
        return read_reply(sock, method)


def pieces(body, size=50000):
    return [body[at:at + size] for at in range(0, len(body), size)]


# ---------------------------------------------------------------- forms

class Form:
    def __init__(self, action, method):
        self.action, self.method = action, method
        self.hidden, self.values = [], {}

    def hidden_value(self, name):
        return dict(self.hidden).get(name)


class PageReader(html.parser.HTMLParser):
    """Forms with what stands in them, and the problems told at the top."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.problems, self.title = [], [], ""
        self.form = self.select = self.area = self.anchor = None
        self.in_summary = self.in_title = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        opens = {"form": self.open_form, "input": self.take_input, "select": self.open_select,
                 "option": self.take_option, "textarea": self.open_area}
        if tag in opens:
            opens[tag](a)
        elif tag == "div" and "govuk-error-summary" in (a.get("class") or ""):
            self.in_summary = True
        elif tag == "a" and self.in_summary and (a.get("href") or "").startswith("#"):
            self.anchor = [a["href"][1:], ""]
        elif tag == "title":
            self.in_title = True

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None
        elif tag == "a" and self.anchor:
            self.problems.append(tuple(self.anchor))
            self.anchor = None
        elif tag == "ul":
            self.in_summary = False
        elif tag == "title":
            self.in_title = False

    def handle_data(self, data):
        if self.anchor:
            self.anchor[1] += data
        if self.area and self.form:
            self.form.values[self.area] += data
        if self.in_title:
            self.title += data

    def open_form(self, a):
        self.form = Form(a.get("action") or "", (a.get("method") or "get").upper())
        self.forms.append(self.form)

    def take_input(self, a):
        kind, name, value = a.get("type") or "text", a.get("name"), a.get("value") or ""
        if not self.form or not name:
            return
        if kind == "hidden":
            self.form.hidden.append((name, value))
        elif kind in ("radio", "checkbox"):
            if "checked" in a:
                held = self.form.values.get(name)
                self.form.values[name] = f"{held},{value}" if held else value
            self.form.values.setdefault(name, "")
        else:
            self.form.values[name] = value

    def open_select(self, a):
        self.select = a.get("name")
        if self.form and self.select:
            self.form.values[self.select] = ""

    def take_option(self, a):
        if self.form and self.select and "selected" in a:
            self.form.values[self.select] = a.get("value") or ""

    def open_area(self, a):
        self.area = a.get("name")
        if self.form and self.area:
            self.form.values[self.area] = ""


# ---------------------------------------------------------------- bodies

def urlencoded(fields):
    return urllib.parse.urlencode(fields).encode()


def multipart(fields, files, boundary=b"----linli-talk-8f2b61"):
    """files: (field, file name, content type, content)."""
    out = b""
    for name, value in fields:
        out += b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name.encode(),
                                                                                  value.encode())
    for field, name, kind, content in files:
        out += (b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
                % (boundary, field.encode(), name.encode(), kind.encode(), content))
    return out + b"--%s--\r\n" % boundary, "multipart/form-data; boundary=" + boundary.decode()


# ---------------------------------------------------------------- the visitor

class Visitor:
    """A browser's memory: cookies with their paths, and the page that stands on the screen."""

    def __init__(self, keeps_cookies=True):
        self.keeps_cookies = keeps_cookies
        self.cookies = {}    # (name, path): value
        self.page = None     # the last HTML page
        self.secrets = set()

    def cookie_header(self, path):
        fitting = [(len(where), name, value) for (name, where), value in self.cookies.items()
                   if path == where or path.startswith(where.rstrip("/") + "/")]
        return "; ".join(f"{name}={value}" for _, name, value in sorted(fitting, reverse=True))

    def take_cookies(self, reply):
        for line in reply.all("Set-Cookie"):
            first, *rest = [part.strip() for part in line.split(";")]
            name, _, value = first.partition("=")
            marks = dict(part.partition("=")[::2] for part in rest)
            key = (name, marks.get("Path", "/"))
            if marks.get("Max-Age") == "0":
                self.cookies.pop(key, None)
            elif self.keeps_cookies:
                self.cookies[key] = value
            if name not in ("lang", "size") and value:
                self.secrets.add(value)

    def form_for(self, action, fields):
        """The form on the screen that leads there; its hidden inputs agree with what is typed."""
        if self.page is None:
            return None
        fitting = [form for form in PageReader(self.page.text).forms
                   if form.method == "POST" and urllib.parse.urlsplit(form.action).path == action]
        typed = dict(fields)
        agreeing = [form for form in fitting if all(typed.get(name, value) == value for name, value in form.hidden)]
        return (agreeing or fitting or [None])[0]

    def see(self, reply):
        self.take_cookies(reply)
        if reply.kind() == "text/html":
            self.page = reply
        return reply


def path_of(target):
    return urllib.parse.unquote(re.split(r"[?#]", target, maxsplit=1)[0], errors="replace")
