from checked import Checked
import house
from house import Allowed, Finding


class Exceptions(Checked):
    def test_an_exception_takes_its_finding_away(self):
        allowed, bad = house.read_exceptions(self.tree({house.EXCEPTIONS: "# why\n\nshape | a.c | f is long | a reason\n"}),
                                             ["shape"])
        self.assertEqual(([Allowed(3, "shape", "a.c", "f is long")], []), (allowed, bad))
        self.assertEqual([], house.sift("shape", [Finding("a.c", 9, "f is long")], allowed))
        self.assertEqual([Finding("b.c", 9, "f is long")],
                         house.sift("shape", [Finding("a.c", 9, "f is long"), Finding("b.c", 9, "f is long")], allowed))

    def test_an_exception_nobody_needs_is_a_fault(self):
        left = house.sift("shape", [], [Allowed(3, "shape", "a.c", "f is long"), Allowed(4, "pages", "b.c", "g")])
        self.assertEqual([(house.EXCEPTIONS, 3)], [(f.file, f.line) for f in left])
        self.assertIn("no longer needed", left[0].what)

    def test_a_line_that_says_no_reason_is_a_fault(self):
        lines = ["shape | a.c | f", "shape | a.c | f | ", "shapes | a.c | f | why", "shape | a.c | g | why",
                 "shape | a.c | g | again"]
        allowed, bad = house.read_exceptions(self.tree({house.EXCEPTIONS: "\n".join(lines)}), ["shape"])
        self.assertEqual([4], [a.line for a in allowed])
        self.assertEqual([1, 2, 3, 5], [f.line for f in bad])
