"""From what an annotator drew to what they said: results become events, clusters and links (pure)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from curate.assembly import (
    argument_order,
    canonical_links,
    cluster_values,
    clusters_in_order,
    event_order,
    fill,
    filling_events,
)
from curate.labelstudio.attachment import Connection, Structure, structure_of
from curate.labelstudio.contents import Problem, Region, SetValue
from curate.labelstudio.draft import (
    Draft,
    duplicate,
    exclude_twins,
    items,
    leave_hanging,
    link_statement,
    notes,
    repeat,
    setting,
    state_values,
)
from curate.labelstudio.pieces import as_result
from curate.labelstudio.results import read_contents
from curate.records import (
    Argument,
    Article,
    Cluster,
    Event,
    Item,
    Link,
    Note,
    Reading,
    Span,
    argument_id,
    event_id,
)
from curate.schema.model import SAME_EVENT, Attribute, EventSchema, RoleUse


class Translation(msgspec.Struct, frozen=True, gc=False):
    """One result read: the reading as far as it could be made, its items, what was found."""

    reading: Reading
    items: list[Item]
    notes: list[Note]
    reasons: list[Note]
    problems: list[Problem]
    duplicates: frozenset[str]
    """Ids of the items whose twin was kept; each is a counted exclusion."""
    hanging: dict[str, str]
    """Items that can't stand without another that can't be read or was dropped: that one's id by theirs."""
    unknown: list[str]
    """The controls, types and keys that the page doesn't have."""


def translate(result: Any, article: Article, schema: EventSchema, dropped: Collection[str] = ()) -> Translation:
    """Read one Label Studio result as events, clusters and links of an article version.

    The items ``dropped`` are counted and left out. Never raises on wrong data: what is wrong comes back as
    problems, and the caller decides the reading's fate.
    """
    contents = read_contents(as_result(result), article, schema, dropped)
    structure = structure_of(contents, article.text, schema)
    draft = Draft(contents, schema)
    _take_values(draft)
    _begin_events(draft)
    _build_arguments(draft, structure)
    for connection in structure.connections:
        if connection.label in schema.roles:
            _build_event_argument(draft, connection)
    exclude_twins(draft)
    links, pairs = _build_links(draft, structure)
    events = _order_events(draft)
    clusters = _build_clusters(draft, events, pairs)
    attributes = fill(schema, "article", "", draft.values.get("", {}))
    state_values(draft)
    leave_hanging(contents)
    # What a region stated first has the word, so they are made before items() puts that in order.
    about = notes(draft, contents.words), notes(draft, contents.reasons)
    return Translation(
        reading=Reading(events=events, clusters=clusters, links=links, attributes=attributes),
        items=items(draft),
        notes=about[0],
        reasons=about[1],
        problems=contents.problems,
        duplicates=frozenset(draft.duplicates),
        hanging=contents.hanging,
        unknown=contents.unknown,
    )


def _take_values(draft: Draft) -> None:
    """Sort the set attribute values by region, refusing those that don't belong there."""
    regions, values = draft.contents.regions, draft.values
    for found in draft.contents.set_values.values():
        attribute = found.attribute
        if attribute.on == "article":
            place = ""
        else:
            region = regions.get(found.region or "")
            if region is None or not _is_asked(attribute, region):
                _refuse(draft, found, region)
                continue
            place = region.id
            if attribute.applies_to and not region.is_trigger:
                draft.limited.setdefault(place, []).append(found)
        if place in values:
            values[place][attribute.name] = found.value
        else:
            values[place] = {attribute.name: found.value}


def _is_asked(attribute: Attribute, region: Region) -> bool:
    """Tell whether a region can hold an attribute; of an argument its role, which an arrow can change, has the word."""
    if region.is_trigger:
        return attribute.on == "trigger" and attribute.applies(region.label)
    return attribute.on == "argument"


def _refuse(draft: Draft, found: SetValue, region: Region | None) -> None:
    """Tell why a value can't be set on a region, or on one that is not there."""
    name = found.attribute.name
    if region is not None:
        told = f"{name} is not asked of {region.label}; delete it."
        draft.contents.report("attribute-not-applicable", region.where, told, found.item)
    elif found.region not in draft.contents.unreadable:
        where = f"{name} of region {found.region}"
        draft.contents.report("attribute-orphan", where, "Its region is missing; delete it.", found.item)


def _begin_events(draft: Draft) -> None:
    """Make every trigger's event, whose arguments are to come; of two triggers alike the first is kept."""
    schema, values, events = draft.schema, draft.values, draft.events
    for region in draft.contents.regions.values():
        if not region.is_trigger:
            continue
        label = region.label
        name = event_id(label, region.start, region.end)
        region.item.states.append(name)
        event = events.get(name)
        if event is None:
            attributes = schema.unset_event[label].copy()
            if region.id in values:
                for said, value in values[region.id].items():
                    attribute = schema.attributes[said]
                    attributes[said] = value if attribute.level == "event" else attribute.held(label, value)
            trigger = Span(start=region.start, end=region.end, text=region.text)
            event = Event(
                id=name, type=label, trigger=trigger, arguments=[], attributes=attributes, origin=region.origin
            )
            events[name] = event
            draft.triggers[name] = region
        else:
            duplicate(draft, draft.triggers[name], region, "trigger")
        draft.event_of[region.id] = event


