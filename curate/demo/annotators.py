"""Two people at work: they sign up with the invitation and submit their readings in sessions of their own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curate.errors import ServerError
from curate.labelstudio import accounts

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Annotator:
    """Somebody signed in: a session with its cookies."""

    email: str
    session: httpx.Client


def sign_up(invite_url: str, email: str) -> Annotator:
    """Sign up by the invitation, as the form in the browser does. Raises ServerError when that is refused."""
    return Annotator(email, accounts.sign_up(invite_url, email, secrets.token_urlsafe(18)))


def tasks_of(annotator: Annotator, url: str, project: int) -> dict[str, int]:
    """Look up the tasks of a project by article id."""
    query: dict[str, Any] = {
        "project": project,
        "fields": "task_only",
        "include": "id,data",
        "page_size": 100,
    }
    answer = annotator.session.get(f"{url}/api/tasks", params=query)
    answer.raise_for_status()
    return {task["data"]["article_id"]: task["id"] for task in answer.json()["tasks"]}


def submit(annotator: Annotator, url: str, task: int, result: Iterable[dict[str, Any]]) -> int:
    """Submit one annotation and give its id."""
    answer = annotator.session.post(
        f"{url}/api/tasks/{task}/annotations/",
        json={"result": list(result), "was_cancelled": False, "lead_time": 60.0},
        headers={"X-CSRFToken": annotator.session.cookies["csrftoken"], "Referer": url},
    )
    if answer.status_code != 201:
        raise ServerError(f"{url}: task {task} refused an annotation ({answer.status_code}).", "Try again.")
    return int(answer.json()["id"])
