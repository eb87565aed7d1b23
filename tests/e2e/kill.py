#!/usr/bin/env python3
"""`kill -9` at random points: whatever was left is the beginning of an unkilled run, and goes on to its end.

Exports from lines, gzip and zip, intake, connections at work and backfills are killed, each again and again until it
gets through. Every kill is followed by a look at what is there: objects are whole, what a marker lists is there, and
what earlier commands have acknowledged is there. In the end trees and ledger must be those of work that was left alone.
The seed is fixed; where a kill meets the process still depends on the machine. SPILLWAY_LONG=1 kills 2,000 times.
"""

import random
import subprocess

import bucket_reader
import crash
import support

KILLS = 2_000 if crash.LONG else 100
# More than one batch of the intake, and so many hours that delivery takes a good part of the time.
EVENTS, HOURS = 3_000, 24
# Then the next scenario has its turn, and the first is brought to its end.
KILLS_OF_A_ROUND = 12


class Kill(crash.Crash):
    def killed_step(self, arguments, seconds):
        """Starts a step and kills it after so long. False if it had ended by then."""
        with open(self.dir / "stderr", "w", encoding="utf-8") as errors:
            process = self.start(*arguments, cwd=self.work, stdout=subprocess.DEVNULL, stderr=errors)
            try:
                code = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                if support.kill(process):
                    return True
                code = process.returncode
        self.assertEqual(code, 0, (self.dir / "stderr").read_text())
        return False

    def kill_all_steps(self, scenario, snapshots, random_numbers, kills_max):
        """Kills each step until it gets through. Returns how often a kill met a living process, and how often amid a
        delivery."""
        self.begin(scenario)
        hits = partial = step = 0
        while step < len(scenario.steps) and hits < kills_max:
            killed = self.killed_step(scenario.steps[step], random_numbers.uniform(0, snapshots[step + 1].seconds))
            step += not killed
            visible = self.check_cut_off(snapshots, step, f"{scenario.name}, step {step}")
            before = len(snapshots[step].tree) if snapshots[step] else 0
            hits += killed
            partial += killed and before < len(visible) < len(snapshots[-1].tree)
        self.go_on(scenario, snapshots, step, scenario.name)
        return hits, partial

    def test_a_state_file_whose_making_was_cut_off_is_made(self):
        self.generate(self.dir / "events.jsonl", "--seed", 3, "--events", 20, "--hours", 1)
        self.work.mkdir()
        self.state.touch()
        self.state.with_name(self.state.name + ".new").write_bytes(b"SQLite format 3")
        self.spillway("export", self.dir / "events.jsonl", "./bucket", *crash.NOW)
        self.assertEqual(list(self.work.glob("*.new*")), [])

    def test_killed_work_goes_on_to_the_same_end(self):
        random_numbers = random.Random(20200125)
        self.make_inputs(EVENTS, HOURS)
        scenarios = self.scenarios()
        whole = {scenario.name: self.undisturbed(scenario) for scenario in scenarios}
        exported = [whole[scenario.name][-1].tree for scenario in scenarios[:3]]
        self.assertTrue(all(tree == exported[0] for tree in exported), "another container gives other bytes")
        objects = {key.removeprefix("bucket/"): content for key, content in exported[0].items()}
        self.assertEqual(bucket_reader.read_bucket(objects, "documented").problems, [])

        met = {scenario.name: [0, 0] for scenario in scenarios}
        hits = rounds = 0
        while hits < KILLS:
            scenario = scenarios[rounds % len(scenarios)]
            rounds += 1
            counts = self.kill_all_steps(scenario, whole[scenario.name], random_numbers, min(KILLS_OF_A_ROUND, KILLS - hits))
            hits += counts[0]
            met[scenario.name] = [sum(pair) for pair in zip(met[scenario.name], counts)]
        for name, (kills, partial) in met.items():
            print(f"{name}: {kills} kills met a living process, {partial} of them amid a delivery")
        print(f"{hits} kills, {rounds} rounds")
        self.assertTrue(all(kills > 0 for kills, _ in met.values()), f"some work was never killed: {met}")
        self.assertGreater(sum(partial for _, partial in met.values()), 0, "no kill met a delivery: the delays miss it")


if __name__ == "__main__":
    support.main()
