"""Counts become scores: for everything together, and for each type, role, person and so on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from curate.agreement.bootstrap import FEWEST, Drawn, middle, resample
from curate.agreement.counting import Counts
from curate.agreement.matching import Comparison, sums
from curate.agreement.results import MODES, Score, Scores
from curate.agreement.sentences import undefined_score
from curate.agreement.table import Amounts, Integers

DIGITS = 6


@dataclass(frozen=True)
class Column:
    """What one measure counts in each article (``article``) for each of several groups (``group``), row by row."""

    measure: str
    mode: str
    group: Integers
    article: Integers
    agreed: Amounts
    stated: Amounts


@dataclass(frozen=True)
class Group:
    """The counts of one group, a row an article: what is agreed and what is stated, a column for each measure."""

    article: Integers
    agreed: Amounts
    stated: Amounts


def by_comparison(counts: Sequence[Counts], comparison: Comparison) -> list[Column]:
    """Count for all comparisons together, which makes one group; ``grouped`` makes others of it."""
    everything = np.zeros(len(comparison.first), np.int64)
    return [
        Column(one.measure, one.mode, everything, comparison.article, one.agreed.sum(axis=0), one.stated.sum(axis=0))
        for one in counts
    ]


def grouped(columns: Sequence[Column], group: Integers) -> list[Column]:
    """Count for groups of comparisons, such as those of two people; ``group`` names the one of each comparison."""
    return [replace(column, group=group) for column in columns]


def by_label(counts: Sequence[Counts], name: str) -> list[Column]:
    """Count for the labels of the measures that have them: ``type``, ``role`` or ``link``."""
    return [
        Column(one.measure, one.mode, found.label, found.article, found.agreed, found.stated)
        for one in counts
        if (found := one.by.get(name)) is not None
    ]


def groups(columns: Sequence[Column], number: int, articles: int) -> Iterator[Group]:
    """Give the counts of each of ``number`` groups, in order."""
    alike: dict[tuple[int, int], Integers] = {}
    for one in columns:
        alike.setdefault((id(one.group), id(one.article)), one.group * articles + one.article)
    known = np.unique(np.concatenate(list(alike.values())))
    placed = {shared: np.searchsorted(known, cell) for shared, cell in alike.items()}
    places = [placed[id(one.group), id(one.article)] for one in columns]
    agreed = np.stack([sums(place, one.agreed, len(known)) for place, one in zip(places, columns, strict=True)], axis=1)
    stated = np.stack([sums(place, one.stated, len(known)) for place, one in zip(places, columns, strict=True)], axis=1)
    bounds = np.searchsorted(known, np.arange(number + 1) * articles)
    for begin, end in itertools.pairwise(bounds):
        yield Group(known[begin:end] % articles, agreed[begin:end], stated[begin:end])


def score(group: Group, columns: Sequence[Column], drawn: Drawn | None) -> Scores:
    """Score one group, with intervals where samples are ``drawn``."""
    agreed, stated = group.agreed.sum(axis=0), group.stated.sum(axis=0)
    present = (group.stated > 0).sum(axis=0)
    bounds: list[tuple[float, float] | None] = [None] * len(columns)
    if drawn is not None and len(group.article) >= FEWEST:
        both = resample(drawn, group.article, np.concatenate((group.agreed, group.stated), axis=1))
        with np.errstate(invalid="ignore", divide="ignore"):
            bounds = middle(both[:, : len(columns)] / both[:, len(columns) :])
    scores: Scores = {mode: {} for mode in MODES}
    for place, column in enumerate(columns):
        told = bounds[place] if present[place] >= FEWEST else None
        scores[column.mode][column.measure] = Score(
            value=rounded(agreed[place] / stated[place]) if stated[place] else None,
            low=rounded(told[0]) if told else None,
            high=rounded(told[1]) if told else None,
            agreed=rounded(agreed[place]),
            stated=rounded(stated[place]),
            articles=int(present[place]),
            reason=None if stated[place] else undefined_score(column.measure),
        )
    return scores


def rounded(number: float) -> float:
    """Round to as many digits as are the same on every machine."""
    return round(float(number), DIGITS)
