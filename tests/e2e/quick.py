#!/usr/bin/env python3
"""What a newcomer types first: what the README shows, and that everything works with nothing named but files."""

import json
import os
import re
import sqlite3
import subprocess

import support

README = support.FIXTURES.parent / "README.md"
FORMATS = support.FIXTURES.parent / "docs" / "formats.md"

OBSERVED = support.FIXTURES / "events" / "observed-434735.jsonl"
PYTHON_SDK = support.FIXTURES / "requests" / "sdk-python-1.3.0.json"


def readme_sessions():
    """[(command, lines that it prints)] of the README's indented blocks with a prompt."""
    sessions = []
    for line in README.read_text(encoding="utf-8").splitlines():
        if line.startswith("    $ "):
            sessions.append((line[6:], []))
        elif line.startswith("    ") and sessions:
            sessions[-1][1].append(line[4:])
        elif line and sessions:
            break  # prose: what is indented behind it belongs to no command
    return sessions


def pattern_of(printed):
    """Times and the home directory differ from run to run; `...` stands for any text, also of several lines."""
    pattern = re.escape("\n".join(printed) + "\n")
    pattern = re.sub(r"(\\ )?(\\\.){3}", r"[\\s\\S]*", pattern).replace("/home/you/", "/.*/")
    return r"\A" + re.sub(r"\d{4}(\\-\d\d){2}T(\d\d:){2}\d\dZ", r"[-0-9]{10}T[:0-9]{8}Z", pattern) + r"\Z"


