"""Accounts from the command line: how administrators come and go."""
import os
import pty
import re
import select
import subprocess
import time

from house import (LINLI, PASSWORD, ask, does, district, dump, environment, promise, read_bytes, refuses,
                   refuses_in_both, run)

ADMINISTRATIONS = ["system_admin", "security_admin", "audit_admin"]


def add(db, login, *role):
    does("user", "add", login, "--name", "Test Person", "--db", db)
    if role:
        does("user", "appoint", login, "--role", role[0], "--db", db)


def posts(db, login):
    return ask(db, "SELECT role, until FROM post p JOIN account a ON a.person = p.person WHERE login = ? ORDER BY p.id", login)


@promise
def the_first_administrator_comes_in_as_operations_says(folder):
    db = district(folder, "empty")
    does("user", "add", "zhang", "--name", "张三", "--db", db)
    does("user", "password", "zhang", "--db", db, stdin=PASSWORD + "\n")
    ran = does("user", "appoint", "zhang", "--role", "system_admin", "--place", "510105", "--db", db)
    assert ran.out == "" and posts(db, "zhang") == [("system_admin", None)]
    assert ask(db, "SELECT secret FROM account")[0][0].startswith("$argon2id$")
    assert "张三".encode() not in read_bytes(db)


@promise
def a_login_is_of_plain_letters_and_taken_once(folder):
    db = district(folder, "empty")
    does("user", "add", "Zhang.San", "--name", "Test", "--db", db)
    assert ask(db, "SELECT login FROM account") == [("zhang.san",)]
    before = dump(db)
    for login in ("x", "with space", "张三", "a/b", "x" * 61, "", "a'--", "../x"):
        refuses_in_both("user", "add", login, "--name", "Test", "--db", db, says="2 to 60")
    refuses_in_both("user", "add", "zhang.san", "--name", "Test", "--db", db, says="zhang.san is taken")
    refuses("user", "add", "ZHANG.SAN", "--name", "Test", "--db", db, says="zhang.san is taken")
    refuses_in_both("user", "add", "other", "--db", db, says="--name needs a value")
    assert dump(db) == before, "a refused account left a person"


@promise
def nobody_unknown_is_changed(folder):
    db = district(folder, "empty")
    before = dump(db)
    for words in (["password", "nobody"], ["appoint", "nobody", "--role", "system_admin"], ["disable", "nobody"],
                  ["dismiss", "nobody", "--role", "system_admin"], ["enable", "nobody"]):
        refuses_in_both("user", *words, "--db", db, says="no account nobody", stdin=PASSWORD)
    assert dump(db) == before


