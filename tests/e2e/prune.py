#!/usr/bin/env python3
"""`spillway prune`: what every connection has delivered may leave the state file, and is delivered all the same."""

import support

NOW = ("--now", "2020-02-01T00:00:00Z")
HOURS = 24
EVENTS = 4_000


class Prune(support.EndToEnd):
    def setUp(self):
        super().setUp()
        # From 2020-01-25T14:00:00Z on: ten hours of that day, fourteen of the next.
        self.generate(self.dir / "events.jsonl", "--seed", 1, "--events", EVENTS, "--hours", HOURS)
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)

    def prune(self, before, *options, expect=0):
        return self.run_spillway("prune", "--delivered-before", before, "--json", *options, *NOW, expect=expect)

    def test_the_file_gets_smaller_and_the_bucket_stays_right(self):
        before = support.tree_of(self.bucket)
        would = self.prune("2020-01-26", "--dryrun").document
        self.assertEqual(would["hours"], 10)
        done = self.prune("2020-01-26").document
        self.assertEqual({**done, "dryrun": True, "state_file_bytes": would["state_file_bytes"]}, would)
        self.assertLess(done["state_file_bytes"], done["state_file_bytes_before"] - done["compressed_bytes"] // 2)
        self.assertEqual(self.prune("2020-01-26").document["hours"], 0)
        self.assertEqual(self.prune("2020-01-27").document["hours"], 14)
        again = self.run_spillway("export", "events.jsonl", self.bucket, "--json", *NOW).document
        self.assertEqual(again["delivered"]["objects"], 0)
        self.assertEqual(again["taken_in"]["total"]["stored"], 0)
        self.run_spillway("check", self.bucket, "--state", self.state)
        self.assertEqual(support.tree_of(self.bucket), before)

    def test_an_estimate_reckons_with_what_is_there(self):
        before = self.run_spillway("estimate", "--json").document["projects"][0]
        self.prune("2020-01-26")
        after = self.run_spillway("estimate", "--json").document["projects"][0]
        self.assertEqual((before["hours"], after["hours"]), (24, 14))
        self.assertAlmostEqual(after["events_per_day"] / before["events_per_day"], 1, delta=0.1)

    def test_what_was_taken_again_is_a_duplicate_also_line_by_line(self):
        self.prune("2020-01-27")
        text = (self.dir / "events.jsonl").read_text()
        again = self.run_spillway("ingest", "-", "--json", *NOW, stdin=text).document
        self.assertEqual(again["total"]["stored"], 0)

    def test_another_destination_is_told_which_hours_are_gone(self):
        pruned_events = self.prune("2020-01-26").document["events"]
        other = self.dir / "other"
        ended = self.run_spillway("export", other, "--json", *NOW).document
        self.assertEqual(ended["delivered"]["hours"], 14)
        self.assertEqual(len(ended["pruned_hours"]), 10)
        self.assertIn("10 hours not delivered, whose events were pruned: 2020-01-25_14 to 2020-01-25_23\n",
                      self.run_spillway("export", other, *NOW).out)
        first, second = self.run_spillway("status", "--json").document["connections"]
        self.assertEqual((first["pruned"]["hours"], second["pruned"]["hours"]), (0, 10))
        self.assertEqual(second["pruned"]["events"], pruned_events)
        self.assertIn("were pruned before", self.run_spillway("status").out)

    def test_what_somebody_has_not_got_yet_stays(self):
        other = self.dir / "other"
        settings = other / ".spillway" / "bucket.json"
        settings.parent.mkdir(parents=True)
        settings.write_text('{"deny": ["s3:PutObject"]}')
        self.run_spillway("export", other, *NOW, expect=3)
        stays = self.prune("2020-01-27").document
        self.assertEqual((stays["hours"], stays["kept"]), (0, [{"connection": 2, "reason": "to_deliver", "hours": HOURS}]))
        settings.unlink()
        self.run_spillway("export", other, *NOW)
        self.assertEqual(self.prune("2020-01-27").document["hours"], HOURS)

    def test_events_that_a_filter_left_out_stay_until_they_are_given_up(self):
        self.state = self.dir / "filtered.db"
        chosen = self.dir / "chosen"
        self.run_spillway("export", "events.jsonl", chosen, "--filter", 'event_type is "video_played"', *NOW)
        stays = self.prune("2020-01-27").document
        self.assertEqual((stays["hours"], stays["kept"]),
                         (0, [{"connection": None, "reason": "filtered", "hours": HOURS}]))
        self.assertIn(f"{HOURS} hours stay, of which filters left events out; --filtered drops them too\n",
                      self.run_spillway("prune", "--delivered-before", "2020-01-27", *NOW).out)
        self.run_spillway("export", self.dir / "whole", *NOW)
        self.assertEqual(self.prune("2020-01-26").document["hours"], 10)
        gone = self.prune("2020-01-27", "--filtered").document
        self.assertEqual((gone["hours"], gone["kept"]), (14, []))

    def test_a_filter_that_left_events_out_is_given_up_by_an_option(self):
        self.state = self.dir / "filtered.db"
        self.run_spillway("export", "events.jsonl", self.dir / "chosen", "--filter", 'event_type is "video_played"', *NOW)
        self.assertEqual(self.prune("2020-01-27", "--filtered", "--dryrun").document["hours"], HOURS)

    def test_a_date_is_needed_and_looks_like_one(self):
        self.run_spillway("prune", expect=2)
        self.prune("yesterday", expect=2)


if __name__ == "__main__":
    support.main()
