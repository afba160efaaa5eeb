"""Whether somebody is ready to annotate: readings of texts with known answers, scored and told in words (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from curate.agreement.measuring import measure
from curate.agreement.results import TITLES
from curate.passmarks import PassMarks
from curate.records import Annotation, Argument, Event
from curate.schema.model import EventSchema
from curate.wording import counted

PENDING, PASSED, FAILED = "pending", "passed", "failed"
GROUP = 5
"""So many hidden texts are scored together: one alone says little."""
KEY = "known answers"
"""The annotator whose readings the known answers count as."""


@dataclass(frozen=True)
class Tried:
    """How somebody does on the texts with known answers.

    ``state`` is pending until they have answered all, ``scores`` the exact F1 of each measure with a pass mark, null
    where nothing is stated. ``feedback`` tells of each text they answered what differs.
    """

    annotator: str
    answered: int
    of: int
    state: str
    scores: Mapping[str, float | None]
    feedback: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Followed:
    """How somebody does on the texts with known answers that are hidden in their work.

    ``hidden`` counts those that are among what they have to read, or that they answered; ``gone`` those they were
    given whose answers aren't known any more. ``scores`` are over all that they answered, ``course`` those of every
    GROUP texts in turn, in the order of submission; ``below`` names the measures that are below their pass mark on
    the latest GROUP. ``feedback`` tells of each text they answered what differs.
    """

    annotator: str
    hidden: int
    answered: int
    scores: Mapping[str, float | None]
    course: Sequence[Mapping[str, float | None]]
    below: Sequence[str]
    feedback: Mapping[str, Sequence[str]]
    gone: int = 0


def assess(
    annotator: str,
    known: Mapping[str, Annotation],
    given: Mapping[str, Annotation],
    marks: PassMarks,
    schema: EventSchema,
) -> Tried:
    """Score what somebody gave against what is known, both by the article's id."""
    scores = _scores(known, given, marks, schema)
    state = PENDING if given.keys() < known.keys() else FAILED if _missed(scores, marks) else PASSED
    feedback = {name: differences(known[name], given[name], schema) for name in known if name in given}
    return Tried(annotator, len(feedback), len(known), state, scores, feedback)


def follow(
    annotator: str,
    hidden: Collection[str],
    known: Mapping[str, Annotation],
    given: Mapping[str, Annotation],
    marks: PassMarks,
    schema: EventSchema,
    gone: int = 0,
) -> Followed:
    """Score what somebody gave on texts with ``known`` answers, in the order in which they gave it.

    ``hidden`` names those that come up among their articles, ``gone`` counts those that are known no more.
    """
    names = [name for name in given if name in known]
    course = [
        _scores(known, {name: given[name] for name in group}, marks, schema)
        for group in (names[start : start + GROUP] for start in range(0, len(names), GROUP))
    ]
    latest = _scores(known, {name: given[name] for name in names[-GROUP:]}, marks, schema)
    return Followed(
        annotator,
        len({*hidden, *names}),
        len(names),
        _scores(known, given, marks, schema),
        course,
        _missed(latest, marks) if names else [],
        {name: differences(known[name], given[name], schema) for name in names},
        gone,
    )


def _scores(
    known: Mapping[str, Annotation], given: Mapping[str, Annotation], marks: PassMarks, schema: EventSchema
) -> dict[str, float | None]:
    both = [one for name in known if name in given for one in (known[name], given[name])]
    overall = measure(both, schema).overall["exact"] if both else {}
    return {name: overall[name].value if overall else None for name in marks.least}


def _missed(scores: Mapping[str, float | None], marks: PassMarks) -> list[str]:
    return [name for name, least in marks.least.items() if (scores[name] or 0) < least]


def differences(known: Annotation, given: Annotation, schema: EventSchema) -> list[str]:
    """Tell in sentences what somebody left out, added or called otherwise, in the order of the text.

    Arguments and attributes are compared where the event is the same; whoever missed an event is told that alone.
    """
    right, theirs = ({event.id: event for event in one.events} for one in (known, given))
    told: list[tuple[int, str]] = []
    extra = [event for event in given.events if event.id not in right]
    for name, event in right.items():
        place = event.trigger.start
        if name in theirs:
            told += [(place, line) for line in _within(event, theirs[name], right, theirs, schema)]
            continue
        spot = (place, event.trigger.end)
        other = next((one for one in extra if (one.trigger.start, one.trigger.end) == spot), None)
        if other:
            extra.remove(other)
            rule = schema.event_types[event.type].definition
            told.append((place, f"{_event(event)}, not {other.type}. {event.type}: {rule}"))
        else:
            told.append((place, f"{_event(event)} is missing. {_rule(event.type, schema)}"))
    told += [(one.trigger.start, f"{_event(one)} is too much. {_rule(one.type, schema)}") for one in extra]
    return [line for _, line in sorted(told)]


