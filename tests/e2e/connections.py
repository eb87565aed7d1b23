#!/usr/bin/env python3
"""Connections from set-up to deletion: hours arrive by themselves, gaps are seen and filled, one organization a bucket."""

import contextlib
import fcntl
import gzip
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys

import support
from support import EndToEnd, tree_of

PROJECT = 187520
DAY = "2020-01-25"


def event(hour, number, day=DAY, **more):
    """A raw event that reaches the server in an hour of a day."""
    return json.dumps({"event_type": "purchase", "device_id": f"d{number}", "$insert_id": f"{day}-{hour}-{number}",
                       "app": PROJECT, "server_upload_time": f"{day}T{hour:02}:10:00.000000",
                       "event_properties": {"price": number}, **more})


def key(hour, partition=1, day=DAY):
    return f"{PROJECT}/{PROJECT}_{day}_{hour}#{partition}.json.gz"


def marker(hour, day=DAY):
    return f"{PROJECT}/{PROJECT}_{day}_{hour}_complete"


class Connections(EndToEnd):
    def setUp(self):
        super().setUp()
        self.run_spillway("org", "create", "--id", 36958, "--name", "acme", "--admin", "ops@example.com")
        self.run_spillway("project", "create", "--org", 36958, "--id", PROJECT, "--name", "shop")

    def connect(self, *options, now=f"{DAY}T13:30:00Z", dest="./bucket", expect=0):
        made = self.run_spillway("connection", "create", "--project", PROJECT, dest, "--now", now, "--yes", "--json", *options,
                                 expect=expect)
        return made.document["connections"][0] if expect == 0 else made

    def ingest(self, *events, now=f"{DAY}T23:59:00Z"):
        self.run_spillway("ingest", "-", "--now", now, stdin="\n".join(events) + "\n")

    def run_once(self, now, expect=0, *options):
        return self.run_spillway("run", "--once", "--now", now, "--json", *options, expect=expect)

    def connections(self):
        return self.run_spillway("connection", "list", "--json").document["connections"]

    def connection(self, number=1):
        return next(each for each in self.connections() if each["id"] == number)

    def keys(self, bucket=None):
        return sorted(tree_of(bucket or self.bucket))

    def events_of(self, bucket=None):
        """The insert ids that the bucket holds, each as often as it is there."""
        ids = []
        for name, body in tree_of(bucket or self.bucket).items():
            if name.endswith(".gz"):
                ids += [json.loads(line)["$insert_id"] for line in gzip.decompress(body).splitlines()]
        return sorted(ids)


class Organizations(Connections):
    def organization(self):
        return self.run_spillway("org", "show", 36958, "--json").document["organizations"][0]

    def test_the_name_and_the_administrators_are_changed_each_by_itself(self):
        changed = self.run_spillway("org", "change", 36958, "--admin", "new@example.com", "--admin", "b@example.com",
                                    "--json")
        self.assertEqual(changed.document["organizations"], [self.organization()])
        self.assertEqual(self.organization(), {"id": 36958, "name": "acme", "projects": [PROJECT],
                                               "administrators": ["b@example.com", "new@example.com"]})
        self.assertIn("acme inc", self.run_spillway("org", "change", "--id", 36958, "--name", "acme inc").out)
        self.assertEqual(len(self.organization()["administrators"]), 2)

    def test_a_change_of_nothing_of_nobody_or_to_what_is_no_address_is_refused(self):
        before = self.organization()
        self.assertIn("nothing is to be changed", self.run_spillway("org", "change", 36958, expect=2).err)
        self.run_spillway("org", "change", 36958, "--name", "", expect=2)
        self.run_spillway("org", "change", 36958, "--admin", "nobody", expect=2)
        refused = self.run_spillway("org", "change", 7, "--name", "x", expect=1)
        self.assertIn("there is no such organization", refused.err)
        self.assertEqual(self.organization(), before)


