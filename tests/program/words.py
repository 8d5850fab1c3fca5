"""Words on the command line: help, what is misspelt, where settings come from, which language answers."""
import os
import re

from house import CHINESE, ROOT, does, district, promise, refuses, refuses_in_both, run, write_text

COMMANDS = ["serve", "init", "demo", "check", "draw", "user", "verify", "backup", "restore", "export", "import", "keys", "move"]
OTHERS = ("    createdb ", "    systemctl ")     # what operations.md bids other programs do


@promise
def help_is_a_result_and_names_every_command(_):
    for words in ([], ["--help"], ["help"], ["-h"]):
        ran = does(*words)
        assert ran.err == "" and all(f"linli {name}" in ran.out for name in COMMANDS), ran


@promise
def every_command_tells_its_help_and_does_nothing(folder):
    for name in COMMANDS:
        for flag in ("--help", "-h"):
            ran = does(name, flag, cwd=folder)
            assert ran.err == "" and len(ran.out) > 20, ran
    assert os.listdir(folder) == []


@promise
def help_names_only_options_that_are_there(_):
    for name in COMMANDS:
        for option in set(re.findall(r"--([a-z][a-z-]+)", does(name, "--help").out)) - {"help"}:
            ran = run(name, f"--{option}=", "--help")
            assert "no option" not in ran.err, ran


@promise
def operations_names_only_commands_and_options_that_are_there(_):
    with open(f"{ROOT}/docs/operations.md", encoding="utf-8") as f:
        text = f.read()
    helps = "".join(does(name, "--help").out for name in COMMANDS)
    assert set(re.findall(r"linli ([a-z]+) ", text)) <= set(COMMANDS)
    ours = "\n".join(line for line in text.splitlines() if not line.startswith(OTHERS))
    for option in set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", ours)) - {"config", "help"}:
        assert f"--{option}" in helps, option


@promise
def an_unknown_command_is_refused(_):
    refuses_in_both("serv", says="no command serv")
    refuses_in_both("--verbose", says="no command --verbose")


@promise
def an_unknown_option_is_refused_by_every_command(_):
    for name in COMMANDS:
        refuses(name, "--bogus", says="no option --bogus")
        refuses(name, "-x", says="no option -x")
    refuses_in_both("verify", "--bogus", says="See --help")


@promise
def an_option_without_its_value_is_refused(_):
    refuses_in_both("verify", "--db", says="--db needs a value")
    refuses_in_both("verify", "--config", says="--config needs a value")


@promise
def an_argument_too_many_is_refused(folder):
    db = district(folder)
    refuses_in_both("verify", db, says="too many")
    refuses("serve", "here", says="here is one argument too many")
    refuses("backup", "one", "two", says="two is one argument too many")


@promise
def an_argument_that_is_missing_is_named(folder):
    db = district(folder)
    for words, what in ((["backup"], "FILE"), (["restore"], "FILE"), (["export"], "cases"), (["import"], "calendar"),
                        (["import", "calendar"], "FILE.csv"), (["import", "states"], "FILE.csv"), (["keys"], "rotate"),
                        (["user"], "LOGIN"), (["user", "add"], "LOGIN")):
        refuses_in_both(*words, "--db", db, says=what)
    refuses_in_both("draw", says="which flow")


@promise
def a_value_out_of_its_bounds_is_refused(folder):
    for option, value, says in (("workers", "0", "between 1 and 1024"), ("workers", "many", "must be a number"),
                                ("queue", "-1", "between"), ("face", "all", "public staff both"),
                                ("log", "loud", "debug info warn alarm"), ("lang", "fr", "zh en"),
                                ("cipher", "rot13", "sodium sm"), ("secure-cookies=maybe", None, "yes no")):
        words = ["serve", f"--{option}"] + ([value] if value else [])
        refuses_in_both(*words, "--db", f"{folder}/none.db", says=says)
    assert os.listdir(folder) == []


@promise
def what_a_command_does_not_know_is_refused(folder):
    db = district(folder)
    for words in (["check", "all"], ["export", "persons"], ["import", "places", "x.csv"], ["keys", "drop"],
                  ["user", "praise", "window"]):
        ran = run(*words, "--db", db)
        assert ran.code == 1 and ran.out == "", ran
    refuses_in_both("keys", "drop", "--db", db, says="nothing called drop")
    refuses_in_both("draw", "nothing", says="no such flow")


