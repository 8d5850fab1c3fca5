#!/usr/bin/env python3
"""What /metrics offers keeps Prometheus' rules, and whatever the dashboard and the alerts ask for is offered."""
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, f"{TOP}/tests/http")
import house     # noqa: E402
import talk      # noqa: E402
import visitor   # noqa: E402

SAMPLE = re.compile(r'^([a-z_]+)(?:\{([a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*)\})? (-?\d+(?:\.\d+)?)$')
ASKED = re.compile(r"\b(?:linli|process)_[a-z_]+\b")
PARTS = re.compile(r"_(bucket|sum|count)$")
ONLY_OF_A_FILE = {"linli_database_log_bytes", "linli_disk_free_bytes", "linli_backup_last_timestamp_seconds"}
PATIENCE_SECONDS = 10
FOREIGN_LABELS = {"face", "instance", "job", "le"}   # given by Prometheus itself, or kept by it


class Offered:
    """What stands in a reply: kinds, help, and the values of each name."""

    def __init__(self, text):
        self.kinds, self.helped, self.samples, self.odd = {}, set(), {}, []
        self.labels = {}
        for line in text.splitlines():
            words = line.split(" ", 3)
            sample = SAMPLE.match(line)
            if words[:2] == ["#", "TYPE"]:
                self.kinds[words[2]] = words[3]
            elif words[:2] == ["#", "HELP"] and len(words) == 4:
                self.helped.add(words[2])
            elif sample:
                self.samples.setdefault(sample.group(1), []).append((sample.group(2) or "", float(sample.group(3))))
                self.labels.setdefault(sample.group(1), set()).update(re.findall(r'([a-z_]+)="', sample.group(2) or ""))
            else:
                self.odd.append(line)

    def family(self, name):
        short = PARTS.sub("", name)
        return short if self.kinds.get(short) == "histogram" else name

    def value(self, name, labels=""):
        return dict(self.samples[name])[labels]


