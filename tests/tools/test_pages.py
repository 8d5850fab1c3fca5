from checked import Checked
import pages

PATH = "src/services/a/a.html"


class Pages(Checked):
    checker = pages

    def bad(self, line, words):
        with self.subTest(line):
            self.refused({PATH: f"% page a(const A *v)\n<p>\n{line}\n</p>\n"}, (PATH, 3, words))

    def test_a_plain_page_is_taken(self):
        self.taken({PATH: '% #include "a/view.h"\n% page a(const A *v)\n'
                          '<form method="post" action="/a/{{ v->id }}" {{? v->once : novalidate }}>\n% page_guard(h);\n'
                          '<input name="online" value="{{ words(v->name) }}"></form>\n'
                          '<form method="get" action="/b"><img src="/a/b.svg" alt=""></form>\n'
                          '<a href="/x?u=http://y/">{{ t("<style> on=") }}</a><script src="/a/a.js"></script>\n'})

    def test_style_and_script_are_refused(self):
        self.bad('<p style="color:red">', "style is not allowed")
        self.bad("<style>p { color: red }</style>", "<style> in a template")
        self.bad("<script>go()</script>", "<script> in a template")
        self.bad('<button onclick="go()">', "onclick is not allowed")
        self.bad('<button hx-on:click="go()">', "hx-on:click runs a script")
        self.bad('<p hx-trigger="click[a]">', "hx-trigger runs a script")
        self.bad('<p class="a" {{? v->red : style="color:red" }}>', "style is not allowed")
        self.bad('<a href="javascript:go()">', "leads to another host")

    def test_a_picture_without_words_is_refused(self):
        self.bad('<img src="/a/b.svg">', "without alt")
        self.bad('<img\nsrc="/a/b.svg">', "without alt")

    def test_an_unguarded_form_is_refused(self):
        self.bad('<form method="post" action="/a"><button>x</button></form>', "without page_guard")
        self.bad("<form method='POST'>", "without page_guard")
        self.refused({PATH: '<form method="post"></form>\n% page_guard(h);\n'}, (PATH, 1, "without page_guard"))

    def test_another_host_is_refused(self):
        for line in ('<a href="https://x.example/">', '<img src="http://x/y.png" alt="">', '<a href="//x/y">',
                     '<form action="https://x/">'):
            self.bad(line, "leads to another host")

    def test_html_in_c_is_looked_at_too(self):
        self.refused({"src/web/a/a.c": 'int a;\nchar *b = "<p style=\\"color:red\\">";\n'},
                     ("src/web/a/a.c", 2, "style in a piece of HTML"))
        self.refused({"src/web/a/a.c": 'char *b = "<b onclick=\\"x\\">";\n'}, ("src/web/a/a.c", 1, "onclick in a piece"))
        self.taken({"src/web/a/a.c": '/* "<style>" */ char *b = "<p class=\\"on\\">"; char *c = "no <b> on = x";\n'})
