#!/usr/bin/env python3
"""What tools/bench-peers says of the others: each answer of tools/peers/fidelity.py is "yes" for events that are as they
should be, and "no" for exactly the fault that it is about."""

import gzip
import pathlib
import subprocess
import sys
import tempfile
import unittest

PEERS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "peers"
sys.dont_write_bytecode = True
sys.path.insert(0, str(PEERS))

import columns  # pylint: disable=wrong-import-position
import fidelity  # pylint: disable=wrong-import-position

QUESTIONS = ["1.10", "9007199254740993", "order of keys", "empty objects", "duplicates", "no insert_id"]


def came():
    return fidelity.crafted_events()


def record(line):
    """An event in the documented order, put together without a JSON writer, which would change numbers."""
    event = fidelity.read_lines([line])[0]
    texts = {"event_properties": fidelity.PROPERTIES if event["event_id"] == "1" else "{}", "user_properties": "{}",
             "event_id": event["event_id"]}
    return "{" + ",".join(f'"{name}":{texts.get(name, "null")}' for name in columns.COLUMNS) + "}\n"


def records():
    """What a program writes that does the second job well: the third event is a duplicate."""
    return [record(line) for line in came() if '"event_id":3,' not in line]


def changed(lines, old, new):
    return [line.replace(old, new) for line in lines]


def answers(job, lines):
    """The questions that are answered with no."""
    return [question for question, yes in zip(QUESTIONS, fidelity.answers(job, fidelity.read_lines(lines)), strict=True)
            if not yes]


class Peers(unittest.TestCase):
    def test_the_columns_are_those_of_the_documented_form(self):
        self.assertEqual(len(columns.COLUMNS), 48)
        self.assertEqual(list(columns.COLUMNS)[:4], ["server_received_time", "app", "device_carrier", "$schema"])
        self.assertEqual(list(columns.COLUMNS)[-1], "client_event_time")
        self.assertEqual([columns.COLUMNS[name] for name in ("$insert_id", "app", "groups")], ["string", "integer", "dict"])

    def test_columns_between_two_dicts_are_one_run(self):
        self.assertEqual([name for run in columns.runs() for name in run], list(columns.COLUMNS))
        self.assertEqual(columns.runs()[1:3], [["group_properties"], ["user_properties"]])

    def test_what_is_as_it_should_be_is_kept(self):
        self.assertEqual(answers("records", records()), [])
        self.assertEqual(answers("split", came()), ["duplicates"])

    def test_each_fault_is_found(self):
        right = records()
        for fault, lines in {
                "1.10": changed(right, "1.10", "1.1"),
                "9007199254740993": changed(right, "9007199254740993", "9007199254740992"),
                "order of keys": [changed(right, '"b":1,"a":{}', '"a":{},"b":1'),
                                  changed(right, '"adid":null,"session_id":null', '"session_id":null,"adid":null')],
                "empty objects": [changed(right, '"a":{}', '"a":null'),
                                  changed(right, '"user_properties":{}', '"user_properties":{"plan":null}'),
                                  changed(right, '"user_properties":{}', '"user_properties":"{}"')],
                "duplicates": [right + [record(came()[2])], [line for line in right if '"event_id":4' not in line]],
                "no insert_id": [line for line in right if '"event_id":6' not in line]}.items():
            for each in lines if isinstance(lines[0], list) else [lines]:
                self.assertEqual(answers("records", each), [fault], each[0])

    def test_a_dict_that_became_a_string_has_lost_all_that_was_in_it(self):
        lines = changed(records(), fidelity.PROPERTIES, '"' + fidelity.PROPERTIES.replace('"', '\\"') + '"')
        self.assertEqual(answers("records", lines), ["1.10", "9007199254740993", "order of keys", "empty objects"])

    def test_files_are_read_wherever_they_are(self):
        with tempfile.TemporaryDirectory() as directory:
            hour = pathlib.Path(directory, "hour=2020-01-25%2014")
            hour.mkdir()
            (hour / "data_0.json.gz").write_bytes(gzip.compress("".join(records()).encode()))
            read = subprocess.run([sys.executable, PEERS / "fidelity.py", "read", "records", directory], timeout=60,
                                  capture_output=True, text=True, check=True)
            self.assertEqual(read.stdout, "yes | yes | yes | yes | yes | yes\n")

    def test_a_broken_event_is_rejected_or_written_or_ends_the_run(self):
        one, broken, later = fidelity.broken_events()
        for lines, fate in [([one, later], "rejected"), ([one, broken, later], "written"), ([one], "ends the run"),
                            ([], "ends the run")]:
            self.assertEqual(self.fate_of(gzip.compress("".join(lines).encode())), fate)
        self.assertEqual(self.fate_of(gzip.compress((one + later).encode())[:-9]), "ends the run")
        self.assertEqual(self.fate_of(b"no gzip"), "ends the run")

    def fate_of(self, content):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "a.json.gz").write_bytes(content)
            return fidelity.fate_of_broken(directory)


if __name__ == "__main__":
    unittest.main()
