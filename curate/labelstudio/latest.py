"""What the raw answers of a folder say last of each task that isn't gone."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Self

from curate.answers import Answer
from curate.stored import RawAnswers


class Latest:
    """The last answer about each task of a folder, and about the drafts on it, read anew whenever it is asked for.

    That holds until the ``with`` block ends. Raises InputError naming file and line for what is no answer.
    """

    def __init__(self, folder: Path) -> None:
        self._answers = RawAnswers([folder])
        self._tasks: dict[int, int] = {}
        self._drafts: dict[int, int] = {}

    def __enter__(self) -> Self:
        for number, (_, head, _mark) in enumerate(self._answers.heads()):
            for task in head.gone_tasks:
                self._tasks.pop(task, None)
                self._drafts.pop(task, None)
            if head.drafts_of is not None:
                self._drafts[head.drafts_of] = number
            elif head.id is not None:
                self._tasks[head.id] = number
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.__exit__()

    def line(self, task: int) -> bytes | None:
        """Read the answer about a task as it stands there; None where there is none."""
        number = self._tasks.get(task)
        return None if number is None else self._answers.line(number)

    def drafts(self, task: int) -> list[dict[str, Any]]:
        """Read the drafts on a task."""
        number = self._drafts.get(task)
        return [] if number is None else list(self._answers.read(number)["drafts"])

    def besides(self, tasks: Container[int]) -> Iterator[int]:
        """Name the tasks that are there beside some."""
        return (task for task in self._tasks if task not in tasks)

    def bare(self, tasks: Container[int] = ()) -> Iterator[Answer]:
        """Read the answers about all tasks but some, without the texts and what was drawn."""
        return (self._answers.read_bare(self._tasks[task]) for task in self.besides(tasks))
