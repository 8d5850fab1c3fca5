import os
import sqlite3
import unittest.mock

from checked import ROOT, Checked
import house
import statements

SCHEMA = ("CREATE TABLE job (\n    name TEXT NOT NULL PRIMARY KEY,\n    n INT NOT NULL,\n    open FLAG NOT NULL\n);\n")


def district(root, folder):
    db = sqlite3.connect(":memory:")
    db.execute(SCHEMA.replace("FLAG", "INTEGER"))
    return db


class Statements(Checked):
    checker = statements

    def setUp(self):
        patch = unittest.mock.patch.object(statements, "make_district", district)
        patch.start()
        self.addCleanup(patch.stop)

    def query(self, *arguments):
        return {"src/engine/job/schema/001-job.sql": SCHEMA,
                "src/engine/job/job.c": f"void f(Ctx *cx)\n{{\n    Query q = QUERY(cx, {', '.join(arguments)});\n}}\n"}

    def bad(self, words, *arguments):
        with self.subTest(arguments[0]):
            self.refused(self.query(*arguments), ("src/engine/job/job.c", 3, words))

    def test_good_statements_are_taken(self):
        for arguments in (
                ['"SELECT n FROM job"\n          " WHERE name = $1 AND open"', "T(name)"],
                ['"SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM job WHERE NOT open AND n > $1"', "I(f(1, 2))"],
                ['"INSERT INTO job (name, n, open) VALUES ($1, 1, TRUE) ON CONFLICT (name)"'
                 ' " DO UPDATE SET n = job.n + excluded.n RETURNING n"', "T(name)"],
                ['"WITH a AS (SELECT n FROM job) INSERT INTO job (name, n, open) SELECT \'x\', n, FALSE FROM a"'],
                ['"SELECT \'no \\"LIKE\\" OFFSET\', MAX(n) FROM job"']):
            with self.subTest(arguments[0]):
                self.taken(self.query(*arguments))

    def test_a_statement_that_does_not_prepare_is_refused(self):
        self.bad("does not prepare: no such column: m", '"SELECT m FROM job"')
        self.bad("does not prepare: no such table: jobs", '"SELECT n"\n " FROM jobs"')

    def test_a_statement_must_be_a_literal(self):
        self.bad("not one literal", "sql")
        self.bad("not one literal", '"SELECT n FROM " TABLE')
        tree = self.query('"SELECT " COLUMNS " FROM job"')
        tree["src/engine/job/job.c"] = '#define COLUMNS "n, name"\n' + tree["src/engine/job/job.c"]
        self.taken(tree)

    def test_parameters_are_numbered_bound_and_used(self):
        self.bad("$2 is bound and not used", '"SELECT n FROM job WHERE name = $1"', "T(a)", "T(b)")
        self.bad("$2 is used and not bound", '"SELECT n FROM job WHERE name = $1 AND n = $2"', "T(a)")
        self.bad("$1 is bound and not used", '"SELECT n FROM job"', "T(a)")
        self.refused(self.query('"SELECT n FROM job WHERE name = $name"'),
                     ("src/engine/job/job.c", 3, "not $ and a number"))

    def test_what_only_one_engine_knows_is_refused(self):
        for words, sql in (
                ("double quotes", 'SELECT \\"n\\" FROM job'), ("OFFSET", "SELECT n FROM job LIMIT 1 OFFSET 2"),
                ("LIKE", "SELECT n FROM job WHERE name LIKE 'a%'"), ("GLOB", "SELECT n FROM job WHERE name GLOB 'a*'"),
                ("names no target", "INSERT INTO job (name, n, open) VALUES ('a', 1, TRUE) ON CONFLICT DO NOTHING"),
                ("SUM outside", "SELECT SUM(n) FROM job"), ("SUM outside", "SELECT CAST(SUM(n) AS TEXT) FROM job"),
                ("SUM outside", "SELECT CAST(1 AS BIGINT), SUM(n) FROM job"),
                ("MAX of several", "SELECT MAX(n, 3) FROM job"), ("comma", "SELECT n FROM job LIMIT 1, 2"),
                ("group_concat", "SELECT group_concat(name) FROM job"), ("instr", "SELECT instr(name, 'a') FROM job"),
                ("iif", "SELECT iif(open, 1, 2) FROM job"), ("INSERT OR", "INSERT OR IGNORE INTO job VALUES ('a', 1, TRUE)"),
                ("replace is not", "REPLACE INTO job VALUES ('a', 1, TRUE)"), ("== is not", "SELECT n FROM job WHERE n == 1"),
                ("n in an upsert", "INSERT INTO job (name, n, open) VALUES ('a', 1, TRUE) ON CONFLICT (name)"
                                   " DO UPDATE SET n = n + 1"),
                ("compared with 1", "SELECT n FROM job WHERE open = 1"),
                ("given as a number", "INSERT INTO job (name, n, open) VALUES ('a', 1, 0)")):
            self.bad(words, f'"{sql}"')

    def test_what_sqlite_does_not_even_read_is_named_all_the_same(self):
        for words, sql in (("FOR UPDATE", "SELECT n FROM job FOR UPDATE"), ("string_agg", "SELECT string_agg(n) FROM job"),
                           ("INSERT inside WITH", "WITH a AS (INSERT INTO job VALUES ('a', 1, TRUE)) SELECT 1")):
            with self.subTest(sql):
                self.assertTrue(any(words in f.what and f.line == 3 for f in self.find(self.query(f'"{sql}"'))))


class OnARealDistrict(Checked):
    checker = statements

    def test_the_program_makes_the_tables(self):
        root = self.tree({"src/engine/flow/a.c": '\nint a = QUERY(cx, "SELECT id, nobody FROM matter");\n'})
        os.makedirs(os.path.join(root, "build", "debug"))
        os.symlink(house.program(ROOT), os.path.join(root, "build", "debug", "linli"))
        found = list(statements.find(root))
        self.assertEqual([("src/engine/flow/a.c", 2)], [(f.file, f.line) for f in found])
        self.assertIn("no such column: nobody", found[0].what)
