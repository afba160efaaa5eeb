"""How far a number would move if other articles of the same kind had been read: bootstrap over articles.

B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993: as many articles are drawn with replacement as
there are, again and again; the middle 95 % of the numbers that come out are the interval.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from curate.agreement.table import Amounts, Integers

LOW, HIGH = 2.5, 97.5
AT_ONCE = 200
COLUMNS = 64
FEWEST = 2
"""From fewer articles no interval can be told."""

Drawn = npt.NDArray[np.uint8]
"""How often each article (column) is in each sample (row)."""


def draw(articles: int, samples: int, seed: int) -> Drawn:
    """Draw the samples. The same numbers and seed give the same samples."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = np.empty((samples, articles), np.uint8)
    for row in drawn:
        row[:] = np.bincount(generator.integers(0, articles, articles), minlength=articles)
    return drawn


def resample(drawn: Drawn, article: Integers, amounts: Amounts) -> Amounts:
    """Sum ``amounts``, which have a row for each of ``article`` (each once, in order), once for every sample."""
    light = amounts.astype(np.float32)  # half the work, and no interval is told to more than a few digits
    chosen = slice(None) if len(article) == drawn.shape[1] else article
    parts = [
        drawn[begin : begin + AT_ONCE, chosen].astype(np.float32) @ light for begin in range(0, len(drawn), AT_ONCE)
    ]
    summed: Amounts = np.concatenate(parts).astype(np.float64)
    return summed


def resample_cells(
    drawn: Drawn, article: Integers, column: Integers, amounts: Amounts, width: int
) -> Iterator[Amounts]:
    """Sum amounts that each belong to one article and one of ``width`` columns, once for every sample.

    Gives some columns at a time, in order: together they may be far more than fits into memory.
    """
    order = np.argsort(column, kind="stable")
    article, column, amounts = article[order], column[order], amounts[order]
    for first in range(0, width, COLUMNS):
        begin, end = np.searchsorted(column, (first, first + COLUMNS))
        rows, row = np.unique(article[begin:end], return_inverse=True)
        dense = np.zeros((len(rows), min(COLUMNS, width - first)))
        np.add.at(dense, (row, column[begin:end] - first), amounts[begin:end])
        yield resample(drawn, rows, dense)


def middle(numbers: Amounts) -> list[tuple[float, float] | None]:
    """Give the interval of each column; None where a sample in twenty or more has no number."""
    told = np.isfinite(numbers)
    enough = told.mean(axis=0) > 1 - 1 / 20
    bounds: list[tuple[float, float] | None] = [None] * numbers.shape[1]
    if enough.any():
        low, high = np.nanpercentile(numbers[:, enough], (LOW, HIGH), axis=0)
        for column, *pair in zip(np.flatnonzero(enough).tolist(), low.tolist(), high.tolist(), strict=True):
            bounds[column] = (pair[0], pair[1])
    return bounds
