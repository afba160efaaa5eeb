"""Readers for articles: fair shares, and the fewest moves that bring loads to them (pure).

A bipartite flow: articles need readers, people have shares. What can't be given directly is freed along a shortest
augmenting path (L. R. Ford and D. R. Fulkerson, Maximal Flow through a Network, Canadian Journal of Mathematics 8,
1956): somebody gives an article on to the next, who gives one on in turn.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

Moves: TypeAlias = list[tuple[str, str, str]]
"""Articles that go from one person to another: article, from, to."""


@dataclass
class Readers:
    """Who is given what, while it is being planned.

    ``places`` orders the articles, ``needs`` counts the readers each lacks. Nobody is given what they are ``barred``
    from: (article, person) of what they have begun, done or skipped. ``loads`` counts what everybody has read so far
    and grows with what they are given. ``order`` decides between equals.
    """

    places: Mapping[str, int]
    needs: dict[str, int]
    barred: set[tuple[str, str]]
    loads: dict[str, int]
    order: Callable[[str, str], bytes]
    _given: dict[str, set[str]] = field(default_factory=dict)
    _kept: set[tuple[str, str]] = field(default_factory=set)
    _read_by: dict[str, set[str]] = field(default_factory=dict)
    _pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._given = {who: set() for who in self.loads}

    def given(self) -> set[tuple[str, str]]:
        """List what is given out: (article, person)."""
        return {(name, who) for who, names in self._given.items() for name in names}

    def missing(self) -> dict[str, int]:
        """Count the readers that articles still lack."""
        return {name: need for name, need in self.needs.items() if need}

    def meet(self, name: str, who: str) -> None:
        """Note that somebody reads an article, for who meets whom."""
        others = self._read_by.setdefault(name, set())
        self._pairs.update(_pair(who, other) for other in others)
        others.add(who)

    def keep(self, before: Iterable[tuple[str, str]]) -> None:
        """Give again what was given before and isn't begun; where an article needs fewer, those with least to do."""
        for name, who in sorted(before, key=lambda one: (self.places.get(one[0], 0), self.loads.get(one[1], 0), one)):
            if who in self.loads and self.needs.get(name) and self._may(name, who):
                self._give(name, who)
                self._kept.add((name, who))

    def fill(self, shares: Mapping[str, Fraction], most: Mapping[str, int]) -> None:
        """Give every article the readers it lacks, as far as there are any who may read more."""
        for name in sorted(self.places, key=self.places.__getitem__):
            while self.needs[name]:
                free = [who for who in self.loads if self._may(name, who) and self.loads[who] < most.get(who, math.inf)]
                if free:
                    self._give(name, min(free, key=lambda who: self._rank(name, who, shares)))
                elif freed := self._path(self._willing(name), lambda who: self.loads[who] < most.get(who, math.inf)):
                    start, moves = freed
                    self._carry_out(moves)
                    self._give(name, start)
                else:
                    break

    def level(self, shares: Mapping[str, Fraction]) -> None:
        """Move as little as brings every load to its share, rounded up or down, as far as that can be."""
        targets = self._targets(shares)
        while True:
            above = sorted((who for who in self.loads if self.loads[who] > targets[who]), key=self._by_excess(targets))
            for start in above:
                if found := self._path([start], lambda who: self.loads[who] < targets[who]):
                    self._carry_out(found[1])
                    break
            else:
                return

    def _targets(self, shares: Mapping[str, Fraction]) -> dict[str, int]:
        """Round the shares so that they add up to what is given out, up for those who have more already."""
        targets = {who: math.floor(share) for who, share in shares.items()}
        spare = sum(self.loads.values()) - sum(targets.values())
        open_to = sorted(
            (who for who in targets if targets[who] < shares[who]),
            key=lambda who: (targets[who] - self.loads[who], targets[who] - shares[who], who),
        )
        for who in open_to[: max(0, spare)]:
            targets[who] += 1
        return targets

    def _by_excess(self, targets: Mapping[str, int]) -> Callable[[str], tuple[int, str]]:
        return lambda who: (targets[who] - self.loads[who], who)

    def _rank(self, name: str, who: str, shares: Mapping[str, Fraction]) -> tuple[Fraction, int, bytes]:
        """Whoever has the largest part of their share left, then whoever met the others least, then by draw."""
        left = 1 - Fraction(self.loads[who]) / shares[who] if shares[who] else Fraction(-1)
        met = sum(self._pairs[_pair(who, other)] for other in self._read_by.get(name, ()))
        return -left, met, self.order(name, who)

    def _may(self, name: str, who: str) -> bool:
        return name not in self._given[who] and (name, who) not in self.barred

    def _willing(self, name: str) -> list[str]:
        return sorted(who for who in self.loads if self._may(name, who))

    def _path(self, starts: Iterable[str], spare: Callable[[str], bool]) -> tuple[str, Moves] | None:
        """Find the shortest way on which one of ``starts`` gets rid of one article, to somebody with room for it."""
        came: dict[str, tuple[str, str] | None] = dict.fromkeys(starts)
        queue = deque(came)
        while queue:
            who = queue.popleft()
            for other in sorted(self.loads, key=lambda other: (not spare(other), other)):
                if other in came or (name := self._movable(who, other)) is None:
                    continue
                came[other] = (who, name)
                if spare(other):
                    return _traced(came, other)
                queue.append(other)
        return None

    def _movable(self, who: str, other: str) -> str | None:
        """Choose what ``who`` could give on: rather what is new to them, rather what comes last."""
        names = (name for name in self._given[who] if self._may(name, other))
        return max(names, key=lambda name: ((name, who) not in self._kept, self.places[name]), default=None)

    def _carry_out(self, moves: Moves) -> None:
        for name, who, other in moves:
            self._given[who].remove(name)
            self.loads[who] -= 1
            self.needs[name] += 1
            others = self._read_by[name]
            others.remove(who)
            self._pairs.subtract(_pair(who, one) for one in others)
            self._give(name, other)

    def _give(self, name: str, who: str) -> None:
        self._given[who].add(name)
        self.loads[who] += 1
        self.needs[name] -= 1
        self.meet(name, who)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _traced(came: Mapping[str, tuple[str, str] | None], last: str) -> tuple[str, Moves]:
    moves: Moves = []
    while (step := came[last]) is not None:
        who, name = step
        moves.append((name, who, last))
        last = who
    return last, moves


