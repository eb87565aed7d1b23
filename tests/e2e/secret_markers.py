#!/usr/bin/env python3
"""No secret that Spillway is given gets out of it: six of them, each by another way in, go through every verb that
talks to a server, with success and with failure, and are found in nothing that was printed, stored, delivered or left
by a crash.

The ways in: the secret key and the session token of the environment, a profile's key, a key that a program prints, the
temporary keys of a role, and a password in a URL. boto3 comes from PyPI, at one version (python_package.py).
"""

import contextlib
import dataclasses
import http.server
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import minio
import python_package
import s3_client
import support

NOW = ("--now", "2020-02-01T00:00:00Z")


@dataclasses.dataclass
class Way:
    """How Spillway comes to a secret: the environment and options of its commands."""

    name: str
    environment: dict
    secrets: list
    options: tuple = ()


def forms_of(secret):
    """As it is, and as it would stand in a URL or in JSON."""
    return {secret.encode(), urllib.parse.quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}


class Recorder:
    """Carries connections to a server, and keeps what the server said: how the test learns the keys of a role."""

    def __init__(self, address):
        host, port = address.split(":")
        self.upstream = (host, int(port))
        self.said = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.upstream)
                threading.Thread(target=self.serve, args=(client, server), daemon=True).start()

    def serve(self, client, server):
        with client, server:
            back = threading.Thread(target=self.carry, args=(server, client, True), daemon=True)
            back.start()
            self.carry(client, server, False)
            back.join()

    def carry(self, source, sink, is_kept):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.said += piece if is_kept else b""
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()


