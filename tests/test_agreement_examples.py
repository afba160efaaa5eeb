"""Worked examples: those of the papers that measures come from, and one that shows why arguments are measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

import drone_attack
import simulation
from curate.agreement import measure
from curate.agreement.alpha import SCALES, Laid, alpha, coincidences
from curate.agreement.coreference import lea
from curate.agreement.table import Amounts, Integers
from curate.records import Reading
from event_schemas import CONFLICT_NEWS

Label = tuple[str, int, int]

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: sections A, B and C, one line an observer.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbccceddd")
MISSING = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def by_hand(lines: Iterable[str], scale: str) -> float:
    """Alpha of the values that observers (lines) gave to units (places), a dot where they gave none."""
    given = [(unit, value) for line in lines for unit, value in enumerate(line) if value != "."]
    domain = sorted({value for _, value in given})
    numbers = np.array([float(value) if value.isdigit() else 0.0 for value in domain])
    units = np.array([unit for unit, _ in given])
    places = np.array([domain.index(value) for _, value in given])
    return one_alpha(units, places, scale, numbers)


def one_alpha(units: Integers, places: Integers, scale: str, numbers: Amounts) -> float:
    """Alpha of one group: the values' units and their places on a scale."""
    order, nothing = np.argsort(units), np.zeros_like(units)
    return float(alpha(coincidences(Laid(units[order], places[order], nothing, nothing), 1, scale, numbers))[0])


@pytest.mark.parametrize(
    ("lines", "scale", "published"),
    [
        (BINARY, "nominal", 0.095),
        (NOMINAL, "nominal", 0.692),
        (MISSING, "nominal", 0.743),
        (MISSING, "ordinal", 0.815),
        (MISSING, "interval", 0.849),
    ],
)
def test_alpha_of_krippendorffs_own_data(lines: tuple[str, ...], scale: str, published: float) -> None:
    """The values that Krippendorff works out by hand."""
    assert by_hand(lines, scale) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("scale", SCALES)
def test_alpha_is_that_of_the_krippendorff_package(scale: str) -> None:
    """On random data of every shape, with values missing, to rounding errors of floating point."""
    generator = np.random.default_rng(5)
    largest = 0.0
    for _ in range(200):
        people, units, values = generator.integers(2, 6), generator.integers(2, 30), generator.integers(2, 7)
        data = generator.integers(0, values, (people, units)).astype(float)
        data[generator.random(data.shape) < generator.random() * 0.6] = np.nan
        there = ~np.isnan(data)
        counted = there.sum(axis=0) > 1
        if len(np.unique(data[:, counted][there[:, counted]])) < 2:
            continue
        _, unit = np.nonzero(there)
        given = data[there].astype(int)
        found = one_alpha(unit, given, scale, np.arange(values, dtype=float))
        expected = krippendorff.alpha(reliability_data=data, level_of_measurement=scale)
        largest = max(largest, abs(found - expected))
    assert largest < 1e-12


@pytest.mark.parametrize(
    ("key", "response", "recall", "precision"),
    [
        ("abc defg", "ab cd fghi", Fraction(5, 21), Fraction(1, 3)),  # Moosavi and Strube 2016
        ("12345 67 89ABC", "12345 6789ABC", Fraction(1), Fraction(5 * 3 + 11, 36)),  # Bagga and Baldwin 1998
        ("12345 67 89ABC", "1234589ABC 67", Fraction(1), Fraction(2 * 9 + 40, 12 * 9)),
        ("ABCD", "AB CD", Fraction(1, 3), Fraction(1)),  # Vilain et al. 1995
        ("AB CD", "ABCD", Fraction(1), Fraction(1, 3)),
        ("ABC", "AC", Fraction(1, 3), Fraction(1)),
        ("BCDEGHJ", "ABC DEF GHI", Fraction(1, 7), Fraction(1, 3)),
        ("ABC DEFG", "AB CD FGH", Fraction(5, 21), Fraction(3, 7)),
        ("ab cde", "bcx de", Fraction(1, 5), Fraction(2, 5)),  # cases of the CoNLL scorer
        ("ab cde fg", "bcx de fg", Fraction(3, 7), Fraction(4, 7)),
        ("abcdef", "abcxyz", Fraction(1, 5), Fraction(1, 5)),
        ("abcdef", "ab cxy z", Fraction(1, 15), Fraction(2, 5)),
        ("a bc def", "a de", Fraction(1, 5), Fraction(1)),
    ],
)
def test_lea_of_the_examples_of_the_papers(key: str, response: str, recall: Fraction, precision: Fraction) -> None:
    """Clusters are words of one-letter mentions. Where the papers count clusters of one, ours differ: left out."""

    def share(own: str, other: str) -> float:
        where = {mention: number for number, cluster in enumerate(other.split()) for mention in cluster}
        mentions = [(number, mention) for number, cluster in enumerate(own.split()) for mention in cluster]
        there = [where.get(mention, -1 - place) for place, (_, mention) in enumerate(mentions)]
        numbers = np.array([number for number, _ in mentions])
        stated, agreed = lea(numbers, np.array(there), np.zeros(len(mentions), np.int64), 1)
        return float(agreed[0] / stated[0])

    assert share(key, response) == pytest.approx(float(recall))
    assert share(response, key) == pytest.approx(float(precision))


