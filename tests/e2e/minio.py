#!/usr/bin/env python3
"""A real S3 server for a test: MinIO on a free port of the loopback, with one KMS key, stopped by its own process id.

    minio.py [--tls] COMMAND...     runs a command with AWS_* set for it, in which the bucket "raw" is there;
                                    --tls: over HTTPS, with an authority that only AWS_CA_BUNDLE knows

Where MinIO can't be built, this counts as skipped.
"""

import json
import os
import subprocess
import sys

import s3_servers

KMS_KEY = "exporter-key"


class Minio(s3_servers.Server):
    """`settings` are variables of MinIO's own."""

    ready_path = "/minio/health/ready"

    def __init__(self, buckets=("raw",), settings=None, tls=False):
        super().__init__("minio", buckets, tls)
        self.settings = settings or {}

    def command(self):
        return ["server", "--address", self.address, "--certs-dir", self.certificates, self.data]

    def variables(self):
        return {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off", "MINIO_ROOT_USER": s3_servers.KEY_ID,
                "MINIO_ROOT_PASSWORD": s3_servers.SECRET,
                "MINIO_KMS_SECRET_KEY": KMS_KEY + ":" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                **self.settings}


class Client:
    """MinIO's own client, as the server's administrator. It is told of the server by its environment alone."""

    alias = "local"

    def __init__(self, server):
        self.program = s3_servers.binary("mc")
        self.folder = server.folder / "mc"
        host = f"{server.scheme}://{s3_servers.KEY_ID}:{s3_servers.SECRET}@{server.address}"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(server.folder), f"MC_HOST_{self.alias}": host}

    def run(self, *arguments):
        """What it says, as a list of documents."""
        done = subprocess.run([self.program, "--config-dir", self.folder, "--json", *map(str, arguments)],
                              env=self.environment, capture_output=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mc {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        decoder, text, documents = json.JSONDecoder(), done.stdout.strip(), []
        while text:
            document, end = decoder.raw_decode(text)
            documents.append(document)
            text = text[end:].lstrip()
        return documents


if __name__ == "__main__":
    over_tls = sys.argv[1:2] == ["--tls"]
    s3_servers.run_with(Minio(tls=over_tls), sys.argv[2 if over_tls else 1:])