class Echo(http.server.BaseHTTPRequestHandler):
    """Refuses everything as S3 does, whose errors repeat what they were sent: the token, and the canonical request with
    the token in it. With no `code` it never answers."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        if self.server.code is None:
            self.server.asked.set()
            self.server.done.wait(support.SECONDS_MAX)
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("x-amz-security-token", "none")
        body = (f"<?xml version='1.0'?><Error><Code>{self.server.code}</Code><Message>The provided token is no good."
                f"</Message><Token-0>{token}</Token-0><CanonicalRequest>{self.command}\n{self.path}\n"
                f"x-amz-security-token:{token}\n</CanonicalRequest></Error>").encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


class SecretMarkers(support.EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(minio.Minio(settings={"MINIO_ROOT_PASSWORD": "root-marker+of/the=tests"}))
        cls.server.environment["AWS_SECRET_ACCESS_KEY"] = "root-marker+of/the=tests"
        cls.client = s3_client.of(cls.server)
        cls.given = s3_client.of(cls.server, "sts").assume_role(RoleArn="arn:x:ignored:by:minio:",
                                                                RoleSessionName="test")["Credentials"]

    def setUp(self):
        super().setUp()
        # What holds the secrets on purpose lies beside the directory that is searched.
        self.source = pathlib.Path(tempfile.mkdtemp(prefix="spillway-e2e-source-"))
        self.addCleanup(shutil.rmtree, self.source)
        self.addCleanup(s3_client.remove_all, self.client)
        self.generate(self.dir / "events.jsonl", "--seed", 4, "--events", 300, "--hours", 2)
        self.printed = b""
        self.runs = 0

    def environment(self):
        """A server and a region; keys come by the ways."""
        return {**super().environment(), "AWS_ENDPOINT_URL": self.server.url, "AWS_REGION": "us-east-1",
                "AWS_CONFIG_FILE": str(self.source / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(self.source / "credentials")}

    def private(self, name, text):
        path = self.source / name
        path.write_text(text)
        path.chmod(0o700)
        return path

    # The ways in.

    def by_environment(self):
        keys = self.server.environment
        return Way("environment", {name: keys[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
                   [keys["AWS_SECRET_ACCESS_KEY"]])

    def by_session_token(self):
        return Way("session-token", s3_client.variables_of(self.given),
                   [self.given["SecretAccessKey"], self.given["SessionToken"]])

    def by_profile(self):
        keys = self.server.environment
        self.private("credentials", f"[work]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
                                    f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n")
        return Way("profile", {}, [keys["AWS_SECRET_ACCESS_KEY"]], ("--profile", "work"))

    def by_program(self, says=None):
        keys = json.dumps({"Version": 1, **{name: self.given[name]
                                            for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}})
        answer = self.private("answer", keys if says is None else says)
        program = self.private("program", f"#!/bin/sh\ncat {shlex.quote(str(answer))}\n")
        self.private("config", f"[profile made]\ncredential_process = {program}\n")
        return Way("program", {}, [self.given["SecretAccessKey"], self.given["SessionToken"]], ("--profile", "made"))

    def by_role(self, recorder):
        self.by_profile()
        self.private("config", "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/exporter\n"
                               "source_profile = work\n")
        return Way("role", {"AWS_ENDPOINT_URL_STS": recorder.url},
                   [self.server.environment["AWS_SECRET_ACCESS_KEY"]], ("--profile", "role"))

    def keys_of_roles(self, recorder):
        found = re.findall(rb"<(?:SecretAccessKey|SessionToken)>([^<]+)</", recorder.said)
        self.assertGreaterEqual(len(found), 2, "no role was assumed")
        return [each.decode() for each in found]

    # What is done with them.

    def run_kept(self, way, *arguments, **environment):
        """A command, of which everything printed is kept."""
        ended = self.run_any(*arguments, *way.options, environment={**self.environment(), **way.environment,
                                                                    **environment})
        self.printed += (ended.out + ended.err).encode()
        self.runs += 1
        return ended

    def all_verbs(self, way, expect=None, **environment):
        """Every verb that talks to a server, for people and for programs; `expect` is how all of them end."""
        bucket = "s3://raw/" + way.name
        key = f"{way.name}/187520/187520_2020-01-25_0#1.json.gz"
        for arguments in (["export", "events.jsonl", bucket, *NOW], ["ls", bucket], ["cat", bucket, key],
                          ["check", bucket], ["check", bucket, "--state", self.state], ["verify", bucket],
                          ["doctor", bucket]):
            for form in ((), ("--json",)):
                ended = self.run_kept(way, *arguments, *form, **environment)
                if expect is not None and arguments[0] != "cat":
                    self.assertIn(ended.code, expect, f"{way.name}: {arguments} {form}: {ended.out}{ended.err}")

    def assert_nowhere(self, secrets, printed=None):
        """Not printed, and in none of the files that were written: state, its log, mirrors, temporary files, crashes,
        and the server's bucket."""
        printed = self.printed if printed is None else printed
        self.assertTrue(secrets and all(len(each) >= 8 for each in secrets))
        folders = (self.dir, self.server.data / "raw")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        self.assertIn(self.state, files)
        # A failure tells where one is, and shows nothing of it.
        for name, content in (("what was printed", printed), *((path, path.read_bytes()) for path in files)):
            found = any(form in content for secret in secrets for form in forms_of(secret))
            self.assertFalse(found, f"{name} holds a secret")

    def test_secrets_that_are_right_get_nowhere(self):
        recorder = Recorder(self.server.address)
        self.addCleanup(recorder.close)
        for find_way in (self.by_environment, self.by_session_token, self.by_profile, self.by_program,
                         lambda: self.by_role(recorder)):
            way = find_way()
            with self.subTest(way.name):
                self.all_verbs(way, expect=(0,))
                secrets = way.secrets + (self.keys_of_roles(recorder) if way.name == "role" else [])
                self.assert_nowhere(secrets)

    def test_secrets_that_are_refused_get_nowhere(self):
        """Right id, wrong key; a token that is not one; a program and a file that break off in the middle."""
        wrong = "wrong-marker+key/0123456789abcdef"
        self.run_spillway("ingest", "events.jsonl", *NOW)
        refused = [
            Way("environment", {**self.by_environment().environment, "AWS_SECRET_ACCESS_KEY": wrong}, [wrong]),
            Way("session-token", {**self.by_session_token().environment, "AWS_SESSION_TOKEN": wrong},
                [self.given["SecretAccessKey"], wrong]),
        ]
        for way in refused:
            with self.subTest(way.name):
                self.all_verbs(way, expect=(1, 3))
                self.assert_nowhere(way.secrets)
        whole = json.dumps({"Version": 1, "AccessKeyId": "AKIAMARKERMARKER", "SecretAccessKey": wrong})
        for says in (whole[:-3], whole + whole, whole.replace("1,", '"1",'), f"secret={wrong}", ""):
            with self.subTest(says):
                self.all_verbs(self.by_program(says), expect=(1, 2, 3))
                self.assert_nowhere([wrong])
        for text in (f"[work]\naws_access_key_id = AKIAMARKERMARKER\naws_secret_access_key {wrong}\n",
                     f"[work]\naws_secret_access_key = {wrong}\n", f"aws_secret_access_key = {wrong}\n"):
            with self.subTest(text):
                self.private("credentials", text)
                self.all_verbs(Way("profile", {}, [], ("--profile", "work")), expect=(1, 2, 3))
                self.assert_nowhere([wrong])

    def serve_echo(self, status, code):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        server.daemon_threads = True
        server.status, server.code = status, code
        server.asked, server.done = threading.Event(), threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(server.done.set)
        return server, f"http://127.0.0.1:{server.server_address[1]}"

    def test_a_server_that_repeats_secrets_is_not_repeated(self):
        """AWS puts an expired token, and the request it has computed a signature of, into its error."""
        self.run_spillway("ingest", "events.jsonl", *NOW)
        way = self.by_session_token()
        for status, code in ((400, "ExpiredToken"), (400, "InvalidToken"), (403, "SignatureDoesNotMatch"),
                             (403, "AccessDenied"), (400, "SomethingNew")):
            with self.subTest(code):
                _, url = self.serve_echo(status, code)
                self.all_verbs(way, expect=(1, 3), AWS_ENDPOINT_URL=url)
                self.assertIn(code.encode(), self.printed)
                self.assert_nowhere(way.secrets)

    def test_a_password_in_a_url_is_refused_and_not_repeated(self):
        password = "password-marker-0123456789"
        self.run_spillway("ingest", "events.jsonl", *NOW)
        url = self.server.url.replace("://", f"://somebody:{password}@")
        keys = self.by_environment()
        for way in (Way("url", keys.environment, [password], ("--endpoint-url", url)),
                    Way("url", {**keys.environment, "AWS_ENDPOINT_URL": url}, [password]),
                    Way("url", {**keys.environment, "AWS_ENDPOINT_URL_S3": url}, [password])):
            self.all_verbs(way, expect=(1, 2))
            self.assert_nowhere(way.secrets)
        self.assertEqual(s3_client.keys_below(self.client, "url/"), [])

    def test_a_directory_and_its_state_get_nothing_of_the_environment(self):
        way = self.by_session_token()
        for form in ((), ("--json",)):
            self.run_kept(way, "export", "events.jsonl", self.bucket, *NOW, *form)
            self.run_kept(way, "check", self.bucket, *form)
            self.run_kept(way, "ls", self.bucket, *form)
        self.assert_nowhere(way.secrets)

    # What a crash leaves.

    @staticmethod
    def crash(process):
        """Aborts a process; whether the kernel wrote a core dump of it."""
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return os.WCOREDUMP(status)

    @staticmethod
    def allow_core_dumps():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    def test_a_crash_leaves_no_dump_with_secrets(self):
        # Whether dumps come where they would: a program that forbids nothing.
        control = subprocess.Popen([sys.executable, "-c", "input()"], cwd=self.temporary, stdin=subprocess.PIPE,
                                   preexec_fn=self.allow_core_dumps)
        dumps_are_written = self.crash(control)
        control.stdin.close()
        for path in self.temporary.iterdir():
            path.unlink()

        # A server that never answers: the request is signed and sent, so the secrets are in memory.
        server, url = self.serve_echo(200, None)
        way = self.by_session_token()
        process = self.start("export", "events.jsonl", "s3://raw/crash", *NOW, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, cwd=self.dir, preexec_fn=self.allow_core_dumps,
                             env={**self.environment(), **way.environment, "AWS_ENDPOINT_URL": url})
        self.assertTrue(server.asked.wait(support.SECONDS_MAX), "no request came")
        with open(f"/proc/{process.pid}/cmdline", "rb") as arguments:
            said = arguments.read()
        was_dumped = self.crash(process)
        said += process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.returncode, -signal.SIGABRT)
        self.assert_nowhere(way.secrets, said)
        self.assertFalse(was_dumped, "a core dump of a process with secrets was written")
        if not dumps_are_written:
            print("note: this system writes no dumps of other programs either", file=sys.stderr)


if __name__ == "__main__":
    python_package.go_on_with(boto3=python_package.BOTO3)
    support.main()
