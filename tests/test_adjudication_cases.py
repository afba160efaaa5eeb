"""What is open goes to people in plain words, with letters for the annotators, and only what changed goes again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudicating import READERS, adjudication, annotation, article_of, readings, rule, settle
from curate.adjudication.conflicts import conflicts_of
from curate.adjudication.merging import merged_reading
from curate.adjudication.questions import reading_of
from curate.adjudication.settling import Case, adjudicate
from curate.labelstudio.cases import CaseTask, case_task, plan_cases, settled_task
from curate.labelstudio.reading import translate
from curate.labelstudio.results import CONFLICT
from curate.records import Finding, plain
from event_schemas import SMALL_SCHEMA

LETTERS = dict(zip(READERS, "ABCDE", strict=True))
FULL = "[Drones](actor>1) [hit](Attack#1) [the base](target>1). [Troops](actor>2) were [sent](Deploy#2)."


def case(*marked: str, policy: str = "agree", **more: Any) -> Case:
    return settle(policy, *marked, **more)[0].cases["a"]


def task(*marked: str, policy: str = "agree", order: Any = str) -> CaseTask:
    return case_task(case(*marked, policy=policy), order, SMALL_SCHEMA)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("They [hit](Attack#1) it.", "They hit it.", "A has Attack “hit”, B does not."),
        ("They [hit](Attack#1) it.", "They [hit](Deploy#1) it.", "On “hit”: A has Attack, B has Deploy."),
        ("They [hit](Attack#1) it.", "[They hit](Attack#1) it.", "Attack: A marks “hit”, B marks “They hit”."),
        (
            "[They](actor>1) [hit](Attack#1) it.",
            "They [hit](Attack#1) it.",
            "A has actor “They” in Attack “hit”, B does not.",
        ),
        (
            "[They](actor>1) [hit](Attack#1) it.",
            "[They](place>1) [hit](Attack#1) it.",
            "On “They” in Attack “hit”: A has actor, B has place.",
        ),
        (
            "They [hit](Attack#1) it.",
            "They [hit](Attack#1{modality=hypothetical}) it.",
            "modality of Attack “hit”: A says asserted, B says hypothetical.",
        ),
        (
            "They [hit](Attack#1) it.",
            "They [hit](Attack#1{means=gun|drone}) it.",
            "means of Attack “hit”: A says nothing, B says drone, gun.",
        ),
        (
            "They hit it.{{relevance=irrelevant}}",
            "They hit it.",
            "relevance of the article: A says irrelevant, B says relevant.",
        ),
        (
            "[Hit](Attack#1) and [hit](Attack#2).{{same_event 2=1}}",
            "[Hit](Attack#1) and [hit](Attack#2).",
            "A has Attack “Hit” and Attack “hit” as one event, B does not.",
        ),
        (
            "[Hit](Attack#1), they [came](Deploy#2).",
            "[Hit](Attack#1), they [came](Deploy#2).{{response_to 2>1}}",
            "B has Deploy “came” response_to Attack “Hit”, A does not.",
        ),
    ],
)
def test_a_difference_in_plain_words(first: str, second: str, told: str) -> None:
    """Each kind of difference is one sentence that says who says what."""
    (conflict,) = conflicts_of(case(first, second), LETTERS)
    assert conflict.plain == told


def test_three_readings() -> None:
    """Several who say the same are named together; words that come again are told by what is around them."""
    (conflict,) = conflicts_of(case("He [hit](Attack#1), she hit.", "He hit, she hit.", "He hit, she hit."), LETTERS)
    assert conflict.plain == "A has Attack “hit” (in “hit, she”), B and C do not."


def test_what_hangs_on_an_event_goes_with_it() -> None:
    """An event only one has is one question, not one for each of its arguments and links."""
    less = "Drones hit the base. [Troops](actor>1) were [sent](Deploy#1)."
    (conflict,) = conflicts_of(case(FULL + "{{response_to 2>1}}", less), LETTERS)
    assert conflict.plain == "A has Attack “hit”, B does not."


def test_markdown_is_safe() -> None:
    """Words of the article stand as code, so that none of them is read as mark-up or HTML."""
    (conflict,) = conflicts_of(case("[*`<b>`*](Attack#1) it.", "*`<b>`* it."), LETTERS)
    assert conflict.markdown == "A has Attack `*'<b>'*`, B does not."


def test_what_a_rule_says_is_safe_markdown() -> None:
    """What would be wrong with the start is told in one line, whatever words of the article stand in it."""
    found = case("[They](actor>1) [hit](Attack#1) it.", "They hit it.")
    bad = Finding(code="any", level="error", place="x", message="<b>no</b>\n\n1. [click](http://x) *it*.")
    message = case_task(replace(found, wrong=[bad]), str, SMALL_SCHEMA).message
    assert message.splitlines()[-1] == (
        "2. As it stands this would be wrong: \\<b\\>no\\</b\\> 1. \\[click\\](http://x) \\*it\\*."
    )


def test_a_task_shows_start_and_readings() -> None:
    """The start comes last, conflicts are on its spans and above the text, nobody's name is anywhere."""
    made = task("[They](actor>1) [hit](Attack#1) it.", "They [hit](Deploy#1) it.")
    assert [one["model_version"] for one in made.predictions] == ["reading A", "reading B", "merged"]
    assert made.open == 2
    assert made.message.splitlines()[2:] == [
        "1. On `hit`: A has Attack, B has Deploy.",
        "2. A has actor `They` in Attack `hit`, B does not.",
    ]
    told = {
        entry["value"]["labels"][0]: entry["meta"]["text"]
        for entry in made.predictions[-1]["result"]
        if entry.get("meta")
    }
    assert told == {
        "Attack": [f"{CONFLICT}On “hit”: A has Attack, B has Deploy."],
        "actor": [f"{CONFLICT}A has actor “They” in Attack “hit”, B does not."],
    }
    assert made.statements == ["Attack@5-8", "Attack@5-8/actor/0-4", "Deploy@5-8"]
    assert not any(name in json.dumps([made.message, made.predictions]) for name in READERS)


