#!/usr/bin/env python3
"""Whatever files and buckets are called, what is printed is UTF-8 without a byte that a terminal would obey."""

import json
import os
import unicodedata

import support

# No UTF-8, a control sequence in one character and in two, a delete, and the end of a line.
NAME = os.fsdecode(b"odd\xff \xc2\x9b31m \x1b[31m \x7f \n name")
NOW = ("--now", "2020-02-01T00:00:00Z")
CONNECTION = ("connection", "create", "--project", 187520, "--yes")
DAY = ("--from", "2020-01-25", "--to", "2020-01-25")


class Terminal(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.state = self.dir / (NAME + ".db")
        self.events = self.dir / (NAME + ".jsonl")
        self.generate(self.events, "--seed", 4, "--events", 50, "--hours", 2)
        self.other = self.dir / (NAME + " of a connection")
        self.bucket = self.dir / NAME

    def commands(self):
        """One after another, of every verb that names a file or a bucket."""
        key = "187520/187520_2020-01-25_14#1.json.gz"
        yield "status",
        yield "ingest", self.events, "missing " + NAME, *NOW
        yield "ingest", self.events, *NOW
        yield "export", self.bucket, "--dryrun", *NOW
        yield "export", self.bucket, *NOW
        (self.bucket / NAME).write_text("foreign")
        yield "ls", self.bucket
        yield "cat", self.bucket, key
        yield "cat", self.bucket, NAME + ".json.gz"
        yield "check", self.bucket
        yield "check", self.bucket, "--state", self.state
        yield "verify", self.bucket
        yield "doctor", self.bucket
        yield *CONNECTION, self.other, "--now", "2020-01-25T14:10:00Z"
        yield "connection", "list"
        yield "run", "--once", *NOW
        yield "backfill", 2, *DAY, *NOW
        yield "status",
        yield "jobs",
        yield "rejects",
        yield "estimate",
        yield "backup", self.dir / (NAME + ".copy")
        yield "connection", "disable", 2
        yield "connection", "delete", 2, "--yes"

    def assert_plain(self, text, command):
        found = {each for each in text if unicodedata.category(each) == "Cc" and each != "\n"}
        self.assertEqual(found, set(), f"{command}: {text!r}")

    def test_names_are_shown_and_not_obeyed(self):
        for command in self.commands():
            ended = self.run_any(*command)
            self.assert_plain(ended.out + ended.err, command)

    def test_documents_are_json_whatever_the_names(self):
        for command in self.commands():
            if command[0] == "cat":
                continue
            ended = self.run_any(*command, "--json")
            self.assert_plain(ended.out + ended.err, command)
            if ended.out:
                json.loads(ended.out)


if __name__ == "__main__":
    support.main()
