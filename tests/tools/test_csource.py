"""What the C scanner sees, and what it is not taken in by."""
import unittest

import checked  # noqa: F401  (finds the checkers)
from csource import Source


def functions(text):
    return {f.name: f for f in Source(text).functions()}


class Scanner(unittest.TestCase):
    def test_comments_texts_and_directives_are_not_code(self):
        source = Source('/* f( */ int a; // g(\nchar *s = "w(\\"";\n#define I(x) \\\n    j(x)\nchar c = \'"\';\n')
        self.assertEqual(list("fgwIj"), [c for c in "fgwIj" if c not in source.code])
        self.assertIn("int a;", source.code)
        self.assertEqual(len(source.text), len(source.code))

    def test_an_address_in_a_text_is_no_comment(self):
        self.assertIn("b", Source('char *a = "http://x"; int b;').code.replace("char *a", ""))

    def test_a_table_is_not_a_function(self):
        text = "static const Row ROWS[] = {\n" + "    { 1, f(2) },\n" * 200 + "};\nstruct A { int (*f)(int); };\n"
        self.assertEqual({}, functions(text))

    def test_a_function_is_counted_from_its_first_line_to_its_last(self):
        f = functions("int a;\nstatic int\nf(int a,\n  int b)\n{\n    return a;\n}\n")["f"]
        self.assertEqual((2, 6, 2), (f.line, f.lines, f.parameters))

    def test_attributes_and_pointers_to_functions_do_not_confuse(self):
        f = functions("void g(int (*f)(int, int), void *arg) __attribute__((noreturn))\n{\n}\n")
        self.assertEqual((["g"], 2), (list(f), f["g"].parameters))

    def test_only_blocks_are_deep(self):
        text = ("void f(void)\n{\n    Row r[] = { { { { 1 } } } };\n    g((Row){ .a = { { 2 } } });\n"
                "    return (Row){ { 3 } };\n}\n")
        self.assertEqual(1, functions(text)["f"].deepest)

    def test_every_kind_of_block_is_deep(self):
        text = "void f(void)\n{\n    do {\n        if (a) {\n        } else {\n            EACH(x) {\n            }\n" \
               "        }\n    } while (b);\n}\n"
        f = functions(text)["f"]
        self.assertEqual((4, 6), (f.deepest, f.deepest_line))

    def test_a_statement_is_put_together_from_its_pieces(self):
        source = Source('Q(cx, "a \\"b\\" " /* c */\n   "d" E, I(1, 2), "x");')
        call = next(source.calls("Q"))
        self.assertEqual(4, len(call.arguments))
        self.assertIsNone(source.literal(*call.arguments[1]))
        self.assertEqual('a "b" de', source.literal(*call.arguments[1], {"E": "e"}))
