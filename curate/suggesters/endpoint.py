"""An endpoint that speaks OpenAI's chat completions: asked several things at once, and patiently."""

from __future__ import annotations

import json
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from curate.errors import ServerError
from curate.records import canonical_json

if TYPE_CHECKING:
    import httpx

TRIES = 5
LONGEST_WAIT = 300.0
"""Seconds; an endpoint that wants to be asked later than this is not waited for."""
GIVE_UP = 20
"""After so many questions in a row that came to nothing no further one is asked."""
PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}
"""The answers after which the same question may be answered."""


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked; ``timeout`` is for each answer, ``pause`` the first wait before asking again, in seconds.

    ``concurrency`` is how many questions may be open at once.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    concurrency: int = 4
    timeout: float = 120.0
    pause: float = 1.0


@dataclass(frozen=True)
class Reply:
    """The body of an answer, or why there is none; ``lasting`` if asking again would come to the same."""

    body: bytes = b""
    failure: str = ""
    lasting: bool = True


def ask(endpoint: Endpoint, questions: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, Reply]]:
    """Ask each question and give the replies by name as they come.

    What may pass (busy, away for a moment, no answer in time) is asked again up to 5 times, as late as the endpoint
    wants or after waits that double. Raises ServerError where no question can be answered: the endpoint is not
    there, refuses the key, doesn't know the model, or leaves 20 in a row unanswered.
    """
    import httpx

    headers = {"Content-Type": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    failed = 0
    with httpx.Client(timeout=endpoint.timeout, headers=headers) as http:
        for name, reply in _in_parallel(
            lambda question, stop: _ask_one(http, endpoint, canonical_json(question), stop),
            questions,
            endpoint.concurrency,
        ):
            yield name, reply
            failed = 0 if reply.lasting else failed + 1
            if failed == GIVE_UP:
                raise ServerError(
                    f"{endpoint.url}: {failed} questions in a row went unanswered, the last one: {reply.failure}.",
                    "Look after the server and run the command again; what was answered is not asked again.",
                )


def _in_parallel(
    answer: Callable[[dict[str, Any], threading.Event], Reply], questions: Mapping[str, dict[str, Any]], size: int
) -> Iterator[tuple[str, Reply]]:
    """Have so many threads answer the questions; give the replies as they come, and raise what a thread raised.

    Whatever ends this early leaves the threads to themselves: they may wait long for an answer that nobody needs.
    """
    stop, turn, waiting = threading.Event(), threading.Lock(), iter(questions.items())
    replies: queue.SimpleQueue[tuple[str, Reply | Exception]] = queue.SimpleQueue()

    def work() -> None:
        while not stop.is_set():
            with turn:
                name, question = next(waiting, ("", None))
            if question is None:
                return
            try:
                replies.put((name, answer(question, stop)))
            except Exception as error:  # noqa: BLE001 - it is raised where the replies are awaited
                replies.put((name, error))

    for _ in range(min(size, len(questions))):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _ in questions:
            name, reply = replies.get()
            if isinstance(reply, Exception):
                raise reply
            yield name, reply
    finally:
        stop.set()


def _ask_one(http: httpx.Client, endpoint: Endpoint, question: bytes, stop: threading.Event) -> Reply:
    import httpx

    reply, pause = Reply(failure="failed", lasting=False), endpoint.pause
    for number in range(TRIES):
        if number and stop.wait(pause):
            return reply
        later = 0.0
        try:
            answer = http.post(f"{endpoint.url.rstrip('/')}/chat/completions", content=question)
        except httpx.TimeoutException:
            reply = Reply(failure="timeout", lasting=False)
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ServerError(
                f"{endpoint.url}: the model can't be reached ({type(error).__name__}).",
                "Start it, or check url under [suggest] in curate.toml.",
            ) from None
        except httpx.HTTPError:
            reply = Reply(failure="server-error", lasting=False)
        else:
            if answer.status_code not in PASSING:
                return _read(answer, endpoint)
            reply = Reply(failure="rate-limited" if answer.status_code == 429 else "server-error", lasting=False)
            later = _retry_after(answer)
            if later > LONGEST_WAIT:
                return reply
        pause = max(later, endpoint.pause * 2**number)
    return reply


def _read(answer: httpx.Response, endpoint: Endpoint) -> Reply:
    """Tell what an answer that is final comes to."""
    status, code = answer.status_code, _code(answer.content)
    if status == 200:
        return Reply(answer.content)
    if status == 413 or "context_length" in code or "too_large" in code or "string_above_max" in code:
        return Reply(failure="too-long")
    if "content_filter" in code or "content_policy" in code:
        return Reply(failure="refused")
    fixes = {
        401: "Set CURATE_SUGGEST_API_KEY, or key_file under [suggest] in curate.toml.",
        403: "Use a key that may use this model.",
        404: "Check url and model under [suggest] in curate.toml; the url usually ends in /v1.",
    }
    fix = fixes.get(status, "Check [suggest] in curate.toml; the server's own log may say more.")
    why = _message(answer, endpoint.key)
    raise ServerError(f"{endpoint.url}: {endpoint.model} refuses to be asked ({status}: {why}).", fix)


def _code(content: bytes) -> str:
    """Find the code of an error, as OpenAI and those who follow it give one."""
    try:
        error = json.loads(content)["error"]
        return f"{error.get('code')} {error.get('type')}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def _message(answer: httpx.Response, key: str | None) -> str:
    """Say in one short line why a question was refused; it may echo whole articles, and the key."""
    try:
        said = json.loads(answer.content)["error"]["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        said = answer.reason_phrase
    said = str(said).replace(key, "...") if key else str(said)
    return " ".join(said.split())[:160]


def _retry_after(answer: httpx.Response) -> float:
    """Give the seconds that an endpoint asks to wait; 0 where it doesn't say, or not in numbers or a date."""
    said = answer.headers.get("Retry-After", "")
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", said, re.ASCII):
        return float(said)
    try:
        return max((parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
