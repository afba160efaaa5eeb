"""From what an annotator drew to what they said: results become events, clusters and links (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import msgspec

from curate.assembly import argument_order, canonical_links, cluster_values, clusters_of, fill, filling_events
from curate.labelstudio.attachment import Structure, structure_of
from curate.labelstudio.contents import Problem, Region, SetValue
from curate.labelstudio.draft import (
    Draft,
    duplicate,
    exclude_twins,
    leave_hanging,
    link_statement,
    notes,
    repeat,
    setting,
    state_values,
)
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
    event_place,
)
from curate.schema.model import SAME_EVENT, EventSchema


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


def translate(result: Any, article: Article, schema: EventSchema, dropped: Container[str] = ()) -> Translation:
    """Read one Label Studio result as events, clusters and links of an article version.

    The items ``dropped`` are counted and left out. Never raises on wrong data: what is wrong comes back as
    problems, and the caller decides the reading's fate.
    """
    contents = read_contents(result, article, schema, dropped)
    structure = structure_of(contents, article.text, schema)
    draft = Draft(contents, schema)
    _take_values(draft)
    _name_events(draft)
    _build_arguments(draft, structure)
    exclude_twins(draft)
    links, pairs = _build_links(draft, structure)
    events = _build_events(draft)
    clusters = _build_clusters(draft, events, pairs)
    attributes = fill(schema, "article", "", draft.values.get("", {}))
    state_values(draft)
    leave_hanging(contents)
    states = draft.states
    return Translation(
        reading=Reading(events=events, clusters=clusters, links=links, attributes=attributes),
        items=[Item(id=item, kind=kind, states=sorted(states.get(item, ()))) for item, kind in contents.kinds.items()],
        notes=notes(draft, draft.contents.words),
        reasons=notes(draft, draft.contents.reasons),
        problems=contents.problems,
        duplicates=frozenset(draft.duplicates),
        hanging=contents.hanging,
        unknown=contents.unknown,
    )


def _take_values(draft: Draft) -> None:
    """Sort the set attribute values by region, refusing those that don't belong there."""
    for found in draft.contents.values:
        attribute = found.attribute
        if attribute.on == "article":
            draft.values.setdefault("", {})[attribute.name] = found.value
            continue
        region = draft.contents.regions.get(found.region or "")
        if region is None:
            if found.region not in draft.contents.unreadable:
                where = f"{attribute.name} of region {found.region}"
                draft.contents.report("attribute-orphan", where, "Its region is missing; delete it.", found.item)
            continue
        kind = "trigger" if region.label in draft.schema.event_types else "argument"
        # What an argument may be asked is told by its role, which an arrow can change.
        if attribute.on != kind or (kind == "trigger" and not attribute.applies(region.label)):
            draft.contents.report(
                "attribute-not-applicable",
                region.where,
                f"{attribute.name} is not asked of {region.label}; delete it.",
                found.item,
            )
            continue
        draft.values.setdefault(region.id, {})[attribute.name] = found.value


def _name_events(draft: Draft) -> None:
    """Give every trigger its event's id; of two alike the first is kept."""
    for region in draft.contents.regions.values():
        if region.label not in draft.schema.event_types:
            continue
        name = event_id(region.label, region.start, region.end)
        draft.event_of[region.id] = name
        draft.state(region.item, name)
        if name in draft.triggers:
            duplicate(draft, draft.triggers[name], region, "trigger")
        else:
            draft.triggers[name] = region
            span = Span(start=region.start, end=region.end, text=region.text)
            draft.events[name] = Event(id=name, type=region.label, trigger=span, arguments=[], origin=region.origin)


def _build_arguments(draft: Draft, structure: Structure) -> None:
    drawn_by: dict[str, Region] = {}
    regions, values = draft.contents.regions, draft.values
    set_on: dict[str | None, list[SetValue]] = {}
    for value in draft.contents.values:
        if value.attribute.on == "argument":
            set_on.setdefault(value.region, []).append(value)
    for attachment in structure.attachments:
        region, role = regions[attachment.region], attachment.role
        owner = draft.event_of[attachment.trigger]
        filler = _filler(draft, region, owner, role)
        if filler is None:
            continue
        name = argument_id(owner, role, filler or f"{region.start}-{region.end}")
        if region.id in set_on:
            _refuse_values(draft, region, role, set_on[region.id])
        draft.state(region.item, name)
        if attachment.arrow:
            draft.state(attachment.arrow, name)
        if name in drawn_by:
            if drawn_by[name] is not region:
                duplicate(draft, drawn_by[name], region, "argument")
            elif attachment.arrow:
                repeat(draft, attachment.arrow)
            continue
        drawn_by[name] = region
        draft.arguments.setdefault(owner, {})[name] = Argument(
            id=name,
            role=role,
            start=None if filler else region.start,
            end=None if filler else region.end,
            text=None if filler else region.text,
            event_id=filler or None,
            attributes=fill(draft.schema, "argument", role, values.get(region.id, {})),
            origin=region.origin,
            attached_by=attachment.by,
        )
    for connection in structure.connections:
        if connection.label in draft.schema.roles:
            _build_event_argument(draft, connection.item, connection.source, connection.target, connection.label)


