"""Who reads what: every article its readers, everybody their share, and nothing moves without need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.allotment import Allotment, Rules, allot, read_rules
from curate.errors import UsageError
from curate.records import Assignment, json_lines
from curate.working import BEGUN, DONE, HELD, SKIPPED, Work

PEOPLE = ("ana", "ben", "cleo", "dan", "eva", "finn")
ARTICLES = tuple(f"a{number:02}" for number in range(40))

counts = st.integers(0, len(ARTICLES))
people = st.lists(st.sampled_from(PEOPLE), unique=True, max_size=len(PEOPLE))
seeds = st.sampled_from(["", "one", "two"])
shares = st.sampled_from([Fraction(0), Fraction(1, 5), Fraction(1, 2), Fraction(1)])


def first(allotment: Allotment) -> set[tuple[str, str]]:
    return {(one.article_id, one.annotator) for one in allotment.assignments if not one.again}


def loads(allotment: Allotment) -> Counter[str]:
    return Counter(who for _, who in first(allotment))


def worked(allotment: Allotment, draw: st.DataObject) -> list[Work]:
    """Let people begin, finish, skip or leave what they were given."""
    state = st.sampled_from([None, None, BEGUN, DONE, DONE, HELD, SKIPPED])
    found = []
    for number, (name, who) in enumerate(sorted(first(allotment))):
        if (made := draw.draw(state)) is not None:
            found.append(Work(who, name, made, f"{number:04}"))
    return found


@given(counts, people, st.integers(1, 4), shares, seeds)
def test_every_article_gets_its_readers_and_everybody_a_fair_load(
    number: int, names: list[str], overlap: int, double: Fraction, seed: str
) -> None:
    """Distinct readers, as many as asked for or as there are people; loads differ by one at most."""
    rules = Rules(overlap, double=double, seed=seed)
    made = allot(ARTICLES[:number], names, [], [], rules)
    readers = Counter(name for name, _ in first(made))
    assert len(first(made)) == len(made.assignments)
    for name in ARTICLES[:number]:
        wanted = rules.readers_of(name)
        assert readers[name] == min(wanted, len(names))
        assert made.missing.get(name, 0) == wanted - readers[name]
    counted = [loads(made)[who] for who in names]
    assert max(counted, default=0) - min(counted, default=0) <= 1


@given(counts, people, st.integers(1, 3), st.data())
def test_loads_follow_weights_and_limits(number: int, names: list[str], overlap: int, data: st.DataObject) -> None:
    """Nobody reads more than they may, and every load is its share, rounded up or down."""
    weights = {who: Fraction(data.draw(st.integers(1, 5))) for who in names}
    most = {who: data.draw(st.integers(0, 50)) for who in names if data.draw(st.booleans())}
    made = allot(ARTICLES[:number], names, [], [], Rules(overlap, weights=weights, most=most))
    assert all(loads(made)[who] <= most.get(who, 50) for who in names)
    if not made.missing:
        assert all(abs(loads(made)[who] - made.shares[who]) < 1 for who in names)
        assert sum(made.shares.values()) == len(made.assignments)


@settings(deadline=None)
@given(counts, people, people, counts, st.integers(1, 3), shares, st.data())
def test_a_new_plan_moves_no_work_and_little_else(
    number: int, names: list[str], later: list[str], more: int, overlap: int, double: Fraction, data: st.DataObject
) -> None:
    """People come and go, articles come: what was begun or done stays, and of the rest what nothing speaks against."""
    rules = Rules(overlap, double=double)
    before = allot(ARTICLES[:number], names, [], [], rules)
    work = worked(before, data)
    now = ARTICLES[: max(number, more)]
    after = allot(now, later, before.assignments, work, rules)
    assert {(one.article_id, one.annotator) for one in work} <= first(after)
    kept = {(one.article_id, one.annotator) for one in work if _counts(one, later)}
    for name in now:
        readers = [who for one, who in first(after) if one == name and (who in later or (name, who) in kept)]
        given_up = {one.annotator for one in work if one.article_id == name and (name, one.annotator) not in kept}
        counted = set(readers) - given_up
        assert len(counted) + after.missing.get(name, 0) >= rules.readers_of(name)
        assert len(counted) <= max(rules.readers_of(name), sum(one == name for one, _ in kept))
    assert allot(now, later, after.assignments, work, rules) == after
    if set(later) == set(names) and len(now) == number and not work:
        assert after == before


def _counts(work: Work, annotators: Sequence[str]) -> bool:
    return work.state == DONE or (work.state in (BEGUN, HELD) and work.annotator in annotators)


@given(st.integers(1, 40), st.integers(0, 40), st.sampled_from([1, 2, 3]), seeds)
def test_more_articles_move_nothing(number: int, more: int, overlap: int, seed: str) -> None:
    """With the same people, what was given out stays whole when articles come."""
    rules = Rules(overlap, seed=seed)
    before = allot(ARTICLES[:number], PEOPLE, [], [], rules)
    after = allot(ARTICLES[: max(number, more)], PEOPLE, before.assignments, [], rules)
    assert first(before) <= first(after)


@given(st.integers(2, 6), st.integers(1, 40), st.integers(1, 2))
def test_only_the_work_of_who_leaves_moves(staff: int, number: int, overlap: int) -> None:
    """When somebody leaves, everybody else keeps what they have; their share of it goes to the others evenly."""
    rules, names = Rules(overlap), PEOPLE[:staff]
    before = allot(ARTICLES[:number], names, [], [], rules)
    after = allot(ARTICLES[:number], names[1:], before.assignments, [], rules)
    stays = {pair for pair in first(before) if pair[1] != names[0]}
    # With two readers each, who has room may be on the articles already, and something else has to move.
    assert overlap == 2 or stays <= first(after)
    counted = [loads(after)[who] for who in names[1:]]
    assert max(counted) - min(counted) <= 1


@given(st.integers(1, 5), st.integers(1, 40))
def test_a_newcomer_takes_no_more_than_their_share(staff: int, number: int) -> None:
    """Nothing moves between those who were there, and only as much as the newcomer gets."""
    before = allot(ARTICLES[:number], PEOPLE[:staff], [], [], Rules(1))
    after = allot(ARTICLES[:number], PEOPLE[: staff + 1], before.assignments, [], Rules(1))
    assert {pair for pair in first(after) - first(before) if pair[1] != PEOPLE[staff]} == set()
    assert len(first(before) - first(after)) == loads(after)[PEOPLE[staff]]
    assert abs(loads(after)[PEOPLE[staff]] - Fraction(number, staff + 1)) < 1


@given(counts, people, st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_changes_nothing(number: int, names: list[str], random: Any) -> None:
    """The same people, plan and work in any order give the same bytes."""
    made = allot(ARTICLES[:number], names, [], [], Rules(2))
    shuffled = random.sample(made.assignments, len(made.assignments))
    mixed = random.sample(names, len(names))
    again = allot(ARTICLES[:number], mixed, shuffled, [], Rules(2))
    assert json_lines(list(again.assignments)) == json_lines(list(made.assignments))


def test_every_two_people_meet() -> None:
    """With an overlap of two, nobody reads with the same person all the time."""
    made = allot([f"a{number}" for number in range(60)], PEOPLE[:4], [], [], Rules(2))
    readers: dict[str, list[str]] = {}
    for one in made.assignments:
        readers.setdefault(one.article_id, []).append(one.annotator)
    pairs = Counter(tuple(sorted(pair)) for pair in readers.values())
    assert len(pairs) == 6
    assert min(pairs.values()) >= 9


def test_batches_are_given_out_one_after_the_other() -> None:
    """Only what is in an open batch has readers, and opening the next moves nothing."""
    one = allot(ARTICLES, PEOPLE[:3], [], [], Rules(2, batch=10, open=1))
    assert {name for name, _ in first(one)} == set(ARTICLES[:10])
    two = allot(ARTICLES, PEOPLE[:3], one.assignments, [], Rules(2, batch=10, open=2))
    assert {name for name, _ in first(two)} == set(ARTICLES[:20])
    assert first(one) <= first(two)


def test_somebody_who_skipped_an_article_is_not_asked_again() -> None:
    """Another person gets it, and the skipped task stays where it is."""
    before = allot(["a"], ["ana", "ben", "cleo"], [], [], Rules(2))
    skipper = before.assignments[0].annotator
    after = allot(["a"], ["ana", "ben", "cleo"], before.assignments, [Work(skipper, "a", SKIPPED)], Rules(2))
    assert first(after) == {("a", "ana"), ("a", "ben"), ("a", "cleo")}


def test_a_reading_made_elsewhere_counts_and_gets_no_task() -> None:
    """Who read an article in the project of another needs no task for it, and it has one reader."""
    made = allot(["a"], ["ana", "ben"], [], [Work("ana", "a", DONE, own=False)], Rules(2))
    assert first(made) == {("a", "ben")}


def test_a_withdrawn_article_is_given_to_nobody() -> None:
    """What isn't begun is taken back; what was done stays."""
    before = [Assignment(article_id="a", annotator=who) for who in ("ana", "ben")]
    made = allot(["a", "b"], ["ana", "ben"], before, [Work("ana", "a", DONE)], Rules(2), withdrawn=["a"])
    assert first(made) == {("a", "ana"), ("b", "ana"), ("b", "ben")}


