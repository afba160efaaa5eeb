"""Where readings mean the same event or argument but say it differently, they differ in a field (pure).

Two readings that mark “struck” as Attack and as Clash, or “air strike” and “strike”, differ in a type or a span; what
hangs on the event is compared as of one event. So every event and argument meant alike gets one name in all readings
before they are compared by exact keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from curate.adjudication.statements import candidates_of
from curate.alignment import Unit, align_all
from curate.assembly import argument_order, canonical_links
from curate.records import (
    Argument,
    Candidate,
    Cluster,
    Event,
    Reading,
    Value,
    argument_id,
    event_place,
)
from curate.schema.model import EventSchema

Chooser = Callable[[str, Sequence[Candidate]], str | None]


@dataclass(frozen=True)
class Fields:
    """The readings with one name for what is meant alike, and the fields on which they differ."""

    readings: dict[str, Reading]
    candidates: dict[str, list[Candidate]]
    chosen: dict[str, str | None]


@dataclass(frozen=True)
class _Mark:
    """An event or argument by its id: its type or role, what fills it or where it stands, who has it."""

    id: str
    kind: str
    filler: str
    holders: frozenset[str]


def common_fields(articles: Sequence[Mapping[str, Reading]], schema: EventSchema, choose: Chooser) -> list[Fields]:
    """Give one name to events, then to arguments, that the readings of an article mean alike; article by article.

    Nobody's reading has two that become one. The name is the one that ``choose`` settles on, else the one most
    readings have, else the first by place; it never depends on the order or the names of the readers. Many articles
    at once take a fraction of the time that they take one by one.
    """
    made = [Fields({}, {}, {}) for _ in articles]
    for readings, aligned, fields in zip(articles, align_all(articles), made, strict=True):
        names = _names(_groups(_event_marks(readings), aligned.events), ("type", "span"), choose, fields)
        known = {event.id: event for reading in readings.values() for event in reading.events}
        fields.readings.update(
            {who: _rename_events(reading, names, known, schema) for who, reading in readings.items()}
        )
    for aligned, fields in zip(align_all([fields.readings for fields in made]), made, strict=True):
        readings = fields.readings
        twins = _names(_groups(_argument_marks(readings), aligned.arguments), ("role", "span"), choose, fields)
        filled = {one.id: one for reading in readings.values() for event in reading.events for one in event.arguments}
        for who, reading in readings.items():
            fields.readings[who] = replace(
                reading, events=[_rename_arguments(event, twins, filled, schema) for event in reading.events]
            )
    return made


def _event_marks(readings: Mapping[str, Reading]) -> list[_Mark]:
    held: dict[str, set[str]] = {}
    for who, reading in readings.items():
        for event in reading.events:
            held.setdefault(event.id, set()).add(who)
    marks = []
    for name in sorted(held, key=event_place):
        start, end, kind = event_place(name)
        marks.append(_Mark(name, kind, f"{start}-{end}", frozenset(held[name])))
    return marks


def _argument_marks(readings: Mapping[str, Reading]) -> list[_Mark]:
    """List the arguments by event; a filler that is an event counts as the place where it stands."""
    held: dict[str, set[str]] = {}
    known: dict[str, tuple[str, Argument]] = {}
    for who, reading in readings.items():
        for event in reading.events:
            for one in event.arguments:
                held.setdefault(one.id, set()).add(who)
                known[one.id] = (event.id, one)
    marks = []
    for name in sorted(known, key=lambda name: (event_place(known[name][0]), argument_order(known[name][1]))):
        one = known[name][1]
        filler = one.event_id or f"{one.start}-{one.end}"
        marks.append(_Mark(name, one.role, filler, frozenset(held[name])))
    return marks


def _groups(marks: Sequence[_Mark], units: Iterable[Unit]) -> list[list[_Mark]]:
    """Gather the marks of each aligned thing; nobody has two of one group."""
    place = {mark.id: number for number, mark in enumerate(marks)}
    return [[marks[number] for number in sorted({place[one] for one in unit.values()})] for unit in units]


def _names(groups: list[list[_Mark]], forms: tuple[str, str], choose: Chooser, fields: Fields) -> dict[str, str]:
    """Choose a name for each group and note the fields on which its marks differ."""
    names: dict[str, str] = {}
    for group in groups:
        candidates = {
            form: candidates_of({who: _form(mark, form) for mark in group for who in mark.holders})
            for form in forms
            if len({_form(mark, form) for mark in group}) > 1
        }
        chosen = {form: choose(f"{group[0].id}:{form}", found) for form, found in candidates.items()}
        fitting = [mark for mark in group if all(one in (None, _form(mark, form)) for form, one in chosen.items())]
        if not fitting:
            chosen, fitting = dict.fromkeys(chosen), group
        best = max(fitting, key=lambda mark: len(mark.holders))
        names.update({mark.id: best.id for mark in group})
        fields.candidates.update({f"{best.id}:{form}": found for form, found in candidates.items()})
        fields.chosen.update({f"{best.id}:{form}": answer for form, answer in chosen.items()})
    return names


def _form(mark: _Mark, form: str) -> str:
    return mark.filler if form == "span" else mark.kind


def _rename_events(
    reading: Reading, names: Mapping[str, str], known: Mapping[str, Event], schema: EventSchema
) -> Reading:
    events = []
    for event in reading.events:
        twin = known[names[event.id]]
        arguments = []
        for one in event.arguments:
            filler = names.get(one.event_id or "", one.event_id)
            name = argument_id(twin.id, one.role, filler or f"{one.start}-{one.end}")
            arguments.append(replace(one, id=name, event_id=filler))
        events.append(
            replace(
                event,
                id=twin.id,
                type=twin.type,
                trigger=twin.trigger,
                arguments=arguments,
                attributes=_asked(event.attributes, event.type, schema),
            )
        )
    types = {event.id: event.type for event in reading.events}
    clusters = []
    for cluster in reading.clusters:
        members = sorted((names[member] for member in cluster.events), key=event_place)
        attributes = _asked(cluster.attributes, types[cluster.id], schema)
        clusters.append(Cluster(id=members[0], events=members, attributes=attributes))
    return replace(
        reading,
        events=sorted(events, key=lambda event: event_place(event.id)),
        clusters=sorted(clusters, key=lambda cluster: event_place(cluster.id)),
        links=canonical_links(
            schema, (replace(link, source=names[link.source], target=names[link.target]) for link in reading.links)
        ),
    )


def _rename_arguments(
    event: Event, twins: Mapping[str, str], known: Mapping[str, Argument], schema: EventSchema
) -> Event:
    arguments = []
    for one in event.arguments:
        twin = known[twins[one.id]]
        filler = {"start": twin.start, "end": twin.end, "text": twin.text, "event_id": twin.event_id}
        attributes = _asked(one.attributes, one.role, schema)
        arguments.append(replace(one, id=twin.id, role=twin.role, attributes=attributes, **filler))
    return replace(event, arguments=sorted(arguments, key=argument_order))


def _asked(values: Mapping[str, Value], label: str, schema: EventSchema) -> dict[str, Value]:
    """Keep the values that were asked of the type or role they were given under: only they have a say."""
    return {name: value for name, value in values.items() if schema.attributes[name].applies(label)}