class SetUp(Connections):
    def test_the_hours_since_midnight_are_delivered_and_marked(self):
        made = self.connect()
        self.assertEqual(made["id"], 1)
        self.assertEqual(made["first_hour"], f"{DAY}_0")
        self.assertEqual(self.keys(), sorted(marker(hour) for hour in range(13)))
        self.ingest(event(9, 1), event(14, 2), event(17, 3))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual(self.keys(), sorted([marker(hour) for hour in range(18)] + [key(9), key(14), key(17)]))

    def test_an_hour_settles_for_five_minutes(self):
        self.connect()
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T15:04:59Z")
        self.assertNotIn(key(14), self.keys())
        self.run_once(f"{DAY}T15:05:00Z")
        self.assertIn(key(14), self.keys())

    def test_open_hours_are_delivered_for_people_who_test(self):
        self.connect()
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T14:20:00Z", 0, "--close-open-hours")
        self.assertEqual(self.events_of(), [f"{DAY}-14-1"])
        self.assertNotIn(marker(15), self.keys())

    def test_missed_hours_are_caught_up(self):
        self.connect()
        self.ingest(event(14, 1), event(20, 2))
        self.run_once("2020-01-27T00:10:00Z")
        self.assertEqual(len([name for name in self.keys() if name.endswith("_complete")]), 48)

    def test_a_portfolio_is_no_source(self):
        self.run_spillway("project", "create", "--org", 36958, "--id", 5, "--portfolio")
        refused = self.run_spillway("connection", "create", "--project", 5, "./bucket", "--yes", expect=2)
        self.assertIn("portfolio", refused.err)

    def test_access_is_verified_before_there_is_a_connection(self):
        rules = self.bucket / ".spillway" / "bucket.json"
        rules.parent.mkdir(parents=True)
        rules.write_text('{"deny": ["s3:DeleteObject"]}')
        refused = self.connect(expect=3)
        self.assertIn("s3:DeleteObject", refused.err)
        self.assertEqual(self.run_spillway("connection", "list", "--json").document, {"connections": []})

    def test_what_export_has_delivered_is_history(self):
        self.ingest(event(9, 1))
        self.run_spillway("export", "./bucket", "--now", f"{DAY}T12:00:00Z")
        made = self.connect()
        self.assertEqual(made["undelivered"]["hours"], 0)
        self.assertEqual(self.events_of(), [f"{DAY}-9-1"])

    def test_two_connections_of_a_project_to_one_place_are_refused(self):
        self.connect()
        self.assertIn("already", self.connect(expect=1).err)

    def test_one_project_goes_to_many_buckets_and_many_projects_to_one(self):
        self.run_spillway("project", "create", "--org", 36958, "--id", 7)
        self.connect()
        self.connect(dest="./second")
        self.run_spillway("connection", "create", "--project", 7, "./bucket", "--now", f"{DAY}T13:30:00Z", "--yes")
        self.ingest(event(14, 1), event(14, 2, app=7))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-1", f"{DAY}-14-2"])
        self.assertEqual(self.events_of(self.dir / "second"), [f"{DAY}-14-1"])


class OnATerminal(Connections):
    """Set-up in steps: choose data, filter, policy, verify."""

    def answer(self, answers, *arguments):
        """What the command says on a terminal, and how it ends; each answer is typed when its question is there."""
        try:
            master, slave = os.openpty()
        except OSError as e:
            if "CI" in os.environ:
                raise
            self.skipTest(f"this machine gives no terminals: {e}")  # a root without devpts, as of a bare chroot
        asked = self.start(*arguments, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        said = ""
        for question, typed in answers:
            while question not in said:
                said += os.read(master, 4096).decode()
            if isinstance(typed, signal.Signals):
                asked.send_signal(typed)
            else:
                os.write(master, typed.encode() + b"\n")
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece.decode()
        os.close(master)
        return asked.wait(timeout=60), said

    def test_each_step_is_asked_for(self):
        code, said = self.answer([("1 of 4", "both"), ("2 of 4", "event_type iz 1"), ("2 of 4. Only events like (event_type is \"purchase\"; empty: all)? []", 'event_properties.price is 2')],
                                 "connection", "create", "--project", PROJECT, "./bucket", "--now", f"{DAY}T13:30:00Z")
        self.assertEqual(code, 0, said)
        self.assertIn("character 12", said)
        made = self.connection()
        self.assertEqual((made["data"], made["filter"]["values"]), ("both", [2]))
        self.assertEqual(len(self.keys()), 13)

    def test_deleting_is_asked_for(self):
        self.connect()
        code, said = self.answer([("delete it?", "no")], "connection", "delete", 1)
        self.assertEqual((code, self.connection()["state"]), (1, "enabled"))
        self.assertIn("nothing was changed", said)
        code, _ = self.answer([("delete it?", "yes")], "connection", "delete", 1)
        self.assertEqual(code, 0)


    def test_a_signal_and_an_end_of_the_input_end_any_question(self):
        self.connect()
        create = ("connection", "create", "--project", PROJECT, "./second", "--now", f"{DAY}T13:30:00Z")
        for command, question, doing in ((("connection", "delete", 1), "delete it?", "deleting connection 1"),
                                         (create, "1 of 4", "setting up a connection")):
            for ending in (signal.SIGINT, signal.SIGTERM, "\x04"):
                with self.subTest(question=question, ending=ending):
                    code, said = self.answer([(question, ending)], *command)
                    self.assertEqual(code, 130, said)
                    self.assertIn(f"error: {doing}: ", said)
        self.assertEqual([each["state"] for each in self.connections()], ["enabled"])

    def test_the_policies_of_the_bucket_and_of_its_key_are_shown(self):
        code, said = self.answer([("1 of 4", ""), ("2 of 4", ""), ("press Enter", "\x04")], "connection", "create", "--project",
                                 PROJECT, "s3://raw", "--sse", "aws:kms", "--sse-kms-key-id", "key-1", "--region", "us-east-1")
        self.assertEqual(code, 130, said)
        self.assertIn("s3:PutObject", said)
        self.assertIn("The policy of the KMS key key-1:", said)
        self.assertIn("kms:GenerateDataKey", said)


class Markers(Connections):
    def test_hours_that_were_delivered_without_markers_on_purpose_are_no_findings(self):
        self.ingest(event(9, 1), event(11, 2))
        self.run_spillway("export", self.bucket, "--now", f"{DAY}T12:00:00Z")
        self.connect("--complete", "off")
        self.ingest(event(14, 3), event(17, 4))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual([name for name in self.keys() if name.endswith("_complete")], sorted(map(marker, (9, 10, 11))))
        self.assertIn("all right", self.run_spillway("check", self.bucket).out)
        unknown = {name: value for name, value in self.environment().items() if name != "SPILLWAY_STATE"}
        found = self.run_spillway("check", self.bucket, "--json", expect=1, environment=unknown).document["findings"]
        self.assertEqual([each["kind"] for each in found], ["gap", "unmarked", "gap", "unmarked"])


class Filters(Connections):
    def test_only_what_is_chosen_is_delivered_and_every_hour_is_marked(self):
        self.connect("--filter", "event_properties.price greater or equal 2", "--data", "both")
        self.ingest(event(14, 1), event(14, 2), event(15, 1), event(16, 3))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-2", f"{DAY}-16-3"])
        self.assertNotIn(key(15), self.keys())
        self.assertIn(marker(15), self.keys())
        [shown] = self.run_spillway("status", "--json").document["connections"]
        self.assertEqual(shown["to_be_delivered"], {"hours": 0, "events": 0})
        self.run_spillway("check", "./bucket")

    def test_export_has_filters_too(self):
        self.ingest(event(14, 1), event(14, 2))
        self.run_spillway("export", "./bucket", "--filter", 'event_properties.price is 2', "--now", f"{DAY}T18:30:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-2"])

    def test_export_makes_no_connection_for_a_project_without_events(self):
        self.run_spillway("project", "create", "--id", "2")
        self.ingest(event(14, 1))
        self.run_spillway("export", "./bucket", "--now", f"{DAY}T18:30:00Z")
        self.run_spillway("project", "delete", "2")

    def test_late_events_go_through_the_filter(self):
        self.connect("--filter", "event_properties.price is 2")
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T15:30:00Z")
        self.ingest(event(14, 2))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-2"])
        self.run_spillway("check", "./bucket")

    def test_another_filter_is_for_hours_to_come(self):
        self.connect("--filter", "event_properties.price is 2")
        self.run_spillway("connection", "disable", "1")
        made = self.run_spillway("connection", "create", "--project", PROJECT, "./bucket", "--now", f"{DAY}T13:40:00Z", "--yes")
        self.assertIn("goes on with the history of connection 1, which had another filter: delivered hours stay as they are\n",
                      made.out)

    def test_an_error_points_at_the_character(self):
        refused = self.connect("--filter", "event_type iz 3", expect=2)
        self.assertIn("character 12", refused.err)


