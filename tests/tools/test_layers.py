from checked import Checked
import layers
import house

TREE = {
    "src/base/core/core.h": "", "src/base/core/str.h": "", "src/base/text/text.h": "",
    "src/store/store/store.h": "", "src/store/driver/driver.h": "", "src/engine/flow/flow.h": "",
    "src/engine/flow/private.h": "", "src/registers/people/people.h": "", "src/registers/people/view.h": "",
    "src/services/one/one.h": "", "src/services/two/two.h": "", "src/services/one/one.html": "",
    "build/debug/one.d": "one.o: ../../src/base/text/text.h\n",
}


class Layers(Checked):
    checker = layers

    def includes(self, path, *lines):
        return TREE | {path: "/* head */\n" + "\n".join(lines) + "\n"}

    def test_a_layer_that_looks_up_is_refused(self):
        self.refused(self.includes("src/store/store/a.c", '#include "core/core.h"', '#include "flow/flow.h"'),
                     ("src/store/store/a.c", 3, "store looks up to engine"))

    def test_what_lies_below_may_be_known(self):
        self.taken(self.includes("src/services/one/a.c", '#include "flow/flow.h"', '#include "people/people.h"',
                                 '#include "one.html.h"', '#include "one/one.h"', "#include <stdio.h>"))

    def test_a_service_that_includes_another_is_refused(self):
        self.refused(self.includes("src/services/one/a.c", '#include "two/two.h"'),
                     ("src/services/one/a.c", 2, "a service includes another service"))

    def test_only_the_visible_header_of_a_folder_is_seen_outside(self):
        for header in ("flow/private.h", "people/view.h", "core/str.h"):
            with self.subTest(header):
                self.refused(self.includes("src/services/one/a.c", f'#include "{header}"'),
                             ("src/services/one/a.c", 2, "is visible"))

    def test_a_template_belongs_to_its_folder(self):
        self.refused(self.includes("src/services/two/a.c", '#include "one.html.h"'),
                     ("src/services/two/a.c", 2, "a service includes another service"))
        self.refused(self.includes("src/services/two/a.html", '% #include "one.html.h"'),
                     ("src/services/two/a.html", 2, "a service includes another service"))

    def test_the_driver_stays_inside_the_store(self):
        self.refused(self.includes("src/engine/flow/a.c", '#include "driver/driver.h"'),
                     ("src/engine/flow/a.c", 2, "for the layer store alone"))
        self.taken(self.includes("src/store/store/a.c", '#include "driver/driver.h"'))

    def test_ways_round_are_refused(self):
        for line, words in (('#include "../flow/flow.h"', "never with .."), ('#include "/usr/a.h"', "never with"),
                            ("#include <text/text.h>", "stand in quotes"), ("#include HEADER", "names its file"),
                            ('#include "nowhere/nowhere.h"', "in no layer"), ("extern int other;", "extern other"),
                            ("int other_get(int n);", "declares other_get by hand")):
            with self.subTest(line):
                self.refused(self.includes("src/store/store/a.c", "", line), ("src/store/store/a.c", 3, words))

    def test_a_definition_or_a_static_declaration_is_no_way_round(self):
        self.taken(self.includes("src/store/store/a.c", "static int f(int n);", "const int N = 3;", "typedef int F(int);",
                                 "int g(void)", "{", "    return f(1);", "}", "/* extern int x; */"))

    def test_a_library_stays_behind_its_border(self):
        self.refused(self.includes("src/engine/flow/a.c", "#include <sqlite3.h>", "#include <microhttpd.h>"),
                     ("src/engine/flow/a.c", 2, "only src/store/sqlite/"),
                     ("src/engine/flow/a.c", 3, "only src/web/server/"))
        self.taken(self.includes("src/store/sqlite/a.c", "#include <sqlite3.h>"))

    def test_the_compiler_sees_through_what_was_not_read(self):
        tree = self.includes("src/base/text/text.c", "") | {
            "build/debug/a.d": "a.o: ../../src/base/text/text.c \\\n ../../src/engine/flow/flow.h\n",
            "build/debug/b.d": "b.o: ../../src/base/text/text.c /usr/include/sqlite3.h\n"}
        self.refused(tree, ("src/base/text/text.c", 1, "base depends on engine"),
                     ("src/base/text/text.c", 1, "depends on sqlite3.h"))

    def test_without_a_build_it_does_not_say_that_all_is_well(self):
        with self.assertRaises(house.Missing):
            self.find({path: text for path, text in TREE.items() if not path.startswith("build")})
