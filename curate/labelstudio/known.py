"""What is kept of a project already: where the last answer about each task stands, and the drafts on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from curate.damage import RAW_FIX, decode
from curate.records import digest


@dataclass(frozen=True)
class Place:
    """Where a raw answer about a task stands, in bytes of its file, its hash, and what else is asked of it.

    That is the article the task shows, when it changed last, and how many annotations it has, skips included.
    """

    article: str
    updated_at: str
    annotations: int
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

    @property
    def annotations(self) -> int:
        """Count the annotations, skips included."""
        return sum(place.annotations for place in self.tasks.values())

    def is_as_of(self, task: int, moment: str) -> bool:
        """Tell whether what is held of a task is what it was when it changed last."""
        place = self.tasks.get(task)
        return place is not None and place.updated_at == moment

    def says(self, task: int, answer: bytes) -> bool:
        """Tell whether an answer about a task says what the last one said."""
        place = self.tasks.get(task)
        if place is None or place.hash == _hash(answer):
            return place is not None
        with place.path.open("rb") as stream:
            stream.seek(place.start)
            before = stream.read(place.length)
        return content_digest(json.loads(before)) == content_digest(json.loads(answer))

    def read(self, path: Path) -> None:
        """Take in a file of answers, which came after all others. Raises InputError naming it if it is damaged."""
        for start, line in _lines(path):
            place = partial("{}, byte {}".format, path, start)
            answer = decode(_ANSWER.decode, line, place, RAW_FIX)
            for task in answer.gone_tasks:
                self.tasks.pop(task, None)
                self.drafts.pop(task, None)
            if answer.marker is not None:
                self.marker = answer.marker
            if answer.drafts_of is not None:
                self.drafts[answer.drafts_of] = decode(json.loads, bytes(answer.drafts), place, RAW_FIX)
            elif answer.id is not None:
                there = len(answer.annotations or ())
                placed = (_hash(line), path, start, len(line))
                self.tasks[answer.id] = Place(_article(answer), answer.updated_at or "", there, *placed)


class _Data(msgspec.Struct):
    article_id: Any = None


class _Annotation(msgspec.Struct):
    """One of an answer's annotations, of which nothing is asked but whether it is there."""


class _Answer(msgspec.Struct):
    data: _Data | None = None
    id: int | None = None
    updated_at: str | None = None
    annotations: list[_Annotation] | None = None
    gone_tasks: list[int] = []
    drafts_of: int | None = None
    drafts: msgspec.Raw = msgspec.Raw(b"[]")
    marker: str | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


def read_known(folder: Path) -> Known:
    """Read what the answers stored last say, line by line. Raises InputError naming the file that is damaged."""
    known = Known()
    for path in sorted(folder.glob("*.jsonl")):
        known.read(path)
    return known


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        start = 0
        for line in stream:
            if answer := line.rstrip(b"\n"):
                yield start, answer
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
