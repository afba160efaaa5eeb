"""People and repositories of a loopback Hub."""

from __future__ import annotations

import json
from typing import Any

from curate.demo.loopback_hub.exchange import (
    Answer,
    Refusal,
    Request,
    check_may_write,
    commit_at,
    is_asked,
    json_answer,
    known_caller,
    readable_repository,
)
from curate.demo.loopback_hub.keeping import Repository, State, StoredFile, add_commit, lfs_pointer, save_repositories
from curate.demo.loopback_hub.writing import LFS_SUFFIXES, keep_regular_file


def tell_caller(state: State, request: Request) -> Answer:
    """Say who the token belongs to and what it may do."""
    name, role = known_caller(state, request)
    access = {"displayName": "loopback", "role": role}
    person = {"type": "user", "id": name, "name": name, "fullname": name, "isPro": False, "orgs": []}
    return json_answer({**person, "auth": {"type": "access_token", "accessToken": access}})


def create_repository(state: State, request: Request) -> Answer:
    """Create a dataset repository with a first commit; 409 if it is there already."""
    wanted = json.loads(request.body)
    caller = known_caller(state, request)
    namespace = wanted.get("organization") or caller[0]
    check_may_write(caller, namespace)
    if wanted.get("type") != "dataset":
        raise Refusal(400, "This server keeps datasets only")
    repository = Repository(f"{namespace}/{wanted['name']}", wanted.get("visibility") == "private")
    if repository.id in state.repositories:
        raise Refusal(409, "You already created this dataset repo")
    attributes = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES).encode()
    file = keep_regular_file(state, attributes)
    add_commit(repository, {".gitattributes": file}, "initial commit", "", caller[0])
    state.repositories[repository.id] = repository
    save_repositories(state)
    return json_answer({"url": f"{request.origin}/datasets/{repository.id}", "name": repository.id})


def describe_repository(state: State, request: Request) -> Answer:
    """Describe a repository at a revision, with the size and ids of its files if `blobs` is asked for."""
    repository = readable_repository(state, request)
    commit = commit_at(repository, request.parts.get("revision", "main"))
    siblings = [
        {"rfilename": path, **(sibling_details(file) if is_asked(request, "blobs") else {})}
        for path, file in sorted(commit.files.items())
    ]
    owner, created = repository.id.split("/")[0], repository.commits[0].date
    facts = {
        "_id": repository.id,
        "id": repository.id,
        "author": owner,
        "sha": commit.oid,
        "createdAt": created,
    }
    flags = {"private": repository.private, "gated": False, "disabled": False}
    counts = {"tags": [], "downloads": 0, "likes": 0}
    return json_answer({**facts, **flags, **counts, "lastModified": commit.date, "siblings": siblings})


def sibling_details(file: StoredFile) -> dict[str, Any]:
    """Return the part of a repository's description that says what is in a file."""
    details: dict[str, Any] = {"size": file.size, "blobId": file.oid}
    if file.sha256:
        pointer = len(lfs_pointer(file.sha256, file.size))
        details["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": pointer}
    return details