class Merges(Connections):
    MERGE = {"scope": -36958, "merge_time": 1579960800000, "merge_server_time": 1579960801000, "amplitude_id": 9,
             "merged_amplitude_id": 8}
    KEY = "-36958/-36958_2020-01-25_14.json.gz"

    def test_all_that_are_known_are_delivered_and_late_ones_rewrite_their_hour(self):
        self.ingest(json.dumps(self.MERGE))
        self.connect("--data", "merged-ids", now=f"2020-01-28T13:30:00Z")
        line = '{"scope":-36958,"merge_time":1579960800000,"merge_server_time":1579960801000,"amplitude_id":9,"merged_amplitude_id":8}\n'
        self.assertEqual(self.keys(), [self.KEY])
        self.assertEqual(gzip.decompress(tree_of(self.bucket)[self.KEY]).decode(), line)
        self.ingest(json.dumps({**self.MERGE, "amplitude_id": 10}))
        self.run_once("2020-01-28T14:30:00Z")
        self.assertEqual(gzip.decompress(tree_of(self.bucket)[self.KEY]).decode(),
                         line + line.replace('"amplitude_id":9', '"amplitude_id":10'))

    def test_export_says_who_delivers_them(self):
        told = self.run_spillway("export", "-", self.bucket, "--now", f"{DAY}T18:30:00Z", stdin=json.dumps(self.MERGE) + "\n")
        self.assertIn("1 merged Amplitude ID\n", told.out)
        self.assertIn("spillway connection create --data both", told.out)
        self.assertEqual(self.keys(), [])

    def test_export_does_not_say_so_where_it_has_delivered_them(self):
        self.connect("--data", "both")
        lines = json.dumps(self.MERGE) + "\n" + event(14, 1) + "\n"
        dry = self.run_spillway("export", "-", self.bucket, "--now", f"{DAY}T18:30:00Z", "--dryrun", stdin=lines)
        told = self.run_spillway("export", "-", self.bucket, "--now", f"{DAY}T18:30:00Z", stdin=lines)
        self.assertIn(self.KEY, self.keys())
        for each in (dry, told):
            self.assertIn("1 merged Amplitude ID\n", each.out)
            self.assertNotIn("connection create", each.out)

    def test_two_connections_of_an_organization_share_the_file(self):
        self.run_spillway("project", "create", "--org", 36958, "--id", 7)
        self.ingest(json.dumps(self.MERGE))
        self.connect("--data", "both")
        self.run_spillway("connection", "create", "--project", 7, "./bucket", "--data", "both", "--now", f"{DAY}T13:30:00Z", "--yes")
        self.run_once(f"{DAY}T18:30:00Z")
        self.ingest(json.dumps({**self.MERGE, "amplitude_id": 10}))
        self.run_once(f"{DAY}T20:30:00Z")
        self.assertEqual(len(gzip.decompress(tree_of(self.bucket)[self.KEY]).splitlines()), 2)


