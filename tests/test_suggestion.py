"""What a suggester said becomes a reading; what can't be used is dropped with its reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.meaning import meaning_findings
from curate.records import Article
from curate.suggesters.suggestion import REASONS, Suggestion, read_suggestion
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

TEXT = "Rebels struck the base on Monday. The base burned. They struck again and warned of raids."
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))


def read(said: Any) -> Suggestion:
    return read_suggestion(said, ARTICLE, SMALL_SCHEMA)


def reasons(suggestion: Suggestion) -> Counter[str]:
    return Counter(one.reason for one in suggestion.dropped)


def ids(suggestion: Suggestion) -> list[str]:
    events = suggestion.reading.events
    return [name for event in events for name in (event.id, *(one.id for one in event.arguments))]


def test_offsets_quotes_and_markup_come_to_the_same() -> None:
    """Three ways to say one thing give one reading, with defaults filled in."""
    by_offsets = {
        "events": [
            {
                "type": "Attack",
                "trigger": {"start": 7, "end": 13, "text": "struck"},
                "attributes": {"modality": "hypothetical", "count": 2, "means": ["gun"], "day": None},
                "arguments": [{"role": "target", "start": 17, "end": 22, "attributes": {"certainty": "alleged"}}],
            }
        ]
    }
    by_quotes = [
        {
            "type": "Attack",
            "trigger": {"quote": "struck", "context": "Rebels struck"},
            "attributes": {"modality": "hypothetical", "count": 2, "means": ["gun"]},
            "arguments": [{"role": "target", "quote": "base", "attributes": {"certainty": "alleged"}}],
        }
    ]
    marked = TEXT.replace("struck the", "[struck](Attack#1{modality=hypothetical, count=2, means=gun}) the", 1)
    marked = marked.replace(" base", " [base](target>1{certainty=alleged})", 1)
    first = read(by_offsets)
    assert ids(first) == ["Attack@7-13", "Attack@7-13/target/18-22"]
    assert first.reading.events[0].attributes["means"] == ["gun"]
    assert [first, first] == [read(by_quotes), read(marked)]
    assert not first.dropped


def test_an_event_fills_the_role_that_is_said_of_its_trigger() -> None:
    """A role on another event's trigger is filled by that event, where the role takes it."""
    events = [
        {"type": "Threaten", "trigger": {"quote": "warned"}, "arguments": [{"role": "content", "quote": "raids"}]},
        {"type": "Attack", "trigger": {"quote": "raids"}},
    ]
    assert "Threaten@73-79/content/Attack@83-88" in ids(read(events))
    assert reasons(read(events[:1])) == {"filler-not-allowed": 1}


STRUCK = {"quote": "struck", "context": "They struck"}


@pytest.mark.parametrize(
    ("said", "dropped"),
    [
        (None, {}),
        ([], {}),
        (7, {"malformed": 1}),
        ({"event": []}, {"malformed": 1}),
        ([None, {"type": "Attack"}, {"type": [], "trigger": STRUCK}], {"malformed": 2, "type-unknown": 1}),
        (
            [{"type": "Raid", "trigger": STRUCK, "arguments": [{"role": "x"}, 5]}],
            {"type-unknown": 1, "event-dropped": 2},
        ),
        ([{"type": "Attack", "trigger": {"quote": "hit"}}], {"quote-not-in-text": 1}),
        ([{"type": "Attack", "trigger": {"quote": "struck"}}], {"quote-ambiguous": 1}),
        ([{"type": "Attack", "trigger": STRUCK}] * 10, {"repeated": 9}),
        ([{"type": "Attack", "trigger": {"start": 88, "end": 99}}], {"span-out-of-range": 1}),
        ([{"type": "Attack", "trigger": {"start": True, "end": 9}}], {"malformed": 1}),
        ([{"type": "Attack", "trigger": {"start": 6, "end": 7}}], {"span-empty": 1}),
        ([{"type": "Attack", "trigger": {"start": 0, "end": 6, "text": "rebels"}}], {"span-text-mismatch": 1}),
        (
            [{"type": "Attack", "trigger": STRUCK, "arguments": [{"role": "topic", "quote": "base"}]}],
            {"role-not-allowed": 1},
        ),
        (
            [{"type": "Attack", "trigger": STRUCK, "arguments": [{"role": "actor", "quote": "They"}] * 2}],
            {"repeated": 1},
        ),
        ([{"type": "Deploy", "trigger": STRUCK, "attributes": {"means": ["gun"]}}], {"attribute-not-applicable": 1}),
        (
            [{"type": "Attack", "trigger": STRUCK, "attributes": {"means": "gun", "day": "soon"}}],
            {"attribute-value": 2},
        ),
        ({"events": [], "score": "high"}, {"score": 1}),
        ("[struck](Attack#1", {"markup": 1}),
        ("Another text.", {"text-differs": 1}),
        (TEXT.replace("Rebels", "[Rebels](Nobody#1)"), {"markup": 1}),
    ],
)
def test_what_cannot_be_used_is_dropped_and_named(said: Any, dropped: dict[str, int]) -> None:
    """Each piece goes for its own reason, with what hangs on it; the rest stays."""
    assert reasons(read(said)) == dropped


def test_the_score_is_kept() -> None:
    """A number from 0 to 1 is how sure the suggester is."""
    assert read({"events": [], "score": 0.25}).score == 0.25
    assert read({"events": [], "score": 1}).score == 1.0


SPANS = st.one_of(
    st.fixed_dictionaries({"start": st.integers(-2, 95), "end": st.integers(-2, 95)}),
    st.fixed_dictionaries(
        {"quote": st.sampled_from(["struck", "base", "raids", "The base", "x", ""])},
        optional={"context": st.sampled_from(["They struck", "The base", "?"])},
    ),
)
LABELS = st.sampled_from([*SMALL_SCHEMA.event_types, *SMALL_SCHEMA.roles, "Nonsense"])
VALUES = st.dictionaries(
    st.sampled_from([*SMALL_SCHEMA.attributes, "nonsense"]), st.sampled_from(["asserted", 3, ["gun"], None, "2024"])
)
ARGUMENTS = st.builds(lambda span, role, values: {**span, "role": role, "attributes": values}, SPANS, LABELS, VALUES)
EVENTS = st.fixed_dictionaries(
    {"type": LABELS, "trigger": SPANS, "arguments": st.lists(ARGUMENTS, max_size=4), "attributes": VALUES}
)


@given(st.lists(EVENTS, max_size=5))
def test_what_is_kept_is_right_by_every_rule(said: list[dict[str, Any]]) -> None:
    """No reading comes out that our own checks would refuse, but for roles that people have yet to add."""
    suggestion = read(said)
    wrong = {one.code for one in meaning_findings(suggestion.reading, TEXT, SMALL_SCHEMA) if one.level == "error"}
    assert wrong <= {"role-missing"}
    assert set(reasons(suggestion)) <= set(REASONS)
    asked = sum(1 + len(one["arguments"]) for one in said)
    lost = [one for one in suggestion.dropped if not one.reason.startswith("attribute")]
    assert len(ids(suggestion)) + len(lost) == asked


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["events", "type", "trigger", "arguments", "quote", "start", "end", "role", "attributes", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    JSON
    | st.lists(JSON, max_size=2)
    | JSON.map(lambda inner: [{"type": "Attack", "trigger": STRUCK, "arguments": [inner]}])
)
def test_nothing_said_breaks_the_reading(said: Any) -> None:
    """Whatever a suggester says, it is read or dropped."""
    assert set(reasons(read(said))) <= set(REASONS)
