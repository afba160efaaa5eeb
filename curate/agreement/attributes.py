"""Agreement on attributes: alpha on the events, arguments, clusters and articles that readings have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.agreement.aligning import Alignment, Meetings, units
from curate.agreement.alpha import (
    INTERVAL,
    NOMINAL,
    ORDINAL,
    Coincidences,
    Laid,
    alpha,
    alphas,
    coincidences,
    regrouped,
    together,
)
from curate.agreement.bootstrap import FEWEST, Drawn, middle
from curate.agreement.matching import Comparison, sums
from curate.agreement.results import MODES, Alpha, Alphas, AttributeAgreement
from curate.agreement.scoring import rounded
from curate.agreement.sentences import undefined_alpha
from curate.agreement.table import Amounts, Integers, Table, Values


@dataclass(frozen=True)
class Grouping:
    """What is measured apart, by number: the two people of each comparison, who they are, the batch of each article.

    ``ends`` names the one and the other person of each two. ``batches`` is the number of batches, and the batch of
    an article that is in none.
    """

    pair: Integers
    ends: tuple[Integers, Integers]
    people: int
    batch: Integers
    batches: int


@dataclass(frozen=True)
class AttributeAlphas:
    """The alphas of every attribute: on all articles, of each two people, of each person, in each batch."""

    overall: list[AttributeAgreement]
    pairs: list[Alphas]
    people: list[Alphas]
    batches: list[Alphas]


@dataclass(frozen=True)
class _Answers:
    """The answers to one attribute that have a place on its scale: their unit and reading, in order of the unit."""

    values: Values
    unit: Integers
    reading: Integers
    place: Integers
    numbers: Amounts


def attribute_agreement(
    table: Table,
    comparison: Comparison,
    meetings: Meetings,
    alignment: Alignment,
    grouping: Grouping,
    drawn: Drawn | None,
) -> AttributeAlphas:
    """Measure every attribute of the schema.

    Attributes of a mention are compared on aligned events, those of an argument on aligned arguments, those of an
    event on aligned clusters: exact, where both have the same id, and relaxed, where they only are aligned. Of two
    people, and of a person with the others, each two values on one thing are a unit of their own.
    """
    known: dict[str, tuple[Integers, dict[str, Integers]]] = {}
    found = AttributeAlphas([], _empty(len(grouping.ends[0])), _empty(grouping.people), _empty(grouping.batches))
    for values in table.values:
        attribute = values.attribute
        kind = attribute.level if attribute.on == "trigger" else attribute.on
        if kind not in known:
            known[kind] = _units(kind, table, comparison, meetings, alignment)
        reading, by_mode = known[kind]
        total: dict[str, Alpha] = {}
        for mode, unit in by_mode.items():
            answers = _answers(values, unit, reading)
            [total[mode]] = _by_article(answers, np.zeros(len(table.articles), np.int64), 1, comparison, drawn)
            batches = _by_article(answers, grouping.batch, grouping.batches, comparison, drawn)
            pairs, people = _by_people(answers, grouping, comparison, drawn)
            for groups, measured in ((found.batches, batches), (found.pairs, pairs), (found.people, people)):
                for group, own in zip(groups, measured, strict=True):
                    group[mode][attribute.name] = own
        found.overall.append(AttributeAgreement(attribute.name, attribute.on, attribute.level, attribute.scale, total))
    return found


def _empty(groups: int) -> list[Alphas]:
    return [{mode: {} for mode in MODES} for _ in range(groups)]


def _units(
    kind: str, table: Table, comparison: Comparison, meetings: Meetings, alignment: Alignment
) -> tuple[Integers, dict[str, Integers]]:
    """Give the reading of each row that attributes of this kind stand on, and its unit by mode."""
    readings, events = table.readings, table.events
    if kind == "article":
        return np.arange(len(readings.article)), {"exact": readings.article}
    if kind == "argument":
        keys, edges, reading = meetings.argument_key, alignment.arguments, meetings.argument_reading
    elif kind == "event":
        keys, edges = meetings.event_key[table.first_event], alignment.clusters
        reading = events.reading[table.first_event]
    else:
        keys, edges, reading = meetings.event_key, alignment.events, events.reading
    nothing = edges.only(np.zeros(len(edges.one), np.bool_))
    return reading, {
        mode: units(keys, joined, reading, comparison) for mode, joined in zip(MODES, (nothing, edges), strict=True)
    }


def _answers(values: Values, unit: Integers, reading: Integers) -> _Answers:
    place, numbers = _places(values)
    rows = np.flatnonzero(place >= 0)
    rows = rows[np.argsort(unit[values.owner[rows]], kind="stable")]
    owner = values.owner[rows]
    return _Answers(values, unit[owner], reading[owner], place[rows], numbers)


def _by_article(
    answers: _Answers, group: Integers, groups: int, comparison: Comparison, drawn: Drawn | None
) -> list[Alpha]:
    """Measure in each group of articles."""
    article = comparison.readings.article[answers.reading]
    rows = np.flatnonzero(group[article] < groups)
    laid = Laid(answers.unit[rows], answers.place[rows], article[rows], group[article[rows]])
    found = coincidences(laid, groups, answers.values.attribute.scale, answers.numbers)
    return _alphas(found, np.bincount(laid.group, minlength=groups).astype(np.float64), drawn)


def _by_people(
    answers: _Answers, grouping: Grouping, comparison: Comparison, drawn: Drawn | None
) -> tuple[list[Alpha], list[Alpha]]:
    """Measure of each two people, and of each person with all others."""
    one, other = together(answers.unit)
    number = comparison.number(answers.reading[one], answers.reading[other])
    one, other, number = one[number >= 0], other[number >= 0], number[number >= 0]
    laid = Laid(
        np.repeat(np.arange(len(number)), 2),
        np.stack((answers.place[one], answers.place[other]), axis=1).ravel(),
        np.repeat(comparison.article[number], 2),
        np.repeat(grouping.pair[number], 2),
    )
    couples, people = len(grouping.ends[0]), grouping.people
    found = coincidences(laid, couples, answers.values.attribute.scale, answers.numbers)
    said = np.bincount(answers.reading, minlength=len(comparison.readings.article)).astype(np.float64)
    given = sums(grouping.pair, said[comparison.first] + said[comparison.second], couples)
    given_people = sums(np.concatenate(grouping.ends), np.tile(given, 2), people)
    return _alphas(found, given, drawn), _alphas(regrouped(found, grouping.ends, people), given_people, drawn)


def _alphas(found: Coincidences, given: Amounts, drawn: Drawn | None) -> list[Alpha]:
    """Say what comes of each group; ``given`` counts its values, also those alone on their unit."""
    number, groups, articles = found.number, len(found.units), int(found.number.article.max(initial=0)) + 1
    places = np.bincount(number.group, minlength=groups).tolist()
    values = sums(number.group, number.total(), groups)
    present = np.unique(number.group[number.column] * articles + number.article) // articles
    counts = np.bincount(present, minlength=groups).tolist()
    bounds = middle(alphas(found, drawn)) if drawn is not None else [None] * groups
    return [
        Alpha(
            value=rounded(value) if np.isfinite(value) else None,
            low=rounded(told[0]) if told else None,
            high=rounded(told[1]) if told else None,
            units=int(found.units[place]),
            values=int(values[place]),
            aligned=rounded(values[place] / given[place]) if given[place] else None,
            same=rounded(found.alike[place] / found.pairs[place]) if found.pairs[place] else None,
            articles=counts[place],
            reason=None if np.isfinite(value) else undefined_alpha(int(found.units[place]), places[place]),
        )
        for place, value in enumerate(alpha(found).tolist())
        for told in [bounds[place] if np.isfinite(value) and counts[place] >= FEWEST else None]
    ]


def _places(values: Values) -> tuple[Integers, Amounts]:
    """Give each answer's place on the scale, -1 for one that has none, and the numbers at the places.

    On the nominal scale "nothing" is an answer like any other; where answers have an order it has no place in it.
    """
    scale, answers = values.attribute.scale, values.answers
    if scale == NOMINAL:
        return values.answer, np.zeros(len(answers))
    order: list[Any] = (
        list(values.attribute.values) if scale == ORDINAL else [one for one in answers if one is not None]
    )
    place_of = np.array([order.index(one) if one in order else -1 for one in answers], np.int64)
    numbers = np.array([float(one) if scale == INTERVAL else 0.0 for one in order], np.float64)
    return place_of[values.answer] if len(answers) else values.answer, numbers
