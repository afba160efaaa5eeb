"""Agreement on attributes: alpha on the events, arguments, clusters and articles that readings have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.agreement.aligning import Alignment, Meetings, units
from curate.agreement.alpha import INTERVAL, NOMINAL, ORDINAL, alpha, alphas, coincidences
from curate.agreement.bootstrap import FEWEST, Drawn, middle
from curate.agreement.matching import Comparison
from curate.agreement.results import Alpha, AttributeAgreement
from curate.agreement.scoring import rounded
from curate.agreement.sentences import undefined_alpha
from curate.agreement.table import Amounts, Integers, Table, Values


def attribute_agreement(
    table: Table, comparison: Comparison, meetings: Meetings, alignment: Alignment, drawn: Drawn | None
) -> list[AttributeAgreement]:
    """Measure every attribute of the schema.

    Attributes of a mention are compared on aligned events, those of an argument on aligned arguments, those of an
    event on aligned clusters: exact, where both have the same id, and relaxed, where they only are aligned.
    """
    known: dict[str, dict[str, tuple[Integers, Integers]]] = {}
    found = []
    for values in table.values:
        attribute = values.attribute
        kind = attribute.level if attribute.on == "trigger" else attribute.on
        if kind not in known:
            known[kind] = _units(kind, table, comparison, meetings, alignment)
        alphas = {mode: _alpha(values, unit, article, drawn) for mode, (unit, article) in known[kind].items()}
        found.append(AttributeAgreement(attribute.name, attribute.on, attribute.level, attribute.scale, alphas))
    return found


def _units(
    kind: str, table: Table, comparison: Comparison, meetings: Meetings, alignment: Alignment
) -> dict[str, tuple[Integers, Integers]]:
    """Give, by mode, the unit and the article of each row that attributes of this kind stand on."""
    readings, events = table.readings, table.events
    if kind == "article":
        return {"exact": (readings.article, readings.article)}
    if kind == "argument":
        keys, edges, reading = meetings.argument_key, alignment.arguments, meetings.argument_reading
    elif kind == "event":
        keys, edges = meetings.event_key[table.first_event], alignment.clusters
        reading = events.reading[table.first_event]
    else:
        keys, edges, reading = meetings.event_key, alignment.events, events.reading
    nothing = edges.only(np.zeros(len(edges.one), np.bool_))
    return {
        mode: (units(keys, joined, reading, comparison), readings.article[reading])
        for mode, joined in (("exact", nothing), ("relaxed", edges))
    }


def _alpha(values: Values, unit: Integers, article: Integers, drawn: Drawn | None) -> Alpha:
    place, numbers = _places(values)
    owner, place = values.owner[place >= 0], place[place >= 0]
    found = coincidences(unit[owner], place, article[owner], values.attribute.scale, numbers)
    value = alpha(found)
    articles = len(np.unique(found.number.article))
    number = found.number.total(len(numbers))
    bounds = None
    if drawn is not None and np.isfinite(value) and articles >= FEWEST:
        bounds = middle(alphas(found, drawn)[:, None])[0]
    return Alpha(
        value=rounded(value) if np.isfinite(value) else None,
        low=rounded(bounds[0]) if bounds else None,
        high=rounded(bounds[1]) if bounds else None,
        units=found.units,
        values=int(number.sum()),
        aligned=rounded(number.sum() / len(place)) if len(place) else None,
        same=rounded(found.alike / found.pairs) if found.pairs else None,
        articles=articles,
        reason=None if np.isfinite(value) else undefined_alpha(found.units, int((number > 0).sum())),
    )


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
