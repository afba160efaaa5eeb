"""What only code can tell of a reading of sound shape: ``CHECKS`` over its spans, ids, clusters, links and roles."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from curate.assembly import AnyReading
from curate.records import Argument, Cluster, Event, Finding, argument_id, event_id, event_place
from curate.schema.model import EventSchema, is_date
from curate.shapes import JsonPath, json_path
from curate.spans import is_wordless

LONG = 50
"""A text of fewer characters may well be one span."""

Check: TypeAlias = Callable[[AnyReading, str, EventSchema], Iterator[Finding]]
"""Takes a reading of sound shape with the text it is of, and yields what it finds wrong."""


def meaning_findings(reading: AnyReading, text: str, schema: EventSchema, *, translated: bool = False) -> list[Finding]:
    """Run every check over a reading of sound shape and the text it is of."""
    checks = _OPEN_IN_TRANSLATIONS if translated else CHECKS
    return [finding for check in checks for finding in check(reading, text, schema)]


def check_spans(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Every span lies in the text, says what stands there, and begins and ends with something visible."""
    length = len(text)
    for place, span in _spans(reading):
        start, end, said = span.start, span.end, span.text
        if not 0 <= start < end <= length:
            message = f"{start}-{end} does not lie in the text of {length} characters; correct the offsets"
            yield _finding("span-out-of-range", json_path(place), message)
        elif said != text[start:end]:
            message = f"{start}-{end} says {said!r}, the text {text[start:end]!r}; correct offsets or words"
            yield _finding("span-text-mismatch", json_path(place), message)
        elif not said[0].isalnum() and is_wordless(said):
            yield _finding("span-without-words", json_path(place), f"{said!r} holds no word; delete it, or mark one")
        elif said != said.strip():
            message = f"{said!r} begins or ends with white space; shorten the span"
            yield _finding("span-edge-space", json_path(place), message, "warning")
        elif end - start == length > LONG:
            message = f"it is the whole text of {length} characters; mark the words that say it"
            yield _finding("span-whole-text", json_path(place), message, "warning")


