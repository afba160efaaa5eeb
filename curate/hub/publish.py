"""A release folder to the Hub: planned, sent as one commit, read back, tagged; twice is as once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from curate.errors import CurateError, HubError
from curate.hub import manifest, release, remote

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

UNCLAIMED = {".gitattributes", "README.md", "LICENSE"}
"""What a repository that was made by hand may hold before the first release comes."""


@dataclass(frozen=True)
class Step:
    """One planned change of the repository: of a file, of the repository itself, or of the tag; and why."""

    action: Literal["create", "update", "keep", "retire"]
    path: str
    reason: str


@dataclass(frozen=True)
class PublishReport:
    """What publishing came to; ``changed`` is False if all was there already, or is only planned.

    ``commit`` is the one the version's tag names, None while only planned; ``verified`` counts the files that
    were read back, or compared by the Hub's hashes where nothing had to be sent.
    """

    repository: str
    version: str
    url: str
    private: bool
    steps: tuple[Step, ...]
    commit: str | None = None
    changed: bool = False
    verified: int = 0


def publish(
    folder: Path,
    repository: str,
    *,
    token: str | None,
    endpoint: str | None = None,
    private: bool = True,
    dry_run: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> PublishReport:
    """Bring a release folder to the dataset repository ``owner/name``, or only plan it.

    All files go in one commit on the `main` that was planned against, files that only earlier releases had
    leave in the same commit; what the Hub then gives back is compared hash by hash, and the version becomes a
    tag on it. ``private`` is for a repository that doesn't exist yet; an existing public one is refused with
    it. ``progress`` is told each stage. Raises HubError for anything the Hub refuses or holds otherwise,
    CurateError for a folder that is no whole release, UsageError for a name that can't be.
    """
    remote.check_owner(repository)
    local = read_release(folder)
    described = manifest.parse(local[manifest.NAME], str(folder / manifest.NAME))
    version = str(described["version"])
    api = remote.connect(token, endpoint)
    with remote.asking(api, repository):
        progress(f"Looking at {repository} on {api.endpoint}")
        state = remote.look(api, repository)
        steps = plan(api, repository, state, local, described, private)
        report = PublishReport(
            repository=repository,
            version=version,
            url=f"{api.endpoint}/datasets/{repository}/tree/{version}",
            private=private if state.head is None else state.private,
            steps=steps,
        )
        if all(step.action == "keep" for step in steps):
            return replace(report, commit=state.tags[version], verified=len(local))
        if dry_run:
            return report
        commit = apply(api, repository, state, steps, local, described, private, progress)
    return replace(report, commit=commit, changed=True, verified=len(local))


def read_release(folder: Path) -> dict[str, bytes]:
    """Read the files of a release: ``{path: content}``. Raises CurateError if one is not as it was built."""
    described = manifest.read(folder)
    if damaged := release.damaged_files(folder, described):
        fix = "Delete the folder and build the release again with `curate release`."
        raise CurateError(f"{folder / damaged[0]} is no longer as it was built.", fix)
    paths = [*(str(entry["path"]) for entry in described["files"]), manifest.NAME]
    return {path: (folder / path).read_bytes() for path in sorted(paths)}


def plan(
    api: HfApi,
    repository: str,
    state: remote.Remote,
    local: Mapping[str, bytes],
    described: manifest.Manifest,
    private: bool,
) -> tuple[Step, ...]:
    """Plan every change that publishes the release. Raises HubError where that would break what is out."""
    version = str(described["version"])
    if state.head is None:
        made = [Step("create", repository, f"the repository doesn't exist; {'private' if private else 'public'}")]
        return (*made, *(Step("create", path, "new") for path in local), Step("create", version, "tag"))
    if private and not state.private:
        fix = "Make the repository private in its settings on the Hub, or publish with `--public`."
        raise HubError(f"{repository} is public, and a private publication was asked for.", fix)
    if version in state.tags:
        check_tagged(remote.list_files(api, repository, state.tags[version]), local, repository, version)
        return (*(Step("keep", path, "the same") for path in local), Step("keep", version, "tag"))
    return (
        *plan_files(state, local, published_files(api, repository, state, local)),
        Step("create", version, "tag"),
    )


def check_tagged(
    files: Mapping[str, remote.RemoteFile], local: Mapping[str, bytes], repository: str, version: str
) -> None:
    """Raise HubError unless the commit that a version's tag names holds exactly what the release holds."""
    different = [path for path, content in local.items() if not remote.holds(files.get(path), content)]
    if different:
        raise published_otherwise(repository, version, different[0])


