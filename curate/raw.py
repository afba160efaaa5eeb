"""The raw answers of a server, kept as they came: a folder for each project, a file for each pull."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from curate.answers import IMPORTED
from curate.damage import RAW_FIX, decode
from curate.files import write_atomic
from curate.records import canonical_json
from curate.workspace import Workspace

CHECKED = "checked.json"
"""The note, beside them, of which raw answers were checked."""


def raw_folders(workspace: Workspace) -> list[Path]:
    """List the folders of raw answers, one for each Label Studio project that was pulled."""
    return sorted(path for path in workspace.raw.glob("project-*") if path.is_dir())


def imported_folder(workspace: Workspace, project: int) -> Path:
    """Name the folder of raw answers about a Label Studio project that came from files and not from a server."""
    return workspace.raw / f"project-{project}{IMPORTED}"


def server_folders(workspace: Workspace, project: int) -> list[Path]:
    """List the folders of raw answers about projects of that number that servers gave."""
    return [path for path in raw_folders(workspace) if path.match(f"project-{project}-[0-9]*")]


def note_checked(workspace: Workspace) -> None:
    """Note that the files of exports are what a check made of all raw answers."""
    write_atomic(workspace.raw / CHECKED, _extent(workspace))


def forget_checked(workspace: Workspace) -> None:
    """Note that they are not, or not yet."""
    (workspace.raw / CHECKED).unlink(missing_ok=True)


def is_checked(workspace: Workspace) -> bool:
    """Tell whether they are."""
    path = workspace.raw / CHECKED
    return path.is_file() and path.read_bytes() == _extent(workspace)


def _extent(workspace: Workspace) -> bytes:
    """Count the files of raw answers and their bytes: none is ever changed, so that this tells whether any came."""
    sizes = [path.stat().st_size for folder in raw_folders(workspace) for path in folder.glob("*.jsonl")]
    return canonical_json({"files": len(sizes), "bytes": sum(sizes)}) + b"\n"


def read_raw(folder: Path) -> Iterator[bytes]:
    """Give the raw answers of one project in the order they came, one JSON text each and one at a time."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as lines:
            yield from filter(None, (line.rstrip(b"\n") for line in lines))


def raw_tasks(workspace: Workspace) -> dict[tuple[int, str], bytes]:
    """Hash the last answer about each task (SHA-256), by the task's number and its article's id."""
    found = {}
    for path in (path for folder in raw_folders(workspace) for path in sorted(folder.glob("*.jsonl"))):
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                task = decode(_raw_task.decode, line, partial("{}:{}".format, path, number), RAW_FIX)
                if task.id is not None and task.data:
                    name = sys.intern(str(task.data.article_id))
                    found[task.id, name] = hashlib.sha256(line.rstrip(b"\n")).digest()
    return found


class _RawData(msgspec.Struct):
    article_id: str | int | None = None


class _RawTask(msgspec.Struct):
    id: int | None = None
    data: _RawData | None = None


_raw_task = msgspec.json.Decoder(_RawTask)


def next_raw(folder: Path) -> Path:
    """Name the next file of raw answers, numbered after those that are there."""
    stems = (path.stem for path in folder.glob("[0-9]*.jsonl"))
    number = max((int(stem) for stem in stems if stem.isdecimal()), default=0) + 1
    return folder / f"{number:06d}.jsonl"


def add_raw(folder: Path, answers: list[bytes]) -> Path:
    """Keep new raw answers, if there are any, in a file of their own."""
    path = next_raw(folder)
    if answers:
        write_atomic(path, b"".join(answer + b"\n" for answer in answers))
    return path
