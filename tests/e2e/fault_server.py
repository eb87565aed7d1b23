"""What the tests with the fault server share: a small delivery and a large one, made once, and what must hold after
each fault: the bucket of an undisturbed run, no upload left open, no request tried too often, no secret shown."""

import collections
import pathlib
import shutil
import sys
import tempfile

import support

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from s3_server import S3Server

DEST = "s3://raw"
ATTEMPTS_MAX = 5  # of one request
RUNS_MAX = 30


class FaultServerTest(support.EndToEnd):
    """`events`: options of generate. `undisturbed`: the requests of a run without a fault."""

    events = ()
    undisturbed = {}

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(S3Server())
        cls.kept = pathlib.Path(tempfile.mkdtemp(prefix="spillway-e2e-faults-"))
        cls.addClassCleanup(shutil.rmtree, cls.kept)

    def setUp(self):
        super().setUp()
        if not (self.kept / "bucket").exists():
            self.generate(self.kept / "events.jsonl", *self.events)
            self.run_spillway("export", self.kept / "events.jsonl", self.kept / "bucket", "--state",
                              self.kept / "state.db")
        self.expected = support.tree_of(self.kept / "bucket")
        self.begin()

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def run_any(self, *arguments, **options):
        ended = super().run_any(*arguments, **options)
        for credential in list(self.server.credentials.values()):
            for secret in filter(None, (credential.secret, credential.token)):
                self.assertNotIn(secret, ended.out + ended.err)
        return ended

    def begin(self):
        """A new bucket, and a state file that knows the events and has delivered nothing to it."""
        self.server.clear()
        self.first_request = 0
        self.forget()

    def forget(self):
        """As a machine that was set up again: the bucket has what it has."""
        for each in self.dir.glob("state.db*"):
            each.unlink()
        shutil.copy(self.kept / "state.db", self.state)

    def deliver(self, *options, expect=0, environment=None):
        """One run, in which things happen one after the other."""
        self.first_request = len(self.server.requests)
        ended = self.run_spillway("export", DEST, "--threads", 1, *options, expect=expect, environment=environment)
        if expect != 0:
            self.assertRegex(ended.err, r"\Aerror: .*\ntry: .*\n\Z")
        self.assert_attempts_within_policy()
        return ended

    def counts(self):
        """{operation: requests} of the last run."""
        return collections.Counter(each.operation for each in self.server.requests[self.first_request:])

    def attempts(self, operation):
        """[how often each object was tried]: of the last run, without what a dead connection has cost."""
        tried = collections.Counter(each.key for each in self.server.requests[self.first_request:]
                                    if each.operation == operation and (each.is_answered or not each.is_reused))
        return sorted(tried.values())

    def assert_stopped_after(self, attempts, operation):
        """No other hour is begun when one has failed."""
        self.assertEqual(self.attempts(operation), [attempts])

    def assert_attempts_within_policy(self):
        """A pooled connection that turns out to be dead is no attempt: the request goes again at once, on a new one."""
        failed = collections.Counter()
        for each in self.server.requests[self.first_request:]:
            name = (each.operation, each.key, each.part_number)
            if not each.has_failed:
                failed[name] = 0
            elif each.is_answered or not each.is_reused:
                failed[name] += 1
            self.assertLessEqual(failed[name], ATTEMPTS_MAX, name)

    def assert_delivered(self, what):
        self.assert_same_tree(self.server.tree(), self.expected, what)

    def check_one_more_attempt(self, operation, fault, first=1):
        """A fault that passes costs one more request, and the run delivers all the same."""
        self.begin()
        rule = self.server.faults.add(operation, fault, first=first)
        self.deliver()
        self.assertEqual(rule.met, 1)
        self.assertEqual(self.counts()[operation], self.undisturbed[operation] + 1)
        self.assert_delivered(fault.name)

    def assert_nothing_left_to_do(self, what):
        """Without the fault, the next run completes what is missing, and the one behind it finds nothing."""
        self.server.faults.clear()
        self.deliver()
        self.assert_delivered(what)
        self.deliver()
        self.assertEqual(self.counts(), {}, f"{what}: there was something left to do")
        self.assertEqual(self.uploads(), [], f"{what}: an upload was left open")

    def check_many_faults(self, rate, seed, kinds):
        """Run by run until one succeeds. Which requests meet a fault is drawn, and the same for a seed."""
        self.server.faults.add_rate(rate, seed, kinds)
        for _ in range(RUNS_MAX):
            self.first_request = len(self.server.requests)
            ended = self.run_any("export", DEST, "--threads", 1)
            self.assertIn(ended.code, (0, 1), ended.err)
            self.assert_attempts_within_policy()
            if ended.code == 0:
                break
        self.assertEqual(ended.code, 0, ended.err)
        self.server.faults.clear()
        # What was begun and not heard of is found by a listing alone.
        self.run_spillway("doctor", DEST, "--clean")
        self.assert_delivered(f"seed {seed}")
        self.assert_nothing_left_to_do(f"seed {seed}")

    def job_states(self):
        return {state for _, _, state, _ in support.ledger_of(self.state)["job"]}

    def uploads(self):
        return [upload.key for upload in self.server.uploads.values()]


class SmallObjects(FaultServerTest):
    """Four hours, each of an object and a marker."""

    events = ("--seed", 5, "--events", 60, "--hours", 4)
    undisturbed = {"PutObject": 8, "HeadObject": 4}


class LargeObject(FaultServerTest):
    """One hour, whose object goes in two parts."""

    events = ("--seed", 6, "--events", 60_000, "--hours", 1)
    undisturbed = {"CreateMultipartUpload": 1, "UploadPart": 2, "CompleteMultipartUpload": 1, "HeadObject": 1,
                   "PutObject": 1}
