"""What became of suggestions: kept, changed or removed, beside what people added and what they draw unaided (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from curate.records import Annotation, event_place

KEPT, CHANGED, REMOVED, ADDED = "kept", "changed", "removed", "added"
FATES = (KEPT, CHANGED, REMOVED, ADDED)
"""What becomes of a suggested event or argument, and ``added``: drawn by hand beside suggestions."""
SUGGESTED, HELD_OUT, UNAIDED = "suggested", "held out", "unaided"

_FATE_OF = {"prediction": KEPT, "prediction-changed": CHANGED}

Tallies: TypeAlias = dict[str, dict[str, int]]
"""Counts by fate for each event type or role."""


@dataclass(frozen=True)
class Begun:
    """The readings that were begun alike, and what is in them."""

    readings: int = 0
    events: int = 0
    arguments: int = 0


@dataclass(frozen=True)
class Acceptance:
    """What became of the suggestions of one version, by event type and by role, in how many readings."""

    begun: Begun
    types: Tallies
    roles: Tallies


@dataclass(frozen=True)
class Accepted:
    """What became of suggestions, by version; ``without`` tells of readings that were begun from nothing.

    Those of articles that are held out stand apart in ``held_out``: they are what readings with suggestions can be
    compared with. A changed suggestion counts under the type or role that it has now.
    """

    versions: dict[str, Acceptance] = field(default_factory=dict)
    held_out: Begun = field(default_factory=Begun)
    without: Begun = field(default_factory=Begun)


def accepted(annotations: Iterable[Annotation], held_out: Callable[[str], bool]) -> Accepted:
    """Count what became of suggestions in accepted readings; ``held_out`` tells which articles get none."""
    begun: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    types: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    roles: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in annotations:
        how = SUGGESTED if one.suggestions else HELD_OUT if held_out(one.article_id) else UNAIDED
        arguments = sum(len(event.arguments) for event in one.events)
        begun[how, one.suggestions or ""].update(readings=1, events=len(one.events), arguments=arguments)
        if one.suggestions:
            types[one.suggestions].update(_events(one))
            roles[one.suggestions].update(_arguments(one))
    return Accepted(
        {
            version: Acceptance(Begun(**begun[SUGGESTED, version]), _tallies(types[version]), _tallies(roles[version]))
            for version in sorted(types)
        },
        Begun(**begun[HELD_OUT, ""]),
        Begun(**begun[UNAIDED, ""]),
    )


def _events(annotation: Annotation) -> Iterator[tuple[str, str]]:
    for event in annotation.events:
        yield event.type, _FATE_OF.get(event.origin or "", ADDED)
    for name in annotation.removed:
        if "/" not in name:
            yield event_place(name)[2], REMOVED


def _arguments(annotation: Annotation) -> Iterator[tuple[str, str]]:
    for event in annotation.events:
        for argument in event.arguments:
            yield argument.role, _FATE_OF.get(argument.origin or "", ADDED)
    for name in annotation.removed:
        if "/" in name:
            yield name.split("/")[1], REMOVED


def _tallies(counted: Counter[tuple[str, str]]) -> Tallies:
    labels = sorted({label for label, _ in counted})
    return {label: {fate: counted[label, fate] for fate in FATES} for label in labels}
