"""Splits: each group has one, by a draw that the seed decides and that fills every split up to its share."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import UsageError
from curate.splits import Rule, draw, read_rule

USUAL = {"train": 0.8, "validation": 0.1, "test": 0.1}
PINNED = {"a": "validation", "b": "train", "c": "test", "d": "train", "e": "test", "f": "validation"}
names = st.from_regex(r"\w+(\.\w+)*", fullmatch=True, alphabet=st.characters(codec="ascii"))
shares = st.one_of(st.integers(0, 100), st.floats(0, 100, allow_nan=False))
ratios = st.dictionaries(names, shares, min_size=1, max_size=5).filter(lambda found: sum(found.values()) > 0)
labels = st.lists(st.sampled_from("pqrs"), max_size=3)
groups = st.dictionaries(st.text(), st.lists(labels, min_size=1, max_size=4), max_size=12)


@given(groups, ratios, st.text())
def test_every_group_gets_a_split_with_a_share(found: dict[str, Any], wanted: dict[str, float], seed: str) -> None:
    """Each group has exactly one split, one that has a share."""
    drawn = draw(found, {}, Rule(seed, wanted))
    assert drawn.keys() == found.keys()
    assert all(wanted[split] > 0 for split in drawn.values())


@given(groups, ratios, st.text(), st.randoms())
def test_the_order_and_scale_of_the_input_do_not_count(
    found: dict[str, Any], wanted: dict[str, float], seed: str, lots: Any
) -> None:
    """Shares are shares of their sum, by name, and groups come as the seed says, not as they are given."""
    turned = {name: wanted[name] * 4 for name in reversed(wanted)}
    shuffled = {name: found[name] for name in lots.sample(list(found), len(found))}
    assert draw(found, {}, Rule(seed, wanted)) == draw(shuffled, {}, Rule(seed, turned))


@given(st.lists(labels, min_size=1, max_size=60), ratios)
def test_single_articles_come_to_the_shares(found: list[list[str]], wanted: dict[str, float]) -> None:
    """Where every group is one article, no split has more than its share of them, but for one each label."""
    drawn = draw({str(number): [one] for number, one in enumerate(found)}, {}, Rule("seed", wanted))
    counted = Counter(drawn.values())
    for name, share in wanted.items():
        assert counted[name] <= share / sum(wanted.values()) * len(found) + len("pqrs") + 1


def test_every_label_comes_to_its_share() -> None:
    """A rare label is in every split, and each label comes as near to the shares as one group."""
    found = {str(n): [["rare"] if n % 50 == 0 else ["often"] if n % 3 else ["often", "usual"]] for n in range(1000)}
    drawn = draw(found, {}, Rule("seed", USUAL))
    for label in ("rare", "often", "usual"):
        counted = Counter(split for group, split in drawn.items() if label in found[group][0])
        total = counted.total()
        for split, share in USUAL.items():
            assert abs(counted[split] - share * total) <= 1


def test_what_is_placed_counts() -> None:
    """New groups fill up what the articles that are there leave short."""
    placed = {"train": [[]] * 10, "validation": [], "test": [[]] * 10}
    drawn = draw({str(n): [[]] for n in range(80)}, placed, Rule("seed", USUAL))
    assert Counter(drawn.values()) == {"train": 70, "validation": 10}


def test_the_seed_is_a_draw_of_its_own() -> None:
    """Another seed gives another assignment, also where seed and group run together to the same letters."""
    found = {str(number): [[]] for number in range(200)}
    assert draw(found, {}, Rule("a", USUAL)) != draw(found, {}, Rule("b", USUAL))
    halves = {"left": 1, "right": 1}
    one = draw({f"x{n}": [[]] for n in range(50)}, {}, Rule("", halves))
    other = draw({str(n): [[]] for n in range(50)}, {}, Rule("x", halves))
    assert any(one[f"x{n}"] != other[str(n)] for n in range(50))


def test_the_draw_is_fixed() -> None:
    """The same groups are drawn the same for good: a first release is built again from this."""
    found: dict[str, Any] = {name: [[(name < "d" and "p") or "q"]] for name in "abcdef"}
    assert draw(found, {}, Rule("conflict-news", {"train": 1, "validation": 1, "test": 1})) == PINNED


@pytest.mark.parametrize(
    ("day", "split"),
    [("2024-04-30", "train"), ("2024-05-01", "validation"), ("2024-08-31", "validation"), ("2024-09-01", "test")],
)
def test_days_and_splits(day: str, split: str) -> None:
    """A cut-off is the first day of its split, whatever order they are written in."""
    rule = read_rule({"cutoffs": {"test": "2024-09-01", "validation": "2024-05-01"}}, "seed")
    assert rule.names == ["train", "validation", "test"]
    assert rule.split_of(day) == split


def test_a_project_that_says_nothing_has_the_usual_rule() -> None:
    """Shares of eight, one and one, and the workspace's own seed."""
    assert read_rule({}, "ws-1") == Rule("ws-1", USUAL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"splits": {}},
        {"splits": {"train": 0}},
        {"splits": {"train": -1, "test": 2}},
        {"splits": {"train": float("nan")}},
        {"splits": {"train": "most"}},
        {"splits": {"train": True}},
        {"splits": {"a b": 1}},
        {"splits": {"gold-2024": 1}},
        {"splits": {"": 1}},
        {"splits": 0.8},
        {"splits": USUAL, "cutoffs": {"test": "2024-09-01"}},
        {"cutoffs": {"test": "September"}},
        {"cutoffs": {"train": "2024-09-01"}},
        {"cutoffs": {"a": "2024-09-01", "b": "2024-09-01"}},
        {"cutoffs": {"a b": "2024-09-01"}},
        {"group_by": 1},
        {"seed": 1},
    ],
    ids=str,
)
def test_unusable_rules_are_refused(wrong: dict[str, Any]) -> None:
    """A rule that gives no split, or a split the Hub can't name, is a mistake of the request."""
    with pytest.raises(UsageError) as caught:
        read_rule(wrong, "seed")
    assert caught.value.fix
