"""One annotation judged: read by the schema it was made under, checked, and what is accepted as it is dropped (pure).

Whoever accepts a code gives up what such findings name, and what can't stand without it: of a trigger its arguments,
links and values, of an arrow the argument that it attaches. What is left is read and checked anew. A reading of which
nothing would be left, or which has other errors, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from curate.assembly import lift
from curate.authorship import other_hands
from curate.findings import ERROR, WARNING, level
from curate.labelstudio.contents import Problem
from curate.labelstudio.draft import attribute_statement, link_statement
from curate.labelstudio.origins import begun_from, mark_changed
from curate.labelstudio.pieces import Result
from curate.labelstudio.reading import Translation
from curate.labelstudio.results import read_stamp
from curate.labelstudio.stamps import read_by_stamp
from curate.migration import Migrated, migrate, renaming
from curate.places import named_place
from curate.records import Annotation, Article, Finding, Item, Note
from curate.schema.model import SAME_EVENT, EventSchema

_PLACE = re.compile(
    r"\$(?:\.(?P<part>events|links|clusters)\[(?P<index>\d+)\])?(?:\.arguments\[(?P<argument>\d+)\])?"
    r"(?:\.attributes\.(?P<attribute>\w+))?"
)


@dataclass(frozen=True)
class Context:
    """What readings are checked against.

    ``schemas`` holds the schemas of earlier stamps as well, ``accepted`` the codes that hold nothing back, ``gold`` the
    names of the texts with known answers that are hidden among the articles.
    """

    schema: EventSchema
    schemas: Mapping[str, EventSchema]
    articles: Mapping[str, Article]
    annotator: Callable[[Any], str]
    check_annotation: Callable[[Annotation, Article], Iterable[Finding]]
    accepted: frozenset[str] = frozenset()
    gold: frozenset[str] = frozenset()


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What became of one annotation. ``dropped`` are the items given up, each with the code it is given up for."""

    annotation: Annotation
    findings: list[Finding]
    named: list[tuple[str, ...]]
    """For each finding the items that would have to go for it to be gone."""
    items: list[Item]
    duplicates: frozenset[str]
    hanging: dict[str, str]
    dropped: dict[str, str]
    reasons: list[Note]
    unknown: list[str]

    @property
    def is_held(self) -> bool:
        """Whether an error holds the reading back."""
        return any(found.level == ERROR for found in self.findings)


def judge(
    task: Mapping[str, Any], annotation: Mapping[str, Any], who: str, article: Article, context: Context
) -> Judged:
    """Read and check one annotation of an article, without what its accepted findings name."""
    result = mark_changed(annotation, task)
    first = judged = _judge(result, task, annotation, who, article, context, {})
    told: list[Finding] = []
    while new := _given_up(judged, context.accepted):
        told += [_accepted(found) for found in judged.findings if _is_accepted(found, context.accepted)]
        judged = _judge(result, task, annotation, who, article, context, judged.dropped | new)
    if judged.dropped and (judged.is_held or not judged.annotation.items):
        return first
    if not told:
        return judged
    return msgspec.structs.replace(judged, findings=[*told, *judged.findings], named=[()] * len(told) + judged.named)


def finding(problem: Problem, task: Mapping[str, Any], annotation: Mapping[str, Any], who: str) -> Finding:
    """Say of a problem where it was found and whose it is."""
    place = f"annotation {annotation['id']}" + (f" · {problem.where}" if problem.where else "")
    return Finding(
        code=problem.code,
        level=level(problem.code),
        place=place,
        message=problem.message,
        article_id=article_of(task),
        annotation_id=str(annotation["id"]),
        annotator=who,
        link=f"/projects/{task['project']}/data?task={task['id']}" if task.get("project") else None,
    )


def article_of(task: Mapping[str, Any]) -> str:
    """Name the article that a task shows."""
    return str((task.get("data") or {}).get("article_id"))


def _judge(
    result: Result,
    task: Mapping[str, Any],
    annotation: Mapping[str, Any],
    who: str,
    article: Article,
    context: Context,
    dropped: dict[str, str],
) -> Judged:
    read, schema, doubts = read_by_stamp(result, article, context.schema, context.schemas, dropped)
    problems = [*doubts, *other_hands(annotation, who, context.annotator), *read.problems]
    if schema is not context.schema:
        read = _lifted(read, schema, context.schema, problems)
    if not read.items:
        told = "Nothing is marked or set; see that there is nothing to mark."
        problems.append(Problem("annotation-empty", "", told))
    left_out = read.duplicates | dropped.keys()
    suggestions, removed = begun_from(annotation, task, article, context.schema, context.schemas)
    made = Annotation(
        id=str(annotation["id"]),
        task_id=task["id"],
        article_id=article.id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=read_stamp(result),
        created_at=annotation.get("created_at") or "",
        updated_at=annotation.get("updated_at") or "",
        lead_time=annotation.get("lead_time"),
        events=read.reading.events,
        clusters=read.reading.clusters,
        links=read.reading.links,
        attributes=read.reading.attributes,
        items=[item for item in read.items if item.id not in left_out] if left_out else read.items,
        notes=read.notes,
        suggestions=suggestions,
        removed=removed,
    )
    findings = [finding(problem, task, annotation, who) for problem in problems]
    named = [problem.items for problem in problems]
    if not any(found.level == ERROR for found in findings):
        for found in context.check_annotation(made, article):
            named.append(tuple(_items_at(found.place, made)))
            at = finding(Problem(found.code, named_place(found.place, made), found.message), task, annotation, who)
            findings.append(msgspec.structs.replace(at, level=found.level))
    return Judged(made, findings, named, read.items, read.duplicates, read.hanging, dropped, read.reasons, read.unknown)


