"""A clean Debian, in a folder: made by debootstrap once, unpacked for each test, entered by chroot.

What is kept under build/package/ is the bare system, and beside it the same with what the package depends on; the
second is made anew when its dependencies change.  No network is needed while they do not.  All of it needs root.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess

SUITE = "bookworm"
KEPT = "build/package"
SETTINGS = """Acquire::Languages "none";
APT::Install-Recommends "false";
Dpkg::Options {"--force-unsafe-io"; "--force-confdef"; "--force-confold";};
"""
NO_SERVICES = "#!/bin/sh\nexit 101\n"


class Refused(Exception):
    """A command that ended with another code than it should."""


def run(*words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        raise Refused(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def mirror():
    """The mirror this machine's own apt uses."""
    for folder, _, names in os.walk("/etc/apt"):
        for name in sorted(names):
            if name.endswith((".list", ".sources")):
                with open(f"{folder}/{name}", encoding="utf-8") as f:
                    found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?) *(https?://\S+/debian)/?(?: |$)", f.read(), re.M)
                if found:
                    return found.group(1)
    return "http://deb.debian.org/debian"


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


class Root:
    """One system.  Commands run in namespaces of their own, so that nothing of them stays."""

    def __init__(self, path):
        self.path = os.path.abspath(path)

    def run(self, *words, network=False):
        """Without a network unless asked for: what a test needs is in its system already."""
        settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        own = ["--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.path}/proc"]
        return run("unshare", *own, *([] if network else ["--net"]), "chroot", self.path, *words, env=settings)

    def place(self, path):
        return self.path + path

    def read(self, path):
        with open(self.place(path), encoding="utf-8") as f:
            return f.read()

    def exists(self, path):
        return os.path.lexists(self.place(path))

    def keep(self, archive):
        run("tar", "-C", self.path, "-cf", archive + ".part", ".")
        os.rename(archive + ".part", archive)

    def drop(self):
        shutil.rmtree(self.path, ignore_errors=True)


def unpacked(archive, name):
    root = Root(f"{KEPT}/{name}")
    root.drop()
    os.makedirs(root.path)
    run("tar", "-C", root.path, "-xf", archive)
    return root


def bare():
    """The archive of a system that has nothing but what Debian calls required."""
    archive = f"{KEPT}/bare-{SUITE}.tar"
    if not os.path.exists(archive):
        os.makedirs(KEPT, exist_ok=True)
        root = Root(f"{KEPT}/making")
        root.drop()
        run("debootstrap", "--variant=minbase", SUITE, root.path, mirror())
        write(root.place("/etc/apt/apt.conf.d/90test"), SETTINGS)
        write(root.place("/usr/sbin/policy-rc.d"), NO_SERVICES, 0o755)
        root.run("apt-get", "update", "-q", network=True)
        root.run("apt-get", "clean")
        root.keep(archive)
        root.drop()
    return archive


def dependencies(package):
    """The names that the package says it needs, the first where it lets one choose."""
    said = run("dpkg-deb", "--field", package, "Pre-Depends", "Depends")
    listed = ",".join(line.partition(":")[2] for line in said.splitlines())
    return [re.sub(r"\s*(\(.*|\|.*)$", "", one.strip()) for one in listed.split(",")]


def with_dependencies(package):
    """The archive of a system that has these too, and nothing else."""
    needed = dependencies(package)
    mark = hashlib.sha256(" ".join(sorted(needed)).encode()).hexdigest()[:12]
    archive = f"{KEPT}/needs-{mark}.tar"
    if not os.path.exists(archive):
        for old in glob.glob(f"{KEPT}/needs-*.tar"):
            os.unlink(old)
        root = unpacked(bare(), "making")
        root.run("apt-get", "install", "-q", "-y", *needed, network=True)
        root.run("apt-get", "clean")
        root.keep(archive)
        root.drop()
    return archive
