"""What adjudicators have settled (pure).

An adjudicator submits a whole reading. It settles every statement that was before them when they submitted, and
every statement of their own; what came up later they had no say in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

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
from curate.spans import Span, overlaps

Said = TypeVar("Said", str, Statements)


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
            candidates=candidates_of(asked if len(answers) == 1 else asked | by_role(given)),
            answer=answers.pop() if len(answers) == 1 else None,
            adjudicators=sorted(given),
            code=_code(key, adjudications),
        )
    return found


def by_role(given: Mapping[str, Said]) -> dict[str, Said]:
    """Name adjudicators as such: somebody may have read an article and adjudicated it, and said different things."""
    return {f"adjudicator {who}": said for who, said in given.items()}


def afterthoughts(
    said: Mapping[str, Statements], adjudications: Sequence[Adjudication], schema: EventSchema
) -> dict[str, list[Candidate]]:
    """List events and arguments that came up later on words of what an adjudicator kept, with who has them.

    They may well be another reading of the same: only the adjudicator can tell, even if all annotators have them.
    """
    people = [statements_of(one.annotation, schema) for one in adjudications]
    known = set().union(*(one.shown for one in adjudications), *(one.present() for one in people))
    places = [place for one in people for place in _places(one).values()]
    new = {key: place for one in said.values() for key, place in _places(one).items() if key not in known}
    return {
        key: candidates_of({who: PRESENT if key in one.present() else ABSENT for who, one in said.items()})
        for key, (owner, span) in sorted(new.items())
        if any(owner == kept and overlaps(span, other) for kept, other in places)
    }


def _places(statements: Statements) -> dict[str, tuple[str, Span]]:
    """Tell where events and arguments stand, and the event that an argument belongs to, empty for an event."""
    triggers = {key: (one.trigger.start, one.trigger.end) for key, one in statements.events.items()}
    places = {key: ("", span) for key, span in triggers.items()}
    for key, (owner, one) in statements.arguments.items():
        places[key] = owner, triggers[one.event_id] if one.event_id else (one.start or 0, one.end or 0)
    return places


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