def _refuse_values(draft: Draft, region: Region, role: str, values: Iterable[SetValue]) -> None:
    """Tell the values set on an argument that are not asked of its role."""
    for value in values:
        if not value.attribute.applies(role):
            told = f"{value.attribute.name} is not asked of {role}; delete it."
            draft.contents.report("attribute-not-applicable", region.where, told, value.item)


def _build_event_argument(draft: Draft, item: str, source: str, target: str, role: str) -> None:
    owner, filler = draft.event_of[source], draft.event_of[target]
    name = argument_id(owner, role, filler)
    draft.state(item, name)
    if owner == filler:
        draft.contents.report("arrow-self", item, "The arrow joins two drawings of one event; delete it.", item)
    elif name in draft.arguments.setdefault(owner, {}):
        repeat(draft, item)
    else:
        draft.arguments[owner][name] = Argument(
            id=name,
            role=role,
            start=None,
            end=None,
            text=None,
            event_id=filler,
            attributes=draft.schema.unset("argument", None, role),
            origin="manual",
            attached_by="arrow",
        )


def _filler(draft: Draft, region: Region, owner: str, role: str) -> str | None:
    """Find what fills the role: an event's id, "" for the span itself, None when nothing may."""
    use = draft.schema.event_types[draft.triggers[owner].label].roles[role]
    span = (region.start, region.end)
    events = filling_events(use, owner, span, draft.events.values()) if use.event_fillers else []
    if len(events) > 1:
        draft.contents.report(
            "event-filler-ambiguous",
            region.where,
            f"{' and '.join(events)} stand there; use an arrow.",
            region.item,
        )
        return None
    if events:
        return events[0]
    for blank in draft.contents.blanks:
        if blank.span and blank.span[0] == region.start and use.event_fillers:
            draft.contents.hanging[region.item] = blank.item
            return None
    if not use.span_filler:
        takes = ", ".join(sorted(use.event_fillers))
        told = f"{role} takes an event ({takes}), not words; draw it over a trigger."
        draft.contents.report("filler-not-allowed", region.where, told, region.item)
        return None
    return ""


def _build_links(draft: Draft, structure: Structure) -> tuple[list[Link], list[tuple[str, str]]]:
    links: dict[str, Link] = {}
    pairs: list[tuple[str, str]] = []
    for connection in structure.connections:
        if connection.label in draft.schema.roles:
            continue
        source, target = draft.event_of[connection.source], draft.event_of[connection.target]
        if source == target:
            told = "The arrow joins two drawings of one event; delete it."
            draft.contents.report("arrow-self", connection.item, told, connection.item)
            continue
        symmetric = connection.label == SAME_EVENT or draft.schema.links[connection.label].symmetric
        if symmetric and event_place(source) > event_place(target):
            source, target = target, source
        statement = link_statement(connection.label, source, target)
        draft.state(connection.item, statement)
        if statement in links or (connection.label == SAME_EVENT and (source, target) in pairs):
            repeat(draft, connection.item)
        elif connection.label == SAME_EVENT:
            pairs.append((source, target))
        else:
            links[statement] = Link(type=connection.label, source=source, target=target)
    return canonical_links(draft.schema, links.values()), pairs


def _build_events(draft: Draft) -> list[Event]:
    shared = draft.schema.attributes_on("trigger", "event")
    events = []
    for name in sorted(draft.events, key=event_place):
        event = draft.events[name]
        set_here = draft.values.get(draft.triggers[name].id, {})
        attributes = fill(draft.schema, "trigger", event.type, set_here, "mention")
        for attribute in shared:
            attributes[attribute.name] = set_here.get(attribute.name)
        arguments = sorted(draft.arguments.get(name, {}).values(), key=argument_order)
        made = Event(
            id=name,
            type=event.type,
            trigger=event.trigger,
            arguments=arguments,
            attributes=attributes,
            origin=event.origin,
        )
        events.append(made)
    return events


def _build_clusters(draft: Draft, events: list[Event], pairs: list[tuple[str, str]]) -> list[Cluster]:
    by_id = {event.id: event for event in events}
    clusters = []
    for members in clusters_of(list(by_id), pairs):
        values, conflicts = cluster_values(draft.schema, [by_id[member] for member in members])
        for name in conflicts:
            draft.contents.report(
                "event-attribute-conflict",
                f"cluster {members[0]}",
                f"Its mentions have different values of {name}; set it once.",
                *setting(draft, name, members),
            )
        clusters.append(Cluster(id=members[0], events=members, attributes=values))
    return clusters
