#!/usr/bin/env python3
"""`kill -9` at the n-th rename, sync and write: strace ends a run just before the call, and the next run goes on.

strace counts calls by thread and name, and kills when the first thread has come so far; the runs are traced once to
know which calls there are. SPILLWAY_LONG=1 takes each of the first 50 of an export, and 20 of each other kind of work;
a usual run takes some, spread over these.
"""

import collections
import re
import shutil
import signal
import subprocess

import crash
import support

KINDS = {"rename": "rename,renameat,renameat2", "sync": "fsync,fdatasync", "write": "write,pwrite64"}
FIRST_OF_EXPORT, FIRST_OF_OTHERS = 50, 20
USUAL_OF_EXPORT, USUAL_OF_OTHERS = 6, 1
EVENTS, HOURS = 600, 24
CALL = re.compile(r"^(\d+) +(\w+)\(")


def spread(points, count):
    """So many of the points, from the first to the last."""
    if len(points) <= count:
        return points
    return [points[number * (len(points) - 1) // max(count - 1, 1)] for number in range(count)]


class KillCalls(crash.Crash):
    # So that the calls of a run are the same each time.
    threads = ("--threads", "1")

    def setUp(self):
        super().setUp()
        if shutil.which("strace") is None:
            support.skip("there is no strace: tools/setup test")
        self.strace_ends_runs()

    def strace_ends_runs(self):
        """Some containers let no process trace another."""
        tried = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True, encoding="utf-8",
                               timeout=support.SECONDS_MAX, check=False)
        if tried.returncode != 0:
            support.skip(f"strace may not trace here: {tried.stderr.strip()}")

    def strace(self, options, arguments):
        """How a traced run ended. Without --seccomp-bpf, beside which strace 6.1 counts calls only to the first."""
        return subprocess.run(["strace", "-f", "-qq", *options, *self.command(arguments)], cwd=self.work,
                              env=self.environment(), capture_output=True, encoding="utf-8", timeout=support.SECONDS_MAX,
                              check=False)

    def points_of(self, scenario, step, calls):
        """What strace can count in a step: (name, n) in the order in which a first thread comes to its n-th call."""
        log = self.dir / "calls"
        traced = self.strace(["-o", str(log), "-e", f"trace={calls}"], scenario.steps[step])
        self.assertEqual(traced.returncode, 0, traced.stderr)
        counts, points = collections.Counter(), []
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if called := CALL.match(line):
                counts[called.groups()] += 1
                point = (called[2], counts[called.groups()])
                if point not in points:
                    points.append(point)
        return points

    def reach(self, scenario, step):
        self.begin(scenario)
        for arguments in scenario.steps[:step]:
            self.spillway(*arguments)

    def kill_at(self, scenario, snapshots, step, point):
        """False if the step got through: threads share their work in another way each time."""
        name, number = point
        what = f"{scenario.name}, step {step}, killed at {name} {number}"
        self.reach(scenario, step)
        ended = self.strace(["-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={number}"],
                            scenario.steps[step])
        self.assertIn(ended.returncode, (0, -signal.SIGKILL), f"{what}: {ended.stderr}")
        killed = ended.returncode != 0
        self.check_cut_off(snapshots, step if killed else step + 1, what)
        self.go_on(scenario, snapshots, step if killed else step + 1, what)
        return killed

    def kill_work(self, scenario, step, first, usual):
        snapshots = self.undisturbed(scenario)
        for kind, calls in KINDS.items():
            self.reach(scenario, step)
            points = self.points_of(scenario, step, calls)[:first]
            chosen = points if crash.LONG else spread(points, usual)
            killed = sum(self.kill_at(scenario, snapshots, step, point) for point in chosen)
            print(f"{scenario.name}: {killed} of {len(chosen)} runs killed at a {kind}, of {len(points)} points")
            self.assertGreater(killed, 0, f"{scenario.name}: no run was killed at a {kind}")

    def test_an_export(self):
        self.make_inputs(EVENTS, HOURS)
        self.kill_work(self.export_scenario("events.jsonl"), 0, FIRST_OF_EXPORT, USUAL_OF_EXPORT)

    def test_other_work(self):
        self.make_inputs(EVENTS, HOURS)
        # Intake behind intake; connections at work on what came late in the day; a backfill.
        self.kill_work(self.run_scenario(), 3, FIRST_OF_OTHERS, USUAL_OF_OTHERS)
        self.kill_work(self.backfill_scenario(), 0, FIRST_OF_OTHERS, USUAL_OF_OTHERS)


if __name__ == "__main__":
    support.main()