class Quick(support.EndToEnd):
    def environment(self):
        environment = super().environment()
        del environment["SPILLWAY_STATE"]  # a newcomer has none: the state file is ./spillway.db
        return environment

    def run_in_shell(self, command):
        """A line as somebody types it who has `spillway` in the path and stands in a clone."""
        tools = self.dir / "bin"
        if not tools.exists():
            tools.mkdir()
            (tools / "spillway").symlink_to(support.SPILLWAY)
            (self.dir / "fixtures").symlink_to(support.FIXTURES)
        environment = {**self.environment(), "PATH": f"{tools}:{os.environ['PATH']}"}
        ended = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.dir, env=environment,
                               capture_output=True, encoding="utf-8", timeout=support.SECONDS_MAX, check=False)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""), command)
        return ended.stdout

    def test_the_commands_of_the_readme_print_what_it_says(self):
        shown = readme_sessions()
        self.assertGreater(len(shown), 3)
        for command, printed in shown:
            output = self.run_in_shell(command)
            self.assertTrue(re.match(pattern_of(printed), output), f"$ {command}\n{output[:2000]}")

    def test_the_other_commands_of_the_readme_work(self):
        commands = re.findall(r"^    (spillway [^#\n]*)", README.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertGreater(len(commands), 3)
        for command in commands:
            self.run_in_shell(command)

    def test_the_page_on_formats_shows_the_bytes_that_are_there(self):
        page = FORMATS.read_text(encoding="utf-8")
        self.run_in_shell(re.search(r"with bytes from `(spillway export [^`]*)`", page)[1])
        content = (self.bucket / "434735" / "434735_2023-08-25_11#0.json.gz").read_bytes()
        shown = re.findall(r"^    ([0-9a-f]{8}): ((?:[0-9a-f.]+ )+)", page, re.MULTILINE)
        self.assertEqual(len(shown), 5)
        for offset, digits in shown:
            first, *last = digits.replace(" ", "").split("...")
            there = content[int(offset, 16):].hex()
            self.assertTrue(there.startswith(first) and all(each in there for each in last), digits)
        marker = (self.bucket / "434735" / "434735_2023-08-25_11_complete").read_text()
        self.assertIn(marker, page.replace("\n    ", "") + "\n")

    def test_real_events_become_files_by_the_hour(self):
        ended = self.run_spillway("export", OBSERVED, "./bucket")
        self.assertIn("6 events", ended.out)
        self.assertEqual(ended.err, "")
        names = sorted(support.tree_of(self.bucket))
        self.assertEqual(names[0], "434735/434735_2023-08-25_11#1.json.gz")
        self.assertEqual(sum(name.endswith(".json.gz") for name in names), 2)
        self.assertEqual(sum(name.endswith("_complete") for name in names), 25)
        self.assertTrue((self.dir / "spillway.db").exists())

        listed = self.run_spillway("ls", "./bucket").out
        for name in names:
            self.assertIn(name, listed)
        lines = self.run_spillway("cat", "./bucket", "434735/434735_2023-08-25_11#1.json.gz").out.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual({json.loads(line)["app"] for line in lines}, {434735})
        self.run_spillway("check", "./bucket")

    def test_json_says_the_same_for_programs(self):
        self.run_spillway("export", OBSERVED, "./bucket", "--json")
        objects = self.run_spillway("ls", "./bucket", "--json").document["objects"]
        self.assertEqual({each["key"]: each["bytes"] for each in objects},
                         {key: len(content) for key, content in support.tree_of(self.bucket).items()})
        checked = self.run_spillway("check", "./bucket", "--state", "spillway.db", "--json").document
        self.assertTrue(checked["ok"])
        self.assertEqual((checked["findings"], checked["records"]), ([], 6))
        status = self.run_spillway("status", "--json").document
        self.assertEqual(status["inputs"]["stored"], 6)
        self.assertEqual([each["jobs"]["delivered"] for each in status["connections"]], [25])

    def test_a_request_body_of_an_sdk_lands_in_hour_17(self):
        self.run_spillway("export", PYTHON_SDK, "./bucket", "--project", "187520", "--now", "2020-01-25T18:30:00Z")
        self.assertEqual(sorted(support.tree_of(self.bucket)),
                         ["187520/187520_2020-01-25_17#1.json.gz", "187520/187520_2020-01-25_17_complete"])
        lines = self.run_spillway("cat", "./bucket", "187520/187520_2020-01-25_17#1.json.gz").out.splitlines()
        self.assertEqual(len(lines), 13)

    def test_a_bucket_that_was_changed_does_not_pass_the_check(self):
        self.run_spillway("export", OBSERVED, "./bucket")
        (self.bucket / "434735" / "434735_2023-08-25_11#1.json.gz").unlink()
        self.run_spillway("check", "./bucket", expect=1)

    def test_a_bucket_with_nothing_in_it_does_not_pass_the_check(self):
        self.bucket.mkdir()
        ended = self.run_spillway("check", "./bucket", expect=1)
        self.assertEqual(ended.out, "empty: no events, merges or markers are there\n"
                                    "0 objects, 0 records in 0 hours: 1 finding\n")
        self.assertFalse(self.run_spillway("check", "./bucket", "--json", expect=1).document["ok"])

    def test_hours_that_are_planned_and_not_delivered_are_told_by_the_check(self):
        self.run_spillway("export", OBSERVED, "./bucket")
        with sqlite3.connect(self.dir / "spillway.db") as state:
            state.execute("UPDATE job SET state='waiting' WHERE id=(SELECT max(id) FROM job)")
        ended = self.run_spillway("check", "./bucket", "--state", "spillway.db")
        self.assertEqual(ended.out, "27 objects, 6 records in 25 hours: all right; not delivered yet: 1 hour\n")
        document = self.run_spillway("check", "./bucket", "--state", "spillway.db", "--json").document
        self.assertEqual((document["ok"], document["undelivered_hours"]), (True, 1))

    def test_generated_events_can_be_exported_through_a_pipe(self):
        events = self.run_spillway("generate", "--events", 100, "--hours", 2).out
        self.assertIn("100 events", self.run_spillway("export", "-", "./bucket", stdin=events).out)
        self.assertEqual(sum(name.endswith(".json.gz") for name in support.tree_of(self.bucket)), 2)

    def test_an_estimate_counts_the_events_that_an_export_delivers(self):
        self.generate(self.dir / "events.jsonl", "--events", 300, "--hours", 2)
        chosen = ("--filter", 'event_type is "Page Viewed"', "--json")
        delivered = self.run_spillway("export", "events.jsonl", "./bucket", *chosen).document["delivered"]
        estimate = self.run_spillway("estimate", *chosen).document
        [project] = estimate["projects"]
        self.assertEqual((project["events_stored"], project["events"]), (300, delivered["events"]))
        self.assertIn(project["events"], range(1, 300))
        self.assertEqual(estimate["filter"], {"column": "event_type", "operator": "is", "values": ["Page Viewed"]})
        self.assertIn("character 1", self.run_spillway("estimate", "--filter", "page_viewed", expect=2).err)


if __name__ == "__main__":
    support.main()
