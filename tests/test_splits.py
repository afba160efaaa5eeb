"""Splits: every group has one, and only the draw itself decides which."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import UsageError
from curate.splits import assign

USUAL = {"train": 0.8, "validation": 0.1, "test": 0.1}
THIRDS = {"train": 1, "validation": 1, "test": 1}
PINNED = {
    "a": "train",
    "b": "train",
    "c": "train",
    "d": "test",
    "e": "test",
    "f": "test",
    "g": "test",
    "h": "train",
}
names = st.from_regex(r"\w+(\.\w+)*", fullmatch=True, alphabet=st.characters(codec="ascii"))
shares = st.one_of(st.integers(0, 100), st.floats(0, 100, allow_nan=False))
ratios = st.dictionaries(names, shares, min_size=1, max_size=5).filter(lambda found: sum(found.values()) > 0)


@given(st.lists(st.text()), ratios, st.text())
def test_every_group_gets_a_split_with_a_share(groups: list[str], wanted: dict[str, float], seed: str) -> None:
    """Each group has exactly one split, one that has a share."""
    given_splits = assign(groups, wanted, seed)
    assert list(given_splits) == list(dict.fromkeys(groups))
    assert all(wanted[split] > 0 for split in given_splits.values())


@given(st.lists(st.text()), st.lists(st.text()), ratios, st.text())
def test_other_groups_move_none(few: list[str], more: list[str], wanted: dict[str, float], seed: str) -> None:
    """A group's split is the same whatever groups are there beside it."""
    alone, together = assign(few, wanted, seed), assign(more + few, wanted, seed)
    assert alone.items() <= together.items()


@given(st.lists(st.text()), ratios, st.text())
def test_the_order_and_scale_of_ratios_do_not_count(groups: list[str], wanted: dict[str, float], seed: str) -> None:
    """Ratios are shares of their sum, by name."""
    turned = {name: wanted[name] * 4 for name in reversed(wanted)}
    assert assign(groups, wanted, seed) == assign(groups, turned, seed)


def test_the_parts_have_the_sizes_asked_for() -> None:
    """Many groups come out as the ratios say, to a hundredth."""
    counted = Counter(assign(map(str, range(20_000)), USUAL, "seed").values())
    assert {name: round(count / 20_000, 2) for name, count in counted.items()} == pytest.approx(USUAL, abs=0.01)


def test_the_seed_is_a_draw_of_its_own() -> None:
    """Another seed gives another assignment, also where seed and group run together to the same letters."""
    groups = [str(number) for number in range(200)]
    assert assign(groups, USUAL, "a") != assign(groups, USUAL, "b")
    halves = {"left": 1, "right": 1}
    joined = [(assign([f"x{n}"], halves, "")[f"x{n}"], assign([str(n)], halves, "x")[str(n)]) for n in range(50)]
    assert any(first != second for first, second in joined)


def test_published_splits_stay() -> None:
    """The draw is fixed for good: published datasets hang on it."""
    assert assign("abcdefgh", THIRDS, "conflict-news") == PINNED


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"train": 0},
        {"train": -1, "test": 2},
        {"train": float("nan")},
        {"a b": 1},
        {"gold-2024": 1},
        {"": 1},
    ],
)
def test_unusable_ratios_are_refused(wrong: dict[str, float]) -> None:
    """Ratios that give no split, or a split the Hub can't name, are a mistake of the request."""
    with pytest.raises(UsageError):
        assign(["group"], wrong, "seed")
