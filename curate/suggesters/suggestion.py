"""What a suggester said of an article becomes a reading; what can't be used is dropped, each with its reason (pure).

A suggester says what it found as mark-up, or as plain data (``docs/suggestions.md``)::

    {"events": [{"type": "Attack", "trigger": {"start": 28, "end": 35}, "attributes": {"modality": "planned"},
                 "arguments": [{"role": "target", "quote": "the base", "context": "attacks the base at"}]}],
     "score": 0.4}

A span is offsets in code points, end exclusive, or a quote with or without context. The list of events may also stand
alone, and ``None`` says that there is nothing to suggest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.assembly import filling_events
from curate.markup import Marked, MarkedArgument, MarkedTrigger, MarkupError, Values, parse, to_reading
from curate.records import Article, Event, Reading, argument_id, event_id
from curate.records import Span as Words
from curate.schema.model import DATE, INTEGER_RANGE, Attribute, EventSchema
from curate.spans import Span, is_wordless
from curate.suggesters.quotes import AMBIGUOUS, NOT_THERE, Quote, place, place_all

REASONS = {
    NOT_THERE: "the words quoted don't stand in the text as whole words",
    AMBIGUOUS: "the words quoted stand in several places, and neither context nor order tells which",
    "span-out-of-range": "the offsets don't lie in the text",
    "span-empty": "there is no word in it",
    "span-text-mismatch": "the words given are not those at the offsets",
    "repeated": "it was said before",
    "event-dropped": "the event it belongs to was dropped",
    "type-unknown": "the schema has no such event type",
    "role-not-allowed": "the event type has no such role",
    "role-maximum": "the role is full",
    "filler-not-allowed": "the role takes events, and none stands there",
    "event-filler-ambiguous": "two events that could fill the role stand there",
    "attribute-not-applicable": "the attribute isn't asked there",
    "attribute-value": "the attribute can't have this value",
    "score": "the score is no number from 0 to 1",
    "markup": "the mark-up can't be read",
    "text-differs": "the mark-up is of another text",
    "malformed": "it is not in the form that a suggestion has",
}
"""Why a piece of a suggestion was dropped."""


@dataclass(frozen=True)
class Dropped:
    """A piece that can't be used: the reason (see ``REASONS``, or a finding's code) and what it was."""

    reason: str
    what: str


@dataclass(frozen=True)
class Suggestion:
    """A reading to begin with, what was dropped of it, and how sure the suggester is, from 0 to 1."""

    reading: Reading
    dropped: tuple[Dropped, ...] = ()
    score: float | None = None


def read_suggestion(said: Any, article: Article, schema: EventSchema) -> Suggestion:
    """Read what a suggester said of an article. Whatever it is, this raises nothing."""
    draft = _Draft(article, schema)
    score = None
    if isinstance(said, Mapping):
        score = draft.score(said.get("score"))
        said = said.get("events", {})
    if said is None:
        said = []
    if isinstance(said, str):
        draft.take_markup(said)
    elif isinstance(said, list | tuple):
        draft.take_events([one for one in said if draft.is_event(one)])
    else:
        draft.drop("malformed", type(said).__name__)
    return Suggestion(draft.reading(), tuple(draft.dropped), score)


@dataclass
class _Draft:
    article: Article
    schema: EventSchema
    marked: Marked = field(init=False)
    dropped: list[Dropped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marked = Marked(self.article.text)

    def drop(self, reason: str, what: str) -> None:
        self.dropped.append(Dropped(reason, " ".join(what.split())[:120]))

    def reading(self) -> Reading:
        try:
            return to_reading(self.marked, self.schema)
        except MarkupError as error:
            self.drop("markup", error.problem)
            return to_reading(Marked(self.article.text), self.schema)

    def score(self, score: Any) -> float | None:
        if score is None:
            return None
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            self.drop("score", repr(score))
            return None
        return float(score)

    def take_markup(self, said: str) -> None:
        try:
            marked = parse(said)
        except MarkupError as error:
            self.drop("markup", error.problem)
            return
        if marked.text == self.article.text:
            self.marked = marked
        else:
            self.drop("text-differs", marked.text)

    def is_event(self, said: Any) -> bool:
        if not isinstance(said, Mapping) or not isinstance(said.get("arguments", []), list | tuple):
            self.drop("malformed", repr(said))
            return False
        return True

    def take_events(self, said: list[Mapping[str, Any]]) -> None:
        """Put the events whose triggers are found into the draft, then their arguments."""
        kept: dict[str, tuple[Mapping[str, Any], Span]] = {}
        for one, span in zip(said, self._triggers(said), strict=True):
            type_name = one.get("type")
            what = f"{type_name} {_shown(one.get('trigger'))}"
            if not isinstance(type_name, str) or type_name not in self.schema.event_types:
                self._drop_event(one, "type-unknown", what)
            elif isinstance(span, str):
                self._drop_event(one, span, what)
            elif (name := event_id(type_name, *span)) in kept:
                self._drop_event(one, "repeated", what)
            else:
                kept[name] = one, span
        events = [_event(name, str(one["type"]), span, self.article.text) for name, (one, span) in kept.items()]
        triggers = [
            MarkedTrigger(number, event.type, event.trigger.start, event.trigger.end, self._values(one, event.type))
            for number, (event, (one, _)) in enumerate(zip(events, kept.values(), strict=True), 1)
        ]
        arguments = [
            argument
            for number, (event, (one, _)) in enumerate(zip(events, kept.values(), strict=True), 1)
            for argument in self._arguments(one, event, number, events)
        ]
        self.marked = Marked(self.article.text, tuple(triggers), tuple(arguments))

    def _drop_event(self, said: Mapping[str, Any], reason: str, what: str) -> None:
        self.drop(reason, what)
        for argument in said.get("arguments", []):
            role = argument.get("role") if isinstance(argument, Mapping) else "argument"
            self.drop("event-dropped", f"{role} of {what}")

    def _triggers(self, said: list[Mapping[str, Any]]) -> list[Span | str]:
        """Find the spans of all triggers together: quotes are also told apart by their order."""
        wanted = [self._span(one.get("trigger")) for one in said]
        quotes = iter(place_all(self.article.text, [one for one in wanted if isinstance(one, Quote)]))
        return [next(quotes) if isinstance(one, Quote) else one for one in wanted]

    def _span(self, said: Any) -> Span | Quote | str:
        """Read offsets or a quote, or say what is wrong with them."""
        if not isinstance(said, Mapping):
            return "malformed"
        quote, context, start, end = (said.get(key) for key in ("quote", "context", "start", "end"))
        if isinstance(quote, str) and isinstance(context, str | None):
            return Quote(quote, context or "") if not is_wordless(quote) else "span-empty"
        if type(start) is not int or type(end) is not int:
            return "malformed"
        text = self.article.text
        if not 0 <= start < end <= len(text):
            return "span-out-of-range"
        words = text[start:end]
        if said.get("text", words) != words:
            return "span-text-mismatch"
        if is_wordless(words):
            return "span-empty"
        return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())

    def _arguments(
        self, said: Mapping[str, Any], event: Event, number: int, events: list[Event]
    ) -> Iterator[MarkedArgument]:
        met: set[str] = set()
        played: Counter[str] = Counter()
        for one in said.get("arguments", []):
            role = one.get("role") if isinstance(one, Mapping) else None
            what = f"{role} {_shown(one)} of {event.id}"
            use = self.schema.event_types[event.type].roles.get(role) if isinstance(role, str) else None
            if use is None:
                self.drop("role-not-allowed", what)
                continue
            span = self._span(one)
            if isinstance(span, Quote):
                span = place(self.article.text, span, event.trigger.start)
            if isinstance(span, str):
                self.drop(span, what)
                continue
            fillers = filling_events(use, event.id, span, events)
            if len(fillers) > 1:
                self.drop("event-filler-ambiguous", what)
            elif not fillers and not use.span_filler:
                self.drop("filler-not-allowed", what)
            elif (name := argument_id(event.id, use.role, f"{span[0]}-{span[1]}")) in met:
                self.drop("repeated", what)
            elif use.maximum is not None and played[use.role] >= use.maximum:
                self.drop("role-maximum", what)
            else:
                met.add(name)
                played[use.role] += 1
                yield MarkedArgument(use.role, number, *span, self._values(one, use.role))

    def _values(self, said: Mapping[str, Any], label: str) -> Values:
        """Keep the attribute values that the schema has for an event type or role."""
        given = said.get("attributes") or {}
        if not isinstance(given, Mapping):
            self.drop("malformed", f"attributes of {label}: {given!r}")
            return {}
        on = "trigger" if label in self.schema.event_types else "argument"
        kept: Values = {}
        for name, value in given.items():
            attribute = self.schema.attributes.get(name)
            if value is None:
                continue
            if attribute is None or attribute.on != on or not attribute.applies(label):
                self.drop("attribute-not-applicable", f"{name} of {label}")
            elif (written := _written(attribute, value)) is None:
                self.drop("attribute-value", f"{name} of {label}: {value!r}")
            else:
                kept[attribute.name] = written
        return kept


def _written(attribute: Attribute, value: Any) -> tuple[str, ...] | None:
    """Write a value as mark-up has it; None where the attribute can't have it."""
    if attribute.kind == "choices":
        chosen = value if isinstance(value, list) else []
        fits = chosen and all(isinstance(one, str) and one in attribute.values for one in chosen)
        return tuple(dict.fromkeys(chosen)) if fits else None
    if attribute.kind == "integer":
        return (str(value),) if type(value) is int and value in INTEGER_RANGE else None
    if not isinstance(value, str) or not value.strip():
        return None
    if attribute.kind == "choice":
        return (value,) if value in attribute.values else None
    if attribute.kind == "date":
        return (value,) if re.fullmatch(DATE, value) else None
    return (value,)


def _event(name: str, type_name: str, span: Span, text: str) -> Event:
    trigger = Words(start=span[0], end=span[1], text=text[slice(*span)])
    return Event(id=name, type=type_name, trigger=trigger, arguments=[])


def _shown(said: Any) -> str:
    """Show the place that somebody said: its words, or its offsets."""
    if not isinstance(said, Mapping):
        return repr(said)
    return f'"{said["quote"]}"' if "quote" in said else f"{said.get('start')}-{said.get('end')}"
