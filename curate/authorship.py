"""Who made an annotation, and what speaks against its being theirs alone (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curate.labelstudio.contents import Problem
from curate.labelstudio.pieces import as_result, part
from curate.labelstudio.rounds import purpose_of, reader_of
from curate.labelstudio.tasks import AGAIN, ANNOTATE

OURS = re.compile(r"[a-z]+\d*")
"""Names that curate gives to regions (``t1``, ``a2``, ``schema``); the page makes names up that nobody else has."""


def annotator_of(annotation: Mapping[str, Any], annotator: Callable[[Any], str]) -> str:
    """Name the annotator; without an account each annotation is somebody's of its own."""
    user = _user(annotation, "completed_by")
    return annotator(user if user is not None else f"of annotation {annotation['id']}")


def _user(annotation: Mapping[str, Any], key: str) -> Any:
    user = annotation.get(key)
    return user.get("id") if isinstance(user, dict) else user


def other_hands(annotation: Mapping[str, Any], who: str, annotator: Callable[[Any], str]) -> list[Problem]:
    """Say when a reading is not its annotator's alone: a task opened from the list shows the first one there is."""
    other = _user(annotation, "updated_by")
    if other is None or other == _user(annotation, "completed_by"):
        return []
    return [
        Problem(
            "annotation-changed-by-another",
            "",
            f"{annotator(other)} changed it, and it still counts as {who}'s: let both look at it. "
            "Everybody's own annotation begins at Label All Tasks, or with + beside the open one.",
        )
    ]


def drafter_of(draft: Mapping[str, Any], annotator: Callable[[Any], str]) -> str:
    """Name whoever began a draft; without an account each draft is somebody's of its own."""
    user = draft.get("user")
    return annotator(user if user is not None else f"of draft {draft['id']}")


def not_asked(task: Mapping[str, Any], who: str) -> list[Problem]:
    """Say when somebody read an article in the project of another, whose work the page may have shown them."""
    reader = reader_of(task)
    if not reader or reader == who or purpose_of(task) not in (ANNOTATE, AGAIN):
        return []
    told = (
        f"{who} read it in the project of {reader}, for whom it was meant. It counts; was {reader}'s work seen there?"
    )
    return [Problem("annotation-unassigned", "", told)]


@dataclass(frozen=True)
class _Made:
    """An annotation by what shows whether it was copied."""

    id: int
    at: str
    who: str
    purpose: str
    parent: Any
    regions: frozenset[str]


def copied(tasks: Sequence[Mapping[str, Any]], annotator: Callable[[Any], str]) -> dict[int, Problem]:
    """Find the annotations of an article that were copied from another one, by their numbers.

    The page notes which annotation was duplicated, and a region keeps the name that was made up for it. What was
    suggested to both is no copy, nor are names that are given to regions by rule.
    """
    if not _may_hold_copies([one for task in tasks for one in task.get("annotations") or []]):
        return {}
    tasks = [task for task in tasks if purpose_of(task) in (ANNOTATE, AGAIN)]
    suggested = {name for task in tasks for one in task.get("predictions") or [] for name in _regions(one)}
    made = sorted(_made(tasks, annotator, suggested), key=lambda one: (one.at, one.id))
    by_number = {one.id: one for one in made}
    first: dict[str, _Made] = {}
    found: dict[int, Problem] = {}
    for one in made:
        parent = by_number.get(one.parent) if isinstance(one.parent, int) else None
        alike = [first[name] for name in sorted(one.regions) if name in first and _differ(first[name], one)]
        if parent is not None and _differ(parent, one):
            found[one.id] = _copy(one, parent, "It was made by duplicating")
        elif alike:
            found[one.id] = _copy(one, alike[0], f"{len(alike)} of its {len(one.regions)} regions are those of")
        for name in one.regions:
            first.setdefault(name, one)
    return found


def _may_hold_copies(annotations: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether any region is drawn twice or any parent is noted, without which nothing is a copy."""
    if any(one.get("parent_annotation") is not None for one in annotations):
        return True
    met: set[str] = set()
    for names in map(_names, annotations):
        if any(not OURS.fullmatch(name) for name in met & names):
            return True
        met |= names
    return False


def _made(tasks: Iterable[Mapping[str, Any]], annotator: Callable[[Any], str], suggested: set[str]) -> Iterable[_Made]:
    for task in tasks:
        for one in task.get("annotations") or []:
            if not one.get("was_cancelled"):
                regions = frozenset(name for name in _regions(one) if name not in suggested)
                who = annotator_of(one, annotator)
                at, parent = str(one.get("created_at") or ""), one.get("parent_annotation")
                yield _Made(one["id"], at, who, purpose_of(task), parent, regions)


def _regions(drawn: Any) -> set[str]:
    """Name the regions that the page made up a name for."""
    return {name for name in _names(drawn) if not OURS.fullmatch(name)}


def _names(drawn: Any) -> set[str]:
    pieces = as_result(drawn.get("result") if isinstance(drawn, dict) else None).pieces
    return {name for piece in pieces if isinstance(name := part(piece, "id"), str)}


def _differ(one: _Made, other: _Made) -> bool:
    return one.id != other.id and (one.who, one.purpose) != (other.who, other.purpose)


def _copy(made: _Made, source: _Made, how: str) -> Problem:
    whose = "their own" if source.who == made.who else f"{source.who}'s"
    told = f"{how} {whose} annotation {source.id}: a copy is no second opinion. Let {made.who} read the article anew."
    return Problem("annotation-copied", "", told)
