"""What goes wrong, and when: the schedule of faults of the test server.

    server.faults.add("UploadPart", s3_schedule.cut(s3_schedule.Phase.BODY), first=2)   # the second part, once
    server.faults.add("PutObject", s3_schedule.answer(503, "SlowDown", "..."), times=0)  # always
    server.faults.add_rate(0.1, seed=7, what=[s3_schedule.internal_error()])          # one request in ten
    server.faults.deny("s3:PutObject")                                              # as a policy does
"""

import dataclasses
import enum
import json
import pathlib
import random
import threading

from s3_answers import PROLOG, Answer, Refused, denied, wrong_region

ERROR_BODIES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "s3-errors" / "error-bodies.json"
KMS_KEY = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# What AWS's policies must allow for each operation. Source: Service Authorization Reference, "Actions for Amazon S3".
PERMISSIONS = {
    "PutObject": "s3:PutObject", "CreateMultipartUpload": "s3:PutObject", "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject", "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts", "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "HeadObject": "s3:GetObject", "GetObject": "s3:GetObject", "DeleteObject": "s3:DeleteObject",
    "ListObjectsV2": "s3:ListBucket", "HeadBucket": "s3:ListBucket", "GetBucketLocation": "s3:GetBucketLocation",
    "GetBucketPolicy": "s3:GetBucketPolicy", "PutBucketPolicy": "s3:PutBucketPolicy",
    "DeleteBucketPolicy": "s3:DeleteBucketPolicy", "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "DeleteBucketEncryption": "s3:PutEncryptionConfiguration"}


class Phase(enum.Enum):
    """The eight moments of a request, in their order. The operation is done from AFTER_OPERATION on."""

    ACCEPT = 1           # nothing of the connection was read
    REQUEST_LINE = 2     # behind the request line
    HEADERS = 3          # amid the headers
    BEFORE_BODY = 4      # behind the head: no "100 Continue"
    BODY = 5             # half of the body was read
    BEFORE_OPERATION = 6  # all was read, nothing done
    AFTER_OPERATION = 7  # done, and nothing said
    ANSWER = 8           # done, and half of the answer said: of its body, else of its head


class Close(enum.Enum):
    RESET = "reset"  # TCP's RST: what is under way is lost
    END = "end"      # TCP's FIN: an ordinary end in the wrong place


@dataclasses.dataclass
class Fault:
    """Something else than the right answer."""

    name: str
    cut_at: Phase | None = None
    close: Close = Close.RESET
    is_head_cut: bool = False                # at Phase.ANSWER: amid the head although there is a body
    instead: Answer | Refused | None = None  # the operation is not done, unless
    is_done_all_the_same: bool = False
    shorten_body_to: float | None = None     # done; that part of the answer's document, as if it were all
    stall_at: Phase | None = None            # no byte for `seconds`, and then as if nothing had been
    seconds: float = 0
    pieces: int = 0                          # the answer in so many pieces, `seconds` apart


def cut(phase, close=Close.RESET, is_head_cut=False):
    return Fault(f"{close.value} at {phase.name}", cut_at=phase, close=close, is_head_cut=is_head_cut)


def lost_answer():
    """Done, and the client never hears of it."""
    return cut(Phase.AFTER_OPERATION, Close.END)


def stall(phase, seconds):
    return Fault(f"stall at {phase.name}", stall_at=phase, seconds=seconds)


def slow_bytes(pieces, seconds):
    return Fault("slow bytes", pieces=pieces, seconds=seconds)


def truncated_xml(part=0.5):
    return Fault("truncated XML", shorten_body_to=part)


def answer(status, code, message, fields=None, headers=None):
    return Fault(f"{status} {code}", instead=Refused(status, code, message, fields, headers))


def raw_answer(status, body=b"", headers=None):
    return Fault(f"{status} raw", instead=Answer(status, headers or {}, body))


def slow_down():
    return answer(503, "SlowDown", "Please reduce your request rate.")


def internal_error():
    return answer(500, "InternalError", "We encountered an internal error. Please try again.")


def although_done(fault):
    """The operation is done, and the answer denies it: "a subsequent GET might return the old or the new"."""
    return dataclasses.replace(fault, name=fault.name + " although done", is_done_all_the_same=True)


def empty(status):
    return raw_answer(status)


def too_many_requests(retry_after):
    return raw_answer(429, headers={"retry-after": str(retry_after)})


def html(status):
    """What a proxy says for a server that it can't reach."""
    body = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1><hr></body></html>\n"
    return raw_answer(status, body, {"content-type": "text/html"})


def ok_with_error(code="InternalError"):
    """S3 says 200 before it knows, and keeps the connection alive with white space."""
    message = "We encountered an internal error. Please try again."
    body = f"   \n{PROLOG}<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return raw_answer(200, body.encode(), {"content-type": "application/xml"})


def permanent_redirect(region):
    return answer(301, "PermanentRedirect",
                  "The bucket you are attempting to access must be addressed using the specified endpoint. Please send "
                  "all future requests to this endpoint.",
                  {"Endpoint": f"raw.s3-{region}.amazonaws.com", "Bucket": "raw"}, {"x-amz-bucket-region": region})


def other_region(region):
    return Fault("other region", instead=wrong_region(region, "us-east-1"))


def denial(permission):
    resource = KMS_KEY if permission.startswith("kms:") else "arn:aws:s3:::raw/key"
    return Fault(f"denied {permission}", instead=denied(permission, resource))


def kms_disabled():
    return answer(400, "KMS.DisabledException", f"{KMS_KEY} is disabled.")


def recorded(case_id):
    """A case of fixtures/s3-errors."""
    cases = json.loads(ERROR_BODIES.read_text(encoding="utf-8"))["cases"]
    case = next(each for each in cases if each["id"] == case_id)
    return Fault(case_id, instead=Answer(case["status"], case["headers"], case["body"].encode()))


@dataclasses.dataclass
class Rule:
    """`operation` "*": any. `times` 0: from `first` on for ever. `rate`: the share of requests, drawn by `draws`."""

    operation: str
    what: list
    first: int = 1
    times: int = 1
    key: str = ""
    rate: float = 1
    draws: random.Random | None = None  # None: always
    seen: int = 0
    met: int = 0

    def is_due(self, operation, key):
        """Counts the request."""
        if self.operation not in ("*", operation) or self.key not in key:
            return False
        self.seen += 1
        is_due = self.seen >= self.first and (self.times == 0 or self.met < self.times)
        return is_due and (self.draws is None or self.draws.random() < self.rate)

    def take(self):
        self.met += 1
        return self.what[0] if self.draws is None else self.draws.choice(self.what)


class Faults:
    """Thread rule: any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rules = []

    def add(self, operation, what, first=1, times=1, key=""):
        """From the `first` request of that operation (and of a key with `key` in it) on, `times` times."""
        with self.lock:
            self.rules.append(Rule(operation, [what], first, times, key))
            return self.rules[-1]

    def add_rate(self, rate, seed, what, operation="*"):
        """Each request with probability `rate`; the same requests in the same order meet the same faults."""
        with self.lock:
            self.rules.append(Rule(operation, list(what), 1, 0, "", rate, random.Random(seed)))
            return self.rules[-1]

    def deny(self, permission):
        """Every operation that needs it."""
        return [self.add(operation, denial(permission), times=0)
                for operation, needed in PERMISSIONS.items() if needed == permission]

    def clear(self):
        with self.lock:
            self.rules.clear()

    def meet(self, operation, key):
        """The fault of this request; None: none. Every rule counts every request, the first that is due is met."""
        with self.lock:
            due = [each for each in self.rules if each.is_due(operation, key)]
            return due[0].take() if due else None

    def may_refuse_connections(self):
        """Whether they must be looked at before they are read."""
        with self.lock:
            return any(each.cut_at == Phase.ACCEPT for rule in self.rules for each in rule.what)

    def will_refuse_a_connection(self):
        """Whether a request is waited for that has to come on a new one."""
        with self.lock:
            return any(rule.what[0].cut_at == Phase.ACCEPT and rule.draws is None and
                       (rule.times == 0 or rule.met < rule.times) for rule in self.rules)
