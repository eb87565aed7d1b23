#!/usr/bin/env python3
"""The packages as tools/package makes them: what they need, what is in them, and that what is in them works."""

import gzip
import os
import pathlib
import shutil
import subprocess
import tempfile

import support

ROOT = support.FIXTURES.parent
OBSERVED = support.FIXTURES / "events" / "observed-434735.jsonl"

# Shared libraries that the binary is linked to, and nothing else.
RUNTIME = {"libarchive13", "libboost-json1.81.0", "libc6", "libcurl4", "libfmt9", "libgcc-s1", "libisal2", "libpugixml1v5",
           "libsimdjson14", "libsqlite3-0", "libssl3", "libstdc++6", "libxxhash0", "zlib1g"}


def output_of(*command):
    return subprocess.run([str(each) for each in command], stdout=subprocess.PIPE, encoding="utf-8",
                          timeout=support.SECONDS_MAX, check=True).stdout


class Package:
    def __init__(self, path):
        self.path = path
        self.tree = path.with_suffix("")
        output_of("dpkg-deb", "--extract", path, self.tree)

    def field(self, name):
        return output_of("dpkg-deb", "--field", self.path, name).strip()

    def depends(self):
        return {each.split()[0] for each in self.field("Depends").split(",")}

    def contents(self):
        """[(mode, owner, path)]"""
        lines = output_of("dpkg-deb", "--contents", self.path).splitlines()
        return [(line.split()[0], line.split()[1], line.split(maxsplit=5)[5]) for line in lines]


class Packages(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        made = pathlib.Path(tempfile.mkdtemp(prefix="spillway-package-"))
        cls.addClassCleanup(shutil.rmtree, made)
        build = pathlib.Path(support.SPILLWAY).resolve().parent
        subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-B", made], stdout=subprocess.DEVNULL,
                       timeout=support.SECONDS_MAX, check=True, umask=0o022)
        version = output_of(support.SPILLWAY, "--version").split()[-1]
        architecture = output_of("dpkg", "--print-architecture").strip()
        cls.runtime = Package(made / f"spillway_{version}_{architecture}.deb")
        cls.development = Package(made / f"libspillway-dev_{version}_{architecture}.deb")

    def test_the_program_depends_on_the_libraries_that_it_is_linked_to(self):
        self.assertEqual(self.runtime.depends(), RUNTIME)

    def test_the_library_depends_on_what_find_package_looks_for(self):
        depends = self.development.depends()
        self.assertLessEqual({"libboost1.81-dev", "libssl-dev", "libsqlite3-dev", "libisal-dev", "pkg-config"}, depends)
        known = set((ROOT / "tools" / "setup").read_text(encoding="utf-8").split())
        self.assertEqual(depends - known, set())

    def test_fields_say_what_it_is(self):
        for package in (self.runtime, self.development):
            self.assertRegex(package.field("Maintainer"), r"^[^<>]+ <[^@ ]+@[^@ ]+>$")
            self.assertRegex(package.field("Description"), r"^The export side of Amplitude on your own machine\n .+")
            self.assertRegex(package.field("Installed-Size"), r"^\d+$")

    def test_files_stand_where_debian_has_them(self):
        for package, allowed in ((self.runtime, r"bin/spillway|share/(doc/spillway|man/man1|bash-completion|zsh|fish)/.+"),
                                 (self.development, r"(include|lib/cmake)/spillway/.+|lib/libspillway_core\.a|"
                                                    r"share/doc/libspillway-dev/copyright")):
            for mode, owner, path in package.contents():
                expected = "drwxr-xr-x" if path.endswith("/") else "-rwxr-xr-x" if "/bin/" in path else "-rw-r--r--"
                self.assertEqual((mode, owner), (expected, "root/root"), path)
                if not path.endswith("/"):
                    self.assertRegex(path, rf"^\./usr/({allowed})$")

    def test_nothing_tells_where_it_was_built_or_how_to_debug_it(self):
        for package in (self.runtime, self.development):
            for name, content in support.tree_of(package.tree).items():
                self.assertFalse(os.fsencode(ROOT) in content, name)
                self.assertFalse(b".debug_info" in content, name)

    def test_the_manual_and_the_completions_are_those_of_the_binary(self):
        share = self.runtime.tree / "usr" / "share"
        self.run_spillway("man", "--output", "man")
        pages = {path.name + ".gz": path.read_bytes() for path in (self.dir / "man").iterdir()}
        packed = {path.name: gzip.decompress(path.read_bytes()) for path in (share / "man" / "man1").iterdir()}
        self.assertEqual(packed, pages)
        for shell, path in (("bash", "bash-completion/completions/spillway"), ("zsh", "zsh/vendor-completions/_spillway"),
                            ("fish", "fish/vendor_completions.d/spillway.fish")):
            self.assertEqual((share / path).read_text(encoding="utf-8"), self.run_spillway("completion", shell).out)
        self.assertEqual((share / "doc" / "spillway" / "copyright").read_bytes(), (ROOT / "LICENSE").read_bytes())

    def test_the_packed_binary_delivers_what_the_built_one_does(self):
        output_of(self.runtime.tree / "usr" / "bin" / "spillway", "export", OBSERVED, self.dir / "packed", "--state",
                  self.dir / "packed.db")
        self.run_spillway("export", OBSERVED, "bucket")
        self.assert_same_tree(support.tree_of(self.dir / "packed"), support.tree_of(self.bucket), "packed")


if __name__ == "__main__":
    if not all(shutil.which(each) for each in ("cpack", "dpkg-shlibdeps", "file")):
        support.skip("tools/setup package")
    support.main()
