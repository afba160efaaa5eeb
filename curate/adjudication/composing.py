"""Kept statements put together again as a reading, and as a record (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from curate.adjudication.statements import Statements, encoded
from curate.assembly import argument_order, canonical_links, clusters_of, fill
from curate.labelstudio.draft import attribute_statement
from curate.records import (
    Annotation,
    Argument,
    Article,
    Cluster,
    Event,
    Finding,
    Link,
    Provenance,
    Reading,
    Record,
    Value,
    event_place,
)
from curate.schema.model import EventSchema


def compose(
    said: Mapping[str, Statements], kept: set[str], chosen: Mapping[str, str | None], schema: EventSchema
) -> Reading:
    """Put the kept statements together; clusters are closed anew, and their values are their first mention's."""
    events: dict[str, Event] = {}
    arguments: dict[str, dict[str, Argument]] = {}
    links: dict[str, Link] = {}
    pairs: list[tuple[str, str]] = []
    for statements in said.values():
        events.update({key: event for key, event in statements.events.items() if key in kept})
        for key, (owner, argument) in statements.arguments.items():
            if key in kept and owner in kept:
                arguments.setdefault(owner, {})[key] = argument
        links.update({key: link for key, link in statements.links.items() if key in kept})
        pairs += [pair for key, pair in statements.pairs.items() if key in kept]
    values = _values(said, chosen)
    return Reading(
        events=[
            _event(events[key], arguments.get(key, {}).values(), values, schema)
            for key in sorted(events, key=event_place)
        ],
        clusters=[
            Cluster(
                id=members[0],
                events=members,
                attributes=_filled(schema, "trigger", events[members[0]].type, members[0], values, "event"),
            )
            for members in clusters_of(list(events), pairs)
        ],
        links=canonical_links(schema, links.values()),
        attributes=_filled(schema, "article", "", None, values),
    )


def contradictions(
    reading: Reading, said: Mapping[str, Statements], chosen: Mapping[str, str | None], schema: EventSchema
) -> list[Finding]:
    """Find the clusters whose mentions were settled to have different values of one event-level attribute."""
    values = _values(said, chosen)
    found = []
    for cluster in reading.clusters:
        for attribute in schema.attributes_on("trigger", "event"):
            settled = {encoded(values.get(attribute_statement(member, attribute.name))) for member in cluster.events}
            if len(settled) > 1:
                mentions = ", ".join(cluster.events)
                message = f"{mentions} would be one event with different values of {attribute.name}"
                found.append(Finding(code="event-attribute-conflict", level="error", place=cluster.id, message=message))
    return found


def record_of(article: Article, reading: Reading, readings: Sequence[Annotation], schema: EventSchema) -> Record:
    """Make the record of an article; ``readings`` are those it was adjudicated from."""
    return Record(
        **{name: getattr(article, name) for name in Article.__struct_fields__},
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        provenance=Provenance(
            schema=f"{schema.name}@{schema.version}",
            schema_digest=schema.digest,
            annotators=sorted(annotation.annotator for annotation in readings),
            adjudicated=True,
            suggestions=_suggestions(readings),
            split_group=article.id,
        ),
    )


def _suggestions(readings: Sequence[Annotation]) -> str:
    """Name what the readings were begun from; ``unknown`` where something was suggested that is gone by now."""
    names = {one.suggestions or _unnamed(one) for one in readings}
    return ", ".join(sorted(name for name in names if name)) or "none"


def _unnamed(annotation: Annotation) -> str:
    origins = {event.origin for event in annotation.events}
    origins |= {one.origin for event in annotation.events for one in event.arguments}
    return "unknown" if origins & {"prediction", "prediction-changed"} else ""


def _values(said: Mapping[str, Statements], chosen: Mapping[str, str | None]) -> dict[str, Value]:
    return {
        key: value
        for statements in said.values()
        for key, value in statements.values.items()
        if key not in chosen or chosen[key] == encoded(value)
    }


def _event(event: Event, arguments: Iterable[Argument], values: Mapping[str, Value], schema: EventSchema) -> Event:
    return Event(
        id=event.id,
        type=event.type,
        trigger=event.trigger,
        arguments=[
            replace(
                one, attributes=_filled(schema, "argument", one.role, one.id, values), origin=None, attached_by=None
            )
            for one in sorted(arguments, key=argument_order)
        ],
        attributes=_filled(schema, "trigger", event.type, event.id, values, "mention"),
    )


def _filled(
    schema: EventSchema, on: str, label: str, owner: str | None, values: Mapping[str, Value], level: str | None = None
) -> dict[str, Value]:
    asked = schema.attributes_on(on, level)
    own = {attribute.name: values.get(attribute_statement(owner, attribute.name)) for attribute in asked}
    return fill(schema, on, label, own, level)
