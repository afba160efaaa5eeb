"""A language model on loopback that answers as it is told to: well, late, wrongly, not at all."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Says:
    """One answer: what the model says (as JSON unless it is text), or another status; after so many seconds."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    finish: str = "stop"
    refusal: str | None = None
    after: float = 0.0
    hangs_up: bool = False

    def body(self) -> bytes:
        """Write it as the endpoint would."""
        if self.status != 200:
            return json.dumps({"error": self.error or {"message": "no", "code": None}}).encode()
        said = self.content if isinstance(self.content, str | None) else json.dumps(self.content)
        message = {"role": "assistant", "content": said, "refusal": self.refusal}
        return json.dumps({"choices": [{"message": message, "finish_reason": self.finish}]}).encode()


@dataclass
class Model:
    """What is answered about the article that holds certain words: one after the other, the last one for ever.

    ``asked`` counts the questions by those words, ``questions`` holds them, ``most`` is how many were open at once.
    """

    answers: dict[str, list[Says]]
    asked: Counter[str] = field(default_factory=Counter)
    questions: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    most: int = 0
    url: str = ""
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, headers: dict[str, str], question: dict[str, Any]) -> Says:
        """Take a question in and find its answer."""
        text = question["messages"][-1]["content"]
        words = next(one for one in self.answers if one in text)
        with self._lock:
            self.questions.append((headers, question))
            turn = min(self.asked[words], len(self.answers[words]) - 1)
            self.asked[words] += 1
            self._open += 1
            self.most = max(self.most, self._open)
        said = self.answers[words][turn]
        time.sleep(said.after)
        with self._lock:
            self._open -= 1
        return said


@contextmanager
def serving(answers: dict[str, list[Says]]) -> Iterator[Model]:
    """Serve a model on a free port of loopback; ``url`` is its address."""
    model = Model(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            if self.path != "/v1/chat/completions":
                self.send_error(404)
                return
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = model.answer(dict(self.headers), question)
            body = said.body()
            try:
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if said.hangs_up else body)
                self.close_connection = self.close_connection or said.hangs_up
            except ConnectionError:
                self.close_connection = True  # whoever asked didn't wait

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
