"""Where a project's own server listens, under which names it is reached, and what it gets to know."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from curate.errors import ServerError, UsageError
from curate.labelstudio.folder import Credentials, server_folder

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- listened on only where the user names it
PORTS = range(20000, 32000)
PORT_PATIENCE = 30

# The last two decide whether the same interpreter finds the packages that we found.
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Listening:
    """An address of this machine to listen on, and what people open where that is another (else empty)."""

    host: str = LOOPBACK
    public_url: str = ""

    def reached_at(self, port: int) -> str:
        """Give the address by which this machine itself reaches the server."""
        return f"http://{LOOPBACK if self.host == EVERYWHERE else self.host}:{port}"


def listening(host: str, public_url: str) -> Listening:
    """Check where to listen and what people open.

    Raises UsageError where ``host`` is no IPv4 address of this machine, ``public_url`` is more than scheme, name and
    port, or nothing says by which name a server on every address is reached.
    """
    try:
        address = str(ipaddress.IPv4Address(LOOPBACK if host == "localhost" else host))
    except ValueError:
        raise UsageError(
            f"--host {host}: no IPv4 address.",
            "Name one of this machine (ip address lists them, on macOS ifconfig), or 0.0.0.0.",
        ) from None
    if not is_free(address, 0):
        raise UsageError(
            f"--host {host}: no address of this machine.", "ip address lists those it has, on macOS ifconfig."
        )
    if public_url:
        public_url = _checked_public(public_url)
    elif address == EVERYWHERE:
        raise UsageError(
            "--host 0.0.0.0: listens on every address, but under which name do people come?",
            "Add --port PORT --public-url http://NAME:PORT",
        )
    return Listening(address, public_url)


def _checked_public(url: str) -> str:
    try:
        parts = urlsplit(url.rstrip("/"))
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = None
    if not plain or parts.username or parts.path or parts.query or parts.fragment or "," in url:
        raise UsageError(
            "--public-url: only scheme, name and port can stand there.", "Such as https://labels.example.org"
        )
    return f"{parts.scheme}://{parts.netloc}"


def exposure(host: str, public_url: str) -> list[str]:
    """Say what others can do to a server that is reached from beyond this machine; empty for one that isn't."""
    if ipaddress.IPv4Address(host or LOOPBACK).is_loopback and not public_url:
        return []
    lines = [
        f"It listens on {host}: other machines reach it"
        if not ipaddress.IPv4Address(host).is_loopback
        else f"It listens on {host} and answers to {public_url}",
        "Whoever is signed in can open, change and delete every project: give the link only to people you trust",
    ]
    if not public_url.startswith("https://"):
        lines.append("Plain http: passwords and texts can be read on the way; put a proxy with https before it")
    return lines


def choose_port(asked: int, last_url: str, host: str = LOOPBACK) -> int:
    """Give the port asked for, else the last one so that links stay good, else any free one.

    Raises ServerError when the port asked for, or every one tried, is taken.
    """
    if asked:
        if not is_free(host, asked):
            raise ServerError(
                f"port {asked} on {host} is taken or not allowed",
                "choose another port, or none to get a free one",
            )
        return asked
    last = urlsplit(last_url).port if last_url else None
    # A server that was just killed lets go of its port a moment after it counts as dead.
    for _ in range(PORT_PATIENCE if last else 0):
        if last and is_free(host, last):
            return last
        time.sleep(0.1)
    # Below the range from which outgoing connections get theirs, so that the port is still free next time.
    for _ in range(100):
        port = PORTS[secrets.randbelow(len(PORTS))]
        if is_free(host, port):
            return port
    raise ServerError(f"no free port found on {host}", "name one: curate server start --port 8080")


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there; port 0 asks for the address alone."""
    with socket.socket() as attempt:
        # As Label Studio's own server does; else a port just left counts as taken for a minute.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
        return True


def environment(folder: Path, credentials: Credentials, where: Listening) -> dict[str, str]:
    """Make the server's environment: the user's basics, our account, its names, and no reason to call anywhere."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    return (
        kept
        | {
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "LABEL_STUDIO_BASE_DATA_DIR": str(server_folder(folder) / "data"),
            "LABEL_STUDIO_USERNAME": credentials.email,
            "LABEL_STUDIO_PASSWORD": credentials.password,
            "LABEL_STUDIO_USER_TOKEN": credentials.api_key,
            # Only heeded when the organization is made, at the first start.
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "DISABLE_SIGNUP_WITHOUT_LINK": "true",
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
        }
        | _names(where)
    )


def _names(where: Listening) -> dict[str, str]:
    """Say which names the server answers to, and which pages it takes forms from.

    Its own HOST setting stays unset: with it the page asks that address alone, whatever name it was opened under.
    """
    public = urlsplit(where.public_url)
    names = {LOOPBACK, "localhost", where.host, public.hostname or LOOPBACK} - {EVERYWHERE}
    found = {"ALLOWED_HOSTS": ",".join(sorted(names))}
    if where.public_url:
        found["CSRF_TRUSTED_ORIGINS"] = where.public_url
    if public.scheme == "https":
        # The page reads the cookie against forged forms, so that one stays readable.
        found |= {"SESSION_COOKIE_SECURE": "1", "CSRF_COOKIE_HTTPONLY": "0"}
    return found
