#!/usr/bin/env python3
"""Writes the expected trees of fixtures/golden anew. See fixtures/golden/README.md for when that is right.

    SPILLWAY=build/release/spillway tests/e2e/make_goldens.py [CASE...]

Refuses a tree that bucket_reader finds wrong, or whose counts are not those that command.json states by hand.
"""

import shutil
import sys

import bucket_reader
import goldens
import support


class Maker(support.EndToEnd):
    def make(self, case):
        tree, counts = case.run_whole(self, 2)
        read = bucket_reader.read_bucket(tree, case.form, case.markers)
        self.assertEqual(read.problems, [])
        self.assertEqual(counts, case.counts)
        self.assertEqual(read.counts(), case.hours)
        listed = case.directory / "expected.sha256"
        if listed.exists():
            listed.write_text("".join(f"{digest}  {key}\n" for key, digest in sorted(support.hashes_of(tree).items())))
            return
        expected = case.directory / "expected"
        shutil.rmtree(expected, ignore_errors=True)
        for key, content in tree.items():
            (expected / key).parent.mkdir(parents=True, exist_ok=True)
            (expected / key).write_bytes(content)

    def runTest(self):
        for case in goldens.all_cases():
            if not sys.argv[1:] or case.name in sys.argv[1:]:
                self.make(case)
                print(case.name)
                self.doCleanups()
                self.setUp()


if __name__ == "__main__":
    outcome = support.unittest.TextTestRunner().run(Maker())
    sys.exit(not outcome.wasSuccessful())
