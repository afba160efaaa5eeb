"""Raw answers read: what is as the page writes it becomes structs, and what becomes of it is the same either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checking_answers import check_pulled
from curate.answers import Head, mark_of, state_of
from curate.checking import Checked
from curate.judging import Context
from curate.labelstudio.pieces import Labels, Relation, Result, as_result, part, sent
from curate.labelstudio.reading_answers import read_answer, read_bare
from curate.labelstudio.writing import result_of
from event_schemas import CONFLICT_NEWS, SMALL_SCHEMA
from schema_readings import readings
from test_accepting import ALL, ARTICLE, CONTEXT
from test_reading import HIT, PIECES, STRIKES, TEXT, arrow
from test_round_trips import RESULTS


def answer(*results: Any, **more: Any) -> dict[str, Any]:
    """Give a task with an annotation for each result, by one person each."""
    moment = {"created_at": "2024-01-01", "updated_at": "2024-01-01"}
    data = {"article_id": "a", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    annotations = [
        {"id": number, "completed_by": number, **moment, "result": result, "unique_id": "x"}
        for number, result in enumerate(results, 1)
    ]
    return {"id": 7, "project": 3, "data": data, "annotations": annotations, "comment_count": 0, **more}


def written(value: Any) -> bytes:
    """Give the JSON text of a value, if it has one."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        assume(False)
        raise


SOUND = PIECES[:-2]
"""Pieces that are all as the page writes them."""


def checked(line: bytes, read: Callable[[bytes], dict[str, Any]], context: Context) -> Checked:
    """Check the one answer that stands in a line."""
    head = msgspec.json.decode(line, type=Head)
    return check_pulled(state_of([("here", head, mark_of(line))], lambda _: read(line)), context)


@given(st.lists(st.sampled_from(SOUND)) | RESULTS, st.sampled_from([frozenset(), ALL]))
def test_structs_and_plain_objects_come_to_the_same(result: Any, accepted: frozenset[str]) -> None:
    """Whether an answer can be read as structs makes no difference to what is made of it and found in it."""
    suggestion = {"id": 4, "model_version": "v1", "result": SOUND}
    line = written(answer(result, SOUND, predictions=[suggestion]))
    context = replace(CONTEXT, accepted=accepted)
    assert checked(line, read_answer, context) == checked(line, msgspec.json.decode, context)


def test_sound_pieces_are_read_as_structs() -> None:
    """So the test above compares two ways."""
    (read,) = read_answer(written(answer(SOUND)))["annotations"]
    assert not any(isinstance(piece, dict) for piece in read["result"].pieces)


def test_all_that_is_asked_of_an_answer_is_read() -> None:
    """Whatever a check goes by in a task or an annotation comes through, unless it is never asked for."""
    suggestion = {"id": 4, "model_version": "v1", "result": SOUND, "score": 1.0}
    told = answer([HIT], [HIT], predictions=[suggestion], marker="m", drafts=[], updated_at="2024-01-02")
    made = {"lead_time": 1.5, "updated_by": 9, "parent_annotation": 1, "parent_prediction": 4, "was_cancelled": False}
    told["annotations"][1] |= made
    read = read_answer(written(told))
    assert {key: read[key] for key in read if key not in ("annotations", "predictions")} == {
        key: told[key] for key in ("id", "project", "data", "marker", "drafts", "updated_at")
    }
    assert {key: one for key, one in read["annotations"][1].items() if key != "result"} == {
        key: one for key, one in told["annotations"][1].items() if key not in ("result", "unique_id")
    }
    found = checked(written(told), read_answer, CONTEXT)
    assert {"annotation-copied", "annotation-changed-by-another"} <= {one.code for one in found.findings}
    assert [(one.lead_time, one.suggestions) for one in found.annotations] == [(None, None), (1.5, "v1")]


@given(st.data(), st.sampled_from([SMALL_SCHEMA, CONFLICT_NEWS]))
def test_what_curate_writes_is_read_as_structs(data: st.DataObject, schema: Any) -> None:
    """Every piece that curate writes for a reading has the page's form, with no key that nothing reads."""
    pieces = result_of(data.draw(readings(schema)), schema)
    (read,) = read_answer(written(answer(pieces)))["annotations"]
    assert isinstance(read["result"], Result)
    assert read["result"] == as_result(pieces)
    assert not any(isinstance(piece, dict) for piece in read["result"].pieces)
    assert read["result"].strange == {}


@pytest.mark.parametrize(
    ("piece", "strange"),
    [
        (HIT | {"colour": 1}, ["colour"]),
        (HIT | {"value": HIT["value"] | {"globalOffsets": {}}, "colour": 1}, ["colour", "globalOffsets"]),
        (HIT | {"from_id": "b"}, ["from_id"]),
        (arrow("a", "b") | {"id": "c"}, ["id"]),
    ],
)
def test_keys_that_nothing_reads_are_noted(piece: dict[str, Any], strange: list[str]) -> None:
    """A piece with more keys than the page writes is read as any other, and the keys are told."""
    (read,) = read_answer(written(answer([STRIKES, piece])))["annotations"]
    result = as_result(read["result"])
    assert result.strange == {1: strange}
    assert type(result.pieces[1]) is (Relation if "value" not in piece else Labels)


def test_what_an_answer_lacks_stays_away() -> None:
    """Drafts, gone tasks and the marker are read as they were kept, and an annotation without a result has none."""
    for told in (
        {"drafts_of": 7, "drafts": [{"id": 1, "result": [HIT]}]},
        {"gone_tasks": [3]},
        {"marker": "curate"},
        {"id": 7, "annotations": [{"id": 1}]},
        {"id": 7, "annotations": "none"},
    ):
        assert read_answer(written(told)) == told


@given(RESULTS)
def test_a_bare_answer_says_the_same_but_for_the_work(result: Any) -> None:
    """It lacks the text and what was drawn, and where everything stands can be told from the rest."""
    line = written(answer(result, PIECES))
    whole, bare = msgspec.json.decode(line), read_bare(line)
    assert bare == {
        "id": whole["id"],
        "project": whole["project"],
        "data": {key: whole["data"][key] for key in ("article_id", "text_sha256")},
        "annotations": [
            {key: one[key] for key in ("id", "completed_by", "created_at", "updated_at")}
            for one in whole["annotations"]
        ],
    }
    odd = {"id": 7, "data": None, "annotations": [{"id": 1}]}
    assert read_bare(written(odd)) == odd


@pytest.mark.parametrize("piece", [HIT, STRIKES, arrow("a", "b"), PIECES[0]])
def test_a_piece_is_told_as_it_was_sent(piece: dict[str, Any]) -> None:
    """What a struct says under a key is what was sent there."""
    (read,) = as_result([piece]).pieces
    told = sent(read)
    assert {key: told[key] for key in piece if key != "value"} == {key: piece[key] for key in piece if key != "value"}
    for key, said in piece.get("value", {}).items():
        assert told["value"][key] == part(part(read, "value"), key) == said
