"""A proxy on loopback that puts faults between a client and a real Label Studio."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PATIENCE = 4.0
"""Seconds that the client under test waits for an answer."""

PASSED = ("", "restart after", "cut after", "delay", "twice", "500 after", "truncated", "meanwhile", "shortened")
"""The faults under which the server gets the request all the same."""

Answer = tuple[int, dict[str, str], bytes]
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "accept-encoding"}


@dataclass(frozen=True)
class Call:
    """A kind of request: its method, a pattern of its path, and the how-manieth of them gets the fault."""

    name: str
    method: str
    path: str
    nth: int = 1

    def meets(self, method: str, path: str) -> bool:
        """Tell whether a request is of this kind."""
        return method == self.method and re.search(self.path, path) is not None


@dataclass
class Proxy:
    """``address`` is what the client is given; ``fault`` befalls the next call of the kind ``on``, once.

    ``seen`` lists what went through, ``hit`` tells when the fault befell. Under those named meanwhile and restart,
    ``meanwhile`` is called before the server is asked, after its answer, or ``pause`` seconds after it was asked.
    """

    upstream: str
    address: str = ""
    on: Call | None = None
    fault: str = ""
    hit: int = 0
    met: int = 0
    seen: list[tuple[float, str, str]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    pause: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, call: Call, fault: str) -> None:
        """Let a fault befall a call."""
        self.on, self.fault, self.hit, self.met = call, fault, 0, 0
        self.seen.clear()

    def disarm(self) -> None:
        """Pass everything through."""
        self.on, self.fault = None, ""

    def turn(self, method: str, path: str) -> str:
        """Say which fault befalls a request, if any."""
        with self.lock:
            self.seen.append((time.monotonic(), method, path))
            if self.on is None or not self.on.meets(method, path):
                return ""
            self.met += 1
            if self.met != self.on.nth:
                return ""
            self.hit += 1
            return self.fault

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Ask the server."""
        parts = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in HOP}
            connection.request(method, path, body or None, kept | {"Host": parts.netloc})
            answer = connection.getresponse()
            told = {name: value for name, value in answer.getheaders() if name.lower() not in HOP}
            return answer.status, told, answer.read()
        finally:
            connection.close()


def plain(status: int, **headers: str) -> Answer:
    """Make an answer that the server never gave."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, b'{"detail": "a fault"}'


def shortened(answer: Answer) -> Answer:
    """Take the last entry out of a list that the server gave, as if it had never been there."""
    status, headers, body = answer
    told = json.loads(body)
    [entries] = [one for one in ([told] if isinstance(told, list) else told.values()) if isinstance(one, list)]
    entries.pop()
    return status, headers, json.dumps(told).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def log_message(self, *_: object) -> None:
        pass

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _give(self, answer: Answer, sent: int | None = None) -> None:
        status, headers, body = answer
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if sent is None else body[:sent])
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _try(self, body: bytes) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.proxy.forward(self.command, self.path, dict(self.headers.items()), body)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.turn(self.command, self.path)
        if fault == "restart during":
            threading.Thread(target=self._try, args=(body,), daemon=True).start()
            time.sleep(self.proxy.pause)
        if fault in ("restart before", "restart during", "meanwhile"):
            self.proxy.meanwhile()
        passed = fault in PASSED
        for _ in range(2 if fault == "twice" else passed):
            answer = self.proxy.forward(self.command, self.path, dict(self.headers.items()), body)
        if fault == "restart after":
            self.proxy.meanwhile()
        if fault == "delay":
            time.sleep(PATIENCE * 2)
        if fault.startswith(("cut", "restart")):
            self._cut()
        elif fault == "truncated":
            self._give(answer, len(answer[2]) // 2)
            self._cut()
        elif fault == "shortened":
            self._give(shortened(answer))
        elif fault == "429":
            self._give(plain(429, Retry_After="1"))
        else:
            self._give(answer if passed and fault != "500 after" else plain(int(fault.split()[0])))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that hung up is the point."""


@contextmanager
def proxy_to(upstream: str) -> Iterator[Proxy]:
    """Run a proxy in front of a server until the block ends."""
    proxy = Proxy(upstream)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    proxy.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
