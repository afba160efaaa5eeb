"""Agreement: every measure is what its definition says, the same whichever way round and whoever reads."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agreement_reference as reference
import simulation
from curate.agreement import MODES, Agreement, measure
from curate.agreement.results import EXTRACTION_MEASURES
from curate.alignment import align
from curate.assembly import argument_order, canonical_links, clusters_of
from curate.records import (
    Annotation,
    Argument,
    Cluster,
    Event,
    Link,
    Reading,
    Span,
    argument_id,
    event_id,
    event_place,
)
from curate.schema.loading import load
from event_schemas import SMALL, SMALL_SCHEMA

TEXT = "one two six ten"
SPANS = [(a, b) for a in (0, 4, 8, 12) for b in (3, 7, 11, 15) if a < b]
TYPES, ROLES = ("Attack", "Deploy", "Threaten"), ("actor", "target")
SAME = 1e-9


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Any reading of a text so short that two readings often meet, half meet, or nearly meet."""
    places = draw(st.lists(st.tuples(st.sampled_from(TYPES), st.sampled_from(SPANS)), max_size=5, unique=True))
    ids = [event_id(kind, *span) for kind, span in places]
    events = []
    for (kind, (start, end)), identifier in zip(places, ids, strict=True):
        arguments = {}
        fillers = st.one_of(st.sampled_from(SPANS), st.sampled_from(ids))
        for role, filler in draw(st.lists(st.tuples(st.sampled_from(ROLES), fillers), max_size=4)):
            if filler == identifier:
                continue
            own = not isinstance(filler, str)
            place = f"{filler[0]}-{filler[1]}" if own else filler
            argument = Argument(
                id=argument_id(identifier, role, place),
                role=role,
                start=filler[0] if own else None,
                end=filler[1] if own else None,
                text=TEXT[filler[0] : filler[1]] if own else None,
                event_id=None if own else filler,
                attributes={"certainty": draw(st.sampled_from(("stated", "alleged")))},
            )
            arguments[argument.id] = argument
        attributes = {"modality": draw(st.sampled_from(("asserted", "hypothetical"))), "means": [], "day": None}
        attributes["count"] = draw(st.sampled_from((None, 1, 2, 5))) if kind == "Attack" else None
        events.append(
            Event(
                id=identifier,
                type=kind,
                trigger=Span(start=start, end=end, text=TEXT[start:end]),
                arguments=sorted(arguments.values(), key=argument_order),
                attributes=attributes,
            )
        )
    pairs = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=3)) if ids else []
    ends = [pair for pair in pairs if pair[0] != pair[1]]
    drawn = st.lists(st.tuples(st.sampled_from(("near", "response_to")), st.sampled_from(ends)), max_size=2)
    links = [Link(type=kind, source=one, target=other) for kind, (one, other) in (draw(drawn) if ends else [])]
    return Reading(
        events=sorted(events, key=lambda event: event_place(event.id)),
        clusters=[
            Cluster(
                id=members[0],
                events=members,
                attributes={"verification": draw(st.sampled_from(("reported", "claimed")))},
            )
            for members in clusters_of(ids, draw(st.sampled_from((pairs, []))))
        ],
        links=canonical_links(SMALL_SCHEMA, links),
        attributes={"relevance": draw(st.sampled_from(("relevant", "irrelevant")))},
    )


people = st.dictionaries(st.sampled_from(("ana", "ben", "cem")), readings(), min_size=1)
corpora = st.dictionaries(st.sampled_from(("a", "b", "c")), people, min_size=1)


def annotations(corpus: Mapping[str, Mapping[str, Reading]]) -> list[Annotation]:
    return [
        simulation.annotation(article, TEXT, person, reading)
        for article, by_person in corpus.items()
        for person, reading in by_person.items()
    ]


def measured(corpus: Mapping[str, Mapping[str, Reading]], batches: Mapping[str, str] | None = None) -> Agreement:
    return measure(annotations(corpus), SMALL_SCHEMA, batches)


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, abs_tol=1e-6)


