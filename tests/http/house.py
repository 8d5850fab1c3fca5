"""The house that is tested: districts made once, servers started on copies of them, and what they leave behind.

LINLI names the program (build/debug/linli, the build with sanitizers, unless told otherwise).  A server that
crashed, that a sanitizer complained about, that did not end within fifteen seconds of SIGTERM or ended with
another code than 0 is at fault, whatever it answered.
"""
import csv
import datetime
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINLI = os.path.join(ROOT, os.environ.get("LINLI", "build/debug/linli"))
PASSWORD = "Linli-demo-2026"
APPLICATIONS = "60"
UNTIL = "2026-11-19"          # the last day of the demonstration
BEGINS = "2026-11-20 09:00"   # when talks begin, unless they say otherwise
START_SECONDS = 20
STOP_SECONDS = 15

SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed|Fatal error in GNU"
                    r"|SUMMARY: \w+Sanitizer")

PORTS = re.compile(r'"event":"(serving|metrics)","port":(\d+)')

# With a PostgreSQL server at hand (tools/postgres.sh), districts are databases there, each made from its template.
POSTGRES = os.environ.get("LINLI_POSTGRES_HOST")


def database(path):
    """The address of the database that stands for this path: the file itself, or a name on the server."""
    if not POSTGRES:
        return path
    return f"postgresql://linli@/{database_name(path)}?host={POSTGRES}"


def database_name(path):
    return re.sub(r"[^a-z0-9]+", "_", path.lower()).strip("_")[-60:]


def create_database(path, template="template1"):
    if POSTGRES:
        subprocess.run(["createdb", "-h", POSTGRES, "-U", "linli", "-T", template, database_name(path)], check=True)


def environment():
    return SANITIZERS | os.environ


def zone_of(profile):
    with open(f"{ROOT}/profiles/{profile}/profile.yaml", encoding="utf-8") as f:
        return zoneinfo.ZoneInfo(re.search(r"^zone: *(\S+)", f.read(), re.M).group(1))


def moment(profile, words):
    """ms since 1970 of "2026-11-20 09:12" in the district's own zone."""
    there = datetime.datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=zone_of(profile))
    return int(there.timestamp() * 1000)


class Templates:
    """One district for each profile, made when first asked for; every server gets a copy of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="linli-http-")
        self.lock = threading.Lock()
        self.logins = {}

    def path(self, profile):
        with self.lock:
            made = f"{self.folder.name}/{profile}.db"
            if not os.path.exists(made + ".keys"):
                create_database(made)
                done = subprocess.run([LINLI, "demo", "--db", database(made), "--keys", made + ".keys",
                                       "--profile", profile, "--applications",
                                       APPLICATIONS, "--until", UNTIL], env=environment(), capture_output=True)
                if done.returncode != 0:
                    raise SystemExit(done.stderr.decode())
                words = done.stdout.decode().splitlines()[1:]
                self.logins[profile] = {line.split()[0] for line in words if line.strip()}
            return made

    def copy(self, profile):
        """A folder that holds one copy: district.db and its keys."""
        made = self.path(profile)
        folder = tempfile.mkdtemp(dir=self.folder.name)
        shutil.copy(made + ".keys", f"{folder}/district.db.keys")
        if POSTGRES:
            create_database(f"{folder}/district.db", database_name(made))
        else:
            shutil.copy(made, f"{folder}/district.db")
        return folder


class Server:
    """One `linli serve` on a free port."""

    def __init__(self, folder, profile, options=(), now=BEGINS, log="info"):
        self.folder, self.profile, self.options, self.log_level = folder, profile, list(options), log
        self.now = moment(profile, now)
        self.db = database(f"{folder}/district.db")
        self.keys = f"{folder}/district.db.keys"
        self.log_path = f"{folder}/server.log"
        self.process = self.port = self.metrics_port = None
        self.seen_bytes = 0

    def start(self):
        command = [LINLI, "serve", "--db", self.db, "--keys", self.keys, "--listen", "127.0.0.1:0",
                   "--metrics-listen", "127.0.0.1:0", "--submissions-per-hour", "0", "--drafts-per-hour", "0",
                   "--log", self.log_level,
                   "--test-clock", "--test-now", str(self.now), *self.options]
        self.seen_bytes = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, env=environment())
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS and self.process.poll() is None:
            found = {event: int(port) for event, port in PORTS.findall(self.log(since_start=True))}
            if "serving" in found:
                self.port, self.metrics_port = found["serving"], found["metrics"]
                return self
            time.sleep(0.01)
        raise RuntimeError("the server did not start:\n" + self.log())

    def log(self, since_start=False):
        with open(self.log_path, "rb") as f:
            f.seek(self.seen_bytes if since_start else 0)
            return f.read().decode("utf-8", "replace")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As when the power goes."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to end, and says what was wrong with its life: an empty list is well."""
        faults = []
        if self.process.poll() is not None:
            faults.append(f"the server ended by itself with code {self.process.returncode}")
        else:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
            if code != 0 and not faults:
                faults.append(f"the server ended with code {code} after SIGTERM")
        except subprocess.TimeoutExpired:
            self.kill()
            faults.append(f"the server had not ended {STOP_SECONDS} s after SIGTERM")
        return faults + self.reports()

    def reports(self):
        """What sanitizers and failed assertions wrote, with some lines around it."""
        lines = self.log().splitlines()
        for n, line in enumerate(lines):
            if REPORT.search(line):
                return ["a report on standard error:\n" + "\n".join(lines[n:n + 40])]
        return []

    def set_rule(self, rule, value):
        """A row of its own in the district's rules, younger than the profile's."""
        laid = f"{self.folder}/laid"
        os.makedirs(laid, exist_ok=True)
        with open(f"{ROOT}/profiles/{self.profile}/rules.csv", encoding="utf-8") as f:
            head, *rows = f.read().splitlines()
        old = next(row for row in csv.reader(rows) if row[0] == rule)
        old[3], old[6] = value, "2020-01-01"
        with open(f"{laid}/rules.csv", "w", encoding="utf-8", newline="") as f:
            f.write(head + "\n")
            csv.writer(f, lineterminator="\n").writerow(old)
        done = subprocess.run([LINLI, "import", "rules", "--db", self.db, "--keys", self.keys, "--profile-dir", laid],
                              env=environment(), capture_output=True)
        if done.returncode != 0:
            raise RuntimeError((done.stdout + done.stderr).decode())

    def export(self):
        """What `linli export cases` writes."""
        done = subprocess.run([LINLI, "export", "cases", "--db", self.db, "--keys", self.keys],
                              env=environment(), capture_output=True)
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def verify(self):
        """What `linli verify` says: None when all is whole, else its words."""
        done = subprocess.run([LINLI, "verify", "--db", self.db, "--keys", self.keys],
                              env=environment(), capture_output=True)
        return None if done.returncode == 0 else (done.stdout + done.stderr).decode("utf-8", "replace")
