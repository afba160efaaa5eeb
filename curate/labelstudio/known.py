"""What is kept of a project already: where the last answer about each task stands, and the drafts on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import InputError
from curate.records import digest


@dataclass(frozen=True)
class Place:
    """Where a raw answer about a task stands, in bytes of its file, its hash, and which article the task shows."""

    article: str
    hash: bytes
    path: Path
    start: int
    length: int


@dataclass
class Known:
    """The last answer about each task that is not gone, the drafts on each, and the project's marker."""

    tasks: dict[int, Place] = field(default_factory=dict)
    drafts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    marker: str = ""

    def says(self, task: int, answer: bytes) -> bool:
        """Tell whether an answer about a task says what the last one said."""
        place = self.tasks.get(task)
        if place is None or place.hash == _hash(answer):
            return place is not None
        with place.path.open("rb") as stream:
            stream.seek(place.start)
            before = stream.read(place.length)
        return content_digest(json.loads(before)) == content_digest(json.loads(answer))


class _Data(msgspec.Struct):
    article_id: Any = None


class _Answer(msgspec.Struct):
    data: _Data | None = None
    id: int | None = None
    gone_tasks: list[int] = []
    drafts_of: int | None = None
    drafts: msgspec.Raw = msgspec.Raw(b"[]")
    marker: str | None = None


def read_known(folder: Path) -> Known:
    """Read what the answers stored last say, line by line. Raises InputError naming the file that is damaged."""
    known, decoder = Known(), msgspec.json.Decoder(_Answer)
    for path, start, line in _lines(folder):
        try:
            answer = decoder.decode(line)
        except msgspec.DecodeError as error:
            fix = "Restore it from a copy, or delete it with .curate/cursor.json and pull again."
            raise InputError(f"{path}: damaged at byte {start} ({error}).", fix) from error
        for task in answer.gone_tasks:
            known.tasks.pop(task, None)
            known.drafts.pop(task, None)
        if answer.marker is not None:
            known.marker = answer.marker
        if answer.drafts_of is not None:
            known.drafts[answer.drafts_of] = json.loads(bytes(answer.drafts))
        elif answer.id is not None:
            known.tasks[answer.id] = Place(_article(answer), _hash(line), path, start, len(line))
    return known


def _lines(folder: Path) -> Iterator[tuple[Path, int, bytes]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as stream:
            start = 0
            for line in stream:
                if answer := line.rstrip(b"\n"):
                    yield path, start, answer
                start += len(line)


def _article(answer: _Answer) -> str:
    return str(answer.data.article_id if answer.data else None)


def _hash(answer: bytes) -> bytes:
    return hashlib.sha256(answer).digest()


def content_digest(task: Mapping[str, Any]) -> str:
    """Hash what a task says, leaving out how long ago a prediction was made."""
    made = task.get("predictions") or []
    dated = [
        {key: value for key, value in one.items() if key != "created_ago"} if isinstance(one, dict) else one
        for one in made
    ]
    return digest({**task, "predictions": dated})