@settings(max_examples=60)
@given(corpora)
def test_each_f1_is_that_of_its_definition(corpus: dict[str, dict[str, Reading]]) -> None:
    """The six measures, exact and relaxed, are those of sets of keys; nothing else has to be looked at."""
    found = measured(corpus)
    for mode, name in itertools.product(MODES, EXTRACTION_MEASURES):
        assert same(found.overall[mode][name].value, reference.f1(corpus, name, mode)), (mode, name)


@settings(max_examples=40)
@given(corpora)
def test_links_and_clusters_are_those_of_their_definition(corpus: dict[str, dict[str, Reading]]) -> None:
    """Links and clusters are compared on the events that both readings have."""
    found = measured(corpus)
    for mode in MODES:
        assert same(found.overall[mode]["links"].value, reference.links_f1(corpus, mode, {"near"}, align))
        assert same(found.overall[mode]["clusters"].value, reference.clusters_f1(corpus, mode, align))


@settings(max_examples=60)
@given(corpora)
def test_each_alpha_is_that_of_its_definition(corpus: dict[str, dict[str, Reading]]) -> None:
    """On all articles, in a batch, of two people, and of a person with each of the others."""
    found = measured(corpus, {"a": "x", "b": "x", "c": "y"})
    for one in found.attributes:
        attribute = SMALL_SCHEMA.attributes[one.name]
        for mode in one.alpha:
            by_article = {name: reference.answers(read, attribute, mode, align) for name, read in corpus.items()}
            units = [unit for answered in by_article.values() for unit in answered]
            pairs = [pair for unit in units for pair in itertools.combinations(sorted(unit.items()), 2)]
            expected = [(one.alpha[mode], [list(unit.values()) for unit in units])]
            for batch in found.batches:
                inside = [unit for name in {"x": "ab", "y": "c"}[batch.name] for unit in by_article.get(name, [])]
                expected.append((batch.alphas[mode][one.name], [list(unit.values()) for unit in inside]))
            for two in found.people_pairs:
                met = [[a, b] for (who, a), (other, b) in pairs if {who, other} == {two.one, two.other}]
                expected.append((two.alphas[mode][one.name], met))
            for person in found.people:
                met = [[a, b] for (who, a), (other, b) in pairs if person.annotator in (who, other)]
                expected.append((person.alphas[mode][one.name], met))
            for ours, values in expected:
                assert same(ours.value, reference.alpha(values, attribute.scale)), (mode, one.name)
                assert ours.units == sum(len(unit) > 1 for unit in values)


def test_one_person_twice_is_one_person() -> None:
    """Two readings by one person are compared with nothing, and the article counts as read by one."""
    nothing = Reading(events=[], clusters=[], links=[])
    twice = annotations({"a": {"ana": nothing}}) * 2
    found = measure([*twice, *annotations({"b": {"ana": nothing, "ben": nothing}})], SMALL_SCHEMA)
    assert (found.articles, found.alone, found.pairs) == (1, 1, 1)


@given(readings())
def test_two_of_one_mind_agree_wholly(reading: Reading) -> None:
    """Identical readings get 1 wherever they state anything, and no value where they state nothing."""
    found = measured({"a": {"ana": reading, "ben": reading}})
    for mode in MODES:
        for name, score in found.overall[mode].items():
            assert score.value == (1.0 if score.stated else None), (mode, name)
            assert (score.reason is None) == bool(score.stated)
    assert all(one.alpha[mode].value in (None, 1.0) for one in found.attributes for mode in one.alpha)


