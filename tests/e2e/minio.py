#!/usr/bin/env python3
"""A real S3 server for a test: MinIO on a free port of the loopback, with one KMS key, stopped by its own process id.

    minio.py COMMAND...     runs a command with AWS_* set for it, in which the bucket "raw" is there

Where MinIO can't be built, this counts as skipped.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import support

SERVERS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "s3-servers"
KMS_KEY = "exporter-key"
SECONDS_TO_START = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def binary():
    built = subprocess.run([SERVERS], capture_output=True, encoding="utf-8", check=False)
    if built.returncode == support.SKIPPED:
        support.skip(built.stderr.strip()[-500:])
    built.check_returncode()
    return built.stdout.strip()


class Minio:
    """`environment` is what AWS's own tools would need to find it."""

    def __init__(self, buckets=("raw",), settings=None):
        self.server = binary()
        self.buckets = buckets
        self.settings = settings or {}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="spillway-minio-")
        data = pathlib.Path(self.folder.name) / "data"
        for bucket in self.buckets:
            (data / bucket).mkdir(parents=True)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {"AWS_ACCESS_KEY_ID": "spillway-test", "AWS_SECRET_ACCESS_KEY": "marker-secret-of-the-tests",
                            "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1"}
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "MINIO_BROWSER": "off",
                       "MINIO_UPDATE": "off", "MINIO_ROOT_USER": self.environment["AWS_ACCESS_KEY_ID"],
                       "MINIO_ROOT_PASSWORD": self.environment["AWS_SECRET_ACCESS_KEY"],
                       "MINIO_KMS_SECRET_KEY": KMS_KEY + ":" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                       **self.settings}
        self.log = open(pathlib.Path(self.folder.name) / "log", "wb")
        self.process = subprocess.Popen([self.server, "server", "--address", self.url.removeprefix("http://"), data],
                                        env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        self.wait_until_ready()
        return self

    def wait_until_ready(self):
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + "/minio/health/ready", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)  # between two questions, within the deadline
        self.__exit__()
        raise RuntimeError("MinIO did not become ready")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()


def main():
    with Minio() as server:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, **server.environment}, check=False).returncode)


if __name__ == "__main__":
    main()
