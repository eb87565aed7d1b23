"""What the tests of kills, power cuts and cut files share: work that may be cut off at any moment, what must hold right
after that, and how it must end.

A scenario is work in steps, each one command that a user would type. A step that has ended with exit status 0 was
acknowledged: whatever happens to a later one, what it took in and delivered is there.
"""

import contextlib
import dataclasses
import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile

import support

# Set by `tools/test --long`: as many cases as docs/reliability.md promises, instead of as many as a usual run allows.
LONG = os.environ.get("SPILLWAY_LONG", "0") not in ("", "0")

PROJECT = 187520
ORGANIZATION = 36958
DAY = "2020-01-25"
NOW = ("--now", "2020-02-01T00:00:00Z")
# Bytes that depend on nothing but the events, and small objects, so that an hour has several.
INTAKE = ("--compression", "6")
OBJECTS = ("--max-object-bytes", "100000")


# What is tested is which calls were made, not what a disk makes of them: in memory, syncs wait for nobody.
MEMORY = "/dev/shm"
MEMORY_BYTES_MIN = 1 << 30


def use_memory():
    """Has directories of tests made in memory, where there is enough of it."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN and os.access(MEMORY, os.W_OK):
            tempfile.tempdir = MEMORY


@dataclasses.dataclass
class Scenario:
    """`prepare` is done once and in peace; `steps` are cut off. Both are arguments of spillway."""

    name: str
    steps: list
    prepare: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Snapshot:
    """What there is after a step that was left alone, and how long it took."""

    tree: dict
    ledger: dict
    acknowledged: dict
    seconds: float


def acknowledged_by(state):
    """What finished commands have said is there: inputs that were taken in whole, and objects that were delivered."""
    with contextlib.closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        inputs = connection.execute("SELECT hex(raw_hash), raw_bytes, received, stored, duplicates, applied, rejected "
                                    "FROM input WHERE finished").fetchall()
        objects = connection.execute("SELECT key, hex(sha256), bytes FROM object WHERE delivered_at IS NOT NULL").fetchall()
        events = connection.execute("SELECT coalesce(sum(events), 0) FROM hour").fetchone()[0]
    return {"inputs": set(inputs), "objects": set(objects), "events": events}


class Crash(support.EndToEnd):
    """A test whose commands run in a directory `work`, always the same: connections know their bucket by its path."""

    threads = ("--threads", "2")

    def setUp(self):
        use_memory()
        super().setUp()
        self.work = self.dir / "work"
        self.state, self.bucket = self.work / "state.db", self.work / "bucket"

    def buckets(self):
        return [each for each in (self.bucket, self.work / "second") if each.exists()]

    def tree(self):
        """{key: bytes} of all buckets, behind their names."""
        return {f"{bucket.name}/{key}": content for bucket in self.buckets() for key, content in support.tree_of(bucket).items()}

    def spillway(self, *arguments, expect=0):
        """Runs a command in the working directory."""
        return self.run_spillway(*arguments, expect=expect)

    def command(self, arguments):
        return [support.SPILLWAY, *map(str, arguments)]

    def run_any(self, *arguments, stdin="", environment=None):
        ended = subprocess.run(self.command(arguments), cwd=self.work, env=environment or self.environment(), input=stdin,
                               capture_output=True, encoding="utf-8", timeout=support.SECONDS_MAX, check=False)
        self.assertGreaterEqual(ended.returncode, 0, f"{arguments} was ended by a signal: {ended.stderr}")
        return support.Finished(ended.returncode, ended.stdout, ended.stderr)

    def ledger(self):
        """Two connections have objects with the same keys: in an order that says which is which."""
        return {name: sorted(rows) for name, rows in support.ledger_of(self.state).items()}

    def make_inputs(self, events, hours):
        """The same events as lines, gzip and an Export API zip, and in three parts with hours of their own."""
        lines = self.generate(self.dir / "events.jsonl", "--seed", 3, "--events", events, "--hours", hours)
        text = b"".join(lines)
        (self.dir / "events.jsonl.gz").write_bytes(gzip.compress(text, 1))
        with zipfile.ZipFile(self.dir / "events.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number, member in enumerate([b"".join(lines[:events // 3]), b"".join(lines[events // 3:])]):
                archive.writestr(f"187520/187520_2020-01-25_14#{number}.json.gz", gzip.compress(member, 1))
        for part in range(3):
            self.generate(self.dir / f"part-{part}.jsonl", "--seed", 4 + part, "--events", events // 3, "--hours", hours // 3,
                          "--start", f"{DAY}T{part * (hours // 3):02}:00:00Z")
        return lines

    # Scenarios. Their inputs stand outside of the working directory, which is thrown away each time.

    def export_scenario(self, name):
        return Scenario(f"export {name}", [("export", self.dir / name, "./bucket", *INTAKE, *self.threads, *OBJECTS, *NOW)])

    def ingest_scenario(self):
        steps = [("ingest", self.dir / f"part-{part}.jsonl", *INTAKE, *self.threads, *NOW) for part in range(3)]
        return Scenario("ingest", steps + [("export", "./bucket", *self.threads, *OBJECTS, *NOW)])

    def connections_prepared(self, first):
        merges = self.dir / "merges.jsonl"
        merges.write_text("".join(json.dumps({"scope": -ORGANIZATION, "merge_time": 1579910400000 + number * 3_600_000,
                                              "merge_server_time": 1579910401000 + number * 3_600_000,
                                              "amplitude_id": 9, "merged_amplitude_id": number + 1}) + "\n"
                                  for number in range(24)))
        create = ("connection", "create", "--project", PROJECT, "--yes", "--now", first)
        return [("org", "create", "--id", ORGANIZATION), ("project", "create", "--org", ORGANIZATION, "--id", PROJECT, "--compression", "6"),
                ("ingest", merges, *NOW),
                (*create, "./bucket", "--data", "both", *OBJECTS),
                (*create, "./second", "--filter", "event_properties.price greater or equal 2", *OBJECTS)]

    def run_scenario(self):
        """Two connections, hour by hour: hours that are closed when a part of the events is there, and later ones."""
        steps = []
        for part in (0, 2):
            steps.append(("ingest", self.dir / f"part-{part}.jsonl", *INTAKE, *self.threads, "--now", f"{DAY}T23:59:00Z"))
            steps.append(("run", "--once", *self.threads, "--now", f"2020-01-2{5 + part // 2}T02:30:00Z"))
        return Scenario("run --once", steps, self.connections_prepared(f"{DAY}T00:30:00Z"))

    def backfill_scenario(self):
        parts = [("ingest", self.dir / f"part-{part}.jsonl", *INTAKE, *self.threads, *NOW) for part in range(3)]
        fill = ("--from", DAY, "--to", "2020-01-26", "--now", "2020-01-28T12:30:00Z")
        return Scenario("backfill", [("backfill", 1, *fill), ("backfill", 2, *fill)],
                        self.connections_prepared("2020-01-28T00:30:00Z") + parts)

    def scenarios(self):
        exports = [self.export_scenario(name) for name in ("events.jsonl", "events.jsonl.gz", "events.zip")]
        return exports + [self.ingest_scenario(), self.run_scenario(), self.backfill_scenario()]

    # Work that is left alone, and its beginning.

    def template_of(self, scenario):
        return self.dir / f"template {scenario.name}".replace("/", "-")

    def begin(self, scenario):
        """The working directory as the scenario's first step finds it."""
        for left in list(self.work.iterdir()) if self.work.exists() else []:
            if left.name != "lost+found":
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        self.work.mkdir(exist_ok=True)
        template = self.template_of(scenario)
        if template.exists():
            shutil.copytree(template, self.work, dirs_exist_ok=True)
            return
        for arguments in scenario.prepare:
            self.spillway(*arguments)
        shutil.copytree(self.work, template, ignore=shutil.ignore_patterns("lost+found"))

    def snapshot(self, seconds):
        return Snapshot(self.tree(), self.ledger(), acknowledged_by(self.state), seconds)

    def undisturbed(self, scenario):
        """Snapshots after each step of work that is left alone; the first is of the beginning, None if it is nothing."""
        self.begin(scenario)
        snapshots = [self.snapshot(0) if self.state.exists() else None]
        for arguments in scenario.steps:
            began = time.monotonic()
            self.spillway(*arguments)
            snapshots.append(self.snapshot(time.monotonic() - began))
        return snapshots

    # What must hold.

    def check_cut_off(self, snapshots, step, what=""):
        """Right after step number `step`, from 0, was cut off."""
        before, final = snapshots[step], snapshots[-1]
        visible = self.tree()
        for key, content in visible.items():
            self.assertEqual(content, final.tree.get(key), f"{what}: {key} is there, but not as in the end")
            if key.endswith("_complete"):
                bucket = key.split("/")[0]
                listed = [f"{bucket}/{each['key']}" for each in json.loads(content)["objects"]]
                missing = [each for each in listed if each not in visible]
                self.assertEqual(missing, [], f"{what}: {key} lists what is not there")
        if before is not None:
            self.assertLessEqual(set(before.tree), set(visible), f"{what}: delivered objects are gone")
            now = acknowledged_by(self.state)
            for kind in ("inputs", "objects"):
                self.assertLessEqual(before.acknowledged[kind], now[kind], f"{what}: acknowledged {kind} are gone")
            self.assertGreaterEqual(now["events"], before.acknowledged["events"], f"{what}: stored events are gone")
        return visible

    def check_end(self, scenario, snapshots, what=""):
        """After all steps, however often they were cut off."""
        final = snapshots[-1]
        self.assert_same_tree(self.tree(), final.tree, what)
        self.assertEqual(self.ledger(), final.ledger, what)
        for bucket in self.buckets():
            self.spillway("check", f"./{bucket.name}", "--state", self.state)
        times = [support.times_of(bucket) for bucket in self.buckets()]
        self.spillway(*scenario.steps[-1])
        self.assertEqual([support.times_of(bucket) for bucket in self.buckets()], times,
                         f"{what}: what was right was written again")
        for bucket in self.buckets():
            self.assertEqual(list((bucket / ".spillway" / "tmp").iterdir()), [], what)

    def go_on(self, scenario, snapshots, step, what=""):
        """From the step that was cut off to the end."""
        for arguments in scenario.steps[step:]:
            self.spillway(*arguments)
        self.check_end(scenario, snapshots, what)
