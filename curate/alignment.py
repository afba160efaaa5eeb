"""Several readings of one article laid side by side: which events, arguments and clusters are meant to be the same.

What has the same id is the same. The rest is paired one to one, every two readings by maximum-weight bipartite
assignment: events by how far their triggers overlap, then by type, then by arguments in common; arguments within
aligned events by overlap, then by role; clusters by the aligned mentions they share. Where more than two readings
meet, what is paired is one thing, unless that would make two things of one reading the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from curate.agreement.aligning import align_table, meet, units
from curate.agreement.matching import Comparison, Edges
from curate.agreement.table import Integers, Table
from curate.agreement.tabulating import tabulate
from curate.records import argument_id, event_id, event_place

if TYPE_CHECKING:
    from curate.assembly import AnyReading

Unit: TypeAlias = dict[str, str]
"""One thing as the readings have it: by the name of each reading that has it, its id there."""


@dataclass(frozen=True)
class Aligned:
    """What the readings of one article say, each thing once and in order of place; each id is in one unit."""

    events: list[Unit]
    arguments: list[Unit]
    clusters: list[Unit]


def align(readings: Mapping[str, AnyReading]) -> Aligned:
    """Align the readings of one article, given by name. Their order changes nothing, nor do their names."""
    return align_all([readings])[0]


def align_all(articles: Sequence[Mapping[str, AnyReading]]) -> list[Aligned]:
    """Align the readings of each of several articles; much faster than one article at a time."""
    width = len(str(len(articles)))
    table = tabulate(
        (
            ((f"{number:0{width}}", ""), name, reading)
            for number, readings in enumerate(articles)
            for name, reading in readings.items()
        ),
        None,
        fewest=1,
    )
    comparison = Comparison(table.readings, len(table.articles), table.most)
    meetings = meet(table, comparison)
    found = align_table(table, comparison, meetings)
    events, arguments = _event_ids(table), _argument_ids(table)
    clusters = [events[row] for row in table.first_event.tolist()]
    reading, first = table.events.reading, table.first_event
    gathered = zip(
        _gather(table, comparison, meetings.event_key, found.events, reading, events),
        _gather(table, comparison, meetings.argument_key, found.arguments, meetings.argument_reading, arguments),
        _gather(table, comparison, meetings.event_key[first], found.clusters, reading[first], clusters),
        strict=True,
    )
    named = {int(article): Aligned(*kinds) for article, kinds in zip(table.articles, gathered, strict=True)}
    return [named.get(number, Aligned([], [], [])) for number in range(len(articles))]


def _event_ids(table: Table) -> list[str]:
    events = table.events
    columns = zip(events.type.tolist(), events.start.tolist(), events.end.tolist(), strict=True)
    return [event_id(table.types[type_], start, end) for type_, start, end in columns]


def _argument_ids(table: Table) -> list[str]:
    events, arguments = _event_ids(table), table.arguments
    columns = (arguments.event, arguments.role, arguments.start, arguments.end, arguments.filler)
    return [
        argument_id(events[event], table.roles[role], f"{start}-{end}" if filler < 0 else events[filler])
        for event, role, start, end, filler in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _gather(
    table: Table, comparison: Comparison, keys: Integers, edges: Edges, reading: Integers, ids: Sequence[str]
) -> list[list[Unit]]:
    """Give the units of each article in order of the first place they have, whoever puts them there."""
    found: list[dict[int, Unit]] = [{} for _ in table.articles]
    unit = units(keys, edges, reading, comparison)
    annotator = table.readings.annotator[reading].tolist()
    article = table.readings.article[reading].tolist()
    for number, where, who, identifier in zip(unit.tolist(), article, annotator, ids, strict=True):
        found[where].setdefault(number, {})[table.annotators[who]] = identifier
    return [sorted(one.values(), key=_place) for one in found]


def _place(unit: Unit) -> tuple[tuple[int, int, str], str]:
    return min((event_place(identifier.partition("/")[0]), identifier) for identifier in unit.values())