@promise
def the_language_of_messages_is_the_first_locale_that_is_set(_):
    for settings, is_chinese in (({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "C"}, False), ({"LANG": "de_DE"}, False),
                                 ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_GB"}, True),
                                 ({"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, False),
                                 ({"LC_MESSAGES": "zh_CN", "LANG": "en_GB"}, True)):
        ran = run("draw", "nothing", env=settings)
        assert bool(CHINESE.search(ran.err)) == is_chinese, f"{settings}: {ran}"
    assert CHINESE.search(run("draw", "nothing", "--lang", "zh").err)
    assert not CHINESE.search(run("draw", "nothing", "--lang", "en", env={"LANG": "zh_CN"}).err)


@promise
def settings_come_from_the_command_line_then_the_environment_then_the_file(folder):
    file = write_text(f"{folder}/linli.conf", f"# where it is\n\ndb = {folder}/file.db\n")
    refuses("verify", "--config", file, says="file.db")
    refuses("verify", f"--config={file}", says="file.db")
    refuses("verify", says="file.db", env={"LINLI_CONFIG": file})
    refuses("verify", "--config", file, says="environment.db", env={"LINLI_DB": "environment.db"})
    refuses("verify", "--config", file, "--db", "line.db", says="line.db", env={"LINLI_DB": "environment.db"})
    refuses("verify", says="linli.db", cwd=folder)
    assert os.listdir(folder) == ["linli.conf"]


@promise
def a_district_is_found_by_its_setting(folder):
    db = district(folder)
    assert "events are whole" in does("verify", env={"LINLI_DB": db}).out
    assert "events are whole" in does("verify", "--db", f"file:{db}").out
    os.rename(db + ".keys", f"{folder}/elsewhere")
    does("verify", "--db", db, "--keys", f"{folder}/elsewhere")
    does("verify", env={"LINLI_DB": db, "LINLI_KEYS": f"{folder}/elsewhere"})


@promise
def a_bad_setting_is_named(folder):
    missing = write_text(f"{folder}/a.conf", "database = x\n")
    refuses_in_both("verify", "--config", missing, says="setting database")
    refuses("verify", "--config", write_text(f"{folder}/b.conf", "db\n"), says="setting db")
    refuses("verify", "--config", write_text(f"{folder}/c.conf", "workers = some\n"), says="--workers must be a number")
    refuses("verify", says="--face must be one of", env={"LINLI_FACE": "all"})
    refuses_in_both("verify", "--config", f"{folder}/none.conf", says="cannot be read")
    refuses("verify", "--config", folder, says="linli: ")


@promise
def what_could_not_be_written_is_no_success(folder):
    db = district(folder)
    with open("/dev/full", "wb") as full:
        for words in (["--help"], ["serve", "--help"], ["draw", "application"], ["verify", "--db", db],
                      ["export", "cases", "--db", db]):
            ran = run(*words, stdout=full)
            assert ran.code == 1 and "could not be written whole" in ran.err, ran


@promise
def flows_and_items_that_are_good_are_said_to_be(_):
    for profile in ("cn-qingyang", "town"):
        for what in ("flows", "items"):
            ran = does("check", what, "--profile", profile)
            assert ran.out == "" and "0 mistakes" in ran.err, ran
    refuses_in_both("check", "flows", "--profile", "mars", says="no profile mars")


@promise
def all_mistakes_of_a_flow_are_told_with_file_line_and_column(folder):
    with open(f"{ROOT}/src/services/onewindow/application.flow.yaml", encoding="utf-8") as f:
        text = f.read()
    spoiled = text.replace("to: review", "to: nowhere", 1).replace("family:", "famly:", 1)
    assert spoiled != text
    write_text(f"{folder}/application.flow.yaml", spoiled)
    ran = run("check", "flows", folder)
    assert ran.code == 1 and "Mend the mistakes" in ran.err, ran
    lines = [line for line in ran.out.splitlines() if re.search(r"application\.flow\.yaml:\d+:\d+: ", line)]
    assert len(lines) >= 2 and "nowhere" in ran.out and "famly" in ran.out, ran
    refuses("check", "flows", f"{folder}/none", says="linli: ")


@promise
def a_roster_that_lacks_people_is_told(folder):
    db = district(folder)
    assert "0 lacking" in does("check", "roster", "--db", db).err
    bare = run("check", "roster", "--db", district(folder, "empty", "bare.db"))
    assert bare.code == 1 and "no decider" in bare.out and "lacks people" in bare.err, bare


@promise
def a_drawing_is_one_picture_on_standard_output_or_in_a_file(folder):
    ran = does("draw", "application")
    assert ran.out.startswith("<svg") and ran.out.rstrip().endswith("</svg>") and ran.err == "", ran
    quiet = does("draw", "application", "--output", f"{folder}/flow.svg")
    with open(f"{folder}/flow.svg", encoding="utf-8") as f:
        assert quiet.out == "" and f.read() == ran.out
    refuses("draw", "application", "--output", f"{folder}/none/flow.svg", says="cannot be written")
    assert CHINESE.search(does("draw", "application", "--lang", "zh").out)
