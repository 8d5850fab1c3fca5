"""What goes out and what comes in: export and import."""
import csv
import io
import os
import re
import sqlite3
import stat
import subprocess

from house import (LINLI, ROOT, ask, change, district, does, dump, environment, promise, read_bytes, refuses,
                   refuses_in_both, run, write_text)

HEADING = ["number", "flow", "family", "item", "state", "place", "channel", "opened_at", "closed_at"]
DAYS = "year,version,published,source,date,is_workday,name\n"


# ---------------------------------------------------------------- export

@promise
def every_case_is_one_row_that_a_spreadsheet_can_read(folder):
    for kind in ("demo", "town", "empty"):
        db = district(folder, kind)
        text = does("export", "cases", "--db", db).out
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert rows[0] == HEADING and text.count("\r\n") == len(rows)
        assert [r[0] for r in rows[1:]] == [n for n, in ask(db, "SELECT number FROM matter ORDER BY id")]
        assert all(len(r) == len(HEADING) for r in rows)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", r[7]) for r in rows[1:])


@promise
def an_export_goes_to_a_file_or_to_standard_output_alike(folder):
    db, path = district(folder), f"{folder}/cases.csv"
    ran = does("export", "cases", "--db", db, "--output", path)
    with open(path, encoding="utf-8", newline="") as f:
        written = f.read()
    assert ran.out == "" and written.replace("\r\n", "\n") == does("export", "cases", "--db", db).out.replace("\r\n", "\n")
    refuses_in_both("export", "cases", "--db", db, "--output", f"{folder}/none/x.csv", says="cannot be written")
    refuses_in_both("export", "cases", "--db", db, "--output", f"{folder}/small.csv", file_bytes=500, says="linli: ")
    assert not any(name.startswith("small") for name in os.listdir(folder)), "half a file was left"


@promise
def an_export_that_finds_no_room_leaves_the_one_before(folder):
    db, path = district(folder), f"{folder}/cases.csv"
    does("export", "cases", "--db", db, "--output", path)
    before = read_bytes(path)
    refuses("export", "cases", "--db", db, "--output", path, file_bytes=500, says="linli: ")
    assert read_bytes(path) == before and "cases.csv.new" not in os.listdir(folder)


@promise
def an_export_to_a_device_leaves_the_device(folder):
    db, pipe = district(folder), f"{folder}/pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        does("export", "cases", "--db", db, "--output", pipe)
        assert reader.communicate()[0].startswith(b"number,flow,")
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)



@promise
def an_export_holds_no_personal_value(folder):
    """Every value that the demonstration could have sealed is known from its words; none may be there."""
    for kind, profile in (("demo", "cn-qingyang"), ("town", "town")):
        db = district(folder, kind)
        text = does("export", "cases", "--db", db).out
        cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
        with open(f"{ROOT}/profiles/{profile}/demo.yaml", encoding="utf-8") as f:
            words = f.read()
        for list_of in ("given", "lanes", "texts", "businesses"):
            found = re.search(rf"^{list_of}: *\[(.*?)\]", words, re.M | re.S)
            for word in re.findall(r"[^\s,\[\]\"']{2,}", found.group(1) if found else ""):
                assert word not in cells and (not re.search(r"[\u4e00-\u9fff]", word) or word not in text), word
        assert not re.search(r"510105189\d{8}[\dX]|\b154\d{8}\b|\b02079460\d{3}\b|[\u4e00-\u9fff]", text)
        codes = [c for c, in ask(db, "SELECT code FROM place")]
        flows = {f for f, in ask(db, "SELECT flow FROM flow_version")}
        for row in list(csv.reader(io.StringIO(text)))[1:]:
            assert row[1] in flows and row[5] in codes and re.fullmatch(r"[a-z_]+", row[4] + row[6] + row[2])
            assert re.fullmatch(r"[a-z0-9-]+:\d+", row[3]), row


@promise
def an_export_takes_the_same_memory_however_much_there_is(folder):
    db = district(folder)
    small = memory_of_export(db)
    link = sqlite3.connect(db)
    columns = [c for _, c, *_ in link.execute("PRAGMA table_info(matter)") if c not in ("id", "number", "code_mark")]
    link.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO matter"
                 f" (id, number, {', '.join(columns)}) SELECT 1000 + i, '510105-' || i, {', '.join(columns)}"
                 f" FROM n, matter WHERE matter.id = 1")
    link.commit()
    link.close()
    large = memory_of_export(db)
    assert large < small + 40_000, f"{small} kB for 60 cases, {large} kB for 30,000"


