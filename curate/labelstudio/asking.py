"""HTTP to a Label Studio, with our key in every request: what reading takes, without the SDK's second of loading."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

AGAIN = 2
"""How often a question is asked again."""
BUSY = (408, 409, 429)
PATIENCE = 60.0
"""Seconds that we wait at most before asking again, however long the server asks us to."""


class Asker:
    """Asks one server. A personal access token is changed for one that lives five minutes, as often as that takes."""

    def __init__(self, client: httpx.Client, url: str, key: str) -> None:
        self.client = client
        self._url, self._key = url.rstrip("/"), key
        self._access = ""

    def ask(self, path: str, **query: Any) -> httpx.Response:
        """Ask for something; again where the connection breaks or the server is busy, as late as it asks for."""
        import httpx

        for attempt in range(AGAIN):
            try:
                answer = self._send("GET", path, params=query)
            except (httpx.ConnectError, httpx.RemoteProtocolError):
                time.sleep(2.0**attempt)
                continue
            if answer.status_code < 500 and answer.status_code not in BUSY:
                return answer
            time.sleep(_asked_for(answer.headers.get("retry-after", ""), 2.0**attempt))
        return self._send("GET", path, params=query)

    def send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """Ask for a change, once."""
        return self._send(method, path, json=body)

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        def sent() -> httpx.Response:
            return self.client.request(method, f"{self._url}/{path}", headers=self._headers(), **content)

        answer = sent()
        if answer.status_code == 401 and self._access:
            # Refused before anything was done: it has lived its time.
            self._access = ""
            answer = sent()
        return answer

    def _headers(self) -> dict[str, str]:
        if self._key.count(".") != 2:
            return {"Authorization": f"Token {self._key}"}
        if not self._access:
            answer = self.client.post(f"{self._url}/api/token/refresh/", json={"refresh": self._key})
            # What is refused here will be refused there, which is where it is told.
            self._access = answer.json()["access"] if answer.status_code == 200 else self._key
        return {"Authorization": f"Bearer {self._access}"}


def _asked_for(header: str, otherwise: float, now: Callable[[], float] = time.time) -> float:
    """Read how many seconds a server wants us to wait: a number of them, or a date."""
    if header.isdecimal():
        return min(float(header), PATIENCE)
    try:
        moment = email.utils.parsedate_to_datetime(header).timestamp()
    except ValueError:
        return otherwise
    return min(max(moment - now(), 0.0), PATIENCE)
