#!/usr/bin/env python3
"""A second real S3 server for a test, written by others: versitygw on a free port of the loopback, over a directory.

    versitygw.py COMMAND...     runs a command with AWS_* set for it, in which the bucket "raw" is there

It holds requests to its region, which is us-east-1, knows no encryption, and looks for an object before it stores one
instead of in one step. Where it can't be built, this counts as skipped.
"""

import sys

import s3_servers


class Versitygw(s3_servers.Server):
    ready_path = "/health"

    def __init__(self, buckets=("raw",)):
        super().__init__("versitygw", buckets)

    def command(self):
        return ["--port", self.address, "--health", self.ready_path, "--region", "us-east-1", "posix", self.data]

    def start(self):
        is_started = super().start()
        self.environment["SPILLWAY_SERVER_LACKS"] = "encryption one_step"
        return is_started

    def variables(self):
        return {"ROOT_ACCESS_KEY": s3_servers.KEY_ID, "ROOT_SECRET_KEY": s3_servers.SECRET}


if __name__ == "__main__":
    s3_servers.run_with(Versitygw(), sys.argv[1:])
