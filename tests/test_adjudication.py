"""Readings become records by exact keys; the books account for every accepted item."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adjudicating import annotation, article_of, readings, rule, settle
from curate.adjudication.fates import item_fates
from curate.adjudication.settling import Outcome, adjudicate
from curate.markup import parse
from curate.records import Article, Finding, Record, plain
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

FULL = (
    "[Drones](actor>1) [hit](Attack#1) [the base](target>1). [Troops](actor>2) were [sent](Deploy#2)."
    "{{response_to 2>1}}"
)
LESS = "[Drones](actor>1) [hit](Attack#1) the base. [Troops](actor>2) were [sent](Deploy#2)."
ONE = "[Drones](actor>1) [hit](Attack#1) [the base](target>1). Troops were sent."


def ids(outcome: Outcome) -> list[str]:
    (record,) = outcome.records
    arguments = [argument.id for event in record.events for argument in event.arguments]
    return [event.id for event in record.events] + arguments + [link.type for link in record.links]


ALL = [
    "Attack@7-10",
    "Deploy@33-37",
    "Attack@7-10/actor/0-6",
    "Attack@7-10/target/11-19",
    "Deploy@33-37/actor/21-27",
    "response_to",
]


@pytest.mark.parametrize("policy", ["agree", "intersection", "union", "annotator:ana"])
def test_agreement_is_decided_under_every_policy(policy: str) -> None:
    """Equal readings make a record by agreement, each item chosen once and the same once."""
    outcome, fates = settle(policy, FULL, FULL)
    assert outcome.rules == {"a": "agreement"}
    assert ids(outcome) == ALL
    assert set(fates) == {"chosen", "same"}
    assert fates["chosen"] == fates["same"]


def test_agree_leaves_any_difference_open() -> None:
    """Under `agree` one missing argument leaves the article open, and the difference is logged."""
    outcome, fates = settle("agree", FULL, LESS)
    assert outcome.records == []
    assert list(outcome.open) == ["a"]
    assert [d.about for d in outcome.decisions][:2] == [
        "Attack@7-10/target/11-19",
        "response_to(Deploy@33-37,Attack@7-10)",
    ]
    assert all(decision.chosen is None for decision in outcome.decisions)
    assert set(fates) == {"open"}


def test_intersection_keeps_what_all_say() -> None:
    """Under `intersection` what one lacks is outvoted."""
    outcome, fates = settle("intersection", FULL, LESS)
    assert ids(outcome) == [ALL[0], ALL[1], ALL[2], ALL[4]]
    assert outcome.rules == {"a": "intersection"}
    assert fates["outvoted"] == 2
    chosen = {decision.about: decision.chosen for decision in outcome.decisions}
    assert chosen["Attack@7-10/target/11-19"] == "false"


def test_what_refers_to_a_dropped_event_goes_with_it() -> None:
    """Without the event neither its arguments nor its links stay."""
    outcome, fates = settle("intersection", FULL, ONE)
    assert ids(outcome) == [ALL[0], ALL[2], ALL[3]]
    assert fates["outvoted"] == 3


def test_union_keeps_what_anyone_says() -> None:
    """Under `union` everything that somebody says is in the record."""
    outcome, fates = settle("union", LESS, FULL)
    assert ids(outcome) == ALL
    assert "outvoted" not in fates


def test_union_closes_clusters_again() -> None:
    """If one joins A and B, the other B and C, the union joins all three."""
    text = "They [hit](Attack#1), [hit](Attack#2) and [hit](Attack#3) it."
    outcome, _ = settle("union", text + "{{same_event 2=1}}", text + "{{same_event 3=2}}")
    assert [len(cluster.events) for cluster in outcome.records[0].clusters] == [3]
    outcome, fates = settle("intersection", text + "{{same_event 2=1}}", text + "{{same_event 3=2}}")
    assert [len(cluster.events) for cluster in outcome.records[0].clusters] == [1, 1, 1]
    assert fates["outvoted"] == 2


@pytest.mark.parametrize("policy", ["agree", "intersection", "union"])
@pytest.mark.parametrize("attribute", ["modality=hypothetical", "verification=confirmed", "count=2"])
def test_different_attribute_values_leave_the_article_open(policy: str, attribute: str) -> None:
    """No policy but a named annotator settles two different values."""
    outcome, fates = settle(policy, "They [hit](Attack#1) it.", f"They [hit](Attack#1{{{attribute}}}) it.")
    assert outcome.records == []
    assert set(fates) == {"open"}


def test_values_of_a_dropped_event_settle_nothing() -> None:
    """A value set on an event that isn't kept doesn't keep the article open."""
    outcome, fates = settle("intersection", "They hit it.", "They [hit](Attack#1{modality=hypothetical}) it.")
    assert outcome.records[0].events == []
    assert fates["outvoted"] == 2


def test_a_named_annotator_decides() -> None:
    """Under `annotator:NAME` the record is that reading, whatever the others say."""
    mine = "[They](actor>1) [hit](Attack#1{modality=hypothetical}) it."
    outcome, fates = settle("annotator:ben", "They [hit](Attack#1{count=2}) it.", mine)
    (record,) = outcome.records
    assert record.events[0].attributes["modality"] == "hypothetical"
    assert record.events[0].attributes["count"] is None
    assert fates == {"chosen": 3, "same": 1, "outvoted": 1} or fates == {
        "chosen": 3,
        "outvoted": 1,
        "same": 1,
    }
    outcome, _ = settle("annotator:nobody", FULL, FULL)
    assert outcome.open == {"a": "no reading of nobody"}


def test_too_few_readings_leave_the_article_open() -> None:
    """An article that fewer people read than `overlap` asks for is open under every policy."""
    outcome, _ = settle("union", FULL)
    assert outcome.open == {"a": "1 of 2 readings"}


def test_a_record_that_would_be_wrong_stays_open() -> None:
    """When the policy's choice breaks a rule of the schema, only that article is open, and no choice is claimed."""
    text = parse(FULL).text
    article = Article(id="a", text=text, text_sha256=text_sha256(text))
    readings = [annotation("ana", FULL), annotation("ben", LESS)]
    wrong = Finding(code="role-missing", level="error", place="$.events[0]", message="")
    outcome = adjudicate({"a": article}, readings, SMALL_SCHEMA, rule("intersection"), lambda _: 2, lambda _: [wrong])
    assert outcome.open == {"a": "intersection gives role-missing at $.events[0]"}
    assert {decision.chosen for decision in outcome.decisions} == {None}


