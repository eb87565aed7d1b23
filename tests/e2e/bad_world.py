#!/usr/bin/env python3
"""The machine around Spillway gives out: permissions, state files, locks, memory, descriptors, clocks. One line says what, and the
same command completes, once it may, with the bytes of an undisturbed run."""

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess

import support
from bad_input import DONE, FAILED, NOW, USAGE, Interrupted, event, events

MIB = 1 << 20


class BadWorld(Interrupted):
    # ---- permissions ----

    def test_a_target_and_a_state_file_that_may_not_be_written(self):
        self.bucket.mkdir()
        self.bucket.chmod(0o500)
        with self.without_rights():
            self.check_failure("export", "events.jsonl", self.bucket, says=["bucket", "Permission denied"],
                               tries=["check the path, its permissions and the disk"])
            self.bucket.chmod(0o700)
            for mode in (0o400, 0):
                self.state.chmod(mode)
                self.check_failure("export", "events.jsonl", self.bucket, says=["state.db", "Permission denied"],
                                   tries=["check the path, its permissions and the disk"])
            self.state.chmod(0o600)
            self.check_completes("export", "events.jsonl", self.bucket)

    def test_a_bucket_below_a_folder_that_may_be_entered_and_not_listed(self):
        folder = self.dir / "folder"
        (folder / "bucket").mkdir(parents=True)
        folder.chmod(0o100)
        self.addCleanup(folder.chmod, 0o700)
        with self.without_rights():
            self.run_spillway("export", "events.jsonl", folder / "bucket", *NOW)
        self.assertEqual(support.tree_of(folder / "bucket"), self.undisturbed)

    # ---- state files ----

    def test_a_state_file_of_a_newer_version(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        with contextlib.closing(sqlite3.connect(self.state)) as newer:
            version = newer.execute("PRAGMA user_version").fetchone()[0]
            newer.execute("PRAGMA user_version=99")
        for verb in (("export", "events.jsonl", self.bucket), ("status",), ("rejects",)):
            self.check_failure(*verb, code=USAGE, says=["state.db", "it has version 99", f"this Spillway knows {version}"],
                               tries=["use the newer Spillway"])
        with contextlib.closing(sqlite3.connect(self.state)) as older:
            older.execute(f"PRAGMA user_version={version}")
        self.check_completes("export", "events.jsonl", self.bucket)

    def test_a_state_file_that_is_none(self):
        foreign = self.dir / "foreign.db"
        with contextlib.closing(sqlite3.connect(foreign)) as made:
            made.execute("CREATE TABLE t(x)")
        (self.dir / "text.db").write_bytes(b"no database\n" * 1000)
        shutil.copy(self.dir / "events.jsonl", self.dir / "others.jsonl")
        for name, says in (("foreign.db", "not of Spillway"), ("text.db", "not a database"), ("events.jsonl", "not a database")):
            before = (self.dir / name).read_bytes()
            for verb in (("export", "others.jsonl", self.bucket), ("status",)):
                self.check_failure(*verb, "--state", name, says=[name, says], tries=["backup"])
            self.assertEqual((self.dir / name).read_bytes(), before)
        both = self.run_spillway("export", "events.jsonl", self.bucket, "--state", "events.jsonl", expect=2)
        self.assertIn("events.jsonl: it is of the state file", both.err)

    def test_a_state_file_that_is_damaged_or_cut(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        whole = self.state.read_bytes()
        for name, damaged in {"cut": whole[:len(whole) // 2], "one page": whole[:65_536], "header": whole[:50],
                              "noise": whole[:100] + os.urandom(65_536) + whole[65_636:],
                              "a hole": whole[:65_536] + bytes(len(whole) - 65_536)}.items():
            with self.subTest(name):
                self.state.write_bytes(damaged)
                self.check_failure("export", "events.jsonl", self.bucket, tries=["backup"])
        self.state.write_bytes(whole)
        self.check_completes("export", "events.jsonl", self.bucket)

    def test_a_second_worker_is_told_who_works(self):
        os.mkfifo(self.dir / "pipe")
        first = self.start("ingest", "pipe", *NOW, stdout=subprocess.PIPE)
        with open(self.dir / "pipe", "wb") as pipe:  # waits until the other end is opened: it works
            for verb in (("export", "events.jsonl", self.bucket), ("ingest", "events.jsonl")):
                self.check_failure(*verb, says=["state.db", f"process {first.pid} (ingest) is working on it"],
                                   tries=["wait for the other process to end"])
            pipe.write(events(3, "piped"))
        out, _ = first.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual((first.returncode, b"3 stored" in out), (DONE, True))
        (self.dir / "piped.jsonl").write_bytes(events(3, "piped"))
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        self.assert_same_tree(support.tree_of(self.bucket), self.tree_after("piped.jsonl", "events.jsonl", name="both"))

    # ---- memory and descriptors ----

    def check_limited(self, which, limits, tries):
        """Each limit lets the command through, or ends it with one line; then it completes."""
        refused = 0
        for number, limit in enumerate(limits):
            self.state = self.dir / f"{number}.db"
            self.bucket = self.dir / f"bucket-{number}"
            with self.before_start(lambda: resource.setrlimit(which, (limit, limit))):
                ended = self.run_any("export", "events.jsonl", self.bucket, *NOW)
            if ended.code == 127:
                continue  # not even the libraries could be loaded
            if ended.code != DONE:
                refused += 1
                self.assertEqual(ended.code, FAILED, (limit, ended.err))
                self.assert_one_error(ended, tries=tries)
            self.check_completes("export", "events.jsonl", self.bucket)
            self.assertEqual(self.rejects(), [], limit)  # a line is not to blame
        self.assertGreater(refused, 1)

    def test_no_memory(self):
        self.check_limited(resource.RLIMIT_AS, [size * MIB for size in (*range(32, 120, 6), 140, 170, 200, 400)], ["memory"])

    def test_no_descriptors(self):
        self.check_limited(resource.RLIMIT_NOFILE, range(3, 24), ["open files"])

    # ---- clocks, zones, locales ----

    def test_a_clock_that_jumps_back(self):
        def at(time, *arguments):
            return self.run_spillway(*arguments, "--now", time, "--json").document

        (self.dir / "more.jsonl").write_bytes(events(20, "more"))
        self.assertEqual(at("2020-01-25T18:30:00Z", "export", "events.jsonl", self.bucket)["delivered"]["hours"], 1)
        # An hour before that: what was delivered stays so, what is late is gathered, and nothing is delivered twice.
        before = support.times_of(self.bucket)
        jumped = at("2020-01-25T17:30:00Z", "export", "more.jsonl", self.bucket)
        self.assertEqual((jumped["taken_in"]["total"]["stored"], jumped["delivered"]["objects"]), (20, 0))
        at("2019-01-01T00:00:00Z", "export", self.bucket)
        at("2019-01-01T00:00:00Z", "ingest", "more.jsonl")
        self.assertEqual({path: changed for path, changed in support.times_of(self.bucket).items() if path in before}, before)
        self.run_spillway("check", self.bucket, "--state", self.state, "--now", "2020-01-25T18:30:00Z")
        at("2020-02-01T00:00:00Z", "export", self.bucket)
        self.run_spillway("check", self.bucket, "--state", self.state, *NOW)
        self.assertEqual(at("2020-02-01T00:00:00Z", "status")["inputs"]["stored"], 1521)

    def test_an_event_of_tomorrow_is_a_reject_today_and_is_taken_tomorrow(self):
        (self.dir / "tomorrow.jsonl").write_bytes(event("tomorrow", uploaded="2020-01-26 17:00:00"))
        self.run_spillway("ingest", "tomorrow.jsonl", "--now", "2020-01-25T17:00:00Z", expect=4)
        kept = self.run_spillway("rejects", "--text").out
        self.run_spillway("ingest", "-", *NOW, stdin=kept)
        self.assertEqual(self.run_spillway("status", "--json").document["inputs"]["stored"], 1)

    def test_neither_a_zone_nor_a_locale_changes_what_is_written_and_said(self):
        said = []
        for number, settings in enumerate(({}, {"TZ": "America/St_Johns"}, {"TZ": ":Pacific/Kiritimati"}, {"TZ": "no zone"},
                                           self.comma_locale())):
            where = self.dir / str(number)
            where.mkdir()
            self.state = where / "state.db"
            environment = {**self.environment(), **settings}
            commands = (("export", "events.jsonl", where / "bucket"), ("status",), ("estimate",))
            said.append([self.run_spillway(*each, *NOW, environment=environment).out.replace(str(where), "") for each in commands])
            self.assertEqual(said[number], said[0], settings)
            self.assert_same_tree(support.tree_of(where / "bucket"), self.undisturbed, settings)

    def comma_locale(self):
        """A locale that writes 1,5 for one and a half. Where none is installed one is made, or at least named."""
        made = self.dir / "locales"
        made.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", made / "de_DE.UTF-8"], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return {"LOCPATH": str(made), "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}


if __name__ == "__main__":
    support.main()
