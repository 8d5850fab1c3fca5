"""Keeping a district: backup, restore and keys; what was cut off, damaged, or is somebody else's."""
import os
import signal
import stat
import subprocess
import threading
import time

from house import (LINLI, Server, district, does, dump, environment, promise, read_bytes, refuses, refuses_in_both, run)


@promise
def a_backup_is_the_whole_district_and_keeps_the_keys_apart(folder):
    db, copy = district(folder), f"{folder}/copy.db"
    ran = does("backup", copy, "--db", db)
    assert ran.out == "" and "key file" in ran.err and not os.path.exists(copy + ".keys"), ran
    assert dump(copy) == dump(db)
    refuses_in_both("verify", "--db", copy, says="no key file")


@promise
def a_backup_overwrites_nothing(folder):
    db, copy = district(folder), f"{folder}/copy.db"
    for content in (b"", b"something else"):
        with open(copy, "wb") as f:
            f.write(content)
        refuses_in_both("backup", copy, "--db", db, says="never overwrites")
        assert read_bytes(copy) == content
    refuses("backup", db, "--db", db, says="never overwrites")
    refuses("backup", f"{folder}/none/copy.db", "--db", db, says="cannot be opened")


@promise
def a_backup_that_finds_no_room_leaves_nothing_and_can_be_tried_again(folder):
    db, copy = district(folder), f"{folder}/copy.db"
    refuses_in_both("backup", copy, "--db", db, file_bytes=200_000, says="linli: ")
    assert not any(name.startswith("copy") for name in os.listdir(folder))
    does("backup", copy, "--db", db)


@promise
def nothing_is_restored_under_a_running_server(folder):
    db, copy = district(folder), f"{folder}/copy.db"
    does("backup", copy, "--db", db)
    with Server(db) as server:
        before = read_bytes(db)
        refuses_in_both("restore", copy, "--db", db, "--force", says="is in use")
        assert server.get("/healthz")[0] == 200 and read_bytes(db) == before
        server.stop()
    does("restore", copy, "--db", db, "--force")


@promise
def a_backup_that_is_cut_off_does_not_look_like_one(folder):
    db = district(folder)
    for n in range(8):
        copy = f"{folder}/copy-{n}.db"
        process = subprocess.Popen([LINLI, "backup", copy, "--db", db], env=environment(), stderr=subprocess.DEVNULL)
        time.sleep(0.02 * n)
        process.kill()
        process.wait()
        if os.path.exists(copy):
            assert dump(copy) == dump(db)
        else:
            does("backup", copy, "--db", db)


@promise
def a_backup_is_taken_while_the_district_is_in_use(folder):
    db, faults, stops = district(folder), [], threading.Event()
    with Server(db) as server:
        def knock():
            while not stops.is_set():
                try:
                    assert server.get("/healthz")[0] == 200
                    does("user", "disable", "audit", "--db", db)
                    does("user", "enable", "audit", "--db", db)
                except AssertionError as fault:
                    faults.append(fault)
        writer = threading.Thread(target=knock)
        writer.start()
        for n in range(4):
            does("backup", f"{folder}/copy-{n}.db", "--db", db)
        stops.set()
        writer.join()
        server.stop()
    assert not faults, faults
    for n in range(4):
        does("verify", "--db", f"{folder}/copy-{n}.db", "--keys", db + ".keys")


@promise
def a_backup_is_put_in_place_and_verified(folder):
    db, copy, new = district(folder), f"{folder}/copy.db", f"{folder}/new.db"
    does("backup", copy, "--db", db)
    ran = does("restore", copy, "--db", new)
    assert ran.out == "" and "linli verify" in ran.err, ran
    assert dump(new) == dump(db)
    does("verify", "--db", new, "--keys", db + ".keys")
    assert not [name for name in os.listdir(folder) if "restoring" in name]


@promise
def a_restore_overwrites_only_when_forced_and_drops_the_old_log(folder):
    db, copy, other = district(folder), f"{folder}/copy.db", district(folder, "empty", "other.db")
    does("backup", copy, "--db", db)
    before = dump(other)
    refuses_in_both("restore", copy, "--db", other, says="--force")
    assert dump(other) == before
    for end in ("-wal", "-shm"):
        with open(other + end, "wb") as f:
            f.write(b"what a crash left behind")
    does("restore", copy, "--db", other, "--force")
    assert not os.path.exists(other + "-wal") and dump(other) == dump(db)
    does("verify", "--db", other, "--keys", db + ".keys")


