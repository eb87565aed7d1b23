#!/usr/bin/env python3
"""Lines that can't be taken: each is kept with file, line, byte and reason, and costs none of those around it."""

import dataclasses
import json
import os
import subprocess
import zipfile

import support
from bad_input import NOW, REJECTS, BadInput, event, events, zipped

MIB = 1 << 20


@dataclasses.dataclass
class Bad:
    """A bad line and its reject. In `line`, @@ marks the byte that the reject names; it is not part of the line."""

    line: bytes
    reason: str
    mended: bytes = b""  # what it is when it is corrected; empty: it can't be

    @property
    def text(self):
        return self.line.replace(b"@@", b"", 1)

    @property
    def byte(self):
        return self.line.index(b"@@")


def bad(reason, extra, **changes):
    """An event that is bad by its members, and the same without them."""
    name = f"mended-{bad.count}"
    bad.count += 1
    return Bad(event(name, extra, **changes), reason, event(name))


bad.count = 0


def table():
    """Every way in which a line can be bad."""
    plain = event("never")
    return [
        Bad(b"@@nonsense", "not an object"),
        Bad(b"@@[1]", "not an object"),
        Bad(b'@@"text"', "not an object"),
        Bad(plain[:-1] + b"@@", "a comma or a closing bracket is missing", event("never")),
        Bad(plain[:-2] + b"@@", "a string without an end"),
        Bad(plain + b"@@" + plain, "something behind the JSON value"),
        bad("not a JSON value", ',"city":@@Brno'),
        bad("a comma or a closing bracket is missing", ',"city":1 @@"Brno"'),
        bad("event_id is a string, not an integer", ',"event_id":"@@first"'),
        bad("event_properties is an array, not an object", ',"event_properties":@@[]'),
        bad("paying is a number, not a boolean", ',"paying":@@1'),
        bad("uuid is not a UUID", ',"uuid":"@@42"'),
        Bad(b"@@" + plain.replace(b'"event_type":"view",', b""), "no event_type", event("typed")),
        Bad(b"@@" + plain.replace(b'"device_id":"d",', b""), "neither device_id nor user_id"),
        Bad(b"@@" + plain.replace(b'"device_id":"d"', b'"device_id":"","user_id":null'), "neither device_id nor user_id"),
        Bad(b"@@" + plain.replace(b"server_upload_time", b"no_time"),
            "neither server_upload_time nor server_received_time"),
        Bad(event("never", uploaded="@@yesterday"), "server_upload_time is not a time like 2015-08-10T12:00:00.000000"),
        Bad(event("never", uploaded="@@2020-02-30 00:00:00"),
            "server_upload_time is not a time like 2015-08-10T12:00:00.000000"),
        Bad(event("never", uploaded="@@2016-12-31T23:59:61Z"),
            "server_upload_time is not a time like 2015-08-10T12:00:00.000000"),
        bad("client_event_time is a number, not a time like 2015-08-10T12:00:00.000000", ',"client_event_time":@@1580000000'),
        Bad(event("never", uploaded="@@2020-02-01T01:00:00.000001"),
            "server_upload_time is 2020-02-01T01:00:00Z, more than an hour after the clock (2020-02-01T00:00:00Z)"),
        bad("a number beyond a double", ',"event_properties":{"n":@@1E400}'),
        bad("a number beyond a double", ',"event_properties":{"n":[@@-1E400]}'),
        bad("an integer over 64 bits", ',"event_properties":{"n":@@18446744073709551616}'),
        bad("an integer over 64 bits", ',"event_properties":{"n":@@-9223372036854775809}'),
        bad("event_id is a number that is no integer of 64 bits", ',"event_id":@@9223372036854775808'),
        Bad(event("never", ',"city":"Br@@?"').replace(b"?", b"\xff"), "invalid UTF-8"),
        Bad(event("never", ',"city":"Br@@?"').replace(b"?", b"\xed\xa0\x80"), "invalid UTF-8"),
        Bad(event("never", ',"city":"Br@@?"').replace(b"?", b"\xc0\xaf"), "invalid UTF-8"),
        bad("a lone surrogate", ',"city":"@@\\ud800"'),
        bad("a lone surrogate", ',"city":"@@\\udc00\\ud800"'),
        bad("nested too deeply", ',"event_properties":{"n":' + "[" * 62 + "@@[" + "]" * 63 + "}"),
        Bad(event("never", ',"city":"Br@@?"').replace(b"?", b"\0"), "a control character in a string"),
        Bad(b"@@\0" + plain, "not an object"),
        Bad(plain + b"@@\0", "something behind the JSON value"),
        Bad(b"@@\xef\xbb\xbf" + plain, "not an object"),  # at the start of a line, not of the file
    ]


