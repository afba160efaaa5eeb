"""Readings taken apart into the columns of a table, numbered alike in whatever order they come."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.agreement.table import Arguments, Events, Integers, Links, Readings, Table, Values

if TYPE_CHECKING:
    from curate.assembly import AnyReading
    from curate.records import Event, Value
    from curate.schema.model import Attribute, EventSchema


class _Names(dict[object, int]):
    """Number whatever is asked for, in the order it is first asked."""

    def __missing__(self, name: object) -> int:
        self[name] = len(self)
        return self[name]


@dataclass
class _Draft:
    """The columns while they grow, row after row; flat, several numbers a row."""

    articles: _Names = field(default_factory=_Names)
    annotators: _Names = field(default_factory=_Names)
    types: _Names = field(default_factory=_Names)
    roles: _Names = field(default_factory=_Names)
    link_types: _Names = field(default_factory=_Names)
    readings: array[int] = field(default_factory=lambda: array("q"))
    events: array[int] = field(default_factory=lambda: array("q"))
    arguments: array[int] = field(default_factory=lambda: array("q"))
    clusters: int = 0
    links: array[int] = field(default_factory=lambda: array("q"))
    values: dict[str, array[int]] = field(default_factory=dict)
    answers: dict[str, _Names] = field(default_factory=dict)

    def answer(self, attribute: Attribute, owner: int, value: Value) -> None:
        answer = tuple(value) if isinstance(value, list) else value
        self.values[attribute.name].extend((owner, self.answers[attribute.name][answer]))


def tabulate(
    readings: Iterable[tuple[tuple[str, str], str, AnyReading]], schema: EventSchema | None, fewest: int = 2
) -> Table:
    """Put readings into columns: (article id and text hash, annotator, reading) in any order, one at a time.

    Articles that less than ``fewest`` people read are left out. What attributes there are, whom they are asked of and
    which links are symmetric is said by ``schema``; without one there are none. Rows are in an order that depends on
    what the readings say and on nothing else.
    """
    draft = _Draft()
    for attribute in schema.attributes.values() if schema else ():
        draft.values[attribute.name] = array("q")
        draft.answers[attribute.name] = _Names()
    asked = _Asked(schema)
    for article, annotator, reading in readings:
        _take(draft, asked, draft.articles[article], draft.annotators[annotator], reading)
    return _table(draft, schema, fewest)


class _Asked:
    """Which attributes are asked of an event of each type, and of an argument in each role."""

    def __init__(self, schema: EventSchema | None) -> None:
        self.mention: dict[str, list[Attribute]] = {}
        self.role: dict[str, list[Attribute]] = {}
        self.event: list[Attribute] = []
        self.article: list[Attribute] = []
        if schema:
            mention, argument = schema.attributes_on("trigger", "mention"), schema.attributes_on("argument")
            self.mention = {name: [one for one in mention if one.applies(name)] for name in schema.event_types}
            self.role = {name: [one for one in argument if one.applies(name)] for name in schema.roles}
            self.event = [*schema.attributes_on("trigger", "event")]
            self.article = [*schema.attributes_on("article")]


def _take(draft: _Draft, asked: _Asked, article: int, annotator: int, reading: AnyReading) -> None:
    number = len(draft.readings) // 2
    draft.readings.extend((article, annotator))
    first = len(draft.events) // 5
    rows = {event.id: first + place for place, event in enumerate(reading.events)}
    cluster_of = _take_clusters(draft, asked, reading, rows)
    for row, event in enumerate(reading.events, first):
        start, end = event.trigger.start, event.trigger.end
        draft.events.extend((number, start, end, draft.types[event.type], cluster_of[row]))
        for attribute in asked.mention.get(event.type, ()):
            draft.answer(attribute, row, event.attributes.get(attribute.name))
        _take_arguments(draft, asked, event, row, reading.events, rows, first)
    for link in reading.links:
        draft.links.extend((draft.link_types[link.type], rows[link.source], rows[link.target]))
    for attribute in asked.article:
        draft.answer(attribute, number, reading.attributes.get(attribute.name))


def _take_clusters(draft: _Draft, asked: _Asked, reading: AnyReading, rows: dict[str, int]) -> dict[int, int]:
    """Enter the clusters and tell the one of each event."""
    cluster_of: dict[int, int] = {}
    types = {event.id: event.type for event in reading.events} if asked.event else {}
    for cluster in reading.clusters:
        number, draft.clusters = draft.clusters, draft.clusters + 1
        cluster_of.update((rows[member], number) for member in cluster.events)
        for attribute in asked.event:
            if any(attribute.applies(types[member]) for member in cluster.events):
                draft.answer(attribute, number, cluster.attributes.get(attribute.name))
    for row in rows.values():
        if row not in cluster_of:
            cluster_of[row], draft.clusters = draft.clusters, draft.clusters + 1
    return cluster_of


def _take_arguments(
    draft: _Draft,
    asked: _Asked,
    event: Event,
    row: int,
    events: Sequence[Event],
    rows: dict[str, int],
    first: int,
) -> None:
    for argument in event.arguments:
        start, end, filler = argument.start, argument.end, -1
        if argument.event_id is not None:
            filler = rows[argument.event_id]
            start, end = events[filler - first].trigger.start, events[filler - first].trigger.end
        number = len(draft.arguments) // 5
        draft.arguments.extend((row, draft.roles[argument.role], start or 0, end or 0, filler))
        for attribute in asked.role.get(argument.role, ()):
            draft.answer(attribute, number, argument.attributes.get(attribute.name))


def _table(draft: _Draft, schema: EventSchema | None, fewest: int) -> Table:
    """Leave out what can't be compared, and put the rest in order."""
    articles, article_names = _sorted_names(draft.articles)
    annotators, annotator_names = _sorted_names(draft.annotators)
    types, type_names = _sorted_names(draft.types)
    roles, role_names = _sorted_names(draft.roles)
    link_types, link_names = _sorted_names(draft.link_types)
    article, annotator = _columns(draft.readings, 2)
    article, annotator = articles[article], annotators[annotator]
    count = np.bincount(article, minlength=len(article_names))
    people = max(len(annotator_names), 1)
    read_by = np.unique(article * people + annotator) // people
    kept = np.bincount(read_by, minlength=len(article_names)) >= fewest
    reading_order = np.lexsort((annotator, article))
    reading_order = reading_order[kept[article[reading_order]]]
    new_reading = _places(reading_order, len(article))
    article, annotator = (np.cumsum(kept) - 1)[article[reading_order]], annotator[reading_order]

    reading, start, end, type_, cluster = _columns(draft.events, 5)
    reading, type_ = new_reading[reading], types[type_]
    order = np.lexsort((type_, end, start, reading))
    order = order[reading[order] >= 0]
    new_event = _places(order, len(reading))
    named, first_event = np.unique(cluster[order], return_index=True)
    by_place = np.argsort(first_event)
    first_event = first_event[by_place]
    new_cluster = _places(named[by_place], draft.clusters)
    events = Events(reading[order], start[order], end[order], type_[order], new_cluster[cluster[order]])

    owner, role, start, end, filler = _columns(draft.arguments, 5)
    owner, role, filler = new_event[owner], roles[role], np.append(new_event, -1)[filler]
    order = np.lexsort((filler, end, start, role, owner))
    order = order[owner[order] >= 0]
    new_argument = _places(order, len(owner))
    arguments = Arguments(owner[order], role[order], start[order], end[order], filler[order])

    link_type, source, target = _columns(draft.links, 3)
    link_type, source, target = link_types[link_type], new_event[source], new_event[target]
    order = np.lexsort((target, source, link_type))
    order = order[source[order] >= 0]
    links = Links(link_type[order], source[order], target[order])

    places = {"article": new_reading, "argument": new_argument, "mention": new_event, "event": new_cluster}
    return Table(
        articles=tuple(name for (name, _), keep in zip(article_names, kept, strict=True) if keep),
        annotators=annotator_names,
        types=type_names,
        roles=role_names,
        link_types=link_names,
        symmetric=frozenset(link.name for link in schema.links.values() if link.symmetric) if schema else frozenset(),
        readings=Readings(article, annotator, _ranks(article)),
        events=events,
        arguments=arguments,
        first_event=first_event,
        links=links,
        values=tuple(
            _values(draft, attribute, places[attribute.level if attribute.on == "trigger" else attribute.on])
            for attribute in (schema.attributes.values() if schema else ())
        ),
        most=int(count[kept].max(initial=0)),
        alone=int((~kept).sum()),
    )


