"""Readings become records by exact keys; the books account for every accepted item."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.adjudication import Outcome, adjudicate, item_fates
from curate.books import release_balance
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Annotation, Article, Finding, plain
from curate.schema.compiling import record_schema
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_record
from event_schemas import SMALL_SCHEMA

VALIDATOR = compile_validator(record_schema(SMALL_SCHEMA))


def annotation(who: str, marked: str, article_id: str = "a") -> Annotation:
    """Make the accepted annotation that somebody who marked up the text so would have made."""
    parsed = parse(marked)
    article = Article(id=article_id, text=parsed.text, text_sha256=text_sha256(parsed.text))
    made = translate(result_of(to_reading(parsed, SMALL_SCHEMA), SMALL_SCHEMA), article, SMALL_SCHEMA)
    assert made.problems == []
    return Annotation(
        id=f"{article_id}-{who}",
        task_id=1,
        article_id=article_id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=SMALL_SCHEMA.stamp,
        created_at="",
        updated_at="",
        lead_time=None,
        events=made.reading.events,
        clusters=made.reading.clusters,
        links=made.reading.links,
        attributes=made.reading.attributes,
        items=made.items,
        notes=[],
    )


def settle(policy: str, *readings: str, overlap: int = 2) -> tuple[Outcome, Counter[str]]:
    """Adjudicate readings by `ana`, `ben`, ... and check that every record is valid and the books balance."""
    text = parse(readings[0]).text
    article = Article(id="a", text=text, text_sha256=text_sha256(text))
    annotations = [annotation(who, marked) for who, marked in zip(("ana", "ben", "cem"), readings, strict=False)]
    outcome = adjudicate({"a": article}, annotations, SMALL_SCHEMA, policy, overlap)
    for record in outcome.records:
        findings = check_record(record, SMALL_SCHEMA, VALIDATOR)
        assert [found for found in findings if found.level == "error"] == []
    fates = item_fates(annotations, outcome.records, {"a"}, SMALL_SCHEMA)
    release_balance(fates, sum(len(one.items) for one in annotations))
    return outcome, Counter(fates.values())


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
    outcome = adjudicate({"a": article}, readings, SMALL_SCHEMA, "intersection", 2, lambda _: [wrong])
    assert outcome.open == {"a": "intersection gives role-missing at $.events[0]"}
    assert {decision.chosen for decision in outcome.decisions} == {None}


@st.composite
def readings(draw: st.DrawFn) -> str:
    """Mark up one fixed text at random: some triggers, arguments between them, clusters, links, values."""
    kept = draw(st.sets(st.integers(1, 4)))
    words = []
    for number in range(1, 5):
        if number not in kept:
            words.append(f"who{number} w{number}")
            continue
        who = f"[who{number}](actor>{number})" if draw(st.booleans()) else f"who{number}"
        words.append(f"{who} [w{number}](Attack#{number})")
    pairs = [(a, b) for a in sorted(kept) for b in sorted(kept) if a < b]
    joined = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    near = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    links = [f"same_event {b}={a}" for a, b in sorted(joined)] + [f"near {a}>{b}" for a, b in sorted(near)]
    return " ".join(words) + ("{{" + "; ".join(links) + "}}" if links else "")


@given(
    st.lists(readings(), min_size=2, max_size=3),
    st.sampled_from(["agree", "intersection", "union", "annotator:ana"]),
)
def test_records_are_valid_and_the_books_balance(marked: list[str], policy: str) -> None:
    """Whatever the readings, records are valid, items accounted for, and the order of readings is no matter."""
    outcome, _ = settle(policy, *marked)
    if policy == "intersection":
        every = [{event.id for event in annotation(str(n), one).events} for n, one in enumerate(marked)]
        assert {event.id for event in outcome.records[0].events} == set.intersection(*every)
    if policy == "union":
        every = [{event.id for event in annotation(str(n), one).events} for n, one in enumerate(marked)]
        assert {event.id for event in outcome.records[0].events} == set.union(*every)
    if policy in ("intersection", "union"):
        turned, _ = settle(policy, *reversed(marked))
        assert plain(turned.records[0].events) == plain(outcome.records[0].events)
        assert turned.records[0].clusters == outcome.records[0].clusters
        assert turned.records[0].links == outcome.records[0].links
