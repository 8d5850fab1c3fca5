#!/usr/bin/env python3
"""The n-th allocation and the n-th query of a request fail, for each n until the request succeeds.

    usage: faults.py [PART OF A NAME ...]

Each time the answer must be whole: a 5xx page in the reader's language (or a problem in JSON) that another try
may follow, or what would have come anyway.  The server must go on, a sanitizer must find nothing to say, and at
the end `linli verify` must find every matter whole.

A failing allocation takes all that follow with it, as when memory is used up; a failing query fails alone.  To
stay quick allocations are stepped over: every n to 120, then every 5th to 400, then every 17th, beginning at another
offset for another request, until it succeeds.  Queries fail one by one, every one of them.
"""
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import files
import house
import manners
import talk
import visitor

NOW = "2026-11-20 10:00"
TRADER = {"applicant_name": "Anna Ashby", "applicant_phone": "02079460123", "home": "MB-1",
          "address": "1 Sample Lane, flat 2", "goods": "Bread", "days": ["saturday"]}
N_MAX = 20000
REQUESTS = []


class Fault(Exception):
    pass


def numbers(offset):
    n = 1
    while n < N_MAX:
        yield n
        n += 1 if n < 120 else 5 if n < 400 else 17
        n += offset if n == 121 else 0


# ---------------------------------------------------------------- visitors

class Somebody:
    def __init__(self, server):
        self.server, self.who = server, visitor.Visitor()

    def ask(self, method, target, body=None, kind=None, headers=()):
        path = visitor.path_of(target)
        given = [("Accept", "text/html"), ("Accept-Language", "en"), ("X-Test-Now", str(self.server.now)),
                 ("Cookie", self.who.cookie_header(path)), *headers] + ([("Content-Type", kind)] if kind else [])
        reply = visitor.ask(self.server.port, method, target, [(n, v) for n, v in given if v], body)
        return reply

    def get(self, target):
        reply = self.who.see(self.ask("GET", target))
        if reply.status != 200:
            raise Fault(f"GET {target}: {reply.status}")
        return reply

    def form(self, action, **fields):
        """The form on the screen, filled in: its body."""
        form = self.who.form_for(action, fields.items())
        hidden = [(n, v) for n, v in (form.hidden if form else []) if n not in fields]
        return visitor.urlencoded(hidden + list(fields.items()))

    def post(self, action, **fields):
        reply = self.ask("POST", action, self.form(action, **fields), "application/x-www-form-urlencoded")
        self.who.see(reply)
        if reply.status != 303:
            raise Fault(f"POST {action}: {reply.status}")
        return reply


class House:
    """Those who ask, and cases in the states that their requests need."""

    def __init__(self, server):
        self.server, self.staff = server, {}

    def clerk(self, login):
        if login not in self.staff:
            one = Somebody(self.server)
            one.get("/desk/sign-in")
            one.post("/desk/sign-in", login=login, password=house.PASSWORD)
            self.staff[login] = one
        return self.staff[login]

    def case(self, *steps):
        """A new case, after these steps; its number and code."""
        reply = Somebody(self.server).ask("POST", "/services/street-trading/applications", json.dumps(TRADER).encode(),
                                          "application/json", [("Accept", "application/json")])
        made = reply.json()
        for step in steps:
            self.take(made["number"], step)
        return made["number"], made["code"]

    def take(self, number, step):
        login, fields = STEPS[step]
        clerk, action = self.clerk(login), f"/desk/cases/{number}/steps/{step}"
        clerk.get(f"/desk/cases/{number}")
        clerk.post(action, **fields)

    def step(self, step, *before):
        number, _ = self.case(*before)
        login, fields = STEPS[step]
        clerk, action = self.clerk(login), f"/desk/cases/{number}/steps/{step}"
        clerk.get(f"/desk/cases/{number}")
        return clerk, "POST", action, clerk.form(action, **fields)

    def applicant(self, *before):
        number, code = self.case(*before)
        one = Somebody(self.server)
        one.get("/follow")
        one.post("/follow", number=number, code=code)
        one.get(f"/cases/{number}")
        return one, number

    def draft(self, pages):
        """A resident of the town who has filled in so many pages."""
        one = Somebody(self.server)
        one.get("/services/street-trading")
        one.post("/services/street-trading/apply")
        for n, fields in enumerate(PAGES[:pages], 1):
            one.get(f"/apply/pages/{n}")
            one.post(f"/apply/pages/{n}", **fields)
        return one


PAGES = [{"applicant_name": "Anna Ashby", "applicant_phone": "02079460123", "address": "1 Sample Lane, flat 2"},
         {"home": "MB-1", "goods": "Bread", "days": "saturday"}]
