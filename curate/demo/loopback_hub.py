"""A Hugging Face Hub for datasets on 127.0.0.1, for `curate demo` and for tests.

It speaks the Hub's dataset API over plain HTTP to the real `huggingface_hub` and `datasets` clients: who am
I, create a repository, upload (regular and LFS), commit to `main` with a check of the parent, tags, and every
way of reading back. With a folder, what was uploaded is served again by the next start.

It was written from what the clients send and accept. Where it decides for itself (which files go to LFS, the
words of a refusal, commit ids) it models the Hub: that something works here is no evidence about the public
Hub. Not modelled: branches, pull requests, discussions, settings, gating, organisations, `.gitignore`, the
last commit of each file, Xet, limits of size or rate. A card's YAML is only checked for having an end.

The clients read their surroundings at import, so set before importing them:
`HF_ENDPOINT` to the url, `HF_HUB_DISABLE_XET=1`, `HF_TOKEN` to the token, and an `HF_HOME` of its own.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from curate.errors import CurateError, HubError

DEFAULT_TOKENS: Mapping[str, tuple[str, str]] = MappingProxyType({"hf_loopback": ("demo", "write")})
LFS_SUFFIXES = (".parquet", ".arrow", ".gz", ".zip")
LFS_FROM_BYTES = 10 * 1024 * 1024

# ----------------------------------------------------------------------------------------------- what is kept


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
class Repository:
    """A dataset repository: the commits of `main`, oldest first, and the commit id of each tag."""

    id: str
    private: bool
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """A planned misbehaviour for the next `times` requests whose method and path match."""

    method: str
    pattern: str
    status: int | None
    times: int
    headers: dict[str, str]
    on_hit: Callable[[], None] | None


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
    commits = [
        Commit(**{**commit, "files": {path: StoredFile(**file) for path, file in commit["files"].items()}})
        for commit in row["commits"]
    ]
    return Repository(row["id"], row["private"], commits, row["tags"])


def add_commit(
    repository: Repository, files: dict[str, StoredFile], title: str, description: str, author: str
) -> Commit:
    """Put a commit on top of `main` and return it. Its id follows from content and history, not the clock."""
    parent = repository.commits[-1].oid if repository.commits else None
    keys = sorted((path, file.oid) for path, file in files.items())
    identity = json.dumps([repository.id, parent, keys, title, description])
    oid = hashlib.sha1(identity.encode(), usedforsecurity=False).hexdigest()
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    commit = Commit(oid, title, description, author, date, files)
    repository.commits.append(commit)
    return commit


# ----------------------------------------------------------------------------------------- asked and answered


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
    """Return the commit a branch, tag or commit id stands for. Raises Refusal 404 RevisionNotFound."""
    if revision.removeprefix("refs/heads/") == "main":
        return repository.commits[-1]
    oid = repository.tags.get(revision.removeprefix("refs/tags/"), revision)
    for commit in repository.commits:
        if commit.oid == oid:
            return commit
    raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def is_asked(request: Request, option: str) -> bool:
    """Tell whether an option of the query is switched on."""
    return request.query.get(option, ["false"])[0].lower() in ("true", "1")


# ------------------------------------------------------------------------------------ people and repositories


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


# ---------------------------------------------------------------------------------------------------- writing


def validate_card(state: State, request: Request) -> Answer:
    """Check that a card's YAML block, if it has one, ends."""
    lines = json.loads(request.body)["content"].lstrip().splitlines()
    if not lines or lines[0].rstrip() != "---":
        warning = {"message": "empty or missing yaml metadata in repo card"}
        return json_answer({"errors": [], "warnings": [warning]})
    if "---" not in (line.rstrip() for line in lines[1:]):
        error = {"message": "the yaml block opened by --- has no end"}
        return json_answer({"errors": [error], "warnings": []}, 400)
    return json_answer({"errors": [], "warnings": []})


