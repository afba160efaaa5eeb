"""What became of suggestions."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from checking_answers import check_all
from curate.acceptance import Begun, accepted
from curate.adjudication.composing import record_of
from curate.checking import Context
from curate.cli.suggesting import accepted_lines
from curate.labelstudio.suggestions import prediction_of, version_of
from curate.markup import parse, to_reading
from curate.records import Annotation, Article, Reading
from curate.suggesters.suggestion import read_suggestion
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

TEXT = "Rebels struck the base and warned of raids."
MARKED = "[Rebels](actor>1) [struck](Attack#1) the [base](target>1) and [warned](Threaten#2) of [raids](Attack#3)."
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))
VERSION = version_of("words@1", SMALL_SCHEMA)
SUGGESTED = json.loads(prediction_of(read_suggestion(MARKED, ARTICLE, SMALL_SCHEMA), ARTICLE, SMALL_SCHEMA)[0])[
    "result"
]


def drawn(identifier: str, label: str, words: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    entry = {"id": identifier, "type": "labels", "from_name": "label", "to_name": "text", "value": value}
    return {**entry, "origin": "manual", **more}


def submitted(number: int, result: list[dict[str, Any]], parent: int | None) -> dict[str, Any]:
    moment = f"2026-01-01T00:00:{number:02d}.000000Z"
    made = {"id": number, "completed_by": number, "was_cancelled": False, "created_at": moment, "updated_at": moment}
    return {**made, "lead_time": 1.0, "result": result, "parent_prediction": parent}


def read(*annotations: dict[str, Any]) -> list[Annotation]:
    """Check what several people submitted for the article, whose task has the suggestion."""
    prediction = {"id": 7, "model_version": VERSION, "result": SUGGESTED, "score": None}
    data = {"article_id": "a", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    task = {"id": 1, "data": data, "annotations": list(annotations), "predictions": [prediction]}
    context = Context(SMALL_SCHEMA, {SMALL_SCHEMA.stamp: SMALL_SCHEMA}, {"a": ARTICLE}, str, lambda *_: [])
    return sorted(check_all([task], context).annotations, key=lambda one: one.annotator)


AS_SUGGESTED = [{**entry, "origin": "prediction"} for entry in SUGGESTED]
CORRECTED = [
    *(entry for entry in AS_SUGGESTED if entry.get("id") not in ("a2", "t3")),
    drawn("x1", "target", "the base", parentID="t1"),
]
CORRECTED = [
    drawn("t2", "Deploy", "warned", origin="prediction-changed") if entry.get("id") == "t2" else entry
    for entry in CORRECTED
]


def test_kept_changed_removed_and_added() -> None:
    """Each suggested event and argument has one fate, under its type or role; what was added is counted beside."""
    readings = read(submitted(1, AS_SUGGESTED, 7), submitted(2, CORRECTED, 7))
    assert [one.suggestions for one in readings] == [VERSION, VERSION]
    assert readings[0].removed == []
    assert readings[1].removed == ["Attack@37-42", "Attack@7-13/target/18-22"]
    found = accepted(readings, lambda _: False).versions[VERSION]
    assert found.begun == Begun(readings=2, events=5, arguments=4)
    assert found.types == {
        "Attack": {"kept": 3, "changed": 0, "removed": 1, "added": 0},
        "Deploy": {"kept": 0, "changed": 1, "removed": 0, "added": 0},
        "Threaten": {"kept": 1, "changed": 0, "removed": 0, "added": 0},
    }
    assert found.roles == {
        "actor": {"kept": 2, "changed": 0, "removed": 0, "added": 0},
        "target": {"kept": 1, "changed": 0, "removed": 1, "added": 1},
    }


def test_what_nothing_was_suggested_for_stands_apart() -> None:
    """Readings begun from nothing are told by whether their article is held out."""
    reading = read(submitted(1, [drawn("t1", "Attack", "struck")], None))[0]
    assert reading.suggestions is None
    others = [reading, replace(reading, article_id="held"), replace(reading, article_id="held")]
    found = accepted(others, lambda name: name == "held")
    assert (found.versions, found.held_out, found.without) == ({}, Begun(2, 2, 0), Begun(1, 1, 0))


def test_each_version_is_told_with_its_own_readings() -> None:
    """What stands in the readings that were begun with a version stands under it, not after all of them."""
    readings = read(submitted(1, AS_SUGGESTED, 7), submitted(2, CORRECTED, 7))
    other = replace(readings[1], suggestions="words@0 small")
    lines = list(accepted_lines(accepted([readings[0], other], lambda _: False)))
    heads = [number for number, line in enumerate(lines) if line.startswith("suggested by")]
    assert len(heads) == 2
    assert lines[heads[1] - 1].startswith("  with suggestions: 1 reading, 2.0 events")
    assert lines[-1].startswith("  with suggestions: 1 reading, 3.0 events")


def test_a_record_says_what_its_readings_were_begun_from() -> None:
    """All that was shown is named; none, or what is gone by now, as well."""
    with_it, without = read(submitted(1, AS_SUGGESTED, 7), submitted(2, [drawn("t1", "Attack", "struck")], None))
    gone = read(submitted(1, AS_SUGGESTED, 99))[0]
    reading = Reading(events=[], clusters=[], links=[])

    def told(*readings: Annotation) -> str:
        return record_of(ARTICLE, reading, readings, SMALL_SCHEMA).provenance.suggestions

    assert told(with_it, without) == VERSION
    assert told(with_it, replace(with_it, suggestions="other")) == f"other, {VERSION}"
    assert told(without) == "none"
    assert told(gone, without) == "unknown"


def test_the_suggestion_is_what_it_was_made_of() -> None:
    """What the tests above begin from is the marked-up text."""
    assert read(submitted(1, AS_SUGGESTED, 7))[0].clusters == to_reading(parse(MARKED), SMALL_SCHEMA).clusters
