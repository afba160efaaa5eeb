"""A reading as a Label Studio result (pure): what curate itself puts on the page.

Arguments are nested under their trigger; only what differs from a default is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curate.assembly import filling_events
from curate.records import Argument, Event, Reading, Span, Value, event_id
from curate.schema.model import SAME_EVENT, Attribute, EventSchema


def stamp_result(stamp: str) -> dict[str, Any]:
    """Make the piece that says under which schema a result was made."""
    return {
        "id": "schema",
        "type": "choices",
        "from_name": "schema",
        "to_name": "text",
        "origin": "manual",
        "value": {"choices": [stamp]},
    }


def result_of(reading: Reading, schema: EventSchema) -> list[dict[str, Any]]:
    """Write a reading as a result that reads back as the same reading under ``schema``.

    A span that coincides with an event the role admits would read back as that event; such a reading can't be
    written and doesn't come out of a result either. Raises ValueError for attributes of an argument that only an
    arrow can draw.
    """
    entries = [stamp_result(schema.stamp)]
    for attribute in schema.attributes_on("article"):
        entries += _value(attribute, reading.attributes.get(attribute.name), "article", {})
    names = {event.id: f"t{number}" for number, event in enumerate(reading.events, 1)}
    shared = {cluster.events[0]: cluster.attributes for cluster in reading.clusters}
    arrows: list[dict[str, Any]] = []
    number = 0
    for event in reading.events:
        span = {"start": event.trigger.start, "end": event.trigger.end, "text": event.trigger.text}
        entries.append(_region(names[event.id], event.type, span, None))
        set_values = {**event.attributes, **shared.get(event.id, {})}
        for attribute in schema.attributes_on("trigger"):
            if attribute.applies(event.type):
                entries += _value(attribute, set_values.get(attribute.name), names[event.id], span)
        for argument in event.arguments:
            if argument.event_id is not None and needs_arrow(argument, event, reading, schema):
                arrows.append(_arrow(names[event.id], names[argument.event_id], argument.role))
                _refuse_attributes(argument, schema)
                continue
            number += 1
            entries += _argument(argument, f"a{number}", names[event.id], reading, schema)
    for cluster in reading.clusters:
        for first, second in zip(cluster.events, cluster.events[1:], strict=False):
            arrows.append(_arrow(names[first], names[second], SAME_EVENT))
    arrows += [_arrow(names[link.source], names[link.target], link.type) for link in reading.links]
    return entries + arrows


def needs_arrow(argument: Argument, owner: Event, reading: Reading, schema: EventSchema) -> bool:
    """Tell whether a role span over the filler's trigger would not be read as just that event."""
    filler = next(event for event in reading.events if event.id == argument.event_id)
    use, span = schema.event_types[owner.type].roles[argument.role], filler.trigger
    return filling_events(use, owner.id, (span.start, span.end), reading.events) != [filler.id]


def region_statements(result: list[dict[str, Any]], reading: Reading) -> dict[str, str]:
    """Tell what each region of a result that was written from a reading stands for: its event's or argument's id."""
    triggers = {event.id: event.trigger for event in reading.events}
    arguments = {
        (event.id, one.role, *_filler_span(one, triggers)): one.id
        for event in reading.events
        for one in event.arguments
    }
    states: dict[str, str] = {}
    for entry in result:
        if entry["type"] == "labels":
            value, parent = entry["value"], states.get(entry.get("parentID", ""))
            span = value["start"], value["end"]
            states[entry["id"]] = (
                arguments[parent, value["labels"][0], *span] if parent else event_id(value["labels"][0], *span)
            )
    return states


def _filler_span(argument: Argument, triggers: Mapping[str, Span]) -> tuple[int | None, int | None]:
    if argument.event_id is None:
        return argument.start, argument.end
    return triggers[argument.event_id].start, triggers[argument.event_id].end


def _refuse_attributes(argument: Argument, schema: EventSchema) -> None:
    """An arrow carries no attributes, so those of its argument must be the defaults."""
    defaults = schema.unset("argument", None, argument.role)
    if argument.attributes != defaults:
        raise ValueError(f"{argument.id}: two events stand on its span, so its attributes can't be written.")


def _argument(
    argument: Argument, name: str, parent: str, reading: Reading, schema: EventSchema
) -> list[dict[str, Any]]:
    if argument.event_id is None:
        span = {"start": argument.start, "end": argument.end, "text": argument.text}
    else:
        trigger = next(event.trigger for event in reading.events if event.id == argument.event_id)
        span = {"start": trigger.start, "end": trigger.end, "text": trigger.text}
    entries = [_region(name, argument.role, span, parent)]
    for attribute in schema.attributes_on("argument"):
        if attribute.applies(argument.role):
            entries += _value(attribute, argument.attributes.get(attribute.name), name, span, parent)
    return entries


def _region(name: str, label: str, span: dict[str, Any], parent: str | None) -> dict[str, Any]:
    region = {
        "id": name,
        "type": "labels",
        "from_name": "label",
        "to_name": "text",
        "origin": "manual",
        "value": {**span, "labels": [label]},
    }
    return region | ({"parentID": parent} if parent else {})


def _arrow(source: str, target: str, label: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": source, "to_id": target, "direction": "right", "labels": [label]}


def _value(
    attribute: Attribute, value: Value, name: str, span: dict[str, Any], parent: str | None = None
) -> list[dict[str, Any]]:
    if value is None or value == attribute.default:
        return []
    kind, key, held = {
        "choice": ("choices", "choices", [value]),
        "choices": ("choices", "choices", value),
        "integer": ("number", "number", value),
    }.get(attribute.kind, ("textarea", "text", [value]))
    entry = {
        "id": f"{name}-{attribute.name}" if not span else name,
        "type": kind,
        "from_name": attribute.name,
        "to_name": "text",
        "origin": "manual",
        "value": {**span, key: held},
    }
    return [entry | ({"parentID": parent} if parent else {})]
