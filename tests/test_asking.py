"""Asking a Label Studio: with the right key, again where that is safe, as late as it wants."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from curate.labelstudio import asking
from curate.labelstudio.asking import Asker, _asked_for

TOKEN = "0" * 40
PERSONAL = "head.claims.mark"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, without waiting."""
    waits: list[float] = []
    monkeypatch.setattr(asking.time, "sleep", waits.append)
    return waits


def asker(answer: Callable[[httpx.Request], httpx.Response], key: str = TOKEN) -> Asker:
    return Asker(httpx.Client(transport=httpx.MockTransport(answer)), "http://127.0.0.1:9/there/", key)


def test_the_key_goes_with_every_request(slept: list[float]) -> None:
    """To the address below the one that was given."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    assert asker(answer).ask("api/users", page=2).json() == []
    asker(answer).send("POST", "api/things/", {"a": 1})
    assert [(one.method, str(one.url)) for one in seen] == [
        ("GET", "http://127.0.0.1:9/there/api/users?page=2"),
        ("POST", "http://127.0.0.1:9/there/api/things/"),
    ]
    assert [one.headers["authorization"] for one in seen] == [f"Token {TOKEN}"] * 2
    assert json.loads(seen[1].content) == {"a": 1}
    assert slept == []


def test_a_personal_access_token_is_changed_when_its_time_is_over() -> None:
    """For another one each time that the server refuses the last; what is refused at once is told as it is."""
    living: set[str] = set()
    given = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal given
        if request.url.path.endswith("/token/refresh/"):
            assert json.loads(request.content) == {"refresh": PERSONAL}
            given += 1
            living.add(f"Bearer access{given}")
            return httpx.Response(200, json={"access": f"access{given}"})
        return httpx.Response(200 if request.headers["authorization"] in living else 401)

    client = asker(answer, PERSONAL)
    assert [client.ask("a").status_code, client.send("POST", "b", {}).status_code, given] == [200, 200, 1]
    living.clear()
    assert [client.send("POST", "b", {}).status_code, client.ask("a").status_code, given] == [200, 200, 2]
    assert asker(lambda _: httpx.Response(401), PERSONAL).ask("a").status_code == 401


def test_a_key_that_is_refused_is_not_tried_again() -> None:
    """There is no other one to try, whether something is asked or changed."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(401)

    client = asker(answer)
    assert [client.ask("a").status_code, client.send("POST", "b", {}).status_code, asked] == [401, 401, ["GET", "POST"]]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_busy_server_is_asked_three_times(status: int, slept: list[float]) -> None:
    """A change is sent once, whatever the answer."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(status)

    assert asker(answer).ask("a").status_code == status
    assert asker(answer).send("POST", "a", None).status_code == status
    assert asked == ["GET", "GET", "GET", "POST"]
    assert slept == [1, 2]


def test_a_connection_that_breaks_is_made_again(slept: list[float]) -> None:
    """Twice; what goes on breaking is told, and so is a change at once."""
    met = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal met
        met += 1
        if met % 3:
            raise httpx.ConnectError("gone")
        return httpx.Response(200)

    client = asker(answer)
    assert client.ask("a").status_code == 200
    with pytest.raises(httpx.ConnectError):
        client.send("POST", "a", {})
    assert met == 4
    met = 0

    def never(request: httpx.Request) -> httpx.Response:
        nonlocal met
        met += 1
        raise httpx.RemoteProtocolError("cut")

    with pytest.raises(httpx.RemoteProtocolError):
        asker(never).ask("a")
    assert (met, slept) == (3, [1, 2, 1, 2])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 7),
        ("soon", 7),
        ("3", 3),
        ("9000", 60),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10),
        ("Thu, 01 Jan 1970 00:16:30 GMT", 0),
    ],
)
def test_the_server_says_when_to_ask_again(header: str, seconds: float) -> None:
    """In seconds or by a date; a minute at most."""
    assert _asked_for(header, 7, lambda: 1000.0) == seconds
