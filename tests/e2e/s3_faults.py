#!/usr/bin/env python3
"""A connection that breaks at any of the eight moments of a request, in each of six operations, costs one more attempt
and nothing else: no event is lost or doubled, no half object seen, no upload left open."""

import json
import signal
import subprocess
import time

import fault_server
import support
from fault_server import DEST, LargeObject, SmallObjects
from s3_schedule import Close, Phase, cut, denial, internal_error, slow_bytes, stall, truncated_xml

INTERRUPTED = 130
# Resets lose what is under way, ordinary ends do not: both come in life.
CLOSES = {Phase.AFTER_OPERATION: Close.END, Phase.ANSWER: Close.END}
FOREVER = 300  # seconds; the server's end ends it
SEEDS = range(1, 6)


def cuts():
    return [cut(phase, CLOSES.get(phase, Close.RESET)) for phase in Phase] + [cut(Phase.ANSWER, is_head_cut=True)]


def all_kinds():
    return [*cuts(), internal_error(), truncated_xml()]


class BrokenConnectionsOfSmallObjects(SmallObjects):
    def check(self, operation, fault, first):
        self.check_one_more_attempt(operation, fault, first)
        self.assert_nothing_left_to_do(fault.name)

    def test_an_undisturbed_run_puts_and_looks_once(self):
        self.deliver()
        self.assertEqual(self.counts(), self.undisturbed)
        self.assert_nothing_left_to_do("undisturbed")

    def test_a_put_is_done_once_more(self):
        for first in (1, 2, 3, 4):  # an object on a new connection, a marker on one that was used, ...
            for fault in cuts():
                with self.subTest(fault.name, first=first):
                    self.check("PutObject", fault, first)

    def test_a_look_at_an_object_is_done_once_more(self):
        for fault in cuts():
            with self.subTest(fault.name):
                self.check("HeadObject", fault, 1)

    def test_a_listing_is_asked_for_once_more(self):
        self.deliver()
        whole = self.run_spillway("ls", DEST).out
        for fault in cuts():
            with self.subTest(fault.name):
                self.server.faults.clear()
                rule = self.server.faults.add("ListObjectsV2", fault)
                self.assertEqual(self.run_spillway("ls", DEST).out, whole)
                self.assertEqual(rule.met, 1)

    def test_a_listing_reads_the_markers_of_a_hundred_hours_and_of_no_more(self):
        for hours, requests in ((100, 100), (101, 0)):
            lines = [json.dumps({"event_type": "a", "device_id": "d", "server_upload_time": f"2020-01-{day:02}T{hour:02}:00:00Z"})
                     for day, hour in (divmod(each, 24) for each in range(24, 24 + hours))]
            self.run_spillway("export", "-", f"{DEST}/{hours}", "--state", f"{hours}.db", stdin="\n".join(lines))
            self.first_request = len(self.server.requests)
            listed = self.run_spillway("ls", f"{DEST}/{hours}").out.splitlines()
            self.assertEqual(self.counts()["GetObject"], requests)
            self.assertRegex(listed[-1], f" {hours} events in {hours} hours" if requests else f"B in {hours} hours")

    def test_an_object_is_read_once_more_as_long_as_nothing_of_it_has_come(self):
        self.deliver()
        key = next(name for name in self.expected if name.endswith(".gz"))
        whole = self.run_spillway("cat", DEST, key).out
        for fault in cuts():
            with self.subTest(fault.name):
                self.server.faults.clear()
                rule = self.server.faults.add("GetObject", fault)
                is_amid_it = fault.cut_at == Phase.ANSWER and not fault.is_head_cut
                ended = self.run_any("cat", DEST, key)
                self.assertEqual(rule.met, 1)
                self.assertTrue(ended.out == whole if ended.code == 0 else whole.startswith(ended.out))
                self.assertIn(ended.code, (0, 1) if is_amid_it else (0,), ended.err)
                if ended.code == 1:
                    self.assertIn("reading the answer of", ended.err)

    def test_a_marker_is_removed_once_more(self):
        key = min(name for name in self.expected if name.endswith(".gz"))
        for fault in cuts():
            with self.subTest(fault.name):
                self.begin()
                self.deliver()
                self.server.bucket.put(key, b"of somebody else")
                self.forget()
                rule = self.server.faults.add("DeleteObject", fault)
                self.deliver("--replace-foreign")
                self.assertEqual(rule.met, 1)
                self.assert_delivered(fault.name)
                self.assert_nothing_left_to_do(fault.name)

    def test_without_a_server_five_attempts_end_the_run_and_the_next_one_delivers(self):
        with self.server.refusing():
            self.assertIn("Connection refused", self.deliver(expect=1).err)
        self.assert_nothing_left_to_do("refused")

    def test_a_connection_that_always_breaks_ends_the_run_after_five_attempts(self):
        for operation, phase in (("PutObject", Phase.BODY), ("PutObject", Phase.AFTER_OPERATION),
                                 ("HeadObject", Phase.ACCEPT)):
            with self.subTest(operation, phase=phase):
                self.begin()
                self.server.faults.add(operation, cut(phase), times=0)
                self.deliver(expect=1)
                self.assert_stopped_after(fault_server.ATTEMPTS_MAX, operation)
                self.assert_nothing_left_to_do(phase.name)

    def test_slow_and_stalling_servers_are_waited_for(self):
        for fault in (slow_bytes(20, 0.01), stall(Phase.BEFORE_BODY, 0.2), stall(Phase.ANSWER, 0.2)):
            with self.subTest(fault.name):
                self.begin()
                self.server.faults.add("PutObject", fault)
                self.deliver()
                self.assertEqual(self.counts(), self.undisturbed)
                self.assert_nothing_left_to_do(fault.name)

    def test_many_faults_cost_runs_and_no_bytes(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.begin()
                self.check_many_faults(0.3, seed, all_kinds())


class BrokenConnectionsOfALargeObject(LargeObject):
    def test_an_undisturbed_run_asks_once_for_each_step(self):
        self.deliver()
        self.assertEqual(self.counts(), self.undisturbed)
        self.assert_nothing_left_to_do("undisturbed")

    def test_an_upload_is_begun_once_more(self):
        for fault in cuts():
            with self.subTest(fault.name):
                self.check_one_more_attempt("CreateMultipartUpload", fault)
                # The one whose id was lost with the answer is found by its key.
                self.assertEqual(self.uploads(), [])
                self.assert_nothing_left_to_do(fault.name)

    def test_a_part_is_sent_once_more(self):
        for fault in cuts():
            with self.subTest(fault.name):
                self.check_one_more_attempt("UploadPart", fault, first=1)
                self.assert_nothing_left_to_do(fault.name)

    def test_an_upload_is_completed_once(self):
        for fault in cuts():
            with self.subTest(fault.name):
                self.check_one_more_attempt("CompleteMultipartUpload", fault)
                self.assert_nothing_left_to_do(fault.name)

    def test_a_refused_upload_is_aborted_whatever_happens_to_the_abort(self):
        for fault in cuts():
            with self.subTest(fault.name):
                self.begin()
                self.server.faults.add("UploadPart", denial("s3:PutObject"), times=0)
                rule = self.server.faults.add("AbortMultipartUpload", fault)
                self.assertIn("s3:PutObject", self.deliver(expect=3).err)
                self.assertEqual(rule.met, 1)
                self.assertEqual(self.counts()["AbortMultipartUpload"], 2)
                self.assertEqual((self.uploads(), self.server.tree()), ([], {}))
                self.assert_nothing_left_to_do(fault.name)

    def test_what_can_not_be_aborted_now_is_aborted_by_the_next_run(self):
        self.server.faults.add("UploadPart", denial("s3:PutObject"), times=0)
        self.server.faults.add("AbortMultipartUpload", cut(Phase.BODY), times=0)
        self.deliver(expect=3)
        self.assertEqual(len(self.uploads()), 1)
        self.assert_nothing_left_to_do("aborted by the next run")

    def begin_a_stalled_upload(self):
        """A running export, of which half of a part has come."""
        self.server.faults.add("UploadPart", stall(Phase.BODY, FOREVER), times=0)
        process = self.start("export", DEST, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        end = time.monotonic() + support.SECONDS_MAX
        while not self.server.requests_of("UploadPart"):
            self.assertIsNone(process.poll(), "it ended before a part was sent")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)  # between two looks, within the deadline
        return process

    def test_a_killed_run_leaves_an_upload_that_the_next_one_aborts(self):
        process = self.begin_a_stalled_upload()
        self.assertTrue(support.kill(process))
        process.communicate()
        self.assertEqual(len(self.uploads()), 1)
        self.assert_nothing_left_to_do("killed")

    def test_an_interrupted_run_aborts_its_upload(self):
        process = self.begin_a_stalled_upload()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=support.SECONDS_MAX)
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        self.assertEqual((self.uploads(), self.server.tree()), ([], {}))
        self.assert_nothing_left_to_do("interrupted")

    def test_many_faults_cost_runs_and_no_bytes(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.begin()
                self.check_many_faults(0.3, seed, all_kinds())


if __name__ == "__main__":
    support.main()