def _values(draft: _Draft, attribute: Attribute, places: Integers) -> Values:
    owner, answer = _columns(draft.values[attribute.name], 2)
    codes, answers = _sorted_names(draft.answers[attribute.name])
    owner, answer = places[owner], codes[answer]
    order = np.lexsort((answer, owner))
    order = order[owner[order] >= 0]
    return Values(attribute, owner[order], answer[order], answers)


def _columns(rows: array[int], width: int) -> Integers:
    """Give the columns of a flat array of rows."""
    return np.array(rows, np.int64).reshape(-1, width).T.copy()


def _sorted_names(names: _Names) -> tuple[Integers, tuple[Any, ...]]:
    """Give the new number of each old one, and the names in order: nothing first, then numbers, words, lists."""
    kinds = (type(None), int, str, tuple)
    order = sorted(names, key=lambda name: (kinds.index(type(name)), () if name is None else (name,)))
    codes = np.empty(len(names), np.int64)
    codes[[names[name] for name in order]] = np.arange(len(names))
    return codes, tuple(order)


def _places(order: Integers, size: int) -> Integers:
    """Turn an order of old rows into the new place of each, -1 for those left out."""
    places = np.full(size, -1, np.int64)
    places[order] = np.arange(len(order))
    return places


def _ranks(article: Integers) -> Integers:
    """Number the rows of each article from 0; the rows are in order of article."""
    begins = np.searchsorted(article, article, side="left")
    return np.arange(len(article)) - begins
