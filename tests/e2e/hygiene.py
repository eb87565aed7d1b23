#!/usr/bin/env python3
"""Nobody else can read the state file, and no secret of the surroundings gets into what is written."""

import os
import stat
import subprocess

import support

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAMARKERMARKERMARK",
    "AWS_SECRET_ACCESS_KEY": "marker/secret+access/key/0123456789abcdef",
    "AWS_SESSION_TOKEN": "marker-session-token-0123456789",
    "SPILLWAY_SMTP_URL": "smtp://marker:marker-password@mail.invalid",
}
NOW = ("--now", "2020-02-01T00:00:00Z")
REQUEST = support.FIXTURES / "requests" / "sdk-python-1.3.0.json"
API_KEY = b"0123456789abcdef0123456789abcdef"


class Hygiene(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.generate(self.dir / "events.jsonl", "--seed", 4, "--events", 200, "--hours", 2)

    def environment(self):
        return {**super().environment(), **SECRETS}

    def assert_nowhere(self, secrets, printed):
        for secret in secrets:
            self.assertNotIn(secret, printed)
            found = [path.name for path in self.dir.rglob("*") if path.is_file() and secret in path.read_bytes()]
            self.assertEqual(found, [], "files hold a secret")

    def test_the_state_file_is_for_its_owner_alone(self):
        process = self.start("ingest", "-", *NOW, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, umask=0)
        process.communicate((self.dir / "events.jsonl").read_bytes(), timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, 0)
        files = list(self.dir.glob("state.db*"))
        self.assertIn(self.state, files)
        self.assertEqual({path.name: stat.filemode(path.stat().st_mode) for path in files},
                         {path.name: "-rw-------" for path in files})

    def test_the_files_beside_the_state_file_are_for_its_owner_alone_too(self):
        process = self.start("ingest", "-", *NOW, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, umask=0)
        process.stdin.write((self.dir / "events.jsonl").read_bytes())
        process.stdin.flush()
        wal = self.dir / "state.db-wal"
        while not wal.exists() and process.poll() is None:
            os.sched_yield()
        modes = {path.name: stat.filemode(path.stat().st_mode) for path in self.dir.glob("state.db*")}
        process.stdin.close()
        self.assertEqual(process.wait(timeout=support.SECONDS_MAX), 0)
        self.assertIn("state.db-wal", modes)
        self.assertEqual(set(modes.values()), {"-rw-------"})

    def test_secrets_of_the_environment_are_written_nowhere(self):
        (self.dir / "bad.jsonl").write_text("{broken\n")
        printed = ""
        for arguments in (["export", "bad.jsonl", "events.jsonl", self.bucket, *NOW],
                          ["export", "missing.jsonl", self.bucket],
                          ["export", "events.jsonl", self.bucket, "--json", *NOW],
                          ["export", "events.jsonl", self.bucket, "--now", "never"]):
            ended = self.run_any(*arguments)
            printed += ended.out + ended.err
        self.assert_nowhere([secret.encode() for secret in SECRETS.values()], printed.encode())

    def test_the_api_key_of_a_request_body_is_written_nowhere(self):
        ended = self.run_spillway("export", REQUEST, self.bucket, "--project", 187520, *NOW)
        self.assertIn(API_KEY, REQUEST.read_bytes())
        self.assert_nowhere([API_KEY], (ended.out + ended.err).encode())


if __name__ == "__main__":
    support.main()
