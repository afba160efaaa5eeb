"""Groups and splits under growth: what belongs together stays together, and nothing released ever moves."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from curate.duplicates import compare
from curate.grouping import LATER, TIES, UNDATED, Entry, Home, LeftOut, Placement, place
from curate.splits import Rule
from curate.text import text_sha256

HALVES = Rule("seed", {"train": 0.5, "test": 0.5})
FORWARD = Rule("seed", cutoffs={"test": "2024-06-01"})


def words(seed: Any, number: int = 60) -> list[str]:
    """Words that no other seed gives."""
    draw = random.Random(str(seed))
    return [f"{seed}w{draw.randrange(10_000)}" for _ in range(number)]


def story(*parts: Any) -> str:
    """A text of passages; texts that share most of theirs are near-duplicates."""
    return " ".join(word for part in parts for word in words(part))


def entries_of(texts: dict[str, str], **facts: dict[str, Any]) -> dict[str, Entry]:
    """Entries of texts, with the facts given by id."""
    return {name: Entry(text_sha256(text), **facts.get(name, {})) for name, text in texts.items()}


def placed(
    texts: dict[str, str], earlier: dict[str, Home] | None = None, rule: Rule = HALVES, **facts: Any
) -> Placement:
    return place(entries_of(texts, **facts), texts, earlier or {}, rule)


def home(split: str, text: str, group: str = "old") -> Home:
    return Home(split, group, text_sha256(text))


def test_near_duplicates_share_group_and_split() -> None:
    """Whatever the seed, a wire copy stands with its original and goes by the least id."""
    texts = {f"{letter}{n}": story(n, n + 100, n + 200, f"{letter}{n}") for n in range(20) for letter in "ab"}
    assert compare("a1", "b1", texts).similarity > 0.55
    homes = placed(texts).homes
    for n in range(20):
        assert homes[f"a{n}"].split == homes[f"b{n}"].split
        assert {homes[f"a{n}"].group, homes[f"b{n}"].group} == {f"a{n}"}
    assert Counter(home.split for home in homes.values()) == {"train": 20, "test": 20}


def test_a_story_stays_together() -> None:
    """Articles of one story share a split, and join the groups of what else they resemble."""
    texts = {name: story(name) for name in "abcd"} | {"e": story("d", "d2"), "f": story("d", "d2", "f")}
    facts = {"a": {"story": "s"}, "c": {"story": "s"}, "f": {"story": "s"}}
    homes = placed(texts, **facts).homes
    assert {name: home.group for name, home in homes.items()} == {
        "a": "a", "b": "b", "c": "a", "d": "d" if homes["d"].group == "d" else "a", "e": "a", "f": "a",
    }  # fmt: skip
    assert len({homes[name].split for name in "acef"}) == 1


def test_a_new_article_joins_what_it_resembles() -> None:
    """It takes split and group of the released article, whatever the draw would say."""
    for split in ("train", "test"):
        texts = {"old": story(1, 2), "new": story(1, 2, "new")}
        made = placed(texts, {"old": home(split, texts["old"], "first")})
        assert made.homes["new"].split == split
        assert {one.group for one in made.homes.values()} == {"first"}


def test_an_article_between_two_splits_is_left_out() -> None:
    """It is listed with one article of each side; the two stay, and what resembles only one side still comes in."""
    texts = {"a": story(1), "b": story(2), "between": story(1, 2), "copy": story(1, "copy")}
    earlier = {"a": home("train", texts["a"], "a"), "b": home("test", texts["b"], "b")}
    made = placed(texts, earlier)
    assert made.left_out == [LeftOut("between", TIES, ("a", "b"))]
    assert {name: one.split for name, one in made.homes.items()} == {"a": "train", "b": "test", "copy": "train"}
    assert made.across == []


def test_the_story_of_what_is_out_for_now_still_counts() -> None:
    """A new article follows one of its story that this release leaves open, and the two meet again in the next."""
    for split in ("train", "test"):
        texts = {name: story(name) for name in "ab"}
        earlier = {"a": home(split, texts["a"])}
        made = place({"b": Entry(text_sha256(texts["b"]), "s")}, texts, earlier, HALVES, {"a": "s"})
        assert made.homes == {"b": home(split, texts["b"])}
        again = placed(texts, earlier | made.homes, a={"story": "s"}, b={"story": "s"})
        assert {one.split for one in again.homes.values()} == {split}


def test_a_story_can_tie_splits_too() -> None:
    """A new article of a story that was told in both splits before anybody said so is left out."""
    texts = {name: story(name) for name in "abc"}
    earlier = {"a": home("train", texts["a"]), "b": home("test", texts["b"])}
    told = {name: {"story": "s"} for name in "abc"}
    made = placed(texts, earlier, **told)
    assert made.left_out == [LeftOut("c", TIES, ("a", "b"))]
    assert made.homes.keys() == {"a", "b"}


def test_a_revised_text_that_ties_is_left_out_and_does_not_move() -> None:
    """Of two released articles that now resemble each other, the one that was changed goes."""
    before = {"a": story(1, 2), "b": story(3, 4)}
    earlier = {name: home(split, before[name], name) for name, split in (("a", "train"), ("b", "test"))}
    now = {"a": story(1, 2), "b": story(1, 2, "b")}
    made = placed(now, earlier)
    assert made.left_out == [LeftOut("b", TIES, ("a",))]
    assert made.homes == {"a": earlier["a"]}
    again = placed({"a": story(1, 2), "b": story(3, 4, "b")}, earlier)
    assert again.homes["b"] == Home("test", "b", text_sha256(story(3, 4, "b")))


def test_released_articles_that_resemble_each_other_stay_and_are_told() -> None:
    """Nothing released moves, even where it leaks; the pair heads the list of what is alike across splits."""
    texts = {"a": story(1, 2), "b": story(1, 2, "b"), "c": story(3)}
    earlier = {"a": home("train", texts["a"]), "b": home("test", texts["b"])}
    made = placed(texts, earlier)
    assert {name: made.homes[name].split for name in "ab"} == {"a": "train", "b": "test"}
    assert [(pair.first, pair.second) for pair in made.across] == [("a", "b")]


def test_pairs_below_the_threshold_are_told_where_they_cross() -> None:
    """The report of leaks holds what was compared and found different enough to be parted."""
    texts = {f"{letter}{n}": story(n, f"{letter}{n}") for n in range(20) for letter in "ab"}
    earlier = {name: home("train" if name[0] == "a" else "test", text) for name, text in texts.items()}
    across = placed(texts, earlier).across
    assert len(across) > 3
    assert all(0.25 < pair.similarity < HALVES.threshold and pair.first[1:] == pair.second[1:] for pair in across)
    assert across == sorted(across, key=lambda pair: -pair.similarity)


def test_an_article_that_is_out_for_now_still_counts() -> None:
    """What was released once decides on its copies although it is in no split now, and comes back to its own."""
    texts = {"old": story(1, 2), "copy": story(1, 2, "copy")}
    earlier = {"old": home("test", texts["old"], "old")}
    made = place(entries_of({"copy": texts["copy"]}), texts, earlier, HALVES)
    assert made.homes == {"copy": Home("test", "old", text_sha256(texts["copy"]))}


def test_time_forward() -> None:
    """A group goes by its latest day; what is later than the split its group was released in is left out."""
    texts = {"a": story(1), "b": story(2), "b2": story(2, "b2"), "c": story(3), "d": story(4)}
    days = {"a": "2024-01-01", "b": "2024-05-31", "b2": "2024-06-01", "c": "2024-07-01"}
    facts = {name: {"day": day} for name, day in days.items()}
    made = placed(texts, rule=FORWARD, **facts)
    assert {name: one.split for name, one in made.homes.items()} == {
        "a": "train",
        "b": "test",
        "b2": "test",
        "c": "test",
    }
    assert made.left_out == [LeftOut("d", UNDATED)]
    late = {**texts, "a2": story(1, "a2"), "c2": story(3, "c2")}
    more = {**facts, "a2": {"day": "2024-08-01"}, "c2": {"day": "2024-01-01"}}
    grown = placed(late, made.homes, FORWARD, **more)
    assert grown.left_out == [LeftOut("a2", LATER), LeftOut("d", UNDATED)]
    assert grown.homes["c2"].split == "test"


# Some passages of a few, and a last one of a text's own: similarities from nothing to nearly one.
passages = st.builds(
    lambda parts, own: [*parts, f"own{own}"],
    st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True),
    st.integers(0, 3),
)
states = st.lists(
    st.dictionaries(st.sampled_from("abcdefghij"), st.tuples(passages, st.sampled_from([None, "s", "t"])), max_size=10),
    min_size=2,
    max_size=5,
)


@given(states)
@settings(max_examples=60)
def test_growth_never_moves_nor_leaks(history: list[dict[str, tuple[list[Any], str | None]]]) -> None:
    """However a corpus grows, shrinks and is revised: a split once given is kept, and no new leak comes about.

    Two articles in different splits may only belong together if both had been released as they are now.
    """
    earlier: dict[str, Home] = {}
    for state in history:
        texts = {name: story(*parts) for name, (parts, _) in state.items()}
        facts = {name: {"story": told} for name, (_, told) in state.items()}
        made = placed(texts, earlier, **facts)
        assert made.homes.keys() | {one.id for one in made.left_out} == texts.keys()
        assert len(made.homes) + len(made.left_out) == len(texts)
        for name, one in made.homes.items():
            if name in earlier:
                assert (one.split, one.group) == (earlier[name].split, earlier[name].group)
        for one in made.homes:
            for other in made.homes:
                alike = compare(one, other, texts).similarity >= 0.6  # where none is missed
                told = facts[one]["story"] is not None and facts[one]["story"] == facts[other]["story"]
                if (alike or told) and made.homes[one].split != made.homes[other].split:
                    assert all(earlier.get(name) == made.homes[name] for name in (one, other))
        earlier |= made.homes


@given(states)
@settings(max_examples=20)
def test_the_order_of_the_articles_does_not_count(history: list[dict[str, tuple[list[Any], str | None]]]) -> None:
    """The same articles in another order are placed the same."""
    earlier: dict[str, Home] = {}
    for state in history:
        texts = {name: story(*parts) for name, (parts, _) in state.items()}
        facts = {name: {"story": told} for name, (_, told) in state.items()}
        made = placed(texts, earlier, **facts)
        turned = placed(dict(reversed(texts.items())), earlier, **facts)
        assert (turned.homes, turned.left_out) == (made.homes, made.left_out)
        earlier |= made.homes