def _build_arguments(draft: Draft, structure: Structure) -> None:
    """Give every event its arguments; of two alike the first is kept."""
    schema, values, limited = draft.schema, draft.values, draft.limited
    drawn_by: dict[str, Region] = {}
    for attachment in structure.attachments:
        region, use, arrow = attachment.region, attachment.use, attachment.arrow
        owner = draft.event_of[attachment.trigger.id]
        role = use.role
        filler: str | None = ""
        if use.event_fillers or not use.span_filler:
            filler = _filler(draft, region, owner, use)
            if filler is None:
                continue
        name = argument_id(owner.id, role, filler or f"{region.start}-{region.end}")
        if limited and region.id in limited:
            _refuse_values(draft, region, role)
        said = region.item.states
        if name not in said:
            said.append(name)
        if arrow:
            arrow.states.append(name)
        if name in drawn_by:
            if drawn_by[name] is not region:
                duplicate(draft, drawn_by[name], region, "argument")
            elif arrow:
                repeat(draft, arrow)
            continue
        drawn_by[name] = region
        found = values.get(region.id)
        argument = Argument(
            id=name,
            role=role,
            start=None if filler else region.start,
            end=None if filler else region.end,
            text=None if filler else region.text,
            event_id=filler or None,
            attributes=fill(schema, "argument", role, found) if found else schema.unset_argument[role].copy(),
            origin=region.origin,
            attached_by=attachment.by,
        )
        owner.arguments.append(argument)


def _refuse_values(draft: Draft, region: Region, role: str) -> None:
    """Tell the values set on an argument that are not asked of its role."""
    for value in draft.limited[region.id]:
        if not value.attribute.applies(role):
            told = f"{value.attribute.name} is not asked of {role}; delete it."
            draft.contents.report("attribute-not-applicable", region.where, told, value.item)


def _build_event_argument(draft: Draft, connection: Connection) -> None:
    owner, filler = draft.event_of[connection.source.id], draft.event_of[connection.target.id]
    item, role = connection.item, connection.label
    name = argument_id(owner.id, role, filler.id)
    item.states.append(name)
    if owner is filler:
        draft.contents.report("arrow-self", item.id, "The arrow joins two drawings of one event; delete it.", item)
    elif any(name == argument.id for argument in owner.arguments):
        repeat(draft, item)
    else:
        argument = Argument(
            id=name,
            role=role,
            start=None,
            end=None,
            text=None,
            event_id=filler.id,
            attributes=draft.schema.unset("argument", None, role),
            origin="manual",
            attached_by="arrow",
        )
        owner.arguments.append(argument)


def _filler(draft: Draft, region: Region, owner: Event, use: RoleUse) -> str | None:
    """Find what fills the role: an event's id, "" for the span itself, None when nothing may."""
    if use.event_fillers:
        span = (region.start, region.end)
        events = filling_events(use, owner.id, span, draft.events.values())
        if len(events) > 1:
            told = f"{' and '.join(events)} stand there; use an arrow."
            draft.contents.report("event-filler-ambiguous", region.where, told, region.item)
            return None
        if events:
            return events[0]
        for blank in draft.contents.blanks:
            if blank.span and blank.span[0] == region.start:
                draft.contents.hanging[region.item.id] = blank.item.id
                return None
    if not use.span_filler:
        takes = ", ".join(sorted(use.event_fillers))
        told = f"{use.role} takes an event ({takes}), not words; draw it over a trigger."
        draft.contents.report("filler-not-allowed", region.where, told, region.item)
        return None
    return ""


def _build_links(draft: Draft, structure: Structure) -> tuple[list[Link], list[tuple[str, str]]]:
    """Give the links, and the pairs of events that are one happening."""
    links: dict[str, Link] = {}
    pairs: dict[str, tuple[str, str]] = {}
    for connection in structure.connections:
        label, item = connection.label, connection.item
        if label in draft.schema.roles:
            continue
        source, target = draft.event_of[connection.source.id], draft.event_of[connection.target.id]
        if source is target:
            told = "The arrow joins two drawings of one event; delete it."
            draft.contents.report("arrow-self", item.id, told, item)
            continue
        symmetric = label == SAME_EVENT or draft.schema.links[label].symmetric
        if symmetric and event_order(source) > event_order(target):
            source, target = target, source
        statement = link_statement(label, source.id, target.id)
        item.states.append(statement)
        if statement in links or statement in pairs:
            repeat(draft, item)
        elif label == SAME_EVENT:
            pairs[statement] = (source.id, target.id)
        else:
            links[statement] = Link(type=label, source=source.id, target=target.id)
    return canonical_links(draft.schema, links.values()), [*pairs.values()]


def _order_events(draft: Draft) -> list[Event]:
    """Give the events by place, each with its arguments in order."""
    for event in draft.events.values():
        if len(event.arguments) > 1:
            event.arguments.sort(key=argument_order)
    return sorted(draft.events.values(), key=event_order)


def _build_clusters(draft: Draft, events: list[Event], pairs: list[tuple[str, str]]) -> list[Cluster]:
    clusters = []
    for members in clusters_in_order([event.id for event in events], pairs):
        values, conflicts = cluster_values(draft.schema, [draft.events[member] for member in members])
        for name in conflicts:
            draft.contents.report(
                "event-attribute-conflict",
                f"cluster {members[0]}",
                f"Its mentions have different values of {name}; set it once.",
                *setting(draft, name, members),
            )
        clusters.append(Cluster(id=members[0], events=members, attributes=values))
    return clusters
