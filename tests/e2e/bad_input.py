"""What the tests of bad input share: events by the hour, the one error that a command prints, and kept rejects."""

import contextlib
import ctypes
import gzip
import json
import os
import zlib

import support

NOW = ("--now", "2020-02-01T00:00:00Z")
DONE, FAILED, USAGE, DENIED, REJECTS = 0, 1, 2, 3, 4


def event(insert_id, extra="", uploaded="2020-01-25 17:00:00.000000"):
    """The line of an event, without its end; `extra` is more of its members, such as ',"city":"Brno"'."""
    return (f'{{"app":1,"event_type":"view","device_id":"d","server_upload_time":"{uploaded}",'
            f'"uuid":"00000000-0000-5000-8000-{zlib.crc32(insert_id.encode()):012x}","$insert_id":"{insert_id}"{extra}}}'
            ).encode()


def events(count, name="e", filling=""):
    """Lines of that many events, each with its end."""
    extra = f',"event_properties":{{"filling":"{filling}"}}' if filling else ""
    return b"".join(event(f"{name}-{number}", extra) + b"\n" for number in range(count))


def zipped(text):
    return gzip.compress(text, 6, mtime=0)


# Linux: <linux/prctl.h> and <linux/capability.h>.
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def leave_files_alone():
    """In a child, before the program: root, too, needs the permission that a file gives."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if os.geteuid() == 0 and libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "dropping a capability")


class BadInput(support.EndToEnd):
    @contextlib.contextmanager
    def before_start(self, prepare):
        """What is run meanwhile calls `prepare` in its process, before the program."""
        self.prepare = prepare
        try:
            yield
        finally:
            self.prepare = None

    def without_rights(self):
        return self.before_start(leave_files_alone)

    def assert_one_error(self, ended, says=(), tries=()):
        """One line `error:` that says all of `says`, and one line `try:`."""
        lines = ended.err.splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["error", "try"], ended.err)
        for each in says:
            self.assertIn(str(each), lines[0])
        for each in tries:
            self.assertIn(str(each), lines[1])
        self.assertNotIn("report this", ended.err)

    def check_failure(self, *arguments, says=(), tries=(), code=FAILED, **options):
        ended = self.run_spillway(*arguments, *NOW, expect=code, **options)
        self.assert_one_error(ended, says, tries)
        return ended

    def ingest(self, *inputs, expect=DONE, state=None):
        options = () if state is None else ("--state", state)
        return self.run_spillway("ingest", *inputs, "--json", *options, *NOW, expect=expect).document["total"]

    def rejects(self, state=None):
        options = () if state is None else ("--state", state)
        return [json.loads(line) for line in self.run_spillway("rejects", *options).out.splitlines()]

    def tree_after(self, *inputs, name="undisturbed"):
        """The bucket of an undisturbed run of the inputs, with a state file of its own."""
        self.run_spillway("export", *inputs, self.dir / name, "--state", f"{name}.db", *NOW)
        return support.tree_of(self.dir / name)

    def tree_of_state(self, name="bucket", state=None):
        """The bucket that what was taken in makes."""
        options = () if state is None else ("--state", state)
        self.run_spillway("export", self.dir / name, *options, *NOW)
        return support.tree_of(self.dir / name)


class Interrupted(BadInput):
    """Commands that something stands in the way of: `events.jsonl`, and the bucket that it makes when nothing does."""

    def setUp(self):
        super().setUp()
        (self.dir / "events.jsonl").write_bytes(events(1500, "e", "x" * 400) + event("late", uploaded="2020-01-25 19:00:00"))
        self.undisturbed = self.tree_after("events.jsonl")

    def check_completes(self, *arguments):
        """The same command, undisturbed."""
        self.run_spillway(*arguments, *NOW)
        self.assert_same_tree(support.tree_of(self.bucket), self.undisturbed)
