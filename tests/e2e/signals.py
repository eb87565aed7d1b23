#!/usr/bin/env python3
"""Ctrl-C ends a command at the next safe point, and the next run goes on; a closed pipe ends it quietly."""

import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
import time

import support

NOW = ("--now", "2020-02-01T00:00:00Z")
INTERRUPTED = 130
CLOSED_PIPE = 141  # what a shell shows for a program that SIGPIPE has ended


def bytes_in(pipe):
    """Written to it, and not read yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, struct.pack("i", 0)))[0]


def is_open(path, process):
    """Whether the process has a descriptor of the file."""
    descriptors = f"/proc/{process.pid}/fd"
    with contextlib.suppress(FileNotFoundError):  # one is closed meanwhile
        return any(os.readlink(os.path.join(descriptors, each)) == str(path) for each in os.listdir(descriptors))
    return False


class Signals(support.EndToEnd):
    def setUp(self):
        super().setUp()
        self.lines = self.generate(self.dir / "events.jsonl", "--seed", 9, "--events", 3000, "--hours", 6)
        self.whole = self.dir / "whole"
        self.run_spillway("export", "events.jsonl", self.whole, "--state", "whole.db", *NOW)

    def wait_until(self, holds, process, what):
        """Polls: there is nothing to wait on in a directory without inotify."""
        deadline = time.monotonic() + support.SECONDS_MAX
        while not holds():
            self.assertIsNone(process.poll(), f"ended before {what}")
            self.assertLess(time.monotonic(), deadline, f"waited too long for {what}")
            time.sleep(0.002)

    def finish(self, process):
        out, err = process.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn("error: ", err)
        return out

    def slow_bucket(self):
        """A bucket whose puts wait, so that a delivery can be met in its midst."""
        settings = self.bucket / ".spillway" / "bucket.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"faults": [{"operation": "PutObject", "delay_ms": 300, "times": 0}]}))
        return settings

    def check_interrupted_delivery(self, which):
        settings = self.slow_bucket()
        process = self.start("export", "events.jsonl", self.bucket, "--threads", 1, *NOW, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, encoding="utf-8")
        self.wait_until(lambda: support.tree_of(self.bucket), process, "the first object")
        process.send_signal(which)
        self.finish(process)
        expected = support.tree_of(self.whole)
        reached = support.tree_of(self.bucket)
        self.assertLess(len(reached), len(expected), "the signal came too late to matter")
        for key, content in reached.items():
            self.assertEqual(content, expected[key])
        settings.unlink()
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        self.assert_same_tree(support.tree_of(self.bucket), expected)

    def test_sigint_amid_a_delivery_ends_with_130_and_the_next_run_completes(self):
        self.check_interrupted_delivery(signal.SIGINT)

    def test_sigterm_is_taken_as_sigint_is(self):
        self.check_interrupted_delivery(signal.SIGTERM)

    def test_sigint_amid_an_intake_keeps_what_was_read(self):
        process = self.start("ingest", "-", *NOW, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(b"".join(self.lines))
        process.send_signal(signal.SIGINT)
        # It reads on until it sees the signal: the same lines again are duplicates.
        with contextlib.suppress(BrokenPipeError):
            while process.poll() is None:
                process.stdin.write(self.lines[0])
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        with process.stderr as errors:
            self.assertEqual(process.wait(timeout=support.SECONDS_MAX), INTERRUPTED, errors.read())
        received, stored, duplicates, applied, rejected = support.ledger_of(self.state)["input"][0]
        self.assertEqual(received or 0, (stored or 0) + (duplicates or 0))
        self.assertEqual((applied or 0, rejected or 0), (0, 0))
        self.run_spillway("export", "events.jsonl", self.bucket, *NOW)
        self.assert_same_tree(support.tree_of(self.bucket), support.tree_of(self.whole))

    def test_sigint_ends_a_wait_for_standard_input_and_keeps_what_has_come(self):
        process = self.start("ingest", "-", *NOW, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        cut_line = self.lines[-1][:100]
        process.stdin.write(b"".join(self.lines[:-1]) + cut_line)
        process.stdin.flush()
        self.wait_until(lambda: bytes_in(process.stdin) == 0, process, "all of it to be read")
        process.send_signal(signal.SIGINT)
        with process.stdin, process.stdout, process.stderr as errors:  # the input stays open until it has ended
            self.assertEqual(process.wait(timeout=support.SECONDS_MAX), INTERRUPTED, errors.read())
        self.assertEqual(support.ledger_of(self.state)["input"][0][0], len(self.lines) - 1)

    def test_sigint_ends_a_wait_for_a_fifo_that_nobody_writes_to(self):
        fifo = self.dir / "fifo"
        os.mkfifo(fifo)
        process = self.start("ingest", fifo, *NOW, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.wait_until(lambda: is_open(fifo, process), process, "it to be opened")
        process.send_signal(signal.SIGINT)
        self.finish(process)

    def test_a_closed_pipe_is_no_crash_and_nothing_to_speak_of(self):
        process = self.start("generate", "--events", 1_000_000, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        first = process.stdout.readline()
        process.stdout.close()
        with process.stderr as errors:
            self.assertEqual(errors.read(), b"")
        self.assertEqual(process.wait(timeout=support.SECONDS_MAX), CLOSED_PIPE)
        self.assertTrue(first.startswith(b"{"))

    def test_a_full_disk_behind_standard_output_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            process = self.start("generate", "--events", 10, stdout=full, stderr=subprocess.PIPE, encoding="utf-8")
            _, errors = process.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, 1)
        self.assertTrue(errors.startswith("error: "), errors)


if __name__ == "__main__":
    support.main()
