#!/usr/bin/env python3
"""spillway::core as somebody else's program gets it: installed, found by find_package, and linked (tests/embed)."""

import pathlib
import re
import shutil
import subprocess
import tempfile

import support

ROOT = support.FIXTURES.parent
OBSERVED = support.FIXTURES / "events" / "observed-434735.jsonl"


def run(*command):
    ended = subprocess.run([str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           encoding="utf-8", timeout=support.SECONDS_MAX, check=False)
    if ended.returncode != 0:
        raise AssertionError(f"{command} ended with {ended.returncode}:\n{ended.stdout}")


class Embed(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.built = pathlib.Path(tempfile.mkdtemp(prefix="spillway-embed-"))
        cls.addClassCleanup(shutil.rmtree, cls.built)
        cls.installed = cls.built / "installed"
        build = pathlib.Path(support.SPILLWAY).resolve().parent
        compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.+)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)[1]
        run("cmake", "--install", build, "--prefix", cls.installed, "--component", "development", "--strip")
        run("cmake", "-S", ROOT / "tests" / "embed", "-B", cls.built, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}",
            f"-DCMAKE_PREFIX_PATH={cls.installed}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
        run("cmake", "--build", cls.built)

    def embed(self, *arguments):
        ended = subprocess.run([self.built / "embed", *map(str, arguments)], cwd=self.dir, env=self.environment(),
                               capture_output=True, encoding="utf-8", timeout=support.SECONDS_MAX, check=False)
        return support.Finished(ended.returncode, ended.stdout, ended.stderr)

    def test_a_program_that_embeds_the_core_delivers_what_the_binary_delivers(self):
        ended = self.embed(self.state, OBSERVED, "embedded")
        self.assertEqual((ended.code, ended.err), (0, ""))
        self.assertEqual(ended.out, "6 events taken in\n2 objects of 25 hours delivered\n")
        self.run_spillway("export", OBSERVED, "bucket", "--state", "binary.db")
        self.assert_same_tree(support.tree_of(self.dir / "embedded"), support.tree_of(self.bucket), "embedded")

    def test_the_binary_goes_on_with_what_the_program_left(self):
        self.embed(self.state, OBSERVED, "bucket")
        self.assertIn("0 objects", self.run_spillway("export", OBSERVED, "bucket").out)
        self.run_spillway("check", "bucket", "--state", self.state)

    def test_what_fails_is_said_by_a_failure(self):
        ended = self.embed(self.state, "missing.jsonl", "bucket")
        self.assertEqual((ended.code, ended.out), (1, ""))
        self.assertRegex(ended.err, r"\Aerror: .*missing\.jsonl: No such file or directory\n\Z")

    def test_nothing_of_our_build_is_handed_on(self):
        files = list(self.installed.rglob("*.cmake"))
        self.assertEqual(len(files), 5)
        ours = f"-Wall|-Werror|-fsanitize|-fuse-ld|_GLIBCXX_ASSERTIONS|spillway_settings|spillway_warnings|{ROOT}"
        for path in files:
            self.assertNotRegex(path.read_text(encoding="utf-8"), ours, path.name)

    def test_headers_include_only_what_is_installed(self):
        headers = self.installed / "include" / "spillway"
        count = 0
        for path in headers.rglob("*.hpp"):
            count += 1
            for name in re.findall(r'^#include "(.+)"', path.read_text(encoding="utf-8"), re.MULTILINE):
                self.assertTrue((headers / name).exists(), f"{path}: {name}")
        self.assertGreater(count, 100)


if __name__ == "__main__":
    support.main()
