"""A bad network for a test: toxiproxy before a server, on free ports of the loopback.

Where it can't be built, the test counts as skipped.
"""

import json
import urllib.request

import s3_servers


class Toxiproxy(s3_servers.Server):
    """Carries what goes to its `proxied_url` to a server, through what add() has put in the way."""

    ready_path = "/version"
    proxy = "before-the-server"

    def __init__(self, upstream):
        super().__init__("toxiproxy", buckets=())
        self.upstream = upstream

    def command(self):
        host, port = self.address.split(":")
        return ["-host", host, "-port", port]

    def __enter__(self):
        super().__enter__()
        made = self.ask("POST", "/proxies", {"name": self.proxy, "listen": "127.0.0.1:0", "upstream": self.upstream})
        self.proxied_url = "http://" + made["listen"]
        return self

    def ask(self, method, path, document=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if document is None else json.dumps(document).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add(self, kind, stream="downstream", toxicity=1.0, **attributes):
        """`stream`: "upstream" is what the client sends. `toxicity`: the part of the connections that have it."""
        self.ask("POST", f"/proxies/{self.proxy}/toxics",
                 {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "toxicity": toxicity,
                  "attributes": attributes})

    def clear(self):
        """As it was at first."""
        self.ask("POST", "/reset", {})

    def cut(self):
        """Ends every connection and takes no more, until clear()."""
        self.ask("POST", f"/proxies/{self.proxy}", {"enabled": False})
