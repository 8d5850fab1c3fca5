from checked import Checked
import routes

ROLES = "roles:\n  window:\n    acts: [desk.read, case.read]\n"
MACROS = '#define ACT_PUBLIC ((Act) "public")\n#define ACT_OWN ((Act) "own")\n'
USES = '\nconst char *A[] = { "desk.read", "case.read" };\n'


class Routes(Checked):
    checker = routes

    def table(self, *rows, **more):
        text = "const Route ROWS[] = {\n" + "".join(f"    {row},\n" for row in rows) + "    ROUTE_END\n};\n" + USES
        return {"src/web/route/route.h": MACROS, "src/services/a/a.c": text, "profiles/one/roles.yaml": ROLES,
                "profiles/two/roles.yaml": ROLES} | more

    def row(self, row, words):
        self.refused(self.table('{ GET, "/", f, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "First", false }', row),
                     ("src/services/a/a.c", 3, words))

    def test_good_rows_are_taken(self):
        self.taken(self.table('{ GET, "/desk", f, "desk.read", FACE_STAFF, NULL, X, "A, b", false }',
                              '{ GET, "/cases/{number}", f, ACT_OWN, FACE_PUBLIC, "number",\n      NULL, "C", false }',
                              '{ .method = POST, .path = "/desk/x", .handler = f, .act = "case.read" }'))

    def test_an_act_that_no_role_has_is_refused(self):
        self.row('{ GET, "/a", f, "case.raed", FACE_STAFF, NULL, NULL, "A", false }', "asks for case.raed")

    def test_an_act_must_be_in_every_profile(self):
        tree = self.table('{ GET, "/a", f, "case.read", FACE_STAFF, NULL, NULL, "A", false }')
        tree["profiles/two/roles.yaml"] = ROLES.replace(", case.read", "")
        self.refused(tree, ("src/services/a/a.c", 2, "no role has in profiles/two/roles.yaml"))

    def test_a_route_without_an_act_is_refused(self):
        self.row('{ GET, "/a", f, NULL, FACE_STAFF, NULL, NULL, "A", false }', "asks for no act")
        self.row('{ GET, "/a", f }', "asks for no act")

    def test_a_post_that_is_open_to_anybody_needs_a_reason(self):
        self.row('{ POST, "/a", f, ACT_PUBLIC, FACE_PUBLIC, NULL, NULL, "A", false }', "POST /a is open to anybody")

    def test_a_matter_must_be_in_the_path(self):
        self.row('{ GET, "/a/{id}", f, "case.read", FACE_STAFF, "number", NULL, "A", false }', "not in its path")
        self.row('{ GET, "/a/{id}", f, ACT_OWN, FACE_PUBLIC, NULL, NULL, "A", false }', "names no matter")
        self.row('{ GET, "/a/{number}", f, "case.read", FACE_STAFF, NULL, NULL, "A", false }', "is its subject")

    def test_a_row_behind_its_like_is_refused(self):
        tree = self.table('{ GET, "/a/{x}", f, "case.read", FACE_STAFF, NULL, NULL, "A", false }',
                          '{ GET, "/a/{y}", g, "case.read", FACE_STAFF, NULL, NULL, "B", false }')
        self.refused(tree, ("src/services/a/a.c", 3, "is never reached"))

    def test_an_act_that_nobody_asks_for_is_refused(self):
        tree = self.table()
        tree["profiles/one/roles.yaml"] = ROLES + "  other:\n    acts: [case.burn]\n"
        self.refused(tree, ("profiles/one/roles.yaml", 5, "asks for the act case.burn"))

    def test_code_that_asks_for_an_unknown_act_is_refused(self):
        page = "% page a(void)\n% if (permit_would(h->cx, \"case.erase\", &(Subject){ 0 })) {\n% }\n"
        self.refused(self.table(**{"src/web/a/a.html": page}), ("src/web/a/a.html", 2, "asks for case.erase"))
