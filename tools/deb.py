#!/usr/bin/env python3
"""Makes the Debian package build/deb/linli_VERSION_ARCHITECTURE.deb from build/release/linli.

    usage: deb.py [VERSION]      the version of meson.build unless told otherwise

What goes where is the table FILES; the maintainer's scripts and the rest of control stand in deploy/debian/.  The
libraries it depends on are computed from the program.  Beside the package lies linli-VERSION.debug, the symbols
for a debugger.  The same source gives the same package: times are those of the last commit.
"""
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = "build/release/linli"
BUILD = "build/deb"
TREE = f"{BUILD}/tree"
DOCUMENTS = "usr/share/doc/linli"

FILES = [  # source, place, mode
    ("deploy/linli.conf", "etc/linli/linli.conf", 0o644),
    ("deploy/public.conf", "etc/linli/public.conf", 0o644),
    ("deploy/staff.conf", "etc/linli/staff.conf", 0o644),
    ("deploy/backup.conf", "etc/linli/backup.conf", 0o644),
    ("deploy/backup.sh", "usr/lib/linli/backup", 0o755),
    ("deploy/systemd/linli.service", "lib/systemd/system/linli.service", 0o644),
    ("deploy/systemd/linli@.service", "lib/systemd/system/linli@.service", 0o644),
    ("deploy/systemd/linli-backup.service", "lib/systemd/system/linli-backup.service", 0o644),
    ("deploy/systemd/linli-backup.timer", "lib/systemd/system/linli-backup.timer", 0o644),
    (f"{BUILD}/linli.bash", "usr/share/bash-completion/completions/linli", 0o644),
    ("deploy/debian/copyright", f"{DOCUMENTS}/copyright", 0o644),
    ("README.md", f"{DOCUMENTS}/README.md", 0o644),
    ("README.zh-CN.md", f"{DOCUMENTS}/README.zh-CN.md", 0o644),
    ("SECURITY.md", f"{DOCUMENTS}/SECURITY.md", 0o644),
    ("docs/operations.md", f"{DOCUMENTS}/operations.md", 0o644),
    ("docs/operations.zh-CN.md", f"{DOCUMENTS}/operations.zh-CN.md", 0o644),
    ("docs/glossary.md", f"{DOCUMENTS}/glossary.md", 0o644),
    ("deploy/nginx.conf", f"{DOCUMENTS}/examples/nginx.conf", 0o644),
    ("deploy/haproxy.cfg", f"{DOCUMENTS}/examples/haproxy.cfg", 0o644),
    ("deploy/prometheus.yml", f"{DOCUMENTS}/examples/prometheus.yml", 0o644),
    ("deploy/linli.rules.yml", f"{DOCUMENTS}/examples/linli.rules.yml", 0o644),
    ("deploy/grafana.json", f"{DOCUMENTS}/examples/grafana.json", 0o644),
    ("deploy/Containerfile", f"{DOCUMENTS}/examples/Containerfile", 0o644),
]
PACKED = [  # compressed, as Debian wants its changelog and manual pages
    ("CHANGELOG.md", f"{DOCUMENTS}/changelog.gz"),
    ("LICENSE", f"{DOCUMENTS}/LICENSE.gz"),
    (f"{BUILD}/linli.1", "usr/share/man/man1/linli.1.gz"),
]
SCRIPTS = ["postinst", "prerm", "postrm"]


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def source_version():
    return re.search(r"version: '([^']+)'", read("meson.build")).group(1)


def source_time():
    """Of the last commit; where the source is no repository, of its changelog."""
    try:
        return int(run("git", "log", "-1", "--format=%ct"))
    except (OSError, subprocess.CalledProcessError):
        return int(os.path.getmtime("CHANGELOG.md"))


def put(path, content, mode=0o644):
    place = f"{TREE}/{path}"
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as f:
        f.write(content)
    os.chmod(place, mode)


def put_program(version):
    """The program without its symbols, which go to a file of their own that a debugger finds."""
    symbols, place = f"{BUILD}/linli-{version}.debug", f"{TREE}/usr/bin/linli"
    os.makedirs(os.path.dirname(place), exist_ok=True)
    run("objcopy", "--only-keep-debug", "--compress-debug-sections", PROGRAM, symbols)
    run("strip", "--remove-section=.comment", "--remove-section=.note", "-o", place, PROGRAM)
    run("objcopy", f"--add-gnu-debuglink={symbols}", place)
    os.chmod(place, 0o755)


def put_files(version):
    run("tools/man.py", PROGRAM, BUILD)
    put_program(version)
    for source, place, mode in FILES:
        with open(source, "rb") as f:
            put(place, f.read(), mode)
    for source, place in PACKED:
        with open(source, "rb") as f:
            put(place, gzip.compress(f.read(), 9, mtime=0))


def all_files():
    return sorted(os.path.join(folder, name)[len(TREE) + 1:] for folder, _, names in os.walk(TREE) for name in names)


def shared_libraries():
    """What the program is linked with, as packages with the versions it needs."""
    os.makedirs(f"{BUILD}/debian", exist_ok=True)
    with open(f"{BUILD}/debian/control", "w", encoding="utf-8") as f:
        f.write("Source: linli\n\nPackage: linli\nArchitecture: any\n")
    said = run("dpkg-shlibdeps", "-O", "-e", "tree/usr/bin/linli", cwd=BUILD)
    return said.strip().removeprefix("shlibs:Depends=")


def put_control(version, architecture):
    files = all_files()
    size = sum(os.path.getsize(f"{TREE}/{path}") for path in files)
    values = {"VERSION": version, "ARCHITECTURE": architecture, "SIZE_KB": str(-(-size // 1024)),
              "SHARED_LIBRARIES": shared_libraries()}
    control = re.sub(r"@([A-Z_]+)@", lambda m: values[m.group(1)], read("deploy/debian/control"))
    sums = []
    for path in files:
        if not path.startswith("etc/"):
            with open(f"{TREE}/{path}", "rb") as f:
                sums.append(f"{hashlib.md5(f.read()).hexdigest()}  {path}\n")
    put("DEBIAN/control", control.encode())
    put("DEBIAN/md5sums", "".join(sums).encode())
    put("DEBIAN/conffiles", read("deploy/debian/conffiles").encode())
    for name in SCRIPTS:
        put(f"DEBIAN/{name}", read(f"deploy/debian/{name}").encode(), 0o755)


def settle(epoch):
    """Folders are open to all, and everything is as old as the last commit."""
    for folder, _, names in os.walk(TREE, topdown=False):
        for name in names:
            os.utime(f"{folder}/{name}", (epoch, epoch))
        os.chmod(folder, 0o755)
        os.utime(folder, (epoch, epoch))


def main(version=""):
    version = version or source_version()
    if not os.path.exists(PROGRAM):
        raise SystemExit(f"deb: {PROGRAM} is not there; make release first")
    architecture = run("dpkg", "--print-architecture").strip()
    shutil.rmtree(TREE, ignore_errors=True)
    os.makedirs(TREE)
    put_files(version)
    put_control(version, architecture)
    epoch = source_time()
    settle(epoch)
    package = f"{BUILD}/linli_{version}_{architecture}.deb"
    run("dpkg-deb", "--build", "--root-owner-group", "-Zxz", TREE, package,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)})
    print(f"built {package}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as gone:
        raise SystemExit(f"deb: {' '.join(gone.cmd)}:\n{gone.stderr}")
