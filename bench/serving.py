"""serving.py -- what a bench has running: our program, and those it is compared with.  All end with it."""
import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

import drive

ROOT = os.path.dirname(drive.HERE)
LINLI = f"{ROOT}/build/release/linli"
BUILT = f"{ROOT}/build/release/bench"
KEPT = f"{ROOT}/build/bench"  # districts, kept from one run to the next
START_SECONDS = 60


class Missing(Exception):
    """Why something cannot be measured here."""


FOLDER = tempfile.mkdtemp(prefix="linli-bench-")
RUNNING, NAMES = [], []


def end_all():
    for process in RUNNING:
        end(process)
    shutil.rmtree(FOLDER, ignore_errors=True)


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


atexit.register(end_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is running ends too


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(command, name, **settings):
    with open(f"{FOLDER}/{name}.log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **settings)
    RUNNING.append(process)
    return process


def wait_for(process, port, path, name):
    """Until it answers; the ms that took."""
    began = time.monotonic()
    while time.monotonic() - began < START_SECONDS and process.poll() is None:
        try:
            drive.ask(port, "GET", path)
            return (time.monotonic() - began) * 1000
        except OSError:
            time.sleep(0.0005)
    with open(f"{FOLDER}/{name}.log", encoding="utf-8", errors="replace") as log:
        raise Missing(f"{name} does not start: {log.read()[-400:].strip()}")


def build(*programs):
    for p in programs:
        if subprocess.run(["ninja", "-C", f"{ROOT}/build/release", f"bench/{p}"], capture_output=True).returncode:
            raise Missing(f"bench/{p} does not build; make release first")
    return [f"{BUILT}/{p}" for p in programs]


# ---------------------------------------------------------------------- ours

class Linli:
    """linli serve on a database.  cached: None for whatever is usual, else whether pages are kept."""

    def __init__(self, db, cached=None, options=(), keys=None):
        self.db, self.port = db, free_port()
        command = [LINLI, "serve", "--db", db, "--listen", f"127.0.0.1:{self.port}", "--log", "warn",
                   "--submissions-per-hour", "0", "--drafts-per-hour", "0", *options]
        if keys:
            command += ["--keys", keys]
        if cached is not None and has_page_cache():
            command += ["--page-cache", "16" if cached else "0"]
        began = time.monotonic()
        self.process = start(command, "linli")
        wait_for(self.process, self.port, "/", "linli")
        self.start_ms = (time.monotonic() - began) * 1000

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        end(self.process)

    def memory(self):
        """MiB resident now, and at most so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            said = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", f.read(), re.M))
        return int(said["VmRSS"]) / 1024, int(said["VmHWM"]) / 1024

    def handles(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def has_page_cache():
    return "--page-cache" in subprocess.run([LINLI, "serve", "--help"], capture_output=True, text=True).stdout


def district(size):
    """The path of the kept district: "small" has ten thousand matters, "large" a million.  Made when not there."""
    path = f"{KEPT}/{size}.db"
    if os.path.exists(path + ".whole"):
        return path
    os.makedirs(KEPT, exist_ok=True)
    for tail in ("", "-wal", "-shm", ".keys"):
        if os.path.exists(path + tail):
            os.unlink(path + tail)
    if size == "small":
        run([LINLI, "demo", "--db", path, "--applications", "10000"])
    else:
        small = district("small")
        run(["sqlite3", small, f".backup {path}"])
        shutil.copy(small + ".keys", path + ".keys")
        run([*build("linli-fill"), path, "91"])
    with open(path + ".whole", "w", encoding="ascii"):
        return path


def new_path(tail):
    NAMES.append(tail)
    return f"{FOLDER}/{len(NAMES)}{tail}"


def new_district(applications=300, db=None):
    """A district of today, thrown away at the end; db: of another engine than SQLite."""
    path = new_path(".db")
    run([LINLI, "demo", "--db", db or path, "--keys", path + ".keys", "--applications", str(applications)])
    return path


def its_own_time(db):
    """Options with which the clock begins where a kept district ends: else a month later all its timers go off."""
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as opened:
        newest, = opened.execute("SELECT MAX(at) FROM (SELECT at FROM event ORDER BY id DESC LIMIT 1000)").fetchone()
    return ["--test-clock", "--test-now", str(newest + 60000)]


def run(command):
    if not shutil.which(command[0]):
        raise Missing(f"no {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{' '.join(command)}: {done.stderr[-400:]}")
    return done.stdout


# ---------------------------------------------------------------------- those it is compared with

NGINX = """
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 60s; keepalive_requests 100000000;
  open_file_cache max=100 inactive=600s; open_file_cache_valid 600s; etag off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; default_type "text/html; charset=utf-8";
  server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}/static; }}
}}
"""


class Nginx:
    """Serves files of exactly the bytes that are put into it."""

    def __init__(self):
        if not shutil.which("nginx"):
            raise Missing("no nginx (Debian: nginx-light)")
        self.folder, self.port = f"{FOLDER}/nginx", free_port()
        os.makedirs(f"{self.folder}/static", exist_ok=True)
        os.chmod(FOLDER, 0o755)  # its workers are somebody else's
        with open(f"{self.folder}/conf", "w", encoding="ascii") as f:
            f.write(NGINX.format(folder=self.folder, port=self.port))
        self.process = start(["nginx", "-c", f"{self.folder}/conf"], "nginx")
        wait_for(self.process, self.port, "/", "nginx")

    def put(self, name, content):
        with open(f"{self.folder}/static/{name}", "wb") as f:
            f.write(content)
        return f"http://127.0.0.1:{self.port}/{name}"


class Fastify:
    """bench/peers, on a database of its own.  processes: workers of node's cluster."""

    def __init__(self, rows, processes=1):
        peers = f"{drive.HERE}/peers"
        if not os.path.exists(f"{peers}/node_modules/better-sqlite3/build/Release/better_sqlite3.node"):
            run(["sh", f"{peers}/install.sh"])
        self.port = free_port()
        self.process = start(["node", f"{peers}/server.mjs"], "fastify",
                             env=os.environ | {"PORT": str(self.port), "ROWS": rows, "PROCESSES": str(processes),
                                               "DB": f"{FOLDER}/fastify-{self.port}.db"})
        wait_for(self.process, self.port, "/list/1", "fastify")

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"
