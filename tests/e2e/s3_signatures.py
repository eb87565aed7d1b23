#!/usr/bin/env python3
"""The test server's own check of signatures against published ones.

The vectors are fixtures/sigv4: AWS's suite, the examples of AWS's documentation, and what botocore signs for S3.
"""

import datetime
import hashlib
import json
import pathlib
import sys
import unittest
import urllib.parse

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import s3_signature
from s3_answers import Refused
from s3_signature import Credential, Scope, Signed

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "sigv4"


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_headers(lines):
    """[(name, value)]; a line that begins with a space goes on with the one before."""
    headers = []
    for line in lines:
        if line[0] in " \t":
            headers[-1] = (headers[-1][0], headers[-1][1] + line)
        else:
            name, _, value = line.partition(":")
            headers.append((name.lower(), value))
    return headers


def read_message(text):
    """(method, target, headers, body) of a request in a file. The target may hold spaces."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    method, _, target = first.rpartition(" ")[0].partition(" ")
    return method, target, read_headers([line for line in lines if line]), body


def scope_of(case):
    return Scope(case["timestamp"], case["region"], case["service"])


class PublishedSignatures(unittest.TestCase):
    """Canonical request, string to sign and signature, each equal to the published one."""

    def check(self, request, names, scope, secret, expected, normalize=True):
        canonical = s3_signature.canonical_request(request, names, scope.service, normalize)
        self.assertEqual(canonical, expected["canonical_request"])
        text = s3_signature.string_to_sign(canonical, scope)
        self.assertEqual(text, expected["string_to_sign"])
        self.assertEqual(s3_signature.signature(secret, scope, text), expected["signature"])

    def check_of_the_suite(self, folder, mode):
        context = read_json(folder / "context.json")
        parts = {name: (folder / f"{mode}-{name.replace('_', '-')}.txt").read_text(encoding="utf-8")
                 for name in ("canonical_request", "string_to_sign", "signature", "signed_request")}
        method, target, headers, body = read_message(parts["signed_request"])
        *_, names, payload_hash = parts["canonical_request"].split("\n")
        if context["sign_body"]:
            self.assertEqual(payload_hash, hashlib.sha256(body.encode()).hexdigest())
        if context.get("omit_session_token"):
            target = "&".join(each for each in target.split("&") if not each.startswith("X-Amz-Security-Token="))
        at = datetime.datetime.fromisoformat(context["timestamp"])
        self.check(Signed(method, target, headers, payload_hash), names.split(";"),
                   Scope(f"{at:{s3_signature.TIME_FORMAT}}", context["region"], context["service"]),
                   context["credentials"]["secret_access_key"], parts, context["normalize"])

    def test_all_of_the_suite_of_aws_in_headers_and_queries(self):
        folders = sorted((VECTORS / "aws-c-auth" / "v4").iterdir())
        self.assertEqual(len(folders), 38)
        for folder in folders:
            for mode in ("header", "query"):
                with self.subTest(folder.name, mode=mode):
                    self.check_of_the_suite(folder, mode)

    def test_the_requests_that_botocore_signs_by_the_rules_of_s3(self):
        cases = read_json(VECTORS / "s3-generated" / "s3-header-auth.json")["cases"]
        self.assertEqual(len(cases), 46)
        for case in cases:
            with self.subTest(case["name"]):
                request = signed_by_botocore(case)
                names = s3_signature.AUTHORIZATION.fullmatch(case["authorization"])[5].split(";")
                self.check(request, names, scope_of(case), case["secret_key"], case)

    def test_the_server_takes_those_requests_and_no_other_byte(self):
        for case in read_json(VECTORS / "s3-generated" / "s3-header-auth.json")["cases"]:
            with self.subTest(case["name"]):
                request = signed_by_botocore(case)
                at = datetime.datetime.strptime(case["timestamp"] + "+0000", s3_signature.TIME_FORMAT + "%z")
                known = Credential(case["access_key"], case["secret_key"], case["session_token"] or "")
                s3_signature.verify(request, {known.access_key_id: known}, case["region"], at)
                request.target += "x"
                with self.assertRaises(Refused) as refused:
                    s3_signature.verify(request, {known.access_key_id: known}, case["region"], at)
                self.assertEqual(refused.exception.code, "SignatureDoesNotMatch")

    def test_presigned_urls(self):
        cases = read_json(VECTORS / "s3-generated" / "s3-presigned.json")["cases"]
        self.assertEqual(len(cases), 14)
        for case in cases:
            with self.subTest(case["name"]):
                scheme, _, rest = case["url"].partition("://")
                host, slash, target = rest.partition("/")
                headers = [("host", without_default_port(host, scheme))]
                names = dict(s3_signature.pairs_of(target.partition("?")[2]))["X-Amz-SignedHeaders"].split(";")
                headers += [tuple(line.split(":", 1)) for line in case["canonical_request"].split("\n")[4:-3]]
                self.check(Signed(case["method"], slash + target, headers, "UNSIGNED-PAYLOAD"), names, scope_of(case),
                           case["secret_key"], case)

    def test_the_worked_examples_of_the_documentation(self):
        examples = read_json(VECTORS / "s3-generated" / "aws-doc-examples.json")
        for case in examples["cases"]:
            if "canonical_request" not in case:
                continue
            with self.subTest(case["name"]):
                query = urllib.parse.urlencode([tuple(each) for each in case["query"]], quote_via=urllib.parse.quote)
                request = Signed(case["method"], case["path"] + "?" + query, [tuple(each) for each in case["headers"]],
                                 case["payload_hash"])
                self.check(request, case["signed_headers"].split(";"), scope_of(examples), examples["secret_key"], case)


def without_default_port(host, scheme):
    return host.removesuffix(":443" if scheme == "https" else ":80")


def signed_by_botocore(case):
    target = case["wire_path"] + ("?" + case["wire_query"] if case["wire_query"] else "")
    headers = [(name.lower(), value) for name, value in case["headers"].items() if name.lower() != "host"]
    headers.append(("host", without_default_port(case["host"], case["scheme"])))
    return Signed(case["method"], target, headers, case["headers"]["x-amz-content-sha256"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
