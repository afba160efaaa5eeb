"""What a check makes of raw answers that stand in a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from curate.answers import Head, Pulled, mark_of, state_of
from curate.books import Ledger
from curate.checking import Checked, check
from curate.judging import Context


def replay(*projects: Sequence[dict[str, Any]]) -> Pulled:
    """Replay the answers of each project."""
    heads = (
        (str(number), msgspec.convert(one, Head), mark_of(json.dumps(one, sort_keys=True).encode()))
        for number, said in enumerate(projects)
        for one in said
    )
    return state_of(heads, [one for said in projects for one in said].__getitem__)


def check_all(answers: Sequence[dict[str, Any]], context: Context) -> Checked:
    """Check the answers of one project."""
    return check_pulled(replay(answers), context)


def check_parts(answers: Sequence[dict[str, Any]], context: Context) -> dict[str, Any]:
    """Give all books of the answers of one project."""
    ledger = Ledger()
    list(check(replay(answers), context, ledger))
    return ledger.balance()


def check_pulled(state: Pulled, context: Context) -> Checked:
    """Check what was pulled and gather what comes."""
    ledger = Ledger()
    parts = list(check(state, context, ledger))

    def gathered(name: str) -> list[Any]:
        return [one for part in parts for one in getattr(part, name)]

    files = ("annotations", "rereadings", "adjudications", "findings", "held")
    books = ledger.balance()
    return Checked(**{name: gathered(name) for name in files}, books=books["pull"], finer_books=books["check"])
