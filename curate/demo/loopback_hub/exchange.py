"""What is asked of a loopback Hub and what it answers, and who may ask."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from email.message import Message

from curate.demo.loopback_hub.keeping import Commit, Repository, State


@dataclass(frozen=True)
class Request:
    """One request: `parts` are the named groups of its route, `origin` is the url the client has for us."""

    parts: dict[str, str]
    query: dict[str, list[str]]
    headers: Message
    body: bytes
    origin: str


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    body: bytes
    headers: dict[str, str]


class Refusal(Exception):
    """A request the Hub would refuse, with the status and the error code that the clients look at."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def json_answer(value: object, status: int = 200, content_type: str = "application/json") -> Answer:
    """Return a value as a JSON answer."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": content_type})


def refusal_answer(refusal: Refusal) -> Answer:
    """Return a refusal in the form the clients turn into their exceptions."""
    answer = json_answer({"error": refusal.message}, refusal.status)
    answer.headers["X-Error-Message"] = refusal.message.encode("ascii", "replace").decode()
    if refusal.code:
        answer.headers["X-Error-Code"] = refusal.code
    return answer


def caller_of(state: State, request: Request) -> tuple[str, str] | None:
    """Return name and role of who asks, None if nobody says. Raises Refusal 401 for an unknown token."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    caller = state.tokens.get(header.removeprefix("Bearer "))
    if caller is None:
        raise Refusal(401, "Invalid credentials in Authorization header")
    return caller


def known_caller(state: State, request: Request) -> tuple[str, str]:
    """Return name and role of who asks. Raises Refusal 401 if nobody says or the token is unknown."""
    caller = caller_of(state, request)
    if caller is None:
        raise Refusal(401, "Invalid username or password.")
    return caller


def check_may_write(caller: tuple[str, str], namespace: str) -> None:
    """Raise Refusal 403 unless the caller's token may write and the namespace is the caller's own."""
    name, role = caller
    if role != "write" or name != namespace:
        reason = f"{name} with a {role} token" if name == namespace else name
        raise Refusal(403, f'You don\'t have the rights to write under the namespace "{namespace}": {reason}')


def readable_repository(state: State, request: Request) -> Repository:
    """Return the repository asked for. A private one is absent for everybody but its owner."""
    caller = caller_of(state, request)
    repository = state.repositories.get(request.parts["repository"])
    if repository and (not repository.private or (caller and caller[0] == repository.id.split("/")[0])):
        return repository
    if caller is None:
        raise Refusal(401, "Invalid username or password.")
    raise Refusal(404, "Repository not found", "RepoNotFound")


def writable_repository(state: State, request: Request) -> Repository:
    """Return the repository asked for, if the caller may write to it."""
    caller = known_caller(state, request)
    repository = readable_repository(state, request)
    check_may_write(caller, repository.id.split("/")[0])
    return repository


def commit_at(repository: Repository, revision: str) -> Commit:
    """Return the commit a branch, tag, pull request or commit id stands for. Raises Refusal 404 RevisionNotFound."""
    if revision.removeprefix("refs/heads/") == "main":
        return repository.commits[-1]
    proposed = [pull.commits for pull in repository.pulls]
    for pull in repository.pulls:
        if revision == f"refs/pr/{pull.number}":
            return pull.commits[-1]
    oid = repository.tags.get(revision.removeprefix("refs/tags/"), revision)
    for commit in [*repository.commits, *itertools.chain.from_iterable(proposed)]:
        if commit.oid == oid:
            return commit
    raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def is_asked(request: Request, option: str) -> bool:
    """Tell whether an option of the query is switched on."""
    return request.query.get(option, ["false"])[0].lower() in ("true", "1")
