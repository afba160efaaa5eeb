"""Agreement once more, slow and plain: every measure from its definition, with sets, for tests to compare with.

The six F1 are written after TextEE's scorer, relaxed matching uses SciPy, LEA follows the formula of its paper, alpha
takes the krippendorff package.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import krippendorff
import numpy as np
from scipy.optimize import linear_sum_assignment

from curate.alignment import Aligned
from curate.records import Argument, Reading
from curate.schema.model import Attribute

Readings: TypeAlias = Mapping[str, Mapping[str, Reading]]
Pair: TypeAlias = tuple[int, int]
Statement: TypeAlias = tuple[tuple[str, ...], tuple[Pair, ...]]
"""What has to be the same, and the spans, which may be relaxed."""


def filler(argument: Argument, reading: Reading) -> Pair:
    if argument.event_id is None:
        return argument.start or 0, argument.end or 0
    trigger = next(event.trigger for event in reading.events if event.id == argument.event_id)
    return trigger.start, trigger.end


def statements(reading: Reading, measure: str) -> set[Statement]:
    found: set[Statement] = set()
    for event in reading.events:
        trigger = (event.trigger.start, event.trigger.end)
        if measure == "tri_i":
            found.add(((), (trigger,)))
        elif measure == "tri_c":
            found.add(((event.type,), (trigger,)))
        else:
            for argument in event.arguments:
                labels = (event.type,) if measure.startswith("arg_i") else (event.type, argument.role)
                place = filler(argument, reading)
                found.add((labels, (place, trigger) if measure.endswith("plus") else (place,)))
    return found


def half(one: Statement, other: Statement) -> int | None:
    """Give the overlap in thousandths, summed over the spans; None where the two don't match even relaxed."""
    if one[0] != other[0]:
        return None
    total = 0
    for (start, end), (other_start, other_end) in zip(one[1], other[1], strict=True):
        shared = len(set(range(start, end)) & set(range(other_start, other_end)))
        covered = max(end, other_end) - min(start, other_start)
        if not shared or 2 * shared < covered:
            return None
        total += 1000 * shared // covered
    return total


def matches(one: set[Statement], other: set[Statement], mode: str) -> int:
    exact = one & other
    left, right = sorted(one - exact), sorted(other - exact)
    if mode == "exact" or not left or not right:
        return len(exact)
    weights = np.array([[10_000 + told if (told := half(a, b)) else 0 for b in right] for a in left])
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return len(exact) + int((weights[rows, columns] > 0).sum())


def pairs(readings: Readings) -> Iterable[tuple[str, str, Reading, str, Reading]]:
    for article, by_person in readings.items():
        for one, other in itertools.combinations(sorted(by_person), 2):
            yield article, one, by_person[one], other, by_person[other]


def f1(readings: Readings, measure: str, mode: str) -> float | None:
    """Micro-F1 by precision and recall, as TextEE has it, of all pairs."""
    matched = predicted = gold = 0
    for _, _, one, _, other in pairs(readings):
        said, also_said = statements(one, measure), statements(other, measure)
        matched += matches(said, also_said, mode)
        predicted, gold = predicted + len(said), gold + len(also_said)
    if predicted + gold == 0:
        return None
    precision, recall = matched / max(predicted, 1), matched / max(gold, 1)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def event_map(aligned: Aligned, one: str, other: str, mode: str) -> dict[str, str]:
    """Say which event of one reading is which of the other's."""
    both = [unit for unit in aligned.events if one in unit and other in unit]
    return {unit[one]: unit[other] for unit in both if mode == "relaxed" or unit[one] == unit[other]}


def links_f1(
    readings: Readings, mode: str, symmetric: set[str], align: Callable[[Mapping[str, Reading]], Aligned]
) -> float | None:
    """F1 of links between events that both readings have."""
    shared = total = 0
    for _, one, reading, other, other_reading in pairs(readings):
        there = event_map(align({one: reading, other: other_reading}), one, other, mode)
        back = {value: key for key, value in there.items()}

        def links(said: Reading, known: dict[str, str], named: dict[str, str]) -> set[tuple[str, ...]]:
            return {
                (link.type, *(sorted(ends) if link.type in symmetric else ends))
                for link in said.links
                if link.source in known and link.target in known
                for ends in [(named[link.source], named[link.target])]
            }

        own = links(reading, there, {key: key for key in there})
        others = links(other_reading, back, back)
        shared, total = shared + 2 * len(own & others), total + len(own) + len(others)
    return shared / total if total else None


