"""From what an annotator drew to what they said: results become events, clusters and links (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from curate.assembly import argument_order, canonical_links, cluster_values, clusters_of, fill, filling_events
from curate.labelstudio.attachment import Structure, structure_of
from curate.labelstudio.results import Contents, Problem, Region, Words, read_contents
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
    Value,
    argument_id,
    event_id,
    event_place,
)
from curate.schema.model import SAME_EVENT, EventSchema


@dataclass(frozen=True)
class Translation:
    """One result read: the reading as far as it could be made, its items, what was found."""

    reading: Reading
    items: list[Item]
    notes: list[Note]
    reasons: list[Note]
    problems: list[Problem]
    duplicates: frozenset[str]
    """Ids of the items whose twin was kept; each is a counted exclusion."""


@dataclass
class _Draft:
    """The reading in the making; ``states`` collects for every item what it stands for."""

    contents: Contents
    schema: EventSchema
    values: dict[str, dict[str, Value]] = field(default_factory=dict)
    event_of: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, Region] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    arguments: dict[str, dict[str, Argument]] = field(default_factory=dict)
    states: dict[str, list[str]] = field(default_factory=dict)
    duplicates: set[str] = field(default_factory=set)
    twins: dict[str, int] = field(default_factory=dict)
    """How many of a region's statements were made before."""

    def state(self, item: str, statement: str) -> None:
        known = self.states.setdefault(item, [])
        if statement not in known:
            known.append(statement)


def attribute_statement(owner: str | None, name: str) -> str:
    """Name an attribute value: ``Attack@28-35#modality``, ``#relevance`` for the article's own."""
    return f"{owner or ''}#{name}"


def link_statement(link_type: str, source: str, target: str) -> str:
    """Name a link: ``response_to(Deploy@156-164,Attack@28-35)``."""
    return f"{link_type}({source},{target})"


def translate(result: Any, article: Article, schema: EventSchema) -> Translation:
    """Read one Label Studio result as events, clusters and links of an article version.

    Never raises on wrong data: what is wrong comes back as problems, and the caller decides the reading's fate.
    """
    contents = read_contents(result, article, schema)
    structure = structure_of(contents, article.text, schema)
    draft = _Draft(contents, schema)
    _take_values(draft)
    _name_events(draft)
    _build_arguments(draft, structure)
    _exclude_twins(draft)
    links, pairs = _build_links(draft, structure)
    events = _build_events(draft)
    clusters = _build_clusters(draft, events, pairs)
    attributes = fill(schema.attributes_on("article"), "", draft.values.get("", {}))
    _state_values(draft)
    return Translation(
        reading=Reading(events=events, clusters=clusters, links=links, attributes=attributes),
        items=[
            Item(id=item, kind=kind, states=sorted(draft.states.get(item, []))) for item, kind in contents.kinds.items()
        ],
        notes=_notes(draft, draft.contents.words),
        reasons=_notes(draft, draft.contents.reasons),
        problems=contents.problems,
        duplicates=frozenset(draft.duplicates),
    )


def _take_values(draft: _Draft) -> None:
    """Sort the set attribute values by region, refusing those that don't belong there."""
    for found in draft.contents.values:
        attribute = found.attribute
        if attribute.on == "article":
            draft.values.setdefault("", {})[attribute.name] = found.value
            continue
        region = draft.contents.regions.get(found.region or "")
        if region is None and found.region in draft.contents.unreadable:
            continue
        if region is None:
            draft.contents.report(
                "attribute-orphan",
                f"{attribute.name} of region {found.region}",
                "Its region is missing; delete it.",
            )
            continue
        kind = "trigger" if region.label in draft.schema.event_types else "argument"
        # What an argument may be asked is told by its role, which an arrow can change.
        if attribute.on != kind or (kind == "trigger" and not attribute.applies(region.label)):
            draft.contents.report(
                "attribute-not-applicable",
                region.where,
                f"{attribute.name} is not asked of {region.label}; delete it.",
            )
            continue
        draft.values.setdefault(region.id, {})[attribute.name] = found.value


