"""What is released: the newest version, and whether it holds the records that there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from curate.api.project import read_books
from curate.damage import decode, fix_of
from curate.settings import read_settings
from curate.workspace import Workspace, read_private, read_withdrawn, write_private

RELEASED = "released.json"
"""The private note of the newest release: its version, and the SHA-256 of the records that it was made from."""


class _Named(msgspec.Struct):
    id: str


_NAMED = msgspec.json.Decoder(_Named)


def next_version(project: Path | None = None) -> str:
    """Name a version for the next release: ``1.0.0``, or the highest there is with its second number one up."""
    from curate.hub.manifest import version_key, versions

    there = versions(Workspace(read_settings(project).folder).exports / "releases")
    if not there:
        return "1.0.0"
    first, second, _ = version_key(there[-1])
    return f"{first}.{second + 1}.0"


def note_released(workspace: Workspace, version: str) -> None:
    """Note which records a release is made from."""
    write_private(workspace, RELEASED, {"version": version, "records": _records_digest(workspace)})


def is_released(workspace: Workspace) -> bool:
    """Tell whether the newest release holds the very records that there are.

    The note of it says so; where that is of another, the books tell: theirs are written before a release is put in
    place, and a new pull or adjudication changes them.
    """
    from curate.hub import manifest

    books, releases = read_books(workspace), workspace.exports / "releases"
    there = manifest.versions(releases)
    note = read_private(workspace, RELEASED) or {}
    if there and note.get("version") == there[-1]:
        return bool(note.get("records") == _records_digest(workspace))
    if not there or "release" not in books:
        return False
    return bool(manifest.read(releases / there[-1]).get("books") == told_books(books, books["release"]))


def told_books(books: Mapping[str, Any], balance: Mapping[str, int]) -> dict[str, Any]:
    """Give the books as a release tells them."""
    from curate.books import without
    from curate.submissions import GOLD

    # Texts with known answers are nobody's data, and whoever reads the card is to learn nothing of them.
    pull = without(books.get("pull", {}), GOLD)
    return {"pull": pull, "adjudication": books.get("adjudication", {}), "release": dict(balance)}


def _records_digest(workspace: Workspace) -> str:
    """Hash the lines of the records that are not withdrawn."""
    hashed, withdrawn = hashlib.sha256(), read_withdrawn(workspace).keys()
    path = workspace.export("adjudicated.jsonl")
    with path.open("rb") if path.is_file() else nullcontext(()) as lines:
        for line in lines:
            if not withdrawn or decode(_NAMED.decode, line, lambda: str(path), fix_of(path)).id not in withdrawn:
                hashed.update(line)
    return hashed.hexdigest()