def feedback_markdown(tried: Tried, marks: PassMarks) -> str:
    """Write for somebody how they did: the scores beside the pass marks, then text by text what differs."""
    answered = f"{tried.answered} of {counted(tried.of, 'text')} answered."
    scored = {name: shown_score(tried.scores[name]) for name in marks.least}
    return _written(f"{tried.annotator}: {tried.state}", answered, scored, marks, tried.feedback)


def followed_markdown(followed: Followed, marks: PassMarks) -> str:
    """Write for somebody how they did on the hidden texts so far: in turn, then text by text what differs."""
    answered = f"{counted(followed.answered, 'text')} with known answers, {GROUP} at a time."
    scored = {name: course_of(followed, name) for name in marks.least}
    return _written(followed.annotator, answered, scored, marks, followed.feedback)


def _written(
    title: str, answered: str, scored: Mapping[str, str], marks: PassMarks, feedback: Mapping[str, Sequence[str]]
) -> str:
    lines = [f"# {title}", "", answered, ""]
    lines += [f"- {TITLES[name]}: {scored[name]}, needed {least:.2f}" for name, least in marks.least.items()]
    for name, told in feedback.items():
        lines += ["", f"## {name}", "", *(f"- {line}" for line in told or ["All as it should be."])]
    return "\n".join(lines) + "\n"


def course_of(followed: Followed, measure_name: str) -> str:
    """Write what somebody scored by a measure, group after group."""
    return ", ".join(shown_score(scores[measure_name]) for scores in followed.course) or shown_score(None)


def shown_score(score: float | None) -> str:
    """Write a score to two places."""
    return "none" if score is None else f"{score:.2f}"


def _within(
    event: Event, other: Event, right: Mapping[str, Event], theirs: Mapping[str, Event], schema: EventSchema
) -> Iterator[str]:
    due, made = ({argument.id: argument for argument in one.arguments} for one in (event, other))
    missing = [_filled(argument, right) for name, argument in due.items() if name not in made]
    extra = [_filled(argument, theirs) for name, argument in made.items() if name not in due]
    for name in due.keys() & made.keys():
        filled = _filled(due[name], right)
        yield from _values(f"{_event(event)}, {filled.role} “{filled.words}”", due[name], made[name], schema)
    for one, instead in _paired(missing, extra):
        yield f"{_event(event)}: {_otherwise(one, instead, schema)}"
    for one in missing:
        yield f"{_event(event)}: its {one.role} “{one.words}” is missing."
    for one in extra:
        yield f"{_event(event)}: {one.role} “{one.words}” is too much."
    yield from _values(_event(event), event, other, schema)


@dataclass(frozen=True)
class _Filled:
    """A role with what fills it: the words, where they stand, and the event's type if it is an event."""

    role: str
    words: str
    place: tuple[int, int] | None
    type: str | None


def _filled(argument: Argument, events: Mapping[str, Event]) -> _Filled:
    if argument.event_id is None:
        place = None if argument.start is None or argument.end is None else (argument.start, argument.end)
        return _Filled(argument.role, argument.text or "", place, None)
    event = events.get(argument.event_id)
    if event is None:
        return _Filled(argument.role, "", None, None)
    return _Filled(argument.role, event.trigger.text, (event.trigger.start, event.trigger.end), event.type)


def _paired(missing: list[_Filled], extra: list[_Filled]) -> Iterator[tuple[_Filled, _Filled]]:
    """Take out of both lists what was marked for one another, the nearest first: same place, role, then words."""
    for like in (attrgetter("place", "role"), attrgetter("place"), attrgetter("words", "role"), attrgetter("words")):
        for one in list(missing):
            instead = next((two for two in extra if one.words and like(one) == like(two)), None)
            if instead:
                missing.remove(one)
                extra.remove(instead)
                yield one, instead


def _otherwise(right: _Filled, marked: _Filled, schema: EventSchema) -> str:
    """Say what is otherwise about a filler that stands for another: its role, the mention, or what it is."""
    if right.role != marked.role:
        rule = schema.roles[right.role].definition
        return f"“{right.words}” is its {right.role}, not {marked.role}. {right.role}: {rule}"
    if right.place != marked.place:
        return f"its {right.role} “{right.words}” is marked at another mention."
    kinds = [f"the event {one.type}" if one.type else "the words alone" for one in (right, marked)]
    return f"its {right.role} “{right.words}” is {kinds[0]}, not {kinds[1]}."


def _values(whose: str, right: Event | Argument, theirs: Event | Argument, schema: EventSchema) -> Iterator[str]:
    for name, value in right.attributes.items():
        said = theirs.attributes.get(name)
        if schema.attributes[name].level == "mention" and said != value:
            yield f"{whose}: {name} is {_shown(value)}, not {_shown(said)}."


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "unset" if value is None else str(value)


def _event(event: Event) -> str:
    return f"{event.type} “{event.trigger.text}”"


def _rule(type_name: str, schema: EventSchema) -> str:
    if type_name not in schema.event_types:
        return f"{type_name} is no type of the schema any more."
    return f"{type_name}: {schema.event_types[type_name].definition}"
