"""Where readings mean the same event or argument but say it differently, they differ in a field (pure).

Two readings that mark “struck” as Attack and as Clash, or “air strike” and “strike”, differ in a type or a span; what
hangs on the event is compared as of one event. So every event and argument meant alike gets one name in all readings
before they are compared by exact keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from msgspec.structs import replace

from curate.adjudication.statements import candidates_of
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
from curate.spans import Span

Chooser = Callable[[str, Sequence[Candidate]], str | None]


@dataclass(frozen=True)
class Fields:
    """The readings with one name for what is meant alike, and the fields on which they differ."""

    readings: dict[str, Reading]
    candidates: dict[str, list[Candidate]]
    chosen: dict[str, str | None]


@dataclass(frozen=True)
class _Mark:
    """An event or argument by its id: its type or role, where it stands, who has it, what an event's roles hold."""

    id: str
    kind: str
    span: Span
    filler: str
    holders: frozenset[str]
    roles: frozenset[str] = frozenset()


def common_fields(readings: Mapping[str, Reading], schema: EventSchema, choose: Chooser) -> Fields:
    """Give one name to events, then to arguments, that the readings mean alike.

    Nobody's reading has two that become one. The name is the one that ``choose`` settles on, else the one most
    readings have, else the first by place; it never depends on the order or the names of the readers.
    """
    fields = Fields({}, {}, {})
    names = _names(_same([_event_marks(readings)], _events_alike), ("type", "span"), choose, fields)
    known = {event.id: event for reading in readings.values() for event in reading.events}
    renamed = {who: _rename_events(reading, names, known, schema) for who, reading in readings.items()}
    twins = _names(_same(_argument_marks(renamed), _arguments_alike), ("role", "span"), choose, fields)
    filled = {one.id: one for reading in renamed.values() for event in reading.events for one in event.arguments}
    for who, reading in renamed.items():
        fields.readings[who] = replace(
            reading, events=[_rename_arguments(e, twins, filled, schema) for e in reading.events]
        )
    return fields


def _event_marks(readings: Mapping[str, Reading]) -> list[_Mark]:
    held: dict[str, set[str]] = {}
    roles: dict[str, set[str]] = {}
    for who, reading in readings.items():
        for event in reading.events:
            held.setdefault(event.id, set()).add(who)
            own = roles.setdefault(event.id, set())
            own.update(one.id.removeprefix(event.id) for one in event.arguments)
    marks = []
    for name in sorted(held, key=event_place):
        start, end, kind = event_place(name)
        marks.append(_Mark(name, kind, (start, end), f"{start}-{end}", frozenset(held[name]), frozenset(roles[name])))
    return marks


def _argument_marks(readings: Mapping[str, Reading]) -> list[list[_Mark]]:
    """Gather the arguments of each event; a filler that is an event counts as the place where it stands."""
    held: dict[str, set[str]] = {}
    known: dict[str, tuple[str, Argument]] = {}
    for who, reading in readings.items():
        for event in reading.events:
            for one in event.arguments:
                held.setdefault(one.id, set()).add(who)
                known[one.id] = (event.id, one)
    owned: dict[str, list[_Mark]] = {}
    for name in sorted(known, key=lambda name: (known[name][0], argument_order(known[name][1]))):
        owner, one = known[name]
        filler = one.event_id or f"{one.start}-{one.end}"
        owned.setdefault(owner, []).append(_Mark(name, one.role, _filler_span(one), filler, frozenset(held[name])))
    return [owned[owner] for owner in sorted(owned, key=event_place)]


def _filler_span(argument: Argument) -> Span:
    if argument.event_id is not None:
        return event_place(argument.event_id)[:2]
    return argument.start or 0, argument.end or 0


def _events_alike(one: _Mark, other: _Mark) -> tuple[Fraction, int, int] | None:
    """Weigh whether two ids mean one event: by overlap of the triggers, then type, then shared arguments."""
    overlap = _overlap(one.span, other.span)
    if not overlap or (one.kind != other.kind and overlap < Fraction(1, 2)):
        return None
    return overlap, int(one.kind == other.kind), len(one.roles & other.roles)


def _arguments_alike(one: _Mark, other: _Mark) -> tuple[Fraction, int, int] | None:
    """Weigh whether two ids mean one argument: one filler in two roles, or one role and fillers that overlap."""
    overlap = _overlap(one.span, other.span)
    if one.filler == other.filler or (overlap and one.kind == other.kind):
        return overlap, int(one.kind == other.kind), 0
    return None


def _overlap(one: Span, other: Span) -> Fraction:
    """Give the share of two spans that both cover (intersection over union, in code points)."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return Fraction(max(common, 0), max(one[1], other[1]) - min(one[0], other[0]))


def _same(
    families: Iterable[list[_Mark]], alike: Callable[[_Mark, _Mark], tuple[Fraction, int, int] | None]
) -> list[list[_Mark]]:
    """Join marks that are alike, the likest first, as long as no reading has two of one group."""
    groups: list[list[_Mark]] = []
    for marks in families:
        group_of = {mark.id: [mark] for mark in marks}
        weighed = [
            (weight, -first, -second)
            for (first, one), (second, other) in combinations(enumerate(marks), 2)
            if not one.holders & other.holders and (weight := alike(one, other)) is not None
        ]
        for _, first, second in sorted(weighed, reverse=True):
            one, other = group_of[marks[-first].id], group_of[marks[-second].id]
            if one is not other and not _holders(one) & _holders(other):
                one += other
                group_of.update({mark.id: one for mark in other})
        groups += {id(group): group for group in group_of.values()}.values()
    return groups


def _holders(group: Iterable[_Mark]) -> set[str]:
    return {who for mark in group for who in mark.holders}


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
