#!/usr/bin/env python3
"""How commands end: the exit codes that scripts rely on, one line `error:` and one `try:`."""

import json
import os
import re
import shutil
import subprocess

import support

NOW = ("--now", "2020-02-01T00:00:00Z")
DONE, FAILED, USAGE, DENIED, REJECTS = 0, 1, 2, 3, 4


class Exits(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.generate(self.dir / "events.jsonl", "--seed", 1, "--events", 30, "--hours", 2)

    def check_failure(self, code, *arguments, says=(), out=r"\A\Z"):
        ended = self.run_spillway(*arguments, expect=code)
        self.assertRegex(ended.out, out)
        lines = ended.err.splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["error", "try"], ended.err)
        for each in says:
            self.assertIn(each, lines[0])
        return lines

    def deny(self, *actions, faults=()):
        settings = self.bucket / ".spillway" / "bucket.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps({"deny": actions, "faults": faults}))
        return settings

    def objects(self):
        """Without markers, of which a backfill of the whole day puts more."""
        return {key: body for key, body in support.tree_of(self.bucket).items() if key.endswith(".json.gz")}

    def test_done_is_0(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW, expect=DONE)

    def test_help_and_version_are_0(self):
        for arguments in (["--help"], ["export", "--help"], ["--version"], ["help"], ["help", "org", "create"]):
            ended = self.run_spillway(*arguments, expect=DONE)
            self.assertNotEqual(ended.out, "")
            self.assertEqual(ended.err, "")

    def test_help_that_can_not_be_written_is_1(self):
        with open("/dev/full", "wb") as full:
            for arguments in (["--help"], ["export", "--help"], ["--version"]):
                ended = subprocess.run([os.environ["SPILLWAY"], *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual(ended.returncode, FAILED)
                self.assertIn(b"No space left on device", ended.stderr)

    def shell(self, words, expect):
        """`words` by a shell, which closes streams."""
        ended = subprocess.run(["sh", "-c", words.replace("spillway", support.SPILLWAY)], cwd=self.dir,
                               env=self.environment(), capture_output=True, text=True, check=False,
                               timeout=support.SECONDS_MAX)
        self.assertEqual(ended.returncode, expect, ended.stderr)
        return ended

    def test_messages_that_can_not_be_written_change_no_exit_code(self):
        for way in ("2>&-", "2>/dev/full"):
            self.shell(f"spillway exprt {way}", USAGE)
            self.shell(f"spillway ls nope {way}", FAILED)
            self.shell(f"spillway export nope bucket {way}", FAILED)

    def test_a_closed_stream_is_no_place_for_a_file(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        self.run_spillway("connection", "create", "--project", 187520, self.bucket, "--yes", *NOW)
        self.shell("spillway backfill 1 --from 2020-01-25 --to 2020-01-25 2>&-", DONE)
        self.shell("spillway status --json >&-", FAILED)
        self.shell("spillway ingest - <&-", FAILED)
        self.assertIn("received 30 = stored 30", self.run_spillway("status").out)
        shutil.rmtree(self.bucket)
        self.state.unlink()
        ended = self.shell("spillway ingest - <&-", FAILED)
        self.assertIn("reading standard input: Bad file descriptor", ended.stderr)

    def test_an_empty_value_is_no_absence_and_2(self):
        for arguments in (["export", "events.jsonl", self.bucket, "--filter", ""], ["estimate", "--filter", ""],
                          ["connection", "create", "--project", 1, self.bucket, "--filter", ""], ["status", "--now", ""],
                          ["generate", "--start", ""]):
            lines = self.check_failure(USAGE, *arguments, says=["it is empty"])
            self.assertIn(arguments[-2], lines[0])

    def test_open_hours_are_no_error(self):
        ended = self.run_spillway("export", "events.jsonl", self.bucket, "--json", "--now", "2020-01-25T15:10:00Z")
        self.assertEqual([each["hour"] for each in ended.document["open_hours"]], ["2020-01-25_15"])
        self.assertEqual(ended.document["delivered"]["hours"], 1)

    def test_a_missing_input_is_1(self):
        self.check_failure(FAILED, "export", "missing.jsonl", self.bucket, says=["missing.jsonl"])

    def test_a_destination_that_is_a_file_is_2_and_stays_as_it_is(self):
        (self.dir / "file").write_text("here\n")
        for inputs in (["events.jsonl"], []):
            self.check_failure(USAGE, "export", *inputs, "file", says=["it is a file: is DEST missing?"])
        self.assertEqual((self.dir / "file").read_text(), "here\n")
        self.assertFalse(self.state.exists())

    def test_a_state_file_that_cant_be_made_is_1(self):
        state = self.dir / "missing" / "state.db"
        self.check_failure(FAILED, "export", "events.jsonl", self.bucket, "--state", state, says=["state.db"])

    def test_a_directory_as_state_file_is_1(self):
        self.check_failure(FAILED, "export", "events.jsonl", self.bucket, "--state", self.dir, says=["directory"])

    def test_a_directory_as_state_file_is_said_by_verbs_that_read_too(self):
        self.assertIn("it is a directory", self.run_spillway("status", "--state", self.dir, expect=1).err)

    def test_the_manual_is_a_document_where_it_is_written_to_files(self):
        self.assertEqual(self.run_spillway("man", "--json", expect=2).out, "")
        files = self.run_spillway("man", "--json", "--output", "pages").document["files"]
        self.assertEqual(len(files), len(list((self.dir / "pages").iterdir())))

    def test_the_manual_lists_every_variable_of_awss_that_is_read(self):
        manual = self.run_spillway("man").out
        source = (support.FIXTURES.parent / "src" / "bucket" / "aws_settings.cpp").read_text()
        variables = set(re.findall(r'"(AWS_[A-Z0-9_]+)"', source))
        self.assertIn("AWS_DEFAULT_PROFILE", variables)
        self.assertEqual(sorted(each for each in variables if f"\\fB{each}\\fR" not in manual), [])

    def test_a_state_file_of_something_else_is_1_and_stays_as_it_is(self):
        before = (self.dir / "events.jsonl").read_bytes()
        other = self.dir / "other.jsonl"
        other.write_bytes(before)
        self.check_failure(FAILED, "export", "events.jsonl", self.bucket, "--state", other)
        self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--state", "events.jsonl")
        self.assertEqual([(self.dir / "events.jsonl").read_bytes(), other.read_bytes()], [before, before])

    def test_the_state_file_as_an_input_is_2(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        for option in ([], ["--dryrun"]):
            lines = self.check_failure(USAGE, "ingest", "events.jsonl", self.state, *option, *NOW, says=[str(self.state)])
            self.assertIn("leave it out", lines[1])
        with open(self.state, "rb") as state:
            ended = subprocess.run([support.SPILLWAY, "ingest", "-"], cwd=self.dir, env=self.environment(), stdin=state,
                                   capture_output=True, encoding="utf-8", timeout=support.SECONDS_MAX, check=False)
        self.assertEqual(ended.returncode, USAGE, ended.stderr)

    def test_a_state_file_among_the_inputs_is_no_input(self):
        inputs = self.dir / "inputs"
        inputs.mkdir()
        (self.dir / "events.jsonl").rename(inputs / "events.jsonl")
        state = inputs / "spillway.db"
        for option in (["--dryrun"], [], [], ["--dryrun"]):
            taken = self.run_spillway("ingest", inputs, "--json", "--state", state, *option, *NOW).document
            self.assertEqual([each["name"] for each in taken["inputs"]], [str(inputs / "events.jsonl")])
            self.assertEqual(taken["total"]["rejected"], 0)

    def test_wrong_usage_is_2(self):
        for arguments in ([], ["sing"], ["export"], ["export", "events.jsonl", "bucket", "--sing"],
                          ["export", "events.jsonl", "bucket", "--threads", "many"],
                          ["export", "events.jsonl", "bucket", "--record", "improved"],
                          ["generate", "--hours", "0"]):
            with self.subTest(arguments):
                self.check_failure(USAGE, *arguments)

    def test_options_that_contradict_each_other_are_2(self):
        self.run_spillway("org", "create", "--id", 1)
        for arguments in (["backfill", "1", "--cancel", "--list"], ["backfill", "99", "--list"],
                          ["backfill", "1", "--cancel", "--from", "2020-01-25"], ["generate", "--events", "-1"],
                          ["generate", "--seed", "-1"], ["policy", "--bucket", "raw", "--project", "1"]):
            with self.subTest(arguments):
                self.check_failure(USAGE, *arguments)

    def test_a_mistyped_verb_is_named_and_the_one_that_was_meant(self):
        for words, named, meant in (("statsu", "statsu", "spillway status"), ("help expor", "expor", "spillway export"),
                                    ("org crate", "org crate", "spillway org create"),
                                    ("deliver", "deliver", "spillway --help")):
            lines = self.check_failure(USAGE, *words.split(), says=[f"there is no verb {named}"])
            self.assertIn(meant, lines[1])

    def test_s3_without_a_bucket_is_2_and_makes_no_directory(self):
        for dest in ("s3://", "s3:///p"):
            for command in (["export", "events.jsonl", dest], ["ls", dest], ["check", dest], ["verify", dest]):
                with self.subTest(command):
                    self.check_failure(USAGE, *command, says=["names no bucket"])
        self.assertFalse((self.dir / "s3:").exists())

    def test_an_address_of_s3_with_a_slip_is_2_and_makes_no_directory(self):
        before = sorted(self.dir.rglob("*"))
        for dest in ("s3:raw", "s3:/raw/p", "s3://raw//p", "s3://raw///p/"):
            for command in (["export", "events.jsonl", dest], ["ls", dest], ["verify", dest]):
                with self.subTest(command):
                    self.check_failure(USAGE, *command, says=[f"opening {dest}"])
        self.assertIn("s3://raw/p", self.check_failure(USAGE, "ls", "s3://raw//p")[1])
        self.assertEqual(sorted(self.dir.rglob("*")), before)
        self.run_spillway("export", "events.jsonl", "./s3:raw", *NOW, expect=DONE)

    def test_a_destination_that_was_forgotten_is_2(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        self.check_failure(USAGE, "export", "evens.jsonl", says=["evens.jsonl"])
        self.assertFalse((self.dir / "evens.jsonl").exists())
        self.check_failure(USAGE, "export", "events.jsonl", says=["is DEST missing?"])
        self.check_failure(USAGE, "export", "-", says=["it is standard input: is DEST missing?"])
        self.assertFalse((self.dir / "-").exists())

    def test_a_directory_of_inputs_behind_which_the_destination_was_forgotten_is_2(self):
        inputs = self.dir / "to day"
        inputs.mkdir()
        (self.dir / "events.jsonl").rename(inputs / "events.jsonl")
        for options in (["--dryrun"], []):
            lines = self.check_failure(USAGE, "export", "to day", *options, says=["is DEST missing?"])
            self.assertIn("spillway export 'to day' DEST", lines[1])
            self.assertFalse(self.state.exists())
        self.generate(self.dir / "day1.jsonl", "--seed", 2, "--events", 10, "--hours", 1)
        self.run_spillway("export", "day1.jsonl", self.bucket, *NOW)
        for options in (["--dryrun"], []):
            self.check_failure(USAGE, "export", "to day", *options, *NOW, says=["is DEST missing?"])
        self.assertEqual([path.name for path in inputs.iterdir()], ["events.jsonl"])

    def test_a_directory_of_other_things_is_a_destination_once_the_ledger_knows_it(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        shutil.rmtree(self.bucket / ".spillway")
        self.run_spillway("export", self.bucket, *NOW, expect=DONE)

    def test_a_state_file_alone_is_nothing_to_take_in(self):
        state = self.dir / "new" / "spillway.db"
        state.parent.mkdir()
        self.run_spillway("ingest", "events.jsonl", "--state", state, *NOW)
        self.run_spillway("export", "new", "--state", state, *NOW, expect=DONE)

    def test_a_bucket_that_is_gone_is_1_and_is_not_made_anew(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        delivered = self.objects()
        shutil.rmtree(self.bucket)
        self.generate(self.dir / "more.jsonl", "--seed", 2, "--events", 10, "--hours", 1)
        for inputs in ([], ["events.jsonl"], ["more.jsonl"], ["more.jsonl", "--dryrun"]):
            lines = self.check_failure(FAILED, "export", *inputs, self.bucket, *NOW, says=["not there any more"])
            self.assertFalse(self.bucket.exists())
        how = re.search("spillway (connection create .*), then spillway (backfill .*); or make the directory", lines[1])
        self.run_spillway(*how[1].split(), "--yes", *NOW)
        self.run_spillway(*how[2].replace("CONNECTION", "2").split(), *NOW)
        self.assertEqual(self.objects(), delivered)

    def test_a_bucket_that_is_gone_is_a_new_one_where_somebody_makes_it(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        shutil.rmtree(self.bucket)
        self.bucket.mkdir()
        self.generate(self.dir / "more.jsonl", "--seed", 2, "--events", 10, "--hours", 1)
        ended = self.run_spillway("export", "more.jsonl", self.bucket, "--close-open-hours", "--json", *NOW)
        self.assertEqual(ended.document["delivered"]["events"], 10)

    # Who reads a bucket may take away what is read.
    def test_an_export_with_nothing_new_to_an_emptied_bucket_notes_that(self):
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        shutil.rmtree(self.bucket / "187520")
        ended = self.run_spillway("export", "events.jsonl", self.bucket, *NOW, expect=DONE)
        self.assertIn("note: what was delivered is not there any more: 2 hours of project 187520; ", ended.err)
        self.assertIn("spillway backfill CONNECTION --from 2020-01-25 --to 2020-01-25", ended.err)
        self.assertNotIn("make the directory", ended.err)

    def test_a_bucket_that_is_empty_behind_a_filter_is_as_it_should_be(self):
        nothing = ("--filter", 'event_type is "never"', "--complete", "off")
        for _ in range(2):
            self.run_spillway("export", "events.jsonl", self.bucket, *nothing, *NOW, expect=DONE)

    def test_an_organization_is_named_by_its_number_one_way_or_the_other(self):
        self.run_spillway("org", "create", 5)
        self.run_spillway("org", "show", "--id", 5)
        for arguments in (["org", "create"], ["org", "create", 6, "--id", 7], ["project", "show"],
                          ["org", "create", 0]):
            with self.subTest(arguments):
                lines = self.check_failure(USAGE, *arguments, says=["ID"])
                self.assertIn(" ".join(arguments[:2]) + " --help", lines[1])

    def test_an_address_is_no_key_and_the_command_with_its_key_is_said(self):
        lines = self.check_failure(USAGE, "cat", "s3://raw/p", "s3://raw/p/1/1_2020-01-25_14#1.json.gz",
                                   says=["it is an address, and no key"])
        self.assertIn("spillway cat s3://raw 'p/1/1_2020-01-25_14#1.json.gz'", lines[1])
        self.assertIn("spillway cat --help", self.check_failure(USAGE, "cat", "s3://raw/p/1/x")[1])

    def test_only_what_may_be_the_first_to_be_said_of_a_state_file_makes_one(self):
        for command in (["run", "--once"], ["run"], ["prune", "--delivered-before", "2020-01-26"],
                        ["export", self.bucket], ["export", self.bucket, "--dryrun"],
                        ["connection", "enable", 1], ["connection", "delete", 1, "--yes"], ["org", "delete", "--id", 1], ["project", "delete", "--id", 1],
                        ["backfill", 1, "--from", "2020-01-25", "--to", "2020-01-25"], ["backfill", 1, "--cancel"]):
            with self.subTest(command):
                ended = self.run_spillway(*command, expect=FAILED)
                self.assertIn("state.db: No such file", ended.err)
                self.assertFalse(self.state.exists())

    def test_a_clock_that_is_no_time_is_2(self):
        lines = self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--now", "yesterday",
                                   says=["yesterday"])
        self.assertIn("2020-01-25T18:30:00Z", lines[1])

    def test_wrong_usage_leaves_nothing_behind(self):
        before = sorted(self.dir.rglob("*"))
        self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--now", "yesterday")
        self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--org", "0")
        for options in ([], ["--dryrun"]):
            self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--filter", "purchase", *options)
            self.check_failure(USAGE, "export", "events.jsonl", self.bucket, "--sse-kms-key-id", "key", *options)
            self.check_failure(USAGE, "export", "events.jsonl", "http://x", *options)
        self.assertEqual(sorted(self.dir.rglob("*")), before)

    def test_without_credentials_nothing_is_taken_in(self):
        for options in ([], ["--dryrun"]):
            self.check_failure(DENIED, "export", "events.jsonl", "s3://raw", *options)
        self.assertEqual(support.ledger_of(self.state)["input"][0][0], None)

    def test_denied_is_3_and_names_the_permission(self):
        self.deny("s3:PutObject")
        self.check_failure(DENIED, "export", "events.jsonl", self.bucket, *NOW, says=["s3:PutObject"], out="30 stored")

    def test_what_was_denied_is_delivered_once_it_is_allowed(self):
        settings = self.deny("s3:PutObject")
        self.check_failure(DENIED, "export", "events.jsonl", self.bucket, *NOW, out="30 stored")
        settings.unlink()
        ended = self.run_spillway("export", self.bucket, "--json", *NOW)
        self.assertEqual(ended.document["delivered"]["events"], 30)

    def test_denied_goes_before_rejects_which_are_told_all_the_same(self):
        self.deny("s3:PutObject")
        (self.dir / "bad.jsonl").write_text("{broken\n")
        self.check_failure(DENIED, "export", "bad.jsonl", "events.jsonl", self.bucket, *NOW, says=["s3:PutObject"],
                           out="30 stored, 0 duplicates, 0 applied, 1 rejected")
        (self.dir / "worse.jsonl").write_text("{worse\n{broken\n")
        ended = self.run_spillway("export", "worse.jsonl", self.bucket, "--json", *NOW, expect=DENIED)
        self.assertEqual(ended.document["taken_in"]["total"]["rejected"], 2)
        self.assertIn("s3:PutObject", ended.document["failures"][0])

    def test_rejects_are_4_and_the_rest_is_delivered(self):
        (self.dir / "bad.jsonl").write_text("{broken\n")
        ended = self.run_spillway("export", "bad.jsonl", "events.jsonl", self.bucket, "--json", *NOW, expect=REJECTS)
        self.assertEqual(ended.document["delivered"]["events"], 30)
        self.assertEqual(ended.document["taken_in"]["total"]["rejected"], 1)

    def test_rejects_of_an_earlier_run_are_told_with_how_to_take_them_in_again_and_are_no_4(self):
        lines = (self.dir / "events.jsonl").read_text()
        state = ("--state", "its own.db")
        first = self.run_spillway("ingest", "events.jsonl", "--project", 5, *state, *NOW, expect=REJECTS)
        self.assertIn("rejects are kept: spillway rejects --state 'its own.db'", first.out)
        second = self.run_spillway("ingest", "events.jsonl", *state, *NOW)
        self.assertIn("rejected before: 30 lines of these inputs: spillway rejects --state 'its own.db'", second.out)
        self.assertIn("to take them in again: spillway rejects --text --state 'its own.db' > again.jsonl; "
                      "spillway rejects --forget --state 'its own.db'; correct again.jsonl; "
                      "spillway ingest again.jsonl --state 'its own.db'\n", second.out)
        [again] = self.run_spillway("ingest", "events.jsonl", "--json", *state, *NOW).document["inputs"]
        self.assertEqual((again["what"], again["rejected"], again["rejected_before"]), ("taken_before", 0, 30))
        rejects = self.run_spillway("rejects", "--text", *state).out
        self.assertEqual(rejects, lines)
        self.assertEqual(self.run_spillway("rejects", "--forget", *state).out, "forgot 30 rejects\n")
        self.assertIn("30 stored", self.run_spillway("ingest", "-", *state, *NOW, stdin=rejects).out)
        # Nobody is told any more of what was forgotten; how many there were stays known.
        forgotten = self.run_spillway("ingest", "events.jsonl", *state, *NOW)
        self.assertNotIn("reject", forgotten.out.replace("0 rejected\n", ""))
        self.assertEqual(self.run_spillway("status", "--json", *state).document["inputs"]["rejected"], 30)

    def test_rejects_of_an_input_that_is_named_twice_are_told_once(self):
        for name in ("bad.jsonl", "copy.jsonl"):
            (self.dir / name).write_text("{broken\n")
        command = ("ingest", "bad.jsonl", "copy.jsonl", "bad.jsonl", *NOW)
        self.assertNotIn("rejected before", self.run_spillway(*command, expect=REJECTS).out)
        self.assertIn("rejected before: 1 line of these inputs", self.run_spillway(*command).out)

    def test_rejects_are_to_be_taken_in_again_with_the_project_and_the_organization_of_the_command(self):
        (self.dir / "bad.jsonl").write_text("{broken\n")
        command = ("ingest", "bad.jsonl", "--org", 36958, "--project", 5, *NOW)
        self.run_spillway(*command, expect=REJECTS)
        self.assertIn("spillway ingest again.jsonl --project 5 --org 36958\n", self.run_spillway(*command).out)

    def test_an_authority_of_a_mail_server_that_is_not_there_is_2_before_a_mail_is_due(self):
        self.run_spillway("ingest", "events.jsonl", *NOW)
        environment = {**self.environment(), "SPILLWAY_SMTP_URL": "smtps://h?from=a%40b.c&ca=/nowhere/ca.pem"}
        ended = self.run_spillway("run", "--once", *NOW, expect=USAGE, environment=environment)
        self.assertIn("error: reading SPILLWAY_SMTP_URL: the file of its parameter ca can't be read: No such file",
                      ended.err)

    def test_rejects_are_not_printed_and_forgotten_at_once(self):
        self.run_spillway("ingest", "-", *NOW, stdin="{broken\n", expect=REJECTS)
        self.check_failure(USAGE, "rejects", "--text", "--forget", says=["--text and --forget exclude each other"])
        self.assertEqual(self.run_spillway("rejects", "--text").out, "{broken\n")

    def test_a_dry_run_does_not_say_that_rejects_are_kept(self):
        ended = self.run_spillway("ingest", "-", "--dryrun", *NOW, stdin="{broken\n", expect=REJECTS)
        self.assertIn("without --dryrun the rejects are kept", ended.out)

    def test_allowed_rejects_are_0(self):
        (self.dir / "bad.jsonl").write_text("{broken\n")
        self.run_spillway("export", "bad.jsonl", "events.jsonl", self.bucket, "--allow-rejects", *NOW, expect=DONE)
        self.run_spillway("ingest", "-", "--allow-rejects", *NOW, stdin="{broken\n", expect=DONE)
        self.run_spillway("ingest", "-", *NOW, stdin="{broken\n", expect=REJECTS)

    def test_a_foreign_object_in_the_way_is_1_unless_it_may_be_replaced(self):
        foreign = self.bucket / "187520" / "187520_2020-01-25_14#1.json.gz"
        foreign.parent.mkdir(parents=True)
        foreign.write_bytes(b"somebody else's")
        ended = self.run_spillway("export", "events.jsonl", self.bucket, *NOW, expect=FAILED)
        self.assertIn(foreign.name, ended.err)
        self.assertEqual(foreign.read_bytes(), b"somebody else's")
        self.run_spillway("export", self.bucket, "--replace-foreign", *NOW, expect=DONE)
        self.assertNotEqual(foreign.read_bytes(), b"somebody else's")

    def test_a_passing_fault_is_tried_again(self):
        self.deny(faults=[{"operation": "PutObject", "error": "SlowDown", "times": 2},
                          {"operation": "PutObject", "key": "*_complete", "error": "InternalError"}])
        ended = self.run_spillway("export", "events.jsonl", self.bucket, "--json", *NOW)
        self.assertEqual(ended.document["delivered"]["events"], 30)


if __name__ == "__main__":
    support.main()
