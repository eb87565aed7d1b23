#!/usr/bin/env python3
"""What `spillway policy` writes is what the specification's set-up generates, and other programs read it."""

import json

import support

ACTIONS = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation",
           "s3:PutObject"]
KEY = "arn:aws:kms:us-east-1:123456789012:key/abc"
PRINCIPAL = "arn:aws:iam::123456789012:role/spillway-export-187520"


class Policy(support.EndToEnd):
    def policy(self, *options, expect=0):
        return self.run_spillway("policy", "--bucket", "raw", "--prefix", "analytics", "--project", 187520, *options,
                                 expect=expect)

    def test_the_bucket_policy_has_the_six_actions_on_both_resources(self):
        [statement] = self.policy("--account", "123456789012").document["Statement"]
        self.assertEqual(statement["Action"], ACTIONS)
        self.assertEqual(statement["Resource"], ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"])
        self.assertEqual(statement["Principal"], {"AWS": PRINCIPAL})

    def test_with_a_key_its_policy_is_written_too(self):
        both = self.policy("--account", "123456789012", "--kms-key", KEY).document
        self.assertEqual(sorted(both), ["bucket_policy", "kms_key_policy"])
        allowed = [each["Action"] for each in both["kms_key_policy"]["Statement"]
                   if each["Principal"] == {"AWS": PRINCIPAL}]
        self.assertEqual(allowed, [["kms:GenerateDataKey", "kms:Decrypt"]])

    def test_terraform_gets_both_as_resources(self):
        text = self.policy("--account", "123456789012", "--kms-key", KEY, "--format", "terraform").out
        for part in ('resource "aws_s3_bucket_policy"', 'resource "aws_kms_key_policy"', PRINCIPAL, KEY, *ACTIONS):
            self.assertIn(part, text)

    def test_minio_gets_a_policy_of_a_user_and_the_commands(self):
        text = self.policy("--account", "123456789012", "--format", "mc").out
        document, end = json.JSONDecoder().raw_decode(text)
        self.assertEqual(document["Statement"][0]["Action"], ACTIONS)
        self.assertNotIn("Principal", document["Statement"][0])
        commands = text[end:].strip().splitlines()
        self.assertTrue(commands[0].startswith("mc admin policy create "))
        self.assertTrue(commands[1].startswith("mc admin policy attach "))
        both = self.policy("--account", "123456789012", "--format", "mc", "--json").document
        self.assertEqual(both, {"user_policy": document, "commands": commands})

    def test_terraform_is_no_json(self):
        options = ("--account", "123456789012", "--format", "terraform", "--json")
        self.assertIn("leave --json out", self.policy(*options, expect=2).err)

    def test_what_can_be_no_account_or_principal_is_refused(self):
        for options in ((), ("--account", "12"), ("--principal", "me")):
            self.assertRegex(self.policy(*options, expect=2).err, r"\Aerror: ")


if __name__ == "__main__":
    support.main()
