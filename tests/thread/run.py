#!/usr/bin/env python3
"""Many at once on the build with the thread sanitizer: residents, the desk, watchers, and some who leave.

    usage: run.py          LINLI names the program (build/thread/linli)

What each does is counted in rounds, not in time.  The server is asked to end while some are still at it.  It
fails on a word of the sanitizer in the server's log, on an answer that should not come, and on a district that
`linli verify` does not find whole.  Data races in a library that is not built with the sanitizer may be
suppressed with a reason (suppressions.txt); ours are mended.
"""
import os
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/tests/http")
os.environ.setdefault("LINLI", "build/thread/linli")
os.environ["TSAN_OPTIONS"] = f"halt_on_error=0:exitcode=66:suppressions={ROOT}/tests/thread/suppressions.txt"

import faults    # noqa: E402  (its visitors)
import files     # noqa: E402
import house     # noqa: E402
import talk      # noqa: E402
import traps     # noqa: E402
import visitor   # noqa: E402

ROUNDS = 12


class Crowd:
    """Threads that each do their work so many times; what went wrong is kept."""

    def __init__(self):
        self.wrong, self.threads, self.is_over = [], [], False

    def add(self, work, *arguments):
        def go():
            for n in range(ROUNDS):
                try:
                    work(n, *arguments)
                except Exception as why:     # whatever it is, it is told below
                    if not self.is_over:
                        self.wrong.append(f"{work.__name__}: {type(why).__name__}: {why}")
                    return
        self.threads.append(threading.Thread(target=go))

    def start(self):
        for one in self.threads:
            one.start()

    def join(self):
        for one in self.threads:
            one.join()


def a_resident_applies_and_follows(n, server):
    h = faults.House(server)
    one, number = h.applicant()
    one.get(f"/cases/{number}/receipt")
    if n % 3 == 0:
        one.get(f"/cases/{number}")
        one.post(f"/cases/{number}/steps/withdraw", withdrawal_reason="Changed my mind")


def a_resident_sends_a_paper(n, server):
    one, method, target, body, kind = faults.upload(faults.House(server))
    reply = one.ask(method, target, body, kind)
    if reply.status != 303:
        raise ValueError(f"a paper was answered with {reply.status}")


def the_window_takes_in(n, server, clerks):
    number, _ = clerks.case("accept")
    clerks.clerk("window").get("/desk")
    clerks.clerk("window").get(f"/desk/cases/{number}")


def an_application_goes_all_the_way(n, server, clerks):
    clerks.case("accept", "examine", "approve", "produce", "deliver")
    clerks.clerk("issuer").get("/desk")


def somebody_signs_in(n, server):
    faults.House(server).clerk("checker" if n % 2 else "supervisor").get("/desk")


def somebody_watches(n, server):
    for target in ("/healthz", "/", "/services?q=stall", "/a/mark.svg", "/places", "/openapi.json") * 3:
        reply = visitor.ask(server.port, "GET", target)
        if reply.status != 200:
            raise ValueError(f"{target}: {reply.status}")
        reply = visitor.ask(server.metrics_port, "GET", "/metrics")
        if reply.status != 200 or "linli_store_up 1" not in reply.text:
            raise ValueError(f"/metrics: {reply.status}")


def somebody_leaves(n, server):
    for request in (traps.sign_in_request("window", "wrong", False), traps.WELL, traps.FORM,
                    b"GET /services HTTP/1.1\r\n" + traps.HOST + b"\r\n"):
        sock = traps.connect(server)
        sock.sendall(request)
        traps.leave_roughly(sock)


def crowd_of(server):
    crowd = Crowd()
    for _ in range(3):
        crowd.add(a_resident_applies_and_follows, server)
    crowd.add(a_resident_sends_a_paper, server)
    crowd.add(the_window_takes_in, server, faults.House(server))
    crowd.add(an_application_goes_all_the_way, server, faults.House(server))
    crowd.add(somebody_signs_in, server)
    crowd.add(somebody_watches, server)
    crowd.add(somebody_leaves, server)
    return crowd


def main():
    server = house.Server(talk.house_templates.copy("town"), "town", now=faults.NOW).start()
    crowd = crowd_of(server)
    crowd.start()
    crowd.join()
    leftover = crowd_of(server)      # the server ends in the midst of these
    leftover.start()
    traps.wait_for(lambda: server.log().count('"status":303') > 100 or not server.is_running(), "nothing is done")
    leftover.is_over = True
    wrong = crowd.wrong + leftover.wrong + server.stop()
    leftover.join()
    broken = server.verify()
    wrong += [broken] if broken else []
    for one in wrong:
        print(f"FAILED {one}")
    print(f"{0 if wrong else len(crowd.threads)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
