"""How much each two readings state, and how much of it both state: the counts that every F1 is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from curate.agreement.aligning import Alignment, Meetings, partners
from curate.agreement.coreference import cluster_counts
from curate.agreement.matching import (
    THOUSAND,
    Booleans,
    Comparison,
    Edges,
    Touching,
    first_of_each,
    one_to_one,
    overlap,
    sums,
)
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
    """What one measure compares: the rows that count (``kept``), which state each thing once for their reading.

    Edges join those with one label: ``same`` where the spans are the same, ``half`` where they overlap by at least
    half, with the ``weight`` of each of these.
    """

    reading: Integers
    kept: Booleans
    same: Edges
    half: Edges
    weight: Integers
    labels: dict[str, Integers]


def count(table: Table, comparison: Comparison, meetings: Meetings, alignment: Alignment) -> Iterator[Counts]:
    """Count every measure, exact and relaxed."""
    for measure, statements in _measures(table, meetings):
        all_stated = _stated(measure, statements, comparison)
        certain = statements.same
        relaxed = one_to_one(certain, statements.half, statements.weight, statements.reading, comparison)
        yield _agreed(all_stated, "exact", statements, certain, comparison)
        yield _agreed(all_stated, "relaxed", statements, relaxed, comparison)
    for mode, edges in (("exact", alignment.same_events), ("relaxed", alignment.events)):
        yield _link_counts(mode, table, edges, comparison)
        stated, agreed = cluster_counts(table.events.cluster, edges, comparison)
        yield Counts("clusters", mode, stated, agreed, {})


def _measures(table: Table, meetings: Meetings) -> Iterator[tuple[str, _Statements]]:
    """Give the statements of each measure; their keys are those of TextEE's scorer."""
    events, arguments = table.events, table.arguments
    reading, type_, trigger = events.reading, events.type, (events.start, events.end)
    found = meetings.events
    kept = first_of_each(reading, *trigger)
    yield "tri_i", _statements(reading, kept, found, found.overlap, {})
    typed = found.only(found.edges.alike(type_))
    kept = first_of_each(meetings.event_key, reading)
    yield "tri_c", _statements(reading, kept, typed, typed.overlap, {"type": type_})

    reading, type_, role = meetings.argument_reading, events.type[arguments.event], arguments.role
    place, owner = (reading, arguments.start, arguments.end), meetings.event_key[arguments.event]
    identified = meetings.arguments.only(meetings.arguments.edges.alike(type_))
    labels = {"type": type_, "role": role}
    for measure, found, keys in (
        ("arg_i", identified, (type_,)),
        ("arg_c", identified.only(identified.edges.alike(role)), (type_, role)),
    ):
        own = {name: label for name, label in labels.items() if name == "type" or measure == "arg_c"}
        yield measure, _statements(reading, first_of_each(*place, *keys), found, found.overlap, own)
        ends = Edges(arguments.event[found.edges.one], arguments.event[found.edges.other], found.edges.comparison)
        kept = first_of_each(*place, owner, *keys[1:])
        yield f"{measure}_plus", _statements(reading, kept, found, overlap(*trigger, ends), own)


def _statements(
    reading: Integers, kept: Booleans, found: Touching, other_overlap: Integers, labels: dict[str, Integers]
) -> _Statements:
    """Sort out what is the same and what overlaps by half, in two spans of each row (the same one twice at need)."""
    lesser = np.minimum(found.overlap, other_overlap)
    there = kept[found.edges.one] & kept[found.edges.other] & (lesser >= HALF)
    edges, lesser = found.edges.only(there), lesser[there]
    total = found.overlap[there] + other_overlap[there]
    return _Statements(reading, kept, edges.only(lesser == THOUSAND), edges, MATCH + total, labels)


def _stated(measure: str, statements: _Statements, comparison: Comparison) -> Counts:
    """Count what is stated, which is the same for both modes; nothing is agreed yet."""
    reading = statements.reading[statements.kept]
    said = np.bincount(reading, minlength=len(comparison.readings.article)).astype(np.float64)
    times = comparison.partners().astype(np.float64)[reading]
    article = comparison.readings.article[reading]
    stated = np.stack((said[comparison.first], said[comparison.second]))
    by = {name: _labelled(article, label[statements.kept], times) for name, label in statements.labels.items()}
    return Counts(measure, "", stated, np.zeros_like(stated), by)


def _agreed(stated: Counts, mode: str, statements: _Statements, edges: Edges, comparison: Comparison) -> Counts:
    """Count what edges join, once for each of the two readings; the arrays of what is stated are shared."""
    agreed = np.bincount(edges.comparison, minlength=len(comparison.first)).astype(np.float64)
    article, both = comparison.article[edges.comparison], np.broadcast_to(2.0, len(edges.one))
    return replace(
        stated,
        mode=mode,
        agreed=np.broadcast_to(agreed, stated.stated.shape),
        by={
            name: _agreeing(labelled, article, statements.labels[name][edges.one], both)
            for name, labelled in stated.by.items()
        },
    )


def _labelled(article: Integers, label: Integers, stated: Amounts) -> Labelled:
    """Sum what is stated by article and label; nothing is agreed yet."""
    width = int(label.max(initial=0)) + 1
    told = sums(article * width + label, stated, (int(article.max(initial=0)) + 1) * width)
    known = np.flatnonzero(told)
    return Labelled(known // width, known % width, np.zeros(len(known)), told[known])


def _agreeing(found: Labelled, article: Integers, label: Integers, agreed: Amounts) -> Labelled:
    """Sum what is agreed, too; where anything is agreed something is stated."""
    width = int(found.label.max(initial=0)) + 1
    known = found.article * width + found.label
    shared = sums(article * width + label, agreed, int(known.max(initial=0)) + 1)
    return replace(found, agreed=shared[known])


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
    told = _labelled(article, label, np.ones(len(label)))
    by = _agreeing(told, article, label, np.concatenate([part[2] for part in labels]))
    return Counts("links", mode, stated, agreed, {"link": by})


def _link_key(
    type_: Integers, source: Integers, target: Integers, symmetric: npt.NDArray[np.bool_], size: int
) -> Integers:
    first = np.where(symmetric, np.minimum(source, target), source)
    second = np.where(symmetric, np.maximum(source, target), target)
    key: Integers = (type_ * size + first) * size + second
    return key
