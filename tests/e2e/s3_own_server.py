#!/usr/bin/env python3
"""What the test server says of requests that it refuses, and that each of its faults does what its name says."""

import base64
import datetime
import hashlib
import http.client
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import s3_schedule
import s3_signature
from s3_schedule import Close, Phase
from s3_server import S3Server
from s3_signature import Credential, Scope, Signed

EMPTY_HASH = hashlib.sha256(b"").hexdigest()
HOUR = datetime.timedelta(hours=1)
BROKEN = (OSError, http.client.HTTPException)


class OwnServer(unittest.TestCase):
    """A client of a few lines, whose signatures are as wrong as a test wants them."""

    def setUp(self):
        self.server = self.enterContext(S3Server())

    def ask(self, method, target, body=b"", credential=None, at=None, region="us-east-1", headers=(), spoil=""):
        credential = credential or self.server.root
        at = at or datetime.datetime.now(datetime.timezone.utc)
        signed = [("host", f"127.0.0.1:{self.server.port}"), ("x-amz-content-sha256", hashlib.sha256(body).hexdigest()),
                  ("x-amz-date", f"{at:{s3_signature.TIME_FORMAT}}"), *headers]
        signed += [("x-amz-security-token", credential.token)] if credential.token else []
        request = Signed(method, target, signed, dict(signed)["x-amz-content-sha256"])
        scope = Scope(dict(signed)["x-amz-date"], region, "sts" if target == "/" else "s3")
        sent = {**dict(signed), "authorization": s3_signature.authorization(request, credential, scope)}
        return self.send(method, target, body + spoil.encode(), sent)

    def send(self, method, target, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer
        finally:
            connection.close()

    def assert_refused(self, asked, status, code):
        """The fields of the error."""
        self.assertEqual(asked[0], status, asked[1])
        fields = {each.tag: each.text for each in xml.etree.ElementTree.fromstring(asked[1])}
        self.assertEqual(fields["Code"], code)
        return fields


class Refusals(OwnServer):
    def test_what_is_signed_rightly_is_done(self):
        self.assertEqual(self.ask("PUT", "/raw/a%20b%23c", b"text")[0], 200)
        self.assertEqual(self.server.tree(), {"a b#c": b"text"})
        self.assertEqual(self.ask("GET", "/raw/a%20b%23c")[1], b"text")

    def test_a_wrong_secret_is_a_mismatch_that_echoes_what_was_computed(self):
        wrong = Credential(self.server.root.access_key_id, "another")
        fields = self.assert_refused(self.ask("GET", "/raw?location", credential=wrong), 403, "SignatureDoesNotMatch")
        self.assertEqual(fields["AWSAccessKeyId"], self.server.root.access_key_id)
        self.assertTrue(fields["CanonicalRequest"].startswith("GET\n/raw\nlocation=\nhost:127.0.0.1:"))
        self.assertEqual(bytes.fromhex(fields["StringToSignBytes"]).decode(), fields["StringToSign"])
        self.assertRegex(fields["SignatureProvided"], "[0-9a-f]{64}")

    def test_a_mismatch_of_temporary_credentials_echoes_their_token(self):
        session = self.server.new_session(600)
        wrong = Credential(session.access_key_id, "another", session.token)
        fields = self.assert_refused(self.ask("GET", "/raw?location", credential=wrong), 403, "SignatureDoesNotMatch")
        self.assertIn(session.token, fields["CanonicalRequest"])

    def test_other_mistakes_have_the_codes_of_s3(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        minutes = datetime.timedelta(minutes=1)
        nobody = Credential("AKIANOBODY", "x")
        self.assert_refused(self.ask("GET", "/raw?location", credential=nobody), 403, "InvalidAccessKeyId")
        for at in (now - 16 * minutes, now + 16 * minutes):
            fields = self.assert_refused(self.ask("GET", "/raw?location", at=at), 403, "RequestTimeTooSkewed")
            self.assertEqual(fields["MaxAllowedSkewMilliseconds"], "900000")
        self.assertEqual(self.ask("GET", "/raw?location", at=now - 14 * minutes)[0], 200)
        asked = self.ask("GET", "/raw?location", region="eu-west-1")
        self.assertEqual(self.assert_refused(asked, 400, "AuthorizationHeaderMalformed")["Region"], "us-east-1")
        self.assertEqual(asked[2].getheader("x-amz-bucket-region"), "us-east-1")
        unsigned = self.send("GET", "/raw?location", b"", {"x-amz-content-sha256": EMPTY_HASH})
        self.assert_refused(unsigned, 403, "AccessDenied")
        self.assert_refused(self.ask("GET", "/raw?acl"), 501, "NotImplemented")
        self.assert_refused(self.ask("GET", "/other?location"), 404, "NoSuchBucket")

    def test_headers_that_s3_acts_on_must_be_signed(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        signed = [("host", f"127.0.0.1:{self.server.port}"), ("x-amz-content-sha256", EMPTY_HASH),
                  ("x-amz-date", f"{now:{s3_signature.TIME_FORMAT}}")]
        sent = s3_signature.authorization(Signed("GET", "/raw?location", signed, EMPTY_HASH), self.server.root,
                                          Scope(signed[2][1], "us-east-1"))
        asked = self.send("GET", "/raw?location", b"", {**dict(signed), "authorization": sent, "x-amz-acl": "private"})
        self.assertEqual(self.assert_refused(asked, 403, "AccessDenied")["HeadersNotSigned"], "x-amz-acl")

    def test_bodies_that_are_not_what_their_hashes_say_are_not_stored(self):
        hashes = {"content-md5": ("BadDigest", base64.b64encode(bytes(16)).decode()),
                  "x-amz-checksum-sha256": ("BadDigest", base64.b64encode(bytes(32)).decode())}
        self.assert_refused(self.ask("PUT", "/raw/k", b"text", spoil="x"), 400, "XAmzContentSHA256Mismatch")
        self.assert_refused(self.ask("PUT", "/raw/k", b"text", headers=[("content-md5", "x")]), 400, "InvalidDigest")
        for name, (code, value) in hashes.items():
            self.assert_refused(self.ask("PUT", "/raw/k", b"text", headers=[(name, value)]), 400, code)
        self.assertEqual(self.server.objects, {})

    def test_a_role_gives_credentials_that_hold_until_they_expire(self):
        self.server.session_seconds = 900
        form = (b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx"
                b"&RoleSessionName=me")
        status, body, _ = self.ask("POST", "/", form, headers=[("content-type", "application/x-www-form-urlencoded")])
        self.assertEqual(status, 200, body)
        given = {each.tag.rpartition("}")[2]: each.text for each in xml.etree.ElementTree.fromstring(body).iter()}
        session = Credential(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        left = datetime.datetime.fromisoformat(given["Expiration"]) - datetime.datetime.now(datetime.timezone.utc)
        self.assertTrue(datetime.timedelta(seconds=870) < left <= datetime.timedelta(seconds=900), left)
        self.assertEqual(self.ask("GET", "/raw?location", credential=session)[0], 200)
        other = Credential(session.access_key_id, session.secret, "another-token")
        self.assert_refused(self.ask("GET", "/raw?location", credential=other), 400, "InvalidToken")
        self.server.clock_offset = HOUR
        later = datetime.datetime.now(datetime.timezone.utc) + HOUR
        expired = self.ask("GET", "/raw?location", credential=session, at=later)
        self.assertEqual(self.assert_refused(expired, 400, "ExpiredToken")["Token-0"], session.token)

    def test_the_log_has_requests_and_no_secret(self):
        session = self.server.new_session(600)
        self.ask("PUT", "/raw/k", b"text", credential=session)
        for secret in (session.secret, session.token, self.server.root.secret):
            self.assertNotIn(secret, repr(self.server.requests))
        self.assertEqual([(each.operation, each.key, each.status, each.is_done) for each in self.server.requests],
                         [("PutObject", "k", 200, True)])


class Faults(OwnServer):
    def put(self):
        return self.ask("PUT", "/raw/k", b"text" * 1000)

    def test_a_broken_connection_has_done_what_its_moment_says(self):
        for phase in Phase:
            for close in Close:
                with self.subTest(phase.name, close=close):
                    self.server.clear()
                    rule = self.server.faults.add("PutObject", s3_schedule.cut(phase, close, is_head_cut=True))
                    # Python takes a head that ends early for a whole one.
                    if phase != Phase.ANSWER or close != Close.END:
                        self.assertRaises(BROKEN, self.put)
                    else:
                        self.put()
                    is_done = phase in (Phase.AFTER_OPERATION, Phase.ANSWER)
                    self.assertEqual((rule.met, "k" in self.server.objects), (1, is_done))
                    [noted] = self.server.requests
                    self.assertEqual((noted.is_done, noted.is_answered), (is_done, phase == Phase.ANSWER))
                    self.assertEqual(self.put()[0], 200)

    def test_half_of_an_answer_comes_of_a_get(self):
        self.put()
        self.server.faults.add("GetObject", s3_schedule.cut(Phase.ANSWER, Close.END))
        with self.assertRaises(http.client.IncompleteRead) as cut:
            self.ask("GET", "/raw/k")
        self.assertEqual((len(cut.exception.partial), cut.exception.expected), (2000, 2000))

    def test_answers_come_instead_of_the_operation_or_behind_it(self):
        self.server.faults.add("PutObject", s3_schedule.slow_down())
        self.assertEqual(self.put()[0], 503)
        self.assertEqual(self.server.objects, {})
        self.server.faults.add("PutObject", s3_schedule.although_done(s3_schedule.internal_error()))
        self.assertEqual(self.put()[0], 500)
        self.assertEqual(list(self.server.objects), ["k"])

    def test_a_rule_meets_the_requests_that_it_names(self):
        rule = self.server.faults.add("PutObject", s3_schedule.empty(500), first=2, times=2, key="k")
        self.assertEqual([self.put()[0] for _ in range(5)], [200, 500, 500, 200, 200])
        self.assertEqual(rule.met, 2)
        self.server.faults.clear()
        self.server.faults.deny("s3:GetObject")
        self.assertEqual((self.ask("GET", "/raw/k")[0], self.ask("HEAD", "/raw/k")[0], self.put()[0]), (403, 403, 200))

    def test_a_rate_meets_the_same_requests_for_a_seed(self):
        def statuses(seed):
            self.server.clear()
            self.server.faults.add_rate(0.5, seed, [s3_schedule.empty(500), s3_schedule.empty(503)])
            return [self.put()[0] for _ in range(30)]
        self.assertEqual(statuses(1), statuses(1))
        self.assertEqual(set(statuses(1)), {200, 500, 503})
        self.assertNotEqual(statuses(1), statuses(2))

    def test_nobody_listens_while_it_refuses(self):
        with self.server.refusing():
            self.assertRaises(ConnectionRefusedError, self.put)
        self.assertEqual(self.put()[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
