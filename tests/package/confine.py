#!/usr/bin/env python3
"""Runs a command in a folder's system as a unit's service would run: its user, handles, mask, no new privileges,
no capability, no memory both written and run, no system call that the unit's filter does not name.

    usage: confine.py ROOT UNIT COMMAND ...

No systemd runs in a test, so that what the unit forbids is forbidden here by the same means: prctl and libseccomp.
The rest of the unit, what of the file system it shows, only a machine with systemd can try; "systemd-analyze
security" judges it.
"""
import ctypes
import os
import pwd
import resource
import subprocess
import sys

ALLOW, REFUSE_EPERM = 0x7FFF0000, 0x00050000 | 1
NO_NEW_PRIVILEGES, CAPABILITY_DROP, REFUSE_EXEC_GAIN = 38, 24, 65
CAPABILITIES = 41


def settings(path):
    """Each setting of the unit with its values in order."""
    found = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                found.setdefault(name, []).append(value)
    return found


def calls(group):
    """The system calls a group names, groups within it included."""
    if not group.startswith("@"):
        return {group}
    said = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", group], check=True,
                          capture_output=True, text=True).stdout
    names = [line.strip() for line in said.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(calls, names))


def allowed_calls(values):
    """As systemd reads them: @default is always there, a later ~ takes away."""
    allowed = calls("@default")
    for value in values:
        named = set().union(*map(calls, value.removeprefix("~").split()))
        allowed = allowed - (named - calls("@default")) if value.startswith("~") else allowed | named
    return allowed


def filter_of(names):
    """A filter, not loaded yet: what is not named is refused with EPERM."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE_EPERM)))
    for name in sorted(names):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    return library, context


def control(library, what, value=0):
    if library.prctl(what, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {what}")


def main(root, unit, *command):
    known = settings(unit)
    c_library = ctypes.CDLL(None, use_errno=True)
    seccomp, context = filter_of(allowed_calls(known["SystemCallFilter"]))
    if "LimitNOFILE" in known:
        limit = int(known["LimitNOFILE"][-1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    os.umask(int(known["UMask"][-1], 8))
    os.chroot(root)
    os.chdir("/")
    user = pwd.getpwnam(known["User"][-1])
    for n in range(CAPABILITIES):
        c_library.prctl(CAPABILITY_DROP, n, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    control(c_library, NO_NEW_PRIVILEGES, 1)
    if known.get("MemoryDenyWriteExecute") == ["yes"]:
        control(c_library, REFUSE_EXEC_GAIN, 1)
    if seccomp.seccomp_load(context) != 0:
        raise SystemExit("confine: the filter was not taken")
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(("LINLI_", "NOTIFY_"))}
    os.execvpe(command[0], list(command), passed_on | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": user.pw_dir})


if __name__ == "__main__":
    main(*sys.argv[1:])
