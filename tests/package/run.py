#!/usr/bin/env python3
"""The Debian package in a clean system: installed, used as its service would use it, upgraded, removed, purged.

    usage: run.py        needs root (sudo is asked where there is none), and build/release/linli

One story from the first installation to the last purge; each function is one promise of it and builds on those
before.  No systemd runs there: its units are checked by systemd-analyze, its sandbox is laid on by confine.py, and
what the maintainer's scripts would tell it is heard by a false systemctl.
"""
import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
os.chdir(TOP)
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, f"{TOP}/tests/http"]
import faults    # noqa: E402
import house     # noqa: E402
import root as clean    # noqa: E402
import visitor   # noqa: E402

UNITS = ["linli.service", "linli@.service", "linli-backup.service", "linli-backup.timer"]
EXPOSURE_MAX = 20       # of 100, as systemd-analyze counts
START_SECONDS = 20
DISTRICT = "/var/lib/linli/district.db"
CONFIG = "/etc/linli/linli.conf"
# Those of the configuration may be taken on this machine.
FREE_PORTS = {"LINLI_LISTEN": "127.0.0.1:0", "LINLI_METRICS_LISTEN": "127.0.0.1:0", "NOTIFY_SOCKET": "/run/notified"}
SYSTEMCTL = '#!/bin/sh\necho "$@" >> /systemctl.log\ncase " $* " in *" is-enabled "*) echo disabled; exit 1;; esac\n'


def demand(true, words):
    if not true:
        raise AssertionError(words)


class Served:
    """The service linli, as its unit would start it; what faults.py needs to know of a server."""

    def __init__(self, system, config=CONFIG):
        self.told = f"{system.path}/run/notified"
        if os.path.exists(self.told):
            os.unlink(self.told)
        self.hearing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.hearing.bind(self.told)
        os.chmod(self.told, 0o666)
        self.hearing.settimeout(START_SECONDS)
        self.log_path = f"{clean.KEPT}/served.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(confined(system, "linli.service", "linli", "serve", "--config", config),
                                            stdout=log, stderr=log, env=os.environ | FREE_PORTS)
        self.wait_until_ready()
        ports = {event: int(port) for event, port in house.PORTS.findall(self.log())}
        self.port, self.metrics_port = ports["serving"], ports["metrics"]
        self.now = int(time.time() * 1000)

    def wait_until_ready(self):
        try:
            while self.hearing.recv(100) != b"READY=1":
                pass
        except TimeoutError:
            if self.process.poll() is None:
                self.signal("KILL")
            raise AssertionError("it never told systemd that it is ready:\n" + self.log()) from None

    def log(self):
        with open(self.log_path, encoding="utf-8") as f:
            return f.read()

    def signal(self, name):
        """To the program itself: the unshare before it does not pass signals on."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        subprocess.run(["kill", "-s", name, *found], check=True)

    def stop(self):
        self.signal("TERM")
        demand(self.process.wait(START_SECONDS) == 0, f"it ended with {self.process.returncode}:\n{self.log()}")
        self.hearing.close()


def confined(system, unit, *command):
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={system.path}/proc",
            sys.executable, f"{HERE}/confine.py", system.path, f"{system.path}/lib/systemd/system/{unit}", *command]


def as_service(system, *command, unit="linli.service"):
    return clean.run(*confined(system, unit, *command))


def is_refused(action, *arguments, **named):
    try:
        action(*arguments, **named)
    except clean.Refused as why:
        return str(why)
    raise AssertionError(f"{arguments} went well, and should not")


def build(version):
    said = clean.run("tools/deb.py", version)
    return re.search(r"built (\S+)", said).group(1)


def put(system, package):
    clean.run("cp", package, system.place("/linli.deb"))


@contextlib.contextmanager
def database(path):
    """Committed and closed: one left open holds its lock, and a restore would rightly refuse."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        yield db


def mode_and_owner(system, path):
    return system.run("stat", "-c", "%a %U:%G", path).strip()


# ------------------------------------------------------------------ the story

