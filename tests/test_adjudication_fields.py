"""Readings that mean one event but say it differently differ in a field, and in nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudicating import READERS, annotation, readings, rule, settle
from curate.adjudication.fields import common_fields
from curate.adjudication.policies import choose
from curate.adjudication.questions import reading_of
from event_schemas import SMALL_SCHEMA

ATTACK = "[They](actor>1) [hit](Attack#1{modality=hypothetical}) [the base](place>1)."
DEPLOY = "[They](actor>1) [hit](Deploy#1{modality=hypothetical}) [the base](place>1)."
WIDE = "[They](actor>1) [hit the](Attack#1{modality=hypothetical}) base."


def test_another_type_is_one_difference() -> None:
    """Attack against Deploy on one trigger is a difference of type; roles and values are the same."""
    outcome, _ = settle("agree", ATTACK, DEPLOY)
    assert outcome.open == {"a": "1 difference, first: Attack@5-8:type"}
    (decision,) = [one for one in outcome.decisions if one.about != "article"]
    assert [(one.value, one.annotators) for one in decision.candidates] == [("Attack", ["ana"]), ("Deploy", ["ben"])]


def test_a_majority_names_the_type() -> None:
    """Two say Deploy, one Attack: Deploy it is, with the arguments all three gave it."""
    outcome, fates = settle("majority", DEPLOY, ATTACK, DEPLOY)
    (record,) = outcome.records
    assert [event.id for event in record.events] == ["Deploy@5-8"]
    assert [one.id for one in record.events[0].arguments] == ["Deploy@5-8/actor/0-4", "Deploy@5-8/place/9-17"]
    assert record.events[0].attributes["modality"] == "hypothetical"
    assert "count" in record.events[0].attributes
    assert fates == {"chosen": 4, "same": 4, "outvoted": 4}


def test_a_vote_counts_under_another_span() -> None:
    """Who marks more words as the trigger still has a say on what hangs on it."""
    less = ATTACK.replace("[the base](place>1)", "the base")
    outcome, _ = settle("majority", WIDE, ATTACK, less)
    assert [event.id for event in outcome.records[0].events] == ["Attack@5-8"]
    assert [one.role for one in outcome.records[0].events[0].arguments] == ["actor"]


@pytest.mark.parametrize(
    ("other", "about"),
    [
        ("[They](place>1) [hit](Attack#1) it.", "Attack@5-8/actor/0-4:role"),
        ("[They hit](actor>1) it.", None),
    ],
)
def test_arguments_differ_in_role_or_span(other: str, about: str | None) -> None:
    """One filler in two roles is a difference of role."""
    first = "[They](actor>1) [hit](Attack#1) it."
    if about is None:
        first, other = "[They all](actor>1) [hit](Attack#1) it.", "They [all](actor>1) [hit](Attack#1) it."
        about = "Attack@9-12/actor/0-8:span"
    outcome, _ = settle("agree", first, other)
    assert outcome.open == {"a": f"1 difference, first: {about}"}


def test_set_policies_know_no_fields() -> None:
    """Under `union` events of two types on one trigger are two events, under `intersection` none."""
    assert len(settle("union", ATTACK, DEPLOY)[0].records[0].events) == 2
    assert settle("intersection", ATTACK, DEPLOY)[0].records[0].events == []


def test_the_named_annotator_names_the_fields() -> None:
    """Under `annotator:NAME` type, span and role are that reading's."""
    for who, type_name in (("ana", "Attack"), ("ben", "Deploy")):
        (record,) = settle(f"annotator:{who}", ATTACK, DEPLOY)[0].records
        assert [event.type for event in record.events] == [type_name]


@given(st.lists(readings(attributes=True), min_size=1, max_size=5))
def test_naming_loses_and_joins_nothing(marked: list[str]) -> None:
    """Every reading keeps as many events, arguments, clusters and links as it had, whatever their new names."""
    before = {who: reading_of(annotation(who, one)) for who, one in zip(READERS, marked, strict=False)}
    (fields,) = common_fields([before], SMALL_SCHEMA, lambda about, given: choose(about, given, rule("majority")))
    for who, reading in before.items():
        after = fields.readings[who]
        assert len({event.id for event in after.events}) == len(reading.events)
        assert sorted(len(event.arguments) for event in after.events) == sorted(
            len({one.id for one in event.arguments}) for event in reading.events
        )
        assert sorted(len(cluster.events) for cluster in after.clusters) == sorted(
            len(cluster.events) for cluster in reading.clusters
        )
        assert len(after.links) == len(reading.links)
