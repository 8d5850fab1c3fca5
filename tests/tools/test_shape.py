from checked import Checked
import shape


def function(lines, head="int f(void)"):
    return f"{head}\n{{\n" + "    a();\n" * (lines - 3) + "}\n"


class Shape(Checked):
    checker = shape

    def test_a_long_function_is_refused(self):
        self.taken({"src/base/a/a.c": function(70)})
        self.refused({"src/base/a/a.c": "int n;\n" + function(71)}, ("src/base/a/a.c", 2, "f has 71 lines"))

    def test_a_long_table_is_not(self):
        self.taken({"src/base/a/a.c": "const int A[] = {\n" + "    1,\n" * 200 + "};\n"})

    def test_a_long_file_is_refused(self):
        self.taken({"src/base/a/a.h": "int a;\n" * 800})
        self.refused({"src/base/a/a.h": "int a;\n" * 801}, ("src/base/a/a.h", 801, "the file has 801 lines"))
        self.refused({"src/web/a/a.html": "\n" * 801}, ("src/web/a/a.html", 801, "the file has 801 lines"))

    def test_a_wide_line_is_refused_but_not_in_a_template(self):
        wide = "int a;\n// " + "网" * 98 + "\n"
        self.refused({"src/base/a/a.c": wide, "src/web/a/a.html": wide}, ("src/base/a/a.c", 2, "101 characters"))
        self.taken({"src/base/a/a.c": "// " + "网" * 97 + "\n"})

    def test_many_parameters_are_refused(self):
        self.taken({"src/base/a/a.c": function(3, "int f(int a, int b, int c, int d, int e, int (*g)(int, int))")})
        self.refused({"src/base/a/a.c": function(3, "int f(int a, int b, int c, int d, int e, int g, int h)")},
                     ("src/base/a/a.c", 1, "f has 7 parameters"))

    def test_depth_is_3_in_services_and_4_elsewhere(self):
        nest = "void f(void)\n{\n" + "if (a) {\n" * 3 + "}\n" * 4
        self.taken({"src/base/a/a.c": nest})
        self.refused({"src/services/a/a.c": nest, "src/registers/a/a.c": nest, "src/channels/a/a.c": nest},
                     *((f"src/{layer}/a/a.c", 5, "nests braces 4 deep, at most 3")
                       for layer in ("services", "registers", "channels")))
        self.refused({"src/base/a/a.c": nest.replace("if (a) {\n", "if (a) {\nif (b) {\n}\n", 1)
                      .replace("if (a) {\nif (a)", "for (;;) {\nif (a) {\nif (a)") + "}\n"},
                     ("src/base/a/a.c", 8, "nests braces 5 deep, at most 4"))
