"""Where findings are, told so that somebody at the labelling page finds the place (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.records import Annotation, Event

_PATH = re.compile(r"\$\.(?P<list>events|clusters|links)\[(?P<index>\d+)\](?:\.arguments\[(?P<argument>\d+)\])?")
_NAMED = re.compile(r'\((?P<label>[^\s"()]+) "')
_LONGEST = 40


def named_place(place: str, annotation: Annotation) -> str:
    """Add to a JSON path what stands there, as it is told of a region: ``$.events[2] (Attack "struck")``."""
    told = [f'{label} "{words[:_LONGEST]}"' for label, words in _found(place, annotation)]
    return f"{place} ({' > '.join(told)})" if told else place


def label_at(place: str) -> str:
    """Give the type, role or link that a place tells the words of; empty where it tells none."""
    found = _NAMED.search(place)
    return found["label"] if found else ""


def _found(place: str, annotation: Annotation) -> Iterator[tuple[str, str]]:
    """Give label and words of what a path leads to."""
    path = _PATH.match(place)
    if path is None:
        return
    index, events = int(path["index"]), {event.id: event for event in annotation.events}
    if path["list"] == "events":
        event = annotation.events[index]
        argument = None if path["argument"] is None else event.arguments[int(path["argument"])]
        yield from (
            [(event.type, event.trigger.text)]
            if argument is None
            else [(argument.role, argument.text or _words(argument.event_id, events))]
        )
    elif path["list"] == "clusters":
        yield from ((events[name].type, events[name].trigger.text) for name in annotation.clusters[index].events[:2])
    else:
        link = annotation.links[index]
        yield link.type, f"{_words(link.source, events)} > {_words(link.target, events)}"


def _words(name: str | None, events: dict[str, Event]) -> str:
    return events[name].trigger.text if name in events else ""
