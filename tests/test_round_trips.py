"""Between an annotation and the page nothing is lost, and whatever a result holds, it is read and balances.

CURATE_EXAMPLES=50000 tries as many examples of each.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checking_answers import check_all
from curate.labelstudio.reading import Translation, translate
from curate.labelstudio.writing import result_of, stamp_result
from curate.records import Article, Reading, json_lines, plain
from curate.text import text_sha256
from event_schemas import CONFLICT_NEWS, SMALL_SCHEMA
from schema_readings import TEXT, readings
from test_accepting import ALL, ARTICLE, CONTEXT
from test_reading import PIECES
from test_reading import TEXT as WORDS

EXAMPLES = int(os.environ.get("CURATE_EXAMPLES", "0"))
DRAWN = Article(id="a1", text=TEXT, text_sha256=text_sha256(TEXT))


def many(number: int) -> settings:
    return settings(max_examples=EXAMPLES or number)


def bare(reading: Reading) -> dict[str, Any]:
    """Give a reading without origins and ways of attachment."""
    told: dict[str, Any] = plain(reading)
    for event in told["events"]:
        for one in (event, *event["arguments"]):
            one.pop("origin", None)
            one.pop("attached_by", None)
    return told


@many(60)
@given(st.data(), st.sampled_from([SMALL_SCHEMA, CONFLICT_NEWS]))
def test_an_annotation_comes_back_from_the_page(data: st.DataObject, schema: Any) -> None:
    """A reading that was read from a page, written as one and read again, is the same in all but what pages make up."""
    first = translate(result_of(data.draw(readings(schema)), schema), DRAWN, schema)
    again = translate(result_of(first.reading, schema), DRAWN, schema)
    assert [problem for problem in again.problems if problem.code != "span-cuts-word"] == []
    assert bare(again.reading) == bare(first.reading)
    said = [sorted(state for item in read.items for state in item.states) for read in (first, again)]
    assert said[0] == said[1]


def shuffled(pieces: list[Any], order: list[int]) -> list[Any]:
    """Put the pieces into another order that keeps the regions in theirs."""
    places = sorted(range(len(pieces)), key=lambda place: (order[place % len(order)], place))
    regions = iter([piece for piece in pieces if _is_region(piece)])
    return [next(regions) if _is_region(pieces[place]) else pieces[place] for place in places]


def _states(read: Translation) -> list[tuple[str, list[str]]]:
    """Give what the items state; those alike are numbered in the order of the result."""
    return sorted((item.kind, item.states) for item in read.items)


def _is_region(piece: Any) -> bool:
    return isinstance(piece, dict) and piece.get("from_name") == "label"


ORDERS = st.lists(st.integers(0, 100), min_size=1, max_size=20)


@many(60)
@given(st.data(), ORDERS)
def test_only_the_drawing_order_counts(data: st.DataObject, order: list[int]) -> None:
    """Triggers and arguments in the order they were drawn, and all else anywhere between, read the same."""
    result = result_of(data.draw(readings(CONFLICT_NEWS)), CONFLICT_NEWS)
    result = [{key: part for key, part in piece.items() if key != "parentID" or order[0] % 2} for piece in result]
    one, other = (translate(said, DRAWN, CONFLICT_NEWS) for said in (result, shuffled(result, order)))
    assert plain(one.reading) == plain(other.reading)
    assert sorted(problem.code for problem in one.problems) == sorted(problem.code for problem in other.problems)
    assert _states(one) == _states(other)


@many(60)
@given(st.lists(st.sampled_from([piece for piece in PIECES if piece]), max_size=12, unique_by=str), ORDERS)
def test_only_the_drawing_order_counts_for_what_is_wrong(pieces: list[Any], order: list[int]) -> None:
    """The same of pieces that fit each other or don't: each is found wrong, or right, wherever it stands."""
    article = Article(id="a", text=WORDS, text_sha256=text_sha256(WORDS))
    one, other = (translate(said, article, SMALL_SCHEMA) for said in (pieces, shuffled(pieces, order)))
    assert plain(one.reading) == plain(other.reading)
    assert sorted(problem.code for problem in one.problems) == sorted(problem.code for problem in other.problems)


