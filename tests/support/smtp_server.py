#!/usr/bin/python3
"""A real SMTP server (aiosmtpd) on a free port of the loopback, for one test.

    smtp_server.py FOLDER [--starttls|--tls] ...    prints its port when it may be connected to, and ends with its
                                                    standard input; every message it takes is FOLDER/N.json
    smtp_server.py --for COMMAND...                 runs a command, with $SPILLWAY_SMTP_SERVER set to this file

What came is read with Python's own `email`, so that the message is not judged by who wrote it. Without aiosmtpd this
counts as skipped. It is Debian's python3 that runs it, since aiosmtpd is a package of Debian's.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import warnings

from authority import make_authority

try:
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    print("skipped: no aiosmtpd: tools/setup test installs it")
    sys.exit(1 if os.environ.get("CI") else 125)

MECHANISMS = ("PLAIN", "LOGIN")


class Handler:
    """Takes messages, but for those that it is told to refuse."""

    def __init__(self, wanted):
        self.folder = wanted.folder
        self.says = dict(wanted.say)
        self.to = dict(wanted.to)
        self.count = 0

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if "MAIL" in self.says:
            return self.says["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        answer = self.to.get(address, self.says.get("RCPT"))
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.says:
            return self.says["DATA"]
        raw = envelope.original_content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.count += 1
        (self.folder / f"{self.count}.json").write_text(json.dumps({
            "tls": server.transport.get_extra_info("cipher") is not None,
            "login": session.auth_data.login.decode() if session.auth_data else "",
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "headers": {name: str(value) for name, value in message.items()},
            "date": message["Date"].datetime.isoformat(),
            "to": [each.addr_spec for each in message["To"].addresses],
            "body": message.get_content().replace("\r\n", "\n"),
            "defects": [repr(each) for each in message.defects],
            "line_bytes_max": max(len(line) for line in raw.split(b"\r\n")),
            "bare_line_ends": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
            "raw": raw.decode("latin-1"),
        }))
        return "250 taken"

    async def handle_QUIT(self, _server, _session, _envelope):
        if "QUIT" in self.says:
            await asyncio.Event().wait()  # no good-bye
        return "221 Bye"


def authenticator(wanted):
    def check(_server, _session, _envelope, mechanism, given):
        if "AUTH" in dict(wanted.say):
            return AuthResult(success=False, handled=False, message=dict(wanted.say)["AUTH"])
        is_right = mechanism in MECHANISMS and f"{given.login.decode()}:{given.password.decode()}" == wanted.login
        return AuthResult(success=is_right, handled=False, auth_data=given)
    return check


def tls_context(wanted):
    make_authority(wanted.folder, wanted.names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(wanted.folder / "public.crt", wanted.folder / "private.key")
    if wanted.old_tls:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


async def serve(wanted, listener):
    handler = Handler(wanted)
    context = tls_context(wanted) if wanted.tls or wanted.starttls else None
    loop = asyncio.get_running_loop()

    def make():
        return SMTP(handler, hostname="server.test", tls_context=context if wanted.starttls else None,
                    require_starttls=wanted.starttls, auth_required=bool(wanted.login),
                    auth_require_tls=wanted.starttls, authenticator=authenticator(wanted), loop=loop)

    print(listener.getsockname()[1], flush=True)
    if wanted.down:
        await loop.run_in_executor(None, sys.stdin.readline)
    if wanted.hang:
        listener.listen()
        print("up", flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        return
    server = await loop.create_server(make, sock=listener, ssl=context if wanted.tls else None)
    print("up", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main():
    if sys.argv[1:2] == ["--for"]:
        sys.exit(subprocess.run(sys.argv[2:], env={**os.environ, "SPILLWAY_SMTP_SERVER": os.path.abspath(__file__)},
                                check=False).returncode)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--old-tls", action="store_true", help="1.1 at most")
    parser.add_argument("--names", default="IP:127.0.0.1,DNS:localhost", help="whom its certificate is for")
    parser.add_argument("--login", help="USER:PASSWORD; without it there is no login")
    parser.add_argument("--say", nargs=2, action="append", default=[], metavar=("AUTH|MAIL|RCPT|DATA|QUIT", "ANSWER"))
    parser.add_argument("--to", nargs=2, action="append", default=[], metavar=("ADDRESS", "ANSWER"))
    parser.add_argument("--hang", action="store_true", help="takes connections and says nothing")
    parser.add_argument("--down", action="store_true", help="refuses connections until a line comes on standard input")
    wanted = parser.parse_args()
    logging.disable(logging.ERROR)  # logins without TLS and handshakes that fail are part of a test
    warnings.simplefilter("ignore")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        asyncio.run(serve(wanted, listener))


if __name__ == "__main__":
    main()
