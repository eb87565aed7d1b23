#!/usr/bin/env python3
"""Power cuts: an ext4 of its own is shut down amid a run, as if the machine had lost its power, and mounted again. What
a command had acknowledged is there, nothing is half there, and the work goes on to the end of an undisturbed run.

The shutdown drops all that was not synced. Every second cut comes right behind a command that ended with exit status 0.
It needs root, a loop device and xfs_io; without them the test is skipped. SPILLWAY_LONG=1 cuts 50 times.
"""

import os
import random
import shutil
import subprocess
import sys

import crash
import support

CUTS = 50 if crash.LONG else 4
EVENTS, HOURS = 900, 24
DISK_BYTES = 96 << 20
TOOLS = ("unshare", "mkfs.ext4", "mount", "umount", "xfs_io")
# Set in the process that has mounts of its own: they go with it, however it ends.
OWN_MOUNTS = "SPILLWAY_TEST_HAS_OWN_MOUNTS"


def run(*arguments):
    return subprocess.run([str(each) for each in arguments], capture_output=True, encoding="utf-8",
                          timeout=support.SECONDS_MAX, check=False)


def enter_own_mounts():
    """Starts this test again where nobody else sees its mounts."""
    if os.geteuid() != 0:
        support.skip("a power cut needs root")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        support.skip(f"there is no {', '.join(missing)}: tools/setup test")
    refused = run("unshare", "--mount", "true")
    if refused.returncode != 0:
        support.skip(f"mounts of its own are refused here: {refused.stderr.strip()}")
    os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv], {**os.environ, OWN_MOUNTS: "1"})


class PowerCuts(crash.Crash):
    def setUp(self):
        super().setUp()
        self.image = self.dir / "disk"
        with open(self.image, "wb") as file:
            file.truncate(DISK_BYTES)
        made = run("mkfs.ext4", "-q", "-F", self.image)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.work.mkdir()
        self.mount(self.skip_without_loop_devices)
        self.addCleanup(run, "umount", "--lazy", self.work)

    @staticmethod
    def skip_without_loop_devices(why):
        support.skip(f"no disk of its own can be mounted here (is there a loop device?): {why}")

    def mount(self, refused):
        mounted = run("mount", "-o", "loop", self.image, self.work)
        if mounted.returncode != 0:
            refused(mounted.stderr.strip())

    def sync(self):
        self.assertEqual(run("sync", "--file-system", self.work).returncode, 0)

    def cut_power(self):
        shut_down = run("xfs_io", "-x", "-c", "shutdown", self.work)
        self.assertEqual(shut_down.returncode, 0, shut_down.stderr)

    def bring_power_back(self):
        unmounted = run("umount", self.work)
        self.assertEqual(unmounted.returncode, 0, unmounted.stderr)
        self.mount(self.fail)

    def cut_amid(self, arguments, seconds):
        """Starts a step and cuts the power after so long. False if it had ended by then: it is cut right behind it."""
        with open(self.dir / "stderr", "w", encoding="utf-8") as errors:
            process = self.start(*arguments, cwd=self.work, stdout=subprocess.DEVNULL, stderr=errors)
            try:
                code = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                self.cut_power()
                support.kill(process)
                return True
        self.assertEqual(code, 0, (self.dir / "stderr").read_text())
        self.cut_power()
        return False

    def cut_all_steps(self, scenario, snapshots, random_numbers, cuts_max):
        """Cuts amid a step and behind a step in turn. Returns how many cuts of each kind there were."""
        self.begin(scenario)
        self.sync()
        amid = behind = step = 0
        while step < len(scenario.steps) and amid + behind < cuts_max:
            is_behind = (amid + behind) % 2 == 1
            seconds = support.SECONDS_MAX if is_behind else random_numbers.uniform(0, snapshots[step + 1].seconds)
            was_amid = self.cut_amid(scenario.steps[step], seconds)
            amid, behind, step = amid + was_amid, behind + (not was_amid), step + (not was_amid)
            self.bring_power_back()
            self.check_cut_off(snapshots, step, f"{scenario.name}, step {step}")
        self.go_on(scenario, snapshots, step, scenario.name)
        return amid, behind

    def test_work_goes_on_behind_power_cuts(self):
        random_numbers = random.Random(20200125)
        self.make_inputs(EVENTS, HOURS)
        # In a usual run, too: cuts amid and behind a delivery, and behind an intake that was acknowledged.
        scenarios = [self.export_scenario("events.jsonl"), self.ingest_scenario()]
        scenarios += [self.run_scenario(), self.backfill_scenario()] if crash.LONG else []
        whole = {scenario.name: self.undisturbed(scenario) for scenario in scenarios}
        amid = behind = rounds = 0
        while amid + behind < CUTS:
            scenario = scenarios[rounds % len(scenarios)]
            rounds += 1
            cuts_max = min(CUTS - amid - behind, 6 if crash.LONG else 2)
            counts = self.cut_all_steps(scenario, whole[scenario.name], random_numbers, cuts_max)
            amid, behind = amid + counts[0], behind + counts[1]
        print(f"{amid} power cuts amid a command, {behind} right behind one, {rounds} rounds")
        self.assertGreater(amid, 0)
        self.assertGreater(behind, 0)


if __name__ == "__main__":
    if OWN_MOUNTS not in os.environ:
        enter_own_mounts()
    support.main()
