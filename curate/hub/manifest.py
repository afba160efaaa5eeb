"""The manifest of a release: every file with its hash, every record with its, and what was counted."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from curate.errors import CurateError, UsageError
from curate.records import digest

NAME = "manifest.json"
TOOLS = ("curate-events", "datasets", "pyarrow")
SPLIT_RULE = "sha256 of the length of seed, seed and group, as a share of 2**256; splits in order of name"

Manifest = Mapping[str, Any]
"""A manifest as it stands in the file."""


REBUILD = "Delete that release's folder, then: curate release VERSION"


@dataclass(frozen=True)
class Changes:
    """The ids of the records that a release adds, drops or changes against the one before, sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def is_version(text: str) -> bool:
    """Tell whether a text is a version: three numbers, as in ``1.0.0``."""
    return re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text, re.ASCII) is not None


def version_key(text: str) -> tuple[int, ...]:
    """Give the sort key of a version such as ``1.0.0``. Raises UsageError for anything else."""
    if not is_version(text):
        raise UsageError(f"{text!r} is not a version.", "Give three numbers, as in 1.0.0.")
    return tuple(int(number) for number in text.split("."))


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
    if not isinstance(value, dict) or not {"name", "version", "files", "records"} <= value.keys():
        raise CurateError(f"{place} is not the manifest of a release.", REBUILD)
    return value


def counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count rows, events, arguments, clusters and links of a split, by type and role, in its rows."""
    rows = list(rows)
    events = [event for row in rows for event in row["events"]]
    arguments = [argument for event in events for argument in event["arguments"]]
    links = [link for row in rows for link in row["links"]]
    return {
        "rows": len(rows),
        "events": len(events),
        "arguments": len(arguments),
        "clusters": sum(len(row["clusters"]) for row in rows),
        "links": len(links),
        "event_types": tally(event["type"] for event in events),
        "roles": tally(argument["role"] for argument in arguments),
        "link_types": tally(link["type"] for link in links),
    }


def tally(labels: Iterable[str]) -> dict[str, int]:
    """Count each label, in order of name."""
    return dict(sorted(Counter(labels).items()))


def row_digests(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Map each row's id to the SHA-256 of its canonical JSON, as it is read back from the release."""
    return {row["id"]: digest(row) for row in rows}


def file_entry(path: str, content: bytes, rows: int | None = None) -> dict[str, Any]:
    """Describe a file: its path in the release, size in bytes, SHA-256, and rows if it is a table."""
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows}


def tool_versions() -> dict[str, str]:
    """Name the versions of what writes a release; a tool that isn't installed is left out."""
    found = {}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def changes(previous: Manifest, records: Mapping[str, str]) -> Changes:
    """Compare the records of a new release with those of the one before, by id and hash."""
    before: Mapping[str, str] = previous["records"]
    return Changes(
        added=tuple(sorted(records.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - records.keys())),
        changed=tuple(sorted(key for key in records.keys() & before.keys() if records[key] != before[key])),
    )


def withdrawn(previous: Manifest | None, now: frozenset[str]) -> list[str]:
    """Name the withdrawn articles that were released once; the others are nobody's business."""
    before = previous or {}
    return sorted(now & {*before.get("records", {}), *before.get("withdrawn", [])})


def differences(one: Manifest, other: Manifest) -> str:
    """Name what two manifests of one version say differently, empty if they say the same.

    The bytes of tables are left out, since their rows are hashed one by one, and so are those of the card,
    which tells the tables' sizes.
    """
    one_files, other_files = stable_files(one), stable_files(other)
    keys = (one.keys() | other.keys()) - {"tools", "files"}
    names = [key for key in keys if one.get(key) != other.get(key)]
    names += [path for path in one_files.keys() | other_files.keys() if one_files.get(path) != other_files.get(path)]
    return ", ".join(sorted(names))


def stable_files(manifest: Manifest) -> dict[str, str]:
    """Map each file to its hash, or to "" where the tools' versions decide on its bytes."""
    return {
        entry["path"]: "" if entry["rows"] is not None or entry["path"] == "README.md" else entry["sha256"]
        for entry in manifest["files"]
    }