def test_conflict_lines_are_no_notes() -> None:
    """What curate wrote on a span comes back as nothing; what the adjudicator adds to it is a note."""
    made = task("[They](actor>1) [hit](Attack#1) it.", "They [hit](Deploy#1) it.")
    result = [{**entry, "origin": "prediction"} for entry in made.predictions[-1]["result"]]
    read = translate(result, made.article, SMALL_SCHEMA)
    assert (read.problems, read.notes) == ([], [])
    next(entry for entry in result if entry.get("meta"))["meta"]["text"].append("Unclear.")
    assert [note.text for note in translate(result, made.article, SMALL_SCHEMA).notes] == ["Unclear."]


@given(st.lists(readings(attributes=True), min_size=2, max_size=4), st.sampled_from(["agree", "majority", "union"]))
def test_a_start_can_be_submitted(marked: list[str], policy: str) -> None:
    """Whatever is open, the start is written and read back without a fault, and every question is on a span."""
    outcome, _ = settle(policy, *marked)
    for one in outcome.cases.values():
        made = case_task(one, str, SMALL_SCHEMA)
        result = [{**entry, "origin": "prediction"} for entry in made.predictions[-1]["result"]]
        read = translate(result, made.article, SMALL_SCHEMA)
        codes = {problem.code for problem in read.problems}
        assert codes <= {"event-attribute-conflict"}
        merged = merged_reading(one.question, SMALL_SCHEMA)
        assert {event.id for event in read.reading.events} == {event.id for event in merged.events}
        assert made.open > 0


@given(st.lists(readings(attributes=True), min_size=2, max_size=3), st.randoms())
def test_a_case_is_the_same_for_anybody(marked: list[str], random: Any) -> None:
    """With letters given by reading, other annotators' names change nothing of a task."""
    names = random.sample(READERS, len(marked))
    article = article_of(marked[0])
    told = []
    for readers in (READERS, names):
        annotations = [annotation(who, one) for who, one in zip(readers, marked, strict=False)]
        outcome = adjudicate({"a": article}, annotations, SMALL_SCHEMA, rule("agree"), lambda _: 2)
        place = {who: number for number, who in enumerate(readers)}
        told.append([case_task(one, lambda who: str(place[who]), SMALL_SCHEMA) for one in outcome.cases.values()])  # noqa: B023
    assert told[0] == told[1]


def server_task(number: int, made: CaseTask, *submitted: str, **known: Any) -> dict[str, Any]:
    predictions = [{"id": 1, "score": None, **one} for one in made.predictions]
    return {"id": number, "data": made.data(known, []), "submitted": list(submitted), "predictions": predictions}


