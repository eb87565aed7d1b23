#!/usr/bin/env python3
"""A generated bucket as a stranger reads it: every event there once, in its hour and place, as its line has it."""

import collections

import bucket_reader
import support

EVENTS = 20_000


class Reader(support.EndToEnd):
    def export_generated(self, form):
        lines = self.generate(self.dir / "events.jsonl", "--seed", 11, "--events", EVENTS, "--hours", 4)
        ended = self.run_spillway("export", "events.jsonl", self.bucket, "--json", "--record", form,
                                  "--max-object-bytes", 500_000, "--now", "2020-02-01T00:00:00Z")
        return lines, ended.document, bucket_reader.read_bucket(support.tree_of(self.bucket), form)

    def check_every_event(self, form):
        lines, document, read = self.export_generated(form)
        self.assertEqual(read.problems[:20], [])
        self.assertEqual(sum(read.counts().values()), EVENTS)

        expected = collections.defaultdict(list)
        for line in lines:
            event = bucket_reader.expected_event(line.decode(), form)
            expected[event["app"], event["server_upload_time"][:13]].append(event)
        self.assertEqual(sum(map(len, expected.values())), EVENTS)
        for (project, begin), hour in read.hours.items():
            wanted = expected.pop((str(project), f"{begin:%Y-%m-%d}{bucket_reader.SEPARATOR[form]}{begin:%H}"))
            self.assertEqual(len(hour.events), len(wanted))
            for event, raw in zip(hour.events, wanted):
                # Objects compare as lists of pairs and numbers as they are written: order and digits count.
                self.assertEqual(event, raw)
        self.assertEqual(expected, {})
        return document, read

    def test_the_documented_form_holds_every_event_in_order_as_it_came(self):
        self.check_every_event("documented")

    def test_the_observed_form_holds_every_event_in_order_as_it_came(self):
        _, read = self.check_every_event("observed")
        self.assertTrue(all(len(hour.objects) > 1 for hour in read.hours.values()), "no hour has several partitions")

    def test_every_line_is_accounted_for(self):
        lines = self.generate(self.dir / "events.jsonl", "--seed", 12, "--events", 500, "--hours", 2)
        identify = lines[0].replace(b'"event_type":"', b'"event_type":"$identify","was":"')
        identify = identify.replace(b'{"$insert_id":"', b'{"$insert_id":"another-')
        more = [lines[3], b"{broken\n", identify, b"\n", lines[4], b"[]\n"]
        (self.dir / "events.jsonl").write_bytes(b"".join(lines + more))
        taken = self.run_spillway("export", "events.jsonl", self.bucket, "--json", expect=4).document["taken_in"]
        self.assertEqual(taken["total"], {"received": 505, "stored": 500, "duplicates": 2, "applied": 1, "rejected": 2})
        for counts in [taken["total"], *taken["inputs"]]:
            parts = sum(counts[name] for name in ("stored", "duplicates", "applied", "rejected"))
            self.assertEqual(counts["received"], parts)
        read = bucket_reader.read_bucket(support.tree_of(self.bucket), "documented")
        self.assertEqual(read.problems, [])
        stored = {f"{each['project']}/{each['hour']}": each["stored"] for each in taken["hours"]}
        self.assertEqual(read.counts(), stored)
        self.assertEqual(sum(each["duplicates"] for each in taken["hours"]), 2)


if __name__ == "__main__":
    support.main()
