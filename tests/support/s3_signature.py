"""AWS's Signature Version 4 as a server checks it, written from AWS's documentation and not from src/s3.

    canonical request -> string to sign -> signature by a key of the day, region and service

    GET
    /raw/1/1_2020-01-25_17%231.json.gz
    versionId=
    host:127.0.0.1:9000
    x-amz-date:20200125T170000Z

    host;x-amz-date
    e3b0c442...

tests/e2e/s3_signatures.py holds it to published signatures. Source: Amazon S3 API reference, "Authenticating requests
(AWS Signature Version 4)"; IAM User Guide, "Create a signed AWS API request".
"""

import dataclasses
import datetime
import hashlib
import hmac
import re
import urllib.parse

from s3_answers import Refused, wrong_region

ALGORITHM = "AWS4-HMAC-SHA256"
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
SKEW_MAX = datetime.timedelta(minutes=15)
AUTHORIZATION = re.compile(ALGORITHM + r" Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
                           r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})")
UNRESERVED = "-._~"


@dataclasses.dataclass
class Credential:
    """What signs. Temporary ones have a token and an end."""

    access_key_id: str
    secret: str
    token: str = ""
    expires_at: datetime.datetime | None = None


@dataclasses.dataclass
class Signed:
    """What a signature covers, as it was sent: `target` is path?query, `headers` are [(lower-case name, value)]."""

    method: str
    target: str
    headers: list
    payload_hash: str

    def header(self, name):
        return next((value for each, value in self.headers if each == name), "")


@dataclasses.dataclass
class Scope:
    """20200125/us-east-1/s3/aws4_request"""

    time: str
    region: str
    service: str = "s3"

    def text(self):
        return f"{self.time[:8]}/{self.region}/{self.service}/aws4_request"


def canonical_path(path, service="s3", normalize=True):
    """S3 takes the path as it was sent; other services encode it once more, most of them without dots and `//`."""
    if service == "s3":
        return path or "/"
    if normalize:
        path = without_dots(path)
    return urllib.parse.quote(path or "/", safe="/" + UNRESERVED)


def without_dots(path):
    kept = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    is_folder = path.endswith(("/", "/.", "/..")) and kept
    return "/" + "/".join(kept) + ("/" if is_folder else "")


def pairs_of(query):
    """[(name, value)], decoded; "?uploads" is ("uploads", "")."""
    split = [each.partition("=") for each in query.split("&") if each]
    return [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in split]


def canonical_query(query, without=()):
    encoded = [(urllib.parse.quote(name, safe=UNRESERVED), urllib.parse.quote(value, safe=UNRESERVED))
               for name, value in pairs_of(query) if name not in without]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def canonical_headers(headers, names):
    lines = []
    for name in names:
        values = [" ".join(value.split()) for each, value in headers if each == name]
        lines.append(f"{name}:{','.join(values)}\n")
    return "".join(lines)


def canonical_request(request, names, service="s3", normalize=True):
    """`names`: of the signed headers. A signature in the query does not cover itself."""
    path, _, query = request.target.partition("?")
    return "\n".join((request.method, canonical_path(path, service, normalize),
                      canonical_query(query, without=("X-Amz-Signature",)), canonical_headers(request.headers, names),
                      ";".join(names), request.payload_hash))


def string_to_sign(canonical, scope):
    return "\n".join((ALGORITHM, scope.time, scope.text(), hashlib.sha256(canonical.encode()).hexdigest()))


def signature(secret, scope, text):
    key = ("AWS4" + secret).encode()
    for part in (scope.time[:8], scope.region, scope.service, "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def authorization(request, credential, scope):
    """The header that signs `request` with all of its headers: for tests that speak to the server themselves."""
    names = sorted({name for name, _ in request.headers})
    text = string_to_sign(canonical_request(request, names, scope.service), scope)
    return (f"{ALGORITHM} Credential={credential.access_key_id}/{scope.text()}, SignedHeaders={';'.join(names)}, "
            f"Signature={signature(credential.secret, scope, text)}")


def verify(request, credentials, region, now):
    """Refuses as S3 does. `credentials`: {access key id: Credential}; `now` is aware."""
    claimed = AUTHORIZATION.fullmatch(request.header("authorization"))
    if not claimed:
        raise missing_or_malformed(request)
    access_key_id, day, used_region, service, names, given = claimed.groups()
    credential = credentials.get(access_key_id)
    if credential is None:
        raise Refused(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
                      {"AWSAccessKeyId": access_key_id})
    scope = Scope(request.header("x-amz-date"), used_region, service)
    check_place_and_time(request, scope, day, region, now)
    check_names(request, names.split(";"))
    canonical = canonical_request(request, names.split(";"), service)
    text = string_to_sign(canonical, scope)
    if not hmac.compare_digest(signature(credential.secret, scope, text), given):
        raise mismatch(access_key_id, text, canonical, given)
    check_token(request, credential, now)


def missing_or_malformed(request):
    if not request.header("authorization"):
        return Refused(403, "AccessDenied", "Access Denied")
    return Refused(400, "AuthorizationHeaderMalformed", "The authorization header that you provided is not valid.")


def check_place_and_time(request, scope, day, region, now):
    if scope.service not in ("s3", "sts"):
        raise Refused(400, "AuthorizationHeaderMalformed", f"incorrect service \"{scope.service}\"")
    if scope.region != region and scope.service == "s3":
        raise wrong_region(region, scope.region)
    try:
        sent_at = datetime.datetime.strptime(scope.time, TIME_FORMAT).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
    if scope.time[:8] != day:
        raise Refused(400, "AuthorizationHeaderMalformed",
                      "Invalid credential date. This date is not the same as X-Amz-Date.")
    if abs(now - sent_at) > SKEW_MAX:
        raise Refused(403, "RequestTimeTooSkewed",
                      "The difference between the request time and the current time is too large.",
                      {"RequestTime": scope.time, "ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                       "MaxAllowedSkewMilliseconds": 900000})


def check_names(request, names):
    """What S3 acts on has to be signed, and the list of names sorted."""
    acted_on = {name for name, _ in request.headers if name == "host" or name.startswith("x-amz-")}
    unsigned = sorted(acted_on - set(names))
    if unsigned:
        raise Refused(403, "AccessDenied", "There were headers present in the request which were not signed",
                      {"HeadersNotSigned": ", ".join(unsigned)})
    if names != sorted(names) or "host" not in names:
        raise Refused(400, "AuthorizationHeaderMalformed", "SignedHeaders are not sorted, or lack the host.")


def mismatch(access_key_id, text, canonical, given):
    """AWS shows what it has computed: the token of the request too, which stands in the canonical request."""
    return Refused(403, "SignatureDoesNotMatch",
                   "The request signature we calculated does not match the signature you provided. Check your key and "
                   "signing method.",
                   {"AWSAccessKeyId": access_key_id, "StringToSign": text, "SignatureProvided": given,
                    "StringToSignBytes": text.encode().hex(" "), "CanonicalRequest": canonical,
                    "CanonicalRequestBytes": canonical.encode().hex(" ")})


def check_token(request, credential, now):
    given = request.header("x-amz-security-token")
    if not hmac.compare_digest(given, credential.token):
        raise Refused(400, "InvalidToken", "The provided token is malformed or otherwise invalid.", {"Token-0": given})
    if credential.expires_at is not None and now >= credential.expires_at:
        raise Refused(400, "ExpiredToken", "The provided token has expired.", {"Token-0": given})
