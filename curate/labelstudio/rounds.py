"""What a task was given out for, and what an adjudicator had before them when they submitted (pure).

The data of an adjudication task hold the statements of the readings in rounds, ``[{"after": moment, "statements":
[...]}]``: each round came up when the last annotation of the task was of that moment (empty: there was none).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curate.labelstudio.tasks import ADJUDICATE, ANNOTATE, read_marker

Rounds = list[dict[str, Any]]

SHOWN = "shown"
"""The key of the rounds in a task's data; only adjudication tasks have it."""


def is_adjudication(task: Mapping[str, Any]) -> bool:
    """Tell whether what is submitted for a task settles an article rather than being one more reading of it."""
    return isinstance((task.get("data") or {}).get(SHOWN), list)


def purpose_of(task: Mapping[str, Any]) -> str:
    """Tell what a task is for, as its project's marker says where that was pulled with it."""
    if is_adjudication(task):
        return ADJUDICATE
    marker = read_marker(task.get("marker"))
    return marker.purpose if marker else ANNOTATE


def reader_of(task: Mapping[str, Any]) -> str:
    """Name the annotator whose project a task is in; empty where everybody reads in it."""
    marker = read_marker(task.get("marker"))
    return marker.annotator if marker else ""


def awaits_settling(task: Mapping[str, Any]) -> bool:
    """Tell whether nobody has submitted an adjudication task since what it shows last came up."""
    rounds = _readable((task.get("data") or {}).get(SHOWN))
    done = [str(one.get("updated_at")) for one in task.get("annotations") or [] if not one.get("was_cancelled")]
    return not done or (bool(rounds) and max(done) <= rounds[-1]["after"])


def shown_to(task: Mapping[str, Any], moment: str) -> list[str]:
    """List the statements that were shown before ``moment``, an annotation's last change as the server tells it."""
    rounds = _readable((task.get("data") or {}).get(SHOWN))
    return sorted({str(statement) for one in rounds if one["after"] < moment for statement in one["statements"]})


def next_rounds(known: Any, statements: Iterable[str], submitted: Sequence[str]) -> Rounds:
    """Add what is new among ``statements`` to the rounds of a task that were known.

    ``submitted`` are the moments of the annotations the task has. Whoever submitted before hasn't seen what is new.
    """
    rounds = _readable(known)
    seen = {statement for one in rounds for statement in one["statements"]}
    after = max(submitted, default="")
    new = set(statements) - seen
    if rounds and rounds[-1]["after"] == after:
        new |= set(rounds.pop()["statements"])
    elif not new and rounds:
        return rounds
    return [*rounds, {"after": after, "statements": sorted(new)}]


def _readable(rounds: Any) -> Rounds:
    """Give the rounds that can be read; somebody may have edited the task."""
    return [
        one
        for one in (rounds if isinstance(rounds, list) else [])
        if isinstance(one, dict) and isinstance(one.get("after"), str) and isinstance(one.get("statements"), list)
    ]
