"""Checking records and annotations: every code by what breaks just that, and nothing on what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.meaning import meaning_findings
from curate.records import Annotation, Article, Reading, Record
from curate.schema.compiling import annotation_schema, record_schema
from curate.shapes import compile_validator, shape_errors, shape_findings
from curate.spans import is_wordless
from curate.validation import check_annotation, check_record
from small_schema import (
    SCHEMA,
    SENT,
    STRIKE,
    STRUCK,
    TEXT,
    THREAT,
    annotation,
    argument,
    event,
    record,
)

VALIDATOR = compile_validator(record_schema(SCHEMA))
ANNOTATION_VALIDATOR = compile_validator(annotation_schema(SCHEMA))
ARTICLE = Article(id="a1", text=TEXT, text_sha256=record()["text_sha256"])
MOVED = "Deploy@92-97"

Change = Callable[[dict[str, Any]], object]


def renamed(instance: Any, old: str, new: str) -> Any:
    """Copy a value with an id replaced wherever it stands."""
    if isinstance(instance, dict):
        return {key: renamed(value, old, new) for key, value in instance.items()}
    if isinstance(instance, list):
        return [renamed(value, old, new) for value in instance]
    return instance.replace(old, new) if isinstance(instance, str) else instance


def add_move(instance: dict[str, Any], cluster: bool = True) -> None:
    """Add a second Deploy, alone in its cluster."""
    instance["events"].append(event("Deploy", "ships"))
    if cluster:
        instance["clusters"].append({"id": MOVED, "events": [MOVED], "attributes": {"verification": "reported"}})


def out_of_range(instance: dict[str, Any]) -> None:
    """Let a trigger end behind the text, with ids to match."""
    instance["events"][3]["trigger"]["end"] = 999
    instance.update(renamed(instance, SENT, "Deploy@81-999"))


def set_link(kind: str, *ends: tuple[str, str]) -> Change:
    """Put links of one kind in place of those that are there."""
    return lambda r: r.update(links=[{"type": kind, "source": a, "target": b} for a, b in ends])


def trim_less(instance: dict[str, Any]) -> None:
    """Let an argument begin with the space before it."""
    owner = instance["events"][0]
    owner["arguments"][0] = argument(owner["id"], "target", " the base")


def with_own_argument(instance: dict[str, Any]) -> None:
    """Let a threat be its own content."""
    instance["events"][2]["arguments"][1] = argument(THREAT, "content", THREAT)


def members(*clusters: list[str]) -> Change:
    """Divide the events into other clusters."""
    return lambda r: r.update(
        clusters=[
            {"id": c[0], "events": c, "attributes": {"verification": None if c[0] == THREAT else "reported"}}
            for c in clusters
        ]
    )


CASES: list[tuple[str, str, str, Change]] = [
    ("text-hash-mismatch", "error", "$.text_sha256", lambda r: r.update(text_sha256="0" * 64)),
    ("span-out-of-range", "error", "$.events[3].trigger", out_of_range),
    (
        "span-text-mismatch",
        "error",
        "$.events[0].trigger",
        lambda r: r["events"][0]["trigger"].update(text="strike"),
    ),
    (
        "span-text-mismatch",
        "error",
        "$.events[0].arguments[0]",
        lambda r: r["events"][0]["arguments"][0].update(text="base"),
    ),
    ("span-edge-space", "warning", "$.events[0].arguments[0]", trim_less),
    (
        "duplicate-id",
        "error",
        "$.events[1].arguments[1]",
        lambda r: r["events"][1]["arguments"].append(r["events"][1]["arguments"][0]),
    ),
    ("duplicate-id", "error", "$.events[4]", lambda r: r["events"].append(r["events"][3])),
    ("duplicate-id", "error", "$.links[1]", lambda r: r["links"].append(r["links"][0])),
    ("duplicate-id", "error", "$.links[1]", set_link("near", (STRUCK, SENT), (SENT, STRUCK))),
    ("reference-unknown", "error", "$.links[0].target", set_link("response_to", (SENT, "Attack@1-2"))),
    (
        "reference-unknown",
        "error",
        "$.clusters[2].events[1]",
        lambda r: r["clusters"][2]["events"].append("Deploy@98-99"),
    ),
    (
        "reference-unknown",
        "error",
        "$.events[2].arguments[1].event_id",
        lambda r: r["events"][2]["arguments"].__setitem__(1, argument(THREAT, "content", "Attack@1-2")),
    ),
    ("id-mismatch", "error", "$.events[3].id", lambda r: r.update(renamed(r, SENT, "Deploy@81-86"))),
    (
        "id-mismatch",
        "error",
        "$.events[0].arguments[0].id",
        lambda r: r["events"][0]["arguments"][0].update(id="1"),
    ),
    ("id-mismatch", "error", "$.clusters[0].id", lambda r: r["clusters"][0].update(id=STRIKE)),
    ("cluster-membership", "error", "$.events[4]", lambda r: add_move(r, cluster=False)),
    ("cluster-membership", "error", "$.events[1]", members([STRUCK, STRIKE], [STRIKE], [THREAT], [SENT])),
    ("cluster-types", "error", "$.clusters[0]", members([STRUCK, STRIKE, SENT], [THREAT])),
    ("link-types", "error", "$.links[0]", set_link("response_to", (STRUCK, SENT))),
    ("link-self", "error", "$.links[0]", set_link("part_of", (STRUCK, STRUCK))),
    ("argument-self", "error", "$.events[2].arguments[1]", with_own_argument),
    (
        "link-cycle",
        "error",
        "$.links[2]",
        set_link("part_of", (SENT, STRUCK), (STRUCK, THREAT), (THREAT, SENT)),
    ),
    ("link-cycle", "error", "$.links[1]", set_link("part_of", (SENT, STRUCK), (STRIKE, SENT))),
    ("link-cycle", "error", "$.links[0]", set_link("part_of", (STRIKE, STRUCK))),
    ("role-missing", "warning", "$.events[1]", lambda r: r["events"][1].update(arguments=[])),
    ("role-missing", "error", "$.events[2]", lambda r: r["events"][2]["arguments"].pop(0)),
    (
        "role-maximum",
        "error",
        "$.events[0]",
        lambda r: r["events"][0]["arguments"].append(argument(STRUCK, "time", "Drones")),
    ),
    ("shape", "error", "$.title", lambda r: r.update(title=3)),
]


@pytest.mark.parametrize(("code", "level", "place", "change"), CASES)
def test_code(code: str, level: str, place: str, change: Change) -> None:
    """What breaks one rule is that one finding, at its place and of its level, about the article."""
    instance = record()
    change(instance)
    findings = check_record(instance, SCHEMA, VALIDATOR)
    assert [(f.code, f.level, f.place, f.article_id) for f in findings] == [(code, level, place, "a1")]


def test_clean() -> None:
    """A record and an annotation that are right have no findings, as data types or as plain values."""
    assert check_record(record(), SCHEMA, VALIDATOR) == []
    assert check_record(msgspec.convert(record(), Record), SCHEMA, VALIDATOR) == []
    assert check_annotation(annotation(), ARTICLE, SCHEMA, ANNOTATION_VALIDATOR) == []
    made = msgspec.convert(annotation(), Annotation)
    assert check_annotation(made, ARTICLE, SCHEMA, ANNOTATION_VALIDATOR) == []


@pytest.mark.parametrize("ends", [[(STRUCK, SENT), (SENT, THREAT)], [(STRUCK, SENT), (THREAT, SENT)]])
def test_no_cycle(ends: list[tuple[str, str]]) -> None:
    """Links that don't lead back are no cycle, whichever way they point."""
    instance = record()
    set_link("part_of", *ends)(instance)
    assert check_record(instance, SCHEMA, VALIDATOR) == []


