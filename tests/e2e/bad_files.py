#!/usr/bin/env python3
"""Files that can't be taken as they are: one line says which and why, what came before the damage stays, and the file as
it should be gives the bytes of a run that never met the other one."""

import bz2
import io
import lzma
import os
import subprocess
import zipfile

import support
from bad_input import DONE, FAILED, NOW, REJECTS, BadInput, event, events, zipped

MIB = 1 << 20


def zip_of(*members):
    """(name, bytes) each; names are written as they are."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


class BadFiles(BadInput):
    def write(self, name, content):
        path = self.dir / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return name

    def check_damage(self, damaged, whole, says, tries=(), stored=None, name="input"):
        """Beside a good input: an error about this one alone, and the bytes of an undisturbed run once it is mended."""
        good, state = self.write("good.jsonl", events(3, "good")), f"{name}.db"
        self.write(name, damaged)
        self.check_failure("ingest", good, name, "--state", state, says=[f"taking in {name}", *says], tries=tries)
        if stored is not None:
            self.assertEqual(self.ingest(good, state=state)["received"], 0)
            status = self.run_spillway("status", "--json", "--state", state).document
            self.assertEqual(status["inputs"]["stored"], 3 + stored)
        self.write(name, whole)
        self.ingest(name, state=state)
        self.assert_same_tree(self.tree_of_state(f"{name}-bucket", state), self.tree_after(good, name, name=f"{name}-whole"), name)

    # ---- gzip ----

    def test_a_gzip_cut_short_at_any_byte_says_so_and_is_gone_on_with(self):
        whole = zipped(events(8, "cut")) + zipped(events(8, "more"))
        self.write("whole.gz", whole)
        names = [self.write(f"cuts/{length:04}", whole[:length]) for length in range(len(whole))]
        ended = self.run_spillway("ingest", "cuts", "--keep-going", "--json", *NOW, expect=FAILED)
        self.assert_one_error(ended, ["cuts/0001", "cut short"], ["get the input again"])
        # The first of them is empty, and one ends between the two members: that is a whole gzip.
        cut = [name for name in names[1:] if name != f"cuts/{len(zipped(events(8, 'cut'))):04}"]
        self.assertEqual([each.split(":")[0] for each in ended.document["failures"]], [f"taking in {name}" for name in cut])
        self.assertTrue(all("cut short" in each for each in ended.document["failures"]))
        self.assertEqual(ended.document["total"]["rejected"], 0)
        self.ingest("whole.gz")
        self.assert_same_tree(self.tree_of_state(), self.tree_after("whole.gz"))

    def test_each_cut_alone_is_gone_on_with_too(self):
        whole = zipped(events(200, "cut", "x" * 300))
        for length in (1, 2, 3, 12, len(whole) // 2, len(whole) - 8, len(whole) - 1):
            self.check_damage(whole[:length], whole, ["cut short"], ["get the input again"], name=f"cut-{length}")

    def test_wrong_sums_and_what_stands_behind_the_end_are_named(self):
        whole = zipped(events(5, "sum"))
        crc, length = bytearray(whole), bytearray(whole)
        crc[-8] ^= 1
        length[-4] ^= 1
        self.check_damage(bytes(crc), whole, ["CRC-32", "stands behind it", f"(at byte {len(whole)})"], name="crc.gz")
        self.check_damage(bytes(length), whole, ["bytes, and", "stands behind it"], name="length.gz")
        self.check_damage(whole + b"x", whole, ["something behind the last one"], name="behind.gz")
        self.check_damage(whole + b"\0\0x", whole, ["something behind the zero bytes"], name="zeros.gz")

    def test_a_bomb_is_refused_and_what_came_before_it_stays(self):
        front = events(5, "front") + b"\n" * (MIB // 2)
        self.check_damage(zipped(front + b"\n" * (5 * MIB)), zipped(front), ["more than 200 times"], ["split it"], stored=5,
                          name="bomb.gz")
        self.check_damage(zip_of(("part", front + b"\n" * (5 * MIB))), zip_of(("part", front)),
                          ["part", "more than 200 times"], ["split it"], stored=5, name="bomb.zip")

    def test_up_to_a_mib_any_ratio_is_taken(self):
        self.write("dense.gz", zipped(events(1) + b"\n" * (MIB - 1000)))
        self.write("dense.zip", zip_of(("part", events(1, "zip") + b"\n" * (MIB - 1000))))
        self.assertEqual(self.ingest("dense.gz", "dense.zip")["stored"], 2)

    # ---- zip, and what is packed twice ----

    def test_a_name_that_leaves_a_folder_is_refused_and_nothing_is_written_there(self):
        good = ("1/part", events(4, "part"))
        for number, name in enumerate(("../evil", "a/../../evil", "/tmp/evil", "..\\evil")):
            self.check_damage(zip_of(good, (name, b"evil\n")), zip_of(good), [name.replace("\\", "/"), "a member's name"],
                              ["correct what is named"], stored=4, name=f"names-{number}.zip")
        self.assertEqual(list(self.dir.rglob("*evil*")) + list(self.dir.parent.glob("evil")), [])

    def test_what_is_packed_twice_is_refused(self):
        inner = zip_of(("part", events(4, "part")))
        gzip_in_zip = zip_of(("part.gz", zipped(events(4, "part"))))
        for name, twice, says in (("twice.gz", zipped(zipped(events(4, "part"))), "packed once more"),
                                  ("zip.gz", zipped(inner), "packed once more"),
                                  ("zip.zip", zip_of(("inner.zip", inner)), "inner.zip"),
                                  ("gz.gz.zip", zip_of(("part.gz", zipped(zipped(b"x\n")))), "part.gz")):
            self.check_damage(twice, gzip_in_zip, [says], ["unpack"], stored=0, name=name)

    def test_what_is_compressed_otherwise_is_refused_also_on_standard_input(self):
        text = events(4)
        for program, packed in (("xz", lzma.compress(text)), ("bzip2", bz2.compress(text)),
                                ("zstd", b"\x28\xb5\x2f\xfd\x04\x58")):
            says = [f"it is compressed with {program}, which is not read"]
            name = self.write(f"a.{program}", packed)
            self.check_failure("ingest", name, says=[name, *says], tries=["unpack it first"])
            with open(self.dir / f"a.{program}", "rb") as source:
                process = self.start("ingest", "-", stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                _, err = process.communicate(timeout=support.SECONDS_MAX)
            self.assertEqual(process.returncode, FAILED)
            self.assertIn(says[0], err.decode())
        self.assertEqual(self.rejects(), [])

    def test_a_zip_cut_short_says_so_and_is_gone_on_with(self):
        whole = zip_of(("1/a", events(8, "a")), ("1/b", events(8, "b")))
        self.write("whole.zip", whole)
        names = [self.write(f"cuts/{length:04}", whole[:length]) for length in (1, 2, 3, *range(4, len(whole), 7))]
        ended = self.run_spillway("ingest", "cuts", "--keep-going", "--json", *NOW, expect=FAILED)
        self.assert_one_error(ended, ["cuts/0001"], ["get the input again"])
        self.assertEqual([each.split(":")[0] for each in ended.document["failures"]], [f"taking in {name}" for name in names])
        self.assertEqual(ended.document["total"]["rejected"], 0)
        self.ingest("whole.zip")
        self.assert_same_tree(self.tree_of_state(), self.tree_after("whole.zip"))

    # ---- what is there at all ----

    def test_an_empty_file_is_no_trouble(self):
        self.write("empty", b"")
        self.write("empty.gz", zipped(b""))
        self.write("empty.zip", zip_of())
        self.write("a.jsonl", events(2))
        self.assertEqual(self.ingest("empty", "empty.gz", "a.jsonl", "empty.zip")["stored"], 2)

    def test_what_is_missing_or_has_no_input_is_named_before_anything_is_taken(self):
        self.write("a.jsonl", events(2))
        (self.dir / "bare").mkdir()
        (self.dir / "hidden").mkdir()
        self.write("hidden/.a.jsonl", events(1))
        self.write("hidden/1_2020-01-25_17_complete", b"{}")
        os.mkfifo(self.dir / "hidden" / "pipe")
        self.check_failure("ingest", "a.jsonl", "missing.jsonl", says=["missing.jsonl: no such file"], tries=["check the name"])
        self.check_failure("ingest", "a.jsonl", "bare", says=["bare: the directory has no file to take in"], tries=["check the name"])
        self.check_failure("ingest", "hidden", says=["hidden: the directory has no file to take in"])
        os.symlink("missing", self.dir / "dangling")
        self.check_failure("ingest", "a.jsonl", "dangling", says=["dangling: no such file"])
        self.assertFalse(self.state.exists())
        self.assertEqual(self.ingest("a.jsonl")["stored"], 2)

    def test_another_state_file_is_passed_over_in_a_directory_and_refused_where_it_is_named(self):
        self.write("in/good.jsonl", events(3, "good"))
        self.ingest("in/good.jsonl", state="in/other.db")
        self.assertEqual(self.ingest("in")["received"], 3)
        refused = self.run_spillway("ingest", "in/other.db", expect=2)
        self.assertIn("error: reading in/other.db: it is an SQLite database", refused.err)
        self.assertIn("try: leave it out", refused.err)

    def test_what_may_not_be_read_is_named_and_taken_once_it_may_be(self):
        self.write("a.jsonl", events(2, "a"))
        self.write("closed.jsonl", events(2, "b"))
        self.write("shut/c.jsonl", events(2, "c"))
        (self.dir / "closed.jsonl").chmod(0)
        (self.dir / "shut").chmod(0)
        with self.without_rights():
            self.check_failure("ingest", "a.jsonl", "closed.jsonl", says=["closed.jsonl", "Permission denied"],
                               tries=["check the path, its permissions"])
            self.check_failure("ingest", "shut", says=["shut", "Permission denied"], tries=["check the path, its permissions"])
            self.check_failure("ingest", "shut/c.jsonl", says=["reading shut/c.jsonl: Permission denied"],
                               tries=["check the path, its permissions"])
            (self.dir / "closed.jsonl").chmod(0o400)
            (self.dir / "shut").chmod(0o700)
            self.ingest("a.jsonl", "closed.jsonl", "shut")
        self.assert_same_tree(self.tree_of_state(), self.tree_after("a.jsonl", "closed.jsonl", "shut"))

    # ---- pipes, and files that change ----

    def run_with_pipe(self, arguments, meanwhile):
        """The command, once it waits at the pipe `pipe` that is among its inputs; `meanwhile` writes to it."""
        os.mkfifo(self.dir / "pipe")
        process = self.start(*arguments, *NOW, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        with open(self.dir / "pipe", "wb") as pipe:  # waits until the other end is opened
            meanwhile(pipe)
        out, err = process.communicate(timeout=support.SECONDS_MAX)
        os.unlink(self.dir / "pipe")
        return support.Finished(process.returncode, out, err)

    def test_a_pipe_is_an_input_like_a_file(self):
        text = events(2000, "pipe", "x" * 500)
        for name, content in (("plain", text), ("gzip", zipped(text)), ("zip", zip_of(("part", text)))):
            self.write("file", content)
            ended = self.run_with_pipe(["export", "pipe", f"{name}-bucket", "--state", f"{name}.db"], lambda pipe: pipe.write(content))
            self.assertEqual((ended.code, ended.err), (DONE, ""))
            self.assert_same_tree(support.tree_of(self.dir / f"{name}-bucket"), self.tree_after("file", name=f"{name}-file"))

    def test_a_pipe_that_ends_amid_a_line_is_a_reject(self):
        ended = self.run_with_pipe(["ingest", "pipe"], lambda pipe: pipe.write(events(2) + event("cut")[:50]))
        self.assertEqual((ended.code, ended.err), (REJECTS, ""))
        self.assertEqual([(each["file"], each["line"], each["text"]) for each in self.rejects()],
                         [("pipe", 3, event("cut")[:50].decode())])

    def test_a_file_that_goes_while_others_are_read_is_named_and_they_stay(self):
        self.write("goes.jsonl", events(2, "goes"))

        def take_away(pipe):
            os.rename(self.dir / "goes.jsonl", self.dir / "gone.jsonl")
            pipe.write(events(2, "pipe"))

        ended = self.run_with_pipe(["ingest", "pipe", "goes.jsonl"], take_away)
        self.assertEqual(ended.code, FAILED)
        self.assert_one_error(ended, ["goes.jsonl", "No such file"], ["check the name"])
        self.assertEqual(self.run_spillway("status", "--json").document["inputs"]["stored"], 2)
        self.write("same.jsonl", events(2, "pipe"))
        self.ingest("gone.jsonl")
        self.assert_same_tree(self.tree_of_state(), self.tree_after("same.jsonl", "gone.jsonl"))

    def test_a_file_that_is_still_written_is_gone_on_with_line_by_line(self):
        text = events(6, "written")
        cuts = [0, 1, 40, text.index(b"\n") - 1, text.index(b"\n"), text.index(b"\n") + 1, len(text) // 2, len(text) - 1]
        for packed in (False, True):
            state = f"packed-{packed}.db"
            for begin, end in zip(cuts, cuts[1:] + [len(text)]):
                with open(self.dir / f"log-{packed}", "ab") as log:
                    log.write(zipped(text[begin:end]) if packed else text[begin:end])
                self.run_any("ingest", f"log-{packed}", "--state", state, *NOW)
            # What was no line yet was a reject; the lines have all come.
            self.assertTrue(all(text.startswith(each["text"].encode()[:5]) for each in self.rejects(state)))
            self.write("whole", text)
            self.assert_same_tree(self.tree_of_state(f"bucket-{packed}", state), self.tree_after("whole", name=f"whole-{packed}"))

    def test_a_request_body_that_is_still_written_is_taken_once_it_is_whole(self):
        body = (support.FIXTURES / "requests" / "sdk-python-1.3.0.json").read_bytes().replace(b", ", b",\n")
        self.write("whole", body)
        for length in (1, 100, len(body) // 2, len(body) - 2):
            state = f"{length}.db"
            self.write("body", body[:length])
            self.run_spillway("ingest", "body", "--state", state, *NOW, expect=REJECTS)
            self.write("body", body)
            self.ingest("body", state=state)
            self.assert_same_tree(self.tree_of_state(f"bucket-{length}", state), self.tree_after("whole", name=f"whole-{length}"))

    def test_a_file_that_was_cut_or_rewritten_between_two_runs_is_another_input(self):
        text = events(20, "first")
        self.write("file", text)
        self.ingest("file")
        self.write("file", text[:len(text) // 2])
        self.ingest("file", expect=REJECTS)  # of its last line a front is left
        self.write("file", events(20, "other"))
        self.assertEqual(self.ingest("file")["stored"], 20)
        self.write("all", text + events(20, "other"))
        self.assert_same_tree(self.tree_of_state(), self.tree_after("all"))


if __name__ == "__main__":
    support.main()
