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

from curate.agreement.matching import sums
from curate.agreement.table import Amounts, Integers

NOMINAL, ORDINAL, INTERVAL = "nominal", "ordinal", "interval"
SCALES = (NOMINAL, ORDINAL, INTERVAL)


@dataclass(frozen=True)
class Coincidences:
    """The values that stand on units with two or more, and those of them that differ, by article.

    ``place`` is each value's place in the order of the scale, ``article`` its article. ``low``, ``high`` and
    ``weight`` describe the pairs of different places on one unit: each counts 1/(values on the unit - 1), as a value
    is as good as its unit is full; ``pair_article`` is theirs. ``values`` are the numbers at the places, which
    the interval scale needs.
    """

    scale: str
    values: Amounts
    place: Integers
    article: Integers
    low: Integers
    high: Integers
    weight: Amounts
    pair_article: Integers
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
    low, high, weight, pair_article, pairs = [place[:0]], [place[:0]], [np.zeros(0)], [article[:0]], 0
    for gap in range(1, int(size.max(initial=0))):
        together = unit[:-gap] == unit[gap:]
        pairs += int(together.sum())
        differ = together & (place[:-gap] != place[gap:])
        low.append(place[:-gap][differ])
        high.append(place[gap:][differ])
        weight.append(1.0 / (size[gap:][differ] - 1))
        pair_article.append(article[gap:][differ])
    differing = np.concatenate(weight)
    return Coincidences(
        scale,
        values,
        place,
        article,
        np.concatenate(low),
        np.concatenate(high),
        differing,
        np.concatenate(pair_article),
        int((count > 1).sum()),
        pairs - len(differing),
        pairs,
    )


def alpha(found: Coincidences, times: Amounts | None = None) -> float:
    """Give alpha; not a number where it is not defined, because no two values differ or none stand together.

    ``times`` says how often each article counts, once unless given.
    """
    counted = np.ones(len(found.place)) if times is None else times[found.article]
    weight = found.weight if times is None else found.weight * times[found.pair_article]
    number = sums(found.place, counted, len(found.values))
    total = number.sum()
    if found.scale == NOMINAL:
        observed = 2 * weight.sum()
        expected = (total**2 - (number**2).sum()) / max(total - 1, 1)
    else:
        position = found.values if found.scale == INTERVAL else np.cumsum(number) - number / 2
        observed = 2 * (weight * (position[found.low] - position[found.high]) ** 2).sum()
        middle = (number * position).sum() / max(total, 1)
        expected = 2 * total * (number * (position - middle) ** 2).sum() / max(total - 1, 1)
    return float(1 - observed / expected) if expected > 0 else float("nan")
