from checked import Checked
import schemas

PATH = "src/engine/job/schema/001-job.sql"


class Schemas(Checked):
    checker = schemas

    def bad(self, line, words, *columns, end=");"):
        text = "-- a table\nCREATE TABLE job (\n    " + ",\n    ".join(columns) + "\n" + end + "\n"
        with self.subTest(columns[-1]):
            self.refused({PATH: text}, (PATH, line, words))

    def test_the_words_of_the_house_are_taken(self):
        self.taken({PATH: "-- a; \"table\"\nCREATE TABLE job (\n    id ID,\n    name TEXT NOT NULL UNIQUE, -- its name\n"
                          "    at INT NOT NULL DEFAULT 0,\n    blob BYTES,\n    open FLAG NOT NULL DEFAULT FALSE\n);\n"
                          "CREATE TABLE b (a INT NOT NULL, n INT NOT NULL, PRIMARY KEY (a, n)) KEYED;\n"
                          "CREATE INDEX job_by_at ON job (at) WHERE open;\n"})

    def test_the_words_of_an_engine_are_refused(self):
        for column in ("n INTEGER", "n BIGINT", "n VARCHAR(20)", "n BOOLEAN", "n BLOB", "n"):
            self.bad(4, "the column n is", "id ID", column)
        self.bad(4, "after the column n stands AUTOINCREMENT", "id ID", "n INT AUTOINCREMENT")
        self.bad(4, "only KEYED may", "id ID", end=") STRICT;")

    def test_a_default_of_an_engine_is_refused(self):
        for default in ("now()", "CURRENT_TIMESTAMP", "(1 + 2)"):
            found = self.find({PATH: f"CREATE TABLE job (\n    id ID,\n    at INT DEFAULT {default}\n);\n"})
            self.assertEqual((PATH, 3), (found[0].file, found[0].line))
            self.assertTrue(any("default of at is an engine's own" in f.what for f in found))

    def test_a_key_that_may_be_null_is_refused(self):
        self.bad(3, "job.name may be NULL", "name TEXT PRIMARY KEY")
        self.bad(4, "job.name may be NULL", "id ID", "name TEXT UNIQUE")
        self.bad(5, "job.n may be NULL", "a INT NOT NULL", "n INT", "PRIMARY KEY (a, n)")

    def test_every_table_has_a_key(self):
        self.bad(2, "no PRIMARY KEY", "n INT NOT NULL", end=") KEYED;")
        self.bad(2, "no PRIMARY KEY", "n INT NOT NULL")

    def test_other_statements_and_names_are_refused(self):
        self.refused({PATH: "\nPRAGMA foreign_keys = 1;\n"}, (PATH, 2, "begins with PRAGMA"))
        self.refused({PATH: 'CREATE TABLE a (\n    id ID\n);\nCREATE INDEX "b" ON a (id);\n'}, (PATH, 4, "double quotes"))
        self.refused({"src/engine/job/schema/job.sql": "-- nothing\n"}, ("src/engine/job/schema/job.sql", 1, "NNN-name"))
