#!/usr/bin/env python3
"""The migration of a connection to KMS and the role principal: forward, killed at every step, and rolled back from each."""

import json
import re
import subprocess

from support import EndToEnd, kill, tree_of

PROJECT = 187520
ORGANIZATION = 36958
DAY = "2020-01-25"
KEY = "exporter-key"
ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/spillway-export-{PROJECT}"
CREATED = f"{DAY}T13:30:00Z"
MIGRATED = f"{DAY}T15:30:00Z"
LATER = f"{DAY}T18:30:00Z"
LAST_STEP = 11


def event(hour, number):
    return json.dumps({"event_type": "purchase", "device_id": f"d{number}", "$insert_id": f"{hour}-{number}",
                       "app": PROJECT, "server_upload_time": f"{DAY}T{hour:02}:10:00.000000"})


class Migration(EndToEnd):
    """A connection of the old kind in a directory; migration_minio.py has the same in MinIO."""

    dest = "./bucket"

    def setUp(self):
        super().setUp()
        self.prepare_bucket()
        self.run_spillway("org", "create", "--id", ORGANIZATION, "--name", "acme")
        self.run_spillway("project", "create", "--org", ORGANIZATION, "--id", PROJECT)
        self.ingest(event(9, 1))
        self.connect("--legacy-root", "--account", ACCOUNT)
        self.ingest(event(14, 2), event(16, 3), event(17, 4))

    # What differs from bucket to bucket.

    def prepare_bucket(self):
        """A policy with the statement of the old kind, between others, and an encryption with all that it can say."""
        self.settings = self.bucket / ".spillway" / "bucket.json"
        self.settings.parent.mkdir(parents=True)
        self.write_settings({"location": "eu-west-1", "policy": self.old_policy(),
                             "default_encryption": {"algorithm": "aws:kms", "kms_key_id": "old-key", "bucket_keys": True}})

    def write_settings(self, document):
        self.settings.write_text(json.dumps(document))

    def policy(self):
        return json.loads(self.settings.read_text()).get("policy")

    def encryption(self):
        return json.loads(self.settings.read_text()).get("default_encryption")

    def kms_encryption(self):
        return {"algorithm": "aws:kms", "kms_key_id": KEY, "bucket_keys": True}

    def encryption_of(self, key):
        """How an object is encrypted, and with which key."""
        for path in (self.bucket / ".spillway" / "objects").iterdir():
            note = json.loads(path.read_text())
            if note["key"].endswith(key):
                return note["encryption"], note["kms_key_id"]
        return None

    def objects(self):
        return tree_of(self.bucket)

    def bucket_name(self):
        return "bucket"

    # What does not.

    def old_policy(self):
        generated = json.loads(self.run_spillway("policy", "--bucket", self.bucket_name(), "--project", PROJECT,
                                                 "--principal", ROOT).out)
        public = {"Sid": "Public", "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"],
                  "Resource": [f"arn:aws:s3:::{self.bucket_name()}/public/*"]}
        return {"Version": "2012-10-17", "Statement": [generated["Statement"][0], public]}

    def principals(self):
        """Whom the statements of the bucket's policy let in."""
        found = []
        for each in self.policy()["Statement"]:
            named = each["Principal"]["AWS"] if isinstance(each["Principal"], dict) else each["Principal"]
            found += named if isinstance(named, list) else [named]
        return sorted(found)

    def connect(self, *options, expect=0, now=CREATED):
        return self.run_spillway("connection", "create", "--project", PROJECT, self.dest, "--now", now, "--yes", *options,
                                 expect=expect)

    def ingest(self, *events):
        self.run_spillway("ingest", "-", "--now", f"{DAY}T23:59:00Z", stdin="\n".join(events) + "\n")

    def migrate(self, *options, expect=0, now=MIGRATED):
        return self.run_spillway("connection", "migrate", 1, "--kms-key", KEY, "--yes", "--now", now, *options,
                                 expect=expect)

    def roll_back(self, *options, expect=0, now=MIGRATED):
        return self.run_spillway("connection", "migrate", "rollback", 1, "--yes", "--now", now, *options, expect=expect)

    def run_once(self, now=LATER):
        return self.run_spillway("run", "--once", "--now", now)

    def connections(self):
        return {each["id"]: each for each in self.run_spillway("connection", "list", "--json").document["connections"]}

    def undisturbed(self):
        """What a connection that nobody has touched would have delivered until LATER: names and bytes."""
        other = self.dir / "undisturbed"
        environment = {**self.environment(), "SPILLWAY_STATE": str(self.dir / "undisturbed.db")}
        for arguments, stdin in ((("org", "create", "--id", ORGANIZATION), ""),
                                 (("project", "create", "--org", ORGANIZATION, "--id", PROJECT), ""),
                                 (("ingest", "-", "--now", f"{DAY}T23:59:00Z"),
                                  "\n".join((event(9, 1), event(14, 2), event(16, 3), event(17, 4))) + "\n"),
                                 (("connection", "create", "--project", PROJECT, other, "--now", LATER, "--yes"), "")):
            self.run_spillway(*arguments, stdin=stdin, environment=environment)
        return tree_of(other)

    def assert_delivered(self):
        self.assert_same_tree(self.objects(), self.undisturbed())
        self.run_spillway("check", self.dest, "--state", self.state)

    def assert_migrated(self, hours=(14, 16, 17)):
        shown = self.connections()
        self.assertEqual(list(shown), [2])
        self.assertEqual((shown[2]["principal"], shown[2]["sse"], shown[2]["sse_kms_key_id"], shown[2]["state"]),
                         ("role", "aws:kms", KEY, "enabled"))
        self.assertEqual(shown[2]["gaps"], [])
        self.assertEqual(self.principals(), sorted(["*", ROLE]))
        self.assertEqual(self.encryption(), self.kms_encryption())
        self.run_once()
        self.assert_delivered()
        for hour in hours:
            self.assertEqual(self.encryption_of(f"{PROJECT}_{DAY}_{hour}#1.json.gz"), ("aws:kms", KEY))


