"""One bucket in memory, with S3's semantics: what the operations of Spillway do to it.

Each operation takes a Call and gives an Answer, or raises Refused. Source of the rules: Amazon S3 API reference, the
page of the operation's name; where AWS and MinIO differ, AWS's.
"""

import base64
import dataclasses
import datetime
import email.utils
import hashlib
import secrets
import threading
import urllib.parse

from s3_answers import PROLOG, Answer, Refused, document, element, elements
from s3_fields import (ACCOUNT, STORED_CHECKSUMS, check_body, check_configuration, check_policy, chosen_parts,
                       content_type_of, decoded_token, default_encryption_in, encoder, encryption_of, etag_of,
                       listed_part, md5, number_of, page_size, quoted, range_of, read_parts, time_text, to_base64)

KEY_BYTES_MAX = 1024


@dataclasses.dataclass
class Call:
    """A request that may be done. `query` and `headers` are {name: text}, headers in lower case."""

    key: str
    query: dict
    headers: dict
    body: bytes
    now: datetime.datetime


@dataclasses.dataclass
class Object:
    body: bytes
    etag: str
    modified_at: datetime.datetime
    content_type: str
    encryption: dict  # the headers that say so
    checksums: dict   # {"x-amz-checksum-sha256": base64}


@dataclasses.dataclass
class Part:
    body: bytes
    etag: str
    modified_at: datetime.datetime
    sha256: str  # base64; empty: none was sent


@dataclasses.dataclass
class Upload:
    key: str
    initiated_at: datetime.datetime
    content_type: str
    encryption: dict
    algorithm: str  # "SHA256", or empty
    parts: dict = dataclasses.field(default_factory=dict)


