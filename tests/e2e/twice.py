#!/usr/bin/env python3
"""What was taken in before adds nothing, and what was delivered before is not touched."""

import shutil

import bucket_reader
import support

NOW = ("--now", "2020-02-01T00:00:00Z")


class Twice(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.lines = self.generate(self.dir / "events.jsonl", "--seed", 5, "--events", 2000, "--hours", 3)

    def export(self, *inputs, now=NOW):
        return self.run_spillway("export", *inputs, self.bucket, "--json", *now).document

    def assert_nothing_happens(self, *inputs):
        tree, times = support.tree_of(self.bucket), support.times_of(self.bucket)
        document = self.export(*inputs)
        self.assertEqual(document["taken_in"]["total"]["stored"], 0)
        self.assertEqual(document["delivered"]["objects"], 0)
        self.assert_same_tree(support.tree_of(self.bucket), tree)
        self.assertEqual(support.times_of(self.bucket), times)
        return document["taken_in"]

    def test_a_second_export_of_a_file_changes_nothing(self):
        self.export("events.jsonl")
        ledger = support.ledger_of(self.state)
        taken = self.assert_nothing_happens("events.jsonl")
        self.assertEqual(taken["total"]["received"], 0)
        self.assertEqual([each["what"] for each in taken["inputs"]], ["taken_before"])
        self.assertEqual(support.ledger_of(self.state), ledger)

    def test_a_file_is_known_by_its_bytes_and_not_by_its_name(self):
        self.export("events.jsonl")
        shutil.copy(self.dir / "events.jsonl", self.dir / "copy.jsonl")
        taken = self.assert_nothing_happens("copy.jsonl")
        self.assertEqual(taken["total"]["received"], 0)

    def test_the_same_events_in_another_file_are_duplicates(self):
        self.export("events.jsonl")
        (self.dir / "backwards.jsonl").write_bytes(b"".join(reversed(self.lines)))
        taken = self.assert_nothing_happens("backwards.jsonl")
        self.assertEqual(taken["total"]["duplicates"], len(self.lines))

    def test_duplicates_are_known_with_the_least_memory_too(self):
        self.export("events.jsonl")
        (self.dir / "backwards.jsonl").write_bytes(b"".join(reversed(self.lines)))
        taken = self.assert_nothing_happens("backwards.jsonl", "--index-memory", 30)
        self.assertEqual(taken["total"]["duplicates"], len(self.lines))
        self.run_spillway("export", "--index-memory", 29, self.bucket, *NOW, expect=2)

    def test_an_export_without_inputs_has_nothing_to_add(self):
        self.export("events.jsonl")
        self.assert_nothing_happens()

    def test_a_file_that_has_grown_goes_on_where_it_ended(self):
        front, rest = self.lines[:700], self.lines[700:]
        (self.dir / "grows.jsonl").write_bytes(b"".join(front))
        self.run_spillway("ingest", "grows.jsonl", *NOW)
        (self.dir / "grows.jsonl").write_bytes(b"".join(front + rest))
        taken = self.export("grows.jsonl")["taken_in"]
        self.assertEqual(taken["total"], {"received": len(rest), "stored": len(rest), "duplicates": 0, "applied": 0,
                                          "rejected": 0})
        self.assertEqual([each["what"] for each in taken["inputs"]], ["went_on"])
        grown = support.tree_of(self.bucket)

        self.bucket, self.state = self.dir / "whole-bucket", self.dir / "whole.db"
        self.export("events.jsonl")
        self.assert_same_tree(grown, support.tree_of(self.bucket))

    def test_a_file_whose_front_has_changed_is_another_file(self):
        self.export("events.jsonl")
        (self.dir / "events.jsonl").write_bytes(b"".join(self.lines[1:] + self.lines[:1]))
        taken = self.assert_nothing_happens("events.jsonl")
        self.assertEqual(taken["total"]["duplicates"], len(self.lines))

    def test_a_second_bucket_gets_everything_again(self):
        self.export("events.jsonl")
        first = support.tree_of(self.bucket)
        self.bucket = self.dir / "other"
        document = self.export()
        self.assertEqual(document["delivered"]["events"], len(self.lines))
        self.assert_same_tree(support.tree_of(self.bucket), first)

    def test_late_events_wait_an_hour_and_then_add_one_partition(self):
        (self.dir / "on-time.jsonl").write_bytes(b"".join(self.lines[1:]))
        (self.dir / "late.jsonl").write_bytes(self.lines[0])
        self.export("on-time.jsonl")
        before = support.tree_of(self.bucket)
        document = self.export("late.jsonl", now=("--now", "2020-02-01T00:59:59Z"))
        self.assertEqual([each["events"] for each in document["late_hours"]], [1])
        self.assert_same_tree(support.tree_of(self.bucket), before)

        document = self.export(now=("--now", "2020-02-01T01:00:00Z"))
        self.assertEqual(document["delivered"]["objects"], 1)
        after = support.tree_of(self.bucket)
        read = bucket_reader.read_bucket(after, "documented")
        self.assertEqual(read.problems, [])
        self.assertEqual(sum(read.counts().values()), len(self.lines))
        changed = [key for key in before if after[key] != before[key]]
        self.assertEqual(changed, ["187520/187520_2020-01-25_14_complete"])
        self.assertEqual(sorted(set(after) - set(before)), ["187520/187520_2020-01-25_14#2.json.gz"])


if __name__ == "__main__":
    support.main()
