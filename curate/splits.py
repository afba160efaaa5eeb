"""Which group of articles goes into which split: by hash, so that nobody chooses and nothing moves."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from curate.errors import UsageError

SPLIT_NAME = re.compile(r"\w+(\.\w+)*", re.ASCII)
HASHES = 2**256


def assign(groups: Iterable[str], ratios: Mapping[str, float], seed: str) -> dict[str, str]:
    """Give each group its split: ``{group: split}``, in the order of ``groups``.

    A group's split follows from its name, ``ratios`` and ``seed`` alone: what else is there never moves it,
    nor does the order of ``ratios``. A ratio is a share of the sum; one of 0 takes nothing. Raises UsageError
    for ratios that can't be used.
    """
    check_ratios(ratios)
    bounds = upper_bounds(ratios)
    return {group: split_at(hash_number(group, seed), bounds) for group in groups}


def check_ratios(ratios: Mapping[str, float]) -> None:
    """Raise UsageError unless each split has a usable name and a share, and the shares sum to more than 0."""
    fix = "Write the splits as in `splits = {train = 0.8, validation = 0.1, test = 0.1}`."
    for name, ratio in ratios.items():
        if not SPLIT_NAME.fullmatch(name):
            raise UsageError(f"A split can't be called {name!r}: letters, digits, _ and inner dots only.", fix)
        if not math.isfinite(ratio) or ratio < 0:
            raise UsageError(f"The share of the split {name} is {ratio}; it must be 0 or more.", fix)
    if not sum(ratios.values()):
        raise UsageError("No split has a share.", fix)


def upper_bounds(ratios: Mapping[str, float]) -> list[tuple[str, Fraction]]:
    """List the splits by name with the end, exclusive, of each one's part of 0 to 1; the last is 1."""
    total = sum((Fraction(ratio) for ratio in ratios.values()), Fraction(0))
    bounds, reached = [], Fraction(0)
    for name in sorted(ratios):
        reached += Fraction(ratios[name]) / total
        bounds.append((name, reached))
    return bounds


def hash_number(group: str, seed: str) -> Fraction:
    """Turn a group into a number from 0 to 1, 1 exclusive."""
    # The length keeps seed and group apart whatever characters they hold.
    digest = hashlib.sha256(f"{len(seed)}:{seed}{group}".encode()).digest()
    return Fraction(int.from_bytes(digest), HASHES)


def split_at(number: Fraction, bounds: list[tuple[str, Fraction]]) -> str:
    """Name the split whose part of 0 to 1 the number lies in."""
    return next(name for name, end in bounds if number < end)