def plan_upload(state: State, request: Request) -> Answer:
    """Say for each file whether it goes to LFS, and what is there now (so a client can leave it out)."""
    present = commit_at(writable_repository(state, request), request.parts["revision"]).files
    plans = []
    for file in json.loads(request.body)["files"]:
        large = file["size"] > LFS_FROM_BYTES or file["path"].endswith(LFS_SUFFIXES)
        plan = {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
        if file["path"] in present:
            plan["oid"] = content_key(present[file["path"]])
        plans.append(plan)
    return json_answer({"files": plans})


def plan_lfs_upload(state: State, request: Request) -> Answer:
    """Say where to put each LFS object; an object that is there already needs no action."""
    repository = writable_repository(state, request)
    verify = {"href": f"{request.origin}/datasets/{repository.id}.git/info/lfs/verify", "header": {}}
    plans = []
    for item in json.loads(request.body)["objects"]:
        plan: dict[str, Any] = {"oid": item["oid"], "size": item["size"]}
        if find_content(state, item["oid"]) is None:
            upload = {"href": f"{request.origin}/lfs/{item['oid']}", "header": {}}
            plan["actions"] = {"upload": upload, "verify": verify}
        plans.append(plan)
    return json_answer({"transfer": "basic", "objects": plans}, content_type="application/vnd.git-lfs+json")


def receive_lfs_object(state: State, request: Request) -> Answer:
    """Keep an LFS object; 400 if its content is not what its name says."""
    if hashlib.sha256(request.body).hexdigest() != request.parts["sha256"]:
        raise Refusal(400, "The content's sha256 is another one")
    keep_content(state, request.parts["sha256"], request.body)
    return json_answer({})


def verify_lfs_object(state: State, request: Request) -> Answer:
    """Confirm that an LFS object arrived in full."""
    wanted = json.loads(request.body)
    content = find_content(state, wanted["oid"])
    if content is None or len(content) != wanted["size"]:
        raise Refusal(404, "LFS object not found")
    return json_answer({"message": "ok"})


def receive_commit(state: State, request: Request) -> Answer:
    """Put one commit on `main`: whole, or not at all."""
    repository = writable_repository(state, request)
    if request.parts["revision"].removeprefix("refs/heads/") != "main":
        raise Refusal(404, f"Invalid rev id: {request.parts['revision']}", "RevisionNotFound")
    if is_asked(request, "create_pr"):
        raise Refusal(400, "This server has no pull requests")
    head, *operations = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header, tip = head["value"], repository.commits[-1]
    if not tip.oid.startswith(header.get("parentCommit", "")):
        raise Refusal(412, "A commit has happened since. Please refresh and try again.")
    files = dict(tip.files)
    for operation in operations:
        apply_operation(state, files, operation["key"], operation["value"])
    author = known_caller(state, request)[0]
    commit = add_commit(repository, files, header["summary"], header.get("description", ""), author)
    save_repositories(state)
    url = f"{request.origin}/datasets/{repository.id}/commit/{commit.oid}"
    return json_answer({"success": True, "commitOid": commit.oid, "commitUrl": url})


def apply_operation(state: State, files: dict[str, StoredFile], key: str, value: dict[str, Any]) -> None:
    """Change `files` as one line of a commit says. Raises Refusal 404 or 400 where it can't be done."""
    path = value["path"]
    if key == "file":
        files[path] = keep_regular_file(state, base64.b64decode(value["content"]))
    elif key == "lfsFile":
        files[path] = find_lfs_file(state, path, value["oid"])
    elif key == "deletedFile":
        if path not in files:
            raise Refusal(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
        del files[path]
    elif key == "deletedFolder":
        for gone in part_of(files, path.rstrip("/")):
            del files[gone]
    else:
        raise Refusal(400, f"Unknown operation: {key}")


def keep_regular_file(state: State, content: bytes) -> StoredFile:
    """Keep a file that came inside the commit."""
    file = StoredFile(git_blob_id(content), len(content), None)
    keep_content(state, file.oid, content)
    return file


def find_lfs_file(state: State, path: str, sha256: str) -> StoredFile:
    """Return the file an LFS object makes. Raises Refusal 400 if it was never uploaded."""
    content = find_content(state, sha256)
    if content is None:
        raise Refusal(400, f"LFS pointer pointed to a file that does not exist: {path}")
    return StoredFile(git_blob_id(lfs_pointer(sha256, len(content))), len(content), sha256)


def create_tag(state: State, request: Request) -> Answer:
    """Name a commit; 409 if the name is taken."""
    repository = writable_repository(state, request)
    commit, wanted = commit_at(repository, request.parts["revision"]), json.loads(request.body)
    if wanted["tag"] in repository.tags:
        raise Refusal(409, f"Tag already exists: {wanted['tag']}")
    repository.tags[wanted["tag"]] = commit.oid
    save_repositories(state)
    return json_answer({"name": wanted["tag"], "message": wanted.get("message"), "commitOid": commit.oid})


def delete_tag(state: State, request: Request) -> Answer:
    """Take a name off its commit; 404 if nothing has that name."""
    repository = writable_repository(state, request)
    if repository.tags.pop(request.parts["tag"], None) is None:
        raise Refusal(404, f"Tag not found: {request.parts['tag']}", "RevisionNotFound")
    save_repositories(state)
    return json_answer({})


# ---------------------------------------------------------------------------------------------------- reading


def part_of(files: dict[str, StoredFile], path: str) -> dict[str, StoredFile]:
    """Return the file at a path, or the files below it."""
    return {name: file for name, file in files.items() if name == path or name.startswith(f"{path}/")}


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


# ---------------------------------------------------------------------------------------------------- serving

Handler = Callable[[State, Request], Answer]

REPOSITORY = r"(?P<repository>[^/]+/[^/]+?)"
DATASET = f"/api/datasets/{REPOSITORY}"
LFS = rf"/datasets/{REPOSITORY}\.git/info/lfs"
REVISION = r"(?P<revision>[^/]+)"
PATH = r"(?P<path>.+)"

ROUTES: list[tuple[str, re.Pattern[str], Handler]] = [
    ("GET", re.compile("/api/whoami-v2"), tell_caller),
    ("POST", re.compile("/api/repos/create"), create_repository),
    ("POST", re.compile("/api/validate-yaml"), validate_card),
    ("GET", re.compile(f"{DATASET}(?:/revision/{REVISION})?"), describe_repository),
    ("POST", re.compile(f"{DATASET}/preupload/{REVISION}"), plan_upload),
    ("POST", re.compile(f"{LFS}/objects/batch"), plan_lfs_upload),
    ("PUT", re.compile("/lfs/(?P<sha256>[0-9a-f]{64})"), receive_lfs_object),
    ("POST", re.compile(f"{LFS}/verify"), verify_lfs_object),
    ("POST", re.compile(f"{DATASET}/commit/{REVISION}"), receive_commit),
    ("GET", re.compile(f"{DATASET}/tree/{REVISION}(?:/{PATH})?"), list_tree),
    ("POST", re.compile(f"{DATASET}/paths-info/{REVISION}"), describe_paths),
    ("GET", re.compile(f"{DATASET}/refs"), list_refs),
    ("GET", re.compile(f"{DATASET}/commits/{REVISION}"), list_commits),
    ("POST", re.compile(f"{DATASET}/tag/{REVISION}"), create_tag),
    ("DELETE", re.compile(f"{DATASET}/tag/(?P<tag>[^/]+)"), delete_tag),
    ("GET", re.compile(f"/datasets/{REPOSITORY}/resolve/{REVISION}/{PATH}"), send_file),
]


def answer_request(state: State, method: str, target: str, headers: Message, body: bytes) -> Answer:
    """Answer one request: by a fault that waits for it, else by its route."""
    with state.lock:
        state.requests.append((method, target))
        fault = take_fault(state, method, target)
    if fault and fault.on_hit:
        fault.on_hit()  # without the lock: it may itself ask this server
    if fault and fault.status:
        answer = json_answer({"error": f"injected {fault.status}"}, fault.status)
        return Answer(answer.status, answer.body, {**answer.headers, **fault.headers})
    with state.lock:
        try:
            return route_request(state, method, target, headers, body)
        except Refusal as refusal:
            return refusal_answer(refusal)


def take_fault(state: State, method: str, target: str) -> Fault | None:
    """Return the first fault that still waits for such a request, used once more."""
    for fault in state.faults:
        if fault.times > 0 and fault.method in (method, "*") and re.search(fault.pattern, target):
            fault.times -= 1
            return fault
    return None


def route_request(state: State, method: str, target: str, headers: Message, body: bytes) -> Answer:
    """Hand a request to the handler of its route. Raises Refusal 404 if it has none."""
    url = urlsplit(target)
    for route_method, pattern, handler in ROUTES:
        match = pattern.fullmatch(url.path)
        if match and route_method == ("GET" if method == "HEAD" else method):
            parts = {name: unquote(part) for name, part in match.groupdict().items() if part is not None}
            query = parse_qs(url.query, keep_blank_values=True)
            return handler(state, Request(parts, query, headers, body, f"http://{headers['Host']}"))
    raise Refusal(404, f"This server has no route for {method} {url.path}")


def handler_for(state: State) -> type[BaseHTTPRequestHandler]:
    """Return the class http.server makes an object of for each connection."""

    class RequestHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the requests are kept in the state."""

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                answer = answer_request(state, self.command, self.path, self.headers, body)
            except Exception as error:  # noqa: BLE001 - a bug here must reach the client as a 500
                traceback.print_exc()
                answer = json_answer({"error": repr(error)}, 500)
            self.send_answer(answer)

        def send_answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            # Or a stopped server would go on answering clients that keep their connection.
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    return RequestHandler


@dataclass(frozen=True)
class LoopbackHub:
    """A running server: where it is, a token that it knows, and what it has been asked."""

    url: str
    token: str
    state: State
    server: ThreadingHTTPServer

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path (with query) of every request so far, in order of arrival."""
        return list(self.state.requests)

    def inject(
        self,
        method: str,
        pattern: str,
        status: int | None,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        on_hit: Callable[[], None] | None = None,
    ) -> None:
        """Let the next `times` requests of this method (or `*`) fail whose path the pattern is found in.

        `on_hit` is called before the answer, and may itself ask this server; with the status None the
        request is then answered as usual.
        """
        with self.state.lock:
            self.state.faults.append(Fault(method, pattern, status, times, dict(headers or {}), on_hit))

    def stop(self) -> None:
        """Stop serving and free the port."""
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def start(
    folder: Path | None = None, *, port: int = 0, tokens: Mapping[str, tuple[str, str]] = DEFAULT_TOKENS
) -> LoopbackHub:
    """Serve a Hub on 127.0.0.1 from a thread, and return it.

    `folder` keeps what is uploaded (None: in memory only); it belongs to one server at a time. Port 0 takes a
    free one. `tokens` maps each token to a user's name and `read` or `write`; `.token` is the first of them.
    Raises HubError if the folder holds something else or the port is taken.
    """
    state = State(folder, dict(tokens), load_repositories(folder) if folder else {})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler_for(state))
    except OSError as error:
        fix = "Choose another port, or 0 for a free one."
        raise HubError(f"Port {port} of 127.0.0.1 can't be used: {error}", fix) from error
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return LoopbackHub(f"http://127.0.0.1:{server.server_port}", next(iter(tokens)), state, server)


def main(arguments: list[str] | None = None) -> int:
    """Serve a folder until interrupted; print the url on stdout and the clients' settings on stderr."""
    parser = argparse.ArgumentParser(prog="python -m curate.demo.loopback_hub", description="A Hub on loopback.")
    parser.add_argument("folder", type=Path, help="where uploads are kept")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    options = parser.parse_args(arguments)
    try:
        hub = start(options.folder, port=options.port)
    except CurateError as error:
        print(f"{error.message}\n{error.fix}", file=sys.stderr)
        return error.exit_code
    print(hub.url, flush=True)
    print(f"HF_ENDPOINT={hub.url} HF_HUB_DISABLE_XET=1 HF_TOKEN={hub.token}", file=sys.stderr, flush=True)
    with hub:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
