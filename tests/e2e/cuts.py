#!/usr/bin/env python3
"""Files that were cut: the state file, its write-ahead log, and what a mirror keeps of uploads under way, each at every
4 KiB. Whoever opens them gets the right end or a clear error, never a crash and never other bytes in the bucket.

No kill cuts files so, and no power cut on a disk that keeps what was synced: copies that were broken off do, file
systems after a repair, and disks that lie. A usual run takes some of the cuts, SPILLWAY_LONG=1 all of them.
"""

import contextlib
import enum
import itertools
import json
import os
import shutil
import sqlite3

import crash
import support

STEP_BYTES = 4096
CUTS_USUAL = 5  # of each file
# Large enough for segments and pieces that go over several pages of 64 KiB.
EVENTS, HOURS = 1_200, 3
KEY_OF_TROUBLE = f"*_{crash.DAY}_16#1*"


def cuts_of(size):
    """Lengths to cut a file of so many bytes to: every 4 KiB, or some of them, whole pages and others."""
    every = list(range(0, size, STEP_BYTES))
    if crash.LONG or len(every) <= CUTS_USUAL:
        return every
    return [every[number * (len(every) - 1) // (CUTS_USUAL - 1)] for number in range(CUTS_USUAL)]


class Log(enum.Enum):
    """What of a write-ahead log was copied to its file."""

    COPIED = "log copied"
    NOT_COPIED = "log not copied"


class Cuts(crash.Crash):
    def setUp(self):
        super().setUp()
        self.make_inputs(EVENTS, HOURS)
        self.scenario = self.export_scenario("events.jsonl")
        self.snapshots = self.undisturbed(self.scenario)

    def leave_half_done(self, log):
        """An export that was refused amid its delivery, while somebody has the state file open: its write-ahead log
        stays. Of the log, nearly all was copied to the file, or nothing."""
        self.begin(self.scenario)
        self.spillway("org", "create", "--id", 1, "--name", "local")
        rules = self.bucket / ".spillway" / "bucket.json"
        rules.parent.mkdir(parents=True)
        rules.write_text(json.dumps({"faults": [{"operation": "PutObject", "key": KEY_OF_TROUBLE, "error": "AccessDenied"}]}))
        with contextlib.closing(sqlite3.connect(self.state, isolation_level=None)) as reader:
            if log is Log.NOT_COPIED:
                reader.execute("BEGIN")  # what is read in it must stay readable
            reader.execute("SELECT count(*) FROM organization").fetchall()
            self.spillway(*self.scenario.steps[0], expect=3)
            rules.unlink()
            half_done = self.dir / log.value
            shutil.copytree(self.work, half_done)
        self.check_cut_off(self.snapshots, 0)
        return half_done

    def restore(self, half_done):
        shutil.rmtree(self.work)
        shutil.copytree(half_done, self.work)

    def check_continuation(self, what):
        """Goes on with what is there: the right end, or an error that names the state file, and names it again the next
        time. Returns the exit status."""
        looked = self.run_any("status")
        ended = self.run_any(*self.scenario.steps[0])
        again = self.run_any(*self.scenario.steps[0]) if ended.code != 0 else ended
        self.assertEqual(again.code, ended.code, f"{what}: it was refused once: {ended.err}")
        for each in (looked, ended, again):
            self.assertIn(each.code, (0, 1), f"{what}: {each.err}")
            if each.code != 0:
                self.assertRegex(each.err, r"^error: [^\n]*state file[^\n]*\ntry: ", what)
        self.check_cut_off([None, *self.snapshots[1:]], 0, what)
        if ended.code == 0:
            self.check_end(self.scenario, self.snapshots, what)
        return ended.code

    def cut_each(self, half_done, name, without=()):
        """Cuts the file at each place, some of its neighbours away. Returns {bytes that were left: exit status}."""
        codes = {}
        what = f"{half_done.name}: {name} cut" + "".join(f", without {each}" for each in without)
        for bytes_left in cuts_of((half_done / name).stat().st_size):
            self.restore(half_done)
            for other in without:
                (self.work / other).unlink()
            os.truncate(self.work / name, bytes_left)
            codes[bytes_left] = self.check_continuation(f"{what} at {bytes_left}")
        print(f"{what} {len(codes)} times: {list(codes.values()).count(0)} went on, {list(codes.values()).count(1)} refused")
        return codes

    def test_a_state_file_that_was_cut_beside_its_log(self):
        for log in Log:
            codes = self.cut_each(self.leave_half_done(log), "state.db", ["state.db-shm"])
            self.assertEqual(codes[0], 1, "its log would be thrown away")

    def test_a_state_file_that_was_cut_without_its_log(self):
        half_done = self.leave_half_done(Log.COPIED)
        codes = self.cut_each(half_done, "state.db", ["state.db-shm", "state.db-wal"])
        # An empty file is a new one.
        self.assertEqual({each for left, each in codes.items() if left > 0}, {1})
        # Closed in order, it has no log.
        with contextlib.closing(sqlite3.connect(half_done / "state.db")) as state:
            state.execute("SELECT count(*) FROM organization").fetchall()
        self.assertFalse((half_done / "state.db-wal").exists())
        codes = self.cut_each(half_done, "state.db")
        self.assertEqual({each for left, each in codes.items() if left > 0}, {1})

    def test_a_write_ahead_log_that_was_cut(self):
        for log in Log:
            self.cut_each(self.leave_half_done(log), "state.db-wal", ["state.db-shm"])

    def test_the_index_of_a_log_that_was_cut(self):
        codes = self.cut_each(self.leave_half_done(Log.COPIED), "state.db-shm")
        self.assertEqual(set(codes.values()), {0}, "it is made anew")

    def test_uploads_under_way_that_were_cut(self):
        """All cuts of all objects at once, in the directory of a mirror that has no owner any more."""
        half_done = self.leave_half_done(Log.COPIED)
        self.restore(half_done)
        left = self.bucket / ".spillway" / "tmp" / ("0123456789abcdef" * 2)
        left.mkdir()
        numbers = itertools.count()
        for content in self.snapshots[-1].tree.values():
            for bytes_left in range(0, len(content), STEP_BYTES):
                (left / str(next(numbers))).write_bytes(content[:bytes_left])
        self.assertEqual(self.check_continuation("uploads under way cut"), 0)
        print(f"{next(numbers)} cuts of uploads under way: all swept")

    def test_notes_that_were_cut(self):
        """They are not synced: a power cut may leave nothing of them, or half."""
        half_done = self.leave_half_done(Log.COPIED)
        for share in (0, 0.5, 0.99):
            self.restore(half_done)
            notes = list((self.bucket / ".spillway" / "objects").iterdir())
            self.assertNotEqual(notes, [])
            for note in notes:
                os.truncate(note, int(note.stat().st_size * share))
            self.assertEqual(self.check_continuation(f"notes cut to {share}"), 0)


if __name__ == "__main__":
    support.main()
