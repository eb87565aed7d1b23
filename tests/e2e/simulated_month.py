#!/usr/bin/env python3
"""A month from the outside: three projects, five connections, requests that fail, outages, late and repeated events, kills.

A model of a few lines says what each bucket must hold in the end, and knows nothing of jobs, retries or partitions.
$SPILLWAY_MONTH_SEED replays a failure; $SPILLWAY_MONTH_DAYS makes it shorter or longer.
"""

import collections
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import time
import unittest

from support import EndToEnd, kill, main, tree_of

SEED = int(os.environ.get("SPILLWAY_MONTH_SEED", "1"))
DAYS = int(os.environ.get("SPILLWAY_MONTH_DAYS", "30"))
ORGANIZATION = 36958
START = datetime.datetime(2020, 1, 20)
STEP_HOURS = 6
FAILING = 0.3  # of all requests
CALLS_MAX = 400  # so many calls of a step may fail; those behind do not

# Project, directory, options, and which events are chosen.
CONNECTIONS = [
    (1, "one", [], lambda each: True),
    (1, "two", ["--filter", "event_properties.price greater or equal 5"], lambda each: each["price"] >= 5),
    (2, "one", ["--data", "both"], lambda each: True),
    (2, "three", ["--filter", 'event_type is "purchase"', "--complete", "empty"], lambda each: each["type"] == "purchase"),
    (3, "two", ["--complete", "off"], lambda each: True),
]
BUCKETS = ["one", "two", "three"]


