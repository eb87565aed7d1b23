#!/usr/bin/env python3
"""A dry run leaves no trace, and says what a real run then does."""

import re

import support

NOW = ("--now", "2020-02-01T00:00:00Z")


class DryRun(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.lines = self.generate(self.dir / "events.jsonl", "--seed", 2, "--events", 400, "--hours", 3)
        # Under a directory that is compared: also a stray -wal or temporary file is a trace.
        (self.dir / "states").mkdir()
        self.state = self.dir / "states" / "state.db"

    def everything(self):
        """All files but what SQLite leaves beside a file that was only read: an index, and a log without a byte."""
        left_by_sqlite = {self.state.with_name("state.db-shm")}
        log = self.state.with_name("state.db-wal")
        if log.exists() and log.stat().st_size == 0:
            left_by_sqlite.add(log)
        return {str(path.relative_to(self.dir)): path.read_bytes() if path.is_file() else None
                for path in sorted(self.dir.rglob("*")) if path not in left_by_sqlite}

    def dry_run(self, *arguments):
        """What a dry run prints, after checking that nothing is different behind it."""
        before = self.everything()
        document = self.run_spillway(*arguments, "--dryrun", "--json", *NOW).document
        after = self.everything()
        self.assertEqual(sorted(after), sorted(before))
        self.assertEqual([name for name in before if before[name] != after[name]], [])
        return document

    def check_promise(self, promised):
        """What a dry run named is what a real run puts."""
        before = support.tree_of(self.bucket) if self.bucket.exists() else {}
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        put = {key: len(content) for key, content in support.tree_of(self.bucket).items() if before.get(key) != content}
        markers = {key for key in put if key.endswith("_complete")}
        self.assertEqual(sorted(promised["planned_markers"]), sorted(markers))
        self.assertEqual({each["key"]: each["bytes"] for each in promised["planned"]},
                         {key: size for key, size in put.items() if key not in markers})

    def test_without_a_state_file_there_is_none_afterwards(self):
        document = self.dry_run("export", "events.jsonl", self.bucket)
        self.assertFalse(self.state.exists())
        self.assertFalse(self.bucket.exists())
        self.assertEqual(document["taken_in"]["total"]["stored"], 400)
        self.assertEqual(sum(each["events"] for each in document["planned"]), 400)
        self.check_promise(document)

    def test_a_state_file_stays_as_it_was(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        document = self.dry_run("export", self.bucket)
        self.check_promise(document)

    def test_what_is_delivered_is_not_named_again(self):
        (self.dir / "events.jsonl").write_bytes(b"".join(self.lines[:200]))
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        (self.dir / "events.jsonl").write_bytes(b"".join(self.lines))
        planned = self.dry_run("export", "events.jsonl", self.bucket)["planned"]
        self.assertTrue(planned)
        self.assertFalse({each["key"] for each in planned} & set(support.tree_of(self.bucket)))

    def test_people_are_told_in_words(self):
        before = self.everything()
        ended = self.run_spillway("export", "events.jsonl", self.bucket, "--dry-run", *NOW)
        for put in (r"#1\.json\.gz \(.* events, .*\)", r"_complete \(marker\)"):
            self.assertEqual(len(re.findall(rf"^would put 187520/187520_2020-01-25_1\d{put}$", ended.out, re.M)), 3)
        self.assertRegex(ended.out, rf"\n3 hours would be delivered to {self.bucket}: 3 objects, 400 events, .*\n\Z")
        self.assertEqual(self.everything(), before)

    def test_hours_without_events_are_named_too(self):
        document = self.run_spillway("export", support.FIXTURES / "events", self.bucket, "--dryrun", "--json").document
        self.assertEqual((len(document["planned"]), len(document["planned_markers"])), (2, 25))

    def test_where_nothing_is_to_do_nothing_would_be_done(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        ended = self.run_spillway("export", self.bucket, "--dryrun", *NOW)
        self.assertEqual(ended.out, f"0 hours would be delivered to {self.bucket}: 0 objects, 0 events, 0 B\n")

    def test_a_dry_ingest_stores_nothing(self):
        document = self.dry_run("ingest", "events.jsonl")
        self.assertEqual(document["total"]["stored"], 400)
        self.assertFalse(self.state.exists())


if __name__ == "__main__":
    support.main()
