#!/usr/bin/env python3
"""The same bytes in S3 as in a directory: delivered to MinIO, read back by boto3, which nobody here wrote.

boto3 comes from PyPI, at one version (python_package.py).
"""

import re

import minio
import python_package
import s3_client
import support

NOW = ("--now", "2020-02-01T00:00:00Z")


class S3(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio())
        cls.client = s3_client.of(cls.server)

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def objects(self, prefix):
        return s3_client.objects(self.client, prefix)

    def without_prefix(self, tree, prefix):
        """Markers name the keys of their objects, which have the prefix in S3."""
        return {name: content.replace(f'"{prefix}/'.encode(), b'"') for name, content in tree.items()}

    def test_a_bucket_gets_what_a_directory_gets(self):
        self.generate(self.dir / "events.jsonl", "--seed", 5, "--events", 3_000, "--hours", 3)
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        done = self.run_spillway("export", "events.jsonl", "s3://raw/analytics", *NOW, "--json").document
        self.assertEqual(done["delivered"]["objects"], 3)
        found = self.without_prefix(self.objects("analytics"), "analytics")
        self.assert_same_tree(found, support.tree_of(self.bucket))

        self.run_spillway("check", "s3://raw/analytics", "--state", self.state)
        listed = self.run_spillway("ls", "s3://raw/analytics", "--json").document["objects"]
        self.assertEqual(sorted(each["key"] for each in listed), sorted("analytics/" + name for name in found))
        again = self.run_spillway("export", "events.jsonl", "s3://raw/analytics", *NOW, "--json").document
        self.assertEqual(again["delivered"]["objects"], 0)

    def test_a_large_object_arrives_whole_in_parts(self):
        self.generate(self.dir / "events.jsonl", "--seed", 6, "--events", 60_000, "--hours", 1)
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        self.run_spillway("export", "s3://raw/large", *NOW)
        found = self.objects("large")
        self.assertGreater(max(map(len, found.values())), 16 << 20)
        self.assert_same_tree(self.without_prefix(found, "large"), support.tree_of(self.bucket))
        self.run_spillway("check", "s3://raw/large", "--state", self.state)

    def test_objects_and_markers_are_encrypted_with_the_key_asked_for(self):
        self.generate(self.dir / "events.jsonl", "--seed", 7, "--events", 100, "--hours", 1)
        self.run_spillway("export", "events.jsonl", "s3://raw/secret", *NOW, "--sse", "aws:kms", "--sse-kms-key-id",
                          minio.KMS_KEY)
        for name in self.objects("secret"):
            head = self.client.head_object(Bucket="raw", Key="secret/" + name)
            self.assertEqual(head["ServerSideEncryption"], "aws:kms")
            self.assertIn(minio.KMS_KEY, head["SSEKMSKeyId"])

    def test_prefixes_may_hold_what_a_url_must_not(self):
        self.generate(self.dir / "events.jsonl", "--seed", 8, "--events", 10, "--hours", 1)
        self.run_spillway("ingest", "events.jsonl", *NOW)
        for prefix in ("a#b", "a+b", "a b", "a%20b", "a=b", "größe/日本", "-a", "a&b?c"):
            with self.subTest(prefix):
                self.run_spillway("export", "s3://raw/" + prefix, *NOW)
                self.assertEqual(len(self.objects(prefix)), 2)
                self.run_spillway("check", "s3://raw/" + prefix, "--state", self.state)

    def test_what_is_wrong_is_said_with_the_next_step_and_without_the_secret(self):
        secret = self.server.environment["AWS_SECRET_ACCESS_KEY"]
        environment = self.environment()
        for change, status, sentence in (
                ({"AWS_SECRET_ACCESS_KEY": "another"}, 3, "SignatureDoesNotMatch"),
                ({"AWS_ACCESS_KEY_ID": "nobody"}, 3, "InvalidAccessKeyId"),
                ({"AWS_ACCESS_KEY_ID": ""}, 3, "AWS_ACCESS_KEY_ID"),
                ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, 1, "Connection refused"),
                ({"AWS_ENDPOINT_URL": "ftp://127.0.0.1"}, 2, "endpoint")):
            with self.subTest(change):
                ended = self.run_spillway("ls", "s3://raw", expect=status, environment={**environment, **change})
                self.assertRegex(ended.err, r"\Aerror: .*\ntry: .*\n\Z")
                self.assertIn(sentence, ended.err)
                self.assertIsNone(re.search(f"{secret}|another", ended.err))
        self.assertIn("NoSuchBucket", self.run_spillway("ls", "s3://not-there", expect=1).err)


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
