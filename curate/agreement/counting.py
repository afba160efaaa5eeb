"""How much each two readings state, and how much of it both state: the counts that every F1 is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from curate.agreement.aligning import Alignment, partners
from curate.agreement.coreference import cluster_counts
from curate.agreement.matching import THOUSAND, Comparison, Edges, one_to_one, overlap, overlapping, pack, same, sums
from curate.agreement.table import Amounts, Integers, Table

HALF = THOUSAND // 2
MATCH = 10 * THOUSAND
"""What a further match weighs in a relaxed assignment: more than any two overlaps."""


@dataclass(frozen=True)
class Labelled:
    """Counts by article and label, such as the event type; one row each."""

    article: Integers
    label: Integers
    agreed: Amounts
    stated: Amounts


@dataclass(frozen=True)
class Counts:
    """Counts of one measure and mode.

    ``stated`` and ``agreed`` have two rows, for the first and the second reading of each comparison: what it states,
    and how much of that the other states too. ``by`` holds the same by type, role or link, where the key has one.
    """

    measure: str
    mode: str
    stated: Amounts
    agreed: Amounts
    by: dict[str, Labelled]


@dataclass(frozen=True)
class _Statements:
    """What one measure compares: rows of one reading each, told apart by ``group`` (with article) and spans."""

    reading: Integers
    group: Integers
    spans: tuple[tuple[Integers, Integers], ...]
    labels: dict[str, Integers]

    def only(self, rows: Integers) -> _Statements:
        return _Statements(
            self.reading[rows],
            self.group[rows],
            tuple((start[rows], end[rows]) for start, end in self.spans),
            {name: label[rows] for name, label in self.labels.items()},
        )


def count(table: Table, comparison: Comparison, alignment: Alignment) -> Iterator[Counts]:
    """Count every measure, exact and relaxed."""
    for measure, statements in _measures(table):
        distinct, key = _distinct(statements)
        certain = same(key, distinct.reading, comparison)
        for mode, edges in (("exact", certain), ("relaxed", _relaxed(distinct, certain, comparison))):
            yield _counts(measure, mode, distinct, edges, comparison)
    for mode, edges in (("exact", alignment.same_events), ("relaxed", alignment.events)):
        yield _link_counts(mode, table, edges, comparison)
        stated, agreed = cluster_counts(table.events.cluster, table.events.reading, edges, comparison)
        yield Counts("clusters", mode, stated, agreed, {})


def _measures(table: Table) -> Iterator[tuple[str, _Statements]]:
    """Give the statements of each measure; their keys are those of TextEE's scorer."""
    events, arguments = table.events, table.arguments
    article = table.readings.article[events.reading]
    trigger = (events.start, events.end)
    yield "tri_i", _Statements(events.reading, article, (trigger,), {})
    typed = pack(article, events.type)
    yield "tri_c", _Statements(events.reading, typed, (trigger,), {"type": events.type})
    owner = arguments.event
    filler, own_trigger = (arguments.start, arguments.end), (events.start[owner], events.end[owner])
    found = _Statements(events.reading[owner], typed[owner], (filler,), {"type": events.type[owner]})
    classified = replace(
        found, group=pack(typed[owner], arguments.role), labels={**found.labels, "role": arguments.role}
    )
    yield "arg_i", found
    yield "arg_c", classified
    yield "arg_i_plus", replace(found, spans=(filler, own_trigger))
    yield "arg_c_plus", replace(classified, spans=(filler, own_trigger))


def _distinct(statements: _Statements) -> tuple[_Statements, Integers]:
    """Keep one of each reading's statements that have one key, and give the keys of those kept."""
    key = pack(statements.group, *(column for span in statements.spans for column in span))
    rows = np.unique(pack(statements.reading, key), return_index=True)[1]
    return statements.only(rows), key[rows]


