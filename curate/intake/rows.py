"""What readers find in files: rows that may become articles, and what they tell about what they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Row:
    """One document as it stands in a file: values by the names they have there.

    ``where`` names file and place; ``name`` is the id where the row brings none (a file with one document).
    """

    where: str
    values: Mapping[str, Any]
    name: str | None = None


@dataclass(frozen=True)
class Refusal:
    """A file, or a row of one, that gives no article: where, why, and what to do."""

    where: str
    why: str
    fix: str


@dataclass(frozen=True)
class Note:
    """Something to tell about a file that was read all the same."""

    where: str
    text: str


Found: TypeAlias = Row | Refusal | Note


class UnreadableError(Exception):
    """A file, from where its reader stands on, can't be read; it is refused and the other files go on."""

    def __init__(self, why: str, fix: str, place: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix
        self.place = place