class Bucket:
    """Thread rule: any thread. `objects` by key, `uploads` by id; `policy` and `encryption` are None or bytes."""

    def __init__(self, name, region):
        self.name = name
        self.region = region
        self.objects = {}
        self.uploads = {}
        self.policy = None      # as it was put
        self.encryption = None  # the same
        self.lock = threading.RLock()

    def do(self, operation, call):
        """`operation` as S3 names it: a method below."""
        owner = call.headers.get("x-amz-expected-bucket-owner", ACCOUNT)
        if owner != ACCOUNT:
            raise Refused(403, "AccessDenied", "Access Denied")
        if len(call.key.encode()) > KEY_BYTES_MAX:
            raise Refused(400, "KeyTooLongError", "Your key is too long", {"MaxSizeAllowed": KEY_BYTES_MAX})
        with self.lock:
            return OPERATIONS[operation](self, call)

    def put(self, key, body):
        """What somebody else has put there."""
        now = datetime.datetime.now(datetime.timezone.utc)
        with self.lock:
            self.objects[key] = Object(body, md5(body).hexdigest(), now, "text/plain", {}, {})

    # --- Objects ---

    def put_object(self, call):
        check_body(call)
        encryption = self.encryption_for(call)
        self.check_condition(call)
        made = Object(call.body, etag_of(call.body, encryption), call.now, content_type_of(call), encryption,
                      {name: call.headers[name] for name in STORED_CHECKSUMS if name in call.headers})
        self.objects[call.key] = made
        return Answer(200, {"etag": quoted(made.etag), **encryption, **made.checksums})

    def encryption_for(self, call):
        """What the request says, else the bucket."""
        return encryption_of(call) or (default_encryption_in(self.encryption) if self.encryption else {})

    def check_condition(self, call):
        condition = call.headers.get("if-none-match", "")
        if condition not in ("", "*"):
            raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented",
                          {"Header": "If-None-Match"})
        if condition and call.key in self.objects:
            raise Refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                          {"Condition": "If-None-Match"})

    def found(self, call):
        if call.key not in self.objects:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.", {"Key": call.key})
        return self.objects[call.key]

    def head_object(self, call):
        there = self.found(call)
        headers = {"etag": quoted(there.etag), "content-type": there.content_type, "accept-ranges": "bytes",
                   "last-modified": email.utils.format_datetime(there.modified_at, usegmt=True), **there.encryption}
        if call.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers.update(there.checksums)
            if there.checksums:
                headers["x-amz-checksum-type"] = "COMPOSITE" if "-" in there.etag else "FULL_OBJECT"
        return Answer(200, headers, there.body)

    def get_object(self, call):
        answer = self.head_object(call)
        if "range" not in call.headers:
            return answer
        first, last = range_of(call.headers["range"], len(answer.body))
        answer.headers["content-range"] = f"bytes {first}-{last}/{len(answer.body)}"
        answer.headers = {name: text for name, text in answer.headers.items() if "checksum" not in name}
        answer.status, answer.body = 206, answer.body[first:last + 1]
        return answer

    def delete_object(self, call):
        self.objects.pop(call.key, None)
        return Answer(204)

    def list_objects_v2(self, call):
        query = call.query
        prefix, start = query.get("prefix", ""), query.get("start-after", "")
        token = query.get("continuation-token", "")
        after = decoded_token(token) if token else start
        keys = sorted((key for key in self.objects if key.startswith(prefix)), key=str.encode)
        behind = [key for key in keys if not after or key.encode() > after.encode()]
        page = behind[:page_size(query.get("max-keys"))]
        text = encoder(query)
        content = elements({"Name": self.name, "Prefix": text(prefix), "KeyCount": len(page),
                            "MaxKeys": page_size(query.get("max-keys"))})
        content += element("StartAfter", text(start)) if start else ""
        content += element("EncodingType", "url") if query.get("encoding-type") else ""
        content += element("IsTruncated", "true" if len(page) < len(behind) else "false")
        if page and len(page) < len(behind):
            content += element("NextContinuationToken", to_base64(page[-1].encode()))
        return document("ListBucketResult", content + "".join(self.listed(key, text) for key in page))

    def listed(self, key, text):
        there = self.objects[key]
        return "<Contents>" + elements({"Key": text(key), "LastModified": time_text(there.modified_at),
                                        "ETag": quoted(there.etag), "Size": len(there.body),
                                        "StorageClass": "STANDARD"}) + "</Contents>"

    # --- Multipart uploads ---

    def create_multipart_upload(self, call):
        algorithm = call.headers.get("x-amz-checksum-algorithm", "")
        if algorithm not in ("", "SHA256", "CRC32"):
            raise Refused(501, "NotImplemented", "This checksum algorithm is not implemented", {})
        upload_id = secrets.token_urlsafe(48)
        self.uploads[upload_id] = Upload(call.key, call.now, content_type_of(call), self.encryption_for(call),
                                         algorithm)
        content = elements({"Bucket": self.name, "Key": call.key, "UploadId": upload_id})
        headers = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": "COMPOSITE"} if algorithm else {}
        return document("InitiateMultipartUploadResult", content, {**headers, **self.uploads[upload_id].encryption})

    def upload_of(self, call):
        upload = self.uploads.get(call.query["uploadId"])
        if upload is None or upload.key != call.key:
            raise Refused(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or "
                          "the upload may have been aborted or completed.", {"UploadId": call.query["uploadId"]})
        return upload

    def upload_part(self, call):
        upload = self.upload_of(call)
        number = number_of(call.query.get("partNumber", ""))
        if not 1 <= number <= 10_000:
            raise Refused(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
        check_body(call)
        part = Part(call.body, etag_of(call.body, upload.encryption), call.now,
                    call.headers.get("x-amz-checksum-sha256", ""))
        upload.parts[number] = part
        headers = {"x-amz-checksum-sha256": part.sha256} if part.sha256 else {}
        return Answer(200, {"etag": quoted(part.etag), **upload.encryption, **headers})

    def complete_multipart_upload(self, call):
        upload = self.upload_of(call)
        self.check_condition(call)
        parts = chosen_parts(upload, read_parts(call.body))
        body = b"".join(each.body for each in parts)
        digest = md5(b"".join(bytes.fromhex(each.etag) for each in parts)).hexdigest()
        made = Object(body, f"{digest}-{len(parts)}", call.now, upload.content_type, upload.encryption, {})
        if upload.algorithm == "SHA256":
            joined = b"".join(base64.b64decode(each.sha256) for each in parts)
            made.checksums["x-amz-checksum-sha256"] = f"{to_base64(hashlib.sha256(joined).digest())}-{len(parts)}"
        self.objects[call.key] = made
        del self.uploads[call.query["uploadId"]]
        content = elements({"Location": f"http://127.0.0.1/{self.name}/{urllib.parse.quote(call.key)}",
                            "Bucket": self.name, "Key": call.key, "ETag": quoted(made.etag)})
        checksum = made.checksums.get("x-amz-checksum-sha256")
        content += element("ChecksumSHA256", checksum) if checksum else ""
        return document("CompleteMultipartUploadResult", content, upload.encryption)

    def abort_multipart_upload(self, call):
        self.upload_of(call)
        del self.uploads[call.query["uploadId"]]
        return Answer(204)

    def list_parts(self, call):
        upload = self.upload_of(call)
        marker = number_of(call.query.get("part-number-marker", "0"))
        behind = [number for number in sorted(upload.parts) if number > marker]
        page = behind[:page_size(call.query.get("max-parts"))]
        content = elements({"Bucket": self.name, "Key": call.key, "UploadId": call.query["uploadId"],
                            "PartNumberMarker": marker, "NextPartNumberMarker": page[-1] if page else 0,
                            "MaxParts": page_size(call.query.get("max-parts")),
                            "IsTruncated": "true" if len(page) < len(behind) else "false"})
        content += "".join(listed_part(number, upload.parts[number]) for number in page)
        return document("ListPartsResult", content)

    def list_multipart_uploads(self, call):
        query = call.query
        marker = (query.get("key-marker", "").encode(), query.get("upload-id-marker", ""))
        begun = sorted(((upload.key.encode(), each, upload) for each, upload in self.uploads.items()
                        if upload.key.startswith(query.get("prefix", ""))), key=lambda found: found[:2])
        # Without an upload-id-marker all of the marker's own key are passed over.
        behind = [each for each in begun
                  if each[0] > marker[0] or (marker[1] and each[0] == marker[0] and each[1] > marker[1])]
        page = behind[:page_size(query.get("max-uploads"))]
        text = encoder(query)
        content = elements({"Bucket": self.name, "Prefix": text(query.get("prefix", "")),
                            "IsTruncated": "true" if len(page) < len(behind) else "false"})
        content += element("EncodingType", "url") if query.get("encoding-type") else ""
        if len(page) < len(behind):
            content += elements({"NextKeyMarker": text(page[-1][2].key), "NextUploadIdMarker": page[-1][1]})
        for _, upload_id, upload in page:
            content += "<Upload>" + elements({"Key": text(upload.key), "UploadId": upload_id,
                                              "StorageClass": "STANDARD",
                                              "Initiated": time_text(upload.initiated_at)}) + "</Upload>"
        return document("ListMultipartUploadsResult", content)

    # --- The bucket itself ---

    def head_bucket(self, _):
        return Answer(200, {"x-amz-bucket-region": self.region})

    def get_bucket_location(self, _):
        """us-east-1 is the one without a name."""
        return document("LocationConstraint", "" if self.region == "us-east-1" else self.region)

    def get_bucket_policy(self, _):
        if self.policy is None:
            raise Refused(404, "NoSuchBucketPolicy", "The bucket policy does not exist", {"BucketName": self.name})
        return Answer(200, {"content-type": "application/json"}, self.policy)

    def put_bucket_policy(self, call):
        check_configuration(call)
        check_policy(call.body)
        self.policy = call.body
        return Answer(204)

    def delete_bucket_policy(self, _):
        self.policy = None
        return Answer(204)

    def get_bucket_encryption(self, _):
        if self.encryption is None:
            raise Refused(404, "ServerSideEncryptionConfigurationNotFoundError",
                          "The server side encryption configuration was not found", {"BucketName": self.name})
        text = self.encryption.decode()
        # AWS says so where it was not said.
        if "<BucketKeyEnabled>" not in text:
            text = text.replace("</Rule>", "<BucketKeyEnabled>false</BucketKeyEnabled></Rule>")
        return Answer(200, {"content-type": "application/xml"}, (PROLOG + text).encode())

    def put_bucket_encryption(self, call):
        check_configuration(call)
        default_encryption_in(call.body)
        text = call.body.decode()
        self.encryption = text[text.index("<ServerSideEncryptionConfiguration"):].encode()  # without a prolog
        return Answer(200)

    def delete_bucket_encryption(self, _):
        """As a bucket was before 2023: AWS's own encryption is not made up here."""
        self.encryption = None
        return Answer(204)


OPERATIONS = {"PutObject": Bucket.put_object, "HeadObject": Bucket.head_object, "GetObject": Bucket.get_object,
              "DeleteObject": Bucket.delete_object, "ListObjectsV2": Bucket.list_objects_v2,
              "CreateMultipartUpload": Bucket.create_multipart_upload, "UploadPart": Bucket.upload_part,
              "CompleteMultipartUpload": Bucket.complete_multipart_upload,
              "AbortMultipartUpload": Bucket.abort_multipart_upload, "ListParts": Bucket.list_parts,
              "ListMultipartUploads": Bucket.list_multipart_uploads, "HeadBucket": Bucket.head_bucket,
              "GetBucketLocation": Bucket.get_bucket_location, "GetBucketPolicy": Bucket.get_bucket_policy,
              "PutBucketPolicy": Bucket.put_bucket_policy, "DeleteBucketPolicy": Bucket.delete_bucket_policy,
              "GetBucketEncryption": Bucket.get_bucket_encryption, "PutBucketEncryption": Bucket.put_bucket_encryption,
              "DeleteBucketEncryption": Bucket.delete_bucket_encryption}