def again(allotment: Allotment) -> set[tuple[str, str]]:
    return {(one.article_id, one.annotator) for one in allotment.assignments if one.again}


def test_second_readings_come_after_others() -> None:
    """Of what somebody has done, all but the last few are read again, once; what was begun of it stays theirs."""
    before = allot(ARTICLES[:8], ["ana"], [], [], Rules(1))
    done = [Work("ana", name, DONE, f"{number:02}") for number, name in enumerate(ARTICLES[:8])]
    rules = Rules(1, again=Fraction(1), after=5)
    assert again(allot(ARTICLES[:8], ["ana"], before.assignments, done[:5], rules)) == set()
    made = allot(ARTICLES[:8], ["ana"], before.assignments, done, rules)
    assert again(made) == {(name, "ana") for name in ARTICLES[:3]}
    begun = [*done, Work("ana", ARTICLES[0], BEGUN, "99", again=True)]
    assert again(allot(ARTICLES[:8], [], made.assignments, begun, rules)) == {(ARTICLES[0], "ana")}
    assert allot(ARTICLES[:8], ["ana"], made.assignments, begun, rules) == made


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"dubble": 1}, "assignment.dubble"),
        ({"double": 1.5}, "from 0 to 1"),
        ({"again": "some"}, "must be a number"),
        ({"batch": -1}, "assignment.batch"),
        ({"open": True}, "assignment.open"),
        ({"seed": 3}, "assignment.seed"),
        ({"people": {"ana": 3}}, "assignment.people"),
        ({"people": {"ana": {"limit": 3}}}, "assignment.people.ana.limit"),
        ({"people": {"ana": {"weight": 0}}}, "assignment.people.ana.weight"),
        ({"people": {"ana": {"most": 1.5}}}, "assignment.people.ana.most"),
    ],
)
def test_rules_that_mean_nothing_are_refused(table: Mapping[str, Any], told: str) -> None:
    """The key is named, and where it stands."""
    with pytest.raises(UsageError, match=told.replace(".", r"\.")):
        read_rules(table, 2)


def test_rules_are_read_exactly() -> None:
    """Shares are the decimals that were written."""
    rules = read_rules({"double": 0.2, "people": {"ana": {"weight": 1.5, "most": 40}}}, 2)
    assert (rules.double, rules.weights, rules.most) == (Fraction(1, 5), {"ana": Fraction(3, 2)}, {"ana": 40})
    assert rules.described() == "2 readings are asked of 20% of them and one of the others"
