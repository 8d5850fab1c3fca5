"""checked.py -- what tests of the checkers share: a small tree of files, and what a checker says of it."""
import os
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tools", "checks"))


class Checked(unittest.TestCase):
    """A test of one checker: the module is set as a class variable."""
    checker = None
    maxDiff = None

    def tree(self, files):
        folder = tempfile.TemporaryDirectory(prefix="linli-tools-")
        self.addCleanup(folder.cleanup)
        for path, text in files.items():
            path = os.path.join(folder.name, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return folder.name

    def find(self, files):
        return sorted(set(self.checker.find(self.tree(files))))

    def refused(self, files, *wanted):
        """The checker finds these, each (file, line, words in what it says), and nothing else."""
        found = self.find(files)
        self.assertEqual([(f, line) for f, line, _ in sorted(wanted)], [(f.file, f.line) for f in found], found)
        for (_, _, words), finding in zip(sorted(wanted), found):
            self.assertIn(words, finding.what)

    def taken(self, files):
        self.assertEqual([], self.find(files))
