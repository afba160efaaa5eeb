"""Readings laid side by side: the same things first, then the best of what overlaps, each thing once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from curate.alignment import align, align_all
from curate.assignment import assign
from curate.records import Reading
from test_adjudication import annotation
from test_agreement import readings

TABLES = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from((0, 0, 1, 2, 3, 10**15)), min_size=width, max_size=width), max_size=6
    )
)


@settings(max_examples=200)
@given(TABLES)
def test_an_assignment_weighs_what_scipys_does(weights: list[list[int]]) -> None:
    """Each row and column is used at most once, nothing of weight 0 is paired, and no assignment weighs more."""
    chosen = assign(weights)
    assert len({row for row, _ in chosen}) == len({column for _, column in chosen}) == len(chosen)
    assert all(weights[row][column] > 0 for row, column in chosen)
    if weights:
        rows, columns = linear_sum_assignment(np.array(weights), maximize=True)
        best = sum(weights[row][column] for row, column in zip(rows.tolist(), columns.tolist(), strict=True))
        assert sum(weights[row][column] for row, column in chosen) == best


@settings(max_examples=200)
@given(TABLES)
def test_it_is_no_matter_which_side_is_called_rows(weights: list[list[int]]) -> None:
    """A mirrored table has the mirrored assignment; one that is its own mirror image has no sides."""
    mirrored = [list(line) for line in zip(*weights, strict=True)]
    assume(mirrored != weights)
    assert assign(mirrored) == sorted((column, row) for row, column in assign(weights))


def test_what_overlaps_is_paired_by_place_then_type_then_arguments() -> None:
    """A shifted trigger, another type, another role and a longer filler all find their counterpart."""
    one = annotation(
        "ana", "[Rebels](actor>1) [struck](Attack#1) the [base](target>1) and [sent](Deploy#2) [men](actor>2)."
    )
    other = annotation(
        "ben", "[Rebels](place>1) [struck the](Attack#1) [base](target>1) and [sent](Attack#2) [men](actor>2)."
    )
    aligned = align({"ana": one, "ben": other})
    assert aligned.events == [
        {"ana": "Attack@7-13", "ben": "Attack@7-17"},
        {"ana": "Deploy@27-31", "ben": "Attack@27-31"},
    ]
    assert {"ana": "Attack@7-13/actor/0-6", "ben": "Attack@7-17/place/0-6"} in aligned.arguments
    assert {"ana": "Attack@7-13/target/18-22", "ben": "Attack@7-17/target/18-22"} in aligned.arguments
    assert aligned.clusters == aligned.events


def test_clusters_follow_their_mentions() -> None:
    """A cluster is aligned with the one that has most of its mentions."""
    one = annotation(
        "ana", "[hit](Attack#1) [hit](Attack#2) [hit](Attack#3) [hit](Attack#4){{same_event 2=3; same_event 3=4}}"
    )
    other = annotation("ben", "hit [hit](Attack#2) [hit](Attack#3) [hit](Attack#4){{same_event 3=4}}")
    assert {"ana": "Attack@4-7", "ben": "Attack@4-7"} in align({"ana": one, "ben": other}).clusters


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(("ana", "ben", "cem")), readings(), min_size=1))
def test_everything_is_in_one_unit(people: dict[str, Reading]) -> None:
    """No statement is lost, none is in two units, what has the same id is together, and the order is no matter."""
    aligned = align(people)
    for units, ids in (
        (aligned.events, {who: [event.id for event in one.events] for who, one in people.items()}),
        (aligned.arguments, {who: [a.id for e in one.events for a in e.arguments] for who, one in people.items()}),
        (aligned.clusters, {who: [cluster.id for cluster in one.clusters] for who, one in people.items()}),
    ):
        for who, own in ids.items():
            assert sorted(unit[who] for unit in units if who in unit) == sorted(own)
        for one, other in itertools.combinations(units, 2):
            assert not set(one.values()) & set(other.values())
    assert align(dict(reversed(people.items()))) == aligned
    assert align_all([{}, people, {}])[1] == aligned


@pytest.mark.parametrize("number", [0, 1])
def test_few_readings_are_no_trouble(number: int) -> None:
    """No reading, or one that is alone, or empty ones."""
    empty = Reading(events=[], clusters=[], links=[])
    assert align({str(who): empty for who in range(number)}).events == []