class TwentyFourHours(Connections):
    def disable(self, now):
        self.run_spillway("connection", "disable", 1, "--now", now)

    def test_a_new_connection_within_the_day_leaves_no_gap(self):
        self.connect()
        self.disable(f"{DAY}T13:30:00Z")
        self.ingest(event(14, 1), event(20, 2))
        made = self.connect(now="2020-01-26T13:29:00Z")
        self.assertEqual(made["gaps"], [])
        self.run_once("2020-01-26T14:30:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-1", f"{DAY}-20-2"])
        self.assertEqual(len([name for name in self.keys() if name.endswith("_complete")]), 38)

    def test_later_the_gap_is_shown_with_the_command_that_fills_it(self):
        self.connect()
        self.disable(f"{DAY}T13:30:00Z")
        self.ingest(event(14, 1), event(20, 2))
        made = self.connect(now="2020-01-26T13:31:00Z")
        self.assertEqual(made["gaps"], [{"first_hour": f"{DAY}_13", "last_hour": f"{DAY}_23",
                                         "fill": "spillway backfill 2 --from 2020-01-25 --to 2020-01-25"}])
        self.run_once("2020-01-26T14:30:00Z")
        self.assertEqual(self.events_of(), [])
        self.run_spillway("backfill", 2, "--from", DAY, "--to", DAY, "--now", "2020-01-26T15:00:00Z")
        self.assertEqual(self.events_of(), [f"{DAY}-14-1", f"{DAY}-20-2"])
        self.assertEqual(self.connection(2)["gaps"], [])

    def open_gap_of_pruned_hours(self, *options):
        """Connection 1 has come back behind a gap, of which another destination has everything and the store no more."""
        self.connect(*options)
        self.disable(f"{DAY}T13:30:00Z")
        self.ingest(event(14, 1), event(20, 2))
        self.run_spillway("export", "./other", "--now", "2020-01-26T00:30:00Z")
        pruned = self.run_spillway("prune", "--delivered-before", "2020-01-26", "--now", "2020-01-27T13:31:00Z", "--json")
        self.assertEqual(pruned.document["hours"], 2)
        self.run_spillway("connection", "enable", 1, "--now", "2020-01-27T13:31:00Z")

    def assert_pruned_hours_are_told_alone(self):
        self.assertEqual(self.connection()["gaps"], [])
        told = self.run_spillway("status", "--now", "2020-01-27T15:00:00Z").out
        self.assertNotIn("fill the gap", told)
        self.assertIn("connection 1: it will not deliver 2 events in 2 hours, which were pruned before\n", told)

    def test_a_gap_ends_where_all_is_marked_but_the_hours_that_were_pruned(self):
        self.open_gap_of_pruned_hours()
        self.assertEqual(len(self.connection()["gaps"]), 1)
        self.run_spillway("backfill", 1, "--from", DAY, "--to", "2020-01-26", "--now", "2020-01-27T15:00:00Z", expect=1)
        self.assert_pruned_hours_are_told_alone()

    def test_without_markers_pruned_hours_make_no_gap(self):
        self.open_gap_of_pruned_hours("--complete", "off")
        self.assert_pruned_hours_are_told_alone()

    def test_enabling_again_follows_the_same_rule(self):
        for now, gaps in (("2020-01-26T13:29:00Z", 0), ("2020-01-27T13:31:00Z", 1)):
            with self.subTest(now=now):
                if self.run_any("connection", "show", 1).code != 0:
                    self.connect()
                self.disable(f"{DAY}T13:30:00Z" if gaps == 0 else "2020-01-26T13:30:00Z")
                shown = self.run_spillway("connection", "enable", 1, "--now", now, "--json").document["connections"][0]
                self.assertEqual(len(shown["gaps"]), gaps)

    def test_while_disabled_nothing_is_delivered(self):
        self.connect()
        self.disable(f"{DAY}T13:30:00Z")
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T18:30:00Z")
        self.assertEqual(self.events_of(), [])


