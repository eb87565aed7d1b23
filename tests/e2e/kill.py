#!/usr/bin/env python3
"""`kill -9` at random points of an export: whatever was left is the beginning of an unkilled run, and goes on to its
end.

Every kill is followed by a look at the bucket: each object that is there is whole, and what a marker lists is there.
The same state is killed again and again until a run gets through; then its tree and ledger must be those of a run that
was left alone. The seed is fixed; where a kill meets the process still depends on the machine.
"""

import gzip
import json
import random
import sqlite3
import subprocess
import time
import zipfile

import bucket_reader
import support

KILLS = 100
# More than one batch of the intake, and so many hours that delivery takes a good part of the time.
EVENTS = 12_000
HOURS = 24
OPTIONS = ["--compression", "6", "--max-object-bytes", "100000", "--threads", "2", "--now", "2020-02-01T00:00:00Z"]


class Kill(support.EndToEnd):
    def make_inputs(self):
        lines = self.generate(self.dir / "events.jsonl", "--seed", 3, "--events", EVENTS, "--hours", HOURS)
        text = b"".join(lines)
        (self.dir / "events.jsonl.gz").write_bytes(gzip.compress(text, 1))
        members = [b"".join(lines[:EVENTS // 3]), b"".join(lines[EVENTS // 3:])]
        with zipfile.ZipFile(self.dir / "events.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number, member in enumerate(members):
                archive.writestr(f"187520/187520_2020-01-25_14#{number}.json.gz", gzip.compress(member, 1))
        return ["events.jsonl", "events.jsonl.gz", "events.zip"]

    def undisturbed(self, name):
        """Tree, ledger and seconds of a run that is left alone."""
        bucket, state = self.dir / f"whole-{name}", self.dir / f"whole-{name}.db"
        began = time.monotonic()
        self.run_spillway("export", name, bucket, "--state", state, *OPTIONS)
        return support.tree_of(bucket), support.ledger_of(state), time.monotonic() - began

    def killed_run(self, name, bucket, state, seconds):
        """Starts a run and kills it after so long. False if it had ended by then."""
        with open(self.dir / "stderr", "w", encoding="utf-8") as errors:
            process = self.start("export", name, bucket, "--state", state, *OPTIONS, stdout=subprocess.DEVNULL,
                                 stderr=errors)
            try:
                code = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                if support.kill(process):
                    return True
                code = process.returncode
        self.assertEqual(code, 0, (self.dir / "stderr").read_text())
        return False

    def check_what_is_visible(self, tree, expected):
        for key, content in tree.items():
            self.assertEqual(content, expected.get(key), f"{key} is there, but not as in the end")
            if key.endswith("_complete"):
                missing = [each["key"] for each in json.loads(content)["objects"] if each["key"] not in tree]
                self.assertEqual(missing, [], f"{key} lists what is not there")

    def check_end(self, bucket, state, expected, ledger):
        tree = support.tree_of(bucket)
        self.assert_same_tree(tree, expected)
        self.assertEqual(support.ledger_of(state), ledger)
        self.assertEqual([path for path in (bucket / ".spillway" / "tmp").iterdir()], [])
        self.run_spillway("check", bucket, "--state", state)
        self.run_spillway("export", bucket, "--state", state, *OPTIONS)
        self.assert_same_tree(support.tree_of(bucket), expected)

    def test_a_state_file_that_got_no_further_than_its_header_is_made(self):
        self.generate(self.dir / "events.jsonl", "--seed", 3, "--events", 20, "--hours", 1)
        connection = sqlite3.connect(self.state)
        for pragma in ("page_size=65536", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.close()
        self.assertGreater(self.state.stat().st_size, 0)
        self.run_spillway("export", "events.jsonl", self.bucket, *OPTIONS)

    def test_a_killed_export_goes_on_to_the_same_end(self):
        random_numbers = random.Random(20200125)
        runs = {name: self.undisturbed(name) for name in self.make_inputs()}
        trees = [tree for tree, _, _ in runs.values()]
        self.assertTrue(all(tree == trees[0] for tree in trees), "another container gives other bytes")
        self.assertEqual(bucket_reader.read_bucket(trees[0], "documented").problems, [])

        longest = max(seconds for _, _, seconds in runs.values())

        hits = misses = rounds = partial = 0
        while hits < KILLS:
            name = list(runs)[rounds % len(runs)]
            expected, ledger, _ = runs[name]
            bucket, state = self.dir / f"bucket-{rounds}", self.dir / f"state-{rounds}.db"
            rounds += 1
            living = True
            while living and hits < KILLS:
                living = self.killed_run(name, bucket, state, random_numbers.uniform(0, longest))
                hits, misses = hits + living, misses + (not living)
                visible = support.tree_of(bucket) if bucket.exists() else {}
                self.check_what_is_visible(visible, expected)
                partial += living and 0 < len(visible) < len(expected)
            if living:
                self.run_spillway("export", name, bucket, "--state", state, *OPTIONS)
            self.check_end(bucket, state, expected, ledger)
        print(f"{hits} kills met a living process, {partial} of them amid the delivery; {misses} runs ended first, "
              f"{rounds} rounds")
        self.assertGreater(partial, 0, "no kill met a delivery: the delays miss it")


if __name__ == "__main__":
    support.main()