def spans(reading: Reading) -> list[Label]:
    """All that is marked as flat labelled spans."""
    found = [(event.type, event.trigger.start, event.trigger.end) for event in reading.events]
    found += [(one.role, one.start or 0, one.end or 0) for event in reading.events for one in event.arguments]
    return sorted(found, key=lambda span: span[1:])


def tokens(reading: Reading) -> list[str]:
    """One label a word: what begins, goes on or stands outside; the longest of several spans over a word counts."""
    words = [match.span() for match in re.finditer(r"\w+", drone_attack.TEXT)]
    labels = ["O"] * len(words)
    for label, start, end in sorted(spans(reading), key=lambda span: span[1] - span[2]):
        inside = [place for place, word in enumerate(words) if start <= word[0] and word[1] <= end]
        if all(labels[place] == "O" for place in inside):
            labels[inside[0] : inside[-1] + 1] = [f"B-{label}", *[f"I-{label}"] * (len(inside) - 1)]
    return labels


def span_f1(one: list[Label], other: list[Label]) -> dict[str, float]:
    """What measures of flat spans say: same span and label; same span; half for an overlap; same label and overlap."""
    total = len(one) + len(other)
    touching = [(a, b) for a in one for b in other if a[1] < b[2] and b[1] < a[2]]
    same = {span[1:] for span in one} & {span[1:] for span in other}
    partly = {a for a, b in touching if a[1:] not in same and b[1:] not in same}
    typed = {a for a, b in touching if a[0] == b[0]}
    return {
        "strict": 2 * len(set(one) & set(other)) / total,
        "exact": 2 * len(same) / total,
        "partial": 2 * (len(same) + len(partly) / 2) / total,
        "type": 2 * len(typed) / total,
    }


def test_spans_agree_well_where_arguments_do_not() -> None:
    """Chance-corrected words and flat spans call `ana` and `ben` fair to good; a quarter of the arguments agree."""
    said = {who: tokens(reading) for who, reading in drone_attack.READINGS.items()}
    domain = sorted({label for labels in said.values() for label in labels})
    coded = [[domain.index(label) for label in labels] for labels in said.values()]
    assert round(krippendorff.alpha(reliability_data=coded, level_of_measurement="nominal"), 3) == 0.705
    assert round(cohen_kappa_score(said["ana"], said["ben"]), 3) == 0.725
    flat = span_f1(spans(drone_attack.READINGS["ana"]), spans(drone_attack.READINGS["ben"]))
    assert {name: round(value, 3) for name, value in flat.items()} == {
        "strict": 0.609,
        "exact": 0.783,
        "partial": 0.826,
        "type": 0.696,
    }

    people = [simulation.annotation("a", drone_attack.TEXT, who, one) for who, one in drone_attack.READINGS.items()]
    found = measure(people, CONFLICT_NEWS)
    scores = {(one.one, one.other): one.scores["exact"] for one in found.people_pairs}
    measured = {name: round(score.value or 0, 3) for name, score in scores["ana", "ben"].items() if score.stated}
    assert measured == {
        "tri_i": 0.857,
        "tri_c": 0.571,
        "arg_i": 0.375,
        "arg_c": 0.25,
        "arg_i_plus": 0.375,
        "arg_c_plus": 0.25,
    }
    assert round(scores["ana", "cem"]["tri_c"].value or 0, 3) == 0.8
    assert round(scores["ana", "cem"]["arg_c"].value or 0, 3) == 0.933
