"""What a person settled stays settled, whatever the policy and whatever annotators say later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adjudicating import adjudication, readings, settle
from curate.adjudication.conflicts import conflicts_of
from curate.adjudication.statements import statements_of
from curate.records import Note, plain
from event_schemas import SMALL_SCHEMA

BARE = "They hit it."
ATTACK = "They [hit](Attack#1) it."
ACTOR = "[They](actor>1) [hit](Attack#1) it."
DEPLOY = "They [hit](Deploy#1) it."
TARGET = "[They](target>1) [hit](Attack#1) it."
POLICIES = ["agree", "majority", "intersection", "union", "annotator:ana"]


def test_a_person_settles_what_is_open() -> None:
    """The record is what the adjudicator submitted; the log says who chose, and why as far as they said."""
    slip = Note(about="Attack@5-8", text="slip")
    settled = adjudication("joy", ACTOR, ACTOR, DEPLOY, reasons=[slip])
    outcome, fates = settle("agree", ACTOR, DEPLOY, adjudications=[settled])
    assert outcome.rules == {"a": "adjudicator"}
    assert [event.id for event in outcome.records[0].events] == ["Attack@5-8"]
    told = {one.about: one for one in outcome.decisions}
    assert (told["Attack@5-8"].chosen, told["Attack@5-8"].rule) == ("true", "adjudicator")
    assert (told["Attack@5-8"].adjudicators, told["Attack@5-8"].code) == (["judge-joy"], "slip")
    assert (told["Deploy@5-8"].chosen, told["Deploy@5-8"].code) == ("false", None)
    assert told["article"].reason == "2 readings, 1 adjudication"
    assert fates == {"chosen": 2, "same": 2, "outvoted": 1}


def test_a_person_may_say_what_nobody_said() -> None:
    """What an adjudicator adds, and what all annotators have and they delete, is as they left it."""
    outcome, fates = settle("union", DEPLOY, DEPLOY, adjudications=[adjudication("joy", ACTOR, DEPLOY)])
    assert [event.id for event in outcome.records[0].events] == ["Attack@5-8"]
    assert fates == {"chosen": 2, "outvoted": 2}
    told = {one.about: one.chosen for one in outcome.decisions}
    assert (told["Attack@5-8"], told["Deploy@5-8"]) == ("true", "false")


def test_what_comes_up_later_is_open_again() -> None:
    """A new argument the adjudicator never saw goes back; what they chose stays, and a policy may fill it."""
    settled = adjudication("joy", ATTACK, ATTACK, DEPLOY)
    outcome, _ = settle("agree", ACTOR, DEPLOY, adjudications=[settled])
    assert outcome.open == {"a": "1 difference, first: Attack@5-8/actor/0-4"}
    assert outcome.cases["a"].question.open() == ["Attack@5-8/actor/0-4"]
    (record,) = settle("union", ACTOR, DEPLOY, adjudications=[settled])[0].records
    assert [event.id for event in record.events] == ["Attack@5-8"]
    assert [one.role for one in record.events[0].arguments] == ["actor"]


def test_what_is_new_of_a_rejected_event_is_no_question() -> None:
    """An argument added to an event the adjudicator threw out needs nobody."""
    outcome, _ = settle("agree", ACTOR, BARE, adjudications=[adjudication("joy", BARE, ATTACK)])
    assert outcome.records[0].events == []
    assert {one.about: one.reason for one in outcome.decisions}["Attack@5-8/actor/0-4"] == "its owner is not kept"


def test_adjudicators_who_differ_leave_it_open() -> None:
    """Two adjudicators of two minds settle nothing; where they agree it is settled."""
    first, second = adjudication("joy", ATTACK, ATTACK, DEPLOY), adjudication("kim", ACTOR, ATTACK, DEPLOY)
    outcome, _ = settle("union", ATTACK, DEPLOY, adjudications=[first, second])
    assert outcome.open == {}
    rejecting = adjudication("kim", DEPLOY, ATTACK, DEPLOY)
    outcome, _ = settle("union", ATTACK, DEPLOY, adjudications=[first, rejecting])
    assert outcome.open == {"a": "2 differences, first: Attack@5-8"}
    (told,) = [one for one in outcome.decisions if one.about == "Attack@5-8"]
    assert [one.annotators for one in told.candidates] == [
        ["adjudicator judge-kim", "ben"],
        ["adjudicator judge-joy", "ana"],
    ]


def test_a_second_thought_on_settled_words_is_asked() -> None:
    """What comes up later on the words of what was settled may be the same, called otherwise: only people can tell."""
    settled = adjudication("joy", ACTOR, ACTOR, BARE)
    for policy in ("agree", "majority", "annotator:ana"):
        outcome, _ = settle(policy, DEPLOY, DEPLOY, DEPLOY, adjudications=[settled])
        assert outcome.open == {"a": "1 difference, first: Deploy@5-8"}
        (told,) = [one for one in outcome.decisions if one.about == "Deploy@5-8"]
        assert [one.annotators for one in told.candidates] == [["ana", "ben", "cem"]]
        outcome, _ = settle(policy, TARGET, TARGET, BARE, adjudications=[settled])
        assert outcome.open == {"a": "1 difference, first: Attack@5-8/target/0-4"}
    (record,) = settle("union", DEPLOY, DEPLOY, adjudications=[settled])[0].records
    assert [event.id for event in record.events] == ["Attack@5-8", "Deploy@5-8"]
    seen = adjudication("joy", ACTOR, ACTOR, BARE, DEPLOY, TARGET)
    (record,) = settle("agree", DEPLOY, DEPLOY, adjudications=[seen])[0].records
    assert [event.id for event in record.events] == ["Attack@5-8"]


def test_who_did_not_read_has_no_say() -> None:
    """The reading that a policy names settles nothing in an article that its maker never read."""
    settled = adjudication("joy", ATTACK, ATTACK, DEPLOY)
    outcome, _ = settle("annotator:eda", ACTOR, DEPLOY, adjudications=[settled])
    assert outcome.open == {"a": "1 difference, first: Attack@5-8/actor/0-4"}


def test_reading_and_settling_are_two_things_said() -> None:
    """Somebody who read an article and settles it otherwise is told apart from themselves, and stays unknown."""
    own, other = adjudication("joy", DEPLOY, ATTACK, BARE), adjudication("kim", ATTACK, ATTACK, BARE)
    own = replace(own, annotation=replace(own.annotation, annotator="ana"))
    outcome, _ = settle("agree", ATTACK, BARE, adjudications=[own, other])
    (told,) = [one for one in outcome.decisions if one.about == "Attack@5-8"]
    assert [one.annotators for one in told.candidates] == [
        ["adjudicator ana", "ben"],
        ["adjudicator judge-kim", "ana"],
    ]
    (conflict,) = [one for one in conflicts_of(outcome.cases["a"], {"ana": "A", "ben": "B"}) if "Attack" in one.about]
    assert conflict.plain == "A and an adjudicator have Attack “hit”, B and an adjudicator do not."


def test_a_settled_article_needs_no_readings() -> None:
    """When readings are withdrawn, what a person settled stays."""
    outcome, _ = settle("agree", ATTACK, adjudications=[adjudication("joy", ATTACK, ATTACK, DEPLOY)])
    assert outcome.rules == {"a": "adjudicator"}


@given(
    st.lists(readings(attributes=True), min_size=1, max_size=3),
    readings(attributes=True),
    st.lists(readings(attributes=True), min_size=1, max_size=3),
    st.sampled_from(POLICIES),
)
def test_a_choice_is_never_lost(before: list[str], settled: str, after: list[str], policy: str) -> None:
    """Whatever the readings become, a record holds all the adjudicator said, and of what they saw nothing else."""
    judge = adjudication("joy", settled, *before)
    said = statements_of(judge.annotation, SMALL_SCHEMA)
    outcome, _ = settle(policy, *after, adjudications=[judge])
    for record in outcome.records:
        final = statements_of(record, SMALL_SCHEMA)
        assert final.present() & (said.present() | set(judge.shown)) == said.present()
        assert {key: final.values[key] for key in said.values} == said.values
    again, _ = settle(policy, *after, adjudications=[judge])
    assert [plain(one) for one in again.decisions] == [plain(one) for one in outcome.decisions]
    same, _ = settle(policy, *before, adjudications=[judge])
    assert list(same.rules.values()) == ["adjudicator"]


@given(st.lists(readings(attributes=True), min_size=2, max_size=3), readings(attributes=True))
def test_settling_what_was_shown_settles_all(marked: list[str], settled: str) -> None:
    """An adjudicator who had every reading before them leaves nothing open, and a re-run changes nothing."""
    judge = adjudication("joy", settled, *marked)
    outcome, _ = settle("agree", *marked, adjudications=[judge])
    (record,) = outcome.records
    for name in ("events", "clusters", "links", "attributes"):
        bare = plain(getattr(judge.annotation, name))
        if name != "events":
            assert plain(getattr(record, name)) == bare
    assert [event.id for event in record.events] == [event.id for event in judge.annotation.events]