@pytest.mark.parametrize(
    ("policy", "kept"),
    [("majority", True), ("majority:2", True), ("majority:3", False), ("agree", None)],
)
def test_a_majority_settles_what_is_there(policy: str, kept: bool | None) -> None:
    """More than half settle a difference, or as many as the policy names; under `agree` it stays open."""
    outcome, _ = settle(policy, FULL, FULL, LESS)
    if policy == "majority:3":
        assert [d.about for d in outcome.decisions if d.chosen is None][:1] == ["Attack@7-10/target/11-19"]
    assert [ids(outcome) == ALL for _ in outcome.records] == ([True] if kept else [])


def test_a_tie_stays_open() -> None:
    """Two against two is no majority, and neither is one value of three."""
    outcome, _ = settle("majority", FULL, FULL, LESS, LESS)
    assert list(outcome.open) == ["a"]
    values = [f"They [hit](Attack#1{{count={number}}}) it." for number in (1, 2, 3)]
    assert settle("majority", *values)[0].open == {"a": "1 difference, first: Attack@5-8#count"}
    assert settle("majority", *values, values[0])[0].open
    outcome, _ = settle("majority", *values, values[0], values[0])
    assert outcome.records[0].events[0].attributes["count"] == 1


@pytest.mark.parametrize("policy", ["", "most", "majority:", "majority:1", "majority:x", "union:2", "annotator:"])
def test_what_is_no_policy(policy: str) -> None:
    """Only the policies that are told are policies."""
    from curate.adjudication.policies import read_policy

    assert read_policy(policy) is None


POLICIES = ["agree", "majority", "majority:2", "intersection", "union", "annotator:ana"]


@given(st.lists(readings(), min_size=2, max_size=4), st.sampled_from(POLICIES))
def test_records_are_valid_and_the_books_balance(marked: list[str], policy: str) -> None:
    """Whatever the readings, records are valid and items accounted for; set policies keep just those sets of ids."""
    outcome, _ = settle(policy, *marked)
    every = [{event.id for event in annotation(str(n), one).events} for n, one in enumerate(marked)]
    for record in outcome.records:
        if policy == "intersection":
            assert {event.id for event in record.events} == set.intersection(*every)
        if policy == "union":
            assert {event.id for event in record.events} == set.union(*every)


@given(st.lists(readings(attributes=True), min_size=2, max_size=5), st.sampled_from(POLICIES[:-1]), st.randoms())
def test_who_reads_what_is_no_matter(marked: list[str], policy: str, random: Random) -> None:
    """The same readings by other people, in another order, give the same record or the same open questions."""
    outcome, _ = settle(policy, *marked)
    turned, _ = settle(policy, *random.sample(marked, len(marked)))
    assert outcome.open == turned.open
    for first, second in zip(outcome.records, turned.records, strict=True):
        assert plain(first.events) == plain(second.events)
        assert (first.clusters, first.links, first.attributes) == (second.clusters, second.links, second.attributes)
    assert [(d.about, d.chosen, [(c.value, len(c.annotators)) for c in d.candidates]) for d in outcome.decisions] == [
        (d.about, d.chosen, [(c.value, len(c.annotators)) for c in d.candidates]) for d in turned.decisions
    ]


@given(st.lists(readings(attributes=True), min_size=2, max_size=4), st.sampled_from(POLICIES))
def test_readings_that_become_a_record_agree_with_it(marked: list[str], policy: str) -> None:
    """Adjudicating again what came out changes nothing: everybody who reads so makes the same record."""
    outcome, _ = settle(policy, *marked)
    for record in outcome.records:
        again = [replace(annotation(who, marked[0]), **reading_fields(record)) for who in ("ana", "ben")]
        article = Article(id="a", text=record.text, text_sha256=record.text_sha256)
        repeated = adjudicate({"a": article}, again, SMALL_SCHEMA, rule(policy), lambda _: 2)
        assert repeated.rules == {"a": "agreement"}
        assert plain(repeated.records[0].events) == plain(record.events)


def reading_fields(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in ("events", "clusters", "links", "attributes")}


def test_readings_of_one_number_have_fates_of_their_own() -> None:
    """Two servers may count alike: what became of an item is told by whose it is."""
    one, two = "[struck](Attack#1) the base", "struck the [base](Attack#1)"
    annotations = [replace(annotation(who, marked), id="7") for who, marked in (("ana", one), ("ben", two))]
    outcome = adjudicate({"a": article_of(one)}, annotations, SMALL_SCHEMA, rule("annotator:ana"), lambda _: 2)
    fates = item_fates(annotations, outcome.records, {"a"}, SMALL_SCHEMA)
    assert len(fates) == sum(len(one.items) for one in annotations)
    assert {(who, fate) for (who, _, _), fate in fates.items()} == {("ana", "chosen"), ("ben", "outvoted")}
