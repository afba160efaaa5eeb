"""Readings made under an earlier version of a schema, brought to the names of today (pure).

The schema file says under ``renamed`` what each version renamed; the rules of all versions since are followed one after
the other. Ids are made of names, so they change with them. What no rule leads to a name of today is told, with what
states it; an attribute that was never set and is asked no more says nothing and goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from curate.assembly import argument_order, canonical_links
from curate.labelstudio.pieces import Result, as_result, sent
from curate.records import Argument, Cluster, Event, Link, Reading, Value, argument_id, event_id, event_place
from curate.schema.model import SAME_EVENT, Attribute, EventSchema, followed, value_followed, version_order

SECTIONS = ("event_types", "roles", "links", "attributes")
_LINK = re.compile(r"(\w+)\(([^(),]+),([^(),]+)\)")


@dataclass(frozen=True)
class Renaming:
    """The way from one version of a schema to another: its names and values, each with what it is called there."""

    old: EventSchema
    new: EventSchema
    names: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]

    def gone(self) -> dict[str, list[str]]:
        """List by section what has no name in the new version; values as ``attribute: value``."""
        found = {
            section: [name for name, now in self.names[section].items() if now not in getattr(self.new, section)]
            for section in SECTIONS
        }
        kept = [name for name in self.old.attributes if name not in found["attributes"]]
        found["values"] = [
            f"{name}: {value}"
            for name in kept
            for value, now in self.values[name].items()
            if now not in self.new.attributes[self.names["attributes"][name]].values
        ]
        return {section: names for section, names in found.items() if names}

    def changed(self) -> dict[str, dict[str, str]]:
        """List by section what is called otherwise now; values as ``attribute: value``."""
        found = {section: {old: now for old, now in self.names[section].items() if now != old} for section in SECTIONS}
        found["values"] = {
            f"{name}: {old}": now
            for name, values in self.values.items()
            for old, now in values.items()
            if now != old and self.names["attributes"][name] in self.new.attributes
        }
        return {section: names for section, names in found.items() if names}

    def proposal(self) -> list[str]:
        """Write the rules that are missing, as lines of a schema file; NEW stands for the new name."""
        gone = self.gone()
        lines = ["renamed:", f"  {self.new.version}:"]
        for section in SECTIONS:
            if names := gone.get(section):
                lines.append(f"    {section}:")
                lines += [f"      {self.names[section][name]}: NEW" for name in names]
        if values := gone.get("values"):
            lines.append("    values:")
            by_attribute: dict[str, list[str]] = {}
            for name, value in (one.split(": ", 1) for one in values):
                by_attribute.setdefault(self.names["attributes"][name], []).append(self.values[name][value])
            for name, held in by_attribute.items():
                lines.append(f"      {name}:")
                lines += [f"        {value}: NEW" for value in held]
        return lines


@dataclass
class Migrated:
    """A reading under the names of today.

    ``missing`` are the statements (of old) that have none, with what has no name; ``clashes`` those that say with
    another old name what is said already, and otherwise, with the two names and the one of today.
    """

    reading: Reading
    renaming: Renaming
    ids: dict[str, str] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)
    clashes: list[tuple[str, str]] = field(default_factory=list)

    def restated(self, statement: str) -> str:
        """Give what a statement is called now."""
        names = self.renaming.names
        owner, mark, attribute = statement.rpartition("#")
        if mark:
            return f"{self.restated(owner) if owner else ''}#{names['attributes'].get(attribute, attribute)}"
        if link := _LINK.fullmatch(statement):
            label = names["links"].get(link[1], link[1])
            ends = [self.ids.get(link[2], link[2]), self.ids.get(link[3], link[3])]
            declared = self.renaming.new.links.get(label)
            if label == SAME_EVENT or (declared and declared.symmetric):
                ends.sort(key=event_place)
            return f"{label}({ends[0]},{ends[1]})"
        return self.ids.get(statement, statement)


def renaming(old: EventSchema, new: EventSchema) -> Renaming:
    """Follow the rules of every version after ``old``, up to ``new``; one that was changed in place has its own too."""
    since = version_order(old.version)
    blocks = [
        block
        for block in new.renamed
        if version_order(block.version) > since or (block.version == old.version == new.version)
    ]
    names = {
        section: {name: followed(name, [getattr(block, section) for block in blocks]) for name in getattr(old, section)}
        for section in SECTIONS
    }
    values = {
        name: {value: value_followed(name, value, blocks) for value in attribute.values}
        for name, attribute in old.attributes.items()
    }
    return Renaming(old, new, names, values)


def migrate(reading: Reading, way: Renaming) -> Migrated:
    """Bring a reading to the names of the new version."""
    made = Migrated(reading, way)
    types, roles = way.names["event_types"], way.names["roles"]
    for event in reading.events:
        now = types.get(event.type, event.type)
        made.ids[event.id] = event_id(now, event.trigger.start, event.trigger.end)
        _expect(made, now in way.new.event_types, event.id, f"the event type {event.type}")
    for event in reading.events:
        for one in event.arguments:
            filler = f"{one.start}-{one.end}" if one.event_id is None else made.ids[one.event_id]
            role = roles.get(one.role, one.role)
            made.ids[one.id] = argument_id(made.ids[event.id], role, filler)
            _expect(made, role in way.new.roles, one.id, f"the role {one.role}")
    _note_clashes(made)
    events = sorted((_event(event, made) for event in reading.events), key=lambda event: event_place(event.id))
    links = []
    for link in reading.links:
        label = way.names["links"].get(link.type, link.type)
        _expect(made, label in way.new.links, f"{link.type}({link.source},{link.target})", f"the link {link.type}")
        links.append(Link(type=label, source=made.ids[link.source], target=made.ids[link.target]))
    made.reading = Reading(
        events=events,
        clusters=sorted((_cluster(one, made) for one in reading.clusters), key=lambda one: event_place(one.id)),
        links=canonical_links(way.new, links),
        attributes=_attributes(made, "", reading.attributes),
    )
    return made


def rename_pieces(result: Result, way: Renaming) -> Result:
    """Bring the labels, choices and controls of a Label Studio result to the names of the new version."""
    labels = {**way.names["event_types"], **way.names["roles"], **way.names["links"]}
    renamed = as_result([_renamed_piece(piece, labels, way) for piece in result.pieces])
    return replace(renamed, strange=result.strange, is_list=result.is_list)


def _renamed_piece(piece: Any, labels: Mapping[str, str], way: Renaming) -> Any:
    if not isinstance(piece := sent(piece), dict):
        return piece
    control, value = piece.get("from_name"), piece.get("value")
    made = dict(piece)
    if isinstance(piece.get("labels"), list):
        made["labels"] = _each(piece["labels"], labels)
    if isinstance(control, str) and control in way.names["attributes"]:
        made["from_name"] = way.names["attributes"][control]
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            made["value"] = value | {"choices": _each(value["choices"], way.values[control])}
    elif isinstance(value, dict) and isinstance(value.get("labels"), list):
        made["value"] = value | {"labels": _each(value["labels"], labels)}
    return made


def _each(names: list[Any], now: Mapping[str, str]) -> list[Any]:
    return [now.get(name, name) if isinstance(name, str) else name for name in names]


def _expect(made: Migrated, is_there: bool, statement: str, what: str) -> None:
    if not is_there:
        made.missing.append((statement, what))


def _note_clashes(made: Migrated) -> None:
    """Find events, and arguments of one event, that had two names and have one now."""
    met: dict[str, str] = {}
    for event in made.reading.events:
        now = made.renaming.names["event_types"].get(event.type, event.type)
        if (other := met.setdefault(made.ids[event.id], event.type)) != event.type:
            made.clashes.append((event.id, f"{other} and {event.type} are both {now} now"))
            continue
        owned: dict[str, str] = {}
        for one in event.arguments:
            now = made.renaming.names["roles"].get(one.role, one.role)
            if (other := owned.setdefault(made.ids[one.id], one.role)) != one.role:
                made.clashes.append((one.id, f"{other} and {one.role} are both {now} now"))


def _event(event: Event, made: Migrated) -> Event:
    arguments = [_argument(one, made) for one in event.arguments]
    return replace(
        event,
        id=made.ids[event.id],
        type=made.renaming.names["event_types"].get(event.type, event.type),
        arguments=sorted(arguments, key=argument_order),
        attributes=_attributes(made, event.id, event.attributes),
    )


def _argument(one: Argument, made: Migrated) -> Argument:
    return replace(
        one,
        id=made.ids[one.id],
        role=made.renaming.names["roles"].get(one.role, one.role),
        event_id=None if one.event_id is None else made.ids[one.event_id],
        attributes=_attributes(made, one.id, one.attributes),
    )


def _cluster(cluster: Cluster, made: Migrated) -> Cluster:
    members = sorted((made.ids[member] for member in cluster.events), key=event_place)
    return replace(cluster, id=members[0], events=members, attributes=_attributes(made, cluster.id, cluster.attributes))


def _attributes(made: Migrated, owner: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """Rename the attributes of one owner; what was left at its default and is asked no more is left out.

    Of two that have one name now the one that was set counts.
    """
    way = made.renaming
    found: dict[str, Value] = {}
    given: dict[str, str] = {}
    for name, value in values.items():
        old, now = way.old.attributes[name], way.names["attributes"][name]
        asked = way.new.attributes.get(now)
        was_set = value not in (None, [], old.default)
        if asked is None:
            if was_set:
                made.missing.append((f"{owner}#{name}", f"the attribute {name}"))
            continue
        renamed = _value(value, way.values[name])
        if now in given and was_set and found[now] != renamed:
            made.clashes.append((f"{owner}#{name}", f"{given[now]} and {name} are both {now} now"))
        elif was_set or now not in found:
            found[now] = renamed
            given |= {now: name} if was_set else {}
        for one in _lost(renamed, old, asked):
            made.missing.append((f"{owner}#{name}", f"{one} of {name}"))
    return found


def _value(value: Value, now: Mapping[str, str]) -> Value:
    """Rename what was chosen; values that are one now are chosen once."""
    if isinstance(value, list):
        return list(dict.fromkeys(now.get(one, one) for one in value))
    return now.get(value, value) if isinstance(value, str) else value


def _lost(value: Value, old: Attribute, new: Attribute) -> Iterator[str]:
    """Give the choices that the new attribute doesn't have."""
    if {old.kind, new.kind} <= {"choice", "choices"} and value is not None:
        chosen = value if isinstance(value, list) else [value]
        yield from (str(one) for one in chosen if one not in new.values)
