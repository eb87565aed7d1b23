#!/usr/bin/env python3
"""Disks that are full, of bytes or of files, or may not be written: one line says so, and the same command completes once
there is room, with the bytes of an undisturbed run. Disks are small file systems in memory, which need the right to mount."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import support
from bad_input import FAILED, NOW, Interrupted


class BadDisk(Interrupted):
    @contextlib.contextmanager
    def small_disk(self, options):
        where = self.dir / "small"
        where.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "spillway-test", where], check=True)
        try:
            yield where
        finally:
            subprocess.run(["umount", where], check=True)

    def remount(self, where, options):
        subprocess.run(["mount", "-o", f"remount,{options}", where], check=True)

    def check_full(self, where, more):
        """Fails with one line about space, and completes when there is more."""
        self.check_failure("export", "events.jsonl", self.bucket, tries=["free some space, then run the same command again"])
        self.remount(where, more)
        self.check_completes("export", "events.jsonl", self.bucket)

    def test_a_full_disk_under_the_state_file(self):
        for size in ("128k", "320k", "512k", "768k"):
            with self.small_disk(f"size={size}") as where:
                self.state = where / "state.db"
                self.bucket = self.dir / f"bucket-{size}"
                self.check_full(where, "size=64m")

    def test_a_full_disk_under_the_bucket(self):
        for size in ("4k", "8k", "12k"):
            with self.small_disk(f"size={size}") as where:
                self.state = self.dir / f"{size}.db"
                self.bucket = where / "bucket"
                self.check_full(where, "size=64m")

    def test_no_inode_left(self):
        for inodes in (1, 2, 3, 4):
            with self.small_disk(f"size=64m,nr_inodes={inodes}") as where:
                self.state = where / "state.db"
                self.bucket = self.dir / f"bucket-{inodes}"
                ended = self.run_any("export", "events.jsonl", self.bucket, *NOW)
                if inodes < 4:
                    self.assertEqual(ended.code, FAILED, inodes)
                    self.assert_one_error(ended, tries=["free some space"])
                    self.remount(where, "nr_inodes=100")
                self.check_completes("export", "events.jsonl", self.bucket)
        for inodes in (2, 4, 6, 8):
            with self.small_disk(f"size=64m,nr_inodes={inodes}") as where:
                self.state = self.dir / f"inodes-{inodes}.db"
                self.bucket = where / "bucket"
                self.check_full(where, "nr_inodes=100")

    def test_a_full_disk_can_be_looked_at_and_copied_from(self):
        with self.small_disk("size=16m") as where:
            self.state = where / "state.db"
            self.bucket = where / "bucket"
            self.check_completes("export", "events.jsonl", self.bucket)
            with open(where / "rest", "wb") as rest, self.assertRaises(OSError):
                while True:
                    os.write(rest.fileno(), b"x" * 4096)
            self.assertIn("received 1,501", self.run_spillway("status").out)
            self.run_spillway("backup", self.dir / "saved.db")
            found = self.run_spillway("doctor", "--json", expect=FAILED).document["checks"]
            self.assertEqual([each["check"] for each in found if each["result"] == "failed"], ["disk of the state file"])
            # A probe that can't be put leaves nothing either.
            self.run_spillway("verify", self.bucket, expect=FAILED)
            self.assertEqual(list((self.bucket / ".spillway").glob("uploads/*")), [])

    def test_a_disk_that_may_not_be_written(self):
        with self.small_disk("size=64m") as where:
            self.state = where / "state.db"
            self.bucket = where / "bucket"
            self.run_spillway("ingest", "events.jsonl", *NOW)
            self.remount(where, "ro")
            found = self.run_spillway("doctor", "--json", expect=FAILED).document["checks"]
            self.assertIn("read-only", [each for each in found if each["result"] == "failed"][0]["detail"])
            self.check_failure("export", "events.jsonl", self.dir / "elsewhere", says=["state.db", "Read-only file system"],
                               tries=["check the path, its permissions and the disk"])
            self.check_failure("export", "events.jsonl", self.bucket, "--state", self.dir / "other.db",
                               says=["Read-only file system"], tries=["check the path, its permissions and the disk"])
            self.remount(where, "rw")
            self.check_completes("export", "events.jsonl", self.bucket)

    def test_a_state_file_on_a_disk_that_may_not_be_written_can_be_read(self):
        with self.small_disk("size=64m") as where:
            self.state = where / "state?#.db"
            self.run_spillway("ingest", "events.jsonl", *NOW)
            left = where / "left.db"
            with contextlib.closing(sqlite3.connect(self.state)) as other:
                other.execute("UPDATE worker SET pid=1")
                other.commit()
                for suffix in ("", "-wal"):
                    shutil.copy(f"{self.state}{suffix}", f"{left}{suffix}")
            self.remount(where, "ro")
            for verb in ("status", "jobs", "rejects", "estimate"):
                self.run_spillway(verb)
            self.run_spillway("backup", self.dir / "copy.db")
            self.run_spillway("status", "--state", self.dir / "copy.db")
            # What is in a log can't be read without writing beside it.
            self.check_failure("status", "--state", left, says=["left.db", "Read-only file system"],
                               tries=["check the path, its permissions and the disk"])
            self.remount(where, "rw")
            self.run_spillway("status", "--state", left)


def move_to_own_mounts():
    """Starts this program again where mounts are seen by nobody else and go with it; without root, as root of a name space."""
    if os.environ.get("SPILLWAY_OWN_MOUNTS"):
        return
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    with contextlib.suppress(FileNotFoundError):
        tried = subprocess.run([*command, "mount", "-t", "tmpfs", "spillway-test", tempfile.gettempdir()], capture_output=True,
                               check=False)
        if tried.returncode == 0:
            os.execvpe(command[0], [*command, sys.executable, *sys.argv], {**os.environ, "SPILLWAY_OWN_MOUNTS": "yes"})
    support.skip("mounting a file system in memory is not allowed here")


if __name__ == "__main__":
    move_to_own_mounts()
    support.main()
