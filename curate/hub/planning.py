"""What publishing a release has to change on the Hub, found out without changing anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from curate.errors import CurateError, HubError
from curate.hub import manifest, release, remote

if TYPE_CHECKING:
    from huggingface_hub import HfApi

UNCLAIMED = {".gitattributes", "README.md", "LICENSE"}
"""What a repository that was made by hand may hold before the first release comes."""

CHUNK = 1 << 20


@dataclass(frozen=True)
class Step:
    """One planned change of the repository: of a file, of the repository itself, or of the tag; and why."""

    action: Literal["create", "update", "keep", "retire"]
    path: str
    reason: str


@dataclass(frozen=True)
class LocalRelease:
    """A release folder as it goes out: its manifest and every file by path, each with its hashes."""

    folder: Path
    described: manifest.Manifest
    files: dict[str, remote.Hashes]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(self.described["name"])

    @property
    def version(self) -> str:
        """The release's version."""
        return str(self.described["version"])


def read_release(folder: Path) -> LocalRelease:
    """Read a release folder. Raises CurateError if a file is not as it was built."""
    described = manifest.read(folder)
    if damaged := release.damaged_files(folder, described):
        fix = "Delete the folder and build the release again with `curate release`."
        raise CurateError(f"{folder / damaged[0]} is no longer as it was built.", fix)
    paths = [*(str(entry["path"]) for entry in described["files"]), manifest.NAME]
    return LocalRelease(folder, described, {path: hashes(folder / path) for path in sorted(paths)})


def hashes(path: Path) -> remote.Hashes:
    """Take both hashes by which the Hub may name a file's content, reading the file once."""
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            blob.update(chunk)
    return remote.Hashes(blob.hexdigest(), sha256.hexdigest())


def plan(api: HfApi, repository: str, state: remote.Remote, local: LocalRelease, private: bool) -> tuple[Step, ...]:
    """Plan every change that publishes the release. Raises HubError where that would break what is out."""
    if state.head is None:
        made = [Step("create", repository, f"the repository doesn't exist; {'private' if private else 'public'}")]
        return (*made, *(Step("create", path, "new") for path in local.files), Step("create", local.version, "tag"))
    if private and not state.private:
        fix = "Make the repository private in its settings on the Hub, or publish with `--public`."
        raise HubError(f"{repository} is public, and a private publication was asked for.", fix)
    if local.version in state.tags:
        check_tagged(remote.list_files(api, repository, state.tags[local.version]), local, repository)
        return (*(Step("keep", path, "the same") for path in local.files), Step("keep", local.version, "tag"))
    changes = plan_files(state, local, published_files(api, repository, state, local))
    return (*changes, Step("create", local.version, "tag"))


def check_tagged(files: Mapping[str, remote.RemoteFile], local: LocalRelease, repository: str) -> None:
    """Raise HubError unless the commit that the version's tag names holds exactly what the release holds."""
    for path, content in local.files.items():
        if not remote.holds(files.get(path), content):
            raise published_otherwise(repository, local.version, path)


def published_otherwise(repository: str, version: str, path: str) -> HubError:
    """Say that a version is out with another content of the file ``path``."""
    message = f"{repository} has published another {version}: its {path} differs."
    return HubError(message, "A published version stays as it is: release a new version and publish that.")


def published_files(api: HfApi, repository: str, state: remote.Remote, local: LocalRelease) -> set[str]:
    """Name the files of the release that `main` holds now, none if it holds none.

    Raises HubError if `main` holds another dataset, a later version, another content of this one, one that this
    release wasn't made after, or files that no release brought.
    """
    fix = "Choose an empty repository."
    if manifest.NAME not in state.files:
        if foreign := sorted(state.files.keys() - UNCLAIMED):
            raise HubError(f"{repository} holds files that no release of this dataset has: {foreign[0]}.", fix)
        return set()
    with remote.downloaded(api, repository, manifest.NAME, str(state.head)) as path:
        content = path.read_bytes()
    try:
        there = manifest.parse(content, f"{repository}/{manifest.NAME}")
    except CurateError as error:
        raise HubError(error.message, fix) from error
    if there["name"] != local.name:
        raise HubError(f"{repository} holds another dataset, {there['name']}.", fix)
    if manifest.version_key(there["version"]) > manifest.version_key(local.version):
        message = f"{repository} is at {there['version']} already, later than {local.version}."
        raise HubError(message, "Release a version above that one.")
    if there["version"] == local.version and not remote.holds(state.files[manifest.NAME], local.files[manifest.NAME]):
        raise published_otherwise(repository, local.version, manifest.NAME)
    out = {"version": there["version"], "manifest_sha256": hashlib.sha256(content).hexdigest()}
    if there["version"] != local.version and not came_after(local, out):
        message = f"{repository} is at {there['version']}, and {local.version} was not made after that release."
        fix = f"Articles may have changed their split: put it into exports/releases/{there['version']}, release again."
        raise HubError(message, fix)
    return {str(entry["path"]) for entry in there["files"]}


def came_after(local: LocalRelease, out: Mapping[str, str]) -> bool:
    """Tell whether a release was made after the one that is ``out``, itself or by way of releases beside it."""
    before = local.described.get("previous")
    while before and before != out:
        path = local.folder.parent / before["version"] / manifest.NAME
        if not path.is_file() or manifest.file_digest(path) != before["manifest_sha256"]:
            return False
        before = manifest.read(path.parent).get("previous")
    return before is not None


def plan_files(state: remote.Remote, local: LocalRelease, published: set[str]) -> list[Step]:
    """Plan the change of each file: ours to what they are now, those only earlier releases had away."""
    steps = []
    for path, content in local.files.items():
        if path not in state.files:
            steps.append(Step("create", path, "new"))
        elif remote.holds(state.files[path], content):
            steps.append(Step("keep", path, "the same"))
        else:
            steps.append(Step("update", path, "other content"))
    gone = sorted((published & state.files.keys()) - local.files.keys())
    return steps + [Step("retire", path, "not in this release") for path in gone]


def check_unchanged(
    repository: str, before: remote.Remote, now: remote.Remote, steps: tuple[Step, ...], local: LocalRelease
) -> None:
    """Raise HubError if somebody changed files of this dataset on `main` while they were being published.

    ``steps`` is what was planned against ``before``. Our own commit may have gone through without an answer,
    so a file that is as it is to be counts as unchanged; and so does any that the plan leaves alone.
    """
    if before.head is None or before.head == now.head:
        return
    for step in steps:
        there, wanted = now.files.get(step.path), local.files.get(step.path)
        was = before.files.get(step.path)
        done = remote.holds(there, wanted) if wanted else step.action == "retire" and there is None
        if there != was and not done:
            message = (
                f"{repository}: somebody changed {step.path} meanwhile, in {str(now.head)[:12]}; nothing was sent."
            )
            raise HubError(message, "Look at that commit on the Hub. To publish on top of it: curate publish again.")