def long_line(byte_count):
    front, back = event("long", ',"city":"').split(b'}')[0], b'"}'
    return front + b"x" * (byte_count - len(front) - len(back)) + back


class BadLines(BadInput):
    def write_mixed(self):
        """Every bad line between good ones, the last without an end: [(Bad, line, byte in the file)], and the good."""
        rows, good, text = [], [], b""
        for number, each in enumerate(table()):
            rows.append((each, 2 * number + 1, len(text) + each.byte))
            good.append(event(f"good-{number}"))
            text += each.text + b"\n" + good[-1] + b"\n"
        self.text = text[:-1]
        (self.dir / "mixed.jsonl").write_bytes(self.text)
        return rows, good

    def check_rejects(self, rejects, rows, file):
        self.assertEqual(len(rejects), len(rows))
        for found, (each, line, byte) in zip(rejects, rows):
            text = each.text.decode("utf-8", "backslashreplace")
            with self.subTest(text[:300]):
                self.assertEqual((found["file"], found["line"], found["byte"], found["reason"]),
                                 (file, line, byte, each.reason))
                self.assertEqual(found["text_bytes"], len(each.text))
                self.assertEqual(found["text"].replace("\ufffd", ""), each.text.decode("utf-8", "ignore"))

    def test_each_is_named_with_its_place_whatever_the_file_is_packed_in(self):
        rows, good = self.write_mixed()
        (self.dir / "mixed.jsonl.gz").write_bytes(zipped(self.text))
        with zipfile.ZipFile(self.dir / "mixed.zip", "w") as archive:
            archive.writestr("1/part", self.text)
        for name, place in (("mixed.jsonl", "mixed.jsonl"), ("mixed.jsonl.gz", "mixed.jsonl.gz"), ("mixed.zip", "mixed.zip/1/part")):
            counts = self.ingest(name, state=f"{name}.db", expect=REJECTS)
            self.assertEqual((counts["received"], counts["stored"], counts["rejected"]),
                             (2 * len(rows), len(good), len(rows)))
            self.check_rejects(self.rejects(state=f"{name}.db"), rows, place)

    def test_standard_input_is_named_by_its_dash(self):
        rows, _ = self.write_mixed()
        process = self.start("ingest", "-", *NOW, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.communicate(self.text, timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, REJECTS)
        self.check_rejects(self.rejects(), rows, "-")

    def test_json_is_one_document_of_the_same(self):
        self.write_mixed()
        self.ingest("mixed.jsonl", expect=REJECTS)
        document = self.run_spillway("rejects", "--json").document
        self.assertEqual(document, {"rejects": self.rejects()})

    def test_rejects_are_corrected_and_taken_again(self):
        rows, good = self.write_mixed()
        self.ingest("mixed.jsonl", expect=REJECTS)
        process = self.start("rejects", "--text", stdout=subprocess.PIPE)
        kept, _ = process.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(kept, b"".join(each.text + b"\n" for each, _, _ in rows))
        mended = {each.text: each.mended for each, _, _ in rows if each.mended}
        lines = [mended[line] for line in kept.splitlines() if line in mended]
        (self.dir / "mended.jsonl").write_bytes(b"\n".join(lines))
        self.assertEqual(self.ingest("mended.jsonl")["stored"], len(set(lines)))
        (self.dir / "good.jsonl").write_bytes(b"\n".join(good))
        self.assert_same_tree(self.tree_of_state(), self.tree_after("good.jsonl", "mended.jsonl"))

    def test_rejects_that_are_taken_in_again_after_they_were_forgotten_are_kept_once(self):
        before = "nonsense\n[1]\n"
        (self.dir / "bad.jsonl").write_bytes(before.encode() + event("good"))
        self.ingest("bad.jsonl", expect=REJECTS)
        for number in range(3):
            # Nobody puts a line right, and one comes to them. Behind the others it would be a file that has grown.
            (self.dir / "again.jsonl").write_text("{broken\n" + before)
            forgotten = self.run_spillway("rejects", "--forget", "--json").document["forgotten"]
            self.assertEqual(forgotten, before.count("\n"))
            self.assertEqual(self.run_spillway("rejects").out, "")
            self.ingest("again.jsonl", expect=REJECTS)
            before = self.run_spillway("rejects", "--text").out
            self.assertEqual(before.count("\n"), forgotten + 1, number)

    def test_rejects_are_forgotten_beside_a_worker_whose_own_are_kept(self):
        self.write_mixed()
        self.ingest("mixed.jsonl", expect=REJECTS)
        os.mkfifo(self.dir / "pipe")
        worker = self.start("ingest", "pipe", stdout=subprocess.DEVNULL)
        with open(self.dir / "pipe", "wb") as pipe:  # waits until the other end is opened: it works
            self.assertRegex(self.run_spillway("rejects", "--forget").out, r"\Aforgot \d+ rejects\n\Z")
            pipe.write(b"{broken\n")
        self.assertEqual(worker.wait(timeout=support.SECONDS_MAX), REJECTS)
        self.assertEqual(self.run_spillway("rejects", "--text").out, "{broken\n")
        self.assertIn("rejects: 1 kept", self.run_spillway("status").out)

    def test_rejects_of_bodies_and_of_lines_are_taken_in_again_together(self):
        at = 1579971600000
        sent = [{"event_type": "view", "device_id": f"device-{number}", "insert_id": "a", "time": at + number,
                 "user_id": "bobby"} for number in range(3)]
        good = {"api_key": "k", "client_upload_time": "2020-01-25T17:00:05.250Z", "events": sent}
        bad = json.loads(json.dumps(good))
        bad["events"][2]["user_id"] = "bob"
        line = event("line")
        (self.dir / "good.json").write_text(json.dumps(good, indent=1))
        (self.dir / "bad.json").write_text(json.dumps(bad, indent=1))
        (self.dir / "good.jsonl").write_bytes(line)
        (self.dir / "bad.jsonl").write_bytes(line.replace(b"event_type", b"type"))
        self.ingest("bad.json", "bad.jsonl", expect=REJECTS)
        kept = self.run_spillway("rejects", "--text").out
        self.assertEqual(len(kept.splitlines()), 2)
        (self.dir / "mended").write_text(kept.replace('"bob"', '"bobby"').replace('"type"', '"event_type"'))
        self.assertEqual(self.ingest("mended")["stored"], 2)
        self.assert_same_tree(self.tree_of_state(), self.tree_after("good.json", "good.jsonl"))

    def test_the_same_file_again_adds_neither_events_nor_rejects(self):
        rows, _ = self.write_mixed()
        self.ingest("mixed.jsonl", expect=REJECTS)
        self.assertEqual(self.ingest("mixed.jsonl")["received"], 0)
        self.assertEqual(len(self.rejects()), len(rows))

    def test_a_line_may_have_4_mib_and_no_byte_more(self):
        text = long_line(4 * MIB) + b"\n" + long_line(4 * MIB + 1) + b"\n" + long_line(9 * MIB) + b"\n" + event("last")
        (self.dir / "long.jsonl").write_bytes(text)
        self.assertEqual(self.ingest("long.jsonl", expect=REJECTS)["stored"], 2)
        found = self.rejects()
        self.assertEqual([(each["line"], each["byte"], each["reason"], each["text_bytes"], len(each["text"])) for each in found],
                         [(2, 4 * MIB + 1 + 4 * MIB, "longer than 4 MiB", 4 * MIB + 1, 64 << 10),
                          (3, 8 * MIB + 3 + 4 * MIB, "longer than 4 MiB", 9 * MIB, 64 << 10)])
        # Of these only the front was kept, so that nothing could be corrected.
        ended = self.run_spillway("rejects", "--text")
        self.assertEqual((ended.out, ended.err.count("\n")), ("", 1))
        self.assertIn("warning: 2 lines left out", ended.err)

    def test_a_byte_order_mark_cr_lf_and_a_missing_end_change_nothing(self):
        lines = [event(f"e-{number}") for number in range(3)]
        (self.dir / "plain.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        expected = self.tree_after("plain.jsonl")
        for name, text in {"mark": b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n",
                           "cr-lf": b"\r\n".join(lines) + b"\r\n",
                           "no-end": b"\n".join(lines),
                           "all": b"\xef\xbb\xbf\r\n \t" + b"\r\n\r\n\t".join(lines)}.items():
            (self.dir / name).write_bytes(text)
            self.assert_same_tree(self.tree_after(name, name=f"after-{name}"), expected, name)

    def test_a_file_of_nothing_but_a_mark_or_blanks_is_empty(self):
        for name, text in {"mark": b"\xef\xbb\xbf", "blanks": b" \r\n\t\n\n", "nothing": b""}.items():
            (self.dir / name).write_bytes(text)
            self.assertEqual(set(self.ingest(name).values()), {0}, name)

    # Time here has no leap seconds, as in POSIX: the second that is called :60 is the first of the next minute.
    def test_a_leap_second_is_the_first_second_of_the_next_minute(self):
        (self.dir / "leap.jsonl").write_bytes(event("leap", uploaded="2016-12-31T23:59:60Z") + b"\n" +
                                              event("next", uploaded="2017-01-01T00:00:00Z"))
        self.assertEqual(self.ingest("leap.jsonl")["stored"], 2)
        self.tree_of_state()
        lines = self.run_spillway("cat", self.bucket, "1/1_2017-01-01_0#1.json.gz").out.splitlines()
        self.assertEqual([json.loads(line)["server_upload_time"] for line in lines], 2 * ["2017-01-01T00:00:00.000000"])

    def test_so_is_a_leap_second_of_the_clock(self):
        (self.dir / "a.jsonl").write_bytes(event("a", uploaded="2016-12-31T23:59:00Z"))
        ended = self.run_spillway("export", "a.jsonl", self.bucket, "--json", "--now", "2016-12-31T23:59:60Z")
        self.assertEqual((ended.document["open_hours"], ended.document["delivered"]["hours"]), ([], 1))

    def test_100000_rejects_of_an_input_end_the_run_unless_it_is_to_go_on(self):
        (self.dir / "wrong.csv").write_bytes(b"a,b\n" * 100_001 + event("behind"))
        (self.dir / "next.jsonl").write_bytes(events(2, "next"))
        self.check_failure("ingest", "wrong.csv", "next.jsonl", says=["wrong.csv", "100001 of its lines are rejects"],
                           tries=["--keep-going"])
        self.check_failure("ingest", "wrong.csv", "next.jsonl", says=["wrong.csv"], tries=["--keep-going"])
        ended = self.run_any("ingest", "wrong.csv", "next.jsonl", "--keep-going")
        self.assertIn("of an input the first 100,000 rejects are kept", ended.out)
        inputs = self.run_spillway("status", "--json").document["inputs"]
        self.assertEqual((inputs["stored"], inputs["rejected"]), (3, 100_001))
        self.assertEqual(self.run_spillway("rejects").out.count("\n"), 100_000)


if __name__ == "__main__":
    support.main()
