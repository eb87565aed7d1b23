"""The fields of S3's requests and documents: read, checked, written."""

import base64
import hashlib
import json
import secrets
import urllib.parse
import xml.etree.ElementTree
import zlib

from s3_answers import NAMESPACE, Refused, element, elements

ACCOUNT = "123456789012"
PART_BYTES_MIN = 5 << 20
PAGE_MAX = 1000
POLICY_BYTES_MAX = 20 << 10
KMS_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:"
KMS_KEYS = ("exporter-key", KMS_ARN + "key/exporter-key")
STORED_CHECKSUMS = {"x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
                    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big")}


def time_text(at):
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def to_base64(digest):
    return base64.b64encode(digest).decode()


def md5(body):
    return hashlib.md5(body, usedforsecurity=False)


def quoted(etag):
    return f'"{etag}"'


def content_type_of(call):
    return call.headers.get("content-type", "binary/octet-stream")


def etag_of(body, encryption):
    """The MD5; with a KMS key something else of the same look."""
    is_kms = encryption.get("x-amz-server-side-encryption") == "aws:kms"
    return secrets.token_hex(16) if is_kms else md5(body).hexdigest()


def encryption_of(call):
    """The headers that the answers repeat, with the key's whole name."""
    algorithm = call.headers.get("x-amz-server-side-encryption", "")
    key = call.headers.get("x-amz-server-side-encryption-aws-kms-key-id", "")
    if algorithm not in ("", "AES256", "aws:kms") or (key and algorithm != "aws:kms"):
        raise Refused(400, "InvalidArgument", "The encryption method specified is not supported")
    if algorithm != "aws:kms":
        return {"x-amz-server-side-encryption": algorithm} if algorithm else {}
    if key and key not in KMS_KEYS:
        raise Refused(400, "KMS.NotFoundException", f"Key '{key}' does not exist")
    return {"x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": KMS_KEYS[1] if key else KMS_ARN + "alias/aws/s3"}


def check_policy(text):
    """What S3 looks at first. Source: PutBucketPolicy, and the User Guide's limits of a bucket policy."""
    def malformed(message):
        return Refused(400, "MalformedPolicy", message)

    if len(text) > POLICY_BYTES_MAX:
        raise malformed("Policy exceeds the maximum allowed document size.")
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise malformed("Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not statements:
        raise malformed("Missing required field Statement")
    for each in statements:
        for names in (("Effect",), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
            if not any(name in each for name in names):
                raise malformed(f"Missing required field {names[0]}")


def default_encryption_in(text):
    """The headers that the answers to puts have, from a ServerSideEncryptionConfiguration. AWS does not look for the
    key."""
    malformed = Refused(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                        "published schema")
    try:
        rules = xml.etree.ElementTree.fromstring(text).findall(f"{{{NAMESPACE}}}Rule")
    except xml.etree.ElementTree.ParseError:
        raise malformed from None
    if len(rules) != 1:
        raise malformed
    found = {each.tag.partition("}")[2]: each.text for each in rules[0].iter()}
    algorithm, key = found.get("SSEAlgorithm"), found.get("KMSMasterKeyID")
    if algorithm not in ("AES256", "aws:kms", "aws:kms:dsse"):
        raise malformed
    if algorithm == "AES256":
        if key:
            raise Refused(400, "InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is "
                          "not aws:kms or aws:kms:dsse")
        return {"x-amz-server-side-encryption": algorithm}
    return {"x-amz-server-side-encryption": algorithm,
            "x-amz-server-side-encryption-aws-kms-key-id": KMS_ARN + (f"key/{key}" if key else "alias/aws/s3")}


def check_configuration(call):
    """A bucket's configuration must come with a checksum, unlike objects."""
    if "content-md5" not in call.headers and not STORED_CHECKSUMS.keys() & call.headers.keys():
        raise Refused(400, "InvalidRequest",
                      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    check_body(call)


def check_body(call):
    """Content-MD5 and the checksum headers. The signed hash was compared before."""
    given = call.headers.get("content-md5")
    if given is not None:
        if len(given) != 24:
            raise Refused(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        if given != to_base64(md5(call.body).digest()):
            raise Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    for name, digest in STORED_CHECKSUMS.items():
        if name in call.headers and call.headers[name] != to_base64(digest(call.body)):
            raise Refused(400, "BadDigest", f"The {name.removeprefix('x-amz-checksum-').upper()} you specified did not "
                          "match the calculated checksum.")


def range_of(text, size):
    """The first and last byte of "bytes=0-9" and "bytes=5-"."""
    first, _, last = text.removeprefix("bytes=").partition("-")
    if not text.startswith("bytes=") or not first.isdigit():
        raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented",
                      {"Header": "Range"})
    if int(first) >= size:
        raise Refused(416, "InvalidRange", "The requested range is not satisfiable",
                      {"RangeRequested": text, "ActualObjectSize": size})
    return int(first), min(int(last) if last else size - 1, size - 1)


def number_of(text):
    if not text.isdecimal():
        raise Refused(400, "InvalidArgument", "Provided argument is no number", {"ArgumentValue": text})
    return int(text)


def page_size(text):
    return min(number_of(text), PAGE_MAX) if text is not None else PAGE_MAX


def encoder(query):
    """With encoding-type=url a space is "+", as AWS writes it."""
    return urllib.parse.quote_plus if query.get("encoding-type") == "url" else str


def decoded_token(token):
    try:
        return base64.b64decode(token, validate=True).decode()
    except ValueError:
        raise Refused(400, "InvalidArgument", "The continuation token provided is incorrect") from None


def read_parts(body):
    """[(number, etag, sha256)] of <CompleteMultipartUpload>."""
    malformed = Refused(400, "MalformedXML",
                        "The XML you provided was not well-formed or did not validate against our published schema")
    try:
        root = xml.etree.ElementTree.fromstring(body)
    except xml.etree.ElementTree.ParseError:
        raise malformed from None
    named = {"s3": NAMESPACE} if root.tag.startswith("{") else {"s3": ""}
    parts = [(int(each.findtext("s3:PartNumber", "0", named)), each.findtext("s3:ETag", "", named).strip('"'),
              each.findtext("s3:ChecksumSHA256", "", named)) for each in root.findall("s3:Part", named)]
    if not parts or root.tag.rpartition("}")[2] != "CompleteMultipartUpload":
        raise malformed
    return parts


def chosen_parts(upload, wanted):
    numbers = [number for number, _, _ in wanted]
    if numbers != sorted(set(numbers)):
        raise Refused(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by "
                      "part number.")
    chosen = []
    for number, etag, sha256 in wanted:
        part = upload.parts.get(number)
        if part is None or part.etag != etag or (sha256 and part.sha256 != sha256):
            raise Refused(400, "InvalidPart", "One or more of the specified parts could not be found. The part may not "
                          "have been uploaded, or the specified entity tag may not match the part's entity tag.",
                          {"PartNumber": number, "ETag": etag})
        if upload.algorithm == "SHA256" and not sha256:
            raise Refused(400, "InvalidRequest", "The upload was created using a sha256 checksum. The complete request "
                          f"must include the checksum for each part. It was missing for part {number} in the request.")
        chosen.append(part)
    for number, part in zip(numbers[:-1], chosen):
        if len(part.body) < PART_BYTES_MIN:
            raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
                          {"PartNumber": number, "ProposedSize": len(part.body), "MinSizeAllowed": PART_BYTES_MIN})
    return chosen


def listed_part(number, part):
    checksum = element("ChecksumSHA256", part.sha256) if part.sha256 else ""
    return "<Part>" + elements({"PartNumber": number, "LastModified": time_text(part.modified_at),
                                "ETag": quoted(part.etag), "Size": len(part.body)}) + checksum + "</Part>"