HALVES = st.text(st.characters(), max_size=4) | st.sampled_from(["\ud800", "a\udfff", "\x00"])
SCALARS = st.none() | st.booleans() | st.integers(-5, 200) | st.integers() | st.floats() | HALVES
ANY = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HALVES, inner, max_size=4))
NAMES = st.sampled_from(
    ["label", "note", "schema", "modality", "count", "means", "day", "certainty", "relevance", "verification",
     "disagreement", "article_disagreement", "text", "labels", "choices", "textarea", "number", "relation", "right",
     "bi", "left", "Attack", "Deploy", "Threaten", "actor", "target", "content", "topic", "near", "response_to",
     "same_event", "manual", "prediction", "hypothetical", "claimed", "2024-05", "a", "b", "c", "small@1.0.0#x",
     SMALL_SCHEMA.stamp]
)  # fmt: skip
PARTS = NAMES | st.integers(-3, len(WORDS) + 3) | st.lists(NAMES, max_size=2) | SCALARS
VALUES = st.dictionaries(
    st.sampled_from(["start", "end", "text", "labels", "choices", "number", "taxonomy"]), PARTS, max_size=5
)
LIKELY = st.dictionaries(
    st.sampled_from(["id", "type", "from_name", "to_name", "origin", "parentID", "from_id", "to_id", "direction",
                     "labels", "meta", "colour"]),
    PARTS | ANY,
    max_size=8,
)  # fmt: skip


@st.composite
def likely(draw: st.DrawFn) -> Any:
    """Draw what looks like a piece of a result, sound or nearly."""
    kind = draw(st.integers(0, 3))
    value = draw(VALUES | ANY)
    if kind == 0:
        start = draw(st.integers(0, len(WORDS) - 1))
        end = draw(st.integers(start, min(start + 12, len(WORDS))))
        span = {"start": start, "end": end, "text": WORDS[start:end]}
        value = span | {"labels": [draw(NAMES)]} | (draw(VALUES) if draw(st.booleans()) else {})
        sound = {"id": draw(NAMES), "type": "labels", "from_name": "label", "to_name": "text"}
    elif kind == 1:
        sound = {"type": "relation", "from_id": draw(NAMES), "to_id": draw(NAMES), "labels": draw(st.lists(NAMES))}
    else:
        sound = {"id": draw(NAMES), "from_name": draw(NAMES), "type": draw(NAMES), "to_name": "text"}
    changes = draw(LIKELY) if draw(st.booleans()) else {}
    return {"value": value, **sound, **changes}


RESULTS = ANY | st.lists(likely() | st.sampled_from(PIECES) | ANY, max_size=9)


@many(200)
@given(RESULTS, st.booleans(), st.sampled_from([frozenset(), ALL]))
def test_any_result_is_read_and_balances(result: Any, is_stamped: bool, accepted: frozenset[str]) -> None:
    """Whatever JSON stands in a result, it is read without failing, its books balance, and it can be written."""
    if isinstance(result, list) and is_stamped:
        result = [stamp_result(SMALL_SCHEMA.stamp), *result]
    annotation = {"id": 1, "completed_by": 1, "created_at": "2024-01-01", "updated_at": "2024-01-01", "result": result}
    data = {"article_id": "a", "text": WORDS, "text_sha256": ARTICLE.text_sha256}
    task = {"id": 7, "project": 3, "data": data, "annotations": [annotation]}
    made = check_all([task], replace(CONTEXT, accepted=accepted))
    items = made.books["items"]
    pieces = result if isinstance(result, list) else [result]
    stamps = sum(isinstance(piece, dict) and piece.get("from_name") == "schema" for piece in pieces)
    assert items["seen"] >= len(pieces) - (stamps if isinstance(result, list) else 0)
    assert items["seen"] == items["accepted"] + items["held"] + sum(items["excluded"].values())
    assert made.books["annotations"]["seen"] == len(made.annotations) + len(made.held) == 1
    assert bool(made.held) == any(found.level == "error" for found in made.findings)
    for lines in (made.annotations, made.findings, made.held):
        assert json_lines(list(lines)).count(b"\n") == len(lines)
