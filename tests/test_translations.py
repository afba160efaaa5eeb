"""What holds in every reading that comes out of a result, whatever was drawn, is not checked again; this checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.findings import level
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import stamp_result
from curate.meaning import CHECKS, HOLDS_IN_TRANSLATIONS
from curate.records import Annotation, Article
from curate.schema.compiling import annotation_schema, frame_schema
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_annotation, check_translation
from event_schemas import SMALL_SCHEMA

TEXT = "Drones hit the base and the port. Guards shot them down."
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))
IDS = st.sampled_from("abcdef")
SPANS = st.sampled_from([(0, 6), (7, 10), (11, 19), (24, 32), (34, 40), (41, 45), (7, 19)])
WHOLE, FRAME = compile_validator(annotation_schema(SMALL_SCHEMA)), compile_validator(frame_schema())
TYPES, ROLES, LINKS = [*SMALL_SCHEMA.event_types], [*SMALL_SCHEMA.roles], [*SMALL_SCHEMA.links]


def region(name: str, span: tuple[int, int], label: str, parent: str | None) -> dict[str, Any]:
    """Draw a region."""
    value = {"start": span[0], "end": span[1], "text": TEXT[span[0] : span[1]], "labels": [label]}
    drawn = {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": value}
    return drawn | ({"parentID": parent} if parent else {})


def arrow(source: str, target: str, labels: list[str], direction: str) -> dict[str, Any]:
    """Draw an arrow."""
    return {"type": "relation", "from_id": source, "to_id": target, "labels": labels, "direction": direction}


def value(name: str, control: str, said: dict[str, Any]) -> dict[str, Any]:
    """Set a value of an attribute on a region."""
    return {"id": name, "from_name": control, "to_name": "text", **said}


def chosen(*values: str) -> dict[str, Any]:
    """Tick choices."""
    return {"type": "choices", "value": {"choices": [*values]}}


TRIGGERS = st.builds(region, IDS, SPANS, st.sampled_from(TYPES), st.none())
ARGUMENTS = st.builds(region, IDS, SPANS, st.sampled_from(ROLES), st.none() | IDS)
ARROWS = st.builds(
    arrow, IDS, IDS, st.lists(st.sampled_from([*ROLES, *LINKS]), max_size=1), st.sampled_from(["right", "left", "bi"])
)
VALUES = st.one_of(
    st.builds(value, IDS, st.just("modality"), st.sampled_from([chosen("asserted"), chosen("hypothetical")])),
    st.builds(value, IDS, st.just("verification"), st.sampled_from([chosen("reported"), chosen("claimed")])),
    st.builds(value, IDS, st.just("means"), st.sampled_from([chosen("gun", "drone", "gun"), chosen("gun")])),
    st.builds(value, IDS, st.just("certainty"), st.sampled_from([chosen("alleged"), chosen("stated")])),
    st.builds(value, IDS, st.just("relevance"), st.sampled_from([chosen("irrelevant"), chosen("relevant")])),
    st.builds(
        value, IDS, st.just("count"), st.builds(lambda n: {"type": "number", "value": {"number": n}}, st.integers())
    ),
    st.builds(
        value,
        IDS,
        st.sampled_from(["day", "note"]),
        st.builds(
            lambda text: {"type": "textarea", "value": {"text": [text]}},
            st.sampled_from(["", " ", "2024", "2024-02-30", "2024-02-29", "2024\n", "\ud800"]),
        ),
    ),
)
RESULTS = st.tuples(
    st.lists(TRIGGERS, min_size=1, max_size=4),
    st.lists(ARGUMENTS, max_size=4),
    st.lists(ARROWS, max_size=5),
    st.lists(VALUES, max_size=5),
)


def annotations(drawn: tuple[list[Any], ...]) -> Iterator[Annotation]:
    """Read what was drawn, and what is left of it without the pieces that errors name, as far as it can be read."""
    result = [stamp_result(SMALL_SCHEMA.stamp), *(piece for pieces in drawn for piece in pieces)]
    dropped: set[str] = set()
    for _ in range(20):
        read = translate(result, ARTICLE, SMALL_SCHEMA, dropped)
        errors = [problem for problem in read.problems if level(problem.code) == "error"]
        if not errors:
            yield Annotation(
                id="1",
                task_id=1,
                article_id=ARTICLE.id,
                text_sha256=ARTICLE.text_sha256,
                annotator="p",
                schema=SMALL_SCHEMA.stamp,
                created_at="2026",
                updated_at="2026",
                lead_time=None,
                items=read.items,
                notes=read.notes,
                **{name: getattr(read.reading, name) for name in read.reading.__struct_fields__},
            )
            return
        dropped |= {item for problem in errors for item in problem.items}
        dropped |= {item for item, cause in read.hanging.items() if cause in dropped}


@given(RESULTS)
def test_what_holds_by_the_way_it_is_made(drawn: tuple[list[Any], ...]) -> None:
    """Whatever is drawn, nothing that is left out for translations would find anything, the shape included."""
    for annotation in annotations(drawn):
        for check in HOLDS_IN_TRANSLATIONS:
            assert list(check(annotation, TEXT, SMALL_SCHEMA)) == []
        whole = check_annotation(annotation, ARTICLE, SMALL_SCHEMA, WHOLE)
        assert check_translation(annotation, ARTICLE, SMALL_SCHEMA, FRAME) == whole
        assert "shape" not in {found.code for found in whole}


FRAME_FAULTS = [("created_at", ""), ("updated_at", 3), ("lead_time", "long"), ("task_id", None)]


@pytest.mark.parametrize(("key", "value"), FRAME_FAULTS)
def test_the_frame_is_checked(key: str, value: object) -> None:
    """What the server says of an annotation is checked by its shape, read from a result or not."""
    (annotation,) = annotations(([region("a", (7, 10), "Attack", None)],))
    wrong = msgspec.structs.replace(annotation, **{key: value})
    found = check_translation(wrong, ARTICLE, SMALL_SCHEMA, FRAME)
    assert [(one.code, one.place) for one in found] == [("shape", f"$.{key}")]
    assert found == check_annotation(wrong, ARTICLE, SMALL_SCHEMA, WHOLE)


def test_the_checks_left_out_are_checks() -> None:
    """What is left out for translations is run for everything else."""
    assert set(CHECKS) > HOLDS_IN_TRANSLATIONS
