"""The numbers of what an export has: each once, and none that something else has here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from curate.answers import Answer
from curate.authorship import annotator_of
from curate.errors import InputError

APART = "Take what comes from several Label Studios each into a curate project of its own."
"""What to do where numbers say that answers are of several servers."""


class Numbers:
    """The numbers of the annotations and drafts of an export, and what tells an annotation from another of its number.

    That is whose it is, the article, and when it was made.
    """

    def __init__(self) -> None:
        self._annotations, self._drafts = array("q"), array("q")
        self._taken, self._marks = array("q"), array("q")

    def add(self, annotations: Iterable[int], drafts: Iterable[int]) -> None:
        """Note what a task has."""
        self._annotations.extend(annotations)
        self._drafts.extend(drafts)

    def take(self, task: Mapping[str, Any]) -> None:
        """Note what a task has that is to be kept."""
        for number, mark in _marks(task):
            self._taken.append(number)
            self._marks.append(mark)

    def refuse_doubles(self, path: Path, fix: str) -> None:
        """Raise InputError where two annotations, or two drafts, of an export have one number."""
        for what, numbers in (("annotation", self._annotations), ("draft", self._drafts)):
            for one, other in pairwise(sorted(numbers)):
                if one == other:
                    raise InputError(f"{path}: {what} {one} is there twice.", fix)

    def refuse_others(self, path: Path, here: Iterable[Answer]) -> None:
        """Raise InputError where an annotation that is to be kept has the number of another one that is here."""
        taken: dict[int, int] = {}
        for task in here:
            taken = taken or dict(zip(self._taken, self._marks, strict=True))
            for number, mark in _marks(task):
                if taken.get(number, mark) != mark:
                    told = f"its annotation {number} is not the one that {task['source']} has: it is of another"
                    raise InputError(
                        f"{path}: {told} Label Studio. Nothing of it was taken.",
                        APART,
                    )


def _marks(task: Mapping[str, Any]) -> Iterable[tuple[int, int]]:
    """Give each annotation's number with what it is known by beside that."""
    article = str((task.get("data") or {}).get("article_id"))
    for one in task.get("annotations") or ():
        yield one["id"], hash((annotator_of(one, str), article, str(one.get("created_at"))))
