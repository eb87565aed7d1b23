#!/usr/bin/env python3
"""Whole buckets compared byte for byte with those in fixtures/golden, however the same lines come in."""

import collections

import bucket_reader
import goldens
import support

THREADS = (1, 2, 8)


class Golden(support.EndToEnd):
    def for_each(self, cases, check):
        for case in cases:
            with self.subTest(case.name):
                check(case)

    def fresh(self):
        self.doCleanups()
        self.setUp()

    def test_any_number_of_threads_gives_the_expected_bytes(self):
        def check(case):
            for threads in THREADS:
                self.fresh()
                tree, counts = case.run_whole(self, threads)
                self.assert_same_tree(support.hashes_of(tree), case.expected(), f"{case.name}, {threads} threads")
                self.assertEqual(counts, case.counts)
        self.for_each(goldens.all_cases(), check)

    def test_the_expected_bytes_are_what_the_formats_say(self):
        def check(case):
            self.fresh()
            tree, _ = case.run_whole(self, 2)
            read = bucket_reader.read_bucket(tree, case.form, case.markers)
            self.assertEqual(read.problems, [])
            self.assertEqual(read.counts(), case.hours)
            self.assertEqual(support.hashes_of(tree), case.expected())
        self.for_each(goldens.all_cases(), check)

    def test_lines_that_need_no_change_are_delivered_as_they_came(self):
        def check(case):
            self.fresh()
            tree, _ = case.run_whole(self, 2)
            delivered = collections.Counter()
            for hour in bucket_reader.read_bucket(tree, case.form).hours.values():
                delivered.update(hour.lines)
            raw = collections.Counter()
            for step in case.steps:
                for path in case.files(self, step):
                    raw.update(path.read_bytes().splitlines())
            self.assertEqual(delivered, raw)
        self.for_each([case for case in goldens.all_cases() if case.verbatim], check)

    def test_two_parts_give_the_same_bytes_as_the_whole(self):
        self.check_pieces("two_parts")

    def test_single_lines_give_the_same_bytes_as_the_whole(self):
        self.check_pieces("line_by_line")

    def check_pieces(self, way):
        def check(case):
            self.fresh()
            tree = case.run_in_pieces(self, goldens.WAYS[way])
            self.assert_same_tree(support.hashes_of(tree), case.expected(), f"{case.name}, {way}")
        self.for_each([case for case in goldens.all_cases() if way in case.ways], check)


if __name__ == "__main__":
    support.main()