class Forward(Migration):
    def test_eleven_steps_in_one_command(self):
        said = self.migrate()
        self.assertEqual([int(each) for each in re.findall(r"^step (\d+) of 11", said.out, re.MULTILINE)],
                         list(range(LAST_STEP + 1)))
        self.assertIn("connection 2 has taken its place", said.out)
        self.assert_migrated()

    def test_step_by_step(self):
        for step in range(LAST_STEP + 1):
            made = self.migrate("--until", step, "--json").document["migration"]
            self.assertEqual(made["step"], step)
            self.assertEqual([each["step"] for each in made["steps"]], [step])
        self.assert_migrated()

    def test_killed_behind_every_line_it_goes_on(self):
        for step in range(LAST_STEP):
            running = self.start("connection", "migrate", 1, "--kms-key", KEY, "--yes", "--now", MIGRATED,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            with running.stdout:
                for line in running.stdout:
                    if line.startswith(f"step {step} of"):
                        break
            kill(running)
        self.migrate()
        self.assert_migrated()

    def test_a_dry_run_changes_nothing_and_says_everything(self):
        before = (self.policy(), self.encryption(), self.connections(), self.objects())
        said = self.migrate("--dryrun")
        for part in (ROLE, "s3:AbortMultipartUpload", "kms:GenerateDataKey", "would disable connection 1", "nothing was changed"):
            self.assertIn(part, said.out)
        self.assertEqual((self.policy(), self.encryption(), self.connections(), self.objects()), before)
        self.migrate("--until", 9)
        said = self.roll_back("--dryrun")
        self.assertIn("would remove connection 2", said.out)
        self.assertEqual(sorted(self.connections()), [1, 2])

    def test_two_connections_are_wrong_usage(self):
        self.assertIn("two connections", self.run_spillway("connection", "migrate", 1, 2, "--yes", expect=2).err)

    def test_without_a_key_it_says_how_to_make_one(self):
        refused = self.run_spillway("connection", "migrate", 1, "--yes", "--now", MIGRATED, expect=2)
        self.assertIn("create", refused.err)
        self.assertIn("--kms-key", refused.err)
        self.assertEqual(self.connections()[1]["state"], "enabled")
        self.migrate()
        self.assert_migrated()

    def test_where_no_hour_is_due_it_says_when_to_continue(self):
        self.run_once(MIGRATED)
        said = self.migrate()
        self.assertIn(f"continue after {DAY}T16:05:00", said.out)
        self.assertEqual(sorted(self.connections()), [1, 2])
        early = self.migrate("--json", now=f"{DAY}T16:04:00Z").document["migration"]
        self.assertFalse(early["finished"])
        self.migrate(now=f"{DAY}T16:06:00Z")
        self.assert_migrated(hours=(16, 17))

    def test_more_than_a_day_is_a_gap_with_the_command_that_fills_it(self):
        self.migrate("--until", 8)
        said = self.migrate(now="2020-01-26T15:31:00Z")
        self.assertIn(f"spillway backfill 2 --from {DAY} --to {DAY}", said.out)
        self.assertEqual(len(self.connections()[2]["gaps"]), 1)


class Back(Migration):
    def before(self):
        return self.policy(), self.encryption()

    def test_from_every_step_everything_is_as_it_was(self):
        for step in range(LAST_STEP):
            with self.subTest(step=step):
                before = self.before()
                self.migrate("--until", step)
                said = self.roll_back()
                self.assertIn("is as it was", said.out)
                if step > 0:
                    self.assertIn(KEY, said.out)
                self.assertEqual(self.before(), before)
                shown = self.connections()
                self.assertEqual(list(shown), [1])
                self.assertEqual((shown[1]["state"], shown[1]["principal"], shown[1]["gaps"]), ("enabled", "root", []))
        self.run_once()
        self.assert_delivered()

    def test_deliveries_go_on_where_the_new_connection_stopped(self):
        self.migrate("--until", 10)
        delivered = self.objects()
        self.roll_back(now=f"{DAY}T16:00:00Z")
        self.run_once()
        self.assert_delivered()
        for name, body in delivered.items():
            self.assertEqual(self.objects()[name], body)

    def test_killed_behind_every_line_it_goes_on(self):
        before = self.before()
        self.migrate("--until", 10)
        for step in range(1, 5):
            running = self.start("connection", "migrate", "rollback", 1, "--yes", "--now", MIGRATED, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
            with running.stdout:
                for line in running.stdout:
                    if line.startswith(f"step {step} of"):
                        break
            kill(running)
        if self.run_any("connection", "migrate", 1, "rollback", "--yes", "--now", MIGRATED).code != 0:
            self.assertEqual(self.connections()[1]["state"], "enabled")
        self.assertEqual(self.before(), before)
        self.assertEqual(list(self.connections()), [1])
        self.run_once()
        self.assert_delivered()

    def test_after_the_last_step_there_is_no_way_back(self):
        self.migrate()
        refused = self.roll_back(expect=1)
        self.assertIn("no way back", refused.err)
        self.run_spillway("connection", "disable", 2, "--now", MIGRATED)
        self.assertIn("no way back", self.connect("--legacy-root", expect=1, now=MIGRATED).err)
        self.connect("--principal", ROLE, "--sse", "aws:kms", "--sse-kms-key-id", KEY, now=MIGRATED)
        self.assertIn("finished", self.run_spillway("connection", "migrate", 1, "--yes", "--json").out)


class Beside(Migration):
    def test_status_and_doctor_warn_of_the_old_kind_until_it_is_gone(self):
        for verb in ("status", "doctor"):
            self.assertIn("trusts the whole account", self.run_spillway(verb).out)
        self.migrate()
        for verb in ("status", "doctor"):
            self.assertNotIn("trusts the whole account", self.run_spillway(verb).out)

    def test_status_says_how_far_it_is_and_how_it_goes_on(self):
        self.migrate("--until", 6)
        self.assertIn("connection 1 is being migrated, step 6 of 11 is done; go on: spillway connection migrate 1\n",
                      self.run_spillway("status").out)
        shown = self.run_spillway("status", "--json").document["connections"][0]["migration"]
        self.assertEqual(shown, {"old_connection": 1, "step": 6, "steps": 11, "direction": "forward"})
        self.migrate()
        self.assertNotIn("step", self.run_spillway("status").out)

    def test_nobody_takes_what_is_being_migrated(self):
        self.migrate("--until", 6)
        for arguments in (("enable", 1), ("delete", 1, "--yes")):
            self.assertIn("is being migrated", self.run_spillway("connection", *arguments, expect=1).err)
        self.assertIn("is being migrated", self.connect(expect=1, now=MIGRATED).err)
        self.roll_back()
        self.run_spillway("connection", "delete", 1, "--yes")

    def test_a_connection_of_a_role_has_nothing_to_migrate(self):
        self.migrate()
        self.run_spillway("connection", "migrate", 2, "--kms-key", KEY, "--yes", expect=2)

    def test_backfills_move_along(self):
        self.run_spillway("backfill", 1, "--from", DAY, "--to", DAY, "--now", MIGRATED)
        self.migrate()
        listed = self.run_spillway("backfill", "--list", "--json").document["backfills"]
        self.assertEqual([each["connection"] for each in listed], [2])

    def test_the_statement_stays_while_another_of_the_old_kind_needs_it(self):
        self.run_spillway("project", "create", "--org", ORGANIZATION, "--id", 7)
        self.run_spillway("connection", "create", "--project", 7, self.dest, "--legacy-root", "--account", ACCOUNT, "--now",
                          CREATED, "--yes")
        self.migrate()
        self.assertEqual(self.principals(), sorted(["*", ROOT, ROLE]))


class Worker(Migration):
    def start_run(self):
        running = self.start("run", "--now", LATER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        return running

    def test_a_worker_delivers_the_first_export(self):
        self.migrate("--until", 8)
        running = self.start_run()
        while "(run)" not in self.run_spillway("status").out:
            pass
        self.migrate(now=LATER)
        self.assertIn("connection 2: 5 hours delivered", running.stdout.readline())
        running.terminate()
        running.wait()
        self.assert_migrated()

    def test_a_worker_ends_what_it_does_and_goes_on_when_it_is_rolled_back(self):
        running = self.start_run()
        self.assertIn("connection 1: 5 hours delivered", running.stdout.readline())
        self.migrate("--until", 9, now=LATER)
        self.roll_back(now=LATER)
        running.terminate()
        running.wait()
        self.assertEqual(list(self.connections()), [1])
        self.assert_delivered()


class Refused(Migration):
    """Credentials that may not: on a mirror, which can be told to refuse."""

    def deny(self, *actions):
        document = json.loads(self.settings.read_text())
        document.pop("deny", None)
        self.write_settings({**document, **({"deny": list(actions)} if actions else {})})

    def test_what_is_denied_is_printed_and_seen_when_it_is_done(self):
        self.deny("s3:PutBucketPolicy", "s3:PutEncryptionConfiguration")
        said = self.migrate(expect=3)
        self.assertIn("s3:PutBucketPolicy: denied", said.out)
        self.assertIn("--done 7", said.err)
        self.deny()
        document = said.out[said.out.index("bucket-policy.json", said.out.index("step 7")):]
        policy, _ = json.JSONDecoder().raw_decode(document[document.index("{"):])
        self.write_settings({**json.loads(self.settings.read_text()), "policy": policy})
        self.deny("s3:PutBucketPolicy", "s3:PutEncryptionConfiguration")
        said = self.migrate(expect=3)
        self.assertIn("put-bucket-encryption", said.out)
        # It is not believed where it can be seen.
        self.migrate("--done", 8, expect=3)
        self.deny()
        self.write_settings({**json.loads(self.settings.read_text()), "default_encryption": self.kms_encryption()})
        self.deny("s3:PutBucketPolicy", "s3:PutEncryptionConfiguration")
        self.migrate()
        self.assert_migrated()

    def test_what_can_not_be_seen_is_believed(self):
        self.deny("s3:GetBucketPolicy", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration", "s3:PutBucketPolicy")
        self.migrate(expect=3)
        self.migrate("--done", 6, expect=3)
        self.migrate("--done", 7, expect=3)
        made = self.migrate("--done", 8, "--until", 9, "--json").document["migration"]
        self.assertEqual(made["step"], 9)
        self.roll_back(expect=3)
        self.roll_back("--done", 2, expect=3)
        self.roll_back("--done", 2, "--done", 3)
        self.assertEqual(list(self.connections()), [1])

    def test_access_that_is_not_there_makes_no_connection(self):
        self.migrate("--until", 8)
        self.deny("kms:GenerateDataKey")
        self.assertIn("kms:GenerateDataKey", self.migrate(expect=3).err)
        self.assertEqual(list(self.connections()), [1])
        self.deny()
        self.migrate()
        self.assert_migrated()

    def test_a_policy_that_others_have_changed_is_put_back_and_not_lost(self):
        before = self.policy()
        self.migrate("--until", 8)
        changed = self.policy()
        changed["Statement"].append({**changed["Statement"][0], "Sid": "Late"})
        self.write_settings({**json.loads(self.settings.read_text()), "policy": changed})
        said = self.roll_back()
        self.assertIn("Late", said.out)
        self.assertEqual(self.policy(), before)

    def test_a_bucket_without_settings_has_none_again(self):
        self.write_settings({"location": "eu-west-1"})
        self.migrate("--until", 10)
        self.assertEqual(self.principals(), [ROLE])
        self.roll_back()
        self.assertIsNone(self.policy())
        self.assertIsNone(self.encryption())


if __name__ == "__main__":
    from support import main
    main()
