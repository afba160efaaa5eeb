"""Krippendorff's alpha: agreement on values, corrected for chance.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: alpha is 1 - D_o/D_e, the disagreement observed
within units over that expected if the values were dealt out to the units by chance, both by the differences of the
scale. All three scales are squared distances of positions: on the nominal scale any two values are 1 apart, on the
interval scale a value's position is the value itself, and on the ordinal one its rank among all values given, ties
at the middle of theirs (which comes to the same as his sum over the ranks between two values).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curate.agreement.bootstrap import Drawn, resample_cells
from curate.agreement.matching import distinct, sums
from curate.agreement.table import Amounts, Integers

NOMINAL, ORDINAL, INTERVAL = "nominal", "ordinal", "interval"
SCALES = (NOMINAL, ORDINAL, INTERVAL)


@dataclass(frozen=True)
class Laid:
    """Values laid out on units, in order of the unit; all that stand on one are of one article and one group."""

    unit: Integers
    place: Integers
    article: Integers
    group: Integers


@dataclass(frozen=True)
class Cells:
    """Amounts that each belong to one article and one column; the columns are in order of their ``group``."""

    article: Integers
    column: Integers
    amount: Amounts
    group: Integers

    def total(self) -> Amounts:
        """Sum each column."""
        return sums(self.column, self.amount, len(self.group))


@dataclass(frozen=True)
class Coincidences:
    """The values that stand on units with two or more, and the pairs of them that differ, by article, for each group.

    ``number`` says how often a place of the scale is taken in a group, ``place`` which one; ``values`` are the numbers
    at all places, which only the interval scale needs. A pair on a unit counts 1/(values on the unit - 1), as
    Krippendorff has it; ``apart`` sums that for two such places, ``low`` and ``high``, columns of ``number``.
    ``units``, ``alike`` and ``pairs`` count, for each group, units, and the pairs of values on them that are the same
    and that there are.
    """

    scale: str
    values: Amounts
    place: Integers
    number: Cells
    apart: Cells
    low: Integers
    high: Integers
    units: Integers
    alike: Integers
    pairs: Integers


def coincidences(laid: Laid, groups: int, scale: str, values: Amounts) -> Coincidences:
    """Gather the values by unit, for ``groups`` groups; those alone on their unit say nothing and are left out."""
    width = max(len(values), 1)
    size = np.bincount(laid.unit)[laid.unit]
    several = size > 1
    unit, place, article, group = (column[several] for column in (laid.unit, laid.place, laid.article, laid.group))
    taken, column = distinct(group * width + place, groups * width)
    first, second = together(unit)
    met, differ = group[first], column[first] != column[second]
    alike = np.bincount(met[~differ], minlength=groups)
    first, second = first[differ], second[differ]
    ends = column[first], column[second]
    joints, joint = distinct(np.minimum(*ends) * len(taken) + np.maximum(*ends), len(taken) ** 2)
    low, high = joints // max(len(taken), 1), joints % max(len(taken), 1)
    return Coincidences(
        scale,
        values,
        taken % width,
        _cells(article, column, np.ones(len(unit)), taken // width),
        _cells(article[first], joint, 1.0 / (size[several][first] - 1), taken[low] // width),
        low,
        high,
        np.bincount(group[np.diff(unit, prepend=-1) != 0], minlength=groups),
        alike,
        np.bincount(met, minlength=groups),
    )


def regrouped(found: Coincidences, parts: Sequence[Integers], groups: int) -> Coincidences:
    """Put groups together to others; each of ``parts`` names for every group one of those that it is part of."""
    number, apart, width, times = found.number, found.apart, max(len(found.values), 1), len(parts)
    taken, column = distinct(
        np.concatenate([part[number.group] * width + found.place for part in parts]), groups * width
    )
    shift = len(number.group) * np.arange(times)[:, None]
    low, high = column[(shift + found.low).ravel()], column[(shift + found.high).ravel()]
    joints, joint = distinct(low * len(taken) + high, len(taken) ** 2)
    low, high = joints // max(len(taken), 1), joints % max(len(taken), 1)
    return Coincidences(
        found.scale,
        found.values,
        taken % width,
        _tiled(number, column, taken // width, times),
        _tiled(apart, joint, taken[low] // width, times),
        low,
        high,
        *(
            sums(np.concatenate(parts), np.tile(amount, times), groups).astype(np.int64)
            for amount in (found.units, found.alike, found.pairs)
        ),
    )


def _tiled(cells: Cells, column: Integers, group: Integers, times: int) -> Cells:
    """Repeat the cells, with ``column`` as the new name of each column, one time after the other."""
    shift = len(cells.group) * np.arange(times)[:, None]
    named = column[(shift + cells.column).ravel()]
    return Cells(np.tile(cells.article, times), named, np.tile(cells.amount, times), group)


def together(unit: Integers) -> tuple[Integers, Integers]:
    """Pair the rows that stand on one unit, each two once; the rows are in order of their unit."""
    found = []
    for gap in range(1, int(np.bincount(unit).max(initial=0))):
        begin = np.flatnonzero(unit[:-gap] == unit[gap:])
        found.append((begin, begin + gap))
    one, other = (np.concatenate([unit[:0], *(pair[side] for pair in found)]) for side in (0, 1))
    return one, other


def _cells(article: Integers, column: Integers, amount: Amounts, group: Integers) -> Cells:
    width = max(len(group), 1)
    coded, place = distinct(article * width + column, (int(article.max(initial=-1)) + 1) * width)
    return Cells(coded // width, coded % width, sums(place, amount, len(coded)), group)


def alpha(found: Coincidences) -> Amounts:
    """Give alpha for each group; not a number where no two values differ or none stand together."""
    computed: Amounts = _alphas(found, _disagreement(found).total()[None], [found.number.total()[None]])[0]
    return computed


def alphas(found: Coincidences, drawn: Drawn) -> Amounts:
    """Give alpha for each sample of articles (row) and each group (column)."""
    number, apart = found.number, _disagreement(found)
    width = len(apart.group)
    blocks = resample_cells(
        drawn,
        np.concatenate((apart.article, number.article)),
        np.concatenate((apart.column, width + number.column)),
        np.concatenate((apart.amount, number.amount)),
        width + len(number.group),
    )
    first, rest = _split(blocks, width, len(drawn))
    return _alphas(found, first, rest)


def _split(blocks: Iterator[Amounts], width: int, samples: int) -> tuple[Amounts, Iterator[Amounts]]:
    """Take the first ``width`` columns off blocks of columns; the rest stay blocks."""
    taken: Amounts = np.zeros((samples, 0))
    while taken.shape[1] < width:
        taken = np.concatenate((taken, next(blocks)), axis=1)
    return taken[:, :width], itertools.chain([taken[:, width:]], blocks)


def _disagreement(found: Coincidences) -> Cells:
    """Give what each article adds to the disagreement within units: a column a group where distances are fixed.

    On the ordinal scale they depend on all values there are, and every two places have a column of their own.
    """
    apart = found.apart
    if found.scale == ORDINAL:
        return apart
    distance: Amounts = np.ones(len(apart.group))
    if found.scale == INTERVAL:
        position = found.values[found.place]
        distance = (position[found.low] - position[found.high]) ** 2
    groups = np.arange(len(found.units))
    return Cells(apart.article, apart.group[apart.column], apart.amount * distance[apart.column], groups)


def _alphas(found: Coincidences, apart: Amounts, number: Iterable[Amounts]) -> Amounts:
    """Give alpha for each row of ``_disagreement`` and of how often places are taken (``number``, blocks)."""
    if found.scale == ORDINAL:
        total, observed, expected = _by_rank(found, apart, np.concatenate(list(number), axis=1))
    else:
        total, observed, expected = _by_place(found, apart, number)
    computed: Amounts = 1 - observed * np.maximum(total - 1, 1) / np.where(expected > 0, expected, np.nan)
    return computed


def _by_rank(found: Coincidences, apart: Amounts, number: Amounts) -> tuple[Amounts, Amounts, Amounts]:
    """Give how many values there are, and how far they are apart on the ordinal scale, observed and expected."""
    group, groups = found.number.group, len(found.units)
    # Ranks go on from group to group: only their differences within a group count.
    position = np.cumsum(number, axis=1) - number / 2
    distance = (position[:, found.low] - position[:, found.high]) ** 2
    total = _by_group(number, group, groups)
    middle = _by_group(number * position, group, groups) / np.maximum(total, 1)
    expected = 2 * total * _by_group(number * (position - middle[:, group]) ** 2, group, groups)
    return total, 2 * _by_group(apart * distance, found.apart.group, groups), expected


def _by_place(found: Coincidences, apart: Amounts, number: Iterable[Amounts]) -> tuple[Amounts, Amounts, Amounts]:
    """Give the same where places are fixed, from sums and sums of squares, block by block."""
    group, groups = found.number.group, len(found.units)
    position = _centred(found) if found.scale == INTERVAL else np.zeros(len(group))
    total, first, second = (np.zeros((len(apart), groups)) for _ in range(3))
    begin = 0
    for block in number:
        end = begin + block.shape[1]
        own, place = group[begin:end], position[begin:end]
        total += _by_group(block, own, groups)
        first += _by_group(block * place, own, groups)
        second += _by_group(block * place**2 if found.scale == INTERVAL else block**2, own, groups)
        begin = end
    return total, 2 * apart, 2 * (total * second - first**2) if found.scale == INTERVAL else total**2 - second


def _centred(found: Coincidences) -> Amounts:
    """Give the position of each column on the interval scale, from about the middle of its group.

    Only differences count, and sums of squares are the more exact the nearer the numbers are to 0.
    """
    position, group, number = found.values[found.place], found.number.group, found.number.total()
    middle = sums(group, number * position, len(found.units)) / np.maximum(sums(group, number, len(found.units)), 1)
    centred: Amounts = position - np.round(middle[group])
    return centred


def _by_group(amounts: Amounts, group: Integers, groups: int) -> Amounts:
    """Sum the columns of each group; they are in order of it."""
    found = np.zeros((len(amounts), groups))
    present, begin = np.unique(group, return_index=True)
    if len(present):
        found[:, present] = np.add.reduceat(amounts, begin, axis=1)
    return found