class Owners(Connections):
    def setUp(self):
        super().setUp()
        self.run_spillway("org", "create", "--id", 2, "--name", "other")
        self.run_spillway("project", "create", "--org", 2, "--id", 22)

    def connect_other(self, *options, expect, state=None):
        environment = {**self.environment(), **({"SPILLWAY_STATE": str(state)} if state else {})}
        return self.run_spillway("connection", "create", "--project", 22, "./bucket", "--now", f"{DAY}T13:30:00Z", "--yes", *options,
                                 expect=expect, environment=environment)

    def test_a_bucket_belongs_to_one_organization(self):
        self.connect()
        self.assertIn("organization 36958", self.connect_other(expect=1).err)
        self.run_spillway("connection", "disable", 1)
        self.connect_other(expect=0)
        self.run_spillway("connection", "enable", 1, expect=1)

    def test_another_installation_sees_the_claim_until_the_last_connection_has_gone(self):
        self.connect("--claim")
        other = self.dir / "other.db"
        environment = {**self.environment(), "SPILLWAY_STATE": str(other)}
        self.run_spillway("org", "create", "--id", 2, environment=environment)
        self.run_spillway("project", "create", "--org", 2, "--id", 22, environment=environment)
        for options in ((), ("--claim",)):
            self.assertIn("36958", self.connect_other(*options, expect=1, state=other).err)
        self.run_spillway("connection", "delete", 1, "--yes")
        self.connect_other("--claim", expect=0, state=other)

    def test_an_export_by_hand_is_encrypted_as_the_connection_says(self):
        self.connect("--sse", "AES256")
        self.ingest(event(14, 1))
        export = ("export", self.bucket, "--now", f"{DAY}T17:30:00Z")
        self.assertIn("--sse AES256", self.run_spillway(*export, expect=1).err)
        self.assertEqual(self.run_spillway(*export, "--sse", "AES256", "--json").document["delivered"]["hours"], 1)

    def test_an_export_by_hand_has_the_objects_and_markers_of_the_connection(self):
        self.connect("--complete", "empty", "--max-object-bytes", 100_000)
        self.ingest(event(14, 1))
        export = ("export", self.bucket, "--now", f"{DAY}T17:30:00Z", "--json")
        for option, other, same in (("--complete", "off", "empty"), ("--max-object-bytes", 100_001, 100_000)):
            refused = self.run_spillway(*export, option, other, expect=1)
            self.assertIn(f"connection 1 delivers project {PROJECT} there with another {option}\n", refused.err)
            self.assertIn(f"try: give the same: {option} {same}\n", refused.err)
        same = self.run_spillway(*export, "--complete", "empty", "--max-object-bytes", 100_000)
        self.assertEqual(same.document["delivered"]["hours"], 1)
        self.ingest(event(15, 2))
        self.assertEqual(self.run_spillway(*export).document["delivered"]["hours"], 1)
        self.run_spillway("connection", "disable", 1)
        self.run_spillway(*export, "--complete", "off")

    def claims(self):
        return sorted(self.bucket.rglob("spillway-organization.json"))

    def test_the_claim_goes_with_the_last_connection_also_of_those_that_make_none(self):
        self.connect("--claim")
        self.assertEqual(len(self.claims()), 1)
        self.run_spillway("project", "create", "--org", 36958, "--id", 23)
        self.run_spillway("connection", "create", "--project", 23, "./bucket", "--now", f"{DAY}T13:30:00Z", "--yes")
        self.run_spillway("connection", "disable", 1)
        self.assertEqual(len(self.claims()), 1)
        self.run_spillway("connection", "disable", 2)
        self.assertEqual(self.claims(), [])

    def test_an_installation_takes_away_only_the_claim_that_it_has_put(self):
        self.connect("--claim")
        environment = {**self.environment(), "SPILLWAY_STATE": str(self.dir / "other.db")}
        for command in (("org", "create", "--id", 36958), ("project", "create", "--org", 36958, "--id", 23),
                        ("connection", "create", "--project", 23, "./bucket", "--now", f"{DAY}T14:30:00Z", "--yes", "--claim")):
            self.run_spillway(*command, environment=environment)
        ended = self.run_spillway("connection", "disable", 1, environment=environment)
        self.assertEqual(len(self.claims()), 1)
        self.assertIn("another installation of organization 36958 has put it, at ", ended.err)
        self.assertIn("remove the object spillway-organization.json", ended.err)
        self.assertNotIn("note:", self.run_spillway("connection", "disable", 1).err)
        self.assertEqual(self.claims(), [])

    def test_a_connection_that_may_not_be_enabled_leaves_no_claim(self):
        self.connect("--claim")
        self.run_spillway("connection", "disable", 1)
        self.connect_other(expect=0)
        self.run_spillway("connection", "enable", 1, expect=1)
        self.assertEqual(self.claims(), [])

    def test_an_export_goes_to_no_bucket_of_another_organization(self):
        event_of_other = event(9, 1, app=22)
        refused = ("export", "--now", f"{DAY}T12:00:00Z", "--project", 22, "./bucket")
        self.connect("--claim")
        for organization, line in ((2, event_of_other), (36958, event(9, 2))):
            self.run_spillway("ingest", "-", "--org", organization, "--now", f"{DAY}T12:00:00Z", stdin=line + "\n")
        self.assertIn("organization 36958", self.run_spillway(*refused, expect=1).err)
        self.assertIn("organization", self.run_spillway("export", "./elsewhere", "--now", f"{DAY}T12:00:00Z", expect=1).err)
        self.assertNotIn("22/", "".join(self.keys()))
        self.run_spillway("connection", "delete", 1, "--yes")
        self.run_spillway(*refused)

    def test_an_export_of_a_portfolio_is_refused(self):
        self.run_spillway("project", "create", "--org", 36958, "--id", 5, "--portfolio")
        self.assertIn("portfolio", self.run_spillway("export", "./bucket", "--project", 5, expect=2).err)

    def test_an_event_of_a_portfolio_is_a_reject_and_the_others_are_delivered(self):
        self.run_spillway("project", "create", "--org", 36958, "--id", 5, "--portfolio")
        lines = event(14, 1) + "\n" + event(14, 2, app=5) + "\n"
        self.run_spillway("export", "-", "./bucket", "--now", f"{DAY}T18:30:00Z", stdin=lines, expect=4)
        self.assertEqual(self.events_of(), [f"{DAY}-14-1"])
        self.assertIn("project 5 is a portfolio", self.run_spillway("rejects").out)