SETTINGS = {"title": "Events · adjudication", "model_version": "merged"}


def test_pushing_again_plans_nothing() -> None:
    """A task that is as it should be is kept; without a project it is made first, and not for nothing."""
    made = task("They [hit](Attack#1) it.", "They hit it.")
    plan = plan_cases([made], [], None, [], SETTINGS)
    assert [step.action for step in plan.steps] == ["create", "create"]
    project = {"id": 5, **SETTINGS}
    again = plan_cases([made], [], project, [server_task(9, made)], SETTINGS)
    assert (again.changes, again.keep) == (0, 1)
    assert plan_cases([], [], None, [], SETTINGS).changes == 0


def test_what_changed_goes_again() -> None:
    """Other readings refresh the task; what is new counts as unseen by who has submitted already."""
    before = task("They [hit](Attack#1) it.", "They hit it.")
    after = task("[They](actor>1) [hit](Attack#1) it.", "They hit it.")
    project = {"id": 5, **SETTINGS}
    (_, _, data, reason) = plan_cases([after], [], project, [server_task(9, before)], SETTINGS).update[0]
    assert (len(data["shown"]), reason) == (1, "1 thing to settle")
    (_, _, data, _) = plan_cases([after], [], project, [server_task(9, before, "2026-01-01")], SETTINGS).update[0]
    assert data["shown"][1] == {"after": "2026-01-01", "statements": ["Attack@5-8/actor/0-4"]}


def test_a_prediction_that_is_there_twice_or_not_at_all_is_put_right() -> None:
    """Whatever the data say; nobody is asked again for it, and predictions of others are not ours to count."""
    made = task("They [hit](Attack#1) it.", "They hit it.")
    project = {"id": 5, **SETTINGS}
    right = server_task(9, made, "2026-01-01")
    first, *others = right["predictions"]
    for there in ([first, first, *others], others, [{**first, "result": []}, *others]):
        [(_, _, data, _)] = plan_cases([made], [], project, [{**right, "predictions": there}], SETTINGS).update
        assert data == right["data"]
    foreign = {"model_version": "elsewhere", "result": []}
    assert plan_cases([made], [], project, [{**right, "predictions": [*right["predictions"], foreign]}], SETTINGS).keep


def test_what_is_settled_by_now_is_told() -> None:
    """A task nobody has worked on is told that nothing is left; one that somebody settled is left alone."""
    made = task("They [hit](Attack#1) it.", "They hit it.")
    (record,) = settle("agree", "They hit it.", "They hit it.")[0].records
    done = settled_task(record, made.article, SMALL_SCHEMA)
    project = {"id": 5, **SETTINGS}
    plan = plan_cases([], [done], project, [server_task(9, made)], SETTINGS)
    assert [step.reason for step in plan.steps] == ["settled by now"]
    assert plan_cases([], [done], project, [server_task(9, made, "2026-01-01")], SETTINGS).changes == 0
    assert plan_cases([], [done], project, [server_task(9, done)], SETTINGS).changes == 0


def test_only_what_is_new_is_asked_again() -> None:
    """After an adjudication the start is what was settled, and the questions are those that came up since."""
    settled = adjudication("joy", "They [hit](Attack#1) it.", "They [hit](Attack#1) it.", "They hit it.")
    again = case("[They](actor>1) [hit](Attack#1) it.", "They hit it.", adjudications=[settled])
    made = case_task(again, str, SMALL_SCHEMA)
    assert "since this was settled" in made.message
    assert [one.plain for one in conflicts_of(again, LETTERS)] == ["A has actor “They” in Attack “hit”, B does not."]
    merged = merged_reading(again.question, SMALL_SCHEMA)
    assert [event.id for event in merged.events] == ["Attack@5-8"]


def test_a_start_is_what_all_say_where_they_agree() -> None:
    """Readings that say the same are their own start."""
    one = annotation("ana", FULL)
    question = case(FULL, FULL + "{{response_to 2>1}}").question
    merged = merged_reading(question, SMALL_SCHEMA)
    assert [event.id for event in merged.events] == [event.id for event in reading_of(one).events]
    assert [plain(link)["type"] for link in merged.links] == ["response_to"]
