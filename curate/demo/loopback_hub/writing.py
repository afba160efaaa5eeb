"""Uploads, commits and tags of a loopback Hub."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from curate.demo.loopback_hub.exchange import (
    Answer,
    Refusal,
    Request,
    commit_at,
    is_asked,
    json_answer,
    known_caller,
    writable_repository,
)
from curate.demo.loopback_hub.keeping import (
    PullRequest,
    State,
    StoredFile,
    add_commit,
    content_key,
    find_content,
    git_blob_id,
    keep_content,
    lfs_pointer,
    make_commit,
    part_of,
    save_repositories,
)

LFS_SUFFIXES = (".parquet", ".arrow", ".gz", ".zip")
LFS_FROM_BYTES = 10 * 1024 * 1024


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
    """Put one commit on `main`, or into a new pull request: whole, or not at all."""
    repository = writable_repository(state, request)
    if request.parts["revision"].removeprefix("refs/heads/") != "main":
        raise Refusal(404, f"Invalid rev id: {request.parts['revision']}", "RevisionNotFound")
    head, *operations = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header, tip = head["value"], repository.commits[-1]
    if not tip.oid.startswith(header.get("parentCommit", "")):
        raise Refusal(412, "A commit has happened since. Please refresh and try again.")
    files = dict(tip.files)
    for operation in operations:
        apply_operation(state, files, operation["key"], operation["value"])
    author = known_caller(state, request)[0]
    told: dict[str, Any] = {"success": True}
    words = (header["summary"], header.get("description", ""), author)
    if is_asked(request, "create_pr"):
        commit = make_commit(repository, repository.commits, files, *words)
        number = len(repository.pulls) + 1
        repository.pulls.append(PullRequest(number, header["summary"], author, "open", [commit]))
        told["pullRequestUrl"] = f"{request.origin}/datasets/{repository.id}/discussions/{number}"
    else:
        commit = add_commit(repository, files, *words)
    save_repositories(state)
    url = f"{request.origin}/datasets/{repository.id}/commit/{commit.oid}"
    return json_answer({**told, "commitOid": commit.oid, "commitUrl": url})


def merge_pull_request(state: State, request: Request) -> Answer:
    """Bring an open pull request to `main`: as its files were proposed, on top of what is there."""
    repository = writable_repository(state, request)
    number = int(request.parts["number"])
    pull = next((one for one in repository.pulls if one.number == number and one.status == "open"), None)
    if pull is None:
        raise Refusal(404, f"No open pull request {number}", "EntryNotFound")
    add_commit(repository, pull.commits[-1].files, f"{pull.title} (#{number})", "", pull.author)
    pull.status = "merged"
    save_repositories(state)
    return json_answer({})


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