def _relaxed(statements: _Statements, certain: Edges, comparison: Comparison) -> Edges:
    """Match one to one what has the same label and spans that overlap by half; most matches, then most overlap."""
    (start, end), *others = statements.spans
    possible = overlapping(statements.group, start, end, statements.reading, comparison)
    measured = overlap(start, end, possible)
    enough, weight = measured >= HALF, MATCH + measured
    for other_start, other_end in others:
        measured = overlap(other_start, other_end, possible)
        enough, weight = enough & (measured >= HALF), weight + measured
    return one_to_one(certain, possible.only(enough), weight[enough], statements.reading, comparison)


def _counts(measure: str, mode: str, statements: _Statements, edges: Edges, comparison: Comparison) -> Counts:
    numbers = comparison.number(statements.reading[edges.one], statements.reading[edges.other])
    agreed = np.bincount(numbers, minlength=len(comparison.first)).astype(np.float64)
    said = np.bincount(statements.reading, minlength=len(comparison.readings.article)).astype(np.float64)
    article = comparison.readings.article[statements.reading]
    times = comparison.partners()[statements.reading].astype(np.float64)
    return Counts(
        measure,
        mode,
        np.stack((said[comparison.first], said[comparison.second])),
        np.stack((agreed, agreed)),
        {
            name: _labelled(article, label, times, article[edges.one], label[edges.one], np.full(len(edges.one), 2.0))
            for name, label in statements.labels.items()
        },
    )


def _labelled(
    article: Integers,
    label: Integers,
    stated: Amounts,
    agreed_article: Integers,
    agreed_label: Integers,
    agreed: Amounts,
) -> Labelled:
    """Sum what is stated and what is agreed by article and label."""
    width = int(label.max(initial=0)) + 1
    cells, places = np.unique(article * width + label, return_inverse=True)
    agreed_places = np.searchsorted(cells, agreed_article * width + agreed_label)
    return Labelled(
        cells // width,
        cells % width,
        sums(agreed_places, agreed, len(cells)),
        sums(places, stated, len(cells)),
    )


def _link_counts(mode: str, table: Table, edges: Edges, comparison: Comparison) -> Counts:
    """Count the links between events that both readings have.

    A link is agreed when the other reading joins the same two events by a link of the type, the same way round
    unless the type is symmetric.
    """
    links, readings = table.links, comparison.readings
    reading = table.events.reading
    partner = partners(edges, reading, comparison)
    symmetric = np.array([name in table.symmetric for name in table.link_types], np.bool_)[links.type]
    key = _link_key(links.type, links.source, links.target, symmetric, len(reading))
    stated = np.zeros((2, len(comparison.first)))
    agreed = np.zeros((2, len(comparison.first)))
    labels: list[tuple[Integers, Integers, Amounts]] = [(links.type[:0], links.type[:0], np.zeros(0))]
    own = reading[links.source]
    for rank in range(comparison.most):
        source, target = partner[links.source, rank], partner[links.target, rank]
        both = (source >= 0) & (target >= 0)
        other = reading[source[both]]
        turned = (own[both] > other).astype(np.int64)
        numbers = comparison.number(own[both], other)
        there = _link_key(links.type[both], source[both], target[both], symmetric[both], len(reading))
        found = np.isin(there, key)
        np.add.at(stated, (turned, numbers), 1.0)
        np.add.at(agreed, (turned[found], numbers[found]), 1.0)
        labels.append((readings.article[own[both]], links.type[both], found.astype(np.float64)))
    article, label = (np.concatenate([part[place] for part in labels]) for place in (0, 1))
    by = _labelled(article, label, np.ones(len(label)), article, label, np.concatenate([part[2] for part in labels]))
    return Counts("links", mode, stated, agreed, {"link": by})


def _link_key(
    type_: Integers, source: Integers, target: Integers, symmetric: npt.NDArray[np.bool_], size: int
) -> Integers:
    first = np.where(symmetric, np.minimum(source, target), source)
    second = np.where(symmetric, np.maximum(source, target), target)
    key: Integers = (type_ * size + first) * size + second
    return key
