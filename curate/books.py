"""The books: every item, annotation and article stands in exactly one line, and the lines add up.

What was pulled is counted when it comes in and again when its fate is known, in all, for each annotator, and what is
held for each reason; the sums are held against each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

KINDS = ("articles", "annotations", "items")
RELEASE_LINES = ("chosen", "same", "outvoted", "open", "left out", "left out by split")

Balance = dict[str, Any]


class UnbalancedBooksError(AssertionError):
    """The lines of the books don't add up: a bug, never a matter of the data."""


class Counts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """The sums of a ledger: what came in by kind and person, fates by kind and person, reasons by kind, the unknown."""

    seen: list[tuple[str, str, int]] = []
    fates: list[tuple[str, str, str, int]] = []
    reasons: list[tuple[str, str, int]] = []
    unknown: list[tuple[str, int]] = []


class Ledger:
    """What came in and what became of it, counted as it comes. Each entry has one fate; a second is a bug."""

    def __init__(self) -> None:
        # Every article may have a ledger of its own, and a Counter takes ten times as long to be made.
        self._seen: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._fates: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._reasons: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._unknown: defaultdict[str, int] = defaultdict(int)
        self._entered: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._whose: dict[str, str] = {}

    def take_in(self, name: str, items: int, who: str) -> None:
        """Count an annotation or draft that came in, with its items."""
        self._seen["annotations", who] += 1
        self._seen["items", who] += items
        self._whose[name] = who

    def take_in_article(self) -> None:
        """Count an article."""
        self._seen["articles", ""] += 1

    def enter(self, kind: str, name: tuple[str, ...], fate: str) -> None:
        """Note the fate of one article, annotation or item; an item is named after its annotation."""
        self._enter(kind, name[0], name[-1:], fate)

    def enter_annotation(self, name: str, fate: str, items: Sequence[str], why: str = "") -> None:
        """Note the fate of an annotation and of those of its items that share it; ``why`` it is held."""
        self._enter("annotations", name, (name,), fate)
        self._enter("items", name, items, fate)
        if fate == "held":
            self._reasons["annotations", why] += 1
            self._reasons["items", why] += len(items)

    def _enter(self, kind: str, owner: str, names: Sequence[str], fate: str) -> None:
        if not names:
            return
        entered = self._entered[kind, owner]
        due = len(entered) + len(names)
        entered.update(names)
        if len(entered) != due:
            raise UnbalancedBooksError(f"{kind} of {owner} would stand in the books twice: {', '.join(names)}")
        self._fates[kind, self._whose.get(owner, ""), fate] += len(names)

    def note_unknown(self, what: Iterable[str]) -> None:
        """Count controls, types and keys that the page doesn't have."""
        for one in what:
            self._unknown[one] += 1

    def forget_names(self) -> None:
        """Keep the sums alone, when nothing follows that belongs to what came in so far."""
        self._entered.clear()
        self._whose.clear()

    def counts(self) -> Counts:
        """Give the sums."""
        return Counts(
            seen=[(*key, number) for key, number in self._seen.items()],
            fates=[(*key, number) for key, number in self._fates.items()],
            reasons=[(*key, number) for key, number in self._reasons.items()],
            unknown=list(self._unknown.items()),
        )

    def add(self, counts: Counts) -> None:
        """Add the sums of what was counted by itself."""
        for kind, who, number in counts.seen:
            self._seen[kind, who] += number
        for kind, who, fate, number in counts.fates:
            self._fates[kind, who, fate] += number
        for kind, why, number in counts.reasons:
            self._reasons[kind, why] += number
        for what, number in counts.unknown:
            self._unknown[what] += number

    def balance(self) -> Balance:
        """Give the sums in all and the finer ones, held against what came in and against each other."""
        lines = {kind: _lines(kind) for kind in KINDS}
        people = {who: {kind: _lines(kind) for kind in KINDS[1:]} for _, who in sorted(self._seen) if who}
        held_for: dict[str, dict[str, int]] = {kind: {} for kind in KINDS[1:]}
        for (kind, who), number in self._seen.items():
            for part in (lines, *([people[who]] if who else ())):
                part[kind]["seen"] += number
        for (kind, who, fate), number in sorted(self._fates.items()):
            for part in (lines, *([people[who]] if who else ())):
                main = part[kind] if fate in part[kind] else part[kind]["excluded"]
                main[fate] = main.get(fate, 0) + number
        for (kind, why), number in sorted(self._reasons.items()):
            held_for[kind][why] = number
        unknown = dict(sorted(self._unknown.items()))
        total = {"pull": lines, "check": {"held_for": held_for, "people": people, "unknown": unknown}}
        verify(total)
        return _in_order(total)