def memory_of_export(db):
    """The most that it held, in kB."""
    process = subprocess.Popen([LINLI, "export", "cases", "--db", db, "--output", db + ".csv"],
                               env=environment(ASAN_OPTIONS="quarantine_size_mb=1"), stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    return usage.ru_maxrss


# ---------------------------------------------------------------- import: working days and rules

@promise
def a_notice_of_working_days_is_taken_in_once_and_moves_due_days(folder):
    db = district(folder)
    rows = "".join(f"2027,1,2026-11-20,test,2027-01-{d:02},0,rest\n" for d in range(1, 29))
    file = write_text(f"{folder}/days.csv", DAYS + rows)
    ran = does("import", "calendar", file, "--db", db)
    assert ran.out == "" and "working days changed" in ran.err, ran
    assert ask(db, "SELECT COUNT(*) FROM calendar_exception WHERE name = 'rest'") == [(28,)]
    does("verify", "--db", db)
    before = dump(db)
    assert "nothing new, 0 due dates moved" in does("import", "calendar", file, "--db", db).err
    assert dump(db) == before


@promise
def a_notice_that_is_half_wrong_is_not_taken_in_at_all(folder):
    db = district(folder)
    before = dump(db)
    good = "2027,1,2026-11-20,test,2027-01-01,0,rest\n"
    for bad, says in (("2027,1,2026-11-20,test,2028-01-02,0,rest\n", "3"), ("2027,one,,test,2027-01-02,0,rest\n", "3"),
                      ("2027,1,2026-11-20,test,2027-01-02,maybe,rest\n", "3"), ("2027,1,soon,test,2027-01-02,0,rest\n", "3"),
                      ("2027,1,2026-11-20,,2027-01-02,0,rest\n", "3"), ('2027,1,"unclosed\n', "linli: ")):
        file = write_text(f"{folder}/bad.csv", DAYS + good + bad)
        refuses_in_both("import", "calendar", file, "--db", db, says=says)
        assert dump(db) == before, bad
    refuses_in_both("import", "calendar", f"{folder}/none.csv", "--db", db, says="cannot be read")
    refuses("import", "calendar", folder, "--db", db, says="linli: ")
    with open(f"{folder}/noise.csv", "wb") as f:
        f.write(os.urandom(5000))
    refuses("import", "calendar", f"{folder}/noise.csv", "--db", db, says="linli: ")
    assert dump(db) == before


@promise
def an_import_that_was_cut_off_before_due_days_moved_is_made_whole_by_the_next(folder):
    """As if it had ended between the two: the days are there, and it is noted that due days lag behind."""
    db = district(folder)
    calendar = f"{ROOT}/profiles/cn-qingyang/calendar.csv"
    matter, = ask(db, "SELECT c.matter FROM clock c JOIN matter m ON m.id = c.matter WHERE m.closed_at IS NULL"
                      " AND c.state = 'running' ORDER BY c.matter LIMIT 1")[0]
    change(db, "UPDATE clock SET due_day = due_day + 9, due_at = due_at + 9 * 86400000 WHERE matter = ?", matter)
    change(db, "INSERT INTO setting (name, value) VALUES ('due_times', 'late')")
    ran = does("import", "calendar", calendar, "--db", db)
    assert "nothing new" in ran.err and not re.search(r"\b0 due dates moved", ran.err), ran
    assert "nothing new, 0 due dates moved" in does("import", "calendar", calendar, "--db", db).err
    does("verify", "--db", db)


@promise
def rules_are_taken_in_once_and_what_a_district_has_stays(folder):
    db = district(folder)
    before = dump(db)
    assert does("import", "rules", "--db", db).out == ""
    assert dump(db) == before
    change(db, "DELETE FROM rule WHERE rule = 'LIC-42-1'")
    change(db, "UPDATE rule SET value = '4' WHERE rule = 'LIC-32-4'")
    does("import", "rules", "--db", db)
    assert ask(db, "SELECT COUNT(*) FROM rule WHERE rule = 'LIC-42-1'") != [(0,)]
    assert ask(db, "SELECT DISTINCT value FROM rule WHERE rule = 'LIC-32-4'") == [("4",)]
    kept = dump(db)
    os.makedirs(f"{folder}/over")
    write_text(f"{folder}/over/rules.csv", "rule,zh,en,value,unit,counting,from,to,source,confirmed\n"
               "NEW-1,x,x,1,day,day,2020-01-01,,s,true\nNEW-2,x,x,1,day,day,someday,,s,true\n")
    refuses_in_both("import", "rules", "--db", db, "--profile-dir", f"{folder}/over", says="3")
    assert dump(db) == kept


# ---------------------------------------------------------------- import: states from another system

@promise
def states_that_name_no_case_are_reported_with_their_line(folder):
    db = district(folder)
    before = dump(db)
    file = write_text(f"{folder}/states.csv", "number,state,outcome\nNOBODY-1,working,\nNOBODY-2,done,done\n")
    ran = run("import", "states", file, "--db", db)
    assert ran.code == 1 and "0 states taken in" in ran.err and "Some rows were not taken in" in ran.err, ran
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["2", "3"], ran
    assert dump(db) == before
    refuses_in_both("import", "states", f"{folder}/none.csv", "--db", db, says="cannot be read")


@promise
def an_empty_file_brings_nothing_in(folder):
    db = district(folder)
    before = dump(db)
    file = write_text(f"{folder}/empty.csv", "")
    assert "0 states taken in" in does("import", "states", file, "--db", db).err
    does("import", "calendar", file, "--db", db)
    assert dump(db) == before
