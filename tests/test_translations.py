"""What holds in every reading that comes out of a result, whatever was drawn, is not checked again; this checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from curate.findings import level
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import stamp_result
from curate.records import Article, plain
from curate.text import text_sha256
from curate.validation import CHECKS, HOLDS_IN_TRANSLATIONS, meaning_findings
from event_schemas import SMALL_SCHEMA

TEXT = "Drones hit the base and the port. Guards shot them down."
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))
IDS = st.sampled_from("abcdef")
SPANS = st.sampled_from([(0, 6), (7, 10), (11, 19), (24, 32), (34, 40), (41, 45), (7, 19)])
TYPES, ROLES, LINKS = [*SMALL_SCHEMA.event_types], [*SMALL_SCHEMA.roles], [*SMALL_SCHEMA.links]


def region(name: str, span: tuple[int, int], label: str, parent: str | None) -> dict[str, Any]:
    """Draw a region."""
    value = {"start": span[0], "end": span[1], "text": TEXT[span[0] : span[1]], "labels": [label]}
    drawn = {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": value}
    return drawn | ({"parentID": parent} if parent else {})


def arrow(source: str, target: str, labels: list[str], direction: str) -> dict[str, Any]:
    """Draw an arrow."""
    return {"type": "relation", "from_id": source, "to_id": target, "labels": labels, "direction": direction}


TRIGGERS = st.builds(region, IDS, SPANS, st.sampled_from(TYPES), st.none())
ARGUMENTS = st.builds(region, IDS, SPANS, st.sampled_from(ROLES), st.none() | IDS)
ARROWS = st.builds(
    arrow, IDS, IDS, st.lists(st.sampled_from([*ROLES, *LINKS]), max_size=1), st.sampled_from(["right", "left", "bi"])
)
RESULTS = st.tuples(
    st.lists(TRIGGERS, min_size=1, max_size=4), st.lists(ARGUMENTS, max_size=4), st.lists(ARROWS, max_size=5)
)


def readings(drawn: tuple[list[Any], ...]) -> Iterator[dict[str, Any]]:
    """Read what was drawn, and what is left of it without the pieces that errors name, as far as it can be read."""
    result = [stamp_result(SMALL_SCHEMA.stamp), *(piece for pieces in drawn for piece in pieces)]
    dropped: set[str] = set()
    for _ in range(20):
        read = translate(result, ARTICLE, SMALL_SCHEMA, dropped)
        errors = [problem for problem in read.problems if level(problem.code) == "error"]
        if not errors:
            yield plain(read.reading) | {"text": TEXT, "text_sha256": ARTICLE.text_sha256}
            return
        dropped |= {item for problem in errors for item in problem.items}
        dropped |= {item for item, cause in read.hanging.items() if cause in dropped}


@given(RESULTS)
def test_what_holds_by_the_way_it_is_made(drawn: tuple[list[Any], ...]) -> None:
    """Whatever is drawn, no check that is left out for translations would find anything."""
    for reading in readings(drawn):
        for check in HOLDS_IN_TRANSLATIONS:
            assert list(check(reading, SMALL_SCHEMA)) == []
        assert meaning_findings(reading, SMALL_SCHEMA, translated=True) == meaning_findings(reading, SMALL_SCHEMA)


def test_the_checks_left_out_are_checks() -> None:
    """What is left out for translations is run for everything else."""
    assert set(CHECKS) > HOLDS_IN_TRANSLATIONS
