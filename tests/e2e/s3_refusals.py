#!/usr/bin/env python3
"""What S3 answers besides success: passing errors are tried again, at most five times; denials end a run at once with
the permission that is missing; and whatever was answered, the next run completes the delivery."""

import datetime
import json

import fault_server
import s3_schedule
import support
from fault_server import DEST, LargeObject, SmallObjects
from s3_schedule import although_done, denial, empty, html, internal_error, lost_answer, raw_answer, recorded
from s3_server import S3Server

DENIED = 3
KMS = ("--sse", "aws:kms", "--sse-kms-key-id", "exporter-key")


def recorded_cases(*classes):
    """Those of fixtures/s3-errors that are answers to a put, of these classes."""
    cases = json.loads(s3_schedule.ERROR_BODIES.read_text(encoding="utf-8"))["cases"]
    return [each for each in cases if each["op"] == "PutObject" and each["expect"]["error_class"] in classes]


class AnswersOfSmallObjects(SmallObjects):
    def check_passing(self, operation, fault):
        """One more request, and done."""
        self.check_one_more_attempt(operation, fault)
        self.assert_nothing_left_to_do(fault.name)

    def test_a_passing_error_costs_one_more_attempt(self):
        for operation in ("PutObject", "HeadObject"):
            for fault in (internal_error(), empty(500), empty(504), html(502), although_done(internal_error()),
                          lost_answer()):
                with self.subTest(operation, fault=fault.name):
                    self.check_passing(operation, fault)

    def test_a_server_that_is_too_busy_is_given_time(self):
        for fault in (s3_schedule.slow_down(), empty(503)):
            with self.subTest(fault.name):
                self.check_passing("PutObject", fault)

    def seconds_waited(self, fault):
        self.check_passing("PutObject", fault)
        first, second = self.server.requests_of("PutObject")[:2]
        return second.at - first.at

    def test_the_time_that_a_server_asks_for_is_waited(self):
        self.assertGreaterEqual(self.seconds_waited(s3_schedule.too_many_requests(retry_after=1)), 1)
        self.assertGreaterEqual(self.seconds_waited(raw_answer(503, headers={"x-amz-retry-after": "400"})), 0.4)
        self.assertGreaterEqual(self.seconds_waited(raw_answer(500, headers={"retry-after": "1"})), 1)

    def test_five_errors_end_the_run_and_the_next_one_delivers(self):
        for operation, fault in (("PutObject", internal_error()), ("HeadObject", empty(500)), ("PutObject", html(502))):
            with self.subTest(operation, fault=fault.name):
                self.begin()
                self.server.faults.add(operation, fault, times=0)
                self.deliver(expect=1)
                self.assert_stopped_after(fault_server.ATTEMPTS_MAX, operation)
                self.assertIn("waiting", self.job_states())
                self.assert_nothing_left_to_do(fault.name)

    def test_a_success_that_is_none_is_not_believed(self):
        for fault in (s3_schedule.ok_with_error(), html(200), empty(200), empty(204)):
            with self.subTest(fault.name):
                self.begin()
                self.server.faults.add("PutObject", fault)
                self.assertIn(self.run_any("export", DEST, "--threads", 1).code, (0, 1))
                self.assert_nothing_left_to_do(fault.name)

    def test_a_conflict_passes(self):
        for code in ("ConditionalRequestConflict", "OperationAborted"):
            with self.subTest(code):
                self.check_passing("PutObject", s3_schedule.answer(409, code, "Try again."))

    def test_a_conflict_with_nobody_is_not_called_an_object_that_is_there(self):
        for status, code in ((409, "ConditionalRequestConflict"), (412, "PreconditionFailed")):
            with self.subTest(code):
                self.begin()
                self.server.faults.add("PutObject", s3_schedule.answer(status, code, "Try again."), times=0)
                self.assertNotIn("another object is there", self.deliver(expect=1).err)
                self.assert_nothing_left_to_do(code)

    def test_an_object_of_somebody_else_is_not_replaced(self):
        key = min(name for name in self.expected if name.endswith(".gz"))
        self.server.bucket.put(key, b"of somebody else")
        self.assertIn("another object is there", self.deliver(expect=1).err)
        self.assertEqual(self.server.tree()[key], b"of somebody else")
        self.deliver("--replace-foreign")
        self.assert_delivered("replaced")

    def check_denied(self, operation, fault, permission, *options):
        self.begin()
        self.server.faults.add(operation, fault, times=0)
        ended = self.deliver(*options, expect=DENIED)
        self.assert_stopped_after(1, operation)
        self.assertIn(permission, ended.err)
        self.assertIn("waiting", self.job_states())
        return ended

    def test_a_missing_permission_is_named_and_ends_the_run_at_once(self):
        for operation, permission in (("PutObject", "s3:PutObject"), ("HeadObject", "s3:GetObject")):
            with self.subTest(permission):
                self.check_denied(operation, denial(permission), permission)
                self.assert_nothing_left_to_do(permission)

    def test_a_key_that_can_not_be_used_ends_the_run_at_once(self):
        for fault, sentence in ((denial("kms:GenerateDataKey"), "kms:GenerateDataKey"),
                                (s3_schedule.kms_disabled(), "KMS.DisabledException")):
            with self.subTest(fault.name):
                self.check_denied("PutObject", fault, sentence, *KMS)
                self.assert_nothing_left_to_do(fault.name)

    def test_every_recorded_denial_ends_the_run_at_once(self):
        for case in recorded_cases("permission", "kms", "credentials", "account"):
            with self.subTest(case["id"]):
                ended = self.check_denied("PutObject", recorded(case["id"]), case["expect"]["missing_permission"] or "")
                self.assertNotIn("SECRETTOKEN", ended.err)
                self.assertNotRegex(ended.err, "[\x00-\x09\x0b-\x1f]")

    def test_objects_are_encrypted_as_asked_for_and_a_key_that_is_not_there_is_said(self):
        self.deliver(*KMS)
        for key, there in self.server.objects.items():
            self.assertIn("exporter-key", there.encryption["x-amz-server-side-encryption-aws-kms-key-id"], key)
        self.begin()
        self.assertIn("KMS.NotFoundException", self.deliver(*KMS[:3], "another-key", expect=DENIED).err)

    def test_the_region_that_a_server_names_is_used_once(self):
        for fault in (None, s3_schedule.permanent_redirect("us-west-2"), s3_schedule.other_region("us-west-2")):
            with self.subTest(fault and fault.name), S3Server(region="us-west-2") as elsewhere:
                self.forget()
                if fault:
                    elsewhere.faults.add("PutObject", fault)
                self.run_spillway("export", DEST, "--threads", 1,
                                  environment={**self.environment(), **elsewhere.environment})
                self.assert_same_tree(elsewhere.tree(), self.expected)
                [refused] = [each.status for each in elsewhere.requests if each.status >= 300]
                self.assertEqual(refused, 301 if fault and fault.name.startswith("301") else 400)

    def test_a_region_that_is_none_is_not_followed(self):
        self.server.faults.add("PutObject", recorded("aws-400-region-bad"), times=0)
        ended = self.run_any("export", DEST, "--threads", 1)
        self.assertNotEqual(ended.code, 0)
        self.assert_stopped_after(1, "PutObject")

    def test_a_clock_that_differs_is_allowed_for(self):
        for hours in (-1, 1):
            with self.subTest(hours=hours):
                self.begin()
                self.server.clock_offset = datetime.timedelta(hours=hours)
                self.addCleanup(setattr, self.server, "clock_offset", datetime.timedelta(0))
                self.deliver()
                self.assertEqual([each.status for each in self.server.requests if each.status >= 300], [403])
                self.assert_delivered("another clock")

    def test_temporary_credentials_deliver_until_they_expire(self):
        session = self.server.new_session(600)
        environment = {**self.environment(), **self.server.environment_of(session)}
        self.deliver(environment=environment)
        self.assert_delivered("with a session token")
        self.begin()
        session.expires_at -= datetime.timedelta(hours=1)
        self.assertIn("ExpiredToken", self.deliver(expect=DENIED, environment=environment).err)
        self.assert_stopped_after(1, "PutObject")

    def test_credentials_that_expire_are_renewed_whichever_request_finds_out(self):
        sessions = [self.server.new_session(600) for _ in range(2)]
        keys = [json.dumps({"Version": 1, "AccessKeyId": each.access_key_id, "SecretAccessKey": each.secret,
                            "SessionToken": each.token}) for each in sessions]
        for operation, fault in (("PutObject", s3_schedule.answer(400, "ExpiredToken", "The token has expired.")),
                                 ("HeadObject", empty(400))):
            with self.subTest(operation):
                self.begin()
                (self.dir / "keys").write_text(keys[0])
                (self.dir / "config").write_text(f"[profile asks]\ncredential_process = {self.dir}/program\n")
                (self.dir / "program").write_text(f"#!/bin/sh\ncat {self.dir}/keys\n"
                                                  f"cp {self.dir}/next {self.dir}/keys\n")
                (self.dir / "next").write_text(keys[1])
                (self.dir / "program").chmod(0o700)
                self.server.faults.add(operation, fault)
                self.deliver("--profile", "asks", environment={**self.environment(),
                                                               "AWS_CONFIG_FILE": str(self.dir / "config")})
                self.assert_delivered(operation)

    def test_a_token_that_is_refused_is_not_shown(self):
        session = self.server.new_session(600)
        environment = {**self.environment(), **self.server.environment_of(session)}
        for change, sentence in (({"AWS_SECRET_ACCESS_KEY": "another"}, "SignatureDoesNotMatch"),
                                 ({"AWS_SESSION_TOKEN": session.token[:-1]}, "InvalidToken")):
            with self.subTest(sentence):
                ended = self.deliver(expect=DENIED, environment={**environment, **change})
                self.assertIn(sentence, ended.err)
                self.assertNotIn(session.token[:-1], ended.err)

    def test_a_listing_that_is_cut_or_no_listing_is_never_a_short_one(self):
        self.deliver()
        whole = self.run_spillway("ls", DEST).out
        for fault in (s3_schedule.truncated_xml(), s3_schedule.ok_with_error(), html(502), internal_error()):
            with self.subTest(fault.name):
                self.server.faults.clear()
                self.server.faults.add("ListObjectsV2", fault)
                self.assertEqual(self.run_spillway("ls", DEST).out, whole)
        for fault in (html(200), recorded("xxe-bomb"), recorded("xml-deep")):
            with self.subTest(fault.name):
                self.server.faults.clear()
                self.server.faults.add("ListObjectsV2", fault, times=0)
                ended = self.run_any("ls", DEST)
                self.assertEqual((ended.code, ended.out), (1, ""), ended.err)


