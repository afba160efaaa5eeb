"""What adjudicators have settled (pure).

An adjudicator submits a whole reading. It settles every statement that was before them when they submitted, and
every statement of their own; what came up later they had no say in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curate.adjudication.statements import (
    ABSENT,
    PRESENT,
    Statements,
    candidates_of,
    encoded,
    is_presence,
    owner_of,
    statements_of,
)
from curate.records import Adjudication, Candidate
from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Ruling:
    """One thing settled by people; ``answer`` is None where several adjudicators answer differently."""

    candidates: list[Candidate]
    answer: str | None
    adjudicators: list[str]
    code: str | None


def rulings(
    said: Mapping[str, Statements], adjudications: Sequence[Adjudication], schema: EventSchema
) -> dict[str, Ruling]:
    """List what people have settled, as far as annotators or adjudicators don't all say it anyway."""
    people = {one.annotation.annotator: statements_of(one.annotation, schema) for one in adjudications}
    keys = set().union(*(one.present() | set(one.values) for one in (*said.values(), *people.values())))
    found: dict[str, Ruling] = {}
    for key in sorted(keys):
        given = {
            one.annotation.annotator: answer
            for one in adjudications
            if (answer := _answer(key, people[one.annotation.annotator], one.shown)) is not None
        }
        asked = {who: answer for who, one in said.items() if (answer := _said(key, one)) is not None}
        if not given or len({*given.values(), *asked.values()}) == 1:
            continue
        answers = set(given.values())
        found[key] = Ruling(
            candidates=candidates_of(asked if len(answers) == 1 else asked | given),
            answer=answers.pop() if len(answers) == 1 else None,
            adjudicators=sorted(given),
            code=_code(key, adjudications),
        )
    return found


def _said(key: str, statements: Statements) -> str | None:
    if is_presence(key):
        return PRESENT if key in statements.present() else ABSENT
    return encoded(statements.values[key]) if key in statements.values else None


def _answer(key: str, statements: Statements, shown: Iterable[str]) -> str | None:
    """Tell what an adjudicator's reading answers to a key; None where it gives no answer."""
    answer = _said(key, statements)
    return None if answer == ABSENT and is_presence(key) and key not in shown else answer


def _code(key: str, adjudications: Sequence[Adjudication]) -> str | None:
    """Find the reason given for a thing, else for what it is told of, else for the article."""
    given = {reason.about: reason.text for one in adjudications for reason in reversed(one.reasons)}
    return next((given[about] for about in (key, owner_of(key) or None, None) if about in given), None)
