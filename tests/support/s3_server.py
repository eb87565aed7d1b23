#!/usr/bin/env python3
"""A small S3 server of our own, in memory and on the loopback: it checks what S3 checks, and fails when told to.

    with S3Server() as server:
        server.faults.add("UploadPart", s3_schedule.cut(s3_schedule.Phase.BODY))
        ...run something with server.environment, look at server.objects, server.uploads and server.requests

    s3_server.py COMMAND...     runs a command with AWS_* set for it, in which the bucket "raw" is there

Signatures, hashes and regions are checked as S3 does. It speaks HTTP/1.1 in path style, with a thread for each
connection. The bucket contract of tests/contract runs on it as on MinIO, so that it can't drift into fiction.
"""

import contextlib
import datetime
import hashlib
import itertools
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import s3_http
from s3_answers import Refused, document, elements
from s3_bucket import Bucket, Call
from s3_exchange import Exchange, Request
from s3_schedule import Faults
from s3_fields import ACCOUNT, time_text
from s3_signature import Credential, Signed, verify

UNSIGNED = "UNSIGNED-PAYLOAD"
BACKLOG = 128
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


class S3Server:
    """`environment` is what AWS's own tools would need to find it; `now` may be replaced, for clocks that differ."""

    def __init__(self, bucket="raw", region="us-east-1"):
        self.bucket = Bucket(bucket, region)
        self.region = region
        self.faults = Faults()
        self.requests = []
        self.root = Credential("AKIASPILLWAYTESTS000", "marker-secret-of-the-tests")
        self.credentials = {self.root.access_key_id: self.root}
        self.session_seconds = None  # None: what AssumeRole is asked for
        self.clock_offset = datetime.timedelta(0)
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.wires = set()
        self.threads = []

    # --- For tests ---

    @property
    def objects(self):
        return self.bucket.objects

    @property
    def uploads(self):
        return self.bucket.uploads

    def tree(self, prefix=""):
        """{key behind the prefix: bytes}"""
        with self.bucket.lock:
            return {key.removeprefix(prefix): each.body for key, each in self.objects.items() if key.startswith(prefix)}

    def requests_of(self, operation):
        with self.lock:
            return [each for each in self.requests if each.operation == operation]

    def clear(self):
        """As if it had just been started."""
        with self.bucket.lock, self.lock:
            self.objects.clear()
            self.uploads.clear()
            self.requests.clear()
        self.faults.clear()

    @contextlib.contextmanager
    def refusing(self):
        """Nobody listens; the port stays ours."""
        self.stop_listening()
        try:
            yield
        finally:
            self.listen(self.port)

    def new_session(self, seconds):
        """Temporary credentials, as AssumeRole gives them."""
        made = Credential("ASIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30), secrets.token_urlsafe(90),
                          self.now() + datetime.timedelta(seconds=seconds))
        self.credentials[made.access_key_id] = made
        return made

    def environment_of(self, credential):
        token = {"AWS_SESSION_TOKEN": credential.token} if credential.token else {}
        return {"AWS_ACCESS_KEY_ID": credential.access_key_id, "AWS_SECRET_ACCESS_KEY": credential.secret,
                "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", **token}

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + self.clock_offset

    # --- Its life ---

    def __enter__(self):
        self.listen(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = self.environment_of(self.root)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.stop_listening()
        with self.lock:
            wires, threads = list(self.wires), list(self.threads)
        for each in wires:
            each.close()
        for each in threads:
            each.join()

    def listen(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self.accept, args=(self.listener,))
        self.acceptor.start()

    def stop_listening(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join()
        self.listener.close()

    def accept(self, listener):
        while True:
            try:
                connected, _ = listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError:
                return  # it was shut down
            wire = s3_http.Wire(connected)
            thread = threading.Thread(target=self.serve, args=(wire,))
            with self.lock:
                self.wires.add(wire)
                self.threads = [each for each in self.threads if each.is_alive() or each.ident is None] + [thread]
            thread.start()

    def serve(self, wire):
        try:
            for number in itertools.count():
                if not Exchange(self, wire, is_reused=number > 0).run():
                    break
        except s3_http.Gone:
            pass  # clients may end connections at any time
        finally:
            with self.lock:
                self.wires.discard(wire)
            wire.close()

    # --- What is asked ---

    def meet(self, line, is_reused):
        """The request in the log, and the fault that it meets."""
        noted = Request(line.operation, line.key, line.query.get("partNumber", ""), time.monotonic(), is_reused)
        with self.lock:
            self.requests.append(noted)
        fault = self.faults.meet(line.operation, line.key)
        noted.fault = fault.name if fault else ""
        return noted, fault

    def check(self, line, headers):
        """Everything that can be refused before the body is there. `headers`: [(name, value)]"""
        claimed = dict(headers).get("x-amz-content-sha256", "")
        if line.operation != "AssumeRole":
            if not claimed:
                raise Refused(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
            self.verify(line, headers, claimed)
        if claimed.startswith("STREAMING-") or line.operation == "Unknown":
            raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        if line.bucket not in ("", self.bucket.name):
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist", {"BucketName": line.bucket})

    def verify(self, line, headers, hash_of_body):
        verify(Signed(line.method, line.target, headers, hash_of_body), self.credentials, self.region, self.now())

    def perform(self, line, headers, body):
        found = hashlib.sha256(body).hexdigest()
        if line.operation == "AssumeRole":
            self.verify(line, headers, found)
            return self.assume_role(dict(urllib.parse.parse_qsl(body.decode())))
        named = dict(headers)
        if named["x-amz-content-sha256"] not in (UNSIGNED, found):
            raise Refused(400, "XAmzContentSHA256Mismatch",
                          "The provided 'x-amz-content-sha256' header does not match what was computed.")
        return self.bucket.do(line.operation, Call(line.key, line.query, named, body, self.now()))

    def assume_role(self, form):
        if form.get("Action") != "AssumeRole" or not form.get("RoleArn") or not form.get("RoleSessionName"):
            raise Refused(400, "ValidationError", "Action, RoleArn and RoleSessionName are needed")
        made = self.new_session(int(form.get("DurationSeconds", 3600)) if self.session_seconds is None
                                else self.session_seconds)
        name = form["RoleArn"].rpartition("/")[2] + "/" + form["RoleSessionName"]
        given = elements({"AccessKeyId": made.access_key_id, "SecretAccessKey": made.secret,
                          "SessionToken": made.token, "Expiration": time_text(made.expires_at)})
        content = f"<AssumeRoleResult><Credentials>{given}</Credentials><AssumedRoleUser>" + elements(
            {"AssumedRoleId": "AROAEXAMPLE:" + form["RoleSessionName"],
             "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}"}) + "</AssumedRoleUser></AssumeRoleResult>"
        return document("AssumeRoleResponse", content, namespace=STS_NAMESPACE)


def main():
    with S3Server() as server:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, **server.environment}, check=False).returncode)


if __name__ == "__main__":
    main()
