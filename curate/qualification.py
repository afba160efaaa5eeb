"""Whether somebody is ready to annotate: readings of texts with known answers, scored and told in words (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    spots = {(event.trigger.start, event.trigger.end): event for event in given.events if event.id not in right}
    for name, event in right.items():
        place = event.trigger.start
        other = spots.pop((place, event.trigger.end), None) if name not in theirs else None
        if name in theirs:
            told += [(place, line) for line in _within(event, theirs[name], right, theirs, schema)]
        elif other:
            rule = schema.event_types[event.type].definition
            told.append((place, f"{_event(event)}, not {other.type}. {event.type}: {rule}"))
        else:
            told.append((place, f"{_event(event)} is missing. {_rule(event.type, schema)}"))
    told += [(one.trigger.start, f"{_event(one)} is too much. {_rule(one.type, schema)}") for one in spots.values()]
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
    extra = {_filler(one, theirs): one for name, one in made.items() if name not in due}
    for name, argument in due.items():
        words = _filler(argument, right)
        if name in made:
            yield from _values(f"{_event(event)}, {argument.role} “{words}”", argument, made[name], schema)
        elif instead := extra.pop(words, None):
            rule = schema.roles[argument.role].definition
            yield f"{_event(event)}: “{words}” is its {argument.role}, not {instead.role}. {argument.role}: {rule}"
        else:
            yield f"{_event(event)}: its {argument.role} “{words}” is missing."
    for words, argument in extra.items():
        yield f"{_event(event)}: {argument.role} “{words}” is too much."
    yield from _values(_event(event), event, other, schema)


def _values(whose: str, right: Event | Argument, theirs: Event | Argument, schema: EventSchema) -> Iterator[str]:
    for name, value in right.attributes.items():
        said = theirs.attributes.get(name)
        if schema.attributes[name].level == "mention" and said != value:
            yield f"{whose}: {name} is {_shown(value)}, not {_shown(said)}."


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "unset" if value is None else str(value)


def _filler(argument: Argument, events: Mapping[str, Event]) -> str:
    if argument.event_id is None:
        return argument.text or ""
    return events[argument.event_id].trigger.text if argument.event_id in events else ""


def _event(event: Event) -> str:
    return f"{event.type} “{event.trigger.text}”"


def _rule(type_name: str, schema: EventSchema) -> str:
    if type_name not in schema.event_types:
        return f"{type_name} is no type of the schema any more."
    return f"{type_name}: {schema.event_types[type_name].definition}"