@promise
def a_weak_password_is_refused(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    for weak in ("short", "12345678", "alllowercase", "Lowerup", "aaaaaaaaaaaaaaa"):
        refuses_in_both("user", "password", "zhang", "--db", db, says="8 characters of three kinds", stdin=weak + "\n")
    refuses_in_both("user", "password", "zhang", "--db", db, says="standard input", stdin="")
    refuses("user", "password", "zhang", "--db", db, says="standard input", stdin="\n")
    refuses_in_both("user", "password", "zhang", "--db", db, says="linli: ", stdin="Aa1" + "x" * 400 + "\n")
    assert ask(db, "SELECT secret FROM account") == [("",)]
    for good in (PASSWORD, "sixteen letters x", "Windows 1\r\n"):
        does("user", "password", "zhang", "--db", db, stdin=good)


@promise
def a_password_never_stands_on_the_command_line(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    for how in (["--password", PASSWORD], [f"--password={PASSWORD}"]):
        ran = run("user", "password", "zhang", *how, "--db", db, stdin="Another-2026\n")
        assert ran.code == 1 and "seen by others" in ran.err and PASSWORD not in ran.err + ran.out, ran
    assert ask(db, "SELECT secret FROM account") == [("",)]
    does("user", "password", "zhang", "--password", "-", "--db", db, stdin=PASSWORD)


@promise
def a_password_that_comes_in_pieces_is_read_whole(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    process = subprocess.Popen([LINLI, "user", "password", "zhang", "--db", db], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment())
    for piece in (b"Li", b"nli-de", b"mo-2026\nnot this"):
        process.stdin.write(piece)
        process.stdin.flush()
        time.sleep(0.2)
    _, err = process.communicate()
    assert process.returncode == 0, err


@promise
def a_password_typed_at_a_terminal_is_not_shown(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(LINLI, [LINLI, "user", "password", "zhang", "--db", db], environment())
    shown, sent = b"", False
    while select.select([terminal], [], [], 30)[0]:
        try:
            got = os.read(terminal, 4096)
        except OSError:
            break
        shown += got
        if b"password:" in shown and not sent:
            time.sleep(0.2)
            os.write(terminal, PASSWORD.encode() + b"\n")
            sent = True
        if not got:
            break
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert status == 0 and sent and PASSWORD.encode() not in shown, shown


@promise
def the_three_administrations_are_never_one_person(folder):
    db = district(folder, "empty")
    for n, role in enumerate(ADMINISTRATIONS):
        add(db, f"admin{n}", role)
        for other in ADMINISTRATIONS[:n] + ADMINISTRATIONS[n + 1:] + ["window", "supervisor"]:
            ran = run("user", "appoint", f"admin{n}", "--role", other, "--place", "510105", "--db", db)
            assert ran.code == 1 and ran.out == "", ran
        assert posts(db, f"admin{n}") == [(role, None)]
    refuses_in_both("user", "appoint", "admin0", "--role", "audit_admin", "--db", db, says="End the other posts first")


@promise
def who_holds_a_post_does_not_become_an_administrator(folder):
    db = district(folder)
    for login in ("reviewer", "decider", "items", "supervisor"):
        refuses("user", "appoint", login, "--role", "audit_admin", "--db", db, says="End the other posts first")


@promise
def an_appointment_that_makes_no_sense_is_refused(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    for words, says in ((["--role", "king"], "no role king"), ([], "no role"),
                        (["--role", "reviewer"], "belongs to a body"),
                        (["--role", "reviewer", "--body", "none"], "no such body"),
                        (["--role", "system_admin", "--place", "999999"], "no place with this code")):
        refuses_in_both("user", "appoint", "zhang", *words, "--db", db, says=says)
    assert posts(db, "zhang") == []
    does("user", "appoint", "zhang", "--role", "reviewer", "--body", "market", "--db", db)


@promise
def a_dismissal_ends_the_posts_of_one_role_and_the_way_is_free(folder):
    db = district(folder, "empty")
    add(db, "zhang", "system_admin")
    refuses_in_both("user", "dismiss", "zhang", "--db", db, says="--role needs a value")
    refuses_in_both("user", "dismiss", "zhang", "--role", "audit_admin", "--db", db, says="audit_admin")
    assert posts(db, "zhang") == [("system_admin", None)]
    does("user", "dismiss", "zhang", "--role", "system_admin", "--db", db)
    assert posts(db, "zhang")[0][1] is not None
    refuses("user", "dismiss", "zhang", "--role", "system_admin", "--db", db, says="No post in the role system_admin")
    does("user", "appoint", "zhang", "--role", "audit_admin", "--db", db)


@promise
def a_dismissal_ends_all_posts_of_the_role(folder):
    db = district(folder, "empty")
    add(db, "zhang")
    for body in ("market", "civil"):
        does("user", "appoint", "zhang", "--role", "reviewer", "--body", body, "--db", db)
    does("user", "appoint", "zhang", "--role", "decider", "--body", "civil", "--db", db)
    does("user", "dismiss", "zhang", "--role", "reviewer", "--db", db)
    assert [(role, until is None) for role, until in posts(db, "zhang")] == [
        ("reviewer", False), ("reviewer", False), ("decider", True)]


@promise
def who_is_disabled_stays_out_until_enabled(folder):
    db = district(folder)
    disabled = "SELECT disabled FROM account WHERE login = 'audit'"
    does("user", "disable", "audit", "--db", db)
    does("user", "disable", "audit", "--db", db)
    assert ask(db, disabled) == [(1,)]
    does("user", "enable", "audit", "--db", db)
    assert ask(db, disabled) == [(0,)]


@promise
def every_word_of_the_help_on_accounts_does_something(folder):
    words = set(re.findall(r"(?:^  |, )([a-z]+) LOGIN", does("user", "--help").out, re.M))
    assert words == {"add", "password", "appoint", "dismiss", "disable", "enable"}
    db = district(folder, "empty")
    for word in words:
        assert "nothing called" not in run("user", word, "nobody", "--db", db).err
