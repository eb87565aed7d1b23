#!/usr/bin/env python3
"""What `verify` and `doctor` say of a bucket that is a directory, and how they end. On S3: permissions.py."""

import datetime
import json
import subprocess
import os

import support

SIX = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation",
       "s3:PutObject"]
LISTING = ["s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"]
KEY = "1/1_2020-01-25_17#1.json.gz"


class Access(support.EndToEnd):
    def behave(self, **settings):
        """A bucket that behaves as its bucket.json says."""
        private = self.bucket / ".spillway"
        private.mkdir(parents=True, exist_ok=True)
        (private / "bucket.json").write_text(json.dumps(settings), encoding="utf-8")

    def leave_upload(self, begun_at="2020-01-25T18:00:00Z"):
        """What a run that was killed in the middle of an upload leaves."""
        upload = self.bucket / ".spillway" / "uploads" / ("0123456789abcdef" * 2)
        upload.mkdir(parents=True)
        (upload / "upload.json").write_text(json.dumps({
            "key": KEY, "created_at": begun_at, "condition": "absent", "encryption": "none",
            "kms_key_id": "", "content_type": "application/gzip"}) + "\n", encoding="utf-8")
        (upload / "00001").write_bytes(b"part")
        return upload

    def results(self, document):
        return {each["permission"]: each["result"] for each in document["permissions"]}

    def test_a_bucket_that_allows_everything_is_verified(self):
        self.bucket.mkdir()
        found = self.run_spillway("verify", self.bucket, "--json").document
        self.assertEqual(self.results(found), dict.fromkeys(SIX + LISTING, "allowed"))
        self.assertTrue(found["ok"])
        self.assertEqual(support.tree_of(self.bucket), {})

    def test_a_permission_that_exports_need_ends_with_3_and_its_remedy(self):
        for name in SIX:
            with self.subTest(name):
                self.behave(deny=[name])
                ended = self.run_spillway("verify", self.bucket, "--json", expect=3)
                self.assertEqual([which for which, result in self.results(ended.document).items() if result == "denied"],
                                 [name])
                text = self.run_spillway("verify", self.bucket, expect=3).out
                self.assertIn(f"needed: allow {name} in {self.bucket}/.spillway/bucket.json", text)

    def test_a_permission_that_exports_do_without_is_only_named(self):
        for name in LISTING:
            with self.subTest(name):
                self.behave(deny=[name])
                self.assertEqual(self.results(self.run_spillway("verify", self.bucket, "--json").document)[name], "denied")

    def test_what_verify_does_not_find_is_a_failure(self):
        self.assertIn("error: ", self.run_spillway("verify", self.dir / "nowhere", expect=1).err)

    def test_a_doctor_without_a_patient_makes_nothing(self):
        found = self.run_spillway("doctor", "--json").document
        self.assertEqual({each["result"] for each in found["checks"]}, {"ok"})
        self.assertFalse(self.state.exists())

    def test_a_state_file_that_others_may_read_is_a_warning_and_a_broken_one_fails(self):
        self.run_spillway("project", "create", 1)
        os.chmod(self.state, 0o644)
        checks = {each["check"]: each["result"] for each in self.run_spillway("doctor", "--json").document["checks"]}
        self.assertEqual(checks["state file"], "ok")
        self.assertEqual(checks["state file mode"], "warning")
        self.state.write_bytes(b"x" * 100_000)
        self.assertIn("state file", self.run_spillway("doctor", expect=1).out)

    def test_a_byte_of_a_stored_event_that_a_disk_has_changed_is_found(self):
        self.generate(self.dir / "events.jsonl", "--seed", 1, "--events", 20, "--hours", 2)
        self.run_spillway("ingest", "events.jsonl")
        self.assertIn("of all 2 hours are what was written", self.run_spillway("doctor").out)
        bytes_there = self.state.read_bytes()
        self.assertIn(b'"server_received_time"', bytes_there)
        self.state.write_bytes(bytes_there.replace(b'"server_received_time"', b'"server_received-time"', 1))
        found = self.run_spillway("doctor", "--json", expect=1).document["checks"]
        self.assertEqual([each["result"] for each in found if each["check"] == "state file"], ["ok"])
        self.assertRegex([each for each in found if each["check"] == "events"][0]["detail"],
                         "damaged in 1 of 2 hours: reading piece . of project 187520, hour .*another CRC-32")

    def test_uploads_that_were_left_behind_are_listed_and_removed_when_asked(self):
        upload = self.leave_upload()
        listed = self.run_spillway("doctor", self.bucket, "--json").document["uploads"]
        self.assertEqual([(each["key"], each["removed"]) for each in listed], [(KEY, False)])
        self.assertTrue(upload.exists())
        self.assertIn("--clean", self.run_spillway("doctor", self.bucket).out)
        removed = self.run_spillway("doctor", self.bucket, "--clean", "--json").document["uploads"]
        self.assertEqual([each["removed"] for each in removed], [True])
        self.assertFalse(upload.exists())
        self.assertEqual(self.run_spillway("doctor", self.bucket, "--json").document["uploads"], [])

    def test_beside_a_worker_no_upload_is_called_left_behind(self):
        self.generate(self.dir / "events.jsonl", "--seed", 1, "--events", 20, "--hours", 2)
        self.run_spillway("ingest", "events.jsonl")
        self.run_spillway("connection", "create", "--project", 187520, self.dir / "other", "--yes", "--now", "2020-01-25T20:00:00Z")
        self.leave_upload()
        self.assertIn("left behind: an upload", self.run_spillway("doctor", self.bucket).out)
        # What it delivers first, it says when it is at work.
        running = self.start("run", "--now", "2020-01-25T22:30:00Z", stdout=subprocess.PIPE, text=True)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        self.assertIn("delivered", running.stdout.readline())
        found = self.run_spillway("doctor", self.bucket).out
        self.assertIn("under way, or left behind: an upload", found)
        self.assertIn("a process is working on the state file", found)
        self.assertNotIn("--clean", found)

    def test_what_removes_uploads_is_said_with_the_destination_that_was_named(self):
        self.leave_upload()
        self.assertIn(f"spillway doctor {self.bucket} --clean", self.run_spillway("doctor", self.bucket).out)

    def test_that_uploads_can_not_be_listed_is_a_warning(self):
        self.behave(deny=["s3:ListBucketMultipartUploads"])
        found = self.run_spillway("doctor", self.bucket, "--json").document["checks"]
        uploads = [each for each in found if each["check"] == "uploads"][0]
        self.assertEqual(uploads["result"], "warning")
        self.assertIn("s3:ListBucketMultipartUploads", uploads["detail"])

    def test_a_bucket_that_an_export_would_make_is_in_order(self):
        found = self.run_spillway("doctor", self.dir / "new", "--json").document["checks"]
        self.assertEqual({each["result"] for each in found}, {"ok"})
        self.assertIn("is not there yet", [each for each in found if each["check"] == "bucket"][0]["detail"])

    def test_an_upload_of_today_that_is_not_the_ledgers_may_be_another_hosts_and_stays(self):
        upload = self.leave_upload(begun_at=datetime.datetime.now(datetime.timezone.utc).isoformat())
        listed = self.run_spillway("doctor", self.bucket, "--clean", "--json").document["uploads"]
        self.assertEqual([(each["key"], each["state"], each["removed"]) for each in listed],
                         [(KEY, "perhaps-under-way", False)])
        self.assertIn("under way, or left behind", self.run_spillway("doctor", self.bucket, "--clean").out)
        self.assertTrue(upload.exists())

    def test_a_listing_needs_no_permission_to_read(self):
        self.generate(self.dir / "events.jsonl", "--seed", 1, "--events", 20, "--hours", 2)
        self.run_spillway("export", "events.jsonl", self.bucket, "--now", "2020-02-01T00:00:00Z")
        self.assertIn("4 objects", self.run_spillway("ls", self.bucket).out)
        self.assertIn("20 events in 2 hours", self.run_spillway("ls", self.bucket).out)
        (self.bucket / ".spillway" / "bucket.json").write_text('{"deny": ["s3:GetObject"]}')
        listed = self.run_spillway("ls", self.bucket)
        self.assertIn("4 objects", listed.out)
        self.assertNotIn("events in", listed.out)

    def test_a_listing_reads_no_marker_that_says_nothing_of_the_events(self):
        lines = [f'{{"event_type":"a","device_id":"d","server_upload_time":"2020-01-25T{hour:02}:00:00Z"}}' for hour in (9, 11)]
        self.run_spillway("export", "-", self.bucket, "--now", "2020-02-01T00:00:00Z", stdin="\n".join(lines))
        rules = self.bucket / ".spillway" / "bucket.json"

        def fail_reading(key):
            rules.write_text(json.dumps({"faults": [{"operation": "GetObject", "key": key, "error": "InternalError", "times": 0}]}))

        fail_reading("1/1_2020-01-25_10_complete")  # an hour without events
        self.assertIn(", 2 events in 2 hours\n", self.run_spillway("ls", self.bucket).out)
        fail_reading("*")
        self.run_spillway("ls", self.bucket, expect=1)
        (self.bucket / "1" / "1_2020-01-25_9_complete").unlink()  # so that all of them can't be counted
        self.assertRegex(self.run_spillway("ls", self.bucket).out, r"\n4 objects, [^,]* in 2 hours\n$")

    def test_clean_needs_a_destination(self):
        self.assertIn("DEST", self.run_spillway("doctor", "--clean", expect=2).err)


if __name__ == "__main__":
    support.main()