class AnswersOfALargeObject(LargeObject):
    def check_passing(self, operation, fault):
        self.check_one_more_attempt(operation, fault)
        self.run_spillway("doctor", DEST, "--clean")
        self.assert_nothing_left_to_do(fault.name)

    def test_a_passing_error_costs_one_more_attempt(self):
        for operation in ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"):
            for fault in (internal_error(), empty(500), html(502), although_done(internal_error()), lost_answer()):
                with self.subTest(operation, fault=fault.name):
                    self.check_passing(operation, fault)

    def test_a_busy_server_gets_its_parts_later(self):
        self.check_passing("UploadPart", s3_schedule.slow_down())

    def test_a_success_that_holds_an_error_is_none(self):
        self.check_passing("CompleteMultipartUpload", s3_schedule.ok_with_error())
        self.check_passing("CreateMultipartUpload", s3_schedule.ok_with_error())

    def test_a_document_that_is_cut_is_an_answer_that_was_lost(self):
        self.check_passing("CreateMultipartUpload", s3_schedule.truncated_xml())
        self.begin()
        self.server.faults.add("CompleteMultipartUpload", s3_schedule.truncated_xml())
        self.deliver()
        # The upload is gone: a look at the object says that it is there.
        self.assertEqual(self.counts()["CompleteMultipartUpload"], 1)
        self.assert_delivered("truncated")
        self.assert_nothing_left_to_do("truncated")

    def test_a_damaged_object_of_the_same_size_is_not_taken_for_delivered(self):
        [key] = [name for name in self.expected if name.endswith(".gz")]
        damaged = b"X" * len(self.expected[key])
        for options in ((), ("--checksum", "none")):
            with self.subTest(options):
                self.begin()
                self.server.bucket.put(key, damaged)
                self.assertIn("another object is there", self.deliver(*options, expect=1).err)
                self.assertEqual((self.uploads(), self.server.tree()[key]), ([], damaged))
                self.deliver(*options, "--replace-foreign")
                self.assertEqual(self.uploads(), [])
                self.assert_delivered("replaced")

    def check_aborted(self, operation, fault, status):
        """Nothing stays behind of what could not be finished."""
        self.begin()
        self.server.faults.add(operation, fault, times=0)
        ended = self.deliver(expect=status)
        self.assertEqual((self.uploads(), self.server.tree()), ([], {}))
        self.assert_nothing_left_to_do(fault.name)
        return ended

    def test_an_upload_that_fails_for_good_is_aborted(self):
        for operation in ("UploadPart", "CompleteMultipartUpload"):
            with self.subTest(operation):
                self.check_aborted(operation, internal_error(), 1)

    def test_an_upload_that_is_denied_is_aborted_and_the_permission_named(self):
        for operation in ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"):
            for permission in ("s3:PutObject", "kms:Decrypt"):
                with self.subTest(operation, permission=permission):
                    self.assertIn(permission, self.check_aborted(operation, denial(permission), DENIED).err)

    def test_a_denied_abort_leaves_an_upload_for_the_time_when_it_is_allowed(self):
        self.server.faults.add("UploadPart", denial("s3:PutObject"), times=0)
        self.server.faults.deny("s3:AbortMultipartUpload")
        self.assertIn("s3:PutObject", self.deliver(expect=DENIED).err)
        self.assertEqual(len(self.uploads()), 1)
        self.assert_nothing_left_to_do("aborted later")


if __name__ == "__main__":
    support.main()
