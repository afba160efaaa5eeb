"""The books: every item, annotation and article stands in exactly one line, and the lines add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

RELEASE_LINES = ("chosen", "same", "outvoted", "open", "left out", "left out by split")


class UnbalancedBooksError(AssertionError):
    """The lines of the books don't add up: a bug, never a matter of the data."""


class Ledger:
    """The fates of what was pulled. Each entry is named once; a second fate for it is a bug."""

    def __init__(self) -> None:
        self._fates: dict[str, dict[tuple[str, ...], str]] = {"articles": {}, "annotations": {}, "items": {}}

    def enter(self, kind: str, name: tuple[str, ...], fate: str) -> None:
        """Note the fate of one article, annotation or item."""
        if name in self._fates[kind]:
            raise UnbalancedBooksError(f"{kind} {name} would stand in the books twice")
        self._fates[kind][name] = fate

    def balance(self, seen: dict[str, int]) -> dict[str, Any]:
        """Count the fates of each kind and hold the sum against what was counted when it came in."""
        return {kind: _balance_of(kind, fates.values(), seen[kind]) for kind, fates in self._fates.items()}


def _balance_of(kind: str, fates: Iterable[str], seen: int) -> dict[str, Any]:
    counted = Counter(fates)
    if sum(counted.values()) != seen:
        raise UnbalancedBooksError(f"{seen} {kind} came in, {sum(counted.values())} stand in the books")
    main = {fate: counted.pop(fate, 0) for fate in ("accepted", "held")}
    waiting = {"waiting": counted.pop("waiting", 0)} if kind == "articles" else {}
    return {"seen": seen, **main, **waiting, "excluded": dict(sorted(counted.items()))}


def add_up(balances: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the balances of the parts of one pull, line by line."""
    total = Ledger().balance({"articles": 0, "annotations": 0, "items": 0})
    for balance in balances:
        for kind, lines in balance.items():
            _add(total[kind], lines)
    for lines in total.values():
        lines["excluded"] = dict(sorted(lines["excluded"].items()))
    return total


def _add(total: dict[str, Any], lines: Mapping[str, Any]) -> None:
    for name, number in lines.items():
        if isinstance(number, dict):
            _add(total[name], number)
        elif number:
            total[name] = total.get(name, 0) + number


def release_balance(counted: Counter[str], accepted: int) -> dict[str, int]:
    """Hold the sum of what became of the accepted items at a release against their number."""
    unknown = set(counted) - set(RELEASE_LINES)
    if unknown or sum(counted.values()) != accepted:
        raise UnbalancedBooksError(f"{accepted} items were accepted, the release accounts for {dict(counted)}")
    return {"accepted": accepted, **{line: counted[line] for line in RELEASE_LINES}}
