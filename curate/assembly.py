"""How the pieces of a reading are put together, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from curate.records import Annotation, Argument, Event, Link, Reading, Record, Value, event_place
from curate.schema.model import EventSchema, RoleUse
from curate.spans import Span

AnyReading = Reading | Annotation | Record
"""What holds events, clusters, links and article attributes."""


def fill(
    schema: EventSchema, on: str, label: str, values_set: Mapping[str, Value], level: str | None = None
) -> dict[str, Value]:
    """Give every attribute of triggers, arguments or the article its value, those of one level or of both.

    That is what was set, else the default, null where it isn't asked. ``label`` is the event type or role, ``""`` for
    the article. Names in ``values_set`` that are none of those attributes are passed over.
    """
    values = schema.unset(on, level, label)
    for name, value in values_set.items():
        if name in values:
            values[name] = schema.attributes[name].held(label, value)
    return values


def clusters_of(event_ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Gather the events that ``pairs`` join, directly or through others; the rest stand alone.

    Members are in order of place, clusters in order of their first member; an id given twice counts once.
    Raises KeyError where a pair names an event that is not among ``event_ids``.
    """
    return clusters_in_order(sorted(set(event_ids), key=event_place), pairs)


def clusters_in_order(event_ids: Sequence[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Gather as ``clusters_of`` does events that are in order of place, each given once."""
    parent = {identifier: identifier for identifier in event_ids}
    for one, other in pairs:
        parent[_root(parent, one)] = _root(parent, other)
    gathered: dict[str, list[str]] = {}
    for identifier in event_ids:
        gathered.setdefault(_root(parent, identifier), []).append(identifier)
    return list(gathered.values())


def cluster_values(schema: EventSchema, members: Sequence[Event]) -> tuple[dict[str, Value], dict[str, list[Value]]]:
    """Settle the event-level attributes of the mentions of one happening.

    ``members`` hold in ``attributes`` what was set on each. The value is the one non-default value set, else
    the default, null where the attribute isn't asked of any member's type. Gives the values, one for every
    event-level attribute, and for each attribute with several non-default values those values in the order of
    the members; such an attribute holds its default.
    """
    values: dict[str, Value] = {}
    for member in members:
        if not values:
            values = schema.unset("trigger", "event", member.type)
        elif member.type != members[0].type:
            asked = schema.unset("trigger", "event", member.type)
            values |= {name: default for name, default in asked.items() if default is not None}
    found: dict[str, list[Value]] = {}
    for name, default in values.items():
        for member in members:
            said = member.attributes.get(name)
            if said is not None:
                value = schema.attributes[name].held(member.type, said)
                if value is not None and value != default and value not in found.setdefault(name, []):
                    found[name].append(value)
    conflicts: dict[str, list[Value]] = {}
    for name, several in found.items():
        if len(several) == 1:
            values[name] = several[0]
        else:
            conflicts[name] = several
    return values, conflicts


def lift(reading: Reading, schema: EventSchema) -> Reading:
    """Bring a reading made under an earlier version of a schema to ``schema``.

    Attributes that are new get their default. What the schema no longer has stays, for validation to refuse.
    """
    shared = schema.attributes_on("trigger", "event")
    events = []
    for event in reading.events:
        arguments = [
            replace(one, attributes=one.attributes | fill(schema, "argument", one.role, one.attributes))
            for one in event.arguments
        ]
        kept = event.attributes | {attribute.name: event.attributes.get(attribute.name) for attribute in shared}
        attributes = kept | fill(schema, "trigger", event.type, kept, "mention")
        events.append(replace(event, arguments=arguments, attributes=attributes))
    types = {event.id: event.type for event in events}
    clusters = [
        replace(one, attributes=one.attributes | fill(schema, "trigger", types[one.id], one.attributes, "event"))
        for one in reading.clusters
    ]
    own = reading.attributes | fill(schema, "article", "", reading.attributes)
    return replace(reading, events=events, clusters=clusters, attributes=own)


def filling_events(use: RoleUse, owner: str, span: Span, events: Iterable[Event]) -> list[str]:
    """Name the events that fill a role drawn on ``span``, by place.

    They are those with that very trigger, other than ``owner``, of a type the role admits. One means that the
    event is the filler, none that the span itself is, several that it can't be told.
    """
    if not use.event_fillers:
        return []
    return sorted(
        (
            event.id
            for event in events
            if event.id != owner
            and event.type in use.event_fillers
            and (event.trigger.start, event.trigger.end) == span
        ),
        key=event_place,
    )


def event_order(event: Event) -> tuple[int, int, str]:
    """Give the sort key of an event, which its id tells as well: start, end, type."""
    return event.trigger.start, event.trigger.end, event.type


def argument_order(argument: Argument) -> tuple[str, int, int, str]:
    """Give the sort key of an event's arguments: role, place of the filler, id."""
    if argument.event_id is not None:
        start, end, _ = event_place(argument.event_id)
        return argument.role, start, end, argument.id
    return argument.role, argument.start or 0, argument.end or 0, argument.id


def canonical_links(schema: EventSchema, links: Iterable[Link]) -> list[Link]:
    """Put links in order of type and ends, each once; a symmetric one starts at its earlier event."""
    turned = []
    for link in links:
        if link.type in schema.links and schema.links[link.type].symmetric:
            source, target = sorted((link.source, link.target), key=event_place)
            turned.append(Link(type=link.type, source=source, target=target))
        else:
            turned.append(link)
    if len(turned) < 2:
        return turned
    return sorted(set(turned), key=lambda link: (link.type, event_place(link.source), event_place(link.target)))


def _root(parent: dict[str, str], identifier: str) -> str:
    while parent[identifier] != identifier:
        parent[identifier] = parent[parent[identifier]]
        identifier = parent[identifier]
    return identifier