def it_installs_with_what_it_names_and_nothing_more(story):
    put(story.system, story.package)
    said = story.system.run("apt-get", "install", "-q", "-y", "/linli.deb")
    demand("0 upgraded, 1 newly installed" in said, said)
    demand("there is no district yet" in said, said)
    demand(story.system.run("linli", "--version").strip().startswith("linli "), "it does not run")


def its_user_and_folders_are_there_and_closed_to_others(story):
    demand(mode_and_owner(story.system, "/var/lib/linli") == "750 linli:linli", "the folder of the district")
    demand(mode_and_owner(story.system, "/var/backups/linli") == "750 linli:linli", "the folder of backups")
    shell = story.system.run("getent", "passwd", "linli").strip().split(":")[-1]
    demand(shell == "/usr/sbin/nologin", f"its shell is {shell}")
    demand(not os.listdir(story.system.place("/var/lib/linli")), "something was made before anybody asked for it")


def every_file_is_as_it_was_packed(story):
    demand(story.system.run("dpkg", "--verify", "linli") == "", "dpkg --verify")
    demand("conf" in story.system.run("dpkg-query", "-W", "-f", "${Conffiles}", "linli"), "no configuration files")


def systemd_takes_its_units(story):
    units = [story.system.place(f"/lib/systemd/system/{unit.replace('@.', '@public.')}") for unit in UNITS]
    link = story.system.place("/lib/systemd/system/linli@public.service")
    os.symlink("linli@.service", link)
    # what they start is looked for on this machine: there it is under another path
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
                          capture_output=True, text=True)
    os.unlink(link)
    lines = [line for line in said.stderr.splitlines()
             if "linli" in line and not re.search(r"Command /usr/(bin|lib)/linli\S* is not executable", line)]
    demand(not lines, "\n".join(lines))


def its_services_are_well_confined(story):
    for unit in UNITS[:3]:
        said = clean.run("systemd-analyze", "--no-pager", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                         story.system.place(f"/lib/systemd/system/{unit}"))
        story.note(f"{unit}: {said.splitlines()[-1].strip('→ ')}")


def a_service_without_a_district_says_so(story):
    said = is_refused(as_service, story.system, "linli", "serve", "--config", CONFIG)
    demand("district.db" in said, said)


def a_district_is_made_by_its_configuration(story):
    as_service(story.system, "linli", "init", "--config", CONFIG, "--profile", "town")
    demand(mode_and_owner(story.system, "/var/lib/linli/district.keys") == "600 linli:linli", "the key file")
    said = is_refused(as_service, story.system, "linli", "init", "--config", CONFIG)
    demand(DISTRICT in said, said)


def it_serves_under_its_sandbox(story):
    story.server = Served(story.system)
    demand(visitor.ask(story.server.port, "GET", "/healthz").json()["status"] == "ok", "/healthz")
    demand(visitor.ask(story.server.port, "GET", "/metrics").status == 404, "figures stand on the face")
    figures = visitor.ask(story.server.metrics_port, "GET", "/metrics").text
    demand("process_max_fds 16384" in figures and "linli_store_up 1" in figures, figures)


def a_resident_applies(story):
    story.number, story.code = faults.House(story.server).case()


def a_picture_and_a_pdf_are_made_under_its_sandbox(story):
    h = faults.House(story.server)
    one, method, target, body, kind = faults.upload(h)
    reply = one.ask(method, target, body, kind)
    demand(reply.status == 303, f"a picture was answered with {reply.status}")
    one, number = h.applicant()
    pdf = one.get(f"/cases/{number}/receipt/pdf").body
    demand(pdf.startswith(b"%PDF") and b"/FontFile" in pdf, "the receipt is no PDF with its letters in it")


def a_backup_is_made_beside_the_service_and_verified(story):
    old = story.system.place("/var/backups/linli/district-20200101T000000Z.db")
    clean.write(old, "an old one")
    os.utime(old, (0, 0))
    said = as_service(story.system, "/usr/lib/linli/backup", unit="linli-backup.service")
    story.backup = re.search(r"(/var/backups/linli/district-\S+\.db)", said).group(1)
    demand("every figure agrees" in said and "verified" in said, said)
    demand(mode_and_owner(story.system, story.backup) == "600 linli:linli", "others can read the backup")
    demand(os.listdir(story.system.place("/var/backups/linli")) == [os.path.basename(story.backup)], "leftovers")
    figures = visitor.ask(story.server.metrics_port, "GET", "/metrics").text
    demand("linli_backup_last_timestamp_seconds" in figures, "the backup is not told")


