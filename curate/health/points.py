"""One thing looked at and what was found (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from curate.errors import CurateError

FINE, DOUBTFUL, WRONG, UNSEEN = "fine", "doubtful", "wrong", "not looked at"
VERDICTS = (FINE, DOUBTFUL, WRONG, UNSEEN)
WORLD = ("environment", "Label Studio", "Hub")
"""The areas outside the project, whose faults exit with 3."""


@dataclass(frozen=True)
class Point:
    """One point: its area and name, a verdict, what was found, and what to do where that isn't fine."""

    area: str
    name: str
    verdict: str
    message: str
    fix: str = ""


def looked(area: str, name: str, look: Callable[[], Point]) -> Point:
    """Look, and turn a broken world into a point of its own."""
    try:
        return look()
    except CurateError as error:
        return Point(area, name, WRONG, error.message, error.fix)


def exit_code(points: Iterable[Point]) -> int:
    """Give 3 where the environment, Label Studio or the Hub is wrong, 1 where only the project is, else 0."""
    wrong = {point.area for point in points if point.verdict == WRONG}
    return 3 if wrong & set(WORLD) else 1 if wrong else 0