def check_overlaps(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Triggers of different events stand apart, or name both of them with the same words."""
    triggers = [event.trigger for event in reading.events]
    spans = sorted([(trigger.start, trigger.end, index) for index, trigger in enumerate(triggers)])
    for (start, end, one), (later, ending, other) in itertools.pairwise(spans):
        if later < end and (start, end) != (later, ending):
            ids = reading.events[one].id, reading.events[other].id
            message = f"it overlaps the trigger of {ids[0]!r}; see whether both are events"
            yield _finding("triggers-overlap", f"$.events[{other}].trigger", message, "warning")


def check_dates(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """A date is one of the calendar."""
    dates = [name for name, attribute in schema.attributes.items() if attribute.kind == "date"]
    for place, owner in _owners(reading) if dates else ():
        for name in dates:
            value = owner.attributes.get(name)
            if isinstance(value, str) and not is_date(value):
                message = f"{value!r} is no date of the calendar; correct it"
                yield _finding("attribute-value", f"{json_path(place)}.attributes.{name}", message)


def check_repetitions(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """No event, argument, cluster or link is there twice."""
    names = [*_names(reading, schema)]
    if len({name for _, name in names}) == len(names):
        return
    met: set[Any] = set()
    for place, name in names:
        if name in met:
            told = name[1] if len(name) == 2 else " ".join(name[1:])
            yield _finding(
                "duplicate-id", json_path(place), f"{name[0]} {told!r} is there twice; delete one of the two"
            )
        met.add(name)


def check_references(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Every event that is named is there."""
    known = _types(reading)
    for place, reference in _references(reading):
        if reference not in known:
            message = f"there is no event {reference!r}; add it or delete what names it"
            yield _finding("reference-unknown", json_path(place), message)


def check_ids(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Ids are made from type and place."""
    for place, said, due in _due_ids(reading):
        if said != due:
            yield _finding("id-mismatch", f"{json_path(place)}.id", f"the id is {said!r} and should be {due!r}")


def check_membership(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Every event is in exactly one cluster."""
    members = [member for cluster in reading.clusters for member in cluster.events]
    for index, event in enumerate(reading.events):
        count = members.count(event.id)
        if count != 1:
            told = "in no cluster; give it one of its own" if count == 0 else f"in clusters {count} times; keep one"
            yield _finding("cluster-membership", f"$.events[{index}]", f"{event.id!r} is {told}")


def check_cluster_types(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """The members of a cluster are events of one type."""
    types = _types(reading)
    for index, cluster in enumerate(reading.clusters):
        met = sorted({types[member] for member in cluster.events if member in types})
        if len(met) > 1:
            message = f"the cluster joins {' and '.join(met)}; divide it, or correct a type"
            yield _finding("cluster-types", f"$.clusters[{index}]", message)


def check_links(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """A link joins two events, of types it may join."""
    types = _types(reading)
    for index, link in enumerate(reading.links):
        place, name, ends = f"$.links[{index}]", link.type, (link.source, link.target)
        if ends[0] == ends[1]:
            yield _finding("link-self", place, f"{name} joins {ends[0]!r} to itself; delete it")
        elif all(end in types for end in ends) and not schema.links[name].joins(*(types[end] for end in ends)):
            message = f"{name} may not go from {types[ends[0]]} to {types[ends[1]]}; turn, rename or delete it"
            yield _finding("link-types", place, message)


def check_own_arguments(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """No event fills a role of itself."""
    for place, event, argument in _arguments(reading):
        if argument.event_id == event.id:
            message = f"the event fills its own role {argument.role!r}; delete the argument"
            yield _finding("argument-self", json_path(place), message)


def check_cycles(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Links of a transitive type never lead back to the happening they start from."""
    drawn = {link.type for link in reading.links}
    for name in [name for name in schema.links if name in drawn] if drawn else ():
        if schema.links[name].transitive and not schema.links[name].symmetric:
            for index in _closing(_joined(reading, name)):
                message = f"{name} leads back to where it starts, by way of other links or a cluster; delete one"
                yield _finding("link-cycle", f"$.links[{index}]", message)


def check_roles(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """An event has the roles its type asks for, each no more often than it may."""
    for index, event in enumerate(reading.events):
        played = [argument.role for argument in event.arguments]
        for use in schema.counted_roles[event.type]:
            role, count = use.role, played.count(use.role)
            if count and (use.maximum is None or count <= use.maximum):
                continue
            place = f"$.events[{index}]"
            if count == 0 and (use.required or use.expected):
                level = "error" if use.required else "warning"
                message = f"{event.type} has no {role!r}; add it if the text names one"
                yield _finding("role-missing", place, message, level)
            if use.maximum is not None and count > use.maximum:
                message = f"{event.type} has {role!r} {count} times, at most {use.maximum} allowed; delete some"
                yield _finding("role-maximum", place, message)


CHECKS: tuple[Check, ...] = (
    check_spans,
    check_overlaps,
    check_dates,
    check_repetitions,
    check_references,
    check_ids,
    check_membership,
    check_cluster_types,
    check_links,
    check_own_arguments,
    check_cycles,
    check_roles,
)
HOLDS_IN_TRANSLATIONS = frozenset(
    {
        check_repetitions,
        check_references,
        check_ids,
        check_membership,
        check_cluster_types,
        check_links,
        check_own_arguments,
    }
)
"""What a reading that comes out of a result without an error can't break, because it is put together that way."""

_OPEN_IN_TRANSLATIONS = tuple(check for check in CHECKS if check not in HOLDS_IN_TRANSLATIONS)


def _finding(code: str, place: str, message: str, level: str = "error") -> Finding:
    return Finding(code=code, level=level, place=place, message=message)


def _types(reading: AnyReading) -> dict[str, str]:
    return {event.id: event.type for event in reading.events}


def _arguments(reading: AnyReading) -> Iterator[tuple[JsonPath, Event, Argument]]:
    """Give every argument with its place and event."""
    for index, event in enumerate(reading.events):
        for position, argument in enumerate(event.arguments):
            yield ("events", index, "arguments", position), event, argument


def _spans(reading: AnyReading) -> Iterator[tuple[JsonPath, Any]]:
    """Give every trigger and every argument that is a span, with its place."""
    for index, event in enumerate(reading.events):
        yield ("events", index, "trigger"), event.trigger
    for index, event in enumerate(reading.events):
        for position, argument in enumerate(event.arguments):
            if argument.event_id is None:
                yield ("events", index, "arguments", position), argument


def _owners(reading: AnyReading) -> Iterator[tuple[JsonPath, AnyReading | Event | Argument | Cluster]]:
    """Give everything that has attributes, with its place."""
    yield (), reading
    for index, event in enumerate(reading.events):
        yield ("events", index), event
    for place, _, argument in _arguments(reading):
        yield place, argument
    for index, cluster in enumerate(reading.clusters):
        yield ("clusters", index), cluster


def _names(reading: AnyReading, schema: EventSchema) -> Iterator[tuple[JsonPath, tuple[str, ...]]]:
    """Give the place of everything that must be unique, with what it must be unique by."""
    for index, event in enumerate(reading.events):
        yield ("events", index), ("event", event.id)
    for place, _, argument in _arguments(reading):
        yield place, ("argument", argument.id)
    for index, cluster in enumerate(reading.clusters):
        yield ("clusters", index), ("cluster", cluster.id)
    for index, link in enumerate(reading.links):
        ends = [link.source, link.target]
        ordered = sorted(ends) if schema.links[link.type].symmetric else ends
        yield ("links", index), ("link", link.type, *ordered)


def _references(reading: AnyReading) -> Iterator[tuple[JsonPath, str]]:
    for place, _, argument in _arguments(reading):
        if argument.event_id is not None:
            yield (*place, "event_id"), argument.event_id
    for index, cluster in enumerate(reading.clusters):
        for position, member in enumerate(cluster.events):
            yield ("clusters", index, "events", position), member
    for index, link in enumerate(reading.links):
        for end in ("source", "target"):
            yield ("links", index, end), getattr(link, end)


def _due_ids(reading: AnyReading) -> Iterator[tuple[JsonPath, str, str]]:
    """Give the place of everything with an id made of its content, the id it has, and the one due."""
    for index, event in enumerate(reading.events):
        trigger = event.trigger
        yield ("events", index), event.id, event_id(event.type, trigger.start, trigger.end)
    for place, event, argument in _arguments(reading):
        filler = argument.event_id or f"{argument.start}-{argument.end}"
        yield place, argument.id, argument_id(event.id, argument.role, filler)
    for index, cluster in enumerate(reading.clusters):
        events = cluster.events
        yield ("clusters", index), cluster.id, events[0] if len(events) == 1 else min(events, key=event_place)


def _joined(reading: AnyReading, name: str) -> dict[int, tuple[str, str]]:
    """Give the happenings that links of a type join, by the link's index."""
    cluster_of = {member: cluster.id for cluster in reading.clusters for member in cluster.events}
    return {
        index: (cluster_of.get(link.source, link.source), cluster_of.get(link.target, link.target))
        for index, link in enumerate(reading.links)
        if link.type == name and link.source != link.target
    }


def _closing(links: dict[int, tuple[str, str]]) -> Iterator[int]:
    """Give the links, by index, that have to go until no way along the others leads back to its start."""
    links = dict(links)
    while True:
        sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
        for source, target in links.values():
            sorter.add(target, source)
        try:
            sorter.prepare()
            return
        except graphlib.CycleError as error:
            way = error.args[1]
        steps = set(itertools.pairwise(way))
        last = max(index for index, link in links.items() if link in steps)
        yield last
        del links[last]
