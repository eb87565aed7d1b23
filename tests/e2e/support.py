"""What every end-to-end test shares: the binary, a directory of its own, trees and state files to compare.

The tests know Spillway from the outside: its command line, its bucket, and the tables of its state file. CTest names
the binary in $SPILLWAY.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SPILLWAY = os.environ.get("SPILLWAY", "")
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"

# CTest counts a test that ends so as skipped.
SKIPPED = 125

# Nothing that a test starts takes longer, also on a machine that does other things.
SECONDS_MAX = 300


@dataclasses.dataclass
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """What --json printed."""
        return json.loads(self.out)


class EndToEnd(unittest.TestCase):
    """A test with a directory of its own, which is also where its commands run."""

    prepare = None  # what run_any() calls in the process of a command before the command

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="spillway-e2e-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.temporary = self.dir / "tmp"
        self.temporary.mkdir()
        self.bucket = self.dir / "bucket"
        self.state = self.dir / "state.db"

    def environment(self):
        """No more than a command needs, so that the caller's settings are not part of a test."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.dir), "TMPDIR": str(self.temporary), "LC_ALL": "C.UTF-8",
                "SPILLWAY_STATE": str(self.state)}

    def start(self, *arguments, **options):
        """A running command."""
        options = {"cwd": self.dir, "env": self.environment(), **options}
        return subprocess.Popen([SPILLWAY, *map(str, arguments)], **options)

    def run_any(self, *arguments, stdin="", environment=None):
        """A command that may end in any way but by a signal."""
        ended = subprocess.run([SPILLWAY, *map(str, arguments)], cwd=self.dir, env=environment or self.environment(),
                               input=stdin, capture_output=True, encoding="utf-8", timeout=SECONDS_MAX, check=False,
                               preexec_fn=self.prepare)
        self.assertGreaterEqual(ended.returncode, 0, f"{arguments} was ended by a signal: {ended.stderr}")
        return Finished(ended.returncode, ended.stdout, ended.stderr)

    def run_spillway(self, *arguments, expect=0, stdin="", environment=None):
        ended = self.run_any(*arguments, stdin=stdin, environment=environment)
        self.assertEqual(ended.code, expect, f"spillway {' '.join(map(str, arguments))}\n{ended.err}{ended.out}")
        return ended

    def generate(self, path, *options):
        """Raw events in a file, and their lines."""
        with open(path, "wb") as output:
            subprocess.run([SPILLWAY, "generate", *map(str, options)], stdout=output, timeout=SECONDS_MAX, check=True)
        return path.read_bytes().splitlines(keepends=True)

    def assert_same_tree(self, actual, expected, what=""):
        """Two trees of tree_of(): the same names, the same bytes."""
        self.assertEqual(sorted(actual), sorted(expected), f"{what}: the files differ")
        differing = [name for name in sorted(expected) if actual[name] != expected[name]]
        self.assertEqual(differing, [], f"{what}: the bytes differ")


def tree_of(bucket):
    """{key: bytes} of the objects of a mirror, without what the mirror keeps for itself."""
    files = {}
    for path in sorted(bucket.rglob("*")):
        name = path.relative_to(bucket).as_posix()
        if path.is_file() and not name.startswith(".spillway/"):
            files[name] = path.read_bytes()
    return files


def times_of(bucket):
    """When each object was last written: a rewrite with the same bytes shows as well."""
    return {path: path.stat().st_mtime_ns for path in bucket.rglob("*") if path.is_file()}


def hashes_of(tree):
    return {name: hashlib.sha256(content).hexdigest() for name, content in tree.items()}


def ledger_of(state):
    """What a state file says of inputs, hours, jobs and objects, without names, clocks and ids."""
    queries = {
        "input": "SELECT sum(received), sum(stored), sum(duplicates), sum(applied), sum(rejected) FROM input",
        "hour": "SELECT project_id, hour, events, duplicates, text_bytes FROM hour ORDER BY project_id, hour",
        "job": "SELECT c.project_id, j.hour, j.state, j.marker FROM job j JOIN connection c ON c.id = j.connection_id "
               "ORDER BY c.project_id, j.hour",
        "object": "SELECT key, partition, source_offset, source_bytes, text_bytes, text_crc32, events, bytes, hex(sha256), engine, "
                  "delivered_at IS NOT NULL FROM object ORDER BY key",
        "reject": "SELECT place, reason, text FROM reject ORDER BY text",
    }
    connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}
    finally:
        connection.close()


def kill(process):
    """kill -9, and whether it met a living process."""
    process.kill()
    return process.wait(timeout=SECONDS_MAX) == -signal.SIGKILL


def skip(why):
    """Ends the whole test as skipped."""
    print("skipped:", why)
    sys.exit(SKIPPED)


def main():
    if not SPILLWAY:
        sys.exit("SPILLWAY must name the binary")
    unittest.main(verbosity=2)
