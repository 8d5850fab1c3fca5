"""submissions.py -- acknowledged durable submissions: a form without account, answered by its receipt.

Beside SQLite that writes the same rows, Fastify that writes the same rows, and pgbench that runs the same statements.
"""
import contextlib
import os
import re
import sqlite3
import subprocess
import time

import drive
import record
import serving
from measure import Figure, in_turns, median, under

PATH = "/services/residence-permit/applications"
RECEIPT = r"^/cases/[%w%-]+/receipt$"   # where the reply sends to, as a pattern of Lua
FORM = {"once": "bench-{n}", "applicant_name": "王测试", "applicant_id": "510105189001010016", "applicant_phone": "{phone}",
        "home": "510105007001", "address": "测试巷1号2栋3单元401", "ground": "work", "since_day": "2025-01-01"}
CONNECTIONS, BATCH, P99_MS = 64, 64, 10
REFUSED_MAX = 0.02  # on PostgreSQL: whoever conflicted ten times is asked to come again, and that is told


def submit_once(server):
    global SUBMITTED
    SUBMITTED += 1
    body = "&".join(drive.form(FORM)).replace("{n}", f"once-{SUBMITTED}-0123456789").replace("{phone}", "15412345678")
    status, headers, answer = drive.ask(server.port, "POST", PATH,
                                        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}, body)
    if status != 303 or "/receipt" not in headers.get("location", ""):
        raise serving.Missing(f"{PATH} answers {status}: {problem_in(answer)}")


SUBMITTED = 0


def problem_in(page):
    found = re.findall(r'href="#[^"]*">([^<]+)<', page.decode("utf-8", "replace"))
    return "; ".join(found) or page[:200].decode("utf-8", "replace")


def recording():
    """One submission's rows, with the tables they go to beside them; the path."""
    db = serving.new_district(30)
    server = serving.Linli(db)
    submit_once(server)  # what only the first one does is done
    path, _ = record.rows(db, lambda: submit_once(server))
    server.stop()
    write_schema(db, path)
    return path


def write_schema(db, path):
    with open(path, encoding="utf-8") as f:
        tables = set(re.findall(r"^sql INSERT INTO (\w+)", f.read(), re.M))
    with contextlib.closing(sqlite3.connect(db)) as opened, open(path + ".schema", "w", encoding="utf-8") as out:
        for table, sql in opened.execute("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if table in tables:
                out.write(sql + ";\n")


def submissions(server, seconds, refused_max=0):
    """A round of ours.  refused_max: which share may be sent away instead of acknowledged."""
    def once():
        run = drive.wrk(server.url(PATH), CONNECTIONS, seconds, "submit.lua", [RECEIPT, *drive.form(FORM)])
        if run.other > refused_max * run.good or run.broken:
            raise serving.Missing(f"{run.other} of {run.other + run.good} submissions got no receipt (status {run.status}),"
                                  f" {run.broken} connections broken")
        return run
    return once


def rate(name, ours, limit, target):
    acknowledged = median(ours, lambda r: r.rate * r.good / (r.good + r.other))
    return Figure(name, acknowledged, "submissions/s", median(limit), target)


# ---------------------------------------------------------------------- SQLite

def beside_raw(seconds):
    raw_program, = serving.build("raw-sqlite")
    rows, raw_db = recording(), serving.new_district()
    server = serving.Linli(serving.new_district())

    def raw():
        return float(serving.run([raw_program, raw_db, rows, str(BATCH), str(seconds)]))

    submissions(server, 1)()
    ours, limit = in_turns(submissions(server, seconds), raw)
    yield rate("submit-beside-sqlite", ours, limit, 0.25)
    yield under("submit-p99", median(ours, lambda r: r.p99), "ms", P99_MS)


def beside_fastify(seconds):
    server, peer = serving.Linli(serving.new_district()), serving.Fastify(recording())

    def fastify():
        return drive.wrk(peer.url("/create"), CONNECTIONS, seconds, "submit.lua",
                         [r"^/cases/R%d+/receipt$", *drive.form(FORM)]).rate

    submissions(server, 1)()
    ours, limit = in_turns(submissions(server, seconds), fastify)
    yield rate("submit-beside-fastify", ours, limit, 3)


# ---------------------------------------------------------------------- PostgreSQL

class Postgres:
    """The server that tools/postgres.sh --durable started for this run."""

    def __init__(self):
        self.host = os.environ.get("LINLI_POSTGRES_HOST")
        if not self.host:
            raise serving.Missing("no PostgreSQL: run it below tools/postgres.sh --durable")

    def url(self, name):
        serving.run(["createdb", "-h", self.host, "-U", "linli", name])
        return f"postgresql://linli@/{name}?host={self.host}"

    def say(self, name, sql):
        return serving.run(["psql", "-h", self.host, "-U", "linli", "-d", name, "-Atc", sql]).strip()

    def log(self):
        with open(f"{self.host}/data/log", encoding="utf-8", errors="replace") as f:
            return f.read()


def script_of_submission(postgres):
    """What one submission sends, as pgbench runs it; recorded on a server of its own."""
    url = postgres.url("recorded")
    keys = serving.new_district(30, db=url) + ".keys"
    postgres.say("recorded", "ALTER DATABASE recorded SET log_statement = 'all'")
    server = serving.Linli(url, keys=keys, options=["--workers", "1"])
    submit_once(server)
    time.sleep(1)
    before = len(postgres.log())
    submit_once(server)
    time.sleep(0.5)
    server.stop()
    taken = record.statements(postgres.log()[before:])
    path = serving.new_path(".sql")
    with open(path, "w", encoding="utf-8") as f:
        f.write(record.pgbench_script(transaction_of(taken)))
    return path


def transaction_of(taken):
    """From BEGIN to COMMIT of the write: the reading around it is ours to pay for."""
    texts = [s.upper() for s, _ in taken]
    insert = next(i for i, s in enumerate(texts) if s.startswith("INSERT INTO MATTER "))
    last = next(i for i, s in enumerate(texts) if s.startswith("COMMIT") and i > insert)
    first = max(i for i, s in enumerate(texts[:insert]) if s.startswith("BEGIN"))
    return taken[first:last + 1]


def pgbench(postgres, script, connections, seconds):
    said = serving.run(["pgbench", "-n", "-h", postgres.host, "-U", "linli", "-M", "prepared", "-f", script, "-j", "2",
                        "-c", str(connections), "-T", str(seconds), "--max-tries", "10", "raw"])
    return float(re.search(r"^tps = ([\d.]+)", said, re.M).group(1))


def beside_pgbench(seconds):
    postgres = Postgres()
    script = script_of_submission(postgres)
    keys = serving.new_district(300, db=postgres.url("raw")) + ".keys"
    keys = serving.new_district(300, db=postgres.url("ours")) + ".keys"
    server = serving.Linli(f"postgresql://linli@/ours?host={postgres.host}", keys=keys)
    submissions(server, 2, REFUSED_MAX)()
    connections = int(postgres.say("ours", "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'ours'"
                                           " AND pid <> pg_backend_pid()"))
    ours, limit = in_turns(submissions(server, seconds, REFUSED_MAX),
                           lambda: pgbench(postgres, script, connections, seconds))
    yield rate("submit-beside-pgbench", ours, limit, 0.7)
    refused = sum(r.other for r in ours)
    yield Figure("submit-beside-pgbench-refused", refused,
                 f"of {sum(r.good for r in ours) + refused}, status {max(r.status for r in ours)}, {connections} connections")
