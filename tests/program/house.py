"""What the tests of the command line share: running the program, districts to spoil, and what must hold of both.

LINLI names the program (build/debug/linli unless told otherwise).  Each promise is a function marked with @promise;
it gets a folder of its own and fails by an assertion.  A word of a sanitizer on standard error fails it too.
"""
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINLI = os.path.join(ROOT, os.environ.get("LINLI", "build/debug/linli"))
PASSWORD = "Linli-demo-2026"
PATIENCE_SECONDS = 60
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|Assertion .* failed|SUMMARY: \w+Sanitizer")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROMISES = []


def promise(function):
    PROMISES.append(function)
    return function


# ---------------------------------------------------------------- running

def environment(**settings):
    """No setting of the caller's reaches the program; messages are English unless told otherwise."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINLI", "LC_", "LANG"))}
    return kept | {"LANG": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"} | settings


class Ran:
    """What a command left behind: code, out (text), err (text without lines of the log)."""

    def __init__(self, words, code, out, err):
        assert not REPORT.search(err), f"linli {' '.join(words)}:\n{err}"
        self.words, self.code, self.out = words, code, out
        self.err = "".join(line + "\n" for line in err.splitlines() if not line.startswith('{"at"'))

    def sentence(self):
        """The line that says what was wrong."""
        return next((line for line in self.err.splitlines() if line.startswith("linli: ")), "")

    def __str__(self):
        return f"linli {' '.join(self.words)}: {self.code}\n  out: {self.out[-600:]!r}\n  err: {self.err[-600:]!r}"


def small_files(bytes_max):
    """A limit on the size of files, which stands for a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))


def run(*words, stdin="", env=None, cwd=None, file_bytes=None, stdout=subprocess.PIPE):
    words = [str(w) for w in words]
    done = subprocess.run([LINLI, *words], input=stdin.encode(), stdout=stdout, stderr=subprocess.PIPE,
                          env=environment(**(env or {})), cwd=cwd, timeout=PATIENCE_SECONDS,
                          preexec_fn=(lambda: small_files(file_bytes)) if file_bytes else None)
    return Ran(words, done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def does(*words, **how):
    """Must succeed."""
    ran = run(*words, **how)
    assert ran.code == 0, ran
    return ran


def refuses(*words, says, **how):
    """Must end with 1, nothing on standard output and a sentence on standard error."""
    ran = run(*words, **how)
    assert ran.code == 1 and ran.out == "" and ran.sentence() and says in ran.err, f"{says!r} not in {ran}"
    return ran


def refuses_in_both(*words, says, **how):
    """And in Chinese when the reader's language is Chinese."""
    refuses(*words, says=says, **how)
    chinese = run(*words, **(how | {"env": how.get("env", {}) | {"LC_ALL": "zh_CN.UTF-8"}}))
    assert chinese.code == 1 and chinese.out == "" and CHINESE.search(chinese.sentence()), chinese


# ---------------------------------------------------------------- districts

class Templates:
    """Districts made once and copied for each promise."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="linli-program-")

    def path(self, kind):
        made = f"{self.folder.name}/{kind}.db"
        if not os.path.exists(made):
            profile = "town" if kind.startswith("town") else "cn-qingyang"
            words = ["init"] if kind == "empty" else ["demo", "--applications", "60", "--until", "2026-11-19"]
            does(*words, "--profile", profile, "--db", made)
        return made

    def folder_for(self, name):
        return tempfile.mkdtemp(dir=self.folder.name, prefix=name[:40] + "-")


TEMPLATES = Templates()


def district(folder, kind="demo", name="district.db"):
    """A copy of a district; its path."""
    made, path = TEMPLATES.path(kind), f"{folder}/{name}"
    shutil.copy(made, path)
    shutil.copy(made + ".keys", path + ".keys")
    return path


def ask(db, sql, *values):
    link = sqlite3.connect(db)
    try:
        return link.execute(sql, values).fetchall()
    finally:
        link.close()


def change(db, sql, *values):
    """Somebody writes past the program; how many rows they touched must not be none."""
    link = sqlite3.connect(db)
    try:
        touched = link.execute(sql, values).rowcount
        link.commit()
        assert touched, f"touched nothing: {sql}"
    finally:
        link.close()


def dump(db):
    """Every row of a district as text, to see that nothing changed; save that somebody gave a command."""
    link = sqlite3.connect(db)
    try:
        tables = [t for t, in link.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"
                                           " AND name NOT LIKE 'sqlite%' ORDER BY name")]
        rows = {t: sorted(map(repr, link.execute(f"SELECT * FROM {t}").fetchall())) for t in tables}
        rows.pop("admin_act", None)
        rows["setting"] = [row for row in rows["setting"] if not row.startswith("('backup',")]
        return rows
    finally:
        link.close()


def write_text(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def read_bytes(path):
    with open(path, "rb") as f:
        return f.read()


# ---------------------------------------------------------------- servers

class Server:
    """One `linli serve`; stop() ends it and must find it well."""

    def __init__(self, db, *options, port=0, env=None):
        self.log_path = f"{db}.{time.monotonic_ns()}.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([LINLI, "serve", "--db", db, "--listen", f"127.0.0.1:{port}", "--log", "info",
                                             *options], stdout=subprocess.PIPE, stderr=log, env=environment(**(env or {})))
        self.port = self.wait_for_port()

    def log(self):
        return read_bytes(self.log_path).decode("utf-8", "replace")

    def wait_for_port(self):
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            found = re.search(r'"event":"serving","port":(\d+)', self.log())
            if found:
                return int(found.group(1))
            assert self.process.poll() is None, "the server ended:\n" + self.log()
            time.sleep(0.02)
        raise AssertionError("the server did not begin:\n" + self.log())

    def get(self, path):
        """Status and body."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            reply = b"".join(iter(lambda: link.recv(65536), b""))
        return int(reply.split()[1]), reply.partition(b"\r\n\r\n")[2]

    def stop(self, signals=(signal.SIGTERM,)):
        for one in signals:
            self.process.send_signal(one)
        out, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, f"ended with {self.process.returncode}\n{self.log()}"
        assert out == b"" and not REPORT.search(self.log()), self.log()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
