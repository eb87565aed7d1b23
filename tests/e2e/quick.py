#!/usr/bin/env python3
"""What a newcomer types first, as the README has it: everything works with nothing named but files."""

import json

import support

OBSERVED = support.FIXTURES / "events" / "observed-434735.jsonl"
PYTHON_SDK = support.FIXTURES / "requests" / "sdk-python-1.3.0.json"


class Quick(support.EndToEnd):
    def environment(self):
        environment = super().environment()
        del environment["SPILLWAY_STATE"]  # a newcomer has none: the state file is ./spillway.db
        return environment

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

    def test_generated_events_can_be_exported_through_a_pipe(self):
        events = self.run_spillway("generate", "--events", 100, "--hours", 2).out
        self.assertIn("100 events", self.run_spillway("export", "-", "./bucket", stdin=events).out)
        self.assertEqual(sum(name.endswith(".json.gz") for name in support.tree_of(self.bucket)), 2)


if __name__ == "__main__":
    support.main()
