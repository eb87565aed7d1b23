#!/usr/bin/env python3
"""tools/docs: Doxygen has nothing to warn of, and the headers' plain comments are on its pages."""

import html
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "build" / "docs" / "html"


def text_of(page):
    return html.unescape(re.sub(r"<[^>]+>", "", (PAGES / page).read_text(encoding="utf-8")))


class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = subprocess.run([ROOT / "tools" / "docs"], capture_output=True, text=True, timeout=300, check=False)

    def test_doxygen_warns_of_nothing(self):
        self.assertEqual(self.made.returncode, 0, self.made.stderr)
        self.assertEqual(self.made.stdout, f"{PAGES}/index.html\n")
        self.assertNotRegex(self.made.stderr, "warning|error")

    def test_a_comment_belongs_to_what_it_stands_above_or_behind(self):
        page = text_of("structspillway_1_1base_1_1failure.html")
        self.assertIn("What went wrong.", page)
        self.assertRegex(page, r"doing\s+lower case, names the thing; may be empty")

    def test_a_drawing_is_shown_as_it_stands(self):
        self.assertIn("\n  (none) -------------> waiting ---", text_of("ledger_8hpp.html"))

    def test_the_first_page_is_about_the_layers(self):
        self.assertIn("Data flows one way", text_of("index.html"))


if __name__ == "__main__":
    if not shutil.which("doxygen"):
        print("skipped: tools/setup package")
        sys.exit(125)
    unittest.main(verbosity=2)