def test_annotation_finding() -> None:
    """A finding about an annotation says whose it is and of which article."""
    instance = annotation()
    instance["events"][0]["trigger"]["text"] = "hit"
    (finding,) = check_annotation(instance, ARTICLE, SCHEMA, ANNOTATION_VALIDATOR)
    assert (finding.code, finding.article_id, finding.annotation_id, finding.annotator) == (
        "span-text-mismatch",
        "a1",
        "41",
        "p1",
    )


@given(st.integers(0, len(TEXT) + 3), st.integers(0, len(TEXT) + 3))
@settings(deadline=None)
def test_only_true_slices_pass(start: int, end: int) -> None:
    """A span is right exactly if it is a slice of the text that holds a word, without white space at its ends."""
    instance = record()
    words = TEXT[start:end] or "x"
    owner = instance["events"][1]
    place = {"start": start, "end": end, "text": words, "id": f"{owner['id']}/target/{start}-{end}"}
    owner["arguments"][0] |= place
    codes = {finding.code for finding in check_record(instance, SCHEMA, VALIDATOR)}
    if not start < end <= len(TEXT):
        assert codes == {"span-out-of-range"}
    else:
        edge = set() if words.strip() == words else {"span-edge-space"}
        assert codes == ({"span-without-words"} if is_wordless(words) else edge)