def a_damaged_copy_is_no_backup_and_costs_no_other(story):
    copy = story.system.place("/var/lib/linli/copy.db")
    clean.run("cp", story.system.place(story.backup), copy)
    with database(copy) as db:
        db.execute("UPDATE event SET to_state = 'closed' WHERE id = 1")
    clean.run("chown", "--reference", story.system.place(DISTRICT), copy)
    clean.write(story.system.place("/etc/linli/copy.conf"),
                "db = /var/lib/linli/copy.db\nkeys = /var/lib/linli/district.keys\n")
    is_refused(as_service, story.system, "env", "CONFIG=/etc/linli/copy.conf", "KEEP_DAYS=0", "/usr/lib/linli/backup",
               unit="linli-backup.service")
    left = [name for name in os.listdir(story.system.place("/var/backups/linli")) if name.startswith("district-")]
    demand(left == [os.path.basename(story.backup)], f"what counts as a backup: {left}")
    for path in ("/etc/linli/copy.conf", "/var/lib/linli/copy.db"):
        os.unlink(story.system.place(path))


def an_upgrade_keeps_data_and_settings_and_restarts(story):
    with open(story.system.place(CONFIG), "a", encoding="utf-8") as f:
        f.write("# the administrator's own line\n")
    clean.write(story.system.place("/usr/bin/systemctl"), SYSTEMCTL, 0o755)
    os.makedirs(story.system.place("/run/systemd/system"), exist_ok=True)
    os.unlink(story.system.place("/usr/sbin/policy-rc.d"))
    put(story.system, build(story.version + "+1"))
    said = story.system.run("apt-get", "install", "-q", "-y", "/linli.deb")
    demand("1 upgraded" in said and "no district" not in said, said)
    demand("the administrator's own line" in story.system.read(CONFIG), "its settings went")
    heard = story.system.read("/systemctl.log")
    demand(re.search(r"^try-restart linli\.service linli@public\.service linli@staff\.service", heard, re.M), heard)
    demand(not re.search(r"^\S*(stop|disable)", heard, re.M), f"an upgrade stopped it:\n{heard}")


def the_program_before_goes_on_until_it_is_restarted(story):
    faults.House(story.server).case()
    one, method, target, body, kind = faults.upload(faults.House(story.server))
    demand(one.ask(method, target, body, kind).status == 303, "its child is gone")
    story.server.stop()


def the_new_program_has_the_old_cases(story):
    story.server = Served(story.system)
    one = faults.Somebody(story.server)
    one.get("/follow")
    one.post("/follow", number=story.number, code=story.code)
    demand(story.number in one.get(f"/cases/{story.number}").text, "the case is gone")
    story.server.stop()


def its_scripts_may_run_again(story):
    before = mode_and_owner(story.system, "/var/lib/linli"), os.listdir(story.system.place("/var/lib/linli"))
    for _ in range(2):
        story.system.run("/var/lib/dpkg/info/linli.postinst", "configure", story.version)
    after = mode_and_owner(story.system, "/var/lib/linli"), os.listdir(story.system.place("/var/lib/linli"))
    demand(before == after, "something changed")


def an_older_program_leaves_a_newer_database_alone(story):
    path = story.system.place(DISTRICT)
    with database(path) as db:
        db.execute("INSERT INTO schema_step VALUES ('flow', '999-of-the-future.sql', '0', 0)")
    said = is_refused(as_service, story.system, "linli", "serve", "--config", CONFIG)
    demand("999-of-the-future.sql" in said, said)
    with database(path) as db:
        demand(db.execute("SELECT COUNT(*) FROM matter").fetchone()[0] >= 3, "matters went")
        db.execute("DELETE FROM schema_step WHERE name = '999-of-the-future.sql'")


