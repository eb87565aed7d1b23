"""What an S3 server says: answers, and refusals in S3's XML.

Source of codes, statuses and texts: Amazon S3 API reference, "Error responses"; AWS's answers in fixtures/s3-errors.
"""

import dataclasses
from xml.sax.saxutils import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'

REASONS = {100: "Continue", 200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
           307: "Temporary Redirect", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 409: "Conflict", 411: "Length Required", 412: "Precondition Failed",
           416: "Requested Range Not Satisfiable", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclasses.dataclass
class Answer:
    """One HTTP answer. `headers` are {name: text}; lengths and dates are added when it is sent."""

    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""


class Refused(Exception):
    """A request that gets an error. `fields` are the elements besides Code and Message."""

    def __init__(self, status, code, message, fields=None, headers=None):
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = headers or {}

    def answer(self):
        """Namespaces are for results: S3's errors have none."""
        content = element("Code", self.code) + element("Message", self.message)
        content += "".join(element(name, text) for name, text in self.fields.items())
        content += element("RequestId", "CM0R497NB0WAQ977") + element("HostId", "EXAMPLEhostid=")
        return Answer(self.status, {"content-type": "application/xml", **self.headers},
                      f"{PROLOG}<Error>{content}</Error>".encode())


def element(name, text):
    return f"<{name}>" + escape(str(text), {'"': "&quot;"}) + f"</{name}>"


def elements(fields):
    """{name: text}, in its order."""
    return "".join(element(name, text) for name, text in fields.items())


def document(root, content, headers=None, namespace=NAMESPACE):
    """A successful answer: `content` is XML."""
    text = f'{PROLOG}<{root} xmlns="{namespace}">{content}</{root}>'
    return Answer(200, {"content-type": "application/xml", **(headers or {})}, text.encode())


def denied(permission, resource, policy="identity-based policy"):
    """AWS's sentence for a permission that no policy gives. Source: IAM User Guide, "Troubleshoot access denied"."""
    # A KMS key stands without quotes there.
    place = resource if permission.startswith("kms:") else f'"{resource}"'
    return Refused(403, "AccessDenied",
                   f"User: arn:aws:iam::123456789012:user/exporter is not authorized to perform: {permission} on "
                   f"resource: {place} because no {policy} allows the {permission} action")


def wrong_region(wanted, used):
    return Refused(400, "AuthorizationHeaderMalformed",
                   f"The authorization header is malformed; the region '{used}' is wrong; expecting '{wanted}'",
                   {"Region": wanted}, {"x-amz-bucket-region": wanted})