MESSAGES: list[tuple[str, str, Change]] = [
    (
        "$.events[0].arguments[0].role",
        "'speaker' is not a role of Attack; one of target, time",
        lambda r: r["events"][0]["arguments"][0].update(
            role="speaker", attributes={"certainty": "stated", "count": None}
        ),
    ),
    (
        "$.events[0].arguments[0].event_id",
        "role 'target' of Attack is filled by a span, not by an event",
        lambda r: r["events"][0]["arguments"][0].update(start=None, end=None, text=None, event_id=STRIKE),
    ),
    (
        "$.events[2].arguments[1].event_id",
        "role 'content' of Threaten takes no 'Deploy@81-85'; events of type Attack, Threaten",
        lambda r: r["events"][2]["arguments"][1].update(event_id=SENT),
    ),
    (
        "$.events[3].arguments",
        "Deploy has no roles, so it takes no arguments",
        lambda r: r["events"][3]["arguments"].append(argument(SENT, "time", "Monday")),
    ),
    (
        "$.events[2].attributes.means",
        "attribute 'means' is not asked of Threaten and must be null",
        lambda r: r["events"][2]["attributes"].update(means=["gun"]),
    ),
    (
        "$.events[0].attributes.modality",
        "attribute 'modality' has a default, so it can't be null",
        lambda r: r["events"][0]["attributes"].update(modality=None),
    ),
    (
        "$.events[0].attributes.modality",
        "'perhaps' is not one of asserted, hypothetical",
        lambda r: r["events"][0]["attributes"].update(modality="perhaps"),
    ),
    (
        "$.events[0].attributes.means[0]",
        "'tank' is not one of drone, gun",
        lambda r: r["events"][0]["attributes"].update(means=["tank"]),
    ),
    ("$.clusters[0].events", "the list is empty", lambda r: r["clusters"][0].update(events=[])),
    ("$.title", "3 is not text or null", lambda r: r.update(title=3)),
    ("$", "unknown key 'a b'", lambda r: r.update({"a b": 1})),
    ("$.provenance", "key 'split_group' is missing", lambda r: r["provenance"].pop("split_group")),
    ("$.events[0].trigger.start", "-1 is too small", lambda r: r["events"][0]["trigger"].update(start=-1)),
    ("$.text_sha256", "'x' does not have the form ^[0-9a-f]{64}$", lambda r: r.update(text_sha256="x")),
]


@pytest.mark.parametrize(("place", "message", "change"), MESSAGES)
def test_shape_message(place: str, message: str, change: Change) -> None:
    """A wrong shape is told in the words of the record, at its place."""
    instance = record()
    change(instance)
    assert shape_errors(VALIDATOR, instance) == [(place, message)]


def test_shape_errors_are_in_order() -> None:
    """Errors come by path, positions as numbers, and hide the checks of meaning."""
    instance = record()
    instance["events"] = instance["events"] * 3
    for index in (10, 2):
        instance["events"][index] = {**instance["events"][index], "type": "Boom"}
    places = [place for place, _ in shape_errors(VALIDATOR, instance)]
    assert places == ["$.events[2].type", "$.events[10].type"]
    findings = check_record(instance, SCHEMA, VALIDATOR)
    assert findings == [msgspec.structs.replace(f, article_id="a1") for f in shape_findings(instance, VALIDATOR)]
    assert {finding.code for finding in findings} == {"shape"}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda i: (
            st.lists(i)
            | st.dictionaries(
                st.sampled_from(["id", "events", "attributes", "role", "type", "arguments", "event_id", "links"]),
                i,
            )
        ),
    )
)
@settings(deadline=None, max_examples=300)
def test_any_shape_is_told(value: object) -> None:
    """Whatever stands in a record, its shape is judged without a crash."""
    for key in ("events", "clusters", "attributes"):
        instance = record() | {key: value}
        assert all(message for _, message in shape_errors(VALIDATOR, instance))
    instance = record()
    instance["events"][0] = value
    assert shape_errors(VALIDATOR, instance)
    instance = record()
    instance["events"][0]["arguments"] = [value]
    assert shape_errors(VALIDATOR, instance)


def test_meaning_alone() -> None:
    """The checks of meaning can be run over a reading with its text alone."""
    reading = msgspec.convert({key: record()[key] for key in ("events", "clusters", "links")}, Reading)
    assert meaning_findings(reading, TEXT, SCHEMA) == []