def a_backup_is_restored_in_place(story):
    before = "would be overwritten"
    said = is_refused(as_service, story.system, "linli", "restore", story.backup, "--config", CONFIG)
    demand(DISTRICT in said, f"{before}: {said}")
    as_service(story.system, "linli", "restore", story.backup, "--config", CONFIG, "--force")
    said = as_service(story.system, "linli", "verify", "--config", CONFIG)
    demand("every figure agrees" in said, said)


def removing_keeps_data_and_settings(story):
    story.system.run("apt-get", "remove", "-q", "-y", "linli")
    demand(not story.system.exists("/usr/bin/linli"), "the program is still there")
    demand(story.system.exists(DISTRICT) and story.system.exists(CONFIG), "data or settings went")
    heard = story.system.read("/systemctl.log")
    demand(re.search(r"^stop linli-backup\.timer .*linli\.service", heard, re.M), heard)
    demand(re.search(r"disable .*linli\.service", heard), heard)


def installed_again_it_finds_its_district(story):
    story.system.run("apt-get", "install", "-q", "-y", "/linli.deb")
    demand("every figure agrees" in as_service(story.system, "linli", "verify", "--config", CONFIG), "not whole")


def purging_never_deletes_a_district(story):
    said = story.system.run("apt-get", "purge", "-q", "-y", "linli")
    demand("/var/lib/linli holds data and is kept" in said, said)
    demand(story.system.exists(DISTRICT) and story.system.exists("/var/lib/linli/district.keys"), "data went")
    demand(story.system.exists(story.backup), "backups went")
    demand(not story.system.exists("/etc/linli"), "settings are still there")


def purging_takes_what_is_empty(story):
    for folder in ("/var/lib/linli", "/var/backups/linli"):
        for name in os.listdir(story.system.place(folder)):
            os.unlink(story.system.place(f"{folder}/{name}"))
    story.system.run("apt-get", "install", "-q", "-y", "/linli.deb")
    story.system.run("apt-get", "purge", "-q", "-y", "linli")
    for path in ("/var/lib/linli", "/var/backups/linli", "/etc/linli", "/usr/lib/linli", "/usr/share/doc/linli"):
        demand(not story.system.exists(path), f"{path} is still there")


STORY = [
    it_installs_with_what_it_names_and_nothing_more,
    its_user_and_folders_are_there_and_closed_to_others,
    every_file_is_as_it_was_packed,
    systemd_takes_its_units,
    its_services_are_well_confined,
    a_service_without_a_district_says_so,
    a_district_is_made_by_its_configuration,
    it_serves_under_its_sandbox,
    a_resident_applies,
    a_picture_and_a_pdf_are_made_under_its_sandbox,
    a_backup_is_made_beside_the_service_and_verified,
    a_damaged_copy_is_no_backup_and_costs_no_other,
    an_upgrade_keeps_data_and_settings_and_restarts,
    the_program_before_goes_on_until_it_is_restarted,
    the_new_program_has_the_old_cases,
    its_scripts_may_run_again,
    an_older_program_leaves_a_newer_database_alone,
    a_backup_is_restored_in_place,
    removing_keeps_data_and_settings,
    installed_again_it_finds_its_district,
    purging_never_deletes_a_district,
    purging_takes_what_is_empty,
]


class Story:
    def __init__(self):
        self.server = None
        self.package = build("")
        self.version = self.package.split("_")[1]
        self.system = clean.unpacked(clean.with_dependencies(self.package), "system")

    def note(self, words):
        print(f"     {words}")

    def end(self):
        if self.server and self.server.process.poll() is None:
            self.server.signal("KILL")
        self.system.drop()


def main():
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", sys.executable, *sys.argv])
    story, passed = Story(), 0
    try:
        for chapter in STORY:
            began = time.monotonic()
            chapter(story)
            passed += 1
            print(f"ok   {chapter.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    except Exception as why:     # whatever it is, what follows would build on sand
        print(f"FAILED {chapter.__name__}: {type(why).__name__}: {why}")
    story.end()
    print(f"{passed} passed, {len(STORY) - passed} failed")
    return 0 if passed == len(STORY) else 1


if __name__ == "__main__":
    sys.exit(main())
