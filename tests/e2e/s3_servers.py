"""The real S3 servers and tools of tools/s3-servers: started on a free port of the loopback, stopped by their own
process id. minio.py and versitygw.py say how each is started.

Where one can't be built, the test counts as skipped.
"""

import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import support

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from authority import make_authority

SERVERS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "s3-servers"
SECONDS_TO_START = 60
PORTS_TRIED = 3
KEY_ID = "spillway-test"
SECRET = "marker-secret-of-the-tests"


def binary(name):
    """Where a program of tools/s3-servers is; the first who asks builds it."""
    built = subprocess.run([SERVERS, name], capture_output=True, encoding="utf-8", check=False)
    if built.returncode == support.SKIPPED:
        support.skip(built.stderr.strip()[-500:])
    built.check_returncode()
    return built.stdout.strip()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that answers `ready_path` at `url` when it is up. `environment` is what AWS's own tools would need to
    find it. A server says in command() and variables() how it is started."""

    ready_path = "/"

    def __init__(self, name, buckets=("raw",), tls=False):
        self.name = name
        self.server = binary(name)
        self.buckets = buckets
        self.scheme = "https" if tls else "http"

    def command(self):
        raise NotImplementedError

    def variables(self):
        return {}

    def __enter__(self):
        self.kept = tempfile.TemporaryDirectory(prefix=f"spillway-{self.name}-")
        self.folder = pathlib.Path(self.kept.name)
        self.data = self.folder / "data"
        self.certificates = self.folder / "certificates"
        self.certificates.mkdir()
        for bucket in self.buckets:
            (self.data / bucket).mkdir(parents=True)
        if self.scheme == "https":
            make_authority(self.certificates)
        self.log = open(self.folder / "log", "wb")
        for _ in range(PORTS_TRIED):  # another process may take a port that was free
            if self.start():
                return self
        said = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.__exit__()
        raise RuntimeError(f"{self.name} did not become ready: {said}")

    def start(self):
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"{self.scheme}://{self.address}"
        self.environment = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET,
                            "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1"}
        if self.scheme == "https":
            self.environment["AWS_CA_BUNDLE"] = str(self.certificates / "ca.crt")
        self.process = subprocess.Popen(
            [self.server, *map(str, self.command())], stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.variables()})
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end and self.process.poll() is None:
            if self.is_ready():
                return True
            time.sleep(0.05)  # between two questions, within the deadline
        self.stop()
        return False

    def is_ready(self):
        tls = ssl.create_default_context(cafile=self.certificates / "ca.crt") if self.scheme == "https" else None
        try:
            with urllib.request.urlopen(self.url + self.ready_path, timeout=5, context=tls):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        self.kept.cleanup()


def run_with(server, command):
    """Runs a command with AWS_* set for the server, and ends as it does."""
    with server:
        sys.exit(subprocess.run(command, env={**os.environ, **server.environment}, check=False).returncode)