def published_otherwise(repository: str, version: str, path: str) -> HubError:
    """Say that a version is out with another content of the file ``path``."""
    message = f"{repository} has published another {version}: its {path} differs."
    return HubError(message, "A published version stays as it is: release a new version and publish that.")


def published_files(api: HfApi, repository: str, state: remote.Remote, local: Mapping[str, bytes]) -> set[str]:
    """Name the files of the release that `main` holds now, none if it holds none.

    Raises HubError if `main` holds another dataset, a later version, another content of this one, or files
    that no release brought.
    """
    fix = "Choose an empty repository."
    if manifest.NAME not in state.files:
        if foreign := sorted(state.files.keys() - UNCLAIMED):
            raise HubError(f"{repository} holds files that no release of this dataset has: {foreign[0]}.", fix)
        return set()
    content = remote.read_file(api, repository, manifest.NAME, str(state.head))
    try:
        there = manifest.parse(content, f"{repository}/{manifest.NAME}")
    except CurateError as error:
        raise HubError(error.message, fix) from error
    here = manifest.parse(local[manifest.NAME], manifest.NAME)
    if there["name"] != here["name"]:
        raise HubError(f"{repository} holds another dataset, {there['name']}.", fix)
    if manifest.version_key(there["version"]) > manifest.version_key(here["version"]):
        message = f"{repository} is at {there['version']} already, later than {here['version']}."
        raise HubError(message, "Release a version above that one.")
    if there["version"] == here["version"] and content != local[manifest.NAME]:
        raise published_otherwise(repository, here["version"], manifest.NAME)
    return {str(entry["path"]) for entry in there["files"]}


def plan_files(state: remote.Remote, local: Mapping[str, bytes], published: set[str]) -> list[Step]:
    """Plan the change of each file: ours to what they are now, those only earlier releases had away."""
    steps = []
    for path, content in local.items():
        if path not in state.files:
            steps.append(Step("create", path, "new"))
        elif remote.holds(state.files[path], content):
            steps.append(Step("keep", path, "the same"))
        else:
            steps.append(Step("update", path, "other content"))
    gone = sorted((published & state.files.keys()) - local.keys())
    return steps + [Step("retire", path, "not in this release") for path in gone]


def apply(
    api: HfApi,
    repository: str,
    state: remote.Remote,
    steps: tuple[Step, ...],
    local: Mapping[str, bytes],
    described: manifest.Manifest,
    private: bool,
    progress: Callable[[str], None],
) -> str:
    """Do what was planned and return the commit that the version now names. Raises what the client raises."""
    version = str(described["version"])
    head = state.head
    if head is None:
        progress(f"Creating {repository}")
        api.create_repo(repository, repo_type="dataset", private=private)
        head = str(api.dataset_info(repository).sha)
    operations = commit_operations(steps, local)
    commit = head
    if operations:
        progress(f"Sending {len(operations)} changes as one commit")
        message = f"{described['name']} {version}"
        made = api.create_commit(
            repository, operations, commit_message=message, repo_type="dataset", parent_commit=head
        )
        commit = str(made.oid)
    progress(f"Reading back {len(local)} files of {commit[:12]}")
    check_read_back(api, repository, commit, local)
    progress(f"Tagging {version}")
    digest = hashlib.sha256(local[manifest.NAME]).hexdigest()
    message = f"{described['name']} {version}, manifest sha256 {digest}"
    api.create_tag(repository, tag=version, tag_message=message, revision=commit, repo_type="dataset")
    return commit


def commit_operations(
    steps: tuple[Step, ...], local: Mapping[str, bytes]
) -> list[CommitOperationAdd | CommitOperationDelete]:
    """Turn the steps that change files into the operations of a commit."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    sent = [step.path for step in steps if step.action in ("create", "update") and step.path in local]
    gone = [step.path for step in steps if step.action == "retire"]
    return [
        *(CommitOperationAdd(path_in_repo=path, path_or_fileobj=local[path]) for path in sent),
        *(CommitOperationDelete(path_in_repo=path) for path in gone),
    ]


def check_read_back(api: HfApi, repository: str, commit: str, local: Mapping[str, bytes]) -> None:
    """Raise HubError unless the Hub's hashes and a fresh download give back every file as sent."""
    files = remote.list_files(api, repository, commit)
    for path, content in local.items():
        if not remote.holds(files.get(path), content) or remote.read_file(api, repository, path, commit) != content:
            fix = f"The version is not tagged. {remote.AGAIN}"
            raise HubError(f"{repository} gives back another {path} than was sent, at {commit}.", fix)
