#!/usr/bin/env python3
"""A network that is slow, cuts connections or resets them costs time, never bytes: what ends without success says so,
the next run completes it, and in the end the bucket is that of an undisturbed run, with no upload left open.

boto3 comes from PyPI, at one version (python_package.py).
"""

import pathlib
import shutil
import subprocess
import tempfile
import time

import minio
import python_package
import s3_client
import s3_servers
import support
import toxiproxy

NOW = ("--now", "2020-02-01T00:00:00Z")
MIB = 1 << 20


class Network(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        s3_servers.binary("toxiproxy")  # or this is skipped before a server runs
        cls.server = cls.enterClassContext(minio.Minio())
        cls.proxy = cls.enterClassContext(toxiproxy.Toxiproxy(cls.server.address))
        cls.client = s3_client.of(cls.server)
        cls.kept = pathlib.Path(tempfile.mkdtemp(prefix="spillway-e2e-network-"))
        cls.addClassCleanup(shutil.rmtree, cls.kept)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.proxy.clear)
        if not (self.kept / "bucket").exists():  # one object that goes in parts, and small ones
            self.generate(self.kept / "large.jsonl", "--seed", 6, "--events", 60_000, "--hours", 1)
            self.generate(self.kept / "small.jsonl", "--seed", 7, "--events", 1_000, "--hours", 8)
            self.run_spillway("export", self.kept / "large.jsonl", self.kept / "small.jsonl", self.kept / "bucket",
                              "--state", self.kept / "state.db", *NOW)
        shutil.copy(self.kept / "state.db", self.state)
        self.expected = support.tree_of(self.kept / "bucket")

    def environment(self):
        return {**super().environment(), **self.server.environment, "AWS_ENDPOINT_URL": self.proxy.proxied_url}

    def found(self, prefix):
        return {name: content.replace(f'"{prefix}/'.encode(), b'"')
                for name, content in s3_client.objects(self.client, prefix).items()}

    def new_uploads(self):
        """Those open in MinIO, but for what an earlier case has left."""
        return sorted(set(s3_client.uploads_of_minio(self.server)) - self.old_uploads)

    def finish(self, prefix, ended, expect=(0, 1)):
        """Whatever came of it: without trouble the next run completes it."""
        self.assertIn(ended.code, expect, ended.err)
        if ended.code == 1:
            self.assertRegex(ended.err, r"(?m)^error: ")
        self.proxy.clear()
        self.run_spillway("export", f"s3://raw/{prefix}", *NOW)
        self.assert_same_tree(self.found(prefix), self.expected, prefix)
        self.assertEqual(self.new_uploads(), [], "uploads that nobody completed or aborted")
        self.run_spillway("check", f"s3://raw/{prefix}", "--state", self.state)

    def export_and_finish(self, prefix, expect=(0, 1)):
        self.old_uploads = set(s3_client.uploads_of_minio(self.server))
        self.finish(prefix, self.run_any("export", f"s3://raw/{prefix}", *NOW), expect)

    def test_a_slow_network_delivers_all_the_same(self):
        for prefix, toxics in (
                ("latency", [("latency", "downstream", {"latency": 60, "jitter": 30})]),
                ("both-ways", [("latency", "upstream", {"latency": 30}), ("latency", "downstream", {"latency": 30})]),
                ("narrow", [("bandwidth", "upstream", {"rate": 8_000})]),
                ("in-slices", [("slicer", "upstream",
                                {"average_size": 50_000, "size_variation": 20_000, "delay": 50})])):
            with self.subTest(prefix):
                for kind, stream, attributes in toxics:
                    self.proxy.add(kind, stream, **attributes)
                self.export_and_finish(prefix, expect=(0,))

    def test_half_of_the_connections_broken_is_no_failure_of_the_whole(self):
        for prefix, kind, stream, attributes in (
                ("half-reset", "reset_peer", "upstream", {"timeout": 0}),
                ("half-cut", "limit_data", "upstream", {"bytes": 5 * MIB}),
                ("half-deaf", "limit_data", "downstream", {"bytes": 300})):
            with self.subTest(prefix):
                self.proxy.add(kind, stream, toxicity=0.5, **attributes)
                self.export_and_finish(prefix)

    def test_all_connections_broken_end_a_run_cleanly_and_the_next_completes(self):
        for prefix, kind, stream, attributes in (
                ("reset", "reset_peer", "upstream", {"timeout": 0}),
                ("reset-late", "reset_peer", "downstream", {"timeout": 100}),
                ("no-requests", "limit_data", "upstream", {"bytes": 0}),
                ("cut-in-a-header", "limit_data", "upstream", {"bytes": 300}),
                ("cut-in-a-part", "limit_data", "upstream", {"bytes": 10 * MIB}),
                ("no-answers", "limit_data", "downstream", {"bytes": 0}),
                ("cut-in-an-answer", "limit_data", "downstream", {"bytes": 100})):
            with self.subTest(prefix):
                self.proxy.add(kind, stream, **attributes)
                self.export_and_finish(prefix)

    def begin_a_large_upload(self, prefix):
        """A running export, of which MinIO has begun to get the parts."""
        self.old_uploads = set(s3_client.uploads_of_minio(self.server))
        self.proxy.add("bandwidth", "upstream", rate=8_000)
        running = self.start("export", f"s3://raw/{prefix}", *NOW, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8")
        end = time.monotonic() + support.SECONDS_MAX
        while not self.new_uploads() and running.poll() is None and time.monotonic() < end:
            time.sleep(0.02)  # between two looks, within the deadline
        self.assertIsNone(running.poll(), "it ended before the upload was seen")
        return running

    def end_of(self, running):
        out, err = running.communicate(timeout=support.SECONDS_MAX)
        return support.Finished(running.returncode, out, err)

    def test_a_cut_in_the_middle_of_an_upload_is_passed_over(self):
        running = self.begin_a_large_upload("short-cut")
        self.proxy.cut()
        self.proxy.clear()
        ended = self.end_of(running)
        self.assertEqual(ended.code, 0, ended.err)
        self.finish("short-cut", ended)

    def test_a_server_that_goes_away_in_the_middle_of_an_upload_ends_the_run(self):
        running = self.begin_a_large_upload("long-cut")
        self.proxy.cut()
        ended = self.end_of(running)
        self.assertEqual(ended.code, 1)
        self.assertRegex(ended.err, r"\Aerror: .*\ntry: .*\n\Z")
        self.finish("long-cut", ended)


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
