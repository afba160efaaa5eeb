"""Which rows of two readings of one article go together: the same ones, then the best of those that overlap."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.agreement.table import Amounts, Integers, Readings
from curate.assignment import assign

Booleans = npt.NDArray[np.bool_]

LARGEST = 2**62
THOUSAND = 1000
SPARSE = 8
"""From so many possible codes a row on, sorting the rows takes less than looking through the codes."""


@dataclass(frozen=True)
class Edges:
    """Pairs of rows from different readings of one article; ``one`` is of the reading that comes first.

    ``comparison`` is the number of the two readings' comparison.
    """

    one: Integers
    other: Integers
    comparison: Integers

    def only(self, chosen: Booleans | Integers) -> Edges:
        """Keep some of them."""
        return Edges(self.one[chosen], self.other[chosen], self.comparison[chosen])

    def alike(self, label: Integers) -> Booleans:
        """Tell which pairs have the same label."""
        told: Booleans = label[self.one] == label[self.other]
        return told


@dataclass(frozen=True)
class Touching:
    """The pairs of rows whose spans share a code point, and how far the two coincide, in thousandths."""

    edges: Edges
    overlap: Integers

    def only(self, chosen: Booleans) -> Touching:
        """Keep some of them."""
        return Touching(self.edges.only(chosen), self.overlap[chosen])


class Comparison:
    """Every two readings of one article by different people, numbered; and how to tell the number.

    ``first`` and ``second`` are rows of the readings, ``article`` theirs.
    """

    def __init__(self, readings: Readings, articles: int, most: int) -> None:
        self.readings, self.articles, self.most = readings, articles, most
        rows = np.arange(len(readings.article))
        found = [
            (rows[:-gap][same], rows[gap:][same]) for gap in range(1, most) if (same := _same(readings, gap)).any()
        ]
        first = np.concatenate([rows[:0], *(one for one, _ in found)])
        second = np.concatenate([rows[:0], *(other for _, other in found)])
        order = np.lexsort((second, first))
        self.first, self.second = first[order], second[order]
        self.article = readings.article[self.first]
        self._number = np.full(len(rows) * most, -1, np.int64)
        self._number[self.first * most + readings.rank[self.second]] = np.arange(len(order))

    def number(self, one: Integers, other: Integers) -> Integers:
        """Tell which comparison the two readings make, row by row; -1 where one person made both."""
        first, second = np.minimum(one, other), np.maximum(one, other)
        found: Integers = self._number[first * self.most + self.readings.rank[second]]
        return found

    def partners(self) -> Integers:
        """Count, for each reading, the readings it is compared with."""
        ends = np.concatenate((self.first, self.second))
        return np.bincount(ends, minlength=len(self.readings.article))


def _same(readings: Readings, gap: int) -> Booleans:
    """Tell of each reading whether the one ``gap`` rows on is of the same article and by somebody else."""
    article, annotator = readings.article, readings.annotator
    told: Booleans = (article[:-gap] == article[gap:]) & (annotator[:-gap] != annotator[gap:])
    return told


def pack(*columns: Integers) -> Integers:
    """Make one number of several columns of whole numbers from 0; two rows get the same where they are the same."""
    packed = columns[0]
    largest = int(packed.max(initial=0))
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        if (largest + 1) * width > LARGEST:
            packed = np.unique(packed, return_inverse=True)[1]
            largest = int(packed.max(initial=0))
        packed = packed * width + column
        largest = largest * width + width - 1
    return packed


def sums(place: Integers, amount: Amounts, size: int) -> Amounts:
    """Add up the amounts that go to each of ``size`` places."""
    return np.bincount(place, weights=amount, minlength=size).astype(np.float64)


def distinct(codes: Integers, size: int) -> tuple[Integers, Integers]:
    """Give the different codes, which are below ``size``, in order, and for each code its place among them."""
    if size > SPARSE * (len(codes) + 1):
        known, place = np.unique(codes, return_inverse=True)
        return known, place
    there = np.zeros(size, np.bool_)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def first_of_each(*columns: Integers) -> Booleans:
    """Tell which rows to keep so that each combination of the columns is there once."""
    key = pack(*columns)
    order = np.argsort(key)
    kept = np.zeros(len(key), np.bool_)
    kept[order] = np.diff(key[order], prepend=-1) != 0
    return kept


def touching(start: Integers, end: Integers, reading: Integers, comparison: Comparison) -> Touching:
    """Pair the rows whose spans share a code point, in every two readings that are compared.

    Rows are in order of their reading.
    """
    width = int(end.max(initial=0)) + 1
    line = comparison.readings.article[reading] * width + start
    order = np.argsort(line)
    begins = line[order]
    # Along this line the spans that overlap a span and begin no earlier stand right behind it.
    last = np.searchsorted(begins, begins + (end - start)[order], side="left")
    counts = last - np.arange(len(order)) - 1
    one = np.repeat(np.arange(len(order)), counts)
    other = order[one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)]
    one = order[one]
    one, other = np.minimum(one, other), np.maximum(one, other)
    apart = reading[one] != reading[other]
    one, other = one[apart], other[apart]
    number = comparison.number(reading[one], reading[other])
    edges = Edges(one, other, number)
    if number.min(initial=0) < 0:
        edges = edges.only(number >= 0)
    return Touching(edges, overlap(start, end, edges))


def overlap(start: Integers, end: Integers, edges: Edges) -> Integers:
    """Measure how far two spans coincide: shared of all code points covered, in thousandths; 1000 only if equal."""
    starts, others = start[edges.one], start[edges.other]
    ends, other_ends = end[edges.one], end[edges.other]
    shared = np.minimum(ends, other_ends) - np.maximum(starts, others)
    covered = np.maximum(ends, other_ends) - np.minimum(starts, others)
    measured: Integers = np.maximum(shared, 0) * THOUSAND // np.maximum(covered, 1)
    return measured


def one_to_one(certain: Edges, possible: Edges, weight: Integers, reading: Integers, comparison: Comparison) -> Edges:
    """Choose edges so that between two readings each row has at most one.

    The ``certain`` edges, which are one to one, stay; of the ``possible`` ones between rows that are still free,
    those are added whose ``weight`` (at least 1) is largest in sum.
    """
    most, rank = comparison.most, comparison.readings.rank
    taken = np.zeros(len(reading) * most, np.bool_)
    taken[certain.one * most + rank[reading[certain.other]]] = True
    taken[certain.other * most + rank[reading[certain.one]]] = True
    at_one = possible.one * most + rank[reading[possible.other]]
    at_other = possible.other * most + rank[reading[possible.one]]
    free = ~(taken[at_one] | taken[at_other])
    possible, weight, at_one, at_other = possible.only(free), weight[free], at_one[free], at_other[free]
    rivals = np.bincount(np.concatenate((at_one, at_other)), minlength=len(reading) * most)
    alone = (rivals[at_one] == 1) & (rivals[at_other] == 1)
    contested = possible.only(~alone)
    won = contested.only(_settle(contested, weight[~alone]))
    found = (certain, possible.only(alone), won)
    return Edges(
        *(np.concatenate([getattr(edges, column) for edges in found]) for column in ("one", "other", "comparison"))
    )


def _settle(edges: Edges, weight: Integers) -> Integers:
    """Give the places of the edges that make the best assignment within each comparison."""
    order = np.lexsort((edges.other, edges.one, edges.comparison))
    bounds = np.flatnonzero(np.diff(edges.comparison[order], prepend=-1, append=-1)).tolist()
    places, ones, others = order.tolist(), edges.one[order].tolist(), edges.other[order].tolist()
    weights = weight[order].tolist()
    won: list[int] = []
    for begin, end in itertools.pairwise(bounds):
        rows = {row: place for place, row in enumerate(dict.fromkeys(ones[begin:end]))}
        columns = {row: place for place, row in enumerate(sorted(set(others[begin:end])))}
        table = [[0] * len(columns) for _ in rows]
        named: dict[tuple[int, int], int] = {}
        for at in range(begin, end):
            cell = rows[ones[at]], columns[others[at]]
            table[cell[0]][cell[1]] = weights[at]
            named[cell] = places[at]
        won += [named[pair] for pair in assign(table)]
    return np.array(won, np.int64)
