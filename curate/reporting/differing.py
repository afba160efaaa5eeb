"""Where the readings of an article differ, as rows that people can read (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curate.assembly import AnyReading
from curate.records import Annotation, Argument, Event, Value
from curate.schema.model import Attribute, EventSchema


@dataclass(frozen=True)
class Difference:
    """One thing that readings say differently: what it is about, and what each says, None for nothing."""

    about: str
    said: tuple[str | None, ...]


def shared_ids(readings: Sequence[AnyReading]) -> set[str]:
    """Name the events and arguments that every reading has."""
    stated = [
        {event.id for event in one.events} | {argument.id for event in one.events for argument in event.arguments}
        for one in readings
    ]
    return set.intersection(*stated) if stated else set()


def differences(readings: Sequence[Annotation], schema: EventSchema) -> list[Difference]:
    """List what the readings say differently, in order of the text, the article's attributes last.

    Things are told apart by their place: a trigger by its span, an argument by the spans of its trigger and filler.
    An attribute is compared only where the readings that differ both have what it is asked of; no answer to it is one.
    """
    said = [_said(one, schema) for one in readings]
    keys = sorted({key for one in said for key in one})
    found = []
    for key in keys:
        place, _, about = key
        answers = tuple(one.get(key) for one in said)
        asked = [one for one in answers if one is not None] if place[4] else answers
        if len(set(asked)) > 1:
            found.append(Difference(about, answers))
    return found


_Place = tuple[int, int, int, int, int]
_Key = tuple[_Place, int, str]


def _said(reading: Annotation, schema: EventSchema) -> dict[_Key, str]:
    """Give what a reading says of each thing. A key holds place, rank and words; answers are joined."""
    said: dict[_Key, list[str]] = {}
    mention, shared = schema.attributes_on("trigger", "mention"), schema.attributes_on("trigger", "event")
    events = {event.id: event for event in reading.events}
    for event in reading.events:
        start, end, words = event.trigger.start, event.trigger.end, f"“{event.trigger.text}”"
        said.setdefault(((start, end, -1, -1, 0), 0, words), []).append(event.type)
        for name, value in _asked(mention, event.type, event.attributes):
            _answer(said, ((start, end, -1, -1, 1), 1, f"{words}: {name}"), value)
        for argument in event.arguments:
            left, right, filler = _filler(argument, events)
            about = f"{words} and {filler}"
            said.setdefault(((start, end, left, right, 0), 2, about), []).append(argument.role)
            for name, value in _asked(schema.attributes_on("argument"), argument.role, argument.attributes):
                _answer(said, ((start, end, left, right, 1), 3, f"{about}: {name}"), value)
    for cluster in reading.clusters:
        for member in cluster.events:
            trigger = events[member].trigger
            others = [f"“{events[one].trigger.text}”" for one in cluster.events if one != member]
            key = ((trigger.start, trigger.end, -1, -1, 1), 1, f"“{trigger.text}”: same event as")
            said.setdefault(key, []).append(", ".join(others) or "no other")
            for name, value in _asked(shared, events[member].type, cluster.attributes):
                _answer(said, ((trigger.start, trigger.end, -1, -1, 1), 1, f"“{trigger.text}”: {name}"), value)
    for link in reading.links:
        one, other = events[link.source].trigger, events[link.target].trigger
        place = (one.start, one.end, other.start, other.end, 0)
        said.setdefault((place, 4, f"link “{one.text}” to “{other.text}”"), []).append(link.type)
    for name, value in _asked(schema.attributes_on("article"), "", reading.attributes):
        _answer(said, ((2**62, 0, 0, 0, 1), 5, f"article: {name}"), value)
    return {key: ", ".join(sorted(set(answers))) for key, answers in said.items()}


def _asked(attributes: Iterable[Attribute], label: str, values: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Give the answers to the attributes that are asked of a type or role, null where there is none."""
    return ((one.name, values.get(one.name)) for one in attributes if one.applies(label))


def _answer(said: dict[_Key, list[str]], key: _Key, value: Value) -> None:
    said.setdefault(key, []).append(
        "nothing" if value in (None, []) else ", ".join(value) if isinstance(value, list) else str(value)
    )


def _filler(argument: Argument, events: dict[str, Event]) -> tuple[int, int, str]:
    if argument.event_id:
        trigger = events[argument.event_id].trigger
        return trigger.start, trigger.end, f"the event “{trigger.text}”"
    return argument.start or 0, argument.end or 0, f"“{argument.text}”"
