"""The table of all faults that are tried: which, how often, and what they left doubled, lost or wrong."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from live.faults import Call

EVERY = bool(os.environ.get("CURATE_ALL_FAULTS"))
"""Whether everything is tried, or a few of each kind."""
FAULTS = (
    "cut before", "cut after", "delay", "twice", "409", "429", "500", "500 after", "truncated", "404", "refused",
)  # fmt: skip
SHORTENED = "shortened"
"""What befalls a listing only: its last entry is missing."""
TASKS = r"^/api/tasks/?\?"
CUT = ("cut before", "cut after", "truncated")

Damage = list[tuple[str, str]]
"""What is not as it should be: doubled, lost or wrong, and what of it."""


@dataclass(frozen=True)
class Row:
    """A line of the table: what was tried with a command, and what its next run left amiss."""

    command: str
    what: str
    fault: str
    said: str
    damage: Damage


TABLE: list[Row] = []


def chosen(calls: Iterable[Call], few: set[tuple[str, str]]) -> list[Any]:
    """Give the pairs of call and fault to try."""
    return [
        pytest.param(call, fault, id=f"{call.name}, {fault}")
        for call in calls
        for fault in (*FAULTS, *([SHORTENED] if call.name.startswith("list") else []))
        if EVERY or (call.name, fault) in few
    ]


def summary() -> list[str]:
    """Write the table: for each command and kind of call how much was tried, and how it ended."""
    lines = []
    for command in dict.fromkeys(row.command for row in TABLE):
        rows = [row for row in TABLE if row.command == command]
        kinds = dict.fromkeys(row.what for row in rows)
        lines += [_line(command, what, [row for row in rows if row.what == what]) for what in kinds]
        lines.append(_line(command, "all", rows))
    return lines


def _line(command: str, what: str, rows: list[Row]) -> str:
    kinds = Counter(kind for row in rows for kind, _ in row.damage)
    ended = ", ".join(f"{kinds[kind]} {kind}" for kind in ("doubled", "lost", "wrong"))
    whole = sum(not row.damage for row in rows)
    return f"{command:14} {what:34} {len(rows):4} tried {whole:4} whole  {ended}"


def noted(row: Row) -> None:
    """Add a line to the table and print it."""
    TABLE.append(row)
    end = ", ".join(f"{kind}: {what}" for kind, what in row.damage) or "whole"
    sys.stdout.write(f"{row.command:14} {row.what:32} {row.fault:12} {row.said:.90} | {end}\n")


def told(row: Row) -> None:
    """Note a line of the table, and insist that nothing is amiss."""
    noted(row)
    assert not row.damage


def compared(wanted: Iterable[Any], there: Iterable[Any]) -> Damage:
    """Hold what is there against what should be there, each once."""
    counted, expected = Counter(there), set(wanted)
    return (
        [("doubled", str(one)) for one in counted if counted[one] > 1]
        + [("lost", str(one)) for one in expected - set(counted)]
        + [("wrong", f"{one}, which nobody asked for") for one in set(counted) - expected]
    )
