"""drive.py -- the load: wrk, what it found, and the requests that are needed before it can begin."""
import http.client
import json
import os
import re
import subprocess
import urllib.parse
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "Linli-demo-2026"
THREADS = 2
FIRST = 0  # numbers used by submissions so far: no two runs send the same form


class Run(NamedTuple):
    """rate: answers a second; p50, p99, longest: ms; broken: connections; refused: answers of 400 and above."""
    rate: float
    p50: float
    p99: float
    longest: float
    broken: int
    refused: int
    good: int
    other: int   # submissions that got no receipt, and the status of one of them
    status: int


def wrk(url, connections, seconds, script="report.lua", words=(), headers=()):
    global FIRST
    FIRST += 100000000
    command = ["wrk", "-t", str(min(THREADS, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
               "-s", f"{HERE}/wrk/{script}"]
    for h in headers:
        command += ["-H", h]
    done = subprocess.run([*command, url, "--", *words], capture_output=True, text=True,
                          env=os.environ | {"BENCH_WRK": f"{HERE}/wrk", "BENCH_FIRST": str(FIRST)})
    found = re.search(r"^REPORT (.*)$", done.stdout, re.M)
    if done.returncode or not found:
        raise RuntimeError(f"wrk {url}: {done.stdout}{done.stderr}")
    words = found.group(1).split()
    said = {name: float(value) for name, value in zip(words[::2], words[1::2])}
    receipts = re.search(r"^RECEIPTS good (\d+) other (\d+) status (\d+)", done.stdout, re.M)
    good, other, status = map(int, receipts.groups()) if receipts else (int(said["requests"]), 0, 0)
    return Run(said["requests"] / said["seconds"], said["p50"], said["p99"], said["max"], int(said["broken"]),
               int(said["refused"]), good, other, status)


def ask(port, method, path, headers=None, body=None):
    """One request: status, headers, bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    named = {k.lower(): ", ".join(reply.headers.get_all(k)) for k in reply.headers}
    answer = reply.status, named, reply.read()
    connection.close()
    return answer


def sign_in(port, login):
    """The header that speaks for this account; a bearer needs no token of the form."""
    status, headers, _ = ask(port, "POST", "/desk/sign-in", {"Content-Type": "application/json"},
                             json.dumps({"login": login, "password": PASSWORD}))
    found = re.search(r"linli_s=([^;]+)", headers.get("set-cookie", ""))
    if not found:
        raise RuntimeError(f"{login} cannot sign in: {status}")
    return f"Authorization: Bearer {found.group(1)}"


def form(fields):
    """Encoded for a form, but for the braces that submit.lua fills."""
    return [f"{name}={urllib.parse.quote(value, safe='{}')}" for name, value in fields.items()]
