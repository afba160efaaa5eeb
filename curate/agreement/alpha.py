"""Krippendorff's alpha: agreement on values, corrected for chance.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: alpha is 1 - D_o/D_e, the disagreement observed
within units over that expected if the values were dealt out to the units by chance, both by the differences of the
scale. All three scales are squared distances of positions: on the nominal scale any two values are 1 apart, on the
interval scale a value's position is the value itself, and on the ordinal one its rank among all values given, ties
at the middle of theirs (which comes to the same as his sum over the ranks between two values).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.agreement.bootstrap import Drawn, resample_cells
from curate.agreement.matching import sums
from curate.agreement.table import Amounts, Integers

NOMINAL, ORDINAL, INTERVAL = "nominal", "ordinal", "interval"
SCALES = (NOMINAL, ORDINAL, INTERVAL)


@dataclass(frozen=True)
class Cells:
    """Amounts that each belong to one article and one column (a place, or a pair of places)."""

    article: Integers
    column: Integers
    amount: Amounts

    def total(self, width: int) -> Amounts:
        """Sum each of ``width`` columns."""
        return sums(self.column, self.amount, width)


@dataclass(frozen=True)
class Coincidences:
    """The values that stand on units with two or more, and the pairs of them that differ, summed up by article.

    ``values`` are the numbers at the places of the scale, which only the interval scale needs. ``number`` says how
    often a place is taken. A pair on a unit counts 1/(values on the unit - 1), as Krippendorff has it; ``apart``
    sums that for the two places ``low`` and ``high``. ``units``, ``alike`` and ``pairs`` count units, and the pairs
    of values on them that are the same and that there are.
    """

    scale: str
    values: Amounts
    number: Cells
    apart: Cells
    low: Integers
    high: Integers
    units: int
    alike: int
    pairs: int


def coincidences(unit: Integers, place: Integers, article: Integers, scale: str, values: Amounts) -> Coincidences:
    """Gather the values by unit; those alone on their unit say nothing and are left out."""
    article_of = np.zeros(int(unit.max(initial=-1)) + 1, np.int64)
    article_of[unit] = article
    width = max(len(values), 1)
    ordered = np.sort(unit * width + place)
    unit, place = ordered // width, ordered % width
    count = np.bincount(unit)
    kept = count[unit] > 1
    unit, place = unit[kept], place[kept]
    size, article = count[unit], article_of[unit]
    joint, weight, pair_article, pairs = [place[:0]], [np.zeros(0)], [article[:0]], 0
    for gap in range(1, int(size.max(initial=0))):
        together = unit[:-gap] == unit[gap:]
        pairs += int(together.sum())
        differ = together & (place[:-gap] != place[gap:])
        joint.append(place[:-gap][differ] * width + place[gap:][differ])
        weight.append(1.0 / (size[gap:][differ] - 1))
        pair_article.append(article[gap:][differ])
    joints, column = np.unique(np.concatenate(joint), return_inverse=True)
    return Coincidences(
        scale,
        values,
        _cells(article, place, np.ones(len(place)), width),
        _cells(np.concatenate(pair_article), column, np.concatenate(weight), max(len(joints), 1)),
        joints // width,
        joints % width,
        int((count > 1).sum()),
        pairs - len(column),
        pairs,
    )


def _cells(article: Integers, column: Integers, amount: Amounts, width: int) -> Cells:
    coded, place = np.unique(article * width + column, return_inverse=True)
    return Cells(coded // width, coded % width, sums(place, amount, len(coded)))


def alpha(found: Coincidences) -> float:
    """Give alpha; not a number where it is not defined, because no two values differ or none stand together."""
    number, apart = found.number.total(len(found.values)), found.apart.total(len(found.low))
    return float(_alphas(found, number[None], apart[None])[0])


def alphas(found: Coincidences, drawn: Drawn) -> Amounts:
    """Give alpha for each sample of articles."""
    number, apart = found.number, found.apart
    return _alphas(
        found,
        resample_cells(drawn, number.article, number.column, number.amount, len(found.values)),
        resample_cells(drawn, apart.article, apart.column, apart.amount, len(found.low)),
    )


def _alphas(found: Coincidences, number: Amounts, apart: Amounts) -> Amounts:
    """Give alpha for each row of how often places are taken, and pairs of places stand on one unit."""
    total = number.sum(axis=1)
    if found.scale == NOMINAL:
        observed = 2 * apart.sum(axis=1)
        expected = total**2 - (number**2).sum(axis=1)
    else:
        position = np.cumsum(number, axis=1) - number / 2 if found.scale == ORDINAL else found.values[None]
        position = np.broadcast_to(position, number.shape)
        observed = 2 * (apart * (position[:, found.low] - position[:, found.high]) ** 2).sum(axis=1)
        middle = (number * position).sum(axis=1) / np.maximum(total, 1)
        expected = 2 * total * (number * (position - middle[:, None]) ** 2).sum(axis=1)
    expected = np.where(expected > 0, expected, np.nan)
    computed: Amounts = 1 - observed * np.maximum(total - 1, 1) / expected
    return computed