def text_of(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def hour_of(when):
    return f"{when:%Y-%m-%d}_{when.hour}"


class Simulation:
    """What happens, by a seed; the commands' speed does not change it."""

    def __init__(self, test, directory, seed, days):
        self.test = test
        self.dir = directory
        self.random = random.Random(seed)
        self.moments = random.Random()  # of kills: they may come at any time, and must not show
        self.days = days
        self.events = []
        self.merges = []
        self.outages = collections.defaultdict(list)
        self.environment = {**test.environment(), "SPILLWAY_STATE": str(directory / "state.db")}
        directory.mkdir()

    def spillway(self, *arguments, stdin=""):
        arguments = [str(self.dir / each[2:]) if str(each).startswith("./") else each for each in arguments]
        return self.test.run_any(*arguments, stdin=stdin, environment=self.environment)

    def succeed(self, *arguments, stdin=""):
        done = self.spillway(*arguments, stdin=stdin)
        self.test.assertEqual(done.code, 0, f"{arguments}\n{done.err}{done.out}")
        return done

    def set_up(self):
        self.succeed("org", "create", "--id", ORGANIZATION)
        for project in (1, 2, 3):
            self.succeed("project", "create", "--org", ORGANIZATION, "--id", project)
        for project, bucket, options, _ in CONNECTIONS:
            self.succeed("connection", "create", "--project", project, "./" + bucket, "--yes", "--now", text_of(START), *options)
        for bucket in BUCKETS:
            at = 0
            while at < self.days * 24:
                begin = at + self.random.randint(12, 24 * 8)
                length = self.random.choice([1, 6, 24, 72])
                how = self.random.choice([{"deny": ["s3:PutObject"]}, {"deny": ["s3:*"]}, "ServiceUnavailable"])
                self.outages[bucket].append((begin, begin + length, how))
                at = begin + length

    def write_rules(self, bucket, hours):
        """The bucket's behaviour in the next step."""
        rules = {}
        for begin, end, how in self.outages[bucket]:
            if begin <= hours < end:
                rules = how if isinstance(how, dict) else {"faults": [{"operation": "*", "times": 0, "error": how}]}
        if not rules:
            errors = ["InternalError", "ServiceUnavailable", "RequestTimeout"]
            rules = {"faults": [{"operation": "*", "nth": nth, "error": self.random.choice(errors)}
                                for nth in range(1, CALLS_MAX) if self.random.random() < FAILING]}
        self.write(bucket, rules)

    def write(self, bucket, rules):
        file = self.dir / bucket / ".spillway" / "bucket.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(rules))

    def take_events(self, now):
        lines = []
        for _ in range(self.random.randint(0, 60)):
            if self.events and self.random.random() < 0.1:
                lines.append(self.line(self.random.choice(self.events[-500:])))
                continue
            late = self.random.random() < 0.1
            back = self.random.uniform(0, 3600 * (40 if late else STEP_HOURS))
            made = {"project": self.random.randint(1, 3), "at": max(START, now - datetime.timedelta(seconds=back)),
                    "id": f"e{len(self.events)}", "price": self.random.randint(0, 9),
                    "type": self.random.choice(["purchase", "view"])}
            self.events.append(made)
            lines.append(self.line(made))
        if self.random.random() < 0.3:
            ms = int(now.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000) - self.random.randint(0, 8 * 3_600_000)
            merge = {"scope": -ORGANIZATION, "merge_time": ms, "merge_server_time": ms, "amplitude_id": len(self.merges) + 1,
                     "merged_amplitude_id": 8}
            self.merges.append(merge)
            lines.append(json.dumps(merge))
        self.succeed("ingest", "-", "--now", text_of(now), stdin="\n".join(lines) + "\n")

    @staticmethod
    def line(event):
        return json.dumps({"app": event["project"], "device_id": "d", "event_type": event["type"], "$insert_id": event["id"],
                           "server_upload_time": event["at"].strftime("%Y-%m-%d %H:%M:%S.%f"),
                           "event_properties": {"price": event["price"]}})

    def step(self, now):
        command = ("run", "--once", "--threads", "2", "--now", text_of(now))
        if self.random.random() < 0.3:
            running = self.test.start(*command, env=self.environment, stdout=-3, stderr=-3)
            time.sleep(self.moments.uniform(0.005, 0.15))
            kill(running)
        done = self.spillway(*command)
        self.test.assertIn(done.code, (0, 1, 3), done.err)

    def run(self):
        self.set_up()
        for step in range(1, self.days * 24 // STEP_HOURS + 1):
            now = START + datetime.timedelta(hours=step * STEP_HOURS, minutes=self.random.randint(0, 59))
            for bucket in BUCKETS:
                self.write_rules(bucket, step * STEP_HOURS)
            self.take_events(now)
            self.step(now)
        for bucket in BUCKETS:
            self.write(bucket, {})
        self.end = now + datetime.timedelta(hours=3)
        for hours in (0, 3):
            self.succeed("run", "--once", "--now", text_of(now + datetime.timedelta(hours=hours)))

    def closed_hours(self):
        hours = []
        hour = START
        while hour + datetime.timedelta(hours=1, minutes=5) <= self.end:
            hours.append(hour_of(hour))
            hour += datetime.timedelta(hours=1)
        return hours


class Bucket:
    """A mirror's objects: by project and hour, each with its partitions and its marker."""

    def __init__(self, root):
        self.tree = tree_of(root)
        self.parts = collections.defaultdict(dict)
        self.markers = {}
        for key, body in self.tree.items():
            found = re.fullmatch(r"(\d+)/\1_(\d{4}-\d\d-\d\d_\d+)(?:#(\d+)\.json\.gz|_complete)", key)
            if found and found[3]:
                self.parts[int(found[1]), found[2]][key] = body
            elif found:
                self.markers[int(found[1]), found[2]] = body

    def ids(self, project):
        """{hour: the insert ids in it, each as often as it is there}"""
        found = collections.defaultdict(collections.Counter)
        for (of, hour), parts in self.parts.items():
            if of == project:
                for body in parts.values():
                    found[hour].update(json.loads(line)["$insert_id"] for line in gzip.decompress(body).splitlines())
        return found


class SimulatedMonth(EndToEnd):
    def simulate(self, name, days=DAYS):
        made = Simulation(self, self.dir / name, SEED, days)
        made.run()
        return made

    def check_events(self, made, project, bucket, chooses):
        wanted = collections.defaultdict(collections.Counter)
        closed = set(made.closed_hours())
        for each in made.events:
            if each["project"] == project and chooses(each) and hour_of(each["at"]) in closed:
                wanted[hour_of(each["at"])][each["id"]] += 1
        self.assertEqual(bucket.ids(project), wanted)

    def check_markers(self, made, project, bucket, options):
        hours = {hour for of, hour in bucket.markers if of == project}
        self.assertEqual(hours, set() if "off" in options else set(made.closed_hours()))
        for hour in hours:
            body = bucket.markers[project, hour]
            if "empty" in options:
                self.assertEqual(body, b"")
                continue
            named = {each["key"]: each for each in json.loads(body)["objects"]}
            there = bucket.parts[project, hour]
            self.assertEqual(sorted(named), sorted(there), f"the marker of {hour}")
            for key, each in named.items():
                self.assertEqual(each["sha256"], hashlib.sha256(there[key]).hexdigest())
                self.assertEqual(each["bytes"], len(there[key]))
                self.assertEqual(each["events"], len(gzip.decompress(there[key]).splitlines()))

    def check_merges(self, made, bucket):
        wanted = collections.defaultdict(str)
        for each in made.merges:
            hour = hour_of(datetime.datetime.fromtimestamp(each["merge_server_time"] / 1000, datetime.timezone.utc))
            if hour in made.closed_hours() or hour < hour_of(START):
                wanted[f"-{ORGANIZATION}/-{ORGANIZATION}_{hour}.json.gz"] += json.dumps(each, separators=(",", ":")) + "\n"
        found = {key: gzip.decompress(body).decode() for key, body in bucket.tree.items() if key.startswith("-")}
        self.assertEqual(found, dict(wanted))

    def test_each_bucket_holds_what_the_model_says(self):
        print(f"SPILLWAY_MONTH_SEED={SEED}")
        made = self.simulate("month")
        for project, name, options, chooses in CONNECTIONS:
            with self.subTest(project=project, bucket=name):
                bucket = Bucket(made.dir / name)
                self.check_events(made, project, bucket, chooses)
                self.check_markers(made, project, bucket, options)
                if "both" in options:
                    self.check_merges(made, bucket)
        shown = json.loads(made.succeed("status", "--json").out)
        for each in shown["connections"]:
            self.assertEqual(each["to_be_delivered"], {"hours": 0, "events": 0})
        for name in BUCKETS:
            made.succeed("check", "./" + name)

    def test_the_same_seed_gives_the_same_bytes(self):
        first, second = (self.simulate(name, min(DAYS, 5)) for name in ("first", "second"))
        for name in BUCKETS:
            self.assert_same_tree(tree_of(first.dir / name), tree_of(second.dir / name), name)


if __name__ == "__main__":
    main()