class Deletion(Connections):
    def test_what_is_in_the_bucket_stays_and_the_history_goes(self):
        self.connect()
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T18:30:00Z")
        before = tree_of(self.bucket)
        deleted = self.run_spillway("connection", "delete", 1, "--yes")
        self.assertIn("history", deleted.err)
        self.assert_same_tree(tree_of(self.bucket), before)
        self.assertEqual(self.run_spillway("jobs", "--json").document, {"jobs": []})
        # The same objects are found again, and none is put twice.
        self.connect(now=f"{DAY}T18:40:00Z")
        self.assert_same_tree(tree_of(self.bucket), before)

    def test_a_history_that_another_connection_of_the_place_gets_is_not_said_to_be_removed(self):
        self.connect()
        self.ingest(event(14, 1))
        self.run_spillway("connection", "disable", 1, "--now", f"{DAY}T13:35:00Z")
        self.connect(now=f"{DAY}T13:40:00Z")
        self.run_once(f"{DAY}T18:30:00Z")
        deleted = self.run_spillway("connection", "delete", 2, "--yes", "--now", f"{DAY}T18:35:00Z")
        self.assertIn("leaves its history of deliveries to connection 1, which is disabled", deleted.err)
        jobs = self.run_spillway("jobs", "--json").document["jobs"]
        self.assertEqual({job["connection"] for job in jobs}, {1})
        self.assertIn("removes its history", self.run_spillway("connection", "delete", 1, "--yes").err)

    def test_jobs_that_a_killed_worker_has_left_running_hold_nothing_up(self):
        self.connect()
        self.ingest(event(14, 1))
        self.run_once(f"{DAY}T18:30:00Z")
        with contextlib.closing(sqlite3.connect(self.state)) as state, state:
            state.execute("UPDATE job SET state='running' WHERE id=1")
        with open(self.state, "rb") as worker:
            fcntl.flock(worker, fcntl.LOCK_EX)
            self.assertIn("a job of it is running", self.run_spillway("connection", "delete", 1, "--yes", expect=1).err)
        self.run_spillway("connection", "delete", 1, "--yes")

    def test_it_is_not_done_unasked(self):
        self.connect()
        self.run_spillway("connection", "delete", 1, expect=2)
        self.assertEqual(self.connection()["state"], "enabled")


