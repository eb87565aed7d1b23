#!/usr/bin/env python3
"""A server of S3's protocol that reads what it is sent and throws it away, for measuring clients: what they cost, not
what a server costs. No signature is looked at; names and sizes are remembered, bytes are not.

    drain_server.py COMMAND...     runs a command with AWS_* set for it, in which the bucket "raw" is there
"""

import base64
import email.utils
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.parse
import xml.sax.saxutils

HEAD_MAX = 64 << 10
XML = "<?xml version='1.0' encoding='UTF-8'?>"


class Objects:
    """What was put: {key: (bytes, ETag)}, and what is being put in parts."""

    def __init__(self):
        self.lock = threading.Lock()
        self.objects = {}
        self.uploads = {}
        self.numbers = itertools.count(1)

    def number(self):
        with self.lock:
            return next(self.numbers)


class Connection:
    """Requests of one client, one after another."""

    def __init__(self, link, store):
        self.link = link
        self.store = store
        self.ahead = b""
        self.buffer = bytearray(1 << 20)

    def run(self):
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.link:
            try:
                while self.serve_one():
                    pass
            except OSError:
                pass

    def serve_one(self):
        while b"\r\n\r\n" not in self.ahead:
            piece = self.link.recv(HEAD_MAX)
            if not piece or len(self.ahead) > HEAD_MAX:
                return False
            self.ahead += piece
        head, self.ahead = self.ahead.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            self.link.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length", 0))
        body = b""
        if method == "PUT":
            self.drain(length)
        else:
            body = self.read(length)
        path, _, query = target.partition("?")
        answer = self.answer(method, urllib.parse.unquote(path).lstrip("/"),
                             dict(urllib.parse.parse_qsl(query, keep_blank_values=True)), headers, body)
        self.send(method, *answer)
        return headers.get("connection", "").lower() != "close"

    def drain(self, length):
        """Body bytes: the kernel drops them, and tells how many there were."""
        left = length - len(self.ahead)
        self.ahead = self.ahead[length:]
        while left > 0:
            got = self.link.recv_into(self.buffer, min(left, len(self.buffer)), socket.MSG_TRUNC)
            if got == 0:
                raise ConnectionError("it ended in a body")
            left -= got

    def read(self, length):
        while len(self.ahead) < length:
            piece = self.link.recv(HEAD_MAX)
            if not piece:
                raise ConnectionError("it ended in a body")
            self.ahead += piece
        body, self.ahead = self.ahead[:length], self.ahead[length:]
        return body

    def answer(self, method, path, query, headers, body):
        """Status, headers and body."""
        bucket, _, key = path.partition("/")
        if not key:
            return self.answer_of_bucket(method, bucket, query, body)
        if method == "PUT":
            return self.put(key, query, headers)
        if method == "POST":
            return self.upload(bucket, key, query)
        if method == "DELETE":
            self.store.objects.pop(key, None)
            return 204, {}, ""
        found = self.store.objects.get(key)
        if method == "HEAD" and found:
            return 200, {"Content-Length": str(found[0]), "ETag": f'"{found[1]}"',
                         "Last-Modified": email.utils.formatdate(usegmt=True)}, ""
        return self.refuse(404, "NoSuchKey")

    def answer_of_bucket(self, method, bucket, query, body):
        if method in ("HEAD", "PUT"):
            return 200, {}, ""
        if "delete" in query:
            for key in re.findall("<Key>([^<]*)</Key>", body.decode()):
                self.store.objects.pop(xml.sax.saxutils.unescape(key), None)
            return 200, {}, f"{XML}<DeleteResult/>"
        if "location" in query:
            return 200, {}, f"{XML}<LocationConstraint/>"
        if "list-type" in query or "prefix" in query:
            escape = xml.sax.saxutils.escape
            prefix = query.get("prefix", "")
            keys = sorted(key for key in list(self.store.objects) if key.startswith(prefix))
            entries = "".join(
                f"<Contents><Key>{escape(key)}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified><ETag>"
                f"&#34;{self.store.objects[key][1]}&#34;</ETag><Size>{self.store.objects[key][0]}</Size>"
                f"<StorageClass>STANDARD</StorageClass></Contents>" for key in keys)
            return 200, {}, (f"{XML}<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
                             f"<KeyCount>{len(keys)}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
                             f"{entries}</ListBucketResult>")
        return self.refuse(404, "NoSuchConfiguration")

    def put(self, key, query, headers):
        length = int(headers.get("x-amz-decoded-content-length", headers.get("content-length", 0)))
        etag = f"{self.store.number():032x}"
        if "content-md5" in headers:
            etag = base64.b64decode(headers["content-md5"]).hex()
        if "uploadId" in query:
            self.store.uploads[query["uploadId"]][int(query["partNumber"])] = length
        else:
            self.store.objects[key] = (length, etag)
        checksums = {name: value for name, value in headers.items() if name in (
            "x-amz-checksum-sha256", "x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme")}
        return 200, {"ETag": f'"{etag}"', **checksums}, ""

    def upload(self, bucket, key, query):
        names = f"<Bucket>{bucket}</Bucket><Key>{xml.sax.saxutils.escape(key)}</Key>"
        if "uploads" in query:
            upload = f"upload-{self.store.number()}"
            self.store.uploads[upload] = {}
            return 200, {}, (f"{XML}<InitiateMultipartUploadResult>{names}<UploadId>{upload}</UploadId>"
                             "</InitiateMultipartUploadResult>")
        parts = self.store.uploads.pop(query.get("uploadId", ""), None)
        if not parts:
            return self.refuse(404, "NoSuchUpload")
        etag = f"{self.store.number():032x}-{len(parts)}"
        self.store.objects[key] = (sum(parts.values()), etag)
        return 200, {}, (f"{XML}<CompleteMultipartUploadResult><Location>/{bucket}</Location>{names}"
                         f"<ETag>&#34;{etag}&#34;</ETag></CompleteMultipartUploadResult>")

    @staticmethod
    def refuse(status, code):
        return status, {}, f"{XML}<Error><Code>{code}</Code><Message>not here</Message></Error>"

    def send(self, method, status, headers, body):
        text = body.encode()
        headers = {"Date": email.utils.formatdate(usegmt=True), "Content-Length": str(len(text)), "Server": "drain",
                   **({"Content-Type": "application/xml"} if text else {}), **headers}
        head = f"HTTP/1.1 {status} {'OK' if status < 300 else 'Refused'}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        self.link.sendall(head.encode() + (b"" if method == "HEAD" else text))


def serve(listener, store):
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=Connection(link, store).run, daemon=True).start()


def main():
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=serve, args=(listener, Objects()), daemon=True).start()
        environment = {"AWS_ACCESS_KEY_ID": "spillway-test", "AWS_SECRET_ACCESS_KEY": "not-looked-at",
                       "AWS_ENDPOINT_URL": "http://127.0.0.1:%d" % listener.getsockname()[1],
                       "AWS_REGION": "us-east-1"}
        code = subprocess.run(sys.argv[1:], env={**os.environ, **environment}, check=False).returncode
    sys.exit(code)


if __name__ == "__main__":
    main()
