#!/usr/bin/env python3
"""What `spillway policy --format mc` writes is enough for a user of MinIO to export, and `spillway verify` says so.

mc is MinIO's own client (tools/s3-servers); boto3 comes from PyPI, at one version (python_package.py).
"""

import json
import subprocess

import minio
import permissions
import python_package
import s3_client
import s3_servers
import support

NOW = ("--now", "2020-02-01T00:00:00Z")


class Policy(permissions.OnMinio):
    """The commands that `spillway policy --format mc` prints, as its reader would run them."""

    USER = {"AWS_ACCESS_KEY_ID": "exporter", "AWS_SECRET_ACCESS_KEY": "secret-of-the-exporter"}

    @classmethod
    def setUpClass(cls):
        s3_servers.binary("mc")  # or this is skipped before a server runs
        super().setUpClass()
        cls.mc = minio.Client(cls.server)

    def setUp(self):
        super().setUp()
        self.mc.run("admin", "user", "add", self.mc.alias, *self.USER.values())
        self.addCleanup(self.mc.run, "admin", "user", "rm", self.mc.alias, self.USER["AWS_ACCESS_KEY_ID"])

    def user(self):
        return {**self.environment(), **self.USER}

    def give_the_policy(self):
        text = self.run_spillway("policy", "--bucket", "raw", "--project", 187520, "--account", "123456789012",
                                 "--format", "mc").out
        _, end = json.JSONDecoder().raw_decode(text)
        (self.dir / "spillway-export-187520.json").write_text(text[:end])
        for command in text[end:].strip().splitlines():
            words = command.replace("ALIAS", self.mc.alias).replace("USER", self.USER["AWS_ACCESS_KEY_ID"]).split()
            self.assertEqual(words[0], "mc")
            subprocess.run([self.mc.program, "--config-dir", self.mc.folder, *words[1:]], cwd=self.dir,
                           env=self.mc.environment, capture_output=True, check=True)

    def test_with_that_policy_alone_a_user_may_export(self):
        self.verify(self.user(), expect=3)
        self.give_the_policy()
        found, _ = self.verify(self.user(), expect=0)
        self.assertEqual({each: found[each] for each in permissions.NEEDED}, self.results(of=permissions.NEEDED))
        self.assert_nothing_left()

        # Large enough for an upload in parts.
        self.generate(self.dir / "events.jsonl", "--seed", 6, "--events", 60_000, "--hours", 1)
        self.run_spillway("export", "events.jsonl", "s3://raw/analytics", *NOW, environment=self.user())
        self.run_spillway("check", "s3://raw/analytics", "--state", self.state, environment=self.user())
        self.assertEqual(len(s3_client.keys_below(self.administrator)), 2)


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