def lea_recall(key: list[set[Any]], response: list[set[Any]]) -> tuple[float, float]:
    """Give numerator and denominator of LEA's recall, clusters of one left out."""

    def links(cluster: set[Any]) -> float:
        return len(cluster) * (len(cluster) - 1) / 2

    several = [cluster for cluster in key if len(cluster) > 1]
    resolved = sum(len(k) * sum(links(k & r) for r in response) / links(k) for k in several)
    return resolved, sum(len(k) for k in several)


def clusters_f1(readings: Readings, mode: str, align: Callable[[Mapping[str, Reading]], Aligned]) -> float | None:
    """LEA of the mentions both readings have, each reading being the key once."""
    resolved = size = 0.0
    for _, one, reading, other, other_reading in pairs(readings):
        there = event_map(align({one: reading, other: other_reading}), one, other, mode)
        back = {value: key for key, value in there.items()}
        own = [{member for member in cluster.events if member in there} for cluster in reading.clusters]
        others = [{back[member] for member in cluster.events if member in back} for cluster in other_reading.clusters]
        for key, response in ((own, others), (others, own)):
            found, of = lea_recall(key, response)
            resolved, size = resolved + found, size + of
    return resolved / size if size else None


def answers(
    people: Mapping[str, Reading],
    attribute: Attribute,
    mode: str,
    align: Callable[[Mapping[str, Reading]], Aligned],
) -> list[dict[str, Any]]:
    """Give what the readings of one article answer to an attribute: for each unit, the answer by person."""
    told = {who: _told(reading, attribute) for who, reading in people.items()}
    if attribute.on == "article":
        units = [dict.fromkeys(people, "")]
    else:
        aligned = align(people)
        kinds = {"argument": aligned.arguments, "event": aligned.clusters, "mention": aligned.events}
        units = kinds[attribute.level if attribute.on == "trigger" else attribute.on]
    if mode == "exact":
        units = [
            {who: one for who, one in unit.items() if one == name} for unit in units for name in set(unit.values())
        ]
    return [{who: told[who][name] for who, name in unit.items() if name in told[who]} for unit in units]


def _told(reading: Reading, attribute: Attribute) -> dict[str, Any]:
    """Give the answers of one reading by id; what is nothing has no place on a scale of numbers."""
    types = {event.id: event.type for event in reading.events}
    if attribute.on == "article":
        found = {"": reading.attributes}
    elif attribute.on == "argument":
        found = {one.id: one.attributes for e in reading.events for one in e.arguments if attribute.applies(one.role)}
    elif attribute.level == "mention":
        found = {event.id: event.attributes for event in reading.events if attribute.applies(event.type)}
    else:
        asked = [one for one in reading.clusters if any(attribute.applies(types[member]) for member in one.events)]
        found = {one.id: one.attributes for one in asked}
    values = {name: given.get(attribute.name) for name, given in found.items()}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return {name: value for name, value in values.items() if value is not None or attribute.scale != "interval"}


def alpha(units: Iterable[list[Any]], scale: str) -> float | None:
    """Krippendorff's alpha of units that are lists of values, by the krippendorff package."""
    kept = [unit for unit in units if len(unit) > 1]
    domain = sorted({value for unit in kept for value in unit}, key=lambda value: (value is not None, str(value)))
    if scale == "interval":
        domain = sorted({value for unit in kept for value in unit})
    if len(domain) < 2:
        return None
    counts = np.array([[unit.count(value) for value in domain] for unit in kept])
    numbers = domain if scale == "interval" else list(range(len(domain)))
    return float(krippendorff.alpha(value_counts=counts, value_domain=numbers, level_of_measurement=scale))
