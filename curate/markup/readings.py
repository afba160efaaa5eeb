"""Between the parts of a marked-up text and what a reading says under a schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from curate.assembly import (
    AnyReading,
    argument_order,
    canonical_links,
    cluster_values,
    clusters_of,
    fill,
    filling_events,
)
from curate.markup.parts import (
    Marked,
    MarkedArgument,
    MarkedLink,
    MarkedTrigger,
    MarkupError,
    Values,
    ordered,
)
from curate.records import (
    Argument,
    Cluster,
    Event,
    Link,
    Reading,
    Span,
    Value,
    argument_id,
    event_id,
    event_place,
)
from curate.schema.model import SAME_EVENT, Attribute, EventSchema

_INTEGER = re.compile("-?[0-9]{1,18}")


def to_reading(marked: Marked, schema: EventSchema) -> Reading:
    """Say what the marks mean under ``schema``: a canonical reading, every attribute filled in.

    An argument on the very trigger of one other event, of a type its role admits, is filled by that event.
    Raises MarkupError, at its place in ``marked.text``, for what the schema has no words for or what has no
    one meaning: an unknown type, role, link, attribute or value, an attribute where it isn't asked, a filler
    the role doesn't admit, an event or argument given twice, mentions of one event that contradict each
    other.
    How many fillers a role takes and which types a link joins is not looked at.
    """
    by_number = {trigger.number: _event(marked.text, trigger, schema) for trigger in marked.triggers}
    places = {number: event.trigger.start for number, event in by_number.items()}
    _refuse_repeated([(event.id, event.trigger.start) for event in by_number.values()], marked.text)
    arguments = [(argument.event, _argument(marked.text, argument, by_number, schema)) for argument in marked.arguments]
    _refuse_repeated([(argument.id, places[number]) for number, argument in arguments], marked.text)
    said = {
        event.id: msgspec.structs.replace(
            event,
            arguments=sorted((one for owner, one in arguments if owner == number), key=argument_order),
        )
        for number, event in by_number.items()
    }
    pairs, links = [], []
    for link in marked.links:
        source, target = by_number[link.source].id, by_number[link.target].id
        if link.type == SAME_EVENT:
            pairs.append((source, target))
        elif link.type in schema.links:
            links.append(Link(type=link.type, source=source, target=target))
        else:
            known = ", ".join([SAME_EVENT, *schema.links])
            raise MarkupError(f"unknown link {link.type} (there are {known})", marked.text, places[link.source])
    article_level = schema.attributes_on("article")
    return Reading(
        events=[
            msgspec.structs.replace(event, attributes=fill(schema, "trigger", event.type, event.attributes, "mention"))
            for event in sorted(said.values(), key=lambda event: event_place(event.id))
        ],
        clusters=_clusters(marked.text, said, pairs, schema),
        links=canonical_links(schema, links),
        attributes=fill(schema, "article", "", _set(marked.attributes, article_level, "", marked.text, 0)),
    )


def from_reading(text: str, reading: AnyReading, schema: EventSchema | None = None) -> Marked:
    """Mark what ``reading`` says of ``text``, the events numbered from 1 by place.

    With a ``schema`` values that are its defaults are left out, otherwise every value is written. Event-level
    attributes stand on the first mention of their cluster, which ``same_event`` joins to each other one.
    """
    events = sorted(reading.events, key=lambda event: event_place(event.id))
    numbers = {event.id: number for number, event in enumerate(events, start=1)}
    spans = {event.id: (event.trigger.start, event.trigger.end) for event in events}
    values = {event.id: dict(event.attributes) for event in events}
    links = [MarkedLink(link.type, numbers[link.source], numbers[link.target]) for link in reading.links]
    for cluster in reading.clusters:
        first, *others = cluster.events
        links += [MarkedLink(SAME_EVENT, numbers[first], numbers[other]) for other in others]
        for name, value in cluster.attributes.items():
            if all(values[member].get(name) is None for member in cluster.events):
                values[_asked_of(name, cluster, numbers, events, schema)][name] = value
    triggers = [
        MarkedTrigger(numbers[event.id], event.type, *spans[event.id], _as_written(values[event.id], schema))
        for event in events
    ]
    arguments = [
        MarkedArgument(
            argument.role,
            numbers[event.id],
            *(_own_span(argument) if argument.event_id is None else spans[argument.event_id]),
            _as_written(argument.attributes, schema),
        )
        for event in events
        for argument in event.arguments
    ]
    attributes = _as_written(reading.attributes, schema)
    return ordered(Marked(text, tuple(triggers), tuple(arguments), tuple(links), attributes))


def _event(text: str, trigger: MarkedTrigger, schema: EventSchema) -> Event:
    """The event with what was set on it, both levels, and no arguments yet."""
    if trigger.type not in schema.event_types:
        known = ", ".join(schema.event_types)
        raise MarkupError(f"unknown event type {trigger.type} (there are {known})", text, trigger.start)
    asked = schema.attributes_on("trigger")
    return Event(
        id=event_id(trigger.type, trigger.start, trigger.end),
        type=trigger.type,
        trigger=Span(start=trigger.start, end=trigger.end, text=text[trigger.start : trigger.end]),
        arguments=[],
        attributes=_set(trigger.attributes, asked, trigger.type, text, trigger.start),
    )


def _argument(text: str, argument: MarkedArgument, by_number: Mapping[int, Event], schema: EventSchema) -> Argument:
    owner, role = by_number[argument.event], argument.role
    use = schema.event_types[owner.type].roles.get(role)
    if use is None:
        known = ", ".join(schema.event_types[owner.type].roles) or "none"
        raise MarkupError(f"{owner.type} has no role {role} (its roles: {known})", text, argument.start)
    asked = schema.attributes_on("argument")
    attributes = fill(schema, "argument", role, _set(argument.attributes, asked, role, text, argument.start))
    fillers = filling_events(use, owner.id, (argument.start, argument.end), by_number.values())
    if len(fillers) > 1:
        raise MarkupError(
            f"{role} could be any of the events {', '.join(fillers)} that stand here", text, argument.start
        )
    if fillers:
        identifier = argument_id(owner.id, role, fillers[0])
        return Argument(
            id=identifier,
            role=role,
            start=None,
            end=None,
            text=None,
            event_id=fillers[0],
            attributes=attributes,
        )
    if not use.span_filler:
        wanted = ", ".join(sorted(use.event_fillers))
        raise MarkupError(f"{role} of {owner.type} takes events only ({wanted})", text, argument.start)
    return Argument(
        id=argument_id(owner.id, role, f"{argument.start}-{argument.end}"),
        role=role,
        start=argument.start,
        end=argument.end,
        text=text[argument.start : argument.end],
        event_id=None,
        attributes=attributes,
    )


def _clusters(
    text: str, said: Mapping[str, Event], pairs: Sequence[tuple[str, str]], schema: EventSchema
) -> list[Cluster]:
    clusters = []
    for members in clusters_of(said, pairs):
        values, conflicts = cluster_values(schema, [said[member] for member in members])
        for name, others in conflicts.items():
            problem = f"{', '.join(members)} are one event, but {name} is {' and '.join(map(str, others))}"
            raise MarkupError(problem, text, event_place(members[0])[0])
        clusters.append(Cluster(id=members[0], events=members, attributes=values))
    return clusters


def _set(written: Values, asked: Sequence[Attribute], label: str, text: str, position: int) -> dict[str, Value]:
    by_name = {attribute.name: attribute for attribute in asked if attribute.applies(label)}
    for name in written:
        if name not in by_name:
            known = ", ".join(by_name) or "none"
            problem = f"{label or 'the article'} has no attribute {name} (it is asked: {known})"
            raise MarkupError(problem, text, position)
    return {name: _meant(values, by_name[name], text, position) for name, values in written.items()}


def _meant(written: tuple[str, ...], attribute: Attribute, text: str, position: int) -> Value:
    wrong = [choice for choice in written if attribute.kind in ("choice", "choices") and choice not in attribute.values]
    if wrong:
        problem = f"{attribute.name} can't be {wrong[0]!r}: it is one of {', '.join(attribute.values)}"
        raise MarkupError(problem, text, position)
    if attribute.kind == "choices":
        return list(written)
    if len(written) != 1:
        raise MarkupError(f"{attribute.name} takes one value, not {len(written)}", text, position)
    if attribute.kind != "integer":
        return written[0]
    if not _INTEGER.fullmatch(written[0]):
        raise MarkupError(f"{attribute.name} is an integer, not {written[0]!r}", text, position)
    return int(written[0])


def _refuse_repeated(identifiers: Sequence[tuple[str, int]], text: str) -> None:
    seen: set[str] = set()
    for identifier, position in identifiers:
        if identifier in seen:
            raise MarkupError(f"{identifier} is marked twice", text, position)
        seen.add(identifier)


def _as_written(values: Mapping[str, Value], schema: EventSchema | None) -> Values:
    def written() -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, value in values.items():
            known = schema.attributes.get(name) if schema else None
            if value is None or value == [] or (known and value == known.default):
                continue
            yield name, tuple(value) if isinstance(value, list) else (str(value),)

    return dict(written())


def _asked_of(
    name: str,
    cluster: Cluster,
    numbers: Mapping[str, int],
    events: Sequence[Event],
    schema: EventSchema | None,
) -> str:
    """The member an event-level attribute is written on: the first one it is asked of."""
    known = schema.attributes.get(name) if schema else None
    for member in cluster.events:
        if known is None or known.applies(events[numbers[member] - 1].type):
            return member
    return cluster.events[0]


def _own_span(argument: Argument) -> tuple[int, int]:
    if argument.start is None or argument.end is None:
        raise ValueError(f"argument {argument.id} has no filler")
    return argument.start, argument.end
