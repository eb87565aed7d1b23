#!/usr/bin/env python3
"""Mails of an incident, by way of `run` and a real SMTP server: who gets them, when, and that nothing secret is in them."""

import json
import os
import pathlib
import subprocess
import sys
import time

import support
from connections import DAY, Connections, event

SERVER = pathlib.Path(__file__).resolve().parents[1] / "support" / "smtp_server.py"
PASSWORD = "marker-pass-0123456789"
ADMIN, CREATOR = "ops@example.com", "ada@example.com"


class Mail(Connections):
    def setUp(self):
        super().setUp()
        self.folder = self.dir / "mails"
        self.folder.mkdir()
        self.connect("--created-by", "Ada", CREATOR)
        self.ingest(event(14, 1))
        self.rules = self.bucket / ".spillway" / "bucket.json"
        self.outputs = ""

    def serve(self, *options):
        """The server's port; it ends with the test."""
        server = subprocess.Popen([SERVER, self.folder, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.stdin.close)
        port = server.stdout.readline().strip()
        self.assertEqual(server.stdout.readline().strip(), "up")
        return port

    def round(self, time, url, expect):
        environment = {**self.environment(), **({"SPILLWAY_SMTP_URL": url} if url else {})}
        ended = self.run_spillway("run", "--once", "--now", f"{DAY}T{time}:00Z", expect=expect, environment=environment)
        self.outputs += ended.out + ended.err

    def block(self, url):
        self.rules.write_text('{"deny": ["s3:PutObject"]}')
        for time in ("15:06", "15:36"):
            self.round(time, url, 3)

    def mails(self):
        return [json.loads(each.read_text()) for each in sorted(self.folder.glob("*.json"))]

    def recipients(self):
        return sorted(each for mail in self.mails() for each in mail["envelope_to"])

    def waiting(self):
        return self.run_spillway("status", "--json").document["mails"]["waiting"]


class Incidents(Mail):
    def test_the_administrator_and_the_creator_get_one_at_the_beginning_and_one_at_the_end(self):
        url = f"smtp://127.0.0.1:{self.serve()}?from=spillway%40example.com"
        self.block(url)
        self.round("15:51", url, 3)
        self.assertEqual(self.recipients(), sorted([ADMIN, CREATOR]))
        first = self.mails()[0]
        for said in ("s3:PutObject", "2020-01-25_14", "spillway verify", "acme"):
            self.assertIn(said, first["body"])
        self.rules.unlink()
        self.round("16:06", url, 0)
        self.assertEqual(self.recipients(), sorted([ADMIN, CREATOR] * 2))
        self.assertEqual(self.waiting(), 0)

    def test_a_running_worker_sends_them_too(self):
        self.block(None)
        self.assertEqual(self.waiting(), 2)
        url = f"smtp://127.0.0.1:{self.serve()}?from=spillway%40example.com"
        running = self.start("run", "--now", f"{DAY}T15:40:00Z", env={**self.environment(), "SPILLWAY_SMTP_URL": url})
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        deadline = time.monotonic() + support.SECONDS_MAX
        while self.waiting() and time.monotonic() < deadline:
            pass  # asking takes its time
        self.assertEqual(self.recipients(), sorted([ADMIN, CREATOR]))

    def test_mails_wait_while_the_server_is_down_for_an_hour(self):
        self.block("smtp://127.0.0.1:1?from=spillway%40example.com")
        self.assertEqual(self.waiting(), 2)
        url = f"smtp://127.0.0.1:{self.serve()}?from=spillway%40example.com"
        self.round("16:40", url, 3)
        self.assertEqual(self.recipients(), sorted([ADMIN, CREATOR]))
        self.assertEqual(self.waiting(), 0)

    def test_one_who_is_refused_keeps_nobody_from_having_it(self):
        url = f"smtp://127.0.0.1:{self.serve('--to', ADMIN, '550 5.1.1 unknown')}?from=spillway%40example.com"
        self.block(url)
        self.assertEqual(self.recipients(), [CREATOR])
        status = self.run_spillway("status", "--json").document["mails"]
        self.assertEqual((status["waiting"], [each["recipient"] for each in status["refused"]]), (0, [ADMIN]))

    def test_login_by_tls_and_no_secret_anywhere(self):
        port = self.serve("--starttls", "--login", f"spillway:{PASSWORD}")
        url = (f"smtp://spillway:{PASSWORD}@127.0.0.1:{port}?from=spillway%40example.com&tls=required"
               f"&ca={self.folder / 'ca.crt'}")
        self.block(url)
        self.assertEqual(self.recipients(), sorted([ADMIN, CREATOR]))
        held = self.outputs + "".join(json.dumps(each) for each in self.mails())
        self.assertNotIn(PASSWORD, held)
        for each in self.dir.glob("state.db*"):
            self.assertNotIn(PASSWORD.encode(), each.read_bytes())


if __name__ == "__main__":
    has_server = subprocess.run([SERVER, "--help"], capture_output=True, check=False).returncode == 0
    if not has_server:
        print("skipped: no aiosmtpd: tools/setup test installs it")
        sys.exit(1 if os.environ.get("CI") else support.SKIPPED)
    support.main()
