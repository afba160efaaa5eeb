"""A release built again, from the raw answers, articles, schema and settings that were kept with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.api.adjudicating import adjudicate
from curate.api.annotating import check
from curate.api.releasing import INPUTS, release
from curate.errors import InputError, UsageError
from curate.lock import locked
from curate.settings import read_settings
from curate.workspace import Workspace, read_json


@dataclass(frozen=True)
class Rebuilt:
    """A release that came out the same when it was built again, file by file."""

    folder: Path
    version: str
    files: int


def rebuild(version: str, project: Path | None = None) -> Rebuilt:
    """Build a release again from its raw answers, in a folder of its own, and compare every byte.

    Raises InputError naming the files that come out otherwise, or the raw answer that is no longer as it was;
    UsageError where that release or what it was made from is not there.
    """
    from curate.hub.manifest import read as read_manifest

    workspace = Workspace(read_settings(project).folder)
    folder = workspace.exports / "releases" / version
    if not (workspace.kept(version) / INPUTS).is_file():
        raise UsageError(
            f"{workspace.kept(version)}: what release {version} was made from is not there.",
            "Only what `curate release` made in this project can be rebuilt.",
        )
    told = read_manifest(folder)
    with locked(workspace), tempfile.TemporaryDirectory(prefix="curate-rebuild-") as temporary:
        copy = Path(temporary) / "project"
        policy = _lay_out(workspace, version, told, copy)
        check(copy)
        adjudicate(policy, copy)
        release(version, copy)
        different = _different(folder, Workspace(copy).exports / "releases" / version)
    if different:
        raise InputError(f"{folder}: not the same when built again: {', '.join(different)}.", _why(told))
    return Rebuilt(folder, version, len(told["files"]) + 1)


def _lay_out(workspace: Workspace, version: str, told: Mapping[str, Any], copy: Path) -> str:
    """Make a project of what was kept, with the raw answers and the release before; give the policy."""
    from curate.hub.manifest import NAME, file_digest

    kept = workspace.kept(version)
    shutil.copytree(kept, copy)
    inputs = read_json((kept / INPUTS).read_bytes(), kept / INPUTS)
    made = Workspace(copy)
    for name, digest in inputs["raw"].items():
        path = workspace.raw / name
        if not path.is_file() or file_digest(path) != digest:
            raise InputError(f"{path}: no longer as it was when {version} was released.", "Restore it from a copy.")
        (made.raw / name).parent.mkdir(parents=True, exist_ok=True)
        (made.raw / name).symlink_to(path)
    made.private.mkdir(mode=0o700)
    for name in ("pseudonym.key", "people.json"):
        if (workspace.private / name).is_file():
            shutil.copy(workspace.private / name, made.private / name)
    if before := told["previous"]:
        previous = workspace.exports / "releases" / before["version"]
        if not previous.is_dir() or file_digest(previous / NAME) != before["manifest_sha256"]:
            raise InputError(f"{previous}: not the release that {version} came after.", "Restore it from the Hub.")
        (made.exports / "releases").mkdir()
        (made.exports / "releases" / before["version"]).symlink_to(previous)
    return str(inputs["policy"])


def _different(one: Path, other: Path) -> list[str]:
    """Name the files that two release folders don't have in common, byte for byte."""
    from curate.hub.manifest import file_digest

    paths = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    return sorted(
        str(path)
        for path in paths
        if not (one / path).is_file()
        or not (other / path).is_file()
        or file_digest(one / path) != file_digest(other / path)
    )


def _why(told: Mapping[str, Any]) -> str:
    """Say what to do about it: most likely other versions of the tools."""
    from curate.hub.manifest import tool_versions

    here = tool_versions()
    others = [f"{name} {one} (here {here.get(name)})" for name, one in told["tools"].items() if here.get(name) != one]
    if others:
        return f"It was made with {', '.join(others)}: install those and try again."
    return "The tools are the same: a file there was changed, or what it came from."
