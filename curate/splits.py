"""How articles are shared out over splits: the rule, and the draw that stratifies whole groups by it."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from curate.duplicates import THRESHOLD
from curate.errors import UsageError

SPLIT_NAME = re.compile(r"\w+(\.\w+)*", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST = "train"
"""The split of what was published before the first cut-off."""

RULE_KEYS = ("splits", "cutoffs", "seed", "group_by")
"""The keys of the [dataset] table that a rule is read from."""

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
SHARES_FIX = "Write [dataset] splits as in {train = 0.8, validation = 0.1, test = 0.1}, in curate.toml."
CUTOFFS_FIX = 'Write [dataset] cutoffs as in {validation = "2024-05-01", test = "2024-09-01"}, in curate.toml.'
ALL = ""


@dataclass(frozen=True)
class Rule:
    """How splits are made: by ``shares`` (name to share of the sum), or by time if there are ``cutoffs``.

    ``cutoffs`` maps each split but the first, ``train``, to the first day (``2024-05-01``) of what goes there.
    ``group_by`` names the field or the key of ``meta`` whose value articles of one story have in common;
    articles at least as similar as ``threshold`` belong together as well.
    """

    seed: str
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    cutoffs: Mapping[str, str] = field(default_factory=dict)
    group_by: str = "story"
    threshold: float = THRESHOLD

    @property
    def names(self) -> list[str]:
        """The splits in the order in which they are shown; by time, the earliest first."""
        if not self.cutoffs:
            return list(self.shares)
        return [FIRST, *sorted(self.cutoffs, key=lambda split: self.cutoffs[split])]

    def described(self) -> dict[str, Any]:
        """Tell the rule as the manifest keeps it."""
        by = {"cutoffs": dict(self.cutoffs)} if self.cutoffs else {"shares": dict(self.shares)}
        return {**by, "seed": self.seed, "group_by": self.group_by, "threshold": str(self.threshold)}

    def split_of(self, day: str) -> str:
        """Name the split of a day, by the cut-offs."""
        return next((split for split in reversed(self.names[1:]) if day >= self.cutoffs[split]), FIRST)


def read_rule(dataset: Mapping[str, Any], seed: str) -> Rule:
    """Read the rule from the [dataset] table of curate.toml; ``seed`` is used where it names none.

    Raises UsageError unless each split has a usable name, and a share that counts or a day of its own.
    """
    shares, cutoffs = dataset.get("splits", SHARES), dataset.get("cutoffs", {})
    for table, fix in ((shares, SHARES_FIX), (cutoffs, CUTOFFS_FIX)):
        if not isinstance(table, Mapping):
            raise UsageError(f"{table!r} can't tell splits.", fix)
        for name in table:
            if not SPLIT_NAME.fullmatch(name):
                raise UsageError(f"A split can't be called {name!r}: letters, digits, _ and inner dots only.", fix)
    if cutoffs and "splits" in dataset:
        raise UsageError("Splits go by shares or by time, not by both.", "Keep [dataset] splits or cutoffs.")
    _check_shares(shares)
    _check_cutoffs(cutoffs)
    texts = {"seed": dataset.get("seed", seed), "group_by": dataset.get("group_by", "story")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise UsageError(f"dataset.{key} is {value!r}; it must be text in quotes.", "Mend it in curate.toml.")
    return Rule(shares=shares, cutoffs=cutoffs, **texts)


def _check_shares(shares: Mapping[str, Any]) -> None:
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not math.isfinite(share) or share < 0:
            raise UsageError(f"The share of the split {name} is {share}; it must be a number, 0 or more.", SHARES_FIX)
    if not sum(shares.values()):
        raise UsageError("No split has a share.", SHARES_FIX)


def _check_cutoffs(cutoffs: Mapping[str, Any]) -> None:
    for name, day in cutoffs.items():
        if not isinstance(day, str) or not DAY.fullmatch(day):
            raise UsageError(f"The cut-off of the split {name} is {day!r}, not a day in quotes.", CUTOFFS_FIX)
    if FIRST in cutoffs or len(set(cutoffs.values())) < len(cutoffs):
        raise UsageError(f"Each split but {FIRST} needs a cut-off of its own, and {FIRST} has none.", CUTOFFS_FIX)


def draw(
    groups: Mapping[str, Iterable[Iterable[str]]], placed: Mapping[str, Iterable[Iterable[str]]], rule: Rule
) -> dict[str, str]:
    """Give each group of articles a split: ``{group: split}``.

    ``groups`` holds the labels of each article of a group, ``placed`` those of the articles that are in each
    split already. Each group goes where its rarest label is needed most, so that every split comes to its share
    of the articles and of each label as far as whole groups allow (iterative stratification: Sechidis,
    Tsoumakas and Vlahavas 2011). The hash of seed and group decides who comes first and what else is equal, so
    the order of the input changes nothing.
    """
    names, weights = _weights(rule.shares)
    whole = sum(weights.values())
    have = {name: _labels(placed.get(name, ())) for name in names}
    total: Counter[str] = Counter()
    for articles in (*placed.values(), *groups.values()):
        total.update(_labels(articles))
    waiting = sorted(groups, key=lambda group: hash_number(group, rule.seed))
    assigned: dict[str, str] = {}
    while waiting:
        left = Counter(label for group in waiting for label in _labels(groups[group]) if label != ALL)
        rarest = min(left, key=lambda label: (left[label], label), default=ALL)
        later = []
        for group in waiting:
            wanted = _labels(groups[group])
            if rarest not in wanted:
                later.append(group)
                continue
            needs = {
                split: [weights[split] * total[label] - whole * have[split][label] for label in (rarest, ALL)]
                for split in names
            }
            lots = {split: hash_number(f"{split}/{group}", rule.seed) for split in names}
            assigned[group] = max((needs[split], lots[split], split) for split in names)[-1]
            have[assigned[group]].update(wanted)
        waiting = later
    return assigned


def hash_number(group: str, seed: str) -> int:
    """Turn a group into a number that the seed decides."""
    # The length keeps seed and group apart whatever characters they hold.
    return int.from_bytes(hashlib.sha256(f"{len(seed)}:{seed}{group}".encode()).digest())


def _weights(shares: Mapping[str, float]) -> tuple[list[str], dict[str, int]]:
    """Make whole numbers of the shares, exactly; splits without a share take nothing."""
    exact = {name: Fraction(shares[name]) for name in sorted(shares) if shares[name]}
    common = lcm(*(share.denominator for share in exact.values()))
    return list(exact), {name: int(share * common) for name, share in exact.items()}


def _labels(articles: Iterable[Iterable[str]]) -> Counter[str]:
    """Count the articles that have each label, and all of them."""
    return Counter(label for labels in articles for label in {*labels, ALL})
