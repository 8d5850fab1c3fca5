#!/usr/bin/env python3
"""Several `linli serve` on one PostgreSQL database: what one acknowledged the others show, at once to its writer and
within a second to everybody, whatever becomes of the notices between them; what is due is done once; what kills one
hurts no other.

    usage: tools/postgres.sh python3 tests/postgres/several.py [PART OF A NAME ...]

Between a process and the database stands a small proxy where a test wants to hold or cut connections; the one that
carries notices is known by its LISTEN.
"""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))

import faults   # noqa: E402  (its visitors)
import house    # noqa: E402
import live     # noqa: E402  (its streams)
import talk     # noqa: E402
import visitor  # noqa: E402

PROMISED_SECONDS = 1.0
PATIENCE_SECONDS = 30
TESTS = []


class Fault(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def demand(claim, words):
    if not claim:
        raise Fault(words)


def wait_for(claim, words, seconds=PATIENCE_SECONDS):
    until = time.monotonic() + seconds
    while not claim():
        demand(time.monotonic() < until, words)
        time.sleep(0.02)


# ---------------------------------------------------------------- the proxy before the database

class Link:
    """One connection through the proxy."""

    def __init__(self, client, server):
        self.client, self.server, self.is_listener = client, server, False

    def close(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Proxy:
    """Passes connections on to the server's own socket; holds or cuts the one that listens when told to."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.links, self.is_held, self.refuses = [], False, False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{house.POSTGRES}/.s.PGSQL.5432")
            link = Link(client, server)
            self.links.append(link)
            threading.Thread(target=self.carry, args=(link,), daemon=True).start()

    def carry(self, link):
        ends = {link.client: link.server, link.server: link.client}
        try:
            while True:
                for end in select.select(list(ends), [], [], 0.05)[0]:
                    while link.is_listener and self.is_held:
                        time.sleep(0.01)
                    data = end.recv(65536)
                    if not data:
                        raise OSError
                    link.is_listener |= b"LISTEN linli" in data
                    demand(not (link.is_listener and self.refuses), "cut")
                    ends[end].sendall(data)
        except (OSError, ValueError, Fault):
            link.close()

    def listeners(self):
        return [link for link in self.links if link.is_listener]

    def cut(self):
        for link in self.listeners():
            link.close()

    def database(self, path):
        return f"postgresql://linli@127.0.0.1:{self.port}/{house.database_name(path)}?sslmode=disable&gssencmode=disable"


# ---------------------------------------------------------------- processes

class Together:
    """A district and the processes that serve it."""

    def __init__(self):
        self.folder = talk.house_templates.copy("town")
        self.servers = []

    def serve(self, options=(), now=faults.NOW, proxy=None, log="debug"):
        server = house.Server(self.folder, "town", options, now=now, log=log)
        server.log_path = f"{self.folder}/server-{len(self.servers)}.log"
        if proxy:
            server.db = proxy.database(f"{self.folder}/district.db")
        self.servers.append(server.start())
        wait_for(lambda: '"notices.heard"' in server.log(since_start=True) or (proxy and proxy.refuses),
                 "a process does not listen")
        return server

    def sql(self, text):
        done = subprocess.run(["psql", "-X", "-A", "-t", "-q", "-h", house.POSTGRES, "-U", "linli", "-d",
                               house.database_name(f"{self.folder}/district.db"), "-c", text],
                              capture_output=True, check=True)
        return done.stdout.decode().strip()

    def end(self):
        wrong = [words for server in self.servers if server.is_running() for words in server.stop()]
        plain = house.Server(self.folder, "town")
        broken = plain.verify()
        return wrong + ([broken] if broken else [])


def apply(server):
    """A new application's number, as a resident's browser sends it: with the cookies it then has."""
    one = faults.Somebody(server)
    reply = one.ask("POST", "/services/street-trading/applications", json.dumps(faults.TRADER).encode(),
                    "application/json", [("Accept", "application/json")])
    demand(reply.status == 201, f"an application was answered with {reply.status}")
    one.who.see(reply)
    return one, reply.json()["number"]


def shows(server, number, cookie=""):
    # no test clock in these: pages asked for with one are never kept
    given = [("Accept", "text/html")] + ([("Cookie", cookie)] if cookie else [])
    reply = visitor.ask(server.port, "GET", "/record", given)
    demand(reply.status == 200, f"/record: {reply.status}")
    return number in reply.text


def keep_warm(server):
    """The list as it is now, kept by this process."""
    for _ in range(2):
        visitor.ask(server.port, "GET", "/record", [("Accept", "text/html")])


def seconds_until_shown(server, number, since, limit=PROMISED_SECONDS * 4):
    while time.monotonic() - since < limit:
        asked = time.monotonic()
        if shows(server, number):
            return asked - since
    return limit


# ---------------------------------------------------------------- what one wrote, the others show

@test
def a_writer_sees_at_once_on_another_process_what_was_acknowledged(t):
    a, b = t.serve(), t.serve()
    for _ in range(20):
        keep_warm(b)
        writer, number = apply(a)
        demand(shows(b, number, writer.who.cookie_header("/record")), "the writer does not see their own application")


@test
def everybody_sees_it_within_a_second_and_mostly_at_once(t):
    a, b = t.serve(), t.serve()
    took = []
    for _ in range(20):
        keep_warm(b)
        _, number = apply(a)
        took.append(seconds_until_shown(b, number, time.monotonic()))
    demand(max(took) < PROMISED_SECONDS, f"shown after {max(took):.2f} s")
    demand(sorted(took)[len(took) // 2] < PROMISED_SECONDS / 3, f"notices do not come: {sorted(took)}")


@test
def with_notices_held_back_nothing_is_older_than_a_second(t):
    proxy = Proxy()
    a, b = t.serve(proxy=proxy), t.serve()
    demand(len(proxy.listeners()) == 1, f"{len(proxy.listeners())} connections listen")
    proxy.is_held = True
    took = []
    for _ in range(5):
        keep_warm(b)
        _, number = apply(a)
        took.append(seconds_until_shown(b, number, time.monotonic()))
    demand(max(took) < PROMISED_SECONDS, f"shown after {max(took):.2f} s")
    demand(max(took) > PROMISED_SECONDS / 3, "a notice came although it was held: nothing was tried")
    proxy.is_held = False
    keep_warm(b)
    _, number = apply(a)
    demand(seconds_until_shown(b, number, time.monotonic()) < PROMISED_SECONDS, "not shown after the hold")


@test
def with_notices_lost_nothing_is_older_than_a_second(t):
    proxy = Proxy()
    a, b = t.serve(), t.serve(proxy=proxy)
    proxy.refuses = True
    proxy.cut()
    wait_for(lambda: '"notices.lost"' in b.log(), "the process does not notice that its connection is cut")
    for _ in range(5):
        keep_warm(b)
        _, number = apply(a)
        took = seconds_until_shown(b, number, time.monotonic())
        demand(took < PROMISED_SECONDS, f"shown after {took:.2f} s")
    before = b.log().count('"notices.heard"')
    proxy.refuses = False
    wait_for(lambda: b.log().count('"notices.heard"') > before, "it does not listen again")
    quick = []
    for _ in range(5):
        keep_warm(b)
        _, number = apply(a)
        quick.append(seconds_until_shown(b, number, time.monotonic()))
    demand(min(quick) < PROMISED_SECONDS / 3, f"no notice comes after listening again: {quick}")


@test
def a_process_that_stands_still_right_after_its_commit_makes_nothing_older_than_a_second(t):
    a, b = t.serve(), t.serve()
    for _ in range(5):
        keep_warm(b)
        _, number = apply(a)
        a.process.send_signal(signal.SIGSTOP)
        took = seconds_until_shown(b, number, time.monotonic())
        a.process.send_signal(signal.SIGCONT)
        demand(took < PROMISED_SECONDS, f"shown after {took:.2f} s")


# ---------------------------------------------------------------- once

@test
def a_form_sent_twice_to_two_processes_does_its_thing_once(t):
    a, b = t.serve(), t.serve()
    for _ in range(6):
        home = faults.House(a)
        number, _ = home.case()
        clerk = home.clerk("window")
        clerk.get(f"/desk/cases/{number}")
        login, fields = faults.STEPS["accept"]
        action = f"/desk/cases/{number}/steps/accept"
        body = clerk.form(action, **fields)
        replies = []

        def send(server):
            twin = faults.Somebody(server)
            twin.who.cookies = dict(clerk.who.cookies)
            replies.append(twin.ask("POST", action, body, faults.FORM))

        threads = [threading.Thread(target=send, args=(server,)) for server in (a, b)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        demand([r.status for r in replies] == [303, 303], f"answered with {[r.status for r in replies]}")
        demand(len({r.header("Location") for r in replies}) == 1, "the two got different replies")
        taken = t.sql(f"SELECT COUNT(*) FROM event e JOIN matter m ON m.id = e.matter"
                      f" WHERE m.number = '{number}' AND e.step = 'accept'")
        demand(taken == "1", f"the step was taken {taken} times")


@test
def a_timer_goes_off_once(t):
    a = t.serve()
    numbers = [apply(a)[1] for _ in range(8)]
    demand(not a.stop(), "the first did not end well")
    later = "2027-03-01 09:00"
    t.serve(now=later), t.serve(now=later), t.serve(now=later)
    among = ", ".join(f"'{n}'" for n in numbers)
    due = (f"SELECT COUNT(*) FROM event e JOIN matter m ON m.id = e.matter WHERE m.number IN ({among})"
           " AND e.role = 'system' AND e.step = 'deem'")
    wait_for(lambda: int(t.sql(due)) >= len(numbers), f"the term did not pass: {t.sql(due)}")
    time.sleep(3)
    demand(int(t.sql(due)) == len(numbers), f"{t.sql(due)} steps by time for {len(numbers)} matters")


@test
def a_job_that_is_due_runs_in_one_process(t):
    servers = [t.serve(), t.serve(), t.serve()]
    began = time.monotonic()
    counts = [s.log().count('"job":"flow.tallies"') for s in servers]
    time.sleep(11)
    ran = sum(s.log().count('"job":"flow.tallies"') for s in servers) - sum(counts)
    most = int((time.monotonic() - began) / 5) + 1
    demand(1 <= ran <= most, f"a job due every 5 s ran {ran} times in {time.monotonic() - began:.0f} s")


@test
def a_job_of_a_killed_process_is_taken_up_by_another(t):
    a = t.serve()
    holder = subprocess.Popen(["psql", "-X", "-q", "-h", house.POSTGRES, "-U", "linli", "-d",
                               house.database_name(f"{t.folder}/district.db")], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    holder.stdin.write(b"BEGIN; LOCK TABLE timer IN ACCESS EXCLUSIVE MODE;\n\\echo locked\n")
    holder.stdin.flush()
    demand(holder.stdout.readline().strip() == b"locked", "the table is not locked")
    leased = "SELECT next_at > last_at + 5000 FROM job WHERE name = 'flow.timers'"
    wait_for(lambda: t.sql(leased) == "t", "no process takes the job for longer than its interval")
    lease = t.sql("SELECT next_at FROM job WHERE name = 'flow.timers'")
    a.kill()
    b = t.serve()
    time.sleep(2)
    demand(t.sql("SELECT next_at FROM job WHERE name = 'flow.timers'") == lease, "it was taken during its lease")
    holder.stdin.write(b"ROLLBACK;\n\\q\n")
    holder.stdin.flush()
    holder.wait()
    wait_for(lambda: '"job":"flow.timers"' in b.log(), "nobody takes up the job of the killed process")


@test
def the_desk_on_one_process_hears_what_changes_on_another(t):
    a, b = t.serve(), t.serve()
    stream = live.stream_of(b, faults.House(b).clerk("window"))
    decider = live.stream_of(b, faults.House(b).clerk("decider"))
    for _ in range(5):
        _, number = apply(a)
        stream.hears_a_change(PROMISED_SECONDS)
    decider.hears_nothing()


@test
def the_desk_hears_that_something_may_have_changed_when_notices_come_again(t):
    proxy = Proxy()
    a, b = t.serve(), t.serve(proxy=proxy)
    stream = live.stream_of(b, faults.House(b).clerk("window"))
    proxy.refuses = True
    proxy.cut()
    wait_for(lambda: '"notices.lost"' in b.log(), "the process does not notice that its connection is cut")
    apply(a)
    stream.hears_nothing()
    proxy.refuses = False
    stream.until(lambda: stream.changes() or stream.is_over, "it is told nothing once notices come again")


# ---------------------------------------------------------------- one dies, one is new

@test
def what_kills_one_hurts_no_other(t):
    a, b = t.serve(), t.serve()
    going, wrong, done = [True], [], [0]

    def work():
        while going[0]:
            try:
                apply(b)
                done[0] += 1
            except Exception as why:
                wrong.append(f"{type(why).__name__}: {why}")
                return

    def crowd():
        while going[0]:
            try:
                apply(a)
            except Exception:
                return     # it was killed in the midst of this

    threads = [threading.Thread(target=f) for f in (work, work, crowd, crowd, crowd)]
    for one in threads:
        one.start()
    wait_for(lambda: done[0] > 10 or wrong, "nothing is done")
    a.kill()
    before = done[0]
    wait_for(lambda: done[0] > before + 20 or wrong, "nothing is done after another process was killed")
    going[0] = False
    for one in threads:
        one.join()
    demand(not wrong, wrong[:1])


@test
def who_signs_in_on_one_is_known_to_the_other_and_who_signs_out_is_not(t):
    a, b = t.serve(), t.serve()
    clerk = faults.House(a).clerk("window")
    there = faults.Somebody(b)
    there.who.cookies = dict(clerk.who.cookies)
    there.get("/desk")
    clerk.get("/desk")
    clerk.post("/desk/sign-out")
    reply = there.ask("GET", "/desk")
    demand(reply.status == 303 and "/desk/sign-in" in reply.header("Location"), f"/desk: {reply.status}")


def run(function):
    t = Together()
    wrong = []
    try:
        function(t)
    except Exception as why:
        wrong.append(f"{type(why).__name__}: {why}")
    wrong += t.end()
    print(f"{'FAILED' if wrong else 'ok'} {function.__name__.replace('_', ' ')}", *wrong, sep="\n  ", flush=True)
    return not wrong


def main(wanted):
    chosen = [f for f in TESTS if not wanted or any(w in f.__name__ for w in wanted)]
    good = sum(run(function) for function in chosen)
    print(f"{good} passed, {len(chosen) - good} failed")
    return 0 if good == len(chosen) else 1


if __name__ == "__main__":
    if not house.POSTGRES:
        raise SystemExit("run it as: tools/postgres.sh python3 tests/postgres/several.py")
    sys.exit(main(sys.argv[1:]))
