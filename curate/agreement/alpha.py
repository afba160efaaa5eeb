"""Krippendorff's alpha: agreement on values, corrected for chance.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: alpha is 1 - D_o/D_e, the disagreement observed
within units over that expected if the values were dealt out to the units by chance, both by the differences of the
scale. All three scales are squared distances of positions: on the nominal scale any two values are 1 apart, on the
interval scale a value's position is the value itself, and on the ordinal one its rank among all values given, ties
at the middle of theirs (which comes to the same as his sum over the ranks between two values).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    computed: Amounts = _alphas(found, found.number.total()[None], found.apart.total()[None])[0]
    return computed


def alphas(found: Coincidences, drawn: Drawn) -> Amounts:
    """Give alpha for each sample of articles (row) and each group (column)."""
    number, apart, width = found.number, found.apart, len(found.number.group)
    both = resample_cells(
        drawn,
        np.concatenate((number.article, apart.article)),
        np.concatenate((number.column, width + apart.column)),
        np.concatenate((number.amount, apart.amount)),
        width + len(apart.group),
    )
    return _alphas(found, both[:, :width], both[:, width:])


def _alphas(found: Coincidences, number: Amounts, apart: Amounts) -> Amounts:
    """Give alpha for each row of how often places are taken, and pairs of places stand on one unit."""
    group, groups = found.number.group, len(found.units)
    total = _by_group(number, group, groups)
    if found.scale == NOMINAL:
        observed = 2 * _by_group(apart, found.apart.group, groups)
        expected = total**2 - _by_group(number**2, group, groups)
    else:
        # Ranks go on from group to group: only their differences within a group count.
        position = np.cumsum(number, axis=1) - number / 2 if found.scale == ORDINAL else found.values[found.place][None]
        position = np.broadcast_to(position, number.shape)
        distance = (position[:, found.low] - position[:, found.high]) ** 2
        observed = 2 * _by_group(apart * distance, found.apart.group, groups)
        middle = _by_group(number * position, group, groups) / np.maximum(total, 1)
        expected = 2 * total * _by_group(number * (position - middle[:, group]) ** 2, group, groups)
    expected = np.where(expected > 0, expected, np.nan)
    computed: Amounts = 1 - observed * np.maximum(total - 1, 1) / expected
    return computed


def _by_group(amounts: Amounts, group: Integers, groups: int) -> Amounts:
    """Sum the columns of each group; they are in order of it."""
    found = np.zeros((len(amounts), groups))
    present, begin = np.unique(group, return_index=True)
    if len(present):
        found[:, present] = np.add.reduceat(amounts, begin, axis=1)
    return found