class Backfill(Connections):
    def deliver(self):
        self.connect(now="2020-01-26T00:30:00Z")
        self.ingest(event(9, 1), event(14, 2), event(14, 3), now="2020-01-26T11:00:00Z")

    def backfill(self, *options, expect=0, now="2020-01-26T12:00:00Z"):
        return self.run_spillway("backfill", 1, "--from", DAY, "--to", DAY, "--now", now, *options, expect=expect)

    def test_past_days_are_delivered_with_markers(self):
        self.deliver()
        said = self.backfill()
        self.assertEqual(self.events_of(), [f"{DAY}-14-2", f"{DAY}-14-3", f"{DAY}-9-1"])
        self.assertTrue(set(marker(hour) for hour in range(24)) <= set(self.keys()))
        self.assertIn(f"from hour {DAY}_9 to {DAY}_14", said.err)

    def test_a_damaged_bucket_is_put_right_and_what_is_foreign_stays(self):
        self.deliver()
        self.backfill()
        whole = tree_of(self.bucket)
        (self.bucket / key(9)).unlink()
        (self.bucket / key(14)).write_bytes(b"altered")
        (self.bucket / marker(3)).unlink()
        foreign = self.bucket / key(14, 7)
        foreign.write_bytes(b"foreign")
        refused = self.backfill(expect=1)
        self.assertIn(key(14, 7), refused.err)
        self.assertEqual(foreign.read_bytes(), b"foreign")
        foreign.rename(self.dir / "moved")
        self.backfill()
        self.assert_same_tree(tree_of(self.bucket), whole)

    def test_foreign_objects_are_deleted_if_that_is_wanted(self):
        self.deliver()
        self.backfill()
        whole = tree_of(self.bucket)
        (self.bucket / key(14, 7)).write_bytes(b"foreign")
        self.backfill("--replace-foreign")
        self.assert_same_tree(tree_of(self.bucket), whole)

    def test_a_disabled_connection_is_backfilled_unless_another_one_has_its_history(self):
        self.deliver()
        self.run_spillway("connection", "disable", 1, "--now", "2020-01-26T11:30:00Z")
        self.backfill()
        self.assertEqual(self.events_of(), [f"{DAY}-14-2", f"{DAY}-14-3", f"{DAY}-9-1"])
        self.connect(now="2020-01-26T12:00:00Z")
        self.assertIn("connection 2 has its history", self.backfill(expect=1).err)

    def test_what_is_right_is_not_put_again(self):
        self.deliver()
        self.backfill()
        before = {path: path.stat().st_mtime_ns for path in self.bucket.rglob("*.gz")}
        again = self.backfill("--json").document["backfills"][0]
        self.assertEqual(again["objects"], 0)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.bucket.rglob("*.gz")}, before)

    def test_late_events_are_a_partition_more(self):
        self.deliver()
        self.backfill()
        self.ingest(event(14, 4), now="2020-01-26T11:00:00Z")
        self.backfill()
        self.assertIn(key(14, 2), self.keys())

    def test_days_without_data_are_named(self):
        self.deliver()
        said = self.run_spillway("backfill", 1, "--from", "2020-01-23", "--to", DAY, "--now", "2020-01-26T12:00:00Z")
        self.assertIn("2020-01-23 to 2020-01-24 have no events", said.err)

    def test_hours_that_were_pruned_are_named_and_left(self):
        self.deliver()
        self.backfill()
        whole = tree_of(self.bucket)
        (self.bucket / key(9)).unlink()
        (self.bucket / key(14)).unlink()
        with contextlib.closing(sqlite3.connect(self.state)) as state, state:
            state.execute("UPDATE hour SET pruned_bytes=segmented_bytes, pruned_events=events "
                          "WHERE hour=(SELECT min(hour) FROM segment)")
            state.execute("DELETE FROM segment WHERE hour=(SELECT min(hour) FROM segment)")
        said = self.backfill(expect=1)
        self.assertIn("error: backfilling connection 1: "
                      f"1 hour pruned, so that what is missing can't be put again: {DAY}_9\n", said.err)
        self.assertIn("try: ", said.err)
        self.assertIn(f"pruned, so that what is missing can't be put again: {DAY}_9", said.out)
        del whole[key(9)]
        self.assert_same_tree(tree_of(self.bucket), whole)

    def change_state(self, *statements):
        with contextlib.closing(sqlite3.connect(self.state)) as state, state:
            for each in statements:
                state.execute(each)

    def test_what_has_failed_is_told_with_its_own_cause_and_advice(self):
        self.deliver()
        self.change_state("UPDATE piece SET text=zeroblob(length(text))")
        refused = self.backfill(expect=1)
        self.assertIn(f"error: backfilling connection 1: planning hour {DAY}_9 of project {PROJECT}: ", refused.err)
        self.assertIn("try: bring the state file back from a backup", refused.err)
        self.assertNotIn("replace-foreign", refused.err)

    def test_a_foreign_object_is_told_with_the_option_that_replaces_it(self):
        self.deliver()
        self.backfill()
        (self.bucket / key(14, 7)).write_bytes(b"foreign")
        self.assertIn("run again with --replace-foreign, which deletes them\n", self.backfill(expect=1).err)

    def test_pruned_hours_are_counted_and_stay_told_whatever_comes_later(self):
        self.connect(now="2020-01-27T00:30:00Z")
        self.ingest(*(event(hour, hour) for hour in range(1, 19)), event(20, 3, day="2020-01-26"), now="2020-01-27T11:00:00Z")
        range_of_days = ("--from", DAY, "--to", "2020-01-26", "--now", "2020-01-27T12:00:00Z")
        self.run_spillway("backfill", 1, *range_of_days)
        for hour in range(1, 19):
            (self.bucket / key(hour)).unlink()
        self.change_state("UPDATE hour SET pruned_bytes=segmented_bytes, pruned_events=events", "DELETE FROM segment")
        told = ("pruned, so that what is missing can't be put again: "
                + ", ".join(f"{DAY}_{hour}" for hour in range(1, 6)) + " and 13 more")
        listed = self.run_spillway("backfill", 1, *range_of_days, "--json", expect=1).document["backfills"][0]
        self.assertEqual((listed["state"], listed["reason"], listed["pruned_hours"]), ("done", told, 18))
        # The second day fails.
        (self.bucket / key(20, 7, day="2020-01-26")).write_bytes(b"foreign")
        self.run_spillway("backfill", 1, *range_of_days, expect=1)
        listed = self.run_spillway("backfill", "--list", "--json").document["backfills"][-1]
        self.assertEqual(listed["state"], "failed")
        self.assertTrue(listed["reason"].startswith("backfilling: 1 object in these hours"), listed["reason"])
        self.assertTrue(listed["reason"].endswith("; " + told), listed["reason"])

    def test_the_future_is_wrong_usage(self):
        self.deliver()
        self.run_spillway("backfill", 1, "--from", "2020-01-27", "--to", "2020-01-28", "--now", "2020-01-26T12:00:00Z", expect=2)

    def test_a_backfill_that_was_cut_off_goes_on(self):
        self.deliver()
        rules = self.bucket / ".spillway" / "bucket.json"
        rules.write_text(json.dumps({"faults": [{"operation": "PutObject", "key": f"*_{DAY}_14*", "error": "InternalError", "times": 0}]}))
        self.backfill(expect=1)
        listed = self.run_spillway("backfill", "--list", "--json").document["backfills"]
        self.assertEqual([each["state"] for each in listed], ["running"])
        rules.unlink()
        self.backfill()
        listed = self.run_spillway("backfill", "--list", "--json").document["backfills"]
        self.assertEqual([each["state"] for each in listed], ["done"])
        self.assertEqual(len(self.events_of()), 3)


