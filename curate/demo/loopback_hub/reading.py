"""Everything that can be read of a loopback Hub."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from curate.demo.loopback_hub.exchange import (
    Answer,
    Refusal,
    Request,
    commit_at,
    is_asked,
    json_answer,
    readable_repository,
    refusal_answer,
)
from curate.demo.loopback_hub.keeping import State, StoredFile, content_key, find_content, lfs_pointer, part_of


def describe_entry(files: dict[str, StoredFile], path: str) -> dict[str, Any] | None:
    """Describe the file or folder at a path, None if there is neither."""
    part = part_of(files, path)
    if not part:
        return None
    if path not in part:
        return {"type": "directory", "oid": folder_id(part), "size": 0, "path": path}
    file = part[path]
    entry: dict[str, Any] = {"type": "file", "oid": file.oid, "size": file.size, "path": path}
    if file.sha256:
        pointer = len(lfs_pointer(file.sha256, file.size))
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": pointer}
    return entry


def folder_id(part: dict[str, StoredFile]) -> str:
    """Return an id that changes with anything in a folder (git's own needs modes, which nobody sends)."""
    listing = json.dumps(sorted((path, file.oid) for path, file in part.items()))
    return hashlib.sha1(listing.encode(), usedforsecurity=False).hexdigest()


def list_tree(state: State, request: Request) -> Answer:
    """List the files and folders in a folder, or everything below it."""
    files = commit_at(readable_repository(state, request), request.parts["revision"]).files
    folder = request.parts.get("path", "").strip("/")
    prefix = f"{folder}/" if folder else ""
    names = [path.removeprefix(prefix) for path in files if path.startswith(prefix)]
    if folder and not names:
        raise Refusal(404, f"{folder} does not exist on {request.parts['revision']}", "EntryNotFound")
    found = entry_names(names, is_asked(request, "recursive"))
    return json_answer([describe_entry(files, prefix + name) for name in found])


def entry_names(names: Iterable[str], recursive: bool) -> list[str]:
    """Return the files and folders that file names make: those at the top, or all of them."""
    found: set[str] = set()
    for name in names:
        parts = name.split("/")
        found.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1 if recursive else 2))
    return sorted(found)


def describe_paths(state: State, request: Request) -> Answer:
    """Describe the files and folders asked for by path; what is not there is left out."""
    files = commit_at(readable_repository(state, request), request.parts["revision"]).files
    paths = parse_qs(request.body.decode()).get("paths", [])
    entries = [describe_entry(files, path.strip("/")) for path in paths]
    return json_answer([entry for entry in entries if entry])


def list_refs(state: State, request: Request) -> Answer:
    """List `main` and the tags with their commits."""
    repository = readable_repository(state, request)
    branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commits[-1].oid}
    tags = [{"name": name, "ref": f"refs/tags/{name}", "targetCommit": oid} for name, oid in repository.tags.items()]
    return json_answer({"branches": [branch], "tags": tags, "converts": []})


def list_pull_requests(state: State, request: Request) -> Answer:
    """List the pull requests, the newest first; those of a status, if the client asks so."""
    repository = readable_repository(state, request)
    wanted = request.query.get("status", ["all"])[0]
    rows = [
        {
            "num": pull.number,
            "title": pull.title,
            "status": pull.status,
            "author": {"name": pull.author},
            "isPullRequest": True,
            "createdAt": pull.commits[0].date,
            "repo": {"name": repository.id, "type": "dataset"},
        }
        for pull in reversed(repository.pulls)
        if wanted in ("all", pull.status)
    ]
    return json_answer({"discussions": rows, "count": len(rows), "start": 0})


def list_commits(state: State, request: Request) -> Answer:
    """List the commits up to a revision, newest first."""
    repository = readable_repository(state, request)
    last = repository.commits.index(commit_at(repository, request.parts["revision"]))
    rows = [
        {
            "id": commit.oid,
            "title": commit.title,
            "message": commit.description,
            "authors": [{"user": commit.author}],
            "date": commit.date,
        }
        for commit in repository.commits[last::-1]
    ]
    return json_answer(rows)


def send_file(state: State, request: Request) -> Answer:
    """Send a file, or the bytes of it that are asked for."""
    commit = commit_at(readable_repository(state, request), request.parts["revision"])
    file = commit.files.get(request.parts["path"])
    content = find_content(state, content_key(file)) if file else None
    if file is None or content is None:
        answer = refusal_answer(Refusal(404, "Entry not found", "EntryNotFound"))
        answer.headers["X-Repo-Commit"] = commit.oid
        return answer
    tag = f'"{content_key(file)}"'
    headers = {"X-Repo-Commit": commit.oid, "ETag": tag, "Content-Type": "application/octet-stream"}
    headers["Accept-Ranges"] = "bytes"
    if file.sha256:
        headers |= {"X-Linked-Etag": tag, "X-Linked-Size": str(file.size)}
    return cut_to_range(Answer(200, content, headers), request.headers.get("Range"))


def cut_to_range(answer: Answer, wanted: str | None) -> Answer:
    """Return the part of an answer that a Range header of one range asks for; any other header is ignored."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted or "")
    if match is None or match.group() == "bytes=-":
        return answer
    first, last, size = match[1], match[2], len(answer.body)
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        return Answer(416, b"", {**answer.headers, "Content-Range": f"bytes */{size}"})
    headers = {**answer.headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"}
    return Answer(206, answer.body[start:end], headers)
