"""Texts with known answers hidden in the work: who gets which, where, and how people do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checking_answers import check_pulled, replay
from curate.books import Ledger, without
from curate.cli.output import kinds_told
from curate.errors import UsageError
from curate.gold import SHOWN, Mixing, due, give, mixed, read_mixing, telltale
from curate.judging import Context
from curate.labelstudio.desks import Desk, with_gold
from curate.labelstudio.tasks import AGAIN, ANNOTATE, Marker, Plan, ProjectPlan, Step, plan_push, task_data
from curate.passmarks import PassMarks
from curate.qualification import GROUP, KEY, follow, followed_markdown
from curate.records import Annotation, Article, Assignment
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA
from test_checking import CONTEXT
from test_checking import annotation as made_of_a
from test_checking import task as task_of_a
from test_qualification import KNOWN, READINGS, reading

EVERY = st.integers(1, 6)
NAMES = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=30)
LOADS = st.dictionaries(st.sampled_from(["ana", "ben", "cem"]), st.integers(0, 40).filter(lambda load: load != 1))


def backwards(loads: dict[str, int]) -> dict[str, list[str]]:
    """So many articles for each, not in the order of their ids: any text may stand among them."""
    return {who: [f"n{number}" for number in range(load, 0, -1)] for who, load in loads.items()}


@given(NAMES, st.lists(LOADS, min_size=1, max_size=4), EVERY, st.text("xy", max_size=2))
def test_what_was_given_stays_given(texts: list[str], plans: list[dict[str, int]], every: int, seed: str) -> None:
    """Whoever comes, goes, gets more or less to read: a text is given once, in its order, no more than are due."""
    mixing, before = Mixing(every, seed), list[Assignment]()
    for loads in plans:
        made = give(texts, backwards(loads), {}, before, mixing)
        assert give(texts, backwards(loads), {}, made, mixing) == made
        assert len({(one.annotator, one.article_id) for one in made}) == len(made)
        for who in {one.annotator for one in made} | loads.keys():
            had, has = ([one for one in rows if one.annotator == who] for rows in (before, made))
            assert has[: len(had)] == had
            assert len(has) == max(len(had), min(len(texts), loads.get(who, 0) // every))
        before = made


@given(NAMES, st.integers(0, 8), EVERY, st.text("xy", max_size=2), st.integers(0, 30))
def test_gold_lies_among_the_articles_and_more_of_them_move_none(
    names: list[str], number: int, every: int, seed: str, first: int
) -> None:
    """Where ids are in no order articles keep theirs; each text has its own stretch, whatever comes after it."""
    names = ["n2", "n1", *names]
    mixing, gold = Mixing(every, seed), [f"gold {place}" for place in range(number)]
    order = mixed(names, gold, "ana", mixing)
    assert [name for name in order if name not in gold] == names
    assert [name for name in order if name in gold] == gold
    for place, name in enumerate(gold):
        articles_before = order.index(name) - place
        assert min(place * every, len(names)) <= articles_before <= min((place + 1) * every - 1, len(names))
    earlier = names[:first]
    whole = [name for place, name in enumerate(gold) if (place + 1) * every <= len(earlier)]
    shorter = mixed(earlier, whole, "ana", mixing)
    assert mixed(names, whole, "ana", mixing)[: len(shorter)] == shorter


@given(st.sets(st.integers(0, 200), min_size=2, max_size=40), st.sets(st.integers(0, 200), max_size=5), EVERY)
def test_no_id_stands_out_of_order(numbers: set[int], others: set[int], every: int) -> None:
    """Where articles come in the order of their ids, so does every text, at an end if it lies beyond theirs."""
    names, gold = numbered(numbers), numbered(others - numbers)
    assert mixed(names, gold, "ana", Mixing(every)) == numbered(numbers | others)
    turned = mixed(names[::-1], gold, "ana", Mixing(every))
    assert [name for name in turned if name in names] == names[::-1]


@given(st.sets(st.integers(0, 60), max_size=40), st.sets(st.integers(0, 60)), st.integers(0, 60), EVERY)
def test_what_is_given_never_stands_out_in_the_list(
    numbers: set[int], others: set[int], border: int, every: int
) -> None:
    """Articles come in two batches: what people see after each is in order, and no text is the first or the last."""
    mixing, texts = Mixing(every), numbered(others - numbers)
    all_names = numbered(numbers)
    first = [name for name in all_names if int(name[1:]) < border]
    given_: list[Assignment] = []
    seen: list[str] = []
    for names in (first, all_names):
        before = len(given_)
        given_ = give(texts, {"ana": names}, {"ana": seen}, given_, mixing)
        gold = [one.article_id for one in given_]
        assert len(gold) <= max(before, len(names) // every)
        order = mixed(names, gold, "ana", mixing)
        assert order == numbered({int(name[1:]) for name in [*names, *gold]})
        assert order[: len(seen)] == seen
        assert not {*order[:1], *order[-1:]} & {*texts}
        to_come = [*[name for name in names if name in seen][-1:], *[name for name in names if name not in seen]]
        ends = [int(name[1:]) for name in (to_come[:1] + to_come[-1:])]
        fits = {name for name in texts if to_come and ends[0] < int(name[1:]) < ends[1]} - {*gold}
        assert len(gold) >= len(names) // every or not fits
        seen = order


def numbered(numbers: set[int]) -> list[str]:
    return [f"n{number}" for number in sorted(numbers)]


def test_everybody_meets_their_own_in_their_own_places() -> None:
    """The seed and the person decide; another of either, another draw."""
    texts, names = [f"t{number}" for number in range(20)], backwards({"": 100})[""]

    def given_to(who: str, seed: str) -> list[str]:
        return [one.article_id for one in give(texts, backwards({who: 100}), {}, [], Mixing(10, seed))]

    assert given_to("ana", "") == given_to("ana", "")
    assert len({tuple(given_to(who, seed)) for who in ("ana", "ben") for seed in ("", "x")}) == 4
    places = {tuple(mixed(names, texts[:10], who, Mixing(10, seed))) for who in ("ana", "ben") for seed in ("", "x")}
    assert len(places) == 4


def test_who_has_less_to_read_meets_fewer_of_them() -> None:
    """As many as are due, those that were given first; another one comes for one that is not there any more."""
    texts, mixing = ["t1", "t2", "t3", "t4"], Mixing(3)
    given_ = give(texts, backwards({"ana": 9}), {}, [], mixing)
    names = [one.article_id for one in given_]
    assert [list(due(names, load, mixing)) for load in (9, 8, 2)] == [names, names[:2], []]
    rest = sorted(set(texts) - {names[0]})
    another = give(rest, backwards({"ana": 9}), {}, given_, mixing)
    assert [one.article_id for one in another] == [*names, *(set(texts) - set(names))]
    articles = {f"n{number}": article(f"n{number}") for number in range(6)}
    desk = with_gold(Desk(ANNOTATE, "ana", articles, 1, ""), {name: article(name) for name in rest}, given_, mixing)
    assert [name for name in desk.articles if name in texts] == names[1:]
    assert desk.gave_up(names[0], articles)
    fewer = Desk(ANNOTATE, "ana", {"n1": articles["n1"]}, 1, "")
    assert list(with_gold(fewer, {name: article(name) for name in texts}, given_, mixing).articles) == ["n1"]


def article(name: str, text: str = "", **shown: str) -> Article:
    return Article(id=name, text=text or name, text_sha256=text_sha256(text or name), **shown)


def test_a_hidden_text_is_a_task_like_any_other() -> None:
    """It is made among the others, with the same keys; where people read again or together there is none."""
    articles = {name: article(name, title=name) for name in ("n1", "n5", "n9")}
    gold = {name: article(name, title=name) for name in ("n7", "n8")}
    rows = [Assignment(article_id=name, annotator=who) for who, name in (("ana", "n8"), ("ben", "n7"), ("ana", "n3"))]
    desk = with_gold(Desk(ANNOTATE, "ana", articles, 1, ""), gold, rows, Mixing(3))
    assert [desk.gave_up(name, {**articles, **gold}) for name in ("n1", "n7", "n8", "n3")] == [False, True, False, True]
    created = plan_push(desk.articles, None, [], {"title": "Small"}).create
    assert [one.id for one in created] == ["n1", "n5", "n8", "n9"]
    assert {tuple(task_data(one)) for one in created} == {tuple(task_data(articles["n1"]))}
    for other in (Desk(AGAIN, "ana", articles, 1, ""), Desk(ANNOTATE, "", articles, 2, "")):
        assert with_gold(other, gold, rows, Mixing(3)) == other


@pytest.mark.parametrize("key", SHOWN)
def test_what_gives_a_text_away_is_named(key: str) -> None:
    """What all articles have and it has not, and the other way round; not what only some have."""
    bare, full = article("a"), article("b", **{key: "told"})
    assert telltale(bare, [full]) == telltale(full, [bare]) == key
    assert telltale(bare, [full, bare]) == telltale(full, [full]) == telltale(full, []) == ""


def test_an_id_of_another_make_gives_a_text_away() -> None:
    """Where all are made alike; among ids of every kind none does."""
    alike = [article("n0417"), article("n12")]
    assert telltale(article("n9"), alike) == telltale(article("mill"), [*alike, article("mill-3")]) == ""
    named = [article(f"text-{text_sha256(one)[:16]}") for one in "abc"]
    assert telltale(article("text-00aa11bb22cc33dd"), named) == ""
    assert telltale(article("text-1"), named) == telltale(article("news-00aa11bb22cc33dd"), named) == "id"
    assert telltale(article("mill"), alike) == telltale(article("n-9"), alike) == telltale(article("9"), alike) == "id"


@given(st.integers(1, 60), st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_a_length_unlike_any_gives_a_text_away(length: int, lengths: list[int]) -> None:
    """Less than half the shortest, or more than twice the longest."""
    articles = [article(f"n{number}", text="x" * one) for number, one in enumerate(lengths)]
    found = telltale(article("n9", text="x" * length), articles)
    assert found == ("" if min(lengths) / 2 <= length <= max(lengths) * 2 else "length")


def test_a_wrong_table_is_told() -> None:
    """By the key."""
    assert read_mixing({}, "s") == Mixing(10, "s")
    assert read_mixing({"every": 3}, "") == Mixing(3)
    for table in ({"every": 0}, {"every": "3"}, {"every": True}, {"each": 3}):
        with pytest.raises(UsageError, match=f"gold.{next(iter(table))}"):
            read_mixing(table, "")


@settings(max_examples=12)
@given(st.lists(st.sampled_from(READINGS), max_size=12), st.integers(0, 3), st.floats(0, 1))
def test_people_are_followed_in_the_order_of_their_answers(marked: Sequence[str], open_: int, least: float) -> None:
    """Every group is scored as if there was nothing else, and what was known is in no other order."""
    given_ = {f"t{number}": renamed(reading(one), f"t{number}") for number, one in enumerate(marked)}
    known = {name: renamed(reading(KNOWN, KEY), name) for name in [*given_, *(f"open {n}" for n in range(open_))]}
    marks = PassMarks({"tri_c": least})
    made = follow("ana", known, dict(reversed(known.items())), given_, marks, SMALL_SCHEMA)
    assert (made.hidden, made.answered, list(made.feedback)) == (len(known), len(given_), list(given_))
    names = list(given_)
    groups = [names[start : start + GROUP] for start in range(0, len(names), GROUP)]

    def alone(group: Sequence[str]) -> Any:
        return follow("ana", (), known, {name: given_[name] for name in group}, marks, SMALL_SCHEMA).scores

    assert made.course == [alone(group) for group in groups]
    latest = alone(names[-GROUP:])["tri_c"]
    assert made.below == (["tri_c"] if names and (latest or 0) < least else [])
    assert followed_markdown(made, marks).count("\n## ") == len(names)


def renamed(of: Annotation, name: str) -> Annotation:
    return Annotation(**{key: getattr(of, key) for key in of.__struct_fields__} | {"article_id": name})


def test_a_reading_of_a_hidden_text_stands_in_a_line_of_its_own() -> None:
    """It is neither accepted nor held nor told of; a skip is a skip, and an article of that name is an article."""
    context = Context(SMALL_SCHEMA, {SMALL_SCHEMA.stamp: SMALL_SCHEMA}, {}, CONTEXT.annotator, CONTEXT.check_annotation)
    marker = {"marker": Marker("ws-1", ANNOTATE, "person-1", "small@1.0.0#abc").write()}
    told = task_of_a(made_of_a(1), made_of_a(2, user=2), made_of_a(3, was_cancelled=True, result=[]))
    hidden = Context(**{**context.__dict__, "gold": frozenset("a")})
    made = check_pulled(replay([marker, told]), hidden)
    assert (made.annotations, made.held, made.findings) == ([], [], [])
    assert made.books["annotations"] == {"seen": 3, "accepted": 0, "held": 0, "excluded": {"gold": 2, "skipped": 1}}
    assert made.books["items"]["excluded"] == {"gold": 6}
    assert made.books["articles"]["seen"] == 0
    assert [one["codes"] for one in check_pulled(replay([marker, told]), context).held] == [["annotation-orphan"]] * 2
    both = Context(**{**CONTEXT.__dict__, "gold": frozenset("a")})
    assert [one.id for one in check_pulled(replay([marker, told]), both).annotations] == ["1", "2"]


@given(st.lists(st.tuples(st.sampled_from(["accepted", "gold", "skipped"]), st.integers(0, 3)), max_size=8))
def test_the_books_balance_with_and_without_it(fates: list[tuple[str, int]]) -> None:
    """Each of its readings and items in one line; left out, what is seen is what came in besides."""
    ledger = Ledger()
    for number, (fate, items) in enumerate(fates):
        ledger.take_in(str(number), items, "ana")
        ledger.enter_annotation(str(number), fate, [f"i{item}" for item in range(items)])
    lines = ledger.balance()["pull"]
    rest = [items for fate, items in fates if fate != "gold"]
    for kind, number in (("annotations", len(rest)), ("items", sum(rest))):
        part = without(lines, "gold")[kind]
        assert part["seen"] == number == part["accepted"] + part["held"] + sum(part["excluded"].values())
        assert "gold" not in part["excluded"]
        assert lines[kind]["seen"] == number + lines[kind]["excluded"].get("gold", 0)


def test_a_push_tells_of_texts_that_nobody_is_given() -> None:
    """Where everybody reads in one project, say."""
    [told] = Plan([], idle=2).notices
    assert told.startswith("given to nobody yet: 2 texts with known answers; curate assign")
    assert Plan([]).notices == []


def test_tasks_are_told_by_what_they_are_for() -> None:
    """Those with known answers are no articles, and where there is nothing else nothing is told."""
    project = ProjectPlan(1, Step("keep", "project 1", ""), {}, [article("one", "One.")], keep=3, gold=2)
    again = replace(project, create=[], keep=1, gold=0, purpose=AGAIN)
    kinds = Plan([project, again]).kinds
    assert kinds == {"annotate": 2, "gold": 2, "again": 1}
    assert kinds_told(kinds) == "2 of articles, 1 to read again, 2 with known answers"
    assert kinds_told(Plan([replace(project, gold=0)]).kinds) == ""
