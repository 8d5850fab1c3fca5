from checked import Checked
import banned


class Banned(Checked):
    checker = banned

    def body(self, line, folder="src/services/a"):
        return {f"{folder}/a.c": f"int f(void)\n{{\n    {line}\n}}\n"}

    def test_every_banned_call_is_refused_everywhere(self):
        for name in banned.NEVER:
            for folder in ("src/services/a", "src/base/core", "tests/base"):
                with self.subTest(name, folder=folder):
                    self.refused(self.body(f"{name}(a, b);", folder), (f"{folder}/a.c", 3, f"{name} in f"))

    def test_memory_and_output_by_hand_are_refused_in_the_program(self):
        for name in banned.NOT_IN_MODULES:
            with self.subTest(name):
                self.refused(self.body(f"x = {name} (8);"), ("src/services/a/a.c", 3, f"{name} in f"))
                self.taken(self.body(f"x = {name}(8);", "tests/base"))

    def test_a_call_hidden_in_a_macro_is_refused(self):
        self.refused({"src/base/a/a.h": "#define COPY(a, b) \\\n    strcpy(a, b)\n"},
                     ("src/base/a/a.h", 2, "strcpy outside a function"))

    def test_names_that_only_look_alike_are_taken(self):
        for line in ("x->free(x);", "x.system(1);", "gmtime_r(&a, &b);", 'say("strcpy(a)");', "/* printf(a) */",
                     "my_free(x);", "__attribute__((format(printf, 1, 2)));"):
            with self.subTest(line):
                self.taken(self.body(line))

    def test_marks_of_unfinished_work_are_refused(self):
        for mark in ("TO" "DO", "FIX" "ME", "XX" "X"):
            self.refused({"src/base/a/a.c": f"int a;\n/* {mark}: later */\n"}, ("src/base/a/a.c", 2, mark))
            self.refused({"ui/a.js": f"// {mark}\n"}, ("ui/a.js", 1, mark))
        self.taken({"src/base/a/a.c": 'char *a = "/tmp/linli-XX' 'XXXX";\n'})

    def test_code_in_comments_is_refused(self):
        for code in ("a = b + 1;", "if (a) {", "return OK;", "query_end(&q);", "i64 n = 0;", "} else {", "*out = 3;",
                     "for (;;) {", "x->y++;", "static Err f(Ctx *cx) {"):
            with self.subTest(code):
                self.refused({"src/base/a/a.c": f"/* why\n** {code}\n*/\n"}, ("src/base/a/a.c", 2, "code in a comment"))
                self.refused({"src/base/a/a.c": f"// {code}\n"}, ("src/base/a/a.c", 1, "code in a comment"))

    def test_prose_is_no_code(self):
        for prose in ("Order of calls: flows_use at start (reads, checks); flow_open begins a matter;",
                      "what a clerk sees, with the clocks of today;", "its own name {zh, en}", "see flow_take()"):
            with self.subTest(prose):
                self.taken({"src/base/a/a.c": f"/* a.c -- why\n** {prose}\n** and on. */\n"})
