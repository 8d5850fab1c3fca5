#!/usr/bin/env python3
"""Does what deploy/Containerfile says, line by line, in clean systems of its own: no engine is needed.

    usage: container.py        needs root and a network; takes minutes: "make test-container"

Each stage begins with a bare Debian; RUN is run, COPY copies, and the result is started as its user with its own
words, made a district in, served, and asked for its health by its own HEALTHCHECK.  An instruction this does not
know is a failure.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(os.path.dirname(os.path.dirname(HERE)))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import root as clean    # noqa: E402

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE_SECONDS = 20
PORTS = {"LINLI_LISTEN": "127.0.0.1:18080", "LINLI_METRICS_LISTEN": "127.0.0.1:19180"}


class Stage:
    def __init__(self, name):
        self.name = name
        self.system = clean.unpacked(clean.bare(), f"stage-{name}")
        self.folder, self.user, self.settings = "/", "root", {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"}
        self.entry, self.words, self.health = [], [], []
        self.trust_as_here()

    def trust_as_here(self):
        """Where the way out has a certificate authority of its own, the system knows it too."""
        known = os.environ.get("NODE_EXTRA_CA_CERTS")
        if known:
            shutil.copy(known, self.system.place("/authorities.crt"))
            self.settings["NODE_EXTRA_CA_CERTS"] = "/authorities.crt"

    def command(self, *words):
        shell = f'cd "{self.folder}" && exec "$@"'
        inside = ["runuser", "-u", self.user, "--", *words] if self.user != "root" else list(words)
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.system.path}/proc",
                "chroot", self.system.path, "sh", "-c", shell, "sh", *inside]

    def do(self, *words, more=None):
        return clean.run(*self.command(*words), env=self.settings | (more or {}))


class Container:
    def __init__(self):
        self.stages = []

    @property
    def stage(self):
        return self.stages[-1]

    def take(self, line):
        name, _, rest = line.partition(" ")
        getattr(self, "take_" + name.lower())(rest.strip())

    def take_from(self, rest):
        image, *named = rest.split()
        if image != "debian:12-slim":
            raise clean.Refused(f"{image} is not the system that tests have")
        self.stages.append(Stage(named[-1] if named else "last"))

    def take_run(self, rest):
        self.stage.do("sh", "-c", rest)

    def take_workdir(self, rest):
        self.stage.folder = rest
        os.makedirs(self.stage.system.place(rest), exist_ok=True)

    def take_copy(self, rest):
        *options, source, place = rest.split()
        to = os.path.normpath(f"{self.stage.system.place(self.stage.folder)}/{place}")
        if place.startswith("/"):
            to = self.stage.system.place(place)
        if options:
            stage = next(s for s in self.stages if options == [f"--from={s.name}"])
            shutil.copy(stage.system.place(source), to)
        else:
            skipped = [line for line in open(".containerignore", encoding="utf-8").read().split() if line]
            shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*skipped))

    def take_env(self, rest):
        name, _, value = rest.partition("=")
        self.stage.settings[name] = value

    def take_user(self, rest):
        self.stage.user = rest

    def take_volume(self, rest):
        if not os.path.isdir(self.stage.system.place(rest)):
            raise clean.Refused(f"the volume {rest} is no folder")

    def take_expose(self, rest):
        told = {self.stage.settings[name].rpartition(":")[2] for name in PORTS}
        if set(rest.split()) != told:
            raise clean.Refused(f"EXPOSE {rest}, but it listens on {told}")

    def take_stopsignal(self, rest):
        if rest != "SIGTERM":
            raise clean.Refused(f"it stops at SIGTERM, not {rest}")

    def take_healthcheck(self, rest):
        self.stage.health = json.loads(rest.partition(" CMD ")[2])

    def take_entrypoint(self, rest):
        self.stage.entry = json.loads(rest)

    def take_cmd(self, rest):
        self.stage.words = json.loads(rest)


def instructions():
    with open("deploy/Containerfile", encoding="utf-8") as f:
        text = re.sub(r"\\\n", " ", f.read())
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def is_healthy(stage):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            stage.do(*stage.health, more=PORTS)
            return True
        except clean.Refused:
            time.sleep(0.3)
    return False


def use(stage):
    """What the comment at the top of the file promises."""
    stage.do(*stage.entry, "init", "--profile", "cn-qingyang")
    if is_healthy_now(stage):
        raise clean.Refused("its health is well before it was started")
    running = subprocess.Popen(stage.command(*stage.entry, *stage.words), env=stage.settings | PORTS,
                               stderr=subprocess.DEVNULL)
    well = is_healthy(stage)
    found = subprocess.run(["pgrep", "-f", f"^{' '.join([*stage.entry, *stage.words])}$"], capture_output=True,
                           text=True).stdout.split()
    own = [pid for pid in found if os.path.realpath(f"/proc/{pid}/root") == stage.system.path]
    subprocess.run(["kill", *own], check=True)
    running.wait(PATIENCE_SECONDS)
    if not well:
        raise clean.Refused("its HEALTHCHECK never was content")


def is_healthy_now(stage):
    try:
        stage.do(*stage.health, more=PORTS)
        return True
    except clean.Refused:
        return False


def main():
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", sys.executable, *sys.argv])
    container, passed, failed = Container(), 0, 0
    try:
        for line in instructions():
            began = time.monotonic()
            container.take(line)
            passed += 1
            print(f"ok   {line[:90]} ({time.monotonic() - began:.1f} s)", flush=True)
        use(container.stage)
        passed += 1
    except Exception as why:     # what follows would build on sand
        failed = 1
        print(f"FAILED {type(why).__name__}: {why}")
    for folder in glob.glob(f"{clean.KEPT}/stage-*"):
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
