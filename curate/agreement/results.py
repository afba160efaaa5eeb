"""What a measurement of agreement comes to, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

ARGUMENT_MEASURES = ("arg_i", "arg_c", "arg_i_plus", "arg_c_plus")
EXTRACTION_MEASURES = ("tri_i", "tri_c", *ARGUMENT_MEASURES)
MEASURES = (*EXTRACTION_MEASURES, "links", "clusters")
"""The measures in reading order; docs/agreement.md gives the matching key of each."""

TITLES = {
    "tri_i": "Tri-I",
    "tri_c": "Tri-C",
    "arg_i": "Arg-I",
    "arg_c": "Arg-C",
    "arg_i_plus": "Arg-I+",
    "arg_c_plus": "Arg-C+",
    "links": "Links",
    "clusters": "Clusters",
}
"""What the field calls each measure."""

MODES = ("exact", "relaxed")
"""Whether spans have to be the same, or to overlap by at least half of what the two cover together."""


@dataclass(frozen=True)
class Score:
    """An F1: the share of what the readings state, pair by pair, that the other reading of the pair states too.

    Every statement of either reading counts once, so that swapping the two changes nothing: ``value`` is
    ``agreed / stated``, which is 2PR/(P+R). ``low`` and ``high`` are the 95 % interval over articles, null when it
    was not asked for or can't be told. Where ``value`` is null, ``reason`` says why.
    """

    value: float | None
    low: float | None
    high: float | None
    agreed: float
    stated: float
    articles: int
    reason: str | None = None


Scores: TypeAlias = dict[str, dict[str, Score]]
"""Scores by mode, then by measure."""


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha of one attribute on the units that two or more readings have in common.

    ``scale`` is nominal, ordinal or interval. ``units`` counts the units with two or more values and ``values`` the
    values on them; ``aligned`` is the share of all values given that stand on such a unit, ``same`` the share of the
    pairs of values on one unit that are the same. Where ``value`` is null, ``reason`` says why.
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    values: int
    aligned: float | None
    same: float | None
    articles: int
    reason: str | None = None


Alphas: TypeAlias = dict[str, dict[str, Alpha]]
"""Alphas by mode, then by attribute."""


@dataclass(frozen=True)
class AttributeAgreement:
    """How far people agree on one attribute: alpha by mode. Those of the article have no spans to relax."""

    name: str
    on: str
    level: str
    scale: str
    alpha: dict[str, Alpha]


@dataclass(frozen=True)
class Confused:
    """How often one reading said ``one`` where the other said ``other``; null is where it marked nothing.

    The two are in alphabetical order, null last; where they are the same the readings agree.
    """

    one: str | None
    other: str | None
    count: int


@dataclass(frozen=True)
class PairAgreement:
    """How far two people agree with each other."""

    one: str
    other: str
    articles: int
    scores: Scores
    alphas: Alphas


@dataclass(frozen=True)
class PersonAgreement:
    """How far one person agrees with all others on the articles they share.

    ``confirmed`` is the share of what the person states that the other states too, ``found`` the share of what the
    others state that the person states too, by measure, exact: marking too much lowers the first, too little the
    second. ``alphas`` are of the pairs of values of which one is the person's, each pair a unit of its own.
    """

    annotator: str
    articles: int
    events: int
    arguments: int
    scores: Scores
    alphas: Alphas
    confirmed: dict[str, float | None]
    found: dict[str, float | None]


@dataclass(frozen=True)
class BatchAgreement:
    """How far people agree within one group of articles."""

    name: str
    articles: int
    scores: Scores
    alphas: Alphas


@dataclass(frozen=True)
class ArticleAgreement:
    """How far the readings of one article agree: a value by mode and measure, null where nothing is stated.

    ``differences`` counts the events and arguments (Tri-C and Arg-C+, exact) that one reading states and the other
    of a pair does not.
    """

    article_id: str
    annotators: list[str]
    values: dict[str, dict[str, float | None]]
    differences: int


@dataclass(frozen=True)
class Agreement:
    """Everything measured. ``alone`` counts the articles with one reading only; they say nothing about agreement.

    ``samples`` and ``seed`` are those of the bootstrap, 0 samples for none. ``by_type`` holds the measures whose key
    has the event type, ``by_role`` those whose key has the role, ``by_link`` the links of each type.
    """

    articles: int
    alone: int
    readings: int
    pairs: int
    annotators: list[str]
    samples: int
    seed: int
    overall: Scores
    by_type: dict[str, Scores]
    by_role: dict[str, Scores]
    by_link: dict[str, Scores]
    attributes: list[AttributeAgreement]
    people_pairs: list[PairAgreement]
    people: list[PersonAgreement]
    batches: list[BatchAgreement]
    type_confusion: list[Confused]
    role_confusion: list[Confused]
    by_article: list[ArticleAgreement]
