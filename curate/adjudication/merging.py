"""A start for whoever settles an article: what is settled, and of what is open the likeliest (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from curate.adjudication.composing import compose
from curate.adjudication.questions import Question
from curate.adjudication.statements import PRESENT, is_presence
from curate.labelstudio.writing import needs_arrow
from curate.records import Argument, Candidate, Event, Reading
from curate.schema.model import EventSchema


def merged_reading(question: Question, schema: EventSchema) -> Reading:
    """Put together what is settled and what somebody says, so that deleting is all it takes where they are wrong.

    Of several values the one with most voices stands there, else the first. Left out is what the page can't show:
    a role or link that the type doesn't take, mentions of two types as one event.
    """
    chosen: dict[str, str | None] = {
        about: _likeliest(about, question.candidates[about]) if answer is None else answer
        for about, answer in question.chosen.items()
    }
    likely = replace(question, chosen=chosen)
    reading = compose(question.said, likely.kept() - _illegal(question, schema), chosen, schema)
    events = [_writable(event, reading, schema) for event in reading.events]
    return msgspec.structs.replace(reading, events=events)


def _likeliest(about: str, candidates: Sequence[Candidate]) -> str:
    if is_presence(about):
        return PRESENT
    return max(candidates, key=lambda one: len(one.annotators)).value


def _illegal(question: Question, schema: EventSchema) -> set[str]:
    types = {key: event.type for statements in question.said.values() for key, event in statements.events.items()}
    found = set()
    for statements in question.said.values():
        found |= {
            key
            for key, (owner, argument) in statements.arguments.items()
            if not _fits(types[owner], owner, argument, types, schema)
        }
        found |= {
            key
            for key, link in statements.links.items()
            if not schema.links[link.type].joins(types[link.source], types[link.target])
        }
        found |= {key for key, (one, other) in statements.pairs.items() if types[one] != types[other]}
    return found


def _fits(type_name: str, owner: str, argument: Argument, types: dict[str, str], schema: EventSchema) -> bool:
    use = schema.event_types[type_name].roles.get(argument.role)
    if use is None or argument.event_id is None:
        return use is not None and use.span_filler
    return argument.event_id != owner and types[argument.event_id] in use.event_fillers


def _writable(event: Event, reading: Reading, schema: EventSchema) -> Event:
    """Let the arguments that only an arrow can draw have their defaults: an arrow carries no values."""
    arguments = [
        msgspec.structs.replace(one, attributes=schema.unset("argument", None, one.role))
        if one.event_id is not None and needs_arrow(one, event, reading, schema)
        else one
        for one in event.arguments
    ]
    return msgspec.structs.replace(event, arguments=arguments)