STEPS = {
    "accept": ("window", {"papers_received": "insurance", "present": "yes"}),
    "ask": ("window", {"papers_missing": "picture", "missing_note": "A picture of the stall; byelaw 2"}),
    "correct": ("window", {"correction": "Number two"}),
    "examine": ("reviewer", {"finding": "meets", "finding_note": "Clear pavement"}),
    "suspend": ("reviewer", {"special_reason": "hearing", "special_days": "5"}),
    "approve": ("decider", {"decision_note": "For a year"}),
    "extend": ("decider", {"extension_reason": "The fair takes the square"}),
    "produce": ("issuer", {}),
    "deliver": ("issuer", {"delivered_how": "window", "delivered_to": "applicant"}),
}
FORM = "application/x-www-form-urlencoded"


def page(name, prepare):
    """A request that changes nothing."""
    def function(h):
        return *prepare(h), None, None, {200}
    function.__name__ = name
    REQUESTS.append(function)


def sending(name, prepare, good=303):
    """One that does: it is prepared anew whenever it succeeded, so that each try begins from the same state."""
    def function(h):
        one, method, action, body, *kind = prepare(h)
        return one, method, action, body, kind[0] if kind else FORM, {good}
    function.__name__ = name
    REQUESTS.append(function)


page("home", lambda h: (Somebody(h.server), "GET", "/"))
page("item", lambda h: (Somebody(h.server), "GET", "/services/street-trading"))
page("services searched", lambda h: (Somebody(h.server), "GET", "/services?q=stall"))
page("page of an application", lambda h: (h.draft(0), "GET", "/apply/pages/1"))
page("papers of an application", lambda h: (h.draft(2), "GET", "/apply/papers"))
page("follow", lambda h: (Somebody(h.server), "GET", "/follow"))
page("places", lambda h: (Somebody(h.server), "GET", "/places"))
page("queue", lambda h: (h.clerk("window"), "GET", "/desk"))
page("queue in JSON", lambda h: (h.clerk("window"), "GET", "/desk.json"))
page("case at the desk", lambda h: (h.clerk("window"), "GET", f"/desk/cases/{h.case('ask')[0]}"))
page("intake form", lambda h: (h.clerk("window"), "GET", "/desk/intake/street-trading"))
page("flow, live", lambda h: (h.clerk("window"), "GET", "/desk/flows/application"))
page("accounts", lambda h: (h.clerk("system"), "GET", "/desk/accounts"))


def own(h):
    one, number = h.applicant("accept")
    return one, "GET", f"/cases/{number}"


def own_receipt(h):
    one, number = h.applicant()
    return one, "GET", f"/cases/{number}/receipt"


def filled(h, pages, action, **fields):
    one = h.draft(pages)
    one.get(re.sub("submit", "check", action) if pages > 1 else action)
    return one, "POST", action, one.form(action, **fields)


def checked(h):
    one = h.draft(2)
    one.get("/apply/papers")
    one.post("/apply/papers-done")
    one.get("/apply/check")
    return one, "POST", "/apply/submit", one.form("/apply/submit")


def upload(h):
    one = h.draft(2)
    form = one.get("/apply/papers") and one.who.form_for("/apply/papers", [("paper", "picture")])
    hidden = [(n, v) for n, v in form.hidden if n != "paper"] + [("paper", "picture")]
    body, kind = visitor.multipart(hidden, [("file", "a.jpg", "image/jpeg", files.content_of("photo.jpg"))])
    return one, "POST", "/apply/papers", body, kind


def beginning(h):
    one = Somebody(h.server)
    one.get("/services/street-trading")
    return one, "POST", "/services/street-trading/apply", one.form("/services/street-trading/apply")


def following(h):
    number, code = h.case()
    one = Somebody(h.server)
    one.get("/follow")
    return one, "POST", "/follow", one.form("/follow", number=number, code=code)


def supplement(h):
    one, number = h.applicant("ask")
    action = f"/cases/{number}/steps/answer"
    return one, "POST", action, one.form(action, answer_note="Two metres wide")


def signing_in(h):
    one = Somebody(h.server)
    one.get("/desk/sign-in")
    return one, "POST", "/desk/sign-in", one.form("/desk/sign-in", login="checker", password=house.PASSWORD)


def intake(h):
    clerk = h.clerk("window")
    clerk.get("/desk/intake/street-trading")
    fields = {n: v if isinstance(v, str) else ",".join(v) for n, v in TRADER.items()}
    return clerk, "POST", "/desk/intake/street-trading", clerk.form(
        "/desk/intake/street-trading", papers_received="insurance", then="accept", **fields)


