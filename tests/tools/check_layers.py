#!/usr/bin/env python3
"""tools/check-layers on small trees: a clean one passes, and each planted violation is found where it stands."""

import pathlib
import subprocess
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check-layers"

CLEAN = {
    "src/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(model)\nadd_subdirectory(store)\n"
                          "add_subdirectory(bucket)\nadd_executable(spillway main.cpp)\n",
    "src/main.cpp": '#include "store/rows.hpp"\nint main() {}\n',
    "src/base/CMakeLists.txt": "target_sources(core PRIVATE time.cpp)\n",
    "src/base/time.hpp": "#pragma once\n#include <chrono>\n",
    "src/base/time.cpp": '#include "base/time.hpp"\n',
    "src/base/clock.hpp": '#include "base/time.hpp"\ninline auto now() { return std::chrono::system_clock::now(); }\n',
    "src/model/CMakeLists.txt": "target_sources(core PRIVATE)\n",
    "src/model/hour.hpp": '#include "base/time.hpp"\n',
    "src/store/CMakeLists.txt": "target_sources(core PRIVATE\n  rows.cpp)  # not gone.cpp\n",
    "src/store/rows.hpp": '// #include "cli/options.hpp" is not one\n#include "model/hour.hpp"\n',
    "src/store/rows.cpp": '#include <fstream>\n#include "base/clock.hpp"\n#include "store/rows.hpp"\n',
    "src/bucket/CMakeLists.txt": "target_sources(core PRIVATE)\n",
    "src/bucket/bucket.hpp": '#include "model/hour.hpp"\n',
}


def check(changes):
    """Exit status and lines for the clean tree with `changes` (path to text; None takes a file away)."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **changes}.items():
            if text is not None:
                file = pathlib.Path(root, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        run = subprocess.run([CHECK, root], capture_output=True, text=True, timeout=60, check=False)
        return run.returncode, run.stdout.splitlines()


class CheckLayers(unittest.TestCase):
    def finds(self, changes, place, words):
        """Exactly one finding, at `place`, that says `words`."""
        status, lines = check(changes)
        self.assertEqual((status, len(lines)), (1, 1), lines)
        self.assertTrue(lines[0].startswith(place + ": "), lines[0])
        self.assertIn(words, lines[0])

    def test_a_tree_in_order_gives_no_line(self):
        self.assertEqual(check({}), (0, []))

    def test_an_include_up_a_layer(self):
        self.finds({"src/model/hour.hpp": '#pragma once\n\n#include "store/rows.hpp"\n'}, "src/model/hour.hpp:3",
                   "up a layer")

    def test_an_include_up_a_layer_in_angle_brackets(self):
        self.finds({"src/model/hour.hpp": "#include <store/rows.hpp>\n"}, "src/model/hour.hpp:1", "up a layer")

    def test_an_include_up_a_layer_behind_a_comment_of_several_lines(self):
        self.finds({"src/model/hour.hpp": '/* one\n two "\n*/\n#  include "store/rows.hpp"\n'},
                   "src/model/hour.hpp:4", "up a layer")

    def test_an_include_behind_a_string_that_looks_like_a_comment(self):
        self.finds({"src/model/hour.hpp": 'auto glob = "/*";\n#include "store/rows.hpp"\n// */\n'},
                   "src/model/hour.hpp:2", "up a layer")

    def test_an_include_between_folders_of_one_layer(self):
        self.finds({"src/bucket/bucket.hpp": '#include "store/rows.hpp"\n'}, "src/bucket/bucket.hpp:1", "sideways")

    def test_an_include_that_does_not_start_at_src(self):
        self.finds({"src/bucket/bucket.hpp": '#include "../store/rows.hpp"\n'}, "src/bucket/bucket.hpp:1",
                   "does not name a folder")

    def test_an_unknown_folder(self):
        self.finds({"src/helpers/more.hpp": "#pragma once\n"}, "src/helpers:1", "unknown folder")

    def test_input_and_output_in_a_pure_layer(self):
        for header in ("fstream", "iostream", "filesystem", "unistd.h", "fcntl.h", "sys/stat.h", "sqlite3.h",
                       "boost/asio/post.hpp", "boost/asio.hpp", "boost/beast/http.hpp", "openssl/ssl.h",
                       "boost/iostreams/device/file.hpp"):
            with self.subTest(header):
                self.finds({"src/base/time.hpp": f"#include <{header}>\n"}, "src/base/time.hpp:1",
                           f"<{header}> in base")

    def test_what_looks_like_input_and_output_but_is_none(self):
        headers = ("chrono", "boost/iostreams/filter/gzip.hpp", "openssl/evp.h", "iosfwd")
        pure = "".join(f"#include <{header}>\n" for header in headers)
        self.assertEqual(check({"src/base/time.hpp": pure}), (0, []))

    def test_a_clock_in_a_pure_layer(self):
        self.finds({"src/model/hour.hpp": '#include "base/clock.hpp"\n'}, "src/model/hour.hpp:1", "no clock")
        self.finds({"src/base/time.cpp": "\nauto t = std::chrono::steady_clock::now();\n"}, "src/base/time.cpp:2",
                   "a clock is read")

    def test_beast_and_tls_outside_net(self):
        self.finds({"src/store/rows.hpp": "#include <boost/beast/core.hpp>\n"}, "src/store/rows.hpp:1", "in net only")
        self.finds({"src/main.cpp": "#include <boost/asio/ssl.hpp>\n"}, "src/main.cpp:1", "in net only")
        net = {"src/net/CMakeLists.txt": "",
               "src/CMakeLists.txt": CLEAN["src/CMakeLists.txt"] + "add_subdirectory(net)\n",
               "src/net/stream.hpp": "#include <boost/beast/core.hpp>\n#include <boost/asio/ssl/stream.hpp>\n"}
        self.assertEqual(check(net), (0, []))

    def test_a_source_that_is_not_in_the_build(self):
        self.finds({"src/store/gone.cpp": ""}, "src/store/gone.cpp:1", "not in the build")
        self.finds({"src/more.cpp": ""}, "src/more.cpp:1", "not in the build")

    def test_a_source_below_a_folder_is_listed_by_its_path(self):
        below = {"src/store/days/run.cpp": ""}
        self.finds(below, "src/store/days/run.cpp:1", "not in the build")
        listed = {"src/store/CMakeLists.txt": "target_sources(core PRIVATE rows.cpp days/run.cpp)"}
        self.assertEqual(check({**below, **listed}), (0, []))

    def test_a_source_that_another_folder_lists_by_its_path_from_the_root(self):
        elsewhere = {"src/CMakeLists.txt": CLEAN["src/CMakeLists.txt"].replace("add_executable(spillway main.cpp)", "")}
        self.finds(elsewhere, "src/main.cpp:1", "not in the build")
        listed = {"src/bucket/CMakeLists.txt": "add_executable(spillway ${CMAKE_SOURCE_DIR}/src/main.cpp)\n"}
        self.assertEqual(check({**elsewhere, **listed}), (0, []))

    def test_a_folder_that_is_not_in_the_build(self):
        self.finds({"src/bucket/CMakeLists.txt": None}, "src/bucket/CMakeLists.txt:1", "there is none")
        self.finds({"src/CMakeLists.txt": CLEAN["src/CMakeLists.txt"].replace("add_subdirectory(bucket)", "")},
                   "src/CMakeLists.txt:1", "add_subdirectory(bucket)")

    def test_a_tree_without_sources_is_an_error_of_its_own(self):
        self.assertEqual(check({path: None for path in CLEAN if path.endswith(".cpp")})[0], 2)


if __name__ == "__main__":
    unittest.main()