@settings(max_examples=40)
@given(corpora, st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(corpus: dict[str, dict[str, Reading]], random: Random) -> None:
    """Swapping the people, the order of everything and the ids of the annotations changes no number."""
    names = dict(zip(("ana", "ben", "cem"), random.sample(("xi", "yo", "zoe"), 3), strict=True))
    turned = [
        msgspec.structs.replace(
            one,
            id=str(random.random()),
            annotator=names[one.annotator],
            events=[
                msgspec.structs.replace(event, arguments=random.sample(event.arguments, len(event.arguments)))
                for event in random.sample(one.events, len(one.events))
            ],
            links=random.sample(one.links, len(one.links)),
        )
        for one in annotations(corpus)
    ]
    random.shuffle(turned)
    found, again = measured(corpus), measure(turned, SMALL_SCHEMA)
    assert found.overall == again.overall
    assert found.by_type == again.by_type
    assert found.by_role == again.by_role
    assert found.attributes == again.attributes
    assert {names[one.annotator]: one.alphas for one in found.people} == {
        one.annotator: one.alphas for one in again.people
    }
    assert found.type_confusion == again.type_confusion


@pytest.mark.parametrize("samples", [0, 50])
def test_the_seed_decides_the_intervals(samples: int) -> None:
    """The same seed gives the same intervals, another one others; each holds its number."""
    world = simulation.World({"Attack": ROLES, "Deploy": ROLES})
    text = " ".join(f"word{number}" for number in range(200))
    random = Random(1)
    corpus = []
    for article in range(30):
        starts = [match.span() for match in simulation.WORD.finditer(text)]
        chosen = random.sample(starts, 6)
        truth = Reading(
            events=[
                Event(
                    id=event_id("Attack", *span),
                    type="Attack",
                    trigger=Span(start=span[0], end=span[1], text=""),
                    arguments=[],
                )
                for span in sorted(chosen)
            ],
            clusters=[],
            links=[],
        )
        for person in ("ana", "ben"):
            read = simulation.misread(truth, text, simulation.Rates(drop=0.2, retype=0.2), world, random)
            corpus.append(simulation.annotation(str(article), text, person, read))
    found = measure(corpus, SMALL_SCHEMA, samples=samples, seed=7)
    assert found == measure(corpus[::-1], SMALL_SCHEMA, samples=samples, seed=7)
    score = found.overall["exact"]["tri_c"]
    if samples:
        assert score.low is not None
        assert score.high is not None
        assert score.low < (score.value or 0) < score.high
        assert score != measure(corpus, SMALL_SCHEMA, samples=samples, seed=8).overall["exact"]["tri_c"]
    else:
        assert score.low is None


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
def test_the_schema_says_on_which_scale(scale: str) -> None:
    """Answers next to each other are half agreed where the schema says that they have an order."""
    text = SMALL.replace("default: reported", f"default: reported\n    scale: {scale}")
    schema = load(text, "small.yaml")
    assert schema.stamp == SMALL_SCHEMA.stamp

    def reads(who: str, values: str) -> list[Annotation]:
        names = {"r": "reported", "c": "confirmed", "l": "claimed"}
        event = Event(id="Attack@0-3", type="Attack", trigger=Span(start=0, end=3, text="one"), arguments=[])
        return [
            simulation.annotation(
                str(number),
                TEXT,
                who,
                Reading(
                    events=[event],
                    clusters=[Cluster(id=event.id, events=[event.id], attributes={"verification": names[value]})],
                    links=[],
                ),
            )
            for number, value in enumerate(values)
        ]

    found = measure([*reads("ana", "rrcl"), *reads("ben", "rcll")], schema)
    alphas = {one.name: one for one in found.attributes}
    assert alphas["verification"].scale == scale
    units = [["r", "r"], ["r", "c"], ["c", "l"], ["l", "l"]]
    order = {"r": 0, "c": 1, "l": 2}
    by_package = reference.alpha([[order[value] for value in unit] for unit in units], scale)
    assert alphas["verification"].alpha["exact"].value == pytest.approx(by_package, abs=1e-6)
    assert (by_package or 0) > 0.4 if scale == "ordinal" else (by_package or 0) < 0.4
