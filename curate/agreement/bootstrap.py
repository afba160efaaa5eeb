"""How far a number would move if other articles of the same kind had been read: bootstrap over articles.

B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993: as many articles are drawn with replacement as
there are, again and again; the middle 95 % of the numbers that come out are the interval.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from curate.agreement.table import Amounts, Integers

LOW, HIGH = 2.5, 97.5
AT_ONCE = 100
FEWEST = 2
"""From fewer articles no interval can be told."""

Drawn = npt.NDArray[np.uint16]
"""How often each article (column) is in each sample (row)."""


def draw(articles: int, samples: int, seed: int) -> Drawn:
    """Draw the samples. The same numbers and seed give the same samples."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = np.empty((samples, articles), np.uint16)
    for row in drawn:
        row[:] = np.bincount(generator.integers(0, articles, articles), minlength=articles)
    return drawn


def resample(drawn: Drawn, article: Integers, amounts: Amounts) -> Amounts:
    """Sum ``amounts``, which have a row for each of ``article``, once for every sample."""
    parts = [drawn[begin : begin + AT_ONCE, article] @ amounts for begin in range(0, len(drawn), AT_ONCE)]
    return np.concatenate(parts) if parts else np.zeros((0, amounts.shape[1]))


def middle(numbers: Amounts) -> list[tuple[float, float] | None]:
    """Give the interval of each column; None where a sample in twenty or more has no number."""
    told = np.isfinite(numbers)
    enough = told.mean(axis=0) > 1 - 1 / 20 if len(numbers) else np.zeros(numbers.shape[1], np.bool_)
    bounds: list[tuple[float, float] | None] = [None] * numbers.shape[1]
    if enough.any():
        low, high = np.nanpercentile(numbers[:, enough], (LOW, HIGH), axis=0)
        for column, *pair in zip(np.flatnonzero(enough).tolist(), low.tolist(), high.tolist(), strict=True):
            bounds[column] = (pair[0], pair[1])
    return bounds


def interval(drawn: Drawn, number: Callable[[Amounts], float]) -> tuple[float, float] | None:
    """Give the interval of a number that is computed from how often each article counts."""
    numbers = np.array([[number(row.astype(np.float64))] for row in drawn]).reshape(-1, 1)
    return middle(numbers)[0]