class Blocked(Connections):
    def test_access_that_is_refused_for_half_an_hour_is_an_incident_and_ends_by_itself(self):
        self.connect()
        self.ingest(event(14, 1))
        rules = self.bucket / ".spillway" / "bucket.json"
        rules.write_text('{"deny": ["s3:PutObject"]}')
        for minute in (6, 7, 11, 21, 36):
            self.run_once(f"{DAY}T15:{minute:02}:00Z", 3)
            blocked = minute == 36
            self.assertEqual(self.connection()["access"]["state"], "blocked" if blocked else "refused")
        self.assertEqual(self.connection()["access"]["permission"], "s3:PutObject")
        status = self.run_spillway("status", "--json").document
        self.assertEqual(status["mails"]["waiting"], 1)
        self.assertIn("s3:PutObject is missing", self.run_spillway("status").out)
        self.run_once(f"{DAY}T15:51:00Z", 3)
        self.assertEqual(self.run_spillway("status", "--json").document["mails"]["waiting"], 1)
        rules.unlink()
        self.run_once(f"{DAY}T16:06:00Z")
        self.assertIsNone(self.connection()["access"])
        self.assertEqual(self.events_of(), [f"{DAY}-14-1"])
        self.assertEqual(self.run_spillway("status", "--json").document["mails"]["waiting"], 2)

    def test_a_command_is_told(self):
        self.connect()
        self.ingest(event(14, 1))
        rules = self.bucket / ".spillway" / "bucket.json"
        rules.write_text('{"deny": ["s3:PutObject"]}')
        for minute in (6, 36):
            self.run_once(f"{DAY}T15:{minute:02}:00Z", 3, "--on-incident", "cat >> incident.json")
        told = json.loads((self.dir / "incident.json").read_text())
        self.assertEqual((told["event"], told["permission"]), ("blocked", "s3:PutObject"))


class Worker(Connections):
    """`run` at work, and what may be done beside it."""

    def start_run(self):
        running = self.start("run", "--now", f"{DAY}T18:30:00Z", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.stderr.close)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        return running

    def test_it_delivers_says_so_and_ends_at_a_signal(self):
        self.connect()
        self.ingest(event(14, 1))
        running = self.start_run()
        self.assertIn("5 hours delivered", running.stdout.readline())
        self.assertEqual(self.events_of(), [f"{DAY}-14-1"])
        second = self.run_spillway("run", "--once", expect=1)
        self.assertIn(f"process {running.pid} (run)", second.err)
        self.run_spillway("project", "create", "--org", 36958, "--id", 7)
        # A backfill is queued with the worker, and followed.
        self.ingest_is_refused()
        self.run_spillway("backfill", 1, "--from", "2020-01-23", "--to", "2020-01-23", "--now", f"{DAY}T18:30:00Z")
        self.assertIn(marker(0, "2020-01-23"), self.keys())
        # A connection that is made now is at work a second later.
        self.run_spillway("connection", "create", "--project", PROJECT, "./second", "--now", f"{DAY}T18:30:00Z", "--yes")
        self.assertIn("connection 2: 18 hours delivered", running.stdout.readline())
        self.run_spillway("connection", "disable", 1, "--now", f"{DAY}T18:30:00Z")
        running.send_signal(signal.SIGTERM)
        self.assertEqual(running.wait(timeout=10), 0)

    def test_a_check_beside_it_says_that_what_it_finds_may_have_moved(self):
        self.connect()
        self.ingest(event(14, 1))
        running = self.start_run()
        self.assertIn("5 hours delivered", running.stdout.readline())
        self.assertEqual(self.run_spillway("check", self.bucket, "--state", self.state).err, "")
        (self.bucket / marker(14)).unlink()
        found = self.run_spillway("check", self.bucket, "--state", self.state, expect=1)
        self.assertIn("somebody is working on the state file", found.err)

    def test_a_command_that_follows_a_backfill_ends_with_1_where_another_one_cancels_it(self):
        self.connect()
        os.mkfifo(self.dir / "pipe")
        worker = self.start("ingest", "pipe", stdout=subprocess.DEVNULL)
        self.addCleanup(worker.wait)
        options = ("--from", DAY, "--to", DAY, "--now", f"{DAY}T18:30:00Z")
        with open(self.dir / "pipe", "wb"):  # waits until the other end is opened: it works
            following = self.start("backfill", 1, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while not self.run_spillway("backfill", "--list", "--json").document["backfills"]:
                self.assertIsNone(following.poll())
            self.run_spillway("backfill", 1, "--cancel")
            out, err = following.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual(following.returncode, 1, err)
        self.assertRegex(out, r" cancelled ")
        self.assertIn("error: backfilling connection 1: it was cancelled\n", err)
        self.assertIn(f"try: what was put stays; to do the rest: spillway backfill 1 --from {DAY} --to {DAY}", err)

    def test_a_terminal_that_is_closed_ends_it_like_a_signal_to_stop(self):
        self.connect()
        self.ingest(event(14, 1))
        running = self.start_run()
        self.assertIn("5 hours delivered", running.stdout.readline())
        running.send_signal(signal.SIGHUP)
        self.assertEqual(running.wait(timeout=10), 0)

    def ingest_is_refused(self):
        refused = self.run_spillway("ingest", "-", stdin=event(14, 9), expect=1)
        self.assertIn("(run)", refused.err)


if __name__ == "__main__":
    support.main()
