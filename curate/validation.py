"""Whether records and annotations are right: their shape first, then what only code can tell (``CHECKS``)."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from curate.assembly import AnyReading
from curate.records import (
    Annotation,
    Argument,
    Article,
    Cluster,
    Event,
    Finding,
    Record,
    argument_id,
    event_id,
    event_place,
    plain,
)
from curate.schema.compiling import annotation_schema, frame_schema
from curate.schema.model import EventSchema, is_date
from curate.shapes import JsonPath, compile_validator, json_path, shape_findings
from curate.spans import is_wordless
from curate.text import text_sha256

if TYPE_CHECKING:
    from curate.shapes import Validator

FRAME = ("id", "task_id", "article_id", "text_sha256", "annotator", "schema", "created_at", "updated_at", "lead_time")
"""What of an annotation is not read from its result."""

LONG = 50
"""A text of fewer characters may well be one span."""

Check: TypeAlias = Callable[[AnyReading, str, EventSchema], Iterator[Finding]]
"""Takes a reading of sound shape with the text it is of, and yields what it finds wrong."""


def check_record(record: Record | dict[str, Any], schema: EventSchema, validator: Validator) -> list[Finding]:
    """List what is wrong with a record; ``validator`` is made of the schema's record schema.

    Where the shape is wrong, only that is told: the checks of meaning rely on it.
    """
    told: dict[str, Any] = plain(record)
    findings = shape_findings(told, validator)
    if not findings:
        made = record if isinstance(record, Record) else msgspec.convert(record, Record)
        findings = hash_findings(made.text, made.text_sha256) + meaning_findings(made, made.text, schema)
    return [_about(finding, article_id=told.get("id")) for finding in findings]


def check_annotation(
    annotation: Annotation | dict[str, Any], article: Article, schema: EventSchema, validator: Validator
) -> list[Finding]:
    """List what is wrong with an annotation of the article.

    ``validator`` is made of the schema's annotation schema. Where the shape is wrong, only that is told.
    """
    told: dict[str, Any] = plain(annotation)
    findings = shape_findings(told, validator)
    if not findings:
        made = annotation if isinstance(annotation, Annotation) else msgspec.convert(annotation, Annotation)
        findings = hash_findings(article.text, made.text_sha256) + meaning_findings(made, article.text, schema)
    return _about_annotation(findings, told, article)


def check_translation(
    annotation: Annotation, article: Article, schema: EventSchema, validator: Validator
) -> list[Finding]:
    """List what is wrong with an annotation that was read from a result, without an error, under this very schema.

    Such a reading has the shape that the schema asks for, and what ``HOLDS_IN_TRANSLATIONS``, by the way it is made;
    that is not looked at again. ``validator`` is made of the schema for the rest of an annotation, its frame.
    """
    frame = {name: getattr(annotation, name) for name in FRAME}
    findings = shape_findings(frame, validator)
    if not findings:
        findings = hash_findings(article.text, annotation.text_sha256)
        findings += meaning_findings(annotation, article.text, schema, translated=True)
    return _about_annotation(findings, frame, article)


def annotation_checker(schema: EventSchema) -> Callable[[Annotation, Article], list[Finding]]:
    """Give what checks an annotation that was read from a result, whichever schema it was made under."""
    whole, frame = compile_validator(annotation_schema(schema)), compile_validator(frame_schema())

    def check(annotation: Annotation, article: Article) -> list[Finding]:
        if annotation.schema == schema.stamp:
            return check_translation(annotation, article, schema, frame)
        return check_annotation(annotation, article, schema, whole)

    return check


def _about_annotation(findings: Iterable[Finding], annotation: Mapping[str, Any], article: Article) -> list[Finding]:
    annotator, identifier = annotation.get("annotator"), annotation.get("id")
    about = {"article_id": article.id, "annotation_id": identifier, "annotator": annotator}
    return [_about(finding, **about) for finding in findings]


def hash_findings(text: str, said: str) -> list[Finding]:
    """Say when a text is not the one that its hash was taken of."""
    if text_sha256(text) == said:
        return []
    message = "the text's SHA-256 is another; take text and hash from one article version"
    return [_finding("text-hash-mismatch", "$.text_sha256", message)]


def meaning_findings(reading: AnyReading, text: str, schema: EventSchema, *, translated: bool = False) -> list[Finding]:
    """Run every check over a reading of sound shape and the text it is of."""
    checks = _OPEN_IN_TRANSLATIONS if translated else CHECKS
    return [finding for check in checks for finding in check(reading, text, schema)]


def check_spans(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Every span lies in the text, says what stands there, and begins and ends with something visible."""
    for place, span in _spans(reading):
        start, end, said = span.start, span.end, span.text
        if not 0 <= start < end <= len(text):
            message = f"{start}-{end} does not lie in the text of {len(text)} characters; correct the offsets"
            yield _finding("span-out-of-range", json_path(place), message)
        elif said != text[start:end]:
            message = f"{start}-{end} says {said!r}, the text {text[start:end]!r}; correct offsets or words"
            yield _finding("span-text-mismatch", json_path(place), message)
        elif not said[0].isalnum() and is_wordless(said):
            yield _finding("span-without-words", json_path(place), f"{said!r} holds no word; delete it, or mark one")
        elif said[0].isspace() or said[-1].isspace():
            message = f"{said!r} begins or ends with white space; shorten the span"
            yield _finding("span-edge-space", json_path(place), message, "warning")
        elif end - start == len(text) > LONG:
            message = f"it is the whole text of {len(text)} characters; mark the words that say it"
            yield _finding("span-whole-text", json_path(place), message, "warning")


def check_overlaps(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """Triggers of different events stand apart, or name both of them with the same words."""
    spans = sorted((event.trigger.start, event.trigger.end, index) for index, event in enumerate(reading.events))
    for (start, end, one), (later, ending, other) in itertools.pairwise(spans):
        if later < end and (start, end) != (later, ending):
            ids = reading.events[one].id, reading.events[other].id
            message = f"it overlaps the trigger of {ids[0]!r}; see whether both are events"
            yield _finding("triggers-overlap", f"$.events[{other}].trigger", message, "warning")


def check_dates(reading: AnyReading, text: str, schema: EventSchema) -> Iterator[Finding]:
    """A date is one of the calendar."""
    dates = [attribute.name for attribute in schema.attributes.values() if attribute.kind == "date"]
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
    cluster_of = {member: cluster.id for cluster in reading.clusters for member in cluster.events}
    drawn = {link.type for link in reading.links}
    for name, link_type in schema.links.items():
        if name in drawn and link_type.transitive and not link_type.symmetric:
            links = {
                index: (
                    cluster_of.get(link.source, link.source),
                    cluster_of.get(link.target, link.target),
                )
                for index, link in enumerate(reading.links)
                if link.type == name and link.source != link.target
            }
            for index in _closing(links):
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


def _about(finding: Finding, **about: Any) -> Finding:
    """Say what the finding is about, as far as that is known."""
    return msgspec.structs.replace(finding, **{key: value for key, value in about.items() if isinstance(value, str)})


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