class House:
    def __init__(self):
        self.server = house.Server(talk.house_templates.copy("town"), "town").start()
        if not house.POSTGRES:
            done = subprocess.run([house.LINLI, "backup", f"{self.server.folder}/copy.db", "--db", self.server.db],
                                  env=house.environment(), capture_output=True, text=True)
            demand(done.returncode == 0, done.stderr)
        self.offered = self.look()
        until = time.monotonic() + PATIENCE_SECONDS
        while "linli_job_late_seconds" not in self.offered.samples and time.monotonic() < until:
            time.sleep(0.1)     # jobs come round for the first time
            self.offered = self.look()

    def look(self, target="/metrics"):
        reply = visitor.ask(self.server.metrics_port, "GET", target)
        demand(reply.status == 200, f"{target}: {reply.status}")
        demand(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8", "its type")
        return Offered(reply.text)


def demand(true, words):
    if not true:
        raise AssertionError(words)


def read(path):
    with open(f"{TOP}/deploy/{path}", encoding="utf-8") as f:
        return f.read()


def asked_by_alerts():
    """Each expression of the rules, folded ones too."""
    text = re.sub(r"expr: >\n\s+", "expr: ", read("linli.rules.yml"))
    return re.findall(r"expr: (.+)", text)


def asked_by_dashboard():
    return [target["expr"] for panel in json.loads(read("grafana.json"))["panels"] for target in panel["targets"]]


# ------------------------------------------------------------------ promises

def every_line_is_one_of_the_format(h):
    demand(not h.offered.odd, h.offered.odd)


def every_figure_has_a_kind_and_a_help(h):
    for name in h.offered.samples:
        family = h.offered.family(name)
        demand(family in h.offered.kinds and family in h.offered.helped, name)


def names_end_in_their_unit(h):
    for name, kind in h.offered.kinds.items():
        demand(name.startswith(("linli_", "process_")), name)
        demand((kind == "counter") == name.endswith("_total"), f"{name} is a {kind}")
        demand(not re.search(r"_(ms|us|kb|mb|percent|days|hours|minutes)(_|$)", name), f"{name}: not a base unit")


def a_histogram_grows_and_ends_at_its_count(h):
    for _ in range(3):
        visitor.ask(h.server.port, "GET", "/services")
    now = h.look()
    counts = [value for _, value in now.samples["linli_request_seconds_bucket"]]
    demand(counts == sorted(counts) and counts[-1] == now.value("linli_request_seconds_count"), counts)
    demand(counts[-1] >= 3, "requests are not counted")


def counters_count(h):
    before, _ = h.look(), [visitor.ask(h.server.port, "GET", "/no-such-page") for _ in range(5)]
    after = h.look()
    for name, labels in (("linli_requests_total", ""), ("linli_replies_total", 'class="4xx"')):
        demand(after.value(name, labels) - before.value(name, labels) == 5, name)
    demand(after.value("linli_sent_bytes_total") > before.value("linli_sent_bytes_total"), "bytes")


def figures_of_the_process_are_true(h):
    pid, now = h.server.process.pid, h.look()
    with open(f"/proc/{pid}/statm", encoding="utf-8") as f:
        resident = int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    demand(abs(now.value("process_resident_memory_bytes") - resident) < 64 << 20, "memory")
    demand(abs(now.value("process_open_fds") - len(os.listdir(f"/proc/{pid}/fd"))) <= 3, "handles")
    demand(now.value("process_cpu_seconds_total") > 0, "processor")


def the_size_of_the_database_is_true(h):
    told = h.look().value("linli_database_bytes")
    demand(told > 100000, f"{told}")
    if not house.POSTGRES:
        demand(abs(told - os.path.getsize(h.server.db)) <= 1 << 20, f"{told}, the file has another size")


def every_job_is_told_of(h):
    text = " ".join(labels for labels, _ in h.look().samples["linli_job_late_seconds"])
    for name in ("flow.timers", "flow.tallies", "once.sweep"):
        demand(f'job="{name}"' in text, name)


def a_timer_that_is_late_is_told(h):
    demand(h.offered.value("linli_timers_late_seconds") >= 0, "not told")


def figures_are_on_neither_face(h):
    for path in ("/metrics", "/metrics.json"):
        demand(visitor.ask(h.server.port, "GET", path).status == 404, path)


def the_listener_of_figures_shows_nothing_else(h):
    for path in ("/", "/services", "/desk", "/healthz", "/a/linli.css"):
        demand(visitor.ask(h.server.metrics_port, "GET", path).status == 404, path)
    demand(visitor.ask(h.server.metrics_port, "POST", "/metrics", [], b"x=1").status == 404, "POST")


def asked(h, expressions):
    for expression in expressions:
        for name in ASKED.findall(expression):
            is_absent = house.POSTGRES and name in ONLY_OF_A_FILE
            demand(is_absent or name in h.offered.samples, f"{name} is not offered; asked by {expression}")
        for name, within in re.findall(r"\b((?:linli|process)_[a-z_]+)\{([^}]*)\}", expression):
            for label in re.findall(r"([a-z_]+)[=!]~?\"", within):
                demand(label in FOREIGN_LABELS | h.offered.labels.get(name, set()), f"{name} has no label {label}")


def alerts_ask_for_what_is_offered(h):
    demand(len(asked_by_alerts()) == read("linli.rules.yml").count("- alert:"), "an expression was not read")
    asked(h, asked_by_alerts())


def the_dashboard_asks_for_what_is_offered(h):
    asked(h, asked_by_dashboard())


def whatever_is_offered_is_watched(h):
    text = " ".join(asked_by_dashboard() + asked_by_alerts())
    for name in h.offered.kinds:
        demand(name in text, f"{name} stands on no panel and in no alert")


PROMISES = [
    every_line_is_one_of_the_format, every_figure_has_a_kind_and_a_help, names_end_in_their_unit,
    a_histogram_grows_and_ends_at_its_count, counters_count, figures_of_the_process_are_true,
    the_size_of_the_database_is_true, every_job_is_told_of, a_timer_that_is_late_is_told, figures_are_on_neither_face,
    the_listener_of_figures_shows_nothing_else, alerts_ask_for_what_is_offered,
    the_dashboard_asks_for_what_is_offered, whatever_is_offered_is_watched,
]


def main():
    h, failed = House(), 0
    for promise in PROMISES:
        try:
            promise(h)
        except Exception as why:     # told, and the next one tried
            failed += 1
            print(f"FAILED {promise.__name__}: {type(why).__name__}: {why}")
    for fault in h.server.stop():
        failed += 1
        print(f"FAILED {fault}")
    print(f"{len(PROMISES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