def _lines(kind: str) -> Balance:
    waiting = {"waiting": 0} if kind == "articles" else {}
    return {"seen": 0, "accepted": 0, "held": 0, **waiting, "excluded": {}}


def _in_order(lines: Balance) -> Balance:
    """Put the lines whose names come from the data in order."""
    return {
        name: (dict(sorted(part.items())) if name in ("excluded", "people", "unknown") else _in_order(part))
        if isinstance(part, dict)
        else part
        for name, part in lines.items()
    }


def without(lines: Balance, reason: str) -> Balance:
    """Give the lines of what was pulled as if what is excluded for a reason had not come in."""
    return {
        kind: part
        | {
            "seen": part["seen"] - part["excluded"].get(reason, 0),
            "excluded": {name: number for name, number in part["excluded"].items() if name != reason},
        }
        for kind, part in lines.items()
    }


def verify(total: Mapping[str, Any]) -> None:
    """Raise UnbalancedBooksError where a sum is off: a kind's, an annotator's, or what is held for its reasons."""
    finer = total["check"]
    for kind, lines in total["pull"].items():
        _verify_lines(kind, lines)
        if kind == "articles":
            continue
        _same(f"{kind} held", lines["held"], sum(finer["held_for"][kind].values()), "for a reason")
        own = [person[kind] for person in finer["people"].values()]
        for who, person in finer["people"].items():
            _verify_lines(f"{kind} of {who}", person[kind])
        for line in ("seen", "accepted", "held"):
            _same(f"{kind} {line}", lines[line], sum(one[line] for one in own), "of annotators")
        for reason in {*lines["excluded"], *(reason for one in own for reason in one["excluded"])}:
            by_person = sum(one["excluded"].get(reason, 0) for one in own)
            _same(f"{kind} {reason}", lines["excluded"].get(reason, 0), by_person, "of annotators")


def _verify_lines(kind: str, lines: Mapping[str, Any]) -> None:
    stand = lines["accepted"] + lines["held"] + lines.get("waiting", 0) + sum(lines["excluded"].values())
    _same(kind, lines["seen"], stand, "in the books")


def _same(what: str, number: int, other: int, where: str) -> None:
    if number != other:
        raise UnbalancedBooksError(f"{number} {what}, {other} {where}")


def release_balance(counted: Counter[str], accepted: int) -> dict[str, int]:
    """Hold the sum of what became of the accepted items at a release against their number."""
    unknown = set(counted) - set(RELEASE_LINES)
    if unknown or sum(counted.values()) != accepted:
        raise UnbalancedBooksError(f"{accepted} items were accepted, the release accounts for {dict(counted)}")
    return {"accepted": accepted, **{line: counted[line] for line in RELEASE_LINES}}


def release_balances(
    counted: Mapping[str, Counter[str]], accepted: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Balance the accepted items of each annotator at a release; give the lines in all and those of each."""
    names = sorted({*counted, *accepted})
    people = {who: release_balance(counted.get(who, Counter()), accepted.get(who, 0)) for who in names}
    return release_balance(sum(counted.values(), Counter()), sum(accepted.values())), people
