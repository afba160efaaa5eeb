"""The manifest of a release: every file with its hash, how it was made, and what was counted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from curate.errors import CurateError, UsageError

NAME = "manifest.json"
TOOLS = ("curate-events", "datasets", "huggingface-hub", "pyarrow", "rensa")
ABOUT_TABLES = ("README.md", "croissant.json")

Manifest = Mapping[str, Any]
"""A manifest as it stands in the file."""


REBUILD = "Delete that release's folder, then: curate release VERSION"


def is_version(text: str) -> bool:
    """Tell whether a text is a version: three numbers, as in ``1.0.0``."""
    return re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text, re.ASCII) is not None


def version_key(text: str) -> tuple[int, ...]:
    """Give the sort key of a version such as ``1.0.0``. Raises UsageError for anything else."""
    if not is_version(text):
        raise UsageError(f"{text!r} is not a version.", "Give three numbers, as in 1.0.0.")
    return tuple(int(number) for number in text.split("."))


def versions(releases: Path) -> list[str]:
    """List the versions that have a folder among the releases, the lowest first."""
    return sorted(
        (path.name for path in releases.glob("*") if path.is_dir() and is_version(path.name)), key=version_key
    )


def pretty_json(value: object) -> bytes:
    """Encode for people to read: indented, keys sorted, UTF-8, a line end at the end."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read(folder: Path) -> Manifest:
    """Read the manifest of a release folder. Raises CurateError if there is none or it can't be read."""
    fix = REBUILD
    try:
        return parse((folder / NAME).read_bytes(), str(folder / NAME))
    except FileNotFoundError as error:
        raise CurateError(f"{folder} is not a release: it has no {NAME}.", fix) from error
    except OSError as error:
        raise CurateError(f"{folder / NAME} can't be read: {error.strerror}.", fix) from error


def parse(content: bytes, place: str) -> Manifest:
    """Read a manifest's bytes. Raises CurateError, naming ``place``, if they are none of ours."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise CurateError(f"{place} is not JSON: {error}", REBUILD) from error
    if not isinstance(value, dict) or not {"name", "version", "files"} <= value.keys():
        raise CurateError(f"{place} is not the manifest of a release.", REBUILD)
    return value


def file_entry(folder: Path, path: str, rows: int | None = None) -> dict[str, Any]:
    """Describe a file: its path in the release, size in bytes, SHA-256, and rows if it is a table."""
    return {"path": path, "size": (folder / path).stat().st_size, "sha256": file_digest(folder / path), "rows": rows}


def file_digest(path: Path) -> str:
    """Hash a file of any size: SHA-256, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tool_versions() -> dict[str, str]:
    """Name the versions of what writes a release; a tool that isn't installed is left out."""
    found = {}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def differences(one: Manifest, other: Manifest) -> str:
    """Name what two manifests of one version say differently, empty if they say the same.

    The bytes of tables are left out, since their rows are hashed one by one, and so are those of the files that
    tell the tables' sizes and hashes.
    """
    one_files, other_files = stable_files(one), stable_files(other)
    keys = (one.keys() | other.keys()) - {"tools", "files"}
    names = [key for key in keys if one.get(key) != other.get(key)]
    names += [path for path in one_files.keys() | other_files.keys() if one_files.get(path) != other_files.get(path)]
    return ", ".join(sorted(names))


def stable_files(manifest: Manifest) -> dict[str, str]:
    """Map each file to its hash, or to "" where the tools' versions decide on its bytes."""
    return {
        entry["path"]: "" if entry["rows"] is not None or entry["path"] in ABOUT_TABLES else entry["sha256"]
        for entry in manifest["files"]
    }
