#!/usr/bin/env python3
"""`spillway verify` names what is missing on a real server, permission by permission, and leaves nothing behind.

MinIO holds temporary keys of STS to the policy of their session, which is where a permission is left out here. boto3
comes from PyPI, at one version (python_package.py).
"""

import itertools
import json

import minio
import python_package
import s3_client
import support

RESOURCES = ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"]
# What the generated policy has: exports can't do without it.
NEEDED = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
          "s3:PutObject"]
# What only tells of leftovers.
USEFUL = ["s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts"]
ALL = sorted(NEEDED + USEFUL)
# Of an upload that can't be begun nothing can be learned.
UNKNOWN_WITHOUT = {"s3:PutObject": {"s3:ListMultipartUploadParts"}}


def allow(actions, resources=None, **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources or RESOURCES, **more}


class OnMinio(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio())
        cls.administrator = s3_client.of(cls.server)
        cls.sts = s3_client.of(cls.server, "sts")

    def setUp(self):
        super().setUp()
        self.addCleanup(s3_client.remove_all, self.administrator)

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def session(self, *statements):
        """The environment of someone who may do what the statements say."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        given = self.sts.assume_role(RoleArn="arn:x:ignored:by:minio:", RoleSessionName="test", Policy=policy)
        return {**self.environment(), **s3_client.variables_of(given["Credentials"])}

    def verify(self, environment, *options, expect):
        """{permission: result}, and the whole document."""
        found = self.run_spillway("verify", "s3://raw/analytics", "--json", *options, environment=environment,
                                  expect=expect).document
        return {each["permission"]: each["result"] for each in found["permissions"]}, found

    def assert_nothing_left(self, but=()):
        self.assertEqual(s3_client.keys_below(self.administrator), list(but))
        self.assertEqual(s3_client.uploads_of_minio(self.server), [])

    def results(self, *missing, of=None):
        """What verify should say where these are missing."""
        unknown = set().union(*(UNKNOWN_WITHOUT.get(each, set()) for each in missing))
        return {each: "denied" if each in missing else "unknown" if each in unknown else "allowed"
                for each in of or ALL}


class Permissions(OnMinio):
    def test_all_are_allowed_where_all_are_there(self):
        found, document = self.verify(self.session(allow(ALL)), expect=0)
        self.assertEqual(found, self.results())
        self.assertIsNone(document["left_behind"])
        self.assert_nothing_left()

    def test_each_needed_permission_that_is_missing_is_named(self):
        for missing in NEEDED:
            with self.subTest(missing):
                found, document = self.verify(self.session(allow(set(ALL) - {missing})), expect=3)
                self.assertEqual(found, self.results(missing))
                [denied] = [each for each in document["permissions"] if each["result"] == "denied"]
                self.assertIn(missing, denied["remedy"])
                self.assert_left_behind_is_told(document, missing)

    def assert_left_behind_is_told(self, document, missing):
        """Nothing is left; but where removing is not allowed, the probe's object, which is told."""
        if missing == "s3:DeleteObject":
            self.assert_nothing_left(but=[document["left_behind"]])
            s3_client.remove_all(self.administrator)
        else:
            self.assertIsNone(document["left_behind"])
            self.assert_nothing_left()

    def test_a_permission_that_only_helps_is_named_and_is_no_failure(self):
        for missing in USEFUL:
            with self.subTest(missing):
                found, _ = self.verify(self.session(allow(set(ALL) - {missing})), expect=0)
                self.assertEqual(found, self.results(missing))
                self.assert_nothing_left()

    def test_of_two_that_are_missing_both_are_named_or_one_is_unknown(self):
        for pair in itertools.combinations(ALL, 2):
            with self.subTest(pair):
                status = 3 if set(pair) & set(NEEDED) else 0
                found, _ = self.verify(self.session(allow(set(ALL) - set(pair))), expect=status)
                self.assertEqual([each for each in ALL if found[each] == "denied" and each not in pair], [])
                self.assertIn("denied", [found[each] for each in pair])
                for each in pair:
                    self.assertIn(found[each], ("denied", "unknown"), each)
                s3_client.remove_all(self.administrator)

    def test_people_read_what_to_allow(self):
        environment = self.session(allow(set(ALL) - {"s3:GetObject"}))
        told = self.run_spillway("verify", "s3://raw/analytics", environment=environment, expect=3)
        self.assertRegex(told.out, r"(?m)^s3:GetObject +denied")
        self.assertIn("allow s3:GetObject on arn:aws:s3:::raw/*", told.out)


class Kms(OnMinio):
    """MinIO's built-in KMS asks nobody's policy: what AWS refuses for want of kms:GenerateDataKey or kms:Decrypt is
    refused here by conditions and resources of s3 permissions, which look the same from outside."""

    OPTIONS = ("--sse", "aws:kms", "--sse-kms-key-id", minio.KMS_KEY)
    ALL = [*ALL, "kms:GenerateDataKey", "kms:Decrypt"]

    def test_both_are_allowed_where_the_key_may_be_used(self):
        found, _ = self.verify(self.session(allow(ALL)), *self.OPTIONS, expect=0)
        self.assertEqual(found, self.results(of=self.ALL))
        self.assert_nothing_left()

    def test_a_key_that_may_not_encrypt_is_told_from_a_bucket_that_may_not_be_written(self):
        no_kms = {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": RESOURCES,
                  "Condition": {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}
        found, _ = self.verify(self.session(allow(ALL), no_kms), *self.OPTIONS, expect=3)
        self.assertEqual(found["s3:PutObject"], "allowed")
        self.assertEqual(found["kms:GenerateDataKey"], "denied")
        self.assertEqual([each for each in found if found[each] == "denied"], ["kms:GenerateDataKey"])
        self.assert_nothing_left()

    def test_a_key_that_may_not_decrypt_is_told_from_objects_that_may_not_be_read(self):
        # Of a key with nothing behind it may be asked, as a HEAD may that needs no key; the object can't be read.
        only_missing = allow(["s3:GetObject"], ["arn:aws:s3:::raw/*-missing"])
        environment = self.session(allow(set(ALL) - {"s3:GetObject"}), only_missing)
        found, _ = self.verify(environment, *self.OPTIONS, expect=3)
        self.assertEqual([each for each in found if found[each] == "denied"], ["kms:Decrypt"])
        self.assertEqual(found["s3:GetObject"], "allowed")
        self.assert_nothing_left()

    def test_a_key_that_is_not_there_is_named(self):
        ended = self.run_any("verify", "s3://raw/analytics", "--json", "--sse", "aws:kms", "--sse-kms-key-id",
                             "no-such-key")
        self.assertIn("KeyNotFound", ended.out + ended.err)
        self.assertNotEqual(ended.code, 0)
        self.assert_nothing_left()


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