def _same_values(draft: _Draft, first: Region, second: Region, on: str) -> bool:
    asked = draft.schema.attributes_on(on)
    return fill(asked, first.label, draft.values.get(first.id, {})) == fill(
        asked, second.label, draft.values.get(second.id, {})
    )


def _name_events(draft: _Draft) -> None:
    """Give every trigger its event's id; of two alike the first is kept."""
    for region in draft.contents.regions.values():
        if region.label not in draft.schema.event_types:
            continue
        name = event_id(region.label, region.start, region.end)
        draft.event_of[region.id] = name
        draft.state(f"region:{region.id}", name)
        if name in draft.triggers:
            _duplicate(draft, draft.triggers[name], region, "trigger")
        else:
            draft.triggers[name] = region
            span = Span(start=region.start, end=region.end, text=region.text)
            draft.events[name] = Event(id=name, type=region.label, trigger=span, arguments=[], origin=region.origin)


def _duplicate(draft: _Draft, kept: Region, twin: Region, on: str) -> None:
    same = _same_values(draft, kept, twin, on)
    draft.contents.report(
        "duplicate-region" if same else "duplicate-region-differs",
        twin.where,
        "The same thing is drawn twice; one is kept."
        if same
        else "The same thing is drawn twice with different attributes; delete one.",
    )
    draft.twins[twin.id] = draft.twins.get(twin.id, 0) + 1


def _exclude_twins(draft: _Draft) -> None:
    """Leave out the regions that say nothing but what others said before, with all that hangs on them."""
    for region, repeated in draft.twins.items():
        if repeated < len(draft.states[f"region:{region}"]):
            continue
        draft.duplicates.add(f"region:{region}")
        draft.duplicates.update(value.item for value in draft.contents.values if value.region == region)
        told = (*draft.contents.words, *draft.contents.reasons)
        draft.duplicates.update(words.item for words in told if words.region == region)


def _build_arguments(draft: _Draft, structure: Structure) -> None:
    drawn_by: dict[str, Region] = {}
    for attachment in structure.attachments:
        region = draft.contents.regions[attachment.region]
        owner = draft.event_of[attachment.trigger]
        filler = _filler(draft, region, owner, attachment.role)
        if filler is None:
            continue
        name = argument_id(owner, attachment.role, filler or f"{region.start}-{region.end}")
        for value in draft.contents.values:
            asked = value.region != region.id or value.attribute.on != "argument"
            if not asked and not value.attribute.applies(attachment.role):
                draft.contents.report(
                    "attribute-not-applicable",
                    region.where,
                    f"{value.attribute.name} is not asked of {attachment.role}; delete it.",
                )
        for item in (f"region:{region.id}", attachment.arrow):
            if item:
                draft.state(item, name)
        if name in drawn_by:
            if drawn_by[name] is not region:
                _duplicate(draft, drawn_by[name], region, "argument")
            continue
        drawn_by[name] = region
        draft.arguments.setdefault(owner, {})[name] = Argument(
            id=name,
            role=attachment.role,
            start=None if filler else region.start,
            end=None if filler else region.end,
            text=None if filler else region.text,
            event_id=filler or None,
            attributes=fill(draft.schema.attributes_on("argument"), attachment.role, draft.values.get(region.id, {})),
            origin=region.origin,
            attached_by=attachment.by,
        )
    for connection in structure.connections:
        if connection.label in draft.schema.roles:
            _build_event_argument(draft, connection.item, connection.source, connection.target, connection.label)


def _build_event_argument(draft: _Draft, item: str, source: str, target: str, role: str) -> None:
    owner, filler = draft.event_of[source], draft.event_of[target]
    name = argument_id(owner, role, filler)
    draft.state(item, name)
    if owner == filler:
        draft.contents.report("arrow-self", item, "The arrow joins two drawings of one event; delete it.")
    elif name not in draft.arguments.setdefault(owner, {}):
        draft.arguments[owner][name] = Argument(
            id=name,
            role=role,
            start=None,
            end=None,
            text=None,
            event_id=filler,
            attributes=fill(draft.schema.attributes_on("argument"), role, {}),
            origin="manual",
            attached_by="arrow",
        )


