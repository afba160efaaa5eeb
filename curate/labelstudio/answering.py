"""What a project's own server answers, asked with nothing but the standard library and past any proxy."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin
from urllib.request import ProxyHandler, Request, build_opener

from curate.labelstudio.folder import Credentials


def ask(url: str, path: str, api_key: str) -> dict[str, Any]:
    """GET an object from the server; raises OSError, HTTPException or ValueError."""
    request = Request(urljoin(url, path), headers={"Authorization": f"Token {api_key}"})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        found = json.loads(answer.read())
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def not_ours(url: str, credentials: Credentials) -> str:
    """Say why the server at ``url`` doesn't pass for ours; empty when it knows our token as our account."""
    try:
        email = ask(url, "/api/current-user/whoami", credentials.api_key).get("email")
    except (OSError, HTTPException, ValueError) as error:
        return f"{url} does not take our token ({error})"
    return "" if email == credentials.email else f"{url} takes our token for another account"


def invite_url(url: str, credentials: Credentials) -> str | None:
    """Give the link by which annotators sign up, as they reach it; None when the server gives no answer."""
    try:
        path = ask(url, "/api/invite", credentials.api_key).get("invite_url")
    except (OSError, HTTPException, ValueError):
        return None
    return urljoin(credentials.public_url or url, path) if isinstance(path, str) else None
