#!/usr/bin/env python3
"""JSONTestSuite: each of its texts as the value of one event property, by way of a file, a gzip and standard input.

A line `{...,"event_properties":{"p":TEXT}}` is JSON if TEXT is, so that a text which is refused is refused for itself: the
95 that have to be taken show that nothing around them is wrong. The other way round a text that is no JSON could make a
line that is, by closing what stands around it and opening it again (`1},"user_properties":{"q":2`). Python's parser, a
second opinion, says that none of the suite does.

What is special is the end of a line. Outside of strings it is white space, and a space stands for it here. One text has it
within a string, where it is what is wrong; a line can't hold it, and ends there: two lines, and the first has a string
without an end. NUL, CR and what is no UTF-8 are given as they are."""

import json
import re
import subprocess

import support
from bad_input import NOW, REJECTS, BadInput, event, zipped

SUITE = support.FIXTURES / "json" / "test_parsing"
LINE_END_IN_A_STRING = "n_string_unescaped_newline.json"

# What the grammar leaves open, and docs/formats.md tells: all else of i_ is rejected.
TAKEN_OPEN = {"i_number_double_huge_neg_exp.json", "i_number_real_underflow.json"}
REASONS_OPEN = {
    "a number beyond a double": 5,
    "an integer over 64 bits": 3,
    "a lone surrogate": 10,
    "invalid UTF-8": 10,
    "a control character in a string": 3,  # UTF-16: every other byte is NUL
    "not a JSON value": 1,                 # a byte order mark
    "nested too deeply": 1,
}


def texts(kind):
    return {path.name: path.read_bytes() for path in sorted(SUITE.glob(f"{kind}_*.json"))}


def line_of(name, text):
    if name != LINE_END_IN_A_STRING:
        text = text.replace(b"\n", b" ")
    return event(name, ',"event_properties":{"p":@@}').replace(b"@@", text)


def without_gaps(text):
    """White space outside of strings goes; all else is copied."""
    return re.sub(rb'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', lambda found: found[1] or b"", text, flags=re.DOTALL)


def is_json(text):
    def refuse(word):
        raise ValueError(word)  # NaN and Infinity, which Python takes

    try:
        json.loads(text.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


class JsonSuite(BadInput):
    def setUp(self):
        super().setUp()
        self.kinds = {kind: texts(kind) for kind in "yni"}
        self.lines = [(name, line_of(name, text)) for kind in "yni" for name, text in self.kinds[kind].items()]
        self.file = b"".join(line + b"\n" for _, line in self.lines)

    def check_taken(self):
        """All of y_, byte for byte, and what is taken of i_."""
        self.tree_of_state()
        cat = subprocess.run([support.SPILLWAY, "cat", self.bucket, "1/1_2020-01-25_17#1.json.gz"], env=self.environment(), capture_output=True,
                             timeout=support.SECONDS_MAX, check=True)
        found = {}
        for record in cat.stdout.splitlines():
            name = re.search(rb'"\$insert_id":"([^"]*)"', record)[1].decode()
            found[name] = re.search(rb'"event_properties":\{"p":(.*)\},"data":', record)[1]
        expected = {**self.kinds["y"], **{name: self.kinds["i"][name] for name in TAKEN_OPEN}}
        self.assertEqual(found, {name: without_gaps(text) for name, text in expected.items()})

    def check_rejected(self):
        """All of n_ and the rest of i_, by the line on which each stands."""
        reasons = {}
        rejects = self.rejects()
        number = 1
        for name, line in self.lines:
            on_line = [each for each in rejects if number <= each["line"] <= number + line.count(b"\n")]
            reasons[name] = [each["reason"] for each in on_line]
            number += 1 + line.count(b"\n")
        wrong = {name: found for name, found in reasons.items()
                 if len(found) != (0 if name in self.kinds["y"] or name in TAKEN_OPEN else 1 + (name == LINE_END_IN_A_STRING))}
        self.assertEqual(wrong, {})
        self.assertEqual(reasons[LINE_END_IN_A_STRING], 2 * ["a string without an end"])
        of_open = [found[0] for name, found in reasons.items() if name in self.kinds["i"] and found]
        self.assertEqual({reason: of_open.count(reason) for reason in set(of_open)}, REASONS_OPEN)

    def check(self, command, stdin=None):
        process = self.start(*command, "--json", *NOW, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        out, _ = process.communicate(stdin, timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, REJECTS)
        total = json.loads(out)["total"]
        self.assertEqual((total["received"], total["stored"]), (95 + 189 + 35, 95 + 2))
        self.check_taken()
        self.check_rejected()

    def test_the_suite_is_whole(self):
        self.assertEqual({kind: len(found) for kind, found in self.kinds.items()}, {"y": 95, "n": 188, "i": 35})

    def test_no_text_that_is_no_json_makes_a_line_that_is(self):
        for name, text in self.kinds["n"].items():
            self.assertFalse(is_json(text), name)
            self.assertFalse(is_json(line_of(name, text)), name)
        self.assertTrue(is_json(event("control", ',"event_properties":{"p":1},"user_properties":{"q":2}')))
        # A space for the end of a line changes no verdict, and no string is touched by it but one.
        for kind in "yni":
            for name, text in self.kinds[kind].items():
                strings = re.findall(rb'"(?:[^"\\]|\\.)*"', text, flags=re.DOTALL)
                self.assertEqual(any(b"\n" in each for each in strings), name == LINE_END_IN_A_STRING, name)

    def test_by_a_file(self):
        (self.dir / "suite.jsonl").write_bytes(self.file)
        self.check(["ingest", "suite.jsonl"])

    def test_by_a_gzip(self):
        (self.dir / "suite.jsonl.gz").write_bytes(zipped(self.file))
        self.check(["ingest", "suite.jsonl.gz"])

    def test_by_standard_input(self):
        self.check(["ingest", "-"], self.file)


if __name__ == "__main__":
    support.main()