def finding(h):
    clerk = h.clerk("window")
    clerk.get("/desk/find")
    return clerk, "POST", "/desk/find", clerk.form("/desk/find", q="02079460123")


def revealing(h):
    h.server.now += 7200 * 1000     # looks are counted by the hour, and sessions end meanwhile
    h.staff.clear()
    number, _ = h.case()
    clerk, action = h.clerk("window"), f"/desk/cases/{number}/reveal/applicant_phone"
    clerk.get(f"/desk/cases/{number}")
    return clerk, "POST", action + ".json", clerk.form(action, reason="To call about the stall")


page("one's own case", own)
page("receipt", own_receipt)
sending("begin to apply", beginning)
sending("send a page", lambda h: filled(h, 0, "/apply/pages/1", **PAGES[0]))
sending("send a paper", upload)
sending("submit", checked)
sending("open by number and code", following)
sending("supplement", supplement)
sending("sign in", signing_in)
sending("take in at the window", intake)
sending("find", finding, 200)
sending("reveal", revealing, 200)
sending("accept", lambda h: h.step("accept"))
sending("ask", lambda h: h.step("ask"))
sending("correct", lambda h: h.step("correct"))
sending("examine", lambda h: h.step("examine", "accept"))
sending("suspend", lambda h: h.step("suspend", "accept"))
sending("approve", lambda h: h.step("approve", "accept", "examine"))
sending("extend", lambda h: h.step("extend", "accept"))
sending("produce", lambda h: h.step("produce", "accept", "examine", "approve"))
sending("deliver", lambda h: h.step("deliver", "accept", "examine", "approve", "produce"))


# ---------------------------------------------------------------- trying

def judge(reply, method):
    """What is wrong with an answer to a request that failed inside, or None."""
    for complaint in manners.complaints(method, reply):
        return complaint
    if reply.status < 500:
        return f"answered with {reply.status}"
    if not reply.body:
        return f"{reply.status} without a word"
    if reply.kind() == "text/html" and (reply.header("Content-Language") != "en" or "<main" not in reply.text):
        return f"{reply.status} in {reply.header('Content-Language')}"
    if reply.status == 503 and not reply.header("Retry-After"):
        return "503 without Retry-After"
    return None


def try_all(h, prepare, header, steps):
    """Fails the n-th for each n; the request is prepared anew only when the one before succeeded."""
    prepared, tries, tolerated = prepare(h), 0, 0
    for n in steps:
        one, method, target, body, kind, good = prepared
        reply = one.ask(method, target, body, kind, [(header, str(n))])
        tries += 1
        if reply.status in good:
            tolerated += 1
            spent = int(reply.header("X-Linli-Takes" if header.endswith("Take") else "X-Linli-Queries") or 0)
            if spent < n or tolerated > 40:
                return tries
            prepared = prepare(h)     # what failed was not needed: it was done all the same
            continue
        wrong = judge(reply, method)
        if wrong:
            raise Fault(f"{header} {n}: {wrong}\n{reply.text[:600]}")
        if not h.server.is_running():
            raise Fault(f"{header} {n}: the server is gone")
    raise Fault(f"{header}: it never succeeded")


def then_it_succeeds(h, prepare):
    one, method, target, body, kind, good = prepare(h)
    reply = one.ask(method, target, body, kind)
    if reply.status not in good:
        raise Fault(f"afterwards, with nothing failing: {reply.status}")


def hold(part):
    """Some of the requests, one after the other, on a server of their own."""
    server = house.Server(talk.house_templates.copy("town"), "town", now=NOW)
    results = []
    server.start()
    h = House(server)
    for offset, prepare in enumerate(part):
        fault = None
        try:
            try_all(h, prepare, "X-Test-Fail-Query", range(1, N_MAX))
            try_all(h, prepare, "X-Test-Fail-Take", numbers(offset % 5))
            then_it_succeeds(h, prepare)
        except (Fault, OSError, ValueError, visitor.http.client.HTTPException) as why:
            fault = f"{type(why).__name__}: {why}"
        results.append((prepare.__name__, fault))
        if not server.is_running():
            break
    faults = server.stop()
    broken = server.verify()
    results.append(("the server ends well and its district is whole",
                    "\n".join(faults + ([broken] if broken else [])) or None))
    return results


def main(words):
    wanted = [one for one in REQUESTS if not words or any(w in one.__name__ for w in words)]
    talk.house_templates.path("town")
    with ThreadPoolExecutor(2) as pool:
        results = [r for part in pool.map(hold, [wanted[::2], wanted[1::2]] if len(wanted) > 1 else [wanted])
                   for r in part]
    failed = [(name, fault) for name, fault in results if fault]
    for name, fault in failed:
        print(f"FAILED {name}\n  {fault}", flush=True)
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
