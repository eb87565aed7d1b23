"""Prints the tables of tools/bench-peers: tables.py RESULTS PROGRAM...

A program is JOB/NAME. RESULTS/JOB-NAME.* are: times (lines of "wall user sys peak_kB"), input and output (bytes), counts
("events files" of the output), kept and broken (cells of fidelity.py), start ("wall ..." of a few events), failed (is there if it has).
"""

import pathlib
import statistics
import sys

SPILLWAY = "both/spillway"
LABELS = {SPILLWAY: "spillway (all of it)", "split/awk": "awk, igzip -1", "split/jq": "jq, gzip -6 (parsed, not split)",
          "large/threads-1": "the same input, one thread", "large/zlib-6": "the same input, `--compression 6`",
          "large/unsorted": "unsorted lines of 720 hours", "large/files": "many files", "large/big": "20 GB, one run"}


class Program:
    """What was measured of one program."""

    def __init__(self, results, name):
        self.job, self.name = name.split("/")
        self.label = LABELS.get(name, self.name.replace("-1", ", level 1"))
        self._stem = results / f"{self.job}-{self.name}"
        self.failed = self._path("failed").exists()
        if not self.failed:
            runs = [[float(number) for number in line.split()] for line in self.text("times").splitlines()]
            self.wall = statistics.median_low(wall for wall, _, _, _ in runs)
            self.cpu = statistics.median_low(user + system for _, user, system, _ in runs)
            self.peak = statistics.median_low(peak for _, _, _, peak in runs) * 1024

    def _path(self, what):
        return self._stem.with_name(f"{self._stem.name}.{what}")

    def text(self, what):
        return self._path(what).read_text("utf-8").strip()

    def times(self):
        """Cells: wall, throughput, CPU, output, peak memory."""
        if self.failed:
            return ["failed", "", "", "", ""]
        return [f"{self.wall:.2f} s", f"{int(self.text('input')) / self.wall / 1e6:.0f} MB/s", f"{self.cpu:.2f} s",
                f"{int(self.text('output')) / 1e6:.1f} MB", f"{self.peak / 1e6:.0f} MB"]

    def kept(self):
        """Cells: what fidelity.py says, events, files, start."""
        if self.failed:
            return ["failed", *[""] * (len(KEPT) - 1)]
        return [*self.text("kept").split(" | "), self.text("broken"), *self.text("counts").split(), f"{self.text('start').split()[0]} s"]


def print_table(title, heads, rows):
    print(f"\n{title}\n")
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def faster(spillway, other):
    return "" if spillway.failed or other.failed else f"{other.wall / spillway.wall:.2f}"


TIMES = ["wall", "throughput", "CPU", "output", "peak memory"]
KEPT = ["`1.10`", "`9007199254740993`", "order of keys", "empty objects", "first of duplicates, only",
        "events without `$insert_id`", "a broken event", "events", "files", "a start"]


def print_job(title, spillway, others):
    if others:
        print_table(title, ["with", *TIMES, "times Spillway's"],
                    [[other.label, *other.times(), faster(spillway, other)] for other in [spillway, *others]])
    measured = [other for other in others if not other.failed]
    if measured and not spillway.failed:
        fastest = min(measured, key=lambda other: other.wall)
        print(f"\nThe fastest other is {fastest.label}; Spillway is {faster(spillway, fastest)} times as fast.")


def main(results, *names):
    programs = [Program(pathlib.Path(results), name) for name in names]
    jobs = {job: [program for program in programs if program.job == job] for job in ("both", "split", "records", "large")}
    spillway = jobs["both"][0]
    print_job("Splitting by hour:", spillway, jobs["split"])
    print_job("Parsing, checking, removing duplicates, keys in their order:", spillway, jobs["records"])
    print_table("What they keep:", ["job", "with", *KEPT],
                [[program.job, program.label, *program.kept()] for program in programs if program.job != "large"])
    if jobs["large"]:
        print_table("Spillway's other cases:", ["what", *TIMES],
                    [[program.label, *program.times()] for program in jobs["large"]])


if __name__ == "__main__":
    main(*sys.argv[1:])
