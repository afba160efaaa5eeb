"""Near-duplicates: what counts as one text said twice, and that it is found."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.duplicates import THRESHOLD, Clusters, Pair, cluster, compare, near_duplicates, near_duplicates_of, shingles

AGENCY = """PORT LORNE, 4 May (Harbour Wire) - A ferry with 212 people on board ran aground off the island of Sele
early on Saturday, the coast guard said. Nobody was hurt. Two tugs pulled the vessel free at noon, and the line that
runs it said that an inquiry had begun. Passengers described a loud scraping noise shortly after three in the morning.
"""
HOUSE = """Ferry aground off Sele

A ferry with 212 people on board ran aground off the island of Sele early on Saturday, the coast guard said. Nobody
was hurt. Two tugs pulled the vessel free at noon, and the line that runs it said that an inquiry had begun.
Passengers described a loud scraping noise shortly after three in the morning. (Harbour Wire)
"""
OTHER = """The council of Port Lorne voted on Saturday to close two of the town's five libraries. The coast guard
station beside one of them will take over its rooms next spring, the mayor told reporters after the vote."""

words = st.lists(
    st.sampled_from(["the", "ferry", "ran", "aground", "off", "an", "island", "at", "noon", "四", "月", "号"]),
    max_size=40,
)
texts = st.builds(" ".join, words)


@given(texts, texts)
def test_similarity_is_the_jaccard_index_of_the_shingles(one: str, other: str) -> None:
    """A pair's numbers are those of the two sets, whichever text comes first."""
    pair = compare("one", "other", {"one": one, "other": other})
    left, right = set(shingles(one)), set(shingles(other))
    assert (pair.shared, pair.total) == (len(left & right), len(left | right))
    assert pair.similarity == compare("other", "one", {"one": one, "other": other}).similarity


@given(st.text())
def test_every_text_has_shingles_and_is_its_own_duplicate(text: str) -> None:
    """No text is so short or odd that its copy would be missed."""
    assert shingles(text)
    assert list(near_duplicates({"a": text, "b": text})) == [Pair("a", "b", *[len(set(shingles(text)))] * 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry, at NOON: 'aground'!", ["the ferry at", "ferry at noon", "at noon aground"]),
        ("at noon", ["at noon"]),
        ("…", ["..."]),
        ("", [""]),
        ("渡轮在岛外搁浅", ["渡 轮 在 岛 外", "轮 在 岛 外 搁", "在 岛 外 搁 浅"]),
        ("搁浅", ["搁 浅"]),
        ("渡轮 MV Sele 在岛外搁浅", ["渡 轮 mv sele 在", "轮 mv sele 在 岛", "mv sele 在", "sele 在 岛",
                                "在 岛 外 搁 浅"]),
        ("हिन्दी में समाचार", ["हिन्दी में समाचार"]),
    ],
)  # fmt: skip
def test_shingles(text: str, expected: list[str]) -> None:
    """Words where there are spaces, characters where there are none; vowel signs belong to their words."""
    assert shingles(text) == expected


def test_wire_copy_is_found_and_another_story_is_not() -> None:
    """The same agency text under two heads is one pair; the same place and day alone are none."""
    found = list(near_duplicates({"agency": AGENCY, "council": OTHER, "house": HOUSE}))
    assert [(pair.first, pair.second) for pair in found] == [("agency", "house")]
    assert 0.7 < found[0].similarity < 1


def planted(number: int, share: float) -> dict[str, str]:
    """Give unrelated texts, and a copy of each with this share of its words changed."""
    draw = random.Random(7)
    found = {}
    for index in range(number):
        original = [f"w{draw.randrange(5000)}" for _ in range(draw.randint(60, 200))]
        changed = [f"w{draw.randrange(5000)}" if draw.random() < share else word for word in original]
        found |= {f"a{index:03d}": " ".join(original), f"b{index:03d}": " ".join(changed)}
    return found


