#!/usr/bin/env python3
"""Every tool tells what it is for when it is asked, and does nothing else."""

import pathlib
import subprocess
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


def header_of(script):
    """The comment at the top of a shell script."""
    lines = []
    for line in script.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    return lines


class Help(unittest.TestCase):
    def run_tool(self, tool, argument):
        return subprocess.run([tool, argument], capture_output=True, encoding="utf-8", timeout=60, check=False)

    def test_a_tool_that_is_asked_for_help_prints_all_of_what_stands_at_its_top(self):
        for tool in sorted(path for path in TOOLS.iterdir() if path.is_file()):
            for option in ("-h", "--help"):
                with self.subTest(f"{tool.name} {option}"):
                    ended = self.run_tool(tool, option)
                    self.assertEqual((ended.returncode, ended.stderr), (0, ""))
                    if "bash" in tool.read_text(encoding="utf-8").splitlines()[0]:
                        self.assertEqual(ended.stdout.splitlines(), header_of(tool))
                    else:
                        self.assertIn(tool.name, ended.stdout)

    def test_an_option_that_a_tool_does_not_have_is_2(self):
        for tool in sorted(path for path in TOOLS.iterdir() if path.is_file() and path.name != "check-layers"):
            with self.subTest(tool.name):
                ended = self.run_tool(tool, "--no-such-option")
                self.assertEqual((ended.returncode, ended.stdout), (2, ""))
                self.assertNotEqual(ended.stderr, "")


if __name__ == "__main__":
    unittest.main()
