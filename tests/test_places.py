"""A finding's place tells the words that stand there."""

from __future__ import annotations

import pytest

from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.places import label_at, named_place
from curate.records import Finding
from curate.reporting.tallying import by_rule
from event_schemas import SMALL_SCHEMA
from test_checking import annotation, checked, task

MARKED = parse("[Drones](actor>1) [hit](Attack#1) [the base](target>1).")
[MADE] = checked(task(annotation(1, result_of(to_reading(MARKED, SMALL_SCHEMA), SMALL_SCHEMA)))).annotations


@pytest.mark.parametrize(
    ("place", "told", "label"),
    [
        ("$.events[0]", '$.events[0] (Attack "hit")', "Attack"),
        ("$.events[0].trigger", '$.events[0].trigger (Attack "hit")', "Attack"),
        ("$.events[0].arguments[1].start", '$.events[0].arguments[1].start (target "the base")', "target"),
        ("$.clusters[0]", '$.clusters[0] (Attack "hit")', "Attack"),
        ("$.attributes.relevance", "$.attributes.relevance", ""),
    ],
)
def test_a_path_tells_its_words(place: str, told: str, label: str) -> None:
    """Label and words of the event, argument or cluster follow the path; the article's own places have none."""
    assert named_place(place, MADE) == told
    assert label_at(told) == label


def test_a_region_tells_its_label() -> None:
    """Places that the reading of a result names have the same form."""
    assert label_at('annotation 1 · region a1 (actor "Drones (two)")') == "actor"
    assert label_at("annotation 1 · arrow a > b") == ""


def test_rules_are_counted_by_what_breaks_them() -> None:
    """The report tells the types and roles in which a rule is broken, and counts places that name none as well."""
    places = ['region a1 (actor "Drones")', 'region a2 (actor "They")', 'region t1 (Attack "hit")', "arrow a1 > t1"]
    [found] = by_rule(
        Finding(code="argument-unattached", level="error", place=f"annotation 1 · {place}", message="")
        for place in places
    )
    assert (found.count, found.labels) == (4, {"actor": 2, "Attack": 1})
