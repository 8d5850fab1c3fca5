from checked import Checked
import catalogues

HEAD = 'msgid ""\nmsgstr "Language: x\\n"\n\n'


class Catalogues(Checked):
    checker = catalogues

    def texts(self, english, chinese, code='text_get(cx, "{}");', key="flow.too_late"):
        en = f'msgid "{key}"\nmsgstr "{english}"\n' if english is not None else ""
        return {"src/a/a/a.c": code.format(key), "po/en.po": HEAD + en,
                "po/zh-Hans.po": HEAD + f'msgid "{key}"\nmsgstr "{chinese}"\n'}

    def test_a_text_in_both_languages_is_taken(self):
        self.taken(self.texts("{day} is too late.", "{day} 太晚。"))
        self.taken(self.texts(None, "查找", 't("{}")', "Find"))

    def test_a_text_without_one_language_is_refused(self):
        self.assertIn("no Chinese", self.find({"src/a/a/a.c": 't("Find")', "po/en.po": HEAD, "po/zh-Hans.po": HEAD})[0].what)
        self.assertIn("no English", self.find(self.texts(None, "太晚。"))[0].what)

    def test_values_must_be_the_same(self):
        self.refused(self.texts("{day} is too late.", "太晚。"), ("po/zh-Hans.po", 4, "day in only one"))
        found = self.find(self.texts("Too late.", "{day} 太晚。"))
        self.assertIn(("po/zh-Hans.po", 4), [(f.file, f.line) for f in found])

    def test_an_exclamation_mark_is_refused(self):
        self.refused(self.texts("Too late!", "太晚。"), ("po/en.po", 4, "exclamation mark in the English"))
        self.refused(self.texts("Too late.", "太晚！"), ("po/zh-Hans.po", 4, "exclamation mark in the Chinese"))
        self.refused(self.texts(None, "查找", 't("{}")', "Find!"), ("src/a/a/a.c", 1, "exclamation mark"))

    def test_the_word_error_is_refused(self):
        self.refused(self.texts("An Error.", "错。"), ("po/en.po", 4, "says error"))
        self.taken(self.texts("The terror ends.", "错。"))
