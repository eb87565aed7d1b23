"""The cases of fixtures/golden: how one is run, and what it must give. The page there tells how they are described."""

import hashlib
import json
import pathlib

import support

GOLDEN = support.FIXTURES / "golden"

# The fast engine's bytes depend on the processor's instructions; zlib's on nothing.
ENGINE = ["--compression", "6"]


class Case:
    def __init__(self, directory):
        self.directory = directory
        self.name = directory.name
        command = json.loads((directory / "command.json").read_text())
        self.form = command["form"]
        self.ways = command["ways"]
        self.steps = command["steps"]
        self.counts = command["counts"]
        self.hours = command["hours"]
        self.markers = command.get("markers", True)
        self.verbatim = command.get("verbatim", False)

    def files(self, test, step):
        """The inputs of a step: files of the fixtures, or one that `spillway generate` writes."""
        if "generate" not in step:
            return [support.FIXTURES / each for each in step["inputs"]]
        path = test.dir / "generated.jsonl"
        test.generate(path, *step["generate"])
        test.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), step["generated_sha256"],
                         "the generator writes other events: see fixtures/golden/README.md")
        return [path]

    def expected(self):
        """{key: sha256} of all objects."""
        listed = self.directory / "expected.sha256"
        if listed.exists():
            return {line[66:]: line[:64] for line in listed.read_text().splitlines()}
        return support.hashes_of(support.tree_of(self.directory / "expected"))

    def options(self, step):
        return [*ENGINE, "--record", self.form, *step["options"]]

    def run_whole(self, test, threads):
        """One export a step. Returns the tree and the sum of the counts that --json gives."""
        counts = dict.fromkeys(self.counts, 0)
        for step in self.steps:
            ended = test.run_spillway(
                "export", *self.files(test, step), test.bucket, "--threads", threads, "--json", *self.options(step),
                *step.get("export_options", []), expect=step.get("exit", 0))
            for name, number in ended.document["taken_in"]["total"].items():
                counts[name] += number
        return support.tree_of(test.bucket), counts

    def run_in_pieces(self, test, cut):
        """Each piece of each input by an ingest of its own, then an export of what the store holds."""
        for step in self.steps:
            for path in self.files(test, step):
                for number, piece in enumerate(cut(path.read_bytes().splitlines(keepends=True))):
                    part = test.dir / f"{number}-{pathlib.Path(path).name}"
                    part.write_bytes(b"".join(piece))
                    test.run_spillway("ingest", part, "--allow-rejects", *self.options(step))
            test.run_spillway("export", test.bucket, *self.options(step), *step.get("export_options", []))
        return support.tree_of(test.bucket)


def halves(lines):
    middle = len(lines) // 2
    return [lines[:middle], lines[middle:]]


def single_lines(lines):
    return [[line] for line in lines]


WAYS = {"two_parts": halves, "line_by_line": single_lines}


def all_cases():
    cases = [Case(path.parent) for path in sorted(GOLDEN.glob("*/command.json"))]
    if not cases:
        raise FileNotFoundError(f"no cases in {GOLDEN}")
    return cases
