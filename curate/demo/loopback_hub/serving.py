"""The routes of a loopback Hub, its planned faults, and the server."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from curate.demo.loopback_hub import reading, repositories, writing
from curate.demo.loopback_hub.exchange import Answer, Refusal, Request, json_answer, refusal_answer
from curate.demo.loopback_hub.keeping import Fault, Line, State, load_repositories
from curate.errors import HubError

DEFAULT_TOKENS: Mapping[str, tuple[str, str]] = MappingProxyType({"hf_loopback": ("demo", "write")})

Handler = Callable[[State, Request], Answer]

REPOSITORY = r"(?P<repository>[^/]+/[^/]+?)"
DATASET = f"/api/datasets/{REPOSITORY}"
LFS = rf"/datasets/{REPOSITORY}\.git/info/lfs"
REVISION = r"(?P<revision>[^/]+)"
PATH = r"(?P<path>.+)"

ROUTES: list[tuple[str, re.Pattern[str], Handler]] = [
    ("GET", re.compile("/api/whoami-v2"), repositories.tell_caller),
    ("POST", re.compile("/api/repos/create"), repositories.create_repository),
    ("POST", re.compile("/api/validate-yaml"), writing.validate_card),
    ("GET", re.compile(f"{DATASET}(?:/revision/{REVISION})?"), repositories.describe_repository),
    ("POST", re.compile(f"{DATASET}/preupload/{REVISION}"), writing.plan_upload),
    ("POST", re.compile(f"{LFS}/objects/batch"), writing.plan_lfs_upload),
    ("PUT", re.compile("/lfs/(?P<sha256>[0-9a-f]{64})"), writing.receive_lfs_object),
    ("POST", re.compile(f"{LFS}/verify"), writing.verify_lfs_object),
    ("POST", re.compile(f"{DATASET}/commit/{REVISION}"), writing.receive_commit),
    ("GET", re.compile(f"{DATASET}/tree/{REVISION}(?:/{PATH})?"), reading.list_tree),
    ("POST", re.compile(f"{DATASET}/paths-info/{REVISION}"), reading.describe_paths),
    ("GET", re.compile(f"{DATASET}/refs"), reading.list_refs),
    ("GET", re.compile(f"{DATASET}/commits/{REVISION}"), reading.list_commits),
    ("GET", re.compile(f"{DATASET}/discussions"), reading.list_pull_requests),
    ("POST", re.compile(f"{DATASET}/discussions/(?P<number>[0-9]+)/merge"), writing.merge_pull_request),
    ("POST", re.compile(f"{DATASET}/tag/{REVISION}"), writing.create_tag),
    ("DELETE", re.compile(f"{DATASET}/tag/(?P<tag>[^/]+)"), writing.delete_tag),
    ("GET", re.compile(f"/datasets/{REPOSITORY}/resolve/{REVISION}/{PATH}"), reading.send_file),
]


def answer_request(state: State, method: str, target: str, headers: Message, body: bytes) -> tuple[Answer, Line]:
    """Answer one request: by a fault that waits for it, else by its route; and say how it reaches the client."""
    with state.lock:
        state.requests.append((method, target))
        fault = take_fault(state, method, target)
    if fault and fault.on_hit:
        fault.on_hit()  # without the lock: it may itself ask this server
    if fault and not fault.carried_out and (fault.status or fault.line == "cut"):
        return injected_answer(fault), fault.line
    with state.lock:
        try:
            answer = route_request(state, method, target, headers, body)
        except Refusal as refusal:
            answer = refusal_answer(refusal)
    if fault and fault.status:
        return injected_answer(fault), fault.line
    return answer, fault.line if fault else "whole"


def injected_answer(fault: Fault) -> Answer:
    """Return the refusal a fault stands for."""
    answer = json_answer({"error": f"injected {fault.status}"}, fault.status or 500)
    return Answer(answer.status, answer.body, {**answer.headers, **fault.headers})


def take_fault(state: State, method: str, target: str) -> Fault | None:
    """Return the first fault that still waits for such a request, used once more."""
    for fault in state.faults:
        if fault.times > 0 and fault.method in (method, "*") and re.search(fault.pattern, target):
            fault.times -= 1
            return fault
    return None


def route_request(state: State, method: str, target: str, headers: Message, body: bytes) -> Answer:
    """Hand a request to the handler of its route. Raises Refusal 404 if it has none."""
    url = urlsplit(target)
    for route_method, pattern, handler in ROUTES:
        match = pattern.fullmatch(url.path)
        if match and route_method == ("GET" if method == "HEAD" else method):
            parts = {name: unquote(part) for name, part in match.groupdict().items() if part is not None}
            query = parse_qs(url.query, keep_blank_values=True)
            return handler(state, Request(parts, query, headers, body, f"http://{headers['Host']}"))
    raise Refusal(404, f"This server has no route for {method} {url.path}")


def handler_for(state: State) -> type[BaseHTTPRequestHandler]:
    """Return the class http.server makes an object of for each connection."""

    class RequestHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the requests are kept in the state."""

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            line: Line = "whole"
            try:
                answer, line = answer_request(state, self.command, self.path, self.headers, body)
            except Exception as error:  # noqa: BLE001 - a bug here must reach the client as a 500
                traceback.print_exc()
                answer = json_answer({"error": repr(error)}, 500)
            if line == "cut":
                self.close_connection = True
            else:
                self.send_answer(answer, short=line == "short")

        def send_answer(self, answer: Answer, short: bool) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            # Or a stopped server would go on answering clients that keep their connection.
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: len(answer.body) // 2] if short else answer.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    return RequestHandler


@dataclass(frozen=True)
class LoopbackHub:
    """A running server: where it is, a token that it knows, and what it has been asked."""

    url: str
    token: str
    state: State
    server: ThreadingHTTPServer

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path (with query) of every request so far, in order of arrival."""
        return list(self.state.requests)

    def inject(
        self,
        method: str,
        pattern: str,
        status: int | None,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        on_hit: Callable[[], None] | None = None,
        carried_out: bool = False,
        line: Line = "whole",
    ) -> None:
        """Let the next `times` requests of this method (or `*`) fail whose path the pattern is found in.

        `on_hit` is called before the answer, and may itself ask this server; with the status None the
        request is then answered as usual. `carried_out` does what is asked and only then answers with the
        status. `line` cuts the connection without an answer, or breaks the answer off half-way (short).
        """
        fault = Fault(method, pattern, status, times, dict(headers or {}), on_hit, carried_out, line)
        with self.state.lock:
            self.state.faults.append(fault)

    def stop(self) -> None:
        """Stop serving and free the port."""
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def start(
    folder: Path | None = None, *, port: int = 0, tokens: Mapping[str, tuple[str, str]] = DEFAULT_TOKENS
) -> LoopbackHub:
    """Serve a Hub on 127.0.0.1 from a thread, and return it.

    `folder` keeps what is uploaded (None: in memory only); it belongs to one server at a time. Port 0 takes a
    free one. `tokens` maps each token to a user's name and `read` or `write`; `.token` is the first of them.
    Raises HubError if the folder holds something else or the port is taken.
    """
    state = State(folder, dict(tokens), load_repositories(folder) if folder else {})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler_for(state))
    except OSError as error:
        fix = "Choose another port, or 0 for a free one."
        raise HubError(f"Port {port} of 127.0.0.1 can't be used: {error}", fix) from error
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return LoopbackHub(f"http://127.0.0.1:{server.server_port}", next(iter(tokens)), state, server)