def _lifted(read: Translation, old: EventSchema, new: EventSchema, problems: list[Problem]) -> Translation:
    """Bring a reading made under an earlier version to the names, attributes and defaults of today."""
    made = migrate(read.reading, renaming(old, new))
    for statement, what in made.missing:
        told = (
            f"{what} of {old.stamp} is no more, and nothing says what became of it: write its new name under `renamed` "
            f"in the schema (curate schema migrate shows how)."
        )
        items = [item.id for item in read.items if statement in item.states]
        problems.append(Problem("migration-missing", statement, told[0].upper() + told[1:], tuple(items)))
    for statement, what in made.clashes:
        items = [item.id for item in read.items if statement in item.states]
        told = f"{what}, and both are used of one thing: delete one of the two, or give them two names again."
        problems.append(Problem("migration-clash", statement, told, tuple(items)))
    return msgspec.structs.replace(
        read,
        reading=lift(made.reading, new),
        items=[msgspec.structs.replace(one, states=sorted(map(made.restated, one.states))) for one in read.items],
        notes=[_renoted(note, made) for note in read.notes],
        reasons=[_renoted(note, made) for note in read.reasons],
    )


def _renoted(note: Note, made: Migrated) -> Note:
    return note if note.about is None else msgspec.structs.replace(note, about=made.restated(note.about))


def _is_accepted(found: Finding, accepted: frozenset[str]) -> bool:
    return found.level == ERROR and found.code in accepted


def _accepted(found: Finding) -> Finding:
    told = f"{found.message} Accepted: what it names is dropped, with what can't stand without that."
    return msgspec.structs.replace(found, level=WARNING, message=told)


def _given_up(judged: Judged, accepted: frozenset[str]) -> dict[str, str]:
    """Name the items that accepted findings give up and are still there, each with the code."""
    if not accepted:
        return {}
    gone = dict(judged.dropped)
    for found, items in zip(judged.findings, judged.named, strict=True):
        if _is_accepted(found, accepted):
            for item in items:
                gone.setdefault(item, found.code)
    there = {item.id for item in judged.items}
    hanging = {item: cause for item, cause in judged.hanging.items() if item in there}
    while more := {item: gone[cause] for item, cause in hanging.items() if cause in gone and item not in gone}:
        gone |= more
    return {item: code for item, code in gone.items() if item not in judged.dropped}


def _items_at(place: str, made: Annotation) -> Iterator[str]:
    """Name the items that state what stands at a JSON path of an annotation."""
    wanted = set(_statements_at(place, made))
    for item in made.items:
        if wanted.intersection(item.states):
            by_arrow = item.kind == "region" and len(item.states) > 1 and _arrow_states(made, wanted)
            if not by_arrow and item.kind != "note":
                yield item.id


def _arrow_states(made: Annotation, wanted: set[str]) -> bool:
    """Tell whether an arrow states it, so that a span with several parts can stay."""
    return any(item.kind == "relation" and wanted.intersection(item.states) for item in made.items)


def _statements_at(place: str, made: Annotation) -> Iterator[str]:
    """Name the statements about what stands at a JSON path: an event, an argument, a link, a cluster or a value."""
    parts = _PLACE.match(place)
    if parts is None:
        return
    part, attribute = parts["part"], parts["attribute"]
    number = int(parts["index"] or 0)
    owners: list[str] = []
    if part == "events":
        event = made.events[number]
        owners = [event.arguments[int(parts["argument"])].id if parts["argument"] else event.id]
    elif part == "clusters":
        owners = made.clusters[number].events
    elif part == "links":
        link = made.links[number]
        yield link_statement(link.type, link.source, link.target)
    if attribute:
        yield from (attribute_statement(owner, attribute) for owner in owners or [""])
    elif part == "events":
        yield from owners
    elif part == "clusters":
        yield from (link_statement(SAME_EVENT, one, other) for one in owners for other in owners)