@pytest.mark.parametrize(("share", "least", "recall"), [(0.02, 0.85, 0.99), (0.05, 0.7, 0.95), (0.09, 0.5, 0.95)])
def test_recall_and_precision_on_planted_copies(share: float, least: float, recall: float) -> None:
    """Of the copies that similar, nearly all are found, and nothing else is."""
    copies = planted(400, share)
    found = {(pair.first, pair.second) for pair in near_duplicates(copies)}
    pairs = {(f"a{index:03d}", f"b{index:03d}") for index in range(400)}
    similar = {pair for pair in pairs if compare(*pair, copies).similarity >= least}
    assert len(similar) > 100
    assert len(found & similar) >= recall * len(similar)
    assert found <= pairs


def test_only_pairs_from_the_threshold_on() -> None:
    """The threshold is inclusive and exact."""
    copies = planted(60, 0.1)
    everything = list(near_duplicates(copies))
    middle = sorted(pair.similarity for pair in everything)[30]
    assert THRESHOLD <= min(pair.similarity for pair in everything) < middle
    assert list(near_duplicates(copies, threshold=middle)) == [one for one in everything if one.similarity >= middle]


def test_new_articles_against_known_ones() -> None:
    """Pairs with a new article come, those of known ones among themselves don't."""
    known = {"agency": AGENCY, "again": AGENCY, "council": OTHER}
    found = list(near_duplicates_of({"house": HOUSE, "late": OTHER}, known))
    assert [(pair.first, pair.second) for pair in found] == [
        ("agency", "house"),
        ("again", "house"),
        ("council", "late"),
    ]


class Counted(Mapping[str, str]):
    """Texts that count how often they are read."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts, self.reads = texts, 0

    def __getitem__(self, name: str) -> str:
        self.reads += 1
        return self.texts[name]

    def __iter__(self):  # noqa: ANN204
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def test_texts_that_resemble_none_are_read_once() -> None:
    """A mapping over a file is read through, then only where there is something to compare."""
    draw = random.Random(3)
    alone = Counted({str(n): " ".join(f"w{draw.randrange(9999)}" for _ in range(50)) for n in range(200)})
    assert list(near_duplicates(alone)) == []
    assert alone.reads == 200


def test_clusters_join_over_steps() -> None:
    """A text that resembles two others joins them, and each cluster goes by its least id."""
    lines = [f"{word} {word}a {word}b {word}c {word}d {word}e {word}f" for word in "pqrstuvwxyz"]
    chain = {f"n{at}": "\n".join(lines[at : at + 6]) for at in range(4)} | {"other": OTHER}
    assert compare("n0", "n3", chain).similarity < THRESHOLD
    found = cluster(chain)
    assert {name: found.of(name) for name in chain} == dict.fromkeys(("n0", "n1", "n2", "n3"), "n0") | {
        "other": "other"
    }


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))), st.randoms())
def test_the_order_of_joining_does_not_count(joins: list[tuple[str, str]], draw: random.Random) -> None:
    """The same joins give the same clusters."""
    shuffled = draw.sample(joins, len(joins))
    one, other = Clusters(), Clusters()
    for join in joins:
        one.join(*join)
    for join in shuffled:
        other.join(*join)
    assert [one.of(name) for name in "abcdefgh"] == [other.of(name) for name in "abcdefgh"]
    assert all(one.of(first) == one.of(second) <= min(first, second) for first, second in joins)


def test_dense_clusters_are_compared_in_linear_time() -> None:
    """What is joined already is not compared again."""
    draw = random.Random(5)
    base = [f"w{draw.randrange(5000)}" for _ in range(100)]
    copies = Counted({f"{n:03d}": " ".join([*base, f"extra{n}"]) for n in range(150)})
    clusters = cluster(copies)
    assert {clusters.of(name) for name in copies} == {"000"}
    assert copies.reads < 4 * len(copies)
