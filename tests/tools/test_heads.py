from checked import Checked
import heads


class Heads(Checked):
    checker = heads

    def test_a_file_begins_with_its_name_and_purpose(self):
        good = {"src/base/a/README.md": "", "src/program/README.md": "", "src/program/main.c": "/* main.c -- begins. */\n"}
        self.taken(good | {"src/base/a/a.c": "/* a.c -- what for.\n** More. */\nint a;\n"})
        self.refused(good | {"src/base/a/a.c": "int a;\n"}, ("src/base/a/a.c", 1, "does not begin"))
        self.refused(good | {"src/base/a/a.c": "/* b.c -- what for. */\n"}, ("src/base/a/a.c", 1, "another file, b.c"))
        self.refused(good | {"tests/a/test_a.c": "\n/* test_a.c -- x */\n"}, ("tests/a/test_a.c", 1, "does not begin"))

    def test_a_module_without_a_readme_is_refused(self):
        self.refused({"src/base/a/a.h": "/* a.h -- x */\n", "src/program/main.c": "/* main.c -- x */\n"},
                     ("src/base/a/README.md", 1, "no README"), ("src/program/README.md", 1, "no README"))