def fair_shares(readers: Readers, weights: Mapping[str, Fraction], most: Mapping[str, int]) -> dict[str, Fraction]:
    """Share the work out by weight, but nobody less than they have read, nor more than they may or there is for them.

    Everybody's share is ``level * weight`` within their bounds, at the one level where the shares add up to all the
    work. A share is whole or not; ``Readers.level`` rounds it.
    """
    floors = {who: Fraction(load) for who, load in readers.loads.items()}
    open_to = {
        who: sum(need > 0 and (name, who) not in readers.barred for name, need in readers.needs.items())
        for who in floors
    }
    tops = {who: max(floors[who], min(floors[who] + open_to[who], Fraction(most.get(who, 1 << 60)))) for who in floors}
    heavy = {who: weights.get(who, Fraction(1)) for who in floors}
    total = sum(floors.values()) + sum(readers.needs.values())

    def at(level: Fraction) -> dict[str, Fraction]:
        return {who: min(max(level * heavy[who], floors[who]), tops[who]) for who in floors}

    levels = sorted({bound[who] / heavy[who] for bound in (floors, tops) for who in floors if heavy[who]})
    below = Fraction(0)
    for level in levels:
        if sum(at(level).values()) >= total:
            low = at(below)
            growing = sum(
                heavy[who] for who in floors if low[who] < at(level)[who] and below * heavy[who] >= floors[who]
            )
            return at(below + (total - sum(low.values())) / growing) if growing else at(level)
        below = level
    return at(below)