@promise
def what_is_no_whole_backup_is_not_restored(folder):
    db, copy, there = district(folder), f"{folder}/copy.db", district(folder, "empty", "there.db")
    does("backup", copy, "--db", db)
    whole, before = read_bytes(copy), dump(there)
    damaged = whole[:200_000] + os.urandom(20_000) + whole[220_000:]
    for name, content in (("damaged", damaged), ("cut", whole[:300_000]), ("words", b"no backup" * 999), ("empty", b"")):
        with open(f"{folder}/{name}.db", "wb") as f:
            f.write(content)
        refuses_in_both("restore", f"{folder}/{name}.db", "--db", f"{folder}/new.db", says="linli: ")
        refuses("restore", f"{folder}/{name}.db", "--db", there, "--force", says="linli: ")
    refuses("restore", f"{folder}/none.db", "--db", f"{folder}/new.db", says="none.db")
    assert dump(there) == before and not [n for n in os.listdir(folder) if n.startswith("new") or "restoring" in n]


@promise
def a_restore_that_cannot_be_put_in_place_leaves_no_litter(folder):
    db, copy = district(folder), f"{folder}/copy.db"
    does("backup", copy, "--db", db)
    os.mkdir(f"{folder}/taken.db")
    refuses("restore", copy, "--db", f"{folder}/taken.db", "--force", says="cannot be written")
    refuses("restore", copy, "--db", f"{folder}/none/new.db", says="cannot be opened")
    refuses("restore", copy, "--db", f"{folder}/new.db", file_bytes=200_000, says="linli: ")
    assert not [n for n in os.listdir(folder) if "restoring" in n or n.startswith("new")]


# ---------------------------------------------------------------- keys

def lines(db):
    return read_bytes(db + ".keys").decode().splitlines()


@promise
def a_newer_key_comes_beside_the_older_ones(folder):
    db = district(folder)
    before = lines(db)
    does("keys", "rotate", "--keys", db + ".keys")
    does("keys", "rotate", "--db", db, "--cipher", "sm")
    after = lines(db)
    assert after[:len(before)] == before and [line.split()[:3] for line in after[len(before):]] == [
        ["seal", "2", "sodium"], ["seal", "3", "sm"]]
    assert stat.S_IMODE(os.stat(db + ".keys").st_mode) == 0o600
    assert "events are whole" in does("verify", "--db", db).out
    does("user", "add", "zhang", "--name", "Test", "--db", db)
    does("verify", "--db", db)


@promise
def a_rotation_that_is_cut_off_loses_no_key(folder):
    db = district(folder)
    first = lines(db)
    for n in range(16):
        process = subprocess.Popen([LINLI, "keys", "rotate", "--db", db], env=environment(), stderr=subprocess.DEVNULL)
        time.sleep(0.004 * n)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert lines(db)[:len(first)] == first
        assert stat.S_IMODE(os.stat(db + ".keys").st_mode) == 0o600
    with open(db + ".keys.new", "w", encoding="utf-8") as f:      # half of one, readable by all
        f.write("linli-keys 1\nse")
    known = len(lines(db))
    does("keys", "rotate", "--db", db)
    assert len(lines(db)) == known + 1 and not os.path.exists(db + ".keys.new")
    assert stat.S_IMODE(os.stat(db + ".keys").st_mode) == 0o600
    does("verify", "--db", db)


@promise
def a_rotation_that_finds_no_room_changes_nothing(folder):
    db = district(folder)
    before = lines(db)
    refuses_in_both("keys", "rotate", "--db", db, file_bytes=100, says="cannot be written")
    assert lines(db) == before and not os.path.exists(db + ".keys.new")


@promise
def keys_that_are_missing_wrong_or_in_view_are_told_apart(folder):
    db, other = district(folder), district(folder, "empty", "other.db")
    os.chmod(db + ".keys", 0o640)
    refuses_in_both("verify", "--db", db, says="mode to 600")
    refuses("serve", "--db", db, "--listen", "127.0.0.1:0", says="mode to 600")
    os.chmod(db + ".keys", 0o600)
    refuses_in_both("verify", "--db", db, "--keys", other + ".keys", says="does not open")
    refuses_in_both("verify", "--db", db, "--keys", f"{folder}/none", says="no key file")
    refuses_in_both("keys", "rotate", "--keys", f"{folder}/none", says="cannot be read")
    for content in ("", "linli-keys 1\n", "linli-keys 2\n" + "\n".join(lines(db)[1:]), "\n".join(lines(db)[:3]),
                    "\n".join(lines(db) + lines(db)[1:2]), "\n".join(lines(db)).replace("sodium", "rot13")):
        path = f"{folder}/bad.keys"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(content)
        refuses_in_both("verify", "--db", db, "--keys", path, says="linli: ")
        refuses("keys", "rotate", "--keys", path, says="linli: ")
        assert read_bytes(path).decode() == content


@promise
def a_file_that_nobody_may_write_is_told(folder):
    """Only where the tests are not root, who may write everything."""
    if os.geteuid() == 0:
        return
    db = district(folder)
    os.chmod(db, 0o400)
    ran = run("user", "add", "zhang", "--name", "Test", "--db", db)
    assert ran.code == 1 and "linli: " in ran.err, ran
