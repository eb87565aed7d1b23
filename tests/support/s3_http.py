"""HTTP/1.1 on a socket, byte by byte: what a test server needs to stop at any place of a request or an answer."""

import dataclasses
import email.utils
import socket
import struct
import urllib.parse

from s3_answers import REASONS, Refused
from s3_signature import pairs_of

LINE_BYTES_MAX = 16 << 10
PIECE_BYTES = 1 << 20

# Sub-resources and parameters that tell the operations of one method apart.
OF_BUCKET = {("GET", "location"): "GetBucketLocation", ("GET", "uploads"): "ListMultipartUploads",
             ("GET", "list-type"): "ListObjectsV2",
             ("GET", "policy"): "GetBucketPolicy", ("PUT", "policy"): "PutBucketPolicy",
             ("DELETE", "policy"): "DeleteBucketPolicy",
             ("GET", "encryption"): "GetBucketEncryption", ("PUT", "encryption"): "PutBucketEncryption",
             ("DELETE", "encryption"): "DeleteBucketEncryption"}
OF_OBJECT = {("PUT", False): "PutObject", ("HEAD", False): "HeadObject", ("GET", False): "GetObject",
             ("DELETE", False): "DeleteObject", ("PUT", True): "UploadPart", ("GET", True): "ListParts",
             ("DELETE", True): "AbortMultipartUpload", ("POST", True): "CompleteMultipartUpload"}
# Everything else in a query is refused: what a server passes over silently is not tested.
PARAMETERS = {
    "ListObjectsV2": {"list-type", "prefix", "start-after", "continuation-token", "max-keys", "encoding-type",
                      "delimiter", "fetch-owner"},
    "ListMultipartUploads": {"uploads", "prefix", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"},
    "ListParts": {"uploadId", "part-number-marker", "max-parts"}, "UploadPart": {"uploadId", "partNumber"},
    "CompleteMultipartUpload": {"uploadId"}, "AbortMultipartUpload": {"uploadId"},
    "CreateMultipartUpload": {"uploads"}, "GetBucketLocation": {"location"}, "GetBucketPolicy": {"policy"},
    "PutBucketPolicy": {"policy"}, "DeleteBucketPolicy": {"policy"}, "GetBucketEncryption": {"encryption"},
    "PutBucketEncryption": {"encryption"}, "DeleteBucketEncryption": {"encryption"}}


class Gone(Exception):
    """The peer has ended or broken the connection."""


@dataclasses.dataclass
class Line:
    """A request line, in S3's words."""

    method: str
    target: str  # as it was sent
    bucket: str = ""
    key: str = ""
    query: dict = dataclasses.field(default_factory=dict)
    operation: str = "Unknown"


def read_request_line(text):
    """b"PUT /raw/1/1_2020-01-25_17%231.json.gz HTTP/1.1\r\n" """
    words = text.decode("latin-1").rstrip("\r\n").split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1" or not words[1].startswith("/"):
        return Line("", "")
    path, _, query = words[1].partition("?")
    bucket, _, key = path[1:].partition("/")
    line = Line(words[0], words[1], urllib.parse.unquote(bucket), urllib.parse.unquote(key), dict(pairs_of(query)))
    line.operation = operation_of(line)
    # x-id names the operation once more, for those who read logs.
    if set(line.query) - {"x-id"} - PARAMETERS.get(line.operation, set()):
        line.operation = "Unknown"
    return line


def operation_of(line):
    if not line.bucket:
        return "AssumeRole" if line.method == "POST" else "Unknown"
    if line.key:
        if line.method == "POST" and "uploads" in line.query:
            return "CreateMultipartUpload"
        return OF_OBJECT.get((line.method, "uploadId" in line.query), "Unknown")
    if line.method == "HEAD":
        return "HeadBucket"
    found = [OF_BUCKET[line.method, name] for name in line.query if (line.method, name) in OF_BUCKET]
    return found[0] if found else "Unknown"


def read_header(text):
    name, _, value = text.decode("utf-8", "replace").rstrip("\r\n").partition(":")
    return name.lower(), value.strip()


class Wire:
    """One connection. Thread rule: one thread; close() from any."""

    def __init__(self, connected):
        self.socket = connected
        self.buffer = bytearray()

    def peek_line(self, waiting):
        """The first line, which stays unread in the kernel. `waiting`: an event that ends it."""
        seen = b""
        while b"\n" not in seen:
            before = seen
            try:
                seen = self.socket.recv(LINE_BYTES_MAX, socket.MSG_PEEK)
            except OSError as error:
                raise Gone from error
            # A peek does not wait for more than there is.
            if not seen or (seen == before and waiting.wait(0.001)):
                raise Gone
        return seen.partition(b"\n")[0]

    def fill(self, most=PIECE_BYTES):
        try:
            got = self.socket.recv(most)
        except OSError as error:
            raise Gone from error
        if not got:
            raise Gone
        self.buffer += got

    def take(self, size):
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def read_line(self):
        while b"\n" not in self.buffer:
            if len(self.buffer) > LINE_BYTES_MAX:
                raise Gone
            self.fill()
        return self.take(self.buffer.index(b"\n") + 1)

    def read(self, size):
        body = bytearray(self.take(size))
        while len(body) < size:
            self.fill(min(PIECE_BYTES, size - len(body)))
            body += self.take(size - len(body))
        return bytes(body)

    def send(self, text):
        try:
            self.socket.sendall(text)
        except OSError as error:
            raise Gone from error

    def reset(self):
        """TCP's RST, whatever is under way."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        """Wakes a thread that reads or writes, too."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is not connected any more
        self.socket.close()


def body_size_of(headers):
    if "transfer-encoding" in headers:
        raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented",
                      {"Header": "Transfer-Encoding"})
    text = headers.get("content-length", "0")
    if not text.isdigit():
        raise Refused(400, "InvalidRequest", "The Content-Length is no number")
    return int(text)


def head_of(answer, now, keeps_alive):
    """The head's bytes. That of a HEAD has the length of the body that a GET would have; 204 has none."""
    headers = {"x-amz-request-id": "CM0R497NB0WAQ977", "x-amz-id-2": "EXAMPLEhostid=",
               "date": email.utils.format_datetime(now, usegmt=True), "server": "AmazonS3", **answer.headers}
    if answer.status != 204:
        headers["content-length"] = str(len(answer.body))
    if not keeps_alive:
        headers["connection"] = "close"
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "".join(line + "\r\n" for line in (*lines, "")).encode("latin-1")


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
