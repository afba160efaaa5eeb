"""A Label Studio that answers to our key: the only module that imports label_studio_sdk.

Only reading is tried again: a write that failed may have been carried out, so whoever wrote lists again.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from curate.errors import ServerError
from curate.labelstudio.asking import Asker
from curate.labelstudio.cursor import Clocks
from curate.settings import Credentials

if TYPE_CHECKING:
    import httpx
    from label_studio_sdk.client import LabelStudio

LOOKS = "Run the command again: it looks first."
CHECK_URL = "Check LABEL_STUDIO_URL, or `url` in curate.toml."
TIMEOUT = 600.0


@dataclass(frozen=True)
class Connection:
    """A Label Studio that answered to our key, first at the moment ``met``."""

    url: str
    http: Asker
    user: dict[str, Any]
    met: Clocks
    key: str = field(repr=False)

    @cached_property
    def sdk(self) -> LabelStudio:
        """What changes things there; reading does without, because it takes more than a second to load."""
        from label_studio_sdk.client import LabelStudio

        return LabelStudio(base_url=self.url, api_key=self.key, httpx_client=self.http.client, max_retries=0)


class FailingError(ServerError):
    """The server broke down over a request."""


class GoneError(ServerError):
    """A project or task that was there is gone."""


@contextlib.contextmanager
def errors_told(url: str, source: str = "the key", what: str = "", refused: str = LOOKS) -> Iterator[None]:
    """Turn what the SDK and its HTTP client raise into one clear message without headers or tokens.

    ``what`` is asked about or changed: where the server knows nothing of it, GoneError says so. ``refused`` says what
    to do where the server takes a change for a wrong one.
    """
    import httpx
    from label_studio_sdk.core.api_error import ApiError

    try:
        yield
    except ApiError as error:
        if error.status_code == 401:
            raise ServerError(
                f"{url}: Label Studio refuses the key (401) from {source}.", "Set the key of an account there."
            ) from None
        if error.status_code == 400:
            told = f"{url}: Label Studio refuses the change: {_reason(error.body)}"
            raise ServerError(told, refused) from None
        if error.status_code == 404 and what:
            fix = "Somebody may have deleted it: run the command again, and it looks anew."
            raise GoneError(f"{url}: {what} is not there (any more).", fix) from None
        if error.status_code in (200, 404):
            raise ServerError(f"{url}: this is no Label Studio, or not the one it was.", CHECK_URL) from None
        kind = FailingError if error.status_code == 500 else ServerError
        raise kind(
            f"{url}: Label Studio answered {error.status_code}: {_reason(error.body)}",
            "Run the command again.",
        ) from None
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise ServerError(f"{url}: an answer that Label Studio doesn't give ({error!r}).", CHECK_URL) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        late = " in time" if isinstance(error, httpx.ConnectTimeout) else ""
        raise ServerError(
            f"{url}: Label Studio can't be reached{late}.",
            "Start it: curate server start, or check LABEL_STUDIO_URL.",
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _interrupted(url, error) from None


def _interrupted(url: str, error: httpx.HTTPError | httpx.InvalidURL) -> ServerError:
    """Tell of a server that was there and fell silent: how, at which request, and what may have become of that."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        happened = "didn't answer in time"
    elif isinstance(error, httpx.NetworkError):
        happened = "broke off the connection"
    elif isinstance(error, httpx.RemoteProtocolError) and "message body" in str(error):
        happened = "closed the connection in the middle of its answer"
    elif isinstance(error, httpx.RemoteProtocolError) and "without sending a response" in str(error):
        happened = "closed the connection without an answer"
    else:
        return ServerError(f"{url}: an answer that Label Studio doesn't give ({type(error).__name__}).", CHECK_URL)
    method, path = error.request.method, error.request.url.path
    done = "That changed nothing" if method == "GET" else "It may have done so all the same"
    return ServerError(
        f"{url}: Label Studio {happened}, asked to {method} {path}.",
        f"{done}. See that it is up (curate server status), then run the command again: it looks first.",
    )


def _reason(body: Any) -> str:
    """Say in one short line why the server refused; it may echo whole articles."""
    if isinstance(body, dict):
        said = body.get("validation_errors") or body.get("detail") or "no reason given"
        while isinstance(said, dict | list) and said:
            said = next(iter(said.values())) if isinstance(said, dict) else said[0]
        text = " ".join(str(said).split())
    else:
        text = "an unexpected page instead of an answer"
    return text if len(text) < 160 else text[:157] + "..."


@contextlib.contextmanager
def connected(credentials: Credentials, *, timeout: float | None = None) -> Iterator[Connection]:
    """Connect for a while and learn who we are; ``timeout`` is for each answer, in seconds.

    Raises ServerError when the server is away, or when the key is refused.
    """
    httpx = _httpx()
    url = credentials.url
    with httpx.Client(timeout=timeout or TIMEOUT) as client:
        # Around the question alone: what fails while we are connected may be a fault of ours, which is told as it is.
        with errors_told(url, credentials.source):
            http = Asker(client, url, credentials.api_key)
            answer = _answer(http, "api/current-user/whoami")
            user = _decoded(url, answer.content)
            if not isinstance(user, dict) or "email" not in user:
                raise ServerError(f"{url}: this is no Label Studio.", CHECK_URL)
        met = Clocks(_dated(answer.headers.get_list("date")), datetime.now(UTC))
        yield Connection(url, http, user, met, credentials.api_key)


def _httpx() -> ModuleType:
    """Load httpx without its command line, which brings Click and Rich with it wherever they are installed."""
    line = "httpx._main"
    if "httpx" not in sys.modules:
        sys.modules[line] = None  # type: ignore[assignment]
    import httpx

    if sys.modules.get(line, httpx) is None:
        del sys.modules[line]
    return httpx


def _dated(headers: Iterable[str]) -> datetime | None:
    """Read when an answer was given; the earliest, where something between the server and us told it too."""
    from email.utils import parsedate_to_datetime

    try:
        return min((parsedate_to_datetime(header).astimezone(UTC) for header in headers), default=None)
    except ValueError:
        return None


def _answer(http: Asker, path: str, **query: Any) -> httpx.Response:
    from label_studio_sdk.core.api_error import ApiError

    response = http.ask(path, **query)
    if response.status_code != 200:
        body = response.json() if "json" in response.headers.get("content-type", "") else None
        raise ApiError(status_code=response.status_code, headers={}, body=body)
    return response


def read_bytes(connection: Connection, path: str, **query: Any) -> bytes:
    """Read what the server answers."""
    return bytes(_answer(connection.http, path, **query).content)


def read(connection: Connection, path: str, **query: Any) -> Any:
    """Read JSON. Raises ServerError where the answer is none."""
    return _decoded(connection.url, read_bytes(connection, path, **query))


def _decoded(url: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        raise ServerError(f"{url}: this is no Label Studio.", CHECK_URL) from None


def change(connection: Connection, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    """Ask once for a change that the SDK has no function for, or none that sends all of it."""
    from label_studio_sdk.core.api_error import ApiError

    answer = connection.http.send(method, path, body)
    if answer.status_code >= 300:
        raise ApiError(status_code=answer.status_code, headers={}, body=None)
