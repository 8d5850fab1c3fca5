#!/usr/bin/env python3
"""A district moved from SQLite to PostgreSQL and back is the same district, or the move says why not.

    usage: move.py [PART OF A NAME ...]
"""
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "http")]

import cluster as clusters
import house
import proxy as proxies
from cluster import Fault, demand, linli

MEGABYTE = 1 << 20
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class World:
    """A demonstration in a file, with values of every kind, and a server to move it to."""

    def __init__(self):
        self.cluster, self.n = clusters.Cluster(), 0
        self.folder = tempfile.mkdtemp(prefix="linli-move-")
        self.file = f"{self.folder}/town.db"
        self.keys = self.file + ".keys"
        done = linli("demo", "--db", self.file, "--profile", "town", "--applications", "40", "--until", house.UNTIL)
        demand(done.returncode == 0, done.stderr)
        add_odd_rows(self.file)

    def end(self):
        self.cluster.end()
        shutil.rmtree(self.folder)

    def move(self, source, target, *more):
        return linli("move", "--from", source, "--to", target, "--keys", self.keys, "--lang", "en", *more)

    def start_move(self, source, target):
        return subprocess.Popen([house.LINLI, "move", "--from", source, "--to", target, "--keys", self.keys, "--lang",
                                 "en"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=house.environment())

    def name(self, what):
        self.n += 1
        return f"{what}{self.n}"

    def new_file(self):
        return f"{self.folder}/{self.name('file')}.db"

    def copy(self):
        path = self.new_file()
        shutil.copy(self.file, path)
        return path

    def database(self):
        name = self.name("move")
        return name, self.cluster.database(name)

    def is_whole(self, target):
        done = linli("verify", "--db", target, "--keys", self.keys)
        demand(done.returncode == 0, f"verify: {done.stderr}")

    def is_shut(self, target):
        for command in (["verify"], ["serve", "--listen", "127.0.0.1:0"]):
            done = linli(*command, "--db", target, "--keys", self.keys, "--lang", "en")
            demand(done.returncode == 1 and "was not finished" in done.stderr and "--restart" in done.stderr,
                   f"{command}: {done.returncode} {done.stderr}")


def add_odd_rows(path):
    """What the demonstration has not: the ends of numbers, empty texts, every byte, NULL beside nothing."""
    db = sqlite3.connect(path)
    every_byte = bytes(range(256))
    db.executemany("INSERT INTO look (at, person, post, role, body, kind, owner, field, reason)"
                   " VALUES (?, 1, 1, ?, ?, 'matter', 1, 'x', ?)",
                   [(-2**63, "", None, "\u4e2d\U0001F3E0"), (2**63 - 1, "r", 0, "tab\tand\nline\\N"), (0, "\\.", -1, '"')])
    db.execute("INSERT INTO paper (draft, matter, n, paper, content_type, size_bytes, pages, has_thumbnail, is_whole,"
               " added_at) VALUES (NULL, 1, 1, 'x', 'image/jpeg', 1, 1, TRUE, FALSE, 1)")
    db.executemany("INSERT INTO paper_piece (paper, kind, n, blob) VALUES (1, 0, ?, ?)",
                   [(1, b""), (2, every_byte), (3, every_byte * 12000)])
    db.executemany("INSERT INTO session (token_hash, account, person, post, idle_minutes, created_at, seen_at"
                   + columns_more(db) + ") VALUES (?, 1, 1, NULL, 1, 1, 1" + values_more(db) + ")",
                   [(bytes([n]),) for n in range(256)])
    db.commit()
    db.close()


def columns_more(db):
    """Columns that must have a value and came to the table later."""
    return "".join(f", {name}" for name in later(db))


def values_more(db):
    return ", 1" * len(later(db))


def later(db):
    known = {"token_hash", "account", "person", "post", "idle_minutes", "created_at", "seen_at"}
    return [name for _, name, _, must, otherwise, _ in db.execute("PRAGMA table_info(session)")
            if must and otherwise is None and name not in known]


def moved(done):
    """The table that a move that went well printed: each name with its rows and hash."""
    demand(done.returncode == 0, f"the move ended with {done.returncode}: {done.stderr}")
    rows = [line.split() for line in done.stdout.splitlines()]
    demand(all(len(r) == 3 and re.fullmatch(r"[0-9a-f]{64}", r[2]) for r in rows), done.stdout)
    return {name: (int(n), digest) for name, n, digest in rows}


def tables_of(path):
    db = sqlite3.connect(path)
    found = {name: db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name, in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()}
    db.close()
    return found


def dump(path):
    """Every row of every table, as SQLite shows it; when steps were applied may differ."""
    db = sqlite3.connect(path)
    lines = sorted(line for line in db.iterdump() if not line.startswith('INSERT INTO "schema_step"'))
    db.close()
    return lines


# ---------------------------------------------------------------- there and back

@test
def there_and_back_is_the_same(world):
    name, url = world.database()
    back = world.new_file()
    there = moved(world.move(world.file, url))
    again = moved(world.move(url, back))
    demand(there == again, "the hashes differ")
    counts = tables_of(world.file)
    counts.pop("schema_step")
    demand({t: n for t, (n, _) in there.items()} == counts, "not every table, or not every row")
    demand(dump(world.file) == dump(back), "the file that came back is another one")
    world.is_whole(url)
    world.is_whole(back)


@test
def a_file_into_a_file_is_the_same_and_any_change_shows(world):
    other, third = world.new_file(), world.new_file()
    first = moved(world.move(world.file, other))
    db = sqlite3.connect(other)
    db.execute("UPDATE look SET body = NULL WHERE body = 0")
    db.commit()
    db.close()
    second = moved(world.move(other, third))
    demand([t for t in first if first[t] != second[t]] == ["look"], "NULL counts as nothing")


@test
def what_is_added_after_a_move_gets_numbers_of_its_own(world):
    name, url = world.database()
    moved(world.move(world.file, url))
    for n in range(3):
        done = subprocess.run([house.LINLI, "user", "add", f"new{n}", "--name", "New", "--db", url, "--keys", world.keys],
                              input="Linli-demo-2026\n", text=True, capture_output=True, env=house.environment())
        demand(done.returncode == 0, done.stderr)
    world.is_whole(url)


@test
def memory_stays_the_same_however_much_there_is(world):
    source, (name, url) = world.copy(), world.database()
    db = sqlite3.connect(source)
    db.executemany("INSERT INTO paper_piece (paper, kind, n, blob) VALUES (2, 0, ?, ?)",
                   ((n, os.urandom(MEGABYTE // 2)) for n in range(300)))
    db.executemany("INSERT INTO double_keying (item, day) VALUES (?, 1)", ((f"item {n}",) for n in range(100000)))
    db.commit()
    db.close()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    there = moved(world.move(source, url))
    back = moved(world.move(url, world.new_file()))
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    demand(there == back, "the hashes differ")
    demand(after < max(before, 200 * 1024), f"{after} kB at most")


# ---------------------------------------------------------------- what is refused

def refuses(world, done, words):
    demand(done.returncode == 1 and re.search(words, done.stderr), f"{done.returncode}: {done.stderr}")
    demand(done.stdout == "", f"a table was printed: {done.stdout}")


@test
def only_an_empty_target_is_filled(world):
    name, url = world.database()
    moved(world.move(world.file, url))
    before = world.cluster.sql(name, "SELECT COUNT(*), MAX(id) FROM event")
    refuses(world, world.move(world.file, url), "already holds rows")
    refuses(world, world.move(world.file, url, "--restart"), "already holds rows")
    refuses(world, world.move(url, world.copy(), "--restart"), "already holds rows")
    refuses(world, world.move(world.file, world.file), "already holds rows")
    demand(world.cluster.sql(name, "SELECT COUNT(*), MAX(id) FROM event") == before, "the target was touched")
    world.is_whole(url)
    world.cluster.database("theirs")
    world.cluster.sql("theirs", "CREATE TABLE invoice (n INT)")
    refuses(world, world.move(world.file, world.cluster.url("theirs")), "of another program")


@test
def only_a_district_of_this_schema_is_moved(world):
    refuses(world, world.move(world.folder + "/none.db", world.new_file()), "no database")
    refuses(world, world.move(world.database()[1], world.new_file()), "holds no district")
    for change, words in (("DELETE FROM schema_step WHERE module = 'onewindow' AND name LIKE '002%'", "linli serve"),
                          ("INSERT INTO schema_step VALUES ('moon', '001-x.sql', 'x', 1)", "too old for it")):
        source, target = world.copy(), world.new_file()
        db = sqlite3.connect(source)
        db.execute(change)
        db.commit()
        db.close()
        refuses(world, world.move(source, target), words)
        demand(not os.path.exists(target), "the target was made")


@test
def without_the_keys_nothing_is_moved(world):
    source, (name, url) = world.copy(), world.database()
    done = linli("move", "--from", source, "--to", url, "--lang", "en")
    refuses(world, done, "key")
    done = linli("move", "--from", url, "--to", world.new_file(), "--lang", "en")
    refuses(world, done, "--keys")
    demand(world.cluster.sql(name, "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'") == "0", "it was begun")


# ---------------------------------------------------------------- what is cut off

def goes_on(world, source, target):
    """The target says what it is, is not filled without being told to, and is whole after it was."""
    world.is_shut(target)
    refuses(world, world.move(target, world.new_file()), "was not finished")
    refuses(world, world.move(source, target), "--restart")
    world.is_shut(target)
    there = moved(world.move(source, target, "--restart"))
    world.is_whole(target)
    return there


@test
def a_move_killed_half_way_leaves_a_target_that_says_so(world):
    name, url = world.database()
    proxy = proxies.Proxy(world.cluster.port)
    proxy.arm("rows")
    moving = world.start_move(world.file, world.cluster.tcp_url(name, port=proxy.port))
    demand(proxy.reached.wait(60), "no rows came by")
    moving.send_signal(signal.SIGKILL)
    moving.communicate()
    proxy.release()
    demand(goes_on(world, world.file, url) == moved(world.move(url, world.new_file())), "the hashes differ")


@test
def a_server_lost_half_way_is_told_and_the_target_says_so(world):
    name, url = world.database()
    proxy = proxies.Proxy(world.cluster.port)
    proxy.arm("rows")
    moving = world.start_move(world.file, world.cluster.tcp_url(name, port=proxy.port))
    demand(proxy.reached.wait(60), "no rows came by")
    proxy.release()
    _, said = moving.communicate(timeout=60)
    demand(moving.returncode == 1 and "cannot be reached" in said, f"{moving.returncode}: {said}")
    demand(clusters.PASSWORD not in said and "sslmode" not in said, f"a whole address: {said}")
    goes_on(world, world.file, url)


def held_up(world, source_name, target):
    """A move that waits for the last table of a source on the server; and who lets it go on."""
    locker = subprocess.Popen(["psql", "-X", "-q", "-h", world.cluster.folder, "-p", str(world.cluster.port), "-U", "linli",
                               "-d", source_name], stdin=subprocess.PIPE, text=True)
    locker.stdin.write("BEGIN; LOCK TABLE double_keying IN ACCESS EXCLUSIVE MODE;\n")
    locker.stdin.flush()
    until(lambda: world.cluster.sql(source_name, "SELECT COUNT(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
                                                 " AND relation = 'double_keying'::regclass") == "1")
    moving = world.start_move(world.cluster.url(source_name), target)
    until(lambda: world.cluster.sql(source_name, "SELECT COUNT(*) FROM pg_locks WHERE NOT granted") == "1")
    return moving, locker


def until(claim):
    began = time.monotonic()
    while not claim():
        demand(time.monotonic() - began < 60, "it never came to that")
        time.sleep(0.05)


def let_go(locker, words):
    locker.communicate(words + "COMMIT;\n", timeout=30)


@test
def a_file_filled_half_way_says_so(world):
    name, url = world.database()
    moved(world.move(world.file, url))
    target = world.new_file()
    moving, locker = held_up(world, name, target)
    moving.send_signal(signal.SIGKILL)
    moving.communicate()
    let_go(locker, "")
    goes_on(world, url, target)


@test
def a_source_that_changed_meanwhile_is_found_out(world):
    name, url = world.database()
    moved(world.move(world.file, url))
    target = world.new_file()
    moving, locker = held_up(world, name, target)
    let_go(locker, "INSERT INTO person (created_at) VALUES (7);")
    out, said = moving.communicate(timeout=60)
    demand(moving.returncode == 1 and "person changed in the source" in said and out == "", f"{moving.returncode}: {said}")
    demand(goes_on(world, url, target)["person"][0] == tables_of(world.file)["person"] + 1, "the new row is missing")


@test
def text_the_target_cannot_hold_is_named_and_leaves_it_unfinished(world):
    source, (name, url) = world.copy(), world.database()
    db = sqlite3.connect(source)
    db.execute("INSERT INTO double_keying (item, day) VALUES (CAST(x'66ff' AS TEXT), 1)")
    db.commit()
    refuses(world, world.move(source, url), "not UTF-8.*\n.*double_keying")
    world.is_shut(url)
    db.execute("DELETE FROM double_keying WHERE item = CAST(x'66ff' AS TEXT)")
    db.commit()
    db.close()
    goes_on(world, source, url)


# ---------------------------------------------------------------- all of it

def main(wanted):
    passed = failed = 0
    world = World()
    try:
        for function in TESTS:
            name = function.__name__.replace("_", " ")
            if wanted and not any(w in name for w in wanted):
                continue
            try:
                began = time.monotonic()
                function(world)
                passed += 1
                print(f"{time.monotonic() - began:5.1f} s  {name}", flush=True)
            except (Fault, OSError, RuntimeError, sqlite3.Error, subprocess.SubprocessError) as wrong:
                failed += 1
                print(f"FAILED {name}\n  {wrong}", flush=True)
    finally:
        world.end()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main([w.replace("_", " ") for w in sys.argv[1:]]))
