from checked import Checked
import people


def number(first17):
    """Made here, so that none stands in this file."""
    return first17 + people.CHECKS[sum(int(d) * w for d, w in zip(first17, people.WEIGHTS)) % 11]


class People(Checked):
    checker = people

    def test_a_number_that_could_be_somebodys_is_refused(self):
        for folder in ("tests", "profiles", "docs", "src"):
            with self.subTest(folder):
                self.refused({f"{folder}/a.txt": f"a\nid={number('51010519870304001')};\n"},
                             (f"{folder}/a.txt", 2, "could be somebody's"))

    def test_a_small_x_counts(self):
        numbers = (number(f"51010519870304{n:03}") for n in range(100))
        self.refused({"tests/a.c": next(n for n in numbers if n.endswith("X")).lower()},
                     ("tests/a.c", 1, "could be somebody's"))

    def test_synthetic_numbers_are_taken(self):
        self.taken({"tests/a.c": number("51010518900101001"), "tests/b.c": number("51019919870304001")})

    def test_what_is_no_number_is_taken(self):
        good = number("51010519870304001")
        wrong = good[:-1] + ("1" if good[-1] != "1" else "2")
        self.taken({"tests/a.c": wrong, "tests/b.c": "9" + good, "tests/c.c": number("51010519871304001"),
                    "tests/data/vectors.json": good})
