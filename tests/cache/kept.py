#!/usr/bin/env python3
"""What a kept page is to those who ask for it: conditional requests, encodings, languages, and who is never given one
(docs/decisions/014)."""
import gzip
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))

import faults   # noqa: E402  (its applications)
import house    # noqa: E402
import talk     # noqa: E402
import visitor  # noqa: E402

LIST = "/record"
ETAG = re.compile(r'^W/"([0-9a-f]+)\.([0-9a-f]+)"$')


class Wrong(Exception):
    pass


def same(have, want, what):
    if have != want:
        raise Wrong(f"{what}: {have!r}, not {want!r}")


class Asking:
    def __init__(self, server):
        self.port = server.port

    def get(self, target=LIST, method="GET", **headers):
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return visitor.ask(self.port, method, target, [("Accept", "text/html"), *named])

    def kept(self, target=LIST, **headers):
        """The page once it is kept: the same twice."""
        self.get(target, **headers)
        return self.get(target, **headers)

    def apply(self):
        reply = visitor.ask(self.port, "POST", "/services/street-trading/applications",
                            [("Content-Type", "application/json"), ("Accept", "application/json")],
                            json.dumps(faults.TRADER).encode())
        same(reply.status, 201, "an application")
        return reply


def header(reply, name):
    found = reply.all(name)
    return found[0] if found else None


def a_kept_page_has_an_etag_and_is_looked_at_again(ask):
    reply = ask.kept()
    same(bool(ETAG.match(header(reply, "ETag"))), True, "the form of the ETag")
    same(header(reply, "Cache-Control"), "no-cache", "Cache-Control")
    same("Cookie" in header(reply, "Vary"), True, "Vary names Cookie")


def who_has_it_already_gets_304_without_a_body(ask):
    etag = header(ask.kept(), "ETag")
    reply = ask.get(If_None_Match=etag)
    same((reply.status, reply.body), (304, b""), "the same again")
    same(header(reply, "ETag").split(".")[0], etag.split(".")[0], "its ETag")
    same(ask.get(If_None_Match='"else", ' + etag).status, 304, "one of several")
    same(ask.get(If_None_Match='W/"1.1"').status, 200, "another one")


def a_changed_page_is_sent_to_who_has_the_old_one(ask):
    etag = header(ask.kept(), "ETag")
    number = ask.apply().json()["number"]
    reply = ask.get(If_None_Match=etag)
    same(reply.status, 200, "after a write")
    same(number in reply.text, True, "what was written is in it")


def who_has_seen_a_newer_page_is_not_sent_an_older_one(ask):
    content, seen = ETAG.match(header(ask.kept(), "ETag")).groups()
    later = f'W/"{int(content, 16) ^ 1:x}.{int(seen, 16) + 60000:x}"'
    first, again = ask.get(If_None_Match=later), ask.get(If_None_Match=later)
    same(first.status, 200, "made anew")
    same(header(again, "ETag"), None, "and not taken from what is kept")


def each_encoding_holds_the_same_page(ask):
    plain = ask.kept()
    packed = ask.kept(Accept_Encoding="gzip")
    same(header(packed, "Content-Encoding"), "gzip", "gzip is understood")
    same(gzip.decompress(packed.body), plain.body, "what gzip holds")
    brotli = ask.kept(Accept_Encoding="gzip, deflate, br")
    same(header(brotli, "Content-Encoding"), "br", "brotli is preferred")
    unpacked = subprocess.run(["node", "-e", "process.stdout.write(require('zlib').brotliDecompressSync(require('fs')"
                               ".readFileSync(0)))"], input=brotli.body, stdout=subprocess.PIPE, check=True).stdout
    same(unpacked, plain.body, "what brotli holds")


def languages_sizes_and_programs_have_pages_of_their_own(ask):
    english, chinese = ask.kept(Accept_Language="en"), ask.kept(Accept_Language="zh-Hans")
    same(("Open record" in english.text, "公开记录" in chinese.text), (True, True), "two languages")
    large = ask.kept(Accept_Language="en", Cookie="size=elder")
    same('class="govuk-template elder' in large.text, True, "large type")
    same('class="govuk-template elder' in ask.get(Accept_Language="en").text, False, "and small type after it")
    same(ask.kept("/record.json").json()["rows"] != [], True, "a program's reply")
    same(ask.get().text.startswith("<!doctype html>"), True, "and a page after it")


def addresses_are_told_apart_by_their_query(ask):
    numbers = [ask.apply().json()["number"] for _ in range(2)]
    here = ask.kept(f"{LIST}?before={numbers[1]}")
    same((numbers[0] in here.text, numbers[1] in here.text), (True, False), "before the second")
    there = ask.kept(f"{LIST}?before={numbers[0]}")
    same(numbers[0] in there.text, False, "before the first")


def a_head_is_answered_without_a_body(ask):
    page = ask.kept()
    reply = ask.get(method="HEAD")
    same((reply.status, reply.body), (200, b""), "HEAD")
    same(header(reply, "Content-Length"), str(len(page.body)), "its length")


def who_has_just_written_is_given_nothing_kept(ask):
    ask.kept()
    cookie = next(c for c in ask.apply().all("Set-Cookie") if c.startswith("linli_w="))
    same("Max-Age=2;" in cookie, True, "for as long as another process may be behind")
    etag = header(ask.kept(), "ETag")
    made = header(ask.get(Cookie=cookie.split(";")[0]), "ETag")
    same(made is None or made != etag, True, "a page made for the writer")


def pages_with_a_form_of_ones_own_are_never_kept(ask):
    for target in ("/follow", "/apply"):
        reply = ask.kept(target)
        same((header(reply, "ETag"), header(reply, "Cache-Control")), (None, "no-store"), target)
    case = ask.apply().json()["number"]
    same(header(ask.kept(f"/cases/{case}"), "ETag"), None, "a case of one's own")


def what_is_not_found_is_not_kept(ask):
    reply = ask.kept("/record/MB-20200101-000001-1")
    same((reply.status, header(reply, "ETag")), (404, None), "an unknown number")


def a_number_that_comes_into_being_is_found_at_once(ask):
    for _ in range(3):
        number = ask.apply().json()["number"]
        same(ask.get(f"{LIST}/{number}").status, 200, "the page of a new matter")


def a_flood_of_addresses_leaves_pages_kept(ask):
    for n in range(600):
        ask.get(f"/services?q=flood-{n}")
    same(bool(header(ask.kept(LIST), "ETag")), True, "the list is kept again")


PROMISES = [value for name, value in list(globals().items()) if callable(value) and name.startswith(
    ("a_", "who_", "each_", "languages_", "addresses_", "pages_", "what_"))]


def main():
    server = house.Server(talk.house_templates.copy("town"), "town", ("--page-cache", "1")).start()
    ask, wrong = Asking(server), []
    for promise in PROMISES:
        try:
            promise(ask)
        except Wrong as why:
            wrong.append(f"{promise.__name__.replace('_', ' ')}: {why}")
    faulty = server.stop()
    for one in wrong + faulty:
        print(f"FAILED {one}")
    print(f"{len(PROMISES) - len(wrong)} passed, {len(wrong) + len(faulty)} failed")
    return 1 if wrong or faulty else 0


if __name__ == "__main__":
    sys.exit(main())
