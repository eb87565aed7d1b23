#!/usr/bin/env python3
"""The migration of migration.py on MinIO with a KMS key: forward, and rolled back from each step but the last.

MinIO keeps a bucket's policy and default encryption, and encrypts with the key; it does not hold signed users to bucket
policies. boto3 comes from PyPI, at one version (python_package.py).
"""

import json

import migration
import minio
import python_package
import s3_client
import support


def in_order(value):
    if isinstance(value, dict):
        return {name: in_order(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=str)
    return value


class OnMinio(migration.Migration):
    dest = "s3://raw/analytics"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio())
        cls.client = s3_client.of(cls.server)

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def prepare_bucket(self):
        self.addCleanup(s3_client.remove_all, self.client)
        self.client.put_bucket_policy(Bucket="raw", Policy=json.dumps(self.old_policy()))
        self.client.put_bucket_encryption(Bucket="raw", ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})

    def policy(self):
        """MinIO hands lists out in another order every time."""
        return in_order(json.loads(self.client.get_bucket_policy(Bucket="raw")["Policy"]))

    def encryption(self):
        found = self.client.get_bucket_encryption(Bucket="raw")["ServerSideEncryptionConfiguration"]
        return found["Rules"][0]["ApplyServerSideEncryptionByDefault"]

    def kms_encryption(self):
        return {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": migration.KEY}

    def encryption_of(self, key):
        head = self.client.head_object(Bucket="raw", Key=f"analytics/{migration.PROJECT}/{key}")
        return (head["ServerSideEncryption"], migration.KEY if migration.KEY in head.get("SSEKMSKeyId", "") else "")

    def objects(self):
        """Markers name the keys of their objects, which have the prefix here."""
        return {name: content.replace(b'"analytics/', b'"')
                for name, content in s3_client.objects(self.client, "analytics").items()}

    def bucket_name(self):
        return "raw"


class Forward(OnMinio):
    test_eleven_steps_in_one_command = migration.Forward.test_eleven_steps_in_one_command
    test_step_by_step = migration.Forward.test_step_by_step
    test_killed_behind_every_line_it_goes_on = migration.Forward.test_killed_behind_every_line_it_goes_on


class Back(OnMinio):
    before = migration.Back.before
    test_from_every_step_everything_is_as_it_was = migration.Back.test_from_every_step_everything_is_as_it_was
    test_deliveries_go_on_where_the_new_connection_stopped = \
        migration.Back.test_deliveries_go_on_where_the_new_connection_stopped
    test_after_the_last_step_there_is_no_way_back = migration.Back.test_after_the_last_step_there_is_no_way_back


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
