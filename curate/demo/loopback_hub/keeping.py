"""What a loopback Hub keeps: repositories with their commits, and contents by hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from curate.errors import HubError

Line: TypeAlias = Literal["whole", "cut", "short"]
"""How an answer reaches the client: whole, not at all, or broken off in the middle of its body."""


@dataclass(frozen=True)
class StoredFile:
    """A file in a commit: git blob id (of the pointer, for LFS), size in bytes, sha256 if LFS keeps it."""

    oid: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class Commit:
    """A commit: its id, who made it when and why, and every file of the repository by path."""

    oid: str
    title: str
    description: str
    author: str
    date: str
    files: dict[str, StoredFile]


@dataclass
class PullRequest:
    """A pull request by its number: who opened it, whether it is open, merged or closed, and its commits."""

    number: int
    title: str
    author: str
    status: str
    commits: list[Commit]


@dataclass
class Repository:
    """A dataset repository: the commits of `main`, oldest first, the commit id of each tag, pull requests."""

    id: str
    private: bool
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)


@dataclass
class Fault:
    """A planned misbehaviour for the next `times` requests whose method and path match."""

    method: str
    pattern: str
    status: int | None
    times: int
    headers: dict[str, str]
    on_hit: Callable[[], None] | None
    carried_out: bool
    line: Line


@dataclass
class State:
    """Everything the server knows. Contents are kept by key in `blobs`, or under `folder` if there is one."""

    folder: Path | None
    tokens: Mapping[str, tuple[str, str]]
    repositories: dict[str, Repository] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def git_blob_id(content: bytes) -> str:
    """Return the id git gives a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def lfs_pointer(sha256: str, size: int) -> bytes:
    """Return the text git keeps in place of an LFS file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def content_key(file: StoredFile) -> str:
    """Return the key a file's content is kept under: sha256 for LFS, else the git blob id."""
    return file.sha256 or file.oid


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
        temporary.write(content)
    os.replace(temporary.name, path)


def keep_content(state: State, key: str, content: bytes) -> None:
    """Keep a content under its key."""
    if state.folder is None:
        state.blobs[key] = content
    else:
        write_whole(state.folder / "blobs" / key, content)


def find_content(state: State, key: str) -> bytes | None:
    """Return the content kept under a key, or None."""
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", key):  # clients send keys, which must not become paths
        return None
    if state.folder is None:
        return state.blobs.get(key)
    path = state.folder / "blobs" / key
    return path.read_bytes() if path.is_file() else None


def save_repositories(state: State) -> None:
    """Write every repository to `repositories.json`, if the state has a folder."""
    if state.folder is not None:
        rows = [asdict(repository) for repository in state.repositories.values()]
        write_whole(state.folder / "repositories.json", json.dumps(rows, indent=1).encode())


def load_repositories(folder: Path) -> dict[str, Repository]:
    """Read what `save_repositories` wrote, nothing from a new folder. Raises HubError if it can't be read."""
    path = folder / "repositories.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows = json.loads(path.read_bytes()) if path.exists() else []
        return {row["id"]: repository_from_row(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        fix = "Give an empty folder, or delete this one to start over."
        raise HubError(f"{path} is not what a loopback hub wrote: {error}", fix) from error


def repository_from_row(row: dict[str, Any]) -> Repository:
    """Return the repository that was written as this row."""
    pulls = [PullRequest(**{**pull, "commits": commits_from_rows(pull["commits"])}) for pull in row["pulls"]]
    return Repository(row["id"], row["private"], commits_from_rows(row["commits"]), row["tags"], pulls)


def commits_from_rows(rows: list[dict[str, Any]]) -> list[Commit]:
    """Return the commits that were written as these rows."""
    return [
        Commit(**{**row, "files": {path: StoredFile(**file) for path, file in row["files"].items()}}) for row in rows
    ]


def add_commit(
    repository: Repository, files: dict[str, StoredFile], title: str, description: str, author: str
) -> Commit:
    """Put a commit on top of `main` and return it."""
    commit = make_commit(repository, repository.commits, files, title, description, author)
    repository.commits.append(commit)
    return commit


def make_commit(
    repository: Repository,
    history: list[Commit],
    files: dict[str, StoredFile],
    title: str,
    description: str,
    author: str,
) -> Commit:
    """Return the commit that comes after a history. Its id follows from content and history, not the clock."""
    parent = history[-1].oid if history else None
    keys = sorted((path, file.oid) for path, file in files.items())
    identity = json.dumps([repository.id, parent, keys, title, description])
    oid = hashlib.sha1(identity.encode(), usedforsecurity=False).hexdigest()
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return Commit(oid, title, description, author, date, files)


def part_of(files: dict[str, StoredFile], path: str) -> dict[str, StoredFile]:
    """Return the file at a path, or the files below it."""
    return {name: file for name, file in files.items() if name == path or name.startswith(f"{path}/")}