def _filler(draft: _Draft, region: Region, owner: str, role: str) -> str | None:
    """Find what fills the role: an event's id, "" for the span itself, None when nothing may."""
    use = draft.schema.event_types[draft.triggers[owner].label].roles[role]
    events = filling_events(use, owner, (region.start, region.end), draft.events.values())
    if len(events) > 1:
        draft.contents.report(
            "event-filler-ambiguous",
            region.where,
            f"{' and '.join(events)} stand there; use an arrow.",
        )
        return None
    if events:
        return events[0]
    if not use.span_filler:
        takes = ", ".join(sorted(use.event_fillers))
        draft.contents.report("filler-not-allowed", region.where, f"{role} takes an event ({takes}), not words.")
        return None
    return ""


def _build_links(draft: _Draft, structure: Structure) -> tuple[list[Link], list[tuple[str, str]]]:
    links: dict[str, Link] = {}
    pairs: list[tuple[str, str]] = []
    for connection in structure.connections:
        if connection.label in draft.schema.roles:
            continue
        source, target = draft.event_of[connection.source], draft.event_of[connection.target]
        if source == target:
            draft.contents.report("arrow-self", connection.item, "The arrow joins two drawings of one event.")
            continue
        symmetric = connection.label == SAME_EVENT or draft.schema.links[connection.label].symmetric
        if symmetric and event_place(source) > event_place(target):
            source, target = target, source
        statement = link_statement(connection.label, source, target)
        draft.state(connection.item, statement)
        if statement in links or (connection.label == SAME_EVENT and (source, target) in pairs):
            draft.duplicates.add(connection.item)
        elif connection.label == SAME_EVENT:
            pairs.append((source, target))
        else:
            links[statement] = Link(type=connection.label, source=source, target=target)
    return canonical_links(draft.schema, links.values()), pairs


def _build_events(draft: _Draft) -> list[Event]:
    events = []
    for name in sorted(draft.events, key=event_place):
        event = draft.events[name]
        set_here = draft.values.get(draft.triggers[name].id, {})
        attributes = fill(draft.schema.attributes_on("trigger", "mention"), event.type, set_here)
        for attribute in draft.schema.attributes_on("trigger", "event"):
            attributes[attribute.name] = set_here.get(attribute.name)
        arguments = sorted(draft.arguments.get(name, {}).values(), key=argument_order)
        events.append(replace(event, arguments=arguments, attributes=attributes))
    return events


def _build_clusters(draft: _Draft, events: list[Event], pairs: list[tuple[str, str]]) -> list[Cluster]:
    by_id = {event.id: event for event in events}
    clusters = []
    for members in clusters_of(list(by_id), pairs):
        values, conflicts = cluster_values(draft.schema, [by_id[member] for member in members])
        for name in conflicts:
            draft.contents.report(
                "event-attribute-conflict",
                f"cluster {members[0]}",
                f"Its mentions have different values of {name}; set it once.",
            )
        clusters.append(Cluster(id=members[0], events=members, attributes=values))
    return clusters


def _state_values(draft: _Draft) -> None:
    """Say for every set value and note whose it is; what a region states is known by now."""
    for value in draft.contents.values:
        owners: list[str | None] = [None]
        if value.attribute.on != "article":
            owners = [*draft.states.get(f"region:{value.region}", [])]
        for owner in owners:
            draft.state(value.item, attribute_statement(owner, value.attribute.name))
    for words in (*draft.contents.words, *draft.contents.reasons):
        for owner in draft.states.get(f"region:{words.region}", []):
            draft.state(words.item, owner)


def _notes(draft: _Draft, told: list[Words]) -> list[Note]:
    notes = []
    for words in told:
        about = draft.states.get(f"region:{words.region}", [])
        notes.append(Note(about=about[0] if about else None, text=words.text))
    return notes
