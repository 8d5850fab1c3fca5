"""Making a district: init and demo, twice, cut off, and where nothing can be made."""
import os
import signal
import sqlite3
import stat
import subprocess
import time

from house import (LINLI, ask, change, does, district, dump, environment, promise, read_bytes, refuses, refuses_in_both, run,
                   write_text)


@promise
def a_new_district_is_whole_and_its_keys_are_its_owners_alone(folder):
    for profile in ("cn-qingyang", "town"):
        for cipher in ("sodium", "sm"):
            db = f"{folder}/{profile}-{cipher}.db"
            ran = does("init", "--db", db, "--profile", profile, "--cipher", cipher)
            assert ran.out == "" and db in ran.err and db + ".keys" in ran.err, ran
            assert stat.S_IMODE(os.stat(db + ".keys").st_mode) == 0o600
            assert f" {cipher} ".encode() in read_bytes(db + ".keys")
            assert does("verify", "--db", db).out.startswith("0 events are whole")
            assert sorted(f for f in os.listdir(folder) if f.startswith(os.path.basename(db))) == [
                os.path.basename(db), os.path.basename(db) + ".keys"]


@promise
def a_district_is_not_made_twice(folder):
    for kind, command in (("empty", "init"), ("demo", "init"), ("demo", "demo")):
        db = district(folder, kind)
        before, keys = dump(db), read_bytes(db + ".keys")
        refuses_in_both(command, "--db", db, says="already holds a district")
        refuses(command, "--db", db, "--profile", "town", says="already holds a district")
        assert dump(db) == before and read_bytes(db + ".keys") == keys


@promise
def what_cannot_be_made_leaves_nothing(folder):
    db = f"{folder}/new.db"
    refuses_in_both("init", "--db", db, "--profile", "mars", says="no profile mars")
    refuses("init", "--db", db, "--profile-dir", f"{folder}/none", says="linli: ")
    write_text(f"{folder}/application.flow.yaml", "flow: application\n")
    refuses("init", "--db", db, "--flows", folder, says="linli: ")
    refuses_in_both("demo", "--db", db, "--seed", "some", says="linli: ")
    refuses_in_both("demo", "--db", db, "--until", "soon", says="linli: ")
    os.unlink(f"{folder}/application.flow.yaml")
    assert os.listdir(folder) == []


@promise
def a_folder_that_is_not_there_is_named(folder):
    refuses_in_both("init", "--db", f"{folder}/none/new.db", says="cannot be opened")
    refuses_in_both("init", "--db", folder, says="cannot be opened")
    refuses_in_both("verify", "--db", f"{folder}/none.db", says="linli init")
    refuses("serve", "--db", f"{folder}/none.db", says="none.db")
    refuses("init", "--db", "mysql://x", says="mysql://x")
    assert os.listdir(folder) == []


@promise
def keys_that_cannot_be_written_stop_the_making_and_it_can_be_begun_again(folder):
    db = f"{folder}/new.db"
    refuses("init", "--db", db, "--keys", f"{folder}/none/keys", says="none/keys")
    does("init", "--db", db)
    does("verify", "--db", db)


def cut_off(command, db, seconds):
    """Kills the program like a power cut; whether it had ended before."""
    process = subprocess.Popen([LINLI, *command, "--db", db], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment())
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False


@promise
def a_making_that_was_cut_off_is_begun_again(folder):
    began = time.monotonic()
    does("init", "--db", f"{folder}/whole.db")
    takes = time.monotonic() - began
    whole = dump(f"{folder}/whole.db")
    cut = 0
    for n in range(1, 13):
        db = f"{folder}/cut-{n}.db"
        if cut_off(["init"], db, takes * n / 12):
            continue
        cut += 1
        if os.path.exists(db):
            ran = run("verify", "--db", db)
            assert ran.code == 0 or ran.code == 1 and ran.out == "", ran
        ran = run("init", "--db", db)
        assert ran.code == 0 or "already holds a district" in ran.err, ran
        does("verify", "--db", db)
        again = dump(db)
        assert {t: len(rows) for t, rows in again.items()} == {t: len(rows) for t, rows in whole.items()}
    assert cut >= 3, f"only {cut} were cut off"


@promise
def a_making_that_was_cut_off_does_not_go_on_with_another_profile(folder):
    db = f"{folder}/half.db"
    does("init", "--db", db)
    change(db, "DELETE FROM setting WHERE name = 'profile'")
    refuses_in_both("verify", "--db", db, says="no whole district")
    refuses("init", "--db", db, "--profile", "town", says="already holds a district")


@promise
def the_same_seed_makes_the_same_people_and_the_same_first_case(folder):
    def first_case(name, seed):
        db = f"{folder}/{name}.db"
        does("demo", "--db", db, "--applications", "5", "--until", "2026-11-19", "--seed", seed)
        people = ask(db, "SELECT person, role, body, place FROM post ORDER BY id")
        return people, ask(db, "SELECT number, flow, subject, place, channel, opened_at FROM matter WHERE id = 1")
    assert first_case("one", "7") == first_case("other", "7") != first_case("third", "8")


@promise
def demo_prints_its_accounts_as_a_result(folder):
    ran = does("demo", "--db", f"{folder}/d.db", "--applications", "0")
    assert "Linli-demo-2026" in ran.out and "reviewer" in ran.out and "Linli-demo-2026" not in ran.err, ran


@promise
def what_is_no_district_is_left_as_it_is(folder):
    cases = {"words.db": b"no database at all\n" * 400, "short.db": b"x", "noise.db": os.urandom(9000)}
    for name, content in cases.items():
        with open(f"{folder}/{name}", "wb") as f:
            f.write(content)
    link = sqlite3.connect(f"{folder}/other.db")
    link.execute("CREATE TABLE mine (x)")
    link.commit()
    link.close()
    cases["other.db"] = read_bytes(f"{folder}/other.db")
    for name, content in cases.items():
        says = "another program" if name == "other.db" else "no database"
        for command in (["init"], ["verify"], ["serve"], ["backup", f"{folder}/copy.db"], ["demo"]):
            refuses_in_both(*command, "--db", f"{folder}/{name}", says=says)
            assert read_bytes(f"{folder}/{name}") == content, f"{command} changed {name}"
    assert sorted(os.listdir(folder)) == sorted(cases)


@promise
def a_full_disk_stops_the_making_and_it_can_be_begun_again(folder):
    db = f"{folder}/full.db"
    for room in (4096, 100_000, 400_000, 800_000):
        refuses("init", "--db", db, file_bytes=room, says="nothing was stored")
    does("init", "--db", db)
    does("verify", "--db", db)


@promise
def a_newer_district_is_refused_by_an_older_program(folder):
    db = district(folder)
    change(db, "INSERT INTO schema_step (module, name, hash, applied_at) VALUES ('flow', '999-later.sql', 'x', 0)")
    before = dump(db)
    for command in (["verify"], ["serve", "--listen", "127.0.0.1:0"], ["export", "cases"]):
        refuses_in_both(*command, "--db", db, says="too old for it")
    assert dump(db) == before


@promise
def a_schema_that_is_not_this_programs_is_refused(folder):
    db = district(folder)
    change(db, "UPDATE schema_step SET hash = 'x' WHERE module = 'flow'")
    refuses_in_both("verify", "--db", db, says="flow")
