#!/usr/bin/env python3
"""Connections to a real S3 server: hours, backfills, claims and refused access as in a directory.

boto3 comes from PyPI, at one version (python_package.py).
"""

import gzip
import json

import minio
import python_package
import s3_client
import support
from connections import DAY, Connections, event, key, marker

PREFIX = "analytics/"


class OnMinio(Connections):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio())
        cls.client = s3_client.of(cls.server)
        cls.sts = s3_client.of(cls.server, "sts")

    def setUp(self):
        super().setUp()
        self.addCleanup(s3_client.remove_all, self.client)

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def connect_s3(self, *options):
        return self.connect(*options, dest="s3://raw/analytics")

    def objects(self):
        return s3_client.objects(self.client, "analytics")

    def ids(self):
        return sorted(json.loads(line)["$insert_id"] for name, body in self.objects().items() if name.endswith(".gz")
                      for line in gzip.decompress(body).splitlines())

    def test_hours_arrive_encrypted_and_late_events_follow(self):
        made = self.connect_s3("--sse", "aws:kms", "--sse-kms-key-id", minio.KMS_KEY)
        self.assertEqual((made["destination"], made["endpoint"]), ("s3://raw/analytics", self.server.environment["AWS_ENDPOINT_URL"]))
        self.ingest(event(14, 1), event(17, 2))
        self.run_once(f"{DAY}T18:30:00Z")
        self.ingest(event(14, 3))
        self.run_once(f"{DAY}T20:30:00Z")
        self.assertEqual(self.ids(), [f"{DAY}-14-1", f"{DAY}-14-3", f"{DAY}-17-2"])
        head = self.client.head_object(Bucket="raw", Key=PREFIX + key(14, 2))
        self.assertEqual(head["ServerSideEncryption"], "aws:kms")
        self.run_spillway("check", "s3://raw/analytics", "--state", self.state)

    def test_a_backfill_puts_right_what_is_damaged(self):
        self.connect_s3()
        self.ingest(event(9, 1), event(14, 2), event(17, 3))
        self.run_once(f"{DAY}T18:30:00Z")
        whole = self.objects()
        self.client.delete_object(Bucket="raw", Key=PREFIX + key(9))
        self.client.delete_object(Bucket="raw", Key=PREFIX + marker(3))
        self.client.put_object(Bucket="raw", Key=PREFIX + key(14), Body=b"altered")
        self.client.put_object(Bucket="raw", Key=PREFIX + key(17, 5), Body=b"foreign")
        backfill = ("backfill", 1, "--from", DAY, "--to", DAY, "--now", f"{DAY}T18:40:00Z")
        self.assertIn(key(17, 5), self.run_spillway(*backfill, expect=1).err)
        self.run_spillway(*backfill, "--replace-foreign")
        self.assert_same_tree(self.objects(), whole)

    def test_another_installation_sees_the_claim(self):
        self.connect_s3("--claim")
        other = {**self.environment(), "SPILLWAY_STATE": str(self.dir / "other.db")}
        self.run_spillway("org", "create", "--id", 2, environment=other)
        self.run_spillway("project", "create", "--org", 2, "--id", 22, environment=other)
        create = ("connection", "create", "--project", 22, "s3://raw/other", "--now", f"{DAY}T13:30:00Z", "--yes", "--claim")
        self.assertIn("36958", self.run_spillway(*create, expect=1, environment=other).err)
        self.run_spillway("connection", "disable", 1)
        self.run_spillway(*create, environment=other)

    def test_access_that_is_refused_is_named_and_comes_back(self):
        self.connect_s3()
        self.ingest(event(14, 1))
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                                                          "Resource": ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"]}]}
        given = self.sts.assume_role(RoleArn="arn:x:ignored:by:minio:", RoleSessionName="test", Policy=json.dumps(policy))
        poor = {**self.environment(), **s3_client.variables_of(given["Credentials"])}
        for minute in (6, 36):
            self.run_spillway("run", "--once", "--now", f"{DAY}T15:{minute:02}:00Z", environment=poor, expect=3)
        access = self.connection()["access"]
        self.assertEqual((access["state"], access["permission"]), ("blocked", "s3:PutObject"))
        self.run_once(f"{DAY}T16:00:00Z")
        self.assertEqual(self.ids(), [f"{DAY}-14-1"])


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
